"""Signals that have a picture per filter at every step: how they lie in memory, and where they are on screen."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF

from rnn_designer.pyramid import rows_of
from rnn_designer.ui.scopes.bands import LARGE, Array, Band, Work, band, banded
from rnn_designer.ui.scopes.signals import Shown

_GAP, _TITLE = 6.0, 13.0
_SMALLEST = 20.0
_PICTURES_FROM = 60.0
_STRIP_LEAST, _STRIP_ROW, _STRIP_SHARE = 14.0, 7.0, 0.3


@dataclass(frozen=True, eq=False)
class Planes:
    """The pictures of one signal of one sample.

    Attributes:
        values: ``(steps, rows, columns, filters)``; a row only where the layer looks along one axis.
        numbers: ``(rows, columns, filters)``, which unit each place is, as units are counted elsewhere.
        strip: ``(steps, filters)``, of each picture the value farthest from zero, with the signal's own limits.
        flat: whether there is one axis and not two.
    """

    values: Array
    numbers: Array
    strip: Band
    flat: bool

    @property
    def filters(self) -> int:
        """How many pictures there are at a step."""
        return int(self.values.shape[3])

    def place(self, unit: int) -> tuple[int, int, int]:
        """Row, column and filter of a unit."""
        row, column, number = np.argwhere(self.numbers == unit)[0].tolist()
        return row, column, number

    def strongest(self, step: int, number: int) -> int:
        """The unit of a filter's picture that is farthest from zero."""
        picture = np.nan_to_num(np.abs(self.values[step, :, :, number]), nan=-1.0)
        row, column = np.unravel_index(int(picture.argmax()), picture.shape)
        return int(self.numbers[row, column, number])


def arranged(values: Array, filters_first: bool) -> Array:
    """``(…, rows, columns, filters)`` of an array ``(steps, …)`` as the layer keeps it.

    Args:
        values: ``(steps, rows, filters)``, ``(steps, rows, columns, filters)``, or with a depth after the columns.
        filters_first: whether the filters come before the rows.
    """
    found = np.moveaxis(values, 1, -1) if filters_first else values
    if found.ndim == 3:
        return found[:, np.newaxis]
    if found.ndim == 5:
        # Slices of the depth beside each other.
        steps, rows, columns, depth, filters = found.shape
        return found.transpose(0, 1, 3, 2, 4).reshape(steps, rows, depth * columns, filters)
    return found


def pictured(
    one: Array,
    filters_first: bool,
    shown: Shown,
    between: tuple[float, float] | None = None,
    counted: bool = False,
) -> Work[Band]:
    """A signal ``(steps, rows, …, filters)`` with its pictures, part by part."""
    flat = one.reshape(len(one), -1)
    if flat.size < LARGE:
        made = band(shown, flat, between, counted)
    else:
        made = yield from banded(shown, flat, between, counted)
    values = arranged(one, filters_first)
    numbers = arranged(np.arange(flat.shape[1]).reshape(1, *one.shape[1:]), filters_first)[0]
    strip = np.empty((len(one), values.shape[3]), np.float32)
    every = rows_of(flat.shape[1])
    for start in range(0, len(one), every):
        part = values[start : start + every]
        high, low = part.max(axis=(1, 2)), part.min(axis=(1, 2))
        strip[start : start + every] = np.where(high >= -low, high, low)
        yield
    strips = Band(shown, strip, made.low, made.high, made.signed, made.nan_since)
    return replace(made, planes=Planes(values, numbers, strips, one.ndim == 3))


def divided(rect: QRectF, planes: Planes) -> tuple[QRectF, QRectF]:
    """The room of a signal: its pictures above, the strip of its filters over time below, which may need it all."""
    if rect.height() < _PICTURES_FROM:
        return QRectF(rect.left(), rect.top(), rect.width(), 0.0), rect
    high = max(_STRIP_LEAST, min(planes.filters * _STRIP_ROW, _STRIP_SHARE * rect.height()))
    high = min(round(high), rect.height())
    above = QRectF(rect.left(), rect.top(), rect.width(), max(0.0, rect.height() - high - _GAP))
    return above, QRectF(rect.left(), rect.bottom() - high, rect.width(), high)


@dataclass(frozen=True)
class Tiles:
    """Where the pictures of a step are.

    Attributes:
        rects: one for each of the first filters, as many as can be told apart.
        titled: whether there is room for their names.
    """

    rects: tuple[QRectF, ...]
    titled: bool


def tiled(rect: QRectF, planes: Planes) -> Tiles:
    """Place as many pictures as can be told apart, as large as possible, all alike."""
    _, rows, columns, count = planes.values.shape
    if rect.height() < _SMALLEST or rect.width() < _SMALLEST:
        return Tiles((), False)
    while True:
        title = _TITLE if rect.height() / math.ceil(count / max(1, rect.width() // 40)) > 34 else 0.0
        best, across = 0.0, 1
        for each in range(1, count + 1):
            wide = (rect.width() + _GAP) / each - _GAP
            high = (rect.height() + _GAP) / math.ceil(count / each) - _GAP - title
            scale = min(wide, high * 8) if planes.flat else min(wide / columns, high / rows)
            if scale > best:
                best, across = scale, each
        size = best if planes.flat else best * max(rows, columns)
        if size >= _SMALLEST or count == 1:
            break
        count = max(1, count * 3 // 4)
    wide, high = best * columns, best * rows
    if planes.flat:
        wide = (rect.width() + _GAP) / across - _GAP
        high = max(4.0, (rect.height() + _GAP) / math.ceil(count / across) - _GAP - title)
    found = []
    for number in range(count):
        row, column = divmod(number, across)
        found.append(
            QRectF(
                round(rect.left() + column * (wide + _GAP)),
                round(rect.top() + title + row * (high + title + _GAP)),
                round(wide),
                round(high),
            )
        )
    return Tiles(tuple(found), title > 0)


def place_at(rect: QRectF, planes: Planes, order: Array, at: QPointF) -> tuple[int, int, int] | None:
    """Row, column and filter of the picture under a point; None beside the pictures.

    Args:
        rect: the room of the pictures.
        planes: the signal.
        order: the filters in the order in which they are shown.
        at: the point.
    """
    _, rows, columns, _ = planes.values.shape
    for number, tile in enumerate(tiled(rect, planes).rects):
        if tile.contains(at):
            row = min(rows - 1, int((at.y() - tile.top()) / tile.height() * rows))
            column = min(columns - 1, int((at.x() - tile.left()) / tile.width() * columns))
            return row, column, int(order[number])
    return None
