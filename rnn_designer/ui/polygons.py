"""Qt polygons out of arrays of places, without an object in Python for each corner: thousands take milliseconds so."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
from PySide6.QtCore import QByteArray, QDataStream
from PySide6.QtGui import QPaintEngine, QPainter, QPolygonF

_LONG, _PART = 100, 16


def polygon(places: Any) -> QPolygonF:
    """A polygon with these corners.

    Args:
        places: ``(corners, 2)``, x and y.
    """
    corners = np.ascontiguousarray(places, dtype=">f8")
    # As Qt writes a list of points: how many there are, then their numbers.
    stream = QDataStream(QByteArray(struct.pack(">I", len(corners)) + corners.tobytes()))
    found = QPolygonF()
    stream >> found
    return found


def draw_line(painter: QPainter, places: Any) -> None:
    """Draw a line through corners ``(corners, 2)``.

    A wide line is drawn in short parts: Qt needs eight times as long for all of it in one.
    """
    pen, drawing = painter.pen(), painter.paintEngine().type() == QPaintEngine.Type.SVG
    if len(places) <= _LONG or pen.widthF() <= 1 or pen.color().alpha() < 255 or drawing:
        painter.drawPolyline(polygon(places))
        return
    for first in range(0, len(places) - 1, _PART):
        painter.drawPolyline(polygon(places[first : first + _PART + 1]))


def stretches(places: Any) -> list[Any]:
    """The unbroken parts of a line.

    Args:
        places: ``(corners, 2)``; the line is broken where one is not finite.
    """
    there = np.isfinite(places).all(axis=1)
    ends = np.flatnonzero(np.diff(np.concatenate([[False], there, [False]]).astype(np.int8))).tolist()
    return [places[first:last] for first, last in zip(ends[::2], ends[1::2], strict=True)]
