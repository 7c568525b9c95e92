"""Paints the inside of a cell with the vectors that go through it, up to the sub-step that is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from rnn_designer.ui.numbers import number
from rnn_designer.ui.theme import code_font, interface_font, keeper, theme
from rnn_designer.ui.views.cell_plans import HEIGHT, WIDTH, Box, Plan, Strip, Wire
from rnn_designer.ui.views.cell_strips import paint_strip, unit_at
from rnn_designer.ui.views.vectors import INPUT

if TYPE_CHECKING:
    from rnn_designer.messages import Array

_MARGIN = 6.0
_HIGH = 9.0


@dataclass(frozen=True)
class Seen:
    """What a diagram shows.

    Attributes:
        plan: where everything is.
        values: the vectors that are known, by their names.
        limits: the magnitude of the strongest colour of each.
        stage: the sub-step that is looked at; what comes later is faint.
        unit: which unit is marked, and told in numbers.
        units: how many there are; only vectors of that length have the unit.
        note: said across the diagram, such as that the step is held; empty for none.
        colors: the chosen units, each with its colour.
    """

    plan: Plan
    values: Mapping[str, Array] = field(default_factory=dict)
    limits: Mapping[str, float] = field(default_factory=dict)
    stage: int = 0
    unit: int = 0
    units: int = 0
    note: str = ""
    colors: Mapping[int, QColor] = field(default_factory=dict)


class CellDiagram(QWidget):
    """A plan stretched to the room that there is.

    Signals:
        unit_pressed(unit): a vector was clicked at this unit.
        box_pressed(text): a box was double-clicked.
        moved(steps): the cursor is to go so many time steps on or back.
        stepped(stages): the same for sub-steps.
    """

    unit_pressed = Signal(int)
    box_pressed = Signal(str)
    moved = Signal(int)
    stepped = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._seen: Seen | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("The inside of the cell")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        keeper().changed.connect(self.update)

    @property
    def seen(self) -> Seen | None:
        """What is shown."""
        return self._seen

    def show_seen(self, seen: Seen) -> None:
        """Show something else."""
        self._seen = seen
        words = [
            f"{each.label or each.name} {number(float(seen.values[each.name][seen.unit]))}"
            for each in seen.plan.strips
            if each.stage <= seen.stage and self._has_unit(each)
        ]
        stage = seen.plan.stages[min(seen.stage, len(seen.plan.stages) - 1)]
        self.setAccessibleDescription(
            f"{stage.title}. {stage.sentence} Unit {seen.unit}: {', '.join(words)}. Left and right move the cursor, "
            "up and down the sub-step."
        )
        self.update()

    def sizeHint(self) -> QSize:
        """A comfortable size."""
        return QSize(760, 240)

    def minimumSizeHint(self) -> QSize:
        """Small, but legible."""
        return QSize(260, 110)

    # Where things are

    @property
    def _scale(self) -> tuple[float, float, float]:
        """How far the sheet is stretched across and down, and how large what stands on it is drawn."""
        across = (self.width() - 2 * _MARGIN) / WIDTH
        down = (self.height() - 2 * _MARGIN) / HEIGHT
        return across, down, max(0.62, min(across, down, 1.5))

    def _point(self, place: tuple[float, float]) -> QPointF:
        across, down, _ = self._scale
        return QPointF(_MARGIN + place[0] * across, _MARGIN + place[1] * down)

    def _box(self, box: Box) -> QRectF:
        across, down, size = self._scale
        large = box.size[1] > 30
        wide = box.size[0] * (across if large else size)
        high = box.size[1] * (down if large else size)
        middle = self._point(box.middle)
        return QRectF(middle.x() - wide / 2, middle.y() - high / 2, wide, high)

    def strip_area(self, strip: Strip) -> QRectF:
        """Where a vector is drawn, in pixels."""
        across, _, size = self._scale
        wide, high = strip.width * min(across, 1.6 * size), _HIGH * size
        middle = self._point(strip.middle)
        return QRectF(middle.x() - wide / 2, middle.y() - high / 2, wide, high)

    # What is painted

    def paintEvent(self, event: QPaintEvent) -> None:
        """Wires, boxes, vectors with the numbers of the marked unit."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._seen is not None:
            plan = self._seen.plan
            for wire in sorted(plan.wires, key=lambda each: self._now(each.stage)):
                self._paint_wire(painter, wire)
            for box in plan.boxes:
                self._paint_box(painter, box)
            for strip in plan.strips:
                self._paint_strip(painter, strip)
            if self._seen.note:
                self._paint_note(painter, self._seen.note)
        if self.hasFocus():
            painter.setPen(QPen(theme().color("accent", 0.5), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.end()

    def _now(self, stage: int) -> bool:
        return self._seen is not None and stage == self._seen.stage

    def _ink(self, stage: int, token: str = "wire") -> QColor:
        look = theme()
        if self._seen is not None and stage > self._seen.stage:
            return look.color("hairline")
        return look.color("accent" if self._now(stage) else token)

    def _paint_wire(self, painter: QPainter, wire: Wire) -> None:
        color = self._ink(wire.stage)
        points = [self._point(each) for each in wire.points]
        painter.setPen(QPen(color, 1.8 if self._now(wire.stage) else 1.4))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(points))
        if wire.arrow:
            paint_arrow(painter, points[-2], points[-1], color)

    def _paint_box(self, painter: QPainter, box: Box) -> None:
        look, area, size = theme(), self._box(box), self._scale[2]
        later = self._seen is not None and box.stage > self._seen.stage
        painter.setPen(QPen(self._ink(box.stage), 1.6 if self._now(box.stage) else 1.2))
        painter.setBrush(look.color("accent_soft" if self._now(box.stage) else "panel"))
        if box.round:
            painter.drawEllipse(area)
        else:
            painter.drawRoundedRect(area, 5, 5)
        painter.setPen(look.color("faint" if later else "text"))
        painter.setFont(interface_font(max(7.5, 9.5 * size), bold=True))
        text = painter.fontMetrics().elidedText(
            box.text, Qt.TextElideMode.ElideRight, round(area.width()) - 2
        )
        if not box.faint or area.height() < 30:
            painter.drawText(area, int(Qt.AlignmentFlag.AlignCenter), text)
            return
        half = QRectF(area.left(), area.center().y() - 17, area.width(), 17)
        if area.height() > 100:
            half.moveTop(area.top() + 6)
        painter.drawText(half, int(Qt.AlignmentFlag.AlignCenter), text)
        painter.setFont(interface_font(8.5))
        painter.setPen(look.color("muted"))
        painter.drawText(half.translated(0, 16), int(Qt.AlignmentFlag.AlignCenter), box.faint)

    def _has_unit(self, strip: Strip) -> bool:
        seen = self._seen
        values = seen.values.get(strip.name) if seen is not None else None
        own = strip.name.split(" ")[-1] != INPUT
        return own and seen is not None and values is not None and seen.unit < len(values) == seen.units

    def _paint_strip(self, painter: QPainter, strip: Strip) -> None:
        seen, look, area = self._seen, theme(), self.strip_area(strip)
        assert seen is not None
        later = strip.stage > seen.stage
        values = None if later else seen.values.get(strip.name)
        words = strip.label or strip.name
        if values is not None:
            unit = seen.unit if self._has_unit(strip) else None
            limit, colors = seen.limits.get(strip.name, 0.0), seen.colors if unit is not None else None
            paint_strip(painter, area, values, limit, gate=strip.gate, unit=unit, colors=colors)
            if unit is not None:
                words += f" {number(float(values[unit]))}"
            elif len(values) == 1:
                words += f" {number(float(values[0]))}"
        else:
            painter.setPen(QPen(look.color("hairline"), 1))
            painter.setBrush(look.color("panel"))
            painter.drawRect(area)
        painter.setFont(code_font(max(7.0, 8.5 * self._scale[2])))
        painter.setPen(look.color("faint" if later else "accent" if self._now(strip.stage) else "text"))
        wide = painter.fontMetrics().horizontalAdvance(words) + 4
        high = painter.fontMetrics().height()
        above = QRectF(area.center().x() - wide / 2, area.top() - high, wide, high)
        above.moveLeft(max(0.0, min(above.left(), self.width() - wide)))
        painter.fillRect(above.adjusted(0, 1, 0, -1), look.color("window", 0.85))
        painter.drawText(above, int(Qt.AlignmentFlag.AlignCenter), words)

    def _paint_note(self, painter: QPainter, note: str) -> None:
        look = theme()
        painter.setFont(interface_font(9.5, bold=True))
        size = painter.fontMetrics().size(0, note)
        area = QRectF(0, 0, size.width() + 22, size.height() + 10)
        area.moveCenter(QPointF(self.width() / 2, self.height() / 2))
        painter.setPen(QPen(look.color("warning"), 1))
        painter.setBrush(look.color("panel"))
        painter.drawRoundedRect(area, 7, 7)
        painter.setPen(look.color("warning"))
        painter.drawText(area, int(Qt.AlignmentFlag.AlignCenter), note)

    # What the user does

    def _strip_at(self, at: QPointF) -> Strip | None:
        seen = self._seen
        for strip in seen.plan.strips if seen is not None else ():
            if self.strip_area(strip).adjusted(-2, -4, 2, 4).contains(at) and seen is not None:
                return strip if strip.stage <= seen.stage and strip.name in seen.values else None
        return None

    def reading(self, at: QPointF) -> str:
        """What is under a point: "f · unit 12 = 0.81"; empty where no vector is."""
        strip, seen = self._strip_at(at), self._seen
        if strip is None or seen is None:
            return ""
        values = seen.values[strip.name]
        unit = unit_at(self.strip_area(strip), len(values), at)
        word = "unit" if len(values) == seen.units and strip.name != INPUT else "number"
        return f"{strip.label or strip.name} · {word} {unit} = {number(float(values[unit]))}"

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say the number under the mouse."""
        # Without words this hides the tip.
        QToolTip.showText(event.globalPosition().toPoint(), self.reading(event.position()), self)

    def unit_under(self, at: QPointF) -> int | None:
        """The unit whose part of a vector is under a point; None elsewhere."""
        strip, seen = self._strip_at(at), self._seen
        if strip is None or seen is None or strip.name == INPUT:
            return None
        count = len(seen.values[strip.name])
        return unit_at(self.strip_area(strip), count, at) if count == seen.units else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the unit that was clicked."""
        unit = self.unit_under(event.position())
        if unit is not None and event.button() == Qt.MouseButton.LeftButton:
            self.unit_pressed.emit(unit)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Tell which box it was."""
        for box in self._seen.plan.boxes if self._seen is not None else ():
            if box.faint and self._box(box).contains(event.position()):
                self.box_pressed.emit(box.text)
                return

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows: time steps across, sub-steps up and down."""
        across = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        down = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if across is not None:
            self.moved.emit(across)
        elif down is not None:
            self.stepped.emit(down)
        else:
            super().keyPressEvent(event)


def paint_arrow(painter: QPainter, start: QPointF, end: QPointF, color: QColor) -> None:
    """The head of an arrow that runs along an axis."""
    across, down = end.x() - start.x(), end.y() - start.y()
    long = max(abs(across), abs(down)) or 1.0
    along = QPointF(across / long * 7, down / long * 7)
    aside = QPointF(-along.y() * 0.5, along.x() * 0.5)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawPolygon(QPolygonF([end, end - along + aside, end - along - aside]))
