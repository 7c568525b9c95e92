"""The settings of a generation as small fields side by side, each below its name."""

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from rnn_designer.ui.theme import interface_font
from rnn_designer.ui.widgets.labels import ScrubLabel
from rnn_designer.ui.widgets.number_field import NumberField
from rnn_designer.ui.widgets.problem_lines import restyle

_WIDTH = 84


class SmallField(QWidget):
    """A number with its name above it; dragging the name scrubs the number.

    Signals:
        wanted(value): the user asks for a number; None for an empty field.
        finished(): the next change is an undo step of its own.
    """

    wanted = Signal(object)
    finished = Signal()

    def __init__(
        self,
        title: str,
        tip: str,
        *,
        whole: bool = True,
        least: float = 1,
        most: float | None = None,
        none: str = "none",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._none = none
        self.label = ScrubLabel(title, scrubs=True)
        self.label.setFont(interface_font(9))
        self.label.setWordWrap(False)
        self.field = NumberField(whole=whole, minimum=least, maximum=most)
        self.field.setFixedWidth(_WIDTH)
        self.field.setAccessibleName(title)
        self.label.setBuddy(self.field)
        for each in (self.label, self.field):
            each.setToolTip(tip)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(3)
        column.addWidget(self.label)
        column.addWidget(self.field)
        self.label.scrubbed.connect(lambda pixels, fine: self.field.scrub(pixels, fine=fine))
        self.label.scrub_ended.connect(self.field.end_scrub)
        self.field.edited.connect(self.wanted)
        self.field.finished.connect(self._finish)

    def show_value(self, value: Any) -> None:
        """Show the number that holds, unless another is being typed that does not hold."""
        if self.field.property("state") != "bad" or not self.field.hasFocus():
            self.mark(False)
            self.field.show_value(value, none=self._none)

    def mark(self, bad: bool) -> None:
        """Mark what stands there as impossible, or not."""
        restyle(self.field, "state", "bad" if bad else "")

    def _finish(self) -> None:
        if self.field.property("state") == "bad":
            self.mark(False)
            self.field.revert()
        self.finished.emit()


def message_label() -> QLabel:
    """A red sentence below fields; hidden while there is none."""
    label = QLabel()
    label.setProperty("role", "error")
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.hide()
    return label
