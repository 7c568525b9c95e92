"""Pictures along time and of how often: target and forecast, residuals, their histogram and autocorrelation."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from rnn_designer.sequences.forecasts import autocorrelation, histogram
from rnn_designer.ui.numbers import number
from rnn_designer.ui.theme import interface_font, theme
from rnn_designer.ui.training.evaluation.plot import Plot, rounded
from rnn_designer.ui.training.scales import Span, thinned

if TYPE_CHECKING:
    from rnn_designer.messages import Array


@dataclass(frozen=True)
class Trail:
    """One line along time.

    Attributes:
        name: what it is called.
        values: ``(moments,)``; a gap (NaN) breaks it.
        token: the theme's name of its colour.
        dashed: whether it is dashed, as what is only there for comparison.
    """

    name: str
    values: Array
    token: str
    dashed: bool = False


class TimePlot(Plot):
    """Lines along the moments of the held-out part; of the moment under the mouse it tells every value."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._trails: tuple[Trail, ...] = ()
        self._level: float | None = None

    def show_trails(self, trails: Sequence[Trail], level: float | None = None) -> None:
        """Draw other lines.

        Args:
            trails: the lines, the most important one last, for it lies on top.
            level: a value at which a line runs across, such as 0 for residuals.
        """
        self._trails, self._level = tuple(trails), level
        count = max((len(each.values) for each in trails), default=1)
        self.span = _spanning([each.values for each in trails], level)
        self.show_extent(0.0, float(max(1, count - 1)))
        shown = ", ".join(each.name for each in trails)
        self.setAccessibleDescription(f"{shown} over {count} moments")

    @property
    def trails(self) -> tuple[Trail, ...]:
        """What is drawn."""
        return self._trails

    def numbers(self) -> Mapping[str, Array]:
        """Every line as a column."""
        return {each.name: each.values for each in self._trails}

    def paint(self, painter: QPainter, area: QRectF) -> None:
        look = theme()
        if self._level is not None:
            painter.setPen(QPen(look.color("faint"), 1))
            y = self.y_of(self._level)
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        for trail in self._trails:
            pen = QPen(look.color(trail.token), 1.2 if trail.dashed else 1.7)
            pen.setStyle(Qt.PenStyle.DashLine if trail.dashed else Qt.PenStyle.SolidLine)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for points in self._pieces(trail.values, area):
                painter.drawPolyline(points)
        at = None if self.mouse is None else self._count_at(self.mouse)
        if at is not None:
            painter.setPen(QPen(look.color("faint"), 1))
            painter.drawLine(QPointF(self.x_of(at), area.top()), QPointF(self.x_of(at), area.bottom()))

    def _pieces(self, values: Array, area: QRectF) -> list[QPolygonF]:
        """What can be seen of a line, at no more points than pixels need, broken where there are gaps."""
        first = max(0, math.floor(self.first))
        last = min(len(values), math.ceil(self.last) + 1)
        x = np.arange(first, last, dtype=np.float64) - self.first
        x, y = thinned(x, values[first:last], max(1e-9, self.last - self.first), max(8, int(area.width())))
        across = area.left() + x / max(1e-9, self.last - self.first) * area.width()
        up = area.bottom() - self.span.shares(y) * area.height()
        pieces: list[QPolygonF] = []
        points: list[QPointF] = []
        for right, high in zip(across.tolist(), up.tolist(), strict=True):
            if math.isnan(high):
                pieces, points = [*pieces, QPolygonF(points)], []
            else:
                points.append(QPointF(right, high))
        pieces.append(QPolygonF(points))
        for piece in pieces:
            if piece.count() == 1:
                piece.append(piece.at(0) + QPointF(1.0, 0.0))  # A single moment is seen, too.
        return [piece for piece in pieces if piece.count()]

    def paint_beside(self, painter: QPainter, area: QRectF) -> None:
        """The names of the lines, right of the title."""
        if len(self._trails) < 2:
            return
        look = theme()
        painter.setFont(interface_font(8.5))
        metrics = painter.fontMetrics()
        x = area.right()
        for trail in self._trails:
            room = metrics.horizontalAdvance(trail.name) + 4
            x -= room + 30
            pen = QPen(look.color(trail.token), 2)
            pen.setStyle(Qt.PenStyle.DashLine if trail.dashed else Qt.PenStyle.SolidLine)
            painter.setPen(pen)
            painter.drawLine(QPointF(x, area.top() - 10), QPointF(x + 16, area.top() - 10))
            painter.setPen(look.color("text"))
            place = QRectF(x + 20, area.top() - 19, room, 17)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), trail.name)

    def _count_at(self, place: QPointF) -> int | None:
        if not self.area.contains(place) or not self._trails:
            return None
        return rounded(self.moment_at(place.x()), len(self._trails[0].values))

    def words_at(self, place: QPointF) -> str:
        """Every line's value at the moment there."""
        at = self._count_at(place)
        if at is None:
            return ""
        told = [f"{each.name} {number(float(each.values[at]))}" for each in reversed(self._trails)]
        return f"moment {at} · " + " · ".join(told)


class BarPlot(Plot):
    """Bars side by side over a scale of values; for a histogram and for an autocorrelation."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._edges: Array = np.zeros(2)
        self._heights: Array = np.zeros(1)
        self._words: tuple[str, ...] = ()
        self._level: float | None = None
        self._reaching: tuple[int, ...] = ()

    @property
    def zooms(self) -> bool:
        """There is little to see; all of it fits."""
        return False

    @property
    def heights(self) -> Array:
        """How high the bars are, ``(bars,)``."""
        return self._heights

    @property
    def beyond_chance(self) -> tuple[int, ...]:
        """The lags at which residuals resemble themselves more than chance would."""
        return self._reaching

    def show_histogram(self, values: Array) -> None:
        """Draw how often values fall where."""
        counts, edges = histogram(values)
        self._edges, self._heights, self._level, self._reaching = edges, counts.astype(float), None, ()
        self._words = tuple(
            f"{int(count):,} from {number(low)} to {number(high)}"
            for count, low, high in zip(counts, edges[:-1], edges[1:], strict=True)
        )
        self.span = Span(0.0, float(max(1.0, counts.max())) * 1.06)
        self.show_extent(float(edges[0]), float(edges[-1]))

    def show_autocorrelation(self, values: Array) -> None:
        """Draw how alike residuals are to themselves some moments later; those beyond chance stand out."""
        likeness = autocorrelation(values)
        lags = np.arange(len(likeness))
        count = max(1, int(np.isfinite(values).sum()))
        self._level = 1.96 / math.sqrt(count)
        self._edges = np.append(lags - 0.35, lags[-1] + 0.65)
        self._heights = likeness
        self._reaching = tuple(int(lag) for lag in lags[1:] if abs(likeness[lag]) > self._level)
        self._words = tuple(
            f"{lag} moments later: {number(float(each))}"
            + (" (beyond chance)" if lag in self._reaching else "")
            for lag, each in zip(lags, likeness, strict=True)
        )
        self.span = Span(min(-0.25, float(likeness.min()) - 0.05), 1.06)
        self.show_extent(-0.5, float(lags[-1]) + 0.5)

    def numbers(self) -> Mapping[str, Array]:
        """Edges and heights of the bars."""
        return {f"{self.title}: from": self._edges[:-1], self.title: self._heights}

    def paint(self, painter: QPainter, area: QRectF) -> None:
        look = theme()
        if self._level is not None:
            top, bottom = self.y_of(self._level), self.y_of(-self._level)
            painter.fillRect(QRectF(area.left(), top, area.width(), bottom - top), look.color("accent", 0.10))
        zero = self.y_of(0.0)
        painter.setPen(Qt.PenStyle.NoPen)
        for place, height in enumerate(self._heights.tolist()):
            left = self.x_of(float(self._edges[place]))
            right = self.x_of(float(self._edges[place + 1]))
            if self._level is not None:
                right = left + (right - left) * 0.7
            color: QColor = look.color("warning" if place in self._reaching else "blue")
            top = self.y_of(height)
            box = QRectF(left + 0.5, min(top, zero), max(1.0, right - left - 1), abs(zero - top))
            painter.fillRect(box, color)
        painter.setPen(QPen(look.color("faint"), 1))
        painter.drawLine(QPointF(area.left(), zero), QPointF(area.right(), zero))
        if self._level is None and self.first < 0 < self.last:
            painter.drawLine(QPointF(self.x_of(0), area.top()), QPointF(self.x_of(0), area.bottom()))

    def words_at(self, place: QPointF) -> str:
        """What a bar stands for."""
        if not self.area.contains(place):
            return ""
        bar = int(np.searchsorted(self._edges, self.moment_at(place.x()), side="right")) - 1
        return self._words[bar] if 0 <= bar < len(self._words) else ""


def _spanning(values: Sequence[Array], level: float | None) -> Span:
    found = [np.asarray(each, np.float64)[np.isfinite(each)] for each in values]
    every = np.concatenate([each for each in found if each.size] or [np.zeros(1)])
    if level is not None:
        every = np.append(every, level)
    low, high = float(every.min()), float(every.max())
    room = (high - low) * 0.06 or abs(high) * 0.1 or 0.5
    return Span(low - room, high + room)
