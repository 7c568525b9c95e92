"""What a cell was given and what it made of it, step by step: the layer's input, the states before, every gate.

A trace holds what comes out of a cell. What goes in is found here: the layer's input in the results of the layer
before it, the states before the first step where the layer was called. The cell itself is Keras' own, run once more
over recorded numbers with every step as a sample of its own; so activations are Keras', whatever they are. What was
held in the run is held again, step by step, and what the cell would have made without that stands beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import keras
import numpy
import tensorflow as tf

from rnn_designer.engine.analyses.subject import Subject
from rnn_designer.engine.cells import GATES, Leaf, replaced, takes_training, watched
from rnn_designer.engine.clamps import Clamps, held_at
from rnn_designer.engine.failures import Refused
from rnn_designer.engine.placing import Placed
from rnn_designer.messages import Analyse, Array

HIDDEN = (("hidden", "activation", 0),)
"""A SimpleRNN has no gates; its one activation gives the new state."""

AT_ONCE = 4_000_000
"""How many numbers the gates of one answer may have; more steps have to be asked for in parts."""


@dataclass(frozen=True)
class Steps:
    """Some steps of one cell for one sample, in the time order of its layer's input.

    Attributes:
        cell: the Keras cell.
        kind: its class name; empty for one that is not Keras' own.
        first: the first of the steps.
        held: ``(steps,)``, whether a mask holds the state, so that nothing is computed.
        inputs: ``(steps, features)``; more axes for frames.
        before: each state by its name before the step, ``(steps, units)``.
        after: the same after it, as the trace has it.
        sums: what each gate's activation is given, ``(steps, units)``, by the gate's name; NaN where held.
        made: what it makes of that.
        gates: what the cell goes on with: the same, but for what someone held.
        computed: each state as the cell computed it, before someone's holding it, ``(steps, units)``; NaN where held.
        clamped: by the name of a gate or state, ``(steps, units)``, whether someone held it; only what was held.
        squashed: ``(steps, units)``, what becomes of an LSTM's cell state before the output gate; else None.
    """

    cell: Any
    kind: str
    first: int
    held: Array
    inputs: Array
    before: Mapping[str, Array]
    after: Mapping[str, Array]
    sums: Mapping[str, Array] = field(default_factory=dict)
    made: Mapping[str, Array] = field(default_factory=dict)
    gates: Mapping[str, Array] = field(default_factory=dict)
    computed: Mapping[str, Array] = field(default_factory=dict)
    clamped: Mapping[str, Array] = field(default_factory=dict)
    squashed: Array | None = None


def cell_steps(subject: Subject, request: Analyse) -> tuple[Mapping[str, Array], Mapping[str, str]]:
    """What went into a cell and through its gates at some steps.

    Options:
        sample: of the batch, from 0.
        first: the first step wanted.
        count: how many.
        backward: 1 for the mirror image inside a Bidirectional.

    Arrays:
        first: ``(1,)``, the first step that is there.
        held: ``(steps,)``, 1 where a mask holds the state.
        inputs: ``(steps, features)``, frames flat.
        before/<state>, after/<state>: ``(steps, units)``.
        sum/<gate>, gate/<gate>: ``(steps, units)``, what the activation was given, and what the cell went on with; NaN
            where held. SimpleRNN's one is called ``hidden``. None of an unknown cell.
        squashed: ``(steps, units)``, the activation of an LSTM's new cell state.

    Facts:
        kind: the cell's class if it is Keras' own.

    Raises:
        Refused: there is no such cell, or nothing was recorded of it.
    """
    steps = steps_of(subject, request)
    arrays: dict[str, Any] = {
        "first": numpy.asarray([steps.first], dtype="int32"),
        "held": steps.held,
        "inputs": steps.inputs.reshape(len(steps.inputs), -1),
    }
    for name in steps.before:
        arrays[f"before/{name}"] = steps.before[name].reshape(len(steps.held), -1)
        arrays[f"after/{name}"] = steps.after[name].reshape(len(steps.held), -1)
    for name in steps.gates:
        arrays[f"sum/{name}"], arrays[f"gate/{name}"] = steps.sums[name], steps.gates[name]
    if steps.squashed is not None:
        arrays["squashed"] = steps.squashed
    return {name: as_carried(each) for name, each in arrays.items()}, {"kind": steps.kind}


def as_carried(values: Any) -> Array:
    """Whole numbers as they are, everything else as float32."""
    array = numpy.asarray(values)
    return array if array.dtype == numpy.int32 else array.astype("float32")


def steps_of(subject: Subject, request: Analyse) -> Steps:
    """The steps that a request asks for.

    Raises:
        Refused: there is no such cell, or nothing was recorded of it.
    """
    around, leaf = _found(subject, request)
    _refuse_dropout(subject, request, leaf)
    arrays, own = subject.trace.arrays, f"{around.path}/{leaf.name('')}".rstrip("/")
    sample = round(request.options.get("sample", 0))
    names = [name[len(own) + 7 :] for name in arrays if name.startswith(f"{own}/state/")]
    if not names:
        raise Refused("The last run recorded no states of this cell. Run the design again.", request.layer)
    after = {name: _of_sample(arrays[f"{own}/state/{name}"], sample, request.layer) for name in names}
    inputs = _of_sample(_inputs(subject, around, leaf, request.layer), sample, request.layer)
    count = len(next(iter(after.values())))
    backwards = bool(around.layer.go_backwards)
    begin = dict(zip(names, _initial(subject, around, leaf, sample, len(names)), strict=True))
    before = {name: _shifted(values, begin[name], backwards) for name, values in after.items()}
    first = max(0, min(round(request.options.get("first", 0)), count - 1))
    part = slice(first, first + max(1, round(request.options.get("count", count))))
    masked = arrays.get(f"{around.path}/mask")
    held = numpy.zeros(count, bool) if masked is None else ~masked[sample].astype(bool)
    steps = Steps(
        leaf.cell,
        leaf.kind,
        first,
        held[part],
        inputs[part],
        {name: values[part] for name, values in before.items()},
        {name: values[part] for name, values in after.items()},
    )
    if leaf.kind not in ("SimpleRNNCell", "LSTMCell", "GRUCell"):
        return steps
    return _with_gates(subject, steps, around, leaf, request.layer)


def _found(subject: Subject, request: Analyse) -> tuple[Placed, Leaf]:
    """The recurrent layer around the cell that is asked about, and the cell."""
    backward = bool(request.options.get("backward"))
    placed = subject.built.placed
    found = [each for each in placed if each.planned.id == request.layer and each.copy == backward]
    if not found:
        raise Refused("This layer is not in the model that ran last. Run the design again.", request.layer)
    wanted = found[0]
    for around in placed:
        holds = around.path == wanted.path or wanted.path.startswith(f"{around.path}/")
        if not around.cells or not holds or around.call != wanted.call:
            continue
        if around.recurrent is None:
            raise Refused(
                "Inside a TimeDistributed the steps of a recurrent layer are not recorded one by one. Look at it "
                "outside of the wrapper.",
                request.layer,
            )
        leaves = around.cells if wanted is around else [x for x in around.cells if x.cell is wanted.layer]
        if len(leaves) == 1:
            return around, leaves[0]
        raise Refused("This layer holds several cells. Choose one of them.", request.layer)
    raise Refused(
        f"“{wanted.planned.name}” is a {wanted.planned.kind}, which takes no steps in time. Choose a recurrent layer "
        "or a cell.",
        request.layer,
    )


def _refuse_dropout(subject: Subject, request: Analyse, leaf: Leaf) -> None:
    rates = (getattr(leaf.cell, name, 0.0) for name in ("dropout", "recurrent_dropout"))
    if subject.trace.training and any(rates):
        raise Refused(
            "The last run was as in training, where dropout hides part of what goes into each sum. Run it as in "
            "prediction to take the sums apart.",
            request.layer,
        )


def _of_sample(array: Array, sample: int, layer_id: str) -> Array:
    if not 0 <= sample < len(array):
        raise Refused(
            f"There is no sample {sample}: the last run had {len(array)}. Choose another.", layer_id
        )
    values: Array = array[sample]
    return values


def _shifted(after: Array, begin: Array, backwards: bool) -> Array:
    """The state before each step, from those after the steps and the one before the first."""
    begin = numpy.broadcast_to(begin, after.shape[1:])[None].astype(after.dtype)
    return numpy.concatenate([after[1:], begin] if backwards else [begin, after[:-1]])


def _inputs(subject: Subject, around: Placed, leaf: Leaf, layer_id: str) -> Array:
    """What arrives at the cell, ``(batch, time, …)``: the layer's input, or what the cell before it gives."""
    place = around.cells.index(leaf)
    if place:
        return subject.trace.arrays[f"{around.path}/{around.cells[place - 1].name('output')}"]
    arguments, named = _call_of(subject, around)
    sequence = arguments[0] if arguments else named.get("sequences", named.get("inputs"))
    values = _Values(subject).of(sequence)
    if values is None:
        raise Refused("What this layer is given could not be found again; please report this.", layer_id)
    return numpy.asarray(keras.ops.convert_to_numpy(values))


def _call_of(subject: Subject, around: Placed) -> tuple[tuple[Any, ...], Mapping[str, Any]]:
    """How the model calls the layer that is, or holds, this one."""
    name = around.path.split("/")[0]
    top = next(each for each in subject.built.placed if each.top and each.path == name)
    operation, node, _ = top.outputs[0]._keras_history
    arguments = operation._inbound_nodes[node].arguments
    return arguments.args, arguments.kwargs


def _initial(subject: Subject, around: Placed, leaf: Leaf, sample: int, count: int) -> list[Array]:
    """The states of one cell before the first step, each ``(units,)``."""
    layer = around.layer
    arguments, named = _call_of(subject, around)
    given = arguments[1] if len(arguments) > 1 else named.get("initial_state")
    if given is not None:
        given = list(given) if isinstance(given, list | tuple) else [given]
        sides = around.path.split("/")[1:2]
        if sides in (["forward"], ["backward"]):
            half = len(given) // 2
            given = given[:half] if sides == ["forward"] else given[half:]
        values = _Values(subject)
        states = [values.of(each) for each in keras.tree.flatten(given)]
    elif layer.stateful and layer.states is not None:
        states = keras.tree.flatten(list(layer.states))
    else:
        batch = len(next(iter(subject.inputs.values())))
        states = keras.tree.flatten(layer.get_initial_state(batch_size=batch))
    prefix = f"{around.path}/"
    start = 0
    for each in around.cells[: around.cells.index(leaf)]:
        own = f"{prefix}{each.name('state/')}"
        start += sum(name.startswith(own) for name in subject.trace.arrays)
    found = []
    for state in states[start : start + count]:
        array = numpy.asarray(keras.ops.convert_to_numpy(state))
        # A state without a batch axis, or of one sample, is one for all of them.
        found.append(array[min(sample, len(array) - 1)] if array.ndim > 1 else array)
    names = [leaf.name(f"state/{name}") for name in leaf.states(count)]
    clamps = Clamps(subject.held_in(around))
    return [
        numpy.asarray(clamps.held_from([name], [each[None]])[0])[0]
        for name, each in zip(names, found, strict=True)
    ]


class _Values:
    """Gives the tensors of a model their values: recorded ones, or those that operations make of recorded ones."""

    def __init__(self, subject: Subject) -> None:
        arrays = subject.trace.arrays
        self._known: dict[tuple[int, int, int], Any] = {}
        for tensor in subject.built.model.inputs:
            self._known[_key(tensor)] = arrays.get(f"{tensor.name}/input")
        for place in subject.built.placed:
            for number, tensor in enumerate(place.outputs):
                name = "result" if len(place.outputs) == 1 else f"result/{number}"
                self._known[_key(tensor)] = arrays.get(f"{place.path}/{name}")

    def of(self, tensor: Any) -> Any:
        """The value; what is no symbolic tensor is its own."""
        if not isinstance(tensor, keras.KerasTensor):
            return tensor
        known = self._known.get(_key(tensor))
        if known is not None:
            return known
        operation, number, place = tensor._keras_history
        node = operation._inbound_nodes[number]
        arguments, named = keras.tree.map_structure(self.of, (node.arguments.args, node.arguments.kwargs))
        made = keras.tree.flatten(operation(*arguments, **named))
        for each, value in zip(node.output_tensors, made, strict=True):
            self._known[_key(each)] = value
        return made[place]


def _key(tensor: Any) -> tuple[int, int, int]:
    operation, node, place = tensor._keras_history
    return id(operation), node, place


def _with_gates(subject: Subject, steps: Steps, around: Placed, leaf: Leaf, layer_id: str) -> Steps:
    """The steps with what the cell computes from what went in."""
    gates = GATES.get(steps.kind, HIDDEN)
    units = steps.cell.units
    if len(steps.held) * len(gates) * units > AT_ONCE:
        raise Refused(
            f"Received a request for {len(steps.held)} steps of {units} units; expected fewer at once. "
            "Please report this.",
            layer_id,
        )
    subject.checkpoint()
    cell, kind = steps.cell, steps.cell.compute_dtype
    named = {"training": False} if takes_training(cell) else {}
    functions = {function for _, function, _ in gates}
    times = numpy.arange(steps.first, steps.first + len(steps.held))
    clamps = Clamps(subject.held_in(around), now=tf.constant(times, tf.float32))
    # What is noted below what holds is what the cell computed, before someone's holding it.
    with (
        _activations_noted(cell, functions) as noted,
        _states_noted(cell) as computed,
        ExitStack() as restore,
    ):
        watch = restore.enter_context(watched([leaf], clamps))[0]
        states = [keras.ops.convert_to_tensor(each, dtype=kind) for each in steps.before.values()]
        cell(keras.ops.convert_to_tensor(steps.inputs, dtype=kind), states, **named)
    made = {gate: _computed(noted[function][number][1], steps.held) for gate, function, number in gates}
    own = steps.kind in GATES
    # A SimpleRNN's activation gives its state, which is held as such.
    went_on = {
        gate: _computed(watch.activations[function][number] if own else watch.states[0], steps.held)
        for gate, function, number in gates
    }
    names = {f"state/{name}": name for name in steps.before} | {f"gate/{gate}": gate for gate in made}
    clamped = {
        short: held_at(clamps.rows[leaf.name(name)], times, units)
        for name, short in names.items()
        if leaf.name(name) in clamps.rows
    }
    # An LSTM's activation is called once more, for the cell state.
    squashed = noted["activation"][1][1] if steps.kind == "LSTMCell" else None
    return replace(
        steps,
        sums={gate: _computed(noted[function][number][0], steps.held) for gate, function, number in gates},
        made=made,
        gates=went_on,
        computed={
            name: _computed(state, steps.held) for name, state in zip(steps.before, computed, strict=True)
        },
        clamped=clamped,
        squashed=None if squashed is None else _computed(squashed, steps.held),
    )


@contextmanager
def _states_noted(cell: Any) -> Iterator[list[Any]]:
    """While this is open, the new states that the cell's call gives are noted."""
    noted: list[Any] = []
    original: Callable[..., Any] = cell.call

    def call(*positional: Any, **named: Any) -> Any:
        returned = original(*positional, **named)
        noted[:] = keras.tree.flatten(returned[1])
        return returned

    with replaced(cell, "call", call):
        yield noted


def _computed(values: Any, held: Array) -> Array:
    """As float32, with NaN at the steps whose state a mask held: nothing was computed there."""
    array = numpy.array(keras.ops.convert_to_numpy(values), dtype="float32")
    array[held] = numpy.nan
    return array


@contextmanager
def _activations_noted(cell: Any, functions: set[str]) -> Iterator[dict[str, list[tuple[Any, Any]]]]:
    """While this is open, what the cell's activation functions are given and give back is noted, by their names."""
    noted: dict[str, list[tuple[Any, Any]]] = {name: [] for name in functions}

    def noting(name: str, function: Any) -> Any:
        def activation(value: Any) -> Any:
            result = function(value)
            noted[name].append((value, result))
            return result

        return activation

    with ExitStack() as put_back:
        for name in functions:
            put_back.enter_context(replaced(cell, name, noting(name, getattr(cell, name))))
        yield noted
