"""Runs sweeps of the open design by ``rnn-designer sweep`` in a process of its own, and reads what it tells."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QProcess, QTemporaryDir, Signal

from rnn_designer.design import Design, Refused, files
from rnn_designer.design.files import FileProblem
from rnn_designer.design.sweeping import Varied
from rnn_designer.design.trials import living
from rnn_designer.session.document import Document
from rnn_designer.session.live_status import LiveStatus
from rnn_designer.session.training.program import program_of
from rnn_designer.session.trust import Trust
from rnn_designer.wording import counted

_PATIENCE = 3000
"""Milliseconds that a process may take to end."""


@dataclass(frozen=True)
class SweepTrial:
    """One trial as the sweep tells of it.

    Attributes:
        ticket: its number, from 0.
        state: ``waiting``, ``running``, ``complete``, ``pruned`` or ``failed``.
        params: what is tried, by key of what varies.
        value: the best monitored figure; None before there is one.
        values: the figure by epoch.
        file: its design with the trained weights beside it; empty while there is none.
        reason: why it failed.
        tries: how often it was begun.
        seconds: how long it took.
    """

    ticket: int
    state: str
    params: Mapping[str, Any] = field(default_factory=dict)
    value: float | None = None
    values: Mapping[int, float] = field(default_factory=dict)
    file: str = ""
    reason: str = ""
    tries: int = 1
    seconds: float = 0.0

    @property
    def best(self) -> float | None:
        """Its value, or while it is trained the newest figure."""
        if self.value is not None or not self.values:
            return self.value
        return self.values[max(self.values)]


class Sweeper(QObject):
    """One sweep at a time; what was found stays until the design varies something else.

    Signals:
        changed(): another trial, state or sentence.
        ended(sentence): it is over, by itself or stopped.
        failed(sentence): it could not run, and what to do.
    """

    changed = Signal()
    ended = Signal(str)
    failed = Signal(str)

    def __init__(
        self,
        document: Document,
        parent: QObject | None = None,
        *,
        trust: Trust | None = None,
        command: tuple[str, ...] = (),
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._trust = trust
        self._command = command
        self._process: QProcess | None = None
        self._folder: QTemporaryDir | None = None
        self._rest = b""
        self._errors = b""
        self._showing = False
        self._varied: tuple[Varied, ...] = ()
        self._trials: dict[int, SweepTrial] = {}
        self._names: dict[str, str] = {}
        self._larger = False
        self._wanted = 0
        self._status = LiveStatus("")
        document.changed.connect(self._design_changed)

    @property
    def running(self) -> bool:
        """Whether trials are being trained."""
        return self._process is not None and not self._showing

    @property
    def status(self) -> LiveStatus:
        """What it is doing, or how it ended."""
        return self._status

    @property
    def varied(self) -> tuple[Varied, ...]:
        """What the trials vary."""
        return self._varied

    @property
    def trials(self) -> tuple[SweepTrial, ...]:
        """Every trial, by number."""
        return tuple(self._trials[ticket] for ticket in sorted(self._trials))

    @property
    def names(self) -> Mapping[str, str]:
        """What each key of a trial's params is called."""
        return self._names

    @property
    def larger(self) -> bool:
        """Whether large values are the better ones."""
        return self._larger

    @property
    def ranked(self) -> tuple[SweepTrial, ...]:
        """The trials with a value, the best first; those that were ended early after the others."""
        sign = -1.0 if self._larger else 1.0
        found = [each for each in self._trials.values() if each.value is not None]
        return tuple(sorted(found, key=lambda each: (each.state != "complete", sign * (each.value or 0.0))))

    def reason_not_to_start(self) -> str | None:
        """Why the open design cannot be swept now, as a sentence; None if it can."""
        if self.running:
            return "A sweep is under way already. Stop it first, or wait for its end."
        design = self._document.design
        if not living(design):
            return "Choose the settings that vary first."
        try:
            program_of(design, self._trust)
        except Refused as refusal:
            return str(refusal)
        return None

    def start(self, workers: int = 1) -> None:
        """Train trials until the design's number of them is done; what was done before counts."""
        reason = self.reason_not_to_start()
        if reason is not None:
            self._fail(reason)
            return
        self._end_process()
        self._run(["--workers", str(workers), "--end-with-parent"], showing=False)
        self._become(LiveStatus("The sweep is starting …", busy=True))

    def look(self) -> None:
        """Read what earlier sweeps of the same settings have found; nothing happens while one is under way."""
        if self._process is not None or not living(self._document.design):
            return
        self._run(["--show"], showing=True)

    def stop(self) -> None:
        """End the sweep; trials under way are trained again when it is started again."""
        if not self.running:
            return
        self._end_process()
        done = sum(each.state in ("complete", "pruned") for each in self._trials.values())
        for ticket, each in self._trials.items():
            if each.state == "running":
                self._trials[ticket] = replace(each, state="waiting")
        sentence = f"Stopped with {counted(done, 'trial')} done. Start again to go on."
        self._become(LiveStatus(sentence))
        self.ended.emit(sentence)

    def close(self) -> None:
        """End the process."""
        self._end_process()

    def _run(self, arguments: list[str], *, showing: bool) -> None:
        design = self._document.design
        folder = QTemporaryDir()
        path = self._document.path
        snapshot = Path(folder.path()) / "design.rnnd"
        try:
            files.save(replace(design, weights=None), snapshot)
        except FileProblem as problem:
            self._fail(str(problem))
            return
        if self._varied != living(design) or not showing:
            self._varied = living(design)
            self._trials.clear()
        self._folder, self._rest, self._errors, self._showing = folder, b"", b"", showing
        process = QProcess(self)
        process.readyReadStandardOutput.connect(self._read)
        process.readyReadStandardError.connect(self._read_errors)
        process.finished.connect(self._finished)
        process.errorOccurred.connect(self._broken)
        self._process = process
        beside = path if path is not None else Path.home() / "design.rnnd"
        command = [*(self._command or _program()), "sweep", str(snapshot), "--json", "--beside", str(beside)]
        process.start(command[0], [*command[1:], *arguments])

    def _read(self) -> None:
        if self._process is None:
            return
        lines = (self._rest + bytes(self._process.readAllStandardOutput().data())).split(b"\n")
        self._rest = lines.pop()
        for line in lines:
            try:
                content = json.loads(line)
            except ValueError:
                continue
            if isinstance(content, dict):
                self._take(content)
        if lines:
            self.changed.emit()

    def _read_errors(self) -> None:
        if self._process is not None:
            self._errors = (self._errors + bytes(self._process.readAllStandardError().data()))[-4000:]

    def _take(self, content: dict[str, Any]) -> None:
        if "begin" in content:
            begin = content["begin"]
            self._names, self._larger = dict(begin["names"]), bool(begin["larger"])
            self._wanted = int(begin["trials"])
        elif "trial" in content:
            trial = _trial(content["trial"])
            self._trials[trial.ticket] = trial
        elif "said" in content:
            self._errors = b""
        if not self._showing:
            self._status = LiveStatus(self._progress(), busy=True)

    def _progress(self) -> str:
        states = [each.state for each in self._trials.values()]
        done = sum(each in ("complete", "pruned", "failed") for each in states)
        words = f"{done} of {self._wanted} trials done"
        under_way = states.count("running")
        if under_way:
            words += f", {under_way} under way"
        ranked = self.ranked
        if ranked and ranked[0].value is not None:
            words += f" · best {ranked[0].value:.4g}"
        return words

    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._read()
        self._read_errors()
        showing = self._showing
        said = self._errors.decode("utf-8", "replace").strip().splitlines()
        self._forget_process()
        if showing:
            problem = code == 2 and bool(said)
            self._become(LiveStatus(_sentence(said) if problem else "", problem=problem))
        elif status is QProcess.ExitStatus.NormalExit and code in (0, 1):
            failed = next((each.reason for each in self._trials.values() if each.reason), "")
            ranked = self.ranked
            sentence = (
                f"{counted(len(ranked), 'trial')} done. The best is trial {ranked[0].ticket}."
                if ranked
                else f"No trial has a value. {failed}".strip()
            )
            self._become(LiveStatus(sentence, problem=not ranked))
            self.ended.emit(sentence)
        else:
            self._fail(
                _sentence(said) or "The sweep ended unexpectedly. Start it again: what was found is kept."
            )

    def _broken(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart and self._process is not None:
            words = self._process.errorString()
            self._forget_process()
            self._fail(f"The sweep could not be started: {words}. Check the installation.")

    def _end_process(self) -> None:
        process = self._process
        if process is None:
            return
        process.blockSignals(True)
        process.closeWriteChannel()
        process.terminate()
        if not process.waitForFinished(_PATIENCE):
            process.kill()
            process.waitForFinished(_PATIENCE)
        self._forget_process()

    def _forget_process(self) -> None:
        if self._process is not None:
            self._process.deleteLater()
        self._process, self._folder = None, None

    def _design_changed(self, _old: Design, new: Design) -> None:
        if not self.running and self._trials and living(new) != self._varied:
            self._trials.clear()
            self._varied = ()
            self._become(LiveStatus(""))
        self.changed.emit()

    def _fail(self, sentence: str) -> None:
        self._become(LiveStatus(sentence, problem=True))
        self.failed.emit(sentence)

    def _become(self, status: LiveStatus) -> None:
        self._status = status
        self.changed.emit()


def _program() -> tuple[str, ...]:
    frozen = bool(getattr(sys, "frozen", False))
    return (sys.executable,) if frozen else (sys.executable, "-m", "rnn_designer")


def _trial(content: Mapping[str, Any]) -> SweepTrial:
    return SweepTrial(
        int(content["ticket"]),
        str(content["state"]),
        dict(content.get("params", {})),
        content.get("value"),
        {int(epoch): float(value) for epoch, value in dict(content.get("values", {})).items()},
        str(content.get("file", "")),
        str(content.get("reason", "")),
        int(content.get("tries", 1)),
        float(content.get("seconds", 0.0)),
    )


def _sentence(said: list[str]) -> str:
    """The last thing that the command said, without its name."""
    return said[-1].removeprefix("rnn-designer: ") if said else ""
