"""The training runs of the open design: kept on disk beside each other, listed, named, removed and restored."""

from __future__ import annotations

import hashlib
import math
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from rnn_designer.design import Design, Refused, new_id
from rnn_designer.design.files import FileProblem
from rnn_designer.session.document import Document
from rnn_designer.session.training.run import BatchCurves, EpochRecord, TrainingRun
from rnn_designer.session.training.run_files import SAFE, RunFolder

if TYPE_CHECKING:
    from rnn_designer.messages import Array, TrainEpoch

__all__ = ["EpochRecord", "Runs", "TrainingRun", "runs_folder"]

_ROOM = 512 * 2**20
"""How many bytes the weights of one run may take on disk."""
_MOST_KEPT = 400
"""Of how many epochs a run keeps the weights at most: a slider has no more places."""
_LONGEST_NAME = 100
_NOW_AND_THEN = 1.0
"""Seconds between two times that everything about a run under way is written."""


def runs_folder() -> Path:
    """The folder in which the runs of every design lie; it need not exist yet."""
    own = os.environ.get("RNN_DESIGNER_RUNS")
    if own:
        return Path(own)
    import platformdirs

    return Path(platformdirs.user_data_path("rnn-designer", appauthor=False)) / "runs"


class Runs(QObject):
    """Every run of the open design, oldest first.

    The design names their folder (``Training.runs``); another design, or another name, and other runs are listed.
    They are read one after another in turns of the event loop after :meth:`start`.

    Signals:
        changed(): a run came, went, or has another name or state; also while runs are being read.
        appended(run_id): a run has one more epoch.
        noticed(sentence): something could not be kept; training goes on.
    """

    changed = Signal()
    appended = Signal(str)
    noticed = Signal(str)

    def __init__(
        self,
        document: Document,
        parent: QObject | None = None,
        *,
        room: int = _ROOM,
        most_kept: int = _MOST_KEPT,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._room = room
        self._most_kept = most_kept
        self._key = ""
        self._started = False
        self._runs: dict[str, TrainingRun] = {}
        self._folders: dict[str, RunFolder] = {}
        self._curves: dict[str, BatchCurves] = {}
        self._strides: dict[str, int] = {}
        self._waiting: list[Path] = []
        self._warned: set[str] = set()
        self._written: dict[str, float] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._read_next)
        document.changed.connect(self._look_for_folder)
        document.file_changed.connect(self._look_for_folder)

    @property
    def all(self) -> tuple[TrainingRun, ...]:
        """The runs of the open design, oldest first."""
        return tuple(sorted(self._runs.values(), key=lambda run: (run.started, run.id)))

    @property
    def reading(self) -> bool:
        """Whether some runs have yet to be read from disk."""
        return bool(self._waiting)

    def start(self) -> None:
        """Begin to read the runs of the open design."""
        self._started = True
        self._turn_to(self._key_of(self._document.design))

    def stop(self) -> None:
        """Read nothing any more."""
        self._started = False
        self._waiting.clear()
        self._timer.stop()

    def find(self, run_id: str) -> TrainingRun | None:
        """The run with that id as it is now; None if there is none."""
        return self._runs.get(run_id)

    def kept(self, run: TrainingRun) -> tuple[int, ...]:
        """The epochs whose weights are there, ascending."""
        folder = self._folders.get(run.id)
        known = {each.epoch for each in run.epochs}
        return () if folder is None else tuple(each for each in folder.kept() if each in known)

    def weights(self, run: TrainingRun, epoch: int) -> dict[str, Array] | None:
        """The weights at the end of an epoch by their keys; None if they were not kept, or are gone."""
        folder = self._folders.get(run.id)
        return None if folder is None else folder.weights(epoch)

    def checkpoint(self, run: TrainingRun) -> tuple[int, dict[str, Array], dict[str, Array]] | None:
        """From where a run can be taken up again: the epoch, its weights, and what else is needed.

        None where nothing usable is left.
        """
        folder = self._folders.get(run.id)
        for epoch in reversed(folder.states() if folder is not None else ()):
            if folder is None or run.record(epoch) is None:
                continue
            weights, state = folder.weights(epoch), folder.state(epoch)
            if weights is not None and state is not None:
                return epoch, weights, state
        return None

    def rename(self, run: TrainingRun, name: str) -> None:
        """Call a run something else.

        Raises:
            Refused: the name is empty or too long.
            FileProblem: it cannot be written; the old name stays.
        """
        name = " ".join(name.split())
        if not name or len(name) > _LONGEST_NAME:
            raise Refused(
                f"A run's name has 1 to {_LONGEST_NAME} characters; received {len(name)}. Give it another one."
            )
        current = self._runs.get(run.id)
        if current is None or current.name == name:
            return
        renamed = replace(current, name=name)
        self._folders[run.id].write(renamed)
        self._runs[run.id] = renamed
        self.changed.emit()

    def remove(self, run: TrainingRun) -> None:
        """Delete a run with its weights.

        Raises:
            Refused: it is under way, here or in another window.
        """
        folder = self._folders.get(run.id)
        if folder is None:
            return
        if folder.owned():
            raise Refused(f"“{run.name}” is under way. Stop it, then remove it.")
        folder.remove()
        self._forget(run.id)
        self.changed.emit()

    def restore(self, run: TrainingRun, epoch: int | None = None) -> tuple[Design, dict[str, Array]]:
        """The design of a run, and the weights of one of its epochs: the best one's, unless another is named.

        Raises:
            Refused: the weights are not there any more.
        """
        wanted = run.best_epoch if epoch is None else epoch
        weights = self.weights(run, wanted)
        if weights is None:
            raise Refused(
                f"The weights of epoch {wanted} of “{run.name}” are not there any more. Choose another epoch."
            )
        return run.design, weights

    def begin(self, design: Design, samples: str = "") -> TrainingRun:
        """Make a run of a design that is being trained from now on; it belongs to this program until it ends.

        Args:
            design: the design.
            samples: a fingerprint of what it learns from.
        """
        taken = {run.name for run in self._runs.values()}
        number = len(taken) + 1
        while f"Run {number}" in taken:
            number += 1
        run = TrainingRun(new_id(), f"Run {number}", design, datetime.now().astimezone(), samples=samples)
        self._add(run, RunFolder(runs_folder() / self._key_of(design) / run.id))

        def write(folder: RunFolder) -> None:
            folder.claim()
            folder.write(run)

        self._keep(run.id, write)
        self.changed.emit()
        return run

    def reopen(self, run: TrainingRun, epoch: int) -> TrainingRun:
        """Take a run up again behind an epoch; what came after it is forgotten.

        Raises:
            Refused: another window is at work on it.
        """
        folder = self._folders[run.id]
        if not folder.claim():
            raise Refused(f"“{run.name}” is under way in another window. Wait for it, or stop it there.")
        curves = self._curves[run.id]
        curves.cut(epoch * run.batches_per_epoch)
        records = tuple(each for each in run.epochs if each.epoch <= epoch)
        best = run.best_epoch if run.best_epoch <= epoch else epoch
        run = replace(
            run,
            epochs=records,
            best_epoch=best,
            state="running",
            sentence="",
            seconds=records[-1].seconds,
            batches=curves.arrays(),
            batches_per_point=curves.per_point,
        )
        self._runs[run.id] = run

        def write(folder: RunFolder) -> None:
            folder.rewrite(records, best)
            folder.write(run)

        self._keep(run.id, write)
        for each in folder.kept():
            if each > epoch:
                folder.drop(each)
        self.changed.emit()
        return run

    def add_batches(
        self, run_id: str, curves: Mapping[str, Array], batches: int, seconds: float
    ) -> TrainingRun:
        """Take the figures of further batches of a run under way."""
        grown = self._curves[run_id]
        grown.add(curves)
        run = replace(
            self._runs[run_id],
            batches=grown.arrays(),
            batches_per_point=grown.per_point,
            batches_per_epoch=batches,
            seconds=seconds,
        )
        self._runs[run_id] = run
        return run

    def append(self, run_id: str, told: TrainEpoch) -> TrainingRun:
        """Take an epoch of a run under way, and keep its weights and its checkpoint on disk."""
        units = {name: (float(pair[0]), float(pair[1])) for name, pair in told.units.items()}
        record = EpochRecord(told.epoch, dict(told.logs), dict(told.norms), units, told.seconds)
        run = self._runs[run_id]
        known = tuple(each for each in run.epochs if each.epoch < told.epoch)
        run = replace(run, epochs=(*known, record), best_epoch=told.best_epoch, seconds=told.seconds)
        self._runs[run_id] = run

        def write(folder: RunFolder) -> None:
            folder.put_weights(told.epoch, told.weights)
            folder.put_state(told.epoch, told.state)
            folder.append(record, run.best_epoch)
            # Only now: until the epoch has its line, the one before is where a killed run is taken up again.
            folder.drop_states(told.epoch)
            # The rest follows from the lines, or is curves: quick epochs need not write it each time.
            now = time.monotonic()
            if now - self._written.get(run_id, -math.inf) >= _NOW_AND_THEN:
                self._written[run_id] = now
                folder.put_batches(run.batches, run.batches_per_point)
                folder.write(run)
            self._thin(run, folder, sum(each.nbytes for each in told.weights.values()))

        self._keep(run_id, write)
        self.appended.emit(run_id)
        return run

    def end(self, run_id: str, state: str, sentence: str) -> TrainingRun:
        """A run is over."""
        run = replace(self._runs[run_id], state=state, sentence=sentence)
        self._runs[run_id] = run

        def write(folder: RunFolder) -> None:
            folder.put_batches(run.batches, run.batches_per_point)
            folder.write(run)

        self._keep(run_id, write)
        self._folders[run_id].release()
        self.changed.emit()
        return run

    def _thin(self, run: TrainingRun, folder: RunFolder, size: int) -> None:
        """Keep weights of evenly spaced epochs, and of the first, the best and the last, within the room."""
        most = max(4, min(self._most_kept, self._room // max(size, 1)))
        stride = self._strides.get(run.id, 1)
        while run.last_epoch // stride + 1 > most:
            stride *= 2
        self._strides[run.id] = stride
        for epoch in folder.kept():
            if epoch % stride and epoch not in (run.best_epoch, run.last_epoch):
                folder.drop(epoch)

    def _keep(self, run_id: str, write: Callable[[RunFolder], object]) -> None:
        """Write to a run's folder; a full disk, or a folder that somebody has taken away, ends no training."""
        try:
            write(self._folders[run_id])
        except (FileProblem, OSError) as problem:
            if run_id not in self._warned:
                self._warned.add(run_id)
                reason = str(problem) if isinstance(problem, FileProblem) else problem.strerror
                self.noticed.emit(f"The run cannot be kept on disk. {reason} Training goes on.")

    def _add(self, run: TrainingRun, folder: RunFolder) -> None:
        self._runs[run.id] = run
        self._folders[run.id] = folder
        self._curves[run.id] = BatchCurves(run.batches_per_point, run.batches)

    def _forget(self, run_id: str) -> None:
        self._runs.pop(run_id, None)
        self._folders.pop(run_id, None)
        self._curves.pop(run_id, None)
        self._strides.pop(run_id, None)

    def _look_for_folder(self, *_: object) -> None:
        key = self._key_of(self._document.design)
        if self._started and key != self._key:
            self._turn_to(key)

    def _key_of(self, design: Design) -> str:
        """The name of the folder of a design's runs; empty where neither it nor its file tells one."""
        key = "" if design.training is None else design.training.runs
        if key:
            return key if SAFE.fullmatch(key) else _hashed(key)
        path = self._document.path
        return "" if path is None else key_for(path)

    def _turn_to(self, key: str) -> None:
        """List the runs of another folder. Those under way go on, in the folder that they began in."""
        self._key = key
        under_way = {run_id for run_id, run in self._runs.items() if run.state == "running"}
        for run_id in [each for each in self._runs if each not in under_way]:
            self._forget(run_id)
        self._waiting = []
        if key:
            try:
                found = [each for each in (runs_folder() / key).iterdir() if SAFE.fullmatch(each.name)]
            except OSError:
                found = []
            self._waiting = [each for each in found if each.name not in self._runs]
        if self._waiting:
            self._timer.start()
        self.changed.emit()

    def _read_next(self) -> None:
        """Read one run in each turn, so that a hundred of them do not hold up the window."""
        if not self._waiting:
            return
        folder = RunFolder(self._waiting.pop())
        run = folder.read()
        if run is not None and run.id not in self._runs:
            self._add(run, folder)
        if self._waiting:
            self._timer.start()
        if run is not None or not self._waiting:
            self.changed.emit()


def key_for(path: Path | None) -> str:
    """How a design is to name the folder of its runs when it is trained for the first time.

    It follows from the design's file, so that runs are found again even if nobody saves the design that names them.

    Args:
        path: the design's file; None where it has none yet.
    """
    return new_id() + new_id() if path is None else _hashed(str(path.resolve()))


def _hashed(words: str) -> str:
    return hashlib.blake2b(words.encode("utf-8", "replace"), digest_size=8).hexdigest()
