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
from rnn_designer.ui.state_names import short_state
from rnn_designer.ui.theme import GRID, code_font, interface_font

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
PORT_GAP = 28.0
"""The least distance between the ports on an upper or lower edge."""
PORT_ROW = 20.0
"""The distance between named ports on the left or right edge of a box."""
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
        left, right: how much of a box's width the names of ports at its sides take up.
    """

    width: float
    height: float
    inner: tuple[tuple[float, float, "Outline"], ...] = ()
    ports: tuple[PortPlace, ...] = ()
    on_child: bool = False
    left: float = 0.0
    right: float = 0.0

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
    children = tuple(_bare(child) for child in layer.children)
    return _outline(layer.kind, layer.params, children, layer.collapsed)


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
    """Every layer inside a frame with the place of its top left corner, outermost first.

    What a collapsed frame holds has no place of its own: it is where the frame's box is.
    """
    places = outline(layer).inner
    for index, child in enumerate(layer.children):
        place = at + QPointF(*places[index][:2]) if places else at
        yield child, place
        yield from inner_layers(child, place)


def is_frame(layer: Layer) -> bool:
    """Whether the layer is drawn as a frame with its children inside, and not as one box."""
    return bool(layer.type.slots) and not layer.collapsed


@cache
def _kind_width(kind: str) -> float:
    return QFontMetricsF(interface_font(10.0, bold=True)).horizontalAdvance(kind)


def port_label(port: Port) -> str:
    """What stands beside a port: its name, a short one for states, of which there may be many."""
    words = port.label or port.name
    return short_state(words) if port.state else words


@cache
def _label_width(label: str) -> float:
    return QFontMetricsF(code_font(7.5)).horizontalAdvance(label)


def _bare(layer: Layer) -> Layer:
    children = tuple(_bare(child) for child in layer.children)
    return Layer("", layer.kind, "", layer.params, (0.0, 0.0), children, collapsed=layer.collapsed)


@lru_cache(maxsize=4096)
def _outline(kind: str, params: FrozenMap, children: tuple[Layer, ...], collapsed: bool) -> Outline:
    layer = Layer("", kind, "", params, (0.0, 0.0), children, collapsed=collapsed)
    return _frame(layer) if is_frame(layer) else _box(layer)


def _box(layer: Layer) -> Outline:
    sides = _Sides(input_ports(layer), output_ports(layer))
    left, right = sides.room(output=False), sides.room(output=True)
    rows = max(len(sides.main(output=False)), len(sides.main(output=True)))
    chevron = 22.0 if layer.type.slots else 0.0
    least = max(BOX_WIDTH + left + right, _kind_width(layer.kind) + 96.0 + chevron, sides.state_width)
    width = math.ceil(least / GRID) * GRID
    first = PORT_LINE if rows < 2 else PORT_LINE - 6.0
    height = max(BOX_HEIGHT, first + (rows - 1) * PORT_ROW + 18.0)
    if len(sides.states(output=True)) > 2:
        height += 16.0  # Their names would leave no room for the strip.
    places = (
        *_rows(sides.main(output=False), 0.0, first, PORT_ROW, output=False),
        *_rows(sides.main(output=True), width, first, PORT_ROW, output=True),
        *_row_of_states(sides, width, height),
    )
    return Outline(width, height, (), places, left=left, right=right)


def _frame(layer: Layer) -> Outline:
    children = layer.children
    measures = [outline(child) for child in children] or [Outline(BOX_WIDTH, BOX_HEIGHT)]
    sides = _Sides(input_ports(layer), output_ports(layer))
    width = max(each.width for each in measures) + 2 * FRAME_SIDE
    width = max(width, math.ceil(sides.state_width / GRID) * GRID)
    inner, top = [], FRAME_TITLE
    for each in measures:
        inner.append((math.floor((width - each.width) / 2 / GRID) * GRID, top, each))
        top += each.height + INNER_GAP
    height = top - INNER_GAP + FRAME_FOOT
    outputs = sides.main(output=True)
    if len(outputs) > 1:
        width += LABEL_ROOM
    on_child = len(children) == 1
    plain = on_child and not is_frame(children[0]) and len(outputs) == 1
    inset = inner[0][0] if plain else 0.0
    line = FRAME_TITLE + (measures[0].port_line if on_child else PORT_LINE)
    places: list[PortPlace] = []
    for output in (False, True):
        main = sides.main(output=output)
        room = 22.0 if len(main) <= 2 else 36.0 / len(main)
        edge = width - inset if output else inset
        if plain and output:
            edge = inset + measures[0].width
        places += _rows(main, edge, line - room * (len(main) - 1) / 2, room, output=output)
    places += _row_of_states(sides, width, height)
    return Outline(width, height, tuple(inner) if children else (), tuple(places), inset > 0.0)


@dataclass(frozen=True)
class _Sides:
    """The ports of a layer by the edge on which they sit."""

    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]

    def main(self, *, output: bool) -> list[Port]:
        """The ports on the left or right edge."""
        return [port for port in (self.outputs if output else self.inputs) if not port.state]

    def states(self, *, output: bool) -> list[Port]:
        """The ports on the lower or upper edge."""
        return [port for port in (self.outputs if output else self.inputs) if port.state]

    def room(self, *, output: bool) -> float:
        """How much width the names at one side take up."""
        labels = [_label_width(port.label) for port in self.main(output=output) if port.label]
        return math.ceil(max(labels)) + 4.0 if labels else 0.0

    def steps(self, *, output: bool) -> list[float]:
        """The distance of each state's port from the one before it, wide enough for their names.

        A name stands over its port on the lower edge, and right of it on the upper one, where its wire comes in.
        """
        rooms = [_label_width(port_label(port)) for port in self.states(output=output)]
        if not output:
            return [max(PORT_GAP, math.ceil(last + 12.0)) for last in [0.0, *rooms[:-1]]] if rooms else []
        before = [0.0, *rooms]
        return [
            max(PORT_GAP, math.ceil((room + last) / 2 + 8.0))
            for room, last in zip(rooms, before, strict=False)
        ]

    @property
    def state_width(self) -> float:
        """The least width at which the names of all states have their room."""
        return max(sum(self.steps(output=output)) + PORT_GAP for output in (False, True))


def _rows(ports: list[Port], x: float, first: float, step: float, *, output: bool) -> list[PortPlace]:
    side: Side = "right" if output else "left"
    return [PortPlace(port, output, x, first + index * step, side) for index, port in enumerate(ports)]


def _row_of_states(sides: _Sides, width: float, height: float) -> list[PortPlace]:
    """States enter at the upper edge from the left, and leave at the lower edge to the right."""
    places: list[PortPlace] = []
    x = 0.0
    for port, step in zip(sides.states(output=False), sides.steps(output=False), strict=True):
        x += step
        places.append(PortPlace(port, False, x, 0.0, "top"))
    steps = sides.steps(output=True)
    x = width - PORT_GAP - sum(steps[1:])
    for index, port in enumerate(sides.states(output=True)):
        x += steps[index] if index else 0.0
        places.append(PortPlace(port, True, x, height, "bottom"))
    return places
