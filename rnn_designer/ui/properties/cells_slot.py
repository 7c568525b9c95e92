"""A place for any number of cells: their list, a way to add one, and the page of the one that is chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from rnn_designer.catalog import CATALOG, Slot
from rnn_designer.design import Checked, Design, Edit, Layer, edits, new_layer
from rnn_designer.session.document import Document
from rnn_designer.ui.properties.cell_list import CellList
from rnn_designer.ui.theme import FIELD_HEIGHT
from rnn_designer.ui.widgets.editing import try_edit

if TYPE_CHECKING:
    from rnn_designer.ui.properties.page import LayerPage, SlotView

_BESIDE = (40.0, 150.0)
"""How far from its frame a cell that is taken out lands, in scene units."""


class CellsSlot(QWidget):
    """What a stack holds.

    Signals:
        fixed(fix), explained(problem), pointed(form, name), wished(what, layer_id): of the page of the chosen cell.
    """

    fixed = Signal(object)
    explained = Signal(object)
    pointed = Signal(object, str)
    wished = Signal(str, str)

    def __init__(
        self, document: Document, slot: Slot, index: int, view: SlotView, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._slot = slot
        self._index = index
        self._wrappers: tuple[Layer, ...] = ()
        self._current = ""
        self._place = 0
        self.view = view
        view.fixed.connect(self.fixed)
        view.explained.connect(self.explained)
        view.pointed.connect(self.pointed)
        view.wished.connect(self.wished)
        self.title = QLabel(slot.name.replace("_", " "))
        self.title.setProperty("role", "section")
        self.add_button = QToolButton()
        self.add_button.setText("Add ▾")
        self.add_button.setAccessibleName(f"Add to {slot.name}")
        self.add_button.setToolTip(f"<p>It holds {slot.expected}.</p>")
        self.add_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.add_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.add_button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        menu = QMenu(self.add_button)
        for entry in CATALOG.values():
            if slot.accepts(entry):
                action = QAction(entry.kind, menu)
                action.setToolTip(entry.summary)
                action.triggered.connect(lambda _on=False, kind=entry.kind: self.add(kind))
                menu.addAction(action)
        self.add_button.setMenu(menu)
        self.list = CellList()
        self.list.chosen.connect(self._choose)
        self.list.moved.connect(self.move_cell)
        self.list.acted.connect(self._act)
        self._words = QLabel()
        self._words.setProperty("role", "muted")
        self._words.setWordWrap(True)
        self._message = QLabel()
        self._message.setProperty("role", "error")
        self._message.setWordWrap(True)
        self._message.hide()
        line = QFrame()
        line.setProperty("role", "line")
        head = QHBoxLayout()
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.add_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(6)
        column.addWidget(line)
        column.addLayout(head)
        for widget in (self._words, self.list, self._message, view):
            column.addWidget(widget)
        self.title.setMinimumHeight(FIELD_HEIGHT)

    @property
    def page(self) -> LayerPage | None:
        """The page of the chosen cell; None while there is none."""
        return self.view.page if not self.view.isHidden() else None

    def show_wrappers(self, wrappers: tuple[Layer, ...], checked: Checked) -> None:
        """Show the cells of a stack; of several stacks at once only how many there are."""
        self._wrappers = wrappers
        self._say("")
        cells = wrappers[0].children[self._index :] if len(wrappers) == 1 else ()
        self._place = self._chosen_place(cells)
        self._current = cells[self._place].id if cells else ""
        self.list.show_cells(cells, self._place)
        self.list.setVisible(bool(cells))
        words = "" if cells else "It holds no cells yet."
        if len(wrappers) > 1:
            words = f"{len(wrappers)} stacks are selected. Select one of them to change its cells."
        self._words.setText(words)
        self._words.setVisible(bool(words))
        self.add_button.setVisible(len(wrappers) == 1)
        self.view.setVisible(bool(cells))
        if cells:
            self.view.show_place(self._index + self._place, f"cell {self._place}")
            self.view.show_wrappers(wrappers, checked)

    def _chosen_place(self, cells: tuple[Layer, ...]) -> int:
        """Where the chosen cell is now; if it is gone, the one that took its place."""
        found = next((place for place, each in enumerate(cells) if each.id == self._current), None)
        return found if found is not None else max(0, min(self._place, len(cells) - 1))

    def _say(self, sentence: str) -> None:
        self._message.setText(sentence)
        self._message.setVisible(bool(sentence))

    @property
    def _stack(self) -> Layer:
        return self._wrappers[0]

    def _cell(self, place: int) -> Layer | None:
        at = self._index + place
        return self._stack.children[at] if self._wrappers and at < len(self._stack.children) else None

    def _choose(self, place: int) -> None:
        cell = self._cell(place)
        if cell is not None and cell.id != self._current:
            self._current, self._place = cell.id, place
            self.wished.emit("refresh", cell.id)

    # Edits.

    def add(self, kind: str) -> None:
        """Add a new cell of a kind behind the last one, and show its page."""
        stack = self._stack
        cell = new_layer(self._document.design, kind)
        at = len(stack.children)
        before, self._current = self._current, cell.id
        if not self._try(edits.insert_child(stack.id, at, cell), f"Add {kind} to {stack.name}"):
            self._current = before

    def move_cell(self, start: int, end: int) -> None:
        """Give a cell another place; it keeps the keyboard."""
        cell = self._cell(start)
        if cell is None:
            return
        focused = self.list.rows[start].hasFocus()
        self._current = cell.id
        edit = edits.move_child(self._stack.id, self._index + start, self._index + end)
        if self._try(edit, f"Move {cell.name}") and focused:
            self.list.focus(end)

    def _act(self, what: str, place: int) -> None:
        cell = self._cell(place)
        if cell is None:
            return
        if what == "open":
            self.wished.emit("open", cell.id)
            return
        focused = self.list.rows[place].hasFocus()
        if what == "remove":
            done = self._try(edits.remove([cell.id]), f"Remove {cell.name}")
        else:
            done = self._try(self._out(cell), f"Take {cell.name} out of {self._stack.name}")
        if done and focused:
            self.list.focus(min(place, self.list.count - 1))

    def _out(self, cell: Layer) -> Callable[[Design], Design]:
        top = self._document.design.top(cell.id)
        x, y = top.position
        return edits.take_out(cell.id, (x + _BESIDE[0], y + _BESIDE[1]))

    def _try(self, edit: Edit, label: str) -> bool:
        refused = try_edit(self._document, edit, label)
        if refused:
            self._say(refused)
        return not refused
