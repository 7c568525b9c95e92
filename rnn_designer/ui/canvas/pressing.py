"""What a press of the left button means, by what is under the pointer: badge, port, box, wire or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from rnn_designer.ui.canvas.gestures import ConnectGesture, Gesture, MoveGesture, RubberBandGesture

if TYPE_CHECKING:
    from rnn_designer.ui.canvas.view import CanvasView


def gesture_at(canvas: CanvasView, at: QPointF, held: Qt.KeyboardModifier) -> Gesture | None:
    """Select what is there and return the gesture that begins, if one does."""
    scene = canvas.canvas_scene
    badge = scene.badge_at(at)
    if badge is not None:
        canvas.selection.set((badge.layer.id,))
        canvas.show_fault(badge.layer.id)
        return None
    port = scene.port_at(at, _port_reach(canvas))
    if port is not None:
        return ConnectGesture(canvas, at, *port)
    item = scene.layer_at(at)
    if item is not None:
        _select(canvas, item.layer.id, toggle=bool(held & Qt.KeyboardModifier.ControlModifier))
        return MoveGesture(canvas, at, item.layer.id, held) if item.chosen else None
    wire = scene.wire_at(at)
    if wire is not None:
        canvas.select_link(wire.link)
        return None
    canvas.select_link(None)
    return RubberBandGesture(canvas, at, held)


def cursor_at(canvas: CanvasView, at: QPointF) -> Qt.CursorShape:
    """The pointer that says what a press would do."""
    scene = canvas.canvas_scene
    if scene.badge_at(at) is not None:
        return Qt.CursorShape.PointingHandCursor
    if scene.port_at(at, _port_reach(canvas)) is not None:
        return Qt.CursorShape.CrossCursor
    return Qt.CursorShape.ArrowCursor


def _port_reach(canvas: CanvasView) -> float:
    """How near is near enough, in scene units: a little more when zoomed out."""
    return max(9.0, min(6.0 / canvas.zoom, 16.0))


def _select(canvas: CanvasView, layer_id: str, *, toggle: bool) -> None:
    selection = canvas.selection
    if toggle:
        selection.toggle(layer_id)
    elif layer_id not in selection.ids:
        selection.set((layer_id,))
    else:
        selection.set((*(each for each in selection.ids if each != layer_id), layer_id))
