"""An eager loop over the cells of a recurrent layer, whatever they are nested in, and what the layer makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy

Array = numpy.ndarray[Any, Any]
STATE_NAMES = {
    "SimpleRNNCell": ("h",),
    "GRUCell": ("h",),
    "LSTMCell": ("h", "c"),
    "TwoStates": ("fast", "slow"),
}


def cells_in(cell: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every cell that computes, with the beginning of its names: empty, ``cell_0/``, ``cell_1/cell_0/``."""
    inner = getattr(cell, "cells", None)
    if inner is None:
        yield path, cell
    else:
        for number, each in enumerate(inner):
            yield from cells_in(each, f"{path}cell_{number}/")


def cells_loop(
    layer: Any, sequence: Array, mask: Array | None, initial: list[Array] | None = None
) -> dict[str, Array]:
    """Outputs and states of every cell per step, in the time order of the sequence."""
    batch, steps = sequence.shape[:2]
    cells = list(cells_in(layer.cell))
    sizes = [
        [cell.state_size] if isinstance(cell.state_size, int) else list(cell.state_size) for _, cell in cells
    ]
    given = iter(initial) if initial is not None else None
    states = [
        [next(given) if given is not None else numpy.zeros((batch, size), "float32") for size in each]
        for each in sizes
    ]
    outputs: list[Any] = [None] * len(cells)
    arrays: dict[str, list[Any]] = {}
    order = range(steps)
    for time in reversed(order) if layer.go_backwards else order:
        shown = numpy.ones((batch, 1), bool) if mask is None else mask[:, time, None]
        arriving: Any = sequence[:, time]
        for number, (path, cell) in enumerate(cells):
            output, new = cell(arriving, list(states[number]))
            arriving = output
            output = numpy.asarray(output)
            held = outputs[number]
            if held is None or layer.zero_output_for_mask:
                held = numpy.zeros_like(output)
            outputs[number] = numpy.where(shown, output, held)
            pairs = zip(new, states[number], strict=True)
            states[number] = [numpy.where(shown, numpy.asarray(one), other) for one, other in pairs]
            arrays.setdefault(f"{path}output", []).append(outputs[number])
            for name, state in zip(STATE_NAMES[type(cell).__name__], states[number], strict=True):
                arrays.setdefault(f"{path}state/{name}", []).append(state)
    stacked = {name: numpy.stack(values, axis=1) for name, values in arrays.items()}
    if layer.go_backwards:
        stacked = {name: values[:, ::-1] for name, values in stacked.items()}
    stacked["output"] = stacked[f"{cells[-1][0]}output"]
    return stacked


def returned(layer: Any, arrays: dict[str, Array]) -> list[Array]:
    """What the layer returns, flat, from what its cells did per step."""
    last = 0 if layer.go_backwards else -1
    output = arrays["output"][:, ::-1] if layer.go_backwards else arrays["output"]
    results = [output if layer.return_sequences else arrays["output"][:, last]]
    if layer.return_state:
        results += [
            arrays[f"{path}state/{name}"][:, last]
            for path, cell in cells_in(layer.cell)
            for name in STATE_NAMES[type(cell).__name__]
        ]
    return results


def merged(layer: Any, forward: list[Array], backward: list[Array]) -> list[Array]:
    """What a Bidirectional returns, flat, from what its two layers return."""
    one, other = forward[0], backward[0]
    if layer.return_sequences:
        other = other[:, ::-1]
    outputs = {
        "concat": lambda: [numpy.concatenate([one, other], axis=-1)],
        "sum": lambda: [one + other],
        "ave": lambda: [(one + other) / 2],
        "mul": lambda: [one * other],
        None: lambda: [one, other],
    }[layer.merge_mode]()
    return [*outputs, *forward[1:], *backward[1:]]
