"""What an output should give for the samples on the canvas, beside what it gives. NumPy, no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rnn_designer.design.tasks import FittedGoal
from rnn_designer.sequences import Fitted

if TYPE_CHECKING:
    from rnn_designer.messages import Array


@dataclass(frozen=True, eq=False)
class Pair:
    """What an output gives, and what it should give, for each sample of the batch.

    Attributes:
        given: ``(samples, steps, features)``; for classes the probability of the class that is right, one feature.
        wanted: of the same shape, NaN where there is no target; for classes 1 wherever there is one.
        classes: whether it is about classes.
        right: ``(samples, steps)``, 1 where the likeliest class is the right one, 0 where not, NaN without a target;
            None for numbers.
    """

    given: Array
    wanted: Array
    classes: bool = False
    right: Array | None = None

    @property
    def per_step(self) -> bool:
        """Whether there is more than one step."""
        return int(self.given.shape[1]) > 1

    def of_sample(self, array: Array, sample: int) -> Array:
        """One of the arrays for one sample, or, where each sample has one answer, for all of them: rows first."""
        rows: Array = array[min(sample, len(array) - 1)] if self.per_step else array[:, 0]
        return rows


def pair(goal: FittedGoal, fitted: Fitted, output: Array) -> Pair | str:
    """What stands beside what, or why that cannot be told from the samples on the canvas, as a sentence.

    Args:
        goal: what the output learns.
        fitted: the samples of the Input in whose data the targets lie.
        output: what the layer gave, ``(samples, …)``.
    """
    if goal.columns or goal.source is not None:
        return (
            "The targets are other columns of the data, which are not on the canvas. Evaluate shows them beside the "
            "predictions."
        )
    given = np.asarray(output, np.float32)
    given = given.reshape(given.shape[0], given.shape[1] if goal.per_step else 1, -1)
    if goal.classes is None:
        wanted = _numbers(goal, fitted, given)
        return wanted if isinstance(wanted, str) else Pair(given, wanted)
    labels = _classes(goal, fitted, given)
    if isinstance(labels, str):
        return labels
    return _judged(goal, given, labels)


def labels_of(goal: FittedGoal, fitted: Fitted, output: Array) -> Array | None:
    """The classes that an output is to tell, ``(samples, steps)``, NaN without one; None where it cannot be told.

    Args:
        goal: what the output learns, classes.
        fitted: the samples of the Input in whose data the targets lie.
        output: what the layer gave, ``(samples, …)``.
    """
    if goal.classes is None or goal.columns or goal.source is not None:
        return None
    given = np.asarray(output, np.float32)
    found = _classes(goal, fitted, given.reshape(given.shape[0], given.shape[1] if goal.per_step else 1, -1))
    return None if isinstance(found, str) else found


def _numbers(goal: FittedGoal, fitted: Fitted, given: Array) -> Array | str:
    samples, steps, features = given.shape
    wanted = np.full(given.shape, np.nan, np.float32)
    if goal.task == "next_step":
        series = np.asarray(fitted.array, np.float32).reshape(*fitted.array.shape[:2], -1)
        if len(series) != samples or series.shape[2] != features:
            return _DIFFER
        shared = min(steps, series.shape[1])
        wanted[:, : shared - 1] = series[:, 1:shared]
        if fitted.ahead is not None and fitted.ahead.shape[1] > 0 and shared == steps:
            wanted[:, -1] = fitted.ahead.reshape(samples, fitted.ahead.shape[1], -1)[:, 0]
        return wanted
    if goal.task == "horizon":
        if fitted.ahead is None or fitted.ahead.shape[1] < goal.horizon:
            steps_words = "1" if goal.horizon == 1 else str(goal.horizon)
            return (
                "The target lies behind the samples on the canvas. Set “horizon” under Data to at least "
                f"{steps_words}, and it is cut with them."
            )
        wanted[:, 0] = fitted.ahead.reshape(samples, fitted.ahead.shape[1], -1)[:, goal.horizon - 1]
        return wanted
    if fitted.targets is None or len(fitted.targets) != samples:
        return _DIFFER
    if goal.per_step:
        shared = min(steps, fitted.targets.shape[1])
        wanted[:, :shared] = fitted.targets[:, :shared, None]
    else:
        wanted[:, 0] = fitted.targets[:, -1:]
    return wanted


_DIFFER = (
    "The samples on the canvas carry no targets of this output. Evaluate shows them beside the predictions."
)


def _classes(goal: FittedGoal, fitted: Fitted, given: Array) -> Array | str:
    """The number of the right class, ``(samples, steps)``; NaN where there is none."""
    samples, steps, _classes_there = given.shape
    labels = np.full((samples, steps), np.nan)
    if goal.task == "next_token":
        ids = np.asarray(fitted.array)
        if ids.ndim != 2 or len(ids) != samples:
            return _DIFFER
        if not goal.per_step:
            if fitted.ahead is None or not fitted.ahead.shape[1]:
                return "The next token lies behind the samples on the canvas. Set “horizon” under Data to 1."
            labels[:, 0] = fitted.ahead.reshape(samples, -1)[:, 0]
            return labels
        shared = min(steps, ids.shape[1])
        labels[:, : shared - 1] = ids[:, 1:shared]
        return labels
    if fitted.targets is None or len(fitted.targets) != samples:
        return _DIFFER
    if goal.per_step:
        shared = min(steps, fitted.targets.shape[1])
        labels[:, :shared] = fitted.targets[:, :shared]
    else:
        labels[:, 0] = fitted.targets[:, -1]
    return labels


def _judged(goal: FittedGoal, given: Array, labels: Array) -> Pair:
    scores = given.astype(np.float64)
    there = np.isfinite(labels)
    index = np.where(there, labels, 0).astype(np.intp)
    if goal.encoding == "binary":
        one = scores[..., 0] if goal.activation == "sigmoid" else 1 / (1 + np.exp(-scores[..., 0]))
        right_one = np.where(index > 0, one, 1 - one)
        right = right_one > 0.5
    else:
        if goal.activation != "softmax":
            scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
            scores /= scores.sum(axis=-1, keepdims=True)
        index = np.clip(index, 0, scores.shape[-1] - 1)
        right_one = np.take_along_axis(scores, index[..., None], axis=-1)[..., 0]
        right = scores.argmax(axis=-1) == index
    wanted = np.where(there, 1.0, np.nan)[..., None]
    shown = np.where(there, right_one, np.nan)[..., None]
    return Pair(
        shown.astype(np.float32),
        wanted.astype(np.float32),
        True,
        np.where(there, right.astype(np.float64), np.nan),
    )
