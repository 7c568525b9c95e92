"""Precision, recall and F1 of every class, sortable."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

if TYPE_CHECKING:
    from rnn_designer.sequences.classified import Classified

_HEADS = (
    ("class", "Sorted by name; click a head to sort by it"),
    ("there", "How often the class is there"),
    ("precision", "How often the network is right when it says the class"),
    ("recall", "How many of the class the network finds"),
    ("F1", "The harmonic mean of precision and recall"),
)
_MOST = 2_000


class _Cell(QTableWidgetItem):
    """Sorts by its number; what is none comes last."""

    def __init__(self, text: str, value: float) -> None:
        super().__init__(text)
        self.value = -1.0 if math.isnan(value) else value
        self.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)

    def __lt__(self, other: QTableWidgetItem) -> bool:
        return isinstance(other, _Cell) and self.value < other.value


class ClassTable(QTableWidget):
    """One row for each class."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, len(_HEADS), parent)
        self.setAccessibleName("Scores of each class")
        for column, (words, tip) in enumerate(_HEADS):
            head = QTableWidgetItem(words)
            head.setToolTip(tip)
            self.setHorizontalHeaderItem(column, head)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(24)
        self.setShowGrid(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.setSortingEnabled(True)

    def show_scores(self, found: Classified, names: Sequence[str]) -> None:
        """Show other scores; of very many classes the most frequent."""
        import numpy as np

        chosen = np.sort(np.argsort(-found.support, kind="stable")[:_MOST])
        self.setSortingEnabled(False)
        self.setRowCount(len(chosen))
        for row, place in enumerate(chosen.tolist()):
            values = [
                (names[place], float(place)),
                (f"{int(found.support[place]):,}", float(found.support[place])),
                *(
                    (_share(each[place]), float(each[place]))
                    for each in (found.precision, found.recall, found.f1)
                ),
            ]
            for column, (text, value) in enumerate(values):
                cell = _Cell(text, value)
                if column:
                    cell.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.setItem(row, column, cell)
        self.setSortingEnabled(True)
        self.sortItems(0, Qt.SortOrder.AscendingOrder)


def _share(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}"
