"""Data files as the reader process gives them: each read once, and again when it changed on disk."""

from __future__ import annotations

import os
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import QObject, Signal

from rnn_designer.catalog import FrozenMap
from rnn_designer.messages import Failure, Message, Progress, ReadTable, Table
from rnn_designer.session.engine_process import EngineProcess, EngineState, role_command

if TYPE_CHECKING:
    _Signature: TypeAlias = tuple[int, int] | None


@dataclass(frozen=True)
class FileKey:
    """What is wanted of a file.

    Attributes:
        path: absolute.
        columns: the columns wanted; none for every numeric one.
        options: how to read it.
        rows: how many rows from the beginning; 0 for all.
    """

    path: str
    columns: tuple[str, ...] = ()
    options: FrozenMap = field(default_factory=FrozenMap)
    rows: int = 0


_KEPT = 16
_ATTEMPTS = 2


@dataclass(frozen=True)
class _Known:
    signature: _Signature
    answer: Table | str


@dataclass
class _Reading:
    signature: _Signature
    attempts: int = 0
    run: int = 0
    fraction: float | None = None
    words: str = ""
    stopped: bool = False


class DataFiles(QObject):
    """Asks the reader process for tables and keeps them.

    Signals:
        arrived(key, answer): a :class:`Table`, or the sentence that says why there is none.
        progressed(key): a reading has come further.
    """

    arrived = Signal(object, object)
    progressed = Signal(object)

    def __init__(self, parent: QObject | None = None, *, reader: EngineProcess | None = None) -> None:
        super().__init__(parent)
        self._reader = reader or EngineProcess(
            self, command=role_command("reader"), subject="The reader of data files"
        )
        self._known: OrderedDict[FileKey, _Known] = OrderedDict()
        self._readings: dict[FileKey, _Reading] = {}
        self._reader.received.connect(self._take)
        self._reader.state_changed.connect(self._reader_changed)

    @property
    def reader(self) -> EngineProcess:
        """The process that reads."""
        return self._reader

    def get(self, key: FileKey) -> Table | str | None:
        """The table, or the sentence; None if it has yet to be read: :attr:`arrived` follows then."""
        signature = _signature(key.path)
        known = self._known.get(key)
        if known is not None and known.signature == signature:
            self._known.move_to_end(key)
            return known.answer
        if key not in self._readings:
            self._readings[key] = _Reading(signature)
            self._reader.start()
            self._send_waiting()
        return None

    def progress(self, key: FileKey) -> tuple[float | None, str] | None:
        """How far a reading is, 0 to 1, and in words; None if it is not under way."""
        reading = self._readings.get(key)
        return None if reading is None else (reading.fraction, reading.words)

    def halt(self) -> None:
        """Stop every reading; what was read so far is the answer, where that can be used."""
        for key, reading in list(self._readings.items()):
            reading.stopped = True
            if reading.run:
                self._reader.cancel(reading.run)
            else:
                self._settle(key, _stopped(key))

    def forget(self) -> None:
        """Read every file again when it is next asked for."""
        self._known.clear()

    def stop(self) -> None:
        """End the reader process."""
        self._readings.clear()
        self._reader.stop()

    def _send_waiting(self) -> None:
        for key, reading in list(self._readings.items()):
            if not reading.run:
                run = self._reader.next_run()
                if self._reader.send(ReadTable(run, key.path, key.columns, dict(key.options), key.rows)):
                    reading.run = run

    def _take(self, message: Message) -> None:
        if not isinstance(message, Table | Failure | Progress):
            return
        key = next((key for key, reading in self._readings.items() if reading.run == message.run), None)
        if key is None or not message.run:
            return
        if isinstance(message, Progress):
            self._readings[key].fraction, self._readings[key].words = message.fraction, message.text
            self.progressed.emit(key)
            return
        self._settle(key, message if isinstance(message, Table) else message.sentence)

    def _settle(self, key: FileKey, answer: Table | str) -> None:
        reading = self._readings.pop(key)
        self._known[key] = _Known(reading.signature, answer)
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)
        self.arrived.emit(key, answer)

    def _reader_changed(self, state: EngineState) -> None:
        if state is EngineState.READY:
            self._send_waiting()
        elif state in (EngineState.CRASHED, EngineState.STOPPED):
            for key, reading in list(self._readings.items()):
                reading.attempts += bool(reading.run)
                reading.run = 0
                if reading.stopped:
                    self._settle(key, _stopped(key))
                elif state is EngineState.STOPPED or reading.attempts >= _ATTEMPTS:
                    name = os.path.basename(key.path)
                    self._settle(
                        key, f"“{name}” could not be read: {self._reader.last_end or self._reader.reason}"
                    )


def _stopped(key: FileKey) -> str:
    return f"Reading “{os.path.basename(key.path)}” was stopped: choose Read again to read it after all."


def _signature(path: str) -> _Signature:
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size
