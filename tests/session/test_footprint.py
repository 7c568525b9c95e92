"""The estimate before a run: what it counts, and what it refuses before anything is built."""

from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from rnn_designer.catalog import FrozenMap
from rnn_designer.codegen import runnable_part
from rnn_designer.design import DataSource, Design, Layer, Link, check
from rnn_designer.session import Workspace
from rnn_designer.session.footprint import Footprint, footprint, free_memory

GIGABYTE = 10**9


def an_lstm(units: int = 3, wrapper: str | None = None, **source: int) -> Design:
    layer = Layer("mem", "LSTM", "memory", FrozenMap(units=units, return_sequences=True))
    if wrapper is not None:
        layer = Layer("both", wrapper, "both", children=(layer,))
    return Design(
        "chain",
        (Layer("in", "Input", "signal", FrozenMap(shape=(None, 2))), layer),
        (Link("in", layer.id),),
        FrozenMap({"in": DataSource("sine", FrozenMap(), **source)}),
    )


def of(design: Design, batch: int = 4, steps: int = 10) -> Footprint:
    part = runnable_part(check(design))
    assert part is not None
    return footprint(part, {"signal": np.zeros((batch, steps, 2), np.float32)})


def test_that_weights_and_every_recorded_step_count() -> None:
    counted = of(an_lstm())
    assert counted.weights == 4 * 4 * 3 * (2 + 3 + 1)
    # The Input and the layer's result, then output, h, c and four gates.
    assert counted.trace == 4 * 4 * 10 * (2 + 3 + 7 * 3)
    assert counted.samples == 4 * 4 * 10 * 2
    assert counted.heaviest == "mem"


def test_that_both_directions_count() -> None:
    counted = of(an_lstm(wrapper="Bidirectional"))
    assert counted.weights == 2 * 4 * 4 * 3 * (2 + 3 + 1)
    assert counted.trace == 4 * 4 * 10 * (2 + 6 + 2 * 7 * 3)


def test_that_every_cell_of_a_stack_counts() -> None:
    cells = (
        Layer("low", "LSTMCell", "low", FrozenMap(units=3)),
        Layer("high", "GRUCell", "high", FrozenMap(units=5)),
    )
    stack = Layer("stack", "StackedRNNCells", "stack", children=cells)
    layer = Layer("rnn", "RNN", "rnn", FrozenMap(return_sequences=True), children=(stack,))
    design = Design(
        "cells", (Layer("in", "Input", "signal", FrozenMap(shape=(None, 2))), layer), (Link("in", "rnn"),)
    )
    # The Input and the result; then the output, h and c, h, and for each cell its output and gates.
    assert of(design).trace == 4 * 4 * 10 * (2 + 5 + 5 + 2 * 3 + 5 + 5 * 3 + 4 * 5)


@pytest.mark.parametrize(
    ("kind", "params", "scores"),
    [
        ("Attention", {}, 4 * 10 * 10),
        ("Attention", {"score_mode": "concat"}, 4 * 10 * 10 * 2),
        ("AdditiveAttention", {}, 4 * 10 * 10 * 2),
        ("MultiHeadAttention", {"num_heads": 3, "key_dim": 2}, 4 * 10 * 10 * 3),
        ("MultiHeadAttention", {"num_heads": 3, "key_dim": 2, "attention_axes": (1,)}, 4 * 10 * 10 * 3),
    ],
)
def test_that_attention_counts_every_pair_of_steps(kind: str, params: dict[str, object], scores: int) -> None:
    design = Design(
        "attended",
        (
            Layer("in", "Input", "signal", FrozenMap(shape=(None, 2))),
            Layer("at", kind, "at", FrozenMap(params)),
        ),
        (Link("in", "at", target_port="query"), Link("in", "at", target_port="value")),
    )
    # The Input and the result beside the scores.
    assert of(design).trace == 4 * (2 * 4 * 10 * 2 + scores)


def test_that_a_run_is_refused_when_it_needs_more_than_there_is_and_remarked_above_a_quarter() -> None:
    large = Footprint(weights=GIGABYTE, trace=0, samples=0, heaviest="mem")
    assert large.refusal(4 * GIGABYTE) == (
        "This design needs about 5.0 GB of memory, most of it for its weights, and 4.0 GB are free: "
        "use fewer units."
    )
    assert large.refusal(6 * GIGABYTE) is None
    assert large.remark(6 * GIGABYTE) == "needs about 5.0 GB of the 6.0 GB of memory that are free"
    assert large.remark(60 * GIGABYTE) is None
    assert large.refusal(None) is None
    assert large.remark(None) is None


def test_that_sizes_beyond_every_float_are_told() -> None:
    sentence = Footprint(10**400, 0, 0, None).refusal(GIGABYTE)
    assert sentence is not None
    assert "1.0 GB are free" in sentence


@pytest.mark.skipif(not Path("/proc/meminfo").exists(), reason="only Linux says so")
def test_that_the_free_memory_is_known_here() -> None:
    free = free_memory()
    assert free is not None
    assert free > 0
    assert free_memory(2**22 + 1) is not None


def test_that_a_design_too_large_for_the_memory_is_never_sent(
    workspace: Workspace, qtbot: QtBot, fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rnn_designer.session.live_run.free_memory", lambda _worker: GIGABYTE)
    workspace.show(an_lstm(16_000, batch_size=2, time_steps=5))
    workspace.start()
    with qtbot.waitSignal(
        workspace.live.status_changed, check_params_cb=lambda status: status.problem and "GB" in status.text
    ):
        pass
    assert "use fewer units" in workspace.live.status.text
    assert not workspace.live.pending
    assert "Build" not in fake.requests
