"""Wires: smooth lines between ports with the tensor's shape and values on them; state wires are dotted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPainterPathStroker, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from rnn_designer.catalog import TensorSpec
from rnn_designer.design import Link
from rnn_designer.ui.canvas import look
from rnn_designer.ui.canvas.geometry import BOX_HEIGHT, CLEARANCE, PORT_LINE, PORT_RADIUS, Side
from rnn_designer.ui.canvas.items import FAR, MIDDLE, detail
from rnn_designer.ui.canvas.strips import paint_strip
from rnn_designer.ui.theme import theme

_LEAST_BEND = 30.0
_LOOP = 64.0
_LABEL_HEIGHT = 15.0
VALUES_FROM = 0.7
"""From this zoom on a wire shows the values that flow over it; a few layers are seen whole at more."""
_STRIP_WIDTH, _STRIP_HEIGHT, _STRIP_LEAST, _STRIP_AWAY = 48.0, 5.0, 16.0, 3.0
_DROP = 56.0
"""How far below a state's port the box has to be for its wire to go straight down to it."""
_TURN, _LANE, _ROUND = 26.0, 12.0, 14.0


@dataclass(frozen=True)
class Lane:
    """Which way the wires of several states go from one box to another, side by side and without crossing.

    Attributes:
        index, count: which of them it is.
        x: the middle of the gap between the boxes, or beside them where there is none.
    """

    index: int = 0
    count: int = 1
    x: float | None = None


def wire_path(
    start: QPointF, end: QPointF, leaves: Side = "right", arrives: Side = "left", lane: Lane = Lane()
) -> QPainterPath:
    """The line of a wire from one point to another; where it has to go back it swings out at both ends."""
    path = QPainterPath(start)
    across, down = end.x() - start.x(), end.y() - start.y()
    if leaves == "bottom" and arrives == "top" and down < _DROP:
        return _around(start, end, lane)
    if leaves == "bottom" or arrives == "top":
        reach = max(40.0, abs(down) / 2, min(abs(across) / 2, 120.0))
        first = start + (QPointF(0.0, reach) if leaves == "bottom" else QPointF(reach, 0.0))
        last = end - (QPointF(0.0, reach) if arrives == "top" else QPointF(reach, 0.0))
        path.cubicTo(first, last, end)
        return path
    if across >= 2 * _LEAST_BEND or (across > 0 and abs(down) < 3 * across):
        bend = max(across * 0.5, min(_LEAST_BEND, across))
        path.cubicTo(start + QPointF(bend, 0.0), end - QPointF(bend, 0.0), end)
        return path
    loop = min(_LOOP, 28.0 + abs(across) * 0.25 + abs(down) * 0.1)
    # Halfway between the lower edge of the upper box and the upper edge of the lower one.
    half = (start + end) / 2 - QPointF(0.0, PORT_LINE - BOX_HEIGHT / 2)
    if abs(down) < BOX_HEIGHT + 2 * CLEARANCE:
        # No room between the two: pass below both boxes instead of through them.
        half.setY(max(start.y(), end.y()) + 1.35 * _LOOP)
    swing = max(abs(across) * 0.3, 24.0)
    path.cubicTo(start + QPointF(loop * 1.3, 0.0), QPointF(start.x() + loop + swing * 0.2, half.y()), half)
    path.cubicTo(QPointF(end.x() - loop - swing * 0.2, half.y()), end - QPointF(loop * 1.3, 0.0), end)
    return path


def _around(start: QPointF, end: QPointF, lane: Lane) -> QPainterPath:
    """From a lower edge to an upper edge that is not below it: under the one box, up, and in from above the other."""
    inner = lane.count - 1 - lane.index
    middle = (start.x() + end.x()) / 2 if lane.x is None else lane.x
    x = middle + _LANE * (lane.count - 1 - 2 * lane.index) / 2
    low, high = start.y() + _TURN + _LANE * inner, end.y() - _TURN - _LANE * lane.index
    corners = [start, QPointF(start.x(), low), QPointF(x, low), QPointF(x, high), QPointF(end.x(), high), end]
    path = QPainterPath(start)
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        room = min(_ROUND, _length(corner - before) / 2, _length(after - corner) / 2)
        path.lineTo(corner + (before - corner) * (room / max(_length(corner - before), 0.1)))
        path.quadTo(corner, corner + (after - corner) * (room / max(_length(after - corner), 0.1)))
    path.lineTo(end)
    return path


def _length(way: QPointF) -> float:
    return abs(way.x()) + abs(way.y())


class WireItem(QGraphicsItem):
    """One link of the design.

    Attributes:
        link: the link.
        state: whether it carries a state.
        chosen: whether it is selected.
        lit: whether something that is dragged would go into it.
    """

    def __init__(
        self, link: Link, *, state: bool = False, values: Callable[[Link], QImage | None] | None = None
    ) -> None:
        """Make a wire; ``values`` gives the strip of what flows over it now, None where nothing is to be shown."""
        super().__init__()
        self.link = link
        self.state = state
        self._values = values
        self.chosen = False
        self.lit = False
        self.label_at = 0.5
        """How far along the line its label stands, from 0 to 1."""
        self.lane = Lane()
        """Its way beside the wires of other states between the same boxes."""
        self._ends = (QPointF(), QPointF())
        self._drawn = Lane()
        self._path = QPainterPath()
        self._label = ""
        self._label_rect = QRectF()
        self._strip_rect = QRectF()
        self._hit: QPainterPath | None = None
        self.setZValue(-1.0)

    @property
    def label(self) -> str:
        """The shape that stands on the wire."""
        return self._label

    @property
    def path(self) -> QPainterPath:
        """The line in the scene."""
        return self._path

    @property
    def strip_rect(self) -> QRectF:
        """Where its values are shown, in the scene; empty where there is no room for them."""
        return self._strip_rect

    @property
    def label_rect(self) -> QRectF:
        """Where its shape stands, in the scene; empty where it has none."""
        return self._label_rect

    def set_ends(self, start: QPointF, end: QPointF, leaves: Side, arrives: Side) -> None:
        """Draw the wire between two ports' middles."""
        if (start, end) == self._ends and self.lane == self._drawn:
            return
        self.prepareGeometryChange()
        self._drawn = self.lane
        self._ends = (QPointF(start), QPointF(end))
        begin = start + (QPointF(0.0, PORT_RADIUS) if leaves == "bottom" else QPointF(PORT_RADIUS, 0.0))
        finish = end - (QPointF(0.0, PORT_RADIUS) if arrives == "top" else QPointF(PORT_RADIUS, 0.0))
        self._path = wire_path(begin, finish, leaves, arrives, self.lane)
        self._hit = None
        self._place_label()

    def set_tensor(self, tensor: TensorSpec | None) -> None:
        """Write the shape of what flows here on the wire; nothing where it is not known."""
        label = str(tensor) if tensor is not None else ""
        if label == self._label:
            return
        self.prepareGeometryChange()
        self._label = label
        self._place_label()
        self.update()

    def label_text(self) -> str:
        """The label as far as there is room for it between the two boxes."""
        start, end = self._ends
        across = end.x() - start.x()
        if 0 < across < look.width(self._label, "shape") + 10.0 and abs(end.y() - start.y()) < 40.0:
            return self._label.partition("×")[2] or self._label
        return self._label

    def show_step(self) -> None:
        """Repaint the values, and nothing else, where they are in sight."""
        if not self._strip_rect.isEmpty():
            self.update(self._strip_rect.adjusted(-1.0, -1.0, 1.0, 1.0))

    def _place_strip(self) -> None:
        """On the line below the shape; of a state, whose shape is on the line, above it."""
        across = self._ends[1].x() - self._ends[0].x()
        room = min(_STRIP_WIDTH, across - _STRIP_LEAST) if across > 0 and not self.state else _STRIP_WIDTH
        if room < _STRIP_LEAST:
            self._strip_rect = QRectF()
            return
        middle = self._path.pointAtPercent(self.label_at)
        top = middle.y() - _STRIP_HEIGHT / 2
        if self.state and self._label:
            top = self._label_rect.top() - _STRIP_AWAY - _STRIP_HEIGHT
        self._strip_rect = QRectF(middle.x() - room / 2, top, room, _STRIP_HEIGHT)

    def _place_label(self) -> None:
        self._place_shape()
        self._place_strip()

    def _place_shape(self) -> None:
        if not self._label:
            self._label_rect = QRectF()
            return
        middle = self._path.pointAtPercent(self.label_at)
        room = look.width(self.label_text(), "shape") + 6.0
        self._label_rect = QRectF(
            middle.x() - room / 2, middle.y() - _LABEL_HEIGHT - 5.0, room, _LABEL_HEIGHT
        )
        if self.state:
            self._label_rect.translate(0.0, 8.0)

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        """Paint line and shape; only a straight line when far away."""
        colors, scale = theme(), detail(painter)
        strong = self.chosen or self.lit
        if scale < FAR:
            line = Qt.PenStyle.DotLine if self.state else Qt.PenStyle.SolidLine
            painter.setPen(QPen(colors.color("accent" if strong else "wire"), 0, line))
            painter.drawLine(*self._ends)
            return
        if scale < MIDDLE and not strong:
            # A hairline takes the painter's fast way.
            painter.setPen(
                QPen(colors.color("wire"), 0, Qt.PenStyle.DotLine if self.state else Qt.PenStyle.SolidLine)
            )
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(self._path)
            return
        if strong:
            painter.setPen(QPen(colors.color("accent", 0.2), 8.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(self._path)
        pen = QPen(colors.color("accent" if strong else "wire"), 2.2 if strong else 1.6)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        if self.state:
            pen.setDashPattern([0.1, 3.0])
            pen.setWidthF(2.2)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(self._path)
        if self._label and scale >= MIDDLE:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.color("canvas", 0.86))
            painter.drawRoundedRect(self._label_rect, 3.0, 3.0)
            painter.setPen(colors.color("accent" if strong else "muted"))
            painter.setFont(look.fonts().shape)
            painter.drawText(self._label_rect, Qt.AlignmentFlag.AlignCenter, self.label_text())
        if scale >= VALUES_FROM:
            self._paint_values(painter)

    def _paint_values(self, painter: QPainter) -> None:
        strip = None if self._values is None or self._strip_rect.isEmpty() else self._values(self.link)
        if strip is not None:
            painter.fillRect(self._strip_rect, theme().color("canvas"))
            paint_strip(painter, self._strip_rect, strip)

    def boundingRect(self) -> QRectF:
        """The line with its glow, the label and the values."""
        line = self._path.controlPointRect().adjusted(-6.0, -6.0, 6.0, 6.0)
        return line.united(self._label_rect).united(self._strip_rect.adjusted(-1.0, -1.0, 1.0, 1.0))

    def shape(self) -> QPainterPath:
        """What counts as a hit: a band along the line."""
        if self._hit is None:
            stroker = QPainterPathStroker()
            stroker.setWidth(12.0)
            self._hit = stroker.createStroke(self._path)
        return self._hit
