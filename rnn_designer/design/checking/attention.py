"""Refusals of attention layers as problems, with the fixes that bring query, value and key together."""

from math import prod

from rnn_designer.catalog import RuleError
from rnn_designer.design.checking.context import Context, inserting, turned_on
from rnn_designer.design.checking.refusals import plain
from rnn_designer.design.edits import chain
from rnn_designer.design.edits.layers import reset_parameter
from rnn_designer.design.edits.links import connect, disconnect
from rnn_designer.design.model import Layer, Link
from rnn_designer.design.ports import carried, output_ports
from rnn_designer.design.problems import Fix, Problem

_WHY = (
    "Attention compares every step of the query with every step of the key, and mixes the steps of the value by how "
    "well they match. So each of them is a sequence, (batch, time, features); query and key need the same number of "
    "features, value and key the same number of steps. Without a wire at key the value is the key as well."
)


def attention_rank(context: Context, layer: Layer, refusal: RuleError) -> Problem:
    """A query, value or key that is no sequence."""
    wire = _wire(context, layer, refusal.facts.get("port"))
    tensor = None if wire is None else context.flow.shapes.get((wire.source, wire.source_port))
    fixes: list[Fix] = []
    if wire is not None and tensor is not None and tensor.rank < 3:
        start = context.graph.tops[wire.source]
        if carried(start):
            main = output_ports(start)[0].name
            edits = [turned_on(start, "return_sequences", True)]
            if wire.source_port != main:
                edits.insert(0, connect(Link(wire.source, wire.target, main, wire.target_port)))
            fixes.append(Fix(f"Take the whole sequence of ‘{start.name}’", chain(*edits)))
        fixes.append(inserting("Make it a sequence of one step", "RepeatVector", wire, n=1))
    elif wire is not None and tensor is not None and None not in tensor.sizes[1:]:
        target = (tensor.sizes[1], prod(size or 1 for size in tensor.sizes[2:]))
        fixes.append(
            inserting(f"Make it a sequence: Reshape to {target}", "Reshape", wire, target_shape=target)
        )
    return plain(context, layer, refusal, *fixes, *_on_itself(context, layer), why=_WHY)


def attention_mismatch(context: Context, layer: Layer, refusal: RuleError) -> Problem:
    """Query, value and key that do not go together."""
    fixes: list[Fix] = []
    query, against = refusal.facts.get("query"), refusal.facts.get("against")
    other = _wire(context, layer, refusal.facts.get("port"))
    first = _wire(context, layer, "query")
    if other is not None and first is not None and isinstance(query, int) and isinstance(against, int):
        fixes.append(
            inserting(f"Bring the query to {against} features with a Dense", "Dense", first, units=against)
        )
        name = other.target_port
        fixes.append(
            inserting(f"Bring the {name} to {query} features with a Dense", "Dense", other, units=query)
        )
    key = _wire(context, layer, "key")
    if key is not None:
        fixes.append(Fix("Use the value as the key", disconnect(key)))
    if layer.params.get("attention_axes") is not None:
        fixes.append(Fix("Look along all axes", reset_parameter(layer.id, "attention_axes")))
    return plain(context, layer, refusal, *fixes, *_on_itself(context, layer), why=_WHY)


def attention_axes(context: Context, layer: Layer, refusal: RuleError) -> Problem:
    """Axes to look along that the tensor has not got."""
    fix = Fix("Look along all axes", reset_parameter(layer.id, "attention_axes"))
    return plain(context, layer, refusal, fix, why=_WHY)


def _wire(context: Context, layer: Layer, port: object) -> Link | None:
    """The wire at one port of the layer."""
    return next((link for link in context.graph.entering[layer.id] if link.target_port == port), None)


def _on_itself(context: Context, layer: Layer) -> list[Fix]:
    """Let a sequence look at itself: whichever of the two is one."""
    for port, other in (("query", "value"), ("value", "query")):
        wire = _wire(context, layer, port)
        tensor = None if wire is None else context.flow.shapes.get((wire.source, wire.source_port))
        if wire is None or tensor is None or tensor.rank != 3 or tensor.features is None:
            continue
        edits = [connect(Link(wire.source, wire.target, wire.source_port, other))]
        key = _wire(context, layer, "key")
        if key is not None:
            edits.append(disconnect(key))
        name = context.graph.tops[wire.source].name
        return [Fix(f"Let ‘{name}’ look at itself", chain(*edits))]
    return []


HANDLERS = {
    "attention_rank": attention_rank,
    "attention_mismatch": attention_mismatch,
    "attention_axes": attention_axes,
}
"""What tells refusals of attention layers."""
