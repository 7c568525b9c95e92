"""How the numbers of one weight are spread, epoch by epoch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout

from rnn_designer.ui.numbers import number
from rnn_designer.ui.scopes.chips import ChoiceButton
from rnn_designer.ui.training.epoch_map import EpochMap
from rnn_designer.ui.training.histogram import Histogram, Looked, Spread, bins_for, spread_of
from rnn_designer.ui.training.page import Page
from rnn_designer.ui.training.pages import told_label

if TYPE_CHECKING:
    from rnn_designer.messages import Array
    from rnn_designer.session.training import TrainingRun

_MOST = 120
"""More columns than this are no clearer: of a long run every so many kept epochs are looked at."""
_BINS = 48
_HIGH = 240
"""From this height on there is room for two pictures one below the other."""


class WeightsPage(Page):
    """A map with a column for each kept epoch, and two epochs as outlines beside it.

    The weights of one epoch are read in each turn of the event loop, so that a long run holds nothing up.
    """

    name = "weights"

    def build(self) -> None:
        """Choices, the map, the outlines."""
        self._run = ""
        self._key = ""
        self._values: dict[int, Looked] = {}
        self._keys: tuple[str, ...] = ()
        self._beside = 0
        self._drawn: tuple[object, ...] = ()
        self.weight = ChoiceButton("Weight")
        self.weight.setToolTip("Which weight is looked at")
        self.beside = ChoiceButton("Beside")
        self.beside.setToolTip("With which epoch the shown one is compared")
        self.controls = (self.weight, self.beside)
        self.told = told_label()
        self.map = EpochMap("Spread over the epochs")
        self.outline = Histogram()
        self._pictures = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._pictures.setSpacing(2)
        self._pictures.addWidget(self.map, 3)
        self._pictures.addWidget(self.outline, 2)
        self.column.addWidget(self.told)
        self.column.addLayout(self._pictures, 1)
        self.weight.picked.connect(self._pick)
        self.beside.picked.connect(self._pick_beside)
        self.map.wanted.connect(self.shown.go_to)
        self.map.moved.connect(self.shown.move)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._read_next)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Pictures below each other where they are high enough so, else beside each other."""
        super().resizeEvent(event)
        high = self.height() >= _HIGH
        way = QBoxLayout.Direction.TopToBottom if high else QBoxLayout.Direction.LeftToRight
        self._pictures.setDirection(way)

    def _pick(self, key: str) -> None:
        self._key = key
        self._values.clear()
        self.refresh()

    def _pick_beside(self, epoch: str) -> None:
        self._beside = int(epoch)
        self.refresh()

    @property
    def reading(self) -> bool:
        """Whether some epochs have yet to be read."""
        return self._timer.isActive()

    def draw(self, run: TrainingRun, epoch: int | None) -> None:
        """Show what is read so far, and go on reading."""
        if run.id != self._run:
            self._run, self._values, self._keys = run.id, {}, ()
        kept = set(self.workspace.runs.kept(run))
        for gone in set(self._values) - kept:
            del self._values[gone]
        names = self._names(run)
        if self._keys and self._key not in self._keys:
            self._key = next((each for each in self._keys if "recurrent_kernel" in each), self._keys[0])
            self._values.clear()
        self.weight.show_choices({key: names[key] for key in self._keys}, self._key)
        self.weight.setVisible(bool(self._keys))
        epochs = sorted(self._values)
        offered = {str(each): f"epoch {each}" for each in self._marks(run, kept)}
        if str(self._beside) not in offered:
            self._beside = min(kept, default=0)
            offered.setdefault(str(self._beside), f"epoch {self._beside}")
        self.beside.show_choices(offered, str(self._beside))
        self.beside.setVisible(len(offered) > 1)
        if self._missing(run):
            self._timer.start()
        self._show_map(epochs, epoch, names.get(self._key, ""))
        self._show_outlines(epochs, epoch)
        self.told.show_text(self._words(run, epochs))

    def _marks(self, run: TrainingRun, kept: set[int]) -> list[int]:
        wanted = {min(kept, default=0), run.best_epoch, max(kept, default=0), self._beside}
        return sorted(each for each in wanted if each in kept)

    def _names(self, run: TrainingRun) -> dict[str, str]:
        layers = {layer.id: layer.name for layer in run.design.walk()}
        found = {}
        for key in self._keys:
            layer_id, _, path = key.partition("/")
            found[key] = f"{layers.get(layer_id, layer_id)} · {path.replace('_', ' ').replace('/', ' ')}"
        return found

    def _wanted(self, run: TrainingRun) -> list[int]:
        kept = self.workspace.runs.kept(run)
        every = max(1, -(-len(kept) // _MOST))
        return sorted(
            {*kept[::every], *kept[-1:], *(each for each in (run.best_epoch, self._beside) if each in kept)}
        )

    def _missing(self, run: TrainingRun) -> list[int]:
        return [each for each in self._wanted(run) if each not in self._values]

    def _read_next(self) -> None:
        run = self.shown.run
        if run is None or not self.isVisible():
            return
        missing = self._missing(run)
        if not missing:
            return
        # The last first: that is what is being looked at while it trains.
        epoch = missing[-1] if not self._values else missing[0]
        weights = self.workspace.runs.weights(run, epoch)
        if weights is None:
            self._values[epoch] = Looked.at(np.empty(0))
        else:
            if not self._keys:
                self._keys = tuple(key for key, each in weights.items() if each.size > 1)
            if self._key not in weights and self._keys:
                self._key = next((each for each in self._keys if "recurrent_kernel" in each), self._keys[0])
            found = weights.get(self._key)
            self._values[epoch] = Looked.at(np.empty(0) if found is None else found)
        if len(missing) == 1 or len(self._values) % 8 == 1:
            self.refresh()
        else:
            self._timer.start()

    def _spreads(self, epochs: list[int]) -> list[Spread]:
        edges = bins_for([self._values[each] for each in epochs], _BINS)
        return [spread_of(self._values[each], edges) for each in epochs]

    def _show_map(self, epochs: list[int], epoch: int | None, name: str) -> None:
        known = tuple(epochs)
        if (self._run, self._key, known) != self._drawn:
            self._drawn = (self._run, self._key, known)
            spreads = self._spreads(epochs)
            if spreads:
                shares = np.stack([each.shares for each in spreads], axis=1)[::-1]
                edges = spreads[0].edges
                limit = float(shares.max()) if shares.size else 1.0
                self.map.show_values(
                    shares,
                    epochs,
                    scale=(float(edges[0]), float(edges[-1])),
                    lines=[
                        (words, np.asarray([each.quantiles[place] for each in spreads]))
                        for place, words in enumerate(("5 %", "median", "95 %"))
                    ],
                    limit=limit,
                    ends=("0", f"{100 * limit:.2g} %"),
                )
        self.map.show_title(name or "Spread over the epochs")
        self.map.show_cursor(epoch)

    def _show_outlines(self, epochs: list[int], epoch: int | None) -> None:
        shown = epoch if epoch in self._values else (epochs[-1] if epochs else None)
        pair = [each for each in (self._beside, shown) if each in self._values]
        pair = list(dict.fromkeys(pair))
        edges = bins_for([self._values[each] for each in epochs], _BINS)
        self.outline.show_spreads([(f"epoch {each}", spread_of(self._values[each], edges)) for each in pair])

    def _words(self, run: TrainingRun, epochs: list[int]) -> str:
        if not self.workspace.runs.kept(run):
            return "No weights of this run were kept, so there is nothing to look at."
        if len(epochs) < 2:
            return "Reading the weights …" if self._missing(run) else ""
        first, last = self._values[epochs[0]].values, self._values[epochs[-1]].values
        if first.size != last.size or not first.size:
            return ""
        moved = float(np.sqrt(np.mean(np.square(last.astype(np.float64) - first))))
        return (
            f"From epoch {epochs[0]} to {epochs[-1]} a weight moved by {number(moved)} in the mean; they are "
            f"{number(float(first.std()))} wide at first, {number(float(last.std()))} at last."
        )

    def numbers(self) -> Mapping[str, Array]:
        """The share of the weights in each bin, ``(epochs, bins)``, and the edges of the bins."""
        epochs = sorted(self._values)
        spreads = self._spreads(epochs) if epochs else []
        if not spreads:
            return {}
        found: dict[str, Array] = {"epoch": np.asarray(epochs)}
        for place in range(len(spreads[0].shares)):
            low, high = spreads[0].edges[place : place + 2]
            found[f"{low:.4g} to {high:.4g}"] = np.asarray([each.shares[place] for each in spreads])
        return found
