"""The exported ``main()``: it builds the model and runs one batch of the right shape, a proof of the file."""

import ast
from collections.abc import Sequence

from rnn_designer.codegen.body import label
from rnn_designer.codegen.graph import Graph
from rnn_designer.codegen.tree import assign, call, docstring, dotted, function, list_of, literal, name
from rnn_designer.design.model import DataSource, Layer

_OPEN_AXIS = 8
_FEW_TOKENS = 10


def main_function(graph: Graph, more: Sequence[ast.stmt] = ()) -> ast.FunctionDef:
    """``main()``: build, summarise, run a batch of random numbers, print the shape of each output.

    Args:
        graph: the layers of the program.
        more: what is done with ``model`` and ``batch`` after that.
    """
    batches = [_random_batch(graph, layer) for layer in graph.inputs]
    labels: list[ast.expr] = [literal(label(graph, port)) for port in graph.outputs]
    run = call("model.predict_on_batch", [name("batch")])
    shown: list[ast.stmt]
    if len(labels) == 1:
        shown = [assign(["output"], run), _print(labels[0])]
    else:
        pair = ast.Tuple([ast.Name("label", ast.Store()), ast.Name("output", ast.Store())], ast.Store())
        pairs = call("zip", [list_of(labels), name("outputs")], {"strict": literal(True)})
        shown = [assign(["outputs"], run), ast.For(pair, pairs, [_print(name("label"))], [], lineno=0)]
    return function(
        "main",
        ast.Constant(None),
        [
            docstring("Build the model, print its summary and run one random batch through it."),
            assign(["model"], call("build_model")),
            ast.Expr(call("model.summary")),
            assign(["batch"], batches[0] if len(batches) == 1 else list_of(batches)),
            *shown,
            *more,
        ],
    )


def _print(text: ast.expr) -> ast.Expr:
    return ast.Expr(call("print", [text, dotted("output.shape")]))


def _random_batch(graph: Graph, layer: Layer) -> ast.Call:
    """Random numbers of one Input's shape; where it takes tokens, ones that the Embedding after it knows."""
    spec = graph.checked.shapes[layer.id, "output"]
    sizes = [_batch_size(graph), *spec.sizes[1:]]
    if len(sizes) > 1 and sizes[1] is None:
        sizes[1] = _time_steps(graph, layer)
    shape = literal(tuple(_OPEN_AXIS if size is None else size for size in sizes))
    dtype = layer.value("dtype") if "dtype" in layer.type.by_name else None
    if spec.kind == "int":
        more = {"dtype": literal(dtype)} if dtype not in (None, "int32") else {}
        return call("keras.random.randint", [shape, literal(0), literal(_token_limit(graph, layer))], more)
    more = {"dtype": literal(dtype)} if dtype not in (None, "float32") else {}
    return call("keras.random.normal", [shape], more)


def _source(graph: Graph, layer: Layer) -> DataSource | None:
    return graph.design.source_of(layer.id)


def _batch_size(graph: Graph) -> int:
    """One size for all Inputs: a fixed one if there is any, else that of the first data source."""
    for layer in graph.inputs:
        fixed = graph.checked.shapes[layer.id, "output"].sizes[0]
        if fixed is not None:
            return fixed
    sources = [source for layer in graph.inputs if (source := _source(graph, layer)) is not None]
    return sources[0].batch_size if sources else DataSource("").batch_size


def _time_steps(graph: Graph, layer: Layer) -> int:
    """The length of an open time axis: its data source's, else another Input's, so that branches meet."""
    own = _source(graph, layer)
    if own is not None:
        return own.time_steps
    for other in graph.inputs:
        source, fixed = _source(graph, other), graph.checked.shapes[other.id, "output"].time
        if fixed is not None:
            return fixed
        if source is not None:
            return source.time_steps
    return DataSource("").time_steps


def _token_limit(graph: Graph, layer: Layer) -> int:
    """The first number that is no token of any Embedding that the Input's values reach unchanged."""
    limits: list[int] = []
    waiting, seen = [layer.id], set()
    while waiting:
        current = waiting.pop()
        for link in graph.outgoing[current]:
            following = graph.by_id[link.target]
            if following.kind == "Embedding":
                limits.append(following.value("input_dim"))
            elif following.id not in seen:
                seen.add(following.id)
                waiting.append(following.id)
    return min(limits, default=_FEW_TOKENS)
