"""A painted table over epochs: a row for each thing, a column for each epoch, its value as the depth of one hue."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from rnn_designer.ui.colors import sequential
from rnn_designer.ui.numbers import number
from rnn_designer.ui.theme import interface_font, keeper, theme
from rnn_designer.ui.training.scales import ticks
from rnn_designer.ui.views.color_scale import paint_scale

if TYPE_CHECKING:
    from rnn_designer.messages import Array

_TOP, _AXIS, _RIGHT, _LEAST_LEFT = 20.0, 20.0, 12.0, 30.0
_LEAST_ROW = 12.0


class EpochMap(QWidget):
    """Values ``(rows, epochs)`` from 0 to a limit; press or drag to go to an epoch.

    Signals:
        wanted(epoch): the cursor is to go there.
        moved(epochs): the cursor is to go so many epochs on or back.
    """

    wanted = Signal(int)
    moved = Signal(int)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self._values: Array | None = None
        self._epochs: tuple[int, ...] = ()
        self._rows: tuple[str, ...] = ()
        self._scale: tuple[float, float] | None = None
        self._lines: tuple[tuple[str, Array], ...] = ()
        self._limit = 1.0
        self._ends = ("0", "1")
        self._cursor: int | None = None
        self._image: QImage | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(title)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        keeper().changed.connect(self._restyle)

    def show_values(
        self,
        values: Array,
        epochs: Sequence[int],
        rows: Sequence[str] = (),
        *,
        scale: tuple[float, float] | None = None,
        lines: Sequence[tuple[str, Array]] = (),
        limit: float = 1.0,
        ends: tuple[str, str] = ("0", "100 %"),
    ) -> None:
        """Show a table.

        Args:
            values: ``(rows, epochs)``, the top row first; NaN stays empty.
            epochs: the number of each column's epoch.
            rows: the name of each row; none where the rows are a scale of numbers.
            scale: the values at the bottom and the top edge, where the rows are bins of a scale.
            lines: lines over such a table: a name, and its value at each epoch.
            limit: the value of the deepest colour.
            ends: the words at both ends of the bar of colours.
        """
        self._values = np.ascontiguousarray(values, dtype=np.float32)
        self._epochs, self._rows, self._scale = tuple(epochs), tuple(rows), scale
        self._lines, self._limit, self._ends = tuple(lines), limit or 1.0, ends
        self._restyle()
        self._describe()

    def show_title(self, title: str) -> None:
        """Say above the table what it is."""
        if title != self._title:
            self._title = title
            self.setAccessibleName(title)
            self.update()

    def show_cursor(self, epoch: int | None) -> None:
        """Frame the column of an epoch; None for none."""
        if epoch != self._cursor:
            self._cursor = epoch
            self._describe()
            self.update()

    @property
    def epochs(self) -> tuple[int, ...]:
        """The epochs that have a column."""
        return self._epochs

    def words_at(self, position: QPointF) -> str:
        """What the table says at a place: "epoch 3 · memory h · 12 %"; empty beside it."""
        area, values = self._area(), self._values
        if values is None or not values.size or not area.contains(position):
            return ""
        column = self._column(position)
        row = int((position.y() - area.top()) / area.height() * len(values))
        row = max(0, min(row, len(values) - 1))
        value = float(values[row, column])
        epoch = f"epoch {self._epochs[column]}"
        if self._scale is not None:
            low, high = self._scale
            step = (high - low) / len(values)
            around = f"{number(high - (row + 1) * step)} … {number(high - row * step)}"
            return f"{epoch} · {around} · {_percent(value)} of the weights"
        name = self._rows[row] if row < len(self._rows) else ""
        return f"{epoch} · {name} · {_percent(value) if math.isfinite(value) else 'not known'}"

    def _describe(self) -> None:
        told = ""
        if self._values is not None and self._cursor in self._epochs and self._scale is None:
            column = self._epochs.index(self._cursor)
            told = ", ".join(
                f"{name} {_percent(float(self._values[row, column]))}" for row, name in enumerate(self._rows)
            )
            told = f"Epoch {self._cursor}: {told}. "
        self.setAccessibleDescription(f"{told}Left and right go through the epochs.")

    def _restyle(self) -> None:
        self._image = None
        self.update()

    def sizeHint(self) -> QSize:
        """A comfortable size."""
        return QSize(360, 160)

    def minimumSizeHint(self) -> QSize:
        """Enough for a few rows."""
        return QSize(180, 72)

    # Where things are

    def _left(self) -> float:
        metrics = self.fontMetrics()
        words = self._rows or tuple(map(number, self._scale or ()))
        widest = max((metrics.horizontalAdvance(each) for each in words), default=0)
        return min(max(_LEAST_LEFT, widest * 0.92 + 10), self.width() * 0.4)

    def _area(self) -> QRectF:
        whole = QRectF(self.rect()).adjusted(self._left(), _TOP, -_RIGHT, -_AXIS)
        if self._rows:
            # Few rows need not fill a high picture.
            whole.setHeight(min(whole.height(), 30.0 * len(self._rows)))
        return whole

    def _column(self, position: QPointF) -> int:
        area = self._area()
        share = (position.x() - area.left()) / max(1.0, area.width())
        return max(0, min(int(share * len(self._epochs)), len(self._epochs) - 1))

    def _middle(self, area: QRectF, column: float) -> float:
        return area.left() + (column + 0.5) * area.width() / max(1, len(self._epochs))

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Title and colours above, the table, its rows and epochs, the cursor."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look, area = theme(), self._area()
        painter.setFont(interface_font(9, bold=True))
        painter.setPen(look.color("text"))
        top = QRectF(area.left(), 1, area.width(), _TOP - 3)
        wide = painter.fontMetrics().horizontalAdvance(self._title)
        title = painter.fontMetrics().elidedText(self._title, Qt.TextElideMode.ElideRight, int(top.width()))
        painter.drawText(top, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), title)
        if self._values is not None and self._values.size:
            # Only where the title leaves room for it.
            paint_scale(painter, top.adjusted(wide + 10, 0, 0, 0), *self._ends, signed=False)
        if self._values is not None and self._values.size:
            painter.drawImage(area, self._colored())
            painter.setPen(QPen(look.color("hairline"), 1))
            painter.drawRect(area)
            self._paint_rows(painter, area)
            self._paint_epochs(painter, area)
            self._paint_lines(painter, area)
            self._paint_cursor(painter, area)
        if self.hasFocus():
            painter.setPen(QPen(look.color("accent", 0.5), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.end()

    def _colored(self) -> QImage:
        if self._image is None:
            assert self._values is not None
            table = sequential(theme())
            share = np.nan_to_num(self._values / self._limit, nan=0.0, posinf=1.0, neginf=0.0)
            colors = table[np.clip(np.rint(share * 255), 0, 255).astype(np.intp)].copy()
            colors[~np.isfinite(self._values)] = 0
            high, wide = self._values.shape
            data = np.ascontiguousarray(colors)
            self._image = QImage(data.tobytes(), wide, high, 4 * wide, QImage.Format.Format_RGBA8888).copy()
        return self._image

    def _paint_rows(self, painter: QPainter, area: QRectF) -> None:
        painter.setFont(interface_font(8.5))
        painter.setPen(theme().color("muted"))
        right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        room = area.left() - 6
        if self._scale is not None:
            for value, y in zip(self._scale, (area.bottom() - 6, area.top() + 6), strict=True):
                painter.drawText(QRectF(0, y - 8, room, 16), right, number(value))
            low, high = self._scale
            if low < 0 < high:
                y = area.bottom() + low / (high - low) * area.height()
                painter.drawText(QRectF(0, y - 8, room, 16), right, "0")
            return
        high = area.height() / max(1, len(self._rows))
        every = max(1, math.ceil(_LEAST_ROW / max(high, 0.1)))
        for row, name in enumerate(self._rows):
            if row % every == 0:
                place = QRectF(0, area.top() + row * high, room, max(high, _LEAST_ROW))
                words = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, int(room) - 2)
                painter.drawText(place, right, words)

    def _paint_epochs(self, painter: QPainter, area: QRectF) -> None:
        painter.setFont(interface_font(8.5))
        painter.setPen(theme().color("muted"))
        count = len(self._epochs)
        for column in ticks(count - 1, max(2, int(area.width() / 60))):
            epoch = self._epochs[column]
            words = f"epoch {epoch}" if column == 0 else str(epoch)
            place = QRectF(self._middle(area, column) - 40, area.bottom() + 3, 80, _AXIS - 4)
            if place.left() + 40 - painter.fontMetrics().horizontalAdvance(words) / 2 < 0:
                place.moveLeft(painter.fontMetrics().horizontalAdvance(words) / 2 - 40)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignHCenter), words)

    def _paint_lines(self, painter: QPainter, area: QRectF) -> None:
        if self._scale is None:
            return
        low, high = self._scale
        painter.save()
        painter.setClipRect(area)
        painter.setPen(QPen(theme().color("text"), 1.3))
        for _name, values in self._lines:
            points = [
                QPointF(
                    self._middle(area, column), area.bottom() - (value - low) / (high - low) * area.height()
                )
                for column, value in enumerate(np.asarray(values, dtype=np.float64).tolist())
                if math.isfinite(value)
            ]
            painter.drawPolyline(QPolygonF(points))
        painter.restore()

    def _paint_cursor(self, painter: QPainter, area: QRectF) -> None:
        if self._cursor is None or self._cursor not in self._epochs:
            return
        column = self._epochs.index(self._cursor)
        wide = area.width() / len(self._epochs)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme().color("text"), 1.4))
        if wide < 5:
            x = self._middle(area, column)
            painter.drawLine(QPointF(x, area.top() - 2), QPointF(x, area.bottom() + 2))
        else:
            painter.drawRect(QRectF(area.left() + column * wide, area.top() - 1, wide, area.height() + 2))

    # Mouse and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the epoch there."""
        if event.button() == Qt.MouseButton.LeftButton and self._epochs:
            self.wanted.emit(self._epochs[self._column(event.position())])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Take the cursor along, and read what is under the mouse."""
        if event.buttons() & Qt.MouseButton.LeftButton and self._epochs:
            self.wanted.emit(self._epochs[self._column(event.position())])
        # Without words this hides the tip.
        QToolTip.showText(event.globalPosition().toPoint(), self.words_at(event.position()), self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right go through the epochs, with Shift ten at a time; Home and End to the first and the last."""
        ten = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        match event.key():
            case Qt.Key.Key_Left:
                self.moved.emit(-ten)
            case Qt.Key.Key_Right:
                self.moved.emit(ten)
            case Qt.Key.Key_Home if self._epochs:
                self.wanted.emit(self._epochs[0])
            case Qt.Key.Key_End if self._epochs:
                self.wanted.emit(self._epochs[-1])
            case _:
                super().keyPressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """No mouse, no reading."""
        QToolTip.hideText()
        super().leaveEvent(event)


def _percent(share: float) -> str:
    return "–" if not math.isfinite(share) else f"{100 * share:.3g} %"
