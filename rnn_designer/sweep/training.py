"""One trial: its design trained as “rnn-designer train” would, told epoch by epoch."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import DataSource, Design, edits, files
from rnn_designer.design.model import Goal
from rnn_designer.session import EngineState, Workspace

if TYPE_CHECKING:
    from rnn_designer.messages import Array
    from rnn_designer.session.training import TrainingRun
    from rnn_designer.session.trust import Trust

_BEAT = 20_000
"""Milliseconds between two signs of life while an epoch lasts."""


@dataclass(frozen=True)
class Outcome:
    """What came of a training.

    Attributes:
        value: the best monitored figure; None if there is none.
        pruned: whether it was ended because others do better.
        reason: why there is no value.
        lost: whether it was no fault of the design that it has not come to its end.
        weights: of the best epoch, by key.
        epoch: which that is.
    """

    value: float | None
    pruned: bool = False
    reason: str = ""
    lost: bool = False
    weights: Mapping[str, Array] = field(default_factory=dict)
    epoch: int = 0


class TrialTrainer(QObject):
    """Trains one design after another; the trainer's process stays.

    Args:
        scratch: a folder for the runs while they last.
        trust: which custom cells may run.
    """

    def __init__(self, scratch: Path, trust: Trust | None = None) -> None:
        super().__init__()
        os.environ["RNN_DESIGNER_RUNS"] = str(scratch)
        self._workspace = Workspace(self, trust=trust)
        self._ended: list[tuple[bool, str]] = []
        self._crashed = False
        self._workspace.trainer.ended.connect(lambda sentence: self._end(True, sentence))
        self._workspace.trainer.failed.connect(lambda sentence: self._end(False, sentence))
        self._workspace.trainer.engine.state_changed.connect(self._engine_changed)

    def train(
        self,
        design: Design,
        path: Path,
        told: Callable[[int, float], bool],
        beat: Callable[[], None],
    ) -> Outcome:
        """Train a design from weights drawn from its seed, and wait for it.

        Args:
            design: what is trained.
            path: the file of the design that is swept; its data lie beside it.
            told: takes the monitored figure of each epoch; True ends the training.
            beat: called now and then while it lasts.
        """
        from rnn_designer.cli.engine import wait

        workspace, trainer = self._workspace, self._workspace.trainer
        self._ended.clear()
        self._crashed = False
        # Weights of the design that is swept are of other shapes, and a start from them would be unfair to the rest.
        bare = replace(design, weights=None, sweep=None)
        workspace.show(edits.change_training(runs="trial")(bare), path)
        pruned: list[bool] = []

        def take(run: TrainingRun, epoch: int) -> None:
            value = _figure(run, epoch)
            if epoch > 0 and value is not None and told(epoch, value) and not pruned:
                pruned.append(True)
                trainer.stop()

        heart = QTimer(self)
        heart.timeout.connect(beat)
        heart.start(_BEAT)
        connection = trainer.epoch_ended.connect(take)
        try:
            trainer.start()
            wait(lambda: bool(self._ended), self._connect)
        finally:
            heart.stop()
            heart.deleteLater()
            trainer.epoch_ended.disconnect(connection)
        fine, sentence = self._ended[0]
        run = trainer.run
        outcome = _outcome(run, fine, sentence, bool(pruned))
        if self._crashed and not fine:
            outcome = Outcome(None, reason=sentence, lost=True)
        if run is not None and outcome.value is not None:
            weights = workspace.runs.weights(run, run.best_epoch) or {}
            outcome = replace(outcome, weights=weights, epoch=run.best_epoch)
        if run is not None:
            workspace.runs.remove(run)
        return outcome

    def close(self) -> None:
        """End the trainer's process."""
        self._workspace.close()

    def _connect(self, slot: Callable[..., None]) -> None:
        trainer = self._workspace.trainer
        trainer.ended.connect(slot)
        trainer.failed.connect(slot)

    def _engine_changed(self, state: EngineState) -> None:
        self._crashed = self._crashed or state is EngineState.CRASHED

    def _end(self, fine: bool, sentence: str) -> None:
        self._ended.append((fine, sentence))


def with_absolute_data(design: Design, folder: Path) -> Design:
    """The design with its data files named so that it can lie in any folder."""

    def found(source: DataSource) -> DataSource:
        path = source.options.get("path")
        if not isinstance(path, str) or not path or Path(path).is_absolute():
            return source
        return replace(source, options=source.options.having(path=str((folder / path).absolute())))

    data = FrozenMap({key: found(source) for key, source in design.data.items()})
    training = design.training
    if training is not None:
        goals: dict[str, Goal] = dict(training.goals)
        goals = {
            key: goal if goal.source is None else replace(goal, source=found(goal.source))
            for key, goal in goals.items()
        }
        training = replace(training, goals=FrozenMap(goals))
    return replace(design, data=data, training=training)


def keep(folder: Path, ticket: int, design: Design, outcome: Outcome) -> Path:
    """Write the design of a trial with its weights beside it, to be opened like any other; where it is."""
    from rnn_designer.design.weights import save_weights

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"trial-{ticket:04d}.rnnd"
    name = f"{path.stem}.weights.npz"
    save_weights(folder / name, dict(outcome.weights))
    files.save(replace(design, name=f"{design.name} trial {ticket}", weights=name, sweep=None), path)
    return path


def _figure(run: TrainingRun, epoch: int) -> float | None:
    record = run.record(epoch)
    if record is None:
        return None
    monitor = run.training.monitor
    value = record.logs.get(monitor, record.logs.get(monitor.removeprefix("val_")))
    return value if value is not None and math.isfinite(value) else None


def _outcome(run: TrainingRun | None, fine: bool, sentence: str, pruned: bool) -> Outcome:
    if run is None or not run.last_epoch:
        # Nothing was trained: the settings, the data or the trainer itself stood in the way.
        return Outcome(None, reason=sentence)
    if not fine:
        return Outcome(None, reason=sentence, lost=True)
    value = _figure(run, run.best_epoch) if run.best_epoch else None
    if value is None:
        return Outcome(None, reason=run.sentence or sentence)
    return Outcome(value, pruned=pruned)
