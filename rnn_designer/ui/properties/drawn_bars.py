"""A strip of bars, one per unit, whose heights are drawn with the mouse or set with the arrow keys."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from rnn_designer.ui.theme import FIELD_RADIUS, code_font, keeper, theme
from rnn_designer.ui.widgets.number_field import number_text

_HEIGHT = 64
_SIDE = 4
_SNAP = 3
"""Pixels beside the line of zero that count as zero."""
_FARTHEST = 4.0
"""How many times the height a drag that leaves the strip can reach."""


class DrawnBars(QWidget):
    """One number per unit as bars around zero.

    The mouse sets every unit that it passes over; left and right go from unit to unit, up and down change it (with
    Shift ten times as much), Home and End go to the ends, Del or 0 makes it zero.

    Signals:
        drawn(values): other numbers are wanted, a tuple of floats.
        finished(): the mouse let go, or the keyboard went elsewhere.
    """

    drawn = Signal(object)
    finished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values: tuple[float, ...] = ()
        self._scale = 1.0
        self._unit = 0
        self._pointed: int | None = None
        self._last: QPointF | None = None
        self._name = ""
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        keeper().changed.connect(self.update)

    def name(self, text: str) -> None:
        """Say to screen readers what the strip is for."""
        self._name = text
        self._speak()

    @property
    def values(self) -> tuple[float, ...]:
        """The numbers that show."""
        return self._values

    @property
    def unit(self) -> int:
        """The unit that the keyboard changes."""
        return self._unit

    def show_values(self, values: Sequence[float]) -> None:
        """Show other numbers; the scale stays while the mouse draws."""
        self._values = tuple(values)
        self._unit = max(0, min(self._unit, len(self._values) - 1))
        if self._last is None:
            self._scale = _nice(max((abs(each) for each in self._values), default=1.0))
        self._speak()
        self.update()

    def _speak(self) -> None:
        words = self._words(self._unit) if self._values else "no units"
        self.setAccessibleName(f"{self._name}: {words}")

    def _words(self, unit: int) -> str:
        return f"unit {unit} = {number_text(self._values[unit])}"

    # Where things are.

    def _room(self) -> QRectF:
        return QRectF(self.rect()).adjusted(_SIDE, _SIDE, -_SIDE, -_SIDE)

    def _unit_at(self, x: float) -> int:
        room = self._room()
        share = (x - room.left()) / max(1.0, room.width())
        return max(0, min(len(self._values) - 1, math.floor(share * len(self._values))))

    def point_of(self, unit: int, value: float) -> QPointF:
        """Where the mouse has to be to give a unit a value."""
        room = self._room()
        x = room.left() + (unit + 0.5) * room.width() / max(1, len(self._values))
        return QPointF(x, room.center().y() - value / self._scale * room.height() / 2)

    def _value_at(self, y: float) -> float:
        room = self._room()
        up = room.center().y() - y
        if abs(up) < _SNAP:
            return 0.0
        farthest = 1.0 if 0 <= y <= self.height() else _FARTHEST
        share = max(-farthest, min(farthest, up / (room.height() / 2)))
        digits = max(0, 2 - math.floor(math.log10(self._scale)))
        return round(share * self._scale, digits)

    # Drawing.

    def _draw_to(self, point: QPointF) -> None:
        start = self._last or point
        first, last = self._unit_at(start.x()), self._unit_at(point.x())
        values = list(self._values)
        for unit in range(min(first, last), max(first, last) + 1):
            share = 1.0 if first == last else (unit - first) / (last - first)
            values[unit] = self._value_at(start.y() + share * (point.y() - start.y()))
        self._last = point
        self._unit = self._pointed = last
        self._ask(tuple(values))

    def _ask(self, values: tuple[float, ...]) -> None:
        if values != self._values:
            self._values = values
            self._speak()
            self.update()
            self.drawn.emit(values)

    def _set_unit(self, value: float) -> None:
        values = list(self._values)
        values[self._unit] = value
        self._ask(tuple(values))
        self._scale = max(self._scale, _nice(abs(value)))
        self.update()

    # Qt's own.

    def sizeHint(self) -> QSize:
        """A strip."""
        return QSize(120, _HEIGHT)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to draw."""
        if event.button() == Qt.MouseButton.LeftButton and self._values:
            self._draw_to(event.position())
            event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw on, or tell what is pointed at."""
        if not self._values:
            return
        if self._last is not None:
            self._draw_to(event.position())
        else:
            self._pointed = self._unit_at(event.position().x())
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The drawing is done: the scale fits it again."""
        if self._last is not None and event.button() == Qt.MouseButton.LeftButton:
            self._last = None
            self.show_values(self._values)
            self.finished.emit()

    def leaveEvent(self, event: object) -> None:
        """Nothing is pointed at any more."""
        self._pointed = None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk the units and change them."""
        if not self._values:
            super().keyPressEvent(event)
            return
        key = Qt.Key(event.key())
        coarse = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        ends = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: len(self._values) - 1}
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        changes = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10}
        if key in ends or key in steps:
            wanted = ends.get(key, self._unit + steps.get(key, 0))
            self._unit = max(0, min(len(self._values) - 1, wanted))
            self._pointed = None
            self._speak()
            self.update()
        elif key in changes:
            step = self._scale / 20 * changes[key] * (10 if coarse else 1)
            self._set_unit(round(self._values[self._unit] + step, 6))
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_0):
            self._set_unit(0.0)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """What comes next is a step of its own."""
        super().focusOutEvent(event)
        self.update()
        self.finished.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the ring."""
        super().focusInEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint field, zero line, bars, and the number pointed at."""
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(look.color("accent" if self.hasFocus() else "hairline"))
        painter.setBrush(look.color("field"))
        painter.drawRoundedRect(
            QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), FIELD_RADIUS, FIELD_RADIUS
        )
        room = self._room()
        middle = room.center().y()
        painter.setPen(look.color("faint"))
        painter.drawLine(QPointF(room.left(), middle), QPointF(room.right(), middle))
        width = room.width() / max(1, len(self._values))
        shown = self._pointed if self._pointed is not None else self._unit if self.hasFocus() else None
        painter.setPen(Qt.PenStyle.NoPen)
        for unit, value in enumerate(self._values):
            left = room.left() + unit * width
            if unit == shown:
                painter.setBrush(look.color("accent", 0.14))
                painter.drawRect(QRectF(left, room.top(), max(1.0, width), room.height()))
            height = max(-1.0, min(1.0, value / self._scale)) * room.height() / 2
            painter.setBrush(look.color("positive" if value > 0 else "negative"))
            gap = 1.0 if width >= 4 else 0.0
            bar = QRectF(left, middle, max(1.0, width - gap), -height).normalized()
            painter.drawRect(bar)
        self._paint_words(painter, room, shown)
        painter.end()

    def _paint_words(self, painter: QPainter, room: QRectF, shown: int | None) -> None:
        look = theme()
        painter.setFont(code_font(8))
        corner = int(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        scale = f"±{number_text(self._scale)}"
        behind = painter.boundingRect(room, corner, scale).adjusted(-2, -1, 2, 1)
        painter.fillRect(behind, look.color("field"))  # A bar that reaches up there would make it unreadable.
        painter.setPen(look.color("muted"))
        painter.drawText(room, corner, scale)
        if shown is not None and shown < len(self._values):
            text = self._words(shown)
            metrics = painter.fontMetrics()
            size = QSize(metrics.horizontalAdvance(text) + 8, metrics.height() + 2)
            card = QRectF(room.right() - size.width(), room.top(), size.width(), size.height())
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("tooltip"))
            painter.drawRoundedRect(card, 4, 4)
            painter.setPen(look.color("on_tooltip"))
            painter.drawText(card, int(Qt.AlignmentFlag.AlignCenter), text)


def _nice(greatest: float) -> float:
    """The next of 1, 2, 5, 10 … at or above a number; at least 1."""
    if not math.isfinite(greatest) or greatest <= 1.0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(greatest))
    return next(step * power for step in (1.0, 2.0, 5.0, 10.0) if step * power >= greatest * (1 - 1e-9))
