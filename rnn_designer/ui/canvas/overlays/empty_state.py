"""What an empty canvas shows: three ways to begin."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from rnn_designer.ui.icons import icon
from rnn_designer.ui.theme import interface_font, keeper, theme


class EmptyState(QWidget):
    """Three starting points, and how to begin by hand.

    Signals:
        example_wanted(), blank_wanted(), open_wanted(): the user chose that start.
        double_clicked(): on the free part, as on the canvas behind it.
    """

    example_wanted = Signal()
    blank_wanted = Signal()
    open_wanted = Signal()
    double_clicked = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.title = QLabel("Design a recurrent network", self)
        self.title.setFont(interface_font(15.0, bold=True))
        self.words = QLabel(
            "Draw layers, feed a sequence, and watch hidden states, cell states and gates step by step.", self
        )
        self.words.setProperty("role", "muted")
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.words.setWordWrap(True)
        self.example = QPushButton("Open an example", self)
        self.example.setProperty("role", "primary")
        self.blank = QPushButton("Blank, with an Input", self)
        self.open = QPushButton("Open a design…", self)
        self.hint = QLabel("Or drag a layer from the left, or double-click anywhere and type its name.", self)
        self.hint.setProperty("role", "muted")
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hint.setWordWrap(True)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        for button, signal in (
            (self.example, self.example_wanted),
            (self.blank, self.blank_wanted),
            (self.open, self.open_wanted),
        ):
            button.clicked.connect(signal.emit)
            button.setMinimumHeight(34)
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setSpacing(14)
        column.addWidget(self.title, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.words)
        column.addSpacing(2)
        column.addLayout(buttons)
        column.addWidget(self.hint)
        keeper().changed.connect(self._dress)
        self._dress()

    def _dress(self) -> None:
        colors = theme()
        for button, name, color in (
            (self.example, "play", colors.on_accent),
            (self.blank, "plus", colors.text),
            (self.open, "open", colors.text),
        ):
            button.setIcon(icon(name, color))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The free part is canvas as well."""
        self.double_clicked.emit()
        event.accept()
