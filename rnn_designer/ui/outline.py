"""The outline: the design as a tree of layers and links, the canvas' twin for the keyboard and for screen readers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QLabel,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from rnn_designer.catalog import CATALOG
from rnn_designer.design import Checked, Layer, Link, Severity, edits
from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.selection import Selection
from rnn_designer.ui.theme import interface_font, keeper, theme
from rnn_designer.ui.widgets.editing import try_edit
from rnn_designer.ui.widgets.mark import paint_mark

_KEY = Qt.ItemDataRole.UserRole
_NODE = Qt.ItemDataRole.UserRole + 1
_MARK = 12


@dataclass(frozen=True)
class Node:
    """A line of the outline: a layer or a link.

    Attributes:
        key: a layer's id, or the link itself.
        name: the layer's name, or where the link leads.
        kind: the layer's type; empty for a link.
        detail: what stands muted at the right: type or port.
        text: everything about it, for screen readers and as the tooltip.
        severity: of its worst problem.
        children: links and inner layers.
    """

    key: str | Link
    name: str
    kind: str
    detail: str
    text: str
    severity: Severity | None = None
    children: tuple["Node", ...] = field(default=())


def outline(checked: Checked) -> tuple[Node, ...]:
    """The design's layers in topological order, those on a cycle last, each with its links and inner layers."""
    design = checked.design
    by_id = {layer.id: layer for layer in design.layers}
    order = [*checked.order, *(each for each in by_id if each not in set(checked.order))]
    return tuple(_layer_node(by_id[each], checked) for each in order if each in by_id)


def _layer_node(layer: Layer, checked: Checked) -> Node:
    design = checked.design
    problems = checked.of(layer.id)
    shapes = [f"{port} {spec}" for (owner, port), spec in checked.shapes.items() if owner == layer.id]
    words = [f"{layer.kind} {layer.name}"]
    entry = CATALOG.get(layer.kind)
    if entry is not None:
        words.append(entry.words(layer.values()))
    if shapes:
        words.append(f"gives {', '.join(shapes)}")
    if problems:
        words.append(f"{len(problems)} problem{'s' * (len(problems) > 1)}: {problems[0].message}")
    inner = [_layer_node(child, checked) for child in layer.children]
    links = [_link_node(link, checked) for link in design.links if link.source == layer.id]
    worst = max((problem.severity for problem in problems), default=None)
    text = ". ".join(word.rstrip(".") for word in words if word)
    return Node(layer.id, layer.name, layer.kind, layer.kind, text, worst, (*inner, *links))


def _link_node(link: Link, checked: Checked) -> Node:
    target = checked.design.find(link.target)
    name = target.name if target is not None else "?"
    ports = [port for port in (link.source_port, link.target_port) if port not in ("output", "input")]
    spec = checked.shapes.get((link.source, link.source_port))
    shape = f", carries {spec}" if spec is not None else ""
    return Node(
        link, name, "", " → ".join(ports), f"link from {link.source_port} to {name} {link.target_port}{shape}"
    )


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
            painter.setPen(colors.color("muted"))
            name = f"→ {node.name}"
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
    """The tree with the keys of the canvas."""

    opened = Signal(str)
    removal_wanted = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        editing = self.state() == QAbstractItemView.State.EditingState
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not editing:
            item = self.currentItem()
            key = item.data(0, _KEY) if item is not None else None
            if isinstance(key, Link):
                self.opened.emit(key.target)
            elif isinstance(key, str):
                self.opened.emit(key)
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and not editing:
            self.removal_wanted.emit()
        else:
            super().keyPressEvent(event)


class Outline(QWidget):
    """The tree, kept up to date in place: what is selected, expanded or being renamed stays so.

    Signals:
        opened(layer_id): Enter or a double click: show the layer's properties.
    """

    opened = Signal(str)

    def __init__(self, workspace: Workspace, selection: Selection, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._selection = selection
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
        self._empty = QLabel("No layers yet. Drag one from Layers onto the canvas.")
        self._empty.setProperty("role", "muted")
        self._empty.setWordWrap(True)
        self._empty.setMargin(10)
        self._message = QLabel()
        self._message.setProperty("role", "error")
        self._message.setWordWrap(True)
        self._message.setMargin(8)
        self._message.hide()
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
                item.setFlags(flags | Qt.ItemFlag.ItemIsEditable if node.kind else flags)
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
        chosen = set(self._selection.ids)
        for item in self._items():
            key = item.data(0, _KEY)
            # A selected link stays selected beside its layers: the selection knows only layers.
            if isinstance(key, str) and item.isSelected() != (key in chosen):
                item.setSelected(key in chosen)
            elif (
                isinstance(key, Link) and chosen and item.isSelected() and item is not self.tree.currentItem()
            ):
                item.setSelected(False)
        current = self.item_of(self._selection.current) if self._selection.current is not None else None
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
        self._selection.set(ids)
        self._busy = False

    # Edits.

    def _renamed(self, item: QTreeWidgetItem, _column: int) -> None:
        key = item.data(0, _KEY)
        node = item.data(0, _NODE)
        if self._busy or not isinstance(key, str) or not isinstance(node, Node) or item.text(0) == node.name:
            return
        refused = try_edit(self._workspace.document, edits.rename(key, item.text(0)), f"Rename {node.name}")
        held = self._workspace.document.design.find(key)
        if held is not None and item.text(0) != held.name:
            self._busy = True
            item.setText(0, held.name)
            self._busy = False
        self._message.setText(refused or "")
        self._message.setVisible(bool(refused))

    def _remove(self) -> None:
        keys = [item.data(0, _KEY) for item in self.tree.selectedItems()]
        ids = [key for key in keys if isinstance(key, str)]
        links = [
            key for key in keys if isinstance(key, Link) and key.source not in ids and key.target not in ids
        ]
        steps = [edits.disconnect(link) for link in links] + ([edits.remove(ids)] if ids else [])
        if not steps:
            return
        count = len(ids) or len(links)
        word = "layer" if ids else "link"
        label = f"Delete {word}" if count == 1 else f"Delete {count} {word}s"
        refused = try_edit(self._workspace.document, edits.chain(*steps), label)
        self._message.setText(refused or "")
        self._message.setVisible(bool(refused))

    def _double_clicked(self, item: QTreeWidgetItem, _column: int) -> None:
        key = item.data(0, _KEY)
        self._open(key.target if isinstance(key, Link) else str(key))

    def _open(self, layer_id: str) -> None:
        self._selection.reveal(layer_id)
        self.opened.emit(layer_id)

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
