"""How numbers are spread: counted in bins, and drawn as outlines over each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from rnn_designer.ui.numbers import number
from rnn_designer.ui.theme import code_font, interface_font, keeper, theme
from rnn_designer.ui.training.page import line_color

if TYPE_CHECKING:
    from rnn_designer.messages import Array

_MARGIN, _TOP, _AXIS = 30.0, 6.0, 16.0


@dataclass(frozen=True, eq=False)
class Spread:
    """How the numbers of one weight are spread in one epoch.

    Attributes:
        edges: ``(bins + 1,)``.
        shares: ``(bins,)`` of all numbers, which of them lie between two edges.
        quantiles: 5 %, half and 95 % of the numbers lie below these; NaN without numbers.
    """

    edges: Array
    shares: Array
    quantiles: tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Looked:
    """The numbers of a weight in one epoch, as far as they are looked at: of a very large one, a part.

    Attributes:
        values: ``(numbers,)`` in the order of the weight.
        ordered: the finite ones, ascending.
    """

    values: Array
    ordered: Array

    @classmethod
    def at(cls, values: Array, most: int = 50_000) -> Looked:
        """Look at the numbers of a weight, or at evenly spaced ones of very many."""
        flat = np.asarray(values, np.float32).ravel()
        flat = flat[:: max(1, -(-flat.size // most))].copy()
        return cls(flat, np.sort(flat[np.isfinite(flat)]))


def bins_for(looked: Sequence[Looked], count: int) -> Array:
    """Edges of bins in which all of these numbers lie, ``(count + 1,)``."""
    ends = [(float(each.ordered[0]), float(each.ordered[-1])) for each in looked if each.ordered.size]
    low, high = min((low for low, _ in ends), default=-1.0), max((high for _, high in ends), default=1.0)
    if low == high:
        low, high = low - 0.5, high + 0.5
    return np.linspace(low, high, count + 1)


def spread_of(looked: Looked, edges: Array) -> Spread:
    """Count numbers in bins; they are in order already, so that this takes no time."""
    ordered = looked.ordered
    if not ordered.size:
        return Spread(edges, np.full(len(edges) - 1, np.nan), (np.nan, np.nan, np.nan))
    places = np.searchsorted(ordered, edges)
    places[0], places[-1] = 0, ordered.size
    low, middle, high = (float(ordered[round(share * (ordered.size - 1))]) for share in (0.05, 0.5, 0.95))
    return Spread(edges, np.diff(places) / looked.values.size, (low, middle, high))


class Histogram(QWidget):
    """Outlines of spreads over each other, the last one filled."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._spreads: tuple[tuple[str, Spread], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Spread of the weight in two epochs")
        keeper().changed.connect(self.update)

    @property
    def names(self) -> tuple[str, ...]:
        """What is drawn."""
        return tuple(name for name, _ in self._spreads)

    def show_spreads(self, spreads: Sequence[tuple[str, Spread]]) -> None:
        """Draw spreads with the same bins, each under a name."""
        self._spreads = tuple(spreads)
        told = [f"{name}: half of the numbers below {number(each.quantiles[1])}" for name, each in spreads]
        self.setAccessibleDescription("; ".join(told))
        self.update()

    def sizeHint(self) -> QSize:
        """A strip."""
        return QSize(320, 90)

    def minimumSizeHint(self) -> QSize:
        """Enough to see two bells."""
        return QSize(160, 48)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The outlines, their names, and the values at both ends."""
        if not self._spreads:
            return
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(_MARGIN, _TOP, -12, -_AXIS)
        painter.fillRect(area, look.color("field"))
        edges = self._spreads[0][1].edges
        top = max(float(np.nan_to_num(each.shares).max()) for _, each in self._spreads)
        for place, (_name, each) in enumerate(self._spreads):
            last = place == len(self._spreads) - 1
            color = line_color(0 if last else 1)
            points = self._outline(area, each, top or 1.0)
            if last:
                fill = line_color(0)
                fill.setAlphaF(0.16)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(fill)
                painter.drawPolygon(points)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(color, 1.5))
            painter.drawPolyline(points)
        painter.setFont(code_font(8.5))
        for place, name in enumerate(self.names):
            painter.setPen(line_color(0 if place == len(self.names) - 1 else 1))
            at = QRectF(area.left(), area.top() + 2 + 13 * place, area.width() - 6, 13)
            painter.drawText(at, int(Qt.AlignmentFlag.AlignRight), name)
        painter.setFont(interface_font(8.5))
        painter.setPen(look.color("muted"))
        low, high = float(edges[0]), float(edges[-1])
        for value in dict.fromkeys((low, 0.0, high)):
            if low <= value <= high:
                x = area.left() + (value - low) / (high - low) * area.width()
                at = QRectF(x - 40, area.bottom() + 1, 80, _AXIS - 2)
                at.moveRight(min(at.right(), self.width() + 20))
                painter.drawText(at, int(Qt.AlignmentFlag.AlignHCenter), number(value))
        painter.end()

    @staticmethod
    def _outline(area: QRectF, spread: Spread, top: float) -> QPolygonF:
        wide = area.width() / len(spread.shares)
        points = [QPointF(area.left(), area.bottom())]
        for place, share in enumerate(np.nan_to_num(spread.shares).tolist()):
            y = area.bottom() - share / top * (area.height() - 4)
            points += [QPointF(area.left() + place * wide, y), QPointF(area.left() + (place + 1) * wide, y)]
        points.append(QPointF(area.right(), area.bottom()))
        return QPolygonF(points)
