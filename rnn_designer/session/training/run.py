"""A training run as a value: its settings, the figures of its epochs, and the curves of its batches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from rnn_designer.design import Design
from rnn_designer.design.model import Training

if TYPE_CHECKING:
    from rnn_designer.messages import Array

MOST_POINTS = 20_000
"""How many points a curve over batches may have; beyond it, two neighbours become their mean."""

STATES: dict[str, str] = {
    "running": "Under way.",
    "finished": "Went through all of its epochs.",
    "stopped": "Was stopped.",
    "early": "Ended early: no more progress.",
    "not_a_number": "Ended because the loss was no number any more.",
    "interrupted": "Was interrupted: the trainer or the program ended in the middle of it.",
}
"""The states of a run, in words."""


@dataclass(frozen=True)
class EpochRecord:
    """The figures of one epoch.

    Attributes:
        epoch: its number; 0 is the untrained model.
        logs: loss, metrics and, with ``val_`` before the name, those of the validation part. NaN where the loss
            was no number.
        norms: mean length of the gradient by layer id.
        units: the shares of units that are dead, and saturated, by ``<layer id>/<signal>``.
        seconds: spent on training from the beginning of the run to the end of this epoch.
    """

    epoch: int
    logs: Mapping[str, float]
    norms: Mapping[str, float] = field(default_factory=dict)
    units: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass(frozen=True, eq=False)
class TrainingRun:
    """One training of one design, finished or not. Each change makes a new value with the same :attr:`id`.

    Attributes:
        id: names its folder.
        name: what the user calls it: "Run 3".
        design: the design that was trained, as it was at the start, with its settings.
        started: when, in local time.
        seconds: spent on training, pauses not counted.
        epochs: what was told at the end of each epoch, epoch 0 first.
        best_epoch: the epoch with the best monitored figure.
        state: a name in :data:`STATES`.
        sentence: how it ended, in words; empty while it is under way.
        batches_per_epoch: how many batches an epoch has; 0 before the first.
        batches: ``loss`` and ``norm`` by batch over the whole run, ``(points,)`` float32.
        batches_per_point: of how many batches each point is the mean. Point i ends with batch
            ``(i + 1) × batches_per_point``, counted from the start of epoch 1.
        samples: a fingerprint of the samples that it learns from.
    """

    id: str
    name: str
    design: Design
    started: datetime
    seconds: float = 0.0
    epochs: tuple[EpochRecord, ...] = ()
    best_epoch: int = 0
    state: str = "running"
    sentence: str = ""
    batches_per_epoch: int = 0
    batches: Mapping[str, Array] = field(default_factory=dict)
    batches_per_point: int = 1
    samples: str = ""

    @property
    def training(self) -> Training:
        """The settings that it ran with."""
        return self.design.training or Training()

    @property
    def last_epoch(self) -> int:
        """The number of the last whole epoch."""
        return self.epochs[-1].epoch if self.epochs else 0

    @property
    def resumable(self) -> bool:
        """Whether it ended before its last epoch and can be taken up again, if its checkpoint is there."""
        return self.state in ("interrupted", "stopped") and self.last_epoch < self.training.epochs

    def record(self, epoch: int) -> EpochRecord | None:
        """The figures of an epoch; None if it has not come to that."""
        return next((each for each in self.epochs if each.epoch == epoch), None)


class BatchCurves:
    """Grows by every batch, and stays small: when a curve has too many points, neighbours become their mean."""

    def __init__(self, per_point: int = 1, points: Mapping[str, Array] | None = None) -> None:
        self.per_point = per_point
        self._points: dict[str, list[float]] = {
            name: list(map(float, each)) for name, each in (points or {}).items()
        }
        self._open: dict[str, list[float]] = {}

    def add(self, curves: Mapping[str, Array]) -> None:
        """Take the figures of further batches."""
        for name, values in curves.items():
            waiting = self._open.setdefault(name, [])
            points = self._points.setdefault(name, [])
            waiting.extend(map(float, values))
            whole = len(waiting) // self.per_point * self.per_point
            points.extend(_mean(waiting[at : at + self.per_point]) for at in range(0, whole, self.per_point))
            del waiting[:whole]
        while max(map(len, self._points.values()), default=0) > MOST_POINTS:
            self._halve()

    def cut(self, batches: int) -> None:
        """Forget every batch after the first so many."""
        for points in self._points.values():
            del points[batches // self.per_point :]
        self._open.clear()

    def arrays(self) -> dict[str, Array]:
        """The points by name, ``(points,)`` float32."""
        import numpy

        return {name: numpy.array(points, numpy.float32) for name, points in self._points.items()}

    def _halve(self) -> None:
        for name, points in self._points.items():
            if len(points) % 2:
                # Its batches come again, before those that are waiting.
                self._open.setdefault(name, [])[:0] = [points.pop()] * self.per_point
            self._points[name] = [(a + b) / 2 for a, b in zip(points[::2], points[1::2], strict=True)]
        self.per_point *= 2


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
