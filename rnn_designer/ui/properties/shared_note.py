"""What the head of a page says about a layer that is called more than once, and the ways out."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from rnn_designer.design import Design, Layer
from rnn_designer.design.sharing import sharers
from rnn_designer.ui.widgets.flow import FlowLayout

_NAMED = 3


class SharedNote(QFrame):
    """A card with the sentence, and buttons to go to the other calls or to end the sharing.

    Signals:
        open_wanted(layer_id): the user wants to see another call.
        own_wanted(layer_id): the box is to become a layer of its own.
    """

    open_wanted = Signal(str)
    own_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "hint")
        self._layer_id = ""
        self._others: tuple[str, ...] = ()
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self._buttons = QWidget()
        flow = FlowLayout(self._buttons)
        flow.setContentsMargins(0, 0, 0, 0)
        self.go = [self._go_button(place) for place in range(_NAMED)]
        self.own = QPushButton("Make it a layer of its own")
        self.own.setProperty("role", "fix")
        self.own.setToolTip("It keeps the settings and gets weights of its own")
        self.own.clicked.connect(lambda: self.own_wanted.emit(self._layer_id))
        for button in (*self.go, self.own):
            flow.addWidget(button)
        column = QVBoxLayout(self)
        # The style sheet pads the card.
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.text)
        column.addWidget(self._buttons)
        self.hide()

    def _go_button(self, place: int) -> QPushButton:
        button = QPushButton()
        button.setProperty("role", "fix")
        button.clicked.connect(lambda: self._go(place))
        return button

    def _go(self, place: int) -> None:
        if place < len(self._others):
            self.open_wanted.emit(self._others[place])

    def show_layer(self, layer: Layer, design: Design) -> None:
        """Show what is true of a layer; nothing for one that is called once."""
        self._layer_id = layer.id
        if layer.shares is not None:
            original = design.find(layer.shares)
            others: tuple[Layer, ...] = () if original is None else (original,)
            sentence = _sharer_words(layer, original, design)
        else:
            others = sharers(design, layer.id)
            sentence = _original_words(others)
        self.setVisible(bool(others))
        self._others = tuple(each.id for each in others)
        self.text.setText(sentence)
        self.own.setVisible(layer.shares is not None and design.owner(layer.id) is None)
        for place, button in enumerate(self.go):
            there = place < len(others)
            button.setVisible(there)
            if there:
                name = others[place].name
                button.setText(f"Go to ‘{name}’" if len(name) <= 18 else f"Go to ‘{name[:17]}…’")
                button.setToolTip(f"Select ‘{name}’ and show it on the canvas")


def _sharer_words(layer: Layer, original: Layer | None, design: Design) -> str:
    if original is None:
        return ""
    count = 1 + len(sharers(design, original.id))
    if design.owner(layer.id) is not None:
        return (
            f"Inside a layer that is called again: its weights and settings are those of ‘{original.name}’."
        )
    return (
        f"Calls ‘{original.name}’ once more: {count} calls share one set of weights. Settings that are changed here "
        "change there too."
    )


def _original_words(others: tuple[Layer, ...]) -> str:
    names = ", ".join(f"‘{each.name}’" for each in others[:_NAMED])
    more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
    return f"Called {1 + len(others)} times: here and at {names}{more}. All calls share its weights and settings."
