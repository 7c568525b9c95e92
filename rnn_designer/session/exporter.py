"""Writes the exported program, and the weights beside it, which only the engine can put into Keras' own file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from rnn_designer.codegen import NotExportable, Style, formatted, generate
from rnn_designer.design.files import FileProblem
from rnn_designer.design.storage import write_atomically
from rnn_designer.messages import Failure, Message, Saved, SaveWeights
from rnn_designer.session.checks import Checks
from rnn_designer.session.engine_process import EngineProcess, EngineState
from rnn_designer.session.live_run import LiveRun
from rnn_designer.session.live_status import LiveStatus


def weights_file_for(path: Path) -> Path:
    """Where the weights of an exported program lie: ``model.py`` has ``model.weights.h5`` beside it."""
    return path.with_name(f"{path.stem}.weights.h5")


class Exporter(QObject):
    """Exports the open design to a file, one export at a time.

    Signals:
        finished(paths): these files were written, the program first.
        failed(sentence): nothing was written, and why.
        busy_changed(): an export waits for the engine, or waits no longer.
    """

    finished = Signal(object)
    failed = Signal(str)
    busy_changed = Signal()

    def __init__(
        self, checks: Checks, live: LiveRun, engine: EngineProcess, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._checks = checks
        self._live = live
        self._engine = engine
        self._path: Path | None = None
        self._text = ""
        self._form = ""
        self._run = 0
        live.traced.connect(self._ask_for_weights)
        live.failed.connect(self._live_failed)
        live.status_changed.connect(self._live_status)
        engine.received.connect(self._take)
        engine.state_changed.connect(self._engine_changed)

    @property
    def busy(self) -> bool:
        """Whether an export waits for the engine."""
        return self._path is not None

    def text(self, *, style: Style = "auto", weights_file: str | None = None) -> str:
        """The formatted program.

        Raises:
            NotExportable: the design has errors, or the style does not fit it; the text is a sentence.
        """
        return formatted(generate(self._checks.checked, style=style, weights_file=weights_file)).text

    def export(self, path: Path, *, style: Style = "auto", weights: bool = False) -> None:
        """Write the program, and with ``weights`` those of the trace beside it. Signals tell how it went."""
        weights_file = weights_file_for(path) if weights else None
        try:
            text = self.text(style=style, weights_file=weights_file.name if weights_file else None)
        except NotExportable as refusal:
            self.failed.emit(str(refusal))
            return
        if weights_file is None:
            self._write(path, text, None)
            return
        if self._checks.untrusted:
            self.failed.emit(
                f"The weights cannot be exported, because the code of “{self._checks.untrusted[0].name}” is not "
                "trusted and so no model is built with it. Trust it first, or leave the weights out."
            )
            return
        self._path, self._text = path, text
        self._form = "" if style == "auto" else generate(self._checks.checked, style=style).text
        self.busy_changed.emit()
        if self._engine.state is EngineState.STOPPED:
            self._fail(
                f"The weights cannot be exported: {self._engine.reason} Restart the engine, or leave "
                "the weights out."
            )
        elif self._live.stale or self._live.trace is None:
            self._live.run_now()
        else:
            self._ask_for_weights()

    def cancel(self) -> None:
        """Give up the export that waits for the engine; nothing is written."""
        if self._path is None:
            return
        if self._run:
            self._engine.cancel(self._run)
        self._fail("The export was stopped; nothing was written.")

    def _ask_for_weights(self, *_: object) -> None:
        if self._path is None or self._run:
            return
        run = self._engine.next_run()
        if self._engine.send(SaveWeights(run, self._form)):
            self._run = run

    def _take(self, message: Message) -> None:
        if not self._run:
            return
        if isinstance(message, Saved) and message.run == self._run and self._path is not None:
            path, text = self._path, self._text
            self._path, self._run = None, 0
            self.busy_changed.emit()
            self._write(path, text, message.content.tobytes())
        elif isinstance(message, Failure) and message.run == self._run:
            self._fail(message.sentence)

    def _write(self, path: Path, text: str, weights: bytes | None) -> None:
        written = [path]
        try:
            if weights is not None:
                written.append(weights_file_for(path))
                write_atomically(written[1], weights)
            write_atomically(path, text.encode("utf-8"))
        except FileProblem as problem:
            self.failed.emit(str(problem))
            return
        self.finished.emit(tuple(written))

    def _live_failed(self, failure: Failure) -> None:
        if self._path is not None:
            self._fail(failure.sentence)

    def _live_status(self, status: LiveStatus) -> None:
        """A cancelled run ends in a status and nothing else."""
        waiting = self._path is not None and not self._run
        fresh = self._live.trace is not None and not self._live.stale
        if waiting and not fresh and not status.busy and not self._live.pending:
            self._fail(f"The weights were not exported. {status.text}")

    def _engine_changed(self, state: EngineState) -> None:
        if self._path is not None and state in (EngineState.CRASHED, EngineState.STOPPED):
            self._fail(f"The weights were not exported: {self._engine.reason}")

    def _fail(self, sentence: str) -> None:
        self._path, self._run = None, 0
        self.busy_changed.emit()
        self.failed.emit(sentence)
