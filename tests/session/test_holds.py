"""What is held while a design runs: what asks for another run, what is sent, what a changed design has no place for."""

from dataclasses import replace

import numpy
import pytest
from pytestqt.qtbot import QtBot

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import DataSource, Design, Generation, Layer, Link
from rnn_designer.messages import Trace
from rnn_designer.session import Workspace
from rnn_designer.session.holds import ALL_UNITS, Hold, Holds, can_be_held, clamps

PATIENCE = 120_000


def a_design(generation: Generation | None = None) -> Design:
    """Input, LSTM and a Dense, fed with a sine."""
    return Design(
        "chain",
        (
            Layer("in", "Input", "signal", FrozenMap(shape=(None, 1))),
            Layer("mem", "LSTM", "memory", FrozenMap(units=3, return_sequences=True)),
            Layer("out", "Dense", "last", FrozenMap(units=1)),
        ),
        (Link("in", "mem"), Link("mem", "out")),
        FrozenMap({"in": DataSource(kind="sine", batch_size=2, time_steps=12)}),
        generation=generation,
    )


def held_in(trace: Trace) -> dict[str, list[list[float]]]:
    """What the fake worker was told to hold."""
    return {name[5:]: array.tolist() for name, array in trace.arrays.items() if name.startswith("held/")}


@pytest.fixture
def traces(workspace: Workspace) -> list[Trace]:
    found: list[Trace] = []
    workspace.live.traced.connect(found.append)
    return found


def until(workspace: Workspace, traces: list[Trace], count: int, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: len(traces) >= count and not workspace.live.pending, timeout=PATIENCE)
    assert len(traces) == count


def test_that_holding_runs_again_without_building_and_releasing_too(
    workspace: Workspace, traces: list[Trace], fake, qtbot: QtBot
) -> None:
    workspace.show(a_design())
    workspace.start()
    until(workspace, traces, 1, qtbot)
    holds = workspace.live.holds
    first = Hold("mem", "state/h", 1, 0.5, 4)
    holds.hold(first)
    until(workspace, traces, 2, qtbot)
    assert workspace.live.held == (first,)
    holds.hold(Hold("mem", "state/h", 1, 0.25, 4))
    holds.hold(Hold("mem", "gate/forget", ALL_UNITS, 1.0, 2))
    until(workspace, traces, 3, qtbot)
    holds.hold(Hold("mem", "gate/forget", ALL_UNITS, 1.0, 2))
    holds.clear()
    until(workspace, traces, 4, qtbot)
    assert [held_in(trace) for trace in traces] == [
        {},
        {"mem/state/h": [[1], [0.5], [4]]},
        {"mem/state/h": [[1], [0.25], [4]], "mem/gate/forget": [[-1], [1], [2]]},
        {},
    ]
    assert fake.requests == ["Build", *["Run"] * 4]
    assert workspace.live.held == ()


def test_that_what_a_changed_design_has_no_place_for_is_not_held(
    workspace: Workspace, traces: list[Trace], fake, qtbot: QtBot
) -> None:
    workspace.show(a_design())
    workspace.live.holds.hold(Hold("mem", "state/c", 0, 0.0, 0))
    workspace.live.holds.hold(Hold("gone", "state/h", 0, 0.0, 0))
    workspace.start()
    until(workspace, traces, 1, qtbot)
    assert set(held_in(traces[0])) == {"mem/state/c"}

    def other_kind(design: Design) -> Design:
        gru = Layer("mem", "GRU", "memory", FrozenMap(units=3, return_sequences=True))
        return replace(design, layers=(design.layers[0], gru, design.layers[2]))

    workspace.document.apply(other_kind, "Change to GRU")
    until(workspace, traces, 2, qtbot)
    assert held_in(traces[1]) == {}
    workspace.document.undo()
    until(workspace, traces, 3, qtbot)
    assert set(held_in(traces[2])) == {"mem/state/c"}


def test_that_nothing_is_held_where_a_layer_begins_anew_at_every_step(workspace: Workspace) -> None:
    whole = a_design()
    inner = next(layer for layer in whole.layers if layer.id == "mem")
    holds = workspace.live.holds
    holds.hold(Hold("mem", "state/h", 1, 0.5, 2))
    around = Layer("each", "TimeDistributed", "each", children=(inner,))
    within = Layer("deep", "Bidirectional", "deep", children=(inner,))
    for wrapper, acts in ((within, True), (around, False)):
        layers = tuple(wrapper if layer.id == "mem" else layer for layer in whole.layers)
        assert bool(holds.acting(Design("wrapped", layers, ()))) is acts
    deeper = Layer("each", "TimeDistributed", "each", children=(within,))
    assert not holds.acting(Design("wrapped", (deeper,), ()))


def test_that_another_design_holds_nothing(workspace: Workspace) -> None:
    workspace.show(a_design())
    workspace.live.holds.hold(Hold("mem", "state/h", 0, 0.0, 0))
    workspace.show(a_design())
    assert workspace.live.holds.all == ()


def test_that_a_design_that_goes_on_by_itself_waits_while_something_is_held(
    workspace: Workspace, traces: list[Trace], fake, qtbot: QtBot
) -> None:
    workspace.show(a_design(Generation(steps=5)))
    workspace.live.holds.hold(Hold("mem", "state/h", 0, 0.0, 0))
    workspace.start()
    until(workspace, traces, 1, qtbot)
    assert traces[0].generated is None
    workspace.live.holds.clear()
    # It is told while it grows, so there are several traces of it.
    qtbot.waitUntil(lambda: len(traces) > 1 and not workspace.live.pending, timeout=PATIENCE)
    assert traces[-1].generated == 12
    assert fake.requests == ["Build", "Run", "Generate"]


def test_that_single_units_win_over_all_units() -> None:
    single, whole = Hold("m", "state/h", 2, 1.0, 3), Hold("m", "state/h", ALL_UNITS, 0.0, 1)
    rows = clamps([single, whole])["m/state/h"]
    assert rows.dtype == numpy.float32
    assert rows.tolist() == [[-1, 2], [0, 1], [1, 3]]


def test_that_holding_the_same_again_changes_nothing(qtbot: QtBot) -> None:
    holds = Holds()
    heard: list[int] = []
    holds.changed.connect(lambda: heard.append(1))
    hold = Hold("m", "state/h", 2, 1.0, 3)
    holds.hold(hold)
    holds.hold(hold)
    assert len(heard) == 1
    holds.release(Hold("m", "state/h", 2, 7.0, 0))
    assert holds.all == ()
    assert len(heard) == 2


def test_what_can_be_held() -> None:
    lstm = Layer("a", "LSTM", "a", FrozenMap(units=3))
    names = ("state/h", "initial/h", "state/c", "initial/c")
    gates = ("gate/input", "gate/forget", "gate/candidate", "gate/output")
    assert set(can_be_held(lstm)) == {*names, *gates}
    both = Layer("b", "Bidirectional", "b", children=(lstm,))
    assert {"forward/state/h", "backward/initial/c", "backward/gate/forget"} <= set(can_be_held(both))
    low, high = (
        Layer("l", "LSTMCell", "l", FrozenMap(units=3)),
        Layer("g", "GRUCell", "g", FrozenMap(units=2)),
    )
    stack = Layer("s", "StackedRNNCells", "s", children=(low, high))
    rnn = Layer("r", "RNN", "r", children=(stack,))
    found = set(can_be_held(rnn))
    assert {"cell_0/state/c", "cell_0/initial/c", "cell_1/gate/update", "cell_1/initial/h"} <= found
    assert "state/h" in set(can_be_held(high))
    assert list(can_be_held(Layer("d", "Dense", "d", FrozenMap(units=1)))) == []


def test_that_an_initial_state_is_told_from_others() -> None:
    assert Hold("m", "initial/h", 0, 0.0, 0).initial
    assert Hold("m", "forward/cell_0/initial/h", 0, 0.0, 0).initial
    assert not Hold("m", "state/initial", 0, 0.0, 0).initial
