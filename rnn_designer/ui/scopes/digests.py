"""Works large tables up for drawing in short turns between events, so that the window never stands still for them."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

if TYPE_CHECKING:
    from rnn_designer.messages import Trace

_Found = TypeVar("_Found")

TURN = 0.006
"""Seconds of work between two looks at what else has happened: with painting it still fits into a frame."""


class NotReadyError(Exception):
    """What is to be drawn is still being worked up; ``Digests.ready`` tells when to ask again."""


@dataclass
class _Job:
    parts: Generator[None, None, Any]
    found: Any = None
    done: bool = False


class Digests(QObject):
    """Keeps what was made of the tables of one run, and makes what is asked for first.

    Signals:
        ready(): everything that was asked for is there.
    """

    ready = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._trace: Trace | None = None
        self._jobs: dict[tuple[object, ...], _Job] = {}
        self._turns = QTimer(self)
        self._turns.setInterval(0)
        self._turns.timeout.connect(self._turn)

    @property
    def busy(self) -> bool:
        """Whether something is being worked on."""
        return self._turns.isActive()

    def get(
        self, trace: Trace, key: tuple[object, ...], work: Callable[[], Generator[None, None, _Found]]
    ) -> _Found | None:
        """What was made of a table, or None: then it is being made.

        Args:
            trace: the run that the table is of; what was made of tables of another one is let go.
            key: names the table and what is made of it.
            work: begins to make it, part by part.
        """
        if trace is not self._trace:
            self._trace = trace
            self._jobs.clear()
        job = self._jobs.get(key)
        if job is None:
            job = self._jobs[key] = _Job(work())
            self._turns.start()
        found: _Found | None = job.found
        return found

    def made(
        self,
        trace: Trace,
        key: tuple[object, ...],
        work: Callable[[], Generator[None, None, _Found]],
        size: int,
    ) -> _Found:
        """The same, at once where there are few values.

        Args:
            trace: the run that the table is of.
            key: names the table and what is made of it.
            work: begins to make it, part by part.
            size: how many values there are.

        Raises:
            NotReadyError: there are many, and it is being made.
        """
        from rnn_designer.ui.scopes.bands import LARGE, at_once

        if size < LARGE:
            return at_once(work())
        found = self.get(trace, key, work)
        if found is None:
            raise NotReadyError
        return found

    def _turn(self) -> None:
        stop = perf_counter() + TURN
        for job in list(self._jobs.values()):
            while not job.done:
                try:
                    next(job.parts)
                except StopIteration as end:
                    job.found, job.done = end.value, True
                if perf_counter() >= stop:
                    return
        self._turns.stop()
        self.ready.emit()
