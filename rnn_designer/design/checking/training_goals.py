"""Checks of what an output is to learn against what it gives: steps, loss, metrics, range, number of classes."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from rnn_designer.catalog import Part, TensorSpec
from rnn_designer.catalog.parts import part_type
from rnn_designer.design.checking.context import appending, called, information, turned_on, warning
from rnn_designer.design.checking.graph import Graph
from rnn_designer.design.edits import change_goal, set_data, set_parameter
from rnn_designer.design.fitted_loss import FOR_SEVERAL_CLASSES, FROM_LOGITS, LOGITS, OF_CLASSES, TAKES_IDS
from rnn_designer.design.model import Layer, Link, Training
from rnn_designer.design.problems import Checked, Fix, Problem
from rnn_designer.design.tasks import AUTO, CLASSES_OF, TASKS, FittedGoal, fitting_units, vocabulary
from rnn_designer.wording import counted


@dataclass(frozen=True)
class Pupil:
    """A checked design that is trained, with what each of its outputs learns."""

    checked: Checked
    graph: Graph
    training: Training
    goals: Mapping[str, FittedGoal]

    def layer(self, goal: FittedGoal) -> Layer:
        """The layer whose output it is."""
        return self.graph.tops[goal.layer]

    def spec(self, goal: FittedGoal) -> TensorSpec:
        """The tensor at the output."""
        return self.checked.shapes[goal.layer, goal.port]

    def last(self, goal: FittedGoal) -> Layer | None:
        """The Dense whose activation function is the last one; None where it is no such layer."""
        layer = self.layer(goal)
        inner = layer.children[0] if layer.kind == "TimeDistributed" and layer.children else layer
        return inner if inner.kind == "Dense" else None


def _steps(pupil: Pupil, goal: FittedGoal) -> Iterator[Problem]:
    """Lint 45."""
    if not _misses_steps(pupil, goal):
        return
    task, layer = TASKS[goal.task], pupil.layer(goal)
    given = not task.per_step
    fixes = [Fix("Learn what fits the output", change_goal(layer.id, task="auto", loss=None, metrics=None))]
    source = _last_recurrent(pupil, layer)
    if source is not None:
        words = "on" if task.per_step else "off"
        label = f"Turn {words} return sequences of ‘{source.name}’"
        fixes.insert(0, Fix(label, turned_on(source, "return_sequences", task.per_step)))
    wanted = "a target at every step" if task.per_step else "one target for the whole sample"
    gives = "a prediction at every step" if given else "one prediction for the whole sample"
    yield warning(
        "target_steps",
        layer,
        f"“{task.title}” has {wanted}, but {called(layer)} gives {gives}. Change the one or the other.",
        *fixes,
        why="Keras does not mind: it spreads one target over all steps, or one prediction over all targets, and trains "
        "towards that. The loss goes down, and the network learns something else than was meant.",
    )


def _last_recurrent(pupil: Pupil, layer: Layer) -> Layer | None:
    """The nearest layer on the one way back whose output may have steps or not."""
    at: Layer | None = layer
    while at is not None:
        if any("return_sequences" in each.type.by_name for each in at.walk()):
            return at
        at = pupil.graph.feeder(at.id)
    return None


def _nothing(pupil: Pupil, goal: FittedGoal) -> Iterator[Problem]:
    """An output without targets, such as that of a recurrent layer at the end."""
    task, layer = TASKS[goal.task], pupil.layer(goal)
    if not goal.missing or _misses_steps(pupil, goal):
        return
    source = pupil.graph.tops[goal.input]
    units = fitting_units(pupil.graph, pupil.checked, source)
    fixes = []
    given = pupil.training.goals.get(layer.id)
    chosen = given is not None and given.task != AUTO and not task.foretells
    if chosen and units == pupil.spec(goal).features and goal.activation != "softmax":
        fixes.append(Fix("Foretell the data", change_goal(layer.id, task=AUTO, loss=None, metrics=None)))
    elif not chosen and units is not None:
        tokens = pupil.checked.shapes[source.id, "output"].kind == "int"
        params: dict[str, object] = {"units": units, **({"activation": "softmax"} if tokens else {})}
        label = f"Put a Dense with {counted(units, 'unit')} behind ‘{layer.name}’"
        if layer.kind == "Dense" and not tokens and not task.classes:
            fixes.append(Fix(f"Set units to {units}", set_parameter(layer.id, "units", units)))
        elif layer.kind != "Dense":
            fixes.append(appending(label, "Dense", Link(layer.id, "", goal.port), **params))
    yield information(
        "nothing_to_learn",
        layer,
        goal.missing,
        *fixes,
        why="An output learns by being compared with a target. Where it has as many numbers as a step of the data, "
        "what comes next in the data can be the target. Else the target has to come from columns that are named, or "
        "from a source of its own.",
    )


def _misses_steps(pupil: Pupil, goal: FittedGoal) -> bool:
    task, spec = TASKS[goal.task], pupil.spec(goal)
    given = spec.rank > 2 and spec.axes[1] == "time"
    return task.per_step is not None and task.per_step != given


def _loss(pupil: Pupil, goal: FittedGoal) -> Iterator[Problem]:
    """Lint 46: a loss that takes other targets than there are."""
    task, layer = TASKS[goal.task], pupil.layer(goal)
    units = pupil.spec(goal).features or 0
    message = ""
    own = bool(goal.columns) or goal.source is not None
    if goal.loss.kind in TAKES_IDS and not task.classes:
        message = f"{goal.loss.kind} takes numbers of classes, but {called(layer)} learns “{task.title}”."
    elif goal.loss.kind in _NO_NUMBERS and not task.classes and not own:
        message = f"{goal.loss.kind} compares classes, but {called(layer)} learns “{task.title}”."
    elif goal.loss.kind in FOR_SEVERAL_CLASSES and units == 1:
        message = f"{goal.loss.kind} tells several classes apart, but {called(layer)} has one unit."
    if not message:
        return
    fixes = [Fix("Use the loss that fits", change_goal(layer.id, loss=None))]
    if not task.classes and units > 1:
        other = "classes" if task.per_step else "class"
        fixes.append(
            Fix(f"Learn {TASKS[other].title.lower()}", change_goal(layer.id, task=other, metrics=None))
        )
    yield warning(
        "loss_misfit",
        layer,
        f"{message} Choose a loss that fits, or another task.",
        *fixes,
        why="Some losses take the number of the class as target, some a 1 at the class among zeros, some any number. "
        "What they are given here is made to fit where it can be. Where it cannot, Keras stops with a shape that does "
        "not match, or cuts the numbers to whole ones and trains towards nonsense.",
    )


_NO_NUMBERS = OF_CLASSES - {"KLDivergence"}


def _metrics(pupil: Pupil, goal: FittedGoal) -> Iterator[Problem]:
    layer = pupil.layer(goal)
    rank = pupil.spec(goal).rank
    wrong = [metric for metric in goal.metrics if not _fits(metric, goal, rank)]
    if not wrong:
        return
    names = ", ".join(each.kind for each in wrong)
    right = tuple(metric for metric in goal.metrics if metric not in wrong)
    yield warning(
        "metric_misfit",
        layer,
        f"{names} cannot measure {called(layer)} with {_ENCODED[goal.encoding]}"
        f"{' at every step' if rank > 2 else ''}. Leave it out.",
        Fix(f"Leave out {names}", change_goal(layer.id, metrics=right)),
        Fix("Use the metrics that fit", change_goal(layer.id, metrics=None)),
        why="A metric that was made for another form of targets gives a number all the same, or stops the training. "
        "“Sparse” metrics take the number of the class, “categorical” ones a 1 at the class among zeros, and some "
        "know only one prediction per sample.",
    )


_ENCODED = {
    "numbers": "numbers as targets",
    "ids": "the numbers of classes as targets",
    "one_hot": "a 1 at the class as target",
    "binary": "0 or 1 as target",
}
_OF_ONE_HOT = frozenset(
    {
        "CategoricalAccuracy",
        "CategoricalCrossentropy",
        "CategoricalHinge",
        "F1Score",
        "FBetaScore",
        "TopKCategoricalAccuracy",
    }
)


def _fits(metric: Part, goal: FittedGoal, rank: int) -> bool:
    found = part_type("metrics", metric.kind)
    if found is None or not found.fits(rank):
        return False
    if metric.kind.startswith("Sparse"):
        return goal.encoding == "ids"
    if metric.kind in _OF_ONE_HOT:
        binary = goal.encoding == "binary" and metric.kind in ("F1Score", "FBetaScore")
        return goal.encoding == "one_hot" or binary
    return goal.encoding != "ids"


def _logits(pupil: Pupil, goal: FittedGoal) -> Iterator[Problem]:
    if goal.loss.kind not in FROM_LOGITS:
        return
    layer, last = pupil.layer(goal), pupil.last(goal)
    says = bool(goal.loss.params.get("from_logits", False))
    gives = goal.activation in LOGITS
    if says == gives or goal.activation not in (*LOGITS, "sigmoid", "softmax"):
        return
    right = replace(goal.loss, params=goal.loss.params.without("from_logits"))
    if gives:
        right = replace(right, params=right.params.having(from_logits=True))
    fixes = [Fix(f"Turn {'on' if gives else 'off'} from logits", change_goal(layer.id, loss=right))]
    if last is not None:
        one = (pupil.spec(goal).features or 0) == 1
        wanted = None if says else "sigmoid" if one else "softmax"
        fixes.append(
            Fix(
                f"Use {wanted or 'no'} activation in ‘{last.name}’",
                set_parameter(last.id, "activation", wanted),
            )
        )
    got = "scores without an activation" if gives else f"probabilities by {goal.activation}"
    takes = "scores" if says else "probabilities"
    yield warning(
        "logits",
        layer,
        f"{called(layer)} gives {got}, but {goal.loss.kind} takes {takes} here. Set from logits to what the output is.",
        *fixes,
        why="A crossentropy needs probabilities. With from logits it makes them itself from scores of any size. If the "
        "network has made them already, they are squeezed twice and learning is slow; if nobody makes them, the loss "
        "cuts off what is not between 0 and 1, and its slope is lost there.",
    )


def _range(pupil: Pupil, goal: FittedGoal) -> Iterator[Problem]:
    """Numbers that the output cannot reach."""
    from rnn_designer.sequences import GENERATORS

    lowest = _RANGES.get(goal.activation)
    source = pupil.checked.design.source_of(goal.input)
    if (
        lowest is None
        or goal.encoding != "numbers"
        or source is None
        or goal.source is not None
        or goal.missing
    ):
        return
    if source.normalize == "range" or (source.kind in GENERATORS and source.normalize == "none"):
        return
    layer, last = pupil.layer(goal), pupil.last(goal)
    fixes = []
    if last is not None:
        fixes.append(Fix(f"Use no activation in ‘{last.name}’", set_parameter(last.id, "activation", None)))
    fixes.append(Fix("Scale the data from 0 to 1", set_data(goal.input, replace(source, normalize="range"))))
    yield warning(
        "out_of_reach",
        layer,
        f"{called(layer)} gives only numbers {lowest}, by {goal.activation}, and the targets go beyond that. Leave the "
        "activation off, or scale the data.",
        *fixes,
        why="A network that is to give a number ends best in a layer without activation. With one, every target "
        "outside its range stays out of reach: the loss stops going down early, and the output sits at the end of it.",
    )


_RANGES = {
    "sigmoid": "from 0 to 1",
    "softmax": "that add up to 1",
    "tanh": "from −1 to 1",
    "softsign": "from −1 to 1",
    "relu": "from 0 up",
    "softplus": "from 0 up",
    "exponential": "from 0 up",
    "relu6": "from 0 to 6",
}


def _too_few(pupil: Pupil, goal: FittedGoal) -> Iterator[Problem]:
    """A class that the output has no unit for."""
    units = pupil.spec(goal).features
    if goal.encoding not in ("ids", "one_hot") or units is None or goal.source is not None or goal.columns:
        return
    source = pupil.checked.design.source_of(goal.input)
    kind = "" if source is None else source.kind
    asked = pupil.graph.tops[goal.input]
    if goal.task == "next_token":
        needed = vocabulary(pupil.graph, asked)
    elif kind == "copy" and source is not None:
        needed = int(source.options.get("symbols", 8)) + 1
    else:
        needed = CLASSES_OF.get(kind)
    layer, last = pupil.layer(goal), pupil.last(goal)
    if needed is None or needed <= units or last is None:
        return
    yield warning(
        "too_few_classes",
        layer,
        f"There are {needed:,} classes to be told apart, but {called(layer)} has "
        f"{counted(units, 'unit')}. Give it {needed}.",
        Fix(f"Set units to {needed}", set_parameter(last.id, "units", needed)),
        why="Each class needs a unit of its own. For a class without one, the loss reads beyond the end: on a CPU "
        "training stops with an error, on a GPU it goes on with wrong numbers.",
    )


def _masked(pupil: Pupil, goal: FittedGoal) -> Iterator[Problem]:
    """Lint 23."""
    if not goal.masked:
        return
    layer = pupil.layer(goal)
    yield information(
        "masked_loss",
        layer,
        f"The mask reaches the output of {called(layer)}: loss and metrics are means over the steps that count, and "
        "masked steps do not.",
        why="A mask travels with the tensor, and Keras takes it into account where it compares output and target. The "
        "loss is then not what one gets by comparing all steps by hand, and a sample with few real steps counts less "
        "than one with many.",
    )


GOAL_RULES: tuple[Callable[[Pupil, FittedGoal], Iterator[Problem]], ...] = (
    _nothing,
    _steps,
    _loss,
    _metrics,
    _logits,
    _range,
    _too_few,
    _masked,
)
