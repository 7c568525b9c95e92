"""The cells inside a recurrent layer: where they stand, what they carry, and what they do in a step.

A recurrent layer holds one cell, or a stack of cells and stacks, nested at will. Cells are watched through two
attributes that every cell has: ``call``, which gives output and new states, and the activation functions of
Keras' own cells, which return the gates. So a record holds the very tensors that Keras computes.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import keras
import tensorflow as tf

from rnn_designer.engine.clamps import Clamps

# The states of Keras' own cells, in its order. A cell of any other class names its states itself, or is given
# numbers.
STATES: dict[str, tuple[str, ...]] = {
    "SimpleRNNCell": ("h",),
    "GRUCell": ("h",),
    "LSTMCell": ("h", "c"),
    "ConvLSTMCell": ("h", "c"),
}
# Which calls of the two activation functions are which gates, in the order in which the cells call them.
# LSTM's last call of ``activation``, the second, squashes the cell state for the output and is no gate.
_LSTM_GATES = (
    ("input", "recurrent_activation", 0),
    ("forget", "recurrent_activation", 1),
    ("candidate", "activation", 0),
    ("output", "recurrent_activation", 2),
)
GATES: dict[str, tuple[tuple[str, str, int], ...]] = {
    "GRUCell": (
        ("update", "recurrent_activation", 0),
        ("reset", "recurrent_activation", 1),
        ("candidate", "activation", 0),
    ),
    "LSTMCell": _LSTM_GATES,
    "ConvLSTMCell": _LSTM_GATES,
}


@dataclass(frozen=True)
class Leaf:
    """A cell that computes, and is no stack of others.

    Attributes:
        cell: the Keras cell.
        path: where it stands below its recurrent layer: empty for a layer's only cell, ``cell_0``,
            ``cell_1/cell_0``.
    """

    cell: Any
    path: str = ""

    @property
    def kind(self) -> str:
        """The class name of one of Keras' own cells; empty for any other, a subclass of one included."""
        kind = type(self.cell)
        return kind.__name__ if kind.__module__.startswith("keras.") and kind.__name__ in STATES else ""

    def name(self, part: str) -> str:
        """What a part of its record is called below the layer's own path."""
        return f"{self.path}/{part}" if self.path else part

    def states(self, count: int) -> tuple[str, ...]:
        """The names of its states, of which there are so many."""
        names = STATES.get(self.kind)
        if names is None:
            own = getattr(self.cell, "state_names", ())
            names = (own,) if isinstance(own, str) else tuple(own)
        fits = len(names) == len(set(names)) == count
        if fits and all(isinstance(name, str) and name and "/" not in name for name in names):
            return names
        return tuple(str(number) for number in range(count))


def leaves(cell: Any, path: str = "") -> Iterator[Leaf]:
    """Every cell that computes, in the order in which the input goes through them."""
    if isinstance(cell, keras.layers.StackedRNNCells):
        for number, inner in enumerate(cell.cells):
            yield from leaves(inner, f"{path}/cell_{number}".lstrip("/"))
    else:
        yield Leaf(cell, path)


def states_of(cell: Any) -> int | None:
    """How many states a cell or a stack carries from step to step; None if it does not say so."""
    if isinstance(cell, keras.layers.StackedRNNCells):
        counts = [states_of(inner) for inner in cell.cells]
        return None if None in counts else sum(count for count in counts if count is not None)
    kind = Leaf(cell).kind
    if kind:
        return len(STATES[kind])
    size = getattr(cell, "state_size", None)
    return None if size is None else len(keras.tree.flatten(size))


def takes_training(cell: Any) -> bool:
    """Whether the cell's call has an argument that tells training from inference."""
    return "training" in inspect.signature(cell.call).parameters


@contextmanager
def replaced(owner: Any, name: str, value: Any) -> Iterator[None]:
    """While this is open, the object has another attribute in place of its own or its class'."""
    before = vars(owner).get(name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        if before is None:
            delattr(owner, name)
        else:
            setattr(owner, name, before)


@dataclass
class Watch:
    """What one cell did in the step that ran last: its output, its new states, its activations' results."""

    leaf: Leaf
    output: Any = None
    states: list[Any] = field(default_factory=list)
    activations: dict[str, list[Any]] = field(default_factory=dict)

    def parts(self) -> Iterator[tuple[str, Any]]:
        """Output, states and gates by their names below the layer's own path."""
        leaf = self.leaf
        yield leaf.name("output"), self.output
        for name, state in zip(leaf.states(len(self.states)), self.states, strict=True):
            yield leaf.name(f"state/{name}"), state
        for gate, function, number in GATES.get(leaf.kind, ()):
            yield leaf.name(f"gate/{gate}"), self.activations[function][number]


@contextmanager
def watched(cells: Iterable[Leaf], clamps: Clamps | None = None) -> Iterator[list[Watch]]:
    """While this is open, every step of these cells is noted, and what is to be held in it is."""
    with ExitStack() as restore:
        yield [restore.enter_context(_watched(leaf, clamps)) for leaf in cells]


@contextmanager
def _watched(leaf: Leaf, clamps: Clamps | None) -> Iterator[Watch]:
    watch, cell = Watch(leaf), leaf.cell
    original_call = cell.call
    gates = {(function, number): gate for gate, function, number in GATES.get(leaf.kind, ())}
    squashed = ("activation", 1) if "c" in STATES.get(leaf.kind, ()) else None

    def call(*positional: Any, **named: Any) -> Any:
        watch.activations.clear()
        returned = original_call(*positional, **named)
        watch.output, states = returned
        watch.states = keras.tree.flatten(states)
        if clamps is None:
            return returned
        names = leaf.states(len(watch.states))
        for number, (name, state) in enumerate(zip(names, watch.states, strict=True)):
            watch.states[number] = held = clamps.held(leaf.name(f"state/{name}"), state)
            watch.output = held if watch.output is state else watch.output
        return watch.output, keras.tree.pack_sequence_as(states, watch.states)

    def noting(name: str, function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def activation(value: Any) -> Any:
            results = watch.activations.setdefault(name, [])
            if clamps is not None and (name, len(results)) == squashed:
                value = clamps.held(leaf.name("state/c"), value)
            result = function(value)
            gate = gates.get((name, len(results)))
            if clamps is not None and gate is not None:
                result = clamps.held(leaf.name(f"gate/{gate}"), result)
            results.append(result)
            return result

        return activation

    with ExitStack() as restore:
        restore.enter_context(replaced(cell, "call", call))
        for name in {function for _, function, _ in GATES.get(leaf.kind, ())}:
            restore.enter_context(replaced(cell, name, noting(name, getattr(cell, name))))
        yield watch


@dataclass(frozen=True)
class Part:
    """Where one quantity stands in the tensors that a loop writes at every step.

    Attributes:
        name: below the layer's own path: ``output``, ``cell_0/state/h``.
        group: which of the tensors.
        start: where it begins on the last axis; None if it is the whole tensor.
        stop: where it ends.
        flat: whether it is one number per sample, with an axis of length 1 for the journey.
    """

    name: str
    group: int
    start: int | None
    stop: int | None
    flat: bool

    def of(self, groups: Any) -> Any:
        """The quantity, out of tensors or arrays ``(batch, …)`` or ``(batch, time, …)``."""
        values = groups[self.group]
        if self.start is not None:
            values = values[..., self.start : self.stop]
        return values[..., 0] if self.flat else values


class Packing:
    """Puts what a step records into as few tensors as possible, side by side along the last axis.

    One write per step costs next to nothing, eight cost half as much again. Tensors stand together that differ
    in nothing but their last size; all of Keras' own cells need one tensor, whatever their widths.
    """

    def __init__(self) -> None:
        self.parts: tuple[Part, ...] = ()

    def pack(self, named: Iterable[tuple[str, Any]], batch: Any) -> list[Any]:
        """The tensors to write, from the quantities of one step ``(batch, …)``; sets ``parts``."""
        groups: dict[Any, list[Any]] = {}
        ends: dict[Any, int] = {}
        found = []
        for name, value in named:
            tensor = tf.convert_to_tensor(value)
            flat = tensor.shape.rank < 2
            if flat:
                tensor = tf.broadcast_to(tf.reshape(tensor, (-1, 1)), (batch, 1))
            width = tensor.shape[-1]
            key = (tensor.dtype, tuple(tensor.shape[1:-1])) if width is not None else name
            start = ends.get(key, 0)
            ends[key] = start + (width or 0)
            groups.setdefault(key, []).append(tensor)
            found.append((name, key, start, ends[key], flat))
        order = {key: number for number, key in enumerate(groups)}
        self.parts = tuple(
            Part(name, order[key], start, stop, flat)
            if len(groups[key]) > 1
            else Part(name, order[key], None, None, flat)
            for name, key, start, stop, flat in found
        )
        return [
            tf.concat(tensors, axis=-1) if len(tensors) > 1 else tensors[0] for tensors in groups.values()
        ]

    def part(self, name: str) -> Part:
        """The place of one quantity."""
        return next(part for part in self.parts if part.name == name)
