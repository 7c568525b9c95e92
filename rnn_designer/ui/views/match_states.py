"""The signals that ranges are brushed over: side by side, read once, and made ready to be drawn part by part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rnn_designer.pyramid import rows_of
from rnn_designer.ui.scopes.bands import LARGE, Band, Work, band, banded, surveyed
from rnn_designer.ui.scopes.signals import Shown, mask_names
from rnn_designer.ui.views.state_choice import StateChoice

if TYPE_CHECKING:
    from rnn_designer.messages import Array, Trace

_SOME, _QUIET = 50_000, 0.67


@dataclass(frozen=True, eq=False)
class States:
    """The chosen signals of all samples, side by side.

    Attributes:
        values: ``(samples, steps, units)``.
        most: the largest magnitude, what is not finite left out.
        threshold: one that about a third of the values reach.
        largest: of the values that the threshold was chosen by.
    """

    values: Array
    most: float
    threshold: float
    largest: float


@dataclass(frozen=True, eq=False)
class Sample:
    """One of the samples: its number, its values, which steps count, the units from the top row down."""

    number: int
    band: Band
    counts: Array
    order: Array


def read(parts: list[Array]) -> Work[States]:
    """Put signals ``(samples, steps, units)`` side by side, and find the largest value and a threshold."""
    values = parts[0]
    if len(parts) > 1:
        samples, steps = values.shape[:2]
        values = np.empty((samples, steps, sum(part.shape[2] for part in parts)), np.float32)
        every = rows_of(values.shape[2])
        for sample in range(samples):
            for start in range(0, steps, every):
                rows = slice(start, start + every)
                np.concatenate([part[sample, rows] for part in parts], axis=-1, out=values[sample, rows])
                yield
    most = 0.0
    for each in values:
        survey = yield from surveyed(np.asarray(each, np.float32))
        most = max(most, -survey.least, survey.most)
    return States(values, most, *_usual_threshold(values))


def drawable(states: States, sample: int, choice: StateChoice) -> Work[tuple[Band, Array]]:
    """A sample with the colours of all samples, and which of its steps are whole."""
    values = np.asarray(states.values[sample], np.float32)
    shown, ends = Shown(" ".join(choice.signals), choice.words, ""), (-states.most, states.most)
    drawn = band(shown, values, ends) if values.size < LARGE else (yield from banded(shown, values, ends))
    if drawn.nan_since is None:
        return drawn, np.ones(len(values), bool)
    return drawn, np.asarray(np.isfinite(values).all(axis=1))


def _usual_threshold(values: Array) -> tuple[float, float]:
    """A threshold that about a third of the values reach, and the largest of them."""
    some = values.reshape(-1)[:: max(1, values.size // _SOME)]
    some = np.abs(some[np.isfinite(some)])
    if not some.size:
        return 0.5, 1.0
    # numpy.quantile imports numpy.ma the first time, for 50 ms.
    usual = float(np.interp(_QUIET * (len(some) - 1), np.arange(len(some)), np.sort(some)))
    most = float(some.max())
    return round(usual, 2 if usual >= 0.1 else 3), most


def unmasked(trace: Trace, layer_id: str, choice: StateChoice, counts: Array, sample: int) -> Array:
    """Which steps of a sample are neither broken nor masked."""
    side = choice.signals[0].rpartition("/state/")[0] if choice.carried else ""
    side = "" if choice.signals[0].startswith("state/") else side
    for name in mask_names(trace.layers[layer_id], side):
        mask = trace.arrays.get(name)
        if mask is not None and mask.shape[1:] == counts.shape:
            return counts & mask[sample].astype(bool)
    return counts
