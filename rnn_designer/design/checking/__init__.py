"""Checking a design: the shape on every wire and every problem with its fixes, as one pure and fast function."""

from rnn_designer.design.checking.flow import flow_through
from rnn_designer.design.checking.graph import Graph
from rnn_designer.design.model import Design
from rnn_designer.design.problems import Checked, Problem, Severity


def check(design: Design) -> Checked:
    """Everything that follows from a design before anything runs, without Keras."""
    graph = Graph(design)
    flow = flow_through(graph)
    problems = [
        Problem(layer_id, error.parameter, Severity.ERROR, str(error), error.code)
        for layer_id, error in flow.errors.items()
    ]
    runnable: set[str] = set()
    for layer_id in graph.order:
        fed = all(link.source in runnable for link in graph.entering[layer_id])
        if fed and layer_id not in flow.unconnected and layer_id not in flow.failed:
            runnable.add(layer_id)
    return Checked(
        design, graph.order, flow.shapes, flow.inputs, flow.counts, tuple(problems), frozenset(runnable)
    )
