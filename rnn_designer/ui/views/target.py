"""What an output gives beside what it should give, for the sample on the canvas: before, while and after it learns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QVBoxLayout

from rnn_designer.design import Layer
from rnn_designer.design.tasks import TASKS, FittedGoal, fitting
from rnn_designer.ui.numbers import number
from rnn_designer.ui.scopes.frame import Window
from rnn_designer.ui.theme import theme
from rnn_designer.ui.training.targets import Pair, pair
from rnn_designer.ui.views.sides import drawn_units
from rnn_designer.ui.views.time_lines import Curve, TimeLines
from rnn_designer.ui.views.view import View

if TYPE_CHECKING:
    from rnn_designer.messages import Array, Trace

_MOST = 3
_RIGHT = "p right"


class TargetView(View):
    """Prediction and target over the steps; of an output with one answer for each sample, over the samples."""

    explanation = "Target: what the output gives (strong) over what it is to give (pale, ′)."

    def build(self) -> None:
        """A sentence, the lines."""
        self._pair: Pair | None = None
        self.facts = QLabel(self.body)
        self.facts.setProperty("role", "muted")
        self.facts.setWordWrap(True)
        self.facts.setTextFormat(Qt.TextFormat.PlainText)
        self.facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.facts.setContentsMargins(12, 0, 12, 0)
        self.lines = TimeLines(self.body)
        self.setFocusProxy(self.lines)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 2)
        column.setSpacing(2)
        column.addWidget(self.facts)
        column.addWidget(self.lines, 1)
        self.lines.step_wanted.connect(self._go_to)
        self.lines.moved.connect(self._move)

    def draw(self, layer: Layer, trace: Trace | None) -> str:
        """Show the layer's output beside its targets; a sentence where it has none."""
        assert trace is not None
        self._pair = None
        checked = self.workspace.checks.checked
        goals = fitting(checked.design, checked)
        goal = goals.get(layer.id)
        if goal is None:
            named = " or ".join(f"“{checked.design.layer(each).name}”" for each in goals)
            return (
                f"“{layer.name}” is no output, so nobody tells it what to give. Select {named}."
                if named
                else "The design has no output that could learn yet. End it with a Dense layer."
            )
        output = trace.signal(layer.id, "result")
        fitted = self.workspace.samples.fitted(goal.input)
        if output is None or fitted is None or trace.generated is not None:
            return (
                "There is nothing to compare with while the design goes on by itself, or has no samples yet."
            )
        if goal.missing:
            return goal.missing
        found = pair(goal, fitted, output)
        if isinstance(found, str):
            return found
        self._pair = found
        self._draw(layer, goal, found)
        return ""

    def move_cursor(self, step: int) -> None:
        """Follow the step, or where each sample has one answer, the sample."""
        found = self._pair
        if found is not None:
            self.lines.show_step(step if found.per_step else self.workspace.playback.sample)

    def numbers(self) -> Mapping[str, Array]:
        """What is given and wanted, ``(steps, features)`` of the sample, or ``(samples, features)``."""
        found = self._pair
        if found is None:
            return {}
        sample = self.workspace.playback.sample
        return {
            "given": found.of_sample(found.given, sample),
            "wanted": found.of_sample(found.wanted, sample),
        }

    def _draw(self, layer: Layer, goal: FittedGoal, found: Pair) -> None:
        sample = self.workspace.playback.sample
        given, wanted = found.of_sample(found.given, sample), found.of_sample(found.wanted, sample)
        units = drawn_units(self, layer.id, given.shape[1])[:_MOST] or (0,)
        if found.classes:
            units = (0,)
        colors = self.shared.units(layer.id).colors(units, theme())
        curves = []
        for unit in units:
            pale = QColor(colors[unit])
            pale.setAlphaF(0.5)
            name = _RIGHT if found.classes else f"{unit}"
            curves.append(Curve(name, given[:, unit], colors[unit], found.classes))
            if not found.classes:
                curves.append(Curve(f"{unit}′", wanted[:, unit], pale))
        self.lines.show_curves(curves, Window.whole(len(given)))
        self.lines.setAccessibleName(f"What {layer.name} gives and what it is to give")
        over = "each step" if found.per_step else "each sample of the batch"
        self.facts.setText(f"{TASKS[goal.task].title}, {over}. {_words(found, sample)}")

    def _go_to(self, step: int) -> None:
        found = self._pair
        if found is not None and not found.per_step:
            self.workspace.playback.show_sample(step)
        else:
            self.workspace.playback.go_to(step)

    def _move(self, steps: int) -> None:
        playback = self.workspace.playback
        per_step = self._pair is None or self._pair.per_step
        self._go_to((playback.step if per_step else playback.sample) + steps)


def _words(found: Pair, sample: int) -> str:
    """How far what is given is from what is wanted."""
    if found.right is not None:
        right = found.of_sample(found.right, sample)
        known = right[np.isfinite(right)]
        if not known.size:
            return "There is no target in what is shown."
        return (
            f"The likeliest class is the right one in {int(known.sum())} of {known.size}; drawn is the probability "
            "that is given to the right one."
        )
    apart = np.abs(found.of_sample(found.given - found.wanted, sample)).astype(np.float64)
    known = apart[np.isfinite(apart)]
    if not known.size:
        return "There is no target in what is shown."
    return f"They are {number(float(known.mean()))} apart in the mean, {number(float(known.max()))} at most."
