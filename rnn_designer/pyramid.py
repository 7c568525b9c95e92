"""Long tables of colours kept at several resolutions: any part is drawn within a frame, and no peak is lost."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from typing import Any

import numpy as np

PART = 1 << 18
"""How many values are looked at in one go: about a millisecond's work, and they stay in the processor's cache."""

_FEWER = 4
"""Every level has a quarter of the steps of the one below."""

_LONG = 16
"""From so many rows on a span is read by itself; and an eight-bit part may be so many times as long."""


def rows_of(units: int) -> int:
    """How many steps of so many units make up a part."""
    return max(_FEWER, PART // max(1, units) // _FEWER * _FEWER)


def spans(first: float, last: float, pixels: int, cells: int) -> tuple[Any, Any]:
    """Which cells each pixel shows: all that it touches, or the one below its middle where cells are wider.

    Args:
        first: where the first pixel begins, in cells: cell k reaches from k to k + 1.
        last: where the last pixel ends.
        pixels: how many there are.
        cells: how many cells exist; what lies outside is taken from the nearest one.

    Returns:
        The first cell of each pixel, and the one after its last.
    """
    each = (last - first) / pixels
    if each <= 1:
        starts = np.floor(first + (np.arange(pixels) + 0.5) * each).astype(np.intp)
        stops = starts + 1
    else:
        ends = first + np.arange(pixels + 1) * each
        starts = np.floor(ends[:-1] + 1e-6).astype(np.intp)
        stops = np.maximum(np.ceil(ends[1:] - 1e-6).astype(np.intp), starts + 1)
    starts = np.clip(starts, 0, cells - 1)
    return starts, np.clip(stops, starts + 1, cells)


def gathered(values: Any, starts: Any, stops: Any, pick: Any) -> Any:
    """``pick`` of the rows of each span, ``(spans, …)``; spans may overlap.

    Args:
        values: ``(rows, …)``.
        starts: the first row of each span.
        stops: the row after its last.
        pick: ``np.maximum`` or ``np.minimum``.
    """
    most = int((stops - starts).max(initial=1))
    if most > _LONG:
        # Few long spans: one after the other, at the speed of reading.
        return np.stack([pick.reduce(values[a:b], axis=0) for a, b in zip(starts, stops, strict=True)])
    found = values.take(starts, axis=0)
    for more in range(1, most):
        pick(found, values.take(np.minimum(starts + more, stops - 1), axis=0), out=found)
    return found


def farther(high: Any, low: Any, signed: bool) -> Any:
    """Of the largest and the smallest entry the one farther from zero: from entry 128 where colours diverge.

    Args:
        high: uint8.
        low: uint8, of the same shape.
        signed: whether the colours diverge around entry 128; they begin at 0 otherwise.
    """
    # high − 128 ≥ 128 − low, without leaving eight bits.
    return np.where(high > np.invert(low), high, low) if signed else high


def farthest(index: Any, starts: Any, stops: Any, signed: bool) -> Any:
    """The entry farthest from zero of each span of rows, ``(spans, …)``."""
    high = gathered(index, starts, stops, np.maximum)
    return farther(high, gathered(index, starts, stops, np.minimum), True) if signed else high


class Pyramid:
    """Entries of a colour table, ``(steps, units)``, with the largest and the smallest of every 4, 16, 64 … steps.

    Attributes:
        index: ``(steps, units)`` uint8.
        signed: whether the colours diverge around entry 128.
        wrong: ``(steps, units)`` bool, where there is no number; None if there is one everywhere.
    """

    def __init__(self, steps: int, units: int, signed: bool, wrong: bool = False) -> None:
        self.index = np.empty((steps, units), np.uint8)
        self.signed = signed
        self.wrong: Any = np.empty((steps, units), bool) if wrong else None
        self._high: list[Any] = []
        self._low: list[Any] = []
        self._bad: list[Any] = []

    def built(
        self, values: Any, entries: Callable[[Any], Any], there: Callable[[Any], Any] = np.isfinite
    ) -> Generator[None, None, None]:
        """Fill it, a part between two moments at which the caller may do something else.

        Args:
            values: ``(steps, units)``.
            entries: gives the entries of some rows, as whole numbers from 0 to 255; of what is no number, anything.
            there: tells where there are numbers.
        """
        steps, units = self.index.shape
        each = rows_of(units)
        for start in range(0, steps, each):
            part = values[start : start + each]
            with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
                np.copyto(self.index[start : start + each], entries(part), casting="unsafe")
            if self.wrong is not None:
                missing = ~there(part)
                self.wrong[start : start + each] = missing
                self.index[start : start + each][missing] = 128 if self.signed else 0
            yield
        yield from self._raised(self.index, np.maximum, self._high)
        if self.signed:
            yield from self._raised(self.index, np.minimum, self._low)
        if self.wrong is not None:
            yield from self._raised(self.wrong, np.maximum, self._bad)

    def seen(self, first: float, last: float, pixels: int) -> tuple[Any, Any]:
        """What some steps look like on so many pixels.

        Args:
            first: where the first pixel begins, in steps: step k reaches from k to k + 1.
            last: where the last pixel ends.
            pixels: how many there are.

        Returns:
            Entries ``(pixels, units)``, and ``(pixels, units)`` bool where a number is missing, or None.
        """
        steps = len(self.index)
        starts, stops = spans(first, last, pixels, steps)
        level = min(
            len(self._high), int(math.log((last - first) / pixels, _FEWER)) if last - first > pixels else 0
        )
        if level:
            starts, stops = starts // _FEWER**level, -(-stops // _FEWER**level)
        high = gathered(self._at(self._high, level), starts, stops, np.maximum)
        if self.signed:
            high = farther(high, gathered(self._at(self._low, level), starts, stops, np.minimum), True)
        bad = None
        if self.wrong is not None:
            table = self._bad[level - 1] if level else self.wrong
            bad = gathered(table, starts, stops, np.maximum)
        return high, bad

    def _at(self, tables: list[Any], level: int) -> Any:
        return tables[level - 1] if level else self.index

    def _raised(self, table: Any, pick: Any, levels: list[Any]) -> Generator[None, None, None]:
        while len(table) > _FEWER * _FEWER:
            above = np.empty((-(-len(table) // _FEWER), table.shape[1]), table.dtype)
            each = _LONG * rows_of(table.shape[1])
            for start in range(0, len(table), each):
                part = table[start : start + each]
                whole = len(part) // _FEWER * _FEWER
                four = [part[place:whole:_FEWER] for place in range(_FEWER)]
                to = above[start // _FEWER : start // _FEWER + len(four[0])]
                pick(four[0], four[1], out=to)
                pick(to, four[2], out=to)
                pick(to, four[3], out=to)
                if whole < len(part):
                    above[-1] = pick.reduce(part[whole:], axis=0)
                yield
            levels.append(above)
            table = above
