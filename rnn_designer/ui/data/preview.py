"""A small plot of one sample: a line per feature over the time steps."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from rnn_designer.ui.colors import feature_color
from rnn_designer.ui.numbers import number as number_text
from rnn_designer.ui.theme import code_font, keeper, theme

if TYPE_CHECKING:
    from rnn_designer.messages import Array

_LINES = 4
"""How many features are drawn; more cannot be told apart at this size."""
NEAREST = -1
"""In place of a feature to draw: the one whose line is nearest to where the stroke begins."""
_MARGIN = 6.0
_FOOT = 16.0


def thinned(values: list[float], width: int) -> list[tuple[float, float]]:
    """Points of a long line at most two per pixel: the lowest and highest value of every pixel column."""
    steps = len(values)
    if steps <= 2 * width or width < 1:
        return [(float(step), value) for step, value in enumerate(values)]
    points: list[tuple[float, float]] = []
    for column in range(width):
        first, last = column * steps // width, (column + 1) * steps // width
        part = [value for value in values[first:last] if math.isfinite(value)]
        if part:
            points += [(float(first), min(part)), (float(first), max(part))]
        else:
            points.append((float(first), math.nan))
    return points


class SamplePlot(QWidget):
    """The plot. It reads its array with plain indexing only, so that NumPy is not imported here.

    Signals:
        sample_wanted(delta): left or right was pressed: the sample before or after.
        drawn(values): while the mouse draws: a tuple of ``(step, value)`` since the press.
        draw_ended(done): the mouse let go; False if Esc took it back.
    """

    sample_wanted = Signal(int)
    drawn = Signal(object)
    draw_ended = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._array: Array | None = None
        self._sample = 0
        self._message = ""
        self._ahead: Any = None
        self._targets: Any = None
        self._feature: int | None = None
        self.drawn_feature = 0
        """Which feature the stroke under way, or the last one, changes."""
        self._stroke: dict[int, float] | None = None
        self._last: tuple[int, float] | None = None
        self._range: tuple[float, float] = (-1.0, 1.0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Preview of the samples")
        keeper().changed.connect(self.update)

    def show_sample(self, array: Array | None, sample: int, message: str = "") -> None:
        """Draw one sample of an array ``(batch, time)`` or ``(batch, time, features)``, or say why there is none."""
        self._array, self._sample, self._message = array, sample, message
        shape = getattr(array, "shape", ())
        self.setAccessibleDescription(
            f"sample {sample} of shape {'×'.join(map(str, shape[1:]))}" if array is not None else message
        )
        self.update()

    def show_targets(self, ahead: Array | None, targets: Array | None) -> None:
        """Show also what lies ahead of each sample, ``(batch, horizon, …)``, and answers, ``(batch, time)``."""
        self._ahead, self._targets = ahead, targets
        self.update()

    def let_draw(self, feature: int | None) -> None:
        """Let the mouse draw that feature, or :data:`NEAREST`; None for no feature."""
        if feature != self._feature:
            self._feature = feature
            self.setCursor(Qt.CursorShape.ArrowCursor if feature is None else Qt.CursorShape.CrossCursor)
            if feature is None:
                tip = ""
            elif feature == NEAREST:
                tip = (
                    "Drag a point, or draw along the line: the samples are copied into the design. "
                    "Esc takes the stroke back."
                )
            else:
                tip = f"Drag a point, or draw feature {feature}. Esc takes the stroke back."
            self.setToolTip(tip)

    @property
    def drawing(self) -> bool:
        """Whether the mouse is drawing now."""
        return self._stroke is not None

    def target_marks(self) -> list[tuple[float, float]]:
        """The marks of the sample's targets, as steps and values: answers, or the first feature at the horizon."""
        if self._targets is not None and self._sample < self._targets.shape[0]:
            answers = [float(value) for value in self._targets[self._sample].tolist()]
            return [(step, value) for step, value in enumerate(answers) if math.isfinite(value)]
        lines, ahead = self.lines(), self.ahead_line()
        return [(len(lines[0]) + step, value) for step, value in enumerate(ahead)] if lines else []

    def ahead_line(self) -> list[float]:
        """The first feature over the steps after the sample, up to the horizon."""
        if self._ahead is None or self._ahead.ndim < 2 or self._sample >= self._ahead.shape[0]:
            return []
        one = self._ahead[self._sample]
        return [float(value) for value in one.reshape(one.shape[0], -1)[:, 0].tolist()]

    def lines(self) -> list[list[float]]:
        """The drawn values: the first features of the sample, each over time."""
        array: Any = self._array
        if array is None or array.ndim < 2 or self._sample >= array.shape[0]:
            return []
        one = array[self._sample]
        if one.ndim == 1:
            return [[float(value) for value in one.tolist()]]
        flat = one.reshape(one.shape[0], -1)
        return [
            [float(value) for value in flat[:, place].tolist()] for place in range(min(_LINES, flat.shape[1]))
        ]

    def sizeHint(self) -> QSize:
        """A strip."""
        return QSize(200, 112)

    def _place(self) -> QRectF:
        """Where the lines are drawn."""
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -_FOOT)
        scale = QFontMetrics(code_font(8))
        labels = max(scale.horizontalAdvance(f"{value:.3g}") for value in self._range) + 6
        return frame.adjusted(_MARGIN + labels, _MARGIN, -_MARGIN, -_MARGIN)

    def _under(self, point: QPointF) -> tuple[int, float]:
        """The step and value under the mouse, values rounded to a two-hundredth of the range."""
        place, (low, high) = self._place(), self._range
        steps = max(1, len(self.lines()[0]) if self.lines() else 1)
        share = (point.x() - place.left()) / max(1.0, place.width())
        step = max(0, min(steps - 1, round(share * max(1, steps - 1 + len(self.ahead_line())))))
        height = (place.bottom() - point.y()) / max(1.0, place.height())
        unit = 10.0 ** math.floor(math.log10((high - low) / 100))
        value = low + max(0.0, min(1.0, height)) * (high - low)
        return step, round(round(value / unit) * unit, 12)

    def _nearest(self, point: QPointF) -> int:
        """The feature whose line is nearest to a point."""
        step, value = self._under(point)
        far = [abs(line[step] - value) if math.isfinite(line[step]) else math.inf for line in self.lines()]
        return far.index(min(far))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to draw, where that is possible."""
        if self._feature is None or event.button() != Qt.MouseButton.LeftButton or not self.lines():
            super().mousePressEvent(event)
            return
        self._stroke, self._last = {}, None
        self.drawn_feature = self._nearest(event.position()) if self._feature == NEAREST else self._feature
        self.setFocus()
        self.mouseMoveEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw on: every step between two places of the mouse gets a value."""
        if self._stroke is None:
            super().mouseMoveEvent(event)
            return
        step, value = self._under(event.position())
        from_step, from_value = self._last or (step, value)
        for between in range(min(step, from_step), max(step, from_step) + 1):
            share = (between - from_step) / (step - from_step) if step != from_step else 1.0
            self._stroke[between] = float(f"{from_value + share * (value - from_value):.5g}")
        self._last = (step, value)
        self.drawn.emit(tuple(sorted(self._stroke.items())))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The stroke is done."""
        if self._stroke is None:
            super().mouseReleaseEvent(event)
            return
        self._stroke = None
        self.draw_ended.emit(True)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right go through the samples; Esc takes a stroke back."""
        if event.key() == Qt.Key.Key_Escape and self._stroke is not None:
            self._stroke = None
            self.draw_ended.emit(False)
            return
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is not None:
            self.sample_wanted.emit(step)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint frame, lines and the ends of both axes."""
        colors = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -_FOOT)
        painter.setPen(QPen(colors.color("accent" if self.hasFocus() else "hairline"), 1))
        painter.setBrush(colors.color("field"))
        painter.drawRoundedRect(frame, 6, 6)
        lines = self.lines()
        finite = [value for line in lines for value in line if math.isfinite(value)]
        painter.setFont(code_font(8))
        painter.setPen(colors.color("muted"))
        if not finite:
            text = self._message or "No samples yet."
            painter.drawText(frame, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), text)
            painter.end()
            return
        marks = self.target_marks()
        finite += [value for _step, value in marks if math.isfinite(value)]
        low, high = min(finite), max(finite)
        if self._stroke is None:
            # While the mouse draws, the scale stands still; a flat line leaves room to draw in.
            flat = self._feature is not None and high - low < 1e-9
            room = 0.15 * (high - low) if self._feature is not None else 0.0
            self._range = (low - 1.0, high + 1.0) if flat else (low - room, high + room)
        else:
            low, high = self._range
        if self._feature is not None:
            low, high = self._range
        elif high > low:
            self._range = (low, high)
        else:
            self._range = (low - 0.5, low + 0.5)
        steps = len(lines[0])
        last = steps - 1 + len(self.ahead_line())
        foot = QRectF(2, frame.bottom() + 2, self.width() - 4, _FOOT - 2)
        painter.drawText(foot, int(Qt.AlignmentFlag.AlignLeft), "step 0")
        painter.drawText(
            foot, int(Qt.AlignmentFlag.AlignRight), str(steps - 1 if last < steps else f"+{last - steps + 1}")
        )
        place = self._place()
        sides = frame.adjusted(_MARGIN, 2, 0, -2)
        painter.drawText(
            sides, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop), number_text(high)
        )
        if high > low:
            painter.drawText(
                sides, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom), number_text(low)
            )
        span = high - low or 1.0
        for number, line in reversed(list(enumerate(lines))):
            painter.setPen(QPen(feature_color(number), 1.2))
            self._paint_line(painter, line, place, low if high > low else low - 0.5, span, last)
        self._paint_marks(painter, marks, place, low if high > low else low - 0.5, span, last)
        painter.end()

    def _paint_marks(
        self,
        painter: QPainter,
        marks: list[tuple[float, float]],
        place: QRectF,
        low: float,
        span: float,
        last: int,
    ) -> None:
        """Targets: hollow dots, with the way there in a thin dotted line."""
        ahead = self._targets is None
        painter.setPen(QPen(theme().color("positive"), 1.3))
        painter.setBrush(theme().color("field"))
        size = 2.6 if len(marks) < place.width() / 8 else 1.2
        for step, value in marks:
            if math.isfinite(value):
                x = place.left() + place.width() * step / max(1, last)
                y = place.bottom() - place.height() * (value - low) / span
                painter.drawEllipse(QPointF(x, y), size, size)
        if ahead and marks:
            x = place.left() + place.width() * (marks[0][0] - 0.5) / max(1, last)
            painter.setPen(QPen(theme().color("faint"), 1, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(x, place.top()), QPointF(x, place.bottom()))

    @staticmethod
    def _paint_line(
        painter: QPainter, line: list[float], place: QRectF, low: float, span: float, last: int
    ) -> None:
        last = max(1, last)
        piece: list[QPointF] = []
        for step, value in [*thinned(line, int(place.width())), (0.0, math.nan)]:
            if math.isfinite(value):
                x = place.left() + place.width() * step / last
                piece.append(QPointF(x, place.bottom() - place.height() * (value - low) / span))
                continue
            # A gap in the data is a gap in the line.
            if len(piece) > 1:
                painter.drawPolyline(QPolygonF(piece))
            elif piece:
                painter.drawEllipse(piece[0], 1.5, 1.5)
            piece = []
