"""Selecting with a rectangle drawn on empty canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from rnn_designer.ui.canvas.gestures.base import Gesture
from rnn_designer.ui.theme import theme

if TYPE_CHECKING:
    from rnn_designer.ui.canvas.view import CanvasView

_ADDING = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


class RubberBandGesture(Gesture):
    """Selects the boxes and notes that the rectangle touches, while it is drawn; with Ctrl or Shift they are added."""

    def __init__(self, canvas: CanvasView, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        super().__init__(canvas)
        self._origin = at
        self._area = QRectF(at, at)
        self._before = (canvas.selection.ids, canvas.selection.marks)
        self._kept = self._before if modifiers & _ADDING else ((), ())

    def start(self) -> None:
        """A press on empty canvas selects nothing."""
        self.canvas.selection.set(*self._kept)

    def move(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Select what the rectangle touches now."""
        self._area = QRectF(self._origin, at).normalized()
        ids, marks = self._kept
        self.canvas.selection.set(
            (*ids, *self.scene.tops_in(self._area)), (*marks, *self.scene.marks.touched(self._area))
        )
        self.canvas.viewport().update()

    def end(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Keep the selection."""
        self.canvas.viewport().update()

    def cancel(self) -> None:
        """Select what was selected before."""
        self.canvas.selection.set(*self._before)
        self.canvas.viewport().update()

    def paint(self, painter: QPainter) -> None:
        """Paint the rectangle."""
        if self._area.isEmpty():
            return
        pen = QPen(theme().color("accent"), 0)
        painter.setPen(pen)
        painter.setBrush(theme().color("accent", 0.1))
        painter.drawRect(self._area)
