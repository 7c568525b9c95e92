"""What is painted over the paths of a space: its fixed points, and the directions of chosen units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from rnn_designer.ui.theme import interface_font, theme


def paint_points(painter: QPainter, places: Any, stable: Any, marked: int) -> None:
    """Paint fixed points: discs where they are stable, else hollow diamonds.

    Args:
        painter: on what.
        places: ``(points, 2)``, in pixels.
        stable: ``(points,)``.
        marked: which of them has a ring; −1 for none.
    """
    look = theme()
    for number, (x, y) in enumerate(places.tolist()):
        color = look.color("green" if stable[number] else "positive")
        painter.setPen(QPen(color, 2.0))
        painter.setBrush(color if stable[number] else look.color("panel"))
        if stable[number]:
            painter.drawEllipse(QPointF(x, y), 4.5, 4.5)
        else:
            painter.drawPolygon(
                QPolygonF([QPointF(x, y - 6), QPointF(x + 6, y), QPointF(x, y + 6), QPointF(x - 6, y)])
            )
        if number == marked:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(look.color("text"), 1.2))
            painter.drawEllipse(QPointF(x, y), 10, 10)


def paint_arrows(painter: QPainter, places: Any, names: Sequence[str], colors: Sequence[QColor]) -> None:
    """Paint the directions of units, each with its number.

    Args:
        painter: on what.
        places: ``(1 + units, 2)``, in pixels: where they begin, then where each ends.
        names: of the units.
        colors: of the units.
    """
    (x0, y0), *ends = places.tolist()
    painter.setFont(interface_font(8, bold=True))
    for (x, y), name, color in zip(ends, names, colors, strict=True):
        painter.setPen(QPen(color, 1.6, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(x0, y0), QPointF(x, y))
        painter.drawText(QPointF(x + 3, y - 3), name)
