"""What goes into the loop of a recurrent layer: its sequence, its mask and the states that it begins with.

The model runs once more with the layer's own loop watched, up to that layer, and with the same things held as in the
run that is looked at; the graph for it is kept with the model.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy
import tensorflow as tf

from rnn_designer.engine import taps
from rnn_designer.engine.analyses.subject import Subject
from rnn_designer.engine.build import BuiltModel
from rnn_designer.engine.cells import replaced
from rnn_designer.engine.clamps import clamps_by_layer, rows_for
from rnn_designer.engine.failures import Refused
from rnn_designer.engine.placing import Placed
from rnn_designer.engine.shared_calls import call_numbers, calls_watched
from rnn_designer.engine.time_distributed import real_steps
from rnn_designer.messages import Array, Trace


@dataclass(frozen=True)
class LoopInputs:
    """What one call of a recurrent layer was given, for every sample.

    Attributes:
        sequences: ``(batch, time, …)`` in the time order of the input, as NumPy array of the layer's own type.
        mask: ``(batch, time)``, True where a step counts; None without one.
        initial: the states before the first step, as they were held, flat, each ``(batch, …)`` or one for all samples.
        structure: how they are nested, for the cell.
    """

    sequences: Any
    mask: Array | None
    initial: tuple[Any, ...]
    structure: Any


@dataclass
class _Watched:
    """The graph of one layer, and what it gave for the last trace."""

    run: Callable[..., Any]
    structure: list[Any]
    held: tuple[str, ...] = ()
    trace: weakref.ref[Trace] | None = None
    found: LoopInputs | None = None


_GRAPHS: weakref.WeakKeyDictionary[BuiltModel, dict[str, _Watched]] = weakref.WeakKeyDictionary()


def loop_inputs(subject: Subject, place: Placed) -> LoopInputs:
    """What a recurrent layer was given in the run that the subject holds.

    Raises:
        Refused: this Keras does not let its loop be watched.
    """
    if not taps.available():
        raise Refused(
            "This version of Keras runs its recurrent loop in another way than those we know, so gradients cannot be "
            "followed through it. Install a version that “rnn-designer doctor” lists.",
            place.planned.id,
        )
    graphs = _GRAPHS.setdefault(subject.built, {})
    watched, held = graphs.get(place.path), dict(sorted(subject.clamps.items()))
    if watched is None or watched.held != tuple(held):
        watched = graphs[place.path] = _watched(subject, place, tuple(held))
    if watched.found is None or watched.trace is None or watched.trace() is not subject.trace:
        model = subject.built.model
        tensors = [tf.cast(subject.inputs[tensor.name], tensor.dtype) for tensor in model.inputs]
        with _states_kept(subject.built):
            rows = [rows_for(values, name) for name, values in held.items()]
            sequences, mask, initial = watched.run(tensors, rows)
        watched.found = LoopInputs(
            sequences.numpy(),
            None if mask is None else mask.numpy(),
            tuple(value.numpy() for value in initial),
            watched.structure[0],
        )
        watched.trace = weakref.ref(subject.trace)
    return watched.found


def _watched(subject: Subject, place: Placed, held: tuple[str, ...]) -> _Watched:
    built, paths = subject.built, subject.trace.layers
    top = next(each for each in built.placed if each.top and each.path == place.path.split("/")[0])
    model = keras.Model(built.model.inputs, list(top.outputs))
    distributed = [
        each.layer for each in built.placed if isinstance(each.layer, keras.layers.TimeDistributed)
    ]
    structure: list[Any] = []

    def run(tensors: Any, rows: list[Any]) -> Any:
        calls: list[Any] = []
        holding = _holding(built, paths, dict(zip(held, rows, strict=True)))
        own = next((each for each in holding if each.layer is place.layer), None)

        def inner_loop(sequences: Any, initial_state: Any, mask: Any, training: bool = False) -> Any:
            flat = mask[0] if isinstance(mask, list | tuple) else mask
            initial = list(initial_state) if isinstance(initial_state, list | tuple) else [initial_state]
            # A stateful layer's states are variables, which change at the end of the call: read them now.
            initial = keras.tree.map_structure(tf.convert_to_tensor, initial)
            initial = initial if own is None else own.begun(initial)
            calls.append((tf.convert_to_tensor(sequences), flat, initial))
            return original_loop(sequences, initial_state, mask, training=training)

        with ExitStack() as restore:
            restore.enter_context(taps.recording(holding))
            original_loop = place.layer.inner_loop
            restore.enter_context(replaced(place.layer, "inner_loop", inner_loop))
            restore.enter_context(real_steps(distributed))
            returned = restore.enter_context(calls_watched([top.layer]))
            outputs = keras.tree.flatten(model(tensors, training=False))
        number = call_numbers([top], [outputs], returned)[top.path]
        sequences, mask, initial = calls[min(number, len(calls) - 1)]
        structure[:] = [keras.tree.map_structure(lambda _: 0, initial)]
        mask = None if mask is None else tf.cast(mask, tf.bool)
        return sequences, mask, keras.tree.flatten(initial)

    # What follows the layer is never computed: nothing of it is returned.
    return _Watched(tf.function(run, autograph=False, reduce_retracing=True), structure, held)


def _holding(
    built: BuiltModel, paths: Mapping[str, str], held: Mapping[str, Any]
) -> tuple[taps.Recurrent, ...]:
    """The recurrent layers in which something is held; a layer that is called several times stands once."""
    layers = {id(each.layer): each for each in built.placed if each.recurrent is not None}
    clamps = clamps_by_layer(held, paths, layers.values())
    return tuple(
        replace(each.recurrent, clamps=clamps[layer])
        for layer, each in layers.items()
        if layer in clamps and each.recurrent is not None
    )


@contextmanager
def _states_kept(built: BuiltModel) -> Iterator[None]:
    """Stateful layers are left as they were."""
    variables = [
        variable
        for place in built.placed
        if place.cells and place.layer.stateful and place.layer.states is not None
        for variable in keras.tree.flatten(list(place.layer.states))
    ]
    values = [variable.numpy() for variable in variables]
    try:
        yield
    finally:
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)


def of_sample(value: Any, sample: int, rank: int) -> Any:
    """One sample's part of initial states, which may be given once for all samples.

    Args:
        value: ``(batch, …)``, or without the batch axis.
        sample: which.
        rank: how many axes there are for one sample.
    """
    array = numpy.asarray(value)
    if array.ndim <= rank:
        return array
    return array[sample if len(array) > 1 else 0]
