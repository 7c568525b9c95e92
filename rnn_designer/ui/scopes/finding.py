"""Searching for units: by number, by what their values do, or by likeness; the row above the plot in which one types.

What a search finds is chosen while one types, so that heat maps mark it and lines show it; Enter keeps that, Esc goes
back to what was chosen before.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QMenu, QToolButton, QWidget

from rnn_designer.ui.icons import icon
from rnn_designer.ui.scopes.units import MOST
from rnn_designer.ui.theme import keeper
from rnn_designer.wording import counted

if TYPE_CHECKING:
    from rnn_designer.messages import Array

QUERIES = {
    "most variable": "Most variable: those that move most over time",
    "least variable": "Least variable",
    "constant": "Constant: those that never change",
    "saturated": "Saturated: beyond ±0.95 at most of the steps",
    "early": "Early: those that peak first",
    "late": "Late: those that peak last",
    "strongest": "Strongest at the cursor",
    "> 0.5": "Above 0.5 at the cursor",
    "like 0": "Most like unit 0",
    "NaN": "Not a number, or infinite, at some step",
}
"""What can be searched for besides numbers, and how a menu says it."""
_HELP = "Try 5, or 5-9, or most variable, constant, early, like 5, > 0.5."
_SATURATED = 0.95
_NUMBERS = re.compile(r"(\d+)(?:\s*[-–]\s*(\d+))?")
_LIKE = re.compile(r"(?:like|similar(?:\s+to)?)\s*(?:unit\s*)?(\d+)")
_AGAINST = re.compile(r"([<>])=?\s*([-−]?\d*\.?\d+)")
_WORDS = {
    "most variable": ("variable", "variance", "lively", "active"),
    "least variable": ("quiet", "least"),
    "constant": ("dead", "still", "never changes"),
    "saturated": ("saturation",),
    "early": ("first peak", "peaks first", "earliest"),
    "late": ("last peak", "peaks last", "latest"),
    "strongest": ("largest", "strong", "max"),
    "nan": ("inf", "infinite"),
}


@dataclass(frozen=True)
class FoundUnits:
    """What a search found.

    Attributes:
        units: the best first where there is an order, else by number.
        words: what they are, or why there is none.
        understood: whether the search made sense.
    """

    units: tuple[int, ...] = ()
    words: str = ""
    understood: bool = True


def found_units(query: str, values: Array, step: int, word: str = "unit") -> FoundUnits:
    """The units that a search is about.

    Args:
        query: what was typed: numbers and ranges ("5, 9-12"), a key of :data:`QUERIES`, "like 5", "> 0.5", "< -0.2".
        values: ``(steps, units)`` of the signal that is looked at.
        step: where the cursor is, as a row of the values.
        word: what a column is called.
    """
    text = " ".join(query.lower().replace(f"{word}s", " ").replace(word, " ").split()).strip(" ,;")
    if not text:
        return FoundUnits(words=_HELP)
    count = int(values.shape[1])
    if re.fullmatch(r"[\d\s,;–-]+", text):
        return _numbered(text, count, word)
    like = _LIKE.fullmatch(" ".join(query.lower().split()))
    if like is not None:
        return _like(int(like[1]), values, word)
    against = _AGAINST.fullmatch(text.replace("at the cursor", "").strip())
    if against is not None:
        return _compared(against[1], float(against[2].replace("−", "-")), values, step, word)
    for known, others in _WORDS.items():
        # As soon as what is typed can be nothing else.
        if known.startswith(text) or text.startswith(known) or _begins(text, others):
            return _ranked(known, values, step, word)
    return FoundUnits(words=f"“{query.strip()}” is no search for {word}s. {_HELP}", understood=False)


def _begins(text: str, words: tuple[str, ...]) -> bool:
    """Whether one of the words begins so, and enough is typed to mean it."""
    return len(text) > 1 and any(each.startswith(text) for each in words)


def _numbered(text: str, count: int, word: str) -> FoundUnits:
    units: list[int] = []
    for part in _NUMBERS.finditer(text):
        first, last = int(part[1]), int(part[2] or part[1])
        if max(first, last) >= count:
            told = f"There is no {word} {max(first, last)}: they count from 0 to {count - 1}."
            return FoundUnits(words=told, understood=False)
        units += range(min(first, last), max(first, last) + 1)
    units = list(dict.fromkeys(units))
    if not units:
        return FoundUnits(words=_HELP)
    return FoundUnits(tuple(units), f"{word} {units[0]}" if len(units) == 1 else counted(len(units), word))


def _like(unit: int, values: Array, word: str) -> FoundUnits:
    import numpy as np

    if unit >= values.shape[1]:
        told = f"There is no {word} {unit}: they count from 0 to {values.shape[1] - 1}."
        return FoundUnits(words=told, understood=False)
    clean = np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    clean = clean - clean.mean(axis=0)
    length = np.sqrt((clean * clean).sum(axis=0))
    if length[unit] < 1e-12:
        return FoundUnits((unit,), f"{word} {unit} never changes: it is like no other")
    with np.errstate(invalid="ignore", divide="ignore"):
        alike = np.nan_to_num((clean.T @ clean[:, unit]) / (length * length[unit]), nan=-2.0)
    order = [unit, *(int(each) for each in np.argsort(-alike.round(9), kind="stable") if each != unit)]
    order = [each for each in order if length[each] >= 1e-12]
    next_best = (
        f", next {word} {order[1]} with a correlation of {alike[order[1]]:.2f}" if len(order) > 1 else ""
    )
    return FoundUnits(tuple(order), f"most like {word} {unit} first{next_best}")


def _compared(sign: str, limit: float, values: Array, step: int, word: str) -> FoundUnits:
    import numpy as np

    row = values[step].astype(np.float64)
    on = np.flatnonzero(row > limit if sign == ">" else row < limit)
    best = on[np.argsort(-row[on] if sign == ">" else row[on], kind="stable")]
    where = f"{'above' if sign == '>' else 'below'} {limit:g} at step {step}"
    units = tuple(int(each) for each in best)
    return FoundUnits(units, f"{counted(len(units), word)} {where}")


def _ranked(query: str, values: Array, step: int, word: str) -> FoundUnits:
    import numpy as np

    bad = ~np.isfinite(values)
    clean = np.where(bad, 0.0, values.astype(np.float64))
    match query:
        case "most variable" | "least variable":
            moves = clean.var(axis=0)
            order = np.argsort(-moves if query.startswith("most") else moves, kind="stable")
            words = f"{query} first"
        case "early" | "late":
            peak = np.argmax(np.abs(clean), axis=0)
            order = np.argsort(peak if query == "early" else -peak, kind="stable")
            words = (
                f"{word} {order[0]} peaks {'first' if query == 'early' else 'last'}, at step {peak[order[0]]}"
            )
        case "strongest":
            order = np.argsort(-np.abs(clean[step]), kind="stable")
            words = f"strongest at step {step} first"
        case "constant":
            order = np.flatnonzero((clean.max(axis=0) - clean.min(axis=0) < 1e-6) & ~bad.any(axis=0))
            words = f"{counted(len(order), word)} that never {'changes' if len(order) == 1 else 'change'}"
        case "saturated":
            share = (np.abs(clean) > _SATURATED).mean(axis=0)
            order = np.argsort(-share, kind="stable")[: int((share > 0.5).sum())]
            words = f"{counted(len(order), word)} beyond ±{_SATURATED} at most of the steps"
        case _:
            order = np.flatnonzero(bad.any(axis=0))
            words = f"{counted(len(order), word)} with a value that is no number"
    return FoundUnits(tuple(int(each) for each in order), words)


class FindRow(QWidget):
    """A field to type a search into, what it found, and a menu of searches; hidden until it is wanted.

    Signals:
        searched(query): another search was typed.
        left(keep): it was put away; False to choose again what was chosen before.
    """

    searched = Signal(str)
    left = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = QLineEdit(self)
        self.field.setPlaceholderText("Unit 5, or 5-9, most variable, like 5 …")
        self.field.setAccessibleName("Find units")
        self.field.setToolTip(
            "Enter keeps what was found, Esc takes it back. U shows all about the unit chosen last."
        )
        self.field.setMinimumWidth(120)
        self.field.setMaximumWidth(280)
        self.ideas = self._button("What can be searched for")
        self.ideas.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.ideas.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.ideas.setText("Ideas ▾")
        menu = QMenu(self.ideas)
        for query, words in QUERIES.items():
            menu.addAction(words, self._typing(query))
        self.ideas.setMenu(menu)
        self.told = QLabel(self)
        self.told.setProperty("role", "muted")
        self.told.setWordWrap(False)
        self.told.setMinimumWidth(40)
        self.close_button = self._button("Keep what was found and stop searching (Enter)")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 2, 8, 2)
        row.setSpacing(6)
        row.addWidget(self.field, 2)
        row.addWidget(self.ideas)
        row.addWidget(self.told, 3)
        row.addWidget(self.close_button)
        self.field.textEdited.connect(self.searched)
        self.field.returnPressed.connect(lambda: self.leave(keep=True))
        self.close_button.clicked.connect(lambda: self.leave(keep=True))
        keeper().changed.connect(self._dress)
        self._dress()
        self.hide()

    def open(self) -> None:
        """Show the row, ready to type."""
        self.show()
        self.field.selectAll()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.searched.emit(self.field.text())

    def leave(self, *, keep: bool) -> None:
        """Put it away."""
        self.hide()
        self.left.emit(keep)

    def tell(self, found: FoundUnits) -> None:
        """Say what was found."""
        named = ", ".join(map(str, found.units[:MOST])) if len(found.units) > 1 else ""
        drawn = f" … (the first {MOST} are drawn)" if len(found.units) > MOST else ""
        self.told.setText(f"{found.words}: {named}{drawn}" if named else found.words)
        self.told.setToolTip(self.told.text())
        bad = bool(self.field.text().strip()) and not found.understood
        self.field.setProperty("state", "bad" if bad else "")
        self.field.style().unpolish(self.field)
        self.field.style().polish(self.field)
        self.field.setAccessibleDescription(self.told.text())

    def _typing(self, query: str) -> Callable[[], None]:
        def typed() -> None:
            with QSignalBlocker(self.field):
                self.field.setText(query)
            self.field.setFocus()
            self.searched.emit(query)

        return typed

    def _button(self, words: str) -> QToolButton:
        made = QToolButton(self)
        made.setIconSize(QSize(13, 13))
        made.setAutoRaise(True)
        made.setToolTip(words)
        made.setAccessibleName(words)
        return made

    def _dress(self) -> None:
        self.close_button.setIcon(icon("close"))

    # Qt's own

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc takes the search back."""
        if event.key() == Qt.Key.Key_Escape:
            self.leave(keep=False)
        else:
            super().keyPressEvent(event)
