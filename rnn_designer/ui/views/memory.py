"""How far back a recurrent layer remembers: the gradient of its state at one step by everything before that step."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QVBoxLayout

from rnn_designer.design import Layer
from rnn_designer.session.analyses import Question
from rnn_designer.ui.scopes.chips import ChoiceButton
from rnn_designer.ui.scopes.frame import Window
from rnn_designer.ui.scopes.units import toggled
from rnn_designer.ui.views.memory_picture import Curve, MemoryPicture, colored
from rnn_designer.ui.views.memory_plot import MemoryPlot
from rnn_designer.ui.views.sides import Side, drawn_units, stepping
from rnn_designer.ui.views.view import View

if TYPE_CHECKING:
    from rnn_designer.messages import Analysis, Array, Trace

LAST, CURSOR, HELD = "last", "cursor", "held"
ALL = "all"
_TOKENS = ("accent", "violet", "positive", "slate", "error", "information")
_LEVEL = 0.002
"""A norm that changes by less than this share per step keeps its size."""

_WIDE = 760
"""From this width on the sentence has room beside the choices."""

_EXPLODES = 1.05
"""From this factor per step on a norm explodes; below it grows."""


def pace(slope: float) -> str:
    """How fast a norm changes on the way back, in words.

    Args:
        slope: of its natural logarithm by the number of steps before T.
    """
    if math.isnan(slope):
        return "too few steps to tell how fast"
    factor = math.exp(min(slope, 80.0))
    if abs(slope) <= _LEVEL:
        return f"keeps its size (×{factor:.4f} per step)"
    steps = math.log(2) / abs(slope)
    if slope < 0:
        return f"falls to a half in {steps:.3g} step{'' if f'{steps:.3g}' == '1' else 's'}"
    if factor >= _EXPLODES:
        return f"explodes: ×{factor:.3g} per step"
    return f"grows to twice its size in {steps:.3g} steps"


class MemoryView(View):
    """Norms of the gradient over time, and by which input or unit."""

    explanation = (
        "How strongly the state at step T depends on each step before: small is forgotten, huge is exploding. "
        "Double-click sets T."
    )

    def build(self) -> None:
        """Choices and a sentence above, the plot below."""
        self.side_button = ChoiceButton("Of", self.body)
        self.side_button.setToolTip("Whose states are followed back")
        self.side_button.setAccessibleName("Whose states are followed back")
        self.side_button.picked.connect(self._side_picked)
        self.step_button = ChoiceButton("T", self.body)
        self.step_button.setToolTip(
            "From which step gradients go back; double-click a step in the plot to hold it"
        )
        self.step_button.setAccessibleName("From which step gradients go back")
        self.step_button.picked.connect(self._mode_picked)
        self.unit_button = ChoiceButton("Unit", self.body)
        self.unit_button.setToolTip("All units at T together, or one of those that have a colour")
        self.unit_button.setAccessibleName("Which unit at T")
        self.unit_button.picked.connect(self._unit_picked)
        self.map_button = ChoiceButton("Map", self.body)
        self.map_button.setToolTip("By what the gradient of the map is taken")
        self.map_button.setAccessibleName("By what the gradient of the map is taken")
        self.map_button.picked.connect(self._map_picked)
        self.logarithmic = self.map_button.add_option(
            "Logarithmic colours", "Let colours go by powers of ten, so that faint gradients can be seen"
        )
        self.logarithmic.setChecked(True)
        self.logarithmic.toggled.connect(self.refresh)
        self.words = QLabel(self.body)
        self.words.setWordWrap(True)
        self.words.setContentsMargins(12, 0, 12, 0)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.plot = MemoryPlot(self.body)
        self.plot.step_picked.connect(self._go_to)
        self.plot.held.connect(self.hold)
        self.plot.row_picked.connect(self._row_picked)
        # A double-click there looks at the gradients of the step.
        self.offers.offer(
            self.plot,
            lambda at: None if self._map == "input" else self.plot.row_at(at.y()),
            side=lambda: self._side,
            chosen=self.chosen_unit,
            double=False,
        )
        choices = QHBoxLayout()
        choices.setContentsMargins(12, 0, 0, 0)
        for each in (self.side_button, self.step_button, self.unit_button, self.map_button):
            choices.addWidget(each)
        choices.addStretch(1)
        self._top = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._top.setSpacing(0)
        self._top.addLayout(choices)
        self._top.addWidget(self.words, 1)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(2)
        column.addLayout(self._top)
        column.addWidget(self.plot, 1)
        self._side, self._mode, self._held, self._unit, self._map = "", LAST, 0, ALL, "input"
        self._steps = 1
        self._answer: Analysis | None = None
        self._answered_for: tuple[object, ...] = ()
        self.shared.window_changed.connect(self._window_changed)

    def draw(self, layer: Layer, trace: Trace | None) -> str:
        """Ask for the gradients, and show those that came last."""
        assert trace is not None
        choices = stepping(layer, trace)
        if not choices:
            return (
                f"“{layer.name}” carries nothing from step to step, so there is no memory to look at. Select a "
                "recurrent layer."
            )
        if self._side not in choices:
            self._side = next(iter(choices))
        side = choices[self._side]
        self.side_button.show_choices({name: each.words for name, each in choices.items()}, self._side)
        self.side_button.setVisible(len(choices) > 1)
        output = trace.signal(layer.id, side.path("output"))
        assert output is not None
        self._steps, units = output.shape[1], output.shape[-1]
        self._show_choices(drawn_units(self, self._layer_id, units))
        return self._ask(side, trace.run)

    def move_cursor(self, step: int) -> None:
        """Follow the cursor; where T is its step, gradients follow, too."""
        local = self._local(step)
        self.plot.show_cursor(local)
        if self._mode == CURSOR and self._answer is not None:
            self.step_button.show_choices(self._modes(), self._mode)
            if int(self._answer.arrays["step"]) != local:
                self.refresh_gradients()

    def refresh_gradients(self) -> None:
        """Ask for what is wanted now; the picture stays until the answer is there."""
        layer, trace = self.layer, self.workspace.live.trace
        if layer is not None and trace is not None:
            side = stepping(layer, trace).get(self._side)
            if side is not None:
                self._ask(side, trace.run)

    def numbers(self) -> Mapping[str, Array]:
        """Every array of the answer, by its name."""
        return dict(self._answer.arrays) if self._answer is not None else {}

    def hold(self, step: int) -> None:
        """Make a step T, and keep it."""
        self._held, self._mode = step, HELD
        self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Have the sentence beside the choices where there is room: height is scarce in a dock."""
        super().resizeEvent(event)
        wide = self.width() >= _WIDE
        direction = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        if self._top.direction() != direction:
            self._top.setDirection(direction)

    # Asking

    def question(self, side: Side) -> Question:
        """What the worker is asked."""
        step = {LAST: -1, CURSOR: self._local(self.workspace.playback.step), HELD: self._held}[self._mode]
        options = {
            "step": float(min(step, self._steps - 1)),
            "unit": -1.0 if self._unit == ALL else float(self._unit),
            "sample": float(self.workspace.playback.sample),
            **side.options,
        }
        return Question("gradients", side.layer.id, options)

    def _ask(self, side: Side, run: int) -> str:
        question = self.question(side)
        answer = self.workspace.analyses.answer(question)
        about = (self._layer_id, side.name)
        if answer is not None:
            self._answer, self._answered_for = answer, about
        elif reason := self.workspace.analyses.reason(question):
            return reason
        if self._answer is None or self._answered_for != about:
            self._answer = None
            return "Following the gradients back …"
        shown = self._answer.arrays["input"]
        if len(shown) != self._steps:
            return "Following the gradients back …"
        self._paint(side)
        return ""

    # Showing

    def _modes(self) -> dict[str, str]:
        modes = {LAST: "last step read", CURSOR: "the cursor's step"}
        if self._mode == HELD:
            modes[HELD] = f"step {min(self._held, self._steps - 1)}"
        return modes

    def _show_choices(self, units: tuple[int, ...]) -> None:
        self.step_button.show_choices(self._modes(), self._mode)
        if self._unit != ALL and int(self._unit) not in units:
            self._unit = ALL
        choices = {ALL: "all", **{str(unit): f"unit {unit}" for unit in units}}
        self.unit_button.show_choices(choices, self._unit)

    def _paint(self, side: Side) -> None:
        assert self._answer is not None
        arrays, facts = self._answer.arrays, self._answer.facts
        names = [name for name in arrays if "state/" in name]
        maps = {"input": "by the input", **{name: f"by {_state(name)}" for name in names}}
        if self._map not in maps:
            self._map = "input"
        self.map_button.show_choices(maps, self._map)
        curves = [Curve("input", np.asarray(arrays["norm/input"]), "green")]
        for number, name in enumerate(names):
            short = _short(name)
            intercept, slope = (float(each) for each in arrays[f"fit/{short}"])
            line = None if math.isnan(slope) else (intercept, slope)
            norms = np.asarray(arrays[f"norm/{short}"])
            curves.append(Curve(_state(name), norms, _TOKENS[number % len(_TOKENS)], line))
        step = int(arrays["step"])
        target = _target(facts["target"], step, self._unit)
        rows = "feature" if self._map == "input" else "unit"
        values, signed = np.asarray(arrays[self._map], np.float32), bool(arrays["signed"])
        logarithmic, trace = self.logarithmic.isChecked(), self.workspace.live.trace
        assert trace is not None
        key = ("gradients", self._answer.run, self._map, logarithmic)
        colors = self.shared.digests.made(
            trace, key, lambda: colored(values, signed, logarithmic), values.size
        )
        picture = MemoryPicture(
            (*curves[1:], curves[0]),
            values,
            rows,
            f"Gradient of {target} {maps[self._map]}, by {rows}",
            step,
            bool(arrays["backwards"]),
            signed,
            logarithmic,
            colors,
        )
        self.plot.show_picture(picture, self._own_window(self.shared.window))
        self.words.setText(self._sentence(names, target))

    def _sentence(self, names: list[str], target: str) -> str:
        assert self._answer is not None
        facts = self._answer.facts
        told = {_state(name): self._pace(_short(name)) for name in names}
        if set(told.values()) == {pace(math.nan)}:
            said = f"changes over {pace(math.nan)}"
        else:
            said = "; ".join(f"by {name}: {words}" for name, words in told.items())
        rows = int(facts["rows"])
        spread = 100 * math.sqrt(0.5 / rows)
        how = (
            f"{rows} random combinations of units, so norms are estimates (within about {spread:.0f} %)"
            if facts["method"] == "random"
            else ("one unit, exactly" if self._unit != ALL else "all units, exactly")
        )
        trace = self.workspace.live.trace
        dropped = " Dropout is left out." if trace is not None and trace.training else ""
        return f"Gradient of {target} {said}. From {how}.{dropped}"

    def _pace(self, short: str) -> str:
        """How the norm by one state changes, and from where back there is nothing left of it."""
        assert self._answer is not None
        arrays = self._answer.arrays
        words = pace(float(arrays[f"fit/{short}"][1]))
        step = int(arrays["step"])
        gone = np.flatnonzero(np.asarray(arrays[f"norm/{short}"]) == 0)
        # What is looked at may not depend on this state at T itself: h does not on c, once both are there.
        gone = gone[gone != step]
        if not len(gone):
            return words
        nearest = int(gone[np.abs(gone - step).argmin()])
        nothing = f"nothing comes through from step {nearest} on the way back"
        return nothing if words == pace(math.nan) else f"{words}, {nothing}"

    def _local(self, step: int) -> int:
        """The layer's own step at a step of the linked time axis: pooled layers have fewer."""
        whole = max(1, self.workspace.playback.steps)
        return max(0, min(step * self._steps // whole, self._steps - 1))

    def _own_window(self, window: Window) -> Window:
        if window.steps == self._steps or window.steps == 0:
            return window if window.steps else Window.whole(self._steps)
        stretch = self._steps / window.steps
        return Window(self._steps, (window.first + 0.5) * stretch - 0.5, (window.last + 0.5) * stretch - 0.5)

    # What the user does

    def _window_changed(self, window: Window) -> None:
        self.plot.show_window(self._own_window(window))

    def _go_to(self, step: int) -> None:
        whole = max(1, self.workspace.playback.steps)
        self.workspace.playback.go_to(math.ceil(step * whole / self._steps))

    def _side_picked(self, side: str) -> None:
        self._side = side
        self.refresh()

    def _mode_picked(self, mode: str) -> None:
        self._mode = mode
        self.refresh()

    def _unit_picked(self, unit: str) -> None:
        self._unit = unit
        self.refresh()

    def _map_picked(self, name: str) -> None:
        self._map = name
        self.refresh()

    def _row_picked(self, row: int) -> None:
        if self._map != "input":
            units = self.workspace.playback.units(self._layer_id)
            self.workspace.playback.choose_units(self._layer_id, toggled(units, row))


def _short(name: str) -> str:
    """A state as the worker names it beside its norm: "state/h" is "h", "cell_0/state/h" is "cell_0/h"."""
    return name.removeprefix("state/").replace("/state/", "/")


def _state(name: str) -> str:
    """A state as it is spoken of: "h", "h of cell 0.1"."""
    *cells, state = _short(name).split("/")
    where = ".".join(each.removeprefix("cell_") for each in cells)
    return f"{state} of cell {where}" if where else state


def _target(name: str, step: int, unit: str) -> str:
    what = "the output" if name == "output" else _state(name)
    return f"{what}{'' if unit == ALL else f'[{unit}]'} at step {step}"
