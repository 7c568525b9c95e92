"""Making a note larger or smaller by its lower right corner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from rnn_designer.design import edits
from rnn_designer.design.edits.marks import LARGEST_NOTE, SMALLEST_NOTE
from rnn_designer.ui.canvas.geometry import snapped
from rnn_designer.ui.canvas.gestures.base import Gesture
from rnn_designer.ui.canvas.marks import NoteItem

if TYPE_CHECKING:
    from rnn_designer.ui.canvas.view import CanvasView


class ResizeNoteGesture(Gesture):
    """Shows the note at its new size, and on release makes it so."""

    cursor = Qt.CursorShape.SizeFDiagCursor

    def __init__(self, canvas: CanvasView, at: QPointF, item: NoteItem) -> None:
        super().__init__(canvas)
        self._origin = at
        self._item = item
        self._size = item.note.size

    def move(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Follow the pointer on the grid, within the limits of a note."""
        away = at - self._origin
        width, height = self._item.note.size
        self._size = (
            min(max(snapped(width + away.x()), SMALLEST_NOTE[0]), LARGEST_NOTE[0]),
            min(max(snapped(height + away.y()), SMALLEST_NOTE[1]), LARGEST_NOTE[1]),
        )
        self._item.set_size(*self._size)
        self._item.update()
        self.scene.marks.follow(self._item.note.id)

    def end(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Make the edit."""
        if at != self._origin:
            self.move(at, modifiers)
            self.document.apply(edits.resize_note(self._item.note.id, self._size), "Resize note")

    def cancel(self) -> None:
        """Back to the size it had."""
        self._item.set_size(*self._item.note.size)
        self._item.update()
        self.scene.marks.follow(self._item.note.id)
