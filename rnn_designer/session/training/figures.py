"""What predictions of held-out samples are worth, output by output, in the data's own unit and beside a baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rnn_designer.design.tasks import TASKS, FittedGoal
from rnn_designer.sequences.problem import DataProblem

if TYPE_CHECKING:
    from rnn_designer.messages import Array
    from rnn_designer.sequences.classified import Classified
    from rnn_designer.sequences.forecasts import Forecast
    from rnn_designer.sequences.lessons import Lesson, Lessons, Scale

_ACROSS_ZERO = frozenset({"tanh", "linear", "softsign", "hard_tanh"})
"""Last activations of one unit that decide between two classes at 0, where no loss says that they are logits."""


@dataclass(frozen=True, eq=False)
class OutputFigures:
    """How good one output is.

    Attributes:
        layer: id of its layer.
        name: the layer's name.
        task: a name in ``design.tasks.TASKS``.
        features: what the numbers of an output of values are called, one each; of classes, what each class is.
        forecast: for values.
        classified: for classes.
        own_unit: whether normalization was undone, so that figures are in the unit of the data.
        first: the row of the data at which the part's first sample begins; 0 where samples have no row.
    """

    layer: str
    name: str
    task: str
    features: tuple[str, ...]
    forecast: Forecast | None = None
    classified: Classified | None = None
    own_unit: bool = False
    first: int = 0

    @property
    def sentence(self) -> str:
        """How it does beside the strongest baseline."""
        found = self.forecast or self.classified
        return "" if found is None else found.sentence

    @property
    def bad(self) -> bool:
        """Whether something that needs no network does as well or better."""
        return self.sentence.startswith(("Worse", "No better"))


@dataclass(frozen=True, eq=False)
class Evaluation:
    """How good a design is on samples that it has not learned from.

    Attributes:
        part: ``test``, ``validation`` or ``train``.
        samples: how many there are.
        of: whose weights: "epoch 12 of Run 3", "the design's own weights".
        logs: loss and metrics by name, as Keras gives them: of scaled targets where the data is normalized.
        outputs: the figures of each output.
        seconds: how long it took.
    """

    part: str
    samples: int
    of: str
    logs: Mapping[str, float]
    outputs: tuple[OutputFigures, ...]
    seconds: float = 0.0


def figures_of(
    name: str,
    goal: FittedGoal,
    lessons: Lessons,
    part: str,
    prediction: Array,
    *,
    key: str,
    input_key: str,
    columns: Sequence[str] = (),
    vocabulary: Sequence[str] = (),
) -> OutputFigures:
    """Measure one output's predictions.

    Args:
        name: the layer's name.
        goal: what the output learns.
        lessons: what all parts hold.
        part: which of them was predicted.
        prediction: ``(samples, …)``, as the model gives it.
        key: the name of the output in the lessons.
        input_key: the name of the Input in whose data the targets lie.
        columns: the features that this Input reads, in order; empty if unknown.
        vocabulary: the token of every id; empty if there are none.

    Raises:
        DataProblem: there is nothing to measure, or shapes do not belong together.
    """
    lesson: Lesson | None = getattr(lessons, part)
    if lesson is None or key not in lesson.targets:
        raise DataProblem(
            f"“{name}” has no targets in the {part} part: give that part a share, or choose its targets."
        )
    first = 0 if lesson.rows is None or not len(lesson.rows) else int(lesson.rows[0])
    if goal.encoding == "numbers":
        return _of_values(name, goal, lessons, lesson, prediction, key, input_key, tuple(columns), first)
    return _of_classes(name, goal, lessons, lesson, prediction, key, input_key, tuple(vocabulary), first)


def _of_values(
    name: str,
    goal: FittedGoal,
    lessons: Lessons,
    lesson: Lesson,
    prediction: Array,
    key: str,
    input_key: str,
    columns: tuple[str, ...],
    first: int,
) -> OutputFigures:
    from rnn_designer.sequences.forecasts import judge

    scale = lessons.scales.get(key)
    targets, learned = lesson.targets[key], lessons.train.targets[key]
    past = None
    if TASKS[goal.task].foretells:
        past = _own_past(lesson.inputs.get(input_key), targets, goal.columns, columns)
    prediction = _shaped(prediction, targets)
    forecast = judge(
        _undone(targets, scale),
        _undone(prediction, scale),
        learned=_known(_undone(learned, scale), lessons.train.sample_weights.get(key)),
        past=None if past is None else _undone(past, scale),
        per_step=goal.per_step,
        ahead=goal.horizon if TASKS[goal.task].foretells else 0,
        stride=stride_of(lesson, input_key),
        weights=lesson.sample_weights.get(key),
    )
    count = forecast.targets.shape[-1]
    called = goal.columns or columns
    features = called if len(called) == count else tuple(f"feature {place}" for place in range(count))
    return OutputFigures(goal.layer, name, goal.task, features, forecast, None, scale is not None, first)


def _of_classes(
    name: str,
    goal: FittedGoal,
    lessons: Lessons,
    lesson: Lesson,
    prediction: Array,
    key: str,
    input_key: str,
    vocabulary: tuple[str, ...],
    first: int,
) -> OutputFigures:
    from rnn_designer.sequences.classified import judge_classes, judge_labels

    targets, learned = lesson.targets[key], lessons.train.targets[key]
    weights = lesson.sample_weights.get(key)
    logits = bool(goal.loss.params.get("from_logits", False))
    across = not logits and goal.activation in _ACROSS_ZERO
    threshold = 0.0 if logits or across else 0.5
    if goal.encoding == "binary" and targets.shape[-1] > 1 and targets.shape == prediction.shape:
        found = judge_labels(targets, prediction, learned=learned, threshold=threshold, weights=weights)
        names = goal.columns if len(goal.columns) == found.classes else _numbered("label", found.classes)
        return OutputFigures(goal.layer, name, goal.task, names, None, found, False, first)
    actual = _ids(targets, goal.encoding)
    past = learned_past = None
    if goal.task == "next_token":
        past = _tokens_before(lesson.inputs.get(input_key), actual)
        learned_past = _tokens_before(lessons.train.inputs.get(input_key), _ids(learned, goal.encoding))
    found = judge_classes(
        actual,
        prediction,
        learned=_known_ids(_ids(learned, goal.encoding), lessons.train.sample_weights.get(key), learned_past),
        past=past,
        learned_past=learned_past,
        threshold=threshold,
        logits=logits,
        weights=weights,
    )
    return OutputFigures(
        goal.layer,
        name,
        goal.task,
        _names(lessons.labels.get(key), vocabulary, found.classes),
        None,
        found,
        False,
        first,
    )


def stride_of(lesson: Lesson, input_key: str) -> int:
    """How many steps later each further sample begins in one long series; 0 where samples have nothing to do with it.

    Samples that were cut say at which row each begins; samples that were samples already say their number. They are
    told apart by what overlaps: the later steps of one are the earlier ones of the next.
    """
    import numpy as np

    rows, values = lesson.rows, lesson.inputs.get(input_key)
    if rows is None or values is None or len(rows) < 2 or values.ndim < 2:
        return 0
    gaps = np.diff(np.asarray(rows))
    stride = int(gaps[0])
    if stride < 1 or (gaps != stride).any():
        return 0
    if stride >= values.shape[1]:
        return stride
    few = min(len(values) - 1, 8)
    later, sooner = values[:few, stride:], values[1 : few + 1, :-stride]
    return stride if np.array_equal(later, sooner, equal_nan=values.dtype.kind == "f") else 0


def _own_past(
    values: Array | None, targets: Array, wanted: tuple[str, ...], columns: tuple[str, ...]
) -> Array | None:
    """What each sample has seen of the targets' own columns, ``(samples, time, …)``."""
    if values is None or values.ndim < 2 or values.dtype.kind != "f":
        return None
    if values.ndim == 2:
        values = values[..., None]
    if wanted and wanted != columns:
        if not set(wanted) <= set(columns) or len(columns) != values.shape[-1]:
            return None
        values = values[..., [columns.index(each) for each in wanted]]
    size = 1
    for each in targets.shape[1:]:
        size *= each
    one = 1
    for each in values.shape[2:]:
        one *= each
    return values if size in (one, one * values.shape[1]) else None


def _undone(values: Array, scale: Scale | None) -> Array:
    return values if scale is None else scale.undo(values)


def _shaped(prediction: Array, targets: Array) -> Array:
    """The predictions in the targets' shape where only axes of 1 differ: ``(samples, 1)`` for ``(samples,)``."""
    if prediction.shape == targets.shape or prediction.size != targets.size:
        return prediction
    return prediction.reshape(targets.shape)


def _known(learned: Array, weights: Array | None) -> Array:
    """What a baseline may know: targets that did not count are gaps."""
    import numpy as np

    values = np.asarray(learned, np.float64)
    if weights is None:
        return values
    heavy = np.asarray(weights) > 0
    heavy = heavy.reshape(heavy.shape + (1,) * (values.ndim - heavy.ndim))
    gaps: Array = np.where(heavy, values, np.nan)
    return gaps


def _ids(targets: Array, encoding: str) -> Array:
    """The class of each moment, ``(samples,)`` or ``(samples, time)``."""
    import numpy as np

    if encoding == "one_hot":
        best: Array = targets.argmax(axis=-1)
        return best
    values = np.asarray(targets)
    if encoding == "binary" and values.ndim > 1 and values.shape[-1] == 1:
        values = values[..., 0]
    whole: Array = np.rint(values).astype(np.int64)
    return whole


def _known_ids(learned: Array, weights: Array | None, beside: Array | None) -> Array:
    """The classes of the training part that count; all, where others have to stand beside them one by one."""
    import numpy as np

    if weights is None or beside is not None:
        return learned
    heavy = np.asarray(weights) > 0
    if heavy.ndim < learned.ndim:
        heavy = np.broadcast_to(
            heavy.reshape(heavy.shape + (1,) * (learned.ndim - heavy.ndim)), learned.shape
        )
    counted: Array = learned[heavy]
    return counted


def _tokens_before(values: Array | None, actual: Array) -> Array | None:
    """The token before each moment, shaped like the classes there."""
    if values is None or values.ndim != 2:
        return None
    if actual.ndim == 1:
        last: Array = values[:, -1]
        return last
    return values if values.shape == actual.shape else None


def _names(labels: Sequence[float] | None, vocabulary: tuple[str, ...], count: int) -> tuple[str, ...]:
    if vocabulary:
        known = tuple(_visible(each) for each in vocabulary[:count])
        return known + tuple(str(place) for place in range(len(known), count))
    if labels is not None and len(labels) == count:
        return tuple(f"{each:g}" for each in labels)
    return tuple(str(place) for place in range(count))


def _numbered(noun: str, count: int) -> tuple[str, ...]:
    return tuple(f"{noun} {place}" for place in range(count))


def _visible(token: str) -> str:
    return {" ": "␣", "\n": "⏎", "\t": "⇥", "": "∅"}.get(token, token)
