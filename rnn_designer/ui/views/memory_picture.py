"""What the plot of a layer's memory shows: curves of norms, a map of gradients, and the powers of ten between."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

_DECADES = 12
"""Norms smaller than the largest by more than this many powers of ten lie below the plot."""


@dataclass(frozen=True)
class Curve:
    """One line of the plot.

    Attributes:
        name: in the legend.
        norms: ``(time,)``; NaN where there are none.
        token: its colour, a field of the theme.
        line: intercept and slope of the natural logarithm over the distance from T; None for no line.
    """

    name: str
    norms: Any
    token: str
    line: tuple[float, float] | None = None


@dataclass(frozen=True)
class MemoryPicture:
    """What is painted.

    Attributes:
        curves: norms over time.
        values: the map, ``(time, rows)``; NaN where there is nothing.
        rows: what a row of the map is: "feature", "unit".
        title: above the map.
        step: T.
        backwards: whether the layer reads from the last step to the first.
        signed: whether the map's values have signs.
        logarithmic: whether the map's colours go by powers of ten.
    """

    curves: tuple[Curve, ...]
    values: Any
    rows: str
    title: str
    step: int
    backwards: bool = False
    signed: bool = False
    logarithmic: bool = True

    @property
    def steps(self) -> int:
        """How long the time axis is."""
        return len(self.values)

    @cached_property
    def limit(self) -> float:
        """The value of the map's strongest colour."""
        finite = np.where(np.isinf(self.values), 0, self.values)
        high, low = np.fmax.reduce(finite, axis=None), np.fmin.reduce(finite, axis=None)
        found = max(float(high), -float(low))
        return found if found > 0 else 1.0


@dataclass
class Scale:
    """Powers of ten from the bottom of the plot to its top."""

    low: float = -1.0
    high: float = 1.0
    marks: tuple[int, ...] = field(default=())

    @classmethod
    def over(cls, curves: Sequence[Curve]) -> Scale:
        """All positive finite norms, but no more than so many powers of ten."""
        found = np.concatenate([each.norms for each in curves]) if curves else np.zeros(0)
        found = found[np.isfinite(found) & (found > 0)]
        if not found.size:
            return cls(-1.0, 1.0, (-1, 0, 1))
        high = math.log10(float(found.max()))
        low = max(math.log10(float(found.min())), high - _DECADES)
        room = max(0.15, 0.06 * (high - low))
        low, high = low - room, high + room
        first, last = math.ceil(low), math.floor(high)
        if first > last:
            # Norms that hardly change lie between two powers of ten: at least one of them is named.
            first = last = round((low + high) / 2)
            low, high = min(low, first - room), max(high, first + room)
        every = max(1, math.ceil((last - first + 1) / 6))
        return cls(low, high, tuple(range(first, last + 1, every)))
