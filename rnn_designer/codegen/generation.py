"""The part of the exported program that continues sequences: a model of one step, and the loop that feeds it.

Where all that a model remembers are states of recurrent layers, the step model has an Input for each of them, runs
the very cells of the model, and is given one step at a time. Where it remembers more (a causal window, a mask,
attention), the loop computes the whole sequence again for each step. Both give the same numbers; the first is
quicker.
"""

import ast
import re
import textwrap
from dataclasses import dataclass
from typing import Any, TypeGuard

from rnn_designer.catalog import CellState
from rnn_designer.catalog.states import in_places
from rnn_designer.codegen.graph import Graph
from rnn_designer.codegen.names import Variables, slug
from rnn_designer.codegen.tree import Notes, assign, call, docstring, dotted, function, list_of, literal, name
from rnn_designer.design.generating import Feedback, Memory, feedback
from rnn_designer.design.model import Layer

CALLED = frozenset(
    {
        "build_step_model",
        "draw",
        "generate",
        "keras.ops.argmax",
        "keras.ops.concatenate",
        "keras.ops.convert_to_tensor",
        "keras.ops.log",
        "keras.ops.zeros",
        "keras.random.SeedGenerator",
        "keras.random.categorical",
        "keras.tree.flatten",
        "layers.RNN",
        "len",
        "model",
        "model.get_layer",
        "pieces.append",
        "range",
        "step_model",
        "step_model.predict_on_batch",
    }
)
"""What this part of a program may call, besides what every program does."""

_DRAW = '''
def draw(scores, temperature, seed_generator):
    """Draw the next token of each sample.

    Args:
        scores: one for each token, `(batch, tokens)`: logarithms of probabilities.
        temperature: 0 takes the likeliest token, 1 draws by the probabilities, more
            makes them more alike.
        seed_generator: a `keras.random.SeedGenerator`.

    Returns:
        Token numbers, `(batch, 1)`.
    """
    if temperature == 0:
        return keras.ops.argmax(scores, axis=-1, keepdims=True)
    return keras.random.categorical(scores / temperature, 1, seed=seed_generator)
'''
_LOOP = re.compile(r"rnn(_\d+)?")
_NOT_COMPILED = "Not compiled: there, Keras' TimeDistributed takes the samples for steps."
_DRAWN = """
        temperature: how daring the draws are: 0 always takes the likeliest token, 1
            draws by the probabilities.
        seed: of the draws."""


def way_round(graph: Graph) -> Feedback | None:
    """How the model's prediction is fed back, if generation is switched on and nothing stands in the way."""
    if graph.design.generation is None:
        return None
    found = feedback(graph.design, graph.checked.shapes)
    return found if isinstance(found, Feedback) else None


@dataclass(frozen=True)
class Part:
    """What generation adds to a program.

    Attributes:
        functions: ``build_step_model`` where there is one, ``draw`` for tokens, and ``generate``.
        shown: statements at the end of ``main()`` that use them.
        modules: Keras modules that they refer to.
    """

    functions: tuple[ast.stmt, ...]
    shown: tuple[ast.stmt, ...]
    modules: frozenset[str]


def generating_part(graph: Graph, notes: Notes) -> Part | None:
    """The functions that continue a sequence; None while generation is off or cannot be.

    Args:
        graph: the layers of the program.
        notes: which layer wrote what is added to.
    """
    found = way_round(graph)
    if found is None:
        return None
    functions: list[ast.stmt] = []
    if found.carried:
        functions.append(_step_model(graph, found, notes))
    if found.tokens is not None:
        functions += _parsed(_DRAW)
    uncompiled = any(
        inner.kind == "TimeDistributed" for each in found.way for inner in graph.by_id[each].walk()
    )
    functions += _parsed(_generate(graph, found, uncompiled))
    if uncompiled:
        predictions = [node.value for node in ast.walk(functions[-1]) if _is_prediction(node)]
        notes.comment.update(dict.fromkeys(predictions, _NOT_COMPILED))
    model = "step_model" if found.carried else "model"
    settings = graph.design.generation
    assert settings is not None
    drawing: dict[str, Any] = {}
    if found.tokens is not None:
        drawing = {"temperature": float(settings.temperature), "seed": settings.seed}
    made = call(
        "generate",
        [name(model), name("batch")],
        {argument: literal(value) for argument, value in {"steps": settings.steps, **drawing}.items()},
    )
    shown: list[ast.stmt] = []
    if found.carried:
        shown.append(assign(["step_model"], call("build_step_model", [name("model")])))
    shown.append(assign(["generated"], made))
    shown.append(ast.Expr(call("print", [literal("generated"), dotted("generated.shape")])))
    return Part(tuple(functions), tuple(shown), frozenset({"layers"} if found.carried else ()))


def _parsed(text: str) -> list[ast.stmt]:
    """Statements that no value of a design is part of."""
    return ast.parse(text).body


def _is_prediction(node: ast.AST) -> TypeGuard[ast.Assign]:
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).lstrip("(").startswith("prediction")


def _generate(graph: Graph, found: Feedback, uncompiled: bool) -> str:
    """The text of ``generate()``, put together from fixed pieces."""
    called, training = ("", ", training=False") if uncompiled else (".predict_on_batch", "")
    tokens, model = found.tokens is not None, "step_model" if found.carried else "model"
    drawn = ", *, temperature=1.0, seed=0" if tokens else ""
    axes = "(batch, time)" if tokens else "(batch, time, features)"
    longer = axes.replace("time", "time + steps")
    dtype = "int32" if tokens else "float32"
    which = "" if len(graph.outputs) == 1 or found.carried else f"[{graph.outputs.index(found.output)}]"
    last = "[:, -1:]" if found.each_step else "[:, None]"
    if tokens:
        scores = "prediction[:, -1]" if found.each_step else "prediction"
        scores = f"keras.ops.log({scores})" if found.probabilities else scores
        following = f"draw({scores}, temperature, seed_generator)"
    else:
        following = f"prediction{last}"
    seeded = ["seed_generator = keras.random.SeedGenerator(seed)"] if tokens else []
    head = [
        f"def generate({model}, prefix, steps{drawn}):",
        '    """Continue sequences by themselves: every prediction is the next input.',
        "",
        "    Args:",
        "        step_model: what `build_step_model()` makes."
        if found.carried
        else "        model: what `build_model()` makes; it reads all again for each step.",
        f"        prefix: how the sequences begin, `{axes}`.",
        f"        steps: how many steps to add.{_DRAWN if tokens else ''}",
        "",
        "    Returns:",
        f"        The prefix with the new steps behind it, `{longer}`.",
        '    """',
    ]
    if found.carried:
        body = [
            *seeded,
            f"piece = keras.ops.convert_to_tensor(prefix, '{dtype}')",
            "pieces = [piece]",
            "states = [keras.ops.zeros((len(prefix), *state.shape[1:])) for state in step_model.inputs[1:]]",
            "for _ in range(steps):",
            f"    prediction, *states = step_model{called}([piece, *states]{training})",
            f"    piece = {following}",
            "    pieces.append(piece)",
            "return keras.ops.concatenate(pieces, axis=1)",
        ]
    else:
        body = [
            *seeded,
            f"sequence = keras.ops.convert_to_tensor(prefix, '{dtype}')",
            "for _ in range(steps):",
            f"    prediction = model{called}(sequence{training}){which}",
            f"    sequence = keras.ops.concatenate([sequence, {following}], axis=1)",
            "return sequence",
        ]
    return "\n".join([*head, textwrap.indent("\n".join(body), "    ")])


def _step_model(graph: Graph, found: Feedback, notes: Notes) -> ast.FunctionDef:
    """``build_step_model()``: an Input for the sequence and one for each state, the model's own layers and cells."""
    variables, names = _Names(graph, found), graph.names
    statements: list[ast.stmt] = [_about_step_model(graph, found, variables)]
    start = variables.tensor(found.input.id)
    shape = graph.checked.shapes[found.input.id, "output"].sizes
    dtype = {"dtype": literal("int32")} if found.tokens is not None else {}
    fixed = {"batch_size": literal(shape[0])} if shape[0] is not None else {}
    made = call(
        "keras.Input", [literal(shape[1:])], {**fixed, **dtype, "name": literal(names[found.input.id])}
    )
    statements.append(_owned(assign([start], made), found.input, notes))
    for memory in found.memories:
        for state in memory.states:
            wanted = variables.state(memory.layer, state)
            made = call("keras.Input", [literal(state.sizes)], {**fixed, "name": literal(wanted)})
            statements.append(_owned(assign([wanted], made), memory.layer, notes))
    remembering = {memory.layer.id: memory for memory in found.memories}
    for layer_id in found.way[1:]:
        layer = graph.by_id[layer_id]
        arriving = [
            name(variables.tensor(link.source))
            for link in graph.incoming[layer_id]
            if link.source in found.way
        ]
        own = call("model.get_layer", [literal(names[graph.maker(layer).id])])
        given: list[ast.expr] = [list_of(arriving)] if layer.type.inputs[0].many else list(arriving)
        targets: list[ast.expr] = [ast.Name(variables.tensor(layer_id), ast.Store())]
        keywords: dict[str, ast.expr] = {}
        own_memory = remembering.get(layer_id)
        if own_memory is not None:
            flags = ["return_sequences"] * bool(layer.value("return_sequences")) + ["return_state"]
            options = {flag: literal(True) for flag in flags}
            if variables.like_loops:
                options["name"] = literal(names[layer_id])
            own = call("layers.RNN", [ast.Attribute(own, "cell", ast.Load())], options)
            given_states = [name(variables.state(layer, state)) for state in own_memory.states]
            nested = _listed(in_places(own_memory.states, given_states))
            keywords = {"initial_state": nested}
            targets.append(ast.Starred(ast.Name(variables.states(layer), ast.Store()), ast.Store()))
        target = targets[0] if len(targets) == 1 else ast.Tuple(targets, ast.Store())
        statements.append(_owned(ast.Assign([target], call(own, given, keywords), lineno=0), layer, notes))
    inputs: list[ast.expr] = [name(start)]
    outputs: list[ast.expr] = [name(variables.tensor(found.output[0]))]
    for memory in found.memories:
        inputs += [name(variables.state(memory.layer, state)) for state in memory.states]
        states: ast.expr = name(variables.states(memory.layer))
        if any(len(state.place) > 1 for state in memory.states):
            states = call("keras.tree.flatten", [states])
        outputs.append(ast.Starred(states, ast.Load()))
    statements.append(ast.Return(call("keras.Model", [list_of(inputs), list_of(outputs)])))
    made_function = function("build_step_model", dotted("keras.Model"), statements)
    made_function.args.args = [ast.arg("model", dotted("keras.Model"))]
    return made_function


def _owned(statement: ast.stmt, layer: Layer, notes: Notes) -> ast.stmt:
    notes.owner[statement] = layer.id
    return statement


class _Names:
    """The variables of ``build_step_model()``: ``x`` along a chain, the layers' names where ways part.

    Attributes:
        like_loops: whether a layer is called as Keras would call the loops, so that they need names of their own.
    """

    def __init__(self, graph: Graph, found: Feedback) -> None:
        self._variables = Variables()
        within = set(found.way)
        parting = any(
            len([link for link in links if {link.source, link.target} <= within]) > 1
            for links in (*graph.outgoing.values(), *graph.incoming.values())
        )
        self._tensors: dict[str, str] = {}
        self._states: dict[tuple[str, str], str] = {}
        self._lists: dict[str, str] = {}
        bases: dict[str, str] = {}
        for layer_id in found.way:
            layer = graph.by_id[layer_id]
            bases[layer_id] = self._variables.name(graph.names[layer_id], slug(layer.kind, "layer"))
            straight = not parting and layer_id != found.input.id
            self._tensors[layer_id] = "x" if straight else bases[layer_id]
        # Keras takes no two operations of one name into a model, and each state's Input is one.
        loops = {memory.layer.id for memory in found.memories}
        made = {
            graph.names[graph.maker(graph.by_id[layer_id]).id]
            for layer_id in found.way
            if layer_id not in loops
        }
        self.like_loops = any(_LOOP.fullmatch(each) for each in made)
        self._variables = Variables({*bases.values(), *made, *(graph.names[each] for each in loops)})
        for memory in found.memories:
            self._name_states(bases[memory.layer.id], memory)

    def _name_states(self, base: str, memory: Memory) -> None:
        base = base.rstrip("_")
        for state in memory.states:
            self._states[memory.layer.id, state.name] = self._variables.name(f"{base}_{state.name}", "state")
        self._lists[memory.layer.id] = self._variables.name(f"{base}_states", "states")

    def tensor(self, layer_id: str) -> str:
        """The variable with a layer's output."""
        return self._tensors[layer_id]

    def state(self, layer: Layer, state: CellState) -> str:
        """The variable, and the name, of the Input for a state."""
        return self._states[layer.id, state.name]

    def states(self, layer: Layer) -> str:
        """The variable with the states that a layer returns."""
        return self._lists[layer.id]


def _listed(nested: ast.expr | list[Any]) -> ast.expr:
    return list_of(map(_listed, nested)) if isinstance(nested, list) else nested


def _about_step_model(graph: Graph, found: Feedback, variables: _Names) -> ast.Expr:
    states = [variables.state(memory.layer, state) for memory in found.memories for state in memory.states]
    listed = ", ".join(states[:6]) + (" …" if len(states) > 6 else "")
    one = len(states) == 1
    lines = [
        "Build the model of one step: the same layers, with states going in and out.",
        "",
        "Args:",
        "    model: what `build_model()` makes.",
        "",
        "Inputs:",
        f"    {graph.names[found.input.id]}: any number of steps",
        f"    {listed}: the {'state' if one else 'states'} before them; zeros at the beginning",
        "",
        "Outputs:",
        f"    what the model predicts, then its {'state' if one else 'states'} after the last step",
    ]
    return docstring("\n    ".join(lines).replace("\n    \n", "\n\n") + "\n    ")
