"""Paints a vector as a small strip of colours, the way every diagram of a cell shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPen

from rnn_designer.ui.colors import diverging, sequential
from rnn_designer.ui.theme import theme

if TYPE_CHECKING:
    from rnn_designer.messages import Array


def paint_strip(
    painter: QPainter,
    area: QRectF,
    values: Array,
    limit: float,
    *,
    gate: bool = False,
    unit: int | None = None,
) -> None:
    """Draw a vector from left to right.

    Args:
        painter: on what.
        area: where.
        values: ``(units,)``; where there are more than pixels, the farthest from zero of each pixel is seen.
        limit: the magnitude of the strongest colour; 0 for the largest of these values.
        gate: whether values lie between 0 and 1, so that they are drawn in one hue.
        unit: which one is marked; None for none.
    """
    look = theme()
    shown = _farthest(np.asarray(values, dtype=np.float64), max(1, int(area.width())))
    finite = np.isfinite(shown)
    limit = limit or float(np.abs(shown[finite]).max(initial=0.0)) or 1.0
    if gate:
        table = sequential(look)
        places = np.clip(np.rint(np.nan_to_num(shown) * 255), 0, 255)
    else:
        table = diverging(look)
        places = np.clip(np.rint(128 + np.nan_to_num(shown / limit) * 127), 0, 255)
    colors = table[places.astype(np.intp)].copy()
    colors[~finite] = (0, 0, 0, 0)
    row = np.ascontiguousarray(colors[None])
    image = QImage(row.tobytes(), len(shown), 1, 4 * len(shown), QImage.Format.Format_RGBA8888)
    painter.fillRect(area, look.color("panel"))
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.drawImage(area, image)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(look.color("hairline"), 1))
    painter.drawRect(area)
    if unit is not None and 0 <= unit < len(values):
        wide = area.width() / len(values)
        left = area.left() + unit * wide
        painter.setPen(QPen(look.color("accent"), 1.5))
        painter.drawRect(QRectF(left, area.top() - 1, max(2.0, wide), area.height() + 2))


def unit_at(area: QRectF, count: int, at: QPointF) -> int:
    """Which of so many values a point is on."""
    share = (at.x() - area.left()) / max(1.0, area.width())
    return max(0, min(int(share * count), count - 1))


def _farthest(values: Array, most: int) -> Array:
    if len(values) <= most:
        return values
    edges = np.linspace(0, len(values), most + 1).astype(int)[:-1]
    values = np.nan_to_num(values)
    low, high = np.minimum.reduceat(values, edges), np.maximum.reduceat(values, edges)
    farthest: Array = np.where(-low > high, low, high)
    return farthest
