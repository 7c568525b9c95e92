"""Samples, targets and weights as the model takes them: checked against it, in the order of its outputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy
import tensorflow as tf

from rnn_designer.engine.failures import Refused
from rnn_designer.engine.learning.pupil import Pupil
from rnn_designer.messages import Array

TAKES_CLASSES = ("sparsecategorical", "categoricalgeneralized")
"""What the names of losses begin with whose targets are the numbers of classes."""


@dataclass(frozen=True)
class Arrays:
    """What there is to learn or to be measured by, as it came: arrays ``(samples, …)`` by layer name.

    Attributes:
        part: what the samples are called in a sentence: ``training``, ``validation``.
        inputs: by the name of the Input.
        targets: by the name of the layer whose output is trained.
        weights: by the same names; ``(samples,)`` or ``(samples, time)``.
    """

    part: str
    inputs: Mapping[str, Array]
    targets: Mapping[str, Array]
    weights: Mapping[str, Array]


@dataclass(frozen=True)
class Lesson:
    """Samples that fit a model, as tensors.

    Attributes:
        part: what the samples are called in a sentence.
        samples: how many there are.
        batch_size: how many make a batch; the last one has what is left.
        data: inputs, targets and weights in the structure that ``train_step`` takes: lists in the model's order, None
            where an output has no target or all samples count alike; what there is one of is no list.
        names: of the arrays in ``data``, in the order in which they stand there.
    """

    part: str
    samples: int
    batch_size: int
    data: Any
    names: tuple[str, ...]

    @property
    def batches(self) -> int:
        """How many batches make an epoch."""
        return -(-self.samples // self.batch_size)

    @property
    def static_batch(self) -> int | None:
        """The size of every batch; None if the last one is smaller."""
        return None if self.samples % self.batch_size else self.batch_size

    def rows(self, order: Array | None = None) -> Iterator[Any]:
        """Which samples make each batch, as tensors ``(batch,)`` int64."""
        chosen = numpy.arange(self.samples, dtype="int64") if order is None else numpy.asarray(order, "int64")
        for start in range(0, self.samples, self.batch_size):
            yield tf.constant(chosen[start : start + self.batch_size])

    def batch(self, rows: Any) -> Any:
        """Inputs, targets and weights of these samples."""
        return keras.tree.map_structure(
            lambda each: None if each is None else tf.gather(each, rows), self.data
        )

    def not_finite(self, rows: Any | None = None) -> tuple[str, int] | None:
        """The first array with a number that is not finite, and the sample it is in; None if all are fine."""
        picked = self.data if rows is None else self.batch(rows)
        numbers = numpy.arange(self.samples) if rows is None else rows.numpy()
        given = [each for each in keras.tree.flatten(picked) if each is not None]
        for name, tensor in zip(self.names, given, strict=True):
            if tensor.dtype.is_floating:
                found = ~numpy.isfinite(tensor.numpy()).reshape(int(tensor.shape[0]), -1).all(axis=1)
                if found.any():
                    return name, int(numbers[found.argmax()])
        return None


def make_lesson(pupil: Pupil, arrays: Arrays, batch_size: int) -> Lesson:
    """The arrays as tensors, in the model's order.

    Raises:
        Refused: the arrays do not fit the model or one another, or a batch has another size than the model.
    """
    model, ids = pupil.model, pupil.ids
    inputs = [_input(tensor, arrays, ids) for tensor in model.inputs]
    names = pupil.outputs
    targets: list[Any] = [None] * len(names)
    weights: list[Any] = [None] * len(names)
    for name, target in arrays.targets.items():
        if name not in names:
            raise Refused(
                f"Received {arrays.part} targets for “{name}”; expected one of the model's outputs, "
                f"{_listed(names)}. Choose one of them.",
                ids.get(name),
            )
        # A layer that also returns its states stands there once for each; its output comes first.
        targets[names.index(name)] = target
        weights[names.index(name)] = _by_step(arrays.weights.get(name), model.outputs[names.index(name)])
    counts = {len(each): name for name, each in [*arrays.inputs.items(), *arrays.targets.items()]}
    counts |= {len(each): f"the weights of {name}" for name, each in arrays.weights.items()}
    if len(counts) > 1:
        (one, first), (other, second) = list(counts.items())[:2]
        raise Refused(
            f"Received {one:,} {arrays.part} samples for {first} and {other:,} for {second}; expected as many "
            "everywhere. Choose data of the same length.",
            ids.get(first),
        )
    samples = next(iter(counts))
    if samples == 0:
        raise Refused(f"Received no {arrays.part} samples; expected at least one. Choose more data.")
    size = min(batch_size, samples)
    _refuse_batches(model, arrays.part, samples, size)
    data = (_alone(inputs), _alone(targets), _alone(weights) if any(w is not None for w in weights) else None)
    tensors = keras.tree.map_structure(_tensor, data)
    given = [*(tensor.name for tensor in model.inputs)]
    given += [f"the targets of {name}" for name, each in zip(names, targets, strict=True) if each is not None]
    given += [f"the weights of {name}" for name, each in zip(names, weights, strict=True) if each is not None]
    return Lesson(arrays.part, samples, size, tensors, tuple(given))


def refuse_wrong_targets(pupil: Pupil, lesson: Lesson) -> None:
    """Refuse targets that Keras would take in silence and get wrong, or refuse in its own words.

    Raises:
        Refused: received, expected, what to do.
    """
    inputs, targets, _ = lesson.data
    shapes = _output_shapes(pupil.model, inputs)
    losses = _losses(pupil.model)
    for name, target, shape, loss in zip(
        pupil.outputs, keras.tree.flatten(targets), shapes, losses, strict=True
    ):
        if target is None:
            continue
        received, expected = tuple(target.shape[1:]), tuple(shape[1:])
        called = (loss if isinstance(loss, str) else type(loss).__name__).replace("_", "").lower()
        numbered = any(each in called for each in TAKES_CLASSES)
        if numbered:
            # An axis of its own for the one number of the class is more than the other losses of this kind take.
            fitting = [expected[:-1], *([(*expected[:-1], 1)] if "sparse" in called else [])]
        else:
            fitting = [expected, expected[:-1]] if expected and expected[-1] == 1 else [expected]
        if not any(_fits(received, each) for each in fitting):
            raise Refused(_wrong_shape(name, received, fitting[0], lesson.part), pupil.ids.get(name))
        if numbered:
            ignored = getattr(loss, "ignore_class", None)
            _refuse_classes(name, target, ignored, expected[-1], pupil.ids.get(name))


def _wrong_shape(name: str, received: tuple[Any, ...], expected: tuple[Any, ...], part: str) -> str:
    said = (
        f"Output “{name}” received {part} targets of {_axes(received)} a sample; it gives {_axes(expected)}. "
    )
    if len(expected) > len(received):
        return said + "Give it a target for every step, or let its layers return the last step only."
    if len(expected) < len(received):
        return said + "Give it one target a sample, or let its layers return sequences."
    if len(expected) > 1 and expected[:-1] != received[:-1]:
        return said + "Give both the same number of steps."
    return said + f"Give it {received[-1]} units, or choose other targets."


def _refuse_classes(
    name: str, target: Any, ignored: int | None, classes: int | None, layer: str | None
) -> None:
    """Keras gives no number for a class that the output does not have, or fails in the middle of training."""
    values = target.numpy()
    values = values[values != ignored] if ignored is not None else values
    if classes is None or not values.size:
        return
    low, high = int(values.min()), int(values.max())
    if low < 0 or high >= classes:
        raise Refused(
            f"Output “{name}” received classes {low} to {high}; its {classes} units stand for 0 to {classes - 1}. "
            f"Give it {high + 1} units, or choose other targets."
            if low >= 0
            else f"Output “{name}” received the class {low}; expected 0 to {classes - 1}. Number classes from 0.",
            layer,
        )


def _input(tensor: Any, arrays: Arrays, ids: Mapping[str, str]) -> Any:
    array = arrays.inputs.get(tensor.name)
    if array is None:
        raise Refused(
            f"Received no {arrays.part} samples for Input “{tensor.name}”. Choose data for it.",
            ids.get(tensor.name),
        )
    if len(array.shape) != len(tensor.shape) or not _fits(array.shape[1:], tuple(tensor.shape[1:])):
        raise Refused(
            f"Input “{tensor.name}” received {arrays.part} samples of {_axes(array.shape[1:])}; expected "
            f"{_axes(tuple(tensor.shape[1:]))}. Choose other data or change the shape of the Input.",
            ids.get(tensor.name),
        )
    return array


def _refuse_batches(model: Any, part: str, samples: int, size: int) -> None:
    fixed = next((tensor.shape[0] for tensor in model.inputs if tensor.shape[0] is not None), None)
    if fixed is None:
        return
    if size != fixed:
        raise Refused(
            f"The Input has a fixed batch size of {fixed}, and the {part} samples come in batches of {size}. "
            f"Train with a batch size of {fixed}, or take it off the Input."
        )
    if samples % fixed:
        raise Refused(
            f"Received {samples:,} {part} samples; expected a multiple of {fixed}, the fixed batch size of the "
            f"Input. Leave {samples % fixed} out, or take the batch size off the Input."
        )


def _output_shapes(model: Any, inputs: Any) -> list[tuple[Any, ...]]:
    """What the model gives for these samples, by output; with a None where the design itself leaves it open."""
    declared = [tuple(tensor.shape) for tensor in model.outputs]
    if not any(None in shape[1:] for shape in declared):
        return declared
    given = keras.tree.map_structure(lambda each: (None, *each.shape[1:]), inputs)
    try:
        found = model.compute_output_shape(given)
    except Exception:  # a hand-written layer may not take it; then its own word has to do
        return declared
    return [found] if isinstance(found, tuple) else [tuple(each) for each in found]


def _losses(model: Any) -> list[Any]:
    """The loss of every output; None where there is none."""
    loss, count = model.loss, len(model.outputs)
    if isinstance(loss, Mapping):
        # A Sequential model knows no names of outputs, and has one.
        return [loss.get(name) for name in getattr(model, "output_names", loss)]
    if isinstance(loss, list | tuple):
        return [*loss, *[None] * (count - len(loss))]
    return [loss] * count


def _fits(received: tuple[Any, ...], expected: tuple[Any, ...]) -> bool:
    return len(received) == len(expected) and all(
        size in (None, got) for got, size in zip(received, expected, strict=True)
    )


def _by_step(weights: Any, output: Any) -> Any:
    """Weights of samples, for an output that has a loss at every step: Keras would not spread them over the steps."""
    if weights is None:
        return None
    return weights.reshape(*weights.shape, *[1] * (len(output.shape) - 1 - len(weights.shape)))


def _alone(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _tensor(array: Any) -> Any:
    return None if array is None else tf.convert_to_tensor(numpy.ascontiguousarray(array))


def _axes(shape: tuple[Any, ...]) -> str:
    """A shape without its batch in words: ``20 steps of 3 numbers``, ``one number``."""
    words = [str(size) if size is not None else "any number of" for size in shape]
    if not shape:
        return "one number"
    if len(shape) == 1:
        return "1 number" if shape[0] == 1 else f"{words[0]} numbers"
    if len(shape) == 2:
        return f"{words[0]} steps of {words[1]} {'number' if shape[1] == 1 else 'numbers'}"
    return f"shape ({', '.join(words)})"


def _listed(names: list[str]) -> str:
    return ", ".join(f"“{name}”" for name in dict.fromkeys(names))
