"""The workers of one machine: started, counted, and replaced when one is lost."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Sequence

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

from rnn_designer.sweep.study import Study, Trial

_LOOK = 500
"""Milliseconds between two looks at the study."""
_MOST_LOST = 3
"""How many workers may be lost in a row, without a single trial done, before it is given up."""


class Team(QObject):
    """Runs a sweep with so many workers until no trial is left.

    Signals:
        told(trial): a trial has another state, value or epoch.
        said(sentence): something happened that is no trial's state: a worker was lost.
        finished(): no trial is left, or it was stopped.
    """

    told = Signal(object)
    said = Signal(str)
    finished = Signal()

    def __init__(
        self, study: Study, workers: int, arguments: Sequence[str], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._study = study
        self._wanted = workers
        self._arguments = list(arguments)
        self._workers: list[QProcess] = []
        self._known: dict[int, Trial] = {}
        self._lost = 0
        self._done = 0
        self._stopping = False
        self.problem = ""
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK)
        self._timer.timeout.connect(self._look)

    @property
    def running(self) -> tuple[int, ...]:
        """The process ids of the workers that live."""
        return tuple(
            each.processId() for each in self._workers if each.state() != QProcess.ProcessState.NotRunning
        )

    def start(self) -> None:
        """Take up what is lost and start the workers."""
        self._study.reclaim()
        self._look()
        self._timer.start()

    def stop(self) -> None:
        """End every worker; trials under way wait to be taken up again."""
        self._stopping = True
        self._timer.stop()
        names = [self._name(each) for each in self._workers]
        for each in self._workers:
            each.kill()
        for each in self._workers:
            each.waitForFinished(5000)
        self._workers.clear()
        self._study.reclaim(names)
        self._tell()

    def _look(self) -> None:
        """See what came of trials, and that there are as many workers as there is work for."""
        self._study.reclaim()
        self._tell()
        trials = self._known.values()
        waiting = sum(each.state == "waiting" for each in trials)
        under_way = sum(each.state == "running" for each in trials)
        done = len(self._known) - waiting - under_way
        if done > self._done:
            self._done, self._lost = done, 0
        if not waiting and not under_way and not self._workers:
            self._end()
            return
        missing = min(self._wanted - len(self._workers), waiting)
        for _worker in range(missing):
            self._start_worker()

    def _tell(self) -> None:
        for each in self._study.trials():
            before = self._known.get(each.ticket)
            # How long it takes by now is no news.
            if before is None or _news(before) != _news(each):
                self._known[each.ticket] = each
                self.told.emit(each)

    def _start_worker(self) -> None:
        process = QProcess(self)
        process.setProcessChannelMode(QProcess.ProcessChannelMode.ForwardedErrorChannel)
        environment = QProcessEnvironment.systemEnvironment()
        # Workers share the cores; each with as many threads as there are would only get in each other's way.
        share = max(1, (os.cpu_count() or 1) // max(1, self._wanted))
        for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
            if not environment.contains(name):
                environment.insert(name, str(share))
        process.setProcessEnvironment(environment)
        # It is not known any more once the process has ended.
        process.started.connect(lambda process=process: process.setProperty("pid", process.processId()))
        process.finished.connect(lambda code, status, process=process: self._ended(process, code, status))
        process.errorOccurred.connect(lambda error: self._failed_to_start(process, error))
        frozen = bool(getattr(sys, "frozen", False))
        program = [sys.executable] if frozen else [sys.executable, "-m", "rnn_designer"]
        self._workers.append(process)
        process.start(program[0], [*program[1:], *self._arguments])

    def _failed_to_start(self, process: QProcess, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart and process in self._workers:
            self._workers.remove(process)
            self._give_up(f"A worker could not be started: {process.errorString()}. Check the installation.")

    def _ended(self, process: QProcess, code: int, status: QProcess.ExitStatus) -> None:
        if process not in self._workers:
            return
        name = self._name(process)
        self._workers.remove(process)
        process.deleteLater()
        if self._stopping:
            return
        if status is QProcess.ExitStatus.NormalExit and code == 0:
            self._look()
            return
        self._lost += 1
        again = self._study.reclaim([name])
        how = f"with code {code}" if status is QProcess.ExitStatus.NormalExit else "by a signal or a crash"
        self.said.emit(
            f"A worker was lost: its process ended {how}. "
            + ("Its trial waits to be trained again." if again else "It had no trial under way.")
        )
        if self._lost >= _MOST_LOST:
            self._give_up(
                f"{self._lost} workers were lost one after another without a single trial done, so the sweep ends "
                "here. What was found is kept: start it again with fewer workers or a smaller model."
            )
        else:
            self._look()

    def _name(self, process: QProcess) -> str:
        pid = process.property("pid") or process.processId()
        return f"{socket.gethostname()}:{pid}"

    def _give_up(self, sentence: str) -> None:
        self.problem = sentence
        self.stop()
        self.finished.emit()

    def _end(self) -> None:
        if self._timer.isActive():
            self._timer.stop()
            self.finished.emit()


def _news(trial: Trial) -> tuple[object, ...]:
    return (
        trial.state,
        trial.value,
        tuple(trial.values.items()),
        trial.file,
        trial.reason,
        trial.tries,
        len(trial.params),
    )
