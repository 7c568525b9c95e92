"""The samples as a table: a row per time step, a column per feature; typed data is edited in it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from rnn_designer.ui.theme import code_font, keeper, theme
from rnn_designer.ui.widgets.number_field import parse_number

if TYPE_CHECKING:
    from rnn_designer.messages import Array

COLUMNS = 64
"""How many features have a column; more are told in words."""
GAP = "gap"
_ROW = 22
_MOST_ROWS = 5
_NARROWEST, _WIDEST = 68, 116
_Index = QModelIndex | QPersistentModelIndex


class SampleModel(QAbstractTableModel):
    """One sample of a batch, with what lies ahead of it in rows of their own below.

    It reads its arrays with plain indexing only, so that NumPy is not imported here.

    Signals:
        cell_wanted(step, feature, value): a cell was changed; None for a gap.
        refused(sentence): what was typed is no number.
    """

    cell_wanted = Signal(int, int, object)
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: Any = None
        self._ahead: Any = None
        self._names: tuple[str, ...] = ()
        self._first = 0
        self._editable = False

    def show_sample(
        self, rows: Any, ahead: Any, names: tuple[str, ...], first: int, *, editable: bool
    ) -> None:
        """Show another sample.

        Args:
            rows: ``(time, features)``; None for nothing.
            ahead: ``(horizon, features)``; None without a horizon.
            names: of the features; numbers where they are missing.
            first: the row of the data that step 0 is.
            editable: whether its cells can be changed.
        """
        sizes = (_size(self._rows), _size(self._ahead))
        same = sizes == (_size(rows), _size(ahead)) and names == self._names
        if not same:
            self.beginResetModel()
        self._rows, self._ahead, self._names = rows, ahead, names
        self._first, self._editable = first, editable
        if not same:
            self.endResetModel()
        elif self.rowCount():
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, self.columnCount() - 1))

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Steps, and steps ahead."""
        return 0 if parent.isValid() else _size(self._rows)[0] + _size(self._ahead)[0]

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """Features, as far as they have columns."""
        return 0 if parent.isValid() else min(COLUMNS, _size(self._rows)[1])

    def value(self, step: int, feature: int) -> float:
        """The number in a cell; NaN for a gap."""
        steps = _size(self._rows)[0]
        rows, place = (self._rows, step) if step < steps else (self._ahead, step - steps)
        return float(rows[place, feature])

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Number, colour and place."""
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        value = self.value(index.row(), index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{value:.5g}" if math.isfinite(value) else GAP if math.isnan(value) else str(value)
        if role == Qt.ItemDataRole.EditRole:
            return f"{value:.9g}" if math.isfinite(value) else ""
        if role == Qt.ItemDataRole.BackgroundRole and not math.isfinite(value):
            return theme().color("warning", 0.22)
        if role == Qt.ItemDataRole.ForegroundRole and index.row() >= _size(self._rows)[0]:
            return theme().color("muted")
        if role == Qt.ItemDataRole.ToolTipRole and not math.isfinite(value):
            return "No number here: NaN goes into the network as it is, and makes every state after it NaN."
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Names of the features; numbers of the steps."""
        if role == Qt.ItemDataRole.ToolTipRole and orientation is Qt.Orientation.Vertical:
            return f"step {section}, row {self._first + section} of the data"
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation is Qt.Orientation.Horizontal:
            return self._names[section] if section < len(self._names) else str(section)
        steps = _size(self._rows)[0]
        return str(section) if section < steps else f"+{section - steps + 1}"

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Cells of typed data can be edited."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if self._editable and index.row() < _size(self._rows)[0]:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Ask for another number; the design decides."""
        if role != Qt.ItemDataRole.EditRole or not index.isValid():
            return False
        text = str(value).strip()
        number: Any = None if text.casefold() in ("", "nan", GAP) else parse_number(text, whole=False)
        if isinstance(number, str) or (number is not None and not abs(number) < 3.4e38):
            self.refused.emit(
                f"Expected a number, or nothing for a gap, got “{text[:30]}”. The cell stays as it was."
            )
            return False
        self.cell_wanted.emit(index.row(), index.column(), number)
        return True


class SampleTable(QTableView):
    """The table with copy, paste and Delete for a gap.

    Signals:
        paste_wanted(text, step, feature): text was pasted with that cell current.
    """

    paste_wanted = Signal(str, int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model_ = SampleModel()
        self.model_.setParent(self)
        self.setModel(self.model_)
        self.setAccessibleName("Samples as a table")
        self.setFont(code_font(8.5))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.AnyKeyPressed
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        rows.setDefaultSectionSize(_ROW)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setFont(code_font(8))
        columns.setMinimumSectionSize(48)
        columns.setFont(code_font(8))
        columns.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        columns.setTextElideMode(Qt.TextElideMode.ElideRight)
        keeper().changed.connect(self.viewport().update)

    def show_sample(
        self,
        array: Array | None,
        sample: int,
        ahead: Array | None = None,
        names: tuple[str, ...] = (),
        first: int = 0,
        *,
        editable: bool = False,
    ) -> None:
        """Show one sample of a batch ``(batch, time, …)``; what follows the time axis counts as features."""
        self.model_.show_sample(_flat(array, sample), _flat(ahead, sample), names, first, editable=editable)
        shown = min(_MOST_ROWS, self.model_.rowCount())
        bar = 12 if self.model_.columnCount() * _NARROWEST > self.width() - 60 else 2
        self.setFixedHeight(shown * _ROW + self.horizontalHeader().sizeHint().height() + bar)
        self._share_width()

    def _share_width(self) -> None:
        """Few columns share the width of the table; many are as narrow as a number."""
        columns = self.model_.columnCount()
        if columns:
            fair = (self.viewport().width() - 2) // columns
            self.horizontalHeader().setDefaultSectionSize(max(_NARROWEST, min(_WIDEST, fair)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new width."""
        super().resizeEvent(event)
        self._share_width()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel moves the rows while the table has the focus; otherwise the panel scrolls."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy, paste, and Delete."""
        current = self.currentIndex()
        if event.matches(QKeySequence.StandardKey.Copy):
            self._copy()
        elif event.matches(QKeySequence.StandardKey.Paste):
            text = QGuiApplication.clipboard().text()
            self.paste_wanted.emit(text, max(0, current.row()), max(0, current.column()))
        elif (
            event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
            and current.isValid()
            and current.flags() & Qt.ItemFlag.ItemIsEditable
        ):
            self.model_.setData(current, "")
        else:
            super().keyPressEvent(event)

    def _copy(self) -> None:
        chosen = sorted((index.row(), index.column()) for index in self.selectedIndexes())
        if not chosen:
            return
        lines: dict[int, list[str]] = {}
        for row, column in chosen:
            value = self.model_.value(row, column)
            lines.setdefault(row, []).append(f"{value:.9g}" if math.isfinite(value) else "")
        QGuiApplication.clipboard().setText("\n".join("\t".join(cells) for cells in lines.values()))


def _flat(array: Any, sample: int) -> Any:
    """One sample as ``(time, features)``."""
    if array is None or array.ndim < 2 or sample >= array.shape[0]:
        return None
    one = array[sample]
    return one.reshape(one.shape[0], -1)


def _size(rows: Any) -> tuple[int, int]:
    return (0, 0) if rows is None else (int(rows.shape[0]), int(rows.shape[1]))
