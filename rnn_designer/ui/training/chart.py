"""Painted lines over the epochs of a training: a linear or logarithmic scale, marked epochs, and a cursor to drag."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPaintEngine,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from rnn_designer.ui.numbers import number
from rnn_designer.ui.theme import interface_font, keeper, theme
from rnn_designer.ui.training.scales import Span, thinned, ticks

if TYPE_CHECKING:
    from rnn_designer.messages import Array

_LEFT, _RIGHT, _TOP, _AXIS = 46.0, 128.0, 18.0, 20.0
_MOST_DIGITS = 7
_ROW = 15.0
_LEAST_RIGHT = 12.0
_MANY_STROKES = 300
_NARROW = 330
"""Below this width the names stand in the picture, not beside it."""


@dataclass(frozen=True)
class Line:
    """One line of the chart.

    Attributes:
        name: what it is called beside the picture.
        x: ``(points,)`` where in epochs, ascending; 1.5 is half-way through the second epoch.
        y: ``(points,)``; a NaN breaks the line.
        color: its colour.
        pale: whether it is drawn thin and faint behind the others, such as the loss of single batches.
        dashed: whether it is dashed, such as those of another run.
    """

    name: str
    x: Array
    y: Array
    color: QColor
    pale: bool = False
    dashed: bool = False

    def at(self, x: float) -> float:
        """The value of the last point at or before ``x``; NaN where there is none."""
        place = int(np.searchsorted(self.x, x + 1e-9, side="right")) - 1
        return float(self.y[place]) if 0 <= place < len(self.y) else math.nan


class Chart(QWidget):
    """Lines over epochs; press or drag to go to an epoch, the arrow keys do the same.

    Signals:
        wanted(epoch): the cursor is to go there.
        moved(epochs): the cursor is to go so many epochs on or back.
    """

    wanted = Signal(int)
    moved = Signal(int)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self._lines: tuple[Line, ...] = ()
        self._marks: tuple[tuple[float, str], ...] = ()
        self._log = False
        self._last = 1.0
        self._cursor: float | None = None
        self._mouse: QPointF | None = None
        self._still: tuple[object, QPixmap] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(title)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        keeper().changed.connect(self._restyle)

    @property
    def lines(self) -> tuple[Line, ...]:
        """What is drawn."""
        return self._lines

    @property
    def logarithmic(self) -> bool:
        """Whether equal distances are equal factors."""
        return self._log

    def show_lines(
        self,
        lines: Sequence[Line],
        *,
        last: float,
        marks: Sequence[tuple[float, str]] = (),
        log: bool = False,
    ) -> None:
        """Draw other lines.

        Args:
            lines: the lines; pale ones are drawn behind.
            last: the epoch at the right edge.
            marks: epochs to be marked by a line with a word, such as ``best``.
            log: whether the scale is logarithmic; values that are not positive are left out then.
        """
        self._lines, self._marks, self._log = tuple(lines), tuple(marks), log
        self._last = max(1.0, float(last))
        self._still = None
        self._describe()
        self.update()

    def show_title(self, title: str) -> None:
        """Say above the lines what they are."""
        if title != self._title:
            self._title, self._still = title, None
            self.setAccessibleName(title)
            self.update()

    def show_cursor(self, epoch: float | None) -> None:
        """Draw the cursor at an epoch; None for none."""
        if epoch != self._cursor:
            self._cursor = epoch
            self._describe()
            self.update()

    def words_at(self, epoch: int) -> str:
        """The figures of an epoch as text: "epoch 12 · loss 0.034 · val_loss 0.041"."""
        told = [f"{each.name} {number(each.at(epoch))}" for each in self._lines if not each.pale]
        return " · ".join([f"epoch {epoch}", *told])

    def _describe(self) -> None:
        where = "" if self._cursor is None else f"{self.words_at(round(self._cursor))}. "
        self.setAccessibleDescription(f"{where}Left and right go through the epochs.")

    def _restyle(self) -> None:
        self._still = None
        self.update()

    def sizeHint(self) -> QSize:
        """A comfortable size."""
        return QSize(380, 180)

    def minimumSizeHint(self) -> QSize:
        """Enough to see a line fall."""
        return QSize(180, 84)

    # Where things are

    @property
    def _beside(self) -> bool:
        return self.width() >= _NARROW

    def _area(self) -> QRectF:
        right = _RIGHT if self._beside else _LEAST_RIGHT
        return QRectF(self.rect()).adjusted(_LEFT, _TOP, -right, -_AXIS)

    def _x(self, area: QRectF, epoch: float) -> float:
        return area.left() + epoch / self._last * area.width()

    def _span(self) -> Span:
        return Span.of([each.y for each in self._lines], log=self._log)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """What stays, once; over it the cursor and the figures at it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if painter.paintEngine().type() == QPaintEngine.Type.SVG:
            self._paint_still(painter)
        else:
            painter.drawPixmap(0, 0, self._picture(painter.deviceTransform().m11()))
        if self._lines:
            self._paint_cursor(painter)
            self._paint_names(painter)
        if self.hasFocus():
            painter.setPen(QPen(theme().color("accent", 0.5), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.end()

    def _picture(self, ratio: float) -> QPixmap:
        key = (self.size().toTuple(), ratio)
        if self._still is None or self._still[0] != key:
            made = QPixmap(self.size() * ratio)
            made.setDevicePixelRatio(ratio)
            made.fill(Qt.GlobalColor.transparent)
            painter = QPainter(made)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_still(painter)
            painter.end()
            self._still = (key, made)
        return self._still[1]

    def _paint_still(self, painter: QPainter) -> None:
        look, area, span = theme(), self._area(), self._span()
        painter.setFont(interface_font(9, bold=True))
        painter.setPen(look.color("text"))
        title = painter.fontMetrics().elidedText(
            self._title, Qt.TextElideMode.ElideRight, max(20, int(self.width() - area.left() - 8))
        )
        painter.drawText(QPointF(area.left(), _TOP - 5), title)
        painter.fillRect(area, look.color("field"))
        painter.setFont(interface_font(8.5))
        right_middle = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        values = span.ticks(max(2, int(area.height() / 34)))
        for value, words in zip(values, tick_words(values), strict=True):
            y = area.bottom() - span.share(value) * area.height()
            painter.setPen(QPen(look.color("hairline"), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(look.color("muted"))
            painter.drawText(QRectF(0, y - 8, _LEFT - 5, 16), right_middle, words)
        self._paint_epochs(painter, area)
        painter.save()
        painter.setClipRect(area.adjusted(-1, -1, 1, 1))
        for each in sorted(self._lines, key=lambda line: not line.pale):
            self._paint_line(painter, area, span, each)
        painter.restore()
        self._paint_marks(painter, area)

    def _paint_epochs(self, painter: QPainter, area: QRectF) -> None:
        painter.setPen(theme().color("muted"))
        for epoch in ticks(self._last, max(2, int(area.width() / 60))):
            words = f"epoch {epoch}" if epoch == 0 else str(epoch)
            place = QRectF(self._x(area, epoch) - 40, area.bottom() + 3, 80, _AXIS - 4)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignHCenter), words)

    def _paint_line(self, painter: QPainter, area: QRectF, span: Span, line: Line) -> None:
        x, y = thinned(line.x, line.y, self._last, max(8, int(area.width())))
        across = area.left() + np.asarray(x, dtype=np.float64) / self._last * area.width()
        down = area.bottom() - span.shares(y) * area.height()
        color = QColor(line.color)
        if line.pale:
            color.setAlphaF(0.35)
        pen = QPen(color, 1.0 if line.pale or len(x) > 400 else 1.8)
        if line.dashed:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        # Smooth edges of very many short strokes cost more than they show.
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, not (line.pale and len(x) > _MANY_STROKES))
        piece: list[QPointF] = []
        for left, top in zip(across.tolist(), down.tolist(), strict=True):
            if math.isfinite(top):
                piece.append(QPointF(left, top))
                continue
            _stroke(painter, piece, color)
            piece = []
        _stroke(painter, piece, color)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def _paint_marks(self, painter: QPainter, area: QRectF) -> None:
        look = theme()
        painter.setFont(interface_font(8.5))
        for epoch, word in self._marks:
            x = self._x(area, epoch)
            painter.setPen(QPen(look.color("live"), 1, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            painter.setPen(look.color("live"))
            wide = painter.fontMetrics().horizontalAdvance(word) + 4
            left = x + 3 if x + 3 + wide <= area.right() else x - 3 - wide
            painter.drawText(QRectF(left, area.top() + 1, wide, 14), int(Qt.AlignmentFlag.AlignCenter), word)

    def _paint_cursor(self, painter: QPainter) -> None:
        if self._cursor is None:
            return
        area, span, look = self._area(), self._span(), theme()
        x = self._x(area, self._cursor)
        painter.setPen(QPen(look.color("text"), 1.4))
        painter.drawLine(QPointF(x, area.top() - 2), QPointF(x, area.bottom() + 2))
        for each in self._lines:
            share = span.share(each.at(self._cursor))
            if not each.pale and math.isfinite(share):
                painter.setPen(QPen(look.color("window"), 1.2))
                painter.setBrush(each.color)
                painter.drawEllipse(QPointF(x, area.bottom() - share * area.height()), 3.2, 3.2)

    def _paint_names(self, painter: QPainter) -> None:
        """Each line's name in its colour, with the figure at the cursor, or the last one."""
        area, look = self._area(), theme()
        shown = [each for each in self._lines if not each.pale]
        if not shown:
            return
        row = min(_ROW, area.height() / len(shown))
        where = self._last if self._cursor is None else self._cursor
        painter.setFont(interface_font(max(6.5, min(8.5, row * 0.6))))
        metrics = painter.fontMetrics()
        room = _RIGHT - 20 if self._beside else min(170.0, area.width() * 0.6)
        left = area.right() + 7 if self._beside else area.right() - room - 2
        for place, each in enumerate(shown):
            value = number(each.at(where))
            wide = metrics.horizontalAdvance(value) + 4
            at = QRectF(left, area.top() + place * row, room, row)
            name = metrics.elidedText(each.name, Qt.TextElideMode.ElideRight, int(room - wide - 4))
            painter.setPen(each.color)
            painter.drawText(at, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), name)
            painter.setPen(look.color("text"))
            painter.drawText(at, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), value)

    # Mouse and keys

    def epoch_at(self, position: QPointF) -> int:
        """The epoch nearest to a place."""
        area = self._area()
        share = (position.x() - area.left()) / max(1.0, area.width())
        return max(0, min(round(share * self._last), int(self._last)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the epoch there."""
        if event.button() == Qt.MouseButton.LeftButton and self._lines:
            self.wanted.emit(self.epoch_at(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Take the cursor along, and read the figures under the mouse."""
        if not self._lines:
            return
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.wanted.emit(self.epoch_at(event.position()))
        inside = self._area().adjusted(-4, 0, 4, 0).contains(event.position())
        words = self.words_at(self.epoch_at(event.position())) if inside else ""
        # Without words this hides the tip.
        QToolTip.showText(event.globalPosition().toPoint(), words.replace(" · ", "\n"), self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right go through the epochs, with Shift ten at a time; Home and End to the first and the last."""
        ten = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        match event.key():
            case Qt.Key.Key_Left:
                self.moved.emit(-ten)
            case Qt.Key.Key_Right:
                self.moved.emit(ten)
            case Qt.Key.Key_Home:
                self.wanted.emit(0)
            case Qt.Key.Key_End:
                self.wanted.emit(int(self._last))
            case _:
                super().keyPressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """No mouse, no figures."""
        QToolTip.hideText()
        super().leaveEvent(event)


def _stroke(painter: QPainter, piece: list[QPointF], color: QColor) -> None:
    """A piece of a line; a single point is a dot."""
    if len(piece) == 1:
        painter.save()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawEllipse(piece[0], 2.4, 2.4)
        painter.restore()
    elif piece:
        painter.drawPolyline(QPolygonF(piece))


def tick_words(values: Sequence[float]) -> list[str]:
    """The numbers of ticks as short as they can be, and each another one: "1e−5", or "1.104" beside "1.102"."""
    words = [_short(value) for value in values]
    digits = 4
    while len(set(words)) < len(set(values)) and digits <= _MOST_DIGITS:
        words = [f"{value:.{digits}g}".replace("-", "−") for value in values]
        digits += 1
    return words


def _short(value: float) -> str:
    if value and (abs(value) < 0.001 or abs(value) >= 100_000):
        mantissa, _, power = f"{value:.0e}".partition("e")
        return f"{mantissa}e{int(power)}".replace("-", "−")
    return number(value)
