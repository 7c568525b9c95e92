"""What every gesture can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QPainter

if TYPE_CHECKING:
    from rnn_designer.ui.canvas.view import CanvasView


class Gesture:
    """From press to release: previews while it moves, makes one edit when it ends, none when it is cancelled.

    Points are in the scene, except where a gesture says otherwise.
    """

    cursor: Qt.CursorShape | None = None

    def __init__(self, canvas: CanvasView) -> None:
        self.canvas = canvas
        self.scene = canvas.canvas_scene
        self.document = canvas.workspace.document

    def start(self) -> None:
        """Begin, once the gesture is the canvas' own."""

    def move(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """The pointer is somewhere else."""

    def end(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """The button was released: make the edit and take the preview away."""

    def cancel(self) -> None:
        """Take the preview away and change nothing."""

    def key(self, event: QKeyEvent) -> bool:
        """A key was pressed meanwhile; whether it was meant for the gesture."""
        return False

    def paint(self, painter: QPainter) -> None:
        """Paint a preview over the scene, in scene coordinates."""
