"""One compiled step of training, and one of measuring: Keras' own, watched.

``train_step`` looks up ``compute_loss`` on the model and ``apply_gradients`` on the optimizer. While a step is traced
into a graph, each has a stand-in that calls it and notes what passes by, so that no line of Keras' maths is repeated
here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import keras
import numpy
import tensorflow as tf

from rnn_designer.engine.cells import replaced
from rnn_designer.engine.failures import Refused
from rnn_designer.engine.learning.lessons import Lesson
from rnn_designer.engine.learning.pupil import Pupil
from rnn_designer.messages import Array


@dataclass(frozen=True)
class Learned:
    """What one step of training gave.

    Attributes:
        loss: of this batch, regularizers included.
        learning_rate: that it was applied with.
        norms: length of the gradient by layer id, before clipping.
        logs: loss and metrics over the epoch so far, as tensors: reading them costs time.
    """

    loss: float
    learning_rate: float
    norms: Mapping[str, float]
    logs: Mapping[str, Any]

    @property
    def norm(self) -> float:
        """Length of the whole gradient."""
        lengths = numpy.asarray([*self.norms.values()], "float64")
        return float(numpy.sqrt(numpy.square(lengths).sum()))


class TrainingStep:
    """The compiled step of training on a lesson.

    Args:
        pupil: the model.
        lesson: what it learns.
    """

    def __init__(self, pupil: Pupil, lesson: Lesson) -> None:
        self._model = pupil.model
        self._lesson = lesson
        owners = pupil.owners()
        self._ids = list(dict.fromkeys(owner for owner in owners if owner))
        self._owners = [self._ids.index(owner) if owner else -1 for owner in owners]
        self._run = _compiled(self._model, lesson, self._step)

    def __call__(self, rows: Any) -> Learned:
        """Learn from one batch of the lesson.

        Args:
            rows: which samples, ``(batch,)``.

        Raises:
            Exception: whatever Keras or TensorFlow raises, from inside the layer that is to blame if there is one.
        """
        try:
            figures, logs = self._run(rows)
        except tf.errors.OpError:
            _blame_layer(self._model, self._lesson.batch(rows)[0])
            raise
        except ValueError as error:
            if "No gradients provided" in str(error):
                raise Refused(
                    "Nothing that is trained leads to a trained output; expected at least one layer with weights "
                    "on the way to it that are not frozen. Wire it, or set “trainable” on one of its layers."
                ) from error
            raise
        numbers = figures.numpy()
        norms = dict(zip(self._ids, map(float, numbers[2:]), strict=True))
        return Learned(float(numbers[0]), float(numbers[1]), norms, logs)

    def _step(self, data: Any) -> tuple[Any, Any]:
        with _losses_noted(self._model) as losses, _gradients_noted(self._model.optimizer) as applied:
            logs = self._model.train_step(data)
        rate, gradients = applied[0]
        # A loss that is not reduced has a number for each sample.
        loss = tf.reduce_mean(tf.cast(losses[0], tf.float32))
        return tf.stack([loss, rate, *self._norms(gradients)]), logs

    def _norms(self, gradients: list[Any]) -> list[Any]:
        scale = getattr(self._model.optimizer, "loss_scale_factor", None) or 1.0
        squares: list[list[Any]] = [[] for _ in self._ids]
        for gradient, owner in zip(gradients, self._owners, strict=True):
            if gradient is not None and owner >= 0:
                squares[owner].append(tf.reduce_sum(tf.square(_values(gradient) / scale)))
        return [tf.sqrt(tf.add_n(each)) if each else tf.constant(0.0) for each in squares]


class MeasuringStep:
    """The compiled step of measuring a lesson.

    Args:
        model: the compiled Keras model.
        lesson: what it is measured by.
    """

    def __init__(self, model: Any, lesson: Lesson) -> None:
        self._model = model
        self._lesson = lesson
        self._run = _compiled(model, lesson, self._step)

    def measure(
        self, between: Callable[[int], None], predictions: list[list[Array]] | None = None
    ) -> dict[str, float]:
        """Loss and metrics over the lesson, as ``evaluate`` gives them; those that are no number are left out.

        Args:
            between: called before every batch with its number; it may raise to stop.
            predictions: takes what the model gives for each batch, a list for each of its outputs.

        Raises:
            Exception: whatever Keras or TensorFlow raises.
        """
        self._model.reset_metrics()
        logs: Mapping[str, Any] = {}
        for number, rows in enumerate(self._lesson.rows()):
            between(number)
            try:
                outputs, logs = self._run(rows)
            except tf.errors.OpError:
                _blame_layer(self._model, self._lesson.batch(rows)[0])
                raise
            if predictions is not None:
                for kept, output in zip(predictions, outputs, strict=True):
                    kept.append(output.numpy())
        return figures_of(logs)

    def _step(self, data: Any) -> tuple[Any, Any]:
        outputs: list[Any] = []
        compute_metrics = self._model.compute_metrics

        def noting(x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
            outputs.append(keras.tree.flatten(y_pred))
            return compute_metrics(x, y, y_pred, sample_weight=sample_weight)

        with replaced(self._model, "compute_metrics", noting):
            logs = self._model.test_step(data)
        # Predictions travel as float32, whatever type a layer computes in.
        return [tf.cast(each, tf.float32) if each.dtype.is_floating else each for each in outputs[0]], logs


def figures_of(logs: Mapping[str, Any]) -> dict[str, float]:
    """Figures as plain numbers, without NaN and infinity; one of several numbers as ``name_0`` and so on."""
    return finite(plain(logs))


def plain(logs: Mapping[str, Any]) -> dict[str, float]:
    """Figures as plain numbers, whatever they are; one of several numbers as ``name_0`` and so on."""
    found: dict[str, float] = {}
    for name, value in logs.items():
        numbers = numpy.asarray(value, "float64").reshape(-1)
        single = numpy.ndim(value) == 0
        found |= {name if single else f"{name}_{n}": float(number) for n, number in enumerate(numbers)}
    return found


def finite(figures: Mapping[str, float]) -> dict[str, float]:
    """The figures that are numbers: messages carry no others."""
    return {name: value for name, value in figures.items() if numpy.isfinite(value)}


def _compiled(model: Any, lesson: Lesson, step: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The step on the rows that it is given; one graph for batches of every size that the lesson has."""
    return tf.function(
        lambda rows: step(lesson.batch(rows)),
        input_signature=[tf.TensorSpec((lesson.static_batch,), tf.int64)],
        autograph=False,
        jit_compile=bool(model.jit_compile),
    )


@contextmanager
def _losses_noted(model: Any) -> Iterator[list[Any]]:
    """While this is open, the losses that the model computes are noted."""
    noted: list[Any] = []
    compute_loss = model.compute_loss

    def noting(*positional: Any, **named: Any) -> Any:
        loss = compute_loss(*positional, **named)
        noted.append(loss)
        return loss

    with replaced(model, "compute_loss", noting):
        yield noted


@contextmanager
def _gradients_noted(optimizer: Any) -> Iterator[list[tuple[Any, list[Any]]]]:
    """While this is open, what the optimizer is given is noted: the learning rate of then, and the gradients."""
    noted: list[tuple[Any, list[Any]]] = []
    apply_gradients = optimizer.apply_gradients

    def noting(pairs: Any) -> Any:
        pairs = list(pairs)
        rate = tf.cast(tf.convert_to_tensor(optimizer.learning_rate), tf.float32)
        noted.append((tf.identity(rate), [gradient for gradient, _ in pairs]))
        return apply_gradients(pairs)

    with replaced(optimizer, "apply_gradients", noting):
        yield noted


def _values(gradient: Any) -> Any:
    """The numbers of a gradient whose squares make its length."""
    if isinstance(gradient, tf.IndexedSlices):
        # A row that was read several times has several slices, which add up.
        rows, places = tf.unique(gradient.indices)
        summed = tf.math.unsorted_segment_sum(gradient.values, places, tf.size(rows))
        return tf.cast(summed, tf.float32)
    return tf.cast(gradient, tf.float32)


def _blame_layer(model: Any, inputs: Any) -> None:
    """Run the model layer by layer: a graph does not say where it failed, a layer's call does."""
    model(inputs, training=False)
