"""Which recorded quantities of a layer can be shown, under which symbol, in which group.

A trace names everything below a layer by a path: ``output``, ``state/h``, ``gate/input``, and for a wrapper
``forward/state/h``. A *side* is the first part of such a path: the wrapper's own result, or one of its inner layers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rnn_designer.catalog import Signal
from rnn_designer.design import Layer

RESULT = ""
"""The side of everything that belongs to the layer itself."""

ALL = "all"
"""The chip that stacks every signal."""

_SIDES = {
    RESULT: "Result",
    "forward": "→ Forward",
    "backward": "← Backward",
    "layer": "Inner layer",
}
_ROOTS = ("result", "output", "state", "gate", "mask", "input")


@dataclass(frozen=True)
class Shown:
    """One quantity that a chip stands for.

    Attributes:
        path: below the layer's own, as ``Trace.signal`` takes it: ``forward/state/h``.
        symbol: on the chip and in the tooltip: ``h``.
        explanation: what it is, in a sentence.
        gate: whether it is a gate that opens between 0 and 1.
    """

    path: str
    symbol: str
    explanation: str
    gate: bool = False


def sides(recorded: Iterable[str]) -> tuple[str, ...]:
    """The sides that a trace holds for a layer, the layer's own result first."""
    found = dict.fromkeys(_side(path) for path in recorded if not path.endswith("mask"))
    return tuple(sorted(found, key=lambda side: side != RESULT))


def side_label(side: str) -> str:
    """What the direction switch calls a side."""
    return _SIDES.get(side) or side.replace("_", " ").capitalize()


def shown(layer: Layer, recorded: Iterable[str], side: str = RESULT) -> tuple[Shown, ...]:
    """The signals of one side of a layer: the output first, then states, then gates, as the catalog orders them.

    Args:
        layer: of the design.
        recorded: ``Trace.signals`` of that layer.
        side: one of :func:`sides`.
    """
    there = [path for path in recorded if _side(path) == side]
    prefix = f"{side}/" if side else ""
    inner = {path[len(prefix) :]: path for path in there}
    found: list[Shown] = []
    if "output" in inner:
        found.append(Shown(inner["output"], "output", "What the layer gives out at every step."))
    elif "input" in inner:
        found.append(Shown(inner["input"], "input", "The sample that is fed in."))
    else:
        results = [name for name in inner if name.split("/")[0] == "result"]
        for name in results:
            number = name.partition("/")[2]
            symbol = f"output {number}" if number and len(results) > 1 else "output"
            found.append(Shown(inner[name], symbol, "Exactly what the layer returns."))
    entries = _entries(layer, side)
    known = {entry.path for entry in entries}
    found.extend(
        Shown(inner[entry.path], entry.symbol, entry.explanation, _gate(entry.path))
        for entry in entries
        if entry.path in inner
    )
    for name, path in inner.items():
        if name not in known and name.split("/")[0] in ("state", "gate"):
            symbol = name.partition("/")[2]
            found.append(Shown(path, symbol, f"Recorded at every step as {name}.", _gate(name)))
    return tuple(found)


def overview(signals: tuple[Shown, ...]) -> tuple[Shown, ...]:
    """What the overview stacks: every signal, leaving out an output that equals the state ``h`` drawn below it."""
    return tuple(each for each in signals if each.symbol != "output") or signals


def mask_path(side: str) -> tuple[str, ...]:
    """Where the mask of a side may be recorded, nearest first."""
    return (f"{side}/mask", "mask") if side else ("mask", "forward/mask", "layer/mask")


def _side(path: str) -> str:
    first = path.split("/")[0]
    return RESULT if first in _ROOTS else first


def _gate(path: str) -> bool:
    # The candidate passes tanh, so it is signed like a state.
    return path.startswith("gate/") and not path.endswith("candidate")


def _entries(layer: Layer, side: str) -> tuple[Signal, ...]:
    if side == RESULT:
        owner = layer
    else:
        children = layer.children
        if not children:
            return ()
        owner = children[1] if side == "backward" and len(children) > 1 else children[0]
    return (*owner.type.states, *owner.type.gates)
