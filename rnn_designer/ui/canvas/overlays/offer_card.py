"""The card where something was refused for which there is a way after all: why, and a button that goes that way."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from rnn_designer.design import Edit, Refused
from rnn_designer.ui.canvas.overlays.surface import dress_as_card, inside
from rnn_designer.ui.theme import theme

_WIDTH = 320
_SIDE = 14
_AWAY = QPoint(12, 10)


class OfferCard(QFrame):
    """Enter takes the offer, Esc leaves everything as it is.

    Signals:
        accepted(edit, label): the button was pressed.
        closed(): the card went away.
    """

    accepted = Signal(object, str)
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._canvas = parent
        self._edit: Edit | None = None
        self._label = ""
        self.setObjectName("offer_card")
        self.sentence = QLabel(self)
        self.sentence.setWordWrap(True)
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.button = QPushButton(self)
        self.button.setProperty("role", "primary")
        self.button.setAutoDefault(True)
        self.button.clicked.connect(self._accept)
        self.leave = QPushButton("Leave it", self)
        self.leave.setProperty("role", "link")
        self.leave.setAutoDefault(True)
        self.leave.clicked.connect(self.dismiss)
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(_SIDE, 12, _SIDE, 12)
        self._rows.setSpacing(10)
        self._rows.addWidget(self.sentence)
        self._line = QHBoxLayout()
        self._line.setSpacing(8)
        self._line.addWidget(self.button)
        self._line.addWidget(self.leave)
        self._line.addStretch(1)
        self._rows.addLayout(self._line)
        self.hide()

    def ask(self, at: QPoint, refusal: Refused, label: str) -> None:
        """Show the card beside a point of the parent, with the keyboard on its button.

        Args:
            at: the point.
            refusal: with its offer.
            label: the name of the undo step.
        """
        if refusal.offer is None:
            return
        words, self._edit = refusal.offer
        self._label = label
        self.button.setText(words)
        self.setAccessibleName(str(refusal))
        dress_as_card(self, theme().warning)
        self.button.ensurePolished()
        wanted = self.button.sizeHint().width() + self.leave.sizeHint().width() + 8 + 2 * _SIDE
        width = max(_WIDTH, wanted + 4)
        self.setFixedWidth(width)
        self.sentence.setText(str(refusal).removesuffix(f" {words}."))
        self.sentence.setFixedWidth(width - 2 * _SIDE - 2)
        self.sentence.setFixedHeight(self.sentence.heightForWidth(self.sentence.width()))
        self.adjustSize()
        self.move(inside(self._canvas.rect(), at + _AWAY, self.sizeHint()))
        self.raise_()
        self.show()
        self.button.setFocus(Qt.FocusReason.OtherFocusReason)

    def dismiss(self) -> None:
        """Close the card and change nothing."""
        if not self.isHidden():
            self._edit = None
            self.hide()
            self.closed.emit()

    def _accept(self) -> None:
        edit, label = self._edit, self._label
        self.dismiss()
        if edit is not None:
            self.accepted.emit(edit, label)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter takes the offer, Esc closes the card; neither goes on to the canvas."""
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            (self.dismiss if self.leave.hasFocus() else self._accept)()
        else:
            super().keyPressEvent(event)
        event.accept()
