"""The inside of ``build_model()``: a Sequential list, or Functional assignments to well-named variables."""

import ast
from collections.abc import Sequence

from rnn_designer.catalog import CATALOG, Part, TensorSpec
from rnn_designer.codegen.applying import applied, variables_of
from rnn_designer.codegen.calls import LayerCalls, part_arguments
from rnn_designer.codegen.generation import way_round
from rnn_designer.codegen.graph import Graph, is_input, origin
from rnn_designer.codegen.names import one_line, slug
from rnn_designer.codegen.states import unpacked
from rnn_designer.codegen.tree import Notes, assign, bind, call, docstring, list_of, literal, literals, name
from rnn_designer.design.model import Layer
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
    variables = variables_of(graph)
    statements: list[ast.stmt] = [_docstring(graph)]
    made: set[str] = set()
    for layer in graph.order:
        ports = graph.ports[layer.id]
        maker, shared = graph.maker(layer), variables.layers.get(origin(layer))
        callee: ast.expr
        if shared is None:
            callee = calls.constructor(layer, without=_left_out(layer))
        else:
            if shared not in made:
                constructor = calls.constructor(maker, without=_left_out(maker))
                statements.append(_owned(assign([shared], constructor), maker, notes))
            made.add(shared)
            callee = name(shared)
        targets = [variables.tensors[layer.id, port.name] for port in ports]
        value = callee if is_input(layer) else applied(graph, layer, callee, variables.tensors, notes)
        statements.append(_owned(bind(unpacked(layer, ports, targets), value), layer, notes))
        if _left_out(layer):
            # Outputs that nobody reads count too: other recurrent layers penalise all that they return.
            for port, target in zip(ports, targets, strict=True):
                suffix = "" if port.name == "output" else f"_{port.name}"
                penalty = _penalty(graph, layer, calls, notes, suffix)
                statements.append(_owned(assign([target], call(penalty, [name(target)])), layer, notes))
    inputs = [name(variables.tensors[layer.id, "output"]) for layer in graph.inputs]
    outputs = [name(variables.tensors[port]) for port in graph.outputs]
    model = call("keras.Model", [_one_or_list(inputs), _one_or_list(outputs)], {"name": _model_name(graph)})
    return [*statements, *_returned(model, weights_file)], _modules(calls, graph)


def _calls(graph: Graph, notes: Notes) -> LayerCalls:
    found = way_round(graph)
    if found is not None and found.carried:
        # The step model finds the layers by their names, also in the second model that a session builds.
        return LayerCalls(graph.names, notes, frozenset(CATALOG))
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
