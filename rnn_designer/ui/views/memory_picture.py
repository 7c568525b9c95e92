"""What the plot of a layer's memory shows: curves of norms, a map of gradients, and the powers of ten between."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from rnn_designer.pyramid import Pyramid
from rnn_designer.ui.scopes.bands import Work, at_once, surveyed

MAP_DECADES = 4
"""The faintest colour of a logarithmic map stands for so many powers of ten below its strongest."""

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


@dataclass(frozen=True, eq=False)
class Colors:
    """A map ready to be drawn.

    Attributes:
        limit: the value of the strongest colour.
        pyramid: the colours at several resolutions, ``(time, rows)``.
    """

    limit: float
    pyramid: Pyramid


def colored(values: Any, signed: bool, logarithmic: bool) -> Work[Colors]:
    """Find the colours of a map ``(time, rows)`` part by part; NaN has none."""
    survey = yield from surveyed(values)
    limit = max(survey.most, -survey.least) or 1.0
    pyramid = Pyramid(len(values), values.shape[1], signed, survey.wrong_since is not None)

    def entries(part: Any) -> Any:
        size = np.abs(part) / limit
        if logarithmic:
            size = 1 + np.log10(size) / MAP_DECADES
        size = np.clip(np.nan_to_num(size, nan=0.0, posinf=1.0, neginf=0.0), 0, 1)
        return 128.5 + 127 * np.sign(np.nan_to_num(part)) * size if signed else 255 * size + 0.5

    yield from pyramid.built(values, entries, lambda part: ~np.isnan(part))
    return Colors(limit, pyramid)


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
        colors: of the map, where they are known already.
    """

    curves: tuple[Curve, ...]
    values: Any
    rows: str
    title: str
    step: int
    backwards: bool = False
    signed: bool = False
    logarithmic: bool = True
    colors: Colors | None = None

    @property
    def steps(self) -> int:
        """How long the time axis is."""
        return len(self.values)

    @cached_property
    def drawable(self) -> Colors:
        """The colours of the map."""
        return self.colors or at_once(
            colored(np.asarray(self.values, np.float32), self.signed, self.logarithmic)
        )

    @property
    def limit(self) -> float:
        """The value of the map's strongest colour."""
        return self.drawable.limit


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
