"""From whole series and samples to what a network learns from: windows with their targets, in parts, without leakage.

In short, for a series of rows and samples of T steps, of which sample i begins at row ``begin + i × stride``:

* a part (training, validation, test, in the order of time) is cut on its own: a sample and its targets lie wholly in
  it, so that nothing of later rows is known in training. A held-out part that is too short for that looks back:
  its samples begin in the rows before it, and only those targets count that lie in the part itself;
* scales of normalization come from the rows of the training part;
* ``next_step`` at step t: the row of step t + 1. ``horizon``: the row ``horizon`` steps after the last one.
  ``value`` and ``class``: from the row of the last step. ``values`` and ``classes``: from each step's row.
  ``next_token``: as ``next_step`` where the output has steps, else as ``horizon`` with 1.

Samples that are samples already (arrays with three axes, generators) are parted by whole samples.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from zlib import crc32

from rnn_designer.sequences.answers import Answers, answers_for
from rnn_designer.sequences.cutting import bounds, require_size, rows_are_samples
from rnn_designer.sequences.law import LARGEST
from rnn_designer.sequences.problem import DataProblem
from rnn_designer.sequences.tracks import Track, pieces, track
from rnn_designer.wording import counted

if TYPE_CHECKING:
    from rnn_designer.messages import Array
else:
    Array = Any


@dataclass(frozen=True, eq=False)
class Lesson:
    """One part of the samples, with what is to be learned from them.

    Attributes:
        inputs: by Input ``(samples, *shape)``, float32 or int32, scaled.
        targets: by output ``(samples, …)``: float32 numbers, scaled like the data; int32 numbers of classes; ones
            among zeros; or one 0 or 1. Where there is no answer: 0, and the weight is 0.
        sample_weights: by output ``(samples,)``, or ``(samples, time)`` for targets at every step; an output whose
            targets all count alike is not in it.
        rows: the row of the data, or the number of the sample, at which each sample begins, ``(samples,)`` int64.
    """

    inputs: Mapping[str, Array]
    targets: Mapping[str, Array]
    sample_weights: Mapping[str, Array] = field(default_factory=dict)
    rows: Array | None = None

    @property
    def size(self) -> int:
        """How many samples it has."""
        return len(next(iter(self.inputs.values()))) if self.inputs else 0

    def first(self, samples: int) -> Lesson:
        """The same with only its first samples."""

        def head(arrays: Mapping[str, Array]) -> dict[str, Array]:
            return {name: each[:samples] for name, each in arrays.items()}

        rows = None if self.rows is None else self.rows[:samples]
        return Lesson(head(self.inputs), head(self.targets), head(self.sample_weights), rows)


@dataclass(frozen=True, eq=False)
class Scale:
    """How numbers were scaled: ``scaled = (value − offset) / scale`` for each feature on the last axis."""

    offset: Array
    scale: Array

    def undo(self, values: Array) -> Array:
        """The numbers as they are in the data, ``(…, features)`` float32."""
        import numpy as np

        given: Array = (np.asarray(values, np.float64) * self.scale + self.offset).astype(np.float32)
        return given


@dataclass(frozen=True, eq=False)
class Lessons:
    """Everything that a design learns from.

    Attributes:
        train: the beginning, from which the network learns.
        validation: what follows, by which it is chosen when to stop; None without such a part.
        test: the end, which is looked at once, when all is settled; None without such a part.
        scales: of the targets, by output: how to get back to the numbers of the data; those of classes have none.
        labels: of classes, by output: what the data calls each class, from class 0; only where that is not its number.
        words: what was cut, for people: "400 samples of 50 steps to learn from, 100 to validate, 50 to test".
        fingerprint: another one wherever a number in the training or validation part is another.
    """

    train: Lesson
    validation: Lesson | None = None
    test: Lesson | None = None
    scales: Mapping[str, Scale] = field(default_factory=dict)
    labels: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    words: str = ""
    fingerprint: str = ""


@dataclass(frozen=True, eq=False)
class Feed:
    """The whole data of one Input.

    Attributes:
        values: a series ``(rows, columns)``, or samples ``(samples, steps, columns)``, unscaled; gaps are NaN.
        sizes: the Input's shape without the samples; None for an open axis.
        time_steps: how many steps each sample has where the Input leaves that open.
        columns: which columns the Input reads; None for all.
        normalize: a name in ``NORMALIZATIONS``.
        whole: whether it takes whole numbers.
        as_integers: whether they travel as int32.
        vocabulary: how many ids the Embedding behind it knows; None without one.
        title: what sentences call it.
    """

    values: Array
    sizes: tuple[int | None, ...]
    time_steps: int
    columns: tuple[int, ...] | None = None
    normalize: str = "none"
    whole: bool = False
    as_integers: bool = False
    vocabulary: int | None = None
    title: str = "The Input"

    @property
    def series(self) -> bool:
        """Whether samples are cut from one long series."""
        return self.values.ndim == 2

    @property
    def width(self) -> int:
        """How many columns the Input reads."""
        return self.values.shape[-1] if self.columns is None else len(self.columns)

    @property
    def timed(self) -> bool:
        """Whether a sample has steps; else each row is a sample."""
        return not (self.series and rows_are_samples(self.sizes, self.width))

    @property
    def steps(self) -> int:
        """How many steps a sample has."""
        return (self.sizes[0] or self.time_steps) if self.timed and self.sizes else 1


@dataclass(frozen=True, eq=False)
class Aim:
    """What one output learns.

    Attributes:
        input: whose data the targets lie in, or beside.
        task: ``next_step``, ``horizon``, ``value``, ``values``, ``class``, ``classes`` or ``next_token``.
        encoding: ``numbers``, ``ids``, ``one_hot`` or ``binary``.
        per_step: whether there is a target at every step.
        sizes: the output's sizes after the samples and the time, as far as they are known.
        steps: how many steps the output has; None where that is open, or without time.
        horizon: how many steps ahead the target lies.
        columns: the columns of the Input's data; None for those that the Input reads.
        values: where the targets come from instead: ``(rows, columns)`` beside the rows of a series, ``(samples,
            columns)`` or ``(samples, steps, columns)`` beside samples.
        normalize: how those are scaled.
        classes: how many classes the output tells apart; 0 for numbers.
        balanced: whether rare classes count as much in all as frequent ones.
        title: what sentences call the output.
    """

    input: str
    task: str
    encoding: str = "numbers"
    per_step: bool = False
    sizes: tuple[int | None, ...] = (1,)
    steps: int | None = None
    horizon: int = 1
    columns: tuple[int, ...] | None = None
    values: Array | None = None
    normalize: str = "none"
    classes: int = 0
    balanced: bool = False
    title: str = "the output"

    @property
    def ahead(self) -> int:
        """How many steps after the sample's own the targets lie."""
        return self.horizon if self.task in FORETELLING else 0


FORETELLING = ("next_step", "horizon", "next_token")
CLASSES = ("class", "classes", "next_token")


def lessons(
    feeds: Mapping[str, Feed],
    aims: Mapping[str, Aim],
    *,
    stride: int = 1,
    validation: float = 0.0,
    test: float = 0.0,
) -> Lessons:
    """Cut data into what is learned from.

    Args:
        feeds: the data by Input.
        aims: what is to be learned, by output.
        stride: steps between the starts of two samples that are cut from a series.
        validation: the share of the rows, or samples, for validation.
        test: the share for the test, at the end.

    Raises:
        DataProblem: there is nothing to learn from, or it does not fit; the sentence says what to do.
    """
    cutting = cutting_lessons(feeds, aims, stride=stride, validation=validation, test=test)
    while True:
        try:
            next(cutting)
        except StopIteration as end:
            made: Lessons = end.value
            return made


def cutting_lessons(
    feeds: Mapping[str, Feed],
    aims: Mapping[str, Aim],
    *,
    stride: int = 1,
    validation: float = 0.0,
    test: float = 0.0,
) -> Generator[None, None, Lessons]:
    """The same piece by piece: each step takes a few milliseconds, and the last one returns what was made."""
    import numpy as np

    require_size("Stride", stride)
    shares = {"train": 1.0, "validation": validation, "test": test}
    wanted = [part for part, share in shares.items() if share]
    plan = _Plan(feeds, aims, stride, validation, test)
    starts = {part: plan.starts(part) for part in wanted}
    _require_room(plan, sum(map(len, starts.values())))
    tracks: dict[str, Track] = {}
    for name, feed in feeds.items():
        tracks[name] = yield from track(feed, plan.training_rows(feed))
        starts = {part: each[tracks[name].whole_windows(each)] for part, each in starts.items()}
    for part, each in starts.items():
        if not len(each):
            raise DataProblem(
                f"Every sample of the {NAMES[part]} part has a gap or an infinite value, so there is none to use: "
                "fill the gaps in the data, choose other columns, or set fewer time steps."
            )
    answers: dict[str, Answers] = {}
    for name, aim in aims.items():
        answers[name] = yield from answers_for(aim, feeds[aim.input], tracks[aim.input], plan)
    parts: dict[str, Lesson] = {}
    for part, rows in starts.items():
        inputs, targets, weights = {}, {}, {}
        for name, data in tracks.items():
            inputs[name] = yield from data.windows(rows)
        for name, answer in answers.items():
            targets[name], known = yield from answer.at(rows)
            if aims[name].per_step:
                known &= plan.within(part, aims[name].input, rows, answer.first, answer.steps)
            if not known.any():
                raise DataProblem(
                    f"No sample of the {NAMES[part]} part has a target for {aims[name].title}: all are gaps. Choose "
                    "another column, or other data."
                )
            if not known.all():
                weights[name] = known.astype(np.float32)
                if plan.looks_back(part, aims[name].input):
                    # A loss is divided by all steps: so it comes out as the mean of those that count.
                    weights[name] *= np.float32(known.size / known.sum())
        parts[part] = Lesson(inputs, targets, weights, rows)
    for name, aim in aims.items():
        # Labels that exclude nothing have no class to be weighed by.
        exclusive = aim.encoding != "binary" or answers[name].sizes == (1,)
        if aim.balanced and aim.task in CLASSES and exclusive:
            parts["train"] = balanced(parts["train"], name, answers[name].classes)
    learned = [part for name, part in parts.items() if name != "test"]
    fingerprint = yield from _fingerprint(learned)
    return Lessons(
        parts["train"],
        parts.get("validation"),
        parts.get("test"),
        {name: each.scale for name, each in answers.items() if each.scale is not None},
        {name: each.labels for name, each in answers.items() if each.labels},
        _words(parts, plan),
        fingerprint,
    )


def _fingerprint(parts: Sequence[Lesson]) -> Generator[None, None, str]:
    """A checksum of every number, in the order of the samples."""
    found = 0
    for part in parts:
        for arrays in (part.inputs, part.targets, part.sample_weights):
            for name in sorted(arrays):
                array = arrays[name]
                found = crc32(repr((name, array.shape, array.dtype.str)).encode(), found)
                for piece in pieces(len(array), max(1, array[:1].size)):
                    found = crc32(array[piece].tobytes(), found)
                    yield
    return f"{found:08x}"


def balanced(lesson: Lesson, output: str, classes: int) -> Lesson:
    """The lesson with weights by which every class that occurs counts as much in all as any other.

    A class that makes up n of N targets, k classes being there, gets the weight N / (k · n), as is usual.
    """
    import numpy as np

    target = lesson.targets[output]
    known = lesson.sample_weights.get(output)
    # One-hot targets have an axis of the classes; one 0 or 1 has an axis of size 1.
    if target.dtype == np.int32:
        numbers = target
    else:
        numbers = (target[..., 0] if target.shape[-1] == 1 else target.argmax(axis=-1)).astype(np.int64)
    weights = np.ones(numbers.shape, np.float32) if known is None else known
    counts = np.bincount(numbers[weights > 0].ravel(), minlength=classes)
    there = counts > 0
    share = np.zeros(len(counts))
    share[there] = counts.sum() / (there.sum() * counts[there])
    weighted = (weights * share[numbers]).astype(np.float32)
    return replace(lesson, sample_weights={**lesson.sample_weights, output: weighted})


@dataclass(frozen=True, eq=False)
class _Plan:
    """Where samples begin, the same for every Input."""

    feeds: Mapping[str, Feed]
    aims: Mapping[str, Aim]
    stride: int
    validation: float
    test: float

    def training_rows(self, feed: Feed) -> int:
        """How many rows, or samples, of a feed the training part has: its scale comes from them."""
        return bounds(len(feed.values), self.validation, self.test, "train")[1]

    def needed(self, name: str) -> int:
        """How many rows or steps a sample of an Input takes, its targets included."""
        ahead = [aim.ahead for aim in self.aims.values() if aim.input == name and aim.values is None]
        return self.feeds[name].steps + max(ahead, default=0)

    def looks_back(self, part: str, name: str) -> bool:
        """Whether the samples of a held-out part begin before it, because it is shorter than one of them."""
        feed = self.feeds[name]
        begin, end = bounds(len(feed.values), self.validation, self.test, part)
        return part != "train" and feed.series and end - begin < self.needed(name) <= end

    def within(self, part: str, name: str, starts: Array, first: int, steps: int) -> Array:
        """Which targets of samples that begin there lie in the part itself, ``(samples, time)``."""
        import numpy as np

        feed = self.feeds[name]
        if not self.looks_back(part, name):
            return np.ones((len(starts), steps), bool)
        begin, _end = bounds(len(feed.values), self.validation, self.test, part)
        inside: Array = starts[:, None] + first + np.arange(steps) >= begin
        return inside

    def size_of(self, part: str, samples: int) -> str:
        """How large a part is: its samples, or its steps where one sample looks back."""
        name = next(iter(self.feeds))
        if self.looks_back(part, name) and any(aim.per_step for aim in self.aims.values()):
            begin, end = bounds(len(self.feeds[name].values), self.validation, self.test, part)
            return counted(end - begin, "step")
        return f"{samples:,}"

    def starts(self, part: str) -> Array:
        """The rows, or numbers, of the samples of a part."""
        import numpy as np

        found: dict[str, Array] = {}
        for name, feed in self.feeds.items():
            rows = len(feed.values)
            if not rows:
                raise DataProblem(f"{feed.title} has no data: choose a file with rows of numbers.")
            begin, end = bounds(rows, self.validation, self.test, part)
            needed = self.needed(name)
            if feed.series:
                if self.looks_back(part, name):
                    # One window holds every step of the part; with one target a sample, each row has its own.
                    per_step = any(aim.per_step for aim in self.aims.values())
                    begin = end - needed if per_step else max(0, begin - needed + 1)
                if end - begin < needed:
                    raise DataProblem(self._too_short(feed, part, end - begin, needed))
                found[name] = np.arange(begin, end - needed + 1, self.stride, dtype=np.int64)
            else:
                if feed.values.shape[1] < needed:
                    raise DataProblem(
                        f"The samples of {feed.title} have {counted(feed.values.shape[1], 'step')}, but one with its "
                        f"target takes {needed:,}: set fewer time steps, or choose another task."
                    )
                found[name] = np.arange(begin, end, dtype=np.int64)
        return self._common(found)

    def _too_short(self, feed: Feed, part: str, rows: int, needed: int) -> str:
        more = (
            f"set the time steps to at most {rows - (needed - feed.steps):,}, "
            if feed.timed and rows > 1
            else ""
        )
        return (
            f"The {NAMES[part]} part of {feed.title} has {counted(rows, 'row')}, but a sample with its target takes "
            f"{needed:,}: {more}give that part a larger share, or choose a longer series."
        )

    def _common(self, found: dict[str, Array]) -> Array:
        """Where the samples of all Inputs begin; each sample number is the same moment in all of them."""
        first = next(iter(found))
        for name, starts in found.items():
            same = len(self.feeds[name].values) == len(self.feeds[first].values)
            if not same or self.feeds[name].series != self.feeds[first].series:
                raise DataProblem(
                    f"{self.feeds[first].title} has {self._amount(first)} and {self.feeds[name].title} "
                    f"{self._amount(name)}: each sample needs both, so give them data of the same length."
                )
            if len(starts) < len(found[first]):
                first = name
        return found[first]

    def _amount(self, name: str) -> str:
        feed = self.feeds[name]
        return counted(len(feed.values), "row" if feed.series else "sample")


NAMES = {"train": "training", "validation": "validation", "test": "test"}


def _require_room(plan: _Plan, samples: int) -> None:
    """Refuse more numbers than anybody wants to wait for."""
    a_sample = sum(feed.steps * feed.width for feed in plan.feeds.values())
    if samples * a_sample > LARGEST:
        fitting = LARGEST // a_sample
        remedy = (
            f"raise the stride of training to at least {-(-samples * plan.stride // max(fitting, 1)):,}"
            if all(feed.series for feed in plan.feeds.values())
            else f"take at most {fitting:,} samples"
        )
        raise DataProblem(
            f"{samples:,} samples of {a_sample:,} numbers are more than the {LARGEST:,} numbers that a training may "
            f"have: {remedy}, or set fewer time steps."
        )


def _words(parts: Mapping[str, Lesson], plan: _Plan) -> str:
    feed = next(iter(plan.feeds.values()))
    steps = f" of {counted(feed.steps, 'step')}" if feed.timed else ""
    words = f"{counted(parts['train'].size, 'sample')}{steps} to learn from"
    if "validation" in parts:
        words += f", {plan.size_of('validation', parts['validation'].size)} to validate"
    if "test" in parts:
        words += f", {plan.size_of('test', parts['test'].size)} to test"
    return words
