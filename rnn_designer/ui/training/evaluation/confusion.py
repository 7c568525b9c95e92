"""The confusion matrix: what was there against what the network said, each row coloured by its shares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from rnn_designer.ui.colors import sequential_rows
from rnn_designer.ui.theme import interface_font, keeper, theme

if TYPE_CHECKING:
    from rnn_designer.messages import Array

_TOP, _BOTTOM = 40.0, 10.0
_LEAST_FOR_NUMBERS = 24.0
_CENTER = int(Qt.AlignmentFlag.AlignCenter)


class ConfusionPlot(QWidget):
    """Rows are the classes that were there, columns those that were said; the arrow keys go from field to field."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._counts: Array = np.zeros((0, 0), int)
        self._names: tuple[str, ...] = ()
        self._at: tuple[int, int] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Confusion matrix")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        keeper().changed.connect(self.update)

    def show_counts(self, counts: Array, names: tuple[str, ...]) -> None:
        """Draw other counts ``(actual, decided)`` with the names of their rows and columns."""
        self._counts, self._names, self._at = counts, names, None
        self.update()

    @property
    def counts(self) -> Array:
        """What is drawn, ``(actual, decided)``."""
        return self._counts

    def numbers(self) -> Mapping[str, Array]:
        """The counts, a row for each class that was there."""
        return {"confusion (rows: was there, columns: was said)": self._counts}

    def words_at(self, row: int, column: int) -> str:
        """One field in words."""
        count, whole = int(self._counts[row, column]), int(self._counts[row].sum())
        share = f" ({100 * count / whole:.3g} % of them)" if whole else ""
        return f"{self._names[row]}, taken for {self._names[column]}: {count:,} of {whole:,}{share}"

    def _field(self) -> tuple[QRectF, float]:
        """Where the matrix is, and how large each of its fields."""
        count = max(1, len(self._names))
        left = 24.0 + max(30.0, min(self._widest(), self.width() * 0.3))
        size = max(
            2.0, min((self.width() - left - 10) / count, (self.height() - _TOP - _BOTTOM) / count, 64.0)
        )
        return QRectF(left, _TOP, size * count, size * count), size

    def _widest(self) -> float:
        metrics = self.fontMetrics()
        return max((float(metrics.horizontalAdvance(name)) for name in self._names), default=0.0) + 8

    def paintEvent(self, event: QPaintEvent) -> None:
        """Fields, their numbers where there is room, and the names beside them."""
        painter = QPainter(self)
        look = theme()
        if not self._counts.size:
            painter.end()
            return
        area, size = self._field()
        rows = sequential_rows(look)
        whole = np.maximum(self._counts.sum(axis=1, keepdims=True), 1)
        shares = self._counts / whole
        painter.setFont(interface_font(8.5 if size >= 30 else 7.5))
        for row in range(len(self._names)):
            for column in range(len(self._names)):
                share = float(shares[row, column])
                color = QColor(*rows[min(255, round(share * 255))])
                box = QRectF(area.left() + column * size, area.top() + row * size, size, size)
                painter.fillRect(box.adjusted(0.5, 0.5, -0.5, -0.5), color)
                if size >= _LEAST_FOR_NUMBERS and self._counts[row, column]:
                    painter.setPen(_readable(color))
                    painter.drawText(box, _CENTER, _brief(int(self._counts[row, column])))
                if row == column:
                    painter.setBrush(Qt.BrushStyle.NoBrush)
                    painter.setPen(QPen(look.color("faint"), 1))
                    painter.drawRect(box.adjusted(0.5, 0.5, -1, -1))
        self._paint_names(painter, area, size)
        if self._at is not None:
            row, column = self._at
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(look.color("accent"), 2))
            painter.drawRect(QRectF(area.left() + column * size, area.top() + row * size, size, size))
        painter.end()

    def _paint_names(self, painter: QPainter, area: QRectF, size: float) -> None:
        look = theme()
        painter.setFont(interface_font(8.5, bold=True))
        painter.setPen(look.color("muted"))
        left = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(QRectF(area.left(), 2, max(120.0, area.width()), 16), left, "the network says →")
        painter.save()
        painter.translate(11, area.top() + area.height() / 2)
        painter.rotate(-90)
        painter.drawText(QRectF(-60, -9, 120, 18), _CENTER, "← was there")
        painter.restore()
        painter.setFont(interface_font(8.5))
        metrics = painter.fontMetrics()
        every = max(1, -(-14 // max(1, int(size))))
        for place, name in enumerate(self._names):
            if place % every:
                continue
            middle = area.top() + (place + 0.5) * size
            text = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, int(area.left() - 28))
            painter.drawText(QRectF(22, middle - 8, area.left() - 28, 16), right, text)
            across = max(1, -(-30 // max(1, int(size))))
            if place % across == 0:
                text = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, int(size * across - 2))
                x = area.left() + (place + 0.5) * size
                painter.drawText(QRectF(x - size * across / 2, _TOP - 19, size * across, 16), _CENTER, text)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read the field under the mouse."""
        self._go_to(self._at_place(event.position()))
        words = "" if self._at is None else self.words_at(*self._at)
        QToolTip.showText(event.globalPosition().toPoint(), words, self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from field to field."""
        steps = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }
        step = steps.get(Qt.Key(event.key()))
        if step is None or not self._names:
            super().keyPressEvent(event)
            return
        last = len(self._names) - 1
        row, column = self._at if self._at is not None else (-step[0], -step[1])
        self._go_to((min(max(row + step[0], 0), last), min(max(column + step[1], 0), last)))

    def leaveEvent(self, event: QEvent) -> None:
        """No mouse, no reading."""
        self._go_to(None)
        super().leaveEvent(event)

    def minimumSizeHint(self) -> QSize:
        """It may become small."""
        return QSize(160, 90)

    def _at_place(self, place: QPointF) -> tuple[int, int] | None:
        area, size = self._field()
        if not self._names or not area.contains(place):
            return None
        last = len(self._names) - 1
        row = min(last, int((place.y() - area.top()) / size))
        return row, min(last, int((place.x() - area.left()) / size))

    def _go_to(self, at: tuple[int, int] | None) -> None:
        if at != self._at:
            self._at = at
            self.setAccessibleDescription("" if at is None else self.words_at(*at))
            self.update()


def _readable(background: QColor) -> QColor:
    light = 0.299 * background.redF() + 0.587 * background.greenF() + 0.114 * background.blueF()
    return QColor("#101418") if light > 0.5 else QColor("#ffffff")


def _brief(count: int) -> str:
    return str(count) if count < 1000 else f"{count / 1000:.3g}k"
