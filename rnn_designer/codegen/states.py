"""States in the exported program: how those that a layer returns are unpacked, and what it is started with."""

import ast
from collections.abc import Sequence
from typing import Any

from rnn_designer.catalog import CellState, Port
from rnn_designer.catalog.states import carried_by, in_places, initial_port
from rnn_designer.codegen.graph import Graph
from rnn_designer.codegen.names import CONSTANT_FRAMES, CONSTANT_STATE
from rnn_designer.codegen.tree import assign, call, docstring, dotted, function, list_of, literal, name
from rnn_designer.design.model import Layer
from rnn_designer.design.problems import PortRef

_INITIAL = "initial_state"


def constant_states(layer: Layer) -> tuple[Any, ...] | None:
    """What the layer's states begin with in every sample, by the design; None where Keras' zeros do."""
    if _INITIAL not in layer.type.by_name:
        return None
    values: tuple[Any, ...] | None = layer.value(_INITIAL)
    return values


def unpacked(layer: Layer, ports: Sequence[Port], names: Sequence[str]) -> ast.expr:
    """The target to which the layer's result is assigned: ``x``, or ``x, (a_h, a_c), b_h`` for a stack.

    Args:
        layer: a layer on the canvas.
        ports: its output ports.
        names: a variable for each of them.
    """
    if len(ports) == 1:
        return _stored(names[0])
    outputs = [each for each, port in zip(names, ports, strict=True) if not port.state]
    states = names[len(outputs) :]
    return _stored([*outputs, *(in_places(carried(layer), states) if states else ())])


def _stored(nested: str | list[Any]) -> ast.expr:
    if isinstance(nested, str):
        return ast.Name(nested, ast.Store())
    return ast.Tuple([_stored(each) for each in nested], ast.Store())


def carried(layer: Layer) -> tuple[CellState, ...]:
    """The states that the layer hands from step to step, in Keras' order."""
    return carried_by(layer.call)


def initial_states(
    graph: Graph, layer: Layer, sequence: ast.expr, variables: dict[PortRef, str]
) -> ast.expr | None:
    """The argument ``initial_state`` of the layer's call; None where the states begin with Keras' zeros.

    A lone state goes without a list around it. For stacks, Keras takes the nested list that it returns and no
    flat one.
    """
    states = carried(layer)
    ports = {initial_port(state) for state in states}
    wired = {
        link.target_port: name(variables[link.source, link.source_port])
        for link in graph.incoming[layer.id]
        if link.target_port in ports
    }
    constants = constant_states(layer)
    values: list[ast.expr]
    if wired:
        values = [wired[initial_port(state)] for state in states]
    elif constants is not None:
        pairs = zip(states, constants, strict=True)
        values = [_constant(graph, layer, state, value, sequence) for state, value in pairs]
    else:
        return None
    return values[0] if len(values) == 1 else _listed(in_places(states, values))


def _listed(nested: ast.expr | list[Any]) -> ast.expr:
    return list_of(map(_listed, nested)) if isinstance(nested, list) else nested


def _constant(graph: Graph, layer: Layer, state: CellState, value: Any, sequence: ast.expr) -> ast.expr:
    given = list_of(map(literal, value)) if isinstance(value, tuple) else literal(value)
    sizes = _sizes(graph, layer, state)
    if len(sizes) == 1:
        return call(CONSTANT_STATE, [sequence, literal(sizes[0]), given])
    return call(CONSTANT_FRAMES, [sequence, literal(sizes), given])


def _sizes(graph: Graph, layer: Layer, state: CellState) -> tuple[Any, ...]:
    """The state's axes without the batch; those of a ConvLSTM are its output's, of one in a Bidirectional too."""
    if state.sizes is not None:
        return state.sizes
    holder = layer
    if layer.children:
        holder = layer.children[-1 if state.path.startswith("backward/") else 0]
    spec = graph.checked.shapes[holder.id, "output"]
    return spec.sizes[-(spec.rank - 2 if holder.value("return_sequences") else spec.rank - 1) :]


def helper_functions(graph: Graph) -> list[ast.stmt]:
    """The functions that make constant initial states, as far as the design needs them."""
    ranks = {
        len(_sizes(graph, layer, state))
        for layer in graph.order
        if constant_states(layer) is not None
        for state in carried(layer)
    }
    helpers: list[ast.stmt] = []
    if 1 in ranks:
        helpers.append(_constant_state())
    if ranks - {1}:
        helpers.append(_constant_frames())
    return helpers


def _filled(shape: str) -> ast.stmt:
    """``return keras.ops.full_like(keras.ops.tile(first, <shape>), keras.ops.array(value))``.

    Only operations that the catalog has no layer for: those count and name themselves apart from layers. Nothing
    is computed with the sequence's numbers, so that no NaN comes through. JAX takes no list to fill with.
    """
    tiled = call("keras.ops.tile", [name("first"), ast.parse(shape, mode="eval").body])
    filling = call("keras.ops.array", [name("value")])
    return ast.Return(call("keras.ops.full_like", [tiled, filling]))


def _constant_state() -> ast.stmt:
    """The function for states of units, ``(batch, units)``."""
    return function(
        CONSTANT_STATE,
        dotted("keras.KerasTensor"),
        [
            docstring("Make an initial state, the same for every sample: one value, or one per unit."),
            assign(["first"], ast.parse("sequence[:, 0, :1]", mode="eval").body),
            _filled("(1, units)"),
        ],
        {"sequence": "keras.KerasTensor", "units": "int", "value": "float | list[float]"},
    )


def _constant_frames() -> ast.stmt:
    """The function for states of frames, ``(batch, rows, …, filters)``."""
    corner = "sequence[(slice(None), 0) + (slice(1),) * len(shape)]"
    return function(
        CONSTANT_FRAMES,
        dotted("keras.KerasTensor"),
        [
            docstring("Make an initial state of frames with the same value everywhere."),
            assign(["first"], ast.parse(corner, mode="eval").body),
            _filled("(1, *shape)"),
        ],
        {"sequence": "keras.KerasTensor", "shape": "tuple[int, ...]", "value": "float"},
    )
