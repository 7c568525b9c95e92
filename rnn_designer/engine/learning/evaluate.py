"""Predicts samples and measures the predictions by the loss and the metrics that the source compiles."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy

from rnn_designer.engine.learning.lessons import Arrays, make_lesson, refuse_wrong_targets
from rnn_designer.engine.learning.pupil import Pupil
from rnn_designer.engine.learning.step import MeasuringStep
from rnn_designer.messages import Array, Evaluate, Evaluated, Message, Progress


def evaluate(request: Evaluate, checkpoint: Callable[[], None], tell: Callable[[Message], None]) -> Evaluated:
    """Predict and measure as the request says, by a model of its own.

    Args:
        request: which samples, and by which weights.
        checkpoint: called before every batch; it may raise to stop.
        tell: takes how far it is.

    Raises:
        Refused: the samples do not fit the model.
        Exception: whatever the source, Keras or TensorFlow raises.
    """
    started = time.perf_counter()
    tell(Progress(request.run, None, "Building the model"))
    pupil = Pupil(request, checkpoint)
    model = pupil.model
    arrays = Arrays("held-out", request.inputs, request.targets, request.sample_weights)
    lesson = make_lesson(pupil, arrays, request.batch_size)
    refuse_wrong_targets(pupil, lesson)
    pupil.make_ready(lesson.batch(next(lesson.rows())))
    predictions: list[list[Array]] = [[] for _ in model.outputs]

    def between(number: int) -> None:
        checkpoint()
        tell(Progress(request.run, number / lesson.batches, "Measuring"))

    logs = MeasuringStep(model, lesson).measure(between, predictions)
    found: dict[str, Array] = {}
    for name, batches in zip(pupil.outputs, predictions, strict=True):
        # A layer that also returns its states stands there once for each; its output comes first.
        found.setdefault(name, numpy.concatenate(batches))
    return Evaluated(request.run, logs, found, time.perf_counter() - started)
