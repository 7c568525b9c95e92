"""Renaming a layer where its name stands; a name that cannot be is said right below."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QVBoxLayout, QWidget

from rnn_designer.ui.canvas.overlays.surface import dress_as_card, inside

Rename = Callable[[str, str], str | None]
"""Renames a layer by its id; returns the sentence why not."""


class _Field(QLineEdit):
    """Tells Esc and the loss of focus apart from Enter."""

    given_up = Signal()
    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc gives up; neither Esc nor Enter goes on to the canvas, where it would mean something else."""
        if event.key() == Qt.Key.Key_Escape:
            self.given_up.emit()
            event.accept()
        else:
            super().keyPressEvent(event)
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                event.accept()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Going elsewhere keeps a good name."""
        super().focusOutEvent(event)
        if event.reason() not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
            self.left.emit()


class RenameField(QFrame):
    """A line edit over a box's header.

    Signals:
        done(): the name is set or the field was left; the canvas takes the keyboard back.
    """

    done = Signal()

    def __init__(self, rename: Rename, parent: QWidget) -> None:
        super().__init__(parent)
        self._canvas = parent
        self.setObjectName("rename_field")
        self._rename = rename
        self._layer_id = ""
        self.field = _Field(self)
        self.field.setAccessibleName("Layer name")
        self.fault = QLabel(self)
        self.fault.setProperty("role", "error")
        self.fault.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 4, 4, 4)
        column.setSpacing(4)
        column.addWidget(self.field)
        column.addWidget(self.fault)
        self.field.returnPressed.connect(self._try)
        self.field.given_up.connect(self._close)
        self.field.left.connect(self._leave)
        self.field.textEdited.connect(lambda: self._say(None))
        self.hide()

    def ask(self, layer_id: str, name: str, at: QPoint, width: int) -> None:
        """Show the field with the present name selected."""
        self._layer_id = layer_id
        self.setFixedWidth(max(width, 150))
        self._say(None)
        self.field.setText(name)
        self.field.selectAll()
        dress_as_card(self)
        self.move(inside(self._canvas.rect(), at, self.sizeHint()))
        self.raise_()
        self.show()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _try(self) -> None:
        fault = self._rename(self._layer_id, self.field.text())
        if fault is None:
            self._close()
        else:
            self._say(fault)

    def _leave(self) -> None:
        if self.isVisible():
            self._rename(self._layer_id, self.field.text())
            self.hide()

    def _close(self) -> None:
        self.hide()
        self.done.emit()

    def _say(self, fault: str | None) -> None:
        self.fault.setText(fault or "")
        self.fault.setVisible(bool(fault))
        self.field.setProperty("state", "bad" if fault else "")
        self.field.style().unpolish(self.field)
        self.field.style().polish(self.field)
        if fault:
            self.fault.setFixedWidth(self.width() - 8)
        self.adjustSize()
