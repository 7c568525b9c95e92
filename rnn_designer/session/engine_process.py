"""One worker process behind messages: it answers, hangs, crashes and comes back, and the window goes on.

A QProcess that is destroyed while it runs, or deleted when it has just ended, takes the program with it:
there is
one for the whole life of this object, started again and again.
"""

import logging
import os
import sys
from collections import deque
from enum import Enum
from pathlib import Path
from typing import TypeAlias

from PySide6.QtCore import (
    QCoreApplication,
    QObject,
    QProcess,
    QProcessEnvironment,
    QTemporaryDir,
    QTimer,
    Signal,
)

from rnn_designer.framing import BrokenFrame, FrameReader, encode
from rnn_designer.messages import (
    Build,
    Cancel,
    Evaluate,
    Failure,
    Generate,
    Hello,
    Message,
    Progress,
    ReadTable,
    Run,
    SaveWeights,
    Trace,
    Train,
    TrainEpoch,
    TrainStep,
)
from rnn_designer.session.process_end import sentence_for_end

_log = logging.getLogger(__name__)

_Request: TypeAlias = Build | Run | Generate | SaveWeights | Train | Evaluate | ReadTable

_STDERR_KEPT = 16_384
_CRASHES_IN_A_ROW = 3
_CANCEL_PATIENCE = 1000
_RESTART_DELAY = 100
_END_PATIENCE = 700
_PIECE = 2**20
_UNDER_WAY = 4 * _PIECE
"""How many bytes may wait in the pipe to the process; the rest waits here."""
_NOT_ABLE = 2
"""The exit code by which a worker says that it will never be able to serve: starting it again is useless."""


class EngineState(Enum):
    """What the process can do right now."""

    STARTING = "starting"
    READY = "ready"
    BUSY = "busy"
    CRASHED = "crashed"
    STOPPED = "stopped"


def role_command(role: str) -> list[str]:
    """The command line that starts this program in another role, such as ``worker`` or ``reader``."""
    if getattr(sys, "frozen", False):
        return [sys.executable, f"--{role}"]
    return [sys.executable, "-m", "rnn_designer", f"--{role}"]


class EngineProcess(QObject):
    """Owns the process that runs the design's model (or, with another command, the reader of data files).

    After a crash it starts again by itself; after three crashes without a single answer in between it stays
    stopped, with the reason, until :meth:`restart`. A process that says before its Hello that it cannot serve
    (no TensorFlow) is not started again either.

    Signals:
        state_changed(state): the :class:`EngineState` is another one; :attr:`reason` fits it already.
        received(message): a message came, Hello and Progress included.
    """

    state_changed = Signal(object)
    received = Signal(object)

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        command: list[str] | None = None,
        subject: str = "The engine",
    ) -> None:
        super().__init__(parent)
        self._command = command or role_command("worker")
        self._subject = subject
        self._state = EngineState.STOPPED
        self._reason = f"{subject} has not been started yet."
        self._last_end = ""
        self._hello: Hello | None = None
        self._folder: QTemporaryDir | None = None
        self._runs = 0
        self._pending: set[int] = set()
        self._cancelled: set[int] = set()
        self._crashes = 0
        self._wanted = False
        self._expected_end = ""
        self._unable = ""
        self._stderr = b""
        self._frames = FrameReader()
        self._outbox: deque[memoryview] = deque()

        self._process = QProcess(self)
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.bytesWritten.connect(self._write)
        self._process.readyReadStandardError.connect(self._read_stderr)
        self._process.finished.connect(self._finished)
        self._process.errorOccurred.connect(self._error)
        self._cancel_timer = QTimer(self)
        self._cancel_timer.setSingleShot(True)
        self._cancel_timer.setInterval(_CANCEL_PATIENCE)
        self._cancel_timer.timeout.connect(self._kill_cancelled)
        self._restart_timer = QTimer(self)
        self._restart_timer.setSingleShot(True)
        self._restart_timer.setInterval(_RESTART_DELAY)
        self._restart_timer.timeout.connect(self._launch)
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.stop)

    @property
    def state(self) -> EngineState:
        """What the process can do right now."""
        return self._state

    @property
    def reason(self) -> str:
        """Why it is in this state, as a sentence; empty while it is ready or busy."""
        return self._reason

    @property
    def last_end(self) -> str:
        """How the process ended the last time that it had to be started again; empty if it never had."""
        return self._last_end

    @property
    def hello(self) -> Hello | None:
        """The running process' versions and device; None until it has said them."""
        return self._hello

    @property
    def pid(self) -> int:
        """The process' id; 0 while none runs."""
        return int(self._process.processId())

    @property
    def stderr_tail(self) -> str:
        """The last lines that the process wrote to its error stream, for the log and the details view."""
        return self._stderr.decode("utf-8", "replace")

    def next_run(self) -> int:
        """A new run id, larger than every one before."""
        self._runs += 1
        return self._runs

    def start(self) -> None:
        """Start the process if it does not run. States tell the rest."""
        self._wanted = True
        if self._state is EngineState.STOPPED:
            self._crashes = 0
            self._launch()

    def send(self, message: Message) -> bool:
        """Send a message.

        Returns:
            Whether it was sent; False while the process is starting, crashed or stopped: keep the message
            then.
        """
        if self._state not in (EngineState.READY, EngineState.BUSY):
            return False
        try:
            chunks = encode(message)
        except BrokenFrame as problem:
            self.received.emit(Failure(getattr(message, "run", 0), str(problem)))
            return True
        self._outbox.extend(map(memoryview, chunks))
        self._write()
        if isinstance(message, Build | Run | Generate | SaveWeights | Train | Evaluate | ReadTable):
            self._pending.add(message.run)
            self._set(EngineState.BUSY, "")
        return True

    def cancel(self, run: int) -> None:
        """Ask the process to leave a run; if it does not answer within a second, end it and start another."""
        if run not in self._pending:
            return
        self._cancelled.add(run)
        self.send(Cancel(run))
        if not self._cancel_timer.isActive():
            self._cancel_timer.start()

    def restart(self) -> None:
        """End the process, if it runs, and start it with a clean slate of crashes."""
        self._wanted = True
        self._crashes = 0
        if self._process.state() is QProcess.ProcessState.NotRunning:
            self._restart_timer.stop()
            self._launch()
        else:
            self._expected_end = f"{self._subject} was ended to start it anew."
            self._process.kill()

    def stop(self) -> None:
        """End the process and remove its folder. Waits a moment for it; nothing is left behind."""
        self._wanted = False
        self._cancel_timer.stop()
        self._restart_timer.stop()
        if self._process.state() is not QProcess.ProcessState.NotRunning:
            self._process.closeWriteChannel()
            self._process.terminate()
            if not self._process.waitForFinished(_END_PATIENCE):
                self._process.kill()
                self._process.waitForFinished(5 * _END_PATIENCE)
        self._forget()
        if self._folder is not None:
            self._folder.remove()
            self._folder = None
        self._set(EngineState.STOPPED, f"{self._subject} has been stopped.")

    def _launch(self) -> None:
        if self._process.state() is not QProcess.ProcessState.NotRunning:
            return
        self._forget()
        self._stderr = b""
        self._unable = ""
        self._expected_end = ""
        if self._folder is None:
            self._folder = QTemporaryDir()
        self._process.setProcessEnvironment(self._environment())
        self._process.setWorkingDirectory(self._folder.path())
        self._set(EngineState.STARTING, f"{self._subject} is starting.")
        self._process.start(self._command[0], self._command[1:])

    def _environment(self) -> QProcessEnvironment:
        environment = QProcessEnvironment.systemEnvironment()
        if self._folder is not None:
            environment.insert("RNN_DESIGNER_SESSION", self._folder.path())
        # Threads of OpenBLAS and of TensorFlow on the same cores slow each other down a hundredfold.
        environment.insert("OPENBLAS_NUM_THREADS", "1")
        # Otherwise "-m" would import a stranger's keras.py from the folder that the program was started in.
        environment.insert("PYTHONSAFEPATH", "1")
        home = Path(__file__).resolve().parents[2]
        if home.name not in ("site-packages", "dist-packages"):
            given = environment.value("PYTHONPATH")
            environment.insert("PYTHONPATH", os.pathsep.join(filter(None, (str(home), given))))
        return environment

    def _forget(self) -> None:
        self._frames = FrameReader()
        self._outbox.clear()
        self._hello = None
        self._pending.clear()
        self._cancelled.clear()
        self._cancel_timer.stop()

    def _set(self, state: EngineState, reason: str) -> None:
        self._reason = reason
        if state is not self._state:
            self._state = state
            self.state_changed.emit(state)

    def _write(self, *_: object) -> None:
        """Hand over what is to be sent, as fast as the process takes it: all at once would hold the window up."""
        while self._outbox and self._process.bytesToWrite() < _UNDER_WAY:
            chunk = self._outbox.popleft()
            self._process.write(bytes(chunk[:_PIECE]))
            if len(chunk) > _PIECE:
                self._outbox.appendleft(chunk[_PIECE:])

    def _read(self) -> None:
        data = self._process.readAllStandardOutput().data()
        if self._expected_end:
            return
        try:
            arrived = self._frames.feed(data)
        except BrokenFrame as problem:
            _log.warning("%s sent what is no message: %s", self._subject, problem)
            self._expected_end = f"{self._subject} sent something that is no message and was ended."
            self._crashes += 1
            self._process.kill()
            return
        for message in arrived:
            self._take(message)

    def _take(self, message: Message) -> None:
        if isinstance(message, Hello):
            self._hello = message
            self._set(EngineState.READY, "")
        elif isinstance(message, Failure) and self._hello is None:
            self._unable = message.sentence
        elif not isinstance(message, Progress | TrainStep | TrainEpoch) and not (
            isinstance(message, Trace) and message.to_come
        ):
            self._answered(message.run)
        self.received.emit(message)

    def _answered(self, run: int) -> None:
        self._crashes = 0
        self._pending.discard(run)
        self._cancelled.discard(run)
        if not self._cancelled:
            self._cancel_timer.stop()
        if not self._pending and self._state is EngineState.BUSY:
            self._set(EngineState.READY, "")

    def _read_stderr(self) -> None:
        self._stderr = (self._stderr + self._process.readAllStandardError().data())[-_STDERR_KEPT:]

    def _kill_cancelled(self) -> None:
        if self._cancelled:
            self._expected_end = f"{self._subject} did not stop when asked, so it was ended."
            self._process.kill()

    def _error(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self._set(
                EngineState.STOPPED,
                f"{self._subject} could not be started: {self._process.errorString()}. "
                f"Check that {self._command[0]} exists and may be run.",
            )

    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._read_stderr()
        if not self._wanted:
            return
        unable = self._unable if self._hello is None else ""
        if (
            not unable
            and code == _NOT_ABLE
            and status is QProcess.ExitStatus.NormalExit
            and self._hello is None
        ):
            unable = self._last_words() or f"{self._subject} cannot run on this computer."
        if unable:
            self._forget()
            self._set(EngineState.STOPPED, unable)
            return
        if self._expected_end:
            sentence = self._expected_end
        else:
            self._crashes += 1
            by_signal = status is QProcess.ExitStatus.CrashExit
            sentence = sentence_for_end(self._subject, code, by_signal)
            _log.warning("%s", sentence)
            _log.info("Its last words: %s", self.stderr_tail or "none")
        self._last_end = sentence
        self._forget()
        if self._crashes >= _CRASHES_IN_A_ROW:
            self._set(
                EngineState.STOPPED,
                f"{sentence} That was {self._crashes} times in a row, so it is not started again by itself: "
                "change the design, then choose Restart engine.",
            )
            return
        self._set(EngineState.CRASHED, f"{sentence} It starts again by itself.")
        self._restart_timer.start()

    def _last_words(self) -> str:
        lines = [line.strip() for line in self.stderr_tail.splitlines() if line.strip()]
        return lines[-1] if lines else ""
