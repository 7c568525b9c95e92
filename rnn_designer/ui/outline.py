"""The outline: the design as a tree of layers and links, the canvas' twin for the keyboard and for screen readers."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import (
    QKeyCombination,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QLabel,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from rnn_designer.design import COLORS, Link, Severity, edits
from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.canvas import frame_menu
from rnn_designer.ui.canvas.commands import CanvasCommands
from rnn_designer.ui.canvas.naming import labelled
from rnn_designer.ui.canvas.placement import members_of
from rnn_designer.ui.canvas.tints import color_icon, tint
from rnn_designer.ui.outline_nodes import LINE_BREAK, Node, outline
from rnn_designer.ui.selection import Selection
from rnn_designer.ui.theme import interface_font, keeper, theme
from rnn_designer.ui.widgets.editing import try_edit
from rnn_designer.ui.widgets.mark import paint_mark

_KEY = Qt.ItemDataRole.UserRole
_NODE = Qt.ItemDataRole.UserRole + 1
_MARK = 12
_STEPS = {
    QKeyCombination(Qt.KeyboardModifier.AltModifier, Qt.Key.Key_Up): -1,
    QKeyCombination(Qt.KeyboardModifier.AltModifier, Qt.Key.Key_Down): 1,
}
_DUPLICATE = QKeyCombination(Qt.KeyboardModifier.ControlModifier, Qt.Key.Key_D)


class _Delegate(QStyledItemDelegate):
    """Paints mark, name, type and a dot for problems."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(80, 24)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        node = index.data(_NODE)
        if not isinstance(node, Node):
            return
        rect: QRect = option.rect
        colors = theme()
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, colors.color("accent_soft"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, colors.color("field"))
        left, right = rect.left() + 4, rect.right() - 6
        if node.severity is not None and node.severity is not Severity.INFORMATION:
            color = "error" if node.severity is Severity.ERROR else "warning"
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.color(color))
            painter.drawEllipse(QRectF(right - 6, rect.center().y() - 3, 7, 7))
            right -= 12
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        painter.setFont(interface_font(10 if node.kind else 9.5))
        if node.kind:
            paint_mark(
                painter,
                QRectF(left, rect.center().y() - _MARK / 2 + 0.5, _MARK, _MARK),
                node.kind,
                sign=False,
            )
            painter.setPen(colors.color("text"))
            name = node.name
            left += _MARK + 7
        else:
            painter.setPen(colors.color("text" if node.editable else "muted"))
            name = f"{node.sign} {node.name}"
        width = painter.fontMetrics().horizontalAdvance(name)
        shown = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, right - left)
        painter.drawText(QRect(left, rect.top(), right - left, rect.height()), middle, shown)
        left += width + 8
        if node.detail and right - left > 24:
            painter.setFont(interface_font(9))
            painter.setPen(colors.color("muted"))
            detail = painter.fontMetrics().elidedText(node.detail, Qt.TextElideMode.ElideRight, right - left)
            room = QRect(left, rect.top(), right - left, rect.height())
            painter.drawText(room, middle | int(Qt.AlignmentFlag.AlignRight), detail)
        painter.restore()


class _Tree(QTreeWidget):
    """The tree with the keys of the canvas.

    Signals:
        step_wanted(step): the current line is to go up or down in its stack.
    """

    opened = Signal(str)
    removal_wanted = Signal()

    duplicate_wanted = Signal()
    copy_wanted = Signal()
    cut_wanted = Signal()
    paste_wanted = Signal()
    step_wanted = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens, Del removes, and the keys of the clipboard work as on the canvas."""
        editing = self.state() == QAbstractItemView.State.EditingState
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not editing:
            item = self.currentItem()
            key = item.data(0, _KEY) if item is not None else None
            if isinstance(key, Link):
                self.opened.emit(key.target)
            elif isinstance(key, str):
                self.opened.emit(key)
        elif not editing and event.keyCombination() in _STEPS:
            self.step_wanted.emit(_STEPS[event.keyCombination()])
        elif not editing and event.keyCombination() == _DUPLICATE:
            self.duplicate_wanted.emit()
        elif not editing and event.matches(QKeySequence.StandardKey.Copy):
            self.copy_wanted.emit()
        elif not editing and event.matches(QKeySequence.StandardKey.Cut):
            self.cut_wanted.emit()
        elif not editing and event.matches(QKeySequence.StandardKey.Paste):
            self.paste_wanted.emit()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and not editing:
            self.removal_wanted.emit()
        else:
            super().keyPressEvent(event)


class Outline(QWidget):
    """The tree, kept up to date in place: what is selected, expanded or being renamed stays so.

    Attributes:
        commands: the edits behind its keys and its menu.

    Signals:
        opened(layer_id): Enter or a double click: show the layer's properties.
    """

    opened = Signal(str)

    def __init__(self, workspace: Workspace, selection: Selection, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._selection = selection
        self.commands = CanvasCommands(workspace, selection)
        self._busy = False
        self._stale = True
        self.tree = _Tree()
        self.tree.setHeaderHidden(True)
        self.tree.setAccessibleName("Outline of the design")
        self.tree.setFrameShape(QFrame.Shape.NoFrame)
        self.tree.setIndentation(14)
        self.tree.setUniformRowHeights(True)
        self.tree.setMouseTracking(True)
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.tree.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.tree.setItemDelegate(_Delegate(self.tree))
        self.tree.itemSelectionChanged.connect(self._select)
        self.tree.itemChanged.connect(self._renamed)
        self.tree.itemDoubleClicked.connect(self._double_clicked)
        self.tree.opened.connect(self._open)
        self.tree.removal_wanted.connect(self._remove)
        self.tree.step_wanted.connect(self._step)
        self.tree.duplicate_wanted.connect(lambda: self.commands.duplicate(selection.everything))
        self.tree.copy_wanted.connect(lambda: self.commands.copy(selection.everything))
        self.tree.cut_wanted.connect(lambda: self.commands.cut(selection.everything))
        self.tree.paste_wanted.connect(lambda: self.commands.paste(None))
        self._empty = QLabel("No layers yet. Drag one from Layers onto the canvas.")
        self._empty.setProperty("role", "muted")
        self._empty.setWordWrap(True)
        self._empty.setMargin(10)
        self._message = QLabel()
        self._message.setProperty("role", "error")
        self._message.setWordWrap(True)
        self._message.setMargin(8)
        self._message.hide()
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.customContextMenuRequested.connect(self._open_menu)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._empty)
        layout.addWidget(self._message)
        layout.addWidget(self.tree, 1)
        workspace.checks.changed.connect(self.refresh)
        selection.changed.connect(self._show_selection)
        keeper().changed.connect(self.tree.viewport().update)

    # Showing.

    def refresh(self) -> None:
        """Show the design as it is now; while the outline is hidden, when it shows next."""
        if not self.isVisible():
            self._stale = True
            return
        self._stale = False
        nodes = outline(self._workspace.checks.checked)
        self._busy = True
        self._message.hide()
        self._reconcile(self.tree.invisibleRootItem(), nodes)
        self._empty.setVisible(not nodes)
        self._busy = False
        self._show_selection()

    def _reconcile(self, parent: QTreeWidgetItem, nodes: Sequence[Node]) -> None:
        there = {item.data(0, _KEY): item for item in _children(parent)}
        wanted = {node.key for node in nodes}
        for key, gone in there.items():
            if key not in wanted:
                parent.removeChild(gone)
        for place, node in enumerate(nodes):
            item = there.get(node.key)
            if item is None:
                item = QTreeWidgetItem()
                item.setData(0, _KEY, node.key)
                flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
                item.setFlags(flags | Qt.ItemFlag.ItemIsEditable if node.editable else flags)
                parent.insertChild(place, item)
                item.setExpanded(True)
            elif parent.indexOfChild(item) != place:
                self._move(parent, item, place)
            if item.data(0, _NODE) != node:
                item.setText(0, node.name)
                item.setData(0, _NODE, node)
                item.setToolTip(0, node.text)
                item.setData(0, Qt.ItemDataRole.AccessibleTextRole, node.text)
            self._reconcile(item, node.children)

    @staticmethod
    def _move(parent: QTreeWidgetItem, item: QTreeWidgetItem, place: int) -> None:
        opened = [each for each in _inside(item) if each.isExpanded()]
        parent.takeChild(parent.indexOfChild(item))
        parent.insertChild(place, item)
        for each in opened:
            each.setExpanded(True)

    def _items(self) -> Iterator[QTreeWidgetItem]:
        for item in _children(self.tree.invisibleRootItem()):
            yield from _inside(item)

    def item_of(self, key: str | Link) -> QTreeWidgetItem | None:
        """The line of a layer or link."""
        return next((item for item in self._items() if item.data(0, _KEY) == key), None)

    # Selection, both ways.

    def _show_selection(self) -> None:
        if self._busy or self._stale:
            return
        self._busy = True
        chosen = set(self._selection.everything)
        for item in self._items():
            key = item.data(0, _KEY)
            # A selected link stays selected beside its layers: the selection knows only layers.
            if isinstance(key, str) and item.isSelected() != (key in chosen):
                item.setSelected(key in chosen)
            elif (
                isinstance(key, Link) and chosen and item.isSelected() and item is not self.tree.currentItem()
            ):
                item.setSelected(False)
        last = next(iter((*self._selection.marks[-1:], *self._selection.ids[-1:])), None)
        current = self.item_of(last) if last is not None else None
        now = self.tree.currentItem()
        on_link = now is not None and isinstance(now.data(0, _KEY), Link) and now.isSelected()
        if current is not None and current is not now and not on_link:
            self.tree.selectionModel().setCurrentIndex(
                self.tree.indexFromItem(current), self.tree.selectionModel().SelectionFlag.NoUpdate
            )
            self.tree.scrollToItem(current)
        self._busy = False

    def _select(self) -> None:
        if self._busy:
            return
        self._busy = True
        keys = [item.data(0, _KEY) for item in self.tree.selectedItems()]
        ids = [key for key in keys if isinstance(key, str)]
        current = self.tree.currentItem()
        last: Any = current.data(0, _KEY) if current is not None else None
        if last in ids:
            ids.remove(last)
            ids.append(last)
        design = self._workspace.document.design
        layers = [each for each in ids if design.find(each) is not None]
        self._selection.set(layers, (each for each in ids if each not in layers))
        self._busy = False

    # Edits.

    def _renamed(self, item: QTreeWidgetItem, _column: int) -> None:
        key = item.data(0, _KEY)
        node = item.data(0, _NODE)
        if self._busy or not isinstance(key, str) or not isinstance(node, Node) or item.text(0) == node.name:
            return
        design, text = self._workspace.document.design, item.text(0)
        if design.note(key) is not None:
            edit, label = edits.set_note_text(key, text.replace(LINE_BREAK.strip(), "\n")), "Write note"
        elif design.group(key) is not None:
            edit, label = edits.rename_group(key, text), "Rename group"
        else:
            edit, label = edits.rename(key, text), f"Rename {node.name}"
        refused = try_edit(self._workspace.document, edit, label)
        if refused:
            self._busy = True
            item.setText(0, node.name)
            self._busy = False
        self._message.setText(refused or "")
        self._message.setVisible(bool(refused))

    def _step(self, step: int) -> None:
        current = self._selection.current
        if current is not None:
            self.commands.frames.step(current, step)

    def _remove(self) -> None:
        keys = [item.data(0, _KEY) for item in self.tree.selectedItems()]
        ids = [key for key in keys if isinstance(key, str)]
        links = [
            key for key in keys if isinstance(key, Link) and key.source not in ids and key.target not in ids
        ]
        if not links:
            self.commands.delete(ids)
            return
        design = self._workspace.document.design
        gone = members_of(design, ids)
        steps = [edits.disconnect(link) for link in links] + ([edits.remove(gone)] if gone else [])
        wires = f"{len(links)} links" if len(links) > 1 else "link"
        label = labelled("Delete", design, ids) if ids else f"Delete {wires}"
        refused = try_edit(self._workspace.document, edits.chain(*steps), label)
        self._message.setText(refused or "")
        self._message.setVisible(bool(refused))

    def _double_clicked(self, item: QTreeWidgetItem, _column: int) -> None:
        key = item.data(0, _KEY)
        self._open(key.target if isinstance(key, Link) else str(key))

    def _open(self, layer_id: str) -> None:
        document = self._workspace.document
        group = document.design.group(layer_id)
        if group is not None:
            done = "Expand group" if group.collapsed else "Collapse group"
            document.apply(edits.collapse(layer_id, not group.collapsed), done)
            return
        if document.design.note(layer_id) is not None:
            item = self.item_of(layer_id)
            if item is not None:
                self.tree.editItem(item)
            return
        self._selection.reveal(layer_id)
        self.opened.emit(layer_id)

    def _open_menu(self, at: QPoint) -> None:
        item = self.tree.itemAt(at) or self.tree.currentItem()
        if item is None:
            return
        menu = self.menu_for(item)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.tree.viewport().mapToGlobal(at))

    def menu_for(self, item: QTreeWidgetItem) -> QMenu:
        """What can be done with a line and with what is selected."""
        menu, key, design = QMenu(self), item.data(0, _KEY), self._workspace.document.design
        if isinstance(key, Link):
            menu.addAction("Go to its target").triggered.connect(lambda: self._open(key.target))
            menu.addAction("Remove link").triggered.connect(self._remove)
            return menu
        group = design.group(key)
        words = "Expand" if group is not None and group.collapsed else "Collapse"
        opening = words if group is not None else "Write" if design.note(key) is not None else "Open"
        menu.addAction(opening).triggered.connect(lambda: self._open(key))
        if design.note(key) is None:
            menu.addAction("Rename").triggered.connect(lambda: self.tree.editItem(item))
        menu.addAction("Duplicate").triggered.connect(self.tree.duplicate_wanted)
        menu.addAction("Copy").triggered.connect(self.tree.copy_wanted)
        menu.addAction("Cut").triggered.connect(self.tree.cut_wanted)
        menu.addAction("Delete").triggered.connect(self._remove)
        colors = menu.addMenu("Colour")
        for color in (None, *COLORS):
            action = colors.addAction((color or "none").capitalize())
            hue = tint(color, theme())
            if hue is not None:
                action.setIcon(color_icon(hue))
            action.triggered.connect(partial(self._color, color))
        if design.find(key) is not None:
            menu.addSeparator()
            frame_menu.add_order(menu, self.commands.frames, key)
            frame_menu.add_wrapping(menu, self.commands.frames, key)
            frame_menu.add_calls(menu, self.commands.frames, key)
        if group is not None:
            document = self._workspace.document
            menu.addAction("Ungroup").triggered.connect(lambda: document.apply(edits.ungroup(key), "Ungroup"))
        return menu

    def _color(self, color: str | None, _checked: bool = False) -> None:
        document, chosen = self._workspace.document, self._selection.everything
        document.apply(edits.set_color(chosen, color), labelled("Colour", document.design, chosen))

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what changed while hidden."""
        super().showEvent(event)
        if self._stale:
            self.refresh()


def _children(item: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    found = (item.child(place) for place in range(item.childCount()))
    return [child for child in found if child is not None]


def _inside(item: QTreeWidgetItem) -> Iterator[QTreeWidgetItem]:
    yield item
    for child in _children(item):
        yield from _inside(child)
