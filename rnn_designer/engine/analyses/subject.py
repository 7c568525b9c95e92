"""What an analysis looks at: the model that was traced last, and what the trace holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rnn_designer.engine.build import BuiltModel
from rnn_designer.engine.clamps import Clamps, clamps_by_layer
from rnn_designer.engine.failures import Refused
from rnn_designer.engine.placing import Placed
from rnn_designer.messages import Array, Trace


def _untold(_fraction: float | None, _words: str) -> None:
    """Nobody is told how far it is."""


@dataclass(frozen=True)
class Subject:
    """A model and its last run.

    Attributes:
        built: the model, its plan and its weights.
        inputs: what was fed in, Input name to ``(batch, …)``.
        trace: what was recorded.
        checkpoint: to be called between stages of long work; it raises where the answer is not wanted any more.
        clamps: what was held meanwhile, as in :class:`~rnn_designer.messages.Run`.
        tell: to be called with how far long work is (0 to 1, or None), and what is done now in words.
    """

    built: BuiltModel
    inputs: Mapping[str, Array]
    trace: Trace
    checkpoint: Callable[[], None]
    tell: Callable[[float | None, str], None] = _untold
    clamps: Mapping[str, Array] = field(default_factory=dict)

    def held_in(self, place: Placed) -> Mapping[str, Any]:
        """What was held in a recurrent layer: names below its path to float32 ``(3, holds)``; empty for nothing."""
        return self.all_held().get(id(place.layer), Clamps({})).rows

    def all_held(self) -> dict[int, Clamps]:
        """What was held anywhere, by ``id()`` of the recurrent layer that it is in."""
        places = [place for place in self.built.placed if place.recurrent is not None]
        return clamps_by_layer(self.clamps, self.trace.layers, places)

    def layer(self, layer_id: str, *, backward: bool = False) -> Any:
        """The Keras layer or cell of a layer of the design.

        Args:
            layer_id: the design's id.
            backward: whether the mirror image inside a Bidirectional is meant.

        Raises:
            Refused: the model has no such layer.
        """
        for place in self.built.placed:
            if place.planned.id == layer_id and place.copy == backward:
                return place.layer
        raise Refused("This layer is not in the model that ran last. Run the design again.", layer_id)

    def signal(self, layer_id: str, name: str) -> Array:
        """One recorded array of a layer, ``(batch, time, …)``.

        Raises:
            Refused: it was not recorded.
        """
        array = self.trace.signal(layer_id, name)
        if array is None:
            raise Refused(f"The last run recorded no {name} for this layer. Run the design again.", layer_id)
        return array
