"""What is under the mouse in a scope, in words and numbers."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF

from rnn_designer.ui.numbers import number
from rnn_designer.ui.scopes.bands import Band
from rnn_designer.ui.scopes.bars import bar_rects, sample_at
from rnn_designer.ui.scopes.frame import NAME_HEIGHT, Frame, name_tops
from rnn_designer.ui.scopes.grid import gridded
from rnn_designer.ui.scopes.picture import Picture
from rnn_designer.ui.scopes.planes import divided, place_at

_FEATURES_IN_WORDS = 3


def row_at(picture: Picture, frame: Frame, position: QPointF) -> tuple[Band, int] | None:
    """The heat map under a point and the unit of its row, or None."""
    for band, rect in zip(picture.bands, frame.bands, strict=False):
        if rect.contains(position) and band.planes is not None:
            return _in_planes(picture, frame, band, rect, position)
        if rect.contains(position):
            row = int((position.y() - rect.top()) / rect.height() * band.units)
            row = max(0, min(row, band.units - 1))
            return band, int(picture.order[row]) if band.units == len(picture.order) else row
    return None


def unit_at(
    picture: Picture, frame: Frame, position: QPointF, units: Iterable[int]
) -> tuple[Band, int] | None:
    """The unit that is seen at a point: its row of a heat map, its line, or its name beside the lines; else None."""
    if picture.flat:
        return None
    drawn = [unit for unit in units if unit < picture.main.units]
    if picture.samples:
        return _unit_of_samples(picture, frame, position, drawn)
    found = row_at(picture, frame, position)
    if found is not None or frame.lines is None or not drawn:
        return found
    lines = frame.lines
    if lines.contains(position):
        share = (position.y() - lines.top()) / lines.height()
        step = frame.nearest_step(position.x())
        return picture.main, _nearest(picture, picture.main, drawn, step, share)
    if position.x() < lines.left() and lines.top() - 3 <= position.y() <= lines.bottom() + 3:
        tops = name_tops(len(drawn), lines.height())
        for unit, top in zip(drawn, tops, strict=False):
            if top <= position.y() - lines.top() < top + NAME_HEIGHT:
                return picture.main, unit
    return None


def _unit_of_samples(
    picture: Picture, frame: Frame, position: QPointF, drawn: list[int]
) -> tuple[Band, int] | None:
    grid = gridded(frame.plot, len(picture.samples), picture.sample, frame.window)
    cell = grid.cell_at(position)
    if cell is None or not cell.plot.contains(position):
        return None
    band = picture.samples[cell.sample]
    share = (position.y() - cell.plot.top()) / cell.plot.height()
    if not picture.lines:
        return band, int(picture.order[max(0, min(int(share * band.units), band.units - 1))])
    if not drawn:
        return None
    return band, _nearest(picture, band, drawn, grid.nearest_step(cell, position.x()), share)


def on_pictures(picture: Picture, frame: Frame, position: QPointF) -> bool:
    """Whether a point is over the pictures of one step, where nothing lies along the time axis."""
    return any(
        band.planes is not None and divided(rect, band.planes)[0].adjusted(0, 0, 0, 3).contains(position)
        for band, rect in zip(picture.bands, frame.bands, strict=False)
    )


def _in_planes(
    picture: Picture, frame: Frame, band: Band, rect: QRectF, position: QPointF
) -> tuple[Band, int] | None:
    """The place of a picture under a point; in the strip below the pictures the strongest of its filter's."""
    planes = band.planes
    assert planes is not None
    above, below = divided(rect, planes)
    order = picture.filters_of(planes)
    if below.contains(position):
        row = min(planes.filters - 1, int((position.y() - below.top()) / below.height() * planes.filters))
        step = picture.local_step(band, frame.nearest_step(position.x()))
        return band, planes.strongest(step, int(order[row]))
    found = place_at(above, planes, order, position)
    return None if found is None else (band, int(planes.numbers[found]))


def reading(picture: Picture, frame: Frame, position: QPointF, units: Iterable[int], cursor: int = 0) -> str:
    """The tooltip: "step 57 · unit 31 · h = 0.83"; empty where nothing is drawn.

    Args:
        picture: what is shown.
        frame: where it is shown.
        position: in the widget's pixels.
        units: the units drawn as lines.
        cursor: the step whose pictures are seen, where there are such.
    """
    if picture.flat:
        return _flat(picture, frame, position)
    if picture.samples:
        return _of_samples(picture, frame, position, units)
    if not frame.plot.left() <= position.x() <= frame.plot.right():
        return ""
    pictured = on_pictures(picture, frame, position)
    step = cursor if pictured else frame.nearest_step(position.x())
    found = row_at(picture, frame, position)
    if found is not None:
        return _value(picture, step, *found)
    if pictured:
        return ""
    if frame.series is not None and frame.series.contains(position) and picture.series is not None:
        series = picture.series
        row = series.values[min(step, len(series.values) - 1)].tolist()
        said = ", ".join(number(each) for each in row[:_FEATURES_IN_WORDS])
        more = " …" if len(row) > _FEATURES_IN_WORDS else ""
        real = "" if series.real is None else _really(series.real[min(step, len(series.real) - 1)].tolist())
        return f"step {step} · {series.name} = {said}{more}{real}"
    drawn = [unit for unit in units if unit < picture.main.units]
    if frame.lines is not None and frame.lines.contains(position) and drawn:
        band = picture.main
        share = (position.y() - frame.lines.top()) / frame.lines.height()
        return _value(picture, step, band, _nearest(picture, band, drawn, step, share))
    return ""


def _really(row: list[float]) -> str:
    """What the samples themselves hold where the model made up the value; nothing before and after that."""
    if any(value != value for value in row):
        return ""
    said = ", ".join(number(each) for each in row[:_FEATURES_IN_WORDS])
    return f" · in the samples {said}" + (" …" if len(row) > _FEATURES_IN_WORDS else "")


def _of_samples(picture: Picture, frame: Frame, position: QPointF, units: Iterable[int]) -> str:
    grid = gridded(frame.plot, len(picture.samples), picture.sample, frame.window)
    cell = grid.cell_at(position)
    if cell is None:
        return ""
    band = picture.samples[cell.sample]
    said = f"sample {cell.sample}"
    if not cell.plot.contains(position):
        return said
    step = grid.nearest_step(cell, position.x())
    share = (position.y() - cell.plot.top()) / cell.plot.height()
    masked = picture.masks[cell.sample] if picture.masks is not None else None
    if not picture.lines:
        row = max(0, min(int(share * band.units), band.units - 1))
        return f"{said} · {_value(picture, step, band, int(picture.order[row]), masked)}"
    drawn = [unit for unit in units if unit < band.units]
    if not drawn:
        return f"{said} · step {step}"
    return f"{said} · {_value(picture, step, band, _nearest(picture, band, drawn, step, share), masked)}"


def _nearest(picture: Picture, band: Band, drawn: list[int], step: int, share: float) -> int:
    """The unit whose line is nearest to a height, given as a share from the top."""
    values = np.nan_to_num(band.values[picture.local_step(band, step), drawn])
    level = band.high - share * (band.high - band.low)
    return drawn[int(np.argmin(np.abs(values - level)))]


def _value(
    picture: Picture, step: int, band: Band, unit: int, skipped: NDArray[np.bool_] | None = None
) -> str:
    local = picture.local_step(band, step)
    where = (
        f"step {step}" if band.steps == picture.steps else f"step {step} · position {local} of {band.steps}"
    )
    skipped = picture.masked if skipped is None else skipped
    masked = skipped is not None and len(skipped) == band.steps and bool(skipped[local])
    name = f"{picture.word} {unit}"
    if band.planes is not None:
        row, column, number_ = band.planes.place(unit)
        there = f"column {column}" if band.planes.flat else f"row {row}, column {column}"
        name = f"filter {number_} · {there}"
    what = f"{name} · {band.shown.spoken} = {number(float(band.values[local, unit]))}"
    return f"{where} · {what}" + (" · masked" if masked else "")


def _flat(picture: Picture, frame: Frame, position: QPointF) -> str:
    sample = sample_at(picture, frame.plot, position)
    if sample is not None and picture.batch is not None:
        values = picture.batch[sample].tolist()
        said = ", ".join(number(each) for each in values[:_FEATURES_IN_WORDS])
        return f"sample {sample} · {picture.main.shown.spoken} = {said}" + (
            " …" if len(values) > _FEATURES_IN_WORDS else ""
        )
    for index, slot in enumerate(bar_rects(picture, frame.plot)):
        if slot.contains(position):
            value = number(float(picture.main.values[0, index]))
            return f"{picture.word} {index} · {picture.main.shown.spoken} = {value}"
    return ""
