"""A control of the Data panel with its label, the sentence below it, and what is wrong with it."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from rnn_designer.catalog import BadValue, Integer, Number
from rnn_designer.sequences import DataProblem, Option
from rnn_designer.ui.properties.editors import NumberEditor
from rnn_designer.ui.properties.row import LABEL_WIDTH
from rnn_designer.ui.theme import interface_font
from rnn_designer.ui.widgets.labels import ScrubLabel
from rnn_designer.ui.widgets.number_field import number_text


def small_text(text: str = "") -> QLabel:
    """A muted sentence that wraps."""
    label = QLabel(text)
    label.setProperty("role", "muted")
    label.setFont(interface_font(9))
    label.setWordWrap(True)
    return label


class ControlRow(QWidget):
    """A label, a control, a sentence that says what it changes, and a message when it is wrong."""

    def __init__(
        self, label: QLabel, control: QWidget, explanation: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        label.setFont(interface_font(9.5))
        label.setFixedWidth(LABEL_WIDTH)
        label.setBuddy(control)
        row = QHBoxLayout()
        row.setSpacing(18)
        row.addWidget(label)
        row.addWidget(control, 1)
        self.explanation = small_text(explanation)
        self.message = QLabel()
        self.message.setProperty("role", "error")
        self.message.setWordWrap(True)
        self.message.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 2)
        layout.setSpacing(2)
        layout.addLayout(row)
        layout.addWidget(self.message)
        layout.addWidget(self.explanation)

    def explain(self, text: str) -> None:
        """Show another sentence."""
        if self.explanation.text() != text:
            self.explanation.setText(text)

    def refuse(self, sentence: str) -> None:
        """Show what is wrong; nothing clears it."""
        self.message.setText(sentence)
        self.message.setVisible(bool(sentence))


class NumberRow(ControlRow):
    """A number with its sentence.

    Signals:
        value_wanted(value): a value that is within the limits.
    """

    value_wanted = Signal(object)
    finished = Signal()

    def __init__(
        self,
        title: str,
        kind: Integer | Number,
        explanation: str,
        accept: Callable[[Any], Any],
        parent: QWidget | None = None,
    ) -> None:
        self.editor = NumberEditor(kind)
        self.editor.name(title)
        label = ScrubLabel(title, scrubs=True)
        super().__init__(label, self.editor, explanation, parent)
        self._accept = accept
        self._expected = kind.expected
        self._value: Any = None
        label.scrubbed.connect(self.editor.scrub)
        label.scrub_ended.connect(self.editor.end_scrub)
        self.editor.wanted.connect(self._judge)
        self.editor.finished.connect(self.finished)

    def show_value(self, value: Any) -> None:
        """Show the number that holds; a bad text stays while that number is the same."""
        same = (type(value), value) == (type(self._value), self._value)
        self._value = value
        if same and not self.message.isHidden():
            return
        self.refuse("")
        self.editor.show_value(value)

    def refuse(self, sentence: str) -> None:
        """Show what is wrong and mark the field."""
        super().refuse(sentence)
        self.editor.mark(bool(sentence))

    def _judge(self, value: Any) -> None:
        try:
            if value is None:
                raise BadValue(f"Expected {self._expected}, got nothing.")
            accepted = self._accept(value)
        except (BadValue, DataProblem) as bad:
            kept = f" It stays {number_text(self._value)}." if self._value is not None else ""
            self.refuse(f"{bad}{kept}")
            return
        self.refuse("")
        self.value_wanted.emit(accepted)


def option_row(option: Option) -> NumberRow:
    """The control of a generator's setting."""
    kind: Integer | Number
    if option.whole:
        kind = Integer(int(option.minimum), None if option.maximum is None else int(option.maximum))
    else:
        kind = Number(option.minimum, option.maximum)
    return NumberRow(option.label, kind, option.explanation, option.accept)


def size_row(title: str, explanation: str, maximum: int = 10**6) -> NumberRow:
    """The control of a batch size, a number of steps or a stride."""
    kind = Integer(1, maximum)
    return NumberRow(title, kind, explanation, kind.accept)
