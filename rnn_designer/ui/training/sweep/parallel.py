"""Parallel coordinates: an upright axis for each setting and one for the figure, a line across them for each trial."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from rnn_designer.session.training.sweeper import SweepTrial
from rnn_designer.ui.colors import mixed
from rnn_designer.ui.numbers import number
from rnn_designer.ui.theme import interface_font, keeper, theme

if TYPE_CHECKING:
    from rnn_designer.messages import Array

_TOP, _BOTTOM, _SIDE = 34.0, 18.0, 62.0
_NEAR = 9.0
_CENTER = int(Qt.AlignmentFlag.AlignCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


@dataclass(frozen=True)
class Axis:
    """One upright axis.

    Attributes:
        key: of the setting; empty for the figure.
        title: what it is called.
        low: the number at its foot.
        high: the number at its top.
        log: whether equal distances are equal factors.
        choices: the choices from foot to top; none for numbers.
    """

    key: str
    title: str
    low: float = 0.0
    high: float = 1.0
    log: bool = False
    choices: tuple[str, ...] = ()

    def share(self, value: Any) -> float:
        """How high up a value lies, 0 to 1; NaN for what is not on the axis."""
        if self.choices:
            text = str(value)
            if text not in self.choices:
                return math.nan
            return 0.5 if len(self.choices) == 1 else self.choices.index(text) / (len(self.choices) - 1)
        if not isinstance(value, int | float) or not math.isfinite(value) or (self.log and value <= 0):
            return math.nan
        if self.high <= self.low:
            return 0.5
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)


class ParallelPlot(QWidget):
    """Click a line to choose its trial; up and down go through the ranking, Enter opens the trial.

    Signals:
        chosen(ticket): a trial was chosen; -1 for none.
        opened(ticket): its design is wanted.
    """

    chosen = Signal(int)
    opened = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._axes: tuple[Axis, ...] = ()
        self._trials: tuple[SweepTrial, ...] = ()
        self._order: tuple[int, ...] = ()
        self._goodness: dict[int, float] = {}
        self._names: Mapping[str, str] = {}
        self._chosen = -1
        self._near = -1
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Trials in parallel coordinates")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        keeper().changed.connect(self.update)

    @property
    def axes(self) -> tuple[Axis, ...]:
        """The axes from left to right; that of the figure last."""
        return self._axes

    def show_trials(
        self, axes: Sequence[Axis], trials: Sequence[SweepTrial], ranked: Sequence[SweepTrial], larger: bool
    ) -> None:
        """Draw other trials.

        Args:
            axes: one for each setting that varies.
            trials: all of them, those without a value among them.
            ranked: those with a value, the best first.
            larger: whether large figures are the better ones.
        """
        self._trials = tuple(each for each in trials if each.params)
        self._order = tuple(each.ticket for each in ranked)
        values = [each.best for each in self._trials if each.best is not None and math.isfinite(each.best)]
        low, high = min(values, default=0.0), max(values, default=1.0)
        log = low > 0 and high / low > 20
        room = 0.0 if log else (high - low) * 0.04 or abs(high) * 0.1 or 0.5
        self._axes = (*axes, Axis("", "figure", low - room, high + room, log))
        figure = self._axes[-1]
        self._goodness = {}
        for each in self._trials:
            share = figure.share(each.best)
            if not math.isnan(share):
                self._goodness[each.ticket] = share if larger else 1 - share
        self.update()

    def choose(self, ticket: int) -> None:
        """Bring out one trial; -1 for none."""
        if ticket != self._chosen:
            self._chosen = ticket
            self.update()

    def points(self, trial: SweepTrial) -> list[QPointF]:
        """Where a trial's line meets the axes; without those that it has no value on."""
        found = []
        for place, axis in enumerate(self._axes):
            share = axis.share(trial.params.get(axis.key) if axis.key else trial.best)
            if not math.isnan(share):
                found.append(QPointF(self._x(place), self._y(share)))
        return found

    def _x(self, place: int) -> float:
        across = self.width() - 2 * _SIDE
        return _SIDE + (across * place / (len(self._axes) - 1) if len(self._axes) > 1 else across / 2)

    def _y(self, share: float) -> float:
        return self.height() - _BOTTOM - min(max(share, -0.02), 1.02) * (self.height() - _TOP - _BOTTOM)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Lines, the worst first, then axes with their ends."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        front = {self._chosen, self._near}
        for each in sorted(self._trials, key=lambda trial: self._goodness.get(trial.ticket, -1.0)):
            if each.ticket not in front:
                self._paint_line(painter, each, strong=False)
        for each in self._trials:
            if each.ticket in front:
                self._paint_line(painter, each, strong=True)
        self._paint_axes(painter)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme().color("accent", 0.5), 1))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def _color(self, trial: SweepTrial) -> QColor:
        look = theme()
        if trial.state in ("running", "failed") or trial.ticket not in self._goodness:
            return look.color("faint")
        # The best third stands out; what is bad melts into the background.
        return mixed(look.hairline, look.accent, self._goodness[trial.ticket] ** 2)

    def _paint_line(self, painter: QPainter, trial: SweepTrial, *, strong: bool) -> None:
        color = theme().color("warning") if strong else self._color(trial)
        pen = QPen(color, 2.6 if strong else 1.4)
        if trial.state == "running":
            pen.setStyle(Qt.PenStyle.DashLine)
        elif trial.state == "pruned":
            pen.setStyle(Qt.PenStyle.DotLine)
        painter.setPen(pen)
        points = self.points(trial)
        painter.drawPolyline(QPolygonF(points))
        if strong:
            painter.setBrush(color)
            for point in points:
                painter.drawEllipse(point, 3.0, 3.0)
            painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_axes(self, painter: QPainter) -> None:
        look = theme()
        room = (self.width() - 2 * _SIDE) / max(1, len(self._axes) - 1) if len(self._axes) > 1 else 200.0
        for place, axis in enumerate(self._axes):
            x = self._x(place)
            painter.setPen(QPen(look.color("muted"), 1))
            painter.drawLine(QPointF(x, self._y(1.0)), QPointF(x, self._y(0.0)))
            painter.setFont(interface_font(8.5, bold=True))
            painter.setPen(look.color("text"))
            wide = min(room - 4, 2 * _SIDE)
            title = painter.fontMetrics().elidedText(axis.title, Qt.TextElideMode.ElideMiddle, int(wide))
            painter.drawText(QRectF(x - wide / 2, 0, wide, 16), _CENTER, title)
            painter.setFont(interface_font(8.5))
            painter.setPen(look.color("muted"))
            if axis.choices:
                for choice in axis.choices:
                    self._paint_mark(painter, x, self._y(axis.share(choice)), choice, room)
            else:
                painter.drawText(QRectF(x - 40, self._y(1.0) - 17, 80, 15), _CENTER, number(axis.high))
                painter.drawText(QRectF(x - 40, self._y(0.0) + 2, 80, 15), _CENTER, number(axis.low))

    def _paint_mark(self, painter: QPainter, x: float, y: float, words: str, room: float) -> None:
        look = theme()
        text = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(max(24.0, room - 14)))
        wide = painter.fontMetrics().horizontalAdvance(text)
        painter.fillRect(QRectF(x + 5, y - 7, wide + 4, 14), look.color("window", 0.8))
        painter.drawText(QRectF(x + 7, y - 8, wide + 4, 16), _LEFT, text)
        painter.drawLine(QPointF(x - 3, y), QPointF(x + 3, y))

    # Mouse and keys

    def trial_at(self, place: QPointF) -> int:
        """The trial whose line runs nearest to a place; -1 where none is near."""
        best, found = _NEAR, -1
        for each in self._trials:
            points = self.points(each)
            for start, end in pairwise(points):
                away = _distance(place, start, end)
                if away < best:
                    best, found = away, each.ticket
        return found

    def words_of(self, ticket: int) -> str:
        """A trial in words."""
        trial = next((each for each in self._trials if each.ticket == ticket), None)
        if trial is None:
            return ""
        told = [
            f"{axis.title} {_shown(trial.params[axis.key])}"
            for axis in self._axes
            if axis.key in trial.params
        ]
        value = "" if trial.best is None else f": {number(trial.best)}"
        return f"trial {ticket} ({trial.state}){value}\n" + "\n".join(told)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Bring out the line under the mouse, and tell of it."""
        near = self.trial_at(event.position())
        if near != self._near:
            self._near = near
            self.update()
        QToolTip.showText(event.globalPosition().toPoint(), self.words_of(near), self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the trial of the line there."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.choose(self.trial_at(event.position()))
            self.chosen.emit(self._chosen)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open the trial's design."""
        ticket = self.trial_at(event.position())
        if ticket >= 0:
            self.opened.emit(ticket)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down go through the ranking, Enter opens the trial."""
        match event.key():
            case Qt.Key.Key_Up | Qt.Key.Key_Down if self._order:
                step = 1 if event.key() == Qt.Key.Key_Down else -1
                place = self._order.index(self._chosen) + step if self._chosen in self._order else 0
                self.choose(self._order[min(max(place, 0), len(self._order) - 1)])
                self.setAccessibleDescription(self.words_of(self._chosen))
                self.chosen.emit(self._chosen)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if self._chosen >= 0:
                self.opened.emit(self._chosen)
            case _:
                super().keyPressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """No mouse, nothing under it."""
        self._near = -1
        QToolTip.hideText()
        self.update()
        super().leaveEvent(event)

    def minimumSizeHint(self) -> QSize:
        """It may become small."""
        return QSize(180, 90)

    def numbers(self) -> Mapping[str, Array]:
        """Number, figure and settings of every trial, as columns."""
        import numpy as np

        found: dict[str, Array] = {
            "trial": np.asarray([each.ticket for each in self._trials]),
            "figure": np.asarray([math.nan if each.best is None else each.best for each in self._trials]),
            "state": np.asarray([each.state for each in self._trials]),
        }
        for axis in self._axes[:-1]:
            found[axis.title] = np.asarray([str(each.params.get(axis.key, "")) for each in self._trials])
        return found


def _shown(value: Any) -> str:
    return number(value) if isinstance(value, float) else str(value)


def _distance(place: QPointF, start: QPointF, end: QPointF) -> float:
    """How far a place is from a piece of a line, in pixels."""
    along = end - start
    length = along.x() ** 2 + along.y() ** 2
    offset = place - start
    share = (
        0.0 if length == 0 else min(1.0, max(0.0, (offset.x() * along.x() + offset.y() * along.y()) / length))
    )
    foot = start + along * share
    return math.hypot(place.x() - foot.x(), place.y() - foot.y())
