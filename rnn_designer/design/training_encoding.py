"""Training settings to and from the tree of a design file."""

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

from rnn_designer.catalog import BadValue, FrozenMap, Part
from rnn_designer.design.edits.training import accepted_goal, accepted_training
from rnn_designer.design.migrations import Tree
from rnn_designer.design.model import DataSource, Goal, Training

Say = Callable[..., None]
"""Takes an error's sentence and the steps to its place in the file."""
_NUMBERS = ("clip_at", "validation", "test", "least_progress")
_PLAIN = (
    *("clipping", "batch_size", "epochs", "stride", "samples"),
    *("shuffle", "patience", "monitor", "seed", "runs"),
)


def training_tree(training: Training, source_tree: Callable[[DataSource], Tree]) -> Tree:
    """The training as the plain values of JSON."""
    from rnn_designer.design.encoding import encoded, thawed

    return {
        **thawed(training.extra),
        "optimizer": encoded(training.optimizer),
        "schedule": encoded(training.schedule),
        **{name: getattr(training, name) for name in _PLAIN},
        **{name: float(getattr(training, name)) for name in _NUMBERS},
        "goals": {key: _goal_tree(goal, source_tree) for key, goal in training.goals.items()},
    }


def _goal_tree(goal: Goal, source_tree: Callable[[DataSource], Tree]) -> Tree:
    from rnn_designer.design.encoding import encoded, thawed

    tree: Tree = {
        **thawed(goal.extra),
        "task": goal.task,
        "horizon": goal.horizon,
        "loss": encoded(goal.loss),
        "metrics": encoded(goal.metrics),
        "weight": float(goal.weight),
        "balanced": goal.balanced,
    }
    if goal.columns:
        tree["columns"] = list(goal.columns)
    if goal.source is not None:
        tree["source"] = source_tree(goal.source)
    return tree


class TrainingDecoder:
    """Reads the training of a file that has the right form; what is wrong is said with its place."""

    def __init__(
        self,
        say: Say,
        source: Callable[..., DataSource],
        extra: Callable[[type, Tree], FrozenMap],
        tops: Collection[str],
    ) -> None:
        self._say = say
        self._source = source
        self._extra = extra
        self._tops = tops

    def training(self, tree: Tree | None) -> Training | None:
        """The training; meaningless where something was said."""
        if tree is None:
            return None
        given: dict[str, Any] = {name: tree[name] for name in _PLAIN if name in tree}
        given |= {name: float(tree[name]) for name in _NUMBERS if name in tree}
        for name in ("optimizer", "schedule"):
            part = self._value(tree.get(name), "training", name)
            if part is not None:
                given[name] = part
        try:
            training = accepted_training(Training(**given, extra=self._extra(Training, tree)))
        except BadValue as bad:
            self._say(str(bad), "training")
            return None
        goals: dict[str, Goal] = {}
        for layer_id, each in tree.get("goals", {}).items():
            at = ("training", "goals", layer_id)
            if layer_id not in self._tops:
                self._say("There is no layer on the canvas with this id.", *at)
                continue
            goal = self._goal(each, at)
            if goal is not None:
                goals[layer_id] = goal
        return replace(training, goals=FrozenMap(goals))

    def _goal(self, tree: Tree, at: tuple[str, ...]) -> Goal | None:
        default = Goal()
        metrics = self._value(tree.get("metrics"), *at, "metrics")
        loss = self._value(tree.get("loss"), *at, "loss")
        source = tree.get("source")
        goal = Goal(
            task=tree.get("task", default.task),
            columns=tuple(tree.get("columns", ())),
            source=None if source is None else self._source(source, *at, "source"),
            horizon=tree.get("horizon", default.horizon),
            loss=loss,
            metrics=metrics,
            weight=float(tree.get("weight", default.weight)),
            balanced=tree.get("balanced", default.balanced),
            extra=self._extra(Goal, tree),
        )
        try:
            return accepted_goal(goal)
        except BadValue as bad:
            self._say(str(bad), *at)
            return None

    def _value(self, given: Any, *at: str) -> Any:
        """A part, or a tuple of parts; None where the file has neither."""
        from rnn_designer.design.encoding import decoded

        try:
            value = decoded(given)
        except BadValue as bad:
            self._say(str(bad), *at)
            return None
        return Part(value) if isinstance(value, str) else value
