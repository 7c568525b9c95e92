"""The loop of training: epoch after epoch, batch after batch, as ``fit`` goes through them."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Iterator, Mapping

import numpy

from rnn_designer.engine.failures import Refused
from rnn_designer.engine.learning import reasons
from rnn_designer.engine.learning.lessons import Arrays, Lesson, make_lesson, refuse_wrong_targets
from rnn_designer.engine.learning.monitor import VALIDATION, Monitor
from rnn_designer.engine.learning.pupil import Pupil
from rnn_designer.engine.learning.steering import Hear, Steering, Stopped
from rnn_designer.engine.learning.step import Learned, MeasuringStep, TrainingStep, figures_of, finite, plain
from rnn_designer.engine.learning.units import Units
from rnn_designer.engine.requests import Cancelled
from rnn_designer.messages import Array, Message, Progress, Train, Trained, TrainEpoch, TrainStep

SHORTEST = 1 / 30
"""Seconds between two steps that are told."""


def train(
    request: Train, checkpoint: Callable[[], None], tell: Callable[[Message], None], hear: Hear
) -> Trained:
    """Train a model of its own as the request says.

    Args:
        request: what to train, on what and how.
        checkpoint: called between stages; it may raise to stop.
        tell: takes what comes of it meanwhile.
        hear: gives what the user says meanwhile; it may raise to stop.

    Raises:
        Refused: the request cannot be met; its text says why.
        Exception: whatever the source, Keras or TensorFlow raises.
    """
    # The training before this one may still hold all its samples, in cycles of models and graphs.
    gc.collect()
    tell(Progress(request.run, None, "Building the model"))
    return _Loop(request, checkpoint, tell, hear).run()


class _Loop:
    """One training."""

    def __init__(
        self, request: Train, checkpoint: Callable[[], None], tell: Callable[[Message], None], hear: Hear
    ) -> None:
        self._request = request
        self._checkpoint = checkpoint
        self._tell = tell
        self._pupil = pupil = Pupil(request, checkpoint)
        arrays = Arrays("training", request.inputs, request.targets, request.sample_weights)
        self._lesson = make_lesson(pupil, arrays, request.batch_size)
        if not pupil.model.trainable_weights:
            raise Refused(
                "No layer has weights that may be trained; expected at least one. "
                "Set “trainable” on a layer with weights, or add one."
            )
        refuse_wrong_targets(pupil, self._lesson)
        self._validation = self._validation_lesson()
        pupil.make_ready(self._lesson.batch(next(self._lesson.rows())))
        self._step = TrainingStep(pupil, self._lesson)
        self._measuring = None if self._validation is None else MeasuringStep(pupil.model, self._validation)
        self._units = Units(pupil, request.probe)
        self._monitor = Monitor(request, pupil.model, self._figures())
        self._steering = Steering(hear, request.paused, self._tell_pause)
        self._order = numpy.random.default_rng(request.order_seed)
        self._epoch, self._done, self._whole = request.first_epoch + 1, 0, request.first_epoch
        self._curves: dict[str, list[float]] = {"loss": [], "norm": []}
        self._learned: Learned | None = None
        self._since = time.perf_counter()
        self._told = self._told_weights = -numpy.inf

    def run(self) -> Trained:
        """Go through the epochs; returns why they ended."""
        request = self._request
        for _ in range(request.first_epoch if request.shuffle else 0):
            self._order.permutation(self._lesson.samples)
        self._pupil.begin_draws(request.order_seed)
        if request.state:
            self._pupil.take_up(request.state)
        try:
            if self._validation is not None and (found := self._validation.not_finite()) is not None:
                return self._ended("not_a_number", reasons.broken_validation(found))
            if request.first_epoch == 0:
                with self._pupil.undisturbed():
                    logs = self._measured()
                self._tell_epoch(0, logs, {}, self._pupil.built.weights())
            self._tell(Progress(request.run, None, "Compiling the step of training"))
            for epoch in range(request.first_epoch + 1, request.epochs + 1):
                ended = self._one_epoch(epoch)
                if ended is not None:
                    return ended
        except Stopped:
            self._tell_step(with_weights=True)
            return self._ended("stopped", f"Stopped. {reasons.remains(self._whole)}")
        return self._ended("finished", f"Trained for {request.epochs} {_epochs(request.epochs)}.")

    def _one_epoch(self, epoch: int) -> Trained | None:
        """Learn from every sample once and tell what came of it; what ended training by that, or None."""
        request, model = self._request, self._pupil.model
        self._epoch, self._done = epoch, 0
        order = self._order.permutation(self._lesson.samples) if request.shuffle else None
        model.reset_metrics()
        norms: list[Mapping[str, float]] = []
        for rows in self._lesson.rows(order):
            self._steering.before_training_batch()
            self._learned = learned = self._step(rows)
            self._done += 1
            norms.append(learned.norms)
            self._curves["loss"].append(learned.loss)
            self._curves["norm"].append(learned.norm)
            if not numpy.isfinite(learned.loss) or numpy.isnan(learned.norm):
                place = f"batch {self._done} of epoch {epoch}"
                kept = reasons.remains(self._whole)
                said = reasons.broken_batch(model, self._lesson, rows, learned, place, kept)
                return self._ended("not_a_number", said)
            if time.perf_counter() - self._told >= SHORTEST:
                self._tell_step()
        logs = figures_of(self._learned.logs) if self._learned is not None else {}
        weights = self._pupil.built.weights()
        if not all(numpy.isfinite(array).all() for array in weights.values()):
            rate = self._learned.learning_rate if self._learned is not None else 0.0
            said = reasons.broken_weights(model, rate, epoch, reasons.remains(self._whole))
            return self._ended("not_a_number", said)
        logs |= self._measured()
        early = self._monitor.take(epoch, logs)
        self._whole = epoch
        self._tell_epoch(epoch, logs, _means(norms), weights)
        if early:
            best = self._monitor.best_epoch
            said = (
                f"Ended after epoch {epoch}: “{self._monitor.figure}” has made no progress for "
                f"{request.patience} {_epochs(request.patience)}; epoch {best} was the best."
            )
            return self._ended("early", said)
        return None

    def _measured(self) -> dict[str, float]:
        """The figures of the validation samples."""
        if self._measuring is None:
            return {}
        logs = self._measuring.measure(lambda _number: self._steering.before_other_work())
        return {VALIDATION + name: value for name, value in logs.items()}

    def _validation_lesson(self) -> Lesson | None:
        request = self._request
        if not request.validation_inputs:
            return None
        arrays = Arrays(
            "validation", request.validation_inputs, request.validation_targets, request.validation_weights
        )
        lesson = make_lesson(self._pupil, arrays, request.batch_size)
        refuse_wrong_targets(self._pupil, lesson)
        return lesson

    def _figures(self) -> Iterator[str]:
        """The names of the figures that training will give."""
        names = list(plain(self._pupil.model.get_metrics_result()))
        yield from names
        if self._validation is not None:
            yield from (VALIDATION + name for name in names)

    def _tell_pause(self) -> None:
        self._tell_step(paused=True, with_weights=True)

    def _tell_step(self, *, paused: bool = False, with_weights: bool = False) -> None:
        request, learned, now = self._request, self._learned, time.perf_counter()
        curves = {name: numpy.array(values, "float32") for name, values in self._curves.items() if values}
        weights: Mapping[str, Array] = {}
        if with_weights or 0 < request.every <= now - self._told_weights:
            weights, self._told_weights = self._pupil.built.weights(), now
        self._told = now
        self._curves = {name: [] for name in self._curves}
        self._tell(
            TrainStep(
                request.run,
                self._epoch,
                self._done,
                self._lesson.batches,
                figures_of(learned.logs) if learned is not None and self._done else {},
                curves,
                finite(learned.norms) if learned is not None else {},
                learned.learning_rate if learned is not None else 0.0,
                self._spent(),
                paused,
                weights,
            )
        )

    def _tell_epoch(
        self, epoch: int, logs: Mapping[str, float], norms: Mapping[str, float], weights: Mapping[str, Array]
    ) -> None:
        units = self._looked_at_units()
        self._tell(
            TrainEpoch(
                self._request.run,
                epoch,
                logs,
                weights,
                self._pupil.state(),
                finite(norms),
                units,
                self._monitor.best_epoch,
                self._spent(),
            )
        )

    def _looked_at_units(self) -> Mapping[str, Array]:
        try:
            with self._pupil.undisturbed():
                return self._units.look(self._checkpoint)
        except Cancelled:
            raise
        except Exception as error:  # what cannot be looked at can be trained all the same
            sys.stderr.write(f"The units of the probe could not be looked at: {error}\n")
            self._units = Units(self._pupil, {})
            return {}

    def _ended(self, reason: str, sentence: str) -> Trained:
        if self._curves["loss"]:
            # What was learnt since the step told before is on no curve yet.
            self._tell_step()
        return Trained(self._request.run, reason, sentence, self._whole, self._monitor.best_epoch)

    def _spent(self) -> float:
        return time.perf_counter() - self._since - self._steering.waited


def _means(norms: list[Mapping[str, float]]) -> dict[str, float]:
    """Layer by layer, over the batches of an epoch."""
    return {layer: float(numpy.mean([each[layer] for each in norms])) for layer in norms[0]}


def _epochs(count: int) -> str:
    return "epoch" if count == 1 else "epochs"
