"""Putting several boxes in line with one another, or at even distances."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from PySide6.QtCore import QPointF, QRectF

from rnn_designer.ui.canvas.geometry import snapped

Edge: TypeAlias = Literal["left", "centre", "right", "top", "middle", "bottom"]
Way: TypeAlias = Literal["horizontally", "vertically"]

ALIGNMENTS: tuple[tuple[Edge, str, str], ...] = (
    ("left", "Align left edges", "Ctrl+Shift+Left"),
    ("centre", "Align centres", "Ctrl+Shift+H"),
    ("right", "Align right edges", "Ctrl+Shift+Right"),
    ("top", "Align top edges", "Ctrl+Shift+Up"),
    ("middle", "Align middles", "Ctrl+Shift+M"),
    ("bottom", "Align bottom edges", "Ctrl+Shift+Down"),
)
"""Every edge with its words and its shortcut."""

DISTRIBUTIONS: tuple[tuple[Way, str, str], ...] = (
    ("horizontally", "Distribute horizontally", "Ctrl+Shift+J"),
    ("vertically", "Distribute vertically", "Ctrl+Shift+K"),
)
"""Both ways with their words and their shortcuts."""


def aligned(rects: Mapping[str, QRectF], edge: Edge) -> dict[str, QPointF]:
    """How far each rectangle has to go so that all stand at the same edge, the outermost of them, or middle."""
    around = QRectF()
    for rect in rects.values():
        around = around.united(rect)
    shifts: dict[str, QPointF] = {}
    for key, rect in rects.items():
        x = y = 0.0
        match edge:
            case "left":
                x = around.left() - rect.left()
            case "centre":
                x = around.center().x() - rect.center().x()
            case "right":
                x = around.right() - rect.right()
            case "top":
                y = around.top() - rect.top()
            case "middle":
                y = around.center().y() - rect.center().y()
            case "bottom":
                y = around.bottom() - rect.bottom()
        shifts[key] = QPointF(x, y)
    return shifts


def distributed(rects: Mapping[str, QRectF], way: Way) -> dict[str, QPointF]:
    """How far each rectangle has to go so that the gaps between neighbours are equal; the outermost two stay.

    Rectangles that overlap because there is not enough room are spread by their middles.
    """
    across = way == "horizontally"
    order = sorted(rects, key=lambda key: rects[key].center().x() if across else rects[key].center().y())
    sizes = [rects[key].width() if across else rects[key].height() for key in order]
    starts = [rects[key].left() if across else rects[key].top() for key in order]
    if len(order) < 3:
        return {key: QPointF() for key in order}
    room = starts[-1] + sizes[-1] - starts[0]
    gap = (room - sum(sizes)) / (len(order) - 1)
    shifts: dict[str, QPointF] = {}
    at = starts[0]
    for index, key in enumerate(order):
        outermost = index in (0, len(order) - 1)
        away = 0.0 if outermost else snapped(at) - starts[index]
        shifts[key] = QPointF(away, 0.0) if across else QPointF(0.0, away)
        at += sizes[index] + gap
    return shifts
