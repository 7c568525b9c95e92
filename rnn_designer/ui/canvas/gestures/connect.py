"""Drawing a wire from a port, in either direction, or moving the end of one that is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPen

from rnn_designer.design import Link, edits
from rnn_designer.design.ports import INITIAL
from rnn_designer.ui.canvas.geometry import Outline, PortKey, PortPlace, Side
from rnn_designer.ui.canvas.gestures.base import Gesture
from rnn_designer.ui.canvas.gestures.wiring import Wiring, without
from rnn_designer.ui.canvas.wires import wire_path
from rnn_designer.ui.theme import theme

if TYPE_CHECKING:
    from rnn_designer.ui.canvas.view import CanvasView

_REACH = 18.0


class ConnectGesture(Gesture):
    """Shows where the wire may go, says why not elsewhere, and connects on release."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, canvas: CanvasView, at: QPointF, layer_id: str, place: PortPlace) -> None:
        super().__init__(canvas)
        design = self.document.design
        taken = [
            link
            for link in design.links
            if not place.output and (link.target, link.target_port) == (layer_id, place.port.name)
        ]
        if taken and not place.port.many:
            # The end of the wire that is there comes off; its start is the settled end now.
            link = taken[0]
            self._wiring = Wiring(without(design, link), link.source, link.source_port, True, link)
        else:
            self._wiring = Wiring(design, layer_id, place.port.name, place.output)
        self._origin = at
        self._at = at
        self._moved = False
        self._hit: PortKey | None = None
        self._verdicts: dict[PortKey, str | None] = {}

    def start(self) -> None:
        """Work out which ports would take the wire and light them."""
        self._verdicts = self._wiring.verdicts()
        self._mark()
        moved = self._wiring.moved
        if moved is not None:
            self.scene.item_for_link[moved].setOpacity(0.15)

    def _mark(self) -> None:
        marks = {key: "legal" for key, refusal in self._verdicts.items() if refusal is None}
        if self._hit is not None:
            marks[self._hit] = "hit"
        marks[self._wiring.start_key] = "start"
        self.scene.mark_ports(marks, dim_others=True)

    def move(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Draw the wire to the pointer, or into the port under it."""
        if (at - self._origin).manhattanLength() * self.canvas.zoom >= self.canvas.drag_distance:
            self._moved = True
        self._at = at
        key, refusal = self._target(at)
        hit = key if refusal is None else None
        if hit != self._hit:
            self._hit = hit
            self._mark()
        if key is not None and refusal is not None:
            self.canvas.say_at(at, refusal)
        else:
            self.canvas.hush()
        self.canvas.viewport().update()

    def _target(self, at: QPointF) -> tuple[PortKey | None, str | None]:
        """The port meant by a point, and why the wire cannot go there."""
        near = self.scene.port_at(at, _REACH)
        if near is not None:
            layer_id, place = near
            key = (layer_id, place.port.name, place.output)
            if key in self._verdicts:
                return key, self._verdicts[key]
        item = self.scene.layer_at(at)
        if item is None:
            return None, None
        layer = item.top.layer
        keys = [key for key in self._verdicts if key[0] == layer.id]
        if not keys and layer.id != self._wiring.layer_id:
            way = "input" if self._wiring.from_output else "output"
            what = "so no wire can end there" if self._wiring.from_output else "so no wire can start there"
            return (layer.id, "", False), f"{layer.kind} ‘{layer.name}’ has no {way}, {what}."
        legal = self._meant([key for key in keys if self._verdicts[key] is None], item.top.outline)
        if legal is not None:
            return legal, None
        if layer.id == self._wiring.layer_id and not self._moved:
            return None, None
        return (keys[0], self._verdicts[keys[0]]) if keys else (None, None)

    def _meant(self, keys: list[PortKey], measures: Outline) -> PortKey | None:
        """The port that a whole box stands for: one for states where a state is drawn, of its name if there is one."""
        settled = self.scene.item_for_layer[self._wiring.layer_id].outline
        start = settled.place(self._wiring.port, output=self._wiring.from_output)
        state = start is not None and start.port.state

        def unlike(key: PortKey) -> tuple[bool, bool, bool]:
            place = measures.place(key[1], output=key[2])
            other = place is not None and place.port.state
            named = key[1].removeprefix(INITIAL) == self._wiring.port.removeprefix(INITIAL)
            return other != state, state and not named, self.scene.is_wired(key)

        return min(keys, key=unlike, default=None)

    def end(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Connect, or offer layers to put where the wire was let go."""
        self.move(at, modifiers)
        key, refusal = self._target(at)
        self._clean()
        if not self._moved:
            return
        if key is not None:
            if refusal is None:
                self._connect(self._wiring.link_to(key[0], key[1]))
            return
        group = self.scene.marks.group_at(at)
        if self.scene.layer_at(at) is not None or (group is not None and group.grouping.collapsed):
            return
        if self._wiring.moved is not None:
            self.document.apply(edits.disconnect(self._wiring.moved), "Remove wire")
            return
        self.canvas.search_at(at, self._wiring)

    def _connect(self, link: Link) -> None:
        if link == self._wiring.moved:
            return
        self.document.apply(self._wiring.edit(link), self._wiring.label(link))

    def cancel(self) -> None:
        """Leave everything as it was."""
        self._clean()

    def _clean(self) -> None:
        self.scene.mark_ports({})
        self.canvas.hush()
        moved = self._wiring.moved
        if moved is not None and moved in self.scene.item_for_link:
            self.scene.item_for_link[moved].setOpacity(1.0)
        self.canvas.viewport().update()

    def paint(self, painter: QPainter) -> None:
        """Paint the wire as far as it is drawn."""
        settled = self.scene.item_for_layer[self._wiring.layer_id]
        fixed = settled.port_point(self._wiring.port, output=self._wiring.from_output)
        place = settled.outline.place(self._wiring.port, output=self._wiring.from_output)
        loose = self._at
        if self._hit is not None:
            loose = self.scene.item_for_layer[self._hit[0]].port_point(self._hit[1], output=self._hit[2])
        far: Side = "left" if self._wiring.from_output else "right"
        if self._hit is not None:
            far = self.scene.item_for_layer[self._hit[0]].port_side(self._hit[1], output=self._hit[2])
        near: Side = place.side if place else "right"
        paint_preview(painter, fixed, loose, near, far, from_output=self._wiring.from_output)


def paint_preview(
    painter: QPainter, fixed: QPointF, loose: QPointF, near: Side, far: Side, *, from_output: bool
) -> None:
    """Paint a wire that is not in the design yet, from the settled end to the loose one and the edges they are on."""
    pen = QPen(theme().color("accent"), 2.0)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    start, end = ((fixed, near), (loose, far)) if from_output else ((loose, far), (fixed, near))
    painter.drawPath(wire_path(start[0], end[0], start[1], end[1]))
    painter.setBrush(theme().color("accent"))
    painter.drawEllipse(loose, 3.0, 3.0)
