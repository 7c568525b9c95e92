"""A bar above the status bar for what the user has to know now: a refusal, a failed save, a crashed engine.

It replaces message boxes: nothing stops, and the way out is a button in the sentence's own row.
"""

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from rnn_designer.ui.icons import icon
from rnn_designer.ui.theme import keeper, theme

_SHORT = 6000


class NoticeBar(QFrame):
    """One sentence at a time, the newest wins; short notices leave by themselves."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "notice")
        self._kind = "information"
        self._mark = QLabel(self)
        self._text = QLabel(self)
        self._text.setWordWrap(True)
        self._action = QPushButton(self)
        self._action.setProperty("role", "fix")
        self._action.clicked.connect(self._act)
        self._close = QToolButton(self)
        self._close.setAccessibleName("Dismiss this notice")
        self._close.clicked.connect(self.clear)
        self._do: Callable[[], object] | None = None
        self._subject = ""
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 8, 4)
        row.setSpacing(8)
        row.addWidget(self._mark)
        row.addWidget(self._text, 1)
        row.addWidget(self._action)
        row.addWidget(self._close)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SHORT)
        self._timer.timeout.connect(self.clear)
        keeper().changed.connect(self._dress)
        self._dress()
        self.hide()

    @property
    def text(self) -> str:
        """The sentence shown; empty while nothing is."""
        return self._text.text() if not self.isHidden() else ""

    def say(
        self,
        sentence: str,
        *,
        kind: str = "information",
        subject: str = "",
        action: str = "",
        do: Callable[[], object] | None = None,
        stay: bool = False,
    ) -> None:
        """Show a sentence.

        Args:
            sentence: what happened and what to do.
            kind: ``information``, ``warning`` or ``error``.
            subject: what it is about, so that :meth:`clear` can take back just this.
            action: the text of the button, if there is a way out.
            do: what the button does; the notice goes.
            stay: whether it stays until dismissed; others leave after a few seconds.
        """
        self._kind = kind
        self._subject = subject
        self._text.setText(sentence)
        self._do = do
        self._action.setText(action)
        self._action.setVisible(bool(action))
        self._dress()
        self.show()
        if stay:
            self._timer.stop()
        else:
            self._timer.start()

    def clear(self, subject: object = None) -> None:
        """Hide the bar; with a subject, only if it is what the bar shows."""
        if isinstance(subject, str) and subject != self._subject:
            return
        self._timer.stop()
        self._do = None
        self.hide()

    def _act(self) -> None:
        do = self._do
        self.clear()
        if do is not None:
            do()

    def _dress(self) -> None:
        color = getattr(theme(), self._kind)
        self._mark.setPixmap(icon(self._kind, color).pixmap(18, 18))
        self._close.setIcon(icon("close", theme().muted))
        self.setStyleSheet(
            f"NoticeBar {{ background: {theme().panel}; border-top: 1px solid {theme().hairline}; "
            f"border-left: 3px solid {color}; }}"
        )
