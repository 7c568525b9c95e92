"""One small object per movement of the mouse, from press to release; on release it becomes one edit at most."""

from rnn_designer.ui.canvas.gestures.base import Gesture
from rnn_designer.ui.canvas.gestures.connect import ConnectGesture
from rnn_designer.ui.canvas.gestures.drop import DropGesture
from rnn_designer.ui.canvas.gestures.keyboard_wire import KeyboardWire
from rnn_designer.ui.canvas.gestures.lift import LiftGesture
from rnn_designer.ui.canvas.gestures.move import MoveGesture
from rnn_designer.ui.canvas.gestures.pan import PanGesture
from rnn_designer.ui.canvas.gestures.resize_note import ResizeNoteGesture
from rnn_designer.ui.canvas.gestures.rubber_band import RubberBandGesture

__all__ = [
    "ConnectGesture",
    "DropGesture",
    "Gesture",
    "KeyboardWire",
    "LiftGesture",
    "MoveGesture",
    "PanGesture",
    "ResizeNoteGesture",
    "RubberBandGesture",
]
