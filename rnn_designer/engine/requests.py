"""What the window has asked for and the worker has not answered yet: the newest request wins.

The rules:

* A Build replaces every Build, Run and Analyse that still waits; a Run replaces every Run and Analyse that still
  waits; a Generate counts as a Run. Nothing that waits in front of a SaveWeights is replaced, because that request
  means the model it was sent after.
* An Analyse replaces those of the same kind and layer.
* A Describe replaces nothing and is never replaced: it has nothing to do with the model. Neither is a Train or an
  Evaluate: each makes a model of its own.
* A Steer is no request: the Train that it is for hears it, between two batches or as soon as it begins.
* The request in progress is replaced in the same way, and stops at its next stage.
* Every request gets exactly one answer besides Progress: its result or a Failure. A replaced or cancelled one
  gets a Failure whose sentence starts with "Cancelled".
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TypeAlias

from rnn_designer.messages import (
    Analyse,
    Build,
    Cancel,
    Describe,
    Evaluate,
    Failure,
    Generate,
    Run,
    SaveWeights,
    Steer,
    Train,
)

Request: TypeAlias = Build | Run | Generate | Analyse | SaveWeights | Describe | Train | Evaluate


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
        self._steers: deque[Steer] = deque()

    def put(self, message: Request | Cancel | Steer) -> None:
        """Take a message from the window; called by the reading thread."""
        with self._changed:
            if isinstance(message, Cancel):
                self._cancel(message.run)
            elif isinstance(message, Steer):
                known = [self._current, *self._waiting]
                if any(isinstance(each, Train) and each.run == message.run for each in known):
                    self._steers.append(message)
            else:
                self._replace(message)
                self._waiting.append(message)
            self._changed.notify()

    def get(self) -> Request | Failure:
        """Wait for the next request to work on, or the finished answer to one that is not wanted any more."""
        with self._changed:
            # What was said to a training that has ended is said to nobody.
            self._steers = deque(steer for steer in self._steers if not self._current_is(steer.run))
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

    def hear(self, wait: bool) -> str | None:
        """The next word to the training in progress.

        Args:
            wait: whether to wait for one.

        Returns:
            ``pause``, ``continue``, ``step`` or ``stop``; None if nothing was said.

        Raises:
            Cancelled: the user does not want the training at all.
        """
        with self._changed:
            while True:
                if self._stop_current:
                    raise Cancelled
                for steer in self._steers:
                    if self._current is not None and steer.run == self._current.run:
                        self._steers.remove(steer)
                        return steer.action
                if not wait:
                    return None
                self._changed.wait()

    def _cancel(self, run: int) -> None:
        for position, entry in enumerate(self._waiting):
            if not isinstance(entry, Failure) and entry.run == run:
                self._waiting[position] = cancelled(run)
        if self._current is not None and self._current.run == run:
            self._stop_current = True

    def _current_is(self, run: int) -> bool:
        return self._current is not None and self._current.run == run

    def _replace(self, newer: Request) -> None:
        if isinstance(newer, SaveWeights | Describe | Train | Evaluate):
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
