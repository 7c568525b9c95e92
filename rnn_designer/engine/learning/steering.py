"""What the user says while a training runs: pause, continue, one batch, stop; heard between any two batches."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeAlias

Hear: TypeAlias = Callable[[bool], str | None]
"""Gives the next word to the training under way, None if there is none; True waits for one."""


class Stopped(Exception):  # noqa: N818 - it is no error
    """The user wants no further batch."""


class Steering:
    """Lets batches pass, one by one, as the user wants it.

    Args:
        hear: gives what was said.
        paused: whether it begins with a pause.
        tell_pause: called when a pause begins, except for one that goes on.
    """

    def __init__(self, hear: Hear, paused: bool, tell_pause: Callable[[], None]) -> None:
        self._hear = hear
        self._paused = paused
        self._tell_pause = tell_pause
        # Batches that may still pass in a pause, and whether the one under way is such a one.
        self._allowed = 0
        self._single = False
        self._waited = 0.0

    @property
    def waited(self) -> float:
        """Seconds that pauses have lasted."""
        return self._waited

    def before_training_batch(self) -> None:
        """Wait if there is a pause, until a batch may be learnt.

        Raises:
            Stopped: none may any more.
        """
        self._single = False
        self._wait()
        self._single = self._allowed > 0
        self._allowed = max(0, self._allowed - 1)

    def before_other_work(self) -> None:
        """As before a batch that is learnt; but what follows the one batch that was asked for belongs to it.

        Raises:
            Stopped: nothing more is wanted.
        """
        self._wait()

    def _wait(self) -> None:
        while (word := self._hear(False)) is not None:
            self._obey(word)
        if not self._held():
            return
        self._tell_pause()
        began = time.perf_counter()
        try:
            while self._held():
                self._obey(self._hear(True) or "")
        finally:
            self._waited += time.perf_counter() - began

    def _held(self) -> bool:
        return self._paused and self._allowed == 0 and not self._single

    def _obey(self, word: str) -> None:
        if word == "stop":
            raise Stopped
        if word == "step":
            self._paused = True
            self._allowed += 1
        elif word == "pause":
            self._paused, self._single, self._allowed = True, False, 0
        elif word == "continue":
            self._paused, self._single, self._allowed = False, False, 0
