"""Recurrent layers computed step by step in NumPy with units held, and pushed before they are held."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

Array = Any
Hold = Callable[[str, Array], Array]
Held = dict[str, list[tuple[int, float, int]]]
Push = Callable[[str, int, Array], Array]
"""Takes ``input`` or a state's name, the step and the value ``(batch, …)``, and gives the value pushed."""


def rows(held: Held) -> dict[str, Array]:
    """What is held, as a run takes it: unit, value and first step of each, to ``(3, holds)``."""
    return {name: numpy.float32(each).T.copy() for name, each in held.items()}


def not_pushed(_name: str, _step: int, value: Array) -> Array:
    return value


def sigmoid(value: Array) -> Array:
    return 1 / (1 + numpy.exp(-value))


def simple_step(cell: Any, x: Array, states: list[Array], hold: Hold) -> tuple[Array, list[Array]]:
    kernel, recurrent, bias = (numpy.float64(each) for each in cell.get_weights())
    h = hold("state/h", numpy.tanh(x @ kernel + states[0] @ recurrent + bias))
    return h, [h]


def lstm_step(cell: Any, x: Array, states: list[Array], hold: Hold) -> tuple[Array, list[Array]]:
    kernel, recurrent, bias = (numpy.float64(each) for each in cell.get_weights())
    parts = numpy.split(x @ kernel + states[0] @ recurrent + bias, 4, axis=1)
    i, f = hold("gate/input", sigmoid(parts[0])), hold("gate/forget", sigmoid(parts[1]))
    g, o = hold("gate/candidate", numpy.tanh(parts[2])), hold("gate/output", sigmoid(parts[3]))
    c = hold("state/c", f * states[1] + i * g)
    h = hold("state/h", o * numpy.tanh(c))
    return h, [h, c]


def gru_step(cell: Any, x: Array, states: list[Array], hold: Hold) -> tuple[Array, list[Array]]:
    kernel, recurrent, bias = (numpy.float64(each) for each in cell.get_weights())
    own, other = bias if cell.reset_after else (bias, numpy.zeros_like(bias))
    from_x = numpy.split(x @ kernel + own, 3, axis=1)
    h, units = states[0], cell.units
    from_h = h @ recurrent[:, : 2 * units] + other[: 2 * units]
    z = hold("gate/update", sigmoid(from_x[0] + from_h[:, :units]))
    r = hold("gate/reset", sigmoid(from_x[1] + from_h[:, units:]))
    if cell.reset_after:
        remembered = r * (h @ recurrent[:, 2 * units :] + other[2 * units :])
    else:
        remembered = (r * h) @ recurrent[:, 2 * units :]
    candidate = hold("gate/candidate", numpy.tanh(from_x[2] + remembered))
    new = hold("state/h", z * h + (1 - z) * candidate)
    return new, [new]


STEP = {"SimpleRNNCell": simple_step, "LSTMCell": lstm_step, "GRUCell": gru_step}


def walked(
    layer: Any, series: Array, held: Held, mask: Array | None = None, push: Push = not_pushed
) -> dict[str, Array]:
    """The outputs and states of a recurrent layer in its input's time order, computed step by step in float64.

    States are pushed after their step, and what is held is held again then: a push of it changes nothing.
    """
    stack = type(layer.cell).__name__ == "StackedRNNCells"
    cells = list(layer.cell.cells) if stack else [layer.cell]
    paths = [f"cell_{number}/" if stack else "" for number in range(len(cells))]
    batch, time = series.shape[:2]
    states: list[list[Array]] = []
    # What the states are held at since the last step that counted, ``(batch, units)``, NaN where they are free.
    since: list[list[Array]] = []
    for cell, path in zip(cells, paths, strict=True):
        names = ["h", "c"] if type(cell).__name__ == "LSTMCell" else ["h"]
        begun = [numpy.zeros((batch, cell.units)) for _ in names]
        since.append([])
        for name, state in zip(names, begun, strict=True):
            acting = _acting(held.get(f"{path}initial/{name}", []), numpy.inf, cell.units)
            since[-1].append(numpy.repeat(acting[None], batch, 0))
            state[:] = _held_again(push(f"{path}initial/{name}", -1, state), since[-1][-1])
        states.append(begun)
    outputs = numpy.zeros((batch, time, cells[-1].units))
    written: dict[str, Array] = {}
    before = numpy.zeros((batch, cells[-1].units))
    for now in reversed(range(time)) if layer.go_backwards else range(time):
        x = push("input", now, numpy.float64(series[:, now]))
        shown = numpy.ones((batch, 1), bool) if mask is None else mask[:, now][:, None]
        for number, (cell, path) in enumerate(zip(cells, paths, strict=True)):

            def hold(name: str, value: Array, path: str = path, now: int = now) -> Array:
                value = value.copy()
                for unit, wanted, first in held.get(path + name, []):
                    if now >= first:
                        value[:, unit if unit >= 0 else slice(None)] = wanted
                return value

            x, new = STEP[type(cell).__name__](cell, x, states[number], hold)
            states[number] = [numpy.where(shown, *pair) for pair in zip(new, states[number], strict=True)]
            for place, name in enumerate("hc"[: len(new)]):
                acting = _acting(held.get(f"{path}state/{name}", []), now, cell.units)
                since[number][place] = numpy.where(shown, acting, since[number][place])
                pushed = push(f"{path}state/{name}", now, states[number][place])
                states[number][place] = state = _held_again(pushed, since[number][place])
                written.setdefault(f"{path}state/{name}", numpy.zeros((batch, time, cell.units)))[:, now] = (
                    state
                )
        before = numpy.where(shown, x, before)
        outputs[:, now] = before
    if layer.zero_output_for_mask and mask is not None:
        outputs[~mask] = 0  # Bidirectional wants that of its layers.
    return {"output": outputs, **written}


def _acting(held: list[tuple[int, float, int]], now: float, units: int) -> Array:
    """``(units,)``: at what each is held at a step, NaN where it is free."""
    found = numpy.full(units, numpy.nan)
    for unit, value, first in held:
        if now >= first:
            found[unit if unit >= 0 else slice(None)] = value
    return found


def _held_again(state: Array, at: Array) -> Array:
    return numpy.where(numpy.isnan(at), state, at)
