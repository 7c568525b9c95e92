"""Edits of how a design is trained."""

import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

from rnn_designer.catalog import BadValue, FrozenMap
from rnn_designer.catalog.code_parameters import Text
from rnn_designer.catalog.values import received
from rnn_designer.design.edits.settings import source_fault
from rnn_designer.design.model import DataSource, Design, Goal, Training
from rnn_designer.design.naming import text_fault
from rnn_designer.design.refusal import Edit, Refused
from rnn_designer.design.training_settings import GOAL_SETTING, METRIC, TRAINING_SETTING

MOST_METRICS = 20
MOST_COLUMNS = 10_000
_FOLDER = re.compile(r"[A-Za-z0-9_-]{0,64}")


def set_training(training: Training | None) -> Edit:
    """Say how the design is trained; None to say nothing. Refused with the sentence of the first bad value."""

    def edit(design: Design) -> Design:
        if training is None:
            return replace(design, training=None)
        try:
            accepted = accepted_training(training)
        except BadValue as bad:
            raise Refused(str(bad)) from None
        for layer_id in accepted.goals:
            if all(layer.id != layer_id for layer in design.layers):
                raise Refused(
                    "A goal is for a layer that is not on the canvas any more. Choose its goal again."
                )
        return replace(design, training=accepted)

    return edit


def change_training(**fields: Any) -> Edit:
    """Change some fields of the training; where there is none yet, of a new one."""

    def edit(design: Design) -> Design:
        return set_training(replace(design.training or Training(), **fields))(design)

    return edit


def set_goal(layer_id: str, goal: Goal | None) -> Edit:
    """Say what the output of a layer is to learn; None for what fits."""

    def edit(design: Design) -> Design:
        training = design.training or Training()
        goals = training.goals.without(layer_id)
        if goal is not None:
            # An own goal keeps its place, so that the file stays as it was but for what changed.
            goals = training.goals.having(**{layer_id: goal})
        return set_training(replace(training, goals=goals))(design)

    return edit


def change_goal(layer_id: str, **fields: Any) -> Edit:
    """Change some fields of what the output of a layer is to learn."""

    def edit(design: Design) -> Design:
        training = design.training or Training()
        goal: Goal = training.goals.get(layer_id) or Goal()
        return set_goal(layer_id, replace(goal, **fields))(design)

    return edit


def training_fault(training: Training) -> str | None:
    """What is wrong with these settings, as a sentence; None if nothing is."""
    try:
        accepted_training(training)
    except BadValue as bad:
        return str(bad)
    return None


def accepted_training(training: Training) -> Training:
    """The training in the form that a design holds: numbers of the right type, parts without Keras' own defaults.

    Raises:
        BadValue: with the sentence of the first value that cannot be.
    """
    values: dict[str, Any] = {}
    for name, setting in TRAINING_SETTING.items():
        try:
            values[name] = setting.type.accept(getattr(training, name))
        except BadValue as bad:
            raise BadValue(f"“{setting.label}” of the training: {bad}") from None
    accepted = replace(training, **values)
    _require_pieces(accepted)
    if not accepted.monitor.strip():
        raise BadValue(
            "“monitor” of the training: Expected the name of a figure, such as val_loss, got none."
        )
    if accepted.validation + accepted.test >= 1:
        raise BadValue(
            "The training: Expected shares for validation and test that leave something to learn from, got "
            f"{accepted.validation:g} and {accepted.test:g}."
        )
    if not isinstance(accepted.runs, str) or _FOLDER.fullmatch(accepted.runs) is None:
        raise BadValue(
            "“runs” of the training: Expected up to 64 letters, digits, hyphens and underscores, got "
            f"{received(accepted.runs)}."
        )
    return replace(
        accepted, goals=FrozenMap({key: accepted_goal(goal) for key, goal in accepted.goals.items()})
    )


def _require_pieces(training: Training) -> None:
    """Refuse a learning rate in pieces whose boundaries and values do not belong together."""
    schedule = training.schedule
    if schedule is None or schedule.kind != "PiecewiseConstantDecay":
        return
    boundaries, values = schedule.params["boundaries"], schedule.params["values"]
    if len(values) != len(boundaries) + 1:
        raise BadValue(
            f"“schedule” of the training: {len(boundaries)} boundaries make {len(boundaries) + 1} pieces, got "
            f"{len(values)} values. Give one for each piece."
        )
    if any(before >= after for before, after in pairwise(boundaries)):
        raise BadValue(f"“schedule” of the training: Expected boundaries in rising order, got {boundaries}.")


def accepted_goal(goal: Goal) -> Goal:
    """The goal in the form that a design holds; :class:`BadValue` with a sentence where it cannot be."""
    from rnn_designer.design.tasks import AUTO, TASKS

    values: dict[str, Any] = {}
    for name, setting in GOAL_SETTING.items():
        try:
            values[name] = setting.type.accept(getattr(goal, name))
        except BadValue as bad:
            raise BadValue(f"“{setting.label}” of a goal: {bad}") from None
    if goal.task != AUTO and goal.task not in TASKS:
        raise BadValue(
            f"“task” of a goal: Expected one of {AUTO}, {', '.join(TASKS)}, got {received(goal.task)}."
        )
    if goal.metrics is not None:
        values["metrics"] = _metrics(goal.metrics)
    _require_columns(goal.columns)
    if isinstance(goal.source, DataSource):
        fault = source_fault(goal.source)
        if fault:
            raise BadValue(f"The targets of a goal: {fault}")
    return replace(goal, **values)


def _metrics(metrics: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(metrics) > MOST_METRICS:
        raise BadValue(f"“metrics” of a goal: Expected at most {MOST_METRICS}, got {len(metrics)}.")
    try:
        return tuple(METRIC.accept(each) for each in metrics)
    except BadValue as bad:
        raise BadValue(f"“metrics” of a goal: {bad}") from None


def _require_columns(columns: tuple[str, ...]) -> None:
    if len(columns) > MOST_COLUMNS:
        raise BadValue(f"“columns” of a goal: Expected at most {MOST_COLUMNS:,}, got {len(columns):,}.")
    for column in columns:
        if not isinstance(column, str) or not column or text_fault(column):
            raise BadValue(
                f"“columns” of a goal: Expected names of columns, each on one line, got {received(column)}."
            )
        Text().accept(column)
    if len(set(columns)) != len(columns):
        raise BadValue("“columns” of a goal: Expected each column once, got one twice.")
