"""The small marks on boxes and frames: ports with their names, fault badges, chevrons, arrows between cells."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from rnn_designer.design import Severity
from rnn_designer.ui.canvas import look
from rnn_designer.ui.canvas.geometry import BADGE_RADIUS, PORT_RADIUS, PortPlace, port_label
from rnn_designer.ui.theme import Theme

_QUIET_RADIUS = 2.6


def paint_port(painter: QPainter, colors: Theme, place: PortPlace, mark: str | None, *, strong: bool) -> None:
    """Paint one port, marked as a gesture says: ``legal``, ``hit``, ``start`` or not."""
    radius, middle = PORT_RADIUS, place.point
    if mark in ("legal", "hit"):
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colors.color("accent", 0.38 if mark == "hit" else 0.2))
        painter.drawEllipse(middle, radius + 6.0, radius + 6.0)
    strong = strong or mark in ("legal", "hit", "start")
    painter.setPen(QPen(colors.color("accent") if strong else colors.color("slate"), 1.6))
    filled = mark in ("hit", "start")
    painter.setBrush(colors.color("accent") if filled else colors.color("panel"))
    painter.drawEllipse(middle, radius, radius)
    if place.port.many and not filled:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colors.color("accent") if strong else colors.color("slate"))
        painter.drawEllipse(middle, 1.8, 1.8)


def paint_quiet_port(painter: QPainter, colors: Theme, place: PortPlace) -> None:
    """Paint a port that needs no wire and has none, while nobody asks for it."""
    painter.setPen(QPen(colors.color("faint", 0.75), 1.0))
    painter.setBrush(colors.color("panel"))
    painter.drawEllipse(place.point, _QUIET_RADIUS, _QUIET_RADIUS)


def paint_port_label(painter: QPainter, colors: Theme, place: PortPlace) -> None:
    """Write a port's name: beside it within the box, or above the box for what enters at its upper edge."""
    text = port_label(place.port)
    room = look.width(text, "mark")
    painter.setFont(look.fonts().mark)
    painter.setPen(colors.color("muted"))
    x, y = place.x, place.y
    if place.side == "bottom":
        painter.drawText(QPointF(x - room / 2, y - PORT_RADIUS - 4.0), text)
    elif place.side == "top":
        painter.drawText(QPointF(x + PORT_RADIUS, y - PORT_RADIUS - 2.0), text)
    elif place.side == "right":
        painter.drawText(QPointF(x - PORT_RADIUS - 4.0 - room, y + 3.0), text)
    else:
        painter.drawText(QPointF(x + PORT_RADIUS + 4.0, y + 3.0), text)


def paint_badge(painter: QPainter, colors: Theme, middle: QPointF, severity: Severity) -> None:
    """Paint a round mark with an exclamation mark."""
    token = "error" if severity is Severity.ERROR else "warning"
    painter.setPen(QPen(colors.color("canvas"), 2.0))
    painter.setBrush(colors.color(token))
    painter.drawEllipse(middle, BADGE_RADIUS, BADGE_RADIUS)
    ink = QPen(colors.color("on_accent"), 2.0)
    ink.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(ink)
    painter.drawLine(middle + QPointF(0.0, -4.2), middle + QPointF(0.0, 0.8))
    painter.drawPoint(middle + QPointF(0.0, 4.2))


def paint_chevron(painter: QPainter, middle: QPointF, color: QColor, *, down: bool) -> None:
    """A small chevron: down for open, right for closed."""
    pen = QPen(color, 1.6)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    reach = 3.4
    if down:
        points = [QPointF(-reach, -reach / 2), QPointF(0.0, reach / 2), QPointF(reach, -reach / 2)]
    else:
        points = [QPointF(-reach / 2, -reach), QPointF(reach / 2, 0.0), QPointF(-reach / 2, reach)]
    painter.drawPolyline([middle + each for each in points])


def paint_step(painter: QPainter, colors: Theme, top: QPointF, length: float) -> None:
    """A small arrow down: what one cell of a stack gives goes into the next."""
    pen = QPen(colors.color("violet", 0.75), 1.4)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    tip = top + QPointF(0.0, length)
    painter.drawLine(top, tip)
    painter.drawPolyline([tip + QPointF(-3.4, -3.4), tip, tip + QPointF(3.4, -3.4)])
