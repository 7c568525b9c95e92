"""How far back a recurrent layer remembers: the gradient of its state at one step by every earlier step.

Backpropagation through time, one step of Keras' own cell at a time: with s the states and λ the gradient of what is
looked at by s, λ(t−1) = λ(t) · ∂s(t)/∂s(t−1), and its gradient by the input x(t) is λ(t) · ∂s(t)/∂x(t). The states at
which each step is differentiated are those of the trace. Several rows of λ go back at once: one per unit, which gives
the whole Jacobian, or random signs v, of which each |v·J|² has the Jacobian's squared norm for its mean.

What was held in the run is held here, too: a push of a unit before it is held changes nothing, so its gradient is 0
from the step on from which it is held, and nothing goes back through it.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import keras
import numpy
import tensorflow as tf

from rnn_designer.engine.analyses.loop_inputs import loop_inputs, of_sample
from rnn_designer.engine.analyses.subject import Subject
from rnn_designer.engine.build import BuiltModel
from rnn_designer.engine.cells import STATES, takes_training, watched
from rnn_designer.engine.clamps import INITIAL, Clamps, held_at, rows_for
from rnn_designer.engine.failures import Refused
from rnn_designer.engine.placing import Placed
from rnn_designer.messages import Analyse, Array

EXACT = 64
"""Up to so many units every one has a row of its own."""

DIRECTIONS = 16
"""How many random rows stand for more units than that."""

_CHUNK = 64
"""Steps between two moments at which the work can be stopped."""

_SMALLEST = 1e-30
"""Below that float32 has too few digits left for a line through logarithms."""

Found = tuple[Mapping[str, Array], Mapping[str, str]]


def gradients(subject: Subject, request: Analyse) -> Found:
    """Gradient of a recurrent layer's hidden state at one step by its inputs and states at every step before.

    Options:
        step: T, in the time order of the input; −1 for the step that the layer reads last.
        unit: which unit of the state at T; −1 for all of them together.
        sample: of the batch.
        backward: 1 for the mirror image inside a Bidirectional.

    Arrays, NaN where a step is not before T in the direction in which the layer reads:
        input: ``(time, features)``, by each feature of the layer's input.
        state/<name>: ``(time, units)``, by each unit of a state after that step; the state at T itself included.
        norm/input, norm/<name>: ``(time,)``, the Frobenius norm of the whole Jacobian of that step.
        initial/<name>: ``()``, the norm by the state before the first step.
        fit/<name>: ``(2,)``, intercept and slope of a straight line through the natural logarithm of the norm over
            the number of steps before T, the step T itself left out; NaN without three points.
        step: ``()``, T.
        backwards: ``()``, 1 if the layer reads from the last step to the first.
        signed: ``()``, 1 if the gradients are those of one unit with their sign, 0 if they are norms over all units.

    Facts:
        method: "exact", or "random" where the norms are estimates.
        target: the name of what is looked at: ``state/h``; ``output`` for cells whose output is none of their states.
        rows: how many rows went back.

    Raises:
        Refused: there is no such layer, step or unit, or its steps are not recorded.
    """
    backward = bool(request.options.get("backward"))
    place, prefix = _recurrent(subject, request.layer, backward)
    given = loop_inputs(subject, place)
    batch, steps = given.sequences.shape[:2]
    sample = _within(request.options.get("sample", 0), batch, "sample", request.layer)
    names = _state_names(subject, place)
    after = [subject.trace.arrays[f"{place.path}/{name}"][sample] for name in names]
    order = numpy.arange(steps)[:: -1 if place.layer.go_backwards else 1]
    wanted = request.options.get("step", -1)
    step = int(order[-1]) if wanted < 0 else _within(wanted, steps, "step", request.layer)
    last = int(numpy.flatnonzero(order == step)[0])
    before = [
        numpy.concatenate([_first(given.initial[k], sample, values), values[order[:-1]]])
        for k, values in enumerate(after)
    ]
    mask = numpy.ones(steps, bool) if given.mask is None else given.mask[sample]
    run = _Run(
        given.sequences[sample][order][last::-1],
        [values[last::-1] for values in before],
        mask[order][last::-1],
        order[last::-1],
        [
            _free(subject, place, name, values, order, mask)[last + 1 :: -1]
            for name, values in zip(names, after, strict=True)
        ],
    )
    cell = _cell_backwards(subject, place, given.structure)
    target = cell.target(run, names, prefix)
    rows = _rows(target.shape, request.options.get("unit", -1), request.layer)
    swept = cell.sweep(run, target, rows.cotangents, subject.checkpoint, subject.held_in(place))
    known = {name.removeprefix(prefix): k for k, name in enumerate(names) if name.startswith(prefix)}
    arrays = _arrays(swept, rows, order[last::-1], steps, known)
    arrays["step"] = numpy.float32(step)
    arrays["backwards"] = numpy.float32(place.layer.go_backwards)
    facts = {
        "method": "exact" if rows.exact else "random",
        "target": target.name.removeprefix(prefix),
        "rows": str(len(rows.cotangents)),
    }
    return arrays, facts


def _recurrent(subject: Subject, layer_id: str, backward: bool) -> tuple[Placed, str]:
    """The recurrent layer, and the part of its states' names that stands for a cell in it ("cell_0/" or empty)."""
    placed = subject.built.placed
    own = next((p for p in placed if p.planned.id == layer_id and p.copy == backward), None)
    if own is None:
        raise Refused("This layer is not in the model that ran last. Run the design again.", layer_id)
    if own.distributed:
        raise Refused(
            "Inside a TimeDistributed the loop begins anew at every outer step, and its steps are not recorded. "
            "Look at a recurrent layer outside of one.",
            layer_id,
        )
    if own.cells:
        return own, ""
    for place in placed:
        if (
            own.cell
            and place.cells
            and place.copy == own.copy
            and f"{own.path}/".startswith(f"{place.path}/")
        ):
            inside = own.path[len(place.path) :].lstrip("/")
            return place, f"{inside}/" if inside else ""
    raise Refused(
        "This layer carries no state from step to step, so there is nothing to follow back. Select a recurrent layer.",
        layer_id,
    )


def _within(number: float, count: int, what: str, layer_id: str) -> int:
    if not 0 <= number < count:
        raise Refused(f"Received {what} {int(number)}; expected one from 0 to {count - 1}.", layer_id)
    return int(number)


def _state_names(subject: Subject, place: Placed) -> list[str]:
    """The states of all cells, below the layer's path, in the order in which the cell takes them."""
    recorded = subject.trace.arrays
    names = []
    for leaf in place.cells:
        own = STATES.get(leaf.kind)
        if own is None:
            start = f"{place.path}/{leaf.name('state/')}"
            own = tuple(name[len(start) :] for name in recorded if name.startswith(start))
        names += [leaf.name(f"state/{name}") for name in own]
    missing = [name for name in names if f"{place.path}/{name}" not in recorded]
    if missing or not names:
        raise Refused(
            "The last run recorded no states for this layer. Run the design again.", place.planned.id
        )
    return names


def _first(initial: Any, sample: int, after: Array) -> Any:
    """The state before the first step, ``(1, …)``."""
    value = of_sample(initial, sample, after.ndim - 1)
    return numpy.broadcast_to(value, after.shape[1:])[None].astype(after.dtype)


def _free(subject: Subject, place: Placed, name: str, values: Array, order: Array, mask: Array) -> Any:
    """``(1 + steps, units)``: 0 where a state was held, before the first step and after each as the layer reads."""
    rows = subject.held_in(place)
    units = values.shape[-1] if values.ndim > 1 else 1
    free = numpy.ones((1 + len(order), units))
    begun = rows.get(name.replace("state/", f"{INITIAL}/"))
    if begun is not None:
        free[0] = ~held_at(begun, numpy.full(1, numpy.inf), units)[0]
    if name in rows:
        free[1:] = ~held_at(rows[name], order, units)
    for step in numpy.flatnonzero(~mask[order]):
        # A masked step passes on what was there, held or not.
        free[1 + step] = free[step]
    return free


@dataclass(frozen=True)
class _Run:
    """The steps from T back to the first.

    Attributes:
        inputs: ``(steps, …)``.
        before: each state before the step, ``(steps, …)``.
        counts: ``(steps,)``, False where a mask holds the states.
        numbers: ``(steps,)``, the steps themselves.
        free: for each state ``(steps + 1, units)``, 0 where it was held at a value, else 1; before the first step last.
    """

    inputs: Any
    before: list[Any]
    counts: Array
    numbers: Array
    free: list[Any]


@dataclass(frozen=True)
class _Target:
    """What is differentiated: a state by its number, or None for the cell's output.

    Attributes:
        name: as in the trace, below the layer's path.
        number: of the state.
        shape: of one sample.
        output: the shape of what the cell gives out.
    """

    name: str
    number: int | None
    shape: tuple[int, ...]
    output: tuple[int, ...]


@dataclass(frozen=True)
class _Rows:
    """What goes back.

    Attributes:
        cotangents: ``(rows, *shape of the target)``.
        exact: whether every unit that counts has a row.
        signed: whether there is one row, that of one unit.
    """

    cotangents: Any
    exact: bool
    signed: bool

    @property
    def weight(self) -> float:
        """By which the sum of squares over the rows is multiplied."""
        return 1.0 if self.exact else 1.0 / len(self.cotangents)


def _rows(shape: tuple[int, ...], unit: float, layer_id: str) -> _Rows:
    units = shape[-1] if shape else 1
    if unit >= 0:
        _within(unit, units, "unit", layer_id)
    chosen = numpy.ones(shape or (1,), bool) if unit < 0 else numpy.zeros(shape or (1,), bool)
    if unit >= 0:
        chosen[..., int(unit)] = True
    places = numpy.flatnonzero(chosen)
    if len(places) <= EXACT:
        cotangents = numpy.zeros((len(places), chosen.size))
        cotangents[numpy.arange(len(places)), places] = 1
    else:
        signs = numpy.random.default_rng(0).integers(0, 2, (DIRECTIONS, chosen.size)) * 2.0 - 1.0
        cotangents = signs * chosen.ravel()
    return _Rows(cotangents.reshape(-1, *shape), len(places) <= EXACT, unit >= 0 and len(places) == 1)


@dataclass(frozen=True)
class _Swept:
    """Sums of squares over the rows, and the first row itself, from T back; each ``(steps, …)``; and before them."""

    input_squares: Any
    input_first: Any
    state_squares: list[Any]
    state_first: list[Any]
    initial_squares: list[float]


class _CellBackwards:
    """One step of a cell, backwards, in a graph of its own.

    Args:
        place: the recurrent layer.
        structure: how its states are nested.
        held: the names of what was held in it.
    """

    def __init__(self, place: Placed, structure: Any, held: tuple[str, ...]) -> None:
        self._cell = cell = place.layer.cell
        self._leaves = place.cells
        self._structure = structure
        self.held = held
        self._named = {"training": False} if takes_training(cell) else {}
        self._chunk = tf.function(self._back, autograph=False, reduce_retracing=True)

    def target(self, run: _Run, names: list[str], prefix: str) -> _Target:
        """The state that is the output of the cell, or of a cell in a stack; else the output itself."""
        output, states = self._step(
            tf.constant(run.inputs[:1]), [self._typed(value[:1]) for value in run.before]
        )
        own = [k for k, name in enumerate(names) if name.startswith(prefix)]
        same = [k for k in own if states[k] is output]
        if prefix and not same:
            # A cell below the top of a stack: its first state is what goes up, as with all of Keras' own.
            last = "/".join(names[own[-1]].split("/")[:-2])
            same = [next(k for k in own if "/".join(names[k].split("/")[:-2]) == last)]
        out = tuple(output.shape[1:])
        if same:
            return _Target(names[same[0]], same[0], tuple(states[same[0]].shape[1:]), out)
        return _Target(f"{prefix}output", None, out, out)

    def sweep(
        self,
        run: _Run,
        target: _Target,
        cotangents: Any,
        checkpoint: Callable[[], None],
        held: Mapping[str, Any],
    ) -> _Swept:
        """Go back from the last step to the first; ``held`` is what was held, by the names known."""
        rows = len(cotangents)
        before = [self._typed(value) for value in run.before]
        lambdas = [tf.zeros((rows, *value.shape[1:]), value.dtype) for value in before]
        start, out = 0, tf.zeros((rows, *target.output), self._cell.compute_dtype)
        if target.number is not None:
            lambdas[target.number] = tf.cast(tf.reshape(cotangents, lambdas[target.number].shape), out.dtype)
        else:
            out = tf.cast(cotangents, out.dtype)
            # A masked step repeats the output of the step before it.
            counted = numpy.flatnonzero(run.counts)
            start = int(counted[0]) if len(counted) else len(run.counts)
        found: list[list[Any]] = []
        inputs = tf.constant(run.inputs)
        rows_held = [rows_for(held[name], name) for name in self.held]
        free = [self._typed(_behind(each, run.before[k])) for k, each in enumerate(run.free)]
        for first in range(start, len(run.counts), _CHUNK):
            checkpoint()
            part = slice(first, first + _CHUNK)
            results, lambdas = self._chunk(
                inputs[part],
                [value[part] for value in before],
                tf.constant(run.counts[part]),
                lambdas,
                out,
                tf.constant(run.numbers[part], tf.float32),
                [value[part] for value in free],
                rows_held,
            )
            out = tf.zeros_like(out)
            found.append([each.numpy() for each in results])
            if not any(numpy.any(each.numpy()) for each in lambdas):
                break  # It has vanished altogether.
        count = len(before)
        joined = [numpy.concatenate(each) for each in zip(*found, strict=True)]
        if not found:
            joined = [numpy.zeros((0, *run.inputs.shape[1:]))] * 2
            joined += [numpy.zeros((0, *value.shape[1:])) for value in before] * 2
        # Nothing goes back from masked steps after the output, nor from before where all has vanished.
        edges = (start, len(run.counts) - start - len(joined[0]))
        joined = [numpy.pad(each, (edges, *[(0, 0)] * (each.ndim - 1))) for each in joined]
        if target.number is None:
            # What the cell gives at T has left it already when the states at T are handed on.
            for each in joined[2:]:
                each[: start + 1] = numpy.nan
        return _Swept(
            joined[0],
            joined[1],
            joined[2 : 2 + count],
            joined[2 + count :],
            [
                float(((tf.cast(each, tf.float64) * tf.cast(last[-1], tf.float64)).numpy() ** 2).sum())
                for each, last in zip(lambdas, free, strict=True)
            ],
        )

    def _typed(self, value: Any) -> Any:
        tensor = tf.convert_to_tensor(value)
        return tf.cast(tensor, self._cell.compute_dtype) if tensor.dtype.is_floating else tensor

    def _step(self, inputs: Any, states: list[Any], clamps: Clamps | None = None) -> tuple[Any, list[Any]]:
        with watched(self._leaves, clamps) if clamps is not None else nullcontext():
            output, new = self._cell(
                inputs, keras.tree.pack_sequence_as(self._structure, states), **self._named
            )
        return output, [tf.convert_to_tensor(each) for each in keras.tree.flatten(new)]

    def _back(
        self,
        inputs: Any,
        before: list[Any],
        counts: Any,
        lambdas: list[Any],
        out: Any,
        numbers: Any,
        free: list[Any],
        held: list[Any],
    ) -> tuple[list[Any], list[Any]]:
        rows, number = tf.shape(out)[0], tf.shape(counts)[0]
        shapes = [each.shape for each in lambdas]
        kept = [tf.TensorArray(tf.float64, size=number) for _ in range(2 + 2 * len(before))]

        def squares(value: Any) -> Any:
            # Gradients that have vanished are there in float32, their squares are not.
            return tf.reduce_sum(tf.square(tf.cast(value, tf.float64)), axis=0)

        def body(step: Any, lambdas: list[Any], out: Any, kept: list[Any]) -> Any:
            here = [tf.repeat(inputs[step][None], rows, 0)]
            here += [tf.repeat(value[step][None], rows, 0) for value in before]
            floating = [each for each in here if each.dtype.is_floating]
            holding = dict(zip(self.held, held, strict=True))
            clamps = Clamps(holding, now=numbers[step]) if holding else None
            with tf.GradientTape() as tape:
                tape.watch(floating)
                output, new = self._step(here[0], here[1:], clamps)
            ends = [(output, tf.cast(out, output.dtype))]
            ends += [(a, tf.cast(b, a.dtype)) for a, b in zip(new, lambdas, strict=True)]
            ends = [(a, b) for a, b in ends if a.dtype.is_floating]
            backs = iter(
                tape.gradient(
                    [a for a, _ in ends],
                    floating,
                    output_gradients=[b for _, b in ends],
                    unconnected_gradients=tf.UnconnectedGradients.ZERO,
                )
            )
            back = [next(backs) if each.dtype.is_floating else tf.zeros(tf.shape(each)) for each in here]
            at_input = tf.where(counts[step], back[0], tf.zeros_like(back[0]))
            values = [squares(at_input), tf.cast(at_input[0], tf.float64)]
            own = [each * tf.cast(part[step], each.dtype) for each, part in zip(lambdas, free, strict=True)]
            values += [squares(each) for each in own]
            values += [tf.cast(each[0], tf.float64) for each in own]
            kept = [array.write(step, value) for array, value in zip(kept, values, strict=True)]
            earlier = [
                tf.ensure_shape(tf.where(counts[step], tf.cast(new, old.dtype), old), shape)
                for new, old, shape in zip(back[1:], lambdas, shapes, strict=True)
            ]
            return step + 1, earlier, tf.zeros_like(out), kept

        _, lambdas, _, kept = tf.while_loop(
            lambda step, *_: step < number, body, [tf.constant(0), lambdas, out, kept]
        )
        return [array.stack() for array in kept], lambdas


_CELLS: weakref.WeakKeyDictionary[BuiltModel, dict[str, _CellBackwards]] = weakref.WeakKeyDictionary()


def _cell_backwards(subject: Subject, place: Placed, structure: Any) -> _CellBackwards:
    cells = _CELLS.setdefault(subject.built, {})
    held = tuple(sorted(name for name in subject.held_in(place) if f"{INITIAL}/" not in name))
    known = cells.get(place.path)
    if known is None or known.held != held:
        known = cells[place.path] = _CellBackwards(place, structure, held)
    return known


def _behind(free: Any, state: Any) -> Any:
    """What stands for the units, ``(steps, units)``, with axes of length 1 for the places of a frame between."""
    between = (1,) * (state.ndim - 2)
    return free.reshape(len(free), *between, free.shape[-1]) if state.ndim > 1 else free[:, 0]


def _arrays(swept: _Swept, rows: _Rows, order: Array, steps: int, known: Mapping[str, int]) -> dict[str, Any]:
    """In the time order of the input: maps, norms and the lines through the norms.

    Args:
        swept: from T back to the first step.
        rows: what went back.
        order: the steps of ``swept``.
        steps: how many there are in all.
        known: the states to give, by their names, and their numbers in ``swept``.
    """
    arrays: dict[str, Any] = {"signed": numpy.float32(rows.signed)}
    arrays |= _map("input", "norm/input", swept.input_squares, swept.input_first, rows, order, steps)
    for name, number in known.items():
        short = name.removeprefix("state/").replace("/state/", "/")
        squares, first = swept.state_squares[number], swept.state_first[number]
        arrays |= _map(name, f"norm/{short}", squares, first, rows, order, steps)
        norms = numpy.sqrt(rows.weight * squares.reshape(len(squares), -1).sum(axis=1))
        arrays[f"fit/{short}"] = _line(norms)
        arrays[f"initial/{short}"] = numpy.float32(numpy.sqrt(rows.weight * swept.initial_squares[number]))
    return arrays


def _map(
    name: str, norm: str, squares: Any, first: Any, rows: _Rows, order: Array, steps: int
) -> dict[str, Any]:
    width = squares.shape[-1] if squares.ndim > 1 else 1
    summed = rows.weight * squares.reshape(len(squares), -1, width).sum(axis=1)
    shown = first.reshape(len(first), width) if rows.signed and squares.ndim <= 2 else numpy.sqrt(summed)
    whole = numpy.full((steps, width), numpy.nan)
    whole[order] = shown
    norms = numpy.full(steps, numpy.nan)
    norms[order] = numpy.sqrt(summed.sum(axis=1))
    return {name: whole.astype("float32"), norm: norms.astype("float32")}


def _line(norms: Any) -> Array:
    """Intercept and slope of the natural logarithm of the norm over the steps before T; NaN without three points."""
    before = numpy.arange(len(norms))
    there = (before > 0) & numpy.isfinite(norms) & (norms > _SMALLEST)
    if there.sum() < 3:
        return numpy.full(2, numpy.nan, "float32")
    slope, intercept = numpy.polyfit(before[there], numpy.log(norms[there]), 1)
    return numpy.array([intercept, slope], "float32")
