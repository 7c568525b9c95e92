"""Independent ways to the numbers of a trace: an eager loop over Keras' cells, and the cells' algebra in NumPy."""

from __future__ import annotations

from typing import Any

import numpy

Array = numpy.ndarray[Any, Any]


def cell_loop(layer: Any, sequence: Array, mask: Array | None) -> dict[str, Array]:
    """Output and states per step in input order, from one eager call of the layer's cell per step."""
    batch, steps = sequence.shape[:2]
    states = [numpy.asarray(state) for state in layer.get_initial_state(batch_size=batch)]
    names = ("h", "c")[: len(states)]
    arrays = {"output": [None] * steps, **{f"state/{name}": [None] * steps for name in names}}
    previous = None
    for time in reversed(range(steps)) if layer.go_backwards else range(steps):
        output, new = layer.cell(sequence[:, time], states, training=False)
        output, new = numpy.asarray(output), [numpy.asarray(state) for state in new]
        previous = numpy.zeros_like(output) if previous is None else previous
        if mask is not None:
            keep = mask[:, time].reshape(batch, *(1 for _ in output.shape[1:]))
            new = [numpy.where(keep, one, other) for one, other in zip(new, states, strict=True)]
            blank = numpy.zeros_like(output) if layer.zero_output_for_mask else previous
            output = numpy.where(keep, output, blank)
        states, previous = new, output
        arrays["output"][time] = output
        for name, state in zip(names, states, strict=True):
            arrays[f"state/{name}"][time] = state
    return {name: numpy.stack(values, axis=1) for name, values in arrays.items()}


ACTIVATIONS = {
    "tanh": numpy.tanh,
    "sigmoid": lambda x: 1 / (1 + numpy.exp(-x)),
    "relu": lambda x: numpy.maximum(x, 0),
    "hard_sigmoid": lambda x: numpy.clip(x / 6 + 0.5, 0, 1),
    "linear": lambda x: x,
    "softsign": lambda x: x / (1 + numpy.abs(x)),
    "elu": lambda x: numpy.where(x > 0, x, numpy.expm1(x)),
}


def previous_states(states: Array, backwards: bool) -> Array:
    """The state before each step, given the state after it; the first one is zero."""
    zero = numpy.zeros_like(states[:, :1])
    if backwards:
        return numpy.concatenate([states[:, 1:], zero], axis=1)
    return numpy.concatenate([zero, states[:, :-1]], axis=1)


def lstm(layer: Any, x: Array, h: Array, c: Array) -> dict[str, Array]:
    """Gates and states of LSTM from input and previous states ``(batch, time, …)``, in float64.

    i, f, o = s(xW + hR + b), g = t(xW + hR + b), c' = f c + i g, h' = o t(c').
    """
    kernel, recurrent, bias = _weights(layer.cell)
    t, s = _activations(layer.cell)
    i, f, g, o = numpy.split(x @ kernel + h @ recurrent + bias, 4, axis=-1)
    i, f, g, o = s(i), s(f), t(g), s(o)
    new_c = f * c + i * g
    return {
        "gate/input": i,
        "gate/forget": f,
        "gate/candidate": g,
        "gate/output": o,
        "state/c": new_c,
        "state/h": o * t(new_c),
    }


def gru(layer: Any, x: Array, h: Array) -> dict[str, Array]:
    """Gates and state of GRU, with the reset gate after or before the recurrent product, in float64.

    z, r = s(xW + hR + b), candidate = t(xW + r (hR + b)) or t(xW + (r h)R + b), h' = z h + (1 - z) candidate.
    """
    kernel, recurrent, bias = _weights(layer.cell)
    t, s = _activations(layer.cell)
    units = layer.cell.units
    input_bias, recurrent_bias = bias if numpy.ndim(bias) == 2 else (bias, numpy.zeros(3 * units))
    xz, xr, xh = numpy.split(x @ kernel + input_bias, 3, axis=-1)
    rz, rr, rh = numpy.split(recurrent, 3, axis=-1)
    bz, br, bh = numpy.split(recurrent_bias, 3)
    z, r = s(xz + h @ rz + bz), s(xr + h @ rr + br)
    inner = r * (h @ rh + bh) if layer.cell.reset_after else (r * h) @ rh
    candidate = t(xh + inner)
    return {
        "gate/update": z,
        "gate/reset": r,
        "gate/candidate": candidate,
        "state/h": z * h + (1 - z) * candidate,
    }


def simple(layer: Any, x: Array, h: Array) -> dict[str, Array]:
    """The state of SimpleRNN: h' = t(xW + hR + b), in float64."""
    kernel, recurrent, bias = _weights(layer.cell)
    return {"state/h": _activations(layer.cell)[0](x @ kernel + h @ recurrent + bias)}


def _weights(cell: Any) -> tuple[Array, Array, Any]:
    bias = numpy.zeros(cell.kernel.shape[-1]) if cell.bias is None else numpy.asarray(cell.bias, "float64")
    return numpy.asarray(cell.kernel, "float64"), numpy.asarray(cell.recurrent_kernel, "float64"), bias


def _activations(cell: Any) -> tuple[Any, Any]:
    recurrent = getattr(cell, "recurrent_activation", cell.activation)
    return ACTIVATIONS[cell.activation.__name__], ACTIVATIONS[recurrent.__name__]
