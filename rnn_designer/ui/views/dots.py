"""Paints thousands of small discs of one colour: one by one for a drawing, else as one image."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPaintEngine, QPainter

_FEW = 400
_PHASES = 8
"""A disc's centre is known to this part of a pixel."""


def paint_dots(painter: QPainter, places: Any, radius: float, color: QColor) -> None:
    """Paint discs without an edge; where they lie over each other, the colour becomes stronger.

    Args:
        painter: on what, neither turned nor sheared.
        places: ``(dots, 2)``, their centres.
        radius: of each.
        color: of all, perhaps see-through.
    """
    places = np.asarray(places, dtype=np.float64)
    places = places[np.isfinite(places).all(axis=1)]
    if len(places) <= _FEW or painter.paintEngine().type() != QPaintEngine.Type.Raster:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        for x, y in places.tolist():
            painter.drawEllipse(QPointF(x, y), radius, radius)
        return
    scale = painter.deviceTransform().m11()
    low = np.floor(places.min(axis=0) - radius - 1)
    image = _stamped((places - low) * scale, radius * scale, color)
    size = image.width() / scale, image.height() / scale
    painter.drawImage(QRectF(float(low[0]), float(low[1]), *size), image)


def _stamped(places: Any, radius: float, color: QColor) -> QImage:
    """Discs on an image that is as large as they need, in pixels of that image."""
    reach = math.ceil(radius) + 1
    parts = np.rint(places * _PHASES).astype(np.intp)
    whole, phase = parts // _PHASES, parts % _PHASES
    wide, high = (int(each) + reach + 1 for each in whole.max(axis=0))
    # What each disc lets through is a factor: logarithms add up.
    stamps = _stamps(radius, reach, color.alphaF())[phase[:, 1], phase[:, 0]]
    across = np.arange(-reach, reach + 1)
    x = (whole[:, 0, None] + across).clip(0, wide - 1)
    y = (whole[:, 1, None] + across).clip(0, high - 1)
    pixels = (y[:, :, None] * wide + x[:, None, :]).ravel()
    through = np.exp(np.bincount(pixels, stamps.ravel(), wide * high))
    found = np.empty((high, wide, 4), np.uint8)
    found[..., :3] = color.red(), color.green(), color.blue()
    found[..., 3] = np.rint(255 * (1 - through)).reshape(high, wide)
    return QImage(found.tobytes(), wide, high, 4 * wide, QImage.Format.Format_RGBA8888).copy()


@lru_cache(maxsize=16)
def _stamps(radius: float, reach: int, alpha: float) -> Any:
    """For each part of a pixel down and across the logarithm of what a disc lets through, ``(8, 8, rows, columns)``."""
    # From the centre of the disc to the middle of every pixel around it.
    along = np.arange(-reach, reach + 1) + 0.5 - np.arange(_PHASES)[:, None] / _PHASES
    away = np.hypot(along[:, None, :, None], along[None, :, None, :])
    covered = np.clip(radius + 0.5 - away, 0, 1)
    return np.log(np.maximum(1 - alpha * covered, 1e-6)).astype(np.float32)
