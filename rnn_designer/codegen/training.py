"""The exported ``compile_model()``: optimizer, loss and metrics of a design's training, only what is no default."""

import ast
from collections.abc import Mapping, Sequence

from rnn_designer.catalog import Part
from rnn_designer.catalog.parameters import Namespace
from rnn_designer.catalog.parts import part_type, parts
from rnn_designer.codegen.calls import part_arguments
from rnn_designer.codegen.errors import NotExportable
from rnn_designer.codegen.graph import Graph
from rnn_designer.codegen.tree import call, docstring, function, list_of, literal, literals
from rnn_designer.design.model import Training
from rnn_designer.design.tasks import FittedGoal

COMPILE_MODEL = "compile_model"
CLIPPING = {"norm": "clipnorm", "global_norm": "global_clipnorm", "value": "clipvalue"}
"""The optimizer's argument for each way of clipping."""

_NAMESPACES: tuple[Namespace, ...] = ("optimizers", "schedules", "losses", "metrics")
_SETS_RATES_ITSELF = "PiecewiseConstantDecay"
"""The schedule whose first value stands for the optimizer's learning rate."""
_DOCSTRING = """Say by which rule the model is trained, towards what, and what is measured.

    Metrics are weighted as the loss is, so that what has no target does not count.
    """


def training_calls() -> frozenset[str]:
    """All that ``compile_model()`` may call."""
    found = {part.constructor for namespace in _NAMESPACES for part in parts(namespace)}
    return frozenset(found | {"model.compile"})


def compile_function(graph: Graph, goals: Mapping[str, FittedGoal]) -> ast.FunctionDef:
    """``compile_model(model)``.

    Args:
        graph: the layers of the program.
        goals: what each trained output learns, by the id of its layer.

    Raises:
        NotExportable: none of the outputs is trained.
    """
    trained = trained_goals(graph, goals)
    if not any(trained):
        raise NotExportable(
            "There is no output to train: the model has to end in a layer that gives numbers, such as Dense."
        )
    losses = [None if each is None else _part("losses", each.loss) for each in trained]
    keywords = {
        "optimizer": optimizer_call(graph.design.training or Training()),
        "loss": _by_output(graph, losses),
    }
    weights = [1.0 if each is None else float(each.weight) for each in trained]
    if any(each != 1.0 for each in weights):
        nodes = [None if goal is None else literal(each) for goal, each in zip(trained, weights, strict=True)]
        keywords["loss_weights"] = (
            list_of([literal(weights[0])]) if len(nodes) == 1 else _by_output(graph, nodes)
        )
    if any(each is not None and each.metrics for each in trained):
        lists = [
            None if each is None else list_of(_part("metrics", metric) for metric in each.metrics)
            for each in trained
        ]
        keywords["weighted_metrics"] = _by_output(graph, lists)
    body: list[ast.stmt] = [docstring(_DOCSTRING), ast.Expr(call("model.compile", (), keywords))]
    return function(COMPILE_MODEL, ast.Constant(None), body, {"model": "keras.Model"})


def trained_goals(graph: Graph, goals: Mapping[str, FittedGoal]) -> list[FittedGoal | None]:
    """What each output of the model learns, in their order; None for those that are not trained."""
    found: list[FittedGoal | None] = []
    for layer_id, port in graph.outputs:
        goal = goals.get(layer_id)
        found.append(goal if goal is not None and goal.port == port else None)
    return found


def optimizer_call(training: Training) -> ast.Call:
    """The optimizer with its learning rate, or the schedule that starts from it, and with clipping."""
    given = part_arguments("optimizers", training.optimizer)
    given.pop("learning_rate", None)
    keywords: dict[str, ast.expr] = {"learning_rate": _rate(training), **literals(given)}
    if training.clipping != "none":
        keywords[CLIPPING[training.clipping]] = literal(float(training.clip_at))
    return call(_constructor("optimizers", training.optimizer), (), keywords)


def _rate(training: Training) -> ast.expr:
    """The learning rate: written out even where it is Keras' own, since everybody looks for it."""
    found = part_type("optimizers", training.optimizer.kind)
    usual = (
        None
        if found is None
        else next(each.default for each in found.parameters if each.name == "learning_rate")
    )
    rate = literal(training.optimizer.params.get("learning_rate", usual))
    if training.schedule is None:
        return rate
    arguments = literals(part_arguments("schedules", training.schedule))
    start = {} if training.schedule.kind == _SETS_RATES_ITSELF else {"initial_learning_rate": rate}
    for name, node in arguments.items():
        if isinstance(node, ast.Tuple):
            arguments[name] = list_of(node.elts)
    return call(_constructor("schedules", training.schedule), (), {**start, **arguments})


def _part(namespace: Namespace, part: Part) -> ast.Call:
    return call(_constructor(namespace, part), (), literals(part_arguments(namespace, part)))


def _constructor(namespace: Namespace, part: Part) -> str:
    found = part_type(namespace, part.kind)
    if found is None:
        raise NotExportable(f"Keras has no {namespace[:-1]} called “{part.kind}”. Choose another.")
    return found.constructor


def _by_output(graph: Graph, nodes: Sequence[ast.expr | None]) -> ast.expr:
    """One node by itself; several by the names of their outputs, or in a row where names do not tell them apart."""
    if len(nodes) == 1 and nodes[0] is not None:
        return nodes[0]
    names = [graph.names[graph.maker(graph.by_id[layer_id]).id] for layer_id, _port in graph.outputs]
    if all(node is not None for node in nodes) and len(set(names)) == len(names):
        return ast.Dict([literal(each) for each in names], [node for node in nodes if node is not None])
    return list_of(literal(None) if node is None else node for node in nodes)
