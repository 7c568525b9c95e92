"""The head of a layer's form: its mark, its name to be edited in place, its type and its number of parameters."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from rnn_designer.design import Checked, Layer
from rnn_designer.ui.widgets.labels import ElidedLabel, TitleEdit
from rnn_designer.ui.widgets.mark import FamilyMark


def count_text(count: int) -> str:
    """A number of parameters in words: "16,896 parameters"."""
    return "no parameters" if count == 0 else f"{count:,} parameter" + "s" * (count != 1)


def total_text(checked: Checked) -> str:
    """The parameters of a design in words; those of cells written by hand are known to their own code alone."""
    total = sum(checked.counts.get(layer.id, 0) for layer in checked.design.layers)
    if not any(layer.kind == "CustomCell" for layer in checked.design.walk()):
        return count_text(total)
    return f"{count_text(total)}, own cells not counted" if total else "own cells: parameters not counted"


class LayerHeader(QWidget):
    """Mark, name, and "LSTM · 16,896 parameters" beside it, or below where there is no room.

    Signals:
        renamed(name): the name was edited.
    """

    renamed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.mark = FamilyMark(10)
        self.title = TitleEdit()
        self.title.renamed.connect(self.renamed)
        self.facts = ElidedLabel()
        self._message = QLabel()
        self._message.setProperty("role", "error")
        self._message.setWordWrap(True)
        self._message.hide()
        self._words = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._words.setSpacing(4)
        self._words.addWidget(self.title)
        self._words.addWidget(self.facts, 1)
        line = QHBoxLayout()
        line.setSpacing(4)
        mark = QVBoxLayout()
        mark.setContentsMargins(0, 8, 0, 0)
        mark.addWidget(self.mark)
        mark.addStretch(1)
        line.addLayout(mark)
        line.addLayout(self._words, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(line)
        layout.addWidget(self._message)

    def show_layers(self, layers: tuple[Layer, ...], checked: Checked) -> None:
        """Show one layer's name and facts, or how many layers are shown together."""
        layer = layers[-1]
        self.mark.show_kind(layer.kind)
        self.title.setReadOnly(len(layers) > 1)
        if len(layers) > 1:
            self.title.show_name(f"{len(layers)} layers")
            self.facts.show_text(f"{layer.kind} · edited together")
        else:
            self.title.show_name(layer.name)
            count = checked.counts.get(layer.id)
            # The weights of a call are its original's, and counted there: "no parameters" would be half the truth.
            counted = count is not None and layer.type.inputs and (count or layer.shares is None)
            self.facts.show_text(f"{layer.kind} · {count_text(count or 0)}" if counted else layer.kind)
        self.refuse("")
        self._arrange()

    def refuse(self, sentence: str) -> None:
        """Show why the name is no good; nothing clears it."""
        self._message.setText(sentence)
        self._message.setVisible(bool(sentence))

    def _arrange(self) -> None:
        room = self.width() - self.mark.width() - 12
        beside = self.title.sizeHint().width() + self.facts.sizeHint().width() <= room
        way = QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom
        if way != self._words.direction():
            self._words.setDirection(way)
            self._words.setSpacing(4 if beside else 0)
            self.facts.setIndent(0)
            self.facts.setContentsMargins(0 if beside else 5, 0, 0, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the facts beside the name or below it."""
        super().resizeEvent(event)
        self._arrange()
