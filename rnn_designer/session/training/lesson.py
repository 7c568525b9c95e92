"""From a design and its data to what is learned from: samples with targets, in parts, for every output."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from rnn_designer.codegen import keras_names
from rnn_designer.design import Checked, DataSource, Layer
from rnn_designer.design.model import Training
from rnn_designer.design.tasks import CLASSES_OF, FittedGoal
from rnn_designer.messages import Table
from rnn_designer.sequences import GENERATORS, DataProblem, array_of, generate, targets
from rnn_designer.session.data_files import DataFiles, FileKey
from rnn_designer.session.inputs import (
    FILE_KINDS,
    TYPED,
    Demand,
    demand,
    inputs_of,
    reading_options,
    resolved,
)
from rnn_designer.session.samples import SampleStore, text_table

if TYPE_CHECKING:
    from rnn_designer.messages import Array
    from rnn_designer.sequences.lessons import Aim, Feed, Lesson, Lessons

_TURN = 0.008
"""Seconds that a turn of the event loop may take: half of what is noticed."""
_PIECE = 2**16
"""How many numbers a generator makes in one go."""
_MOST_SAMPLES = 1_000_000


class LessonMaker(QObject):
    """Reads the data of a design and cuts it into lessons, in turns of the event loop that stay short.

    Signals:
        ready(lessons): :class:`rnn_designer.sequences.lessons.Lessons`; inputs and targets by layer name in Keras.
        failed(sentence): there is nothing to learn from, and why.
        progressed(words): what it is busy with.
    """

    ready = Signal(object)
    failed = Signal(str)
    progressed = Signal(str)

    def __init__(self, samples: SampleStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._files = samples.files
        self._work: Generator[None, None, Lessons] | None = None
        self._data: _Data | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._go_on)
        self._files.arrived.connect(self._file_arrived)
        self._files.progressed.connect(self._file_progressed)

    def make(self, checked: Checked, goals: Mapping[str, FittedGoal], folder: Path | None) -> None:
        """Begin; whatever was being made before is given up.

        Args:
            checked: the part of the design that is trained.
            goals: what its outputs learn, by layer id.
            folder: where the design's file lies; None if it has none yet.
        """
        self._work = None
        self._data = _Data(checked, goals, folder, self._files)
        self.progressed.emit("Reading the data …")
        self._timer.start()

    def cancel(self) -> None:
        """Give up what is being made; no signal follows."""
        self._work = self._data = None
        self._timer.stop()

    def _go_on(self) -> None:
        data = self._data
        if data is None:
            return
        try:
            if self._work is None:
                if not data.read():
                    return  # The rest of the files is on its way.
                self._work = data.lessons()
                self.progressed.emit("Cutting the samples …")
            until = time.perf_counter() + _TURN
            while time.perf_counter() < until:
                next(self._work)
        except StopIteration as end:
            self.cancel()
            self.ready.emit(end.value)
        except DataProblem as problem:
            self.cancel()
            self.failed.emit(str(problem))
        else:
            self._timer.start()

    def _file_arrived(self, _key: FileKey, _answer: object) -> None:
        if self._data is not None and self._work is None:
            self._timer.start()

    def _file_progressed(self, key: FileKey) -> None:
        if self._data is not None and self._work is None and key in self._data.keys:
            fraction, words = self._files.progress(key) or (None, "")
            share = "" if fraction is None else f" ({fraction:.0%})"
            self.progressed.emit(f"{words or 'Reading the data'}{share} …")


@dataclass(eq=False)
class _Source:
    """One place where data comes from: an Input's own, or that of targets."""

    title: str
    source: DataSource
    key: FileKey | None = None
    table: Table | None = None


class _Data:
    """Everything that a design's lessons are made of."""

    def __init__(
        self, checked: Checked, goals: Mapping[str, FittedGoal], folder: Path | None, files: DataFiles
    ) -> None:
        self._design = checked.design
        self._goals = goals
        self._folder = folder
        self._files = files
        self._training = checked.design.training or Training()
        self._names = keras_names(checked.design)
        self._inputs = inputs_of(checked.design)
        self._demands = {layer.id: demand(checked.design, layer, folder) for layer in self._inputs}
        self._of_inputs: dict[str, _Source] = {}
        self._of_goals: dict[str, _Source] = {}

    @property
    def keys(self) -> frozenset[FileKey]:
        """The files that it needs."""
        sources = (*self._of_inputs.values(), *self._of_goals.values())
        return frozenset(each.key for each in sources if each.key is not None)

    def read(self) -> bool:
        """Ask for every file; whether all are there.

        Raises:
            DataProblem: one cannot be read.
        """
        if not self._of_inputs:
            self._of_inputs = {layer.id: self._input_source(layer) for layer in self._inputs}
            self._of_goals = {
                layer_id: self._goal_source(goal)
                for layer_id, goal in self._goals.items()
                if goal.source is not None
            }
        complete = True
        for each in (*self._of_inputs.values(), *self._of_goals.values()):
            if each.key is None or each.table is not None:
                continue
            answer = self._files.get(each.key)
            if isinstance(answer, str):
                raise DataProblem(f"{each.title}: {answer}")
            each.table = answer
            complete = complete and answer is not None
        return complete

    def lessons(self) -> Generator[None, None, Lessons]:
        """Make and cut everything, piece by piece."""
        from rnn_designer.sequences.lessons import cutting_lessons

        feeds: dict[str, Feed] = {}
        made: dict[str, Array] = {}
        for layer in self._inputs:
            feeds[self._names[layer.id]] = feed = yield from self._feed(layer)
            made[layer.id] = feed.values
        aims: dict[str, Aim] = {}
        for layer_id, goal in self._goals.items():
            aims[self._names[layer_id]] = yield from self._aim(goal, made[goal.input])
        validation, test = self._shares()
        lessons = yield from cutting_lessons(
            feeds, aims, stride=self._training.stride, validation=validation, test=test
        )
        return self._in_fixed_batches(lessons)

    def _shares(self) -> tuple[float, float]:
        """The shares for validation and test: those of the first data source that names some, else the training's."""
        for wanted in self._demands.values():
            if wanted.source.validation or wanted.source.test:
                return wanted.source.validation, wanted.source.test
        return self._training.validation, self._training.test

    def _in_fixed_batches(self, lessons: Lessons) -> Lessons:
        """Leave out what would make the last batch smaller where an Input fixes the size of every batch."""
        fixed = next(
            (size for layer in self._inputs if isinstance(size := layer.value("batch_size"), int)), None
        )
        if fixed is None:
            return lessons

        def whole(part: Lesson | None, name: str) -> Lesson | None:
            if part is None or part.size % fixed == 0:
                return part
            if part.size < fixed:
                raise DataProblem(
                    f"The Input fixes a batch size of {fixed}, but the {name} part has {part.size} samples: give it "
                    "more, or take the batch size off the Input."
                )
            return part.first(part.size - part.size % fixed)

        train = whole(lessons.train, "training")
        assert train is not None
        return replace(
            lessons,
            train=train,
            validation=whole(lessons.validation, "validation"),
            test=whole(lessons.test, "test"),
        )

    def _input_source(self, layer: Layer) -> _Source:
        wanted = self._demands[layer.id]
        title = f"Input “{layer.name}”"
        if wanted.fault is not None:
            raise DataProblem(f"{title}: {wanted.fault}")
        if wanted.file is None:
            return _Source(title, wanted.source)
        columns = wanted.columns
        if columns:
            more = [name for goal in self._own_columns(layer) for name in goal.columns]
            columns = tuple(dict.fromkeys((*columns, *more)))
        return _Source(title, wanted.source, FileKey(wanted.file, columns, wanted.reading))

    def _own_columns(self, layer: Layer) -> Iterator[FittedGoal]:
        """The goals whose targets are columns of this Input's data."""
        for goal in self._goals.values():
            if goal.input == layer.id and goal.source is None and goal.columns:
                yield goal

    def _goal_source(self, goal: FittedGoal) -> _Source:
        source = goal.source
        assert source is not None
        title = f"The targets of “{self._title(goal)}”"
        if source.kind not in FILE_KINDS or (source.kind == "text" and "text" in source.options):
            return _Source(title, source)
        try:
            path = resolved(source.options.get("path"), self._folder)
        except DataProblem as problem:
            raise DataProblem(f"{title}: {problem}") from None
        chosen = source.options.get("columns", ())
        columns = tuple(map(str, chosen)) if isinstance(chosen, tuple) else (str(chosen),)
        key = FileKey(str(path), goal.columns or columns, reading_options(source.kind, source.options))
        return _Source(title, source, key)

    def _title(self, goal: FittedGoal) -> str:
        return self._design.layer(goal.layer).name

    def _feed(self, layer: Layer) -> Generator[None, None, Feed]:
        from rnn_designer.sequences.lessons import Feed

        wanted, found = self._demands[layer.id], self._of_inputs[layer.id]
        normalize = wanted.source.normalize
        columns: tuple[int, ...] | None = None
        if wanted.source.kind in GENERATORS:
            values = yield from self._generated(layer, wanted)
            if GENERATORS[wanted.source.kind].whole or len(wanted.sizes) < 2:
                normalize = "none"
        else:
            values = _plain_values(found)
            if found.table is not None and wanted.columns:
                columns = _places(found, wanted.columns)
        return Feed(
            values,
            wanted.sizes,
            wanted.source.time_steps,
            columns,
            normalize,
            wanted.whole,
            wanted.as_integers,
            wanted.vocabulary,
            found.title,
        )

    def _generated(self, layer: Layer, wanted: Demand) -> Generator[None, None, Array]:
        """As many samples as training asks for, long enough for targets that lie ahead."""
        import numpy as np

        number = self._training.samples
        if number > _MOST_SAMPLES:
            raise DataProblem(
                f"A generator makes up to {_MOST_SAMPLES:,} samples for training, but {number:,} are wanted: set a "
                "smaller number of samples."
            )
        sizes, kind, options = wanted.sizes, wanted.source.kind, wanted.source.options
        steps = (sizes[0] or wanted.source.time_steps) if sizes else 1
        ahead = 0
        if wanted.has_time:
            goals = [goal for goal in self._goals.values() if goal.input == layer.id and goal.source is None]
            ahead = max((goal.horizon for goal in goals if _foretells(goal)), default=0)
        sample = (steps + ahead, *(size or 1 for size in sizes[1:])) if sizes else ()
        pieces: list[Any] = []
        at = 0
        numbers = int(np.prod(sample)) if sample else 1
        while at < number:
            size = min(number - at, max(1, _PIECE // numbers))
            pieces.append(generate(kind, options, (size, *sample), first=at))
            at += size
            yield
        values = np.concatenate(pieces)
        if not wanted.has_time:
            return values.reshape(number, -1)
        return values.reshape(number, steps + ahead, -1)

    def _aim(self, goal: FittedGoal, data: Array) -> Generator[None, None, Aim]:
        from rnn_designer.sequences.lessons import Aim

        wanted, found = self._demands[goal.input], self._of_inputs[goal.input]
        columns: tuple[int, ...] | None = None
        values: Array | None = None
        normalize = "none"
        if goal.source is not None:
            own = self._of_goals[goal.layer]
            values = yield from self._own_values(own, data)
            normalize = goal.source.normalize
        elif goal.columns:
            columns = (
                _places(found, goal.columns)
                if found.table is not None
                else _numbers(goal.columns, found, data)
            )
        elif wanted.source.kind in GENERATORS and not _foretells(goal):
            values = yield from self._answers(goal, wanted, data)
        sizes = goal.sizes
        return Aim(
            self._names[goal.input],
            goal.task,
            goal.encoding,
            goal.per_step,
            sizes[1:] if goal.per_step else sizes,
            sizes[0] if goal.per_step and sizes else None,
            goal.horizon,
            columns,
            values,
            normalize,
            goal.classes or 0,
            goal.balanced,
            f"“{self._title(goal)}”",
        )

    def _answers(self, goal: FittedGoal, wanted: Demand, made: Array) -> Generator[None, None, Array | None]:
        """What the generator's task asks for, or the class that each of its samples belongs to."""
        import numpy as np

        kind = wanted.source.kind
        if GENERATORS[kind].target is None or made.ndim < 3:
            kinds = CLASSES_OF.get(kind)
            if kinds is None:
                return None
            return (np.arange(len(made)) % kinds).astype(np.float32)[:, None]
        pieces: list[Any] = []
        size = max(1, _PIECE // max(1, made[:1].size))
        for at in range(0, len(made), size):
            # Without what lies ahead of the sample: other outputs asked for that.
            steps = (wanted.sizes[0] or wanted.source.time_steps) if wanted.sizes else 1
            pieces.append(targets(kind, wanted.source.options, made[at : at + size, :steps]))
            yield
        return np.concatenate(pieces)[:, :, None]

    def _own_values(self, own: _Source, data: Array) -> Generator[None, None, Array]:
        source = own.source
        if source.kind not in GENERATORS:
            yield
            return _plain_values(own)
        shape = (len(data), data.shape[1] if data.ndim == 3 else 1, 1)
        pieces: list[Any] = []
        size = max(1, _PIECE // shape[1])
        for at in range(0, len(data), size):
            pieces.append(
                generate(source.kind, source.options, (min(size, len(data) - at), *shape[1:]), first=at)
            )
            yield
        import numpy as np

        made: Array = np.concatenate(pieces)
        return made if data.ndim == 3 else made[:, 0]


def _foretells(goal: FittedGoal) -> bool:
    from rnn_designer.sequences.lessons import FORETELLING

    return goal.task in FORETELLING


def _plain_values(found: _Source) -> Array:
    """Data that is there without being made up."""
    if found.table is not None:
        return found.table.values
    if found.source.kind == "text":
        return text_table(found.source).values
    if found.source.kind != TYPED:
        raise DataProblem(
            f"{found.title}: there is no kind of data called “{found.source.kind}”: choose another."
        )
    if "values" not in found.source.options:
        raise DataProblem(f"{found.title}: nothing is typed yet. Type or paste numbers in the data panel.")
    return array_of(found.source.options["values"])


def _places(found: _Source, wanted: tuple[str, ...]) -> tuple[int, ...]:
    """Where columns stand in what was read, by their names or numbers."""
    table = found.table
    assert table is not None
    places = []
    for each in wanted:
        name = each
        if each not in table.columns and each.isdigit() and int(each) < len(table.available):
            name = table.available[int(each)]
        if name not in table.columns:
            raise DataProblem(
                f"{found.title}: the data has no column “{each}”; it has {', '.join(table.available[:20])}. Choose one "
                "of them."
            )
        places.append(table.columns.index(name))
    return tuple(places)


def _numbers(wanted: tuple[str, ...], found: _Source, data: Array) -> tuple[int, ...]:
    """Columns of data whose columns have no names but their numbers, from 0."""
    width = data.shape[-1]
    for each in wanted:
        if not each.isdigit() or int(each) >= width:
            raise DataProblem(
                f"{found.title}: the data has the columns 0 to {width - 1}, and “{each}” is none of them. Choose one."
            )
    return tuple(map(int, wanted))
