"""From whole series and samples to what a network learns from: windows with their targets, in parts, without leakage.

In short, for a series of rows and samples of T steps, of which sample i begins at row ``begin + i × stride``:

* a part (training, validation, test, in the order of time) is cut on its own: a sample and its targets lie wholly in
  it. Training that knows nothing of later rows can be told from the rest;
* scales of normalization come from the rows of the training part;
* ``next_step`` at step t: the row of step t + 1. ``horizon``: the row ``horizon`` steps after the last one.
  ``value`` and ``class``: from the row of the last step. ``values`` and ``classes``: from each step's row.
  ``next_token``: as ``next_step`` where the output has steps, else as ``horizon`` with 1.

Samples that are samples already (arrays with three axes, generators) are parted by whole samples.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnn_designer.messages import Array
else:
    Array = Any


@dataclass(frozen=True, eq=False)
class Lesson:
    """One part of the samples, with what is to be learned from them.

    Attributes:
        inputs: by Input ``(samples, *shape)``, float32 or int32, scaled.
        targets: by output ``(samples, …)``: float32 numbers, scaled like the data; int32 numbers of classes; ones
            among zeros; or one 0 or 1. Where there is no answer: 0, and the weight is 0.
        sample_weights: by output ``(samples,)``, or ``(samples, time)`` for targets at every step; an output whose
            targets all count alike is not in it.
        rows: the row of the data, or the number of the sample, at which each sample begins, ``(samples,)`` int64.
    """

    inputs: Mapping[str, Array]
    targets: Mapping[str, Array]
    sample_weights: Mapping[str, Array] = field(default_factory=dict)
    rows: Array | None = None

    @property
    def size(self) -> int:
        """How many samples it has."""
        return len(next(iter(self.inputs.values()))) if self.inputs else 0


@dataclass(frozen=True, eq=False)
class Scale:
    """How numbers were scaled: ``scaled = (value − offset) / scale`` for each feature on the last axis."""

    offset: Array
    scale: Array

    def undo(self, values: Array) -> Array:
        """The numbers as they are in the data, ``(…, features)`` float32."""
        import numpy as np

        given: Array = (np.asarray(values, np.float64) * self.scale + self.offset).astype(np.float32)
        return given


@dataclass(frozen=True, eq=False)
class Lessons:
    """Everything that a design learns from.

    Attributes:
        train: the beginning, from which the network learns.
        validation: what follows, by which it is chosen when to stop; None without such a part.
        test: the end, which is looked at once, when all is settled; None without such a part.
        scales: of the targets, by output: how to get back to the numbers of the data; those of classes have none.
        labels: of classes, by output: what the data calls each class, from class 0; only where that is not its number.
        words: what was cut, for people: "400 samples of 50 steps to learn from, 100 to validate, 50 to test".
    """

    train: Lesson
    validation: Lesson | None = None
    test: Lesson | None = None
    scales: Mapping[str, Scale] = field(default_factory=dict)
    labels: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    words: str = ""
