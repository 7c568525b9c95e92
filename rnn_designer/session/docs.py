"""What the installed Keras says about its own layers, asked from the engine when somebody wants to read it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from rnn_designer.messages import Describe, Description, Failure, Message
from rnn_designer.session.engine_process import EngineProcess, EngineState


class KerasDocs(QObject):
    """Asks once per name and keeps the answers for as long as the engine runs the same Keras.

    Signals:
        changed(name): there is an answer for this name now, or another reason for there being none.
    """

    changed = Signal(str)

    def __init__(self, engine: EngineProcess, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._version = ""
        self._answers: dict[str, Description] = {}
        self._refusals: dict[str, str] = {}
        self._wanted: dict[str, int] = {}
        engine.received.connect(self._take)
        engine.state_changed.connect(self._engine_changed)
        self._read_version()

    @property
    def version(self) -> str:
        """The version of Keras that the answers come from; empty before the engine has said it."""
        return self._version

    def get(self, name: str) -> Description | None:
        """The answer for a name below ``keras``, such as ``layers.LSTM``; None as long as there is none."""
        return self._answers.get(name)

    def ask(self, name: str) -> Description | None:
        """The answer if it is there; otherwise ask for it, and tell when it has come."""
        if name not in self._answers and name not in self._refusals and name not in self._wanted:
            self._wanted[name] = 0
            self._send(name)
        return self._answers.get(name)

    def why_none(self, name: str) -> str:
        """Why there is no answer (yet), as a sentence; empty if there is one."""
        if name in self._answers:
            return ""
        if name in self._refusals:
            return self._refusals[name]
        if self._engine.state is EngineState.STOPPED:
            return (
                "Keras' own documentation is read from the running engine. "
                f"{self._engine.reason or 'The engine does not run.'}"
            )
        if self._engine.state in (EngineState.STARTING, EngineState.CRASHED):
            return "Keras' own documentation is read from the engine, which is starting."
        return "Asking the installed Keras …"

    def _send(self, name: str) -> None:
        run = self._engine.next_run()
        if self._engine.send(Describe(run, name)):
            self._wanted[name] = run

    def _take(self, message: Message) -> None:
        if isinstance(message, Description):
            if self._wanted.pop(message.name, None) is not None:
                self._answers[message.name] = message
                self.changed.emit(message.name)
        elif isinstance(message, Failure) and message.run:
            name = next((name for name, run in self._wanted.items() if run == message.run), None)
            if name is not None:
                del self._wanted[name]
                self._refusals[name] = message.sentence
                self.changed.emit(name)

    def _engine_changed(self, state: EngineState) -> None:
        if state is EngineState.READY:
            self._read_version()
            for name, run in list(self._wanted.items()):
                if not run:
                    self._send(name)
                    self.changed.emit(name)
        elif state is not EngineState.BUSY:
            # What had been asked is lost with the process.
            self._wanted = dict.fromkeys(self._wanted, 0)
            for name in list(self._wanted):
                self.changed.emit(name)

    def _read_version(self) -> None:
        hello = self._engine.hello
        version = hello.versions.get("keras", "") if hello is not None else ""
        if version and version != self._version:
            self._version = version
            self._answers.clear()
            self._refusals.clear()
