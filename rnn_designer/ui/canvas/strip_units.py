"""The units in the strips of boxes: which one the mouse is on, and how all about it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF

from rnn_designer.ui.canvas.items import MIDDLE, BoxItem
from rnn_designer.ui.canvas.readings import strip_unit

if TYPE_CHECKING:
    from rnn_designer.ui.canvas.view import CanvasView


def share_at(canvas: CanvasView, at: QPointF) -> tuple[str, float] | None:
    """The layer whose strip is at a point of the scene, and how far along it the point is, from 0 to 1."""
    item = canvas.canvas_scene.layer_at(at)
    if not isinstance(item, BoxItem) or canvas.zoom < MIDDLE:
        return None
    strip = item.strip_rect().translated(item.pos())
    if not strip.adjusted(0.0, -3.0, 0.0, 3.0).contains(at):
        return None
    return item.layer.id, (at.x() - strip.left()) / strip.width()


def unit_at(canvas: CanvasView, at: QPointF) -> tuple[str, int] | None:
    """The layer and the unit at a point of the scene; None beside strips, and for layers without states."""
    found = share_at(canvas, at)
    layer = None if found is None else canvas.workspace.document.design.find(found[0])
    if found is None or layer is None:
        return None
    if not any(each.type.recurrent or each.type.cell for each in layer.walk()):
        return None
    unit = strip_unit(canvas.workspace, layer, found[1])
    return None if unit is None else (layer.id, unit)


def show_unit(canvas: CanvasView, at: QPointF) -> bool:
    """Ask for all about the unit at a point of the scene; False where there is none."""
    found = unit_at(canvas, at)
    if found is not None:
        canvas.unit_wanted.emit(*found)
    return found is not None
