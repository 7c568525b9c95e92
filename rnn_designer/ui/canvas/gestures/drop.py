"""Dragging a layer type from the palette: onto empty canvas, into a wire, or into a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from rnn_designer.catalog import layer_type
from rnn_designer.design import new_layer
from rnn_designer.ui.canvas import look
from rnn_designer.ui.canvas.geometry import outline
from rnn_designer.ui.canvas.gestures.base import Gesture
from rnn_designer.ui.canvas.gestures.nesting import Nesting
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
        self._nesting = Nesting(canvas, self._layer, replaces=True)

    def move(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Light the wire, frame or inner box that would take the layer."""
        self._at = at
        nest = self._nesting.look(at)
        can_pass = bool(self._type.inputs) and not self._type.cell
        free = nest is None and self.scene.layer_at(at) is None
        self._wire = self.scene.wire_near(at) if free and can_pass else None
        self.canvas.light(self._wire)
        self.canvas.viewport().update()

    def end(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Put the layer there."""
        self.move(at, modifiers)
        wire = self._wire
        self.canvas.light(None)
        self._wire = None
        self.canvas.viewport().update()
        if self._nesting.drop(at) is not None:
            return
        if wire is not None:
            self.canvas.commands.splice(self._kind, wire.link, at)
        else:
            self.canvas.commands.add_at(self._kind, at)

    def cancel(self) -> None:
        """The drag left the canvas."""
        self._nesting.clear()
        self.canvas.light(None)
        self._wire = None
        self.canvas.viewport().update()

    def paint(self, painter: QPainter) -> None:
        """Paint the outline of the box to come."""
        nest = self._nesting.nest
        if self._wire is not None or (nest is not None and (nest.open or nest.offers)):
            return
        colors = theme()
        area = QRectF(QPointF(*centre_to_corner(self._layer, self._at)), outline(self._layer).size)
        painter.setPen(QPen(colors.color("accent"), 1.4, Qt.PenStyle.DashLine))
        painter.setBrush(colors.color("accent", 0.08))
        painter.drawRoundedRect(area, BOX_RADIUS, BOX_RADIUS)
        painter.setPen(colors.color("accent"))
        painter.setFont(look.fonts().kind)
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self._kind)
