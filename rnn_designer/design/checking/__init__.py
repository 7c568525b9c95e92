"""Checking a design: the shape on every wire and every problem with its fixes, as one pure, fast function.

A new check is a function from :class:`~rnn_designer.design.checking.context.Context` to problems, listed in the
``RULES`` of its module.
"""

from collections.abc import Mapping
from dataclasses import replace

from rnn_designer.design.checking import (
    cells,
    data,
    faults,
    feeding_back,
    joining,
    recurrence,
    recurrent,
    shared_layers,
    sizes,
    states,
    structure,
    typed_data,
    values,
    wrapping,
)
from rnn_designer.design.checking.context import Context, Rule
from rnn_designer.design.checking.flow import flow_through
from rnn_designer.design.checking.graph import Graph
from rnn_designer.design.model import Design
from rnn_designer.design.problems import Checked, Problem, Severity

RULES: tuple[Rule, ...] = (
    *structure.RULES,
    *faults.RULES,
    *cells.RULES,
    *wrapping.RULES,
    *recurrent.RULES,
    *recurrence.RULES,
    *states.RULES,
    *shared_layers.RULES,
    *joining.RULES,
    *values.RULES,
    *data.RULES,
    *typed_data.RULES,
    *feeding_back.RULES,
    *sizes.RULES,
)
"""Every check."""


def check(design: Design) -> Checked:
    """Everything that follows from a design before anything runs, without Keras."""
    graph = Graph(design)
    flow = flow_through(graph)
    context = Context(graph, flow)
    problems = _sorted(context, _told_once(graph, [problem for rule in RULES for problem in rule(context)]))
    faulty = {
        context.top(graph.every[problem.layer]).id
        for problem in problems
        if problem.severity is Severity.ERROR and problem.layer is not None
    }
    runnable: set[str] = set()
    for layer_id in graph.order:
        fed = all(link.source in runnable for link in graph.entering[layer_id])
        if (
            fed
            and layer_id not in flow.unconnected
            and layer_id not in flow.failed
            and layer_id not in faulty
        ):
            runnable.add(layer_id)
    checked = Checked(
        design=design,
        order=graph.order,
        shapes=flow.shapes,
        inputs=flow.inputs,
        counts=_counted_once(graph, flow.counts),
        problems=problems,
        runnable=frozenset(runnable),
    )
    if design.training is None:
        return checked
    # It needs to know what runs, and none of it keeps a layer from running.
    from rnn_designer.design.checking.training import training_problems

    return replace(checked, problems=_sorted(context, [*problems, *training_problems(checked)]))


def _counted_once(graph: Graph, counts: Mapping[str, int]) -> Mapping[str, int]:
    """The numbers of weights; boxes that share another layer's add none."""
    shared = {layer.id for layer in graph.every.values() if layer.shares is not None}
    return (
        {layer_id: 0 if layer_id in shared else count for layer_id, count in counts.items()}
        if shared
        else counts
    )


def _told_once(graph: Graph, problems: list[Problem]) -> list[Problem]:
    """The problems without remarks on settings that a shared box has from its original, which has them as well."""
    told = {(each.layer, each.code, each.parameter) for each in problems}

    def repeated(problem: Problem) -> bool:
        layer = graph.every.get(problem.layer or "")
        if layer is None or layer.shares is None or problem.severity is Severity.ERROR:
            return False
        return (layer.shares, problem.code, problem.parameter) in told and problem.parameter is not None

    return [problem for problem in problems if not repeated(problem)]


def _sorted(context: Context, problems: list[Problem]) -> tuple[Problem, ...]:
    """Layers in the design's order, worst first within a layer, those of the whole design last."""
    rank = {layer_id: place for place, layer_id in enumerate(context.graph.every)}
    last = len(rank)
    return tuple(sorted(problems, key=lambda each: (rank.get(each.layer or "", last), -each.severity)))
