"""The exact path: one compiled pass that records every layer's result and every step of every cell.

Results are bit-identical to ``model(x, training=False)``, or to ``model(x, training=True)`` for the same draw of
random numbers. Sizes that the design leaves open are
left open in the graph, so other numbers of samples or steps cost no new graph, unless a layer is unrolled.
The trap: a recurrent layer's ``result`` is what Keras returns (backwards, or the last step only, if so
asked); ``output``, ``state/…``, ``gate/…`` and ``mask`` are always per step in the time order of the
layer's input.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy
import tensorflow as tf

from rnn_designer.engine import fallback, taps
from rnn_designer.engine.cells import Part
from rnn_designer.engine.clamps import clamps_by_layer, rows_for
from rnn_designer.engine.custom_cells import refuse_unsound
from rnn_designer.engine.failures import Refused
from rnn_designer.engine.placing import Placed
from rnn_designer.engine.shared_calls import call_numbers, calls_watched
from rnn_designer.engine.steps import steps_of
from rnn_designer.engine.time_distributed import real_steps
from rnn_designer.engine.training import Beginnings, Draw, as_in_training
from rnn_designer.engine.weights import CARRIED_TYPES
from rnn_designer.messages import Array, PlannedLayer

# These rewrite arithmetic (x / 6 becomes x * 0.1667), so that a graph's last bits would differ from the eager
# model's. They buy nothing measurable in a recurrent loop.
tf.config.optimizer.set_experimental_options(
    {"constant_folding": False, "arithmetic_optimization": False, "remapping": False}
)
# Every design has a graph of its own; TensorFlow would warn of that as retracing.
tf.get_logger().setLevel("ERROR")


class Tracer:
    """Traces one model; keeps its graphs, one as in prediction and one as in training, for the next run.

    Args:
        model: the Keras model.
        plan: the layers that the source was made from.
        placed: those found in the model.
        private: whether Keras' private loop may be used; False takes the slow public way.
    """

    def __init__(
        self,
        model: Any,
        plan: tuple[PlannedLayer, ...],
        placed: tuple[Placed, ...],
        *,
        private: bool | None = None,
    ) -> None:
        self._model = model
        self._plan = plan
        self._placed = placed
        self._private = taps.available() if private is None else private
        self._recurrent = tuple(place for place in placed if place.recurrent is not None)
        self._tops = tuple(place for place in placed if place.top)
        self._whole = keras.Model(model.inputs, [tensor for place in self._tops for tensor in place.outputs])
        # Layers that are called several times: their calls are told apart by what they return.
        self._shared = tuple({id(p.layer): p.layer for p in self._tops if p.call > 0}.values())
        # What stands where in a layer's record is known once its loop has been traced.
        self._parts: dict[str, tuple[Part, ...]] = {}
        self._inputs = _inputs_by_tensor(model, plan)
        # An unrolled loop is written out step by step: its graph has to know how many steps there are.
        self._unrolls = any(getattr(place.layer, "unroll", False) for place in placed)
        self._compiled: dict[tuple[bool, bool], _Graph] = {}
        self._beginnings = Beginnings(self._whole, placed)

    @property
    def layers(self) -> dict[str, str]:
        """Layer id to the path of its arrays."""
        paths = {layer.id: layer.name for layer in self._plan if layer.kind == "Input"}
        paths.update({place.planned.id: place.path for place in self._placed if not place.copy})
        return paths

    def compiled(self, training: bool = False, clamps: Iterable[str] = ()) -> bool:
        """Whether the next run in this mode, with these clamps, needs no new graph."""
        held = tuple(sorted(clamps))
        known = self._compiled.get((training, bool(held)))
        return known is not None and known.held == held

    def run(
        self,
        inputs: Mapping[str, Array],
        checkpoint: Callable[[], None] = lambda: None,
        draw: Draw | None = None,
        clamps: Mapping[str, Array] | None = None,
    ) -> dict[str, Array]:
        """Every recorded array of one pass over these samples, by its name.

        Args:
            inputs: Input layer name to ``(batch, …)``.
            checkpoint: called between stages; it may raise to stop.
            draw: the random numbers of a pass as in training; None for one as in prediction.
            clamps: what is held meanwhile, as in :class:`~rnn_designer.messages.Run`.

        Raises:
            Refused: an input is missing or of a size that the model does not take, or something cannot be held.
        """
        tensors = [self._tensor(tensor, layer, inputs) for tensor, layer in self._inputs]
        batches = {int(tensor.shape[0]) for tensor in tensors}
        if len(batches) > 1:
            raise Refused(
                f"The inputs have {_listed(batches)} samples; expected the same number everywhere. "
                "Give every input the same batch size."
            )
        checkpoint()
        held = {name: rows_for(rows, name) for name, rows in sorted((clamps or {}).items())}
        training = draw is not None
        with ExitStack() as put_back:
            put_back.enter_context(_states_kept(place.layer for place in self._placed if place.cells))
            if draw is not None:
                cells = [leaf for place in self._placed for leaf in place.cells]
                put_back.enter_context(as_in_training(self._whole, self._beginnings, draw, cells))
            try:
                results, records = self._pass(tensors, training, held)
            except tf.errors.OpError:
                # A graph does not say which layer it was; the eager model does, because it fails inside its
                # call.
                self._whole(tensors, training=training)
                raise
        checkpoint()
        arrays: dict[str, Array] = {}
        for (_, layer), tensor in zip(self._inputs, tensors, strict=True):
            arrays[f"{layer.name}/input"] = _carried(tensor).numpy()
        for place in self._placed:
            if not place.cell:
                arrays.update(self._arrays_of(place, results, records))
        return arrays

    def _pass(
        self, tensors: list[Any], training: bool, held: Mapping[str, Any]
    ) -> tuple[dict[str, list[Array]], dict[str, taps.Recorded]]:
        """Results of the top level layers and records of the recurrent ones by their paths, as NumPy arrays."""
        if self._private:
            graph = self._graph(tensors, training, tuple(held))
            results, records = graph(*tensors, *held.values())
        else:
            results, records = self._recorded_pass(tensors, fallback, training, held)
        return (
            {
                place.path: [value.numpy() for value in values]
                for place, values in zip(self._tops, results, strict=True)
            },
            {
                place.path: taps.Recorded(
                    tuple(group.numpy() for group in steps),
                    self._parts[place.path],
                    tuple(value.numpy() for value in values),
                    None if mask is None else mask.numpy(),
                    tuple(value.numpy() for value in initial),
                    None if sound is None else sound.numpy(),
                )
                for place, (steps, values, mask, initial, sound) in zip(self._recurrent, records, strict=True)
            },
        )

    def _graph(self, tensors: list[Any], training: bool, held: tuple[str, ...]) -> Callable[..., Any]:
        """The compiled pass in this mode; one for all sizes, unless a layer is unrolled, and for all values held."""
        signature = [
            tf.TensorSpec(
                (declared.shape[0], *given.shape[1:]) if self._unrolls else declared.shape, given.dtype
            )
            for given, (declared, _) in zip(tensors, self._inputs, strict=True)
        ]
        count = len(signature)
        signature += [tf.TensorSpec((3, None), tf.float32)] * len(held)
        known = self._compiled.get((training, bool(held)))
        if known is None or (signature, held) != (known.signature, known.held):
            graph = tf.function(
                lambda *given: self._recorded_pass(
                    list(given[:count]), taps, training, dict(zip(held, given[count:], strict=True))
                ),
                input_signature=signature,
                autograph=False,
            )
            known = self._compiled[training, bool(held)] = _Graph(signature, held, graph)
        return known.run

    def _recorded_pass(self, tensors: list[Any], way: Any, training: bool, held: Mapping[str, Any]) -> Any:
        clamps = clamps_by_layer(held, self.layers, self._recurrent)
        # A layer that is called several times is hooked once.
        recurrent = {
            id(place.layer): replace(place.recurrent, clamps=clamps.get(id(place.layer)))
            for place in self._recurrent
            if place.recurrent is not None
        }
        distributed = {
            id(place.layer): place.layer
            for place in self._placed
            if isinstance(place.layer, keras.layers.TimeDistributed)
        }
        with (
            way.recording(recurrent.values()) as records,
            real_steps(distributed.values()),
            calls_watched(self._shared) as returned,
        ):
            values = iter(keras.tree.flatten(self._whole(tensors, training=training)))
        for each in clamps.values():
            each.refuse_unmet()
        outputs = [[next(values) for _ in place.outputs] for place in self._tops]
        numbers = call_numbers(self._tops, outputs, returned)
        packed = []
        for place in self._recurrent:
            calls = records.get(id(place.layer), [])
            number = numbers[self._top_of(place).path]
            if number >= len(calls):
                raise RuntimeError(f"Keras did not pass through the recorded loop of {place.path}")
            record = calls[number]
            self._parts[place.path] = record.parts
            packed.append(
                (
                    [_carried(group) for group in record.steps],
                    [_carried(value) for value in record.results],
                    None if record.mask is None else tf.cast(record.mask, tf.bool),
                    [_carried(value) for value in record.initial],
                    record.sound,
                )
            )
        return [[_carried(value) for value in each] for each in outputs], packed

    def _top_of(self, place: Placed) -> Placed:
        """The layer of the model that is this one or holds it."""
        return next(top for top in self._tops if top.path == place.path.split("/")[0])

    def _tensor(self, tensor: Any, layer: PlannedLayer, inputs: Mapping[str, Array]) -> Any:
        array = inputs.get(layer.name)
        if array is None:
            raise Refused(
                f"Received no samples for Input “{layer.name}”; expected {_shape_text(tensor.shape)}. "
                "Choose data for it.",
                layer.id,
            )
        expected = tuple(tensor.shape)
        fits = len(array.shape) == len(expected) and all(
            size in (None, got) for size, got in zip(expected, array.shape, strict=True)
        )
        if not fits:
            raise Refused(
                f"Input “{layer.name}” received samples of shape {_shape_text(array.shape)}; expected "
                f"{_shape_text(expected)}. Choose other data or change the shape of the Input.",
                layer.id,
            )
        if 0 in array.shape[: max(1, len(expected) - 1)]:
            raise Refused(
                f"Input “{layer.name}” received empty samples of shape {_shape_text(array.shape)}; "
                "expected at least one sample and one time step.",
                layer.id,
            )
        return tf.cast(tf.convert_to_tensor(numpy.ascontiguousarray(array)), tensor.dtype)

    def _arrays_of(
        self, place: Placed, results: Mapping[str, list[Array]], records: Mapping[str, taps.Recorded]
    ) -> dict[str, Array]:
        record = records.get(place.path)
        arrays: dict[str, Array] = {}
        if place.path in results:
            returned = results[place.path]
        elif record is not None:
            returned = list(record.results)
        elif place.path.endswith("/layer"):
            # What the wrapped layer returned at every step is what TimeDistributed stacks.
            returned = results[self._top_of(place).path]
        else:
            returned = []
        if len(returned) == 1:
            arrays[f"{place.path}/result"] = returned[0]
        else:
            arrays.update({f"{place.path}/result/{number}": value for number, value in enumerate(returned)})
        if record is not None:
            steps = steps_of(place.layer, place.cells, record)
            refuse_unsound(place.layer, place.cells, record, steps)
            arrays.update({f"{place.path}/{name}": value for name, value in steps.items()})
        elif isinstance(place.layer, keras.layers.Bidirectional):
            inner = records.get(f"{place.path}/forward")
            if inner is not None and inner.mask is not None:
                arrays[f"{place.path}/mask"] = inner.mask
        return arrays


@dataclass(frozen=True)
class _Graph:
    """A compiled pass: what it takes, the names of what is held in it."""

    signature: list[tf.TensorSpec]
    held: tuple[str, ...]
    run: Callable[..., Any]


def _carried(value: Any) -> Any:
    """Records cross the border as float32; whole numbers and truth values keep their type if they can."""
    if value.dtype.name in CARRIED_TYPES:
        return value
    return tf.cast(value, tf.int64 if value.dtype.is_integer else tf.float32)


def _inputs_by_tensor(model: Any, plan: tuple[PlannedLayer, ...]) -> list[tuple[Any, PlannedLayer]]:
    inputs = {layer.name: layer for layer in plan if layer.kind == "Input"}
    pairs = []
    for tensor in model.inputs:
        layer = inputs.get(tensor.name)
        if layer is None:
            raise Refused(
                f"The model has an input “{tensor.name}” that the design does not; please report this."
            )
        pairs.append((tensor, layer))
    return pairs


class _states_kept:  # noqa: N801 - a context manager
    """A run leaves no trace in stateful layers: the next one starts from the same states."""

    def __init__(self, layers: Any) -> None:
        self._variables = [
            variable
            for layer in layers
            if layer.stateful and layer.states is not None
            for variable in keras.tree.flatten(list(layer.states))
        ]

    def __enter__(self) -> None:
        self._values = [variable.numpy() for variable in self._variables]

    def __exit__(self, *_: object) -> None:
        for variable, value in zip(self._variables, self._values, strict=True):
            variable.assign(value)


def _shape_text(shape: Any) -> str:
    names = ["batch", "time"]
    sizes = [
        str(size) if size is not None else (names[axis] if axis < len(names) else "any")
        for axis, size in enumerate(shape)
    ]
    return f"({', '.join(sizes)})"


def _listed(numbers: set[int]) -> str:
    return " and ".join(str(number) for number in sorted(numbers))
