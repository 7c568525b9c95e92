"""Moving boxes, notes and groups, and duplicating them with Alt held."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter, QPen

from rnn_designer.design import Link, edits
from rnn_designer.ui.canvas import naming
from rnn_designer.ui.canvas.geometry import PORT_LINE, outline
from rnn_designer.ui.canvas.gestures.base import Gesture
from rnn_designer.ui.canvas.gestures.nesting import Nesting
from rnn_designer.ui.canvas.guides import Standing, align
from rnn_designer.ui.canvas.placement import members_of, place_in, with_room_in
from rnn_designer.ui.theme import BOX_RADIUS, theme

if TYPE_CHECKING:
    from rnn_designer.ui.canvas.view import CanvasView

_GUIDE_REACH = 5.0
_TOGGLING = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


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
        design = self.document.design
        self._layer = design.top(pressed) if design.find(pressed) else None
        self._lead = self._layer.id if self._layer is not None else pressed
        moving = members_of(design, canvas.selection.everything)
        self._places = {each: QPointF(*place_in(design, each)) for each in moving}
        self._others = [
            Standing(item.shown_rect(), item.outline.port_line)
            for item in self.scene.item_for_layer.values()
            if item.top is item and (self._copying or item.layer.id not in self._places)
        ]
        self._start = self._lead_standing()
        linked = any(self._lead in (link.source, link.target) for link in design.links)
        takes = self._layer is not None and bool(self._layer.type.inputs) and not self._layer.type.cell
        self._nesting: Nesting | None = None
        if len(self._places) == 1 and not self._copying and self._layer is not None:
            item = self.scene.item_for_layer[self._layer.id]
            self._nesting = Nesting(canvas, self._layer, item, replaces=False)
        self._may_splice = len(self._places) == 1 and not linked and not self._copying and takes

    def _lead_standing(self) -> Standing:
        """What is under the pointer, where it stood at the press."""
        marks = self.scene.marks
        mark = marks.notes.get(self._lead) or marks.groups.get(self._lead)
        if mark is not None:
            return Standing(mark.scene_rect(), PORT_LINE)
        item = self.scene.item_for_layer[self._lead]
        return Standing(item.shown_rect(), item.outline.port_line)

    def move(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Put the boxes where the pointer takes them, on the grid or in line with others."""
        away = at - self._origin
        if not self._moved:
            if away.manhattanLength() * self.canvas.zoom < self.canvas.drag_distance:
                return
            self._moved = True
        start = self._start.rect.topLeft()
        wanted = Standing(self._start.rect.translated(away), self._start.port_line)
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
        wire = self.scene.wire_near(at)
        self._into = wire.link if wire is not None else None
        self.canvas.light(wire)

    def _frame(self, at: QPointF) -> None:
        """Light the place in a frame under the pointer that would take the box."""
        if self._nesting is not None:
            self._nesting.look(at)

    def end(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Make the edit; a press without a movement only settles the selection."""
        self._clear()
        if not self._moved:
            if not self._toggling and len(self.canvas.selection.everything) > 1:
                self.canvas.select_only(self._pressed)
            return
        design = self.document.design
        if self._copying:
            offset = (self._shift.x(), self._shift.y())
            chosen = self.canvas.selection.everything
            label = naming.labelled("Duplicate", design, chosen)
            self.canvas.commands.apply_and_select(edits.duplicate(chosen, offset), label)
            return
        places = {
            layer_id: ((place + self._shift).x(), (place + self._shift).y())
            for layer_id, place in self._places.items()
        }
        inside = self._nesting.drop(at) if self._nesting is not None else None
        if inside is not None:
            if not inside:
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
        label = naming.labelled("Move", design, self.canvas.selection.everything)
        self.document.apply(edits.move(places), label)

    def cancel(self) -> None:
        """Put the boxes back."""
        self._clear()
        if self._nesting is not None:
            self._nesting.clear()
        self._put_back()

    def _put_back(self) -> None:
        for layer_id, place in self._places.items():
            self.scene.place_layer(layer_id, place)

    def _clear(self) -> None:
        self._lines = ()
        self.canvas.light(None)
        self.canvas.viewport().update()

    def paint(self, painter: QPainter) -> None:
        """Paint the guides, and the outlines of copies."""
        colors = theme()
        painter.setPen(QPen(colors.color("accent", 0.8), 0, Qt.PenStyle.DashLine))
        painter.drawLines(list(self._lines))
        if self._copying and self._moved:
            painter.setBrush(colors.color("accent", 0.12))
            painter.setPen(QPen(colors.color("accent"), 1.4, Qt.PenStyle.DashLine))
            for each, place in self._places.items():
                layer, note = self.document.design.find(each), self.document.design.note(each)
                size = outline(layer).size if layer is not None else QSizeF(*note.size) if note else QSizeF()
                painter.drawRoundedRect(QRectF(place + self._shift, size), BOX_RADIUS, BOX_RADIUS)
