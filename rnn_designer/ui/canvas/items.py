"""What stands for a layer on the canvas: a box, or (in ``frames``) a dashed frame around inner boxes.

Items only paint and measure. They hold no timers, no animations and no widgets, and never change the design.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from rnn_designer.design import Layer, Severity
from rnn_designer.design.training import drops
from rnn_designer.ui.canvas import look
from rnn_designer.ui.canvas.bodies import blit, body, device_ratio
from rnn_designer.ui.canvas.geometry import (
    BADGE_RADIUS,
    BOX_HEIGHT,
    HEADER,
    PORT_LINE,
    Outline,
    PortPlace,
    Side,
    outline,
)
from rnn_designer.ui.canvas.naming import inner_words
from rnn_designer.ui.canvas.small_marks import (
    paint_badge,
    paint_chevron,
    paint_port,
    paint_port_label,
    paint_quiet_port,
)
from rnn_designer.ui.canvas.strips import paint_strip
from rnn_designer.ui.canvas.tints import tint
from rnn_designer.ui.theme import BOX_RADIUS, Theme, theme
from rnn_designer.ui.training_only import state_words

if TYPE_CHECKING:
    from rnn_designer.ui.canvas.marks import GroupItem
    from rnn_designer.ui.canvas.scene import CanvasScene

FAR = 0.35
"""Below this zoom boxes are blocks and wires are lines."""
MIDDLE = 0.55
"""Below this zoom the small print is left out."""

_LIFTED = 10.0
_MARGIN = 14.0
_LABEL = 10.0
"""More room above, for the names of ports on the upper edge."""
_STRIP_TOP, _STRIP_HEIGHT, _STRIP_SIDE = 60.0, 12.0, 10.0


def detail(painter: QPainter) -> float:
    """The zoom that a painter paints at."""
    return QStyleOptionGraphicsItem.levelOfDetailFromTransform(painter.worldTransform())


class LayerItem(QGraphicsItem):
    """The base of boxes and frames: it knows its layer, its measures, and how it is marked.

    Attributes:
        layer: the layer as it is now.
        outline: its measures.
        inner: the items of the layers inside it.
        top: the item on the canvas that holds it; itself where it is on the canvas.
        ports: the ports that this item paints, from its own top left corner.
        port_owner: the layer that these ports belong to.
        chosen: whether the layer is selected.
        severity: of its worst problem that deserves a badge.
    """

    def __init__(self, scene: CanvasScene, layer: Layer) -> None:
        super().__init__()
        self._scene = scene
        self.layer = layer
        self.outline: Outline = outline(layer)
        self.inner: list[LayerItem] = []
        self.top: LayerItem = self
        self.ports: tuple[PortPlace, ...] = self.outline.ports
        self.port_owner = layer.id
        self.chosen = False
        self.severity: Severity | None = None
        self.stand_in: GroupItem | None = None
        """The collapsed group that is shown instead."""
        self._depth = 0.0
        self.framed = False
        """Whether something that is dragged would go inside or take its place."""
        self.hovered = False
        """Whether the mouse is over the box on the canvas that this is."""
        self.lifted = False
        """Whether it is being dragged out of its place in a frame."""
        self.related = False
        """Whether it is another call of a selected layer."""
        self.original = ""
        """The name of the layer that this box calls once more; empty for a layer of its own."""
        self.holder: LayerItem | None = None
        """The collapsed frame that is shown instead."""

    def set_layer(self, layer: Layer) -> None:
        """Show another version of the same layer."""
        measures = outline(layer)
        if measures != self.outline:
            self.prepareGeometryChange()
            self.outline = measures
        self.layer = layer
        self.update()

    @property
    def depth(self) -> float:
        """How far above others it stands where it is not selected."""
        return self._depth

    def set_depth(self, depth: float) -> None:
        """Stand above or below others; a selected box stands above those at its depth."""
        self._depth = depth
        self.setZValue(depth + (0.05 if self.chosen else 0.0))

    def set_chosen(self, chosen: bool) -> None:
        """Wear the selection's ring or not, and so do the ports that an inner box paints for this one."""
        self.chosen = chosen
        self.set_depth(self._depth)
        self.update()
        for child in self.inner:
            child.update()

    def set_hovered(self, hovered: bool) -> None:
        """Wake the ports that need no wire, or let them go to sleep again."""
        self.hovered = hovered
        self.update()
        for child in self.inner:
            child.update()

    def place(self, at: QPointF) -> None:
        """Move the item and everything inside it."""
        self.setPos(at)
        for child, (x, y, _measures) in zip(self.inner, self.outline.inner, strict=False):
            child.place(at + QPointF(x, y))

    def lift(self, *, on: bool) -> None:
        """Stand above everything, a little transparent, while it is dragged out of its frame; or no longer."""
        self.lifted = on
        self.setZValue(_LIFTED + self._depth if on else self._depth)
        self.setOpacity(0.85 if on else 1.0)
        for child in self.inner:
            child.lift(on=on)

    def rect(self) -> QRectF:
        """The box itself, without ports and badge, in its own coordinates."""
        return QRectF(0.0, 0.0, self.outline.width, self.outline.height)

    def scene_rect(self) -> QRectF:
        """The box itself in the scene."""
        return self.rect().translated(self.pos())

    def chevron_rect(self) -> QRectF:
        """The small triangle that collapses or expands, in its own coordinates; empty where there is none."""
        return QRectF()

    def badge_centre(self) -> QPointF:
        """The middle of the fault badge, in its own coordinates."""
        return QPointF(self.outline.width - 2.0, 2.0)

    def over_badge(self, at: QPointF) -> bool:
        """Whether a point of the scene is on the fault badge."""
        if self.severity is None:
            return False
        away = at - self.pos() - self.badge_centre()
        return away.x() ** 2 + away.y() ** 2 <= (BADGE_RADIUS + 2.0) ** 2

    def port_point(self, name: str, *, output: bool) -> QPointF:
        """The middle of a port of this layer in the scene, on the group's box where that stands for the layer."""
        if self.holder is not None:
            return self.holder.port_point(name, output=output)
        if self.stand_in is not None:
            outer = self.stand_in.port_of(self.layer.id, name, output=output)
            middle = self.stand_in.scene_rect().center()
            return self.stand_in.pos() + outer.place.point if outer is not None else middle
        place = self.outline.place(name, output=output)
        return self.pos() + (
            place.point if place else QPointF(self.outline.width if output else 0.0, PORT_LINE)
        )

    def port_side(self, name: str, *, output: bool) -> Side:
        """The edge on which a port sits."""
        place = self.outline.place(name, output=output) if self.stand_in is None else None
        return place.side if place is not None else "right" if output else "left"

    def shown_rect(self) -> QRectF:
        """What stands for the layer in the scene: its box, or the collapsed frame or group that it is in."""
        if self.holder is not None:
            return self.holder.shown_rect()
        return self.stand_in.scene_rect() if self.stand_in is not None else self.scene_rect()

    def badge_point(self) -> QPointF:
        """The middle of the badge that is shown for the layer, in the scene."""
        shown = self.stand_in or self.holder or self
        return shown.pos() + shown.badge_centre()

    def paint_ports(self, painter: QPainter, colors: Theme, scale: float) -> None:
        """Paint the ports that belong to this item, marked as the scene says."""
        owner = self._scene.item_for_layer.get(self.port_owner, self)
        awake = owner.awake
        for each in self.ports:
            key = (self.port_owner, each.port.name, each.output)
            mark = self._scene.port_marks.get(key)
            if each.port.optional and mark is None and not awake and not self._scene.is_wired(key):
                paint_quiet_port(painter, colors, each)
                continue
            paint_port(painter, colors, each, mark, strong=self.chosen or owner.chosen)
            if each.side in ("top", "bottom") or each.port.label:
                paint_port_label(painter, colors, each)

    @property
    def awake(self) -> bool:
        """Whether ports that need no wire are shown like all others: under the mouse, selected, or while wiring."""
        return self.hovered or self.chosen or bool(self._scene.port_marks)

    def shown_name(self, room: float) -> str:
        """The layer's name; at a further call of a layer what is called, with its own name where there is room."""
        if not self.original:
            return self.layer.name
        whole = f"{self.layer.name} ↺ {self.original}"
        return whole if look.width(whole, "plain") <= room else f"↺ {self.original}"

    def paint_relation(self, painter: QPainter, colors: Theme) -> None:
        """Paint a ring around another call of a selected layer."""
        if self.related and not self.chosen:
            painter.setPen(QPen(colors.color("accent", 0.8), 1.6, Qt.PenStyle.DashLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(
                self.rect().adjusted(-3.0, -3.0, 3.0, 3.0), BOX_RADIUS + 3.0, BOX_RADIUS + 3.0
            )

    def paint_badge(self, painter: QPainter, colors: Theme) -> None:
        """Paint the mark of the worst problem in the upper right corner."""
        if self.severity is not None:
            paint_badge(painter, colors, self.badge_centre(), self.severity)

    def paint_color(self, painter: QPainter, colors: Theme) -> None:
        """Paint the user's colour as a short line on the upper edge."""
        hue = tint(self.layer.color, colors)
        if hue is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(hue)
            painter.drawRoundedRect(QRectF(10.0, -2.0, self.outline.width - 20.0, 4.0), 2.0, 2.0)

    def boundingRect(self) -> QRectF:
        """The box with room for ring, ports, glow, badge and shadow."""
        return self.rect().adjusted(-_MARGIN, -_MARGIN - _LABEL, _MARGIN, _MARGIN)

    def shape(self) -> QPainterPath:
        """What counts as a hit: the box itself."""
        path = QPainterPath()
        path.addRect(self.rect())
        return path


class BoxItem(LayerItem):
    """A layer as a box: kind and name, its most important values in words, its values at the cursor's step."""

    def __init__(self, scene: CanvasScene, layer: Layer) -> None:
        super().__init__(scene, layer)
        self.words = ""
        self._strip: QImage | None = None
        self._strip_key: object = None
        self._describe()

    def set_layer(self, layer: Layer) -> None:
        """Show another version of the same layer."""
        super().set_layer(layer)
        self._strip_key = None
        self._describe()

    def strip_rect(self) -> QRectF:
        """Where the strip of values is, in its own coordinates."""
        left, right = self._content()
        leaving = [place.x for place in self.ports if place.side == "bottom"]
        if leaving and self.outline.height < BOX_HEIGHT + 16.0:
            # It ends before the names of the states that leave at the lower edge.
            right = min(right, *(x - _STRIP_SIDE for x in leaving))
        return QRectF(left, _STRIP_TOP, right - left, _STRIP_HEIGHT)

    def _content(self) -> tuple[float, float]:
        """Where words and strip begin and end, between the names of the ports at both sides."""
        measures = self.outline
        return _STRIP_SIDE + measures.left, measures.width - _STRIP_SIDE - measures.right

    def _describe(self) -> None:
        layer = self.layer
        self.words = inner_words(layer) if layer.type.slots else layer.type.words(layer.values())
        state = state_words(layer, self._scene.training)
        # What is out of the ordinary comes first: the end of a line may not fit.
        order = (state, self.words) if self._scene.training and drops(layer) else (self.words, state)
        self.words = " · ".join(words for words in order if words)
        if layer.shares is not None:
            self.words = f"shared · {self.words}"

    def show_training(self) -> None:
        """Say of dropout and noise what holds now."""
        before = self.words
        self._describe()
        if self.words != before:
            self.update()

    def chevron_rect(self) -> QRectF:
        """The small triangle that opens a collapsed frame, in its own coordinates; empty on every other box."""
        return QRectF(self.outline.width - 30.0, 0.0, 30.0, HEADER) if self.layer.type.slots else QRectF()

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        """Paint the box in the detail that the zoom allows."""
        colors, scale = theme(), detail(painter)
        hue = colors.family(self.layer.type.family)
        if scale < FAR:
            self._paint_far(painter, colors, hue)
            return
        if self.layer.type.slots:
            self._paint_stack(painter, colors)
        self._paint_body(painter, colors, hue)
        self._paint_header(painter, colors)
        if scale >= MIDDLE:
            self._paint_words(painter, colors)
            self._paint_strip(painter, colors)
            self.paint_ports(painter, colors, scale)
        self.paint_color(painter, colors)
        self.paint_relation(painter, colors)
        self.paint_badge(painter, colors)

    def _paint_stack(self, painter: QPainter, colors: Theme) -> None:
        """The edge of a second sheet: there is more inside."""
        painter.setPen(QPen(colors.color("violet", 0.5), 1.2))
        painter.setBrush(colors.color("panel"))
        painter.drawRoundedRect(self.rect().translated(4.0, 4.0), BOX_RADIUS, BOX_RADIUS)

    def _paint_far(self, painter: QPainter, colors: Theme, hue: QColor) -> None:
        rect = self.rect()
        painter.fillRect(rect, colors.color("panel"))
        painter.setPen(
            QPen(colors.color("accent" if self.chosen else "hairline"), 0 if not self.chosen else 6.0)
        )
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(rect)
        painter.fillRect(QRectF(0.0, 0.0, rect.width(), 22.0), hue)
        if self.severity is not None:
            token = "error" if self.severity is Severity.ERROR else "warning"
            painter.fillRect(QRectF(rect.width() - 34.0, -10.0, 44.0, 44.0), colors.color(token))

    def _paint_body(self, painter: QPainter, colors: Theme, hue: QColor) -> None:
        ratio = device_ratio(painter)
        width, height = self.outline.width, self.outline.height
        scale = round(detail(painter) * ratio, 4)
        blit(painter, body(width, height, hue.name(), self.chosen, self.framed, scale, ratio, colors), ratio)

    def _paint_header(self, painter: QPainter, colors: Theme) -> None:
        right = self.outline.width - 10.0
        if self.layer.type.slots:
            paint_chevron(painter, QPointF(right - 5.0, HEADER / 2), colors.color("muted"), down=False)
            right -= 18.0
        painter.setPen(colors.color("text"))
        painter.setFont(look.fonts().kind)
        painter.drawText(QPointF(26.0, HEADER / 2 + _rise("kind")), self.layer.kind)
        left = 26.0 + look.width(self.layer.kind, "kind") + 10.0
        name = look.elided(self.shown_name(right - left), "plain", right - left)
        painter.setPen(colors.color("accent" if self.original else "muted"))
        painter.setFont(look.fonts().plain)
        painter.drawText(QPointF(right - look.width(name, "plain"), HEADER / 2 + _rise("plain")), name)

    def _paint_words(self, painter: QPainter, colors: Theme) -> None:
        shared = look.fonts()
        left, right = self._content()
        for run in look.runs(self.words, right - left):
            painter.setFont(shared.strong if run.number else shared.plain)
            painter.setPen(colors.color("text" if run.number else "muted"))
            painter.drawText(QPointF(left + run.x, 44.0 + _rise("plain")), run.text)

    def _paint_strip(self, painter: QPainter, colors: Theme) -> None:
        area = self.strip_rect()
        strips = self._scene.strips
        if self._strip_key != strips.key:
            self._strip_key = strips.key
            self._strip = strips.image(self.layer)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colors.color("hairline", 0.55))
        if self._strip is None:
            painter.drawRoundedRect(area, 2.5, 2.5)
        else:
            paint_strip(painter, area, self._strip)


_rises: dict[str, float] = {}


def _rise(which: str) -> float:
    """From the middle of a line of text down to its baseline."""
    found = _rises.get(which)
    if found is None:
        found = _rises[which] = QFontMetricsF(getattr(look.fonts(), which)).capHeight() / 2
    return found
