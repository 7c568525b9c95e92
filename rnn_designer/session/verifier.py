"""Verifies the export of the open design by ``rnn-designer verify``, on a copy, while the window goes on."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QObject, QProcess, QProcessEnvironment, QTemporaryDir, Signal

from rnn_designer.codegen import Style, keras_names, runnable_part
from rnn_designer.design import files
from rnn_designer.design.files import FileProblem
from rnn_designer.design.weights import save_weights
from rnn_designer.session.inputs import inputs_of
from rnn_designer.session.verification import Verification

if TYPE_CHECKING:
    from rnn_designer.session.checks import Checks
    from rnn_designer.session.document import Document
    from rnn_designer.session.live_run import LiveRun
    from rnn_designer.session.samples import SampleStore

_PATIENCE = 3_000
_WEIGHTS = "design.weights.npz"


class Verifier(QObject):
    """Holds the exported program of the open design against its trace, one at a time.

    The command gets a copy of the design with the weights and samples that the plots show, so nothing has to be
    saved for it. Whatever it leaves behind is in the same folder, and goes with it.

    Signals:
        changed(): it began, ended, was stopped, or its result is that of the open design no longer.
    """

    changed = Signal()

    def __init__(
        self,
        document: Document,
        checks: Checks,
        samples: SampleStore,
        live: LiveRun,
        parent: QObject | None = None,
        *,
        command: tuple[str, ...] = (),
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._checks = checks
        self._samples = samples
        self._live = live
        self._command = command
        self._process: QProcess | None = None
        self._folder: QTemporaryDir | None = None
        self._result: Verification | None = None
        document.changed.connect(self.forget)
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.cancel)

    @property
    def running(self) -> bool:
        """Whether a program is being verified."""
        return self._process is not None

    @property
    def result(self) -> Verification | None:
        """What came of it, or why nothing did; None before that and once the design is another."""
        return self._result

    def verify(self, style: Style) -> None:
        """Begin; what is under way is stopped first."""
        self._end()
        self._result = None
        part = runnable_part(self._checks.checked)
        names = {} if part is None else keras_names(part.design)
        inputs = () if part is None else inputs_of(part.design)
        arrays = {names[each.id]: self._samples.array(each.id) for each in inputs}
        given = {name: array for name, array in arrays.items() if array is not None}
        if part is None or len(given) < len(arrays):
            self._fail(
                "There are no samples to run the program on. Connect an Input, and choose data for it."
            )
            return
        folder = QTemporaryDir()
        design, data = Path(folder.path(), "design.rnnd"), Path(folder.path(), "inputs.npz")
        weights = self._live.weights
        try:
            files.save(replace(self._document.design, weights=_WEIGHTS if weights else None), design)
            if weights:
                save_weights(design.with_name(_WEIGHTS), weights)
            _write_arrays(data, given)
        except (FileProblem, OSError) as problem:
            self._fail(f"The design could not be handed over: {problem}")
            return
        command = [
            *(self._command or _program()),
            "verify",
            str(design),
            "--data",
            str(data),
            "--style",
            style,
            "--json",
        ]
        process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        for variable in ("TMPDIR", "TEMP", "TMP"):
            environment.insert(variable, folder.path())
        process.setProcessEnvironment(environment)
        process.finished.connect(self._finished)
        process.errorOccurred.connect(self._broken)
        self._process, self._folder = process, folder
        process.start(command[0], command[1:])
        self.changed.emit()

    def cancel(self) -> None:
        """Stop what is under way."""
        if self._process is not None:
            self._end()
            self.changed.emit()

    def forget(self, *_: object) -> None:
        """Drop the result, and what is under way: it speaks of another program."""
        if self._process is not None or self._result is not None:
            self._end()
            self._result = None
            self.changed.emit()

    def _finished(self, _code: int, _status: QProcess.ExitStatus) -> None:
        process = self._process
        if process is None:
            return
        told = bytes(process.readAllStandardOutput().data()).decode("utf-8", "replace").strip()
        errors = bytes(process.readAllStandardError().data()).decode("utf-8", "replace").strip()
        self._let_go()
        try:
            self._result = Verification.from_text(told.splitlines()[-1] if told else "")
        except ValueError:
            said = [line for line in errors.splitlines() if line.startswith("rnn-designer: ")]
            sentence = (
                said[-1].removeprefix("rnn-designer: ") if said else "it ended without an answer. Try again."
            )
            self._result = Verification(f"Not verified: {sentence}", False)
        self.changed.emit()

    def _broken(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart and self._process is not None:
            words = self._process.errorString()
            self._let_go()
            self._fail(f"Not verified: the command could not be started: {words}. Check the installation.")

    def _end(self) -> None:
        process = self._process
        if process is None:
            return
        process.blockSignals(True)
        # Its own processes end with it: each holds the other end of a pipe.
        process.kill()
        process.waitForFinished(_PATIENCE)
        self._let_go()

    def _let_go(self) -> None:
        if self._process is not None:
            self._process.deleteLater()
        self._process, self._folder = None, None

    def _fail(self, sentence: str) -> None:
        self._result = Verification(sentence, False)
        self.changed.emit()


def _write_arrays(path: Path, arrays: Mapping[str, Any]) -> None:
    import numpy as np

    np.savez(path, **arrays)


def _program() -> tuple[str, ...]:
    frozen = bool(getattr(sys, "frozen", False))
    return (sys.executable,) if frozen else (sys.executable, "-m", "rnn_designer")
