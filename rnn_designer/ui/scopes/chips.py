"""The row of chips that choose which signals a scope draws, and the direction and sort menus beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMenu, QPushButton, QSizePolicy, QToolButton, QWidget

from rnn_designer.ui.scopes.signals import ALL, Shown


class ChipBar(QWidget):
    """One chip per signal, and "all" for the overview. A click chooses one; Ctrl or Shift adds or takes away.

    Signals:
        chosen(symbols): the symbols that are to be drawn, in chip order; ``("all",)`` for the overview.
    """

    chosen = Signal(tuple)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chips: list[QPushButton] = []
        self._symbols: tuple[str, ...] = ()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(5)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @property
    def symbols(self) -> tuple[str, ...]:
        """The symbols on the chips, "all" included."""
        return tuple(chip.text() for chip in self._chips if not chip.isHidden())

    def chip(self, symbol: str) -> QPushButton:
        """The chip with that symbol; KeyError if there is none."""
        for chip in self._chips:
            if chip.text() == symbol and not chip.isHidden():
                return chip
        raise KeyError(symbol)

    def show_signals(self, signals: Sequence[Shown], chosen: Iterable[str]) -> None:
        """Offer these signals, changing the chips in place."""
        texts = [each.symbol for each in signals]
        tips = [
            each.explanation if each.spoken == each.symbol else f"{each.spoken}: {each.explanation}"
            for each in signals
        ]
        if len(signals) > 1:
            texts.insert(0, ALL)
            tips.insert(0, "Every signal at once, one above the other.")
        while len(self._chips) < len(texts):
            self._chips.append(self._new_chip())
        self._symbols = tuple(texts)
        wanted = set(chosen)
        for index, chip in enumerate(self._chips):
            visible = index < len(texts)
            if visible:
                if chip.text() != texts[index]:
                    chip.setText(texts[index])
                    chip.setAccessibleName(f"Show {texts[index]}")
                hint = "" if texts[index] == ALL else "\nCtrl-click shows it besides the others."
                chip.setToolTip(tips[index] + hint)
                with QSignalBlocker(chip):
                    chip.setChecked(texts[index] in wanted)
            chip.setVisible(visible)
        self.setVisible(len(texts) > 0)

    def _new_chip(self) -> QPushButton:
        chip = QPushButton(self)
        chip.setProperty("role", "chip")
        chip.setCheckable(True)
        chip.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        chip.setCursor(Qt.CursorShape.PointingHandCursor)
        chip.clicked.connect(lambda: self._clicked(chip))
        self._row.addWidget(chip)
        return chip

    def _clicked(self, chip: QPushButton) -> None:
        held = QApplication.keyboardModifiers()
        adding = bool(held & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier))
        symbol = chip.text()
        if adding and symbol != ALL:
            symbols = [each.text() for each in self._chips if each.isChecked() and each.text() != ALL]
            symbols = [each for each in self._symbols if each in symbols]
        else:
            symbols = [symbol]
        symbols = symbols or [symbol]
        for each in self._chips:
            with QSignalBlocker(each):
                each.setChecked(each.text() in symbols)
        self.chosen.emit(tuple(symbols))


class ChoiceButton(QToolButton):
    """A flat button that says what is chosen and opens a menu: "Sort: peak time ▾".

    Signals:
        picked(key): another entry was chosen.
    """

    picked = Signal(str)

    def __init__(self, label: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label = label
        self._current = ""
        self._actions: dict[str, QAction] = {}
        self._menu = QMenu(self)
        self._group = QActionGroup(self)
        self.setMenu(self._menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(label or "Choice")
        self._options: list[QAction] = []

    @property
    def current(self) -> str:
        """The key of what is chosen."""
        return self._current

    @property
    def keys(self) -> tuple[str, ...]:
        """What can be chosen."""
        return tuple(self._actions)

    def show_choices(self, choices: dict[str, str], current: str) -> None:
        """Offer ``choices`` (key to words) with one of them chosen; nothing is emitted."""
        if list(choices) != list(self._actions):
            for action in self._actions.values():
                self._menu.removeAction(action)
                self._group.removeAction(action)
                action.deleteLater()
            self._actions = {key: self._new_action(key, words) for key, words in choices.items()}
        self._set(current)

    def add_option(self, words: str, tip: str) -> QAction:
        """A line that can be on or off, below the choices."""
        if not self._options:
            self._options.append(self._menu.addSeparator())
        option = QAction(words, self._menu)
        option.setCheckable(True)
        option.setToolTip(tip)
        self._menu.addAction(option)
        self._menu.setToolTipsVisible(True)
        self._options.append(option)
        return option

    def choose(self, key: str) -> None:
        """Choose an entry as the menu would."""
        self._actions[key].trigger()

    def _new_action(self, key: str, words: str) -> QAction:
        action = QAction(words, self._menu)
        if self._options:
            self._menu.insertAction(self._options[0], action)
        else:
            self._menu.addAction(action)
        action.setCheckable(True)
        self._group.addAction(action)
        action.triggered.connect(lambda: self._triggered(key))
        return action

    def _triggered(self, key: str) -> None:
        if key != self._current:
            self._set(key)
            self.picked.emit(key)

    def _set(self, key: str) -> None:
        self._current = key
        if key in self._actions:
            self._actions[key].setChecked(True)
            words = self._actions[key].text()
            words = words[0].lower() + words[1:] if self._label else words
            self.setText(f"{self._label}: {words} ▾" if self._label else f"{words} ▾")
