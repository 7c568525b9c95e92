"""What the canvas shows besides boxes and wires: notes, and groups with their frames."""

from rnn_designer.ui.canvas.marks.groups import GroupItem
from rnn_designer.ui.canvas.marks.notes import NoteItem
from rnn_designer.ui.canvas.marks.picture import Marks

__all__ = ["GroupItem", "Marks", "NoteItem"]
