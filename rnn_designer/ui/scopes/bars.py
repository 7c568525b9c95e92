"""Draws values without a time axis: one bar per feature, around zero."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from rnn_designer.ui.colors import mixed
from rnn_designer.ui.scopes.drawing import number
from rnn_designer.ui.scopes.frame import LEFT
from rnn_designer.ui.scopes.picture import Picture
from rnn_designer.ui.theme import Theme, code_font, interface_font

_ROW = 22.0


def bar_rects(picture: Picture, area: QRectF) -> list[QRectF]:
    """The slot of every feature: rows where they fit, columns otherwise."""
    count = picture.main.units
    if rows_fit(picture, area):
        tall = min(_ROW * 1.4, area.height() / count)
        top = area.top() + 6
        return [QRectF(area.left(), top + index * tall, area.width(), tall) for index in range(count)]
    wide = area.width() / count
    return [QRectF(area.left() + index * wide, area.top(), wide, area.height()) for index in range(count)]


def rows_fit(picture: Picture, area: QRectF) -> bool:
    """Whether every feature can have a row with its number written beside it."""
    return picture.main.units * _ROW <= area.height() + 1


def draw_bars(painter: QPainter, look: Theme, picture: Picture, area: QRectF) -> None:
    """All bars of a picture into an area."""
    band = picture.main
    values = band.values[0].tolist()
    slots = bar_rects(picture, area)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    low = band.low if band.signed and min((v for v in values if math.isfinite(v)), default=0.0) < 0 else 0.0
    span = band.high - low
    if rows_fit(picture, area):
        _draw_rows(painter, look, picture, slots, values, low, span)
        return
    zero = area.bottom() - 16 - (0 - low) / span * (area.height() - 20)
    scale = (area.height() - 20) / span
    painter.setPen(Qt.PenStyle.NoPen)
    for slot, value in zip(slots, values, strict=True):
        if not math.isfinite(value):
            painter.fillRect(
                QRectF(slot.left(), area.top() + 4, slot.width(), area.height() - 20), QColor(look.hairline)
            )
            continue
        gap = min(2.0, slot.width() * 0.2)
        top = zero - max(0.0, value) * scale
        bar = QRectF(slot.left() + gap / 2, top, slot.width() - gap, abs(value) * scale)
        painter.fillRect(bar, _color(look, value, band.high))
    painter.setPen(QPen(QColor(look.faint), 1))
    painter.drawLine(QPointF(area.left(), round(zero) + 0.5), QPointF(area.right(), round(zero) + 0.5))
    font = interface_font(8.5)
    painter.setFont(font)
    painter.setPen(QColor(look.muted))
    metrics = QFontMetricsF(font)
    last = str(len(values) - 1)
    painter.drawText(QPointF(area.left(), area.bottom() - 2), f"{picture.word} 0")
    painter.drawText(QPointF(area.right() - metrics.horizontalAdvance(last), area.bottom() - 2), last)
    right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    painter.drawText(QRectF(0, area.top() - 4, LEFT - 9, 16), right, number(band.high))
    painter.drawText(QRectF(0, zero - 8, LEFT - 9, 16), right, "0")
    if low < 0:
        painter.drawText(QRectF(0, area.bottom() - 24, LEFT - 9, 16), right, number(low))


def _draw_rows(
    painter: QPainter,
    look: Theme,
    picture: Picture,
    slots: list[QRectF],
    values: list[float],
    low: float,
    span: float,
) -> None:
    mono = code_font(9.5)
    text_width = QFontMetricsF(mono).horizontalAdvance("−0.0000") + 10
    for index, (slot, value) in enumerate(zip(slots, values, strict=True)):
        painter.setFont(interface_font(8.5))
        painter.setPen(QColor(look.muted))
        middle = slot.center().y()
        label = QRectF(2, middle - 9, LEFT - 11, 18)
        painter.drawText(
            label, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{picture.word} {index}"
        )
        room = slot.width() - text_width
        zero = slot.left() + (0 - low) / span * room
        track = QRectF(slot.left(), middle - 6, room, 12)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(look.field))
        painter.drawRoundedRect(track, 3, 3)
        if math.isfinite(value):
            end = slot.left() + (value - low) / span * room
            painter.setBrush(_color(look, value, picture.main.high))
            painter.drawRoundedRect(QRectF(min(zero, end), middle - 6, max(1.5, abs(end - zero)), 12), 2, 2)
        painter.setPen(QPen(QColor(look.faint), 1))
        painter.drawLine(QPointF(round(zero) + 0.5, middle - 8), QPointF(round(zero) + 0.5, middle + 8))
        painter.setFont(mono)
        painter.setPen(QColor(look.text))
        place = QRectF(slot.right() - text_width + 8, middle - 9, text_width, 18)
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, number(value))


def _color(look: Theme, value: float, limit: float) -> QColor:
    # Never fainter than this: a small bar on the background has to be seen too.
    share = 0.45 + 0.55 * min(1.0, abs(value) / limit)
    return mixed(look.window, look.positive if value >= 0 else look.negative, share)
