"""Further ways to look at what a layer does, beside the heat maps of its states: one view per module.

A view is a :class:`~rnn_designer.ui.views.view.View`; the list here decides what is offered, and in which order.
Importing one imports NumPy, so nothing here is imported before the window shows.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rnn_designer.ui.views.view import View

STATES = "states"
"""The scopes' own heat maps and lines."""

TITLES = {
    STATES: "States",
    "unit": "Unit",
    "cell": "Cell",
    "weights": "Weights",
    "saturation": "Saturation",
    "memory": "Memory",
    "trajectory": "Trajectory",
    "match": "Match",
    "target": "Target",
    "compare": "Compare",
}
"""What each view is called where it is chosen, by its name; also their order."""

_PLACES = {
    "unit": "rnn_designer.ui.views.unit:UnitView",
    "cell": "rnn_designer.ui.views.cell:CellView",
    "weights": "rnn_designer.ui.views.weights:WeightsView",
    "saturation": "rnn_designer.ui.views.saturation:SaturationView",
    "memory": "rnn_designer.ui.views.memory:MemoryView",
    "trajectory": "rnn_designer.ui.views.trajectory:TrajectoryView",
    "match": "rnn_designer.ui.views.match:MatchView",
    "target": "rnn_designer.ui.views.target:TargetView",
    "compare": "rnn_designer.ui.views.compare:CompareView",
}


def view_class(name: str) -> type[View]:
    """The class of a view.

    Args:
        name: a key of :data:`TITLES`, but for :data:`STATES`, which the scopes draw themselves.
    """
    module, _, found = _PLACES[name].partition(":")
    made: type[View] = getattr(import_module(module), found)
    return made
