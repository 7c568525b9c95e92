"""Eigenvalues of a recurrent kernel on the complex plane, gate by gate, with the unit circle."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from rnn_designer.ui.theme import interface_font, keeper, theme
from rnn_designer.ui.views.dots import paint_dots

_TITLE, _CAPTION = 16.0, 15.0
_CAPTIONS = (
    "Eigenvalues of the recurrent kernel; outside the circle a state grows",
    "Eigenvalues; outside the circle states grow",
    "Eigenvalues, unit circle",
    "Eigenvalues",
)
_CENTER = int(Qt.AlignmentFlag.AlignCenter)


class EigenvaluePlot(QWidget):
    """One plane per gate, all of one scale: inside the circle a state shrinks from step to step, outside it grows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values: Any = np.zeros((0, 0, 2))
        self._names: tuple[str, ...] = ()
        self._limit = 1.0
        self.setMouseTracking(True)
        self.setAccessibleName("Eigenvalues of the recurrent kernel")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        keeper().changed.connect(self.update)

    def show_values(self, values: Any, names: Sequence[str]) -> None:
        """Show eigenvalues.

        Args:
            values: ``(gates, units, 2)``, real and imaginary part.
            names: of the gates.
        """
        self._values, self._names = np.asarray(values, dtype=np.float64), tuple(names)
        size = np.hypot(self._values[..., 0], self._values[..., 1])
        self._limit = 1.12 * max(1.0, float(size.max(initial=0)))
        self.update()

    def sizeHint(self) -> QSize:
        """Two by two squares."""
        return QSize(240, 260)

    def minimumSizeHint(self) -> QSize:
        """Enough to tell inside from outside."""
        return QSize(130, 100)

    @property
    def limit(self) -> float:
        """The edge of each plane."""
        return self._limit

    def plane(self, gate: int) -> QRectF:
        """The square of a gate, in the arrangement that gives the largest squares."""
        count = max(1, len(self._values))
        best, columns = 0.0, 1
        for each in range(1, count + 1):
            rows = math.ceil(count / each)
            side = min(self.width() / each - 8, (self.height() - _CAPTION) / rows - _TITLE - 4)
            if side > best:
                best, columns = side, each
        wide, high = self.width() / columns, (self.height() - _CAPTION) / math.ceil(count / columns)
        left, top = (gate % columns) * wide, (gate // columns) * high
        return QRectF(left + (wide - best) / 2, top + _TITLE, best, best)

    def place(self, gate: int, unit: int) -> QPointF:
        """Where an eigenvalue is."""
        return self._at(self.plane(gate), *self._values[gate, unit])

    def _at(self, plane: QRectF, real: float, imaginary: float) -> QPointF:
        half = plane.width() / 2 / self._limit
        return plane.center() + QPointF(real * half, -imaginary * half)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Axes, unit circle, a dot for each eigenvalue; those outside in the colour of warnings."""
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for gate, values in enumerate(self._values):
            plane = self.plane(gate)
            size = np.hypot(values[:, 0], values[:, 1])
            painter.setFont(interface_font(8.5, bold=True))
            painter.setPen(look.color("text"))
            name = self._names[gate] if gate < len(self._names) else ""
            above = QRectF(plane.left() - 20, plane.top() - _TITLE, plane.width() + 40, _TITLE)
            painter.drawText(above, _CENTER, f"{name} · {size.max(initial=0):.3g}")
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(look.color("hairline"), 1))
            painter.drawLine(
                QPointF(plane.left(), plane.center().y()), QPointF(plane.right(), plane.center().y())
            )
            painter.drawLine(
                QPointF(plane.center().x(), plane.top()), QPointF(plane.center().x(), plane.bottom())
            )
            painter.setPen(QPen(look.color("faint"), 1.2))
            radius = plane.width() / 2 / self._limit
            painter.drawEllipse(plane.center(), radius, radius)
            dot = 2.6 if len(values) <= 128 else 1.6
            scale = np.array([plane.width(), -plane.height()]) / 2 / self._limit
            places = np.array([plane.center().x(), plane.center().y()]) + values * scale
            for token, those in (("accent", size <= 1), ("warning", size > 1)):
                paint_dots(painter, places[those], dot, look.color(token, 0.75))
        painter.setFont(interface_font(8.5))
        painter.setPen(look.color("muted"))
        below = QRectF(0, self.height() - _CAPTION, self.width(), _CAPTION)
        fits = (each for each in _CAPTIONS if painter.fontMetrics().horizontalAdvance(each) <= below.width())
        painter.drawText(below, _CENTER, next(fits, ""))
        painter.end()

    def words_at(self, at: QPointF) -> str:
        """The eigenvalue nearest to a place; empty where none is near."""
        for gate in range(len(self._values)):
            plane = self.plane(gate)
            if not plane.contains(at) or not len(self._values[gate]):
                continue
            half = plane.width() / 2 / self._limit
            x = plane.center().x() + self._values[gate, :, 0] * half - at.x()
            y = plane.center().y() - self._values[gate, :, 1] * half - at.y()
            nearest = int(np.argmin(np.hypot(x, y)))
            if np.hypot(x, y)[nearest] <= 8:
                real, imaginary = self._values[gate, nearest]
                sign = "−" if imaginary < 0 else "+"
                modulus = math.hypot(real, imaginary)
                return f"{self._names[gate]}: {real:.3f} {sign} {abs(imaginary):.3f}i, modulus {modulus:.3f}"
        return ""

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say the eigenvalue under the mouse."""
        # Without words this hides the tip.
        QToolTip.showText(event.globalPosition().toPoint(), self.words_at(event.position()), self)
