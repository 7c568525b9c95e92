"""Makes large tables small without hiding what sticks out: of each block, the value farthest from zero stays."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnn_designer.pyramid import gathered


def extremes(values: Any, rows: int, columns: int) -> Any:
    """A table of at most ``(rows, columns)``.

    Args:
        values: ``(rows, columns)``.
        rows: the most to keep.
        columns: the most to keep.

    Returns:
        For each block of neighbours the value farthest from zero, with its sign; NaN where a block has one.
    """
    # Rows first: they lie behind each other in memory.
    return _along(_along(values, rows, 0), columns, 1)


def _along(values: Any, most: int, axis: int) -> Any:
    size = values.shape[axis]
    most = max(1, most)
    if size <= most:
        return values
    starts = np.arange(most) * size // most
    stops = np.append(starts[1:], size)
    # What lies behind each other in memory is picked in one go.
    rows = values if axis == 0 else np.ascontiguousarray(values.T)
    # NaN goes through both.
    high = gathered(rows, starts, stops, np.maximum)
    low = gathered(rows, starts, stops, np.minimum)
    found = np.where(high >= -low, high, low)
    return found if axis == 0 else found.T


def block(place: int, size: int, most: int) -> tuple[int, int]:
    """First and last entry of a block, by its place.

    Args:
        place: of the block.
        size: how many entries there are.
        most: how many blocks were asked for.
    """
    if size <= most:
        return place, place
    return place * size // most, (place + 1) * size // most - 1
