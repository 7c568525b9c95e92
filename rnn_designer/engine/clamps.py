"""Holds units of states and gates at chosen values from a chosen step on, inside Keras' own loop.

What is held is replaced where the cell has just computed it, before anything else reads it: a gate's result before
the cell goes on with it, an LSTM's cell state before it is squashed for the output, a new state (and the output, where
that is the same tensor) before the next cell and the next step get them. Values and steps are inputs of the graph, so
that moving them needs no new one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import keras
import tensorflow as tf

from rnn_designer.engine.failures import Refused

INITIAL = "initial"
"""What stands in place of ``state`` in the name of an initial state."""


@dataclass
class Clamps:
    """What is held in one recurrent layer.

    Attributes:
        rows: name below the layer's path, such as ``state/h`` or ``cell_0/gate/forget``, to ``(3, holds)``: the unit
            (-1 for all), the value, the first step. Later holds win.
        now: the step that is being computed, in the time order of the layer's input.
        met: the names that were found.
    """

    rows: Mapping[str, Any]
    now: Any = 0
    met: set[str] = field(default_factory=set)

    def held(self, name: str, value: Any) -> Any:
        """A quantity ``(batch, …, units)`` of the present step, with the held units replaced."""
        rows = self.rows.get(name)
        if rows is None:
            return value
        self.met.add(name)
        return _with_held(name, value, rows, rows[2] <= tf.cast(self.now, rows.dtype))

    def held_from(self, names: Sequence[str], states: Sequence[Any]) -> list[Any]:
        """Initial states ``(batch, …, units)``, with the held units replaced.

        Args:
            names: the states' names below the layer's path: ``state/h``, ``cell_1/state/c``.
            states: as many.
        """
        held = []
        for name, state in zip(names, states, strict=True):
            own = name.replace("state/", f"{INITIAL}/")
            rows = self.rows.get(own)
            if rows is not None:
                self.met.add(own)
                state = _with_held(own, state, rows, tf.ones_like(rows[2], tf.bool))
            held.append(state)
        return held

    def refuse_unmet(self) -> None:
        """Say so where something was to be held that the cells do not have.

        Raises:
            Refused: there is such a name.
        """
        for name in self.rows:
            if name not in self.met:
                raise Refused(
                    f"Received a value to hold for {name}; the layer's cells have nothing of that name. Remove it."
                )

    @contextmanager
    def counting(self, cell: Any, steps: Sequence[int]) -> Iterator[None]:
        """While this is open, each call of the cell is the next of these steps."""
        coming = iter(steps)
        original: Callable[..., Any] = cell.call
        before = vars(cell).get("call")

        def call(*positional: Any, **named: Any) -> Any:
            self.now = next(coming)
            return original(*positional, **named)

        cell.call = call
        try:
            yield
        finally:
            if before is None:
                del cell.call
            else:
                cell.call = before


def _with_held(name: str, value: Any, rows: Any, acting: Any) -> Any:
    value = keras.ops.convert_to_tensor(value)
    if value.shape.rank is None or value.shape.rank < 2:
        raise Refused(f"Received a value to hold for {name}, which has no units. Remove it.")
    units = tf.range(tf.shape(value)[-1])
    chosen = tf.cast(rows[0], tf.int32)
    acts = acting[:, None] & ((chosen[:, None] == units) | (chosen[:, None] < 0))
    last = tf.reduce_max(tf.where(acts, tf.range(tf.shape(chosen)[0])[:, None], -1), axis=0)
    values = tf.cast(tf.gather(rows[1], tf.maximum(last, 0)), value.dtype)
    return tf.where(last >= 0, values, value)


def clock(sequences: Any) -> Any:
    """The number of every step, ``(1, time, 1)``: an input of a loop that then knows its time."""
    return tf.range(tf.shape(sequences)[1])[None, :, None]


def rows_for(rows: Any, what: str) -> Any:
    """The numbers of a clamp as float32 ``(3, holds)``.

    Raises:
        Refused: they are none.
    """
    rows = tf.cast(tf.convert_to_tensor(rows), tf.float32)
    if rows.shape.rank != 2 or rows.shape[0] != 3 or not rows.shape[1]:
        raise Refused(
            f"Received numbers of shape {tuple(rows.shape)} to hold {what}; expected (3, holds): units, values and "
            "first steps."
        )
    return rows
