"""The worker continues samples with the functions of the exported program, and traces what comes of it."""

from __future__ import annotations

import runpy
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy
import pytest

from rnn_designer.codegen import generate, runnable_part
from rnn_designer.design import Design, Generation, check
from rnn_designer.engine.requests import Cancelled, Requests
from rnn_designer.framing import FrameReader, encode
from rnn_designer.messages import (
    Analyse,
    Analysis,
    Build,
    Built,
    Failure,
    Generate,
    Message,
    Progress,
    Run,
    Trace,
)
from rnn_designer.session.request import planned_layers

if TYPE_CHECKING:
    from rnn_designer.engine.worker import Worker

HELPERS = runpy.run_path(str(Path(__file__).parents[1] / "codegen" / "designs.py"))
layer, chain, series, tokens = (HELPERS[name] for name in ("layer", "chain", "series", "tokens"))
FORECAST = chain(
    series(2),
    layer("LSTM", "memory", units=4, return_sequences=True),
    layer("GRU", "second", units=3),
    layer("Dense", "forecast", units=2),
)
TEXT = chain(
    tokens(),
    layer("Embedding", "embedding", input_dim=5, output_dim=3),
    layer("GRU", "memory", units=4, return_sequences=True),
    layer("Dense", "next", units=5, activation="softmax"),
)
WINDOW = chain(
    series(2),
    layer("Conv1D", "window", filters=3, kernel_size=3, padding="causal"),
    layer("Dense", "forecast", units=2),
)


def prefix(steps: int = 5) -> Any:
    return numpy.random.default_rng(1).normal(size=(3, steps, 2)).astype("float32")


@pytest.fixture
def told() -> list[Message]:
    return []


@pytest.fixture
def worker(tmp_path: Path, told: list[Message]) -> Worker:
    from rnn_designer.engine.worker import Worker

    return Worker(tmp_path, lambda: None, told.append)


def build(design: Design, *, on: bool = True, run: int = 1) -> Build:
    part = runnable_part(check(replace(design, generation=Generation() if on else None)))
    assert part is not None
    source = generate(part)
    return Build(run, source.text, planned_layers(part), source.layer_of_line, 3)


def test_that_generated_steps_are_traced_behind_the_samples(worker: Worker, told: list[Message]) -> None:
    assert isinstance(worker.answer(build(FORECAST)), Built)
    trace = worker.answer(Generate(2, {"series": prefix()}, 7))
    assert isinstance(trace, Trace)
    assert (trace.run, trace.generated, trace.to_come) == (2, 5, 0)
    sequence = trace.arrays["series/input"]
    assert sequence.shape == (3, 12, 2)
    numpy.testing.assert_array_equal(sequence[:, :5], prefix())
    assert trace.arrays["memory/state/c"].shape == (3, 12, 4)
    # One prediction further would be the next step; the last one there was made from all but the last step.
    shorter = worker.answer(Run(3, {"series": sequence[:, :-1]}))
    assert isinstance(shorter, Trace)
    assert shorter.generated is None
    numpy.testing.assert_allclose(shorter.arrays["forecast/result"], sequence[:, -1], atol=1e-6, rtol=1e-6)

    assert not [each for each in told if isinstance(each, Trace)]


def test_that_generated_steps_can_be_analysed_like_any_others(worker: Worker) -> None:
    request = build(FORECAST)
    worker.answer(request)
    trace = worker.answer(Generate(2, {"series": prefix()}, 7))
    memory = next(each.id for each in request.layers if each.name == "memory")
    found = worker.answer(Analyse(3, "trajectory", memory, {"signal/state/h": 1.0}))
    assert isinstance(found, Analysis)
    assert found.arrays["places"].shape == (3, 12, 3)
    assert isinstance(trace, Trace)
    mean = trace.arrays["memory/state/h"].reshape(-1, 4).mean(axis=0)
    numpy.testing.assert_allclose(found.arrays["mean"], mean, atol=1e-6)


@pytest.mark.parametrize(("design", "every"), [(FORECAST, 2), (WINDOW, 3)], ids=["carried", "computed again"])
def test_that_growing_traces_are_told_on_the_way(
    worker: Worker, told: list[Message], design: Design, every: int
) -> None:
    worker.answer(build(design))
    last = worker.answer(Generate(2, {"series": prefix()}, 7, every=every))
    assert isinstance(last, Trace)
    growing = [each for each in told if isinstance(each, Trace)]
    assert [each.to_come for each in growing] == [7 - done for done in range(every, 7, every)]
    for each in growing:
        length = 5 + 7 - each.to_come
        assert each.generated == 5
        numpy.testing.assert_array_equal(each.arrays["series/input"], last.arrays["series/input"][:, :length])
        reader = FrameReader()
        [arrived] = [message for chunk in encode(each) for message in reader.feed(bytes(chunk))]
        assert isinstance(arrived, Trace)
        assert (arrived.generated, arrived.to_come) == (5, each.to_come)


def test_that_every_length_shares_one_graph_of_the_trace(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rnn_designer.engine import taps

    graphs: list[int] = []
    original = taps.recording
    monkeypatch.setattr(taps, "recording", lambda layers: graphs.append(1) or original(layers))
    worker.answer(build(FORECAST))
    worker.answer(Generate(2, {"series": prefix()}, 6, every=1))
    worker.answer(Generate(3, {"series": prefix(9)}, 4, every=1))
    assert len(graphs) == 1


def test_that_tokens_come_out_as_the_exported_program_draws_them(worker: Worker) -> None:
    request = build(TEXT)
    worker.answer(request)
    start = numpy.int32([[1, 2, 3], [4, 0, 1]])
    first = worker.answer(Generate(2, {"tokens": start}, 9, temperature=0.8, seed=4))
    again = worker.answer(Generate(3, {"tokens": start}, 9, temperature=0.8, seed=4))
    other = worker.answer(Generate(4, {"tokens": start}, 9, temperature=0.8, seed=5))
    assert isinstance(first, Trace)
    assert isinstance(again, Trace)
    assert isinstance(other, Trace)
    drawn = first.arrays["tokens/input"]
    assert drawn.dtype == numpy.int32
    assert drawn.shape == (2, 12)
    numpy.testing.assert_array_equal(drawn, again.arrays["tokens/input"])
    assert (drawn != other.arrays["tokens/input"]).any()


@pytest.mark.parametrize("design", [FORECAST, WINDOW], ids=["carried", "computed again"])
def test_that_a_cancelled_generation_stops_before_its_next_step(tmp_path: Path, design: Design) -> None:
    from rnn_designer.engine.worker import Worker

    said: list[Message] = []

    def checkpoint() -> None:
        if len([each for each in said if isinstance(each, Trace)]) == 2:
            raise Cancelled

    worker = Worker(tmp_path, checkpoint, said.append)
    worker.answer(build(design))
    with pytest.raises(Cancelled):
        worker.answer(Generate(2, {"series": prefix()}, 500, every=1))
    assert len([each for each in said if isinstance(each, Trace)]) == 2
    said.clear()
    assert isinstance(worker.answer(Generate(3, {"series": prefix()}, 3)), Trace)


def test_that_a_program_without_generation_refuses(worker: Worker) -> None:
    worker.answer(build(FORECAST, on=False))
    refused = worker.answer(Generate(2, {"series": prefix()}, 3))
    assert isinstance(refused, Failure)
    assert "generation" in refused.sentence


@pytest.mark.parametrize(
    ("inputs", "word"),
    [
        ({}, "0 Inputs"),
        ({"series": numpy.ones((3, 0, 2), "float32")}, "at least one"),
        ({"series": numpy.ones((3, 4, 5), "float32")}, "5"),
    ],
)
def test_that_samples_that_do_not_fit_are_refused(worker: Worker, inputs: Any, word: str) -> None:
    worker.answer(build(FORECAST))
    refused = worker.answer(Generate(2, inputs, 3))
    assert isinstance(refused, Failure)
    assert word in refused.sentence
    assert "Traceback" not in refused.sentence


def test_that_new_weights_are_generated_with(worker: Worker) -> None:
    request = build(FORECAST)
    worker.answer(request)
    before = worker.answer(Generate(2, {"series": prefix()}, 3))
    worker.answer(replace(request, run=3, weights={"FORECAST/bias": numpy.float32([5, 5])}))
    after = worker.answer(Generate(4, {"series": prefix()}, 3))
    assert isinstance(before, Trace)
    assert isinstance(after, Trace)
    first = before.arrays["series/input"][:, 5] + 5
    numpy.testing.assert_allclose(after.arrays["series/input"][:, 5], first, rtol=1e-5)


def test_that_the_newest_request_replaces_a_generation() -> None:
    requests = Requests()
    for request in (Generate(1, {}, 3), Run(2, {}), Generate(3, {}, 3)):
        requests.put(request)
    taken = [requests.get() for _ in range(3)]
    assert [each.run for each in taken if isinstance(each, Failure)] == [1, 2]
    assert isinstance(taken[2], Generate)
    requests.put(Run(4, {}))
    with pytest.raises(Cancelled):
        requests.checkpoint()


def test_that_the_first_generation_says_what_it_makes(worker: Worker, told: list[Message]) -> None:
    worker.answer(build(FORECAST))
    told.clear()
    worker.answer(Generate(2, {"series": prefix()}, 2))
    worker.answer(Generate(3, {"series": prefix()}, 2))
    assert len([each for each in told if isinstance(each, Progress)]) == 1
