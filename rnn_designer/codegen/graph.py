"""The part of a design that becomes code: which layers, in which order, and which of their outputs are used.

The order decides the names that Keras would give by itself, so everything that speaks of "source order" takes
it from here.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

from rnn_designer.catalog import Parameter, Port
from rnn_designer.codegen.names import keras_names
from rnn_designer.design.model import Design, Layer, Link
from rnn_designer.design.problems import Checked, PortRef, Severity

Planned: TypeAlias = tuple[str, str, str, tuple["Planned", ...], str]
"""A layer's id, Keras name, kind, the same of its wrapped layers, and the id of the layer that it calls once more."""


@dataclass(frozen=True)
class Graph:
    """The layers of a runnable design and their wires, in the order of the exported source."""

    checked: Checked

    @property
    def design(self) -> Design:
        """The design behind it."""
        return self.checked.design

    @cached_property
    def by_id(self) -> dict[str, Layer]:
        """The layers on the canvas by id."""
        return {layer.id: layer for layer in self.design.layers}

    @cached_property
    def names(self) -> dict[str, str]:
        """The Keras name of every layer by id, wrapped layers included."""
        return keras_names(self.design)

    @cached_property
    def incoming(self) -> dict[str, tuple[Link, ...]]:
        """The wires that end at each layer, in the design's order."""
        found: dict[str, list[Link]] = {layer.id: [] for layer in self.design.layers}
        for link in self.design.links:
            found[link.target].append(link)
        return {layer: tuple(links) for layer, links in found.items()}

    @cached_property
    def outgoing(self) -> dict[str, tuple[Link, ...]]:
        """The wires that start at each layer, in the design's order."""
        found: dict[str, list[Link]] = {layer.id: [] for layer in self.design.layers}
        for link in self.design.links:
            found[link.source].append(link)
        return {layer: tuple(links) for layer, links in found.items()}

    @cached_property
    def ports(self) -> dict[str, tuple[Port, ...]]:
        """The output ports of each layer on the canvas."""
        return {
            layer.id: layer.type.outputs(layer.values(), layer.call.children) for layer in self.design.layers
        }

    @cached_property
    def order(self) -> tuple[Layer, ...]:
        """The layers such that each follows what it needs, and a chain stays together where it can."""
        missing = {layer: len(links) for layer, links in self.incoming.items()}
        ready = [layer.id for layer in reversed(self.design.layers) if not missing[layer.id]]
        order: list[Layer] = []
        while ready:
            current = ready.pop()
            order.append(self.by_id[current])
            freed: list[str] = []
            for link in self.outgoing[current]:
                missing[link.target] -= 1
                if not missing[link.target]:
                    freed.append(link.target)
            ready.extend(reversed(freed))
        return tuple(order)

    @cached_property
    def callers(self) -> dict[str, tuple[Layer, ...]]:
        """The boxes that call one and the same layer, in source order, by the id of the shared original."""
        found: dict[str, list[Layer]] = {}
        for layer in self.order:
            found.setdefault(origin(layer), []).append(layer)
        return {shared: tuple(boxes) for shared, boxes in found.items()}

    def maker(self, layer: Layer) -> Layer:
        """The box by which the layer is made: the shared original, or the first that calls it if that is absent."""
        return self.by_id.get(origin(layer)) or self.callers[origin(layer)][0]

    def shared(self, layer: Layer) -> bool:
        """Whether the program calls the layer more than once."""
        return len(self.callers[origin(layer)]) > 1

    @cached_property
    def inputs(self) -> tuple[Layer, ...]:
        """The Inputs of the model, in the design's order."""
        return tuple(layer for layer in self.design.layers if is_input(layer))

    @cached_property
    def outputs(self) -> tuple[PortRef, ...]:
        """The outputs of the model: every port of each layer that nothing follows, in the design's order."""
        return tuple(
            (layer.id, port.name)
            for layer in self.design.layers
            if not self.outgoing[layer.id]
            for port in self.ports[layer.id]
        )

    @cached_property
    def chain(self) -> bool:
        """Whether it is one line from one Input to one output, as Sequential needs it."""
        return self.why_no_chain is None

    @cached_property
    def why_no_chain(self) -> str | None:
        """What keeps it from being a Sequential model, as a clause; None if nothing does."""
        if len(self.inputs) != 1:
            return f"it has {len(self.inputs)} Inputs"
        for layer in self.order:
            if len(self.ports[layer.id]) > 1:
                return f"“{layer.name}” has {len(self.ports[layer.id])} outputs"
            if self.shared(layer):
                return f"“{self.maker(layer).name}” is called {len(self.callers[origin(layer)])} times"
            given = next((each for each in layer.type.parameters if at_call(layer, each)), None)
            if given is not None:
                return f"“{layer.name}” is called with {given.label}"
            if len(self.outgoing[layer.id]) > 1:
                return f"“{layer.name}” feeds more than one layer"
            if len(self.incoming[layer.id]) > 1 or any(port.many for port in layer.type.inputs):
                return f"“{layer.name}” merges several tensors"
        if len(self.outputs) != 1:
            return f"it has {len(self.outputs)} outputs"
        return None


def is_input(layer: Layer) -> bool:
    """Whether the layer is where samples enter: it has no input ports."""
    return not layer.type.inputs


def origin(layer: Layer) -> str:
    """The id of the layer whose weights it uses: its own, or that of the one that it calls once more."""
    return layer.shares or layer.id


def at_call(layer: Layer, parameter: Parameter) -> bool:
    """Whether the parameter has to be written out where the layer is called."""
    return parameter.at_call and layer.value(parameter.name) != parameter.default


def runnable_part(checked: Checked, withheld: frozenset[str] = frozenset()) -> Checked | None:
    """The design reduced to what can run now.

    Faulty layers and everything that hangs on them are left out, and so are cells without an RNN around them and
    layers that no Input reaches. What is left keeps its shapes; a layer whose followers are gone becomes an
    output.

    Args:
        checked: a design, checked.
        withheld: ids of layers, inner ones or not, that must not run, such as cells whose code is not trusted.

    Returns:
        A checked design without errors, or None if no layer but Inputs is left.
    """
    design = checked.design
    inputs = {layer.id for layer in design.layers if is_input(layer)}
    computing = _without_followers(design, checked.runnable - inputs, withheld)
    fed = {link.source for link in design.links if link.target in computing}
    kept = computing | (fed & inputs)
    if not computing:
        return None
    layers = tuple(layer for layer in design.layers if layer.id in kept)
    within = {inner.id for layer in layers for inner in layer.walk()}
    return Checked(
        design=replace(
            design,
            layers=layers,
            links=tuple(link for link in design.links if link.source in kept and link.target in kept),
        ),
        order=tuple(layer for layer in checked.order if layer in kept),
        shapes={port: spec for port, spec in checked.shapes.items() if port[0] in within},
        inputs={layer: specs for layer, specs in checked.inputs.items() if layer in within},
        counts={layer: count for layer, count in checked.counts.items() if layer in within},
        problems=tuple(
            problem
            for problem in checked.problems
            if problem.severity is not Severity.ERROR and (problem.layer is None or problem.layer in within)
        ),
        runnable=frozenset(kept),
    )


def _without_followers(design: Design, runnable: frozenset[str], withheld: frozenset[str]) -> frozenset[str]:
    """The runnable layers but for cells alone, those withheld, and all that is fed by one left out."""
    left_out = {
        layer.id
        for layer in design.layers
        if layer.type.cell
        or any(inner.id in withheld or (inner.shares or "") in withheld for inner in layer.walk())
    }
    waiting = list(left_out)
    followers: dict[str, list[str]] = {}
    for link in design.links:
        followers.setdefault(link.source, []).append(link.target)
    while waiting:
        new = [each for each in followers.get(waiting.pop(), ()) if each not in left_out]
        left_out.update(new)
        waiting.extend(new)
    return runnable - left_out


def planned(checked: Checked) -> tuple[Planned, ...]:
    """Who the layers of :func:`runnable_part` are, in source order.

    A layer that calls another once more has that one's Keras names.
    """
    graph = Graph(checked)
    return tuple(_planned(layer, graph.maker(layer), graph.names) for layer in graph.order)


def _planned(layer: Layer, maker: Layer, names: dict[str, str]) -> Planned:
    pairs = zip(layer.children, maker.children, strict=True)
    children = tuple(_planned(child, made, names) for child, made in pairs)
    return layer.id, names[maker.id], layer.kind, children, layer.shares or ""
