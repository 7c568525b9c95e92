"""From a trace to what one scope draws: arrays of one sample, their limits, their order. NumPy, no Qt.

Imported when the first trace arrives, never before the window shows.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from rnn_designer.messages import Trace
from rnn_designer.pyramid import farthest, gathered, spans
from rnn_designer.ui.scopes.bands import (
    LARGE,
    Array,
    Band,
    at_once,
    band,
    banded,
    ends,
    entries,
    nice,
    ordered,
    ordering,
    sampled,
    spread,
)
from rnn_designer.ui.scopes.digests import Digests, NotReadyError
from rnn_designer.ui.scopes.planes import Planes, pictured
from rnn_designer.ui.scopes.signals import SCORES, Shown


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
class PlanesOf:
    """How pictures lie in the arrays of a layer.

    Attributes:
        filters_first: whether filters come before rows.
        least_axes: how many axes an array of one sample has at least that is made of pictures.
    """

    filters_first: bool = False
    least_axes: int = 4


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
        word: what a column of the values is called: ``unit``, ``feature``, ``value`` for scores, ``place`` in pictures.
        sample: which sample of the batch it is.
        batch: ``(samples, features)``, the same signal of every sample, if it has no time axis.
        samples: the main signal of every sample, where all are shown beside each other; empty where one is.
        lines: whether all samples are drawn as lines of the chosen units; as heat maps otherwise.
        masks: ``(samples, steps)`` bool, what ``masked`` is for every sample; None unless all are shown.
        common: whether all samples share the limits of their colours.
        sources: the trace's own names of what is shown: those of the bands, then those of input and mask.
        generated: the first step that the model itself made; None where all are samples.
        filters: the filters in the order of their pictures, where the main signal has such.
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
    filters: Array | None = None

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

    def name_of(self, unit: int) -> str:
        """What a unit is called beside its line: "unit 31", "f3 4,7" for a place in the picture of filter 3."""
        planes = self.main.planes
        if planes is None:
            return f"{self.word} {unit}"
        row, column, number = planes.place(unit)
        return f"f{number} {column}" if planes.flat else f"f{number} {row},{column}"

    def filters_of(self, planes: Planes) -> Array:
        """The filters of a signal in the order of their pictures."""
        if self.filters is not None and len(self.filters) == planes.filters:
            return self.filters
        return np.arange(planes.filters)

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
    digests: Digests | None = None,
    planes: PlanesOf | None = None,
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
        digests: works up large tables; without it everything is done at once.
        planes: how pictures lie in the layer's arrays; None if it makes none.

    Raises:
        NotReadyError: a table is large, and still being worked up.
    """
    bands: list[Band] = []
    waiting = False
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
            bands.append(band(shown, one.reshape(1, -1)))
            continue
        counted, key = array.dtype.kind in "iub", (layer_id, shown)
        large = digests if array.size >= LARGE else None
        between = None
        if common:
            between = large.get(trace, ("ends", *key), partial(ends, array)) if large else spread(array)
            if between is None:
                raise NotReadyError
        if every_sample and not bands:
            every = np.asarray(array, dtype=np.float32).reshape(*array.shape[:2], -1)
            if large:
                every_band = partial(sampled, shown, every, between, counted)
                found_all = large.get(trace, ("samples", *key, between), every_band)
                waiting = waiting or found_all is None
                samples = found_all or ()
            else:
                samples = tuple(band(shown, each, between, counted) for each in every)
        values = one.reshape(one.shape[0], -1)
        if planes is not None and one.ndim >= planes.least_axes:
            making = partial(pictured, one, planes.filters_first, shown, between, counted)
        elif digests is not None and values.size >= LARGE:
            making = partial(banded, shown, values, between, counted)
        else:
            bands.append(band(shown, values, between, counted))
            continue
        if digests is None or values.size < LARGE:
            bands.append(at_once(making()))
            continue
        found = digests.get(trace, ("band", layer_id, shown, sample, between), making)
        waiting = waiting or found is None
        if found is not None:
            bands.append(found)
    if waiting:
        raise NotReadyError
    if not bands:
        return None
    bands = [each for each in bands if (each.steps == 1) == flat or not flat]
    main = bands[0]
    sources = [f"{path}/{each.shown.path}" for each in bands]
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
        order=_order(trace, layer_id, sample, main, order, digests),
        filters=None if main.planes is None else ordered(main.planes.strip.values, order),
        flat=flat,
        series=series,
        masked=own if own is not None and own.any() else None,
        word="place" if main.planes is not None else _word(main.shown, recurrent),
        sample=sample,
        batch=batch if flat else None,
        samples=() if flat else samples,
        lines=lines,
        masks=skipped if samples else None,
        common=common,
        sources=tuple(sources) if series is None else (*sources, series.source),
        generated=None if flat else trace.generated,
    )


def _order(
    trace: Trace, layer_id: str, sample: int, main: Band, order: str, digests: Digests | None
) -> Array:
    if digests is None:
        return ordered(main.values, order, main.survey)
    key = ("order", layer_id, main.shown.path, sample, order)
    return digests.made(trace, key, lambda: ordering(main.values, order, main.survey), main.values.size)


def _word(shown: Shown, recurrent: bool) -> str:
    """What a row of the heat map is called."""
    if shown.spoken == SCORES:
        return "value"
    return "unit" if recurrent else "feature"


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
    """Which cell each of ``pixels`` pixels has in its middle, for a window from ``first`` to ``last`` in cells."""
    places = first + (np.arange(pixels) + 0.5) * ((last - first) / pixels)
    return np.clip(np.floor(places).astype(np.intp), -1, cells)


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
    by_pixel = exact or band.nan_since is not None
    if not by_pixel and last - first <= wide:
        # Whole steps, so that the view can move a little over the same image.
        large = band.pyramid is not None
        first, last = (math.floor(first), math.ceil(last)) if large else (0.0, float(band.steps))
        first, last = float(max(0, first)), float(min(band.steps, max(last, first + 1)))
        wide = round(last - first)
    if band.pyramid is not None:
        index, wrong = band.pyramid.seen(first, last, wide)
    else:
        starts, stops = spans(first, last, wide, band.steps)
        part = band.values[starts[0] : stops.max()]
        with np.errstate(invalid="ignore", over="ignore"):
            scaled = entries(part, band.low, band.high, band.signed)
        wrong = None if band.nan_since is None else ~np.isfinite(part)
        if wrong is not None:
            scaled = np.where(wrong, 128.0 if band.signed else 0.0, scaled)
            wrong = gathered(wrong, starts - starts[0], stops - starts[0], np.maximum)
        index = farthest(scaled.astype(np.uint8), starts - starts[0], stops - starts[0], band.signed)
    index, wrong = np.ascontiguousarray(index.T), None if wrong is None else wrong.T
    if band.units == len(order) and not np.array_equal(order, np.arange(len(order))):
        index, wrong = index[order], None if wrong is None else wrong[order]
    if by_pixel or band.units > high:
        rows = spans(0, band.units, high, band.units)
        index = farthest(index, *rows, band.signed)
        wrong = None if wrong is None else gathered(wrong, *rows, np.maximum)
    return Cells(np.ascontiguousarray(index), wrong, first, last)


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

    They are all of them, or the extremes of every pixel if there are many, with a NaN where a pixel has one: the line
    breaks there.
    """
    begin = max(0, math.floor(first) - 1)
    end = min(len(values), math.ceil(last) + 2)
    part = values[begin:end].astype(np.float64)
    count = len(part)
    if count <= 3 * pixels:
        return np.column_stack([np.arange(begin, end), part])
    width = count // pixels
    # The last block repeats the last value, so that none is left out.
    whole = np.append(part, np.full(-count % width, part[-1])).reshape(-1, width)
    missing = np.isnan(whole)
    gaps = bool(missing.any())
    low = (np.where(missing, np.inf, whole) if gaps else whole).argmin(axis=1)
    high = (np.where(missing, -np.inf, whole) if gaps else whole).argmax(axis=1)
    inner = [low, high, missing.argmax(axis=1)] if gaps else [low, high]
    if gaps:
        inner[2] = np.where(missing.any(axis=1), inner[2], low)
    base = np.arange(len(whole))[:, np.newaxis] * width
    places = np.minimum(np.sort(base + np.stack(inner, axis=1), axis=1).ravel(), count - 1)
    return np.column_stack([places + begin, part[places]])
