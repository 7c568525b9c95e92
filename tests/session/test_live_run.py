"""Live running: what is built, what is only run, what is neither, and what happens when the engine dies."""

import os
import signal
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QRectF
from pytestqt.qtbot import QtBot

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import DataSource, Design, Edit, Layer, Link, edits
from rnn_designer.messages import Failure, Trace
from rnn_designer.session import EngineState, LiveStatus, Workspace
from rnn_designer.ui.scopes.dragging import InputDrag, Point

PATIENCE = 120_000


def a_design(units: int = 3, **source: object) -> Design:
    """Input, LSTM, Dense, in a chain, fed with a sine of 2 samples and 12 steps unless told otherwise."""
    settings: dict[str, object] = {"kind": "sine", "batch_size": 2, "time_steps": 12, **source}
    return Design(
        "chain",
        (
            Layer("in", "Input", "signal", FrozenMap(shape=(None, 1))),
            Layer("mem", "LSTM", "memory", FrozenMap(units=units)),
            Layer("out", "Dense", "readout", FrozenMap(units=1)),
        ),
        (Link("in", "mem"), Link("mem", "out")),
        FrozenMap({"in": DataSource(**settings)}),  # type: ignore[arg-type]
    )


class Watched:
    """A started workspace with everything that its live run has said."""

    def __init__(self, workspace: Workspace, qtbot: QtBot) -> None:
        self.workspace = workspace
        self.live = workspace.live
        self.qtbot = qtbot
        self.traces: list[Trace] = []
        self.failures: list[Failure] = []
        self.statuses: list[LiveStatus] = []
        self.live.traced.connect(self.traces.append)
        self.live.failed.connect(self.failures.append)
        self.live.status_changed.connect(self.statuses.append)

    def show(self, design: Design) -> None:
        self.workspace.show(design)
        self.workspace.start()

    def until_traced(self, count: int = 1) -> None:
        self.qtbot.waitUntil(lambda: len(self.traces) >= count and not self.live.stale, timeout=PATIENCE)
        self.until_idle()

    def until_idle(self) -> None:
        self.qtbot.waitUntil(lambda: not self.live.pending, timeout=PATIENCE)


@pytest.fixture
def watched(workspace: Workspace, qtbot: QtBot) -> Watched:
    return Watched(workspace, qtbot)


def test_that_a_design_is_built_and_traced_by_itself(watched: Watched, fake) -> None:
    watched.show(a_design())
    watched.until_traced()
    assert fake.requests == ["Build", "Run"]
    live = watched.live
    assert live.trace is watched.traces[0]
    assert live.trace.signals("mem") == ("result", "state/h")
    assert live.status == LiveStatus("traced 2 layers × 12 steps in 6.0 ms", False, 0.006, 2, 12)
    assert live.source is not None
    assert "LSTM(3" in live.source.text
    assert live.counts["mem"] == 2
    assert set(live.weights) == {"in/kernel", "mem/kernel", "out/kernel"}


def test_that_the_playback_is_as_long_as_the_trace(watched: Watched) -> None:
    watched.show(a_design())
    watched.until_traced()
    playback = watched.workspace.playback
    assert (playback.steps, playback.samples) == (12, 2)


def _folded(layer_id: str) -> Edit:
    """The layer shown as one box; what only wrappers and stacks have a button for."""

    def edit(design: Design) -> Design:
        return design.replacing(replace(design.layer(layer_id), collapsed=True))

    return edit


def test_that_moving_colouring_and_folding_a_box_builds_and_runs_nothing(watched: Watched, fake) -> None:
    watched.show(a_design())
    watched.until_traced()
    document = watched.workspace.document
    document.apply(edits.move({"mem": (400.0, 20.0)}), "Move")
    document.apply(edits.set_notes("another note"), "Notes")
    document.apply(edits.set_color(["mem", "out"], "teal"), "Colour")
    document.apply(_folded("mem"), "Fold")
    watched.until_idle()
    assert fake.requests == ["Build", "Run"]
    assert not watched.live.stale


def test_that_other_samples_are_run_without_a_new_build(watched: Watched, fake) -> None:
    watched.show(a_design())
    watched.until_traced()
    watched.workspace.document.apply(
        edits.set_data("in", DataSource("sine", batch_size=3, time_steps=20)), "Longer samples"
    )
    watched.until_traced(2)
    assert fake.requests == ["Build", "Run", "Run"]
    assert (watched.workspace.playback.steps, watched.workspace.playback.samples) == (20, 3)


def test_that_a_dragged_point_of_the_input_asks_for_its_run_within_a_few_turns(
    watched: Watched, fake
) -> None:
    watched.show(a_design())
    watched.until_traced()
    workspace = watched.workspace
    begun = [each.text for each in watched.statuses].count("Running …")
    point = Point(5, 0, 0.0, QRectF(0, 0, 100, 60), -1.0, 1.0)
    drag = InputDrag(workspace, workspace.document.design.layer("in"), point, 0, 1)
    for nth, y in enumerate((20.0, 40.0), start=1):
        assert drag.drag(y) == ""
        turns = 0
        while [each.text for each in watched.statuses].count("Running …") < begun + nth and turns < 6:
            # Nothing is waited for: of a delay, however short, six empty turns see nothing.
            QCoreApplication.processEvents()
            turns += 1
        assert turns < 6
        watched.until_traced(1 + nth)
    drag.end()
    assert fake.requests == ["Build", "Run", "Run", "Run"]


def test_that_another_parameter_is_built_and_run(watched: Watched, fake) -> None:
    watched.show(a_design())
    watched.until_traced()
    watched.workspace.document.apply(edits.set_parameter("mem", "units", 5), "Set units")
    watched.until_traced(2)
    assert fake.requests == ["Build", "Run", "Build", "Run"]
    assert "LSTM(5" in watched.live.source.text


def test_that_of_many_changes_only_the_newest_has_to_be_shown(watched: Watched, fake) -> None:
    watched.show(a_design())
    watched.until_traced()
    for units in range(4, 60):
        watched.workspace.document.apply(
            edits.set_parameter("mem", "units", units), "Set units", merge="units"
        )
    watched.qtbot.waitUntil(lambda: "LSTM(59" in watched.live.source.text, timeout=PATIENCE)
    watched.until_traced(2)
    assert len(fake.requests) < 10


def test_that_a_look_at_the_design_before_its_samples_are_settled_is_made_again(
    watched: Watched, fake
) -> None:
    watched.show(a_design())
    watched.until_traced()
    watched.workspace.document.apply(edits.set_parameter("mem", "units", 9), "Set units")
    # As when the event loop comes to this first, on a slow machine.
    watched.live._consider()
    assert "Waiting for the samples" in watched.live.status.text
    watched.until_traced(2)
    assert "LSTM(9" in watched.live.source.text


def test_that_the_trace_is_stale_between_the_change_and_the_answer(watched: Watched, fake) -> None:
    watched.show(a_design())
    watched.until_traced()
    fake.does(Build="hang")
    watched.workspace.document.apply(edits.set_parameter("mem", "units", 5), "Set units")
    watched.qtbot.waitUntil(lambda: watched.live.stale, timeout=PATIENCE)
    assert watched.live.trace is watched.traces[0]
    assert watched.live.status.busy


def test_that_undo_to_what_was_traced_last_needs_no_engine(watched: Watched, fake) -> None:
    watched.show(a_design())
    watched.until_traced()
    document = watched.workspace.document
    watched.live.set_enabled(False)
    document.apply(edits.set_parameter("mem", "units", 5), "Set units")
    watched.qtbot.waitUntil(lambda: watched.live.stale, timeout=PATIENCE)
    assert "off" in watched.live.status.text
    document.undo()
    watched.qtbot.waitUntil(lambda: not watched.live.stale, timeout=PATIENCE)
    assert fake.requests == ["Build", "Run"]


def test_that_run_now_runs_while_live_running_is_off(watched: Watched, fake) -> None:
    watched.live.set_enabled(False)
    watched.show(a_design())
    watched.qtbot.waitUntil(
        lambda: watched.workspace.engine.state is EngineState.READY and watched.workspace.samples.ready,
        timeout=PATIENCE,
    )
    watched.until_idle()
    assert fake.requests == []
    watched.live.run_now()
    watched.until_traced()
    watched.live.run_now()
    watched.until_traced(2)
    assert fake.requests == ["Build", "Run", "Run"]


def test_that_an_empty_design_says_what_is_missing(watched: Watched) -> None:
    watched.show(Design())
    watched.qtbot.waitUntil(lambda: "Nothing to run yet" in watched.live.status.text, timeout=PATIENCE)
    assert watched.live.status.problem
    assert watched.live.trace is None


def test_that_the_trace_is_cleared_when_nothing_can_run_any_more(watched: Watched) -> None:
    watched.show(a_design())
    watched.until_traced()
    cleared: list[bool] = []
    watched.live.cleared.connect(lambda: cleared.append(True))
    watched.workspace.document.apply(edits.remove(["in"], rejoin=False), "Remove Input")
    watched.qtbot.waitUntil(lambda: watched.live.trace is None, timeout=PATIENCE)
    assert cleared == [True]
    assert watched.workspace.playback.steps == 0


def test_that_the_runnable_part_runs_while_another_layer_hangs_loose(watched: Watched) -> None:
    design = a_design()
    loose = Layer("loose", "GRU", "loose", FrozenMap(units=2))
    watched.show(replace(design, layers=(*design.layers, loose)))
    watched.until_traced()
    assert "GRU" not in watched.live.source.text


@pytest.mark.parametrize("request_kind", ["Build", "Run"])
def test_that_a_failure_is_shown_once_and_not_repeated(watched: Watched, fake, request_kind: str) -> None:
    fake.does(**{request_kind: "fail"})
    watched.show(a_design())
    watched.qtbot.waitUntil(lambda: bool(watched.failures), timeout=PATIENCE)
    watched.until_idle()
    sent = len(fake.requests)
    assert watched.live.status == LiveStatus(f"The {request_kind} failed on purpose.", problem=True)
    watched.workspace.document.apply(edits.move({"mem": (400.0, 20.0)}), "Move")
    watched.until_idle()
    assert len(fake.requests) == sent
    fake.does()
    watched.workspace.document.apply(edits.set_parameter("mem", "units", 7), "Set units")
    watched.until_traced()


def test_that_the_same_request_is_tried_twice_and_then_left_alone(watched: Watched, fake) -> None:
    fake.does(Run="abort")
    watched.show(a_design())
    watched.qtbot.waitUntil(lambda: bool(watched.failures), timeout=PATIENCE)
    watched.qtbot.waitUntil(lambda: watched.workspace.engine.state is EngineState.READY, timeout=PATIENCE)
    watched.until_idle()
    assert fake.requests.count("Run") == 2
    assert "signal 6" in watched.live.status.text
    assert "twice" in watched.live.status.text
    fake.does()
    watched.workspace.document.apply(edits.set_parameter("mem", "units", 5), "Set units")
    watched.until_traced()


def test_that_a_crash_in_mid_run_is_survived_with_the_old_trace_kept(watched: Watched, fake) -> None:
    watched.show(a_design())
    watched.until_traced()
    fake.does(Run="hang")
    watched.workspace.document.apply(edits.set_parameter("mem", "units", 5), "Set units")
    watched.qtbot.waitUntil(lambda: fake.requests.count("Run") == 2, timeout=PATIENCE)
    fake.does()
    engine, live = watched.workspace.engine, watched.live
    # Heard, not polled for: a tenth of a second later it starts again.
    crashed: list[tuple[object, bool, str]] = []
    engine.state_changed.connect(
        lambda state: (
            crashed.append((live.trace, live.stale, live.status.text))
            if state is EngineState.CRASHED
            else None
        )
    )
    os.kill(engine.pid, signal.SIGKILL)
    watched.qtbot.waitUntil(lambda: bool(crashed), timeout=PATIENCE)
    trace, stale, words = crashed[0]
    assert trace is watched.traces[0]
    assert stale
    assert "signal 9" in words
    watched.until_traced(2)
    assert watched.failures == []


def test_that_an_idle_engine_that_dies_gets_its_model_back(watched: Watched, fake) -> None:
    watched.show(a_design())
    watched.until_traced()
    os.kill(watched.workspace.engine.pid, signal.SIGKILL)
    watched.until_traced(2)
    assert fake.requests == ["Build", "Run", "Build", "Run"]


def test_that_a_hung_run_can_be_cancelled_and_is_not_repeated(watched: Watched, fake) -> None:
    fake.does(Run="hang")
    watched.show(a_design())
    watched.qtbot.waitUntil(lambda: fake.requests == ["Build", "Run"], timeout=PATIENCE)
    watched.live.cancel()
    watched.qtbot.waitUntil(
        lambda: watched.live.status == LiveStatus("Stopped.") and not watched.live.pending, timeout=PATIENCE
    )
    assert fake.requests == ["Build", "Run"]
    assert watched.failures == []
    fake.does()
    watched.live.run_now()
    watched.until_traced()


def test_that_without_an_engine_the_status_says_how_to_get_one(watched: Watched, fake) -> None:
    fake.does(Hello="unable")
    watched.show(a_design())
    watched.qtbot.waitUntil(lambda: "pip install tensorflow" in watched.live.status.text, timeout=PATIENCE)
    assert watched.live.status.problem
    watched.workspace.document.apply(edits.set_parameter("mem", "units", 5), "Set units")
    watched.until_idle()
    assert "pip install tensorflow" in watched.live.status.text


def test_that_inputs_with_batches_of_different_size_are_refused(watched: Watched, fake) -> None:
    inputs = tuple(Layer(name, "Input", name, FrozenMap(shape=(None, 1))) for name in ("a", "b"))
    lstms = tuple(Layer(f"m{name}", "LSTM", f"m{name}", FrozenMap(units=2)) for name in ("a", "b"))
    data = {"a": DataSource("sine", batch_size=2), "b": DataSource("sine", batch_size=3)}
    watched.show(Design("two", (*inputs, *lstms), (Link("a", "ma"), Link("b", "mb")), FrozenMap(data)))
    watched.qtbot.waitUntil(lambda: "same batch size" in watched.live.status.text, timeout=PATIENCE)
    assert "“a” has 2 samples and Input “b” has 3" in watched.live.status.text
    assert fake.requests == []


def test_that_samples_that_cannot_be_had_are_explained(watched: Watched) -> None:
    watched.show(a_design(kind="csv", options=FrozenMap(path="/nowhere/at/all.csv")))
    watched.qtbot.waitUntil(lambda: "There is no file" in watched.live.status.text, timeout=PATIENCE)
    assert "Input “signal”" in watched.live.status.text


def test_that_a_run_that_was_asked_for_and_cannot_be_is_refused_aloud(watched: Watched) -> None:
    watched.show(Design())
    watched.live.run_now()
    assert [failure.sentence for failure in watched.failures] == [
        "Nothing to run yet: put an Input and a layer on the canvas."
    ]
    watched.workspace.show(a_design(kind="csv", options=FrozenMap(path="/nowhere/at/all.csv")))
    watched.qtbot.waitUntil(lambda: watched.workspace.samples.ready, timeout=PATIENCE)
    watched.until_idle()
    watched.live.run_now()
    assert "There is no file" in watched.failures[1].sentence


def test_that_everyone_hears_of_ready_before_busy(watched: Watched) -> None:
    engine = watched.workspace.engine
    heard: list[EngineState] = []
    engine.state_changed.connect(heard.append)
    watched.show(a_design())
    watched.until_traced()
    assert heard[:3] == [EngineState.STARTING, EngineState.READY, EngineState.BUSY]
    assert heard[-1] is EngineState.READY


def weights_sent(fake) -> list[list[str]]:
    return [weights for kind, _run, weights in fake.log if kind == "Build"]


def test_that_drawn_weights_go_back_only_for_layers_that_did_not_change(watched: Watched, fake) -> None:
    watched.show(a_design())
    watched.until_traced()
    document = watched.workspace.document
    document.apply(edits.set_parameter("mem", "units", 5), "Set units")
    watched.until_traced(2)
    document.apply(edits.set_seed(3), "Set seed")
    watched.until_traced(3)
    assert weights_sent(fake) == [[], ["in/kernel", "out/kernel"], []]


def test_that_carried_weights_are_sent_and_survive_the_removal_of_their_layer(watched: Watched, fake) -> None:
    watched.show(a_design())
    watched.until_traced()
    carried = {"mem/kernel": np.ones(2, np.float32), "out/kernel": np.full(2, 2, np.float32)}
    watched.live.set_weights(carried)
    watched.until_traced(2)
    document = watched.workspace.document
    document.apply(edits.remove(["out"]), "Remove Dense")
    watched.until_traced(3)
    assert weights_sent(fake)[-1] == ["in/kernel", "mem/kernel"]
    document.undo()
    watched.until_traced(4)
    np.testing.assert_array_equal(watched.live.weights["out/kernel"], carried["out/kernel"])
    assert watched.live.carries_weights
    watched.live.forget_weights()
    watched.until_traced(5)
    assert not watched.live.carries_weights
    assert weights_sent(fake)[-1] == []


def test_that_only_own_weights_of_present_layers_are_saved(watched: Watched) -> None:
    watched.show(a_design())
    watched.until_traced()
    design = watched.workspace.document.design
    assert watched.live.weights_to_save(design) == {}
    watched.live.keep_weights()
    assert set(watched.live.weights_to_save(design)) == {"in/kernel", "mem/kernel", "out/kernel"}
    smaller = edits.remove(["out"])(design)
    assert set(watched.live.weights_to_save(smaller)) == {"in/kernel", "mem/kernel"}


@pytest.mark.parametrize("edit", [edits.remove(["mem"]), edits.make_own("again")], ids=["removed", "own"])
def test_that_who_shared_carried_weights_keeps_them(watched: Watched, edit: Edit) -> None:
    shared = edits.call_again("mem", (0.0, 0.0))(a_design())
    box = replace(shared.layers[-1], id="again")
    shared = replace(shared, layers=(*shared.layers[:-1], box))
    watched.show(edits.connect(Link("in", "again"))(shared))
    watched.until_traced()
    kernel = np.ones(2, np.float32)
    watched.live.set_weights({"mem/kernel": kernel})
    watched.until_traced(2)
    watched.workspace.document.apply(edit, "Part them")
    watched.until_traced(3)
    np.testing.assert_array_equal(watched.live.weights["again/kernel"], kernel)


def test_that_carried_weights_of_a_layer_reach_the_box_that_calls_it_where_it_does_not_run_itself(
    watched: Watched, fake
) -> None:
    shared = edits.call_again("mem", (0.0, 0.0))(a_design())
    box = shared.layers[-1].id
    parted = edits.chain(edits.disconnect(Link("in", "mem")), edits.disconnect(Link("mem", "out")))(shared)
    watched.show(edits.chain(edits.connect(Link("in", box)), edits.connect(Link(box, "out")))(parted))
    watched.until_traced()
    watched.live.set_weights({"mem/kernel": np.ones(2, np.float32)})
    watched.until_traced(2)
    assert weights_sent(fake)[-1] == ["mem/kernel"]
