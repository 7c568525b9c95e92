"""Which of the layers inside a layer a view is about: a direction of a Bidirectional, a cell of a stack, or itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rnn_designer.design import Layer
from rnn_designer.ui.scopes.signals import inner_layer, side_label, sides

if TYPE_CHECKING:
    from rnn_designer.messages import Trace
    from rnn_designer.ui.views.view import View


@dataclass(frozen=True)
class Side:
    """One of the layers that a layer is made of, as it was recorded.

    Attributes:
        name: below the layer's path in the trace; empty for the layer itself.
        words: what it is called where it is chosen.
        layer: of the design.
        backward: whether it is the mirror image that a Bidirectional makes of its only layer.
    """

    name: str
    words: str
    layer: Layer
    backward: bool

    @property
    def options(self) -> dict[str, float]:
        """How the worker is told which one is meant, beside the layer's id."""
        return {"backward": 1.0} if self.backward else {}

    def path(self, signal: str) -> str:
        """A signal of this side as ``Trace.signal`` takes it."""
        return f"{self.name}/{signal}" if self.name else signal


def stepping(layer: Layer, trace: Trace) -> dict[str, Side]:
    """The sides of a layer that compute step by step, the layer's own first; empty if none does."""
    recorded = trace.signals(layer.id)
    found: dict[str, Side] = {}
    for name in sides(recorded):
        own = f"{name}/" if name else ""
        inner = inner_layer(layer, name)
        if inner is None or f"{own}output" not in recorded:
            continue
        mirrored = _mirrored(layer, name)
        found[name] = Side(name, side_label(name, layer), inner, mirrored)
    return found


def _mirrored(layer: Layer, name: str) -> bool:
    parts = name.split("/") if name else []
    for place, part in enumerate(parts):
        if part == "backward":
            around = inner_layer(layer, "/".join(parts[:place]))
            return around is not None and len(around.children) < 2
    return False


def drawn_units(view: View, layer_id: str, count: int | None = None) -> tuple[int, ...]:
    """The units of a layer that have a colour in every plot: chosen by the user, else by the scopes."""
    chosen = view.workspace.playback.units(layer_id) or view.shared.units(layer_id).automatic or ()
    return tuple(unit for unit in chosen if count is None or unit < count)
