"""Models made from hand-written source, as the worker makes them, and sequences to feed them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy

from rnn_designer.messages import PlannedLayer

if TYPE_CHECKING:
    from rnn_designer.engine.build import BuiltModel
    from rnn_designer.engine.trace import Tracer

BATCH, STEPS, FEATURES = 5, 6, 3
MASKED = -1.5


def planned(name: str, kind: str, *children: PlannedLayer) -> PlannedLayer:
    """A layer whose id is ``#name``, so that ids and names cannot be mixed up unnoticed."""
    return PlannedLayer(f"#{name}", name, kind, children)


def program(lines: Sequence[str]) -> str:
    """A source whose ``build_model`` consists of these lines."""
    body = "".join(f"    {line}\n" for line in lines)
    return f"import keras\nfrom keras import layers\n\n\ndef build_model():\n{body}"


def side_by_side(
    layers: Mapping[str, tuple[str, PlannedLayer]], *, masked: bool, steps: int | None = None
) -> tuple[str, tuple[PlannedLayer, ...]]:
    """A model in which every layer reads the same Input, so that one pass traces them all."""
    lines = [f"series = keras.Input(({steps}, {FEATURES}), name='series')"]
    plan = [planned("series", "Input")]
    if masked:
        lines.append(f"x = layers.Masking({MASKED}, name='masking')(series)")
        plan.append(planned("masking", "Masking"))
    else:
        lines.append("x = series")
    outputs = []
    for name, (expression, layer) in layers.items():
        lines.append(f"{name} = {expression}(x)")
        lines.append(f"outputs.extend({name} if isinstance({name}, (list, tuple)) else [{name}])")
        outputs.append(name)
        plan.append(layer)
    lines.insert(0, "outputs = []")
    lines.append("return keras.Model(series, outputs)")
    return program(lines), tuple(plan)


@dataclass
class Standing:
    """A model that is built and can be traced."""

    built: BuiltModel
    tracer: Tracer

    @property
    def model(self) -> Any:
        return self.built.model

    def layer(self, path: str) -> Any:
        return next(place.layer for place in self.built.placed if place.path == path)

    def run(self, series: numpy.ndarray[Any, Any]) -> dict[str, Any]:
        return self.tracer.run({"series": series})


Stand = Callable[..., Standing]


def equal(one: Any, other: Any, tolerance: float = 1e-6) -> None:
    """The project's meaning of equal numbers."""
    one, other = numpy.asarray(one, "float64"), numpy.asarray(other, "float64")
    assert one.shape == other.shape
    assert numpy.array_equal(numpy.isnan(one), numpy.isnan(other))
    difference = numpy.nan_to_num(numpy.abs(one - other) / numpy.maximum(1, numpy.abs(other)))
    assert difference.max(initial=0) <= tolerance
