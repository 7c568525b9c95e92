"""Painted lines over time with the cursor that all scopes share: signed values above, gates between 0 and 1 below."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPaintEngine,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from rnn_designer.ui.numbers import number
from rnn_designer.ui.polygons import draw_line, stretches
from rnn_designer.ui.scopes.frame import Window, ticks
from rnn_designer.ui.scopes.picture import line_points
from rnn_designer.ui.theme import code_font, interface_font, keeper, theme

if TYPE_CHECKING:
    from rnn_designer.messages import Array

_LEFT, _RIGHT, _TOP, _AXIS, _GAP = 44.0, 96.0, 6.0, 20.0, 8.0
_ROW = 15.0
_MANY_POINTS = 300


@dataclass(frozen=True)
class Curve:
    """One line: what it is called, its values ``(steps,)``, its colour, and whether it is a gate."""

    symbol: str
    values: Array
    color: QColor
    gate: bool = False


class TimeLines(QWidget):
    """Lines over the part of the time axis that is in view; press or drag to move the cursor.

    Signals:
        step_wanted(step): the cursor is to go there, in steps of the whole time axis.
        moved(steps): the cursor is to go so many steps on or back.
    """

    step_wanted = Signal(int)
    moved = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._curves: tuple[Curve, ...] = ()
        self._held: Array | None = None
        self._window = Window.whole(0)
        self._step = 0
        self._still: tuple[object, QPixmap] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Values of the unit over time")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        keeper().changed.connect(self.update)

    @property
    def curves(self) -> tuple[Curve, ...]:
        """What is drawn."""
        return self._curves

    def show_curves(self, curves: Sequence[Curve], window: Window, held: Array | None = None) -> None:
        """Draw other lines.

        Args:
            curves: the lines, all of the same length.
            window: the part of the time axis in view.
            held: ``(steps,)``, where a mask holds the values; None where none does.
        """
        # Out of a large table the values of one unit lie far apart in memory, which makes every look at them slow.
        curves = tuple(replace(each, values=np.ascontiguousarray(each.values)) for each in curves)
        self._curves, self._window, self._held, self._still = curves, window, held, None
        self.update()

    def show_window(self, window: Window) -> None:
        """Show another part of the time axis."""
        self._window = window
        self.update()

    def show_step(self, step: int) -> None:
        """Move the cursor, in steps of the whole time axis."""
        if step != self._step:
            self._step = step
            self.update()
        words = ", ".join(f"{each.symbol} {number(self._value(each))}" for each in self._curves)
        self.setAccessibleDescription(f"Step {step}: {words}. Left and right move the cursor.")

    def _value(self, curve: Curve) -> float:
        steps = len(curve.values)
        if not steps:
            return math.nan
        return float(curve.values[min(int(self._step / self._stretch(curve)), steps - 1)])

    def _stretch(self, curve: Curve) -> float:
        return max(1, self._window.steps) / max(1, len(curve.values))

    def sizeHint(self) -> QSize:
        """A comfortable size."""
        return QSize(380, 170)

    def minimumSizeHint(self) -> QSize:
        """Enough for two strips."""
        return QSize(200, 104)

    def _strips(self) -> list[tuple[QRectF, list[Curve]]]:
        """Where the signed values and the gates are drawn."""
        area = QRectF(self.rect()).adjusted(_LEFT, _TOP, -_RIGHT, -_AXIS)
        groups = [[each for each in self._curves if each.gate is gate] for gate in (False, True)]
        groups = [group for group in groups if group]
        if not groups:
            return []
        height = (area.height() - _GAP * (len(groups) - 1)) / len(groups)
        return [
            (QRectF(area.left(), area.top() + place * (height + _GAP), area.width(), height), group)
            for place, group in enumerate(groups)
        ]

    def _x(self, area: QRectF, step: float) -> float:
        window = self._window
        return area.left() + (step - window.first) / (window.last - window.first) * area.width()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Strips with their limits, lines, names with the numbers at the cursor, axis, cursor."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        strips = self._strips()
        if painter.paintEngine().type() == QPaintEngine.Type.SVG:
            self._paint_still(painter, strips)
        else:
            painter.drawPixmap(0, 0, self._picture(strips, painter.deviceTransform().m11()))
        for area, group in strips:
            self._paint_names(painter, area, group, *_limits(group))
        if strips:
            self._paint_cursor(painter, strips)
        if self.hasFocus():
            painter.setPen(QPen(theme().color("accent", 0.5), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.end()

    def _picture(self, strips: list[tuple[QRectF, list[Curve]]], ratio: float) -> QPixmap:
        """What does not move with the cursor, painted once: lines of many points take long."""
        key = (self.size().toTuple(), ratio, theme(), self._window)
        if self._still is None or self._still[0] != key:
            made = QPixmap(self.size() * ratio)
            made.setDevicePixelRatio(ratio)
            made.fill(Qt.GlobalColor.transparent)
            painter = QPainter(made)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_still(painter, strips)
            painter.end()
            self._still = (key, made)
        return self._still[1]

    def _paint_still(self, painter: QPainter, strips: list[tuple[QRectF, list[Curve]]]) -> None:
        for area, group in strips:
            self._paint_strip(painter, area, group)
        if strips:
            self._paint_axis(painter, strips[-1][0])

    def _paint_strip(self, painter: QPainter, area: QRectF, group: list[Curve]) -> None:
        look = theme()
        low, high = _limits(group)
        painter.fillRect(area, look.color("field"))
        self._paint_held(painter, area)
        painter.setFont(interface_font(8.5))
        painter.setPen(look.color("muted"))
        right = int(Qt.AlignmentFlag.AlignRight)
        gutter = QRectF(0, area.top() - 2, _LEFT - 5, 14)
        for value, place in ((high, gutter), (low, gutter.translated(0, area.height() - 10))):
            words = number(value)
            if painter.fontMetrics().horizontalAdvance(words) > gutter.width():
                words = f"{value:.1g}".replace("-", "−").replace("+0", "")
            painter.drawText(place, right, words)
        if low < 0 < high:
            middle = area.bottom() + low / (high - low) * area.height()
            painter.setPen(QPen(look.color("hairline"), 1))
            painter.drawLine(QPointF(area.left(), middle), QPointF(area.right(), middle))
        painter.save()
        painter.setClipRect(area.adjusted(0, -1, 0, 1))
        for each in reversed(group):
            self._paint_curve(painter, area, each, low, high)
        painter.restore()

    def _paint_curve(self, painter: QPainter, area: QRectF, curve: Curve, low: float, high: float) -> None:
        stretch = self._stretch(curve)
        first = (self._window.first + 0.5) / stretch - 0.5
        last = (self._window.last + 0.5) / stretch - 0.5
        points = line_points(np.asarray(curve.values), first, last, max(1, int(area.width())))
        x = self._x(area, 0.0) + ((points[:, 0] + 0.5) * stretch - 0.5) * (
            self._x(area, 1.0) - self._x(area, 0.0)
        )
        with np.errstate(invalid="ignore", over="ignore"):
            y = area.bottom() - (points[:, 1] - low) / (high - low) * area.height()
        # Wider than a pixel looks better, but takes Qt's slow path when there are many points.
        painter.setPen(QPen(curve.color, 1.5 if len(points) < _MANY_POINTS else 1))
        for part in stretches(np.column_stack([x, y])):
            if len(part) == 1:
                # A single point is a short dash.
                part = part + np.array([[-2.0, 0.0], [2.0, 0.0]])
            draw_line(painter, part)

    def _paint_names(
        self, painter: QPainter, area: QRectF, group: list[Curve], low: float, high: float
    ) -> None:
        """Beside the strip, each name with the number at the cursor; a dot on each line."""
        look, row = theme(), min(_ROW, area.height() / len(group))
        top = area.top() + max(0.0, (area.height() - row * len(group)) / 2)
        x = self._x(area, self._step)
        painter.setFont(code_font(min(9.0, row * 0.62)))
        wide = max(painter.fontMetrics().horizontalAdvance(each.symbol) for each in self._curves) + 6
        for place, each in enumerate(group):
            value = self._value(each)
            at = QRectF(area.right() + 8, top + place * row, _RIGHT - 10, row)
            # A pale line has a name that can be read.
            solid = QColor(each.color)
            solid.setAlphaF(1.0)
            painter.setPen(solid)
            painter.drawText(at, int(Qt.AlignmentFlag.AlignVCenter), each.symbol)
            painter.setPen(look.color("text"))
            painter.drawText(
                at.adjusted(wide, 0, 0, 0), int(Qt.AlignmentFlag.AlignVCenter), f"= {number(value)}"
            )
            if math.isfinite(value) and area.left() - 1 <= x <= area.right() + 1:
                down = area.bottom() - (value - low) / (high - low) * area.height()
                painter.setPen(QPen(look.color("window"), 1.2))
                painter.setBrush(each.color)
                painter.drawEllipse(QPointF(x, down), 3.2, 3.2)

    def _paint_held(self, painter: QPainter, area: QRectF) -> None:
        """A shade over the steps whose values a mask holds."""
        if self._held is None or not self._held.any():
            return
        edges = np.flatnonzero(np.diff(np.concatenate([[0], self._held.astype(np.int8), [0]])))
        stretch = max(1, self._window.steps) / len(self._held)
        for first, last in edges.reshape(-1, 2).tolist():
            left, right = self._x(area, first * stretch - 0.5), self._x(area, last * stretch - 0.5)
            shade = QRectF(left, area.top(), right - left, area.height()).intersected(area)
            painter.fillRect(shade, theme().color("hairline", 0.8))
            if shade.width() > 46:
                painter.setFont(interface_font(8.5))
                painter.setPen(theme().color("muted"))
                painter.drawText(
                    shade, int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop), "held"
                )

    def _paint_axis(self, painter: QPainter, area: QRectF) -> None:
        look = theme()
        painter.setFont(interface_font(8.5))
        painter.setPen(look.color("muted"))
        for step in ticks(self._window.first, self._window.last, area.width()):
            place = QRectF(self._x(area, step) - 40, area.bottom() + 3, 80, _AXIS - 4)
            words = f"step {step}" if step == 0 else str(step)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignHCenter), words)

    def _paint_cursor(self, painter: QPainter, strips: list[tuple[QRectF, list[Curve]]]) -> None:
        look, area = theme(), strips[-1][0]
        x = self._x(area, self._step)
        if area.left() - 1 <= x <= area.right() + 1:
            painter.setPen(QPen(look.color("text"), 1.4))
            painter.drawLine(QPointF(x, strips[0][0].top() - 2), QPointF(x, area.bottom() + 2))

    def _go(self, at: QPointF) -> None:
        strips = self._strips()
        if strips and self._window.steps:
            area = strips[0][0]
            share = (at.x() - area.left()) / max(1.0, area.width())
            step = math.floor(self._window.first + share * (self._window.last - self._window.first) + 0.5)
            self.step_wanted.emit(max(0, min(step, self._window.steps - 1)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Move the cursor there."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._go(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Take the cursor along."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right move the cursor."""
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if steps is None:
            super().keyPressEvent(event)
        else:
            self.moved.emit(steps)


def _limits(group: list[Curve]) -> tuple[float, float]:
    """The values at the lower and the upper edge: 0 and 1 for gates that stay there, else all with zero."""
    values = np.concatenate([np.asarray(each.values, dtype=np.float64).ravel() for each in group])
    values = values[np.isfinite(values)]
    low = min(0.0, float(values.min())) if values.size else 0.0
    high = max(0.0, float(values.max())) if values.size else 1.0
    if group[0].gate and low >= 0:
        return 0.0, max(1.0, high)
    if low == high:
        return low - 1.0, high + 1.0
    return low, high
