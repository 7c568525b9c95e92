"""The inside of ``build_model()``: a Sequential list, or Functional assignments to well-named variables."""

import ast
from collections.abc import Sequence

from rnn_designer.catalog import Part, TensorSpec
from rnn_designer.codegen.calls import LayerCalls, part_arguments
from rnn_designer.codegen.graph import Graph, is_input
from rnn_designer.codegen.names import Variables, one_line, slug
from rnn_designer.codegen.tree import Notes, assign, call, docstring, list_of, literal, literals, name
from rnn_designer.design.model import Layer, Link
from rnn_designer.design.problems import PortRef

_AS_A_LAYER = "Keras drops a SimpleRNN's own activity_regularizer, so the penalty is a layer."
_PENALTY = "activity_regularizer"
_FACTORS = ("L1", "L2", "L1L2")


def sequential_body(graph: Graph, notes: Notes, weights_file: str | None) -> tuple[list[ast.stmt], set[str]]:
    """The statements of ``build_model()`` for a chain, and the Keras modules that they use."""
    calls = _calls(graph, notes)
    elements: list[ast.expr] = []
    for layer in graph.order:
        elements.append(calls.constructor(layer, without=_left_out(layer)))
        if _left_out(layer):
            elements.append(_penalty(graph, layer, calls, notes, ""))
    model = call("keras.Sequential", [list_of(elements)], {"name": _model_name(graph)})
    return [_docstring(graph), *_returned(model, weights_file)], _modules(calls, graph)


def functional_body(graph: Graph, notes: Notes, weights_file: str | None) -> tuple[list[ast.stmt], set[str]]:
    """The statements of ``build_model()`` for any graph, and the Keras modules that they use."""
    calls = _calls(graph, notes)
    variables = _variables(graph)
    statements: list[ast.stmt] = [_docstring(graph)]
    for layer in graph.order:
        targets = [variables[layer.id, port.name] for port in graph.ports[layer.id]]
        made: ast.expr = calls.constructor(layer, without=_left_out(layer))
        if not is_input(layer):
            made = _applied(graph, layer, made, variables)
        statements.append(_owned(assign(targets, made), layer, notes))
        if _left_out(layer):
            # Outputs that nobody reads count too: other recurrent layers penalise all that they return.
            for port, target in zip(graph.ports[layer.id], targets, strict=True):
                suffix = "" if port.name == "output" else f"_{port.name}"
                penalty = _penalty(graph, layer, calls, notes, suffix)
                statements.append(_owned(assign([target], call(penalty, [name(target)])), layer, notes))
    inputs = [name(variables[layer.id, "output"]) for layer in graph.inputs]
    outputs = [name(variables[port]) for port in graph.outputs]
    model = call("keras.Model", [_one_or_list(inputs), _one_or_list(outputs)], {"name": _model_name(graph)})
    return [*statements, *_returned(model, weights_file)], _modules(calls, graph)


def _calls(graph: Graph, notes: Notes) -> LayerCalls:
    # Keras' mask arithmetic on symbolic tensors takes numbers from the merge layers' counters.
    masked = any(spec.masked for spec in graph.checked.shapes.values())
    merging = {layer.kind for layer in graph.design.layers if any(port.many for port in layer.type.inputs)}
    joining = [graph.names[layer.id] for layer in graph.order if layer.kind == "Concatenate"]
    if joining == ["concatenate"]:
        # Without a name it comes first in its counter, and the arithmetic takes the next number. With one,
        # the arithmetic would take the layer's own name, which Keras refuses once the mask is used.
        merging.discard("Concatenate")
    return LayerCalls(graph.names, notes, frozenset(merging) if masked else frozenset())


def _modules(calls: LayerCalls, graph: Graph) -> set[str]:
    return {*calls.modules, "layers"} if len(graph.order) > len(graph.inputs) else set(calls.modules)


def _owned(statement: ast.Assign, layer: Layer, notes: Notes) -> ast.Assign:
    notes.owner[statement] = layer.id
    return statement


def _applied(graph: Graph, layer: Layer, constructor: ast.expr, variables: dict[PortRef, str]) -> ast.Call:
    """The layer called on its inputs: the first port by position, further ones by their names."""
    positional: list[ast.expr] = []
    keywords: dict[str, ast.expr] = {}
    for port in layer.type.inputs:
        links = [link for link in graph.incoming[layer.id] if link.target_port == port.name]
        if not links:
            continue
        tensors: list[ast.expr] = [name(variables[link.source, link.source_port]) for link in links]
        value = list_of(tensors) if port.many else tensors[0]
        if port is layer.type.inputs[0]:
            positional.append(value)
        else:
            keywords[port.name] = value
    return call(constructor, positional, keywords)


def _variables(graph: Graph) -> dict[PortRef, str]:
    """A variable for each output port: ``x`` along a chain, the layer's name where several are alive."""
    variables = Variables()
    names: dict[PortRef, str] = {}
    terminal = set(graph.outputs)
    for place, layer in enumerate(graph.order):
        ports = graph.ports[layer.id]
        outgoing = graph.outgoing[layer.id]
        following = graph.order[place + 1] if place + 1 < len(graph.order) else None
        if len(ports) == 1 and not is_input(layer) and _passes_straight_on(graph, outgoing, following):
            names[layer.id, ports[0].name] = "x"
            continue
        base = variables.name(graph.names[layer.id], slug(layer.kind, "layer"))
        used = {link.source_port for link in outgoing}
        for port in ports:
            wanted = base if port.name == "output" else variables.name(f"{base}_{port.name}", "tensor")
            unused = port.name not in used and (layer.id, port.name) not in terminal
            names[layer.id, port.name] = f"_{wanted}" if unused else wanted
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


def _left_out(layer: Layer) -> frozenset[str]:
    """The parameter that Keras would drop, and that becomes a layer of its own instead."""
    dropped = layer.kind == "SimpleRNN" and isinstance(layer.params.get(_PENALTY), Part)
    return frozenset({_PENALTY} if dropped else ())


def _penalty(graph: Graph, layer: Layer, calls: LayerCalls, notes: Notes, suffix: str) -> ast.Call:
    """A layer that passes on what it is given and adds the penalty of the SimpleRNN before it."""
    part = layer.params[_PENALTY]
    wanted = f"{graph.names[layer.id]}{suffix}_activity"
    taken = set(graph.names.values())
    while wanted in taken:
        wanted += "_1"
    if part.kind in _FACTORS:
        factors = {name: value for name, value in part_arguments("regularizers", part).items() if value}
        node = call("layers.ActivityRegularization", (), {**literals(factors), "name": literal(wanted)})
    else:
        penalty = {_PENALTY: calls.part("regularizers", part)}
        node = call("layers.Identity", (), {**penalty, "name": literal(wanted)})
    notes.owner[node] = layer.id
    if not suffix:
        notes.comment[node] = _AS_A_LAYER
    return node


def _one_or_list(nodes: Sequence[ast.expr]) -> ast.expr:
    return nodes[0] if len(nodes) == 1 else list_of(nodes)


def _model_name(graph: Graph) -> ast.expr:
    return literal(slug(graph.design.name, "model"))


def _returned(model: ast.expr, weights_file: str | None) -> list[ast.stmt]:
    if weights_file is None:
        return [ast.Return(model)]
    beside = ast.Attribute(call("Path", [name("__file__")]), "with_name", ast.Load())
    path = call(beside, [literal(weights_file)])
    return [
        assign(["model"], model),
        ast.Expr(call("model.load_weights", [path])),
        ast.Return(name("model")),
    ]


def _docstring(graph: Graph) -> ast.Expr:
    lines = ["Build the model.", "", "Inputs:" if len(graph.inputs) > 1 else "Input:"]
    shapes = graph.checked.shapes
    lines += [
        f"    {one_line(layer.name)}: {axes(shapes.get((layer.id, 'output')))}" for layer in graph.inputs
    ]
    lines += ["", "Outputs:" if len(graph.outputs) > 1 else "Output:"]
    lines += [f"    {label(graph, port)}: {axes(shapes.get(port))}" for port in graph.outputs]
    return docstring("\n    ".join(lines).replace("\n    \n", "\n\n") + "\n    ")


def label(graph: Graph, port: PortRef) -> str:
    """What the program calls a model output: the layer's name, and which of its outputs if it has several."""
    layer = graph.by_id[port[0]]
    return one_line(layer.name) + ("" if len(graph.ports[layer.id]) == 1 else f" {port[1]}")


def axes(spec: TensorSpec | None) -> str:
    """A shape with named axes as a docstring writes it: ``(batch, time, features=64)``."""
    if spec is None:
        return "(unknown)"
    return (
        "("
        + ", ".join(
            axis if size is None else f"{axis}={size}"
            for axis, size in zip(spec.axes, spec.sizes, strict=True)
        )
        + ")"
    )
