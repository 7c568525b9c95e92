"""A small plot of one sample: a line per feature over the time steps."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from rnn_designer.ui.theme import code_font, keeper, theme

if TYPE_CHECKING:
    from rnn_designer.messages import Array

_LINES = 4
"""How many features are drawn; more cannot be told apart at this size."""
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
    """

    sample_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._array: Array | None = None
        self._sample = 0
        self._message = ""
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
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

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right go through the samples."""
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
        low, high = min(finite), max(finite)
        steps = len(lines[0])
        foot = QRectF(2, frame.bottom() + 2, self.width() - 4, _FOOT - 2)
        painter.drawText(foot, int(Qt.AlignmentFlag.AlignLeft), "step 0")
        painter.drawText(foot, int(Qt.AlignmentFlag.AlignRight), str(steps - 1))
        scale = painter.fontMetrics()
        labels = max(scale.horizontalAdvance(f"{value:.3g}") for value in (low, high)) + 6
        place = frame.adjusted(_MARGIN + labels, _MARGIN, -_MARGIN, -_MARGIN)
        sides = frame.adjusted(_MARGIN, 2, 0, -2)
        painter.drawText(sides, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop), f"{high:.3g}")
        if high > low:
            painter.drawText(
                sides, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom), f"{low:.3g}"
            )
        span = high - low or 1.0
        for number, line in reversed(list(enumerate(lines))):
            painter.setPen(QPen(colors.color("green") if number == 0 else _series(number), 1.2))
            self._paint_line(painter, line, place, low if high > low else low - 0.5, span)
        painter.end()

    @staticmethod
    def _paint_line(painter: QPainter, line: list[float], place: QRectF, low: float, span: float) -> None:
        last = max(1, len(line) - 1)
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


def _series(number: int) -> Any:
    from PySide6.QtGui import QColor

    colors = theme().series
    return QColor(colors[(number - 1) % len(colors)])
