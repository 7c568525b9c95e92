"""Trainer, runs and epochs that a test moves by hand, for everything that shows training."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from PySide6.QtCore import QObject, Signal

from rnn_designer.design import Design, Refused
from rnn_designer.messages import TrainStep
from rnn_designer.session.live_status import LiveStatus
from rnn_designer.session.training import EpochRecord, TrainerState, TrainingRun


class HandTrainer(QObject):
    """Stands in for Trainer: notes what is asked of it."""

    changed = Signal()
    stepped = Signal(object)
    epoch_ended = Signal(object, int)
    ended = Signal(str)
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state = TrainerState.IDLE
        self.status = LiveStatus("Not trained yet.")
        self.step: TrainStep | None = None
        self.run: TrainingRun | None = None
        self.lessons = None
        self.eta: float | None = None
        self.asked: list[Any] = []

    @property
    def active(self) -> bool:
        return self.state is not TrainerState.IDLE

    def reason_not_to_start(self) -> str | None:
        return None

    def start(self, *, paused: bool = False) -> None:
        self.asked.append("start, paused" if paused else "start")

    def pause(self) -> None:
        self.asked.append("pause")

    def proceed(self) -> None:
        self.asked.append("proceed")

    def step_batch(self) -> None:
        self.asked.append("batch")

    def stop(self) -> None:
        self.asked.append("stop")

    def resume(self, run: TrainingRun) -> None:
        self.asked.append(("resume", run.id))

    def abandon(self) -> None:
        """Another design is opened; nothing was under way."""

    def close(self) -> None:
        """Nothing runs."""

    def become(self, state: TrainerState, words: str = "", *, problem: bool = False) -> None:
        """Be in another state, as if a worker had said so."""
        self.state, self.status = state, LiveStatus(words, problem=problem)
        self.changed.emit()

    def tell(
        self, run: TrainingRun, epoch: int, batch: int, batches: int = 10, eta: float | None = 12.0
    ) -> None:
        """Have come so far with a run."""
        self.run, self.eta = run, eta
        self.step = TrainStep(1, epoch, batch, batches, {"loss": 0.5}, {}, {}, 0.001, 3.0)
        self.become(
            TrainerState.RUNNING,
            f"Training: epoch {epoch} of {run.training.epochs}, batch {batch} of {batches}",
        )
        self.stepped.emit(self.step)


class HandRuns(QObject):
    """Stands in for Runs: a list, and the weights that the test put there."""

    changed = Signal()
    appended = Signal(str)
    noticed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.all: tuple[TrainingRun, ...] = ()
        self.reading = False
        self.saved: dict[str, dict[int, dict[str, Any]]] = {}
        self.renamed: list[tuple[str, str]] = []

    def start(self) -> None:
        """There is nothing to read."""

    def stop(self) -> None:
        """Nothing is read."""

    def give(self, *runs: TrainingRun) -> None:
        """Have these runs."""
        self.all = runs
        self.changed.emit()

    def find(self, run_id: str) -> TrainingRun | None:
        return next((each for each in self.all if each.id == run_id), None)

    def kept(self, run: TrainingRun) -> tuple[int, ...]:
        return tuple(sorted(self.saved.get(run.id, {})))

    def weights(self, run: TrainingRun, epoch: int) -> dict[str, Any] | None:
        return self.saved.get(run.id, {}).get(epoch)

    def rename(self, run: TrainingRun, name: str) -> None:
        self.renamed.append((run.id, name))

    def remove(self, run: TrainingRun) -> None:
        if run.state == "running":
            raise Refused(f"“{run.name}” is under way. Stop it, then remove it.")
        self.give(*(each for each in self.all if each.id != run.id))


class HandEpochs(QObject):
    """Stands in for EpochCursor."""

    changed = Signal()
    noticed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.run: TrainingRun | None = None
        self.epoch: int | None = None
        self.following = False
        self.pending = False
        self.kept: list[tuple[str, int | None]] = []

    def go_to(self, run: TrainingRun, epoch: int) -> bool:
        self.run, self.epoch, self.following = run, epoch, False
        self.changed.emit()
        return True

    def follow(self) -> None:
        self.following = True
        self.changed.emit()

    def leave(self) -> None:
        self.run, self.epoch, self.following = None, None, False
        self.changed.emit()

    def keep(self) -> None:
        self.kept.append((self.run.id if self.run is not None else "", self.epoch))
        self.leave()


def give_training(workspace: Any) -> None:
    """Let a workspace have a trainer, runs and epochs that the test moves."""
    workspace.trainer = HandTrainer(workspace)
    workspace.runs = HandRuns(workspace)
    workspace.epochs = HandEpochs(workspace)


def made_run(
    design: Design,
    name: str = "Run 1",
    *,
    epochs: int = 12,
    best: int = 8,
    state: str = "finished",
    run_id: str = "",
) -> TrainingRun:
    """A run of a design whose loss falls, and whose validation loss turns at the best epoch."""
    import numpy as np

    layers = [each for each in design.walk() if each.kind != "Input"]
    records = []
    for epoch in range(epochs + 1):
        logs = {"val_loss": 0.4 + 0.02 * abs(epoch - best), "val_mean_absolute_error": 0.3}
        if epoch:
            logs |= {"loss": 1.0 / epoch, "mean_absolute_error": 0.8 / epoch}
        norms = (
            {each.id: 0.1 * (place + 1) / max(epoch, 1) for place, each in enumerate(layers)} if epoch else {}
        )
        units = {f"{each.id}/state/h": (0.25, epoch / 20) for each in layers if each.states}
        records.append(EpochRecord(epoch, logs, norms, units, float(epoch)))
    curves = {
        "loss": np.linspace(1, 0.1, 10 * epochs, dtype=np.float32),
        "norm": np.linspace(2, 0.2, 10 * epochs, dtype=np.float32),
    }
    return TrainingRun(
        run_id or name.replace(" ", "").lower(),
        name,
        design,
        datetime(2026, 1, 2, 3, 4).astimezone(),
        float(epochs),
        tuple(records),
        best,
        state,
        "",
        10,
        curves,
        1,
    )
