"""Which recorded quantities of a layer can be shown, under which symbol, in which group.

A trace names everything below a layer by a path: ``output``, ``state/h``, ``gate/input``; for a wrapper
``forward/state/h``, for a stack of cells ``cell_0/state/h``, and so on as deep as they are nested. A *side* is what
stands before the signal itself: the layer's own, or one of its inner layers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rnn_designer.catalog import Port, Signal
from rnn_designer.design import Layer
from rnn_designer.design.ports import output_ports
from rnn_designer.ui.state_names import short_state

RESULT = ""
"""The side of everything that belongs to the layer itself."""

SCORES = "scores"
"""The port of attention layers for the weights by which values are mixed."""

ALL = "all"
"""The chip that stacks every signal."""

_SIDES = {
    RESULT: "Result",
    "forward": "→ Forward",
    "backward": "← Backward",
    "layer": "Inner layer",
}
_CELL = "cell_"
_ROOTS = ("result", "output", "state", "gate", "mask", "input")


@dataclass(frozen=True)
class Shown:
    """One quantity that a chip stands for.

    Attributes:
        path: below the layer's own, as ``Trace.signal`` takes it: ``forward/state/h``.
        symbol: on the chip and in the tooltip: ``h``.
        explanation: what it is, in a sentence.
        gate: whether it is a gate that opens between 0 and 1.
        full: its whole name, where the symbol is a short form of it.
    """

    path: str
    symbol: str
    explanation: str
    gate: bool = False
    full: str = ""

    @property
    def spoken(self) -> str:
        """What it is called in a sentence: "h cell 0" where the chip says "0·h"."""
        return self.full or self.symbol


def sides(recorded: Iterable[str]) -> tuple[str, ...]:
    """The sides that a trace holds for a layer, the layer's own first."""
    found = dict.fromkeys(_side(path) for path in recorded if not path.endswith("mask"))
    return tuple(sorted(found, key=lambda side: side != RESULT))


def side_label(side: str, layer: Layer | None = None) -> str:
    """What the switch calls a side: "← Backward", "Cell 1", "→ Forward · cell 0", "Cell 0.1" in an inner stack."""
    if side == RESULT:
        stack = layer is not None and layer.kind in ("RNN", "StackedRNNCells")
        return "All cells" if stack else _SIDES[RESULT]
    words: list[str] = []
    cells: list[str] = []
    for part in side.split("/"):
        if part.startswith(_CELL):
            cells.append(part.removeprefix(_CELL))
        else:
            words.append(_SIDES.get(part) or part.replace("_", " ").capitalize())
    if cells:
        number = ".".join(cells)
        words.append(f"cell {number}" if words else f"Cell {number}")
    return " · ".join(words)


def shown(layer: Layer, recorded: Iterable[str], side: str = RESULT) -> tuple[Shown, ...]:
    """The signals of one side of a layer: the output first, then states, then gates, as the catalog orders them.

    The side of a whole stack has the states of all of its cells; the gates of each cell are on the cell's own side.

    Args:
        layer: of the design.
        recorded: ``Trace.signals`` of that layer.
        side: one of :func:`sides`.
    """
    paths = tuple(recorded)
    prefix = f"{side}/" if side else ""
    below = {path[len(prefix) :]: path for path in paths if path.startswith(prefix)}
    inner = {name: path for name, path in below.items() if _side(name) == RESULT}
    found: list[Shown] = []
    if "output" in inner:
        found.append(Shown(inner["output"], "output", "What the layer gives out at every step."))
    elif "input" in inner:
        found.append(Shown(inner["input"], "input", "The sample that is fed in."))
    else:
        results = [name for name in inner if name.split("/")[0] == "result"]
        ports = output_ports(layer) if side == RESULT else ()
        for name in results:
            number = name.partition("/")[2]
            symbol = full = "output"
            if number and len(results) > 1:
                port = ports[int(number)] if number.isdigit() and int(number) < len(ports) else None
                full = f"output {number}" if port is None else port.label or "output"
                symbol = short_state(full)
            after = _is_state(ports, number)
            meaning = "The state after the last step." if after else "Exactly what the layer returns."
            if full == SCORES:
                meaning = "How much each step of the query (across) takes from each step of the value (down)."
            found.append(Shown(inner[name], symbol, meaning, full == SCORES, full))
    owner = inner_layer(layer, side)
    states, gates = ((), ()) if owner is None else (owner.states, owner.gates)
    entries: list[Signal] = [*states, *(gate for gate in gates if _side(gate.path) == RESULT)]
    known = {entry.path for entry in entries}
    found.extend(
        Shown(
            below[entry.path],
            short_state(entry.symbol),
            entry.explanation,
            _gate(entry.path),
            entry.symbol,
        )
        for entry in entries
        if entry.path in below
    )
    for name, path in inner.items():
        if name not in known and name.split("/")[0] in ("state", "gate"):
            symbol = name.partition("/")[2]
            found.append(Shown(path, symbol, f"Recorded at every step as {name}.", _gate(name)))
    return tuple(found)


def overview(signals: tuple[Shown, ...]) -> tuple[Shown, ...]:
    """What the overview stacks: every signal, leaving out an output that equals the state ``h`` drawn below it."""
    return tuple(each for each in signals if each.symbol != "output") or signals


def mask_names(path: str, side: str) -> tuple[str, ...]:
    """The names under which a trace may hold the mask of a side, the nearest first.

    A cell has none of its own: it is run by the layer around it, whose mask tells which steps are skipped.

    Args:
        path: of the layer in the trace.
        side: one of :func:`sides`.
    """
    parts = [*path.split("/"), *(side.split("/") if side else ())]
    found = ["/".join((*parts[:length], "mask")) for length in range(len(parts), 0, -1)]
    return (*found, *(f"{path}/{inner}/mask" for inner in ("forward", "layer") if not side))


def _side(path: str) -> str:
    """What stands before the signal itself; :data:`RESULT` where nothing does."""
    parts = path.split("/")
    first = next((place for place, part in enumerate(parts) if part in _ROOTS), len(parts) - 1)
    return "/".join(parts[:first])


def _gate(path: str) -> bool:
    # The candidate passes tanh, so it is signed like a state.
    return path.startswith("gate/") and not path.endswith("candidate")


def _is_state(ports: tuple[Port, ...], number: str) -> bool:
    """Whether the output of that number is a state."""
    return number.isdigit() and int(number) < len(ports) and ports[int(number)].state


def inner_layer(layer: Layer, side: str) -> Layer | None:
    """The layer that a side is about, as far as the design has it; a Bidirectional's mirror image is its layer."""
    owner: Layer | None = layer
    for part in side.split("/") if side else ():
        if owner is None or not owner.children:
            return None
        if part.startswith(_CELL):
            while owner.type.most_children is not None and owner.children:
                owner = owner.children[0]
            number = part.removeprefix(_CELL)
            place = int(number) if number.isdigit() else 0
            owner = owner.children[place] if place < len(owner.children) else None
        else:
            owner = owner.children[1] if part == "backward" and len(owner.children) > 1 else owner.children[0]
    return owner
