"""One signal of one sample over time: its limits, which units are lively and when, and a pyramid if it is large.

Long tables are looked at part by part, with a chance to do something else between two parts. NumPy, no Qt.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from rnn_designer.pyramid import PART, Pyramid, rows_of
from rnn_designer.ui.scopes.signals import Shown

if TYPE_CHECKING:
    from rnn_designer.ui.scopes.planes import Planes

Array: TypeAlias = NDArray[Any]

_Found = TypeVar("_Found")

Work: TypeAlias = Generator[None, None, _Found]
"""Something made part by part: between two parts its caller may do something else."""

LARGE = 4 * PART
"""From so many values on a picture is made in parts, and drawn out of a pyramid."""

_CORRELATED_STEPS = 512
_ALIKE_AT_ONCE = 16
_NICE = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
_KEPT_LINES = 16


def at_once(work: Work[_Found]) -> _Found:
    """Make it without a pause."""
    while True:
        try:
            next(work)
        except StopIteration as done:
            found: _Found = done.value
            return found


@dataclass(frozen=True, eq=False)
class Survey:
    """What is known of a table ``(steps, units)`` after it was read once.

    Attributes:
        least, most: the lowest and the highest finite value; zeros without one.
        wrong_since: the first step at which some unit is no finite number; None if all are.
        variances: ``(units,)`` over time, what is not finite taken for 0.
        peaks: ``(units,)``, the step of the largest magnitude, the first of equal ones.
    """

    least: float
    most: float
    wrong_since: int | None
    variances: Array
    peaks: Array


@dataclass(frozen=True)
class Band:
    """One signal of one sample over time.

    Attributes:
        shown: which signal.
        values: ``(steps, units)``, float32.
        low, high: the limits of its colours; ``low`` is ``-high`` where the map diverges around zero.
        signed: whether the map diverges.
        nan_since: the first step at which some unit is no number; None if all are finite.
        survey: what the values are like, where that is known.
        pyramid: the colours at several resolutions; None where the values are few.
        planes: the pictures that the units make at every step; None where they make none.
    """

    shown: Shown
    values: Array
    low: float
    high: float
    signed: bool
    nan_since: int | None
    survey: Survey | None = field(default=None, compare=False, repr=False)
    pyramid: Pyramid | None = field(default=None, compare=False, repr=False)
    planes: Planes | None = field(default=None, compare=False, repr=False)
    _lines: dict[int, Array] = field(default_factory=dict, compare=False, repr=False)

    @property
    def steps(self) -> int:
        """How many steps this signal has."""
        return int(self.values.shape[0])

    @property
    def units(self) -> int:
        """How many units this signal has."""
        return int(self.values.shape[1])

    def line(self, unit: int) -> Array:
        """One unit's values, ``(steps,)``, beside each other in memory: far apart they take ten times as long."""
        if self.pyramid is None:
            return self.values[:, unit]
        found = self._lines.get(unit)
        if found is None:
            while len(self._lines) >= _KEPT_LINES:
                del self._lines[next(iter(self._lines))]
            found = self._lines[unit] = np.ascontiguousarray(self.values[:, unit])
        return found


def spread(values: Array) -> tuple[float, float]:
    """The lowest and the highest finite value; zeros without one."""
    with np.errstate(invalid="ignore"):
        least, most = float(values.min()), float(values.max())
    if math.isfinite(least) and math.isfinite(most):
        return least, most
    good = values[np.isfinite(values)]
    return (float(good.min()), float(good.max())) if good.size else (0.0, 0.0)


def surveyed(values: Array) -> Work[Survey]:
    """Read a table ``(steps, units)`` part by part."""
    steps, units = values.shape
    each = rows_of(units)
    least, most, wrong = math.inf, -math.inf, None
    sums, squares = np.zeros(units), np.zeros(units)
    largest, where = np.full(units, -1.0, np.float32), np.zeros(units, np.intp)
    middle = np.nan_to_num(values[0], nan=0.0, posinf=0.0, neginf=0.0) if steps else np.zeros(units)
    for start in range(0, steps, each):
        part = values[start : start + each]
        high, low = part.max(axis=0), part.min(axis=0)
        # NaN and infinity go through to the largest or the smallest.
        if not (np.isfinite(high).all() and np.isfinite(low).all()):
            good = np.isfinite(part)
            if wrong is None:
                wrong = start + int(np.argmin(good.all(axis=1)))
            if good.any():
                least, most = min(least, float(part[good].min())), max(most, float(part[good].max()))
            part = np.where(good, part, np.float32(0))
            high, low = part.max(axis=0), part.min(axis=0)
        elif units:
            least, most = min(least, float(low.min())), max(most, float(high.max()))
        size = np.maximum(high, -low)
        better = size > largest
        largest[better], where[better] = size[better], start
        with np.errstate(over="ignore", invalid="ignore"):
            moved = part - middle
            sums += moved.sum(axis=0, dtype=np.float32)
            squares += np.einsum("ij,ij->j", moved, moved)
        yield
    peaks = np.zeros(units, np.intp)
    # numpy.unique imports numpy.ma the first time, for 50 ms.
    for start in sorted(set(where.tolist())):
        those = np.flatnonzero(where == start)
        part = np.nan_to_num(values[start : start + each, those], nan=0.0, posinf=0.0, neginf=0.0)
        peaks[those] = start + np.abs(part).argmax(axis=0)
        yield
    with np.errstate(over="ignore", invalid="ignore"):
        variances = np.nan_to_num(squares / max(1, steps) - (sums / max(1, steps)) ** 2, nan=np.inf)
    if least > most:
        least = most = 0.0
    return Survey(least, most, wrong, np.maximum(variances, 0.0), peaks)


def limits(gate: bool, counted: bool, least: float, most: float) -> tuple[float, float, bool]:
    """The limits of colours, and whether they diverge; ids and counts begin at 0, as gates do."""
    if gate and least >= 0.0:
        return 0.0, 1.0 if most <= 1.0 else nice(most), False
    if counted and least >= 0.0:
        return 0.0, nice(most), False
    limit = nice(max(abs(least), abs(most)))
    return -limit, limit, True


def entries(values: Array, low: float, high: float, signed: bool) -> Array:
    """Values as places of a table of 256 colours: 128 is zero where it diverges, and nothing passes its ends."""
    if signed:
        found = values * np.float32(127.5 / high)
        found += 128.0
    else:
        found = values - np.float32(low)
        found *= np.float32(255.0 / (high - low))
        found += 0.5
    return np.clip(found, 0, 255, out=found)


def band(
    shown: Shown, values: Array, between: tuple[float, float] | None = None, counted: bool = False
) -> Band:
    """A signal with its limits.

    Args:
        shown: which signal.
        values: ``(steps, units)``.
        between: the lowest and the highest value of all samples, where these share their limits.
        counted: whether they are whole numbers.
    """
    bad = ~np.isfinite(values).all(axis=1)
    low, high, signed = limits(shown.gate, counted, *(between or spread(values)))
    return Band(shown, values, low, high, signed, int(np.argmax(bad)) if bad.any() else None)


def banded(
    shown: Shown, values: Array, between: tuple[float, float] | None = None, counted: bool = False
) -> Work[Band]:
    """The same for a large table, part by part, with its pyramid."""
    survey = yield from surveyed(values)
    low, high, signed = limits(shown.gate, counted, *(between or (survey.least, survey.most)))
    wrong = survey.wrong_since
    pyramid = Pyramid(len(values), values.shape[1], signed, wrong is not None)
    yield from pyramid.built(values, lambda part: entries(part, low, high, signed))
    return Band(shown, values, low, high, signed, wrong, survey, pyramid)


def sampled(
    shown: Shown, values: Array, between: tuple[float, float] | None = None, counted: bool = False
) -> Work[tuple[Band, ...]]:
    """Every sample of a large table ``(samples, steps, units)``, part by part."""
    found = []
    for each in values:
        made = yield from banded(shown, each, between, counted)
        found.append(made)
    return tuple(found)


def ends(values: Array) -> Work[tuple[float, float]]:
    """The lowest and the highest finite value of all samples ``(samples, steps, …)``; zeros without one."""
    least, most = 0.0, 0.0
    found = False
    for each in values:
        each = np.asarray(each, np.float32)
        if each.size < PART:
            between = spread(each) if np.isfinite(each).any() else None
            yield
        else:
            survey = yield from surveyed(each.reshape(len(each), -1))
            between = survey.least, survey.most
        if between is not None:
            least = between[0] if not found else min(least, between[0])
            most = between[1] if not found else max(most, between[1])
            found = True
    return least, most


def nice(value: float) -> float:
    """The next round number from ``value`` upwards, so that limits stay put while values wander; 1 for 0."""
    if not value > 0 or not math.isfinite(value):
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next((step * power for step in _NICE if step * power >= value * 0.999), 10 * power)


def ordered(values: Array, order: str, survey: Survey | None = None) -> Array:
    """The units from the top row down; ties keep their index order.

    Args:
        values: ``(steps, units)``.
        order: ``index``; ``variance``, the liveliest first; ``peak``, by the step of the largest magnitude;
            ``similarity``, every unit beside one whose curve is most like its own.
        survey: of the values, where there is one.
    """
    return at_once(ordering(values, order, survey))


def ordering(values: Array, order: str, survey: Survey | None = None) -> Work[Array]:
    """The same part by part."""
    if order == "index" or values.shape[0] < 2:
        return np.arange(values.shape[1])
    if order == "similarity":
        return (yield from _by_similarity(values))
    if survey is not None:
        by = -survey.variances if order == "variance" else survey.peaks
        return np.argsort(by, kind="stable")
    clean = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    by = -clean.var(axis=0, dtype=np.float64) if order == "variance" else np.argmax(np.abs(clean), axis=0)
    return np.argsort(by, kind="stable")


def _by_similarity(values: Array) -> Work[Array]:
    """A walk from the liveliest unit, always on to the unit left whose correlation with the present one is highest.

    Units that never change are like no other; they come last, by index.
    """
    every = -(-values.shape[0] // _CORRELATED_STEPS)
    part = np.nan_to_num(values[::every], nan=0.0, posinf=0.0, neginf=0.0).astype(np.float64)
    yield
    # Scaled first: squares of large values would not fit.
    part /= max(float(np.abs(part).max(initial=0.0)), 1e-300)
    part -= part.mean(axis=0)
    yield
    length = np.sqrt((part * part).sum(axis=0))
    moving = np.flatnonzero(length > 1e-12)
    still = np.flatnonzero(length <= 1e-12)
    if moving.size < 3:
        return np.concatenate([moving, still])
    curves = np.ascontiguousarray((part[:, moving] / length[moving]).T)
    yield
    left = np.ones(moving.size, dtype=bool)
    walk = [int(np.argmax(length[moving].round(12)))]
    left[walk[0]] = False
    while len(walk) < moving.size:
        for _ in range(min(_ALIKE_AT_ONCE, moving.size - len(walk))):
            # Rounded, so that curves that are equal are equally like each other, whatever the processor.
            alike = (curves @ curves[walk[-1]]).round(9)
            walk.append(int(np.argmax(np.where(left, alike, -2.0))))
            left[walk[-1]] = False
        yield
    return np.concatenate([moving[walk], still])


def liveliest(values: Array, count: int, survey: Survey | None = None) -> tuple[int, ...]:
    """The units with the largest variance over time, ascending by index."""
    best = ordered(values, "variance", survey)[:count]
    return tuple(sorted(int(unit) for unit in best))
