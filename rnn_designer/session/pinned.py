"""Runs that are kept for comparing: each with its trace, its design and its weights, as many as there is room for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from rnn_designer.design import Design
from rnn_designer.session.holds import Hold
from rnn_designer.session.live_run import LiveRun

if TYPE_CHECKING:
    from rnn_designer.messages import Array, Trace

MOST = 6
"""More pinned runs than this are too many to choose from."""
ROOM = 512 * 2**20
"""How many bytes the traces and weights of all pinned runs may take."""


@dataclass(frozen=True, eq=False)
class PinnedRun:
    """A run as it was when it was pinned.

    Attributes:
        name: what it is called: "Run 1".
        design: that ran.
        trace: what it computed.
        weights: of its model, ``<layer id>/<weight path>``.
        sample: the sample that was shown.
        holds: what was held.
    """

    name: str
    design: Design
    trace: Trace
    weights: Mapping[str, Array] = field(default_factory=dict)
    sample: int = 0
    holds: tuple[Hold, ...] = ()

    @property
    def size(self) -> int:
        """How many bytes its arrays take."""
        arrays = {id(each): each.nbytes for each in (*self.trace.arrays.values(), *self.weights.values())}
        return sum(arrays.values())


class PinnedRuns(QObject):
    """The pinned runs of a window, oldest first; the oldest gives way to a new one where there is no room.

    Signals:
        changed(): a run was pinned or forgotten.
    """

    changed = Signal()

    def __init__(
        self, live: LiveRun, parent: QObject | None = None, *, most: int = MOST, room: int = ROOM
    ) -> None:
        super().__init__(parent)
        self._live = live
        self._most = most
        self._room = room
        self._count = 0
        self._runs: list[PinnedRun] = []

    @property
    def all(self) -> tuple[PinnedRun, ...]:
        """Every pinned run, oldest first."""
        return tuple(self._runs)

    def find(self, name: str) -> PinnedRun | None:
        """The pinned run of that name; None if there is none."""
        return next((each for each in self._runs if each.name == name), None)

    def pin(self, design: Design, sample: int) -> str:
        """Keep the last run.

        Args:
            design: the open design.
            sample: which sample is shown.

        Returns:
            A sentence on what was kept, and what gave way; or why nothing was.
        """
        trace = self._live.trace
        if trace is None:
            return "There is no run to pin yet: give the design an Input and a layer, and wait for its first run."
        if self._live.stale:
            return "The design has changed since its last run. Wait for the next one, then pin that."
        run = PinnedRun(
            f"Run {self._count + 1}", design, trace, dict(self._live.weights), sample, self._live.held
        )
        if run.size > self._room:
            return (
                f"This run takes {run.size / 2**20:,.0f} MB; pinned runs may take {self._room / 2**20:,.0f} MB. "
                "Choose fewer samples or steps, then pin it."
            )
        self._count += 1
        gone = []
        while self._runs and (len(self._runs) >= self._most or self._size() + run.size > self._room):
            gone.append(self._runs.pop(0).name)
        self._runs.append(run)
        self.changed.emit()
        return f"{run.name} is pinned.{f' {_listed(gone)} gave way to it.' if gone else ''}"

    def forget(self, name: str) -> None:
        """Let a run go."""
        run = self.find(name)
        if run is not None:
            self._runs.remove(run)
            self.changed.emit()

    def _size(self) -> int:
        return sum(each.size for each in self._runs)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
