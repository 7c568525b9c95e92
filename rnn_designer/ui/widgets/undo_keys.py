"""Undo and redo belong to the design, also while a field that changes it live has the focus."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget


class _UndoKeys(QObject):
    """Keeps a text field from claiming Ctrl+Z for its own text, and its list of suggestions from handing it on."""

    def __init__(self, field: QWidget) -> None:
        super().__init__(field)
        self._field = field

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent):
            return False
        keys = QKeySequence.StandardKey
        key = next((each for each in (keys.Undo, keys.Redo) if event.matches(each)), None)
        if key is None:
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            if self._field.isWindow():
                self._field.hide()
            event.ignore()
            return True
        if event.type() != QEvent.Type.KeyPress:
            return False
        # It comes here where no shortcut took it: below an open list, or with nothing to undo in the design.
        if self._field.isWindow():
            self._field.hide()
            _trigger(self._field, key)
        return True


def _trigger(popup: QWidget, key: QKeySequence.StandardKey) -> None:
    """Do what the window below a list does at these keys."""
    owner = popup.parentWidget() or popup.focusProxy()
    wanted = QKeySequence.keyBindings(key)
    for action in owner.window().findChildren(QAction) if owner is not None else ():
        if action.isEnabled() and any(each in wanted for each in action.shortcuts()):
            action.trigger()
            return


def leave_undo_to_the_design(field: QWidget) -> None:
    """Let the window's undo and redo work while the field, or the list that it has dropped down, has the keys.

    What such a field holds is in the design with every keystroke, so undoing its text apart from the design would
    be a change of its own.
    """
    field.installEventFilter(_UndoKeys(field))
