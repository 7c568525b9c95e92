"""The button that offers the program's own cells to start from, each with a line on what it is."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from rnn_designer.catalog.cell_templates import CellTemplate, cell_templates
from rnn_designer.ui.theme import interface_font, theme

_ROW = 46
_WIDTH = 360
_SIDE = 8
_TEMPLATE = Qt.ItemDataRole.UserRole


def summary_of(doc: str) -> str:
    """The first sentence of a docstring, on one line."""
    paragraph = " ".join(doc.split("\n\n")[0].split())
    sentence, stop, _rest = paragraph.partition(". ")
    return sentence + "." if stop else paragraph


class _Delegate(QStyledItemDelegate):
    """Paints a title, and below it what the cell does, on two lines where it needs them."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        font = interface_font(9)
        painted = _words_rect(QRect(0, 0, _WIDTH - 4 * _SIDE, 100), font, index.data(_TEMPLATE).summary)
        return QSize(80, _ROW - 16 + painted.height())

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        colors, template = theme(), index.data(_TEMPLATE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.color("accent_soft"))
            painter.drawRoundedRect(QRectF(rect).adjusted(0, 0, 0, -1), 6, 6)
        room = rect.adjusted(_SIDE, 5, -_SIDE, -5)
        painter.setFont(interface_font(10, bold=True))
        painter.setPen(colors.color("text"))
        painter.drawText(room, int(Qt.AlignmentFlag.AlignTop), template.title)
        top = painter.fontMetrics().height() + 1
        painter.setFont(interface_font(9))
        painter.setPen(colors.color("muted"))
        painter.drawText(room.adjusted(0, top, 0, 0), int(Qt.TextFlag.TextWordWrap), template.summary)
        painter.restore()


def _words_rect(room: QRect, font: QFont, text: str) -> QRect:
    return QFontMetrics(font).boundingRect(room, int(Qt.TextFlag.TextWordWrap), text)


class TemplateList(QFrame):
    """The templates below their button; Enter or a click chooses, Esc closes.

    Signals:
        picked(code): one was chosen.
    """

    picked = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setProperty("role", "card")
        self.list = QListWidget(self)
        self.list.setAccessibleName("Templates")
        self.list.setMouseTracking(True)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setItemDelegate(_Delegate(self.list))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setStyleSheet("background: transparent;")
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.addWidget(self.list)
        self.list.itemClicked.connect(self._choose)

    def open_below(self, button: QWidget) -> None:
        """Show it at a button, within the screen."""
        self.fill()
        height = sum(self.list.sizeHintForRow(row) for row in range(self.list.count())) + 16
        self.setFixedSize(_WIDTH, height)
        corner = button.mapToGlobal(QPoint(button.width() - _WIDTH, button.height() + 2))
        room = button.screen().availableGeometry()
        left = max(room.left() + 4, min(corner.x(), room.right() - _WIDTH - 4))
        top = corner.y() if corner.y() + height <= room.bottom() else room.bottom() - height - 4
        self.move(left, max(room.top() + 4, top))
        self.show()
        self.list.setCurrentRow(0)
        self.list.setFocus(Qt.FocusReason.PopupFocusReason)

    def fill(self) -> None:
        """Read the templates when they are first asked for."""
        if self.list.count():
            return
        for template in cell_templates():
            item = QListWidgetItem(template.title)
            item.setData(_TEMPLATE, template)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{template.title}: {template.summary}")
            self.list.addItem(item)

    def _choose(self, item: QListWidgetItem | None) -> None:
        template = item.data(_TEMPLATE) if item is not None else None
        if isinstance(template, CellTemplate):
            self.close()
            self.picked.emit(template.code)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter chooses."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self.list.currentItem())
        else:
            super().keyPressEvent(event)


class TemplateButton(QToolButton):
    """Opens the list of templates.

    Signals:
        picked(code): one was chosen.
    """

    picked = Signal(str)

    def __init__(self, words: str = "Template", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(f"{words} ▾")
        self.setAccessibleName("Start from a template")
        self.setToolTip("Put a ready cell in the place of this one; undo brings yours back")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.templates = TemplateList(self)
        self.templates.picked.connect(self.picked)
        self.clicked.connect(lambda: self.templates.open_below(self))
