"""Dragging the canvas itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, Qt

from rnn_designer.ui.canvas.gestures.base import Gesture

if TYPE_CHECKING:
    from rnn_designer.ui.canvas.view import CanvasView


class PanGesture(Gesture):
    """Moves the view with the pointer. With the right button, a press that stays in place opens the menu instead."""

    cursor = Qt.CursorShape.ClosedHandCursor

    def __init__(self, canvas: CanvasView, at: QPoint, *, menu: bool) -> None:
        super().__init__(canvas)
        self._origin = self._last = at
        self._menu = menu
        self.moved = False

    def pan(self, at: QPoint) -> None:
        """The pointer is at another place of the viewport."""
        if not self.moved and (at - self._origin).manhattanLength() < self.canvas.drag_distance:
            return
        self.moved = True
        self.canvas.pan_by(at - self._last)
        self._last = at

    def end(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Open the menu where the right button was only clicked."""
        if self._menu and not self.moved:
            self.canvas.open_menu(self._origin)
