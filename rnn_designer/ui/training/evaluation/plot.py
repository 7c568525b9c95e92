"""What the pictures of an evaluation have in common: a frame with round numbers beside it, zooming, and a reading."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from rnn_designer.ui.numbers import number
from rnn_designer.ui.theme import interface_font, keeper, theme
from rnn_designer.ui.training.scales import Span

if TYPE_CHECKING:
    from rnn_designer.messages import Array

_LEFT, _RIGHT, _TOP, _AXIS = 54.0, 12.0, 20.0, 20.0
_FONT = 8.5
_NEAREST = 8
"""So few moments are the most that a picture zooms in to."""


class Plot(QWidget):
    """A frame with a scale up and one to the right; the wheel zooms along, a drag moves, a double click shows all."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = title
        self.span = Span(0.0, 1.0)
        self.first, self.last = 0.0, 1.0
        self.extent = (0.0, 1.0)
        self._grip: QPointF | None = None
        self.mouse: QPointF | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(title)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        keeper().changed.connect(self.update)

    # For the picture itself

    def paint(self, painter: QPainter, area: QRectF) -> None:
        """Paint what is within the frame; it is clipped."""

    def paint_beside(self, painter: QPainter, area: QRectF) -> None:
        """Paint what stands above the frame, beside the title."""

    def words_at(self, place: QPointF) -> str:
        """What is under a place, in words; empty for nothing."""
        return ""

    def numbers(self) -> Mapping[str, Array]:
        """What is shown, for CSV: arrays by name."""
        return {}

    @property
    def zooms(self) -> bool:
        """Whether there is more to see than fits."""
        return True

    def show_extent(self, low: float, high: float) -> None:
        """Say how far the picture reaches to the right; what was zoomed to is kept while it reaches as far."""
        if (low, high) != self.extent:
            self.extent = (low, high)
            self.first, self.last = low, high
        self.update()

    @property
    def area(self) -> QRectF:
        """Where the frame is, in pixels."""
        return QRectF(
            _LEFT, _TOP, max(8.0, self.width() - _LEFT - _RIGHT), max(8.0, self.height() - _TOP - _AXIS)
        )

    def x_of(self, moment: float) -> float:
        """Where a moment is, in pixels."""
        area = self.area
        return area.left() + (moment - self.first) / max(1e-12, self.last - self.first) * area.width()

    def y_of(self, value: float) -> float:
        """Where a value is, in pixels."""
        area = self.area
        return area.bottom() - self.span.share(value) * area.height()

    def moment_at(self, x: float) -> float:
        """The moment under a pixel."""
        area = self.area
        return self.first + (x - area.left()) / area.width() * (self.last - self.first)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """The frame, what is in it, and its scales."""
        painter = QPainter(self)
        look, area = theme(), self.area
        painter.setFont(interface_font(_FONT, bold=True))
        painter.setPen(look.color("muted"))
        painter.drawText(QRectF(area.left(), 1, area.width(), _TOP - 3), _LEFT_MIDDLE, self.title)
        painter.setFont(interface_font(_FONT))
        self.paint_beside(painter, area)
        painter.setFont(interface_font(_FONT))
        self._paint_scales(painter, area)
        painter.save()
        painter.setClipRect(area)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint(painter, area)
        painter.restore()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(look.color("accent", 0.5) if self.hasFocus() else look.color("hairline"), 1))
        painter.drawRect(area)
        painter.end()

    def _paint_scales(self, painter: QPainter, area: QRectF) -> None:
        look = theme()
        for value in self.span.ticks(max(2, int(area.height() / 34))):
            y = round(self.y_of(value)) + 0.5
            if not area.top() - 1 <= y <= area.bottom() + 1:
                continue
            painter.setPen(QPen(look.color("hairline"), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(look.color("muted"))
            painter.drawText(QRectF(0, y - 8, area.left() - 5, 16), _RIGHT_MIDDLE, number(value))
        painter.setPen(look.color("muted"))
        for moment in Span(self.first, self.last).ticks(max(2, int(area.width() / 80))):
            x = self.x_of(moment)
            place = QRectF(x - 40, area.bottom() + 3, 80, _AXIS - 4)
            place.moveRight(min(place.right(), self.width() + 26.0))
            painter.drawText(place, int(Qt.AlignmentFlag.AlignHCenter), number(moment))

    # Mouse and keys

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the pointer."""
        turned = event.angleDelta().y()
        if self.zooms and turned:
            self._zoom(1.0015 ** (-turned), self.moment_at(event.position().x()))
            event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the picture."""
        if event.button() == Qt.MouseButton.LeftButton and self.zooms:
            self._grip = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of it."""
        self._grip = None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move it, or read what is under the mouse."""
        self.mouse = event.position()
        if self._grip is not None:
            gone = (self._grip.x() - event.position().x()) / self.area.width() * (self.last - self.first)
            self._grip = event.position()
            self._move(gone)
        # Without words this hides the tip.
        QToolTip.showText(event.globalPosition().toPoint(), self.words_at(event.position()), self)
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show all of it."""
        self.first, self.last = self.extent
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """No mouse, no reading."""
        self.mouse = None
        QToolTip.hideText()
        self.update()
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right move, plus and minus zoom, 0 shows all."""
        wide = self.last - self.first
        match event.key():
            case Qt.Key.Key_Left if self.zooms:
                self._move(-wide / 8)
            case Qt.Key.Key_Right if self.zooms:
                self._move(wide / 8)
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal if self.zooms:
                self._zoom(0.6, (self.first + self.last) / 2)
            case Qt.Key.Key_Minus if self.zooms:
                self._zoom(1 / 0.6, (self.first + self.last) / 2)
            case Qt.Key.Key_0:
                self.first, self.last = self.extent
                self.update()
            case _:
                super().keyPressEvent(event)

    def _zoom(self, factor: float, about: float) -> None:
        low, high = self.extent
        wide = min(max((self.last - self.first) * factor, min(_NEAREST, high - low)), high - low)
        share = (about - self.first) / max(1e-12, self.last - self.first)
        self.first = about - share * wide
        self.last = self.first + wide
        self._move(0.0)

    def _move(self, by: float) -> None:
        low, high = self.extent
        wide = self.last - self.first
        self.first = min(max(self.first + by, low), high - wide)
        self.last = self.first + wide
        self.update()

    def minimumSizeHint(self) -> QSize:
        """It may become small."""
        return QSize(140, 70)


def rounded(moment: float, count: int) -> int | None:
    """The nearest whole moment of so many; None beyond them."""
    if not math.isfinite(moment):
        return None
    place = round(moment)
    return place if 0 <= place < count else None


_LEFT_MIDDLE = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT_MIDDLE = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
