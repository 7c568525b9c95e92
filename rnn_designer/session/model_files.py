"""Model files as the reader process gives them: whatever is in such a file, the window only sees a design."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from rnn_designer.design import Design, files
from rnn_designer.design.files import FileProblem
from rnn_designer.messages import Failure, Message, ModelRead, ReadModel
from rnn_designer.session.engine_process import EngineProcess, EngineState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rnn_designer.messages import Array

_ATTEMPTS = 2


class ModelFiles(QObject):
    """Asks the reader process for one model at a time; a newer wish replaces an older one.

    Signals:
        arrived(path, design, weights, remarks): the file as a design.
        failed(path, sentence): why there is none.
    """

    arrived = Signal(object, object, object, object)
    failed = Signal(object, str)

    def __init__(self, reader: EngineProcess, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reader = reader
        self._path: Path | None = None
        self._run = 0
        self._attempts = 0
        reader.received.connect(self._take)
        reader.state_changed.connect(self._reader_changed)

    @property
    def waiting(self) -> Path | None:
        """The file that is being read; None while there is none."""
        return self._path

    def read(self, path: Path) -> None:
        """Read a model file; :attr:`arrived` or :attr:`failed` follows."""
        self._path, self._run, self._attempts = path, 0, 0
        self._reader.start()
        self._send()

    def _send(self) -> None:
        if self._path is not None and not self._run:
            run = self._reader.next_run()
            if self._reader.send(ReadModel(run, str(self._path.absolute()))):
                self._run = run

    def _take(self, message: Message) -> None:
        path = self._path
        if path is None or not self._run or getattr(message, "run", 0) != self._run:
            return
        if isinstance(message, Failure):
            self._fail(message.sentence)
        elif isinstance(message, ModelRead):
            try:
                design: Design = files.from_text(message.design)
            except FileProblem as problem:
                self._fail(str(problem))
                return
            weights: Mapping[str, Array] = message.weights
            self._path = None
            self.arrived.emit(path, design, weights, message.remarks)

    def _fail(self, sentence: str) -> None:
        path, self._path = self._path, None
        self.failed.emit(path, sentence)

    def _reader_changed(self, state: EngineState) -> None:
        if state is EngineState.READY:
            self._send()
        elif state in (EngineState.CRASHED, EngineState.STOPPED) and self._path is not None:
            self._attempts += bool(self._run)
            self._run = 0
            if state is EngineState.STOPPED or self._attempts >= _ATTEMPTS:
                self._fail(
                    f"“{self._path.name}” could not be read: {self._reader.last_end or self._reader.reason}"
                )
