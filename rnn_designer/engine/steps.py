"""Puts a recurrent layer's record into the time order of its input, with states held where steps are masked."""

from __future__ import annotations

from typing import Any

import numpy

from rnn_designer.engine.cells import Leaf
from rnn_designer.engine.taps import Recorded, over
from rnn_designer.messages import Array


def steps_of(layer: Any, cells: tuple[Leaf, ...], record: Recorded) -> dict[str, Array]:
    """The record by name below the layer's own path, each ``(batch, time, …)`` in its input's time order.

    Args:
        layer: the Keras layer.
        cells: what computes in it, in order.
        record: one call of it, as arrays.
    """
    values = {part.name: part.of(record.steps) for part in record.parts}
    if record.mask is not None:
        _hold(layer, values, record)
    if layer.go_backwards:
        values = {name: value[:, ::-1] for name, value in values.items()}
    arrays: dict[str, Array] = {}
    for path in _paths(cells):
        own = f"{path}/" if path else ""
        # What a stack gives is what its last cell gives.
        last = [leaf for leaf in cells if f"{leaf.path}/".startswith(own)][-1]
        arrays[f"{own}output"] = values[last.name("output")]
        arrays |= {n: value for n, value in values.items() if n.startswith((f"{own}state/", f"{own}gate/"))}
        if record.mask is not None:
            arrays[f"{own}mask"] = record.mask
    return arrays


def _hold(layer: Any, values: dict[str, Array], record: Recorded) -> None:
    """Keras repeats the record before a masked step; before the first step shown, states are the initial ones."""
    mask = record.mask[:, ::-1] if layer.go_backwards else record.mask
    started = numpy.logical_or.accumulate(mask, axis=1)
    initial = iter(record.initial)
    for name, value in values.items():
        kind = name.split("/")[-2:][0]
        if kind == "state":
            values[name] = numpy.where(over(started, value), value, next(initial)[:, None])
        elif kind != "gate" and layer.zero_output_for_mask:
            values[name] = numpy.where(over(mask, value), value, value.dtype.type(0))


def _paths(cells: tuple[Leaf, ...]) -> list[str]:
    """The layer's own path (empty), then those of its stacks and cells, outermost first."""
    paths = [""]
    for leaf in cells:
        parts = leaf.path.split("/") if leaf.path else []
        paths += ["/".join(parts[: depth + 1]) for depth in range(len(parts))]
    return list(dict.fromkeys(paths))
