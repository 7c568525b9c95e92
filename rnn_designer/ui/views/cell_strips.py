"""Paints a vector as a small strip of colours, the way every diagram of a cell shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from rnn_designer.ui.colors import diverging, sequential
from rnn_designer.ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rnn_designer.messages import Array


def paint_strip(
    painter: QPainter,
    area: QRectF,
    values: Array,
    limit: float,
    *,
    gate: bool = False,
    unit: int | None = None,
    colors: Mapping[int, QColor] | None = None,
) -> None:
    """Draw a vector from left to right.

    Args:
        painter: on what.
        area: where.
        values: ``(units,)``; where there are more than pixels, the farthest from zero of each pixel is seen.
        limit: the magnitude of the strongest colour; 0 for the largest of these values.
        gate: whether values lie between 0 and 1, so that they are drawn in one hue.
        unit: which one is marked more than others, for its numbers are told; None for none.
        colors: the chosen units, each marked in its own colour; the one above is in the accent if it has none.
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
    pixels = table[places.astype(np.intp)].copy()
    pixels[~finite] = (0, 0, 0, 0)
    row = np.ascontiguousarray(pixels[None])
    image = QImage(row.tobytes(), len(shown), 1, 4 * len(shown), QImage.Format.Format_RGBA8888)
    painter.fillRect(area, look.color("panel"))
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.drawImage(area, image)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(look.color("hairline"), 1))
    painter.drawRect(area)
    marked = {each: color for each, color in (colors or {}).items() if each != unit}
    if unit is not None:
        # Last, over the others.
        marked[unit] = (colors or {}).get(unit, look.color("accent"))
    wide = area.width() / max(1, len(values))
    for each, color in marked.items():
        if 0 <= each < len(values):
            painter.setPen(QPen(color, 1.8 if each == unit else 1.2))
            painter.drawRect(
                QRectF(area.left() + each * wide, area.top() - 1, max(2.0, wide), area.height() + 2)
            )


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
