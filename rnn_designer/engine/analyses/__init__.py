"""What can be found out about a traced model: each analysis is one function, listed here by its name.

An analysis takes a :class:`~rnn_designer.engine.analyses.subject.Subject` and the request, and gives arrays and
facts by name; its docstring says which, with their axes, units and the formula behind them.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from rnn_designer.engine.analyses.cell_steps import cell_steps
from rnn_designer.engine.analyses.fixed_points import fixed_points
from rnn_designer.engine.analyses.gradients import gradients
from rnn_designer.engine.analyses.match import match
from rnn_designer.engine.analyses.recurrent_weights import recurrent_weights
from rnn_designer.engine.analyses.saturation import saturation
from rnn_designer.engine.analyses.subject import Subject
from rnn_designer.engine.analyses.trajectory import trajectory
from rnn_designer.engine.analyses.unit_sum import unit_sum
from rnn_designer.engine.analyses.weight_maps import weight_maps
from rnn_designer.engine.failures import Refused
from rnn_designer.messages import Analyse, Array

Found: TypeAlias = tuple[Mapping[str, Array], Mapping[str, str]]

ANALYSES: dict[str, Callable[[Subject, Analyse], Found]] = {
    "cell_steps": cell_steps,
    "fixed_points": fixed_points,
    "gradients": gradients,
    "match": match,
    "recurrent_weights": recurrent_weights,
    "saturation": saturation,
    "weight_maps": weight_maps,
    "trajectory": trajectory,
    "unit_sum": unit_sum,
}
"""Every analysis by its name."""

__all__ = ["ANALYSES", "Found", "Subject", "analyse"]


def analyse(subject: Subject, request: Analyse) -> Found:
    """Answer a request.

    Raises:
        Refused: there is no such analysis, or nothing that it could look at; the text is a sentence.
    """
    find = ANALYSES.get(request.kind)
    if find is None:
        raise Refused(f"There is no analysis called “{request.kind}”; please report this.", request.layer)
    return find(subject, request)
