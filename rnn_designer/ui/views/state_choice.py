"""Which states of a layer can be looked at as one: each by itself, or all of one loop side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rnn_designer.design import Layer
from rnn_designer.ui.scopes.signals import RESULT, Shown, inner_layer, shown, side_label, sides

if TYPE_CHECKING:
    from rnn_designer.messages import Array, Trace

_LEAST_AXES = 3
"""Samples, steps, units."""


@dataclass(frozen=True)
class StateChoice:
    """Something with a value per unit at every step.

    Attributes:
        words: in the menu: "h", "→ Forward · c", "h and c".
        signals: the names in the trace, below the layer's own path.
        carried: whether they are states, handed on from step to step.
    """

    words: str
    signals: tuple[str, ...]
    carried: bool

    @property
    def options(self) -> dict[str, float]:
        """How an analysis is told which signals are meant."""
        return {f"signal/{name}": 1.0 for name in self.signals}


def state_choices(layer: Layer, trace: Trace) -> dict[str, StateChoice]:
    """What there is, by a key that stays the same from run to run; empty without a value per step.

    Args:
        layer: of the design.
        trace: of the last run.
    """
    found: dict[str, StateChoice] = {}
    recorded = tuple(name for name in trace.signals(layer.id) if _steps(trace.signal(layer.id, name)))
    every = sides(recorded)
    for side in every:
        signals = tuple(each for each in shown(layer, recorded, side) if "state/" in each.path)
        # A stack's own side has the states of every cell already.
        before = "" if side == RESULT or inner_layer(layer, side) is None else f"{side_label(side, layer)} · "
        if side == RESULT and len(every) > 1 and signals:
            before = f"{side_label(side, layer)} · "
        for each in signals:
            found.setdefault(each.path, StateChoice(f"{before}{each.spoken}", (each.path,), True))
        if len(signals) > 1:
            paths = tuple(each.path for each in signals)
            found[" ".join(paths)] = StateChoice(f"{before}{_listed(signals)}", paths, True)
    if found:
        return found
    for each in shown(layer, recorded, RESULT)[:1]:
        found[each.path] = StateChoice(each.spoken, (each.path,), False)
    return found


def _steps(array: Array | None) -> bool:
    return array is not None and array.ndim >= _LEAST_AXES and array.dtype.kind == "f" and array.size > 0


def _listed(signals: tuple[Shown, ...]) -> str:
    if len(signals) > 2:
        return f"all {len(signals)} states"
    return " and ".join(each.spoken for each in signals)
