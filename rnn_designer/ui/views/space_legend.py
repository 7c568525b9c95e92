"""What the colours of paths mean: a ramp from the first step to the last, or one colour for each sample or label."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter

from rnn_designer.ui.theme import interface_font, theme

_SIZE = 8.0


def paint_steps(painter: QPainter, corner: QPointF, steps: int, colors: Sequence[QColor]) -> None:
    """A ramp of colours between the numbers of the first and the last of ``steps``; ``corner`` is its lower left."""
    left, base = corner.x(), corner.y()
    painter.setFont(interface_font(_SIZE))
    painter.setPen(theme().color("muted"))
    painter.drawText(corner, "step 0")
    for number, color in enumerate(colors):
        # A little over the next one, so that no seam shows where a drawing is scaled.
        painter.fillRect(QRectF(left + 38 + 3 * number, base - 7, 3.5, 6), color)
    painter.drawText(QPointF(left + 42 + 3 * len(colors), base), str(steps - 1))


def paint_samples(
    painter: QPainter,
    corner: QPointF,
    right: float,
    samples: Sequence[tuple[int, QColor]],
    word: str = "sample",
) -> None:
    """A patch and a number for each sample or label from ``corner`` on, as far as there is room up to ``right``."""
    x, base = corner.x(), corner.y()
    painter.setFont(interface_font(_SIZE))
    painter.setPen(theme().color("muted"))
    for place, (number, color) in enumerate(samples):
        if x > right:
            painter.drawText(QPointF(x, base), "…")
            break
        painter.fillRect(QRectF(x, base - 7, 8, 6), color)
        name = str(number) if place else f"{word} {number}"
        painter.drawText(QPointF(x + 11, base), name)
        x += 22 + 6.5 * len(name)
