"""Layers called on tensors: which variable holds which tensor, and in what form each call takes its own."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from rnn_designer.codegen.custom import defined_names
from rnn_designer.codegen.graph import Graph, at_call, is_input, origin
from rnn_designer.codegen.names import Variables, slug
from rnn_designer.codegen.states import initial_states
from rnn_designer.codegen.tree import Notes, call, list_of, literal, name
from rnn_designer.design.model import Layer, Link
from rnn_designer.design.ports import input_ports
from rnn_designer.design.problems import PortRef

_MASK_DROPPED = "Beside initial states, Keras overlooks a sequence's own mask: it is handed over."


@dataclass(frozen=True)
class VariableNames:
    """The variables of a functional program.

    Attributes:
        tensors: the variable of each output port of the layers on the canvas.
        layers: that of each layer that is called several times, by the id of the shared original.
    """

    tensors: dict[PortRef, str]
    layers: dict[str, str]


def variables_of(graph: Graph) -> VariableNames:
    """A variable for each output port: ``x`` along a chain, the layer's name where several are alive.

    A layer that is called several times has one too, ``encoder``; its outputs are ``encoder_output`` then.
    """
    variables = Variables(defined_names(graph))
    names = VariableNames({}, {})
    terminal = set(graph.outputs)
    for place, layer in enumerate(graph.order):
        ports = graph.ports[layer.id]
        outgoing = graph.outgoing[layer.id]
        following = graph.order[place + 1] if place + 1 < len(graph.order) else None
        shared = graph.shared(layer)
        if shared and origin(layer) not in names.layers:
            maker = graph.maker(layer)
            names.layers[origin(layer)] = variables.name(graph.names[maker.id], slug(maker.kind, "layer"))
        if len(ports) == 1 and not is_input(layer) and _passes_straight_on(graph, outgoing, following):
            names.tensors[layer.id, ports[0].name] = "x"
            continue
        base = graph.names[layer.id]
        if not shared:
            base = variables.name(base, slug(layer.kind, "layer"))
        used = {link.source_port for link in outgoing}
        for port in ports:
            own = port.name == "output" and not shared
            wanted = base if own else variables.name(f"{base}_{port.name}", "tensor")
            unused = port.name not in used and (layer.id, port.name) not in terminal
            names.tensors[layer.id, port.name] = f"_{wanted}" if unused else wanted
    return names


def _passes_straight_on(graph: Graph, outgoing: Sequence[Link], following: Layer | None) -> bool:
    """Whether only the next statement reads the output, or only the model's own list of outputs."""
    if not outgoing:
        return len(graph.outputs) == 1
    return (
        len(outgoing) == 1
        and following is not None
        and outgoing[0].target == following.id
        and len(graph.incoming[following.id]) == 1
    )


def applied(
    graph: Graph, layer: Layer, callee: ast.expr, variables: dict[PortRef, str], notes: Notes
) -> ast.Call:
    """The layer called on its inputs, in the form that its class takes them.

    Mostly that is the first port by position and further ones by their names; some take one list of all. Initial
    states are apart from both.
    """
    tensors: dict[str, ast.expr] = {}
    for port in input_ports(layer):
        links = [link for link in graph.incoming[layer.id] if link.target_port == port.name]
        if links and not port.state:
            found: list[ast.expr] = [name(variables[link.source, link.source_port]) for link in links]
            tensors[port.name] = list_of(found) if port.many else found[0]
    listed = layer.type.call_style == "list"
    first, *others = tensors.values()
    positional = [list_of([first, *others])] if listed else [first]
    keywords = {} if listed else dict(list(tensors.items())[1:])
    states = initial_states(graph, layer, first, variables)
    masked = states is not None and graph.checked.inputs[layer.id][0].masked
    if masked:
        keywords["mask"] = ast.Attribute(first, "_keras_mask", ast.Load())
    if states is not None:
        keywords["initial_state"] = states
    for parameter in layer.type.parameters:
        if at_call(layer, parameter) and parameter.name not in ("initial_state", *keywords):
            keywords[parameter.name] = literal(layer.value(parameter.name))
    made = call(callee, positional, keywords)
    if masked:
        notes.comment[made] = _MASK_DROPPED
    return made
