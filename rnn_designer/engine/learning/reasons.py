"""Why a training ended, in a sentence; for one that broke down with the likely cause and what to do about it."""

from __future__ import annotations

from typing import Any

import numpy

from rnn_designer.engine.learning.lessons import Lesson
from rnn_designer.engine.learning.step import Learned

LARGE_RATE = 0.1
"""A learning rate from which on it is the first thing to suspect."""

HALF = ("float16",)


def broken_batch(model: Any, lesson: Lesson, rows: Any, learned: Learned, place: str, kept: str) -> str:
    """What is said when a batch gave a loss or a gradient that is no number.

    Args:
        model: the Keras model.
        lesson: what it learnt from.
        rows: the samples of the batch.
        learned: what the step gave.
        place: which batch of which epoch.
        kept: what remains.
    """
    what = "loss" if not numpy.isfinite(learned.loss) else "gradient"
    found = lesson.not_finite(rows)
    if found is not None:
        return f"The {what} is not a number in {place}: {_in_data(found)} {kept}"
    return f"The {what} is not a number in {place}: {_cause(model, learned.learning_rate)} {kept}"


def broken_weights(model: Any, rate: float, epoch: int, kept: str) -> str:
    """What is said when the weights are no numbers at the end of an epoch, though every loss was one."""
    return f"Weights are not numbers any more at the end of epoch {epoch}: {_cause(model, rate)} {kept}"


def broken_validation(found: tuple[str, int]) -> str:
    """What is said when the validation samples hold something that is no number."""
    return f"Nothing was trained: among the validation samples, {_in_data(found)}"


def remains(epoch: int) -> str:
    """Which epoch is the last one to be had."""
    if epoch == 0:
        return "The untrained model remains."
    return f"Epoch {epoch} remains."


def _in_data(found: tuple[str, int]) -> str:
    name, sample = found
    return (
        f"sample {sample} of {name} holds NaN or infinity; expected numbers. Fill its gaps or leave it out."
    )


def _cause(model: Any, rate: float) -> str:
    limits = [getattr(model.optimizer, name, None) for name in ("clipnorm", "clipvalue", "global_clipnorm")]
    remedies = [f"lower the learning rate, now {rate:.3g}"]
    if not any(limits):
        remedies.append("clip the gradients")
    remedies.append("check the data for very large values")
    remedy = ", or ".join((", ".join(remedies[:-1]), remedies[-1]))
    if any(layer.compute_dtype in HALF for layer in model.layers):
        cause = "float16 holds no value above 65,504"
        remedy = f"compute in float32, or {remedies[0]}"
    elif rate >= LARGE_RATE:
        cause = "the learning rate is so large that every step overshoots"
    else:
        cause = "the gradients have most likely grown without end"
    return f"{cause}. {remedy[0].upper()}{remedy[1:]}."
