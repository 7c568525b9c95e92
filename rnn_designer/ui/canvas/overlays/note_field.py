"""Writing on a note where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit

from rnn_designer.design import Note
from rnn_designer.design.edits.marks import LONGEST_NOTE
from rnn_designer.ui.canvas.overlays.surface import inside
from rnn_designer.ui.theme import interface_font, theme

if TYPE_CHECKING:
    from rnn_designer.ui.canvas.view import CanvasView

_LEAST_WIDTH, _LEAST_HEIGHT = 150, 56
_ELSEWHERE = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason)


class NoteField(QPlainTextEdit):
    """A field over a note. Esc gives up, Ctrl+Enter and going elsewhere keep what was written.

    Signals:
        closed(): the canvas takes the keyboard back.
    """

    closed = Signal()

    def __init__(self, canvas: CanvasView) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._note_id: str | None = None
        self._at = QPointF()
        self.setObjectName("note_field")
        self.setAccessibleName("Text of the note")
        self.setPlaceholderText("Write a note. Ctrl+Enter keeps it, Esc gives up.")
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.hide()

    def ask(self, note_id: str | None, at: QPointF) -> None:
        """Show the field over a note, or where a new one will be."""
        note = self._canvas.workspace.document.design.note(note_id) if note_id else None
        self._note_id, self._at = (note.id if note else None), at
        shape = note or Note("", position=(at.x(), at.y()))
        area = self._canvas.mapFromScene(
            QRectF(
                QPointF(*shape.position),
                QPointF(shape.position[0] + shape.size[0], shape.position[1] + shape.size[1]),
            )
        ).boundingRect()
        area = QRect(area.topLeft(), area.size().expandedTo(self.minimumSizeHint()))
        area.setWidth(max(area.width(), _LEAST_WIDTH))
        area.setHeight(max(area.height(), _LEAST_HEIGHT))
        colors = theme()
        self.setStyleSheet(
            f"#note_field {{ background: {colors.panel}; color: {colors.text}; padding: 3px 5px;"
            f" border: 1px solid {colors.accent}; border-radius: 6px; }}"
        )
        self.setFont(interface_font(9.0 * max(0.8, min(self._canvas.zoom, 2.0))))
        self.setPlainText(note.text if note else "")
        self.selectAll()
        self.resize(area.size())
        self.move(inside(self._canvas.rect(), area.topLeft(), area.size()))
        self.raise_()
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc gives up, Ctrl+Enter keeps."""
        if event.key() == Qt.Key.Key_Escape:
            self._close()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and (
            event.modifiers() & Qt.KeyboardModifier.ControlModifier
        ):
            self._keep()
            self._close()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Going elsewhere keeps what was written."""
        super().focusOutEvent(event)
        if event.reason() not in _ELSEWHERE and self.isVisible():
            self._keep()
            self.hide()

    def _keep(self) -> None:
        text = self.toPlainText().strip()[:LONGEST_NOTE]
        commands = self._canvas.mark_commands
        if self._note_id is None:
            if text:
                commands.add_note(text, self._at)
                self._canvas.reveal_current()
        elif self._canvas.workspace.document.design.note(self._note_id) is not None:
            commands.write(self._note_id, text)

    def _close(self) -> None:
        self.hide()
        self.closed.emit()
