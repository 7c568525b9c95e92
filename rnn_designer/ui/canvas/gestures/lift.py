"""Dragging a cell inside its frame, out of it, or into another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from rnn_designer.ui.canvas.geometry import snapped
from rnn_designer.ui.canvas.gestures.base import Gesture
from rnn_designer.ui.canvas.gestures.nesting import Nesting
from rnn_designer.ui.canvas.items import LayerItem

if TYPE_CHECKING:
    from rnn_designer.ui.canvas.view import CanvasView


class LiftGesture(Gesture):
    """Moves a cell's picture with the pointer; on release the cell goes where the line or the empty canvas shows."""

    def __init__(self, canvas: CanvasView, at: QPointF, item: LayerItem, *, toggling: bool) -> None:
        super().__init__(canvas)
        self._origin = at
        self._item = item
        self._start = QPointF(item.pos())
        self._moved = False
        self._toggling = toggling
        self._nesting = Nesting(canvas, item.layer, item, replaces=True)

    def move(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Carry the picture, and light the place under the pointer."""
        if not self._moved:
            if (at - self._origin).manhattanLength() * self.canvas.zoom < self.canvas.drag_distance:
                return
            self._moved = True
            self._item.lift(on=True)
        self._item.place(self._start + at - self._origin)
        nest = self._nesting.look(at)
        if nest is None:
            self.canvas.say_at(at, f"Take {self._item.layer.kind} out onto the canvas.")

    def end(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Put the cell there; a press without a movement only settles the selection."""
        if not self._moved:
            if not self._toggling and len(self.canvas.selection.everything) > 1:
                self.canvas.select_only(self._item.layer.id)
            return
        nest = self._nesting.look(at)
        inside = self._nesting.drop(at)
        self._put_back()
        if inside is None and nest is None:
            place = self._start + at - self._origin
            spot = QPointF(snapped(place.x()), snapped(place.y()))
            self.canvas.commands.frames.take_out(self._item.layer.id, spot)

    def cancel(self) -> None:
        """Leave the cell where it was."""
        self._nesting.clear()
        self._put_back()

    def _put_back(self) -> None:
        if self._moved:
            self._item.lift(on=False)
            self.scene.settle(self._item)
