"""Which of a design's problems are about its training, and which field they stand at."""

from __future__ import annotations

from collections.abc import Iterable

from rnn_designer.design import Problem
from rnn_designer.design.training_settings import GOAL_SETTING, TRAINING_SETTING

_TRAINING = frozenset(TRAINING_SETTING)
_GOAL = frozenset((*GOAL_SETTING, "task", "metrics", "columns", "source"))


def of_training(problems: Iterable[Problem]) -> list[Problem]:
    """The problems of the training and of its goals."""
    return [each for each in problems if is_of_training(each)]


def is_of_training(problem: Problem) -> bool:
    """Whether a problem is about the training."""
    return problem.code.startswith("training") or (problem.parameter or "").startswith(("training.", "goal."))


def on_goal(problem: Problem, layer_id: str) -> bool:
    """Whether a problem of the training is about what that output learns."""
    if problem.layer != layer_id:
        return False
    name = (problem.parameter or "").rpartition(".")[2]
    return name in _GOAL or name not in _TRAINING
