"""The samples that every Input of the open design is fed with: read, generated, cut and kept up to date."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from rnn_designer.catalog import FrozenMap
from rnn_designer.codegen import keras_names
from rnn_designer.design import DataSource, Design
from rnn_designer.messages import Table
from rnn_designer.sequences import (
    DEFAULT_VOCABULARY,
    HEAD,
    DataProblem,
    Fitted,
    array_of,
    fit_generated,
    fit_series,
    ids,
)
from rnn_designer.session.data_files import DataFiles, FileKey
from rnn_designer.session.document import Document
from rnn_designer.session.engine_process import EngineProcess
from rnn_designer.session.inputs import TYPED, Demand, demand, inputs_of, reference, resolved

if TYPE_CHECKING:
    from rnn_designer.messages import Array

_QUICK = 8 * 2**20
"""Bytes of a file from which on its beginning is shown before the rest is read."""

_MOST_MADE = 10_000
"""How many samples a generator makes, and with :data:`_LARGEST_MADE` how many numbers."""
_LARGEST_MADE = 10_000_000


@dataclass(frozen=True, eq=False)
class _Entry:
    """Where one Input stands: samples, a problem, or (neither) waiting for its file."""

    demand: Demand
    fitted: Fitted | None = None
    problem: str | None = None
    table: Table | None = None

    @property
    def waiting(self) -> bool:
        return self.fitted is None and self.problem is None


class SampleStore(QObject):
    """Turns the design's data sources into arrays, one per Input.

    Generators run here, in the next turn of the event loop; files are read by the reader process, once per
    file and set of columns until the file changes on disk. Nothing happens before :meth:`start`, because NumPy
    is to be imported after the window shows.

    Signals:
        changed(): some Input has other samples, or a problem less or more.
        settled(): :attr:`ready` is true again, whether anything changed or not.
        failed(input_id, sentence): an Input got a problem.
        table_read(path, table): the answer to :meth:`read`; the path is as it was given.
        read_failed(path, sentence): :meth:`read` could not read that file.
        progressed(): a reading has come further: see :meth:`progress`.
    """

    changed = Signal()
    settled = Signal()
    failed = Signal(str, str)
    table_read = Signal(str, object)
    read_failed = Signal(str, str)
    progressed = Signal()

    def __init__(
        self, document: Document, parent: QObject | None = None, *, reader: EngineProcess | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._files = DataFiles(self, reader=reader)
        self._files.arrived.connect(self._file_arrived)
        self._files.progressed.connect(lambda _key: self.progressed.emit())
        self._entries: dict[str, _Entry] = {}
        self._asked: list[tuple[str, FileKey | None, str]] = []
        self._started = False
        self._fresh = False
        self._reread = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._update)
        document.changed.connect(self._schedule)
        document.file_changed.connect(self._schedule)

    @property
    def ready(self) -> bool:
        """Whether every Input of the current design has its samples, or a problem that says why not."""
        return self._fresh and not any(entry.waiting for entry in self._entries.values())

    @property
    def files(self) -> DataFiles:
        """The data files, for whoever needs more of them than the samples."""
        return self._files

    def start(self) -> None:
        """Begin to make samples, and go on with every change of the document."""
        self._started = True
        self._schedule()

    def stop(self) -> None:
        """End the reader process; nothing is made any more."""
        self._started = False
        self._timer.stop()
        self._files.stop()

    def source(self, input_id: str) -> DataSource:
        """The Input's own source, or the generator that stands in for it; KeyError if it is no Input."""
        return self.demand(input_id).source

    def demand(self, input_id: str) -> Demand:
        """What an Input asks of its samples: sizes, type and source; KeyError if it is no Input."""
        design = self._document.design
        for layer in inputs_of(design):
            if layer.id == input_id:
                return demand(design, layer, self._folder())
        raise KeyError(f"The design has no Input with the id “{input_id}”.")

    def has_time(self, input_id: str) -> bool:
        """Whether the first axis after the batch is time; so it is, too, where the Input is gone."""
        try:
            return self.demand(input_id).has_time
        except KeyError:
            return True

    def array(self, input_id: str) -> Array | None:
        """The samples of an Input, ``(batch, *shape)``, float32 or int32; None while there are none."""
        entry = self._entries.get(input_id)
        return entry.fitted.array if entry is not None and entry.fitted is not None else None

    def arrays(self, design: Design) -> dict[str, Array]:
        """The samples of every Input on a design's canvas that has some, by the Input's name in Keras."""
        names = keras_names(design)
        found = {names[layer.id]: self.array(layer.id) for layer in inputs_of(design)}
        return {name: array for name, array in found.items() if array is not None}

    def problem(self, input_id: str) -> str | None:
        """Why an Input has no samples, as a sentence; None if it has, or is waiting for them."""
        entry = self._entries.get(input_id)
        return entry.problem if entry is not None else None

    def table(self, input_id: str) -> Table | None:
        """The file that an Input's samples are cut from: its columns and remarks; None for generators.

        While a large file is being read, its beginning.
        """
        entry = self._entries.get(input_id)
        return entry.table if entry is not None else None

    def fitted(self, input_id: str) -> Fitted | None:
        """The samples with what belongs to them: what lies ahead, answers, where they were cut; None if none."""
        entry = self._entries.get(input_id)
        return entry.fitted if entry is not None else None

    def progress(self, input_id: str | None) -> tuple[float | None, str] | None:
        """How far the reading for an Input is, 0 to 1, and in words; None if nothing is read for it.

        With None for the Input: that of the file that :meth:`read` was asked for.
        """
        for key in self._readings_for(input_id):
            found = self._files.progress(key)
            if found is not None:
                return found[0], found[1] or f"Reading “{Path(key.path).name}” …"
        return None

    def _readings_for(self, input_id: str | None) -> list[FileKey]:
        if input_id is None:
            return [key for _path, key, _problem in self._asked if key is not None]
        entry = self._entries.get(input_id)
        return [_file_key(entry.demand)] if entry is not None and entry.waiting and entry.demand.file else []

    def describe(self, input_id: str) -> str:
        """What batch size and time steps mean here.

        For example "8 samples of 50 steps, cut from 309 rows every 30 steps"; the problem if there is one.
        """
        entry = self._entries.get(input_id)
        if entry is None:
            return "No samples yet."
        if entry.fitted is not None:
            return entry.fitted.words
        return entry.problem or f"Reading “{Path(entry.demand.file or '').name}” …"

    def read(
        self, path: str, columns: tuple[str, ...] = (), options: Mapping[str, str] | None = None
    ) -> None:
        """Read a data file, whether an Input uses it or not; of a large one only the beginning.

        :attr:`table_read` or :attr:`read_failed` follows, unless the same path is asked for again before.

        Args:
            path: as a data source's ``path`` option: absolute, relative to the design's folder, or
                ``resource:sequences/sunspots.csv`` for a file that comes with the program.
            columns: the columns wanted; empty for every numeric one.
            options: how to read it (``sequences.read_table``).
        """
        self._asked = [each for each in self._asked if each[0] != path]
        try:
            file = str(resolved(path, self._folder()))
            # The ids of a text depend on all of it.
            whole = (options or {}).get("kind") == "text"
            rows = HEAD if not whole and _size(file) > _QUICK else 0
            key = FileKey(file, columns, FrozenMap(options or {}), rows)
        except DataProblem as problem:
            self._asked.append((path, None, str(problem)))
        else:
            self._asked.append((path, key, ""))
        self._timer.start()

    def reload(self) -> None:
        """Read every file again."""
        self._files.forget()
        self._reread = True
        self._schedule()

    def stop_reading(self) -> None:
        """Stop reading files: of a table or a text, what was read so far is used; else the Input says why not."""
        self._files.halt()

    def reference(self, path: Path) -> str:
        """How a data source should name a file: relative to the design's folder if it lies in or below it."""
        return reference(path, self._folder())

    def _folder(self) -> Path | None:
        path = self._document.path
        return None if path is None else path.parent

    def _schedule(self, *_: object) -> None:
        self._fresh = False
        if self._started:
            self._timer.start()

    def _update(self) -> None:
        self._answer_asked()
        if not self._started:
            return
        design, folder = self._document.design, self._folder()
        before = self._entries
        entries: dict[str, _Entry] = {}
        for layer in inputs_of(design):
            wanted = demand(design, layer, folder)
            old = before.get(layer.id)
            if (
                old is not None
                and old.demand == wanted
                and not old.waiting
                and not (wanted.file and self._reread)
            ):
                entries[layer.id] = old
            else:
                entries[layer.id] = self._entry(wanted)
        self._entries = entries
        self._fresh = True
        self._reread = False
        if entries.keys() != before.keys() or any(entries[each] is not before[each] for each in entries):
            self.changed.emit()
            for input_id, entry in entries.items():
                old = before.get(input_id)
                if entry.problem is not None and (old is None or old.problem != entry.problem):
                    self.failed.emit(input_id, entry.problem)
        if self.ready:
            self.settled.emit()

    def _answer_asked(self) -> None:
        still: list[tuple[str, FileKey | None, str]] = []
        for path, key, problem in self._asked:
            answer = problem if key is None else self._files.get(key)
            if answer is None:
                still.append((path, key, problem))
            elif isinstance(answer, Table):
                self.table_read.emit(path, answer)
            else:
                self.read_failed.emit(path, answer)
        self._asked = still

    def _entry(self, wanted: Demand) -> _Entry:
        table: Table | None = None
        try:
            if wanted.fault is not None:
                raise DataProblem(wanted.fault)
            if wanted.source.kind == TYPED:
                return _Entry(wanted, _checked(_cut(_typed(wanted), wanted), wanted))
            if wanted.file is None and wanted.source.kind == "text":
                table = text_table(wanted.source)
                return _Entry(wanted, _checked(_cut(table.values, wanted), wanted), table=table)
            if wanted.file is None:
                return _Entry(wanted, _checked(_generated(wanted), wanted))
            # Asked for first, because it is answered long before the rest.
            beginning = self._beginning(wanted)
            answer = self._files.get(_file_key(wanted))
            if answer is None:
                return _Entry(wanted, table=beginning)
            if isinstance(answer, str):
                raise DataProblem(answer)
            table = answer
            return _Entry(wanted, _checked(_cut(table.values, wanted), wanted), table=table)
        except DataProblem as problem:
            return _Entry(wanted, problem=str(problem), table=table)

    def _beginning(self, wanted: Demand) -> Table | None:
        """The first rows of a large file, which are there long before the rest."""
        if wanted.file is None or wanted.source.kind == "text" or _size(wanted.file) <= _QUICK:
            return None
        head = self._files.get(replace(_file_key(wanted), rows=HEAD))
        return head if isinstance(head, Table) else None

    def _file_arrived(self, _key: FileKey, _answer: object) -> None:
        self._timer.start()


def _generated(wanted: Demand) -> Fitted:
    # It is made while the window waits: a hundred thousand samples would take seconds.
    if wanted.batch_size > _MOST_MADE:
        raise DataProblem(
            f"A generator makes up to {_MOST_MADE:,} samples, and the batch size is {wanted.batch_size:,}: set it "
            f"to at most {_MOST_MADE:,}, or choose a file."
        )
    numbers = wanted.batch_size * prod(size or wanted.source.time_steps for size in wanted.sizes)
    if numbers > _LARGEST_MADE:
        raise DataProblem(
            f"A generator makes up to {_LARGEST_MADE:,} numbers, and {wanted.batch_size:,} samples of this size "
            f"have {numbers:,}: set a smaller batch size, or fewer time steps."
        )
    return fit_generated(
        wanted.source.kind,
        wanted.source.options,
        wanted.sizes,
        batch_size=wanted.batch_size,
        time_steps=wanted.source.time_steps,
        normalize=wanted.source.normalize,
        whole=wanted.whole,
        horizon=wanted.source.horizon,
    )


def _file_key(wanted: Demand) -> FileKey:
    return FileKey(wanted.file or "", wanted.columns, wanted.reading)


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except (OSError, ValueError):
        return 0


def _typed(wanted: Demand) -> Array:
    if "values" not in wanted.source.options:
        raise DataProblem("Nothing is typed yet: paste or type numbers in the data panel, or draw them.")
    return array_of(wanted.source.options["values"])


def text_table(source: DataSource) -> Table:
    """A text that lives in the design, as ids."""
    options = source.options
    text = str(options["text"])
    most = options.get("most", DEFAULT_VOCABULARY)
    found = ids(
        lambda: (text,),
        str(options.get("unit", "characters")),
        options.get("lower") is True,
        most if isinstance(most, int) else DEFAULT_VOCABULARY,
    )
    return Table(
        0,
        found.values,
        ("token",),
        ("token",),
        (),
        {"kind": "text", "ids": str(len(found.vocabulary))},
        len(found.values),
        found.vocabulary,
        tuple(map(str, found.counts)),
    )


def _cut(values: Array, wanted: Demand) -> Fitted:
    source = wanted.source
    return fit_series(
        values,
        wanted.sizes,
        batch_size=wanted.batch_size,
        time_steps=wanted.source.time_steps,
        stride=source.stride,
        normalize=source.normalize,
        whole=wanted.whole,
        horizon=source.horizon,
        validation=wanted.shares[0],
        test=wanted.shares[1],
        part=source.part,
    )


def _checked(fitted: Fitted, wanted: Demand) -> Fitted:
    """The samples as they travel, once it is sure that an Embedding knows every id in them."""
    import numpy as np

    array = fitted.array
    if wanted.vocabulary is not None:
        lowest, highest = int(array.min()), int(array.max())
        if lowest < 0 or highest >= wanted.vocabulary:
            remedy = (
                "ids cannot be negative, so choose other data"
                if lowest < 0
                else f"set its input_dim to {highest + 1:,}, or choose other data"
            )
            raise DataProblem(
                f"The samples have ids from {lowest:,} to {highest:,}, but the Embedding behind this Input knows "
                f"0 to {wanted.vocabulary - 1:,}: {remedy}."
            )
    if wanted.whole and not wanted.as_integers:
        array = array.astype(np.float32)
    # The same array goes to plots and to the engine: nobody may change it.
    array.flags.writeable = False
    return replace(fitted, array=array)
