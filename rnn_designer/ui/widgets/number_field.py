"""A field for one number: free typing, small step arrows, arrow keys, the wheel while focused, and scrubbing.

It validates nothing itself: it hands on what was typed, parsed as far as it can be, and whoever owns the value
answers with the value that holds.
"""

import math
import re
from typing import Any

from PySide6.QtCore import QPoint, QPointF, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from rnn_designer.ui.theme import theme
from rnn_designer.ui.widgets.undo_keys import leave_undo_to_the_design

_ARROWS = 20
NONE_WORDS = {"", "none", "–"}


def number_text(value: Any) -> str:
    """A number as a person writes it: ``0.5``, ``64``, ``1e-05``; nothing for None."""
    if value is None:
        return ""
    text = repr(value) if isinstance(value, float) else str(value)
    return text[:-2] if text.endswith(".0") else text


def parse_number(text: str, *, whole: bool) -> Any:
    """The number that a text stands for; None for nothing or "none"; the text itself if it is no number."""
    stripped = text.strip().replace("−", "-")
    if stripped.casefold() in NONE_WORDS:
        return None
    if whole and re.fullmatch(r"-?\d{1,3}(,\d{3})+", stripped):
        stripped = stripped.replace(",", "")
    try:
        return int(stripped)
    except ValueError:
        pass
    try:
        number = float(
            stripped.replace(",", ".") if stripped.count(",") == 1 and "." not in stripped else stripped
        )
    except ValueError:
        return stripped
    return int(number) if whole and number.is_integer() and abs(number) < 1e15 else number


class NumberField(QLineEdit):
    """A line edit for a number.

    Args:
        whole: whether only whole numbers make sense.
        minimum: where stepping stops; None for no end.
        maximum: where stepping stops; None for no end.

    Signals:
        edited(value): the user typed or stepped; an int, float, None, or the text as typed if it is no number.
        finished(): Enter, or the focus left.
    """

    edited = Signal(object)
    finished = Signal()

    def __init__(
        self,
        *,
        whole: bool = True,
        minimum: float | None = None,
        maximum: float | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._whole = whole
        self._minimum = minimum
        self._maximum = maximum
        self._shown: Any = None
        self._scrub_from: float | None = None
        self.setTextMargins(0, 0, _ARROWS - 6, 0)
        leave_undo_to_the_design(self)
        self.setMouseTracking(True)
        self.textEdited.connect(lambda _text: self.edited.emit(self.value()))
        self.editingFinished.connect(self.finished)

    def value(self) -> Any:
        """What the text stands for now."""
        return parse_number(self.text(), whole=self._whole)

    def show_value(self, value: Any, *, mixed: bool = False, none: str = "none") -> None:
        """Show the value that holds, leaving text and caret alone if the text already stands for it."""
        self.setPlaceholderText("mixed" if mixed else none)
        self._shown = None if mixed else value
        current = self.value()
        if self._shown == current and (self.hasFocus() or self._shown is not None or not self.text()):
            return
        self.setText(number_text(self._shown))
        if not self.hasFocus():
            self.setCursorPosition(0)

    def revert(self) -> None:
        """Take back what was typed: show the value that holds."""
        self.setText(number_text(self._shown))

    # Steps and scrubbing.

    def step(self, steps: int) -> None:
        """Go up or down by so many steps."""
        start = self._shown if isinstance(self._shown, int | float) else self._resting()
        self._go_to(self._stepped(start, steps))

    def scrub(self, pixels: int, *, fine: bool = False) -> None:
        """Show and announce the value that lies so many pixels from where scrubbing began."""
        if self._scrub_from is None:
            held = self._shown
            self._scrub_from = float(held) if isinstance(held, int | float) else self._resting()
        steps = round(pixels / (12 if fine else 4))
        if self._whole and not fine:
            steps *= max(1, 10 ** (len(str(abs(int(self._scrub_from)))) - 2) // 2)
        self._go_to(self._stepped(self._scrub_from, steps))

    def end_scrub(self) -> None:
        """The mouse let go: the next scrub starts from the value that holds then."""
        self._scrub_from = None
        self.finished.emit()

    def _resting(self) -> float:
        return float(self._minimum) if self._minimum is not None else 0.0

    def _stepped(self, start: float, steps: int) -> float | int:
        if self._whole:
            number: float = int(start) + steps
        else:
            size = self._step_size(start)
            number = round(start + steps * size, max(0, 2 - math.floor(math.log10(size))))
        if self._minimum is not None:
            number = max(self._minimum, number)
        if self._maximum is not None:
            number = min(self._maximum, number)
        return int(number) if self._whole else float(number)

    def _step_size(self, start: float) -> float:
        if self._minimum == 0 and self._maximum is not None and self._maximum <= 1:
            return 0.05
        if start == 0 or not math.isfinite(start):
            return 0.01
        return float(10.0 ** (math.floor(math.log10(abs(start))) - 1))

    def _go_to(self, number: float) -> None:
        text = number_text(number)
        if text == self.text():
            return
        self.setText(text)
        if self.hasFocus():
            self.selectAll()
        self.edited.emit(self.value())

    # Qt's own.

    def _arrows(self) -> QRect:
        return QRect(self.width() - _ARROWS, 0, _ARROWS, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the field and its two arrows."""
        super().paintEvent(event)
        if self.isReadOnly():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme().color("muted" if self.isEnabled() else "faint"), 1.3))
        middle = QPointF(self._arrows().center()) + QPointF(0, 0.5)
        for way in (-1, 1):
            base = middle + QPointF(0, way * 3.0)
            painter.drawPolyline(
                QPolygonF([base + QPointF(-3, 0), base + QPointF(0, way * 3.0), base + QPointF(3, 0)])
            )
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """An arrow pointer over the arrows."""
        over = self._arrows().contains(event.position().toPoint())
        self.setCursor(Qt.CursorShape.ArrowCursor if over else Qt.CursorShape.IBeamCursor)
        super().mouseMoveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on an arrow steps."""
        point: QPoint = event.position().toPoint()
        if (
            event.button() == Qt.MouseButton.LeftButton
            and self._arrows().contains(point)
            and not self.isReadOnly()
        ):
            ten = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            self.step(ten if point.y() < self.height() / 2 else -ten)
            event.accept()
            return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A quick second click on an arrow is a step too, not a selection of the word."""
        if self._arrows().contains(event.position().toPoint()):
            self.mousePressEvent(event)
        else:
            super().mouseDoubleClickEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down step, with Shift or by page ten at a time; Esc takes typing back."""
        steps = {
            Qt.Key.Key_Up: 1,
            Qt.Key.Key_Down: -1,
            Qt.Key.Key_PageUp: 10,
            Qt.Key.Key_PageDown: -10,
        }.get(Qt.Key(event.key()))
        if steps is not None and not self.isReadOnly():
            self.step(steps * (10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1))
        elif event.key() == Qt.Key.Key_Escape and self.text() != number_text(self._shown):
            self.revert()
            self.edited.emit(self._shown)
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel steps while the field has the focus; otherwise the panel scrolls."""
        turns = event.angleDelta().y()
        if self.hasFocus() and turns and not self.isReadOnly():
            self.step(1 if turns > 0 else -1)
            event.accept()
        else:
            event.ignore()
