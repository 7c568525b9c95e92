"""Where arrays are pasted, rows and features added, and a feature chosen that the mouse draws."""

from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from rnn_designer.ui.data.rows import ControlRow, size_row, small_text
from rnn_designer.ui.theme import code_font
from rnn_designer.ui.widgets.combo import Combo
from rnn_designer.ui.widgets.labels import ScrubLabel

_HELP = (
    "Paste cells of a spreadsheet, a Python list, or np.array and tf.constant with all their brackets: two levels are "
    "steps × features, three are samples × steps × features. Nothing that is pasted is run."
)
_DRAW = "Drag across the preview to draw; by keyboard, type into the cells of the table below it. Delete leaves a gap."


class PasteField(QPlainTextEdit):
    """Text of several lines; Ctrl+Enter is the same as the button below it.

    Signals:
        done(): Ctrl+Enter.
    """

    done = Signal()

    def __init__(self, height: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._height = height
        self.setProperty("role", "field")
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """As high as was asked for."""
        return QSize(120, self._height)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+Enter ends it."""
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.done.emit()
        else:
            super().keyPressEvent(event)


class TypedView(QWidget):
    """Everything about typed data but its table.

    Signals:
        text_wanted(text): a pasted text is to become the data.
        shape_wanted(steps, features): the data is to have so many steps and features; new cells are 0.
        finished(): the next change is an undo step of its own.
    """

    text_wanted = Signal(str)
    shape_wanted = Signal(int, int)
    finished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shape: tuple[int, ...] = (1, 1)
        self.paste = PasteField(76)
        self.paste.setAccessibleName("Array to paste")
        self.paste.setPlaceholderText("[[0.1, 0.2], [0.3, 0.4]]")
        self.paste.setFont(code_font(9))
        self.paste.done.connect(self._take)
        self.take = QPushButton("Use this array")
        self.take.setToolTip("Make the pasted text the data (Ctrl+Enter).")
        self.take.clicked.connect(self._take)
        self.message = QLabel()
        self.message.setProperty("role", "error")
        self.message.setWordWrap(True)
        self.message.hide()
        self.words = small_text()
        self.words.hide()
        self.steps = size_row("rows", "How many steps are typed, over all that is cut into samples.", 100_000)
        self.steps.value_wanted.connect(lambda steps: self.shape_wanted.emit(steps, self._shape[-1]))
        self.features = size_row(
            "features", "How many numbers each step has; the Input's shape follows.", 1_000
        )
        self.features.value_wanted.connect(lambda count: self.shape_wanted.emit(self._shape[-2], count))
        for row in (self.steps, self.features):
            row.finished.connect(self.finished)
        self.drawn = Combo()
        self.drawn.setAccessibleName("Feature that the mouse draws")
        self._drawn_row = ControlRow(ScrubLabel("draw feature"), self.drawn, _DRAW)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for widget in (
            self._drawn_row,
            self.steps,
            self.features,
            self.paste,
            self.take,
            self.message,
            self.words,
        ):
            layout.addWidget(widget)
        layout.setAlignment(self.take, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(small_text(_HELP))

    def show_shape(self, shape: tuple[int, ...]) -> None:
        """Show the sizes that the data has."""
        self._shape = shape
        self.steps.show_value(shape[-2])
        self.features.show_value(shape[-1])
        self.drawn.offer([(place, f"feature {place}") for place in range(min(64, shape[-1]))])
        if self.drawn.currentIndex() < 0:
            self.drawn.setCurrentIndex(0)

    @property
    def feature(self) -> int:
        """Which feature the mouse draws."""
        chosen: Any = self.drawn.value_at(self.drawn.currentIndex())
        return chosen if isinstance(chosen, int) else 0

    def refuse(self, sentence: str) -> None:
        """Say why a text is no array; the text stays to be mended."""
        self.message.setText(sentence)
        self.message.setVisible(bool(sentence))
        if sentence:
            self.words.hide()

    def accept(self, words: str) -> None:
        """Say how a text was read, and make room for the next."""
        self.refuse("")
        self.words.setText(words)
        self.words.setVisible(bool(words))
        self.paste.clear()

    def _take(self) -> None:
        self.text_wanted.emit(self.paste.toPlainText())
