"""Three pages of the Training view: loss and metrics, lengths of the gradients, dead and saturated units."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from rnn_designer.ui.numbers import number
from rnn_designer.ui.scopes.chips import ChoiceButton
from rnn_designer.ui.training.chart import Chart, Line
from rnn_designer.ui.training.epoch_map import EpochMap
from rnn_designer.ui.training.page import Page, line_color
from rnn_designer.ui.training.words import changes_words, figure_words, monitored
from rnn_designer.ui.widgets.labels import ElidedLabel

if TYPE_CHECKING:
    from rnn_designer.design import Design
    from rnn_designer.messages import Array
    from rnn_designer.session.training import TrainingRun

_VANISHED, _EXPLODED = 1e-3, 100.0
_NONE = "none"


def log_chip(parent: QWidget | None = None) -> QPushButton:
    """A button that is down while the scale is logarithmic."""
    chip = QPushButton("log", parent)
    chip.setProperty("role", "chip")
    chip.setCheckable(True)
    chip.setToolTip("Logarithmic scale: equal distances are equal factors")
    chip.setAccessibleName("Logarithmic scale")
    return chip


def told_label() -> ElidedLabel:
    """A muted sentence above or below a picture: one line, whole as its tip, so that the picture keeps its room."""
    label = ElidedLabel()
    label.setContentsMargins(12, 0, 12, 0)
    return label


def figures_of(run: TrainingRun, name: str) -> tuple[Array, Array]:
    """A figure by epoch: the epochs that have it, and its values."""
    found = [(each.epoch, each.logs[name]) for each in run.epochs if name in each.logs]
    return np.asarray([epoch for epoch, _ in found], np.float64), np.asarray(
        [v for _, v in found], np.float64
    )


def batches_of(run: TrainingRun, name: str) -> tuple[Array, Array]:
    """A figure by batch: where in epochs, and its values."""
    values = np.asarray(run.batches.get(name, ()), np.float64)
    size = max(1, run.batches_per_epoch)
    return (np.arange(len(values)) + 1) * run.batches_per_point / size, values


def last_epoch(run: TrainingRun, *, live: bool) -> int:
    """The epoch at the right edge of pictures."""
    return max(1, min(run.training.epochs, max(run.last_epoch + 1, 5)) if live else run.last_epoch)


class LossPage(Page):
    """A figure by batch and by epoch, that of the validation part beside it, another run over it."""

    name = "loss"

    def build(self) -> None:
        """Choices above, the chart, what was changed below."""
        self._figure = "loss"
        self.figure = ChoiceButton("")
        self.figure.setAccessibleName("Figure")
        self.figure.setToolTip("Which figure is drawn")
        self.over = ChoiceButton("Over")
        self.over.setToolTip("Lay another run over this one: dashed")
        self.log = log_chip()
        self.controls = (self.figure, self.over, self.log)
        self.chart = Chart("Loss")
        self.told = told_label()
        self.column.addWidget(self.chart, 1)
        self.column.addWidget(self.told)
        self.figure.picked.connect(self._pick)
        self.over.picked.connect(lambda run_id: self.shown.compare("" if run_id == _NONE else run_id))
        self.log.clicked.connect(self.refresh)
        self.chart.wanted.connect(self.shown.go_to)
        self.chart.moved.connect(self.shown.move)

    def _pick(self, name: str) -> None:
        self._figure = name
        self.refresh()

    def draw(self, run: TrainingRun, epoch: int | None) -> None:
        """Draw the figure of the run."""
        names = [name for name in _figures(run) if not name.startswith("val_")] or ["loss"]
        if self._figure not in names:
            self._figure = "loss"
        self.figure.show_choices({name: figure_words(name) for name in names}, self._figure)
        others = {each.id: each.name for each in self.workspace.runs.all if each.id != run.id}
        other = self.shown.compared
        self.over.show_choices({_NONE: "no other run", **others}, _NONE if other is None else other.id)
        self.over.setVisible(bool(others))
        lines = self._lines(run, "", dashed=False)
        if other is not None:
            lines += self._lines(other, "′", dashed=True)
        last = last_epoch(run, live=self.shown.live)
        if other is not None:
            last = max(last, other.last_epoch)
        marks = [(float(run.best_epoch), "best")] if run.last_epoch else []
        self.chart.show_title(figure_words(self._figure)[:1].upper() + figure_words(self._figure)[1:])
        self.chart.show_lines(lines, last=last, marks=marks, log=self.log.isChecked())
        self.chart.show_cursor(epoch)
        self._tell(run, other)

    def _lines(self, run: TrainingRun, suffix: str, *, dashed: bool) -> list[Line]:
        learned, held_back = line_color(0), line_color(1)
        if dashed:
            learned, held_back = line_color(2), line_color(4)
        lines = []
        if self._figure == "loss" and not dashed:
            x, y = batches_of(run, "loss")
            if len(x):
                lines.append(Line("batch", x, y, learned, pale=True))
        for name, words, color in (
            (self._figure, "training", learned),
            (f"val_{self._figure}", "validation", held_back),
        ):
            x, y = figures_of(run, name)
            if len(x):
                lines.append(Line(f"{words}{suffix}", x, y, color, dashed=dashed))
        return lines

    def _tell(self, run: TrainingRun, other: TrainingRun | None) -> None:
        words = ""
        if other is not None:
            words = f"{run.name} beside {other.name} (′): {changes_words(run, other)}."
        elif run.state == "not_a_number":
            words = run.sentence
        else:
            words = _overfitting(run)
        self.told.show_text(words)
        self.told.setVisible(bool(words))

    def numbers(self) -> Mapping[str, Array]:
        """Every figure by epoch, and the loss by batch."""
        run = self.shown.run
        if run is None:
            return {}
        found: dict[str, Array] = {"epoch": np.asarray([each.epoch for each in run.epochs])}
        for name in _figures(run):
            found[name] = np.asarray([each.logs.get(name, math.nan) for each in run.epochs])
        for name in run.batches:
            found[f"batch {name}"] = np.asarray(run.batches[name])
        return found


def _figures(run: TrainingRun) -> list[str]:
    return list(dict.fromkeys(name for each in run.epochs for name in each.logs))


def _overfitting(run: TrainingRun) -> str:
    """A word on a validation loss that has turned while the loss goes on falling; empty where it has not."""
    name = monitored(run)
    if not name.startswith("val_") or run.last_epoch - run.best_epoch < 5:
        return ""
    best, last = run.record(run.best_epoch), run.epochs[-1]
    bare = name.removeprefix("val_")
    if best is None or not (last.logs.get(bare, math.inf) < best.logs.get(bare, -math.inf)):
        return ""
    return (
        f"Since epoch {run.best_epoch} the {figure_words(bare)} still falls, but on the validation part it does not: "
        "from there on the network learns its samples by heart."
    )


class GradientsPage(Page):
    """How long the gradient of each layer is: where they vanish and where they explode."""

    name = "gradients"

    def build(self) -> None:
        """The sentence, the chart."""
        self.told = told_label()
        self.chart = Chart("Length of the gradient by layer")
        self.column.addWidget(self.told)
        self.column.addWidget(self.chart, 1)
        self.chart.wanted.connect(self.shown.go_to)
        self.chart.moved.connect(self.shown.move)

    def draw(self, run: TrainingRun, epoch: int | None) -> None:
        """A line for each layer, in the order of the design."""
        lines = []
        for place, (layer_id, name) in enumerate(
            _layers(run.design, {i for e in run.epochs for i in e.norms})
        ):
            found = [(each.epoch, each.norms[layer_id]) for each in run.epochs if layer_id in each.norms]
            x = np.asarray([each for each, _ in found], np.float64)
            y = np.asarray([each for _, each in found], np.float64)
            lines.append(Line(name, x, y, line_color(place)))
        x, y = batches_of(run, "norm")
        if len(x):
            lines.append(Line("all, by batch", x, y, QColor(line_color(6)), pale=True))
        self.chart.show_lines(lines, last=last_epoch(run, live=self.shown.live), log=True)
        self.chart.show_cursor(epoch)
        words = gradient_words(run, epoch)
        self.told.show_text(words)
        self.told.setVisible(bool(words))

    def numbers(self) -> Mapping[str, Array]:
        """The lengths by epoch, for each layer."""
        run = self.shown.run
        if run is None:
            return {}
        found: dict[str, Array] = {"epoch": np.asarray([each.epoch for each in run.epochs])}
        for layer_id, name in _layers(run.design, {i for each in run.epochs for i in each.norms}):
            found[name] = np.asarray([each.norms.get(layer_id, math.nan) for each in run.epochs])
        return found


def _layers(design: Design, ids: set[str]) -> list[tuple[str, str]]:
    return [(layer.id, layer.name) for layer in design.walk() if layer.id in ids]


def gradient_words(run: TrainingRun, epoch: int | None) -> str:
    """What the gradients of an epoch, or of the last one, say at a glance."""
    record = run.record(epoch) if epoch else None
    if record is None or not record.norms:
        record = next((each for each in reversed(run.epochs) if each.norms), None)
    if record is None:
        return "Gradients are told at the end of the first epoch."
    names = dict(_layers(run.design, set(record.norms)))
    known = {
        names[each]: value for each, value in record.norms.items() if each in names and math.isfinite(value)
    }
    if len(known) < len(record.norms):
        return (
            f"Epoch {record.epoch}: some gradients are no numbers any more. Lower the learning rate, or clip."
        )
    if not known:
        return ""
    least, most = min(known, key=known.__getitem__), max(known, key=known.__getitem__)
    told = (
        f"Epoch {record.epoch}: from {number(known[least])} in ‘{least}’ to {number(known[most])} in ‘{most}’"
    )
    if known[most] > _EXPLODED:
        return f"{told}. The gradient explodes in ‘{most}’: clip it (global norm, 1), or lower the learning rate."
    if known[most] > 0 and known[least] < _VANISHED * known[most]:
        times = known[most] / known[least] if known[least] > 0 else math.inf
        how = f"{times:,.0f} times shorter" if math.isfinite(times) else "nothing at all"
        return f"{told}. The gradient vanishes on its way to ‘{least}’: it is {how} there, so that layer hardly learns."
    return f"{told}. None vanishes, none explodes."


class UnitsPage(Page):
    """The shares of units that are dead, and saturated, in each state and gate."""

    name = "units"

    def build(self) -> None:
        """Two maps side by side, or one below the other."""
        self.told = told_label()
        self.dead = EpochMap("Dead units")
        self.saturated = EpochMap("Saturated units")
        row = QHBoxLayout()
        row.setSpacing(4)
        self.column.addWidget(self.told)
        self.column.addLayout(row, 1)
        for each in (self.dead, self.saturated):
            row.addWidget(each, 1)
            each.wanted.connect(self.shown.go_to)
            each.moved.connect(self.shown.move)

    def draw(self, run: TrainingRun, epoch: int | None) -> None:
        """A row for each signal, a column for each epoch."""
        signals, names = _signals(run)
        epochs = [each.epoch for each in run.epochs]
        there = bool(signals)
        for each in (self.dead, self.saturated):
            each.setVisible(there)
        if not there:
            self.told.show_text("No layer with units that could die or saturate has been looked at yet.")
            return
        for place, widget in enumerate((self.dead, self.saturated)):
            widget.show_values(_shares(run, signals, place), epochs, names)
            widget.show_cursor(epoch)
        self.told.show_text(_units_words(run, epoch, signals, names))

    def numbers(self) -> Mapping[str, Array]:
        """Both shares by epoch, for each signal."""
        run = self.shown.run
        if run is None:
            return {}
        signals, names = _signals(run)
        found: dict[str, Array] = {"epoch": np.asarray([each.epoch for each in run.epochs])}
        for place, what in enumerate(("dead", "saturated")):
            for name, row in zip(names, _shares(run, signals, place), strict=True):
                found[f"{what} {name}"] = row
        return found


def _signals(run: TrainingRun) -> tuple[list[str], list[str]]:
    """The signals that were looked at, ``<layer id>/<signal>``, and their names for people."""
    signals = list(dict.fromkeys(name for each in run.epochs for name in each.units))
    layers = {layer.id: layer for layer in run.design.walk()}
    names = []
    for each in signals:
        layer_id, _, signal = each.partition("/")
        layer = layers.get(layer_id)
        symbols = (
            {} if layer is None else {found.path: found.symbol for found in (*layer.states, *layer.gates)}
        )
        words = symbols.get(signal, signal.rpartition("/")[2] if signal else "")
        names.append(f"{layer.name if layer is not None else layer_id} {words}".strip())
    return signals, names


def _shares(run: TrainingRun, signals: list[str], place: int) -> Array:
    unknown = (math.nan, math.nan)
    rows = [[each.units.get(name, unknown)[place] for each in run.epochs] for name in signals]
    return np.asarray(rows, np.float32).reshape(len(signals), len(run.epochs))


def _units_words(run: TrainingRun, epoch: int | None, signals: list[str], names: list[str]) -> str:
    record = (run.record(epoch) if epoch is not None else None) or run.epochs[-1]
    told = []
    for place, word in enumerate(("dead", "saturated")):
        found = [
            (record.units[each][place], name)
            for each, name in zip(signals, names, strict=True)
            if each in record.units
        ]
        if found:
            share, name = max(found)
            told.append(f"{100 * share:.3g} % {word} in {name}" if share > 0 else f"none {word}")
    return f"Epoch {record.epoch}, at most: {', '.join(told)}." if told else ""
