"""Draws the still part of a scope: strips, heat maps, lines, axis, colour bars. The cursor is not here.

It is drawn once per trace, zoom, size or theme, and kept as an image: a moving cursor costs one copy of it.
Imported when the first trace arrives, because it needs NumPy.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen, QPolygonF

from rnn_designer.ui.colors import diverging_rows, sequential_rows
from rnn_designer.ui.scopes import picture as pictures
from rnn_designer.ui.scopes.frame import LEFT, Frame
from rnn_designer.ui.scopes.picture import Array, Band, Picture
from rnn_designer.ui.theme import Theme, code_font, interface_font

_LABELS = 8.5
_MANY_FEATURES = 8


def number(value: float) -> str:
    """A value as plots write it: three significant digits and a real minus sign."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    text = f"{value:.3g}" if abs(value) >= 0.0005 or value == 0 else f"{value:.1e}"
    return ("0" if text in ("-0", "-0.0") else text).replace("-", "−")


class Drawing:
    """Draws one picture into a painter, in the colours of a theme."""

    def __init__(
        self,
        painter: QPainter,
        look: Theme,
        picture: Picture,
        frame: Frame,
        units: Mapping[int, QColor],
        ratio: float,
    ) -> None:
        self._painter = painter
        self._look = look
        self._picture = picture
        self._frame = frame
        self._units = units
        self._ratio = ratio
        self._background = QColor(look.window)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def draw(self) -> None:
        """All of it."""
        if self._frame.series is not None and self._picture.series is not None:
            self._draw_series(self._frame.series)
        many = len(self._picture.bands) > 1
        for band, rect in zip(self._picture.bands, self._frame.bands, strict=False):
            self._draw_heat_map(band, rect, many)
        if self._frame.lines is not None:
            self._draw_lines(self._frame.lines)
        self._draw_mask()
        for band, rect in zip(self._picture.bands, self._frame.bands, strict=False):
            if band.nan_since is not None:
                self._badge(band, rect)
        self._draw_axis()

    def _draw_series(self, rect: QRectF) -> None:
        series = self._picture.series
        assert series is not None
        self._gutter("input", rect)
        values = series.values
        features = values.shape[1]
        finite = values[np.isfinite(values)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
        if high - low < 1e-12:
            low, high = low - 0.5, high + 0.5
        stretch = self._picture.steps / max(1, len(values))
        self._painter.save()
        self._painter.setClipRect(rect)
        for feature in range(min(features, _MANY_FEATURES)):
            color = QColor(
                self._look.green if feature == 0 else self._look.series[feature % len(self._look.series)]
            )
            self._curve(values[:, feature], stretch, rect.adjusted(0, 2, 0, -2), low, high, color)
        self._painter.restore()
        self._limits(rect, low, high)
        if features > _MANY_FEATURES:
            self._gutter(f"{_MANY_FEATURES} of {features}", rect.adjusted(0, 14, 0, 14))

    def _draw_heat_map(self, band: Band, rect: QRectF, many: bool) -> None:
        look, picture, window = self._look, self._picture, self._frame.window
        wide, high = max(1, round(rect.width() * self._ratio)), max(1, round(rect.height() * self._ratio))
        stretch = band.steps / max(1, picture.steps)
        columns = pictures.edges(
            (window.first + 0.5) * stretch, (window.last + 0.5) * stretch, wide, band.steps
        )
        rows = pictures.edges(0, band.units, high, band.units)
        table = (diverging_rows if band.signed else sequential_rows)(look, look.window)
        pixels = pictures.raster(
            band,
            picture.order,
            columns,
            rows,
            pictures.color_table(table),
            self._background.rgb(),
            (QColor(look.faint).rgb(), QColor(look.hairline).rgb()),
        )
        image = QImage(pixels.data, wide, high, 4 * wide, QImage.Format.Format_RGB32)
        self._painter.drawImage(rect, image)
        self._colour_bar(band, rect, table)
        if many:
            self._gutter(band.shown.symbol, rect, code_font(9.5), self._look.text)
        else:
            self._row_labels(band, rect)
            self._row_marks(band, rect)

    def _row_labels(self, band: Band, rect: QRectF) -> None:
        word = self._picture.word
        order = self._picture.order
        if band.units == 1 or rect.height() < 30:
            text = f"{word} 0" if band.units == 1 else f"{band.units} {word}s"
            self._gutter(text, rect)
            return
        self._gutter(f"{word} {order[0]}", QRectF(rect.left(), rect.top() - 1, rect.width(), 15))
        self._gutter(str(order[-1]), QRectF(rect.left(), rect.bottom() - 14, rect.width(), 15))

    def _row_marks(self, band: Band, rect: QRectF) -> None:
        row = rect.height() / band.units
        place = {int(unit): index for index, unit in enumerate(self._picture.order)}
        self._painter.setPen(Qt.PenStyle.NoPen)
        for unit, color in self._units.items():
            if unit not in place:
                continue
            tall = max(5.0, min(row, 10.0))
            middle = rect.top() + (place[unit] + 0.5) * row
            self._painter.setBrush(color)
            self._painter.drawRoundedRect(QRectF(rect.left() - 7, middle - tall / 2, 5, tall), 2, 2)

    def _colour_bar(self, band: Band, rect: QRectF, table: tuple[tuple[int, int, int], ...]) -> None:
        bar = QRectF(rect.right() + 8, rect.top(), 7, rect.height())
        strip = np.asarray(table[::-1], dtype=np.uint8)
        alpha = np.full((len(table), 1), 255, dtype=np.uint8)
        pixels = np.ascontiguousarray(np.concatenate([strip, alpha], axis=1))
        image = QImage(pixels.data, 1, len(table), 4, QImage.Format.Format_RGBA8888)
        self._painter.drawImage(bar, image)
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.setPen(QPen(QColor(self._look.hairline), 1))
        self._painter.drawRect(bar)
        if rect.height() >= 28:
            self._limits(rect, band.low, band.high, zero=band.signed and rect.height() >= 64)
        else:
            text = f"±{number(band.high)}" if band.signed else f"0–{number(band.high)}"
            self._beside(text, rect)

    def _limits(self, rect: QRectF, low: float, high: float, *, zero: bool = False) -> None:
        if rect.height() < 24:
            return
        self._beside(number(high), QRectF(rect.left(), rect.top() - 2, rect.width(), 14))
        self._beside(number(low), QRectF(rect.left(), rect.bottom() - 12, rect.width(), 14))
        if zero:
            self._beside("0", rect)

    def _draw_lines(self, rect: QRectF) -> None:
        band = self._picture.main
        if band.low < 0 < band.high:
            level = rect.bottom() - (0 - band.low) / (band.high - band.low) * rect.height()
            self._painter.setPen(QPen(QColor(self._look.hairline), 1))
            self._painter.drawLine(
                QPointF(rect.left(), round(level) + 0.5), QPointF(rect.right(), round(level) + 0.5)
            )
        self._limits(rect, band.low, band.high)
        stretch = self._picture.steps / max(1, band.steps)
        self._painter.save()
        self._painter.setClipRect(rect.adjusted(0, -1, 0, 1))
        for unit, color in self._units.items():
            if unit < band.units:
                self._curve(band.values[:, unit], stretch, rect, band.low, band.high, color)
        self._painter.restore()
        names = [(unit, color) for unit, color in self._units.items() if unit < band.units]
        each = 14.0
        if len(names) * each <= rect.height() + 6:
            top = rect.center().y() - len(names) * each / 2
            for index, (unit, color) in enumerate(names):
                self._gutter(
                    f"{self._picture.word} {unit}",
                    QRectF(rect.left(), top + index * each, rect.width(), each),
                    color=color.name(),
                )
        elif names:
            self._gutter("u " + ", ".join(str(unit) for unit, _ in names), rect)

    def _curve(
        self, values: Array, stretch: float, rect: QRectF, low: float, high: float, color: QColor
    ) -> None:
        window = self._frame.window
        points = pictures.line_points(
            values,
            (window.first + 0.5) / stretch - 0.5,
            (window.last + 0.5) / stretch - 0.5,
            int(rect.width()) or 1,
        )
        scale = rect.height() / (high - low)
        # Wider than a pixel looks better, but takes Qt's slow path when there are many points.
        self._painter.setPen(QPen(color, 1.4 if len(points) < 600 else 1.0))
        start, each = self._frame.x(0.5 * stretch - 0.5), self._frame.scale * stretch
        bottom = rect.bottom() + low * scale
        polygon = QPolygonF()
        for step, value in points:
            if not math.isfinite(value):
                self._painter.drawPolyline(polygon)
                polygon = QPolygonF()
                continue
            polygon.append(QPointF(start + step * each, bottom - value * scale))
        if polygon.size() == 1:
            self._painter.drawEllipse(polygon.first(), 1.5, 1.5)
        self._painter.drawPolyline(polygon)

    def _draw_mask(self) -> None:
        masked = self._picture.masked
        if masked is None:
            return
        stretch = self._picture.steps / max(1, len(masked))
        borders = np.flatnonzero(np.diff(np.concatenate([[False], masked, [False]]).astype(np.int8)))
        rect = self._frame.plot
        shade = QColor(self._look.hairline)
        shade.setAlphaF(0.86)
        for first, last in borders.reshape(-1, 2):
            left = max(rect.left(), self._frame.x(first * stretch - 0.5))
            right = min(rect.right(), self._frame.x(last * stretch - 0.5))
            if right <= left:
                continue
            gray = QRectF(left, rect.top(), right - left, rect.height())
            self._painter.fillRect(gray, shade)
            if gray.width() > 56:
                self._painter.setFont(interface_font(_LABELS))
                self._painter.setPen(QColor(self._look.muted))
                self._painter.drawText(gray, Qt.AlignmentFlag.AlignCenter, "masked")

    def _draw_axis(self) -> None:
        axis = self._frame.axis
        font = interface_font(_LABELS)
        metrics = QFontMetricsF(font)
        self._painter.setFont(font)
        ticks = list(self._frame.ticks())
        for index, step in enumerate(ticks):
            text = f"step {step}" if index == 0 else str(step)
            x = self._frame.x(step)
            wide = metrics.horizontalAdvance(text)
            left = max(axis.left(), min(x - wide / 2, axis.right() - wide))
            if index == 0:
                left = axis.left()
            self._painter.setPen(QPen(QColor(self._look.hairline), 1))
            place = math.floor(x) + 0.5
            if axis.left() <= place <= axis.right():
                self._painter.drawLine(QPointF(place, axis.top() - 1), QPointF(place, axis.top() + 2))
            self._painter.setPen(QColor(self._look.muted))
            self._painter.drawText(QPointF(left, axis.top() + 3 + metrics.ascent()), text)

    def _badge(self, band: Band, rect: QRectF) -> None:
        since = band.nan_since
        assert since is not None
        word = "NaN" if np.isnan(band.values[since]).any() else "Infinite"
        step = math.floor(since * self._picture.steps / max(1, band.steps))
        text = f"{word} since step {step}"
        font = interface_font(_LABELS, bold=True)
        metrics = QFontMetricsF(font)
        wide, tall = metrics.horizontalAdvance(text) + 16, metrics.height() + 6
        left = max(rect.left() + 4, min(self._frame.x(step) + 4, rect.right() - wide - 4))
        top = rect.top() + max(0.0, min(5.0, (rect.height() - tall) / 2))
        pill = QRectF(left, top, wide, tall)
        self._painter.setPen(QPen(QColor(self._look.warning), 1))
        self._painter.setBrush(QColor(self._look.panel))
        self._painter.drawRoundedRect(pill, tall / 2, tall / 2)
        self._painter.setFont(font)
        self._painter.setPen(QColor(self._look.warning))
        self._painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)

    def _gutter(self, text: str, rect: QRectF, font: QFont | None = None, color: str | None = None) -> None:
        font = font or interface_font(_LABELS)
        self._painter.setFont(font)
        self._painter.setPen(QColor(color or self._look.muted))
        metrics = QFontMetricsF(font)
        room = LEFT - 14
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room + 4)
        self._painter.drawText(
            QRectF(2, rect.center().y() - 9, LEFT - 11, 18),
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine,
            text,
        )

    def _beside(self, text: str, rect: QRectF) -> None:
        self._painter.setFont(interface_font(_LABELS - 0.5))
        self._painter.setPen(QColor(self._look.muted))
        self._painter.drawText(
            QRectF(rect.right() + 20, rect.center().y() - 8, 42, 16),
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine,
            text,
        )
