"""How many units of each layer do nothing or stand at an end of their range, seen on a few samples."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import keras
import numpy

from rnn_designer.engine.analyses.saturation import saturation
from rnn_designer.engine.analyses.subject import Subject
from rnn_designer.engine.failures import Refused
from rnn_designer.engine.learning.pupil import Pupil
from rnn_designer.engine.placing import Placed
from rnn_designer.engine.trace import Tracer
from rnn_designer.messages import Analyse, Array, Trace

WRAPPERS = (keras.layers.Wrapper, keras.layers.Bidirectional)
NEARLY_ALWAYS = 0.95
"""A unit counts as saturated that is so at this share of the steps."""


class Units:
    """Looks at the units of a model after each epoch.

    Args:
        pupil: the model.
        probe: Input layer name to the samples, ``(samples, …)``; empty to look at nothing.
    """

    def __init__(self, pupil: Pupil, probe: Mapping[str, Array]) -> None:
        self._built = pupil.built
        self._probe = probe
        self._tracer = Tracer(pupil.model, pupil.layers, pupil.built.placed) if probe else None

    def look(self, checkpoint: Callable[[], None]) -> dict[str, Array]:
        """The share of ``dead`` and of ``saturated`` units by ``<layer id>/<signal>``, each float32 ``(2,)``.

        Args:
            checkpoint: called between stages; it may raise to stop.

        Raises:
            Refused: the samples do not fit the model.
        """
        if self._tracer is None:
            return {}
        arrays = self._tracer.run(self._probe, checkpoint)
        trace = Trace(0, arrays, self._tracer.layers, 0.0)
        subject = Subject(self._built, self._probe, trace, checkpoint)
        found: dict[str, Array] = {}
        for place in self._looked_at():
            try:
                shares, _ = saturation(
                    subject, Analyse(0, "saturation", place.planned.id, {"backward": float(place.copy)})
                )
            except Refused:  # it gives nothing that could be looked at, such as whole numbers only
                continue
            owner, below = self._named(place)
            for name in (key.removeprefix("off/") for key in shares if key.startswith("off/")):
                found[f"{owner}/{below}{name}"] = _shares(shares, name)
        return found

    def _looked_at(self) -> Iterator[Placed]:
        """Cells one by one, and layers without cells whose units could be dead or at an end."""
        for place in self._built.placed:
            # A loop that runs once per outer step leaves no steps of its own.
            looped = place.distributed and (place.cells or place.cell)
            if looped or isinstance(place.layer, keras.layers.StackedRNNCells):
                continue
            # The only cell of a layer has the layer's own path, and a stack of cells has them all below its own.
            if place.cells:
                if len(place.cells) == 1 and not place.cells[0].path:
                    yield place
            elif place.cell:
                if not any(each.cells and each.path == place.path for each in self._built.placed):
                    yield place
            elif not isinstance(place.layer, WRAPPERS) and _active(place.layer):
                yield place

    def _named(self, place: Placed) -> tuple[str, str]:
        """The layer's id, and what stands before a signal's name: the mirror image belongs to its wrapper."""
        if not place.copy:
            return place.planned.id, ""
        around = [
            each for each in self._built.placed if not each.copy and place.path.startswith(f"{each.path}/")
        ]
        nearest = max(around, key=lambda each: len(each.path))
        return nearest.planned.id, place.path[len(nearest.path) + 1 :] + "/"


def _active(layer: Any) -> bool:
    """Whether a layer computes units of its own."""
    return hasattr(layer, "activation") or isinstance(layer, keras.layers.ReLU) or layer.count_params() > 0


def _shares(found: Mapping[str, Array], name: str) -> Array:
    still, off, dead = (found[f"{kind}/{name}"] for kind in ("still", "off", "dead"))
    # What has no end cannot stand at one: NaN compares as False.
    saturated = found[f"saturated/{name}"] >= NEARLY_ALWAYS
    idle = (still > 0) | (off >= 1) | (dead > 0)
    return numpy.array([idle.mean(), saturated.mean()], "float32")
