"""Where values lie between the edges of a chart, round numbers for its ticks, and no more points than pixels. NumPy."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from rnn_designer.messages import Array

_OUTLIERS = 0.02
"""Of many values, the share at the top that may leave the picture: one wild batch must not flatten all others."""
_MANY = 60


@dataclass(frozen=True)
class Span:
    """What a chart's height stands for: from ``low`` to ``high``, in equal steps or in equal factors."""

    low: float
    high: float
    log: bool = False

    @classmethod
    def of(cls, values: Iterable[Array], *, log: bool = False) -> Span:
        """The span in which these values can be seen."""
        found = [np.asarray(each, dtype=np.float64).ravel() for each in values]
        every = np.concatenate(found) if found else np.empty(0)
        every = every[np.isfinite(every)]
        if log:
            every = every[every > 0]
        if not every.size:
            return cls(0.1, 1.0, True) if log else cls(0.0, 1.0)
        low, high = float(every.min()), float(every.max())
        if log:
            if high / low < 10:
                middle = math.sqrt(high * low)
                low, high = min(low, middle / 3), max(high, middle * 3)
            return cls(low / 1.15, high * 1.15, True)
        if every.size > _MANY:
            usual = float(np.quantile(every, 1 - _OUTLIERS))
            spread = float(np.quantile(every, 0.75)) - low
            if high > usual + 4 * max(spread, 1e-12):
                high = usual
        room = (high - low) * 0.06 or abs(high) * 0.5 or 0.5
        # A loss near zero reads best from zero on.
        low = 0.0 if 0 <= low <= high * 0.4 else low - room
        return cls(low, high + room)

    def share(self, value: float) -> float:
        """How high up a value lies, 0 at the bottom and 1 at the top; NaN for what cannot be shown."""
        return float(self.shares(np.asarray([value]))[0])

    def shares(self, values: Array) -> Array:
        """How high up each value lies; NaN for what cannot be shown."""
        given = np.asarray(values, dtype=np.float64)
        with np.errstate(invalid="ignore", divide="ignore"):
            if self.log:
                wide = math.log(self.high / self.low)
                found = np.where(given > 0, np.log(np.where(given > 0, given, 1.0) / self.low) / wide, np.nan)
            else:
                found = (given - self.low) / (self.high - self.low)
        return np.where(np.isfinite(found), np.clip(found, -0.5, 1.5), np.nan)

    def ticks(self, most: int) -> list[float]:
        """Round values within the span, about as many as ``most``."""
        if not self.log:
            step = _nice((self.high - self.low) / max(1, most))
            first = math.ceil(self.low / step - 1e-9)
            last = math.floor(self.high / step + 1e-9)
            return [round(place * step, 12) for place in range(first, last + 1)]
        first, last = math.ceil(math.log10(self.low)), math.floor(math.log10(self.high))
        if last - first >= 1:
            every = max(1, math.ceil((last - first + 1) / max(1, most)))
            return [10.0**power for power in range(first, last + 1, every)]
        powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        found = [factor * 10.0**power for power in powers for factor in (1, 2, 5)]
        return [each for each in found if self.low <= each <= self.high]


def _nice(rough: float) -> float:
    """The next of 1, 2, 5 times a power of ten."""
    if not math.isfinite(rough) or rough <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    return float(next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999))


def ticks(last: float, most: int) -> list[int]:
    """Whole epochs from 0 to the last, about as many as ``most``."""
    step = max(1, round(_nice(last / max(1, most))))
    return list(range(0, int(last) + 1, step))


def thinned(x: Array, y: Array, last: float, pixels: int) -> tuple[Array, Array]:
    """The points, or where there are many more than pixels the extremes of each pixel, in their order.

    A value that is no number survives, so that it can be seen.

    Args:
        x: ``(points,)`` ascending.
        y: ``(points,)``.
        last: the ``x`` at the right edge; 0 is at the left one.
        pixels: how many there are between them.
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if len(x) <= 4 * pixels:
        return x, y
    column = np.clip((x / last * pixels).astype(np.intp), 0, pixels)
    starts = np.flatnonzero(np.concatenate([[True], column[1:] != column[:-1]]))
    # These pass over what is no number, unless a pixel holds nothing else.
    low, high = np.fmin.reduceat(y, starts), np.fmax.reduceat(y, starts)
    broken = np.logical_or.reduceat(~np.isfinite(y), starts)
    rows = [low, high, np.where(broken, np.nan, high)]
    found = np.stack(rows, axis=1).ravel()
    return np.repeat(x[starts], len(rows)), found
