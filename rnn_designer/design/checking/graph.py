"""The design as a graph: who feeds whom, in which order, and where it goes round."""

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from rnn_designer.catalog import Port
from rnn_designer.design.model import Design, Layer, Link
from rnn_designer.design.ports import INITIAL, input_ports, output_ports


@dataclass(frozen=True)
class Graph:
    """A design with quick ways to look things up in it."""

    design: Design

    @cached_property
    def tops(self) -> Mapping[str, Layer]:
        """The layers on the canvas by id."""
        return {layer.id: layer for layer in self.design.layers}

    @cached_property
    def every(self) -> Mapping[str, Layer]:
        """All layers by id, wrapped ones included, in the design's order."""
        return {layer.id: layer for layer in self.design.walk()}

    @cached_property
    def owners(self) -> Mapping[str, Layer]:
        """The wrapper of each wrapped layer."""
        return {child.id: layer for layer in self.design.walk() for child in layer.children}

    @cached_property
    def entering(self) -> Mapping[str, Sequence[Link]]:
        """The wires that end at each layer, in the design's order; wires to nowhere are left out."""
        found: dict[str, list[Link]] = {layer_id: [] for layer_id in self.tops}
        for link in self.design.links:
            if link.target in found and link.source in found:
                found[link.target].append(link)
        return found

    @cached_property
    def leaving(self) -> Mapping[str, Sequence[Link]]:
        """The wires that start at each layer, in the design's order; wires to nowhere are left out."""
        found: dict[str, list[Link]] = {layer_id: [] for layer_id in self.tops}
        for link in self.design.links:
            if link.target in found and link.source in found:
                found[link.source].append(link)
        return found

    @cached_property
    def outputs(self) -> Mapping[str, tuple[Port, ...]]:
        """The output ports of the layers on the canvas."""
        return {layer.id: output_ports(layer) for layer in self.design.layers}

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Ids in topological order, earliest in the design first; layers on or behind a loop are left out."""
        rank = {layer_id: index for index, layer_id in enumerate(self.tops)}
        names = list(self.tops)
        missing = {layer_id: len(links) for layer_id, links in self.entering.items()}
        ready = [rank[layer_id] for layer_id, count in missing.items() if count == 0]
        heapq.heapify(ready)
        done: list[str] = []
        while ready:
            layer_id = names[heapq.heappop(ready)]
            done.append(layer_id)
            for link in self.leaving[layer_id]:
                missing[link.target] -= 1
                if missing[link.target] == 0:
                    heapq.heappush(ready, rank[link.target])
        return tuple(done)

    @cached_property
    def loops(self) -> tuple[tuple[Link, ...], ...]:
        """Wires that go round, one tuple per loop, no layer in two of them; the last wire closes the loop."""
        left = set(self.tops) - set(self.order)
        found: list[tuple[Link, ...]] = []
        for layer_id in self.tops:
            if layer_id in left:
                loop = self._loop(layer_id, left)
                if loop:
                    found.append(loop)
                    left -= {link.source for link in loop}
        return tuple(found)

    def _loop(self, start: str, among: set[str]) -> tuple[Link, ...]:
        """The shortest way from a layer back to itself."""
        came_by: dict[str, Link] = {}
        level = [start]
        while level:
            following: list[str] = []
            for layer_id in level:
                for link in self.leaving[layer_id]:
                    if link.target == start:
                        way = [link]
                        while way[-1].source != start:
                            way.append(came_by[way[-1].source])
                        return tuple(reversed(way))
                    if link.target in among and link.target not in came_by:
                        came_by[link.target] = link
                        following.append(link.target)
            level = following
        return ()

    def into(self, layer: Layer) -> list[tuple[Port, list[Link]]]:
        """The input ports of a layer on the canvas with the wires that end at each."""
        links = self.entering[layer.id]
        return [
            (port, [link for link in links if link.target_port == port.name]) for port in input_ports(layer)
        ]

    def feeding(self, layer_id: str) -> Sequence[Link]:
        """The wires that end at those ports of a layer on the canvas that have to be wired."""
        links = self.entering.get(layer_id, ())
        if len(links) < 2 and not any(link.target_port.startswith(INITIAL) for link in links):
            return links
        optional = {port.name for port in input_ports(self.tops[layer_id]) if port.optional}
        return [link for link in links if link.target_port not in optional]

    def feeder(self, layer_id: str) -> Layer | None:
        """The one layer that feeds a layer's first port, or the layer's wrapper; None where it is not just one."""
        owner = self.owners.get(layer_id)
        while owner is not None:
            layer_id = owner.id
            owner = self.owners.get(layer_id)
        links = self.feeding(layer_id)
        return self.tops[links[0].source] if len(links) == 1 else None
