"""What the one who watches holds in recurrent layers: "what if unit 5 of h were 0 from step 12 on?"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from rnn_designer.design import Design, Layer

if TYPE_CHECKING:
    from rnn_designer.messages import Array

ALL_UNITS = -1
INITIAL = "initial"
"""In the name of a signal, in place of ``state``: the state before the first step."""


@dataclass(frozen=True)
class Hold:
    """One unit, or all units, of a signal held at a value.

    Attributes:
        layer: id of the layer.
        signal: below the layer, as ``Trace.signal`` takes it: ``state/h``, ``forward/gate/forget``; ``initial/h`` for
            a state before the first step.
        unit: which one; :data:`ALL_UNITS` for all.
        value: at which it is held.
        step: from which step on, in the time order of the layer's input; of no meaning for an initial state.
    """

    layer: str
    signal: str
    unit: int
    value: float
    step: int

    @property
    def initial(self) -> bool:
        """Whether it is about the state before the first step."""
        return self.signal.split("/")[-2:-1] == [INITIAL]

    @property
    def place(self) -> tuple[str, str, int]:
        """What is held, without the value: only one hold of each is there."""
        return self.layer, self.signal, self.unit


class Holds(QObject):
    """All that is held; a choice of the one who watches, no part of the design.

    Signals:
        changed(): something is held, or otherwise, or no more.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: dict[tuple[str, str, int], Hold] = {}

    @property
    def all(self) -> tuple[Hold, ...]:
        """What is held, in the order in which it was first held."""
        return tuple(self._all.values())

    def at(self, layer: str, signal: str, unit: int) -> Hold | None:
        """The hold of exactly that, if there is one."""
        return self._all.get((layer, signal, unit))

    def hold(self, hold: Hold) -> None:
        """Hold this from now on; it takes the place of a hold of the same unit of the same signal."""
        if self._all.get(hold.place) != hold:
            self._all[hold.place] = hold
            self.changed.emit()

    def release(self, hold: Hold) -> None:
        """Hold this no longer."""
        if self._all.pop(hold.place, None) is not None:
            self.changed.emit()

    def clear(self) -> None:
        """Hold nothing."""
        if self._all:
            self._all.clear()
            self.changed.emit()

    def acting(self, design: Design) -> tuple[Hold, ...]:
        """The holds that a design has a place for: a changed kind of layer may have none any more."""
        known: dict[str, frozenset[str]] = {}
        found = []
        for hold in self.all:
            if hold.layer not in known:
                layer = design.find(hold.layer)
                there = layer is not None and not begins_anew(design, hold.layer)
                known[hold.layer] = (
                    frozenset(can_be_held(layer)) if there and layer is not None else frozenset()
                )
            if hold.signal in known[hold.layer]:
                found.append(hold)
        return tuple(found)


def begins_anew(design: Design, layer_id: str) -> bool:
    """Whether a layer is inside a TimeDistributed.

    There a recurrent layer begins anew at every outer step. Its inner steps are not recorded, so there is none "from
    which on" something could be held, and nothing in which it would be seen.
    """
    owner = design.owner(layer_id)
    while owner is not None:
        if owner.kind == "TimeDistributed":
            return True
        owner = design.owner(owner.id)
    return False


def can_be_held(layer: Layer) -> Iterator[str]:
    """The names, below the layer, of all that can be held in it."""
    if layer.kind == "Bidirectional" and layer.children:
        for side, child in (("forward", layer.children[0]), ("backward", layer.children[-1])):
            yield from (f"{side}/{name}" for name in can_be_held(child))
        return
    if not (layer.type.recurrent or layer.type.cell):
        return
    for signal in layer.states:
        yield signal.path
        before, _, name = signal.path.rpartition("state/")
        yield f"{before}{INITIAL}/{name}"
    yield from (signal.path for signal in layer.gates)


def clamps(holds: Iterable[Hold]) -> dict[str, Array]:
    """The holds as the engine takes them (``messages.Run.clamps``); what holds all units gives way to single ones."""
    import numpy

    rows: dict[str, list[tuple[float, float, float]]] = {}
    for hold in sorted(holds, key=lambda hold: hold.unit):
        entry = (hold.unit, hold.value, hold.step)
        rows.setdefault(f"{hold.layer}/{hold.signal}", []).append(entry)
    return {name: numpy.asarray(each, "float32").T.copy() for name, each in rows.items()}
