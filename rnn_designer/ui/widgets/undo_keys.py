"""Undo and redo belong to the design, also while a field that changes it live has the focus."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget


class _UndoKeys(QObject):
    """Keeps a text field from claiming Ctrl+Z for its own text."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            keys = QKeySequence.StandardKey
            if event.matches(keys.Undo) or event.matches(keys.Redo):
                event.ignore()
                return True
        return False


def leave_undo_to_the_design(field: QWidget) -> None:
    """Let the window's undo and redo work while the field has the focus.

    What such a field holds is in the design with every keystroke, so undoing its text apart from the design would
    be a change of its own.
    """
    field.installEventFilter(_UndoKeys(field))
