"""Draws values without a time axis: one bar per feature around zero, and below how the whole batch came out."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QGraphicsRectItem

from rnn_designer.ui.colors import diverging, mixed
from rnn_designer.ui.numbers import number
from rnn_designer.ui.scopes.frame import LEFT, RIGHT
from rnn_designer.ui.scopes.items import BADGES, LABELS, Gutter, Mark, left_mark, new_view, show_image
from rnn_designer.ui.scopes.picture import Picture
from rnn_designer.ui.theme import Theme, code_font, interface_font, theme

_ROW = 22.0
_BATCH_ROOM = 64.0
_BATCH_MOST = 130.0
_TICKS = 18.0


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


class Bars:
    """The bars of a picture in one view box, whose range is its own pixels."""

    def __init__(self) -> None:
        self.view = new_view()
        self.labels = Gutter("bottom")
        self.labels.setZValue(BADGES)
        self._tracks, self._bars = _BarItem(), _BarItem()
        self._zero = pg.PlotCurveItem(connect="pairs")
        self._cells = pg.ImageItem()
        self._ring = QGraphicsRectItem()
        for index, item in enumerate((self._tracks, self._bars, self._zero, self._cells, self._ring)):
            item.setZValue(index)
            self.view.addItem(item, ignoreBounds=True)

    @property
    def items(self) -> tuple[Any, ...]:
        """What the scene has to hold."""
        return self.view, self.labels

    def hide(self) -> None:
        """Leave the room to strips of time."""
        for item in self.items:
            item.hide()

    def show(self, picture: Picture, area: QRectF) -> None:
        """Draw the bars of a picture in a rectangle of the scene."""
        self.view.setGeometry(area)
        self.view.setRange(QRectF(0, 0, area.width(), area.height()), padding=0)
        self.labels.place(QRectF(0, area.top(), area.right() + RIGHT, area.height()))
        for item in self.items:
            item.show()
        sheet = _Sheet()
        self._cells.hide()
        self._ring.hide()
        # The same limits for every sample: bars of one can then be compared with those of the next.
        low, high = picture.limits
        values = picture.main.values[0].tolist()
        room = QRectF(0, 0, area.width(), area.height())
        if rows_fit(picture, room):
            _add_rows(sheet, picture, bar_rects(picture, room), values)
            place = batch_area(picture, room)
            if place is not None:
                self._add_batch(sheet, picture, place)
        else:
            place = room.adjusted(0, 4, 0, -_TICKS)
            _add_columns(sheet, values, place, low, high)
            _add_ticks(sheet, place, f"{picture.word} 0", str(len(values) - 1))
            sheet.left(number(high), place.top())
            if low < 0:
                sheet.left("0", place.center().y())
            sheet.left(number(low), place.bottom())
        self._tracks.show_bars(sheet.tracks, 3.0)
        self._bars.show_bars(sheet.bars, sheet.radius)
        ends = np.array(sheet.zero or [(0.0, 0.0), (0.0, 0.0)])
        self._zero.setData(ends[:, 0], ends[:, 1], pen=pg.mkPen(theme().faint), connect="pairs")
        self.labels.show_marks(sheet.marks)

    def _add_batch(self, sheet: _Sheet, picture: Picture, place: QRectF) -> None:
        """Every sample side by side: bars of the one feature, or a column of coloured cells for several."""
        batch = picture.batch
        assert batch is not None
        count, features = batch.shape
        low, limit = picture.limits
        if features == 1:
            _add_columns(sheet, batch[:, 0].tolist(), place, low, limit, picture.sample)
        else:
            look = theme()
            wide = place.width() / count
            share = np.nan_to_num(batch.T / limit * 127.5 + 128.0, posinf=255.0, neginf=0.0)
            show_image(
                self._cells, np.clip(share, 0, 255).astype(np.uint8), place, diverging(look, look.window)
            )
            self._ring.setRect(
                QRectF(place.left() + picture.sample * wide, place.top(), wide, place.height())
            )
            self._ring.setPen(pg.mkPen(look.text, width=1.5))
            self._ring.show()
        _add_ticks(sheet, place, "sample 0", str(count - 1))
        sheet.left("batch", place.center().y())
        sheet.right(f"±{number(limit)}" if low < 0 else number(limit), place.right() + 8, place.top() + 2)


class _BarItem(pg.BarGraphItem):
    """Bars, each with its own colour, whose corners can be round."""

    def __init__(self) -> None:
        super().__init__(x0=[0], y0=[0], width=[0], height=[0], pen=None)
        self._rounded: list[tuple[QRectF, QColor]] = []
        self._radius = 0.0

    def show_bars(self, bars: list[tuple[QRectF, QColor]], radius: float) -> None:
        """Show other bars; with a radius their corners are round."""
        self.setVisible(bool(bars))
        if not bars:
            return
        self._rounded, self._radius = bars, radius
        self.setOpts(
            x0=[rect.left() for rect, _ in bars],
            y0=[rect.top() for rect, _ in bars],
            width=[rect.width() for rect, _ in bars],
            height=[rect.height() for rect, _ in bars],
            brushes=[color for _, color in bars],
            pen=None,
        )

    def paint(self, painter: QPainter, *options: object) -> None:
        """All bars."""
        if not self._radius:
            super().paint(painter, *options)
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for rect, color in self._rounded:
            painter.setBrush(color)
            painter.drawRoundedRect(rect, self._radius, self._radius)


class _Sheet:
    """What is to be drawn, collected: bars with their colours, the ends of zero lines, labels."""

    def __init__(self) -> None:
        self.tracks: list[tuple[QRectF, QColor]] = []
        self.bars: list[tuple[QRectF, QColor]] = []
        self.zero: list[tuple[float, float]] = []
        self.marks: list[Mark] = []
        self.radius = 0.0

    def left(self, text: str, middle: float) -> None:
        self.marks.append(left_mark(text, middle))

    def right(self, text: str, left: float, middle: float, font: QFont | None = None) -> None:
        """A label inside the plot or in its right gutter, ``left`` being counted from the plot's own left."""
        color = theme().muted if font is None else theme().text
        room = QRectF(LEFT + left, middle - 9, 80, 18)
        self.marks.append(Mark(text, room, color, font or interface_font(LABELS)))


def _add_rows(sheet: _Sheet, picture: Picture, slots: list[QRectF], values: list[float]) -> None:
    look, mono = theme(), code_font(9.5)
    sheet.radius = 2.0
    text_width = QFontMetricsF(mono).horizontalAdvance("−0.0000") + 10
    low, high = picture.limits
    for index, (slot, value) in enumerate(zip(slots, values, strict=True)):
        middle = slot.center().y()
        room = slot.width() - text_width
        zero = slot.left() + (0 - low) / (high - low) * room
        sheet.left(f"{picture.word} {index}", middle)
        sheet.tracks.append((QRectF(slot.left(), middle - 6, room, 12), QColor(look.field)))
        if math.isfinite(value):
            end = slot.left() + (value - low) / (high - low) * room
            bar = QRectF(min(zero, end), middle - 6, max(1.5, abs(end - zero)), 12)
            sheet.bars.append((bar, _color(look, value, high)))
        sheet.zero += [(round(zero) + 0.5, middle - 8), (round(zero) + 0.5, middle + 8)]
        sheet.right(number(value), slot.right() - text_width + 8, middle, mono)


def _add_columns(
    sheet: _Sheet, values: list[float], place: QRectF, low: float, high: float, chosen: int | None = None
) -> None:
    look = theme()
    scale = place.height() / (high - low)
    zero = place.bottom() + low * scale
    wide = place.width() / len(values)
    gap = min(2.0, wide * 0.2)
    for index, value in enumerate(values):
        slot = QRectF(place.left() + index * wide + gap / 2, place.top(), wide - gap, place.height())
        if not math.isfinite(value):
            sheet.bars.append((slot, QColor(look.hairline)))
            continue
        slot.setTop(zero - max(0.0, value) * scale)
        slot.setHeight(max(1.0, abs(value) * scale))
        color = _color(look, value, high)
        if chosen is not None and index != chosen:
            color.setAlphaF(0.5)
        sheet.bars.append((slot, color))
    sheet.zero += [(place.left(), round(zero) + 0.5), (place.right(), round(zero) + 0.5)]


def _add_ticks(sheet: _Sheet, place: QRectF, first: str, last: str) -> None:
    font = interface_font(LABELS)
    middle = place.bottom() + 4 + QFontMetricsF(font).height() / 2
    room = QRectF(LEFT + place.left(), middle - 9, 120, 18)
    sheet.marks.append(Mark(first, room, theme().muted, font))
    room = QRectF(LEFT + place.right() - 120, middle - 9, 120, 18)
    sheet.marks.append(Mark(last, room, theme().muted, font, right=True))


def _color(look: Theme, value: float, limit: float) -> QColor:
    # Never fainter than this: a small bar on the background has to be seen too.
    share = 0.45 + 0.55 * min(1.0, abs(value) / limit)
    return mixed(look.window, look.positive if value >= 0 else look.negative, share)
