"""A painted table of numbers in the theme's colours, with names for rows and parts of its columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from rnn_designer.ui.colors import diverging
from rnn_designer.ui.theme import interface_font, keeper, theme

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[Any]

_LEFT, _TOP, _RIGHT, _BOTTOM = 12.0, 22.0, 12.0, 18.0


class HeatMap(QWidget):
    """Values ``(rows, columns)`` as colours around zero; a click says where.

    Signals:
        pressed(row, column): a cell was clicked.
    """

    pressed = Signal(int, int)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self._values: Numbers | None = None
        self._image: QImage | None = None
        self._parts: tuple[str, ...] = ()
        self._rows = self._columns = ""
        self._marked: frozenset[int] = frozenset()
        self._limit = 1.0
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        keeper().changed.connect(self._recolor)

    def show_values(
        self,
        values: Numbers,
        *,
        parts: Sequence[str] = (),
        rows: str = "row",
        columns: str = "column",
        marked: Sequence[int] = (),
    ) -> None:
        """Show a table.

        Args:
            values: ``(rows, columns)``; NaN stays empty.
            parts: names of equal parts of the columns, such as the gates of a kernel.
            rows: what a row is, for the tooltip.
            columns: what a column within its part is.
            marked: columns within each part that are marked, such as chosen units.
        """
        self._values = np.ascontiguousarray(values, dtype=np.float32)
        self._parts, self._rows, self._columns = tuple(parts), rows, columns
        self._marked = frozenset(marked)
        finite = np.abs(self._values[np.isfinite(self._values)])
        self._limit = float(finite.max()) if finite.size and finite.max() > 0 else 1.0
        self._recolor()

    def set_title(self, title: str) -> None:
        """Say above the table what it is."""
        if title != self._title:
            self._title = title
            self.update()

    @property
    def limit(self) -> float:
        """The value of the strongest colours."""
        return self._limit

    def sizeHint(self) -> QSize:
        """A comfortable size."""
        return QSize(320, 160)

    def minimumSizeHint(self) -> QSize:
        """Enough to see something."""
        return QSize(120, 70)

    def _recolor(self) -> None:
        if self._values is None:
            return
        table = diverging(theme())
        places = np.nan_to_num(self._values / self._limit, nan=0.0, posinf=1.0, neginf=-1.0)
        # Entry 128 is zero exactly, as in the scopes.
        colors = table[np.clip(np.rint(128 + places * 127), 0, 255).astype(np.intp)].copy()
        colors[~np.isfinite(self._values)] = 0
        height, width = self._values.shape
        data = np.ascontiguousarray(colors)
        self._image = QImage(data.tobytes(), width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()
        self.update()

    def _area(self) -> QRectF:
        return QRectF(self.rect()).adjusted(_LEFT, _TOP, -_RIGHT, -_BOTTOM)

    def _cell(self, at: QPointF) -> tuple[int, int] | None:
        area = self._area()
        if self._values is None or not area.contains(at):
            return None
        height, width = self._values.shape
        row = int((at.y() - area.top()) / area.height() * height)
        column = int((at.x() - area.left()) / area.width() * width)
        return min(row, height - 1), min(column, width - 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Title above, the table, names of its parts below."""
        colors, area = theme(), self._area()
        painter = QPainter(self)
        painter.setFont(interface_font(9, bold=True))
        painter.setPen(colors.color("text"))
        top = QRectF(area.left(), 2, area.width(), _TOP - 4)
        painter.drawText(top, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), self._title)
        if self._values is None or self._image is None:
            painter.end()
            return
        painter.setFont(interface_font(8.5))
        painter.setPen(colors.color("muted"))
        size = "×".join(map(str, self._values.shape))
        painter.drawText(
            top,
            int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter),
            f"{size} · ±{self._limit:.3g}",
        )
        painter.drawImage(area, self._image)
        painter.setPen(QPen(colors.color("hairline"), 1))
        painter.drawRect(area)
        self._paint_parts(painter, area)
        painter.end()

    def _paint_parts(self, painter: QPainter, area: QRectF) -> None:
        assert self._values is not None
        colors, count = theme(), len(self._parts) or 1
        wide, width = area.width() / count, self._values.shape[1] / count
        painter.setPen(QPen(colors.color("text", 0.55), 1))
        for number in range(1, count):
            x = area.left() + number * wide
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        painter.setPen(QPen(colors.color("accent"), 1.4))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for number in range(count):
            for unit in self._marked:
                if unit < width:
                    left = area.left() + number * wide + unit / width * wide
                    painter.drawRect(QRectF(left, area.top(), max(2.0, wide / width), area.height()))
        painter.setPen(colors.color("muted"))
        for number, name in enumerate(self._parts):
            place = QRectF(area.left() + number * wide, area.bottom() + 1, wide, _BOTTOM - 2)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), name)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say the number under the mouse."""
        cell = self._cell(event.position())
        if cell is None or self._values is None:
            QToolTip.hideText()
            return
        row, column = cell
        part, unit = self._split(column)
        name = f"{part} · " if part else ""
        text = f"{name}{self._rows} {row} → {self._columns} {unit}: {self._values[row, column]:.5g}"
        QToolTip.showText(event.globalPosition().toPoint(), text, self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tell which cell was clicked."""
        cell = self._cell(event.position())
        if cell is not None and event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit(*cell)

    def _split(self, column: int) -> tuple[str, int]:
        assert self._values is not None
        if not self._parts:
            return "", column
        width = self._values.shape[1] // len(self._parts)
        return self._parts[min(column // width, len(self._parts) - 1)], column % width
