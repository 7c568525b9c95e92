"""The path of a layer's states through their space, and the states in which it would stay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from rnn_designer.design import Layer
from rnn_designer.session.analyses import Question
from rnn_designer.ui.numbers import number as written
from rnn_designer.ui.scopes.chips import ChoiceButton
from rnn_designer.ui.theme import theme
from rnn_designer.ui.views.path_labels import given_classes, path_labels
from rnn_designer.ui.views.space import LABEL, SAMPLE, TIME, Space
from rnn_designer.ui.views.space_paths import Paths, Points
from rnn_designer.ui.views.state_choice import StateChoice, state_choices
from rnn_designer.ui.views.view import View
from rnn_designer.ui.widgets.flow import FlowLayout

if TYPE_CHECKING:
    from rnn_designer.messages import Analysis, Array, Trace

FLAT, DEEP = "flat", "deep"
ALL, ONE = "all", "one"
OFF, CURSOR = "off", "cursor"
HELD = {"zero": 0, "mean": 1, CURSOR: 2}
"""What the input is held at while fixed points are looked for, as the analysis numbers it."""

_AFTER = 300
"""Milliseconds for which the cursor has to stand still before its input is held."""
_TOLD = 5
_BESIDE = 300
_LOW = 240
_KIND, _POINTS = "trajectory", "fixed_points"

GIVEN = "given"
_COLORS = {TIME: "Time", SAMPLE: "Sample"}
_CLASSES = {LABEL: "Label", GIVEN: "Class given"}


class TrajectoryView(View):
    """Principal components of the states of all samples, turned by the mouse, with fixed points among them."""

    explanation = (
        "Each state is a point, a sample's states a path, seen along the directions in which they vary most."
    )

    def build(self) -> None:
        """Choices above, the space below, the fixed points beside it."""
        self._key = ""
        self._answer: Analysis | None = None
        self._answer_for: tuple[str, str] = ("", "")
        self._places: Array = np.zeros((0, 0, 3), np.float32)
        self._components: Array = np.zeros((3, 0), np.float32)
        self._points: Analysis | None = None
        self._points_for: tuple[str, ...] = ()
        self._rows: list[tuple[str, ...]] = []
        self.state_button = ChoiceButton("Of", self.body)
        self.state_button.setToolTip("Whose path is shown: one state, or all of them together")
        self.color_button = ChoiceButton("Colour", self.body)
        self.color_button.setToolTip(
            "What the colour of a path tells: also labels, and classes given by a softmax, where there are some"
        )
        self.color_button.show_choices(_COLORS, TIME)
        self.samples_button = ChoiceButton("Samples", self.body)
        self.samples_button.show_choices({ALL: "All", ONE: "One"}, ALL)
        self.depth_button = ChoiceButton("", self.body)
        self.depth_button.setAccessibleName("Directions")
        self.depth_button.setToolTip(
            "Two directions, or three that the mouse turns (Shift and arrows do, too)"
        )
        self.depth_button.show_choices({FLAT: "2-D", DEEP: "3-D"}, FLAT)
        self.points_button = ChoiceButton("Fixed points", self.body)
        self.points_button.setToolTip(
            "States that the layer would stay in while its input is held at what you choose here"
        )
        self.points_button.show_choices(
            {OFF: "Off", "zero": "Input zero", "mean": "Mean input", CURSOR: "Input at the cursor"}, OFF
        )
        self.space = Space(self.workspace.playback, self.body)
        self.shares = QLabel(self.body)
        self.shares.setProperty("role", "muted")
        self.shares.setWordWrap(True)
        self.shares.setContentsMargins(12, 0, 12, 0)
        self.points_said = QLabel(self.body)
        self.points_said.setProperty("role", "muted")
        self.points_said.setWordWrap(True)
        self.list = QTreeWidget(self.body)
        self.list.setHeaderLabels(["", "|λ| max", "Speed", "Leads away"])
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setAccessibleName("Fixed points")
        self.list.setMinimumSize(120, 40)
        self.list.setColumnWidth(0, 84)
        self.list.setColumnWidth(1, 64)
        self.list.setColumnWidth(2, 58)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.side = QWidget(self.body)
        beside = QVBoxLayout(self.side)
        beside.setContentsMargins(4, 0, 8, 4)
        beside.addWidget(self.points_said)
        beside.addWidget(self.list, 1)
        top = FlowLayout()
        top.setContentsMargins(12, 0, 12, 0)
        for each in (
            self.state_button,
            self.depth_button,
            self.color_button,
            self.samples_button,
            self.points_button,
        ):
            top.addWidget(each)
        middle = QHBoxLayout()
        middle.setContentsMargins(4, 0, 0, 0)
        middle.addWidget(self.space, 1)
        middle.addWidget(self.side)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(top)
        column.addWidget(self.shares)
        column.addLayout(middle, 1)
        self.side.hide()
        self._still = QTimer(self)
        self._still.setSingleShot(True)
        self._still.setInterval(_AFTER)
        self._still.timeout.connect(self.refresh)
        self._held_at = (-1, -1)
        self.state_button.picked.connect(self._state_picked)
        self.color_button.picked.connect(self.refresh)
        self.samples_button.picked.connect(self.refresh)
        self.depth_button.picked.connect(self._depth_picked)
        self.points_button.picked.connect(self._points_picked)
        self.space.point_pressed.connect(self._point_pressed)
        self.list.currentItemChanged.connect(self._row_chosen)
        self.workspace.analyses.progressed.connect(self._progressed)

    # Drawing

    def draw(self, layer: Layer, trace: Trace | None) -> str:
        """Ask for the directions and draw the paths, those of before until the answer is there."""
        assert trace is not None
        choices = state_choices(layer, trace)
        if not choices:
            return (
                f"“{layer.name}” gives no value at every step that could make a path. Select a recurrent layer, or one "
                "that returns sequences."
            )
        if self._key not in choices:
            self._key = next(iter(choices))
        choice = choices[self._key]
        self.state_button.show_choices({key: each.words for key, each in choices.items()}, self._key)
        self.state_button.setEnabled(len(choices) > 1)
        self.samples_button.setVisible(self.workspace.playback.samples > 1)
        analyses = self.workspace.analyses
        question = Question(_KIND, layer.id, choice.options)
        answer = analyses.answer(question)
        if answer is not None:
            self._take(answer, (layer.id, self._key))
        elif analyses.reason(question):
            return analyses.reason(question)
        if self._answer is None or self._answer_for != (layer.id, self._key):
            return "Working out in which directions the states vary most …"
        self._show_paths(layer, choice)
        self._show_points(layer, choice)
        return ""

    def move_cursor(self, step: int) -> None:
        """Move the marks; the input at the cursor is held once the cursor stands still."""
        self.space.update()
        here = (self.workspace.playback.sample, step)
        if self.points_button.current == CURSOR and here != self._held_at:
            self._still.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The list leaves the larger part to the paths, and words give way to them where there is little room."""
        super().resizeEvent(event)
        self.shares.setVisible(self.height() >= _LOW)
        self.side.setFixedWidth(min(_BESIDE, round(0.44 * self.width())))

    def numbers(self) -> Mapping[str, Array]:
        """The paths as a table of sample, step and places; directions; fixed points."""
        if self._answer is None:
            return {}
        samples, steps = self._places.shape[:2]
        where = np.indices((samples, steps)).reshape(2, -1).T
        found = {
            "sample, step, place along each direction": np.column_stack([where, self._places.reshape(-1, 3)]),
            "shares of the variance": self._answer.arrays["shares"],
            "directions": self._components,
            "mean": self._answer.arrays["mean"],
        }
        if self._points is not None:
            found |= {
                "fixed points": self._points.arrays["state"],
                "fixed points, largest eigenvalue": self._points.arrays["largest"],
                "fixed points, speed": self._points.arrays["speed"],
                "fixed points, directions that lead away": self._points.arrays["unstable"],
                "fixed points, input held": np.ravel(self._points.arrays["input"]),
            }
        return {name: array for name, array in found.items() if array.size}

    def _take(self, answer: Analysis, shown: tuple[str, str]) -> None:
        """Keep an answer; directions that point the other way than before are turned round, so that nothing flips."""
        if answer is self._answer and shown == self._answer_for:
            return
        components = answer.arrays["components"]
        signs = np.ones(3, np.float32)
        if shown == self._answer_for and components.shape == self._components.shape:
            signs = np.where((components * self._components).sum(axis=1) < 0, -1, 1).astype(np.float32)
        self._answer, self._answer_for = answer, shown
        self._components = components * signs[:, None]
        self._places = answer.arrays["places"] * signs

    def _show_paths(self, layer: Layer, choice: StateChoice) -> None:
        assert self._answer is not None
        shares = self._answer.arrays["shares"]
        samples = self._places.shape[0]
        sample = min(self.workspace.playback.sample, samples - 1)
        rows = (sample,) if self.samples_button.current == ONE else tuple(range(samples))
        units = [
            unit
            for unit in self.workspace.playback.units(layer.id)
            if len(choice.signals) == 1 and unit < self._components.shape[1]
        ]
        colors = self.shared.units(layer.id).colors(units, theme()) if units else {}
        lengths = np.linalg.norm(self._components, axis=0)
        names = [
            f"{_ORDINALS[k]} direction · {share:.0%}" if share > 0 else "" for k, share in enumerate(shares)
        ]
        color, labels = self._choose_color()
        self.space.show_paths(
            Paths(
                self._places[list(rows)],
                rows,
                (names[0] or "no movement", names[1], names[2]),
                (self._loadings(0), self._loadings(1), self._loadings(2)),
                self._components[:, units].T / max(float(lengths.max()), 1e-12) if units else None,
                tuple(str(unit) for unit in units),
                tuple(QColor(colors[unit]) for unit in units),
                None if labels is None else labels[list(rows)],
                "class given" if color == GIVEN else "label",
            ),
            LABEL if labels is not None else color,
        )
        self.shares.setText(_in_words(shares, int(self._answer.arrays["left_out"])))

    def _choose_color(self) -> tuple[str, Array | None]:
        """Offer what there is to colour by: what is chosen, and its classes ``(samples, steps)`` where it has some."""
        trace, (samples, steps) = self.workspace.live.trace, self._places.shape[:2]
        found = {}
        if trace is not None:
            found[LABEL] = path_labels(self.workspace, trace, samples, steps)
            found[GIVEN] = given_classes(self.workspace, trace, samples, steps)
        choices = _COLORS | {key: _CLASSES[key] for key, each in found.items() if each is not None}
        current = self.color_button.current
        color = current if current in choices else TIME
        self.color_button.show_choices(choices, color)
        return color, found.get(color)

    def _loadings(self, direction: int) -> str:
        """Which units a direction is made of, the strongest first."""
        own = self._components[direction]
        strongest = np.argsort(-np.abs(own), kind="stable")[:_TOLD]
        said = "\n".join(f"unit {unit}: {written(float(own[unit]))}" for unit in strongest if own[unit])
        share = 0.0 if self._answer is None else float(self._answer.arrays["shares"][direction])
        rest = f"\nand {len(own) - _TOLD} more, each with less" if len(own) > _TOLD else ""
        if not share:
            return ""
        return f"{_ORDINALS[direction].capitalize()} direction, {share:.1%} of the variance:\n{said}{rest}"

    # Fixed points

    def _show_points(self, layer: Layer, choice: StateChoice) -> None:
        held = self.points_button.current
        self.side.setVisible(held != OFF)
        if held == OFF:
            self._points, self._points_for = None, ()
            self.space.show_points(None)
            return
        if not choice.carried:
            self._no_points("Only recurrent layers have states in which they could stay. Select one.")
            return
        options = {**choice.options, "input": float(HELD[held])}
        playback = self.workspace.playback
        if held == CURSOR:
            if not (playback.playing or self._still.isActive()):
                self._held_at = (playback.sample, playback.step)
            options |= {"sample": float(self._held_at[0]), "step": float(self._held_at[1])}
        shown = (layer.id, self._key, held)
        if shown != self._points_for:
            self._points, self._points_for = None, shown
        if held == CURSOR and self._held_at[0] < 0:
            return
        question = Question(_POINTS, layer.id, options)
        analyses = self.workspace.analyses
        answer = analyses.answer(question)
        if answer is not None:
            self._points = answer
            self._list_points(answer)
            self.points_said.setText(_found_in_words(answer, held, self._held_at))
        elif analyses.reason(question):
            self._no_points(analyses.reason(question))
            return
        elif self._points is None:
            self.list.clear()
            self.points_said.setText("Looking for fixed points …")
        if self._points is None or self._answer is None:
            self.space.show_points(None)
            return
        states = self._points.arrays["state"]
        if states.shape[1] != self._components.shape[1]:
            self.space.show_points(None)
            return
        places = (states - self._answer.arrays["mean"]) @ self._components.T
        stable = self._points.arrays["unstable"] == 0
        tips = tuple(_point_in_words(self._points, number) for number in range(len(states)))
        self.space.show_points(Points(places, stable, tips), old=answer is None)

    def _no_points(self, sentence: str) -> None:
        self._points = None
        self.list.clear()
        self.points_said.setText(sentence)
        self.space.show_points(None)

    def _list_points(self, answer: Analysis) -> None:
        arrays = answer.arrays
        rows: list[tuple[str, ...]] = []
        for number in range(len(arrays["largest"])):
            away = int(arrays["unstable"][number])
            rows.append(
                (
                    "● stable" if away == 0 else "◇ unstable",
                    f"{float(arrays['largest'][number]):.4g}",
                    f"{float(arrays['speed'][number]):.0e}".replace("-", "−"),
                    "nowhere" if away == 0 else f"{away} of {answer.facts['numbers']}",
                )
            )
        shown = [*rows, (str(theme().dark),)]
        if shown == self._rows and self.list.topLevelItemCount() == len(rows):
            return
        self._rows = shown
        self.list.clear()
        for row in rows:
            item = QTreeWidgetItem(list(row))
            # In the colours that the points have among the paths.
            item.setForeground(0, theme().color("green" if row[0].endswith(" stable") else "positive"))
            item.setToolTip(0, "How the layer answers small pushes away from this state")
            item.setToolTip(1, "Largest modulus of an eigenvalue there: above 1, a push away grows")
            item.setToolTip(2, "How far the state still moves in a step")
            item.setToolTip(3, "In how many of all directions a push away grows")
            self.list.addTopLevelItem(item)

    # Choices

    def _state_picked(self, key: str) -> None:
        self._key = key
        self.refresh()

    def _depth_picked(self, key: str) -> None:
        self.space.show_deep(key == DEEP)

    def _points_picked(self, key: str) -> None:
        self._still.stop()
        self._held_at = (-1, -1)
        if key == OFF:
            self.workspace.analyses.drop(_POINTS, self._layer_id)
        self.refresh()

    def _point_pressed(self, number: int) -> None:
        item = self.list.topLevelItem(number)
        if item is not None:
            self.list.setCurrentItem(item)

    def _row_chosen(self, item: QTreeWidgetItem | None, _before: object = None) -> None:
        self.space.mark_point(-1 if item is None else self.list.indexOfTopLevelItem(item))

    def _progressed(self, kind: str, layer_id: str, words: str) -> None:
        if kind == _POINTS and layer_id == self._layer_id and self.points_button.current != OFF:
            self.points_said.setText(f"{words} …")


_ORDINALS = ("first", "second", "third")


def _in_words(shares: Array, left_out: int) -> str:
    """How much of the states' variance is seen."""
    if not shares[0] > 0:
        return "The states never change: there is no direction to look along."
    there = [float(share) for share in shares if share > 0]
    total = f"; together {sum(there):.0%}" if len(there) > 1 else ""
    words = f"{_listed([f'{share:.0%}' for share in there])} of how the states vary"
    lies = (
        "lies along the first direction"
        if len(there) == 1
        else f"lie along the first {_COUNTS[len(there)]} directions"
    )
    said = f"{words} {lies}{total}."
    steps = "1 step is" if left_out == 1 else f"{left_out} steps are"
    return f"{said} {steps} left out: masked or not finite." if left_out else said


_COUNTS = ("no", "one", "two", "three")


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _found_in_words(answer: Analysis, held: str, at: tuple[int, int]) -> str:
    count = len(answer.arrays["largest"])
    stable = int((answer.arrays["unstable"] == 0).sum())
    where = {
        "zero": "With the input held at zero",
        "mean": "With the input held at its mean",
        CURSOR: f"With the input held as at step {at[1]} of sample {at[0]}",
    }[held]
    if answer.facts.get("held"):
        where += " and what you hold held at every step"
    starts, lost = answer.facts["starts"], int(answer.facts["lost"])
    if not count:
        return (
            f"{where} no state was found that stays: none of {starts} starts led to one. Hold the input at something "
            "else."
        )
    one = f"one fixed point, {'stable' if stable else 'unstable'}"
    many = (
        f"{count} fixed points, {stable} of them stable" if stable else f"{count} fixed points, none stable"
    )
    led = f"; {lost} of {starts} starts led to none" if lost else ""
    return f"{where}: {one if count == 1 else many}{led}."


def _point_in_words(answer: Analysis, number: int) -> str:
    largest, away = float(answer.arrays["largest"][number]), int(answer.arrays["unstable"][number])
    what = (
        "Stable fixed point: small pushes die away."
        if away == 0
        else f"Unstable fixed point: pushes grow in {away} direction{'s' if away > 1 else ''}."
    )
    return f"{what}\nLargest |λ| = {largest:.4g}"
