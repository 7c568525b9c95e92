"""What every rule of the checker looks at: the graph, the tensors on it, and the words for layers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from rnn_designer.catalog import FrozenMap, TensorSpec
from rnn_designer.design.checking.flow import Flow
from rnn_designer.design.checking.graph import Graph
from rnn_designer.design.edits.layers import add, move, set_parameter
from rnn_designer.design.edits.links import splice
from rnn_designer.design.model import Design, Layer, Link, new_id
from rnn_designer.design.naming import new_layer
from rnn_designer.design.ports import output_ports
from rnn_designer.design.problems import Fix, Problem, Severity
from rnn_designer.design.refusal import Edit

Rule: TypeAlias = Callable[["Context"], Iterator[Problem]]
"""One group of checks: finds its problems in a design."""

BOX = (280.0, 120.0)
"""Room that a box with its wire takes on the canvas, for boxes that fixes place; scene units."""


@dataclass(frozen=True)
class Context:
    """A design with everything that was worked out about it."""

    graph: Graph
    flow: Flow

    @property
    def design(self) -> Design:
        """The design that is checked."""
        return self.graph.design

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """Every layer, wrapped ones after their wrappers."""
        return tuple(self.graph.every.values())

    def output(self, layer: Layer) -> TensorSpec | None:
        """The tensor at the first output port, if it is known."""
        ports = output_ports(layer)
        return self.flow.shapes.get((layer.id, ports[0].name)) if ports else None

    def arriving(self, layer: Layer) -> tuple[TensorSpec, ...]:
        """The tensors that arrive; none where they are not known."""
        return self.flow.inputs.get(layer.id, ())

    def top(self, layer: Layer) -> Layer:
        """The layer on the canvas that is or holds it."""
        owner = self.graph.owners.get(layer.id)
        return layer if owner is None else self.top(owner)

    def before(self, layer: Layer) -> Iterator[Layer]:
        """The layers on the one way back from a layer: its feeder, that one's feeder, and so on."""
        at = self.graph.feeder(layer.id)
        seen = {self.top(layer).id}
        while at is not None and at.id not in seen:
            seen.add(at.id)
            yield at
            at = self.graph.feeder(at.id)

    def after(self, layer: Layer) -> Iterator[Layer]:
        """Every layer on the canvas that gets something from this one, nearest first."""
        level, seen = [layer.id], {layer.id}
        while level:
            following: list[str] = []
            for layer_id in level:
                for link in self.graph.leaving.get(layer_id, ()):
                    if link.target not in seen:
                        seen.add(link.target)
                        following.append(link.target)
                        yield self.graph.tops[link.target]
            level = following

    def wire_into(self, layer: Layer) -> Link | None:
        """The one wire that feeds a layer on the canvas, apart from optional ports; None where it is not just one."""
        links = self.graph.feeding(layer.id)
        return links[0] if len(links) == 1 else None


def called(layer: Layer) -> str:
    """A layer in a sentence: LSTM ‘memory’."""
    return f"{layer.kind} ‘{layer.name}’"


def error(
    code: str,
    layer: Layer | None,
    message: str,
    *fixes: Fix,
    why: str,
    parameter: str | None = None,
) -> Problem:
    """A problem that keeps the layer from running."""
    return Problem(layer.id if layer else None, parameter, Severity.ERROR, message, code, fixes, why)


def warning(
    code: str,
    layer: Layer | None,
    message: str,
    *fixes: Fix,
    why: str,
    parameter: str | None = None,
) -> Problem:
    """A problem that lets the layer run, probably not as meant."""
    return Problem(layer.id if layer else None, parameter, Severity.WARNING, message, code, fixes, why)


def information(
    code: str,
    layer: Layer | None,
    message: str,
    *fixes: Fix,
    why: str,
    parameter: str | None = None,
) -> Problem:
    """Something worth knowing."""
    return Problem(layer.id if layer else None, parameter, Severity.INFORMATION, message, code, fixes, why)


def setting(label: str, layer: Layer, parameter: str, value: object) -> Fix:
    """The fix that sets one parameter."""
    return Fix(label, set_parameter(layer.id, parameter, value))


def inserting(label: str, kind: str, link: Link, **params: object) -> Fix:
    """The fix that puts a new layer into a wire, half way between its ends, and moves what follows aside for it."""
    fresh = new_id()

    def edit(design: Design) -> Design:
        source, target = design.layer(link.source).position, design.layer(link.target).position
        wider = _with_room(design, source, target)
        target = wider.layer(link.target).position
        position = ((source[0] + target[0]) / 2, (source[1] + target[1]) / 2)
        layer = _made(wider, kind, position, fresh, params)
        return splice(layer, link)(wider)

    return Fix(label, edit)


def appending(label: str, kind: str, link: Link, **params: object) -> Fix:
    """The fix that puts a new layer behind the port that the wire starts from, to the right of its layer."""
    fresh = new_id()

    def edit(design: Design) -> Design:
        x, y = design.layer(link.source).position
        layer = _made(design, kind, (x + BOX[0], y), fresh, params)
        return _linked(add(layer)(design), Link(link.source, fresh, link.source_port))

    return Fix(label, edit)


def one_id_per_step(context: Context, embedding: Layer) -> Fix | None:
    """The fix for an Embedding that gets (batch, time, 1) straight from an Input: the Input's last axis goes."""
    feeder = context.graph.feeder(embedding.id)
    arriving = context.arriving(embedding)
    shape = feeder.value("shape") if feeder is not None and feeder.kind == "Input" else None
    if feeder is None or not isinstance(shape, tuple) or len(shape) != 2:
        return None
    if not arriving or arriving[0].features != 1:
        return None
    return setting(f"Drop the feature axis of ‘{feeder.name}’", feeder, "shape", shape[:1])


def adding_input(label: str, before: Layer, port: str, shape: tuple[int | None, ...]) -> Fix:
    """The fix that places an Input to the left of a layer and connects it."""
    fresh = new_id()

    def edit(design: Design) -> Design:
        x, y = design.layer(before.id).position
        layer = _made(design, "Input", (x - BOX[0], y), fresh, {"shape": shape})
        with_input = add(layer)(design)
        return _linked(with_input, Link(fresh, before.id, "output", port))

    return Fix(label, edit)


def _with_room(design: Design, source: tuple[float, float], target: tuple[float, float]) -> Design:
    """The design with room for a box between two places in a row: all that stands further right is moved on."""
    gap = target[0] - source[0]
    if not 0 < gap < 2 * BOX[0] or abs(target[1] - source[1]) >= BOX[1]:
        return design
    further = {
        each.id: (each.position[0] + 2 * BOX[0] - gap, each.position[1])
        for each in design.layers
        if each.position[0] >= target[0] and abs(each.position[1] - target[1]) < BOX[1]
    }
    return move(further)(design)


def _made(
    design: Design, kind: str, position: tuple[float, float], fresh: str, params: dict[str, object]
) -> Layer:
    made = new_layer(design, kind, position)
    return Layer(fresh, kind, made.name, FrozenMap({**made.params, **params}), made.position, made.children)


def _linked(design: Design, link: Link) -> Design:
    from rnn_designer.design.edits.links import connect

    return connect(link)(design)


def turned_on(layer: Layer, parameter: str, value: object) -> Edit:
    """An edit that sets a parameter of a recurrent layer, or of every layer inside a wrapper around some."""
    targets = [each for each in layer.walk() if each.type.recurrent and parameter in each.type.by_name] or [
        layer
    ]

    def edit(design: Design) -> Design:
        for each in targets:
            design = set_parameter(each.id, parameter, value)(design)
        return design

    return edit
