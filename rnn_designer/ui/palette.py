"""The palette: every layer type by family, to be filtered, dragged onto the canvas, or placed with Enter."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QByteArray,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QDrag, QIcon, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QLabel,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from rnn_designer.catalog import CATALOG, Family, LayerType
from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.finding import rank
from rnn_designer.ui.icons import icon
from rnn_designer.ui.selection import Selection
from rnn_designer.ui.theme import interface_font, keeper, theme
from rnn_designer.ui.widgets.mark import MARK_SIZE, paint_mark

LAYER_MIME = "application/x-rnn-designer-layer"
"""The MIME type of a layer type dragged from the palette; its data is the kind as UTF-8 text."""

_Index = QModelIndex | QPersistentModelIndex
_ROW = 24
_HEADING = 26


@dataclass(frozen=True)
class _Row:
    """A line of the palette: a family's heading, or a layer type."""

    family: Family
    type: LayerType | None = None


class PaletteModel(QAbstractListModel):
    """The rows that the filter lets through."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[_Row] = []
        self.show_matches("")

    def show_matches(self, query: str) -> None:
        """Keep the layer types that fit the query, by family."""
        rows: list[_Row] = []
        for family in Family:
            fitting = [
                each for each in CATALOG.values() if each.family is family and rank(each, query) is not None
            ]
            if fitting:
                rows += [_Row(family), *(_Row(family, each) for each in fitting)]
        if rows != self._rows:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()

    def best(self, query: str) -> QModelIndex:
        """The row that fits the query best; an invalid index if none does."""
        ranked = [
            (rank(row.type, query), place) for place, row in enumerate(self._rows) if row.type is not None
        ]
        found = min(((fit, place) for fit, place in ranked if fit is not None), default=None)
        return self.index(found[1]) if found else QModelIndex()

    def type_at(self, index: _Index) -> LayerType | None:
        """The layer type of a row; None for a heading."""
        return self._rows[index.row()].type if 0 <= index.row() < len(self._rows) else None

    def row_of(self, kind: str) -> QModelIndex:
        """The row of a layer type, if the filter shows it."""
        for place, row in enumerate(self._rows):
            if row.type is not None and row.type.kind == kind:
                return self.index(place)
        return QModelIndex()

    def mimeTypes(self) -> list[str]:
        """What is dragged."""
        return [LAYER_MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """The kind of the dragged row."""
        data = QMimeData()
        for index in indexes:
            entry = self.type_at(index)
            if entry is not None:
                data.setData(LAYER_MIME, QByteArray(entry.kind.encode()))
        return data

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Headings and layer types."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Name, tooltip, size and the text for screen readers."""
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.family.value if row.type is None else row.type.kind
        if role == Qt.ItemDataRole.ToolTipRole and row.type is not None:
            return f"<p>{row.type.summary}</p>"
        if role == Qt.ItemDataRole.AccessibleTextRole and row.type is not None:
            return f"{row.type.kind}, {row.family.value}. {row.type.summary}"
        if role == Qt.ItemDataRole.SizeHintRole:
            return QSize(120, _HEADING if row.type is None else _ROW)
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Headings can be neither chosen nor dragged."""
        if self.type_at(index) is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled


class _Delegate(QStyledItemDelegate):
    """Paints a row as the palette shows it, and as it is dragged."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        model = index.model()
        if not isinstance(model, PaletteModel):
            return
        entry = model.type_at(index)
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        colors = theme()
        painter.save()
        if entry is None:
            painter.setFont(interface_font(9, bold=True))
            painter.setPen(colors.color("muted"))
            place = rect.adjusted(10, 4, -6, 0)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), str(index.data()))
        else:
            if state & QStyle.StateFlag.State_Selected:
                painter.fillRect(rect, colors.color("accent_soft"))
                if state & QStyle.StateFlag.State_HasFocus:
                    painter.fillRect(QRect(rect.left(), rect.top(), 2, rect.height()), colors.color("accent"))
            elif state & QStyle.StateFlag.State_MouseOver:
                painter.fillRect(rect, colors.color("field"))
            paint_row(painter, rect, entry.kind)
        painter.restore()


def paint_row(painter: QPainter, rect: QRect, kind: str) -> None:
    """The mark and the name of a layer type, as in a row of the palette."""
    top = rect.top() + (rect.height() - MARK_SIZE) / 2
    paint_mark(painter, QRectF(rect.left() + 10, top, MARK_SIZE, MARK_SIZE), kind)
    painter.setFont(interface_font(10))
    painter.setPen(theme().color("text"))
    text = rect.adjusted(10 + MARK_SIZE + 10, 0, -4, 0)
    shown = painter.fontMetrics().elidedText(kind, Qt.TextElideMode.ElideRight, text.width())
    painter.drawText(text, int(Qt.AlignmentFlag.AlignVCenter), shown)


def drag_pixmap(kind: str, width: int, ratio: float) -> QPixmap:
    """What hangs at the pointer while a layer type is dragged: its row on a small card."""
    size = QSize(width, _ROW + 6)
    pixmap = QPixmap(size * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(theme().color("accent"))
    painter.setBrush(theme().color("panel"))
    painter.drawRoundedRect(QRectF(0.5, 0.5, size.width() - 1, size.height() - 1), 6, 6)
    paint_row(painter, QRect(QPoint(0, 0), size), kind)
    painter.end()
    return pixmap


class _List(QListView):
    """The list itself, with our own drag picture and Enter."""

    chosen = Signal(QModelIndex)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.chosen.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def startDrag(self, supportedActions: Qt.DropAction) -> None:  # noqa: N803 - Qt's name
        index = self.currentIndex()
        model = self.model()
        entry = model.type_at(index) if isinstance(model, PaletteModel) else None
        if entry is None:
            return
        drag = QDrag(self)
        drag.setMimeData(model.mimeData([index]))
        width = min(180, self.fontMetrics().horizontalAdvance(entry.kind) + MARK_SIZE + 40)
        drag.setPixmap(drag_pixmap(entry.kind, width, self.devicePixelRatioF()))
        drag.setHotSpot(QPoint(18, _ROW // 2))
        drag.exec(Qt.DropAction.CopyAction)


class Palette(QWidget):
    """The filter field and the list of layer types.

    Signals:
        layer_wanted(kind): a layer of that kind is to be placed on the canvas.
    """

    layer_wanted = Signal(str)

    def __init__(self, workspace: Workspace, selection: Selection, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = PaletteModel(self)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter layers")
        self.filter.setAccessibleName("Filter layers by name or by what they do")
        self.filter.setClearButtonEnabled(True)
        self._search = self.filter.addAction(QIcon(), QLineEdit.ActionPosition.LeadingPosition)
        self.filter.textChanged.connect(self._filter)
        self.filter.returnPressed.connect(self._place_best)
        self.filter.installEventFilter(self)
        self.list = _List()
        self.list.setModel(self._model)
        self.list.setItemDelegate(_Delegate(self.list))
        self.list.setAccessibleName("Layers")
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setMouseTracking(True)
        self.list.setDragEnabled(True)
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.chosen.connect(self._place)
        self.list.doubleClicked.connect(self._place)
        self._empty = QLabel()
        self._empty.setProperty("role", "muted")
        self._empty.setWordWrap(True)
        self._empty.setMargin(10)
        self._empty.hide()
        top = QVBoxLayout()
        top.setContentsMargins(8, 8, 8, 4)
        top.addWidget(self.filter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self._empty)
        layout.addWidget(self.list, 1)
        keeper().changed.connect(self._restyle)
        self._restyle()

    def show_kind(self, kind: str) -> None:
        """Bring a layer type into sight and make it current."""
        self.filter.clear()
        index = self._model.row_of(kind)
        if index.isValid():
            self.list.setCurrentIndex(index)
            self.list.scrollTo(index)

    def _restyle(self) -> None:
        self._search.setIcon(icon("search", theme().muted))
        self.list.viewport().update()

    def _filter(self, query: str) -> None:
        self._model.show_matches(query)
        best = self._model.best(query) if query.strip() else QModelIndex()
        self.list.setCurrentIndex(best)
        nothing = self._model.rowCount() == 0
        self._empty.setVisible(nothing)
        if nothing:
            self._empty.setText(
                f"No layer fits “{query}”. Try what it should do, such as “remember” or “smooth”."
            )

    def _place_best(self) -> None:
        index = self.list.currentIndex()
        self._place(index if index.isValid() else self._model.best(self.filter.text()))

    def _place(self, index: QModelIndex) -> None:
        entry = self._model.type_at(index) if index.isValid() else None
        if entry is not None:
            self.layer_wanted.emit(entry.kind)

    def eventFilter(self, watched: object, event: object) -> bool:
        """Down goes from the filter to the list, Esc clears the filter."""
        if (
            watched is self.filter
            and isinstance(event, QKeyEvent)
            and event.type() == QKeyEvent.Type.KeyPress
        ):
            if event.key() == Qt.Key.Key_Down:
                index = self.list.currentIndex()
                if not index.isValid():
                    first = next((row for row in range(self._model.rowCount()) if self._row_places(row)), 0)
                    index = self._model.index(first)
                self.list.setCurrentIndex(index)
                self.list.setFocus(Qt.FocusReason.TabFocusReason)
                return True
            if event.key() == Qt.Key.Key_Escape and self.filter.text():
                self.filter.clear()
                return True
        return False

    def _row_places(self, row: int) -> bool:
        return self._model.type_at(self._model.index(row)) is not None
