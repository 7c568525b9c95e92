"""The way through a training: which epoch of which run the plots show."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from rnn_designer.design import Design
from rnn_designer.session.document import Document
from rnn_designer.session.live_run import LiveRun
from rnn_designer.session.request import same_model
from rnn_designer.session.training.runs import Runs, TrainingRun

if TYPE_CHECKING:
    from rnn_designer.messages import Array

NOT_KEPT = "The weights of epoch {epoch} of “{name}” were not kept: choose one of the epochs with a mark."
OTHER_MODEL = (
    "“{name}” trained another model than the one on the canvas, so its weights cannot be shown here. Restore the run "
    "to see its epochs."
)
CHANGED = "The model on the canvas is another one now, so the plots show its own weights again."


class EpochCursor(QObject):
    """Lets the plots show the weights of any epoch that a run keeps, or follow a training under way.

    The weights of an epoch lie over the design's own for as long as they are shown; :meth:`keep` makes them the
    design's own. The cursor leaves by itself when the model on the canvas becomes another one.

    Args:
        document: the open design.
        live: what the plots show.
        runs: the runs with their weights.
        adopt: makes weights the design's own.
        parent: Qt's parent.

    Signals:
        changed(): another run, epoch, or following.
        noticed(sentence): why an epoch cannot be shown, or is shown no longer.
    """

    changed = Signal()
    noticed = Signal(str)

    def __init__(
        self,
        document: Document,
        live: LiveRun,
        runs: Runs,
        adopt: Callable[[Mapping[str, Array]], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._live = live
        self._runs = runs
        self._adopt = adopt
        self._run = ""
        self._epoch: int | None = None
        self._following = False
        self._weights: Mapping[str, Array] | None = None
        self._waits = False
        document.changed.connect(self._design_changed)
        runs.changed.connect(self._runs_changed)
        live.traced.connect(self._show_waiting)
        live.status_changed.connect(self._show_waiting)

    @property
    def run(self) -> TrainingRun | None:
        """The run whose weights are shown; None while the plots show the design's own."""
        return self._runs.find(self._run)

    @property
    def epoch(self) -> int | None:
        """The epoch whose weights are shown; of a training that is followed, the one under way."""
        return self._epoch

    @property
    def following(self) -> bool:
        """Whether the plots follow the training under way, as soon as it tells weights."""
        return self._following

    @property
    def pending(self) -> bool:
        """Whether weights wait for the plots to be done with those before."""
        return self._waits

    def go_to(self, run: TrainingRun, epoch: int) -> bool:
        """Show the weights at the end of an epoch. The newest call wins; a slider may call it at every move.

        Returns:
            Whether they are there, and fit the model; :attr:`noticed` says why not.
        """
        if not same_model(run.design, self._document.design):
            self.noticed.emit(OTHER_MODEL.format(name=run.name))
            return False
        if epoch not in self._runs.kept(run):
            self.noticed.emit(NOT_KEPT.format(epoch=epoch, name=run.name))
            return False
        self._following = False
        self._show(run, epoch, None)
        return self._run == run.id

    def follow(self) -> None:
        """Show the training under way, batch by batch; without one, the next."""
        if not self._following:
            self._following = True
            self.changed.emit()

    def take(self, run: TrainingRun, epoch: int, weights: Mapping[str, Array]) -> None:
        """Take weights that a training has told; they are shown if it is followed and they fit the canvas."""
        if self._following and same_model(run.design, self._document.design):
            self._show(run, epoch, weights)

    def leave(self) -> None:
        """Show the design's own weights again."""
        showed = self._run or self._following
        self._run, self._epoch, self._weights = "", None, None
        self._following = self._waits = False
        self._live.show_weights(None)
        if showed:
            self.changed.emit()

    def keep(self) -> None:
        """Make the weights that are shown the design's own; nothing happens while those are shown."""
        weights = self._loaded()
        if weights is not None:
            self.leave()
            self._adopt(weights)

    def _show(self, run: TrainingRun, epoch: int, weights: Mapping[str, Array] | None) -> None:
        """Show weights as soon as the plots are done with those before; None for those that the run keeps."""
        self._run, self._epoch, self._weights = run.id, epoch, weights
        self._waits = True
        self._show_waiting()
        self.changed.emit()

    def _show_waiting(self, *_: object) -> None:
        """Give the plots the newest weights once they have shown those before, so that each that is read is seen."""
        run = self.run
        if not self._waits or self._live.pending or run is None:
            return
        self._waits = False
        weights = self._loaded()
        if weights is not None:
            self._live.show_weights(weights, f"epoch {self._epoch} of {run.name}")

    def _loaded(self) -> Mapping[str, Array] | None:
        """The weights that are shown, read if they have yet to be; the cursor leaves if they cannot be."""
        run, epoch = self.run, self._epoch
        if self._weights is None and run is not None and epoch is not None:
            self._weights = self._runs.weights(run, epoch)
            if self._weights is None:
                self.leave()
                self.noticed.emit(NOT_KEPT.format(epoch=epoch, name=run.name))
        return self._weights

    def _design_changed(self, _old: Design, new: Design) -> None:
        run = self.run
        if run is not None and not same_model(run.design, new):
            self.leave()
            self.noticed.emit(CHANGED)

    def _runs_changed(self) -> None:
        if self._run and self.run is None:
            self.leave()
