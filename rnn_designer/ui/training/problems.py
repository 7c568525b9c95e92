"""Which of a design's problems are about its training, and the field at which each of them stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from rnn_designer.design import Checked, Problem
from rnn_designer.design.checking.training import training_problems
from rnn_designer.design.model import Training

FIELDS = {
    "stateful_shuffled": "shuffle",
    "fixed_batch": "batch_size",
    "monitor_unknown": "monitor",
    "nothing_validated": "validation",
    "few_validated": "validation",
    "learning_rate": "optimizer",
    "patience_beyond": "patience",
    "unclipped": "clipping",
    "target_steps": "task",
    "nothing_to_learn": "task",
    "loss_misfit": "loss",
    "metric_misfit": "metrics",
    "logits": "loss",
    "out_of_reach": "loss",
    "too_few_classes": "loss",
    "masked_loss": "loss",
}
"""By the rule's short name: the setting of the training, or of the goal of the layer, that the problem is about."""

_OF_GOALS = frozenset(("task", "loss", "metrics", "horizon", "weight", "balanced"))


def of_training(problems: Iterable[Problem]) -> list[Problem]:
    """The problems of the training and of its goals."""
    return [each for each in problems if each.code in FIELDS]


def setting_of(problem: Problem) -> str | None:
    """The setting that a problem is about."""
    return FIELDS.get(problem.code)


def on_goal(problem: Problem, layer_id: str) -> bool:
    """Whether a problem is about what that output learns."""
    return problem.layer == layer_id and FIELDS.get(problem.code) in _OF_GOALS


def hindrances(checked: Checked) -> list[Problem]:
    """What keeps a design from being trained of which nobody has said yet how: with fixes, before the first click.

    The check itself is silent on such a design, since it need not be trained at all.
    """
    with_usual_settings = replace(checked, design=replace(checked.design, training=Training()))
    return [each for each in training_problems(with_usual_settings) if FIELDS.get(each.code) == "task"]
