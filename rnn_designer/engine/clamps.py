"""Holds units of states and gates at chosen values from a chosen step on, inside Keras' own loop.

What is held is replaced where the cell has just computed it, before anything else reads it: a gate's result before
the cell goes on with it, an LSTM's cell state before it is squashed for the output, a new state (and the output, where
that is the same tensor) before the next cell and the next step get them. Values and steps are inputs of the graph, so
that moving them needs no new one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import keras
import numpy
import tensorflow as tf

from rnn_designer.engine.failures import Refused

if TYPE_CHECKING:
    from rnn_designer.engine.placing import Placed

INITIAL = "initial"
"""What stands in place of ``state`` in the name of an initial state."""


@dataclass
class Clamps:
    """What is held in one recurrent layer.

    Attributes:
        rows: name below the layer's path, such as ``state/h`` or ``cell_0/gate/forget``, to ``(3, holds)``: the unit
            (-1 for all), the value, the first step. Later holds win.
        now: the step that is being computed, in the time order of the layer's input; ``(batch,)`` where every row
            of the batch is a step of its own.
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
        return _with_held(name, value, rows, rows[2] <= tf.cast(self.now, rows.dtype)[..., None])

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
    acts = acting[..., None] & ((chosen[:, None] == units) | (chosen[:, None] < 0))
    last = tf.reduce_max(tf.where(acts, tf.range(tf.shape(chosen)[0])[:, None], -1), axis=-2)
    values = tf.cast(tf.gather(rows[1], tf.maximum(last, 0)), value.dtype)
    return tf.where(last >= 0, values, value)


def clamps_by_layer(
    held: Mapping[str, Any], paths: Mapping[str, str], places: Iterable[Placed]
) -> dict[int, Clamps]:
    """What is held, by ``id()`` of the recurrent layer that it is in.

    Args:
        held: as in :class:`~rnn_designer.messages.Run`.
        paths: layer id to the path of its arrays.
        places: the recurrent layers whose steps are recorded.

    Raises:
        Refused: something is to be held where no steps are recorded.
    """
    rows: dict[int, dict[str, Any]] = {}
    places = tuple(places)
    for name, values in held.items():
        layer_id, _, signal = name.partition("/")
        path = f"{paths.get(layer_id, '')}/{signal}"
        found = [place for place in places if path.startswith(f"{place.path}/")]
        if not found:
            raise Refused(
                f"Received a value to hold for {signal}, which is in no recurrent layer whose steps are recorded. "
                "Remove it.",
                layer_id if layer_id in paths else None,
            )
        place = max(found, key=lambda place: len(place.path))
        rows.setdefault(id(place.layer), {})[path[len(place.path) + 1 :]] = values
    return {layer: Clamps(each) for layer, each in rows.items()}


def held_at(rows: Any, steps: Any, units: int) -> Any:
    """Which units are held at which steps.

    Args:
        rows: ``(3, holds)``.
        steps: the steps, ``(steps,)``, in the time order of the layer's input.
        units: how many there are.

    Returns:
        ``(steps, units)`` bool, as a NumPy array.
    """
    found = numpy.zeros((len(steps), units), bool)
    for unit, _, first in numpy.asarray(rows).T:
        acting = numpy.asarray(steps) >= first
        if unit < 0:
            found[acting] = True
        elif unit < units:
            found[acting, int(unit)] = True
    return found


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
