"""A painted table of numbers in the theme's colours, with names for rows and parts of its columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPaintEngine, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from rnn_designer.extremes import block, extremes
from rnn_designer.pyramid import rows_of
from rnn_designer.ui.colors import diverging
from rnn_designer.ui.numbers import number
from rnn_designer.ui.scopes.bands import LARGE, Work, at_once
from rnn_designer.ui.scopes.digests import TURN
from rnn_designer.ui.theme import interface_font, keeper, theme
from rnn_designer.ui.views.color_scale import paint_scale

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[Any]

_LEFT, _TOP, _RIGHT, _BOTTOM = 12.0, 22.0, 12.0, 18.0


class HeatMap(QWidget):
    """Values ``(rows, columns)`` as colours around zero; a click says where.

    Where several values share a pixel, the one farthest from zero is seen.

    Signals:
        pressed(row, column): a cell was clicked.
    """

    pressed = Signal(int, int)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self._values: Numbers | None = None
        self._image: QImage | None = None
        self._drawn_at = (0, 0)
        self._work: Work[QImage] | None = None
        self._turns = QTimer(self)
        self._turns.setInterval(0)
        self._turns.timeout.connect(self._turn)
        self._full = (0, 0)
        self._count = 0
        self._parts: tuple[str, ...] = ()
        self._rows = self._columns = ""
        self._marked: dict[int, QColor] = {}
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
        marked: Mapping[int, QColor] | None = None,
        full: tuple[int, int] | None = None,
        count: int | None = None,
        limit: float | None = None,
    ) -> None:
        """Show a table.

        Args:
            values: ``(rows, columns)``; NaN stays empty.
            parts: names of equal parts of the columns, such as the gates of a kernel.
            rows: what a row is, for the tooltip.
            columns: what a column within its part is.
            marked: columns within each part that are marked, such as chosen units, each with its colour.
            full: how many rows and columns there really are, where ``values`` are the extremes of blocks.
            count: how many there are along the columns, as the axis says it; None for as many as columns.
            limit: the largest finite magnitude, where it is known already.
        """
        self._values = np.ascontiguousarray(values, dtype=np.float32)
        self._parts, self._rows, self._columns = tuple(parts), rows, columns
        self._marked = dict(marked or {})
        height, width = self._values.shape
        self._full = full or (height, width)
        self._count = count or self._full[1]
        if limit is None:
            limit = float(np.abs(self._values[np.isfinite(self._values)]).max(initial=0.0))
        self._limit = limit if limit > 0 else 1.0
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
        return QSize(120, 52)

    @property
    def busy(self) -> bool:
        """Whether a large table is still being made small; until then the picture of before is seen."""
        return self._turns.isActive()

    def _recolor(self) -> None:
        self._drawn_at = (0, 0)
        self.update()

    def _colored(self, rows: int, columns: int, whole: bool) -> QImage | None:
        """The table at no more than so many pixels; of a large one what is there yet, unless it has to be whole."""
        if self._values is None:
            return None
        if self._drawn_at != (rows, columns):
            self._drawn_at, self._work = (rows, columns), self._coloring(self._values, rows, columns)
            self._turns.start()
        if self._work is not None and (whole or self._values.size < LARGE):
            self._image, self._work = at_once(self._work), None
            self._turns.stop()
        return self._image

    def _coloring(self, table: Numbers, rows: int, columns: int) -> Work[QImage]:
        """Make the image, some of its rows at a time."""
        colors, high, wide = diverging(theme()), min(len(table), rows), min(table.shape[1], columns)
        pixels = np.empty((high, wide, 4), np.uint8)
        edges = np.arange(high + 1) * len(table) // max(1, high)
        each = max(1, rows_of(table.shape[1]) * high // max(1, len(table)))
        for first in range(0, high, each):
            last = min(first + each, high)
            values = extremes(table[edges[first] : edges[last]], last - first, columns)
            places = np.nan_to_num(values / self._limit, nan=0.0, posinf=1.0, neginf=-1.0)
            # Entry 128 is zero exactly, as in the scopes.
            part = colors[np.clip(np.rint(128 + places * 127), 0, 255).astype(np.intp)]
            part[~np.isfinite(values)] = 0
            pixels[first:last] = part
            yield
        return QImage(pixels.tobytes(), wide, high, 4 * wide, QImage.Format.Format_RGBA8888).copy()

    def _turn(self) -> None:
        stop = perf_counter() + TURN
        while self._work is not None and perf_counter() < stop:
            try:
                next(self._work)
            except StopIteration as done:
                self._image, self._work = done.value, None
        if self._work is None:
            self._turns.stop()
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
        ratio = self.devicePixelRatioF()
        pixels = max(1, int(area.height() * ratio)), max(1, int(area.width() * ratio))
        drawing = painter.paintEngine().type() == QPaintEngine.Type.SVG
        image = self._colored(*pixels, drawing or painter.deviceTransform().m11() != ratio)
        if self._values is None:
            painter.end()
            return
        ends = number(-self._limit), number(self._limit)
        room = top.adjusted(painter.fontMetrics().horizontalAdvance(self._title) + 12, 0, 0, 0)
        size = "×".join(map(str, self._full))
        if not paint_scale(painter, room, *ends, signed=True, words=size):
            paint_scale(painter, room, *ends, signed=True)
        if image is not None:
            painter.drawImage(area, image)
        painter.setPen(QPen(colors.color("hairline"), 1))
        painter.drawRect(area)
        self._paint_parts(painter, area)
        painter.end()

    def _paint_parts(self, painter: QPainter, area: QRectF) -> None:
        assert self._values is not None
        colors, count = theme(), len(self._parts) or 1
        wide, width = area.width() / count, self._full[1] / count
        painter.setPen(QPen(colors.color("text", 0.55), 1))
        for part in range(1, count):
            x = area.left() + part * wide
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        for part in range(count):
            for unit, color in self._marked.items():
                if unit < width:
                    left = area.left() + part * wide + unit / width * wide
                    place = QRectF(left, area.top(), max(2.0, wide / width), area.height())
                    painter.setPen(QPen(color, 1.4))
                    painter.setBrush(Qt.BrushStyle.NoBrush)
                    painter.drawRect(place)
                    # A foot of its colour tells units apart where the values are of a colour like it.
                    foot = QRectF(place.center().x() - 2.5, area.bottom() + 1, 5, 3)
                    painter.fillRect(foot, color)
        painter.setPen(colors.color("muted"))
        if not self._parts and self._columns:
            painter.setFont(interface_font(8.5))
            below = QRectF(area.left(), area.bottom() + 1, area.width(), _BOTTOM - 2)
            painter.drawText(below, int(Qt.AlignmentFlag.AlignLeft), f"{self._columns} 0")
            if self._count > 1:
                painter.drawText(below, int(Qt.AlignmentFlag.AlignRight), str(self._count - 1))
        for part, name in enumerate(self._parts):
            place = QRectF(area.left() + part * wide, area.bottom() + 1, wide, _BOTTOM - 2)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), name)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say the number under the mouse."""
        # Without words this hides the tip.
        QToolTip.showText(event.globalPosition().toPoint(), self.words_at(event.position()), self)

    def words_at(self, at: QPointF) -> str:
        """The number at a place, or the one farthest from zero of the block that is there; empty beside the table."""
        cell = self._cell(at)
        if cell is None or self._values is None:
            return ""
        row, column = cell
        height, width = self._values.shape
        parts = len(self._parts) or 1
        part, within = self._split(column)
        rows = block(row, self._full[0], height)
        columns = block(within, self._full[1] // parts, width // parts)
        name = f"{part} · " if part else ""
        text = f"{name}{self._rows} {_span(*rows)} → {self._columns} {_span(*columns)}"
        strongest = " at most" if rows[0] != rows[1] or columns[0] != columns[1] else ""
        return f"{text}:{strongest} {self._values[row, column]:.5g}"

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tell which cell was clicked."""
        place = self.place_at(event.position())
        if place is not None and event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit(*place)

    def place_at(self, at: QPointF) -> tuple[int, int] | None:
        """The row and the column that are there, of those there really are; None beside the table."""
        cell = self._cell(at)
        if cell is None or self._values is None:
            return None
        row, column = cell
        parts = len(self._parts) or 1
        height, width = (size for size in self._values.shape)
        part, within = divmod(column, width // parts)
        whole = self._full[1] // parts
        return block(row, self._full[0], height)[0], part * whole + block(within, whole, width // parts)[0]

    def _split(self, column: int) -> tuple[str, int]:
        assert self._values is not None
        if not self._parts:
            return "", column
        width = self._values.shape[1] // len(self._parts)
        return self._parts[min(column // width, len(self._parts) - 1)], column % width


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}–{last}"
