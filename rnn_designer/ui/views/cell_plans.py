"""What the inside of each kind of cell looks like: where gates, wires and the vectors on them are, and in what order.

A plan is drawn on a sheet of :data:`WIDTH` by :data:`HEIGHT`, which is stretched to the room that there is. The
*stage* of an element is the sub-step at which it comes into play.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rnn_designer.design import Layer
from rnn_designer.ui.views.terms import function
from rnn_designer.ui.views.vectors import INPUT, OUTPUT, RESET, SQUASHED, SUM

WIDTH, HEIGHT = 760.0, 240.0
STRIP = 72.0

Place = tuple[float, float]


@dataclass(frozen=True)
class Stage:
    """A sub-step: what it is called, and what happens in it."""

    title: str
    sentence: str


@dataclass(frozen=True)
class Wire:
    """A line along points, with an arrow at its end unless it only branches off."""

    points: tuple[Place, ...]
    stage: int
    arrow: bool = True


@dataclass(frozen=True)
class Box:
    """Something that computes, around its middle: a gate's activation, a product with weights, the whole of a cell."""

    middle: Place
    text: str
    stage: int
    size: Place = (46.0, 22.0)
    round: bool = False
    faint: str = ""


@dataclass(frozen=True)
class Strip:
    """A vector on a wire: its name, the middle of where it is drawn, and whether it is a gate between 0 and 1."""

    name: str
    middle: Place
    stage: int
    gate: bool = False
    width: float = STRIP
    label: str = ""


@dataclass(frozen=True)
class Plan:
    """The inside of one kind of cell."""

    stages: tuple[Stage, ...]
    wires: tuple[Wire, ...]
    boxes: tuple[Box, ...]
    strips: tuple[Strip, ...]


def plan_of(
    formula: str, owner: Layer, states: Sequence[str], gates: Sequence[str], *, backwards: bool = False
) -> Plan:
    """The plan of a cell.

    Args:
        formula: ``SimpleRNN``, ``LSTM`` or ``GRU``; empty for any other cell, of which only states are known.
        owner: the layer or cell with its parameters.
        states: the symbols of its states.
        gates: of the gates that are known besides.
        backwards: whether the states come from the step after.
    """
    before = "after" if backwards else "before"
    match formula:
        case "LSTM":
            return _lstm(owner, before)
        case "GRU":
            return _gru(owner, before)
        case "SimpleRNN":
            return _simple(owner, before)
    return _unknown(owner, states, gates, before)


def _into(text: str, before: str) -> Stage:
    return Stage("What comes in", f"The input x of this step, and {text} from the step {before}.")


def _lstm(owner: Layer, before: str) -> Plan:
    gate, plain = function(owner.value("recurrent_activation")), function(owner.value("activation"))
    f, i, g, o, out, x = 200.0, 320.0, 430.0, 560.0, 640.0, 90.0
    top, bus, row = 40.0, 206.0, 166.0
    stages = (
        _into("the states h′ and c′", before),
        Stage(
            "Gates",
            f"Each gate sums x·W + h′·U + b and squeezes it: i, f, o with {gate}, the candidate g with {plain}.",
        ),
        Stage(
            "New cell state",
            "c = f·c′ + i·g: the forget gate keeps some of c′, the input gate lets some of g in.",
        ),
        Stage("Output", f"h = o·{plain}(c): the output gate shows some of the cell state."),
    )
    wires = [
        Wire(((8, top), (f - 13, top)), 0),
        Wire(((8, bus), (o, bus)), 0, arrow=False),
        Wire(((x, 236), (x, bus)), 0, arrow=False),
        *(Wire(((at, bus), (at, row + 11)), 1) for at in (f, i, g, o)),
        Wire(((f, row - 11), (f, top + 13)), 2),
        Wire(((i, row - 11), (i, 84), (362, 84)), 2),
        Wire(((g, row - 11), (g, 84), (388, 84)), 2),
        Wire(((375, 71), (375, top + 13)), 2),
        Wire(((f + 13, top), (362, top)), 2),
        Wire(((388, top), (752, top)), 2),
        Wire(((out, top), (out, 66)), 3),
        Wire(((out, 88), (out, 108)), 3),
        Wire(((o, row - 11), (o, 121), (out - 13, 121)), 3),
        Wire(((out + 13, 121), (700, 121), (700, bus), (752, bus)), 3),
    ]
    boxes = [
        *(Box((at, row), gate, 1) for at in (f, i, o)),
        Box((g, row), plain, 1),
        *(Box(at, "×", 2, (26, 26), round=True) for at in ((f, top), (375, 84))),
        Box((375, top), "+", 2, (26, 26), round=True),
        Box((out, 77), plain, 3),
        Box((out, 121), "×", 3, (26, 26), round=True),
    ]
    strips = [
        Strip("c′", (52, top), 0),
        Strip("h′", (46, bus), 0),
        Strip(INPUT, (150, 231), 0),
        Strip("f", (f, 132), 1, gate=True),
        Strip("i", (i, 132), 1, gate=True),
        Strip("g", (g, 132), 1),
        Strip("o", (o - 46, 138), 1, gate=True),
        Strip("c", (480, top), 2),
        Strip(SQUASHED, (714, 77), 3, label=f"{plain}(c)"),
        Strip("h", (700, 170), 3),
    ]
    return Plan(stages, tuple(wires), tuple(boxes), tuple(strips))


def _gru(owner: Layer, before: str) -> Plan:
    gate, plain = function(owner.value("recurrent_activation")), function(owner.value("activation"))
    after = bool(owner.value("reset_after"))
    z, r, product, new, x = 210.0, 330.0, 450.0, 590.0, 120.0
    top, bus, row, low, across = 40.0, 206.0, 166.0, 140.0, 90.0
    how = (
        "h̃ = {0}(x·W + b + r·(h′·U + b′)): the reset gate acts on the product with U."
        if after
        else "h̃ = {0}(x·W + (r⊙h′)·U + b): the reset gate acts on h′ before the product with U."
    ).format(plain)
    stages = (
        _into("the state h′", before),
        Stage("Gates", f"Update z and reset r each sum x·W + h′·U + b and squeeze it with {gate}."),
        Stage("Candidate", how),
        Stage("New state", "h = z·h′ + (1 − z)·h̃: where z is open the old state stays."),
    )
    wires = [
        Wire(((8, top), (287, top)), 0),
        Wire(((96, top), (96, bus), (product, bus)), 0, arrow=False),
        Wire(((x, 236), (x, bus)), 0, arrow=False),
        Wire(((z, bus), (z, row + 11)), 1),
        Wire(((r, bus), (r, row + 11)), 1),
        Wire(((r, row - 11), (r, low), (product - 13, low)), 2),
        Wire(((product, bus), (product, row + 11 if after else low + 13)), 2),
        *((Wire(((product, row - 11), (product, low + 13)), 2, arrow=False),) if after else ()),
        Wire(((product + 13, low), (new - 23, low)), 2),
        Wire(((product, bus), (new, bus), (new, low + 11)), 2),
        Wire(((z, row - 11), (z, across), (new - 13, across)), 3),
        Wire(((300, across), (300, top + 13)), 3),
        Wire(((new, low - 11), (new, across + 13)), 3),
        Wire(((new, across - 13), (new, top + 13)), 3),
        Wire(((313, top), (new - 13, top)), 3),
        Wire(((new + 13, top), (752, top)), 3),
    ]
    boxes = [
        Box((z, row), gate, 1),
        Box((r, row), gate, 1),
        Box((product, low), "×", 2, (26, 26), round=True),
        Box((product, row + 8) if after else (520, low), "·U", 2, (34, 20)),
        Box((new, low), plain, 2),
        Box((300, top), "×", 3, (26, 26), round=True),
        Box((450, across), "1 −", 3, (34, 20)),
        Box((new, across), "×", 3, (26, 26), round=True),
        Box((new, top), "+", 3, (26, 26), round=True),
    ]
    strips = [
        Strip("h′", (52, top), 0),
        Strip(INPUT, (176, 231), 0),
        Strip("z", (z, 134), 1, gate=True),
        Strip("r", (382, low), 1, gate=True),
        Strip("h̃", (664, low), 2),
        Strip("h", (690, top), 3),
    ]
    if not after:
        strips.append(Strip(RESET, (520, 114), 2))
    return Plan(stages, tuple(wires), tuple(boxes), tuple(strips))


def _simple(owner: Layer, before: str) -> Plan:
    plain = function(owner.value("activation"))
    bias = bool(owner.value("use_bias"))
    middle, line = 330.0, 110.0
    stages = (
        _into("the state h′", before),
        Stage("Sum", "x·W + h′·U" + (" + b" if bias else "") + ": every unit adds up what comes in."),
        Stage("New state", f"h = {plain} of the sum; it is the output, and the h′ of the next step."),
    )
    wires = [
        Wire(((8, line), (177, line)), 0),
        Wire(((middle, 236), (middle, 187)), 0),
        Wire(((223, line), (middle - 13, line)), 1),
        Wire(((middle, 165), (middle, line + 13)), 1),
        Wire(((middle + 13, line), (497, line)), 1),
        Wire(((543, line), (752, line)), 2),
    ]
    boxes = [
        Box((200, line), "·U", 1),
        Box((middle, 176), "·W", 1),
        Box((middle, line), "+", 1, (26, 26), round=True),
        Box((520, line), plain, 2),
    ]
    if bias:
        wires.append(Wire(((middle, 70), (middle, line - 13)), 1))
        boxes.append(Box((middle, 58), "b", 1, (30, 22)))
    strips = [
        Strip("h′", (70, line), 0),
        Strip(INPUT, (middle + 50, 222), 0),
        Strip(SUM, (420, line), 1),
        Strip("h", (650, line), 2),
    ]
    return Plan(stages, tuple(wires), tuple(boxes), tuple(strips))


def _unknown(owner: Layer, states: Sequence[str], gates: Sequence[str], before: str) -> Plan:
    """A closed box: what it carries goes in on the left and out on the right."""
    rows = [44.0 + 120.0 * (place + 0.5) / max(1, len(states)) for place in range(len(states))]
    inner = [60.0 + 100.0 * (place + 0.5) / max(1, len(gates)) for place in range(len(gates))]
    names = " and ".join(
        [", ".join(f"{each}′" for each in states[:-1]), f"{states[-1]}′"]
        if states[1:]
        else [f"{each}′" for each in states]
    )
    made = "What the cell made of it; its formula stands in its own code."
    if owner.kind.startswith("ConvLSTM"):
        made = "As an LSTM, but each place of a frame sums over the places around it."
    stages = (
        _into(names or "nothing", before),
        Stage("Output", made),
    )
    wires = [
        Wire(((380, 236), (380, 184)), 0),
        Wire(((380, 44), (380, 8)), 1),
        *(Wire(((8, row), (250, row)), 0) for row in rows),
        *(Wire(((510, row), (752, row)), 1) for row in rows),
    ]
    boxes = [Box((380, 114), owner.name, 0, (260, 140), faint=owner.kind)]
    strips = [
        Strip(INPUT, (440, 222), 0),
        Strip(OUTPUT, (440, 24), 1),
        *(Strip(f"{name}′", (110, row), 0) for name, row in zip(states, rows, strict=True)),
        *(Strip(name, (640, row), 1) for name, row in zip(states, rows, strict=True)),
        *(
            Strip(name, (450, row), 1, gate=name not in ("g", "h̃"))
            for name, row in zip(gates, inner, strict=True)
        ),
    ]
    return Plan(stages, tuple(wires), tuple(boxes), tuple(strips))


def stack_plan(cells: Sequence[tuple[str, Layer, Sequence[str]]], *, backwards: bool = False) -> Plan:
    """Stacked cells as boxes in a column: each gives its output to the one above it.

    The vectors of cell k are called ``k h``, ``k h′``.

    Args:
        cells: number as it is told, layer and the symbols of the states of each, the lowest first.
        backwards: whether the states come from the step after.
    """
    room = (HEIGHT - 40) / max(1, len(cells))
    high = min(46.0, room - 14)
    stages: list[Stage] = [_into("the states of every cell", "after" if backwards else "before")]
    wires, boxes, strips = [], [], [Strip(INPUT, (440, HEIGHT - 10), 0)]
    for place, (number, owner, states) in enumerate(cells):
        middle = HEIGHT - 26 - room * (place + 0.5)
        stage = place + 1
        stages.append(
            Stage(
                f"Cell {number}",
                f"{owner.name}, a {owner.kind}, computes its step"
                + (" from what the cell below gives out." if place else " from the input x."),
            )
        )
        boxes.append(Box((380, middle), owner.name, stage, (200, high), faint=owner.kind))
        below = HEIGHT - 4 if place == 0 else middle + room - high / 2
        wires.append(Wire(((380, below), (380, middle + high / 2)), stage))
        wires.append(Wire(((8, middle), (280, middle)), 0))
        wires.append(Wire(((480, middle), (752, middle)), stage))
        for column, symbol in enumerate(states[:2]):
            across = 90.0 * column if len(states) > 1 else 45.0
            strips.append(Strip(f"{number} {symbol}′", (70 + across, middle), 0, label=f"{symbol}′"))
            strips.append(Strip(f"{number} {symbol}", (570 + across, middle), stage, label=symbol))
    top = HEIGHT - 26 - room * (len(cells) - 0.5)
    wires.append(Wire(((380, top - high / 2), (380, 2)), len(cells)))
    return Plan(tuple(stages), tuple(wires), tuple(boxes), tuple(strips))
