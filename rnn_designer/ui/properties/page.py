"""A layer's page: head, problems, form, and for wrappers a page for each layer inside."""

from collections.abc import Iterator

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from rnn_designer.catalog import CATALOG, LayerType, Slot, layer_type
from rnn_designer.design import (
    Checked,
    Design,
    Layer,
    Problem,
    Refused,
    check,
    edits,
    new_layer,
)
from rnn_designer.session.document import Document
from rnn_designer.ui.properties.cells_slot import CellsSlot
from rnn_designer.ui.properties.exchanging import converted, exchanged, mirrored
from rnn_designer.ui.properties.form import LayerForm
from rnn_designer.ui.properties.header import LayerHeader
from rnn_designer.ui.properties.row import LABEL_WIDTH
from rnn_designer.ui.properties.shared_note import SharedNote
from rnn_designer.ui.theme import FIELD_HEIGHT
from rnn_designer.ui.widgets.combo import Combo
from rnn_designer.ui.widgets.editing import try_edit
from rnn_designer.ui.widgets.problem_lines import ProblemLines
from rnn_designer.ui.widgets.tab_order import order_tabs

_SAME = "same"
_OWN = "own"
_UNCHANGED = Layer("", "", "")
"""Stands for "nothing to do" where None means "nothing inside"."""
_SLOT_WORDS = {"layer": "layer inside", "backward_layer": "backward layer"}


class SlotView(QWidget):
    """What is in one place of a wrapper: which kind of layer, and its page.

    Signals:
        fixed(fix): a problem's fix was chosen in a page below.
        explained(problem): the user asks why something is a problem.
        pointed(form, name): a parameter's label was clicked.
        wished(what, layer_id): something elsewhere is asked for: to ``open`` a layer, to edit its ``code``, to decide
            whether that may run (``trust``), or to show the same layers anew (``refresh``).
    """

    fixed = Signal(object)
    explained = Signal(object)
    pointed = Signal(object, str)
    wished = Signal(str, str)

    def __init__(self, document: Document, slot: Slot, index: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._slot = slot
        self._index = index
        self._wrappers: tuple[Layer, ...] = ()
        self._pages: dict[str, LayerPage] = {}
        self._shown: LayerPage | None = None
        line = QFrame()
        line.setProperty("role", "line")
        self.label = label = QLabel(_SLOT_WORDS.get(slot.name, slot.name.replace("_", " ")))
        label.setProperty("role", "section")
        label.setWordWrap(True)
        label.setFixedSize(LABEL_WIDTH, FIELD_HEIGHT)
        self.combo = Combo()
        self.combo.setAccessibleName(label.text())
        self.combo.setToolTip(f"<p>It holds {slot.expected}.</p>")
        rows: list[tuple[object, str]] = []
        if slot.required:
            rows += [(each.kind, each.kind) for each in CATALOG.values() if slot.accepts(each)]
        else:
            rows = [(_SAME, "same settings"), (_OWN, "own settings")]
        self.combo.offer(rows)
        self.combo.setPlaceholderText("empty")
        self.combo.activated.connect(self._choose)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(label)
        row.addWidget(self.combo, 1)
        self._message = QLabel()
        self._message.setProperty("role", "error")
        self._message.setWordWrap(True)
        self._message.hide()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 4, 0, 0)
        self._column.setSpacing(6)
        if not slot.many:
            self._column.addWidget(line)
        self._column.addLayout(row)
        self._column.addWidget(self._message)

    def show_place(self, index: int, words: str) -> None:
        """Speak of another place from now on: one of the many of a stack."""
        self._index = index
        self.label.setText(words)
        self.combo.setAccessibleName(words)

    def show_wrappers(self, wrappers: tuple[Layer, ...], checked: Checked) -> None:
        """Show what the wrappers hold in this place; together where it is of one type in all of them."""
        self._wrappers = wrappers
        held = [self._held(each) for each in wrappers]
        children = tuple(each for each in held if each is not None)
        kinds = {each.kind if each is not None else None for each in held}
        alike = len(kinds) == 1
        self._say("")
        if self._slot.required:
            self.combo.show_value(
                held[-1].kind if held[-1] is not None else None, mixed=not all(held) or not alike
            )
            self.combo.setPlaceholderText("empty" if not any(held) else "different types")
            self.setVisible(True)
        else:
            own = {each is not None for each in held}
            self.combo.show_value(_OWN if held[-1] is not None else _SAME, mixed=len(own) > 1)
            self.combo.setPlaceholderText("mixed")
            self.setVisible(all(len(each.children) >= self._index for each in wrappers))
        kind = children[0].kind if children and alike else None
        page = self._page(kind) if kind is not None and kind in CATALOG else None
        for each in self._pages.values():
            each.setVisible(each is page)
        self._shown = page
        if page is not None:
            page.show_layers(children, checked)

    def _held(self, wrapper: Layer) -> Layer | None:
        return wrapper.children[self._index] if self._index < len(wrapper.children) else None

    def _say(self, sentence: str) -> None:
        self._message.setText(sentence)
        self._message.setVisible(bool(sentence))

    def _page(self, kind: str) -> "LayerPage":
        if kind not in self._pages:
            page = LayerPage(self._document, layer_type(kind))
            page.fixed.connect(self.fixed)
            page.explained.connect(self.explained)
            page.pointed.connect(self.pointed)
            page.wished.connect(self.wished)
            self._pages[kind] = page
            self._column.addWidget(page)
            order_tabs(self)
        return self._pages[kind]

    @property
    def page(self) -> "LayerPage | None":
        """The page of the layer in this place; None if it is empty."""
        return self._shown

    def _choose(self, place: int) -> None:
        chosen = self.combo.value_at(place)
        design = self._document.design
        refused: str | None = None
        changed = 0

        def exchange(before: Design) -> Design:
            # One after the other, so that each new layer's name fits those before it.
            nonlocal changed
            changed = 0
            for wrapper in self._wrappers:
                held = self._held(wrapper)
                turned = converted(held, str(chosen)) if held is not None and self._slot.required else None
                layer = self._wanted(before, wrapper, chosen) if turned is None else None
                if layer is not _UNCHANGED:
                    edit = turned or edits.set_child(wrapper.id, self._index, layer)
                    before = edit(before)
                    changed += 1
            return before

        try:
            exchange(design)
        except Refused as refusal:
            refused = str(refusal)
        else:
            if changed:
                refused = try_edit(self._document, exchange, self._label(chosen))
        if refused or not changed:
            self.show_wrappers(self._wrappers, check(design))
        if refused:
            self._say(refused)

    def _wanted(self, design: Design, wrapper: Layer, chosen: object) -> Layer | None:
        """What is to stand in this place of a wrapper; ``_UNCHANGED`` if it does already."""
        held = self._held(wrapper)
        if self._slot.required:
            if held is not None and held.kind == chosen:
                return _UNCHANGED
            kind = str(chosen)
            return exchanged(design, held, kind) if held is not None else new_layer(design, kind)
        if (held is not None) == (chosen == _OWN):
            return _UNCHANGED
        return mirrored(design, wrapper.children[0]) if chosen == _OWN else None

    def _label(self, chosen: object) -> str:
        if not self._slot.required:
            return "Own backward layer" if chosen == _OWN else "Mirrored backward layer"
        if len(self._wrappers) == 1:
            return f"Put {chosen} into {self._wrappers[0].name}"
        return f"Put {chosen} into {len(self._wrappers)} layers"


class LayerPage(QWidget):
    """Head, problems, form and inner pages of one layer type.

    Signals:
        fixed(fix): a problem's fix was chosen.
        explained(problem): the user asks why something is a problem.
        pointed(form, name): a parameter's label was clicked.
        wished(what, layer_id): something elsewhere is asked for: to ``open`` a layer, to edit its ``code``, to decide
            whether that may run (``trust``), or to show the same layers anew (``refresh``).
    """

    fixed = Signal(object)
    explained = Signal(object)
    pointed = Signal(object, str)
    wished = Signal(str, str)

    def __init__(self, document: Document, entry: LayerType, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._layers: tuple[Layer, ...] = ()
        self.header = LayerHeader()
        self.header.renamed.connect(self._rename)
        self.problems = ProblemLines()
        self.problems.fixed.connect(self.fixed)
        self.problems.explained.connect(self.explained)
        self.form = LayerForm(document, entry)
        self.form.fixed.connect(self.fixed)
        self.form.explained.connect(self.explained)
        self.form.pointed.connect(lambda name: self.pointed.emit(self.form, name))
        self.form.wished.connect(self.wished)
        self.shared = SharedNote()
        self.shared.open_wanted.connect(lambda layer_id: self.wished.emit("open", layer_id))
        self.shared.own_wanted.connect(self._make_own)
        self._nothing = QLabel("No parameter fits the filter.")
        self._nothing.setProperty("role", "muted")
        self._nothing.hide()
        self.slots = [self._slot_view(slot, index) for index, slot in enumerate(entry.slots)]
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for widget in (self.header, self.shared, self.problems, self.form, self._nothing, *self.slots):
            layout.addWidget(widget)
        for slot in self.slots:
            slot.fixed.connect(self.fixed)
            slot.explained.connect(self.explained)
            slot.pointed.connect(self.pointed)
            slot.wished.connect(self.wished)

    def _slot_view(self, slot: Slot, index: int) -> SlotView | CellsSlot:
        view = SlotView(self._document, slot, index)
        return CellsSlot(self._document, slot, index, view) if slot.many else view

    def show_layers(self, layers: tuple[Layer, ...], checked: Checked) -> None:
        """Show layers of this page's type."""
        self._layers = layers
        self.header.show_layers(layers, checked)
        if len(layers) == 1:
            self.shared.show_layer(layers[0], checked.design)
        else:
            self.shared.hide()
        self.problems.show_problems(self._other_problems(checked.of(layers[-1].id)))
        self.form.show_layers(layers, checked)
        for slot in self.slots:
            slot.show_wrappers(layers, checked)

    def _other_problems(self, problems: tuple[Problem, ...]) -> list[Problem]:
        known = self.form.entry.by_name
        return [each for each in problems if each.parameter not in known]

    def forms(self) -> Iterator[LayerForm]:
        """This page's form and those of the layers inside, as they show."""
        yield self.form
        for slot in self.slots:
            if slot.page is not None:
                yield from slot.page.forms()

    def filter(self, query: str) -> None:
        """Show only parameters that fit."""
        found = self.form.filter(query)
        self._nothing.setVisible(bool(query.strip()) and not found and not self.slots)
        for slot in self.slots:
            if slot.page is not None:
                slot.page.filter(query)

    def _make_own(self, layer_id: str) -> None:
        layer = self._document.design.layer(layer_id)
        self._document.apply(edits.make_own(layer_id), f"Make {layer.name} a layer of its own")

    def _rename(self, name: str) -> None:
        if len(self._layers) == 1:
            layer = self._layers[0]
            refused = try_edit(self._document, edits.rename(layer.id, name), f"Rename {layer.name}")
            self.header.refuse(refused or "")
            if refused is None:
                # The name may have been trimmed to the one that it had.
                self.header.title.settle(self._document.design.layer(layer.id).name)
