"""A generated text: what it starts from in grey, what the model wrote behind it in the colour of the plots' mark."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QSizePolicy, QWidget

from rnn_designer.session.generating import spelled
from rnn_designer.ui.theme import interface_font, keeper, theme

_MOST = 20_000


class GeneratedText(QPlainTextEdit):
    """A text that can be read and copied, not changed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._start, self._rest = "", ""
        self.setReadOnly(True)
        self.setProperty("role", "field")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFont(interface_font(10))
        self.setMinimumHeight(72)
        # It takes what the panel has left, and asks for no more.
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.setAccessibleName("Generated text")
        keeper().changed.connect(self._dress)

    def show_ids(self, ids: Sequence[int], start: int, vocabulary: Sequence[str], unit: str) -> None:
        """Show a sample's tokens as text.

        Args:
            ids: the tokens' numbers.
            start: the place of the first generated one.
            vocabulary: the token of every number; numbers are shown where it is empty.
            unit: what a token is: ``characters`` or ``words``.
        """
        if not vocabulary:
            unit, vocabulary = "words", [str(each) for each in range(max(ids, default=0) + 1)]
        before, whole = spelled(ids[:start], vocabulary, unit), spelled(ids, vocabulary, unit)
        before = before[-_MOST:]
        rest = whole[len(spelled(ids[:start], vocabulary, unit)) :]
        if (before, rest) == (self._start, self._rest):
            return
        if before == self._start and rest.startswith(self._rest):
            self._append(rest[len(self._rest) :], generated=True)
            self._rest = rest
            return
        self._start, self._rest = before, rest
        self._dress()

    def _dress(self) -> None:
        """Write everything anew, in the theme's colours."""
        self.clear()
        self._append(self._start, generated=False)
        self._append(self._rest, generated=True)

    def _append(self, text: str, *, generated: bool) -> None:
        look = theme()
        style = QTextCharFormat()
        style.setForeground(QColor(look.text if generated else look.muted))
        if generated:
            style.setBackground(look.color("accent", 0.12))
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(text, style)
        self.ensureCursorVisible()
        bar = self.verticalScrollBar()
        bar.setValue(bar.maximum())
