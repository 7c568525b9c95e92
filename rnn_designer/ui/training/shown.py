"""Which run the training views show, which one is laid over it, and when they have to look again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from rnn_designer.session.workspace import Workspace

if TYPE_CHECKING:
    from rnn_designer.session.training import TrainingRun

_FRAME = 33
"""Milliseconds between two looks at a training under way: as often as it tells something."""


class ShownRun(QObject):
    """What all training views of a window have in common.

    Without a choice of the user it is the run under way, else that whose epochs the plots show, else the newest.

    Signals:
        changed(): there is something else to see; at most once in a frame, however fast a training goes.
    """

    changed = Signal()

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self._chosen = ""
        self._compared = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_FRAME)
        self._timer.timeout.connect(self.changed)
        workspace.runs.changed.connect(self.look)
        workspace.runs.appended.connect(self.look)
        workspace.epochs.changed.connect(self.look)
        workspace.trainer.stepped.connect(self.look)
        workspace.trainer.changed.connect(self.look)
        workspace.trainer.ended.connect(self.look)

    @property
    def run(self) -> TrainingRun | None:
        """The run that is shown; None while there is none."""
        runs = self._workspace.runs.all
        found = self._find(self._chosen)
        if found is not None:
            return found
        for each in (self._workspace.trainer.run, self._workspace.epochs.run):
            if each is not None:
                # As it is now: the others may hold an older value.
                return self._find(each.id) or each
        return runs[-1] if runs else None

    @property
    def compared(self) -> TrainingRun | None:
        """The run that is laid over it; None for none."""
        run = self.run
        return None if run is None or run.id == self._compared else self._find(self._compared)

    @property
    def epoch(self) -> int | None:
        """The epoch of the shown run that the plots show; None where they show other weights."""
        run, epochs = self.run, self._workspace.epochs
        if run is None or epochs.run is None or epochs.run.id != run.id:
            return None
        return epochs.epoch

    @property
    def live(self) -> bool:
        """Whether the shown run is under way."""
        run, trained = self.run, self._workspace.trainer.run
        return run is not None and trained is not None and run.id == trained.id and run.state == "running"

    @property
    def done(self) -> float:
        """How far the shown run has come, in epochs."""
        run, step = self.run, self._workspace.trainer.step
        if run is None:
            return 0.0
        if self.live and step is not None and step.batches:
            return max(float(run.last_epoch), step.epoch - 1 + step.batch / step.batches)
        return float(run.last_epoch)

    def show(self, run_id: str) -> None:
        """Show a run; empty for that which suggests itself."""
        if run_id != self._chosen:
            self._chosen = run_id
            if run_id == self._compared:
                self._compared = ""
            self.look()

    def compare(self, run_id: str) -> None:
        """Lay a run over the one that is shown; empty for none."""
        if run_id != self._compared:
            self._compared = run_id
            self.look()

    def go_to(self, epoch: int) -> None:
        """Let every plot show the kept epoch of the shown run that is nearest."""
        run = self.run
        kept = self._workspace.runs.kept(run) if run is not None else ()
        if run is not None and kept:
            wanted = min(kept, key=lambda each: abs(each - epoch))
            if wanted != self.epoch:
                self._workspace.epochs.go_to(run, wanted)

    def move(self, places: int) -> None:
        """Go so many kept epochs on or back."""
        run = self.run
        kept = self._workspace.runs.kept(run) if run is not None else ()
        if not kept:
            return
        epoch = self.epoch
        if epoch is None:
            self.go_to(kept[-1 if places < 0 else 0])
            return
        place = min(range(len(kept)), key=lambda index: abs(kept[index] - epoch))
        self.go_to(kept[max(0, min(place + places, len(kept) - 1))])

    def look(self, *_: object) -> None:
        """Say soon that there is something else to see."""
        if not self._timer.isActive():
            self._timer.start()

    def _find(self, run_id: str) -> TrainingRun | None:
        return self._workspace.runs.find(run_id) if run_id else None


def shown_run(workspace: Workspace) -> ShownRun:
    """The one object of a window by which its training views agree."""
    found = workspace.findChild(ShownRun)
    return found if found is not None else ShownRun(workspace)
