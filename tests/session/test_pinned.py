"""Pinned runs: what is kept, what gives way, what cannot be pinned."""

from typing import Any

import numpy
import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from rnn_designer.design import Design
from rnn_designer.messages import Trace
from rnn_designer.session.holds import Hold
from rnn_designer.session.pinned import PinnedRuns


class Live(QObject):
    """Stands in for LiveRun."""

    def __init__(self) -> None:
        super().__init__()
        self.trace: Trace | None = None
        self.stale = False
        self.weights: dict[str, Any] = {}
        self.held: tuple[Hold, ...] = ()

    def give(self, run: int, megabytes: float = 0.25) -> Trace:
        array = numpy.zeros(int(megabytes * 2**18), "float32")
        self.trace = Trace(run, {"memory/output": array, "memory/result": array}, {"mem": "memory"}, 0.0)
        return self.trace


@pytest.fixture
def live(qtbot: QtBot) -> Live:
    return Live()


def pinned(live: Live, **limits: int) -> PinnedRuns:
    given: Any = live
    return PinnedRuns(given, **limits)


def test_that_a_run_is_kept_with_everything_that_made_it(live: Live) -> None:
    runs, design, hold = pinned(live), Design("one"), Hold("mem", "state/h", 1, 0.0, 3)
    trace = live.give(1)
    live.weights, live.held = {"mem/kernel": numpy.ones(3, "float32")}, (hold,)
    assert runs.pin(design, 2) == "Run 1 is pinned."
    live.give(2)
    live.weights, live.held = {}, ()
    (kept,) = runs.all
    assert (kept.trace, kept.design, kept.sample, kept.holds) == (trace, design, 2, (hold,))
    assert list(kept.weights) == ["mem/kernel"]
    # An array that stands under two names is there once.
    assert kept.size == 2**18 + 12


def test_that_without_a_fitting_run_nothing_is_pinned(live: Live) -> None:
    runs = pinned(live)
    assert runs.pin(Design(), 0).startswith("There is no run to pin yet")
    live.give(1)
    live.stale = True
    assert runs.pin(Design(), 0).startswith("The design has changed since")
    assert runs.all == ()


def test_that_the_oldest_gives_way(live: Live) -> None:
    runs = pinned(live, most=2)
    for run in (1, 2):
        live.give(run)
        runs.pin(Design(), 0)
    live.give(3)
    assert runs.pin(Design(), 0) == "Run 3 is pinned. Run 1 gave way to it."
    assert [each.name for each in runs.all] == ["Run 2", "Run 3"]
    assert runs.find("Run 1") is None
    runs.forget("Run 2")
    runs.forget("Run 1")
    assert [each.name for each in runs.all] == ["Run 3"]


def test_that_pinned_runs_take_no_more_room_than_there_is(live: Live) -> None:
    runs = pinned(live, room=2**20)
    for run in range(1, 4):
        live.give(run, 0.3)
        runs.pin(Design(), 0)
    live.give(4, 0.6)
    assert runs.pin(Design(), 0) == "Run 4 is pinned. Run 1 and Run 2 gave way to it."
    live.give(5, 1.5)
    assert runs.pin(Design(), 0).startswith("This run takes 2 MB; pinned runs may take 1 MB.")
    assert sum(each.size for each in runs.all) <= 2**20
