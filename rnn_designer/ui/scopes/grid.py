"""Where every sample is when all are shown beside each other: small plots in rows, all with the same window of time."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF

from rnn_designer.ui.scopes.frame import Window

_GAP = 8.0
_TITLE = 14.0
_LEAST_WIDE, _LEAST_HIGH = 44.0, 18.0
_SHAPE = 2.4
"""Width by height that small plots would have if they could choose."""


@dataclass(frozen=True)
class Cell:
    """One sample: its number, where its title is, where its values are."""

    sample: int
    title: QRectF
    plot: QRectF

    @property
    def whole(self) -> QRectF:
        """Title and values."""
        return self.title.united(self.plot)


@dataclass(frozen=True)
class Grid:
    """The samples in view.

    Attributes:
        window: the steps in view, in every cell.
        cells: in reading order. With more samples than fit, they are the page that holds the chosen one.
        columns: how many are beside each other.
    """

    window: Window
    cells: tuple[Cell, ...]
    columns: int

    def cell_at(self, position: QPointF) -> Cell | None:
        """The cell under a point, the gaps around it included."""
        half = _GAP / 2
        return next(
            (each for each in self.cells if each.whole.adjusted(-half, -half, half, half).contains(position)),
            None,
        )

    def x(self, cell: Cell, step: float) -> float:
        """Where a step's middle is in a cell, in pixels."""
        return cell.plot.left() + (step - self.window.first) * self.scale(cell)

    def scale(self, cell: Cell) -> float:
        """How many pixels a step takes."""
        return cell.plot.width() / (self.window.last - self.window.first)

    def step(self, cell: Cell, x: float) -> float:
        """The step at a pixel of a cell, with its fraction."""
        return self.window.first + (x - cell.plot.left()) / self.scale(cell)

    def nearest_step(self, cell: Cell, x: float) -> int:
        """The step of a cell that a pixel belongs to, at most the last in view."""
        first, last = math.ceil(self.window.first), math.floor(self.window.last)
        step = math.floor(self.step(cell, x) + 0.5)
        return max(0, first, min(step, last, self.window.steps - 1))


def gridded(area: QRectF, count: int, chosen: int, window: Window) -> Grid:
    """Divide an area among ``count`` samples, of which the ``chosen`` one is in view whatever there is room for."""
    most_columns = max(1, int((area.width() + _GAP) // (_LEAST_WIDE + _GAP)))
    most_rows = max(1, int((area.height() + _GAP) // (_LEAST_HIGH + _TITLE + _GAP)))
    page = max(1, min(count, most_columns * most_rows))
    first = min(max(0, chosen), max(0, count - 1)) // page * page
    shown = min(page, count - first)

    def _size(columns: int) -> tuple[float, float]:
        rows = -(-page // columns)
        wide = (area.width() - _GAP * (columns - 1)) / columns
        high = (area.height() - _GAP * (rows - 1)) / rows - _TITLE
        return wide, high

    def _worth(columns: int) -> float:
        wide, high = _size(columns)
        return min(wide / _SHAPE, high) if -(-page // columns) <= most_rows else -1.0 / columns

    columns = max(range(1, min(page, most_columns) + 1), key=_worth)
    wide, high = _size(columns)
    high = max(4.0, high)
    cells = []
    for index in range(shown):
        row, column = divmod(index, columns)
        left = round(area.left() + column * (wide + _GAP))
        right = round(area.left() + column * (wide + _GAP) + wide)
        top = round(area.top() + row * (high + _TITLE + _GAP))
        bottom = round(area.top() + row * (high + _TITLE + _GAP) + _TITLE + high)
        cells.append(
            Cell(
                first + index,
                QRectF(left, top, right - left, _TITLE),
                QRectF(left, top + _TITLE, right - left, max(2.0, bottom - top - _TITLE)),
            )
        )
    return Grid(window, tuple(cells), columns)
