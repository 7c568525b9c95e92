"""Units side by side: rows of numbers by unit as colours, and a scatter of two numbers; a click chooses a unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from rnn_designer.ui.colors import sequential
from rnn_designer.ui.theme import interface_font, keeper, theme
from rnn_designer.ui.views.color_scale import paint_scale
from rnn_designer.ui.views.dots import paint_dots

_CENTER = int(Qt.AlignmentFlag.AlignCenter)
_RIGHT_MIDDLE = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT_MIDDLE = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


_ROOMY = 76.0


class UnitPicker(QWidget):
    """Shows units and lets one be chosen by mouse or keyboard.

    Signals:
        picked(unit): a unit was clicked, or Enter pressed on it.
    """

    picked = Signal(int)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._units = 0
        self._current = 0
        self._colors: dict[int, QColor] = {}
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        keeper().changed.connect(self.update)

    @property
    def current(self) -> int:
        """The unit that Enter chooses."""
        return self._current

    def unit_at(self, at: QPointF) -> int | None:
        """The unit under a place."""
        raise NotImplementedError

    def words(self, unit: int) -> str:
        """What is said about a unit."""
        raise NotImplementedError

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say what is under the mouse."""
        unit = self.unit_at(event.position())
        if unit is None:
            QToolTip.hideText()
        else:
            QToolTip.showText(event.globalPosition().toPoint(), self.words(unit), self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the unit that was clicked."""
        unit = self.unit_at(event.position())
        if unit is not None and event.button() == Qt.MouseButton.LeftButton:
            self._current = unit
            self.picked.emit(unit)
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go from unit to unit, Enter or Space chooses."""
        match Qt.Key(event.key()):
            case Qt.Key.Key_Left | Qt.Key.Key_Right as key:
                step = 1 if key == Qt.Key.Key_Right else -1
                self._current = max(0, min(self._current + step, self._units - 1))
                self.setToolTip(self.words(self._current) if self._units else "")
                self.update()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_Space if self._units:
                self.picked.emit(self._current)
            case _:
                super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show which unit the keys are at."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide it again."""
        super().focusOutEvent(event)
        self.update()

    def _fit(self, units: int, colors: Mapping[int, QColor]) -> None:
        self._units, self._colors = units, dict(colors)
        self._current = max(0, min(self._current, units - 1))
        self.update()


class Scatter(UnitPicker):
    """How often a gate is at its low end against how often it is at its high end; a dot per unit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Saturation of a gate", parent)
        self._title = self._low = self._high = ""
        self._left: Any = np.zeros(0)
        self._right: Any = np.zeros(0)

    def show_gate(
        self, title: str, ends: tuple[str, str], left: Any, right: Any, colors: Mapping[int, QColor]
    ) -> None:
        """Show another gate.

        Args:
            title: its symbol and name.
            ends: what the two ends are called: "< 0.1", "> 0.9".
            left: ``(units,)``, the share of the steps at the low end.
            right: the same at the high end.
            colors: those of the units that have one.
        """
        self._title, (self._low, self._high) = title, ends
        self._left, self._right = np.asarray(left), np.asarray(right)
        self.setAccessibleName(f"Saturation of {title}")
        self._fit(len(self._left), colors)

    def sizeHint(self) -> QSize:
        """A square that is large enough to tell dots apart."""
        return QSize(170, 190)

    def minimumSizeHint(self) -> QSize:
        """Enough for the triangle."""
        return QSize(84, 84)

    @property
    def area(self) -> QRectF:
        """The square of the plot."""
        room = QRectF(self.rect()).adjusted(30, 20, -8, -28)
        side = max(20.0, min(room.width(), room.height()))
        return QRectF(room.left() + max(0.0, (room.width() - side) / 2), room.top(), side, side)

    def place(self, unit: int) -> QPointF:
        """Where a unit's dot is."""
        area = self.area
        return QPointF(
            area.left() + float(self._left[unit]) * area.width(),
            area.bottom() - float(self._right[unit]) * area.height(),
        )

    def unit_at(self, at: QPointF) -> int | None:
        """The unit nearest to a place, if one is near; a chosen one before others at the same place."""
        if not self._units:
            return None
        area = self.area
        x = area.left() + self._left * area.width() - at.x()
        y = area.bottom() - self._right * area.height() - at.y()
        away = np.hypot(x, y)
        for unit in self._colors:
            if unit < len(away):
                away[unit] -= 0.5
        nearest = int(np.argmin(away))
        return nearest if away[nearest] <= 8 else None

    def words(self, unit: int) -> str:
        """The two shares of a unit."""
        return (
            f"{self._title}, unit {unit}: {self._low} at {self._left[unit]:.0%} of the steps, "
            f"{self._high} at {self._right[unit]:.0%}"
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        """The triangle of what is possible, dots, names of the axes."""
        look, area = theme(), self.area
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(interface_font(9, bold=True))
        painter.setPen(look.color("text"))
        painter.drawText(QRectF(0, 1, self.width(), 17), _CENTER, self._title)
        painter.setPen(QPen(look.color("hairline"), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.drawLine(area.bottomLeft(), area.topLeft())
        # Both shares together are at most 1.
        painter.setPen(QPen(look.color("hairline"), 1, Qt.PenStyle.DashLine))
        painter.drawLine(area.topLeft(), area.bottomRight())
        painter.setFont(interface_font(8))
        painter.setPen(look.color("muted"))
        below = QRectF(area.left(), area.bottom() + 2, area.width(), 13)
        painter.drawText(below, _LEFT_MIDDLE, "0")
        painter.drawText(below, _RIGHT_MIDDLE, "1")
        share = "share of steps" if area.width() > _ROOMY + 30 else "share"
        painter.drawText(QRectF(0, area.bottom() + 13, self.width(), 13), _CENTER, f"{share} {self._low}")
        painter.save()
        painter.translate(area.left() - 16, area.center().y())
        painter.rotate(-90)
        said = f"{share} {self._high}" if area.height() > _ROOMY else self._high
        painter.drawText(QRectF(-70, -8, 140, 16), _CENTER, said)
        painter.restore()
        self._paint_dots(painter)
        painter.end()

    def _paint_dots(self, painter: QPainter) -> None:
        look = theme()
        area = self.area
        across = area.left() + self._left * area.width()
        up = area.bottom() - self._right * area.height()
        others = np.ones(self._units, bool)
        others[[unit for unit in self._colors if unit < self._units]] = False
        paint_dots(painter, np.column_stack([across, up])[others], 2.6, look.color("muted", 0.45))
        painter.setPen(QPen(look.color("window"), 1))
        for unit, color in self._colors.items():
            if unit < self._units:
                painter.setBrush(color)
                painter.drawEllipse(self.place(unit), 4.6, 4.6)
        if self.hasFocus() and self._units:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(look.color("accent"), 1.5))
            painter.drawEllipse(self.place(self._current), 7.5, 7.5)


@dataclass(frozen=True)
class StripRow:
    """One row of numbers by unit.

    Attributes:
        name: at its left: "h off".
        values: ``(units,)``, 0 to 1; NaN where there is nothing to say.
        summary: at its right: "3 of 64".
        mark: whether 1 means trouble and nothing else is shown: drawn in the colour of warnings.
        said: what the tooltip says of a unit, given its value.
    """

    name: str
    values: Any
    summary: str
    mark: bool = False
    said: Sequence[str] = ()


class UnitStrips(UnitPicker):
    """Rows of numbers, a column per unit; where units share a pixel, the largest number shows."""

    LEFT, RIGHT, TOP, BOTTOM = 92.0, 104.0, 4.0, 18.0

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Numbers by unit", parent)
        self._rows: tuple[StripRow, ...] = ()

    @property
    def rows(self) -> tuple[StripRow, ...]:
        """What is shown."""
        return self._rows

    def show_rows(self, rows: Sequence[StripRow], colors: Mapping[int, QColor]) -> None:
        """Show other rows, all of the same units."""
        self._rows = tuple(rows)
        self._fit(len(rows[0].values) if rows else 0, colors)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Rows of a comfortable height."""
        return QSize(420, round(self.TOP + self.BOTTOM + 24 * max(1, len(self._rows))))

    def minimumSizeHint(self) -> QSize:
        """Rows that can be read."""
        return QSize(220, round(self.TOP + self.BOTTOM + 14 * max(1, len(self._rows))))

    @property
    def area(self) -> QRectF:
        """Where the columns are."""
        room = QRectF(self.rect()).adjusted(self.LEFT, self.TOP, -self.RIGHT, -self.BOTTOM)
        return QRectF(room.topLeft(), QPointF(room.right(), room.top() + min(room.height(), self._most())))

    def _most(self) -> float:
        return 34.0 * max(1, len(self._rows))

    def column(self, unit: int) -> QRectF:
        """The column of a unit."""
        area = self.area
        wide = area.width() / max(1, self._units)
        return QRectF(area.left() + unit * wide, area.top(), wide, area.height())

    def unit_at(self, at: QPointF) -> int | None:
        """The unit under a place."""
        area = self.area
        if not self._units or not area.contains(at):
            return None
        return min(self._units - 1, int((at.x() - area.left()) / area.width() * self._units))

    def words(self, unit: int) -> str:
        """All rows of a unit."""
        told = [row.said[unit] for row in self._rows if len(row.said) > unit and row.said[unit]]
        return f"unit {unit}: " + "; ".join(told)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Names, colours, sums, and marks of chosen units."""
        look, area = theme(), self.area
        painter = QPainter(self)
        count = max(1, len(self._rows))
        height = area.height() / count
        pixels = max(1, min(self._units, int(area.width())))
        for number, row in enumerate(self._rows):
            top = area.top() + number * height
            painter.setFont(interface_font(8.5))
            painter.setPen(look.color("muted"))
            painter.drawText(QRectF(4, top, self.LEFT - 10, height), _RIGHT_MIDDLE, row.name)
            painter.drawText(
                QRectF(area.right() + 8, top, self.RIGHT - 10, height), _LEFT_MIDDLE, row.summary
            )
            shown = _largest(np.asarray(row.values, dtype=np.float64), pixels)
            place = QRectF(area.left(), top + 1.5, area.width(), height - 3)
            _paint_values(painter, place, shown, row.mark)
            painter.setPen(QPen(look.color("hairline"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(place)
        self._paint_units(painter, area)
        painter.end()

    def _paint_units(self, painter: QPainter, area: QRectF) -> None:
        look = theme()
        painter.setFont(interface_font(8))
        for unit, color in self._colors.items():
            if unit < self._units:
                column = self.column(unit)
                x = column.center().x()
                painter.fillRect(
                    QRectF(x - max(1.5, column.width() / 2), area.bottom() + 1, max(3, column.width()), 3),
                    color,
                )
        below = QRectF(area.left(), area.bottom() + 4, area.width(), 13)
        if area.width() > 240 and not self.hasFocus():
            paint_scale(
                painter, below.adjusted(0, 0, -40, 0), "0 %", "100 %", signed=False, words="share of steps"
            )
            painter.setFont(interface_font(8))
        painter.setPen(look.color("muted"))
        painter.drawText(below, _LEFT_MIDDLE, "unit 0")
        if self._units > 1:
            painter.drawText(below, _RIGHT_MIDDLE, f"{self._units - 1}")
        if self.hasFocus() and self._units:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(look.color("accent"), 1.5))
            column = self.column(self._current)
            painter.drawRect(column.adjusted(-1, 0, 1, 0) if column.width() < 4 else column)
            painter.drawText(below, _CENTER, f"unit {self._current}")


def _paint_values(painter: QPainter, area: QRectF, shown: Any, mark: bool) -> None:
    """Values beside each other as colours: one by one with gaps where there is room, else as one image."""
    wide = area.width() / max(1, len(shown))
    colors = sequential(theme()).copy()
    if mark:
        colors[:] = theme().color("warning").getRgb()
    there = shown > 0  # False where there is nothing to say.
    entries = np.rint(255 * np.clip(np.where(there, shown, 0), 0, 1)).astype(np.intp)
    if not _gap(wide):
        pixels = np.where(there[:, None], colors[entries], np.uint8(0))
        image = QImage(pixels.tobytes(), len(shown), 1, 4 * len(shown), QImage.Format.Format_RGBA8888)
        painter.drawImage(area, image.copy())
        return
    for place in np.flatnonzero(there).tolist():
        left = area.left() + place * wide
        painter.fillRect(
            QRectF(left, area.top(), max(1.0, wide - _gap(wide)), area.height()),
            QColor(*colors[entries[place]].tolist()),
        )


def _gap(wide: float) -> float:
    return 1.0 if wide > 6 else 0.0


def _largest(values: Any, pixels: int) -> Any:
    """The largest of the values that share a pixel; NaN where there is none."""
    if len(values) <= pixels:
        return values
    starts = np.arange(pixels) * len(values) // pixels
    filled = np.where(np.isnan(values), -np.inf, values)
    most = np.maximum.reduceat(filled, starts)
    return np.where(np.isneginf(most), np.nan, most)
