"""How often gates and units of a layer stand at their ends, or do nothing, over all samples and steps of the last run.

After A. Karpathy, J. Johnson and L. Fei-Fei, "Visualizing and understanding recurrent networks" (2015): a gate is
left-saturated where it is below 0.1 and right-saturated where it is above 0.9; for activations with other ends these
are the outer tenths of their range. Masked steps do not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy

from rnn_designer.engine.analyses.subject import Subject
from rnn_designer.engine.cells import GATES, STATES, Leaf
from rnn_designer.engine.failures import Refused
from rnn_designer.engine.placing import Placed
from rnn_designer.messages import Analyse, Array

TENTH = 0.1
"""The share of an activation's range at each end that counts as saturated for a gate."""

OFF = 0.01
"""A unit is off where it is nearer to zero than this share of the largest value that it could have."""

FULL = 0.95
"""A unit is saturated beyond this share of the end of its range."""

STILL = 1e-6
"""A unit does not move that changes less than this, in proportion to its values where these are above 1."""

_UNKNOWN = (-numpy.inf, numpy.inf)
BOUNDS: dict[str, tuple[float, float]] = {
    "sigmoid": (0, 1),
    "hard_sigmoid": (0, 1),
    "sparse_sigmoid": (0, 1),
    "softmax": (0, 1),
    "sparsemax": (0, 1),
    "tanh": (-1, 1),
    "hard_tanh": (-1, 1),
    "softsign": (-1, 1),
    "sparse_plus": (0, numpy.inf),
    "softplus": (0, numpy.inf),
    "relu": (0, numpy.inf),
    "relu6": (0, 6),
}
"""Between which values an activation of Keras stays; others have no end on either side."""

RECTIFIERS = ("relu", "relu6")
"""Activations whose gradient is nothing where they are nothing: a unit that stays there learns no more."""


def saturation(subject: Subject, request: Analyse) -> tuple[Mapping[str, Array], Mapping[str, str]]:
    """How often each unit is at an end of its range, off or still.

    Options:
        backward: 1 for the mirror image inside a Bidirectional.

    Arrays, each ``(units,)``; ``<gate>`` is ``gate/forget`` and so on, ``<signal>`` is ``state/h``, ``output`` …:
        left/<gate>, right/<gate>: share of the steps at which the gate is in the lowest or highest tenth of its range.
        ends/<gate>: ``(2,)``, below and above which value that is.
        off/<signal>: share of the steps at which the unit is (nearly) zero.
        saturated/<signal>: share beyond 95 % of the end of its range; NaN where there is no end.
        still/<signal>: 1 if it never changes within a sample.
        dead/<signal>: 1 if a rectified unit is zero at every step of every sample.
        nan/<signal>, inf/<signal>: the step, in the order in which the layer reads, since which there are such numbers
            in any sample; −1 without any.
        count: ``(2,)``, how many samples and how many steps there were.

    Facts:
        activation, recurrent_activation: of the layer; empty if it has none.

    Raises:
        Refused: the layer recorded no numbers that could be looked at.
    """
    place = _place(subject, request.layer, bool(request.options.get("backward")))
    looked = _Looked.at(place, subject.built.placed)
    mask = _mask(subject, place)
    arrays: dict[str, Any] = {}
    for name, bounds in looked.gates():
        values = subject.trace.arrays.get(f"{looked.path}/{name}")
        if values is not None and numpy.isfinite(bounds).all():
            subject.checkpoint()
            arrays |= _ends(name, values, mask, bounds)
    for name, bounds, rectified in looked.signals(subject.trace.arrays):
        subject.checkpoint()
        values = subject.trace.arrays[f"{looked.path}/{name}"]
        arrays |= _units(
            name, values, mask if name != "result" else None, bounds, rectified, looked.backwards
        )
        arrays["count"] = numpy.array(values.shape[:2] if values.ndim > 2 else (len(values), 1), "float32")
    if not arrays:
        raise Refused(
            "This layer recorded no numbers whose ends could be looked for. Select a layer with units.",
            request.layer,
        )
    return arrays, {name: looked.function(name) for name in ("activation", "recurrent_activation")}


def _place(subject: Subject, layer_id: str, backward: bool) -> Placed:
    for place in subject.built.placed:
        if place.planned.id == layer_id and place.copy == backward:
            return place
    raise Refused("This layer is not in the model that ran last. Run the design again.", layer_id)


def _mask(subject: Subject, place: Placed) -> Array | None:
    """``(batch, time)`` of the layer, or of the layer around a cell."""
    parts = place.path.split("/")
    for length in range(len(parts), 0, -1):
        found = subject.trace.arrays.get("/".join((*parts[:length], "mask")))
        if found is not None:
            return found
    return None


@dataclass(frozen=True)
class _Looked:
    """What is looked at of a layer: one cell, the last in a stack, or a layer without cells.

    Attributes:
        path: of its arrays in the trace.
        owner: what has the activations: a cell or a layer.
        kind: of one of Keras' own cells; else empty.
        cell: whether it has states.
        backwards: whether it reads from the last step to the first.
    """

    path: str
    owner: Any
    kind: str
    cell: bool
    backwards: bool

    @staticmethod
    def at(place: Placed, placed: Iterable[Placed]) -> _Looked:
        if place.cells:
            leaf = place.cells[-1]
            path = f"{place.path}/{leaf.path}" if leaf.path else place.path
            return _Looked(path, leaf.cell, leaf.kind, True, bool(place.layer.go_backwards))
        if place.cell:
            around = next(p.layer for p in placed if p.cells and f"{place.path}/".startswith(f"{p.path}/"))
            return _Looked(place.path, place.layer, Leaf(place.layer).kind, True, bool(around.go_backwards))
        return _Looked(place.path, place.layer, "", False, False)

    def function(self, name: str) -> str:
        """The name of an activation; empty if there is none."""
        found = getattr(self.owner, name, None)
        if found is None and name == "activation" and isinstance(self.owner, keras.layers.ReLU):
            return "relu"
        return getattr(found, "__name__", type(found).__name__ if found is not None else "")

    def gates(self) -> Iterator[tuple[str, tuple[float, float]]]:
        """The gates of Keras' own cells, and between which values they stay."""
        for gate, function, _ in GATES.get(self.kind, ()):
            yield f"gate/{gate}", BOUNDS.get(self.function(function), _UNKNOWN)

    def signals(self, recorded: Mapping[str, Array]) -> Iterator[tuple[str, tuple[float, float], bool]]:
        """States, or what else there is, with the range of each and whether it is rectified."""
        bounds = BOUNDS.get(self.function("activation"), _UNKNOWN)
        rectified = self.function("activation") in RECTIFIERS
        start = f"{self.path}/"
        own = [name[len(start) :] for name in recorded if name.startswith(start)]
        names: list[str]
        if not self.cell:
            names = [name for name in ("result", "result/0") if name in own]
        else:
            names = [name for name in own if name.startswith("state/")] or ["output"]
        for name in names:
            if recorded[start + name].ndim < 2 or recorded[start + name].dtype.kind != "f":
                continue
            if self.cell and (self.kind not in STATES or name == "state/c"):
                # A cell state adds up without end; what cells of other classes do is theirs.
                yield name, _UNKNOWN, False
            elif self.kind in ("LSTMCell", "ConvLSTMCell"):
                gate = BOUNDS.get(self.function("recurrent_activation"), _UNKNOWN)
                yield name, bounds if gate == (0, 1) else _UNKNOWN, False
            elif self.kind == "GRUCell":
                gate = BOUNDS.get(self.function("recurrent_activation"), _UNKNOWN)
                # A mixture of candidates stays where they are, as long as it is one.
                yield name, bounds if gate == (0, 1) else _UNKNOWN, rectified
            else:
                yield name, bounds, rectified


def _flat(values: Array, mask: Array | None) -> Any:
    """``(…, units)`` with a row per sample, step and place that counts."""
    shown = values if mask is None or values.ndim < 3 else values[mask]
    return shown.reshape(-1, values.shape[-1])


def _share(found: Any) -> Array:
    """By unit; zero where there is nothing to count."""
    return numpy.asarray(found.mean(axis=0) if len(found) else numpy.zeros(found.shape[1]), "float32")


def _ends(name: str, values: Array, mask: Array | None, bounds: tuple[float, float]) -> dict[str, Array]:
    flat, (low, high) = _flat(values, mask), bounds
    tenth = TENTH * (high - low)
    ends = numpy.array([low + tenth, high - tenth], "float32")
    left, right = _share(flat < low + tenth), _share(flat > high - tenth)
    return {f"left/{name}": left, f"right/{name}": right, f"ends/{name}": ends}


def _units(
    name: str,
    values: Array,
    mask: Array | None,
    bounds: tuple[float, float],
    rectified: bool,
    backwards: bool,
) -> dict[str, Array]:
    flat = _flat(values, mask)
    size = numpy.abs(flat)
    ends = [abs(each) for each in bounds if numpy.isfinite(each)]
    bounded = numpy.isfinite(bounds).all()
    finite = size[numpy.isfinite(size)]
    largest = max(ends) if bounded else float(finite.max(initial=0))
    return {
        f"off/{name}": _share(size <= OFF * largest),
        f"saturated/{name}": _share(_beyond(flat, bounds))
        if bounded
        else numpy.full(flat.shape[1], numpy.nan, "float32"),
        f"still/{name}": _still(values, mask),
        f"dead/{name}": numpy.asarray(rectified and len(flat) > 0 and (flat == 0).all(axis=0), "float32")
        * numpy.ones(flat.shape[1], "float32"),
        f"nan/{name}": _since(numpy.isnan(values), mask, backwards),
        f"inf/{name}": _since(numpy.isinf(values), mask, backwards),
    }


def _beyond(flat: Any, bounds: tuple[float, float]) -> Any:
    """Where a value is near an end; zero is no end to be stuck at, but what is off."""
    low, high = bounds
    beyond = flat > FULL * high
    return beyond | (flat < FULL * low) if low < 0 else beyond


def _still(values: Array, mask: Array | None) -> Array:
    """1 for units that do not move in any sample; where there is one step only, between the samples."""
    if values.ndim < 3:
        moving = values[None]
        shown = None
    else:
        moving, shown = values, mask
    if shown is None:
        low, high = moving.min(axis=1), moving.max(axis=1)
    else:
        over = shown.reshape(*shown.shape, *[1] * (moving.ndim - 2))
        low = numpy.where(over, moving, numpy.inf).min(axis=1)
        high = numpy.where(over, moving, -numpy.inf).max(axis=1)
    width = values.shape[-1]
    if moving.shape[1] < 2:
        return numpy.zeros(width, "float32")
    # Numbers that are not finite have no spread; a sample that is masked throughout has −inf, and stands still.
    with numpy.errstate(invalid="ignore"):
        spread = (high - low).reshape(-1, width)
    scale = numpy.maximum(1, numpy.maximum(numpy.abs(low), numpy.abs(high))).reshape(-1, width)
    return numpy.asarray((spread <= STILL * scale).all(axis=0), "float32")


def _since(found: Any, mask: Array | None, backwards: bool) -> Array:
    """The first step in the direction of reading, by unit; −1 for never."""
    if found.ndim < 3:
        return numpy.where(found.reshape(-1, found.shape[-1]).any(axis=0), 0, -1).astype("float32")
    if mask is not None:
        found = found & mask.reshape(*mask.shape, *[1] * (found.ndim - 2))
    steps = found.any(axis=0).reshape(found.shape[1], -1, found.shape[-1]).any(axis=1)
    first = steps[::-1].argmax(axis=0) if backwards else steps.argmax(axis=0)
    first = len(steps) - 1 - first if backwards else first
    return numpy.where(steps.any(axis=0), first, -1).astype("float32")
