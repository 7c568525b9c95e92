"""A group on the canvas: a titled frame around its members, or one box in their stead with the ports that lead out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from rnn_designer.catalog import Port
from rnn_designer.design import Design, Group, Severity
from rnn_designer.design.ports import input_ports, output_ports
from rnn_designer.ui.canvas import look
from rnn_designer.ui.canvas.bodies import MARGIN, body
from rnn_designer.ui.canvas.geometry import (
    BADGE_RADIUS,
    BOX_HEIGHT,
    BOX_WIDTH,
    HEADER,
    PORT_LINE,
    PORT_RADIUS,
    PortPlace,
)
from rnn_designer.ui.canvas.items import FAR, MIDDLE, detail
from rnn_designer.ui.canvas.small_marks import paint_badge, paint_chevron, paint_port
from rnn_designer.ui.canvas.tints import tint
from rnn_designer.ui.theme import BOX_RADIUS, Theme, theme

if TYPE_CHECKING:
    from rnn_designer.ui.canvas.scene import CanvasScene

SIDE, TITLE, FOOT = 18.0, 34.0, 18.0
"""How far the frame reaches beyond its members."""
_ROW = 22.0
_STACK = 4.0
_MARGIN = 14.0


@dataclass(frozen=True)
class OuterPort:
    """A port of a member that is reached from outside the group."""

    layer_id: str
    name: str
    place: PortPlace


def outer_ports(design: Design, group: Group) -> tuple[OuterPort, ...]:
    """The members' ports that lead out of the group, or nowhere yet, on the edges of the box in their stead."""
    members = set(group.members)
    found: dict[bool, list[tuple[str, str, Port]]] = {False: [], True: []}
    for layer in design.layers:
        if layer.id not in members:
            continue
        for port in input_ports(layer):
            ends = [each for each in design.links if (each.target, each.target_port) == (layer.id, port.name)]
            open_end = not ends and not port.optional
            if open_end or any(each.source not in members for each in ends):
                found[False].append((layer.id, layer.name, port))
        for port in output_ports(layer):
            starts = [
                each for each in design.links if (each.source, each.source_port) == (layer.id, port.name)
            ]
            if any(each.target not in members for each in starts) or (not starts and not port.state):
                found[True].append((layer.id, layer.name, port))
    made = []
    for output, ports in found.items():
        first = PORT_LINE if len(ports) == 1 else PORT_LINE - 6.0
        for index, (layer_id, name, port) in enumerate(ports):
            x = BOX_WIDTH if output else 0.0
            place = PortPlace(port, output, x, first + index * _ROW, "right" if output else "left")
            made.append(OuterPort(layer_id, name, place))
    return tuple(made)


def box_height(ports: tuple[OuterPort, ...]) -> float:
    """How high the box has to be for the longer of its two rows of ports."""
    return max((BOX_HEIGHT, *(each.place.y + 24.0 for each in ports)))


class GroupItem(QGraphicsItem):
    """Paints one group.

    Attributes:
        grouping: the group as it is now.
        ports: where wires reach its members while it is collapsed.
        words: what the box says about its members.
        chosen: whether it is selected.
        severity: of the worst problem of its members, while it is collapsed.
    """

    def __init__(self, scene: CanvasScene, group: Group) -> None:
        super().__init__()
        self._canvas_scene = scene
        self.grouping = group
        self.ports: tuple[OuterPort, ...] = ()
        self.words = ""
        self.chosen = False
        self.severity: Severity | None = None
        self._size = (0.0, 0.0)
        self._restack()

    def set_group(self, group: Group, ports: tuple[OuterPort, ...], words: str) -> None:
        """Show another version of the group."""
        self.grouping, self.ports, self.words = group, ports, words
        self._restack()
        self.update()

    def _restack(self) -> None:
        self.setZValue(0.02 if self.grouping.collapsed else -4.0)

    def stand_around(self, members: QRectF) -> None:
        """Take the place that the members' rectangle asks for."""
        if self.grouping.collapsed:
            area = QRectF(members.topLeft(), members.topLeft()).adjusted(
                0.0, 0.0, BOX_WIDTH, box_height(self.ports)
            )
        else:
            area = members.adjusted(-SIDE, -TITLE, SIDE, FOOT)
        size = (area.width(), area.height())
        if size != self._size:
            self.prepareGeometryChange()
            self._size = size
        self.setPos(area.topLeft())

    def rect(self) -> QRectF:
        """The frame or box in its own coordinates."""
        return QRectF(0.0, 0.0, *self._size)

    def scene_rect(self) -> QRectF:
        """The frame or box in the scene."""
        return self.rect().translated(self.pos())

    def port_of(self, layer_id: str, name: str, *, output: bool) -> OuterPort | None:
        """The place of a member's port on the box."""
        return next(
            (
                each
                for each in self.ports
                if (each.layer_id, each.place.port.name, each.place.output) == (layer_id, name, output)
            ),
            None,
        )

    def over_arrow(self, at: QPointF) -> bool:
        """Whether a point of the scene is on the small triangle that collapses and expands."""
        left = self._size[0] - 28.0 if self.grouping.collapsed else 2.0
        height = HEADER if self.grouping.collapsed else TITLE - 6.0
        return QRectF(left, 0.0, 26.0, height).translated(self.pos()).contains(at)

    def over_badge(self, at: QPointF) -> bool:
        """Whether a point of the scene is on the fault badge."""
        if self.severity is None:
            return False
        away = at - self.pos() - self.badge_centre()
        return away.x() ** 2 + away.y() ** 2 <= (BADGE_RADIUS + 2.0) ** 2

    def badge_centre(self) -> QPointF:
        """The middle of the fault badge, in its own coordinates."""
        return QPointF(self._size[0] - 2.0, 2.0)

    def boundingRect(self) -> QRectF:
        """The frame or box with room for ring, ports, badge and stack."""
        return self.rect().adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)

    def shape(self) -> QPainterPath:
        """What counts as a hit: the whole box, or only the frame's title, so that the inside stays free."""
        path = QPainterPath()
        if self.grouping.collapsed:
            path.addRect(self.rect())
        else:
            path.addRect(QRectF(0.0, 0.0, self._size[0], TITLE - 8.0))
        return path

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        """Paint the frame or the box in the detail that the zoom allows."""
        colors, scale = theme(), detail(painter)
        hue = tint(self.grouping.color, colors) or colors.color("slate")
        if self.grouping.collapsed:
            self._paint_box(painter, colors, hue, scale)
        else:
            self._paint_frame(painter, colors, hue, scale)

    def _paint_frame(self, painter: QPainter, colors: Theme, hue: QColor, scale: float) -> None:
        rect = self.rect()
        ground = QColor(hue)
        ground.setAlphaF(0.045)
        line = QColor(hue)
        line.setAlphaF(0.4)
        if self.chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.color("accent", 0.12))
            painter.drawRoundedRect(rect.adjusted(-4.0, -4.0, 4.0, 4.0), BOX_RADIUS + 4.0, BOX_RADIUS + 4.0)
        painter.setPen(QPen(colors.color("accent") if self.chosen else line, 2.0 if self.chosen else 1.0))
        painter.setBrush(ground)
        painter.drawRoundedRect(rect, BOX_RADIUS, BOX_RADIUS)
        if scale < FAR:
            return
        paint_chevron(painter, QPointF(14.0, TITLE / 2 - 3.0), hue, down=True)
        painter.setFont(look.fonts().kind)
        painter.setPen(colors.color("text" if self.chosen else "muted"))
        title = look.elided(self.grouping.name, "kind", rect.width() - 40.0)
        painter.drawText(QPointF(26.0, TITLE / 2 + 1.5), title)

    def _paint_box(self, painter: QPainter, colors: Theme, hue: QColor, scale: float) -> None:
        rect = self.rect()
        if scale < FAR:
            painter.fillRect(rect, colors.color("panel"))
            painter.setPen(
                QPen(colors.color("accent" if self.chosen else "hairline"), 6.0 if self.chosen else 0)
            )
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(rect)
            painter.fillRect(QRectF(0.0, 0.0, rect.width(), 22.0), hue)
            return
        painter.setPen(QPen(colors.color("hairline"), 1.2))
        painter.setBrush(colors.color("panel"))
        painter.drawRoundedRect(rect.translated(_STACK, _STACK), BOX_RADIUS, BOX_RADIUS)
        device = painter.device()
        ratio = device.devicePixelRatioF() if device is not None else 1.0
        picture = body(
            rect.width(),
            rect.height(),
            hue.name(),
            self.chosen,
            False,
            round(scale * ratio, 4),
            ratio,
            colors,
        )
        painter.drawPixmap(
            QRectF(-MARGIN, -MARGIN, rect.width() + 2 * MARGIN, rect.height() + 2 * MARGIN),
            picture,
            QRectF(picture.rect()),
        )
        painter.setFont(look.fonts().kind)
        painter.setPen(colors.color("text"))
        title = look.elided(self.grouping.name, "kind", rect.width() - 60.0)
        painter.drawText(QPointF(26.0, HEADER / 2 + 4.0), title)
        paint_chevron(painter, QPointF(rect.width() - 15.0, HEADER / 2), colors.color("muted"), down=False)
        if scale >= MIDDLE:
            self._paint_inside(painter, colors)
        if self.severity is not None:
            paint_badge(painter, colors, self.badge_centre(), self.severity)

    def _paint_inside(self, painter: QPainter, colors: Theme) -> None:
        sides = {
            output: [each for each in self.ports if each.place.output is output] for output in (False, True)
        }
        labelled = max(len(each) for each in sides.values()) > 1
        width = self._size[0]
        if not labelled:
            painter.setFont(look.fonts().plain)
            painter.setPen(colors.color("muted"))
            painter.drawText(QPointF(12.0, PORT_LINE + 4.0), look.elided(self.words, "plain", width - 24.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for port in self.ports:
            mark = self._canvas_scene.port_marks.get((port.layer_id, port.place.port.name, port.place.output))
            paint_port(painter, colors, port.place, mark, strong=self.chosen)
            if labelled:
                text = port.name if not port.place.port.state else f"{port.name} {port.place.port.label}"
                text = look.elided(text, "mark", width / 2 - 18.0)
                painter.setFont(look.fonts().mark)
                painter.setPen(colors.color("muted"))
                reach = PORT_RADIUS + 5.0
                x = width - reach - look.width(text, "mark") if port.place.output else reach
                painter.drawText(QPointF(x, port.place.y + 3.0), text)
