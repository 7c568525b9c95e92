"""The canvas: our own on QGraphicsScene. ``scene`` shows a design, ``gestures`` and ``commands`` make edits."""

from rnn_designer.ui.canvas.view import CanvasView

__all__ = ["CanvasView"]
