"""The weights that come into one unit as bars: a row per gate, beside each other input, recurrence and bias."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from rnn_designer.ui.numbers import number
from rnn_designer.ui.theme import interface_font, keeper, theme

if TYPE_CHECKING:
    from rnn_designer.messages import Array

_LEFT, _TOP, _BOTTOM, _GAP = 24.0, 18.0, 15.0, 10.0
_LEAST = 26.0


@dataclass(frozen=True)
class Column:
    """Bars of one kind of weight, for every gate.

    Attributes:
        title: what is written above: "from the input · W".
        word: what each bar comes from: "input", "unit"; empty for a bias.
        values: ``(gates, bars)``, how long the bars are.
        weights: ``(gates, bars)``, the weights themselves.
        given: ``(bars,)`` or ``(gates, bars)``, what they are multiplied by at the cursor; None while not known.
    """

    title: str
    word: str
    values: Array
    weights: Array
    given: Array | None = None


class WeightBars(QWidget):
    """Bars around zero on one common scale; the mouse says the numbers, a click on a unit's bar chooses it.

    Signals:
        unit_pressed(unit): the bar of another unit was clicked.
    """

    unit_pressed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns: tuple[Column, ...] = ()
        self._gates: tuple[str, ...] = ()
        self._limit = 1.0
        self.setMouseTracking(True)
        self.setAccessibleName("Weights that come into the unit")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        keeper().changed.connect(self.update)

    @property
    def columns(self) -> tuple[Column, ...]:
        """What is drawn."""
        return self._columns

    def show_columns(self, gates: Sequence[str], columns: Sequence[Column]) -> None:
        """Draw other weights; ``gates`` names the rows."""
        if len(gates) != len(self._gates):
            self.updateGeometry()
        same = self._gates == tuple(gates) and len(columns) == len(self._columns)
        same = same and all(
            np.array_equal(each.values, before.values, equal_nan=True)
            for each, before in zip(columns, self._columns, strict=True)
        )
        self._gates, self._columns = tuple(gates), tuple(columns)
        sizes = [np.abs(each.values[np.isfinite(each.values)]).max(initial=0.0) for each in columns]
        self._limit = float(max(sizes, default=0.0)) or 1.0
        words = [f"{each.title}: {each.weights.shape[-1]}" for each in columns]
        self.setAccessibleDescription(f"Rows {', '.join(self._gates)}; {'; '.join(words)}.")
        if not same:  # While only the cursor moves, weights stay as they are.
            self.update()

    def sizeHint(self) -> QSize:
        """A comfortable size."""
        return QSize(380, 30 + 24 * max(1, len(self._gates)))

    def minimumSizeHint(self) -> QSize:
        """Enough to see a sign."""
        return QSize(200, 33 + 15 * max(1, len(self._gates)))

    def _places(self) -> list[QRectF]:
        """The rectangle of each column; wide in the measure of how many bars there are."""
        room = self.width() - _LEFT - 10 - _GAP * max(0, len(self._columns) - 1)
        shares = [math.sqrt(each.values.shape[-1] + 1) for each in self._columns]
        found, left = [], _LEFT
        total = sum(shares) or 1.0
        spare = max(0.0, room - _LEAST * len(shares))
        for share in shares:
            wide = _LEAST + spare * share / total
            found.append(QRectF(left, _TOP, wide, max(8.0, self.height() - _TOP - _BOTTOM)))
            left += wide + _GAP
        return found

    def paintEvent(self, event: QPaintEvent) -> None:
        """Titles above, a row of bars for each gate, the ends of the count below."""
        look = theme()
        painter = QPainter(self)
        places = self._places()
        for area, column in zip(places, self._columns, strict=True):
            painter.setFont(interface_font(8.5))
            painter.setPen(look.color("muted"))
            title = painter.fontMetrics().elidedText(
                column.title, Qt.TextElideMode.ElideRight, round(area.width() + _GAP - 2)
            )
            painter.drawText(QRectF(area.left(), 2, area.width() + _GAP, 14), 0, title)
            high = area.height() / max(1, len(self._gates))
            for row in range(len(self._gates)):
                self._paint_bars(
                    painter, QRectF(area.left(), area.top() + row * high, area.width(), high), column, row
                )
            last = column.values.shape[-1] - 1
            below = QRectF(area.left(), area.bottom() + 1, area.width(), _BOTTOM - 2)
            painter.setFont(interface_font(8))
            painter.setPen(look.color("muted"))
            if column.word and last >= 0:
                painter.drawText(below, int(Qt.AlignmentFlag.AlignLeft), "0")
                if last > 0 and area.width() > 40:
                    painter.drawText(below, int(Qt.AlignmentFlag.AlignRight), str(last))
        if places:
            # The length of every bar is in this measure.
            area = max(places, key=QRectF.width)
            below = QRectF(area.left(), area.bottom() + 1, area.width(), _BOTTOM - 2)
            words = f"full height ±{self._limit:.2g}" if area.width() > 160 else f"±{self._limit:.2g}"
            painter.setFont(interface_font(8))
            painter.setPen(look.color("muted"))
            painter.drawText(below, int(Qt.AlignmentFlag.AlignHCenter), words)
        painter.setFont(interface_font(9, bold=True))
        painter.setPen(look.color("text"))
        high = max(8.0, self.height() - _TOP - _BOTTOM) / max(1, len(self._gates))
        for row, gate in enumerate(self._gates):
            at = QRectF(0, _TOP + row * high, _LEFT - 6, high)
            painter.drawText(at, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), gate)
        painter.end()

    def _paint_bars(self, painter: QPainter, area: QRectF, column: Column, row: int) -> None:
        look, values = theme(), column.values[row]
        area = area.adjusted(0, 1.5, 0, -1.5)
        painter.fillRect(area, look.color("field"))
        middle = area.center().y()
        painter.setPen(QPen(look.color("hairline"), 1))
        painter.drawLine(QPointF(area.left(), middle), QPointF(area.right(), middle))
        painter.setPen(Qt.PenStyle.NoPen)
        lows, highs = _extremes(values, max(1, int(area.width() // 2)))
        wide = area.width() / max(1, len(highs))
        gap = 1.0 if wide > 4 else 0.0
        half = area.height() / 2
        for place, (low, high) in enumerate(zip(lows, highs, strict=True)):
            left = area.left() + place * wide
            for value, token in ((low, "negative"), (high, "positive")):
                if value:
                    long = min(1.0, abs(value) / self._limit) * half
                    top = middle - long if value > 0 else middle
                    painter.setBrush(look.color(token))
                    painter.drawRect(QRectF(left, top, max(1.0, min(wide - gap, 26.0)), max(0.6, long)))

    def _at(self, at: QPointF) -> tuple[Column, int, int] | None:
        for area, column in zip(self._places(), self._columns, strict=True):
            if area.contains(at) and column.values.size:
                row = int((at.y() - area.top()) / area.height() * len(self._gates))
                bar = int((at.x() - area.left()) / area.width() * column.values.shape[-1])
                return column, min(row, len(self._gates) - 1), min(bar, column.values.shape[-1] - 1)
        return None

    def reading(self, at: QPointF) -> str:
        """What is under a point: "f · input 3 · W = 0.42 · x = 0.5 gives 0.21"; empty where nothing is."""
        found = self._at(at)
        if found is None:
            return ""
        column, row, bar = found
        weight = float(column.weights[row, bar])
        name = f"{column.word} {bar}" if column.word else column.title
        words = f"{self._gates[row]} · {name} · weight {number(weight)}"
        if column.given is not None and column.word:
            given = column.given if column.given.ndim == 1 else column.given[row]
            words += f" × {number(float(given[bar]))} = {number(weight * float(given[bar]))}"
        return words

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say the number under the mouse."""
        # Without words this hides the tip.
        QToolTip.showText(event.globalPosition().toPoint(), self.reading(event.position()), self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the unit whose bar was clicked."""
        found = self._at(event.position())
        if found is not None and found[0].word == "unit" and event.button() == Qt.MouseButton.LeftButton:
            self.unit_pressed.emit(found[2])


def _extremes(values: Array, most: int) -> tuple[list[float], list[float]]:
    """The least (at most 0) and the greatest (at least 0) of what falls into each of at most so many bars."""
    values = np.nan_to_num(np.asarray(values, dtype=np.float64))
    if len(values) > most:
        edges = np.linspace(0, len(values), most + 1).astype(int)[:-1]
        low, high = np.minimum.reduceat(values, edges), np.maximum.reduceat(values, edges)
    else:
        low = high = values
    return np.minimum(low, 0).tolist(), np.maximum(high, 0).tolist()
