"""A heat map of one signal with lines below, over which a range of steps is brushed and a threshold is moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from rnn_designer.session.playback import Playback
from rnn_designer.ui.colors import diverging
from rnn_designer.ui.numbers import number as written
from rnn_designer.ui.polygons import draw_line, stretches
from rnn_designer.ui.scopes.bands import Band
from rnn_designer.ui.scopes.frame import Frame, Window
from rnn_designer.ui.scopes.picture import cells, line_points
from rnn_designer.ui.theme import interface_font, keeper, theme
from rnn_designer.ui.views.color_scale import paint_scale

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[Any]

_LEFT, _TOP, _RIGHT, _AXIS, _GAP = 46.0, 17.0, 14.0, 18.0, 6.0
_CLICK, _GRAB = 4.0, 4.0
_LINES = 0.36
_CORNERS = 1000


@dataclass(frozen=True)
class Brushed:
    """What is painted.

    Attributes:
        band: the values ``(steps, units)`` of the sample in view; its limits are those of all samples.
        counts: ``(steps,)``, False where a step is masked.
        order: the units from the top row down.
        lines: units drawn as lines.
        colors: of these lines.
        on: the units that are on throughout the brushed range.
        both: whether the threshold holds for both signs.
    """

    band: Band
    counts: Numbers
    order: Numbers
    lines: tuple[int, ...]
    colors: tuple[QColor, ...]
    on: tuple[int, ...]
    both: bool

    @property
    def values(self) -> Numbers:
        """``(steps, units)``."""
        return self.band.values

    @property
    def limit(self) -> float:
        """The value of the strongest colours."""
        return self.band.high


class Brush(QWidget):
    """Paints one sample; a drag brushes a range of steps, a click moves the cursor, Shift and arrows brush, too.

    Signals:
        brushed(first, last): a range of steps, both ends included.
        cleared(): there is no range any more.
        threshold_moved(value): the threshold was dragged to a value.
    """

    brushed = Signal(int, int)
    cleared = Signal()
    threshold_moved = Signal(float)

    def __init__(self, playback: Playback, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._playback = playback
        self._shown: Brushed | None = None
        self._window = Window.whole(0)
        self._range: tuple[int, int] | None = None
        self._alike: tuple[int, int] | None = None
        self._threshold = 0.5
        self._from: int | None = None
        self._pressed: QPointF | None = None
        self._moving = self._widening = False
        self._anchor: int | None = None
        self._image: QImage | None = None
        self._drawn: QPixmap | None = None
        self._image_of: tuple[object, ...] = ()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Values over time, to brush a range of steps")
        self.setAccessibleDescription(
            "Left and right step, with Shift they brush a range, Escape takes it away; Page Up and Down change samples."
        )
        keeper().changed.connect(self._recolored)

    # What is shown

    @property
    def range(self) -> tuple[int, int] | None:
        """The brushed steps, both ends included."""
        return self._range

    def show_values(self, shown: Brushed, window: Window) -> None:
        """Paint a sample."""
        self._shown = shown
        steps = len(shown.values)
        self._window = window if window.steps == steps else Window.whole(steps)
        self._anew()

    def show_window(self, window: Window) -> None:
        """Paint another part of the time axis."""
        if self._shown is not None and window.steps == len(self._shown.values):
            self._window = window
            self._anew()

    def show_range(self, brushed: tuple[int, int] | None, alike: tuple[int, int] | None) -> None:
        """Paint the range that is asked about, and one that is like it; None for none in this sample."""
        self._range, self._alike = brushed, alike
        self._anew()

    def show_threshold(self, threshold: float) -> None:
        """Paint the threshold at a value."""
        self._threshold = threshold
        self._anew()

    def sizeHint(self) -> QSize:
        """A comfortable size."""
        return QSize(480, 240)

    def minimumSizeHint(self) -> QSize:
        """Enough to brush."""
        return QSize(140, 80)

    # Where things are

    def frame(self) -> Frame:
        """The rectangles: heat map, lines below, axis."""
        plot = QRectF(
            _LEFT,
            _TOP,
            max(20.0, self.width() - _LEFT - _RIGHT),
            max(20.0, self.height() - _TOP - _AXIS),
        )
        below = round(plot.height() * _LINES)
        above = QRectF(plot.left(), plot.top(), plot.width(), plot.height() - below - _GAP)
        lines = QRectF(plot.left(), above.bottom() + _GAP, plot.width(), below)
        axis = QRectF(plot.left(), plot.bottom() + 2, plot.width(), _AXIS)
        return Frame(self._window, plot, None, (above,), lines, axis)

    def height_of(self, value: float) -> float:
        """Where a value is among the lines, in pixels from the top."""
        lines = self.frame().lines
        assert lines is not None
        assert self._shown is not None
        return lines.center().y() - value / self._shown.limit * lines.height() / 2

    def _value_at(self, y: float) -> float:
        lines = self.frame().lines
        assert lines is not None
        assert self._shown is not None
        value = (lines.center().y() - y) / (lines.height() / 2) * self._shown.limit
        return max(-self._shown.limit, min(self._shown.limit, value))

    def unit_at(self, at: QPointF) -> int | None:
        """The unit whose row of the heat map, or whose line, is there; None beside them."""
        shown, frame = self._shown, self.frame()
        if shown is None or not shown.values.size or not frame.plot.contains(at) or self._on_threshold(at):
            return None
        units, area = shown.values.shape[1], frame.bands[0]
        if area.contains(at):
            return int(shown.order[min(units - 1, int((at.y() - area.top()) / area.height() * units))])
        drawn = [unit for unit in shown.lines if unit < units]
        if frame.lines is None or not frame.lines.contains(at) or not drawn:
            return None
        values = np.nan_to_num(shown.values[frame.nearest_step(at.x()), drawn])
        return drawn[int(np.argmin(np.abs(values - self._value_at(at.y()))))]

    def _on_threshold(self, at: QPointF) -> bool:
        lines = self.frame().lines
        return (
            self._shown is not None
            and lines is not None
            and lines.adjusted(0, -_GRAB, 0, _GRAB).contains(at)
            and abs(self.height_of(self._threshold) - at.y()) <= _GRAB
        )

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Heat map, lines, range, threshold, axis, cursor."""
        if self._shown is None or not self._shown.values.size:
            return
        painter = QPainter(self)
        frame, look, ratio = self.frame(), theme(), self.devicePixelRatioF()
        drawing = painter.paintEngine().type() == QPaintEngine.Type.SVG
        if drawing or painter.deviceTransform().m11() != ratio:
            self._paint_values(painter, frame)  # For a file, in its own resolution.
        else:
            if self._drawn is None:
                self._drawn = QPixmap(self.size() * ratio)
                self._drawn.setDevicePixelRatio(ratio)
                self._drawn.fill(Qt.GlobalColor.transparent)
                inner = QPainter(self._drawn)
                self._paint_values(inner, frame)
                inner.end()
            painter.drawPixmap(0, 0, self._drawn)
        x = frame.x(self._playback.step)
        if frame.plot.left() <= x <= frame.plot.right():
            painter.setPen(QPen(look.color("accent"), 1.4))
            painter.drawLine(QPointF(x, frame.plot.top()), QPointF(x, frame.plot.bottom()))
        if self.hasFocus():
            painter.setPen(QPen(look.color("accent", 0.6), 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        painter.end()

    def _paint_values(self, painter: QPainter, frame: Frame) -> None:
        """Everything that stays while the cursor moves."""
        lines, look = frame.lines, theme()
        assert lines is not None
        self._paint_map(painter, frame)
        painter.setPen(QPen(look.color("hairline"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(frame.bands[0])
        painter.drawRect(lines)
        painter.save()
        painter.setClipRect(frame.plot)
        self._paint_masked(painter, frame)
        self._paint_range(painter, frame, self._alike, "muted", Qt.PenStyle.DashLine)
        self._paint_range(painter, frame, self._range, "accent", Qt.PenStyle.SolidLine)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_lines(painter, frame)
        self._paint_on(painter, frame)
        painter.restore()
        self._paint_words(painter, frame)

    def _anew(self) -> None:
        self._drawn = None
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Paint at another size."""
        super().resizeEvent(event)
        self._anew()

    def _paint_map(self, painter: QPainter, frame: Frame) -> None:
        assert self._shown is not None
        area, shown = frame.bands[0], self._shown
        wide, high = max(1, round(area.width())), max(1, round(area.height()))
        key = (id(shown), frame.window, wide, high)
        if self._image is None or key != self._image_of:
            # A step reaches from its number − ½ to its number + ½.
            first, last = frame.window.first + 0.5, frame.window.last + 0.5
            index = cells(shown.band, shown.order, first, last, wide, high, exact=True).index
            colors = np.ascontiguousarray(diverging(theme())[index])
            image = QImage(colors.tobytes(), wide, high, 4 * wide, QImage.Format.Format_RGBA8888)
            self._image, self._image_of = image.copy(), key
        painter.drawImage(area, self._image)

    def _paint_masked(self, painter: QPainter, frame: Frame) -> None:
        assert self._shown is not None
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color("faint", 0.6))
        brush = painter.brush()
        brush.setStyle(Qt.BrushStyle.BDiagPattern)
        painter.setBrush(brush)
        out = np.concatenate([[False], ~np.asarray(self._shown.counts, bool), [False]])
        ends = np.flatnonzero(np.diff(out.astype(np.int8))).tolist()
        for first, stop in zip(ends[::2], ends[1::2], strict=True):
            painter.drawRect(self._columns(frame, first, stop - 1))

    def _paint_range(
        self, painter: QPainter, frame: Frame, steps: tuple[int, int] | None, token: str, style: Qt.PenStyle
    ) -> None:
        if steps is None:
            return
        look = theme()
        painter.setPen(QPen(look.color(token), 1.4, style))
        painter.setBrush(look.color(token, 0.14))
        painter.drawRect(self._columns(frame, *steps).adjusted(0.7, 0.7, -0.7, -0.7))

    def _columns(self, frame: Frame, first: int, last: int) -> QRectF:
        left, right = frame.x(first - 0.5), frame.x(last + 0.5)
        return QRectF(left, frame.plot.top(), right - left, frame.plot.height())

    def _paint_lines(self, painter: QPainter, frame: Frame) -> None:
        assert self._shown is not None
        assert frame.lines is not None
        look, lines = theme(), frame.lines
        painter.setClipRect(lines)
        painter.setPen(QPen(look.color("hairline"), 1))
        painter.drawLine(
            QPointF(lines.left(), lines.center().y()), QPointF(lines.right(), lines.center().y())
        )
        half = lines.height() / 2 / self._shown.limit
        for unit, color in zip(self._shown.lines, self._shown.colors, strict=True):
            points = line_points(
                self._shown.band.line(unit),
                frame.window.first,
                frame.window.last,
                max(1, round(lines.width())),
            )
            # Wide lines with thousands of corners take a hundred times as long.
            painter.setPen(QPen(color, 1.4 if len(points) < _CORNERS else 1.0))
            across = frame.x(0) + points[:, 0] * (frame.x(1) - frame.x(0))
            with np.errstate(invalid="ignore", over="ignore"):
                places = np.column_stack([across, lines.center().y() - half * points[:, 1]])
            for part in stretches(places):
                draw_line(painter, part)
        painter.setPen(QPen(look.color("text", 0.8), 1.2, Qt.PenStyle.DashLine))
        for value in {self._threshold, -self._threshold} if self._shown.both else {self._threshold}:
            y = self.height_of(value)
            painter.drawLine(QPointF(lines.left(), y), QPointF(lines.right(), y))
        painter.setClipRect(frame.plot)

    def _paint_on(self, painter: QPainter, frame: Frame) -> None:
        """A bar in the range along every row whose unit is on throughout."""
        assert self._shown is not None
        if self._range is None or not self._shown.on:
            return
        area, units = frame.bands[0], self._shown.values.shape[1]
        high = area.height() / units
        places = {int(unit): row for row, unit in enumerate(self._shown.order)}
        columns = self._columns(frame, *self._range)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color("accent"))
        for unit in self._shown.on:
            y = area.top() + (places[unit] + 0.5) * high
            thick = max(1.5, min(4.0, high * 0.5))
            painter.drawRect(QRectF(columns.left() - 5, y - thick / 2, 5, thick))
            painter.drawRect(QRectF(columns.right(), y - thick / 2, 5, thick))

    def _paint_words(self, painter: QPainter, frame: Frame) -> None:
        assert self._shown is not None
        assert frame.lines is not None
        look, area, lines = theme(), frame.bands[0], frame.lines
        painter.setFont(interface_font(8))
        painter.setPen(look.color("muted"))
        right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        units = self._shown.values.shape[1]
        for row in sorted({0, units - 1}):
            y = area.top() + (row + 0.5) * area.height() / units
            y = max(area.top() + 6, min(area.bottom() - 6, y))
            name = f"unit {int(self._shown.order[row])}" if row == 0 else str(int(self._shown.order[row]))
            painter.drawText(QRectF(0, y - 8, _LEFT - 5, 16), right, name)
        ends = written(-self._shown.limit), written(self._shown.limit)
        half = QRectF(area.left(), 1, area.width() / 2, _TOP - 3)
        paint_scale(painter, half.translated(area.width() / 2, 0), *ends, signed=True)
        painter.setFont(interface_font(8))
        self._paint_line_names(painter, half)
        y = max(lines.top() + 5, min(lines.bottom() - 5, self.height_of(self._threshold)))
        painter.setPen(look.color("text"))
        painter.drawText(QRectF(0, y - 8, _LEFT - 5, 16), right, written(self._threshold))
        painter.setPen(look.color("muted"))
        for step in frame.ticks():
            painter.drawText(
                QRectF(frame.x(step) - 30, frame.axis.top(), 60, 14),
                int(Qt.AlignmentFlag.AlignHCenter),
                f"step {step}" if step == 0 else str(step),
            )

    def _paint_line_names(self, painter: QPainter, row: QRectF) -> None:
        """Which units the lines are of, each name in the colour of its line, as far as there is room."""
        assert self._shown is not None
        middle, x = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), row.left()
        painter.setPen(theme().color("muted"))
        for unit, color in (
            (-1, theme().color("muted")),
            *zip(self._shown.lines, self._shown.colors, strict=True),
        ):
            words = "Lines: unit" if unit < 0 else str(unit)
            wide = painter.fontMetrics().horizontalAdvance(words) + 6
            if x + wide > row.right():
                break
            painter.setPen(color)
            painter.drawText(QRectF(x, row.top(), wide, row.height()), middle, words)
            x += wide

    def _recolored(self, *_: object) -> None:
        self._image = None
        self._anew()

    # Mouse and keys

    def reading(self, at: QPointF) -> str:
        """What is under a place: the unit's value at the step."""
        if self._shown is None or not self._shown.values.size:
            return ""
        frame = self.frame()
        if self._on_threshold(at):
            return f"Threshold {written(self._threshold)}: drag it."
        if not frame.bands[0].contains(at):
            return ""
        step, units = frame.nearest_step(at.x()), self._shown.values.shape[1]
        row = min(units - 1, int((at.y() - frame.bands[0].top()) / frame.bands[0].height() * units))
        unit = int(self._shown.order[row])
        masked = "" if self._shown.counts[step] else " · masked"
        return f"step {step} · unit {unit} = {written(float(self._shown.values[step, unit]))}{masked}"

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the threshold, or begin a range."""
        if event.button() != Qt.MouseButton.LeftButton or self._shown is None:
            return
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        at = event.position()
        if self._on_threshold(at):
            self._moving = True
        elif self.frame().plot.contains(at):
            self._pressed, self._from = at, self.frame().nearest_step(at.x())
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self._brush(self._playback.step, self._from)
                self._from = self._playback.step

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Widen the range, move the threshold, or say what is under the mouse."""
        at = event.position()
        if self._moving:
            self.threshold_moved.emit(self._value_at(at.y()))
        elif self._from is not None and self._pressed is not None:
            self._widening = self._widening or abs(at.x() - self._pressed.x()) >= _CLICK
            if self._widening:
                self._brush(self._from, self.frame().nearest_step(at.x()))
        else:
            over = self._on_threshold(at)
            self.setCursor(Qt.CursorShape.SizeVerCursor if over else Qt.CursorShape.CrossCursor)
            QToolTip.showText(event.globalPosition().toPoint(), self.reading(at), self)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A press that did not move is a click: it moves the cursor."""
        extending = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if self._from is not None and not self._widening and not extending:
            self._playback.go_to(self._from)
        self._moving = self._widening = False
        self._from = self._pressed = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows step, with Shift they brush from where the cursor stood; Escape takes the range away."""
        playback = self._playback
        brushing = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        targets = {
            Qt.Key.Key_Left: playback.step - 1,
            Qt.Key.Key_Right: playback.step + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: playback.steps - 1,
        }
        key = Qt.Key(event.key())
        if key in targets:
            # As in a text, a selection goes on from where it began as long as the cursor is at one of its ends.
            if brushing and (self._anchor is None or self._range is None or playback.step not in self._range):
                self._anchor = playback.step
            playback.go_to(targets[key])
            if brushing and self._anchor is not None:
                self._brush(self._anchor, playback.step)
            else:
                self._anchor = None
        elif key == Qt.Key.Key_Escape and self._range is not None:
            self._anchor = None
            self.cleared.emit()
        elif key == Qt.Key.Key_PageUp:
            playback.show_sample(playback.sample - 1)
        elif key == Qt.Key.Key_PageDown:
            playback.show_sample(playback.sample + 1)
        elif key == Qt.Key.Key_Space:
            playback.toggle()
        elif key != Qt.Key.Key_Shift:
            super().keyPressEvent(event)

    def _brush(self, one: int, other: int) -> None:
        steps: Sequence[int] = sorted((one, other))
        if (steps[0], steps[1]) != self._range:
            self.brushed.emit(steps[0], steps[1])
