"""The editor of where a layer's states begin: zeros, one number, or one number per unit, for each state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from rnn_designer.catalog import CellState, Number
from rnn_designer.design import Checked, Design, Layer
from rnn_designer.design.ports import carried, input_ports
from rnn_designer.ui.properties.drawn_bars import DrawnBars
from rnn_designer.ui.properties.editors import Editor, NumberEditor, TextField
from rnn_designer.ui.widgets.combo import Combo
from rnn_designer.ui.widgets.labels import ElidedLabel
from rnn_designer.ui.widgets.number_field import number_text
from rnn_designer.ui.widgets.problem_lines import restyle
from rnn_designer.ui.widgets.tab_order import order_tabs
from rnn_designer.ui.widgets.undo_keys import leave_undo_to_the_design

_ZEROS, _NUMBER, _UNITS = "zeros", "number", "units"
_MODES = ((_ZEROS, "zeros"), (_NUMBER, "one number"), (_UNITS, "a number per unit"))
_PORT = "initial_"
_LEAST_SYMBOL, _MOST_SYMBOL = 24, 104
_NUMBER_WIDTH = 84
_SHOWN = 3


class _StateLine(QWidget):
    """Where one state begins.

    Signals:
        wanted(entry): a number, a tuple of numbers, or text that is neither.
        finished(): the next change is an undo step of its own.
    """

    wanted = Signal(object)
    finished = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._units: int | None = None
        self._entry: float | tuple[float, ...] = 0.0
        self._mode = _ZEROS
        self.symbol = ElidedLabel()
        self.symbol.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.mode = Combo()
        self.mode.offer(_MODES)
        self.mode.activated.connect(self._choose)
        self.number = NumberEditor(Number())
        self.number.setFixedWidth(_NUMBER_WIDTH)
        self.number.wanted.connect(self.wanted)
        self.number.finished.connect(self.finished)
        self.bars = DrawnBars()
        self.bars.drawn.connect(self.wanted)
        self.bars.finished.connect(self.finished)
        self.field = TextField()
        leave_undo_to_the_design(self.field)
        self.field.textEdited.connect(lambda text: self.wanted.emit(numbers_in(text)))
        self.field.editingFinished.connect(self.finished)
        self.field.reverted.connect(self._revert)
        top = QHBoxLayout()
        top.setSpacing(4)
        top.addWidget(self.symbol)
        top.addWidget(self.mode, 1)
        top.addWidget(self.number)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(self.bars)
        column.addWidget(self.field)

    @property
    def entry(self) -> float | tuple[float, ...]:
        """Where the state begins."""
        return self._entry

    def show_state(self, symbol: str, name: str, units: int | None) -> None:
        """Show which state it is and how many units it has; None for a number that is not known here."""
        self._units = units
        self.symbol.show_text(symbol)
        for widget, words in (
            (self.mode, f"initial {name}"),
            (self.field, f"initial {name}, a number per unit"),
        ):
            widget.setAccessibleName(words)
        self.number.name(f"initial {name}, the same for every unit")
        self.bars.name(f"initial {name}, drawn")
        count = f"{units} numbers" if units is not None else "Numbers"
        self.field.setToolTip(
            f"<p>{count}, one per unit: typed, or pasted as a list. Above they can be drawn.</p>"
        )

    def show_entry(self, entry: float | tuple[float, ...]) -> None:
        """Show where the state begins, leaving text and caret alone while they stand for it."""
        self._entry = entry
        if isinstance(entry, tuple):
            self._mode = _UNITS
        elif entry:
            self._mode = _NUMBER
        elif self._mode == _UNITS:
            self._mode = _ZEROS
        self._show_mode()
        if isinstance(entry, tuple):
            self.bars.show_values(entry)
            if not (self.field.hasFocus() and numbers_in(self.field.text()) == entry):
                self.field.setText(", ".join(map(number_text, entry)))
                self.field.setCursorPosition(0)
        else:
            self.number.show_value(entry)

    def align(self, width: int) -> None:
        """Give the symbol the width that the longest of all lines has."""
        self.symbol.setFixedWidth(width)

    def forget(self) -> None:
        """Another layer's state: zeros are zeros again, and not a number that somebody is about to type."""
        self._mode = _ZEROS

    def _show_mode(self) -> None:
        self.mode.show_value(self._mode)
        self.number.setVisible(self._mode == _NUMBER)
        self.bars.setVisible(self._mode == _UNITS)
        self.field.setVisible(self._mode == _UNITS)

    def offer_units(self, offered: bool) -> None:
        """Say why there is no number per unit where the state has more axes than one, or a size that is not known."""
        place = next(place for place, (key, _words) in enumerate(_MODES) if key == _UNITS)
        item_model: Any = self.mode.model()
        item_model.item(place).setEnabled(offered)
        self.mode.setItemData(
            place,
            "" if offered else "Only where the state is one row of units of a known number.",
            Qt.ItemDataRole.ToolTipRole,
        )

    def _choose(self, place: int) -> None:
        chosen = self.mode.value_at(place)
        if chosen == self._mode:
            return
        entry = self._entry
        mean = entry[0] if isinstance(entry, tuple) and entry else 0.0 if isinstance(entry, tuple) else entry
        self._mode = str(chosen)
        self._show_mode()
        if chosen == _UNITS:
            self.wanted.emit((float(mean),) * (self._units or 1))
        else:
            self.wanted.emit(float(mean) if chosen == _NUMBER else 0.0)
        self.finished.emit()
        if chosen == _NUMBER:
            self.number.show_value(float(mean))
            self.number.field.setFocus(Qt.FocusReason.OtherFocusReason)
            self.number.field.selectAll()

    def _revert(self) -> None:
        if isinstance(self._entry, tuple):
            self.field.setText(", ".join(map(number_text, self._entry)))
            self.wanted.emit(self._entry)

    def mark(self, bad: bool) -> None:
        """Mark the field that was edited."""
        restyle(self.field, "state", "bad" if bad else "")
        self.number.mark(bad and self._mode == _NUMBER)


class InitialStateEditor(Editor):
    """One line per carried state, or a sentence where wires or a wrapper decide."""

    labels = "above"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label = ""
        self._layer_id: str | None = None
        self._states: tuple[CellState, ...] = ()
        self._last: _StateLine | None = None
        self.lines: list[_StateLine] = []
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setProperty("role", "muted")
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.column.addWidget(self.words)
        self.words.hide()

    def place(self, layers: tuple[Layer, ...], checked: Checked) -> None:
        """Show the states of the last of the layers, which decides where several are edited together."""
        layer = layers[-1]
        if layer.id != self._layer_id:
            self._layer_id = layer.id
            for line in self.lines:
                line.forget()
        self._states = carried(layer)
        labels = {port.name: port.label for port in input_ports(layer)}
        while len(self.lines) < len(self._states):
            self._add_line()
        for place, line in enumerate(self.lines):
            there = place < len(self._states)
            if there:
                state = self._states[place]
                units = _units_of(state)
                symbol = labels.get(_PORT + state.name) or f"{state.symbol}₀"
                line.show_state(symbol, state.name.replace("_", " "), units)
                line.offer_units(units is not None)
        shown = self.lines[: len(self._states)]
        widest = max((line.symbol.sizeHint().width() for line in shown), default=0)
        for line in shown:
            line.align(max(_LEAST_SYMBOL, min(_MOST_SYMBOL, widest)) + 6)
        elsewhere = decided_elsewhere(layer, checked.design)
        self.words.setText(elsewhere)
        self.words.setVisible(bool(elsewhere))
        for line in self.lines:
            line.setEnabled(not elsewhere)
        self._show_lines()

    def _show_lines(self) -> None:
        """Show the lines of the layer's states; where others decide, only those that hold numbers in vain."""
        decided = bool(self.words.text())
        for place, line in enumerate(self.lines):
            line.setVisible(place < len(self._states) and (not decided or line.entry != 0.0))

    def _add_line(self) -> None:
        line = _StateLine()
        line.wanted.connect(lambda entry, line=line: self._want(line, entry))
        line.finished.connect(self.finished)
        self.lines.append(line)
        self.column.addWidget(line)
        order_tabs(self)
        if len(self.lines) == 1:
            self.setFocusProxy(line.mode)

    def _want(self, line: _StateLine, entry: object) -> None:
        self._last = line
        entries: list[object] = [each.entry for each in self.lines[: len(self._states)]]
        place = self.lines.index(line)
        if isinstance(entry, tuple):
            units = _units_of(self._states[place])
            if units is not None and len(entry) != units:
                entry = _OtherCount(entry, units)
        entries[place] = entry
        zeros = all(isinstance(each, float) and each == 0.0 for each in entries)
        self.wanted.emit(None if zeros else tuple(entries))

    def show_value(self, value: Any, *, mixed: bool = False) -> None:
        """Show where each state begins; missing entries are zeros."""
        entries: Sequence[Any] = value if isinstance(value, tuple) and not mixed else ()
        for place, line in enumerate(self.lines[: len(self._states)]):
            line.show_entry(entries[place] if place < len(entries) else 0.0)
        self._show_lines()

    def name(self, text: str) -> None:
        """The lines name themselves, by their states."""
        self._label = text

    def mark(self, bad: bool) -> None:
        """Mark the line that was edited last."""
        for line in self.lines:
            line.mark(bad and line is self._last)


class _OtherCount:
    """A list of another length than the state; it says so where a type refuses it."""

    def __init__(self, numbers: tuple[float, ...], units: int) -> None:
        self._numbers, self._units = numbers, units

    def __repr__(self) -> str:
        count = len(self._numbers)
        return f"{count} number{'s' * (count != 1)} for {self._units} units"


def _units_of(state: CellState) -> int | None:
    return state.sizes[0] if state.sizes is not None and len(state.sizes) == 1 else None


def numbers_in(text: str) -> object:
    """The numbers of a typed or pasted list as a tuple of floats; the text itself where it is none."""
    from rnn_designer.sequences.literals import parse
    from rnn_designer.sequences.problem import DataProblem

    try:
        values = parse(text).values
    except DataProblem:
        return text
    flat = tuple(_flat(values))
    numbers = tuple(float(each) for each in flat if isinstance(each, int | float))
    return numbers if flat and len(numbers) == len(flat) else text


def _flat(values: object) -> Sequence[object]:
    if isinstance(values, tuple | list):
        return [each for inner in values for each in _flat(inner)]
    return [values]


def decided_elsewhere(layer: Layer, design: Design) -> str:
    """Why numbers have no effect: wires bring the states, or a wrapper does; empty where they have."""
    wires = [link for link in design.links if link.target == layer.id and link.target_port.startswith(_PORT)]
    if wires:
        sources = dict.fromkeys(design.find(link.source) for link in wires)
        names = [f"‘{each.name}’" for each in sources if each is not None]
        shown = ", ".join(names[:_SHOWN]) + (" and others" if len(names) > _SHOWN else "")
        return f"The initial states come over wires, from {shown}. Take the wires away to give numbers here."
    owner = design.owner(layer.id)
    if owner is not None and carried(owner):
        return f"{owner.kind} ‘{owner.name}’ calls this layer: its initial states are set there."
    return ""
