"""The line below a code editor that looks for a text in it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QToolButton, QWidget

from rnn_designer.ui.cell_editor.code_edit import CodeEdit
from rnn_designer.ui.icons import icon
from rnn_designer.ui.theme import keeper, theme


class FindBar(QWidget):
    """A field, how many places there are, and two buttons that walk them; Esc puts it away."""

    def __init__(self, edit: CodeEdit, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._edit = edit
        self.field = QLineEdit()
        self.field.setPlaceholderText("Find")
        self.field.setAccessibleName("Find in the code")
        self.field.setMaximumWidth(260)
        self.count = QLabel()
        self.count.setProperty("role", "muted")
        self.previous = self._button("The place before (Shift+Enter)")
        self.next = self._button("The next place (Enter)")
        self.close_button = self._button("Stop searching (Esc)")
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 4, 8, 4)
        row.setSpacing(4)
        row.addWidget(self.field, 1)
        row.addWidget(self.count)
        row.addStretch(1)
        for button in (self.previous, self.next, self.close_button):
            row.addWidget(button)
        self.field.textChanged.connect(self._search)
        self.previous.clicked.connect(lambda: self._step(back=True))
        self.next.clicked.connect(lambda: self._step())
        self.close_button.clicked.connect(self.leave)
        edit.edited.connect(self._count_again)
        keeper().changed.connect(self._dress)
        self._dress()
        self.hide()

    def _button(self, words: str) -> QToolButton:
        button = QToolButton()
        button.setIconSize(QSize(14, 14))
        button.setToolTip(words)
        button.setAccessibleName(words)
        return button

    def open(self) -> None:
        """Show the line, with what is selected as the text to look for."""
        chosen = self._edit.textCursor().selectedText()
        self.show()
        if chosen and "\u2029" not in chosen:
            self.field.setText(chosen)
        self.field.selectAll()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._search(self.field.text())

    def leave(self) -> None:
        """Put it away and go back to the text."""
        self.hide()
        self._edit.show_found("")
        self._edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def _search(self, query: str) -> None:
        self._edit.show_found(query)
        self._tell(self._edit.find_next(here=True) if query else None)

    def _step(self, *, back: bool = False) -> None:
        self._tell(self._edit.find_next(back=back))

    def _count_again(self) -> None:
        if self.isVisible():
            self._edit.show_found(self.field.text())
            self._tell(None)

    def _tell(self, number: int | None) -> None:
        count = len(self._edit.found())
        if not self.field.text():
            words = ""
        elif not count:
            words = "not found"
        elif number is None:
            words = f"{count} place" + "s" * (count != 1)
        else:
            words = f"{number + 1} of {count}"
        self.count.setText(words)

    def _dress(self) -> None:
        color = theme().muted
        self.previous.setIcon(icon("up", color))
        self.next.setIcon(icon("down", color))
        self.close_button.setIcon(icon("close", color))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes on, with Shift back; Esc puts the line away."""
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.leave()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F3):
            self._step(back=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        else:
            super().keyPressEvent(event)
