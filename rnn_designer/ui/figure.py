"""A trace as one picture, drawn off screen: the input on top, then states and gates of each recurrent layer.

Needs a running QGuiApplication (the platform ``offscreen`` will do) for its fonts.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QImageWriter, QPainter, QPen, QPolygonF

from rnn_designer.ui.colors import diverging, sequential
from rnn_designer.ui.numbers import number
from rnn_designer.ui.theme import LIGHT, Theme

if TYPE_CHECKING:
    from rnn_designer.design import Design
    from rnn_designer.messages import Array, Trace

WIDTH = 1400
_LEFT, _RIGHT, _TOP, _BOTTOM = 150, 120, 56, 24
_TITLE, _AXIS, _GAP = 34, 30, 6
_LOWEST, _HIGHEST = 44, 132
_PER_UNIT = 5
_LARGEST_HEIGHT = 16_000
_SYMBOLS = {
    "state/h": "h",
    "state/c": "c",
    "gate/input": "i",
    "gate/forget": "f",
    "gate/candidate": "g",
    "gate/output": "o",
    "gate/update": "z",
    "gate/reset": "r",
}
_SQUASHED = ("gate/input", "gate/forget", "gate/output", "gate/update", "gate/reset")


@dataclass(frozen=True)
class Track:
    """One band of the picture: a quantity over the steps.

    Attributes:
        symbol: what stands before it: ``h``, ``gate/…`` where there is no symbol.
        values: ``(time, units)`` of one sample.
        magnitude: whether it runs from 0 to 1 rather than around zero.
        line: whether it is drawn as lines instead of a heat map.
    """

    symbol: str
    values: Array
    magnitude: bool = False
    line: bool = False


@dataclass(frozen=True)
class Block:
    """The tracks of one layer under its title, above one axis of steps."""

    title: str
    tracks: tuple[Track, ...]


def picture(design: Design, trace: Trace, sample: int = 0, look: Theme = LIGHT) -> bytes:
    """Draw a trace.

    Args:
        design: what was run, for its name.
        trace: its arrays.
        sample: which sample of the batch, from 0.
        look: whose colours.

    Returns:
        The content of a PNG file.
    """
    found = tuple(blocks(trace, sample))
    heights = [sum(_height(track) + _GAP for track in block.tracks) + _TITLE + _AXIS for block in found]
    total = min(_TOP + sum(heights) + _BOTTOM, _LARGEST_HEIGHT)
    image = QImage(WIDTH, total, QImage.Format.Format_RGB32)
    image.fill(QColor(look.panel))
    painter = QPainter(image)
    try:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _text(painter, QRectF(24, 12, WIDTH - 48, 32), design.name, QColor(look.text), 15, bold=True)
        note = f"sample {sample}"
        _text(painter, QRectF(24, 12, WIDTH - 48, 32), note, QColor(look.muted), 10, right=True)
        top = float(_TOP)
        for block, height in zip(found, heights, strict=True):
            if top + height + _BOTTOM > total:
                break
            _draw_block(painter, block, top, look)
            top += height
    finally:
        painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data())


def blocks(trace: Trace, sample: int = 0) -> Iterator[Block]:
    """What the picture shows, top to bottom: Inputs, then layers with states, in the trace's order."""
    recurrent: dict[str, list[Track]] = {}
    for path, array in trace.arrays.items():
        layer, _, signal = path.rpartition("/")
        if signal == "input" and "/" not in layer and not layer.endswith("gate"):
            values = _matrix(array, sample)
            if values is not None:
                yield Block(layer, (Track("", values, line=values.shape[1] <= 8),))
    for path, array in trace.arrays.items():
        for marker in ("/state/", "/gate/"):
            layer, found, signal = path.rpartition(marker)
            values = _matrix(array, sample) if found else None
            if values is not None:
                full = marker[1:] + signal
                symbol = _SYMBOLS.get(full, "h̃" if full == "gate/candidate" else signal)
                squashed = full in _SQUASHED and not bool(np.any(values < 0))
                recurrent.setdefault(layer, []).append(Track(symbol, values, magnitude=squashed))
    for layer, tracks in recurrent.items():
        yield Block(layer, tuple(tracks))


def _matrix(array: Array, sample: int) -> Array | None:
    """One sample as ``(time, units)``; None if it has no time axis or nothing in it."""
    if array.ndim < 2 or array.shape[0] <= sample or not array.size:
        return None
    values = array[sample].astype(np.float64)
    return values.reshape(values.shape[0], -1)


def _height(track: Track) -> int:
    if track.line:
        return 96
    return max(_LOWEST, min(_HIGHEST, _PER_UNIT * track.values.shape[1]))


def _draw_block(painter: QPainter, block: Block, top: float, look: Theme) -> None:
    title = QRectF(24, top, WIDTH - 48, _TITLE - 8)
    _text(painter, title, block.title, QColor(look.text), 11, bold=True)
    steps = block.tracks[0].values.shape[0]
    units = block.tracks[0].values.shape[1]
    size = f"{steps} steps × {units} {'feature' if block.tracks[0].line else 'unit'}{'s' * (units != 1)}"
    _text(painter, title, size, QColor(look.muted), 9, right=True)
    top += _TITLE
    for track in block.tracks:
        area = QRectF(_LEFT, top, WIDTH - _LEFT - _RIGHT, _height(track))
        if track.line:
            _draw_lines(painter, area, track, look)
        else:
            _draw_heat_map(painter, area, track, look)
        label = QRectF(24, top, _LEFT - 40, area.height())
        _text(painter, label, track.symbol, QColor(look.text), 11, right=True)
        top = area.bottom() + _GAP
    _draw_steps(painter, QRectF(_LEFT, top, WIDTH - _LEFT - _RIGHT, _AXIS), steps, look)


def _draw_heat_map(painter: QPainter, area: QRectF, track: Track, look: Theme) -> None:
    limit = max(1.0, _limit(track.values)) if track.magnitude else _limit(track.values)
    low = 0.0 if track.magnitude else -limit
    table = sequential(look) if track.magnitude else diverging(look)
    # Entry 128 of the diverging map is zero; a value at a limit takes the last entry of its side.
    share = (track.values - low) / (limit - low)
    known = np.isfinite(share)
    index = np.where(known, np.clip(np.where(known, share, 0.0), 0.0, 1.0) * (len(table) - 1), 0)
    colors = table[np.rint(index).astype(np.intp)]
    hairline = QColor(look.hairline)
    colors[~known] = (hairline.red(), hairline.green(), hairline.blue(), 255)
    _draw_pixels(painter, area, np.ascontiguousarray(colors.transpose(1, 0, 2)))
    bar = QRectF(area.right() + 12, area.top(), 10, area.height())
    _draw_pixels(painter, bar, np.ascontiguousarray(table[::-1, np.newaxis, :]))
    for value, at in ((limit, bar.top() + 6), (low, bar.bottom() - 6)):
        limits = QRectF(bar.right() + 6, at - 8, _RIGHT - 34, 16)
        _text(painter, limits, number(value), QColor(look.muted), 8)
    painter.setPen(QPen(QColor(look.hairline), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(area)
    painter.drawRect(bar)


def _draw_pixels(painter: QPainter, area: QRectF, colors: Array) -> None:
    """Colours ``(rows, columns, 4)`` over an area, each a sharp-edged cell."""
    rows, columns = colors.shape[:2]
    image = QImage(colors.data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888)
    painter.drawImage(area, image)


def _draw_lines(painter: QPainter, area: QRectF, track: Track, look: Theme) -> None:
    finite = track.values[np.isfinite(track.values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    if high == low:
        margin = max(0.5, abs(low) / 2)
        low, high = low - margin, high + margin
    painter.setPen(QPen(QColor(look.hairline), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(area)
    steps = track.values.shape[0]
    for unit, values in enumerate(track.values.T):
        painter.setPen(QPen(QColor(look.series[unit % len(look.series)]), 1.5))
        points = [
            QPointF(
                area.left() + (step + 0.5) * area.width() / steps,
                area.bottom() - 4 - (float(value) - low) / (high - low) * (area.height() - 8),
            )
            for step, value in enumerate(values)
            if math.isfinite(value)
        ]
        painter.drawPolyline(QPolygonF(points))
    for value, at in ((high, area.top() + 6), (low, area.bottom() - 6)):
        limits = QRectF(area.right() + 28, at - 8, _RIGHT - 34, 16)
        _text(painter, limits, number(value), QColor(look.muted), 8)


def _draw_steps(painter: QPainter, area: QRectF, steps: int, look: Theme) -> None:
    every = _tick(steps)
    painter.setPen(QPen(QColor(look.muted), 1))
    for step in range(0, steps, every):
        x = area.left() + (step + 0.5) * area.width() / steps
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.top() + 4))
        _text(painter, QRectF(x - 30, area.top() + 5, 60, 14), str(step), QColor(look.muted), 8, center=True)
    _text(painter, QRectF(24, area.top(), _LEFT - 40, 16), "step", QColor(look.muted), 8, right=True)


def _tick(steps: int) -> int:
    """How many steps lie between two numbers on the axis: 1, 2 or 5 times a power of ten, about ten numbers."""
    rough = max(1.0, steps / 12)
    power = 10 ** math.floor(math.log10(rough))
    return int(next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough))


def _limit(values: Array) -> float:
    finite = np.abs(values[np.isfinite(values)])
    largest = float(finite.max()) if finite.size else 0.0
    return largest or 1.0


def _text(
    painter: QPainter,
    area: QRectF,
    text: str,
    color: QColor,
    points: int,
    *,
    bold: bool = False,
    right: bool = False,
    center: bool = False,
) -> None:
    font = QFont()
    font.setPointSize(points)
    font.setBold(bold)
    painter.setFont(font)
    painter.setPen(color)
    side = Qt.AlignmentFlag.AlignLeft
    if right or center:
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignHCenter
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, round(area.width()))
    painter.drawText(area, int(side | Qt.AlignmentFlag.AlignVCenter), shown)
