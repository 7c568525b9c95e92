"""Draws values without a time axis: one bar per feature around zero, and below how the whole batch came out."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from rnn_designer.ui.colors import diverging_color, mixed
from rnn_designer.ui.scopes.drawing import number
from rnn_designer.ui.scopes.frame import LEFT
from rnn_designer.ui.scopes.picture import Picture
from rnn_designer.ui.theme import Theme, code_font, interface_font

_ROW = 22.0
_BATCH_ROOM = 64.0
_BATCH_MOST = 130.0
_TICKS = 18.0
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


def rows_fit(picture: Picture, area: QRectF) -> bool:
    """Whether every feature can have a row with its number written beside it."""
    return picture.main.units * _ROW <= area.height() + 1


def bar_rects(picture: Picture, area: QRectF) -> list[QRectF]:
    """The slot of every feature: rows where they fit, columns otherwise."""
    count = picture.main.units
    if rows_fit(picture, area):
        tall = min(_ROW * 1.4, area.height() / count)
        if batch_area(picture, area) is not None:
            tall = _ROW
        return [QRectF(area.left(), area.top() + index * tall, area.width(), tall) for index in range(count)]
    wide = area.width() / count
    return [QRectF(area.left() + index * wide, area.top(), wide, area.height()) for index in range(count)]


def batch_area(picture: Picture, area: QRectF) -> QRectF | None:
    """Where the samples of the batch are drawn beside each other; None without room or with a single sample."""
    if picture.batch is None or len(picture.batch) < 2 or not rows_fit(picture, area):
        return None
    top = area.top() + picture.main.units * _ROW + 14
    if area.bottom() - _TICKS - top < _BATCH_ROOM:
        return None
    bottom = min(area.bottom() - _TICKS, top + _BATCH_MOST)
    return QRectF(area.left(), top, area.width(), bottom - top)


def sample_at(picture: Picture, area: QRectF, position: QPointF) -> int | None:
    """The sample of the batch under a point."""
    place = batch_area(picture, area)
    if place is None or picture.batch is None or not place.contains(position):
        return None
    count = len(picture.batch)
    return max(0, min(int((position.x() - place.left()) / place.width() * count), count - 1))


def draw_bars(painter: QPainter, look: Theme, picture: Picture, area: QRectF) -> None:
    """All bars of a picture into an area."""
    band = picture.main
    values = band.values[0].tolist()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    # The same limits for every sample: bars of one can then be compared with those of the next.
    low, high = picture.limits
    if rows_fit(picture, area):
        _draw_rows(painter, look, picture, bar_rects(picture, area), values)
        place = batch_area(picture, area)
        if place is not None:
            _draw_batch(painter, look, picture, place)
        return
    place = area.adjusted(0, 4, 0, -_TICKS)
    _draw_columns(painter, look, values, place, low, high)
    _draw_ticks(painter, look, place, f"{picture.word} 0", str(len(values) - 1))
    painter.drawText(QRectF(0, place.top() - 8, LEFT - 9, 16), _RIGHT, number(high))
    if low < 0:
        painter.drawText(QRectF(0, place.center().y() - 8, LEFT - 9, 16), _RIGHT, "0")
    painter.drawText(QRectF(0, place.bottom() - 8, LEFT - 9, 16), _RIGHT, number(low))


def _draw_columns(
    painter: QPainter,
    look: Theme,
    values: list[float],
    place: QRectF,
    low: float,
    high: float,
    chosen: int | None = None,
) -> None:
    scale = place.height() / (high - low)
    zero = place.bottom() + low * scale
    wide = place.width() / len(values)
    gap = min(2.0, wide * 0.2)
    for index, value in enumerate(values):
        slot = QRectF(place.left() + index * wide + gap / 2, place.top(), wide - gap, place.height())
        if not math.isfinite(value):
            painter.fillRect(slot, QColor(look.hairline))
            continue
        slot.setTop(zero - max(0.0, value) * scale)
        slot.setHeight(max(1.0, abs(value) * scale))
        color = _color(look, value, high)
        if chosen is not None and index != chosen:
            color.setAlphaF(0.5)
        painter.fillRect(slot, color)
    painter.setPen(QPen(QColor(look.faint), 1))
    painter.drawLine(QPointF(place.left(), round(zero) + 0.5), QPointF(place.right(), round(zero) + 0.5))


def _draw_ticks(painter: QPainter, look: Theme, place: QRectF, first: str, last: str) -> None:
    font = interface_font(8.5)
    painter.setFont(font)
    painter.setPen(QColor(look.muted))
    line = place.bottom() + 4 + QFontMetricsF(font).ascent()
    painter.drawText(QPointF(place.left(), line), first)
    painter.drawText(QPointF(place.right() - QFontMetricsF(font).horizontalAdvance(last), line), last)


def _draw_rows(
    painter: QPainter, look: Theme, picture: Picture, slots: list[QRectF], values: list[float]
) -> None:
    mono = code_font(9.5)
    text_width = QFontMetricsF(mono).horizontalAdvance("−0.0000") + 10
    low, high = picture.limits
    span = high - low
    for index, (slot, value) in enumerate(zip(slots, values, strict=True)):
        painter.setFont(interface_font(8.5))
        painter.setPen(QColor(look.muted))
        middle = slot.center().y()
        painter.drawText(QRectF(2, middle - 9, LEFT - 11, 18), _RIGHT, f"{picture.word} {index}")
        room = slot.width() - text_width
        zero = slot.left() + (0 - low) / span * room
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(look.field))
        painter.drawRoundedRect(QRectF(slot.left(), middle - 6, room, 12), 3, 3)
        if math.isfinite(value):
            end = slot.left() + (value - low) / span * room
            painter.setBrush(_color(look, value, high))
            painter.drawRoundedRect(QRectF(min(zero, end), middle - 6, max(1.5, abs(end - zero)), 12), 2, 2)
        painter.setPen(QPen(QColor(look.faint), 1))
        painter.drawLine(QPointF(round(zero) + 0.5, middle - 8), QPointF(round(zero) + 0.5, middle + 8))
        painter.setFont(mono)
        painter.setPen(QColor(look.text))
        painter.drawText(
            QRectF(slot.right() - text_width + 8, middle - 9, text_width, 18), _LEFT, number(value)
        )


def _draw_batch(painter: QPainter, look: Theme, picture: Picture, place: QRectF) -> None:
    """Every sample side by side: bars of the one feature, or a column of coloured cells for several."""
    batch = picture.batch
    assert batch is not None
    count, features = batch.shape
    low, limit = picture.limits
    wide = place.width() / count
    if features == 1:
        values = batch[:, 0].tolist()
        _draw_columns(painter, look, values, place, low, limit, picture.sample)
    else:
        tall = place.height() / features
        for index, row in enumerate(batch.tolist()):
            for feature, value in enumerate(row):
                cell = QRectF(place.left() + index * wide, place.top() + feature * tall, wide, tall)
                painter.fillRect(
                    cell.adjusted(0, 0, -min(1.0, wide * 0.1), -0.5), diverging_color(value, limit, look)
                )
        painter.setPen(QPen(QColor(look.text), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(place.left() + picture.sample * wide, place.top(), wide, place.height()))
    _draw_ticks(painter, look, place, "sample 0", str(count - 1))
    painter.drawText(QRectF(2, place.center().y() - 9, LEFT - 11, 18), _RIGHT, "batch")
    painter.drawText(
        QRectF(place.right() + 8, place.top() - 6, 50, 16),
        _LEFT,
        f"±{number(limit)}" if low < 0 else number(limit),
    )


def _color(look: Theme, value: float, limit: float) -> QColor:
    # Never fainter than this: a small bar on the background has to be seen too.
    share = 0.45 + 0.55 * min(1.0, abs(value) / limit)
    return mixed(look.window, look.positive if value >= 0 else look.negative, share)
