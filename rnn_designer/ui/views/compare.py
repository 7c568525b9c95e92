"""Compares the present run with one that was pinned: lines over each other, a map of differences, what was changed."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from rnn_designer.design import Layer
from rnn_designer.design.differences import differences
from rnn_designer.session.pinned import PinnedRun
from rnn_designer.ui.numbers import number
from rnn_designer.ui.scopes.chips import ChoiceButton
from rnn_designer.ui.scopes.digests import NotReadyError
from rnn_designer.ui.scopes.frame import Window
from rnn_designer.ui.scopes.holding import what
from rnn_designer.ui.scopes.signals import Shown, shown, side_label, sides
from rnn_designer.ui.scopes.units import toggled
from rnn_designer.ui.theme import theme
from rnn_designer.ui.views.comparing import Difference, Summary, difference, summarized
from rnn_designer.ui.views.heat_map import HeatMap
from rnn_designer.ui.views.sides import drawn_units
from rnn_designer.ui.views.time_lines import Curve, TimeLines
from rnn_designer.ui.views.view import View
from rnn_designer.ui.widgets.flow import FlowLayout

if TYPE_CHECKING:
    from rnn_designer.messages import Array, Trace

_COLUMNS = 1200
_HIGH, _WIDE = 420, 480
"""From this height on the pictures stand below each other, and where there is less width than that."""
_LINES = 3
_TOLD = 3
_SAME, _PINNED = "same", "pinned"


class DifferenceMap(HeatMap):
    """Differences ``(units, steps)`` with the cursor of all scopes over them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Now − pinned", parent)
        self._share: float | None = None

    def show_cursor(self, share: float | None) -> None:
        """Draw the cursor at a share of the width; None for none."""
        if share != self._share:
            self._share = share
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The table, then the cursor."""
        super().paintEvent(event)
        if self._share is None or self._values is None:
            return
        area = self._area()
        painter = QPainter(self)
        painter.setPen(QPen(theme().color("text"), 1.4))
        x = area.left() + self._share * area.width()
        painter.drawLine(QPointF(x, area.top() - 2), QPointF(x, area.bottom() + 2))
        painter.end()


class CompareView(View):
    """The present run beside a pinned one."""

    explanation = (
        "Compare: pin a run, change something, see what became of it: now (strong) over pinned (pale, ′), and "
        "now − pinned."
    )

    def build(self) -> None:
        """Choices, sentences, lines, map."""
        self._run = self._path = ""
        self._sample = _SAME
        self._difference: Difference | None = None
        self.pin_button = QPushButton("Pin this run", self.body)
        self.pin_button.setToolTip(
            "Keep what is shown now, with its design and weights, to compare with later runs"
        )
        self.run_button = ChoiceButton("With", self.body)
        self.signal_button = ChoiceButton("Signal", self.body)
        self.sample_button = ChoiceButton("Pinned sample", self.body)
        self.forget_button = QPushButton("Unpin", self.body)
        self.forget_button.setToolTip("Let the pinned run go")
        self.changes = QLabel(self.body)
        self.facts = QLabel(self.body)
        for label in (self.changes, self.facts):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setContentsMargins(12, 0, 12, 0)
        self.facts.setProperty("role", "muted")
        self.lines = TimeLines(self.body)
        self.map = DifferenceMap(self.body)
        top = FlowLayout()
        top.setContentsMargins(12, 0, 12, 0)
        for each in (
            self.pin_button,
            self.run_button,
            self.signal_button,
            self.sample_button,
            self.forget_button,
        ):
            top.addWidget(each)
        self._pictures = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._pictures.setSpacing(2)
        self._below = QHBoxLayout()
        self._below.addWidget(self.map)
        self._pictures.addWidget(self.lines, 1)
        self._pictures.addLayout(self._below, 1)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 2)
        column.setSpacing(2)
        column.addLayout(top)
        column.addWidget(self.changes)
        column.addWidget(self.facts)
        column.addLayout(self._pictures, 1)
        # Takes the room that pictures would have while nothing is pinned.
        column.addStretch()
        self.pin_button.clicked.connect(self.pin)
        self.forget_button.clicked.connect(lambda: self.workspace.pinned.forget(self._run))
        self.run_button.picked.connect(self._run_picked)
        self.signal_button.picked.connect(self._signal_picked)
        self.sample_button.picked.connect(self._sample_picked)
        self.lines.step_wanted.connect(self.workspace.playback.go_to)
        self.lines.moved.connect(self._move)
        self.map.pressed.connect(self._pressed)
        self.offers.offer(self.map, lambda at: (self.map.place_at(at) or (None,))[0], chosen=self.chosen_unit)
        self.workspace.pinned.changed.connect(self.refresh)

    def pin(self) -> None:
        """Keep the present run."""
        design, sample = self.workspace.document.design, self.workspace.playback.sample
        self.noticed.emit(self.workspace.pinned.pin(design, sample))
        runs = self.workspace.pinned.all
        if runs:
            self._run = runs[-1].name
        self.refresh()

    def draw(self, layer: Layer, trace: Trace | None) -> str:
        """Show the layer as it is and as it was."""
        assert trace is not None
        runs = {each.name: each for each in self.workspace.pinned.all}
        self._difference = None
        if self._run not in runs:
            self._run = next(reversed(runs), "")
        pinned = runs.get(self._run)
        for each in (
            self.run_button,
            self.signal_button,
            self.sample_button,
            self.forget_button,
            self.lines,
            self.map,
        ):
            each.setVisible(pinned is not None)
        if pinned is None:
            self.changes.setText(
                "Nothing is pinned yet. Press “Pin this run”; then change a parameter, the data, the sample, or hold a "
                "unit, and see here what becomes of it."
            )
            self.facts.setText("")
            return ""
        self.run_button.show_choices({name: name for name in runs}, self._run)
        self._show(layer, trace, pinned)
        return ""

    def move_cursor(self, step: int) -> None:
        """Take the cursors along."""
        self.lines.show_step(step)
        found = self._difference
        steps = 0 if found is None else len(found.now)
        self.map.show_cursor((step + 0.5) / steps if step < steps and steps > 1 else None)

    def numbers(self) -> Mapping[str, Array]:
        """Both runs and their difference, ``(steps, units)`` each."""
        found = self._difference
        return {} if found is None else {"now": found.now, "pinned": found.then, "difference": found.values}

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Pictures below each other where they are high enough so, else beside each other."""
        super().resizeEvent(event)
        high = self.height() >= _HIGH or self.width() < _WIDE
        way = QBoxLayout.Direction.TopToBottom if high else QBoxLayout.Direction.LeftToRight
        self._pictures.setDirection(way)
        # The map's own margins and these make its steps stand below those of the lines.
        self._below.setContentsMargins(32 if high else 0, 0, 84 if high else 0, 0)

    def _show(self, layer: Layer, trace: Trace, pinned: PinnedRun) -> None:
        playback = self.workspace.playback
        other = self._same_layer(layer, pinned)
        signals = {} if other is None else self._signals(layer, trace, pinned.trace, other.id)
        self.changes.setText(self._changes(pinned, playback.sample))
        for each in (self.signal_button, self.lines, self.map):
            each.setVisible(bool(signals))
        self.sample_button.setVisible(bool(signals) and playback.samples > 1)
        if other is None or not signals:
            self.facts.setText(
                f"{pinned.name} has no layer like “{layer.name}” with a signal of the same name. Select another "
                "layer, or pin this run."
            )
            return
        if self._path not in signals:
            self._path = next((path for path in signals if path.endswith("state/h")), next(iter(signals)))
        self.signal_button.show_choices({path: words for path, (words, _) in signals.items()}, self._path)
        self.sample_button.show_choices(
            {_SAME: "the same", _PINNED: f"{pinned.sample}, as pinned"}, self._sample
        )
        sample_then = pinned.sample if self._sample == _PINNED else playback.sample
        found = {
            path: difference(
                trace.signal(layer.id, path),
                pinned.trace.signal(other.id, path),
                playback.sample,
                sample_then,
            )
            for path in signals
        }
        self._difference = found[self._path]
        told = self._summaries(layer, trace, pinned, found, (playback.sample, sample_then))
        self.facts.setText(self._facts(told, signals, found[self._path].cut))
        self._draw(layer, signals[self._path][1], self._difference, told[self._path])

    def _summaries(
        self,
        layer: Layer,
        trace: Trace,
        pinned: PinnedRun,
        found: Mapping[str, Difference],
        samples: tuple[int, int],
    ) -> dict[str, Summary]:
        """What there is to be told of each signal; all are asked for before any is waited for."""
        told: dict[str, Summary] = {}
        for path, each in found.items():
            key = ("compare", layer.id, path, pinned.trace.run, samples)
            with suppress(NotReadyError):
                told[path] = self.shared.digests.made(
                    trace, key, partial(summarized, each, _COLUMNS), each.now.size
                )
        if len(told) < len(found):
            raise NotReadyError
        return told

    def _signals(self, layer: Layer, trace: Trace, before: Trace, other: str) -> dict[str, tuple[str, Shown]]:
        """What both runs have, by path: the words for it."""
        recorded, then = trace.signals(layer.id), set(before.signals(other))
        found: dict[str, tuple[str, Shown]] = {}
        for side in sides(recorded):
            for each in shown(layer, recorded, side):
                if each.path in then and each.path not in found:
                    place = f" · {side_label(side, layer)}" if side else ""
                    found[each.path] = (f"{each.spoken}{place}", each)
        return found

    def _same_layer(self, layer: Layer, pinned: PinnedRun) -> Layer | None:
        """The layer in the pinned design: that of the same id, else of the same name."""
        there = [each for each in pinned.design.walk() if each.id in pinned.trace.layers]
        by_id = next((each for each in there if each.id == layer.id), None)
        return by_id or next((each for each in there if each.name == layer.name), None)

    def _changes(self, pinned: PinnedRun, sample: int) -> str:
        live = self.workspace.live
        told = list(differences(pinned.design, self.workspace.document.design))
        for words, holds, others in (
            ("held", live.held, pinned.holds),
            ("held no more", pinned.holds, live.held),
        ):
            design = self.workspace.document.design if words == "held" else pinned.design
            for hold in holds:
                owner = design.find(hold.layer)
                if hold not in others and owner is not None:
                    value = f" at {number(hold.value)}" if words == "held" else ""
                    told.append(f"{owner.name}: {what(owner, hold.signal, hold.unit)} {words}{value}")
        if live.trace is not None and live.trace.training != pinned.trace.training:
            told.append("as in training" if live.trace.training else "as in prediction")
        if self._sample == _PINNED and sample != pinned.sample:
            told.append(f"sample {pinned.sample} → {sample}")
        if not told:
            return f"Since {pinned.name}: nothing was changed."
        return f"Since {pinned.name}: {'; '.join(told)}."

    def _facts(self, found: Mapping[str, Summary], signals: Mapping[str, tuple[str, Shown]], cut: str) -> str:
        ranked = []
        for path, each in found.items():
            largest = each.largest
            if largest is not None:
                value, step, unit = largest
                ranked.append((abs(value), path, f"{number(value)} at step {step}, unit {unit}"))
        own = next((words for _, path, words in ranked if path == self._path), "none is finite")
        same = (0.0, self._path) in {(value, path) for value, path, _ in ranked}
        name = signals[self._path][0]
        told = f"{name} is the same at every step." if same else f"Largest difference of {name}: {own}."
        rest = sorted((each for each in ranked if each[1] != self._path), reverse=True)[:_TOLD]
        if rest and rest[0][0] > 0:
            told += " Also: " + "; ".join(f"{signals[path][0]} {words}" for _, path, words in rest) + "."
        return f"{told} {cut[0].upper() + cut[1:]}." if cut else told

    def _draw(self, layer: Layer, signal: Shown, found: Difference, told: Summary) -> None:
        steps, units = found.now.shape
        chosen = drawn_units(self, layer.id, units)[:_LINES]
        if not chosen:
            largest = told.largest
            chosen = (0 if largest is None else largest[2],)
        colors = self.shared.units(layer.id).colors(chosen, theme())
        curves = []
        for unit in chosen:
            pale = QColor(colors[unit])
            pale.setAlphaF(0.45)
            curves.append(Curve(f"{unit}", found.now[:, unit], colors[unit], signal.gate))
            curves.append(Curve(f"{unit}′", found.then[:, unit], pale, signal.gate))
        self.lines.show_curves(curves, Window.whole(steps))
        self.lines.setAccessibleName(f"{signal.spoken} of {layer.name}, now and pinned")
        limit = 0.0 if told.largest is None else abs(told.largest[0])
        self.map.show_values(told.map, rows="unit", columns="step", count=steps, limit=limit)
        self.map.set_title(f"{signal.spoken} of each unit: now − pinned")
        self.map.setAccessibleName(f"Difference of {signal.spoken}")
        self.map.setAccessibleDescription(self.facts.text())

    def _pressed(self, unit: int, column: int) -> None:
        found = self._difference
        if found is None:
            return
        steps = len(found.now)
        columns = min(steps, _COLUMNS)
        self.workspace.playback.go_to(int(np.linspace(0, steps, columns + 1)[column]))
        drawn = drawn_units(self, self._layer_id, found.now.shape[1])
        if unit not in drawn:
            self.workspace.playback.choose_units(self._layer_id, toggled(drawn[: _LINES - 1], unit))

    def _move(self, steps: int) -> None:
        self.workspace.playback.go_to(self.workspace.playback.step + steps)

    def _run_picked(self, name: str) -> None:
        self._run = name
        self.refresh()

    def _signal_picked(self, path: str) -> None:
        self._path = path
        self.refresh()

    def _sample_picked(self, sample: str) -> None:
        self._sample = sample
        self.refresh()
