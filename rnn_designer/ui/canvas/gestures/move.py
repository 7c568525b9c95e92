"""Moving boxes, and duplicating them with Alt held."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from rnn_designer.design import Link, edits
from rnn_designer.ui.canvas import naming
from rnn_designer.ui.canvas.frames import FrameItem
from rnn_designer.ui.canvas.geometry import outline
from rnn_designer.ui.canvas.gestures.base import Gesture
from rnn_designer.ui.canvas.guides import Standing, align
from rnn_designer.ui.canvas.placement import with_room_in
from rnn_designer.ui.theme import BOX_RADIUS, theme

if TYPE_CHECKING:
    from rnn_designer.ui.canvas.view import CanvasView

_GUIDE_REACH = 5.0
_TOGGLING = Qt.KeyboardModifier.ControlModifier


class MoveGesture(Gesture):
    """Moves the selected boxes' pictures and, on release, the layers; a lone loose box may be dropped into a wire."""

    def __init__(self, canvas: CanvasView, at: QPointF, pressed: str, modifiers: Qt.KeyboardModifier) -> None:
        super().__init__(canvas)
        self._origin = at
        self._pressed = pressed
        self._copying = bool(modifiers & Qt.KeyboardModifier.AltModifier)
        self._toggling = bool(modifiers & _TOGGLING)
        self._moved = False
        self._shift = QPointF()
        self._lines: tuple[QLineF, ...] = ()
        self._into: Link | None = None
        self._inside: FrameItem | None = None
        design = self.document.design
        self._lead = design.top(pressed).id
        tops = dict.fromkeys(design.top(each).id for each in canvas.selection.ids if design.find(each))
        tops.setdefault(self._lead)
        self._places = {each: QPointF(*design.layer(each).position) for each in tops}
        self._others = [
            Standing(item.scene_rect(), item.outline.port_line)
            for item in self.scene.item_for_layer.values()
            if item.top is item and (self._copying or item.layer.id not in self._places)
        ]
        linked = any(self._lead in (link.source, link.target) for link in design.links)
        lead = design.layer(self._lead)
        self._may_splice = (
            len(self._places) == 1 and not linked and not self._copying and bool(lead.type.inputs)
        )

    def move(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Put the boxes where the pointer takes them, on the grid or in line with others."""
        away = at - self._origin
        if not self._moved:
            if away.manhattanLength() * self.canvas.zoom < self.canvas.drag_distance:
                return
            self._moved = True
        item = self.scene.item_for_layer[self._lead]
        start = self._places[self._lead]
        wanted = Standing(QRectF(start + away, item.outline.size), item.outline.port_line)
        aligned = align(wanted, self._others, _GUIDE_REACH / self.canvas.zoom)
        repaint = self._copying or self._lines != aligned.lines
        self._lines = aligned.lines
        self._shift = aligned.place - start
        if not self._copying:
            for layer_id, place in self._places.items():
                self.scene.place_layer(layer_id, place + self._shift)
        self._light(at)
        self._frame(at)
        if repaint:
            self.canvas.viewport().update()

    def _light(self, at: QPointF) -> None:
        if not self._may_splice:
            return
        wire = self.scene.wire_at(at)
        self._into = wire.link if wire is not None else None
        self.canvas.light(wire)

    def _frame(self, at: QPointF) -> None:
        """Light an empty frame under the pointer that would take the box."""
        found = None
        if len(self._places) == 1 and not self._copying:
            for item in self.scene.items(at):
                if isinstance(item, FrameItem) and item.layer.id != self._lead and not item.layer.children:
                    kind = self.document.design.layer(self._lead).type
                    found = item if item.layer.type.slots[0].accepts(kind) else None
                    break
        for each, on in ((self._inside, False), (found, True)):
            if each is not None and each.framed != on:
                each.framed = on
                each.update()
        self._inside = found

    def end(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Make the edit; a press without a movement only settles the selection."""
        self._clean()
        if not self._moved:
            if not self._toggling and len(self.canvas.selection.ids) > 1:
                self.canvas.selection.set((self._pressed,))
            return
        design = self.document.design
        if self._copying:
            offset = (self._shift.x(), self._shift.y())
            label = naming.labelled("Duplicate", design, self._places)
            self.canvas.commands.apply_and_select(edits.duplicate(self._places, offset), label)
            return
        places = {
            layer_id: ((place + self._shift).x(), (place + self._shift).y())
            for layer_id, place in self._places.items()
        }
        if self._inside is not None:
            wrapper, lead = self._inside.layer, design.layer(self._lead)
            label = f"Put {lead.kind} into {wrapper.kind}"
            if not self.document.apply(edits.set_child(wrapper.id, 0, lead), label):
                self._put_back()
            return
        if self._into is not None:
            lead = design.layer(self._lead)
            done = self.document.apply(
                edits.chain(
                    edits.move(places), edits.splice(lead, self._into), with_room_in(self._into, self._lead)
                ),
                naming.labelled("Insert", design, [self._lead]),
            )
            if not done:
                self._put_back()
            return
        self.document.apply(edits.move(places), naming.labelled("Move", design, self._places))

    def cancel(self) -> None:
        """Put the boxes back."""
        self._clean()
        self._put_back()

    def _put_back(self) -> None:
        for layer_id, place in self._places.items():
            if layer_id in self.scene.item_for_layer:
                self.scene.place_layer(layer_id, place)

    def _clean(self) -> None:
        self._lines = ()
        self.canvas.light(None)
        if self._inside is not None:
            self._inside.framed = False
            self._inside.update()
        self.canvas.viewport().update()

    def paint(self, painter: QPainter) -> None:
        """Paint the guides, and the outlines of copies."""
        colors = theme()
        painter.setPen(QPen(colors.color("accent", 0.8), 0, Qt.PenStyle.DashLine))
        painter.drawLines(list(self._lines))
        if self._copying and self._moved:
            painter.setBrush(colors.color("accent", 0.12))
            painter.setPen(QPen(colors.color("accent"), 1.4, Qt.PenStyle.DashLine))
            for layer_id, place in self._places.items():
                layer = self.document.design.find(layer_id)
                if layer is not None:
                    area = QRectF(place + self._shift, outline(layer).size)
                    painter.drawRoundedRect(area, BOX_RADIUS, BOX_RADIUS)
