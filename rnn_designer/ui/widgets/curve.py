"""An activation function drawn small, from the catalog's own curve."""

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPaintEvent, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QWidget

from rnn_designer.catalog.parts import ACTIVATIONS
from rnn_designer.ui.theme import keeper, theme

_REACH = 4.0
_POINTS = 40


def curve_points(name: str | None, rect: QRectF) -> QPolygonF:
    """The curve of an activation over −4 … 4, fitted into a rectangle; none draws the straight line.

    Values beyond −2 … 4 are cut off, so that relu and its kin keep their bend in sight.
    """
    found = ACTIVATIONS.get(name) if name is not None else None
    values = []
    for place in range(_POINTS + 1):
        x = -_REACH + 2 * _REACH * place / _POINTS
        y = found.curve(x) if found is not None else x
        values.append(max(-2.0, min(_REACH, y)) if math.isfinite(y) else 0.0)
    low, high = min(values), max(values)
    span = high - low or 1.0
    return QPolygonF(
        [
            QPointF(
                rect.left() + rect.width() * place / _POINTS,
                rect.bottom() - rect.height() * ((value - low) / span if high > low else 0.5),
            )
            for place, value in enumerate(values)
        ]
    )


def paint_curve(painter: QPainter, rect: QRectF, name: str | None) -> None:
    """Paint the curve in the accent colour."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme().color("accent"), 1.5))
    painter.drawPolyline(curve_points(name, rect))


def curve_icon(name: str | None, ratio: float = 1.0) -> QIcon:
    """The curve as an icon for the rows of a list."""
    pixmap = QPixmap(QSize(round(26 * ratio), round(14 * ratio)))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    paint_curve(painter, QRectF(1, 2, 24, 10), name)
    painter.end()
    return QIcon(pixmap)


class CurvePreview(QWidget):
    """The curve of the chosen activation, lying over the right of its field; clicks go through it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._name: str | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFixedSize(34, 16)
        keeper().changed.connect(self.update)

    def show_activation(self, name: str | None) -> None:
        """Draw another one."""
        if name != self._name:
            self._name = name
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        painter = QPainter(self)
        paint_curve(painter, QRectF(2, 2, 30, 12), self._name)
        painter.end()
