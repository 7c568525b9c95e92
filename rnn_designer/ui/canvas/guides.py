"""Alignment guides: where a box that is moved would stand in line with others."""

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF

from rnn_designer.ui.canvas.geometry import snapped


@dataclass(frozen=True)
class Standing:
    """A box as far as alignment is concerned: its rectangle and the height of its wires."""

    rect: QRectF
    port_line: float


@dataclass(frozen=True)
class Aligned:
    """Where a box goes, and the lines that say what it stands in line with."""

    place: QPointF
    lines: tuple[QLineF, ...]


def align(moving: Standing, others: Iterable[Standing], reach: float) -> Aligned:
    """The place on the grid, or in line with another box where one is within reach.

    Args:
        moving: the box where the pointer has it, before snapping.
        others: the boxes that stay.
        reach: how far a box is drawn into line, in scene units.
    """
    best_x: tuple[float, float, float, Standing] | None = None
    best_y: tuple[float, float, float, Standing] | None = None
    rect = moving.rect
    own_port = rect.top() + moving.port_line
    for other in others:
        theirs = other.rect
        for own, line in (
            (rect.left(), theirs.left()),
            (rect.center().x(), theirs.center().x()),
            (rect.right(), theirs.right()),
        ):
            away = line - own
            if abs(away) <= reach and (best_x is None or abs(away) < abs(best_x[0])):
                best_x = (away, line, theirs.center().y(), other)
        for own, line in ((own_port, theirs.top() + other.port_line), (rect.bottom(), theirs.bottom())):
            away = line - own
            if abs(away) <= reach and (best_y is None or abs(away) < abs(best_y[0])):
                best_y = (away, line, theirs.center().x(), other)
    x = rect.left() + best_x[0] if best_x else snapped(rect.left())
    y = rect.top() + best_y[0] if best_y else snapped(rect.top())
    placed = QRectF(QPointF(x, y), rect.size())
    lines = []
    if best_x:
        around = placed.united(best_x[3].rect)
        lines.append(QLineF(best_x[1], around.top() - 12.0, best_x[1], around.bottom() + 12.0))
    if best_y:
        around = placed.united(best_y[3].rect)
        lines.append(QLineF(around.left() - 12.0, best_y[1], around.right() + 12.0, best_y[1]))
    return Aligned(placed.topLeft(), tuple(lines))
