"""How the goals of a training follow when layers are removed or exchanged."""

from collections.abc import Collection
from dataclasses import replace

from rnn_designer.catalog import FrozenMap
from rnn_designer.design.model import Training


def without_goals(training: Training | None, gone: Collection[str]) -> Training | None:
    """The training without the goals of layers that are gone."""
    if training is None or not any(layer_id in gone for layer_id in training.goals):
        return training
    return replace(training, goals=training.goals.without(*gone))


def moved_goal(training: Training | None, old: str, new: str) -> Training | None:
    """The training with one layer's goal given to another, as when a layer is wrapped."""
    if training is None or old not in training.goals:
        return training
    goals = {new if layer_id == old else layer_id: goal for layer_id, goal in training.goals.items()}
    return replace(training, goals=FrozenMap(goals))
