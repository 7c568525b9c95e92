"""The arithmetic of comparing two runs: the same signal of both, as far as both have it, and where it differs most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn_designer.pyramid import rows_of
from rnn_designer.ui.scopes.bands import Work

Numbers = NDArray[Any]


@dataclass(frozen=True)
class Difference:
    """One signal of two runs.

    Attributes:
        now: ``(steps, units)`` of the present run, cut to what both have.
        then: the same of the pinned run.
        cut: in words, what one of them has more of; empty where they are of one size.
    """

    now: Numbers
    then: Numbers
    cut: str = ""

    @property
    def values(self) -> Numbers:
        """``now - then``, ``(steps, units)``."""
        with np.errstate(invalid="ignore", over="ignore"):
            return self.now - self.then


@dataclass(frozen=True, eq=False)
class Summary:
    """What is shown of a difference.

    Attributes:
        map: ``(units, columns)``, of the steps of each column the difference farthest from zero.
        largest: the value of the largest difference, its step and its unit; None where none is finite.
    """

    map: Numbers
    largest: tuple[float, int, int] | None


def summarized(found: Difference, columns: int) -> Work[Summary]:
    """Look a difference through part by part.

    Args:
        found: the signal of both runs.
        columns: the most that the map may have.
    """
    steps, units = found.now.shape
    columns = min(steps, columns)
    edges = np.linspace(0, steps, columns + 1).astype(int)
    table = np.empty((units, columns), found.now.dtype)
    largest: tuple[float, int, int] | None = None
    each = max(1, rows_of(units) * columns // max(1, steps))
    for first in range(0, columns, each):
        last = min(first + each, columns)
        start = int(edges[first])
        with np.errstate(invalid="ignore", over="ignore"):
            values = found.now[start : edges[last]] - found.then[start : edges[last]]
        size = np.where(np.isfinite(values), np.abs(values), np.float32(-1))
        for column in range(first, last):
            rows = slice(int(edges[column]) - start, int(edges[column + 1]) - start)
            part = values[rows]
            table[:, column] = (
                part[0] if len(part) == 1 else part[size[rows].argmax(axis=0), np.arange(units)]
            )
        if size.size:
            step, unit = np.unravel_index(int(size.argmax()), size.shape)
            if size[step, unit] >= 0 and (largest is None or size[step, unit] > abs(largest[0])):
                largest = float(values[step, unit]), start + int(step), int(unit)
        yield
    return Summary(table, largest)


def of_sample(array: Any, sample: int) -> Numbers:
    """One sample of a recorded array as ``(steps, units)``; what has no time is one step."""
    one = np.asarray(array[min(sample, len(array) - 1)], dtype=np.float32)
    if one.ndim < 2:
        return one.reshape(1, -1)
    return one.reshape(len(one), -1)


def difference(now: Any, then: Any, sample: int, sample_then: int) -> Difference:
    """The same signal of two runs.

    Args:
        now: of the present run, ``(samples, …)``.
        then: of the pinned run.
        sample: of the present run.
        sample_then: of the pinned run.
    """
    one, other = of_sample(now, sample), of_sample(then, sample_then)
    steps, units = (min(pair) for pair in zip(one.shape, other.shape, strict=True))
    told = [
        f"{sizes[0]} {word} now, {sizes[1]} pinned: the first {least} are compared"
        for word, sizes, least in zip(
            ("steps", "units"), zip(one.shape, other.shape, strict=True), (steps, units), strict=True
        )
        if sizes[0] != sizes[1]
    ]
    return Difference(one[:steps, :units], other[:steps, :units], "; ".join(told))
