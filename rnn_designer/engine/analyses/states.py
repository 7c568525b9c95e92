"""The states that a question is about: those it names, side by side, and which steps of them count."""

from __future__ import annotations

from dataclasses import dataclass

import numpy

from rnn_designer.engine.analyses.subject import Subject
from rnn_designer.engine.failures import Refused
from rnn_designer.messages import Analyse, Array, Trace

PREFIX = "signal/"
"""Options whose name begins so name a signal of the layer: ``signal/state/h``, ``signal/forward/state/c``."""


@dataclass(frozen=True)
class States:
    """Some signals of one layer, side by side.

    Attributes:
        paths: their whole names in the trace, in the order of the last axis.
        shapes: of each, for one step of one sample.
        values: ``(batch, time, numbers)``, float32.
        counts: ``(batch, time)``, False where a step is masked or a number is not finite.
    """

    paths: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]
    values: Array
    counts: Array


def asked_for(subject: Subject, request: Analyse) -> States:
    """The signals that the request names in its options.

    Raises:
        Refused: it names none, one that was not recorded at every step, or signals of different lengths.
    """
    trace, layer_id = subject.trace, request.layer
    path = trace.layers.get(layer_id)
    if path is None:
        raise Refused("This layer is not in the model that ran last. Run the design again.", layer_id)
    names = [name.removeprefix(PREFIX) for name in request.options if name.startswith(PREFIX)]
    paths = tuple(f"{path}/{name}" for name in names)
    arrays = [trace.arrays.get(each) for each in paths]
    if not arrays:
        raise Refused("Received no signal to look at; expected at least one. Choose one.", layer_id)
    found: list[Array] = []
    for name, array in zip(names, arrays, strict=True):
        if array is None or array.ndim < 3:
            raise Refused(
                f"The last run recorded no {name} at every step of this layer. Choose another signal.",
                layer_id,
            )
        found.append(numpy.asarray(array, "float32"))
    if len({array.shape[:2] for array in found}) > 1:
        raise Refused("These signals have different numbers of steps. Choose one of them.", layer_id)
    values = numpy.concatenate([array.reshape(*array.shape[:2], -1) for array in found], axis=-1)
    counts = numpy.isfinite(values).all(axis=-1)
    for each in paths:
        mask = mask_of(trace, each)
        if mask is not None and mask.shape == counts.shape:
            counts &= mask.astype(bool)
    return States(paths, tuple(array.shape[2:] for array in found), values, counts)


def mask_of(trace: Trace, path: str) -> Array | None:
    """The mask of the layer that a signal belongs to, or of the nearest layer around it; None without one."""
    parts = path.split("/")
    for length in range(len(parts) - 1, 0, -1):
        mask = trace.arrays.get("/".join((*parts[:length], "mask")))
        if mask is not None:
            return mask
    return None
