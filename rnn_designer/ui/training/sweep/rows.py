"""What a sweep varies, line by line: the setting, its range or its choices, and a button to vary it no more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from rnn_designer.catalog import Integer
from rnn_designer.design import Design
from rnn_designer.design.sweeping import Varied
from rnn_designer.design.trials import all_choices, parameter_of, range_words, shown, title
from rnn_designer.ui.generate.fields import message_label
from rnn_designer.ui.icons import icon
from rnn_designer.ui.theme import interface_font, keeper
from rnn_designer.ui.widgets.number_field import NumberField

_FIELD = 76


class VariedRow(QWidget):
    """One setting.

    Signals:
        wanted(varied): the user asks for other values to be tried.
        finished(): the next change is an undo step of its own.
        unwanted(varied): the setting is to be varied no more.
    """

    wanted = Signal(object)
    finished = Signal()
    unwanted = Signal(object)

    def __init__(self, design: Design, varied: Varied, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._varied = varied
        self._options: dict[str, Any] = {}
        self.label = QLabel()
        self.label.setFont(interface_font(9.5))
        self.remove = QToolButton()
        self.remove.setIconSize(QSize(12, 12))
        self.remove.setToolTip("Vary it no more")
        self.remove.clicked.connect(lambda: self.unwanted.emit(self._varied))
        self.message = message_label()
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self.label, 1)
        head.addWidget(self.remove)
        self._line = QHBoxLayout()
        self._line.setSpacing(5)
        self.low: NumberField | None = None
        self.high: NumberField | None = None
        self.log: QPushButton | None = None
        self.choices: QToolButton | None = None
        if varied.choices:
            self._make_choices(design)
        else:
            self._make_range(design)
        self._line.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(2)
        column.addLayout(head)
        column.addLayout(self._line)
        column.addWidget(self.message)
        keeper().changed.connect(self._dress)
        self._dress()
        self.show_varied(design, varied)

    @property
    def varied(self) -> Varied:
        """What it shows."""
        return self._varied

    def _make_range(self, design: Design) -> None:
        parameter = parameter_of(design, self._varied.layer, self._varied.name)
        whole = parameter is not None and isinstance(parameter.type, Integer)
        self.low, self.high = low, high = NumberField(whole=whole), NumberField(whole=whole)
        for field, name, words in ((low, "low", "from"), (high, "high", "to")):
            field.setFixedWidth(_FIELD)
            field.edited.connect(lambda value, name=name: self._set_end(name, value))
            field.finished.connect(self._finish)
            label = QLabel(words)
            label.setProperty("role", "muted")
            self._line.addWidget(label)
            self._line.addWidget(field)
        self.log = log = QPushButton("log")
        log.setProperty("role", "chip")
        log.setCheckable(True)
        log.setToolTip("Try each power of ten as often as every other: for learning rates and sizes")
        log.clicked.connect(lambda on: self.wanted.emit(replace(self._varied, log=on)))
        self._line.addWidget(log)

    def _make_choices(self, design: Design) -> None:
        parameter = parameter_of(design, self._varied.layer, self._varied.name)
        self.choices = choices = QToolButton()
        choices.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = menu = QMenu(choices)
        self._options = {
            shown(each): each for each in (all_choices(parameter) if parameter is not None else ())
        }
        for words in self._options:
            action = menu.addAction(words)
            action.setCheckable(True)
            action.toggled.connect(self._choices_changed)
        choices.setMenu(menu)
        self._line.addWidget(choices)

    def show_varied(self, design: Design, varied: Varied) -> None:
        """Show what is tried now."""
        self._varied = varied
        words = title(design, varied)
        self.label.setText(words)
        self.remove.setAccessibleName(f"Vary {words} no more")
        if self.low is not None and self.high is not None and self.log is not None:
            for field, value, end in ((self.low, varied.low, "from"), (self.high, varied.high, "to")):
                field.setAccessibleName(f"{words} {end}")
                if not field.hasFocus() or not self.message.isVisible():
                    field.show_value(value)
            self.log.setChecked(varied.log)
            self.log.setAccessibleName(f"{words} by powers of ten")
        if self.choices is not None:
            self.choices.setText(_short(range_words(varied)))
            self.choices.setToolTip(f"Tried: {range_words(varied)}")
            self.choices.setAccessibleName(f"Choices for {words}")
            chosen = {shown(each) for each in varied.choices}
            for action in self._menu.actions():
                blocked = action.blockSignals(True)
                action.setChecked(action.text() in chosen)
                action.blockSignals(blocked)

    def refuse(self, sentence: str | None) -> None:
        """Say why something was not taken; None for nothing."""
        self.message.setText(sentence or "")
        self.message.setVisible(bool(sentence))

    def _set_end(self, name: str, value: Any) -> None:
        if value is None or isinstance(value, str):
            self.refuse(f"Expected a number, got “{value}”." if value else "Expected a number, got none.")
            return
        self.wanted.emit(replace(self._varied, **{name: value}))

    def _finish(self) -> None:
        if self.message.isVisible():
            self.refuse(None)
            for field in (self.low, self.high):
                if field is not None:
                    field.revert()
        self.finished.emit()

    def _choices_changed(self) -> None:
        chosen = tuple(self._options[action.text()] for action in self._menu.actions() if action.isChecked())
        self.wanted.emit(replace(self._varied, choices=chosen))

    def _dress(self) -> None:
        self.remove.setIcon(icon("close"))


def _short(words: str) -> str:
    return words if len(words) <= 34 else f"{words[:33]}…"
