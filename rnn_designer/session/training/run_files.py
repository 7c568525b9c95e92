"""A run on disk: one folder with its settings, a line for each epoch, and weights; read again whatever is in it.

Everything but the lines of epochs is written to a new file that then takes the old one's name, so that a program that
is killed leaves the old file or the new one. Nothing is pickled, and what cannot be read is as if it were not there.
"""

from __future__ import annotations

import json
import math
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QLockFile

from rnn_designer.design import Design, files
from rnn_designer.design.storage import FileProblem, read_limited, write_atomically
from rnn_designer.session.training.run import MOST_POINTS, STATES, EpochRecord, TrainingRun

if TYPE_CHECKING:
    from rnn_designer.messages import Array

FORMAT = 1
_RUN = "run.json"
_EPOCHS = "epochs.jsonl"
_BATCHES = "batches.npz"
_LOCK = "lock"
_LARGEST_TEXT = 64 * 2**20
_LONGEST_NAME = 100
_WEIGHTS = re.compile(r"epoch-(\d{4,9})\.npz")
_STATE = re.compile(r"state-(\d{4,9})\.npz")
SAFE = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What the names of folders may look like: nothing in a design file leads out of the folder of runs."""


class RunFolder:
    """The files of one run.

    Args:
        path: the folder; it is made at the first write.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._text: tuple[Design, str] | None = None
        self._lock: QLockFile | None = None

    def claim(self) -> bool:
        """Say that this program is at work on the run; False if another one is that still lives."""
        self.path.mkdir(parents=True, exist_ok=True)
        lock = QLockFile(str(self.path / _LOCK))
        # Only the end of its owner makes it stale, however long a training takes.
        lock.setStaleLockTime(0)
        if not lock.tryLock(0):
            return False
        self._lock = lock
        return True

    def release(self) -> None:
        """Say that nobody is at work on the run any more."""
        if self._lock is not None:
            self._lock.unlock()
            self._lock = None

    def owned(self) -> bool:
        """Whether some program is at work on the run right now."""
        if self._lock is not None:
            return True
        if not (self.path / _LOCK).exists():
            return False
        if self.claim():
            self.release()
            return False
        return True

    def write(self, run: TrainingRun) -> None:
        """Write everything about the run but its epochs, curves and weights.

        Raises:
            FileProblem: it cannot be written; what was there stays.
        """
        content = {
            "format": FORMAT,
            "name": run.name,
            "started": run.started.isoformat(),
            "seconds": run.seconds,
            "best_epoch": run.best_epoch,
            "state": run.state,
            "sentence": run.sentence,
            "batches_per_epoch": run.batches_per_epoch,
            "samples": run.samples,
            "design": self._design_text(run.design),
        }
        self._put(_RUN, json.dumps(content, ensure_ascii=False, indent=1).encode())

    def _design_text(self, design: Design) -> str:
        """The design as text, made once: it is written again and again."""
        if self._text is None or self._text[0] is not design:
            self._text = design, files.to_text(design)
        return self._text[1]

    def append(self, record: EpochRecord, best_epoch: int) -> None:
        """Add the line of one epoch, and which was the best when it ended.

        Raises:
            FileProblem: it cannot be written.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            with open(self.path / _EPOCHS, "ab") as file:
                file.write(_line(record, best_epoch))
        except OSError as error:
            reason = error.strerror or "the system refused it"
            raise FileProblem(f"Could not save the figures of epoch {record.epoch}: {reason}.") from error

    def rewrite(self, records: tuple[EpochRecord, ...], best_epoch: int) -> None:
        """Write the lines of these epochs, and of no others.

        Raises:
            FileProblem: they cannot be written.
        """
        self._put(_EPOCHS, b"".join(_line(each, min(best_epoch, each.epoch)) for each in records))

    def put_weights(self, epoch: int, weights: Mapping[str, Array]) -> None:
        """Keep the weights of an epoch.

        Raises:
            FileProblem: they cannot be written.
        """
        self._put_arrays(f"epoch-{epoch:04}.npz", weights)

    def put_state(self, epoch: int, state: Mapping[str, Array]) -> None:
        """Keep what else is needed to go on from an epoch.

        Raises:
            FileProblem: it cannot be written.
        """
        self._put_arrays(f"state-{epoch:04}.npz", state)

    def drop_states(self, epoch: int) -> None:
        """Forget what was needed to go on from other epochs than this."""
        for each in self.states():
            if each != epoch:
                with suppress(OSError):
                    (self.path / f"state-{each:04}.npz").unlink()

    def put_batches(self, curves: Mapping[str, Array], per_point: int) -> None:
        """Keep the curves over batches.

        Raises:
            FileProblem: they cannot be written.
        """
        import numpy

        self._put_arrays(_BATCHES, {**curves, "per_point": numpy.array([per_point], numpy.int64)})

    def weights(self, epoch: int) -> dict[str, Array] | None:
        """The weights of an epoch; None if they are not there, or cannot be used."""
        return self._arrays(f"epoch-{epoch:04}.npz")

    def state(self, epoch: int) -> dict[str, Array] | None:
        """What else is needed to go on from an epoch; None if it is not there, or cannot be used."""
        return self._arrays(f"state-{epoch:04}.npz")

    def kept(self) -> tuple[int, ...]:
        """The epochs whose weights are there, ascending."""
        return self._numbers(_WEIGHTS)

    def states(self) -> tuple[int, ...]:
        """The epochs from which training can go on, ascending."""
        return self._numbers(_STATE)

    def drop(self, epoch: int) -> None:
        """Forget the weights of an epoch."""
        with suppress(OSError):
            (self.path / f"epoch-{epoch:04}.npz").unlink()

    def remove(self) -> None:
        """Delete the run with everything in it."""
        self.release()
        shutil.rmtree(self.path, ignore_errors=True)

    def read(self) -> TrainingRun | None:
        """The run; None if there is none, or none that can be read. One that nobody works on is interrupted."""
        try:
            content = json.loads(read_limited(self.path / _RUN, _LARGEST_TEXT))
            run = _run_of(self.path.name, content)
        except (FileProblem, ValueError, TypeError, KeyError, RecursionError):
            return None
        lines = tuple(self._records())
        records = tuple(record for record, _best in lines)
        if lines:
            # The lines are written at once, the rest of the run only now and then.
            last, best = lines[-1]
            run = replace(run, epochs=records, seconds=max(run.seconds, last.seconds), best_epoch=best)
        if run.state == "running" and not self.owned():
            run = replace(run, state="interrupted", sentence=STATES["interrupted"])
        return self._with_curves(run)

    def _records(self) -> Iterator[tuple[EpochRecord, int]]:
        try:
            lines = read_limited(self.path / _EPOCHS, _LARGEST_TEXT).splitlines()
        except FileProblem:
            return
        last = -1
        for line in lines:
            try:
                content = json.loads(line)
                record, best = _record_of(content), _count(content["best"])
            except (ValueError, TypeError, KeyError, RecursionError):
                continue  # The last line of a program that was killed while it wrote.
            if record.epoch > last:
                last = record.epoch
                yield record, min(best, last)

    def _with_curves(self, run: TrainingRun) -> TrainingRun:
        arrays = self._arrays(_BATCHES)
        if arrays is None:
            return run
        per_point = arrays.pop("per_point", None)
        curves = {name: each for name, each in arrays.items() if each.ndim == 1 and len(each) <= MOST_POINTS}
        if per_point is None or per_point.shape != (1,) or int(per_point[0]) < 1:
            return run
        return replace(run, batches=curves, batches_per_point=int(per_point[0]))

    def _numbers(self, form: re.Pattern[str]) -> tuple[int, ...]:
        try:
            names = [each.name for each in self.path.iterdir()]
        except OSError:
            return ()
        return tuple(sorted(int(found[1]) for name in names if (found := form.fullmatch(name))))

    def _put(self, name: str, content: bytes) -> None:
        with suppress(OSError):  # The write itself says what is wrong.
            self.path.mkdir(parents=True, exist_ok=True)
        write_atomically(self.path / name, content, durable=False)

    def _put_arrays(self, name: str, arrays: Mapping[str, Array]) -> None:
        from rnn_designer.design.weights import packed

        self._put(name, packed(arrays))

    def _arrays(self, name: str) -> dict[str, Array] | None:
        from rnn_designer.design.weights import load_weights

        try:
            return load_weights(self.path / name)
        except FileProblem:
            return None


def _run_of(run_id: str, content: Mapping[str, Any]) -> TrainingRun:
    if content["format"] != FORMAT or content["state"] not in STATES:
        raise ValueError
    return TrainingRun(
        run_id,
        str(content["name"])[:_LONGEST_NAME],
        files.from_text(str(content["design"])),
        datetime.fromisoformat(content["started"]),
        _number(content["seconds"]),
        (),
        _count(content["best_epoch"]),
        content["state"],
        str(content["sentence"]),
        _count(content["batches_per_epoch"]),
        samples=str(content["samples"]),
    )


def _line(record: EpochRecord, best_epoch: int) -> bytes:
    content = {
        "epoch": record.epoch,
        "logs": {name: _written(value) for name, value in record.logs.items()},
        "norms": {name: _written(value) for name, value in record.norms.items()},
        "units": {name: [_written(each) for each in pair] for name, pair in record.units.items()},
        "seconds": record.seconds,
        "best": best_epoch,
    }
    return json.dumps(content, ensure_ascii=False).encode() + b"\n"


def _record_of(content: Mapping[str, Any]) -> EpochRecord:
    return EpochRecord(
        _count(content["epoch"]),
        {str(name): _read(value) for name, value in content["logs"].items()},
        {str(name): _read(value) for name, value in content["norms"].items()},
        {str(name): (_read(dead), _read(saturated)) for name, (dead, saturated) in content["units"].items()},
        _number(content["seconds"]),
    )


def _written(value: float) -> float | str:
    """JSON has neither infinities nor what is no number."""
    return float(value) if math.isfinite(value) else str(float(value))


def _read(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError
    return float(value)


def _number(value: object) -> float:
    number = _read(value)
    if not math.isfinite(number) or number < 0:
        raise ValueError
    return number


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError
    return value
