"""States that a recurrent layer stays in while its input does not change, and whether it comes back to them.

With the input held at x̄ one step is a map F of the states, h of all cells and c of LSTMs together. At a fixed point
F(s) = s. They are looked for where ½·|F(s) − s|² is smallest: from states of the trace downhill with Adam, all at
once, then by Newton's steps s − (J − I)⁻¹(F(s) − s), J being the Jacobian of F. Where every eigenvalue λ of J has
|λ| < 1, small pushes die away: the point is stable. Directions with |λ| > 1 lead away from it. What was held in the
run, from whatever step on, is held in F.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import keras
import numpy
import tensorflow as tf

from rnn_designer.engine.analyses.loop_inputs import LoopInputs, loop_inputs
from rnn_designer.engine.analyses.states import asked_for
from rnn_designer.engine.analyses.subject import Subject
from rnn_designer.engine.build import BuiltModel
from rnn_designer.engine.cells import states_of, takes_training, watched
from rnn_designer.engine.clamps import INITIAL, Clamps
from rnn_designer.engine.failures import Refused
from rnn_designer.engine.placing import Placed
from rnn_designer.messages import Analyse, Array

MOST = 1024
"""States of more numbers than this have Jacobians that take too long."""

ZERO, MEAN, CURSOR = 0, 1, 2
"""What the input is held at."""

_STARTS = 48
_CHUNK, _CHUNKS = 40, 12
_RATE = 0.05
_NEWTON = 30
_ENOUGH = 1e-11
"""Half the squared length of the last step, for a state of length 1, below which a point counts as fixed."""
_SAME = 1e-3
"""Points closer than this, for states of length 1, are one."""
_LISTED = 64
"""Eigenvalues that are given per point."""

Found = tuple[Mapping[str, Array], Mapping[str, str]]


def fixed_points(subject: Subject, request: Analyse) -> Found:
    """The fixed points of the recurrent layer that a signal belongs to, with its input held constant.

    Options:
        signal/<name>: a state of the layer; with several, all have to be of the same loop.
        input: what the input is held at: 0 for zero, 1 for its mean over all samples and steps that count, 2 for what
            it is at ``step`` of ``sample``.
        sample, step: for an input of 2.

    Arrays, the stable points first, then by their largest eigenvalue:
        state: ``(points, numbers)``, the named states of each point, side by side.
        speed: ``(points,)``, ½·|F(s) − s|² of all states of the loop.
        largest: ``(points,)``, the largest |λ|.
        unstable: ``(points,)``, how many eigenvalues have |λ| ≥ 1.
        eigenvalues: ``(points, numbers, 2)``, real and imaginary part, the largest first; at most 64.
        input: the input that was held, ``(…)``.

    Facts:
        starts: from how many states the search went out.
        lost: how many of them led to no fixed point.
        numbers: how many numbers all states of the loop have together.
        held: the names of what was held in the loop, with commas between; empty for nothing.

    Raises:
        Refused: the signal is no state of a recurrent layer outside of a TimeDistributed, or the state is too large.
    """
    states = asked_for(subject, request)
    place = _loop(subject, states.paths, request.layer)
    given = loop_inputs(subject, place)
    recorded = _recorded(subject, place)
    shapes = [array.shape[2:] for array in recorded.values()]
    width = sum(int(numpy.prod(shape)) for shape in shapes)
    if width > MOST:
        raise Refused(
            f"All states of this layer together have {width} numbers; fixed points are looked for up to {MOST}. "
            "Give the layer fewer units.",
            request.layer,
        )
    held = _held(given, request)
    step = _step_of(subject, place, given.structure, tuple(shapes))
    subject.tell(0.0, "Looking for fixed points")
    starts = _starts(recorded, states.counts)
    points = _Search(step, held, subject).from_starts(starts)
    arrays, facts = _arrays(points, len(starts), held, recorded, states.paths)
    return arrays, {**facts, "held": ", ".join(sorted(step.held))}


def _loop(subject: Subject, paths: tuple[str, ...], layer_id: str) -> Placed:
    """The recurrent layer in whose loop all these states are."""
    for place in subject.built.placed:
        inside = all(path.startswith(f"{place.path}/") for path in paths)
        if place.cells and inside and not place.distributed and all("/state/" in path for path in paths):
            return place
    raise Refused(
        "Fixed points belong to the states of one recurrent layer, in one direction and outside of a TimeDistributed. "
        "Choose states of such a layer.",
        layer_id,
    )


def _recorded(subject: Subject, place: Placed) -> dict[str, Array]:
    """Every state of the loop by its whole name, in the order in which the cell takes them, ``(batch, time, …)``."""
    found: dict[str, Array] = {}
    for leaf in place.cells:
        count = states_of(leaf.cell)
        start = f"{place.path}/{leaf.name('state/')}"
        names = (
            [f"{start}{name}" for name in leaf.states(count)]
            if count is not None
            else [name for name in subject.trace.arrays if name.startswith(start)]
        )
        for name in names:
            array = subject.trace.arrays.get(name)
            if array is None or array.ndim < 3 or array.dtype.kind != "f":
                raise Refused(
                    f"The state {name.removeprefix(place.path + '/')} is no row of real numbers at every step, so the "
                    "layer's step has no derivative by it. Choose another layer.",
                    place.planned.id,
                )
            found[name] = array
    return found


def _held(given: LoopInputs, request: Analyse) -> Array:
    """The constant input of one step."""
    values = numpy.asarray(given.sequences, "float32")
    match int(request.options.get("input", ZERO)):
        case 0:
            return numpy.zeros(values.shape[2:], "float32")
        case 1:
            rows = values.reshape(-1, *values.shape[2:]) if given.mask is None else values[given.mask]
            mean = rows.mean(axis=0, dtype="float64") if len(rows) else numpy.zeros(values.shape[2:])
            return numpy.asarray(mean, "float32")
        case _:
            sample, step = int(request.options.get("sample", 0)), int(request.options.get("step", 0))
            batch, steps = values.shape[:2]
            if not (0 <= sample < batch and 0 <= step < steps):
                raise Refused(
                    f"Received step {step} of sample {sample}; expected a step from 0 to {steps - 1} of a sample from "
                    f"0 to {batch - 1}. Move the cursor.",
                    request.layer,
                )
            held: Array = values[sample, step]
            return held


def _starts(recorded: Mapping[str, Array], counts: Array) -> Any:
    """States of the trace, evenly over all steps that count, and the state of all zeros; ``(starts, numbers)``."""
    flat = numpy.concatenate([each.reshape(*each.shape[:2], -1) for each in recorded.values()], axis=-1)
    rows = flat[counts & numpy.isfinite(flat).all(axis=-1)]
    places: Any = (
        numpy.unique(numpy.linspace(0, max(len(rows) - 1, 0), _STARTS - 1).astype(int)) if len(rows) else []
    )
    return numpy.concatenate([rows[places], numpy.zeros((1, flat.shape[-1]), "float32")]).astype("float32")


class _Step:
    """One step of a cell with the input held constant, as a map of flat states, in graphs of its own.

    Args:
        place: the recurrent layer.
        structure: how its states are nested.
        shapes: of each state of one sample.
        held: what is held in it, names below its path to ``(3, holds)``; the steps do not count.
    """

    def __init__(
        self, place: Placed, structure: Any, shapes: tuple[tuple[int, ...], ...], held: Mapping[str, Array]
    ) -> None:
        self._cell = cell = place.layer.cell
        self._leaves = place.cells
        self._rows = held
        self._structure = structure
        self._shapes = shapes
        self._sizes = [int(numpy.prod(shape)) for shape in shapes]
        self._named = {"training": False} if takes_training(cell) else {}
        self.after = tf.function(self._after, autograph=False, reduce_retracing=True)
        self.jacobian = tf.function(self._jacobian, autograph=False, reduce_retracing=True)
        self.downhill = tf.function(self._downhill, autograph=False, reduce_retracing=True)

    @property
    def held(self) -> tuple[str, ...]:
        """The names of what is held."""
        return tuple(self._rows)

    def holds(self, held: Mapping[str, Array]) -> bool:
        """Whether just this is held."""
        return self._rows.keys() == held.keys() and all(
            numpy.array_equal(rows, held[name]) for name, rows in self._rows.items()
        )

    def _after(self, held: Any, states: Any) -> Any:
        """F of many states ``(rows, numbers)``, float32."""
        rows = tf.shape(states)[0]
        dtype = self._cell.compute_dtype
        parts = [
            tf.cast(tf.reshape(part, (rows, *shape)), dtype)
            for part, shape in zip(tf.split(states, self._sizes, axis=1), self._shapes, strict=True)
        ]
        inputs = tf.cast(tf.repeat(held[None], rows, 0), dtype)
        clamps = Clamps(self._rows, now=numpy.inf) if self._rows else None
        with watched(self._leaves, clamps) if clamps is not None else nullcontext():
            _, new = self._cell(inputs, keras.tree.pack_sequence_as(self._structure, parts), **self._named)
        flat = [tf.reshape(tf.cast(each, tf.float32), (rows, -1)) for each in keras.tree.flatten(new)]
        return tf.ensure_shape(tf.concat(flat, axis=1), states.shape)

    def _jacobian(self, held: Any, state: Any) -> Any:
        """∂F/∂s at one state, ``(numbers of F, numbers of s)``: one row back per number, all at once."""
        width = sum(self._sizes)
        rows = tf.repeat(state[None], width, 0)
        with tf.GradientTape() as tape:
            tape.watch(rows)
            after = self._after(held, rows)
        return tape.gradient(
            after, rows, output_gradients=tf.eye(width), unconnected_gradients=tf.UnconnectedGradients.ZERO
        )

    def _downhill(self, held: Any, states: Any, first: Any, second: Any, done: Any) -> Any:
        """Some steps of Adam on ½·|F(s) − s|² from every row at once; gives rows, Adam's two means and the count."""

        def body(step: Any, states: Any, first: Any, second: Any) -> Any:
            with tf.GradientTape() as tape:
                tape.watch(states)
                speed = 0.5 * tf.reduce_sum(tf.square(self._after(held, states) - states))
            slope = tape.gradient(speed, states)
            # A row that has left the numbers stays where it is, and is sorted out afterwards.
            slope = tf.where(tf.math.is_finite(slope), slope, tf.zeros_like(slope))
            number = tf.cast(done + step + 1, tf.float32)
            first = 0.9 * first + 0.1 * slope
            second = 0.99 * second + 0.01 * tf.square(slope)
            rate = _RATE * tf.pow(0.01, number / (_CHUNK * _CHUNKS))
            mean = first / (1 - tf.pow(0.9, number))
            size = tf.sqrt(second / (1 - tf.pow(0.99, number)))
            return step + 1, states - rate * mean / (size + 1e-8), first, second

        _, states, first, second = tf.while_loop(
            lambda step, *_: step < _CHUNK, body, [tf.constant(0), states, first, second]
        )
        speeds = 0.5 * tf.reduce_sum(tf.square(self._after(held, states) - states), axis=1)
        return states, first, second, done + _CHUNK, speeds


_STEPS: weakref.WeakKeyDictionary[BuiltModel, dict[str, _Step]] = weakref.WeakKeyDictionary()


def _step_of(subject: Subject, place: Placed, structure: Any, shapes: tuple[tuple[int, ...], ...]) -> _Step:
    steps = _STEPS.setdefault(subject.built, {})
    held = {name: rows for name, rows in subject.held_in(place).items() if f"{INITIAL}/" not in name}
    known = steps.get(place.path)
    if known is None or not known.holds(held):
        known = steps[place.path] = _Step(place, structure, shapes, held)
    return known


@dataclass(frozen=True)
class _Point:
    """One fixed point: the state, its speed, its eigenvalues with the largest first."""

    state: Any
    speed: float
    eigenvalues: Any

    @property
    def largest(self) -> float:
        """The largest |λ|."""
        return float(numpy.abs(self.eigenvalues[0]))

    @property
    def unstable(self) -> int:
        """In how many directions pushes do not die away."""
        return int((numpy.abs(self.eigenvalues) >= 1).sum())


class _Search:
    """Goes from starts to the fixed points they lead to."""

    def __init__(self, step: _Step, held: Array, subject: Subject) -> None:
        self._step = step
        self._held = tf.constant(held)
        self._subject = subject

    def from_starts(self, starts: Any) -> _Points:
        """The distinct fixed points, and how many starts led to none."""
        candidates = list(_distinct(self._settled(starts)))
        points: list[_Point] = []
        lost = 0
        for number, (candidate, stands_for) in enumerate(candidates):
            self._subject.checkpoint()
            self._subject.tell(
                0.5 + 0.5 * number / len(candidates), f"Looking for fixed points: {len(points)} found"
            )
            state, speed = self._polished(candidate)
            if not speed <= _ENOUGH * max(1.0, float(state @ state)):
                lost += stands_for
                continue
            if any(_close(state, other.state) for other in points):
                continue
            eigenvalues = numpy.linalg.eigvals(self._jacobian(state))
            order = numpy.lexsort((eigenvalues.imag, -numpy.abs(eigenvalues)))
            points.append(_Point(state, speed, eigenvalues[order]))
        points.sort(key=lambda point: (point.unstable > 0, point.largest))
        return _Points(points, lost)

    def _settled(self, starts: Any) -> Any:
        """Where Adam leads from every start."""
        states = tf.constant(starts)
        first = second = tf.zeros_like(states)
        done = tf.constant(0)
        for number in range(_CHUNKS):
            self._subject.checkpoint()
            self._subject.tell(0.5 * number / _CHUNKS, "Looking for fixed points: going downhill")
            states, first, second, done, speeds = self._step.downhill(self._held, states, first, second, done)
            if numpy.nanmax(speeds.numpy(), initial=0.0) < 1e-6:
                break
        return states.numpy()

    def _polished(self, state: Any) -> tuple[Any, float]:
        """Newton's steps, each no longer than it helps."""
        state = state.astype("float64")
        gap, speed = self._gap(state)
        for _ in range(_NEWTON):
            self._subject.checkpoint()
            matrix = self._jacobian(state) - numpy.eye(len(state))
            if not numpy.isfinite(matrix).all() or speed == 0:
                break
            # The shortest of the best steps, where the point is one of a line of fixed points.
            move = numpy.linalg.lstsq(matrix, -gap, rcond=1e-7)[0]
            for halving in range(8):
                further = state + move / 2**halving
                next_gap, next_speed = self._gap(further)
                if next_speed < speed:
                    state, gap, speed = further, next_gap, next_speed
                    break
            else:
                break
        return state, speed

    def _gap(self, state: Any) -> tuple[Any, float]:
        """F(s) − s at one state, and half its squared length."""
        row = tf.constant(state[None], tf.float32)
        gap = (self._step.after(self._held, row) - row).numpy()[0].astype("float64")
        speed = 0.5 * float(gap @ gap)
        return gap, speed if numpy.isfinite(speed) else numpy.inf

    def _jacobian(self, state: Any) -> Any:
        return self._step.jacobian(self._held, tf.constant(state, tf.float32)).numpy().astype("float64")


@dataclass(frozen=True)
class _Points:
    """What was found, and how many starts led to nothing."""

    points: list[_Point]
    lost: int


def _close(one: Any, other: Any) -> bool:
    return bool(numpy.linalg.norm(one - other) <= _SAME * max(1.0, float(numpy.linalg.norm(other))))


def _distinct(states: Any) -> Iterator[tuple[Any, int]]:
    """One of each group of states that lie together, and how many they are."""
    groups: list[tuple[Any, int]] = []
    for state in states:
        place = next((number for number, (other, _) in enumerate(groups) if _close(state, other)), None)
        if place is None:
            groups.append((state, 1))
        else:
            groups[place] = (groups[place][0], groups[place][1] + 1)
    yield from groups


def _arrays(
    found: _Points, starts: int, held: Array, recorded: Mapping[str, Array], paths: tuple[str, ...]
) -> Found:
    """The points as arrays, cut down to the named states."""
    points = found.points
    sizes = [int(numpy.prod(array.shape[2:])) for array in recorded.values()]
    ends = numpy.cumsum(sizes)
    parts = {
        name: slice(int(end) - size, int(end)) for name, size, end in zip(recorded, sizes, ends, strict=True)
    }
    width, listed = int(ends[-1]), min(int(ends[-1]), _LISTED)
    whole = numpy.array([point.state for point in points]).reshape(len(points), width)
    values = numpy.array([point.eigenvalues[:listed] for point in points]).reshape(len(points), listed)
    arrays = {
        "state": numpy.concatenate([whole[:, parts[path]] for path in paths], axis=1).astype("float32"),
        "speed": numpy.array([point.speed for point in points], "float32"),
        "largest": numpy.array([point.largest for point in points], "float32"),
        "unstable": numpy.array([point.unstable for point in points], "int32"),
        "eigenvalues": numpy.stack([values.real, values.imag], axis=-1).astype("float32"),
        "input": numpy.asarray(held, "float32"),
    }
    return arrays, {"starts": str(starts), "lost": str(found.lost), "numbers": str(width)}
