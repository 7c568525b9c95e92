"""Paints a layer unrolled over time: a cell per step beside each other, with the states on the arrows between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from rnn_designer.ui.numbers import number
from rnn_designer.ui.theme import code_font, interface_font, keeper, theme
from rnn_designer.ui.views.cell_diagram import paint_arrow
from rnn_designer.ui.views.cell_strips import paint_strip, unit_at

if TYPE_CHECKING:
    from rnn_designer.messages import Array
    from rnn_designer.ui.views.vectors import Vectors

_COLUMN, _LEFT, _TOP, _BOTTOM = 132.0, 74.0, 18.0, 46.0
_HIGH = 9.0
_SHORT = {"SimpleRNN": "RNN", "CustomCell": "cell"} | {f"ConvLSTM{n}D": "Conv" for n in (1, 2, 3)}


@dataclass(frozen=True)
class Row:
    """One cell at all steps: a direction, or a cell of a stack.

    Attributes:
        label: what stands before it.
        vectors: what goes through it.
        gives_up: whether the row above takes its output as input; otherwise that reads the input of the layer, too.
    """

    label: str
    vectors: Vectors
    gives_up: bool = False


class Unrolled(QWidget):
    """As many steps around the cursor as there is room for.

    Signals:
        step_wanted(step): the cursor is to go to that step of the layer.
        moved(steps): it is to go so many steps on or back.
        unit_pressed(unit): a vector was clicked at this unit.
    """

    step_wanted = Signal(int)
    moved = Signal(int)
    unit_pressed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[Row, ...] = ()
        self._step = self._unit = 0
        # What was painted where, for the mouse: area, words, values, whether they are the layer's units.
        self._colors: dict[int, QColor] = {}
        self._painted: list[tuple[QRectF, str, Array, bool]] = []
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("The layer unrolled over time")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        keeper().changed.connect(self.update)

    @property
    def rows(self) -> tuple[Row, ...]:
        """The cells that are drawn, the lowest first."""
        return self._rows

    @property
    def colors(self) -> dict[int, QColor]:
        """The chosen units, each with its colour."""
        return self._colors

    def show_rows(
        self, rows: Sequence[Row], step: int, unit: int, colors: Mapping[int, QColor] | None = None
    ) -> None:
        """Show cells around a step of the layer, the chosen units marked in their colours."""
        self._rows, self._step, self._unit = tuple(rows), step, unit
        self._colors = dict(colors or {})
        told = []
        for row in rows:
            way = "from right to left" if row.vectors.inside.backwards else "from left to right"
            told.append(f"{row.label or row.vectors.inside.owner.name} reads {way}")
        self.setAccessibleDescription(
            f"Steps {self.steps[0]} to {self.steps[-1]}, the cursor on {step}. {'; '.join(told)}. Left and right move "
            "the cursor."
            if self.steps
            else "No steps."
        )
        self.update()

    @property
    def steps(self) -> range:
        """The steps in view."""
        if not self._rows:
            return range(0)
        every = self._rows[0].vectors.steps
        count = max(1, min(every, int((self.width() - _LEFT - 60) / _COLUMN)))
        first = max(0, min(self._step - count // 2, every - count))
        return range(first, first + count)

    def sizeHint(self) -> QSize:
        """A comfortable size."""
        return QSize(760, 110 + 90 * max(1, len(self._rows)))

    def minimumSizeHint(self) -> QSize:
        """One step of each row."""
        return QSize(240, 64 + 34 * max(1, len(self._rows)))

    @property
    def _wide(self) -> float:
        return (self.width() - _LEFT - 60) / max(1, len(self.steps))

    def cell(self, row: int, step: int) -> QRectF:
        """Where the box of a row at a step is, in pixels; row 0 is the lowest."""
        room = (self.height() - _TOP - _BOTTOM) / max(1, len(self._rows))
        high = max(18.0, min(34.0, room - 24))
        middle = _LEFT + (step - self.steps.start + 0.5) * self._wide
        top = self.height() - _BOTTOM - (row + 0.5) * room - high / 2 + 6
        return QRectF(middle - 22, top, 44, high)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The cursor's column, then row by row wires, boxes and vectors."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._painted = []
        look, steps = theme(), self.steps
        if self._step in steps:
            left = _LEFT + (self._step - steps.start) * self._wide
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("accent_soft"))
            painter.drawRoundedRect(QRectF(left, 2, self._wide, self.height() - 4), 7, 7)
        painter.setFont(interface_font(8.5))
        painter.setPen(look.color("muted"))
        painter.drawText(
            QRectF(6, self.height() - _BOTTOM + 6, _LEFT, 14), int(Qt.AlignmentFlag.AlignVCenter), "input x"
        )
        known = {step: [row.vectors.at(step) for row in self._rows] for step in steps}
        for step in steps:
            self._paint_column(painter, step, known[step])
        for place, row in enumerate(self._rows):
            self._paint_row(painter, place, row, known)
        if self.hasFocus():
            painter.setPen(QPen(look.color("accent", 0.5), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.end()

    def _paint_column(self, painter: QPainter, step: int, known: list[dict[str, Array]]) -> None:
        """The input below, a line through all rows, the outputs above, the number of the step."""
        look = theme()
        lowest, highest = self.cell(0, step), self.cell(len(self._rows) - 1, step)
        middle = lowest.center().x()
        bottom = self.height() - _BOTTOM + 8
        painter.setPen(QPen(look.color("wire"), 1.3))
        painter.drawLine(QPointF(middle, bottom), QPointF(middle, highest.top() - 8))
        for row in range(len(self._rows)):
            area = self.cell(row, step)
            end = QPointF(middle, area.bottom() + 1)
            paint_arrow(painter, end + QPointF(0, 10), end, look.color("wire"))
        top = QPointF(middle, max(2.0, highest.top() - 10))
        paint_arrow(painter, top + QPointF(0, 10), top, look.color("wire"))
        self._strip(painter, QPointF(middle, bottom + 5), 56, "x", known[0].get("x"), step, 0)
        painter.setFont(interface_font(8.5, bold=step == self._step))
        painter.setPen(look.color("text" if step == self._step else "muted"))
        place = QRectF(middle - 40, self.height() - 24, 80, 16)
        painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), f"step {step}")

    def _paint_row(
        self, painter: QPainter, place: int, row: Row, known: dict[int, list[dict[str, Array]]]
    ) -> None:
        look, vectors, steps = theme(), row.vectors, self.steps
        backwards = vectors.inside.backwards
        for step in steps:
            area = self.cell(place, step)
            there = known[step][place]
            edge = step == (steps[-1] if backwards else steps[0])
            if edge:
                self._paint_states(painter, place, step, there, before=True)
            self._paint_states(painter, place, step, there, before=False)
            current = step == self._step
            painter.setPen(QPen(look.color("accent" if current else "wire"), 1.6 if current else 1.2))
            painter.setBrush(look.color("panel"))
            painter.drawRoundedRect(area, 6, 6)
            painter.setFont(interface_font(8.5, bold=True))
            held = vectors.held(step)
            painter.setPen(look.color("muted" if held else "text"))
            kind = vectors.inside.formula or vectors.inside.owner.kind
            words = "held" if held else _SHORT.get(kind, kind)
            painter.drawText(area, int(Qt.AlignmentFlag.AlignCenter), words)
        way = "← reads backwards" if backwards else "→ reads forwards"
        if row.label or backwards:
            painter.setFont(interface_font(8.5))
            painter.setPen(look.color("muted"))
            area = self.cell(place, steps[0])
            # Above the numbers of the states, however low the boxes are.
            top = min(area.top() - 13, area.center().y() - 35)
            label = QRectF(6, top, max(_LEFT, area.left() - 14), 14)
            words = painter.fontMetrics().elidedText(
                row.label or way, Qt.TextElideMode.ElideRight, round(label.width())
            )
            painter.drawText(label, int(Qt.AlignmentFlag.AlignVCenter), words)

    def _paint_states(
        self, painter: QPainter, place: int, step: int, there: dict[str, Array], *, before: bool
    ) -> None:
        """The arrow into or out of a box along time, with its states on it."""
        look, vectors = theme(), self._rows[place].vectors
        area, backwards = self.cell(place, step), self._rows[place].vectors.inside.backwards
        right = backwards == before
        gap = self._wide - area.width()
        if before:
            gap = min(gap, 2 * (area.left() - _LEFT if not backwards else self.width() - area.right() - 4))
        start = QPointF(area.right() if right else area.left(), area.center().y())
        end = start + QPointF(gap if right else -gap, 0)
        if before:
            start, end = end, start
        if not -2 <= end.x() <= self.width() + 2:
            end.setX(max(2.0, min(end.x(), self.width() - 2.0)))
        painter.setPen(QPen(look.color("wire"), 1.4))
        painter.drawLine(start, end)
        paint_arrow(painter, start, end, look.color("wire"))
        middle = QPointF((start.x() + end.x()) / 2, start.y())
        wide = min(64.0, abs(end.x() - start.x()) - 14)
        if wide < 10:
            return
        states = vectors.states[:2]
        for number_, symbol in enumerate(states):
            name = f"{symbol}′" if before else symbol
            # Two states are drawn on both sides of the line, one on it.
            down = 0.0 if len(states) == 1 else (-7.0 if number_ else 7.0)
            self._strip(
                painter,
                middle + QPointF(0, down),
                wide,
                name,
                there.get(name),
                step,
                place,
                told=symbol,
                below=len(states) > 1 and not number_,
            )

    def _strip(
        self,
        painter: QPainter,
        middle: QPointF,
        wide: float,
        name: str,
        values: Array | None,
        step: int,
        place: int,
        *,
        told: str = "",
        below: bool = False,
    ) -> None:
        if values is None:
            return
        vectors = self._rows[place].vectors
        area = QRectF(middle.x() - wide / 2, middle.y() - _HIGH / 2, wide, _HIGH)
        own = name != "x"
        unit = self._unit if own and self._unit < len(values) else None
        colors = self._colors if own else None
        paint_strip(painter, area, values, vectors.limit(name), unit=unit, colors=colors)
        self._painted.append((area, f"step {step} · {name}", values, own))
        if told and unit is not None and wide > 50:
            words = f"{told} {number(float(values[unit]))}"
            painter.setFont(code_font(7.5))
            painter.setPen(theme().color("muted"))
            box = area.adjusted(-10, 11, 10, 13) if below else area.adjusted(-10, -13, 10, -9)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), words)

    def reading(self, at: QPointF) -> str:
        """What is under a point: "step 7 · h · unit 12 = 0.81"; empty where no vector is."""
        for area, words, values, own in self._painted:
            if area.adjusted(-2, -3, 2, 3).contains(at):
                unit = unit_at(area, len(values), at)
                return f"{words} · {'unit' if own else 'number'} {unit} = {number(float(values[unit]))}"
        return ""

    def unit_under(self, at: QPointF) -> int | None:
        """The unit whose part of a vector is under a point; None elsewhere."""
        for area, _, values, own in self._painted:
            if own and area.adjusted(-2, -3, 2, 3).contains(at):
                return unit_at(area, len(values), at)
        return None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say the number under the mouse."""
        # Without words this hides the tip.
        QToolTip.showText(event.globalPosition().toPoint(), self.reading(event.position()), self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the unit of a vector, or go to the step of a column."""
        if event.button() != Qt.MouseButton.LeftButton or not self.steps:
            return
        at = event.position()
        unit = self.unit_under(at)
        if unit is not None:
            self.unit_pressed.emit(unit)
            return
        place = int((at.x() - _LEFT) // self._wide)
        if 0 <= place < len(self.steps):
            self.step_wanted.emit(self.steps[place])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right move the cursor."""
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if steps is None:
            super().keyPressEvent(event)
        else:
            self.moved.emit(steps)
