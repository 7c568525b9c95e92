"""The arithmetic of comparing two runs: the same signal of both, as far as both have it, and where it differs most."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

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

    @property
    def largest(self) -> tuple[float, int, int] | None:
        """The value of the largest difference, its step and its unit; None where none is finite."""
        values = self.values
        size = np.where(np.isfinite(values), np.abs(values), -1.0)
        if not size.size or size.max() < 0:
            return None
        step, unit = np.unravel_index(int(size.argmax()), size.shape)
        return float(values[step, unit]), int(step), int(unit)


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


def narrowed(values: Numbers, most: int) -> Numbers:
    """A table ``(rows, columns)`` with no more columns than given: each is the one furthest from zero of its share."""
    columns = values.shape[1]
    if columns <= most:
        return values
    edges = np.linspace(0, columns, most + 1).astype(int)
    size = np.where(np.isfinite(values), np.abs(values), -1.0)
    chosen = np.empty((len(values), most), values.dtype)
    rows = np.arange(len(values))
    for place, (first, last) in enumerate(pairwise(edges)):
        chosen[:, place] = values[rows, first + size[:, first:last].argmax(axis=1)]
    return chosen
