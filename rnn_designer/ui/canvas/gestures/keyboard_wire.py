"""Drawing a wire without a mouse: arrows or Tab choose among the ports that would take it, Enter connects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QPainter

from rnn_designer.design.ports import INITIAL, output_ports
from rnn_designer.ui.canvas.geometry import PortKey, PortPlace
from rnn_designer.ui.canvas.gestures.base import Gesture
from rnn_designer.ui.canvas.gestures.connect import paint_preview
from rnn_designer.ui.canvas.gestures.wiring import Wiring

if TYPE_CHECKING:
    from rnn_designer.ui.canvas.view import CanvasView

_NEXT = (Qt.Key.Key_Tab, Qt.Key.Key_Right, Qt.Key.Key_Down)
_BACK = (Qt.Key.Key_Backtab, Qt.Key.Key_Left, Qt.Key.Key_Up)
_DONE = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class KeyboardWire(Gesture):
    """A wire from the selected layer; C again goes on to its next output port, Esc gives up."""

    def __init__(self, canvas: CanvasView, layer_id: str) -> None:
        super().__init__(canvas)
        self._layer_id = layer_id
        self._ports = [port.name for port in output_ports(self.document.design.layer(layer_id))]
        self._port = 0
        self._targets: list[PortKey] = []
        self._at = 0
        self._wiring = Wiring(self.document.design, layer_id, self._ports[0], True)

    def start(self) -> None:
        """Light the ports that would take the wire and choose the nearest to the right."""
        self._wiring = Wiring(self.document.design, self._layer_id, self._ports[self._port], True)
        legal = [key for key, refusal in self._wiring.verdicts().items() if refusal is None]
        order = {each: index for index, each in enumerate(self.canvas.walk_order())}
        own = order.get(self._layer_id, 0)
        start = self._place(self._wiring.start_key)
        state = start is not None and start.port.state

        def unlike(key: PortKey) -> tuple[bool, bool, int]:
            """A state goes to where states go, and a sequence does not; what follows the layer comes first."""
            place = self._place(key)
            port = place.port if place is not None else None
            away = (order.get(key[0], 0) - own) % max(len(order), 1)
            other = port is not None and port.state != state
            named = state and key[1].removeprefix(INITIAL) != self._wiring.port
            return other, named, away

        self._targets = sorted(legal, key=unlike)
        self._at = 0
        self._show()

    def _place(self, key: PortKey) -> PortPlace | None:
        return self.scene.item_for_layer[key[0]].outline.place(key[1], output=key[2])

    def _show(self) -> None:
        item = self.scene.item_for_layer[self._layer_id]
        marks = dict.fromkeys(self._targets, "legal")
        if self._targets:
            marks[self._targets[self._at]] = "hit"
        marks[self._wiring.start_key] = "start"
        self.scene.mark_ports(marks, dim_others=True)
        if self._targets:
            target = self.document.design.layer(self._targets[self._at][0])
            place = self._place(self._targets[self._at])
            port = f", {place.port.label}" if place is not None and place.port.label else ""
            self.canvas.say_at(
                item.scene_rect().bottomLeft(),
                f"Wire to {target.kind} ‘{target.name}’{port}? Tab for the next, Enter to connect, Esc to give up.",
            )
            self.canvas.announce(f"Wire to {target.kind} {target.name}{port}")
            self.canvas.reveal(target.id)
        else:
            self.canvas.say_at(
                item.scene_rect().bottomLeft(),
                "No layer can take this wire. Add one first: Ctrl+K, or drag it from the left.",
            )
        self.canvas.viewport().update()

    def key(self, event: QKeyEvent) -> bool:
        """Choose, connect or give up; every other key is kept from doing something else meanwhile."""
        key = event.key()
        if key in _NEXT or key in _BACK:
            if self._targets:
                self._at = (self._at + (1 if key in _NEXT else -1)) % len(self._targets)
                self._show()
        elif key == Qt.Key.Key_C:
            self._port = (self._port + 1) % len(self._ports)
            self.start()
        elif key in _DONE:
            self.canvas.finish_gesture()
            if self._targets:
                layer_id, port, _output = self._targets[self._at]
                link = self._wiring.link_to(layer_id, port)
                self.document.apply(self._wiring.edit(link), self._wiring.label(link))
        return True

    def cancel(self) -> None:
        """Take the marks away."""
        self.scene.mark_ports({})
        self.canvas.hush()
        self.canvas.viewport().update()

    def paint(self, painter: QPainter) -> None:
        """Paint the wire to the chosen port."""
        if not self._targets:
            return
        layer_id, port, output = self._targets[self._at]
        source, target = (self.scene.item_for_layer[each] for each in (self._layer_id, layer_id))
        fixed = source.port_point(self._wiring.port, output=True)
        loose = target.port_point(port, output=output)
        near = source.port_side(self._wiring.port, output=True)
        paint_preview(painter, fixed, loose, near, target.port_side(port, output=output), from_output=True)
