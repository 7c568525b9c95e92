"""The exported program as a value: its text, and which layer wrote which line."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """Keras Python generated from a design.

    Attributes:
        text: a whole module with ``build_model()`` and a ``main``.
        layer_of_line: line number, from 1, to the id of the layer that the line belongs to (wrapped layers'
            lines carry their own ids).
    """

    text: str
    layer_of_line: Mapping[int, str]

    def lines_of(self, layer_id: str) -> tuple[int, ...]:
        """The numbers of the lines that belong to the layer, ascending."""
        return tuple(sorted(line for line, owner in self.layer_of_line.items() if owner == layer_id))
