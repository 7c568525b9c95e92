"""Gates and units at the ends of their ranges: who is open, shut, off, stuck, dead, or not a number any more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from rnn_designer.design import Layer
from rnn_designer.session.analyses import Question
from rnn_designer.ui.scopes.chips import ChoiceButton
from rnn_designer.ui.scopes.units import toggled
from rnn_designer.ui.theme import theme
from rnn_designer.ui.views.sides import Side, drawn_units, stepping
from rnn_designer.ui.views.unit_strips import Scatter, StripRow, UnitStrips
from rnn_designer.ui.views.view import View

if TYPE_CHECKING:
    from PySide6.QtGui import QColor, QResizeEvent

    from rnn_designer.messages import Analysis, Array, Trace

_MOSTLY = 0.5
"""A unit counts as off or saturated in the summary from this share of the steps on."""

_SENTENCES = 64
"""About how high is what stands above the pictures."""

_BESIDE = 5 / 9
"""The share of the width that scatters have beside the strips."""

_LABELS = 42
"""What a scatter needs beside its square for the names of its axes."""

_UNBOUNDED = 16_777_215


def signals_of(arrays: Mapping[str, Array]) -> tuple[str, ...]:
    """The signals that were looked at: "state/h", "state/c", "result"."""
    return tuple(name.removeprefix("off/") for name in arrays if name.startswith("off/"))


def summary(arrays: Mapping[str, Array]) -> str:
    """What there is to be said about the units of a layer, as sentences.

    Args:
        arrays: what the analysis "saturation" gives.
    """
    signal = signals_of(arrays)[0]
    units = len(arrays[f"off/{signal}"])
    dead = np.asarray(arrays[f"dead/{signal}"]) > 0
    still = (np.asarray(arrays[f"still/{signal}"]) > 0) & ~dead
    off = (np.asarray(arrays[f"off/{signal}"]) >= _MOSTLY) & ~dead & ~still
    with np.errstate(invalid="ignore"):
        full = (np.asarray(arrays[f"saturated/{signal}"]) >= _MOSTLY) & ~still
    told = []
    for found, one, many in (
        (dead, "is dead: zero at every step", "are dead: zero at every step"),
        (still, "never moves", "never move"),
        (off, "is off half of the time or more", "are off half of the time or more"),
        (full, "is saturated half of the time or more", "are saturated half of the time or more"),
    ):
        count = int(found.sum())
        if count:
            told.append(f"{count} of {units} units {one if count == 1 else many}")
    well = f"All {units} units move, and none is stuck at an end of its range"
    if units == 1:
        well = "The only unit moves, and is not stuck at an end of its range"
    said = "; ".join(told) if told else well
    return f"{said}.{_not_finite(arrays)}"


def _not_finite(arrays: Mapping[str, Array]) -> str:
    told = []
    for kind, word in (("nan", "NaN"), ("inf", "Infinite values")):
        for signal in signals_of(arrays):
            since = np.asarray(arrays[f"{kind}/{signal}"])
            wrong = np.flatnonzero(since >= 0)
            if len(wrong):
                named = f"unit {wrong[0]}" if len(wrong) == 1 else f"{len(wrong)} units"
                told.append(f" {word} in {_symbol(signal)} of {named} since step {int(since[wrong].min())}.")
    return "".join(told)


class SaturationView(View):
    """Scatters of gates, strips of units, and a sentence."""

    explanation = (
        "Every dot is a unit: right, its gate is often shut; up, often open. Strips: units off or stuck."
    )

    def build(self) -> None:
        """The sentence above, scatters on the left, strips on the right."""
        self.side_button = ChoiceButton("Of", self.body)
        self.side_button.setToolTip("Whose gates and units are shown")
        self.side_button.setAccessibleName("Whose gates and units are shown")
        self.side_button.picked.connect(self._side_picked)
        self.words = QLabel(self.body)
        self.words.setWordWrap(True)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        top = QHBoxLayout()
        top.setContentsMargins(12, 0, 12, 0)
        top.addWidget(self.side_button)
        top.addWidget(self.words, 1)
        self.scatters: list[Scatter] = []
        self._row = QHBoxLayout()
        self._row.setSpacing(0)
        self._gates = QWidget(self.body)
        self._gates.setLayout(self._row)
        self._row.setContentsMargins(4, 0, 4, 0)
        self.strips = UnitStrips(self.body)
        self.strips.picked.connect(self._picked)
        self._offer(self.strips)
        self._parts = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._parts.addWidget(self._gates, 5)
        self._parts.addWidget(self.strips, 4)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(2)
        column.addLayout(top)
        column.addLayout(self._parts, 1)
        self._side = ""
        self._answer: Analysis | None = None
        self._answered_for: tuple[object, ...] = ()

    def draw(self, layer: Layer, trace: Trace | None) -> str:
        """Ask for the counts, and show those that came last."""
        assert trace is not None
        # What does not compute step by step is looked at by what it gives.
        choices = stepping(layer, trace) or {"": Side("", "Result", layer, False)}
        if self._side not in choices:
            self._side = next(iter(choices))
        side = choices[self._side]
        self.side_button.show_choices({name: each.words for name, each in choices.items()}, self._side)
        self.side_button.setVisible(len(choices) > 1)
        question = Question("saturation", side.layer.id, side.options)
        answer, about = self.workspace.analyses.answer(question), (self._layer_id, side.name)
        if answer is not None:
            self._answer, self._answered_for = answer, about
        elif reason := self.workspace.analyses.reason(question):
            return reason
        if self._answer is None or self._answered_for != about:
            self._answer = None
            return "Counting …"
        self._show(side, self._answer.arrays)
        return ""

    def numbers(self) -> Mapping[str, Array]:
        """Every array of the answer, by its name."""
        return dict(self._answer.arrays) if self._answer is not None else {}

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the strips where they leave the scatters the most room."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        gates = sum(not scatter.isHidden() for scatter in self.scatters)
        if not gates:
            return
        wide, high = self.width(), self.height() - _SENTENCES
        strips = self.strips.sizeHint().height()
        below = min(wide / gates, high - strips) - _LABELS
        beside = min(wide * _BESIDE / gates, high) - _LABELS
        stacked = below > beside
        direction = QBoxLayout.Direction.TopToBottom if stacked else QBoxLayout.Direction.LeftToRight
        if self._parts.direction() != direction:
            self._parts.setDirection(direction)
        self.strips.setMaximumHeight(strips if stacked else _UNBOUNDED)

    def _show(self, side: Side, arrays: Mapping[str, Array]) -> None:
        signals = signals_of(arrays)
        units = len(arrays[f"off/{signals[0]}"])
        colors = self._colors(units)
        gates = [name.removeprefix("left/") for name in arrays if name.startswith("left/")]
        while len(self.scatters) < len(gates):
            scatter = Scatter(self._gates)
            scatter.picked.connect(self._picked)
            self._offer(scatter)
            self._row.addWidget(scatter)
            self.scatters.append(scatter)
        for number, scatter in enumerate(self.scatters):
            scatter.setVisible(number < len(gates))
            if number < len(gates):
                gate = gates[number]
                low, high = (f"{float(each):.3g}".replace("-", "−") for each in arrays[f"ends/{gate}"])
                shares = arrays[f"left/{gate}"], arrays[f"right/{gate}"]
                scatter.show_gate(_gate_title(side.layer, gate), (f"< {low}", f"> {high}"), *shares, colors)
        self._gates.setVisible(bool(gates))
        self.strips.show_rows(_rows(arrays, signals), colors)
        self._arrange()
        samples, steps = (int(each) for each in arrays["count"])
        over = f"{samples} sample{'' if samples == 1 else 's'}"
        over += f" × {steps} steps" if steps > 1 else ""
        self.words.setText(f"{summary(arrays)} Over {over}.")

    def _colors(self, units: int) -> dict[int, QColor]:
        chosen = drawn_units(self, self._layer_id, units)
        return self.shared.units(self._layer_id).colors(chosen, theme())

    def _side_picked(self, side: str) -> None:
        self._side = side
        self.refresh()

    def _offer(self, picture: Scatter | UnitStrips) -> None:
        self.offers.offer(picture, picture.unit_at, side=lambda: self._side, chosen=lambda: picture.current)

    def _picked(self, unit: int) -> None:
        chosen = drawn_units(self, self._layer_id)
        self.workspace.playback.choose_units(self._layer_id, toggled(chosen, unit))


def _rows(arrays: Mapping[str, Array], signals: tuple[str, ...]) -> list[StripRow]:
    rows = []
    for signal in signals:
        symbol = _symbol(signal)
        for kind, word in (("off", "off"), ("saturated", "saturated")):
            values = np.asarray(arrays[f"{kind}/{signal}"])
            if np.isnan(values).all():
                continue
            said = [f"{symbol} {word} at {value:.0%} of the steps" for value in values]
            rows.append(StripRow(f"{symbol} {word}", values, f"{values.mean():.0%} on average", said=said))
        for kind, word in (("still", "still"), ("dead", "dead")):
            values = np.asarray(arrays[f"{kind}/{signal}"])
            if values.any():
                words = "never moves" if kind == "still" else "is dead"
                said = [f"{symbol} {words}" if value else "" for value in values]
                count = f"{int(values.sum())} of {len(values)}"
                rows.append(StripRow(f"{symbol} {word}", values, count, True, said))
        for kind, word in (("nan", "NaN"), ("inf", "infinite")):
            since = np.asarray(arrays[f"{kind}/{signal}"])
            if (since >= 0).any():
                said = [f"{symbol} {word} since step {int(step)}" if step >= 0 else "" for step in since]
                count = f"since step {int(since[since >= 0].min())}"
                rows.append(StripRow(f"{symbol} {word}", since >= 0, count, True, said))
    return rows


def _symbol(signal: str) -> str:
    return signal.removeprefix("state/").replace("result/0", "output").replace("result", "output")


def _gate_title(layer: Layer, gate: str) -> str:
    """The symbol that the layer's formulas have, and the name: "f forget"."""
    name = gate.partition("/")[2]
    symbol = next((each.symbol for each in layer.gates if each.path.endswith(gate)), "")
    return f"{symbol} {name}".strip()
