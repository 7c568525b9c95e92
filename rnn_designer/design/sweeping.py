"""What a sweep tries out: which settings vary, between which values, and how the next trial is chosen.

Values only; what may be varied in a design and what a trial's design is, is in ``design.trials``.
"""

from dataclasses import dataclass, field

from rnn_designer.catalog import FrozenMap, Value

METHODS: dict[str, str] = {
    "bayesian": "Each trial learns from the trials before: where they did well, more is tried (a tree-structured "
    "Parzen estimator). Usually needs the fewest trials.",
    "random": "Each trial is drawn anew, whatever came before. It covers all of the ranges evenly.",
}
"""How trials are chosen, each with its explanation."""
KIND = "kind"
"""The name under which a layer's own kind is varied."""


@dataclass(frozen=True)
class Varied:
    """One setting and the values that are tried for it: either some choices or all numbers of a range.

    Attributes:
        layer: id of the layer whose setting it is; None for one of the training.
        name: of the parameter (``units``), of an argument of a part (``optimizer.learning_rate``), or ``kind``.
        choices: the values that are tried; none for a range.
        low: the least number of a range.
        high: the largest.
        log: whether each power of ten of a range is tried as often as every other, as suits learning rates.
    """

    layer: str | None
    name: str
    choices: tuple[Value, ...] = ()
    low: float | int = 0
    high: float | int = 0
    log: bool = False
    extra: FrozenMap = field(default_factory=FrozenMap)

    @property
    def key(self) -> str:
        """What names it in a study: ``<layer id>/units``, ``training/batch_size``."""
        return f"{self.layer or 'training'}/{self.name}"


@dataclass(frozen=True)
class Sweep:
    """Many trainings of one design with other settings, to find which are best.

    Attributes:
        varied: the settings that are tried out, each once.
        method: a name in :data:`METHODS`.
        trials: how many trainings in all.
        pruning: whether a trial ends early that does worse than the median of those before at the same epoch.
        patience: after how many epochs a trial may be ended so.
        seed: of what is drawn.
    """

    varied: tuple[Varied, ...] = ()
    method: str = "bayesian"
    trials: int = 20
    pruning: bool = True
    patience: int = 3
    seed: int = 0
    extra: FrozenMap = field(default_factory=FrozenMap)

    def find(self, layer: str | None, name: str) -> Varied | None:
        """The entry for a setting, if it is varied."""
        return next((each for each in self.varied if (each.layer, each.name) == (layer, name)), None)
