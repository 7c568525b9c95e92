"""How long every view of a layer of 512 units holds the window up over 10,000 steps: its picture, and its cursor.

What the engine would be asked is answered by made-up numbers of the same sizes.
"""

import importlib
import time
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from itertools import count, cycle
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QAbstractEventDispatcher, QCoreApplication, QEvent, QEventLoop
from PySide6.QtWidgets import QApplication, QWidget
from pytest_benchmark.fixture import BenchmarkFixture
from pytestqt.qtbot import QtBot

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import Design, Layer, Link
from rnn_designer.extremes import extremes
from rnn_designer.messages import Analysis, Trace
from rnn_designer.session import Workspace
from rnn_designer.session.analyses import Question
from rnn_designer.ui import views
from rnn_designer.ui.scopes import Scopes
from rnn_designer.ui.scopes.state import SharedChoices
from rnn_designer.ui.selection import Selection

UNITS, STEPS = 512, 10_000
LIMIT = 0.048
"""Seconds of work: three frames, for a busy machine. Measured: 4 to 16 ms for pictures, 0.1 to 8 for cursors."""

NAMES = ("unit", "cell", "weights", "saturation", "memory", "trajectory", "match", "compare")
GATES = ("input", "forget", "candidate", "output")


@lru_cache(maxsize=1)
def shared_arrays(units: int, steps: int) -> dict[str, Any]:
    """Waves that every signal of a very large run has in common: making them takes seconds."""
    turn = np.arange(steps, dtype="float32")[None, :, None] / 50
    waves = np.sin(turn + np.linspace(0, 6, units, dtype="float32"))
    arrays = {"x/input": np.sin(turn)} | {f"m/{name}": waves for name in ("output", "state/h", "state/c")}
    return arrays | {f"m/gate/{name}": np.square(waves) for name in GATES[:1]}


def long_trace(run: int) -> Trace:
    """Waves in every signal of a wide LSTM; every run has arrays of its own, but for very large ones."""
    if (UNITS, STEPS) != (512, 10_000):
        return Trace(run, dict(shared_arrays(UNITS, STEPS)), {"x": "x", "m": "m"}, 0.004)
    turn = np.arange(STEPS, dtype="float32")[None, :, None] / 50 + run
    arrays = {"x/input": np.sin(turn)}
    for place, name in enumerate(("output", "state/h", "state/c")):
        arrays[f"m/{name}"] = np.sin(turn + np.linspace(0, 6 + place, UNITS, dtype="float32"))
    for name in GATES:
        arrays[f"m/gate/{name}"] = np.abs(arrays["m/output"])
    return Trace(run, arrays, {"x": "x", "m": "m"}, 0.004)


class Answers:
    """Knows made-up answers of real sizes to what views ask; they are made before anything is measured."""

    def __init__(self, weights: dict[str, Any]) -> None:
        self._runs = count(1)
        rng = np.random.default_rng(0)
        random = lambda *shape: rng.normal(size=shape).astype("float32")  # noqa: E731
        scalar = lambda value: np.float32(value).reshape(())  # noqa: E731
        shares = {
            f"{end}/gate/{gate}": rng.random(UNITS) / 2
            for end in ("left", "right")
            for gate in ("input", "forget", "output")
        }
        found = {f"{kind}/state/{s}": rng.random(UNITS) for kind in ("off", "saturated") for s in "hc"}
        none = {f"{kind}/state/{s}": np.zeros(UNITS) for kind in ("still", "dead") for s in "hc"}
        wrong = {f"{kind}/state/{s}": np.full(UNITS, -1.0) for kind in ("nan", "inf") for s in "hc"}
        decay = np.exp(-np.arange(STEPS)[::-1] / 500).astype("float32")
        small: dict[str, Any] = {}
        for name in ("kernel", "recurrent_kernel", "bias"):
            parts = np.split(np.atleast_2d(weights[f"m/{name}"]), 4, axis=1)
            small[f"map/{name}"] = np.ascontiguousarray(
                np.concatenate([extremes(each, 768, 768) for each in parts], axis=1)
            )
            small |= {f"counts/{name}": np.arange(41.0), f"limit/{name}": scalar(4)}
        self._known: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
            "trajectory": (
                {
                    "places": np.cumsum(random(1, STEPS, 3), axis=1),
                    "components": random(3, UNITS) / UNITS**0.5,
                    "mean": random(UNITS),
                    "shares": np.array([0.5, 0.3, 0.1], "float32"),
                    "left_out": np.int32(0).reshape(()),
                },
                {},
            ),
            "gradients": (
                {
                    "input": np.abs(random(STEPS, 1)),
                    "state/h": np.abs(np.outer(random(STEPS), random(UNITS))),
                    "state/c": np.abs(np.outer(random(STEPS), random(UNITS))),
                    **{f"norm/{name}": decay * np.abs(random(STEPS)) for name in ("input", "h", "c")},
                    **{f"fit/{name}": np.array([0, -0.002], "float32") for name in "hc"},
                    **{f"initial/{name}": scalar(0) for name in "hc"},
                    **{name: scalar(0) for name in ("backwards", "signed")},
                    "step": np.int32(STEPS - 1).reshape(()),
                },
                {"method": "random", "target": "state/h", "rows": "16"},
            ),
            "match": (
                {
                    "on": np.arange(0, UNITS, 3, dtype="int32"),
                    **{name: np.arange(20, dtype="int32") * 100 for name in ("sample", "first")},
                    **{name: np.full(20, 9, "int32") for name in ("shared", "either")},
                    "distance": np.linspace(0, 1, 20, dtype="float32"),
                },
                {},
            ),
            "saturation": (
                {
                    **{
                        name: each.astype("float32") for name, each in (shares | found | none | wrong).items()
                    },
                    **{f"ends/gate/{gate}": np.array([0.1, 0.9]) for gate in ("input", "forget", "output")},
                    "count": np.array([1, STEPS], "float32"),
                },
                {"activation": "tanh", "recurrent_activation": "sigmoid"},
            ),
            "recurrent_weights": (
                {"eigenvalues": random(4, UNITS, 2), "radius": np.ones(4), "norm": np.ones(4)},
                {},
            ),
            "weight_maps": (small, {}),
        }
        self._known["match"][0]["sample"] = np.zeros(20, "int32")
        self.run = 0
        self._given: dict[str, Analysis] = {}

    def answer(self, question: Question) -> Analysis | None:
        """What is known, as the answer of another run each time that there was one."""
        if question.kind not in self._known:
            return None
        arrays, facts = self._known[question.kind]
        given = self._given.get(question.kind)
        if given is None or given.run < self.run * 1000:
            given = Analysis(self.run * 1000 + next(self._runs), question.kind, "m", arrays, facts, 0.1)
            self._given[question.kind] = given
        return given


@pytest.fixture
def size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """Units and steps, where a test names others than the usual ones."""
    units, steps = getattr(request, "param", (UNITS, STEPS))
    monkeypatch.setitem(globals(), "UNITS", units)
    monkeypatch.setitem(globals(), "STEPS", steps)
    return units, steps


@pytest.fixture
def workspace(qapp: QApplication, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]) -> Iterator[Any]:
    """A wide LSTM whose traces the test gives by ``give``; the engine is never started."""
    rng = np.random.default_rng(1)
    shapes = {"kernel": (1, 4 * UNITS), "recurrent_kernel": (UNITS, 4 * UNITS), "bias": (4 * UNITS,)}
    weights = {f"m/{name}": rng.normal(size=shape).astype("float32") for name, shape in shapes.items()}
    made: Any = Workspace()
    params = FrozenMap(units=UNITS, return_sequences=True)
    layers = (Layer("x", "Input", "x", FrozenMap(shape=(None, 1))), Layer("m", "LSTM", "m", params))
    made.show(Design("wide", layers, (Link("x", "m"),)))
    answers, now = Answers(weights), [long_trace(1)]
    live = type(made.live)
    monkeypatch.setattr(live, "trace", property(lambda _live: now[0]))
    monkeypatch.setattr(live, "extent", property(lambda _live: (STEPS, 1)))
    monkeypatch.setattr(live, "weights", property(lambda _live: weights))
    monkeypatch.setattr(made.analyses, "answer", answers.answer)

    def give(trace: Trace) -> None:
        now[0], answers.run = trace, trace.run
        made.live.traced.emit(trace)

    made.give = give
    give(now[0])
    yield made
    made.close()
    made.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture(params=["states", *NAMES])
def shown(request: pytest.FixtureRequest, workspace: Any, qtbot: QtBot) -> Iterator[Any]:
    """A view of the LSTM on screen, drawn once, and what it shares with others."""
    selection, shared = Selection(), SharedChoices()
    view: Any
    if request.param == "states":
        view = Scopes(workspace, selection, only="m", shared=shared)
    else:
        module, name = views._PLACES[request.param].split(":")
        view = getattr(importlib.import_module(module), name)(workspace, shared)
        view.show_layer("m")
    if request.param == "compare":
        workspace.pinned.pin(workspace.document.design, 0)
    if request.param == "match":
        view._range = (0, 1_000, 1_040)
    view.resize(1200, 420)
    with qtbot.waitExposed(view):
        view.show()
    longest_turn(lambda: None, view, shared)
    yield view, shared
    view.close()
    view.deleteLater()
    shared.deleteLater()
    selection.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def longest_turn(begin: Callable[[], object], view: QWidget, shared: SharedChoices) -> float:
    """The longest that the window was busy with one thing until all is drawn, in seconds of its own work."""
    dispatcher = QAbstractEventDispatcher.instance()
    start = time.thread_time()
    begin()
    longest, idle = time.thread_time() - start, 0
    while idle < 3:
        start = time.thread_time()
        dispatcher.processEvents(QEventLoop.ProcessEventsFlag.AllEvents)
        longest = max(longest, time.thread_time() - start)
        parts = [getattr(getattr(view, "space", None), "_strokes", None), getattr(view, "map", None)]
        parts += getattr(view, "maps", [])
        idle = 0 if shared.digests.busy or any(each is not None and each.busy for each in parts) else idle + 1
    return longest


def test_that_no_view_holds_the_window_up_while_it_draws_a_long_run(
    workspace: Any, shown: Any, benchmark: BenchmarkFixture
) -> None:
    view, shared = shown
    assert not view.message
    turns: list[float] = []

    def another() -> tuple[tuple[Trace], dict[str, Any]]:
        return (long_trace(workspace.live.trace.run + 1),), {}

    def drawn(trace: Trace) -> None:
        turns.append(longest_turn(lambda: workspace.give(trace), view, shared))

    benchmark.pedantic(drawn, setup=another, rounds=5)
    benchmark.extra_info["longest turn in ms"] = round(1000 * min(turns), 1)
    assert not view.message
    assert min(turns) < LIMIT


def test_that_no_view_holds_the_window_up_while_the_cursor_moves(
    workspace: Any, shown: Any, benchmark: BenchmarkFixture
) -> None:
    view, shared = shown
    steps = cycle(range(37, STEPS, 137))
    before = view.grab().toImage()
    turns: list[float] = []

    def moved() -> None:
        turns.append(longest_turn(lambda: workspace.playback.go_to(next(steps)), view, shared))

    benchmark.pedantic(moved, rounds=20, warmup_rounds=3)
    assert sorted(turns)[len(turns) // 2] < LIMIT
    without_time = type(view).__name__ in ("WeightsView", "SaturationView")
    assert without_time or view.grab().toImage() != before


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        *(((2048, 10_000), name) for name in ("states", "weights", "saturation", "memory", "match")),
        *(((512, 100_000), name) for name in ("states", "unit", "memory", "trajectory", "match")),
    ],
    indirect=True,
)
def test_that_no_view_holds_the_window_up_at_the_largest_sizes(
    workspace: Any, shown: Any, benchmark: BenchmarkFixture
) -> None:
    view, shared = shown
    turns: list[float] = []

    def drawn() -> None:
        trace = long_trace(workspace.live.trace.run + 1)
        turns.append(longest_turn(lambda: workspace.give(trace), view, shared))

    benchmark.pedantic(drawn, rounds=3)
    benchmark.extra_info["longest turn in ms"] = round(1000 * min(turns), 1)
    assert not view.message
    assert min(turns) < LIMIT
    resized = [longest_turn(partial(view.resize, wide, 420), view, shared) for wide in (1100, 1000, 900)]
    assert min(resized) < LIMIT
