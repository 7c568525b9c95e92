"""What several messages hold: arrays, and who the layers in a source are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:  # NumPy is imported where frames are made and read: the window shows before it is.
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[Any]
else:
    Array = Any


@dataclass(frozen=True)
class PlannedLayer:
    """What the engine has to know of one layer besides the source: who it is.

    Attributes:
        id: the design's id; weights are kept by it.
        name: the Keras layer name in the source, and the first part of its names in a trace.
        kind: the Keras class name.
        children: wrapped layers, in slot order.
        shares: id of the layer that this one calls once more; empty for a layer of its own. It has no name of its
            own: the calls of a layer are told apart by their order.
    """

    id: str
    name: str
    kind: str
    children: tuple[PlannedLayer, ...] = ()
    shares: str = ""
