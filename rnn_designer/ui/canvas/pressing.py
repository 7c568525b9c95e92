"""What a press of the left button means, by what is under the pointer: badge, port, box, wire, note or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from rnn_designer.ui.canvas.frames import FrameItem
from rnn_designer.ui.canvas.gestures import (
    ConnectGesture,
    Gesture,
    LiftGesture,
    MoveGesture,
    ResizeNoteGesture,
    RubberBandGesture,
)
from rnn_designer.ui.canvas.items import LayerItem

if TYPE_CHECKING:
    from rnn_designer.ui.canvas.view import CanvasView

_ADDING = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
"""With either of them a click adds to the selection or takes away from it."""


def gesture_at(canvas: CanvasView, at: QPointF, held: Qt.KeyboardModifier) -> Gesture | None:
    """Select what is there and return the gesture that begins, if one does."""
    scene = canvas.canvas_scene
    adding = bool(held & _ADDING)
    badge = scene.badge_at(at)
    if badge is not None:
        canvas.selection.set((badge.layer.id,))
        canvas.show_fault(badge.layer.id)
        return None
    port = scene.port_at(at, _port_reach(canvas))
    if port is not None:
        return ConnectGesture(canvas, at, *port)
    note = scene.marks.note_at(at)
    if note is not None and note.over_grip(at) and scene.layer_at(at) is None:
        _select_mark(canvas, note.note.id, toggle=False)
        return ResizeNoteGesture(canvas, at, note)
    item = scene.layer_at(at)
    group = scene.marks.group_at(at)
    if group is not None and (item is None or group.zValue() > item.zValue()):
        if group.over_arrow(at):
            canvas.toggle_group(group.grouping.id)
            return None
        _select_mark(canvas, group.grouping.id, toggle=adding)
        return MoveGesture(canvas, at, group.grouping.id, held) if group.chosen else None
    if item is not None:
        if folding_at(item, at):
            canvas.fold(item.layer.id)
            return None
        _select(canvas, item.layer.id, toggle=adding)
        if item is not item.top and item.layer.type.cell and not held & Qt.KeyboardModifier.AltModifier:
            return LiftGesture(canvas, at, item, toggling=adding) if item.chosen else None
        return MoveGesture(canvas, at, item.layer.id, held) if item.chosen else None
    wire = scene.wire_at(at)
    if wire is not None:
        canvas.select_link(wire.link)
        return None
    if note is not None:
        _select_mark(canvas, note.note.id, toggle=adding)
        return MoveGesture(canvas, at, note.note.id, held) if note.chosen else None
    canvas.select_link(None)
    return RubberBandGesture(canvas, at, held)


def folding_at(item: LayerItem, at: QPointF) -> bool:
    """Whether a point of the scene is on the triangle by which a frame is collapsed or expanded."""
    return item.chevron_rect().translated(item.pos()).contains(at)


def unfolds_at(item: LayerItem, at: QPointF) -> bool:
    """Whether a double click there collapses or expands a frame: on its title, or anywhere on a collapsed one."""
    return item.over_title(at) if isinstance(item, FrameItem) else item.layer.collapsed


def cursor_at(canvas: CanvasView, at: QPointF) -> Qt.CursorShape:
    """The pointer that says what a press would do."""
    scene = canvas.canvas_scene
    if scene.badge_at(at) is not None:
        return Qt.CursorShape.PointingHandCursor
    if scene.port_at(at, _port_reach(canvas)) is not None:
        return Qt.CursorShape.CrossCursor
    note, group = scene.marks.note_at(at), scene.marks.group_at(at)
    item = scene.layer_at(at)
    if item is not None and folding_at(item, at):
        return Qt.CursorShape.PointingHandCursor
    if item is None:
        if note is not None and note.over_grip(at):
            return Qt.CursorShape.SizeFDiagCursor
        if group is not None and group.over_arrow(at):
            return Qt.CursorShape.PointingHandCursor
    return Qt.CursorShape.ArrowCursor


def open_mark(canvas: CanvasView, at: QPointF) -> bool:
    """What a double click does on a note or group, if there is one: write, rename or expand."""
    scene = canvas.canvas_scene
    group, note = scene.marks.group_at(at), scene.marks.note_at(at)
    if group is not None:
        if group.grouping.collapsed:
            canvas.toggle_group(group.grouping.id)
        elif not group.over_arrow(at):
            canvas.select_only(group.grouping.id)
            canvas.rename_current()
        return True
    if note is not None and scene.layer_at(at) is None:
        canvas.select_only(note.note.id)
        canvas.rename_current()
        return True
    return False


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
        others = (each for each in selection.ids if each != layer_id)
        selection.set((*others, layer_id), selection.marks)


def _select_mark(canvas: CanvasView, mark_id: str, *, toggle: bool) -> None:
    selection = canvas.selection
    if toggle:
        selection.toggle_mark(mark_id)
    elif mark_id not in selection.marks:
        canvas.select_only(mark_id)
