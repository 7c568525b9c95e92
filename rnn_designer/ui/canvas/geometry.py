"""Where everything of a layer's box lies: sizes, inner boxes and ports, in scene units (pixels at 100 %)."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal, TypeAlias

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QFontMetricsF

from rnn_designer.catalog import FrozenMap, Port
from rnn_designer.design import Layer
from rnn_designer.design.ports import input_ports, output_ports
from rnn_designer.ui.theme import GRID, interface_font

Side: TypeAlias = Literal["left", "right", "top", "bottom"]

BOX_WIDTH = 184.0
BOX_HEIGHT = 80.0
HEADER = 30.0
PORT_LINE = 48.0
PORT_RADIUS = 5.0
PORT_REACH = 12.0
"""How near to a port's middle the pointer has to be."""
BADGE_RADIUS = 9.0
FRAME_SIDE = 20.0
FRAME_TITLE = 32.0
FRAME_FOOT = 24.0
INNER_GAP = 16.0
LABEL_ROOM = 44.0
"""More width at the right of a frame whose several outputs carry their names."""
COLUMN_GAP = 96.0
ROW_GAP = 48.0
CLEARANCE = 12.0
"""The least space between a newly placed box and any other."""


@dataclass(frozen=True)
class PortPlace:
    """One port of a layer on the canvas.

    Attributes:
        port: the catalog's port.
        output: whether wires start here; they end here otherwise.
        x, y: its middle, from the box's top left corner.
        side: the edge on which it sits, which decides how its wires leave.
    """

    port: Port
    output: bool
    x: float
    y: float
    side: Side

    @property
    def point(self) -> QPointF:
        """Its middle, from the box's top left corner."""
        return QPointF(self.x, self.y)


@dataclass(frozen=True)
class Outline:
    """The measures of one layer's box or frame.

    Attributes:
        width, height: of the whole.
        inner: top left corner of each child and the child's own outline.
        ports: every port.
        on_child: whether the main ports sit on the only child's edges instead of the frame's own.
    """

    width: float
    height: float
    inner: tuple[tuple[float, float, "Outline"], ...] = ()
    ports: tuple[PortPlace, ...] = ()
    on_child: bool = False

    @property
    def size(self) -> QSizeF:
        """Width and height."""
        return QSizeF(self.width, self.height)

    @property
    def port_line(self) -> float:
        """How far below the top edge the first main port sits; used to lay wires straight."""
        return next((each.y for each in self.ports if each.side in ("left", "right")), PORT_LINE)

    def place(self, name: str, *, output: bool) -> PortPlace | None:
        """The port of that name among the outputs or the inputs."""
        return next((each for each in self.ports if each.port.name == name and each.output == output), None)


PortKey: TypeAlias = tuple[str, str, bool]
"""A layer's id, the name of a port, and whether it is an output."""


def snapped(value: float) -> float:
    """The nearest multiple of the grid."""
    return float(round(value / GRID) * GRID)


def outline(layer: Layer) -> Outline:
    """The measures of a layer on the canvas or inside a wrapper."""
    return _outline(layer.kind, layer.params, tuple(_bare(child) for child in layer.children))


def bounds(layer: Layer) -> QRectF:
    """The rectangle that a layer on the canvas takes up."""
    return QRectF(QPointF(*layer.position), outline(layer).size)


def layers_bounds(layers: Iterable[Layer]) -> QRectF:
    """The rectangle around several layers; empty where there are none."""
    area = QRectF()
    for layer in layers:
        area = area.united(bounds(layer))
    return area


def inner_layers(layer: Layer, at: QPointF) -> Iterator[tuple[Layer, QPointF]]:
    """Every layer inside a wrapper with the place of its top left corner, outermost first."""
    for child, (x, y, _measures) in zip(layer.children, outline(layer).inner, strict=True):
        place = at + QPointF(x, y)
        yield child, place
        yield from inner_layers(child, place)


def is_frame(layer: Layer) -> bool:
    """Whether the layer is drawn as a frame with its children inside."""
    return bool(layer.type.slots)


@cache
def _kind_width(kind: str) -> float:
    return QFontMetricsF(interface_font(10.0, bold=True)).horizontalAdvance(kind)


def _bare(layer: Layer) -> Layer:
    return Layer(
        "", layer.kind, "", layer.params, (0.0, 0.0), tuple(_bare(child) for child in layer.children)
    )


@lru_cache(maxsize=4096)
def _outline(kind: str, params: FrozenMap, children: tuple[Layer, ...]) -> Outline:
    layer = Layer("", kind, "", params, (0.0, 0.0), children)
    if not layer.type.slots:
        width = max(BOX_WIDTH, math.ceil((_kind_width(kind) + 96.0) / GRID) * GRID)
        return Outline(width, BOX_HEIGHT, (), _ports(layer, width, BOX_HEIGHT))
    measures = [outline(child) for child in children] or [Outline(BOX_WIDTH, BOX_HEIGHT)]
    width = max(each.width for each in measures) + 2 * FRAME_SIDE
    inner, top = [], FRAME_TITLE
    for each in measures:
        inner.append((FRAME_SIDE, top, each))
        top += each.height + INNER_GAP
    height = top - INNER_GAP + FRAME_FOOT
    outputs = [port for port in output_ports(layer) if not port.state]
    if len(outputs) > 1:
        width += LABEL_ROOM
    on_child = len(children) == 1
    plain = on_child and not children[0].children and len(outputs) == 1
    inset = FRAME_SIDE if plain else 0.0
    line = FRAME_TITLE + (measures[0].port_line if on_child else PORT_LINE)
    ports = _ports(layer, width, height, line=line, inset=inset)
    return Outline(width, height, tuple(inner) if children else (), ports, inset > 0.0)


def _ports(
    layer: Layer, width: float, height: float, *, line: float = PORT_LINE, inset: float = 0.0
) -> tuple[PortPlace, ...]:
    places: list[PortPlace] = []
    for output, ports in ((False, input_ports(layer)), (True, output_ports(layer))):
        main = [port for port in ports if not port.state]
        states = [port for port in ports if port.state]
        room = 22.0 if len(main) <= 2 else 36.0 / len(main)
        first = line - room * (len(main) - 1) / 2 if len(main) > 1 else line
        for index, port in enumerate(main):
            x = width - inset if output else inset
            places.append(PortPlace(port, output, x, first + index * room, "right" if output else "left"))
        for index, port in enumerate(states):
            if output:
                x = width - 28.0 * (len(states) - index)
                places.append(PortPlace(port, output, x, height, "bottom"))
            else:
                places.append(PortPlace(port, output, 28.0 * (index + 1), 0.0, "top"))
    return tuple(places)
