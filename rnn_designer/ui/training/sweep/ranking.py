"""The trials as a table, the best first."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from rnn_designer.session.training.sweeper import SweepTrial
from rnn_designer.ui.numbers import number

_WIDTHS = (58, 54, 76, 92)
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class _Cell(QTableWidgetItem):
    """Sorts by its number where it has one, else by its words."""

    def __init__(self, text: str, value: Any) -> None:
        super().__init__(text)
        self.value = value
        self.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
        if isinstance(value, int | float):
            self.setTextAlignment(_RIGHT)

    def __lt__(self, other: QTableWidgetItem) -> bool:
        if not isinstance(other, _Cell):
            return False
        mine, others = self.value, other.value
        if isinstance(mine, int | float) and isinstance(others, int | float):
            return bool(mine < others)
        return str(mine) < str(others)


class Ranking(QTableWidget):
    """A row for each trial; a double click or Enter opens its design.

    Signals:
        chosen(ticket): a trial was chosen.
        opened(ticket): its design is wanted.
    """

    chosen = Signal(int)
    opened = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Trials, the best first")
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(24)
        self.setShowGrid(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.itemSelectionChanged.connect(self._choose)
        self.itemDoubleClicked.connect(lambda item: self._open(item.row()))

    def show_trials(
        self, names: Mapping[str, str], trials: Sequence[SweepTrial], ranked: Sequence[SweepTrial]
    ) -> None:
        """Show other trials; the chosen one stays chosen."""
        held = self._ticket(self.currentRow())
        known = {each.ticket for each in ranked}
        rest = [each for each in trials if each.ticket not in known and each.state != "waiting"]
        heads = ["rank", "trial", "figure", "state", *names.values()]
        blocked = self.blockSignals(True)
        self.setSortingEnabled(False)
        self.clearContents()
        self.setColumnCount(len(heads))
        for column, words in enumerate(heads):
            head = QTableWidgetItem(words)
            head.setToolTip(words)
            self.setHorizontalHeaderItem(column, head)
            fixed = column < 4
            modes = QHeaderView.ResizeMode
            self.horizontalHeader().setSectionResizeMode(column, modes.Fixed if fixed else modes.Stretch)
            if fixed:
                self.setColumnWidth(column, _WIDTHS[column])
        self.setRowCount(len(known) + len(rest))
        for row, each in enumerate((*ranked, *rest)):
            place = row + 1 if each.ticket in known else math.inf
            value = math.inf if each.best is None else each.best
            self.setItem(row, 0, _Cell(str(row + 1) if each.ticket in known else "–", place))
            self.setItem(row, 1, _Cell(str(each.ticket), each.ticket))
            self.setItem(row, 2, _Cell("–" if each.best is None else number(each.best), value))
            state = _Cell(_state(each), each.state)
            state.setToolTip(each.reason)
            self.setItem(row, 3, state)
            for column, key in enumerate(names, start=4):
                found = each.params.get(key, "")
                self.setItem(
                    row, column, _Cell(number(found) if isinstance(found, float) else str(found), found)
                )
        self.setSortingEnabled(True)
        self.sortItems(0, Qt.SortOrder.AscendingOrder)
        self.choose(held)
        self.blockSignals(blocked)

    def choose(self, ticket: int) -> None:
        """Select a trial's row without saying that the user did."""
        blocked = self.blockSignals(True)
        row = next((row for row in range(self.rowCount()) if self._ticket(row) == ticket), -1)
        if row >= 0:
            self.selectRow(row)
        else:
            self.clearSelection()
            self.setCurrentCell(-1, -1)
        self.blockSignals(blocked)

    def _ticket(self, row: int) -> int:
        item = self.item(row, 1) if row >= 0 else None
        return int(item.text()) if item is not None else -1

    def _choose(self) -> None:
        self.chosen.emit(self._ticket(self.currentRow()))

    def _open(self, row: int) -> None:
        ticket = self._ticket(row)
        if ticket >= 0:
            self.opened.emit(ticket)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens the chosen trial."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.currentRow())
        else:
            super().keyPressEvent(event)


def _state(trial: SweepTrial) -> str:
    words = {"complete": "done", "pruned": "ended early", "running": f"epoch {max(trial.values, default=0)}"}
    again = f", try {trial.tries}" if trial.tries > 1 else ""
    return words.get(trial.state, trial.state) + again
