"""From a trace to what one scope draws: arrays of one sample, their limits, their order. NumPy, no Qt.

Imported when the first trace arrives, never before the window shows.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from rnn_designer.messages import Trace
from rnn_designer.ui.scopes.signals import SCORES, Shown

Array: TypeAlias = NDArray[Any]

_CORRELATED_STEPS = 512
_CORRELATED_UNITS = 2048
_NICE = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


@dataclass(frozen=True)
class Band:
    """One signal of one sample over time.

    Attributes:
        shown: which signal.
        values: ``(steps, units)``, float32.
        low, high: the limits of its colours; ``low`` is ``-high`` where the map diverges around zero.
        signed: whether the map diverges.
        nan_since: the first step at which some unit is no number; None if all are finite.
    """

    shown: Shown
    values: Array
    low: float
    high: float
    signed: bool
    nan_since: int | None

    @property
    def steps(self) -> int:
        """How many steps this signal has."""
        return int(self.values.shape[0])

    @property
    def units(self) -> int:
        """How many units this signal has."""
        return int(self.values.shape[1])


@dataclass(frozen=True)
class Series:
    """The input that leads to the layer: ``(steps, features)`` of one sample, the Input's name, the trace's own.

    ``real`` is how the samples themselves go on, where the model made up the rest: ``(steps, features)``, NaN before
    that, and as many steps as there are of both.
    """

    name: str
    values: Array
    source: str = ""
    real: Array | None = None


@dataclass(frozen=True)
class Picture:
    """Everything that one scope draws of one layer and one sample.

    Attributes:
        layer_id: whose it is.
        name: the layer's name.
        steps: the length of the linked time axis.
        bands: the chosen signals, at least one.
        order: the units in the order of the rows of the first band, top row first.
        flat: whether the values have no time axis: ``values`` then is ``(1, features)``.
        series: the input strip; None if the layer hangs on no Input of that length.
        masked: ``(steps,)`` bool, True where a mask tells the layer to skip the step; None without a mask.
        word: what a column of the values is called: ``unit``, ``feature`` or, for scores, ``value``.
        sample: which sample of the batch it is.
        batch: ``(samples, features)``, the same signal of every sample, if it has no time axis.
        samples: the main signal of every sample, where all are shown beside each other; empty where one is.
        lines: whether all samples are drawn as lines of the chosen units; as heat maps otherwise.
        masks: ``(samples, steps)`` bool, what ``masked`` is for every sample; None unless all are shown.
        common: whether all samples share the limits of their colours.
        sources: the trace's own names of what is shown: those of the bands, then those of input and mask.
        generated: the first step that the model itself made; None where all are samples.
    """

    layer_id: str
    name: str
    steps: int
    bands: tuple[Band, ...]
    order: Array
    flat: bool
    series: Series | None
    masked: Array | None
    word: str
    sample: int = 0
    batch: Array | None = None
    samples: tuple[Band, ...] = ()
    lines: bool = False
    masks: Array | None = None
    common: bool = False
    sources: tuple[str, ...] = ()
    generated: int | None = None

    @property
    def main(self) -> Band:
        """The band whose units are sorted and drawn as lines."""
        return self.bands[0]

    @property
    def limits(self) -> tuple[float, float]:
        """Round numbers that no value of the whole batch exceeds, 0 or minus the upper one being the lower."""
        if self.batch is None:
            return self.main.low, self.main.high
        finite = self.batch[np.isfinite(self.batch)]
        high = nice(float(np.abs(finite).max())) if finite.size else 1.0
        return (-high if finite.size and finite.min() < 0 else 0.0), high

    def local_step(self, band: Band, step: float) -> int:
        """The band's own step at a step of the linked axis: pooled layers have fewer steps."""
        return max(0, min(int(step * band.steps / max(1, self.steps)), band.steps - 1))


def picture(
    trace: Trace,
    layer_id: str,
    name: str,
    signals: Sequence[Shown],
    *,
    sample: int,
    steps: int,
    order: str,
    series: Series | None,
    masks: Iterable[str],
    recurrent: bool,
    timed: bool,
    every_sample: bool = False,
    lines: bool = False,
    common: bool = False,
) -> Picture | None:
    """What to draw, or None if none of the signals was recorded with a value in it.

    Args:
        trace: the finished run.
        layer_id: the layer.
        name: its name.
        signals: which signals, in drawing order.
        sample: which sample of the batch, from 0.
        steps: the length of the linked time axis; 0 where only this layer can tell.
        order: how to sort units, as :func:`ordered` takes it.
        series: the input strip.
        masks: the trace's names of masks, the nearest first.
        recurrent: whether columns are called units.
        timed: whether a two-axis array is ``(batch, time)`` and not ``(batch, features)``.
        every_sample: whether the first signal of every sample is wanted as well.
        lines: whether they are to be drawn as lines.
        common: whether the limits are those of all samples together.
    """
    bands: list[Band] = []
    flat = False
    batch: Array | None = None
    path = trace.layers.get(layer_id, "")
    samples: tuple[Band, ...] = ()
    for shown in signals:
        array = trace.signal(layer_id, shown.path)
        if array is None or array.ndim < 1 or array.size == 0:
            continue
        if shown.spoken == SCORES and array.ndim == 4:
            # Of several heads: the query's steps are the time axis, the heads stand below one another.
            array = array.transpose(0, 2, 1, 3)
        one = np.asarray(array[min(sample, array.shape[0] - 1)], dtype=np.float32)
        if one.ndim == 0 or (one.ndim == 1 and not timed):
            flat = True
            batch = (
                np.asarray(array, dtype=np.float32).reshape(array.shape[0], -1) if batch is None else batch
            )
            bands.append(_band(shown, one.reshape(1, -1)))
            continue
        spread = _spread(array) if common else None
        counted = array.dtype.kind in "iub"
        if every_sample and not bands:
            every = np.asarray(array, dtype=np.float32).reshape(*array.shape[:2], -1)
            samples = tuple(_band(shown, each, spread, counted) for each in every)
        bands.append(_band(shown, one.reshape(one.shape[0], -1), spread, counted))
    if not bands:
        return None
    bands = [band for band in bands if (band.steps == 1) == flat or not flat]
    main = bands[0]
    sources = [f"{path}/{band.shown.path}" for band in bands]
    skipped: Array | None = None
    for place in () if flat else masks:
        mask = trace.arrays.get(place)
        if mask is not None and mask.ndim == 2 and mask.shape[1] == main.steps:
            skipped = ~np.asarray(mask, dtype=bool)
            sources.append(place)
            break
    own = None if skipped is None else skipped[min(sample, len(skipped) - 1)]
    return Picture(
        layer_id=layer_id,
        name=name,
        steps=steps if steps > 0 else main.steps,
        bands=tuple(bands),
        order=ordered(main.values, order),
        flat=flat,
        series=series,
        masked=own if own is not None and own.any() else None,
        word=_word(main.shown, recurrent),
        sample=sample,
        batch=batch if flat else None,
        samples=() if flat else samples,
        lines=lines,
        masks=skipped if samples else None,
        common=common,
        sources=tuple(sources) if series is None else (*sources, series.source),
        generated=None if flat else trace.generated,
    )


def _word(shown: Shown, recurrent: bool) -> str:
    """What a row of the heat map is called."""
    if shown.spoken == SCORES:
        return "value"
    return "unit" if recurrent else "feature"


def _spread(values: Array) -> tuple[float, float]:
    """The lowest and the highest finite value; zeros without one."""
    with np.errstate(invalid="ignore"):
        least, most = float(values.min()), float(values.max())
    if math.isfinite(least) and math.isfinite(most):
        return least, most
    good = values[np.isfinite(values)]
    return (float(good.min()), float(good.max())) if good.size else (0.0, 0.0)


def _band(
    shown: Shown, values: Array, spread: tuple[float, float] | None = None, counted: bool = False
) -> Band:
    """A signal with its limits; ids and counts begin at 0, as gates do, and are not drawn around it."""
    bad = ~np.isfinite(values).all(axis=1)
    nan_since = int(np.argmax(bad)) if bad.any() else None
    least, most = spread or _spread(values)
    if shown.gate and least >= 0.0:
        return Band(shown, values, 0.0, 1.0 if most <= 1.0 else nice(most), False, nan_since)
    if counted and least >= 0.0:
        return Band(shown, values, 0.0, nice(most), False, nan_since)
    limit = nice(max(abs(least), abs(most)))
    return Band(shown, values, -limit, limit, True, nan_since)


def nice(value: float) -> float:
    """The next round number from ``value`` upwards, so that limits stay put while values wander; 1 for 0."""
    if not value > 0 or not math.isfinite(value):
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next((step * power for step in _NICE if step * power >= value * 0.999), 10 * power)


def ordered(values: Array, order: str) -> Array:
    """The units from the top row down; ties keep their index order.

    Args:
        values: ``(steps, units)``.
        order: ``index``; ``variance``, the liveliest first; ``peak``, by the step of the largest magnitude;
            ``similarity``, every unit beside one whose curve is most like its own.
    """
    units = values.shape[1]
    if order == "index" or values.shape[0] < 2:
        return np.arange(units)
    clean = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    if order == "variance":
        return np.argsort(-clean.var(axis=0, dtype=np.float64), kind="stable")
    if order == "similarity":
        return _by_similarity(clean)
    return np.argsort(np.argmax(np.abs(clean), axis=0), kind="stable")


def _by_similarity(values: Array) -> Array:
    """A walk from the liveliest unit, always on to the unit left whose correlation with the present one is highest.

    Units that never change are like no other; they come last, by index.
    """
    every = -(-values.shape[0] // _CORRELATED_STEPS)
    part = values[::every].astype(np.float64)
    # Scaled first: squares of large values would not fit.
    part /= max(float(np.abs(part).max()), 1e-300)
    part -= part.mean(axis=0)
    length = np.sqrt((part * part).sum(axis=0))
    moving = np.flatnonzero(length > 1e-12)
    still = np.flatnonzero(length <= 1e-12)
    if moving.size < 3:
        return np.concatenate([moving, still])
    curves = np.ascontiguousarray((part[:, moving] / length[moving]).T)
    # Rounded, so that curves that are equal are equally like each other, whatever the processor.
    table = (curves @ curves.T).round(9) if moving.size <= _CORRELATED_UNITS else None
    left = np.ones(moving.size, dtype=bool)
    walk = [int(np.argmax(length[moving].round(12)))]
    left[walk[0]] = False
    while len(walk) < moving.size:
        alike = table[walk[-1]] if table is not None else (curves @ curves[walk[-1]]).round(9)
        walk.append(int(np.argmax(np.where(left, alike, -2.0))))
        left[walk[-1]] = False
    return np.concatenate([moving[walk], still])


def liveliest(values: Array, count: int) -> tuple[int, ...]:
    """The units with the largest variance over time, ascending by index."""
    clean = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    best = np.argsort(-clean.var(axis=0, dtype=np.float64), kind="stable")[:count]
    return tuple(sorted(int(unit) for unit in best))


def series_of(
    name: str,
    array: Array,
    sample: int,
    source: str = "",
    *,
    real: Array | None = None,
    since: int | None = None,
) -> Series | None:
    """One sample of an Input, ``(steps, features)``, or None for an Input without a time axis.

    Args:
        name: the Input's.
        array: its samples in the trace.
        sample: which of them.
        source: what the trace calls the array.
        real: the samples as they are, where the model continued a part of them.
        since: the first step that the model made.
    """
    if array.ndim < 2 or array.size == 0:
        return None
    one = np.asarray(array[min(sample, array.shape[0] - 1)], dtype=np.float32)
    if one.ndim == 1 and not np.issubdtype(array.dtype, np.integer):
        return None
    return Series(name, one.reshape(one.shape[0], -1), source, _real(one, sample, real, since))


def _real(one: Array, sample: int, real: Array | None, since: int | None) -> Array | None:
    """How a sample itself goes on where the model made up the rest, or None if it does not."""
    if real is None or since is None or real.shape[2:] != one.shape[1:] or sample >= len(real):
        return None
    steps = min(len(one), real.shape[1])
    if steps <= since:
        return None
    shown = np.full((len(one), max(1, one[0].size)), np.nan, dtype=np.float32)
    # From the last step that both share, so that the two lines part where the model takes over.
    shown[since - 1 : steps] = real[sample, since - 1 : steps].reshape(steps - since + 1, -1)
    return shown


def edges(first: float, last: float, pixels: int, cells: int) -> Array:
    """Which cell each of ``pixels`` pixels starts in, for a window from ``first`` to ``last`` in cells."""
    places = first + (np.arange(pixels) + 0.5) * ((last - first) / pixels)
    return np.clip(np.floor(places).astype(np.intp), -1, cells)


def condensed(values: Array, places: Array, axis: int) -> Array:
    """``values`` at ``places`` along an axis; where several cells share a pixel, the one farthest from zero."""
    cells = values.shape[axis]
    inside = np.clip(places, 0, cells - 1)
    if len(places) < 2 or inside[-1] - inside[0] < 1.5 * len(places):
        return values.take(inside, axis=axis)
    starts, back = np.unique(inside, return_inverse=True)
    stop = min(cells, int(inside[-1]) + max(1, int((inside[-1] - inside[0]) / len(places))))
    window = values[:stop] if axis == 0 else values[:, :stop]
    high = np.maximum.reduceat(window, starts, axis=axis)
    low = np.minimum.reduceat(window, starts, axis=axis)
    return np.where(-low > high, low, high).take(back, axis=axis)


@dataclass(frozen=True)
class Cells:
    """A heat map as an image.

    Attributes:
        index: ``(rows, columns)`` uint8, into a colour map of 256; 128 is zero where the map diverges.
        wrong: ``(rows, columns)`` bool, True where a value is no finite number; None if all are.
        first, last: the band's steps at the left and the right edge of the image.
    """

    index: Array
    wrong: Array | None
    first: float
    last: float


def cells(
    band: Band, order: Array, first: float, last: float, wide: int, high: int, exact: bool = False
) -> Cells:
    """The heat map of a band for a view of ``wide`` by ``high`` pixels.

    One cell per value while there are pixels enough; where several values share a pixel, the one farthest from zero
    is shown, because a spike must not vanish. With values that are no numbers there is a cell for every pixel.

    Args:
        band: the values and their limits.
        order: the units from the top row down.
        first: the band's step at the left edge of the view.
        last: that at the right edge.
        wide: the view's width in pixels.
        high: its height in pixels.
        exact: whether the image is to be the view, pixel by pixel, with nothing beyond its edges.
    """
    values = band.values
    if band.units == len(order) and not np.array_equal(order, np.arange(len(order))):
        values = values[:, order]
    by_pixel = exact or band.nan_since is not None
    if by_pixel or last - first > wide:
        columns = edges(first, last, wide, band.steps)
    else:
        columns, first, last = np.arange(band.steps), 0.0, float(band.steps)
    rows = edges(0, band.units, high, band.units) if by_pixel or band.units > high else np.arange(band.units)
    for axis, places in ((0, columns), (1, rows)):
        if by_pixel or len(places) != values.shape[axis]:
            values = condensed(values, places, axis)
    picked = values.T
    with np.errstate(invalid="ignore", over="ignore"):
        if band.signed:
            scaled = picked * (127.5 / band.high) + 128.0
        else:
            scaled = (picked - band.low) * (255.0 / (band.high - band.low)) + 0.5
    wrong = ~np.isfinite(picked) if by_pixel else None
    if wrong is not None:
        scaled = np.where(wrong, 128.0 if band.signed else 0.0, scaled)
    return Cells(np.ascontiguousarray(np.clip(scaled, 0, 255).astype(np.uint8)), wrong, first, last)


def hatched(wrong: Array, dark: tuple[int, int, int], light: tuple[int, int, int]) -> Array:
    """Stripes over the pixels that are wrong, ``(rows, columns, 4)`` of ubyte red, green, blue, alpha."""
    line, column = np.nonzero(wrong)
    pixels = np.zeros((*wrong.shape, 4), dtype=np.uint8)
    pixels[line, column, 3] = 255
    pixels[line, column, :3] = np.where(((line + column) % 8 < 3)[:, None], dark, light)
    return pixels


def cut(x: Array, y: Array, first: float, last: float) -> tuple[Array, Array]:
    """A curve without what lies before ``first`` or after ``last``; ``x`` ascends."""
    inner = np.clip(x, first, last)
    return inner, np.where(inner == x, y, np.interp(inner, x, y))


def line_points(values: Array, first: float, last: float, pixels: int) -> Array:
    """The points of a curve in view, ``(points, 2)`` of step and value.

    They are all of them, or the extremes of every pixel if there are many. NaN points are left in: the line breaks
    there.
    """
    begin = max(0, math.floor(first) - 1)
    end = min(len(values), math.ceil(last) + 2)
    part = values[begin:end].astype(np.float64)
    count = len(part)
    if count <= 3 * pixels:
        return np.column_stack([np.arange(begin, end), part])
    width = count // pixels
    whole = part[: count - count % width].reshape(-1, width)
    with np.errstate(invalid="ignore"):
        low, high = whole.argmin(axis=1), whole.argmax(axis=1)
    base = np.arange(len(whole)) * width
    places = np.sort(np.stack([base + low, base + high], axis=1), axis=1).ravel()
    return np.column_stack([places + begin, part[places]])
