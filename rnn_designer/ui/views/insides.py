"""Which cells compute inside a layer of the design, where each stands in a trace, and which way it reads time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rnn_designer.catalog import Signal
from rnn_designer.design import Design, Layer
from rnn_designer.ui.scopes.signals import mask_names, side_label

if TYPE_CHECKING:
    from rnn_designer.messages import Array, Trace

_FORMULAS = {
    "SimpleRNN": "SimpleRNN",
    "SimpleRNNCell": "SimpleRNN",
    "LSTM": "LSTM",
    "LSTMCell": "LSTM",
    "GRU": "GRU",
    "GRUCell": "GRU",
}


@dataclass(frozen=True)
class Inside:
    """One cell that computes: a recurrent layer's only one, one of a stack, or one of a direction.

    Attributes:
        path: the first part of its names in a trace: ``memory``, ``reader/backward/cell_0``.
        label: what a choice between the cells of a layer calls it; empty for the only one.
        owner: the layer or cell of the design that has its parameters and weights.
        mirrored: whether it is the backward copy that a Bidirectional makes of its one layer.
        backwards: whether it reads the sequence from its last step to its first.
        place: which cell of a stack it is, from 0, counted through nested stacks.
    """

    path: str
    label: str
    owner: Layer
    mirrored: bool = False
    backwards: bool = False
    place: int = 0

    @property
    def formula(self) -> str:
        """SimpleRNN, LSTM or GRU; empty for a cell of any other kind."""
        return _FORMULAS.get(self.owner.kind, "")

    @property
    def side(self) -> str:
        """Which direction or layer it belongs to: the path without its cells."""
        return "/".join(part for part in self.path.split("/") if not part.startswith("cell_"))

    @property
    def weights(self) -> str:
        """The first part of the keys of its weights."""
        return (self.owner.shares or self.owner.id) + ("/backward" if self.mirrored else "")

    def signals(self, trace: Trace) -> tuple[Signal, ...]:
        """Its recorded states, then its gates."""
        known = [each for each in (*self.owner.states, *self.owner.gates) if self.has(trace, each.path)]
        paths = {each.path for each in known}
        prefix = f"{self.path}/state/"
        more = (name[len(self.path) + 1 :] for name in trace.arrays if name.startswith(prefix))
        # The states of a cell written by hand that says other names than the design could read in its code.
        known += [Signal(path, path.partition("/")[2], "") for path in more if path not in paths]
        return tuple(known)

    def has(self, trace: Trace, signal: str) -> bool:
        """Whether a signal of it was recorded."""
        return f"{self.path}/{signal}" in trace.arrays

    def values(self, trace: Trace, signal: str) -> Array:
        """One recorded signal, ``(batch, time, …)``."""
        return trace.arrays[f"{self.path}/{signal}"]

    def held(self, trace: Trace) -> Array | None:
        """``(batch, time)``, True where a step is masked; None where none is."""
        for name in mask_names(self.path, ""):
            mask = trace.arrays.get(name)
            if mask is not None:
                return ~mask.astype(bool)
        return None


def insides(design: Design, layer: Layer, trace: Trace) -> tuple[Inside, ...]:
    """Every cell that is, or is in, a layer, and of which the trace has the states; forward before backward."""
    top = design.top(layer.id)
    path = trace.layers.get(top.id)
    if path is None:
        return ()
    wanted = {each.id for each in layer.walk()}
    every = [each for each in _within(top, path, top, path) if each.owner.id in wanted]
    recorded = {name.rpartition("/state/")[0] for name in trace.arrays if "/state/" in name}
    found = [each for each in every if each.path in recorded]
    if len(found) < 2:
        return tuple(found)
    return tuple(
        Inside(
            each.path,
            side_label(each.path[len(path) :].strip("/"), top),
            each.owner,
            each.mirrored,
            each.backwards,
            each.place,
        )
        for each in found
    )


def local_step(step: int, steps: int, of: int) -> int:
    """The step of a layer of fewer (or more) steps that belongs to a step of the whole time axis.

    Args:
        step: of the time axis.
        steps: how many the layer has.
        of: how many the axis has.
    """
    if steps == of or of <= 0:
        return max(0, min(step, steps - 1))
    return max(0, min(step * steps // of, steps - 1))


def _within(
    layer: Layer, path: str, top: Layer, top_path: str, *, mirrored: bool = False, backwards: bool = False
) -> Iterator[Inside]:
    if layer.kind == "Bidirectional":
        if layer.children:
            yield from _within(layer.children[0], f"{path}/forward", top, top_path)
            own = len(layer.children) > 1
            behind = layer.children[1] if own else layer.children[0]
            yield from _within(behind, f"{path}/backward", top, top_path, mirrored=not own)
    elif layer.type.recurrent:
        # The mirror image reads the other way round than the layer that it is made of.
        turned = bool(layer.value("go_backwards")) != mirrored
        if layer.children:
            for place, (cell, own_path) in enumerate(_cells(layer.children[0], path)):
                yield Inside(own_path, "", cell, mirrored, turned, place)
        elif layer.kind != "RNN":
            yield Inside(path, "", layer, mirrored, turned)


def _cells(cell: Layer, path: str) -> Iterator[tuple[Layer, str]]:
    """The cells that compute, with their paths; a stack holds others."""
    if cell.kind != "StackedRNNCells":
        yield cell, path
        return
    for number, each in enumerate(cell.children):
        yield from _cells(each, f"{path}/cell_{number}")
