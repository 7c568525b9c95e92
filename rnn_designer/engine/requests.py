"""What the window has asked for and the worker has not answered yet: the newest request wins.

The rules:

* A Build replaces every Build, Run and Analyse that still waits; a Run replaces every Run and Analyse that still
  waits; a Generate counts as a Run. Nothing that waits in front of a SaveWeights is replaced, because that request
  means the model it was sent after.
* An Analyse replaces those of the same kind and layer.
* A Describe replaces nothing and is never replaced: it has nothing to do with the model.
* The request in progress is replaced in the same way, and stops at its next stage.
* Every request gets exactly one answer besides Progress: its result or a Failure. A replaced or cancelled one
  gets a Failure whose sentence starts with "Cancelled".
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TypeAlias

from rnn_designer.messages import Analyse, Build, Cancel, Describe, Failure, Generate, Run, SaveWeights

Request: TypeAlias = Build | Run | Generate | Analyse | SaveWeights | Describe


class Cancelled(Exception):  # noqa: N818 - it is no error
    """The request that is being worked on is not wanted any more."""


def cancelled(run: int) -> Failure:
    """The answer to a request that is not wanted any more."""
    return Failure(run, "Cancelled: this run was stopped because it is no longer wanted.")


class Requests:
    """The queue between the thread that reads and the thread that works."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[Request | Failure] = deque()
        self._current: Request | None = None
        self._stop_current = False

    def put(self, message: Request | Cancel) -> None:
        """Take a message from the window; called by the reading thread."""
        with self._changed:
            if isinstance(message, Cancel):
                self._cancel(message.run)
            else:
                self._replace(message)
                self._waiting.append(message)
            self._changed.notify()

    def get(self) -> Request | Failure:
        """Wait for the next request to work on, or the finished answer to one that is not wanted any more."""
        with self._changed:
            self._current = None
            self._changed.wait_for(lambda: self._waiting)
            entry = self._waiting.popleft()
            if not isinstance(entry, Failure):
                self._current, self._stop_current = entry, False
            return entry

    def checkpoint(self) -> None:
        """Called between the stages of the work in progress.

        Raises:
            Cancelled: the user stopped it, or a newer request has come.
        """
        with self._changed:
            if self._stop_current:
                raise Cancelled

    def _cancel(self, run: int) -> None:
        for position, entry in enumerate(self._waiting):
            if not isinstance(entry, Failure) and entry.run == run:
                self._waiting[position] = cancelled(run)
        if self._current is not None and self._current.run == run:
            self._stop_current = True

    def _replace(self, newer: Request) -> None:
        if isinstance(newer, SaveWeights | Describe):
            return
        if isinstance(newer, Analyse):
            self._replace_analyses(newer)
            return
        replaced = (Build, Run, Generate, Analyse) if isinstance(newer, Build) else (Run, Generate, Analyse)
        for position in range(len(self._waiting) - 1, -1, -1):
            entry = self._waiting[position]
            if isinstance(entry, SaveWeights):
                return
            if isinstance(entry, replaced):
                self._waiting[position] = cancelled(entry.run)
        if isinstance(self._current, replaced):
            self._stop_current = True

    def _replace_analyses(self, newer: Analyse) -> None:
        for position, entry in enumerate(self._waiting):
            if isinstance(entry, Analyse) and _same_question(entry, newer):
                self._waiting[position] = cancelled(entry.run)
        if isinstance(self._current, Analyse) and _same_question(self._current, newer):
            self._stop_current = True


def _same_question(one: Analyse, other: Analyse) -> bool:
    return (one.kind, one.layer) == (other.kind, other.layer)
