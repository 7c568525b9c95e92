"""Dragging a layer type from the palette: onto empty canvas, into a wire, or into a wrapper's frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from rnn_designer.catalog import layer_type
from rnn_designer.design import new_layer
from rnn_designer.ui.canvas import look
from rnn_designer.ui.canvas.frames import FrameItem
from rnn_designer.ui.canvas.geometry import outline
from rnn_designer.ui.canvas.gestures.base import Gesture
from rnn_designer.ui.canvas.items import LayerItem
from rnn_designer.ui.canvas.placement import centre_to_corner
from rnn_designer.ui.canvas.wires import WireItem
from rnn_designer.ui.theme import BOX_RADIUS, theme

if TYPE_CHECKING:
    from rnn_designer.ui.canvas.view import CanvasView


class DropGesture(Gesture):
    """Shows where the new layer would go while the drag is over the canvas."""

    def __init__(self, canvas: CanvasView, kind: str) -> None:
        super().__init__(canvas)
        self._kind = kind
        self._type = layer_type(kind)
        self._layer = new_layer(self.document.design, kind)
        self._at = QPointF()
        self._wire: WireItem | None = None
        self._frame: FrameItem | None = None
        self._slot = 0
        self._framed: LayerItem | None = None

    def move(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Light the wire, frame or inner box that would take the layer."""
        self._at = at
        self._frame, self._slot, framed = self._place_inside(at)
        self._set_framed(framed)
        can_pass = bool(self._type.inputs)
        free = self._frame is None and self.scene.layer_at(at) is None
        self._wire = self.scene.wire_near(at) if free and can_pass else None
        self.canvas.light(self._wire)
        self.canvas.viewport().update()

    def _place_inside(self, at: QPointF) -> tuple[FrameItem | None, int, LayerItem | None]:
        frame = self.scene.frame_at(at)
        if frame is None:
            return None, 0, None
        over = self.scene.layer_at(at)
        index = next((place for place, child in enumerate(frame.inner) if child is over), 0)
        slots = frame.layer.type.slots
        if index >= len(slots) or not slots[index].accepts(self._type):
            return None, 0, None
        return frame, index, frame.inner[index] if frame.inner else frame

    def _set_framed(self, item: LayerItem | None) -> None:
        if item is self._framed:
            return
        for each, on in ((self._framed, False), (item, True)):
            if each is not None:
                each.framed = on
                each.update()
        self._framed = item

    def end(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Put the layer there."""
        self.move(at, modifiers)
        frame, wire, slot = self._frame, self._wire, self._slot
        self._clean()
        if frame is not None:
            self.canvas.commands.put_inside(self._kind, frame.layer.id, slot)
        elif wire is not None:
            self.canvas.commands.splice(self._kind, wire.link, at)
        else:
            self.canvas.commands.add_at(self._kind, at)

    def cancel(self) -> None:
        """The drag left the canvas."""
        self._clean()

    def _clean(self) -> None:
        self._set_framed(None)
        self.canvas.light(None)
        self._wire = self._frame = None
        self.canvas.viewport().update()

    def paint(self, painter: QPainter) -> None:
        """Paint the outline of the box to come."""
        if self._frame is not None or self._wire is not None:
            return
        colors = theme()
        area = QRectF(QPointF(*centre_to_corner(self._layer, self._at)), outline(self._layer).size)
        painter.setPen(QPen(colors.color("accent"), 1.4, Qt.PenStyle.DashLine))
        painter.setBrush(colors.color("accent", 0.08))
        painter.drawRoundedRect(area, BOX_RADIUS, BOX_RADIUS)
        painter.setPen(colors.color("accent"))
        painter.setFont(look.fonts().kind)
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self._kind)
