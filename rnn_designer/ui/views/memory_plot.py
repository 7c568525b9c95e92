"""How far back a layer remembers, painted: norms over time on a logarithmic scale, a map of gradients below them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPaintEngine,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from rnn_designer.pyramid import farthest, gathered, spans
from rnn_designer.ui.colors import diverging, sequential
from rnn_designer.ui.numbers import number
from rnn_designer.ui.polygons import draw_line, stretches
from rnn_designer.ui.scopes.frame import Window, ticks
from rnn_designer.ui.theme import interface_font, keeper, theme
from rnn_designer.ui.views.color_scale import paint_scale
from rnn_designer.ui.views.memory_picture import MAP_DECADES, Curve, MemoryPicture, Scale

_LEFT, _RIGHT, _TOP, _AXIS, _GAP = 64.0, 16.0, 8.0, 20.0, 8.0
_MAP_FROM = 124.0
_CORNERS = 600
_NORM, _FIT = "Norm of the gradient by", "half-life fitted"
_RIGHT_MIDDLE = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT_MIDDLE = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


class MemoryPlot(QWidget):
    """Curves above, map below, one time axis, the cursor and T.

    Signals:
        step_picked(step): a step was clicked, or reached with an arrow key.
        held(step): a step was double-clicked, or Enter pressed on it: gradients of that one are wanted.
        row_picked(row): a row of the map was clicked.
    """

    step_picked = Signal(int)
    held = Signal(int)
    row_picked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture: MemoryPicture | None = None
        self._scale = Scale()
        self._ground: QPixmap | None = None
        self._cursor = 0
        self._window = Window.whole(0)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Gradients over time")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        keeper().changed.connect(self._forget)

    @property
    def picture(self) -> MemoryPicture | None:
        """What is painted."""
        return self._picture

    def show_picture(self, picture: MemoryPicture, window: Window) -> None:
        """Paint something else, in a part of the time axis."""
        self._picture, self._window = picture, window
        self._scale = Scale.over(picture.curves)
        self._forget()

    def show_cursor(self, step: int) -> None:
        """Move the cursor."""
        if step != self._cursor:
            self._cursor = step
            self.update()

    def show_window(self, window: Window) -> None:
        """Show another part of the time axis."""
        self._window = window
        self._forget()

    def sizeHint(self) -> QSize:
        """A comfortable size."""
        return QSize(640, 240)

    def minimumSizeHint(self) -> QSize:
        """Enough for the curves."""
        return QSize(160, 70)

    # Where things are

    @property
    def plot(self) -> QRectF:
        """Where the curves are."""
        whole = self._inside()
        return whole if self.map is None else QRectF(whole.topLeft(), self.map.topRight() - QPointF(0, 22))

    @property
    def map(self) -> QRectF | None:
        """Where the map is; None where there is no room for one."""
        whole = self._inside()
        if self._picture is None or self.height() < _MAP_FROM:
            return None
        rows = self._picture.values.shape[1]
        height = min(0.42 * whole.height(), max(16.0, rows * 22.0))
        return QRectF(whole.left(), whole.bottom() - height, whole.width(), height)

    def _inside(self) -> QRectF:
        return QRectF(self.rect()).adjusted(_LEFT, _TOP, -_RIGHT, -_AXIS)

    def x_of(self, step: float) -> float:
        """Where a step is."""
        area = self._inside()
        return area.left() + (step - self._window.first) / self._span() * area.width()

    def y_of(self, power: float) -> float:
        """Where a power of ten is."""
        area = self.plot
        return (
            area.bottom() - (power - self._scale.low) / (self._scale.high - self._scale.low) * area.height()
        )

    def step_at(self, x: float) -> int:
        """The step under a place."""
        area = self._inside()
        at = self._window.first + (x - area.left()) / max(1.0, area.width()) * self._span()
        steps = self._picture.steps if self._picture is not None else 1
        return max(0, min(round(at), steps - 1))

    def row_at(self, y: float) -> int | None:
        """The row of the map under a place; None beside the map."""
        area = self.map
        if area is None or self._picture is None or not area.top() <= y < area.bottom():
            return None
        rows = self._picture.values.shape[1]
        return min(rows - 1, int((y - area.top()) / area.height() * rows))

    def _span(self) -> float:
        return max(1e-6, self._window.last - self._window.first)

    # Painting

    def _forget(self) -> None:
        self._ground = None
        self.update()

    def _colored(self, first: int, last: int, rows: int, columns: int) -> QImage:
        """The map of some steps, at no more than so many pixels; of values that share one, the largest is seen."""
        picture = self._picture
        assert picture is not None
        pyramid, units = picture.drawable.pyramid, picture.values.shape[1]
        index, missing = pyramid.seen(first, last + 1, min(columns, last + 1 - first))
        index, missing = np.ascontiguousarray(index.T), None if missing is None else missing.T
        if units > rows:
            parts = spans(0, units, rows, units)
            index = farthest(index, *parts, pyramid.signed)
            missing = None if missing is None else gathered(missing, *parts, np.maximum)
        pixels = (diverging if picture.signed else sequential)(theme())[index]
        if missing is not None:
            pixels[missing] = 0
        height, width = index.shape
        data = np.ascontiguousarray(pixels)
        return QImage(data.tobytes(), width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()

    def paintEvent(self, event: QPaintEvent) -> None:
        """What stays while the cursor moves, from a picture of it; T and the cursor above."""
        painter = QPainter(self)
        picture = self._picture
        if picture is not None:
            if painter.paintEngine().type() == QPaintEngine.Type.SVG:
                self._paint_ground(painter, picture)
            else:
                painter.drawPixmap(QPointF(0, 0), self._kept(painter.deviceTransform().m11(), picture))
            self._paint_steps(painter, picture)
        if self.hasFocus():
            painter.setPen(QPen(theme().color("accent", 0.5), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def _kept(self, scale: float, picture: MemoryPicture) -> QPixmap:
        size = (self.size() * scale).expandedTo(QSize(1, 1))
        if self._ground is None or self._ground.size() != size:
            ground = QPixmap(size)
            ground.setDevicePixelRatio(scale)
            ground.fill(Qt.GlobalColor.transparent)
            painter = QPainter(ground)
            self._paint_ground(painter, picture)
            painter.end()
            self._ground = ground
        return self._ground

    def _paint_ground(self, painter: QPainter, picture: MemoryPicture) -> None:
        self._paint_grid(painter, picture)
        self._paint_map(painter, picture)
        self._paint_axis(painter)
        self._paint_curves(painter, picture)

    def _paint_grid(self, painter: QPainter, picture: MemoryPicture) -> None:
        look, area = theme(), self.plot
        painter.setFont(interface_font(8.5))
        for power in self._scale.marks:
            y = round(self.y_of(power)) + 0.5
            painter.setPen(QPen(look.color("hairline"), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(look.color("muted"))
            place = QRectF(0, y - 8, area.left() - 6, 16)
            painter.drawText(place, _RIGHT_MIDDLE, _power(power))
        painter.setPen(QPen(look.color("hairline"), 1))
        painter.drawRect(area)

    def _paint_curves(self, painter: QPainter, picture: MemoryPicture) -> None:
        look, area = theme(), self.plot
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(area)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for curve in picture.curves:
            color = look.color(curve.token)
            if curve.line is not None:
                intercept, slope = (each / math.log(10) for each in curve.line)
                ends = [step for step in (0, picture.steps - 1) if self._reached(step)]
                for end in ends:
                    far = abs(end - picture.step)
                    faint = QColor(color)
                    faint.setAlphaF(0.55)
                    painter.setPen(QPen(faint, 1.2, Qt.PenStyle.DashLine))
                    painter.drawLine(
                        QPointF(self.x_of(picture.step), self.y_of(intercept)),
                        QPointF(self.x_of(end), self.y_of(intercept + slope * far)),
                    )
            lines = self._lines(curve)
            # Wide lines with thousands of corners take a hundred times as long.
            many = sum(map(len, lines)) > _CORNERS
            painter.setPen(QPen(color, 1.0 if many else 1.8))
            for line in lines:
                draw_line(painter, line)
        painter.restore()
        self._paint_legend(painter, picture, area)

    def _reached(self, step: int) -> bool:
        picture = self._picture
        assert picture is not None
        return step > picture.step if picture.backwards else step < picture.step

    def _lines(self, curve: Curve) -> list[Any]:
        """The curve's stretches; where several steps share a pixel, the largest and the smallest of them."""
        first = max(0, math.floor(self._window.first))
        last = min(len(curve.norms) - 1, math.ceil(self._window.last))
        shown = np.asarray(curve.norms[first : last + 1], dtype=np.float64)
        there = np.isfinite(shown) & (shown > 0)
        powers = np.log10(np.where(there, shown, 1.0))
        powers[~there] = np.nan
        each = max(1, math.ceil(len(shown) / max(1.0, self._inside().width())))
        steps = first + np.arange(0, len(shown), each) + (each - 1) / 2
        if each > 1:
            starts = np.arange(0, len(shown), each)
            ends = [np.fmax.reduceat(powers, starts), np.fmin.reduceat(powers, starts)]
            powers, steps = np.stack(ends, 1).ravel(), np.repeat(steps, 2)
        left, wide = self.x_of(0), self.x_of(1) - self.x_of(0)
        bottom, high = self.y_of(0), self.y_of(1) - self.y_of(0)
        parts = stretches(np.column_stack([left + steps * wide, bottom + powers * high]))
        # A single step is seen, too.
        return [part if len(part) > 1 else part + np.array([[0.0, 0.0], [0.6, 0.0]]) for part in parts]

    def _paint_legend(self, painter: QPainter, picture: MemoryPicture, area: QRectF) -> None:
        look = theme()
        painter.setFont(interface_font(8.5, bold=True))
        wide = [painter.fontMetrics().horizontalAdvance(each.name) + 26 for each in picture.curves]
        fitted = any(curve.line is not None for curve in picture.curves)
        painter.setFont(interface_font(8.5))
        before = painter.fontMetrics().horizontalAdvance(_NORM) + 10
        after = painter.fontMetrics().horizontalAdvance(_FIT) + 26 if fitted else 0
        if before + sum(wide) + after > area.width() - 20:
            before = after = 0
        every = before + sum(wide) + after
        x = area.right() - every - 6 if picture.backwards else area.left() + 8
        painter.fillRect(QRectF(x - 2, area.top() + 3, every, 16), look.color("window", 0.8))
        painter.setPen(look.color("muted"))
        if before:
            painter.drawText(QRectF(x, area.top() + 3, before, 16), _LEFT_MIDDLE, _NORM)
        if after:
            dashes = QPointF(x + before + sum(wide), area.top() + 11)
            painter.drawText(QRectF(dashes.x() + 16, area.top() + 3, after, 16), _LEFT_MIDDLE, _FIT)
            painter.setPen(QPen(look.color("muted"), 1.2, Qt.PenStyle.DashLine))
            painter.drawLine(dashes, dashes + QPointF(12, 0))
        x += before
        painter.setFont(interface_font(8.5, bold=True))
        for curve, width in zip(picture.curves, wide, strict=True):
            painter.setPen(QPen(look.color(curve.token), 2))
            painter.drawLine(QPointF(x, area.top() + 11), QPointF(x + 12, area.top() + 11))
            painter.setPen(look.color("text"))
            painter.drawText(QRectF(x + 16, area.top() + 3, width, 16), _LEFT_MIDDLE, curve.name)
            x += width

    def _paint_map(self, painter: QPainter, picture: MemoryPicture) -> None:
        area, look = self.map, theme()
        if area is None:
            return
        painter.setFont(interface_font(8.5))
        painter.setPen(look.color("muted"))
        above = QRectF(area.left() + 5, area.top() - 18, area.width() - 10, 16)
        painter.drawText(above, _LEFT_MIDDLE, picture.title)
        high = number(picture.limit)
        low = f"−{high}" if picture.signed else "0"
        if picture.logarithmic and not picture.signed:
            low = f"≤ {number(picture.limit / 10**MAP_DECADES)}"
        words = f"over {MAP_DECADES} powers of ten" if picture.logarithmic else ""
        used = painter.fontMetrics().horizontalAdvance(picture.title) + 16
        room = above.adjusted(used, 0, -14, 0)
        if not paint_scale(painter, room, low, high, signed=picture.signed, words=words):
            paint_scale(painter, room, low, high, signed=picture.signed)
        painter.save()
        painter.setClipRect(area)
        first = max(0, math.ceil(self._window.first - 0.5))
        last = min(picture.steps - 1, math.floor(self._window.last + 0.5))
        scale = painter.deviceTransform().m11()
        image = self._colored(
            first, last, max(1, int(area.height() * scale)), max(1, int(area.width() * scale))
        )
        left, right = self.x_of(first - 0.5), self.x_of(last + 0.5)
        painter.drawImage(QRectF(left, area.top(), right - left, area.height()), image)
        painter.restore()
        painter.setPen(QPen(look.color("hairline"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(area)
        rows = picture.values.shape[1]
        painter.setPen(look.color("muted"))
        for row in dict.fromkeys((0, rows - 1)):
            y = area.top() + (row + 0.5) / rows * area.height()
            painter.drawText(
                QRectF(0, y - 8, area.left() - 6, 16), _RIGHT_MIDDLE, f"{_short(picture.rows)} {row}"
            )

    def _paint_axis(self, painter: QPainter) -> None:
        look, area = theme(), self._inside()
        painter.setFont(interface_font(8.5))
        painter.setPen(look.color("muted"))
        for step in ticks(self._window.first, self._window.last, area.width()):
            x = self.x_of(step)
            painter.drawText(
                QRectF(x - 30, area.bottom() + 2, 60, 16),
                int(Qt.AlignmentFlag.AlignCenter),
                f"step {step}" if step == 0 else str(step),
            )

    def _paint_steps(self, painter: QPainter, picture: MemoryPicture) -> None:
        look, area = theme(), self._inside()
        for step, token, width, text in (
            (picture.step, "text", 1.4, "T"),
            (self._cursor, "accent", 1.2, ""),
        ):
            x = self.x_of(step)
            if not area.left() - 1 <= x <= area.right() + 1:
                continue
            painter.setPen(QPen(look.color(token), width))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            if text:
                painter.setFont(interface_font(9, bold=True))
                beside = QRectF(x - 16, area.top() + 2, 13, 16)
                beside = beside.translated(19, 0) if picture.backwards else beside
                painter.drawText(beside, int(Qt.AlignmentFlag.AlignCenter), text)
        if self._cursor < picture.steps:
            self._paint_dots(painter, picture)

    def _paint_dots(self, painter: QPainter, picture: MemoryPicture) -> None:
        look, area = theme(), self.plot
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for curve in picture.curves:
            value = float(curve.norms[self._cursor])
            if math.isfinite(value) and value > 0 and math.log10(value) >= self._scale.low:
                at = QPointF(self.x_of(self._cursor), self.y_of(math.log10(value)))
                if area.left() <= at.x() <= area.right():
                    painter.setPen(QPen(look.color("window"), 1.5))
                    painter.setBrush(look.color(curve.token))
                    painter.drawEllipse(at, 4, 4)

    # Mouse and keyboard

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say the numbers under the mouse; with the button down, move the cursor."""
        picture = self._picture
        if picture is None:
            return
        step = self.step_at(event.position().x())
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.step_picked.emit(step)
        QToolTip.showText(event.globalPosition().toPoint(), self.words_at(step, event.position().y()), self)

    def words_at(self, step: int, y: float) -> str:
        """What is said about a step, and about the row of the map at that height."""
        picture, row = self._picture, self.row_at(y)
        if picture is None:
            return ""
        if row is not None:
            value = float(picture.values[step, row])
            said = "not before T" if math.isnan(value) else f"{value:.4g}"
            return f"step {step}, {picture.rows} {row}: {said}"
        told = [f"{c.name} {float(c.norms[step]):.4g}" for c in picture.curves if np.isfinite(c.norms[step])]
        return f"step {step}: " + (", ".join(told) or "not before T")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Put the cursor there; on the map, choose the row, too."""
        if self._picture is None or event.button() != Qt.MouseButton.LeftButton:
            return
        self.setFocus()
        self.step_picked.emit(self.step_at(event.position().x()))
        row = self.row_at(event.position().y())
        if row is not None:
            self.row_picked.emit(row)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Look at the gradients of that step."""
        if self._picture is not None and event.button() == Qt.MouseButton.LeftButton:
            self.held.emit(self.step_at(event.position().x()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move the cursor, Enter looks at the gradients of its step."""
        match Qt.Key(event.key()):
            case Qt.Key.Key_Left:
                self.step_picked.emit(max(0, self._cursor - 1))
            case Qt.Key.Key_Right:
                self.step_picked.emit(self._cursor + 1)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.held.emit(self._cursor)
            case _:
                super().keyPressEvent(event)


def _power(power: int) -> str:
    """A power of ten as it is written by hand where it is far from one."""
    if -2 <= power <= 3:
        return f"{10.0**power:g}"
    digits = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
    return f"10{str(power).translate(digits)}"


def _short(rows: str) -> str:
    return {"feature": "in", "unit": "unit"}.get(rows, rows)
