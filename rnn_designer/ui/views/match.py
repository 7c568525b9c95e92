"""Brush a range of steps: which units are on throughout it, and where else in the data they do much the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QSignalBlocker, Qt
from PySide6.QtGui import QIcon, QResizeEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from rnn_designer.design import Layer
from rnn_designer.session.analyses import Question
from rnn_designer.ui.numbers import number as written
from rnn_designer.ui.scopes.bands import Band, liveliest, nice, ordering
from rnn_designer.ui.scopes.chips import ChoiceButton
from rnn_designer.ui.scopes.making import nearest_input
from rnn_designer.ui.scopes.units import MOST
from rnn_designer.ui.theme import FIELD_HEIGHT, theme
from rnn_designer.ui.views.brush import Brush, Brushed
from rnn_designer.ui.views.match_states import Sample, States, drawable, read, unmasked
from rnn_designer.ui.views.snippets import SNIPPET, snippet, spelled_range
from rnn_designer.ui.views.state_choice import StateChoice, state_choices
from rnn_designer.ui.views.view import View
from rnn_designer.ui.widgets.flow import FlowLayout

if TYPE_CHECKING:
    from rnn_designer.messages import Analysis, Array, Trace

EVERY, CHOSEN = "every", "chosen"
ABOVE, EITHER = "above", "either"
OVERLAP, DISTANCE = "overlap", "distance"

_COUNT = 20
_LINES = 2
_NAMED = 12
_BESIDE = 376
_WHERE = Qt.ItemDataRole.UserRole


class MatchView(View):
    """A brushed range, the units that are on in it, and the ranges most like it."""

    explanation = (
        "Drag over some steps: which units stay on throughout them, and where else much the same happens."
    )

    def build(self) -> None:
        """Choices above, the brush on the left, what was found on the right."""
        self._key = ""
        self._range: tuple[int, int, int] | None = None
        self._alike: tuple[int, int, int] | None = None
        self._answer: Analysis | None = None
        self._answer_for: tuple[object, ...] = ()
        self._fitted: tuple[str, str] = ("", "")
        self._shown_values: tuple[object, ...] = ()
        self._brushed: Brushed | None = None
        self._refusal = ""
        self._listed: tuple[object, ...] = ()
        self._make_choices()
        self.brush = Brush(self.workspace.playback, self.body)
        self.said = QLabel(self.body)
        self.said.setWordWrap(True)
        self.said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.choose_button = QPushButton("Draw these units", self.body)
        self.choose_button.setProperty("role", "link")
        self.choose_button.setToolTip("Draws the units that are on as lines, here and in every scope")
        self.rows = QTreeWidget(self.body)
        self.rows.setHeaderLabels(["Input", "Sample · steps", "Units", "Distance"])
        self.rows.setRootIsDecorated(False)
        self.rows.setUniformRowHeights(True)
        self.rows.setIconSize(SNIPPET)
        self.rows.setAccessibleName("Ranges most like the brushed one")
        self.rows.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.rows.setMinimumSize(120, 40)
        for column, wide in enumerate((118, 110, 60)):
            self.rows.setColumnWidth(column, wide)
        self.side = right = QWidget(self.body)
        beside = QVBoxLayout(right)
        beside.setContentsMargins(4, 2, 8, 4)
        beside.setSpacing(2)
        beside.addWidget(self.said)
        beside.addWidget(self.choose_button, 0, Qt.AlignmentFlag.AlignLeft)
        beside.addWidget(self.rows, 1)
        middle = QHBoxLayout()
        middle.setContentsMargins(4, 0, 0, 0)
        middle.addWidget(self.brush, 1)
        middle.addWidget(right)
        column_ = QVBoxLayout(self.body)
        column_.setContentsMargins(0, 0, 0, 0)
        column_.setSpacing(2)
        column_.addLayout(self._top)
        column_.addLayout(middle, 1)
        self.brush.brushed.connect(self._brush_moved)
        self.offers.offer(self.brush, self._unit_at, side=self._side_shown, chosen=self.chosen_unit)
        self.brush.cleared.connect(self._cleared)
        self.brush.threshold_moved.connect(self._threshold_dragged)
        self.choose_button.clicked.connect(self._choose_units)
        self.rows.itemClicked.connect(self._go)
        self.rows.itemActivated.connect(self._go)
        self.shared.window_changed.connect(self.brush.show_window)

    def _make_choices(self) -> None:
        self.state_button = ChoiceButton("Of", self.body)
        self.state_button.setToolTip("Whose units are looked at")
        self.units_button = ChoiceButton("Units", self.body)
        self.units_button.setToolTip("All units of the layer, or only those that are drawn as lines")
        self.units_button.show_choices({EVERY: "All", CHOSEN: "Drawn"}, EVERY)
        self.on_button = ChoiceButton("On", self.body)
        self.on_button.setToolTip("When a unit counts as on")
        self.on_button.show_choices({ABOVE: "Value ≥", EITHER: "|value| ≥"}, EITHER)
        self.threshold = QDoubleSpinBox(self.body)
        self.threshold.setDecimals(3)
        self.threshold.setRange(-1e6, 1e6)
        self.threshold.setSingleStep(0.05)
        self.threshold.setFixedWidth(88)
        self.threshold.setAccessibleName("Threshold")
        self.threshold.setToolTip("Drag the dashed line, or type a value")
        self.outside = QCheckBox("off just outside", self.body)
        self.outside.setMinimumHeight(FIELD_HEIGHT)
        self.outside.setToolTip("Only units that are off at the steps right before and right after the range")
        self.rank_button = ChoiceButton("Rank", self.body)
        self.rank_button.setToolTip(
            "Overlap: the share of units that are on in both ranges among those on in either. Distance: how far the "
            "values are apart, step by step and unit by unit."
        )
        self.rank_button.show_choices({OVERLAP: "Overlap", DISTANCE: "Distance"}, OVERLAP)
        self._top = FlowLayout()
        self._top.setContentsMargins(12, 0, 12, 0)
        for each in (
            self.state_button,
            self.units_button,
            self.on_button,
            self.threshold,
            self.outside,
            self.rank_button,
        ):
            self._top.addWidget(each)
        self.state_button.picked.connect(self._state_picked)
        for button in (self.units_button, self.on_button, self.rank_button):
            button.picked.connect(self.refresh)
        self.outside.toggled.connect(self.refresh)
        self.threshold.valueChanged.connect(self.refresh)

    # Drawing

    def draw(self, layer: Layer, trace: Trace | None) -> str:
        """Show the sample in view, the range, and what is known of it."""
        assert trace is not None
        choices = state_choices(layer, trace)
        if not choices:
            return (
                f"“{layer.name}” gives no value at every step over which a range could be brushed. Select a recurrent "
                "layer, or one that returns sequences."
            )
        if self._key not in choices:
            self._key = next(iter(choices))
        choice = choices[self._key]
        self.state_button.show_choices({key: each.words for key, each in choices.items()}, self._key)
        self.state_button.setEnabled(len(choices) > 1)
        states = self._states(layer, trace, choice)
        values = states.values
        self._fit(layer, states)
        samples, steps = values.shape[:2]
        for name in ("_range", "_alike"):
            kept = getattr(self, name)
            if kept is not None and (kept[0] >= samples or kept[2] >= steps):
                setattr(self, name, None)
        sample = self._sample(layer, trace, choice, states)
        units = self._among(layer, sample)
        answer = self._ask(layer, choice, units)
        self._show_sample(layer, trace, sample, () if answer is None else tuple(answer.arrays["on"].tolist()))
        self._list(layer, trace, answer, values.shape[-1] if not units else len(units))
        return ""

    def move_cursor(self, step: int) -> None:
        """Move the line of the cursor."""
        self.brush.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What was found leaves the larger part to the brush."""
        super().resizeEvent(event)
        self.side.setFixedWidth(min(_BESIDE, round(0.48 * self.width())))

    def numbers(self) -> Mapping[str, Array]:
        """The units that are on, and the ranges found as a table."""
        if self._answer is None or self._range is None:
            return {}
        arrays = self._answer.arrays
        columns = [arrays[name] for name in ("sample", "first", "shared", "either", "distance")]
        found = {
            "brushed: sample, first, last": np.array([self._range]),
            "units on": arrays["on"],
            "found: sample, first step, units shared, units in either, distance": np.column_stack(columns),
        }
        return {name: array for name, array in found.items() if array.size}

    def _fit(self, layer: Layer, states: States) -> None:
        """A threshold that suits the values, once for each layer and signal; the user's own is kept."""
        if self._fitted == (layer.id, self._key):
            return
        if self._fitted[0] != layer.id:
            self._range = self._alike = None
        self._fitted = (layer.id, self._key)
        with QSignalBlocker(self.threshold):
            self.threshold.setValue(states.threshold)
            self.threshold.setSingleStep(max(0.001, nice(states.largest / 30)))

    def _states(self, layer: Layer, trace: Trace, choice: StateChoice) -> States:
        """The signals of all samples side by side, read once."""
        parts = [trace.signal(layer.id, name) for name in choice.signals]
        flat = [part.reshape(*part.shape[:2], -1) for part in parts if part is not None]
        size = sum(part.size for part in flat)
        return self.shared.digests.made(trace, ("states", layer.id, self._key), lambda: read(flat), size)

    def _sample(self, layer: Layer, trace: Trace, choice: StateChoice, states: States) -> Sample:
        """The sample in view, ready to be drawn."""
        number = min(self.workspace.playback.sample, len(states.values) - 1)
        key = ("sample", layer.id, self._key, number)
        band, counts = self.shared.digests.made(
            trace, key, lambda: drawable(states, number, choice), states.values[number].size
        )
        order = self.shared.order
        rows = self.shared.digests.made(
            trace,
            (*key, order),
            lambda: ordering(band.values, order, band.survey),
            band.values.size,
        )
        return Sample(number, band, unmasked(trace, layer.id, choice, counts, number), rows)

    def _among(self, layer: Layer, sample: Sample) -> tuple[int, ...]:
        """The units that are looked at; empty for all of them."""
        return () if self.units_button.current == EVERY else self._lines(layer, sample.band)

    def _lines(self, layer: Layer, band: Band) -> tuple[int, ...]:
        chosen = tuple(u for u in self.workspace.playback.units(layer.id) if u < band.units)
        automatic = self.shared.units(layer.id).automatic or ()
        return (
            chosen
            or tuple(u for u in automatic if u < band.units)
            or liveliest(band.values, _LINES, band.survey)
        )

    def _ask(self, layer: Layer, choice: StateChoice, units: tuple[int, ...]) -> Analysis | None:
        if self._range is None:
            self._answer, self._answer_for = None, ()
            return None
        sample, first, last = self._range
        options = {
            **choice.options,
            **{f"unit/{unit}": 1.0 for unit in units},
            "sample": float(sample),
            "first": float(first),
            "last": float(last),
            "threshold": self.threshold.value(),
            "magnitude": float(self.on_button.current == EITHER),
            "outside": float(self.outside.isChecked()),
            "by_distance": float(self.rank_button.current == DISTANCE),
            "count": float(_COUNT),
        }
        question = Question("match", layer.id, options)
        answer = self.workspace.analyses.answer(question)
        self._refusal = self.workspace.analyses.reason(question)
        # While the new answer is on its way, that of a moment ago stays, if it is of the same signal.
        if answer is not None:
            self._answer, self._answer_for = answer, (layer.id, self._key)
        elif self._refusal or self._answer_for != (layer.id, self._key):
            self._answer = None
        return self._answer

    def _show_sample(self, layer: Layer, trace: Trace, sample: Sample, on: tuple[int, ...]) -> None:
        lines = self._lines(layer, sample.band)
        both = self.on_button.current == EITHER
        key = (
            id(trace),
            layer.id,
            self._key,
            sample.number,
            self.shared.order,
            lines,
            on,
            both,
            theme().dark,
        )
        if key != self._shown_values or self._brushed is None:
            colors = self.shared.units(layer.id).colors(lines, theme())
            self._shown_values = key
            self._brushed = Brushed(
                sample.band,
                sample.counts,
                sample.order,
                lines,
                tuple(colors[unit] for unit in lines),
                on,
                both,
            )
        self.brush.show_values(self._brushed, self.shared.window)
        self.brush.show_threshold(self.threshold.value())
        self.brush.show_range(*(_of(each, sample.number) for each in (self._range, self._alike)))

    # What was found

    def _list(self, layer: Layer, trace: Trace, answer: Analysis | None, count: int) -> None:
        self.choose_button.setVisible(answer is not None and len(answer.arrays["on"]) > 0)
        self.rows.setVisible(answer is not None)
        if self._range is None:
            self.said.setText(
                "Drag over the values, or hold Shift and press ← or →. The units that are on throughout the range are "
                "named here, with the most similar ranges below."
            )
            return
        if answer is None:
            self.said.setText(self._refusal or "Comparing ranges …")
            return
        on = answer.arrays["on"].tolist()
        sample, first, last = self._range
        where = f"step {first}" if first == last else f"steps {first} to {last}"
        self.said.setText(
            f"{_on_in_words(on, count)} throughout {where} of sample {sample}.{self._what_next(on)}"
        )
        sequence = nearest_input(self.workspace, layer, trace)
        series = None if sequence is None else trace.signal(sequence.id, "input")
        tokens: tuple[str, ...] = ()
        if sequence is not None and series is not None and series.dtype.kind in "iu":
            table = self.workspace.samples.table(sequence.id)
            tokens = () if table is None else table.vocabulary
        key = (id(answer), theme().dark)
        if key == self._listed:
            return
        self._listed = key
        arrays, length = answer.arrays, last - first + 1
        self.rows.clear()
        for number in range(len(arrays["first"])):
            other, start = int(arrays["sample"][number]), int(arrays["first"][number])
            stop = start + length - 1
            item = QTreeWidgetItem(
                [
                    "",
                    f"{other} · {start}" + (f"–{stop}" if stop > start else ""),
                    _overlap(int(arrays["shared"][number]), int(arrays["either"][number])),
                    written(float(arrays["distance"][number])),
                ]
            )
            item.setData(0, _WHERE, (other, start, stop))
            item.setToolTip(1, f"Sample {other}, steps {start} to {stop}. Click to go there.")
            item.setToolTip(
                2,
                "Units on throughout both ranges, of those on throughout either"
                if arrays["either"][number]
                else "No unit is on throughout either range",
            )
            item.setToolTip(3, "Root of the mean squared difference of the values")
            if series is not None and series.ndim >= 2 and other < len(series):
                self._picture(item, series[other], start, stop, tokens)
            self.rows.addTopLevelItem(item)

    def _picture(
        self, item: QTreeWidgetItem, series: Array, first: int, last: int, tokens: tuple[str, ...]
    ) -> None:
        """What was fed in around a range: as text for tokens, else as a line."""
        if series.ndim == 1 and series.dtype.kind in "iu":
            item.setText(0, spelled_range(series, first, last, tokens))
            return
        flat = np.asarray(series, np.float32).reshape(len(series), -1)
        item.setIcon(0, QIcon(snippet(flat, first, last, self.devicePixelRatioF())))

    def _what_next(self, on: list[int]) -> str:
        if on:
            return ""
        if self.rank_button.current == DISTANCE:
            return " Ranges are ranked by distance alone."
        return " Lower the threshold, or rank by distance."

    # Choices

    def _unit_at(self, at: QPointF) -> int | None:
        """The unit at a place of the brush; where several states stand side by side, each counts from 0."""
        unit, trace = self.brush.unit_at(at), self.workspace.live.trace
        first = None if trace is None else trace.signal(self._layer_id, self._key.split(" ")[0])
        return None if unit is None or first is None else unit % max(1, int(np.prod(first.shape[2:])))

    def _side_shown(self) -> str:
        return self._key.split(" ")[0].partition("state/")[0].strip("/")

    def _state_picked(self, key: str) -> None:
        self._key = key
        self.refresh()

    def _brush_moved(self, first: int, last: int) -> None:
        self._range, self._alike = (self.workspace.playback.sample, first, last), None
        self.refresh()

    def _cleared(self) -> None:
        self._range = self._alike = None
        self.workspace.analyses.drop("match", self._layer_id)
        self.refresh()

    def _threshold_dragged(self, value: float) -> None:
        self.threshold.setValue(abs(value) if self.on_button.current == EITHER else value)

    def _choose_units(self) -> None:
        if self._answer is not None:
            on = self._answer.arrays["on"].tolist()
            if len(on) > MOST:
                self.noticed.emit(f"{len(on)} units are on; the first {MOST} of them are drawn.")
            self.workspace.playback.choose_units(self._layer_id, on[:MOST])

    def _go(self, item: QTreeWidgetItem, _column: int = 0) -> None:
        where = item.data(0, _WHERE)
        if where is None:
            return
        self._alike = (int(where[0]), int(where[1]), int(where[2]))
        self.workspace.playback.show_sample(self._alike[0])
        self.workspace.playback.go_to(self._alike[1])
        self.refresh()


def _overlap(shared: int, either: int) -> str:
    """How many units two ranges have in common; a dash where there is none to have."""
    return f"{shared} of {either}" if either else "–"


def _of(steps: tuple[int, int, int] | None, sample: int) -> tuple[int, int] | None:
    return steps[1:] if steps is not None and steps[0] == sample else None


def _on_in_words(on: list[int], count: int) -> str:
    if not on:
        return f"None of {count:,} units is on"
    named = ", ".join(map(str, on[:_NAMED])) + (f" and {len(on) - _NAMED} more" if len(on) > _NAMED else "")
    return (
        f"Unit {named} is on (1 of {count:,})"
        if len(on) == 1
        else f"Units {named} are on ({len(on):,} of {count:,})"
    )
