"""Type a layer's name to add it: after a double click on empty canvas, or where a wire was let go."""

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from rnn_designer.catalog import CATALOG, LayerType
from rnn_designer.ui.canvas.overlays.surface import dress_as_card, inside
from rnn_designer.ui.finding import rank
from rnn_designer.ui.theme import theme

_WIDTH, _ROWS, _ROW_HEIGHT = 268, 7, 28


def matching(typed: str, types: Iterable[LayerType]) -> list[LayerType]:
    """The layer types that a typed word means, best first: by name, by its capitals, by keyword, by what they do."""
    ranked = [(rank(each, typed), index, each) for index, each in enumerate(types)]
    fitting = [(fit, index, each) for fit, index, each in ranked if fit is not None]
    return [each for _fit, _index, each in sorted(fitting, key=lambda entry: entry[:2])]


class SearchPopup(QFrame):
    """A search field over a list of layer types.

    Signals:
        chosen(kind): Enter or a click on a row.
        closed(): it went away, with or without a choice.
    """

    chosen = Signal(str)
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._canvas = parent
        self.setObjectName("search_popup")
        self.setFixedWidth(_WIDTH)
        self._types: list[LayerType] = []
        self.field = QLineEdit(self)
        self.field.setPlaceholderText("Name, or what it does")
        self.field.setAccessibleName("Layer to add")
        self.rows = QListWidget(self)
        self.rows.setAccessibleName("Matching layers")
        self.rows.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.rows.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.rows.setUniformItemSizes(True)
        self.rows.viewport().setAutoFillBackground(False)
        self.nothing = QLabel(self)
        self.nothing.setProperty("role", "muted")
        self.nothing.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        for each in (self.field, self.rows, self.nothing):
            column.addWidget(each)
        self.field.textChanged.connect(self._filter)
        self.field.installEventFilter(self)
        self.rows.itemClicked.connect(lambda _item: self._choose())
        self.hide()

    def ask(self, at: QPoint, types: Iterable[LayerType] | None = None) -> None:
        """Show the popup at a point of the parent.

        Args:
            at: its top left corner, moved where it would stick out.
            types: the types to choose from; the whole catalog if not given.
        """
        self._types = list(CATALOG.values() if types is None else types)
        self.field.clear()
        self._filter("")
        dress_as_card(self)
        self.rows.setStyleSheet("background: transparent;")
        self.adjustSize()
        self.move(inside(self._canvas.rect(), at, self.sizeHint()))
        self.raise_()
        self.show()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def dismiss(self) -> None:
        """Close without a choice."""
        if not self.isHidden():
            self.hide()
            self.closed.emit()

    def _filter(self, typed: str) -> None:
        found = matching(typed, self._types)
        self.rows.clear()
        for each in found:
            row = QListWidgetItem(_mark(theme().family(each.family)), each.kind)
            row.setToolTip(each.summary)
            self.rows.addItem(row)
        self.rows.setCurrentRow(0)
        self.rows.setVisible(bool(found))
        height = self.rows.sizeHintForRow(0) if found else _ROW_HEIGHT
        self.rows.setFixedHeight(min(max(len(found), 1), _ROWS) * height + 6)
        self.nothing.setText(
            f"No layer fits “{typed.strip()}”. Try its Keras name, such as LSTM, or what it does."
        )
        self.nothing.setVisible(not found)
        self.adjustSize()

    def _choose(self) -> None:
        at = self.rows.currentRow()
        if at < 0:
            return
        kind = self.rows.item(at).text()
        self.hide()
        self.closed.emit()
        self.chosen.emit(kind)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows move in the list while the field keeps the caret; Esc and leaving close the popup."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            key = event.key()
            if key in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
                step = 1 if key in (Qt.Key.Key_Down, Qt.Key.Key_Tab) else -1
                count = max(self.rows.count(), 1)
                self.rows.setCurrentRow((self.rows.currentRow() + step) % count)
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._choose()
                return True
            if key == Qt.Key.Key_Escape:
                self.dismiss()
                return True
        if event.type() == QEvent.Type.FocusOut and self.isVisible():
            inner = QApplication.focusWidget()
            if inner is None or not self.isAncestorOf(inner):
                self.dismiss()
        return super().eventFilter(watched, event)


def _mark(hue: QColor) -> QIcon:
    pixmap = QPixmap(24, 24)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(hue)
    painter.drawRoundedRect(5, 5, 14, 14, 4, 4)
    painter.end()
    return QIcon(pixmap)
