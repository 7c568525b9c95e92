"""The history: every undoable step by name, with the present one marked; choosing one goes there."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import (
    QFrame,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.selection import Selection
from rnn_designer.ui.theme import interface_font, keeper, theme

_PLACE = Qt.ItemDataRole.UserRole
_PRESENT = Qt.ItemDataRole.UserRole + 1
_ROW = 26


class _Delegate(QStyledItemDelegate):
    """Paints a step as a point on a line: filled where the design is, faint where it was undone."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(80, _ROW)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        colors = theme()
        place, present = int(index.data(_PLACE)), int(index.data(_PRESENT))
        count = index.model().rowCount()
        painter.save()
        if place == present:
            painter.fillRect(rect, colors.color("accent_soft"))
        elif state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_Selected):
            painter.fillRect(rect, colors.color("field"))
        if state & QStyle.StateFlag.State_HasFocus and state & QStyle.StateFlag.State_Selected:
            painter.fillRect(QRect(rect.left(), rect.top(), 2, rect.height()), colors.color("accent"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = QPointF(rect.left() + 16.0, rect.center().y() + 0.5)
        painter.setPen(QPen(colors.color("hairline"), 1.4))
        if place:
            painter.drawLine(QPointF(middle.x(), rect.top()), middle)
        if place < count - 1:
            painter.drawLine(middle, QPointF(middle.x(), rect.bottom() + 1))
        undone = place > present
        radius = 4.5 if place == present else 3.2
        painter.setPen(QPen(colors.color("faint" if undone else "accent"), 1.4))
        painter.setBrush(colors.color("accent") if place == present else colors.color("window"))
        painter.drawEllipse(middle, radius, radius)
        painter.setFont(interface_font(9.75, bold=place == present))
        painter.setPen(colors.color("faint" if undone else "text"))
        room = QRectF(rect.left() + 30, rect.top(), rect.width() - 36, rect.height())
        text = painter.fontMetrics().elidedText(
            str(index.data()), Qt.TextElideMode.ElideRight, int(room.width())
        )
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), text)
        painter.restore()


class HistoryPanel(QWidget):
    """A list of the document's steps, the first one on top. Arrows walk it, Enter or a click goes to a step."""

    def __init__(self, workspace: Workspace, selection: Selection, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = workspace.document
        self.list = QListWidget(self)
        self.list.setAccessibleName("Steps of the history")
        self.list.setAccessibleDescription("Enter goes to a step. What comes after it can be redone.")
        self.list.setMinimumHeight(6 * _ROW)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setMouseTracking(True)
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setItemDelegate(_Delegate(self.list))
        self.list.itemClicked.connect(self._go)
        self.list.itemActivated.connect(self._go)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.list, 1)
        self.setFocusProxy(self.list)
        self._document.file_changed.connect(self.refresh)
        keeper().changed.connect(self.list.viewport().update)
        self.refresh()

    def refresh(self) -> None:
        """Show the steps as they are now; rows that stay are kept, and so is the focus."""
        history = self._document.history
        labels = ("Start", *history.steps)
        while self.list.count() > len(labels):
            self.list.takeItem(self.list.count() - 1)
        for place, label in enumerate(labels):
            if place == self.list.count():
                self.list.addItem(QListWidgetItem())
            item = self.list.item(place)
            state = (
                ", present" if place == history.position else ", undone" if place > history.position else ""
            )
            if item.text() != label:
                item.setText(label)
                item.setToolTip(label)
            item.setData(_PLACE, place)
            item.setData(_PRESENT, history.position)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"Step {place}: {label}{state}")
        present = self.list.item(history.position)
        self.list.setCurrentItem(present)
        self.list.scrollToItem(present)

    def _go(self, item: QListWidgetItem) -> None:
        self._document.go_to(int(item.data(_PLACE)))
