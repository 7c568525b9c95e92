"""What the worker answers, with Keras in this process."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy
import pytest
from standing_models import planned, program

from rnn_designer.engine.requests import Cancelled
from rnn_designer.framing import FrameReader, encode
from rnn_designer.messages import Build, Built, Failure, Message, Run, Saved, SaveWeights, Trace

if TYPE_CHECKING:
    from rnn_designer.engine.worker import Worker

SOURCE = program(
    [
        "series = keras.Input((None, 3), name='series')",
        "tokens = keras.Input((4,), dtype='int32', name='tokens')",
        "x = layers.GRU(2, name='memory')(series)",
        "y = layers.Flatten(name='flat')(layers.Embedding(5, 2, name='embedding')(tokens))",
        "x = layers.Concatenate(name='join')([x, y])",
        "return keras.Model([series, tokens], layers.Dense(1, name='dense')(x))",
    ]
)
PLAN = (
    planned("series", "Input"),
    planned("tokens", "Input"),
    planned("memory", "GRU"),
    planned("embedding", "Embedding"),
    planned("flat", "Flatten"),
    planned("join", "Concatenate"),
    planned("dense", "Dense"),
)
INPUTS = {"series": numpy.ones((2, 5, 3), "float32"), "tokens": numpy.int32([[0, 1, 2, 3]] * 2)}


@pytest.fixture
def told() -> list[Message]:
    return []


@pytest.fixture
def worker(tmp_path: Path, told: list[Message]) -> Worker:
    from rnn_designer.engine.worker import Worker

    return Worker(tmp_path, lambda: None, told.append)


def build(run: int = 1, source: str = SOURCE, plan: Any = PLAN, **named: Any) -> Build:
    return Build(run, source, plan, named.pop("lines", {}), named.pop("seed", 0), **named)


@contextlib.contextmanager
def graphs_counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    from rnn_designer.engine import taps

    counted: list[int] = []
    original = taps.recording

    def recording(layers: Any) -> Any:
        counted.append(1)
        return original(layers)

    with monkeypatch.context() as patch:
        patch.setattr(taps, "recording", recording)
        yield counted


def test_that_a_build_and_a_run_are_answered_and_can_be_sent(worker: Worker) -> None:
    built, trace = worker.answer(build(3)), worker.answer(Run(4, INPUTS))
    assert isinstance(built, Built)
    assert isinstance(trace, Trace)
    assert (built.run, trace.run) == (3, 4)
    assert built.counts["#embedding"] == 10
    assert trace.layers["#memory"] == "memory"
    assert trace.signals("#memory") == (
        "result",
        "output",
        "state/h",
        "gate/update",
        "gate/reset",
        "gate/candidate",
    )
    assert trace.arrays["tokens/input"].dtype == numpy.int32
    assert trace.arrays["dense/result"].shape == (2, 1)
    for message in (built, trace, worker.hello()):
        (received,) = FrameReader().feed(b"".join(map(bytes, encode(message))))
        assert type(received) is type(message)


def test_that_other_lengths_batches_and_weights_need_no_new_graph(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    with graphs_counted(monkeypatch) as graphs:
        first = worker.answer(build(1))
        assert isinstance(first, Built)
        before = worker.answer(Run(1, INPUTS))
        for batch, steps in ((1, 5), (7, 2), (2, 50)):
            inputs = {
                "series": numpy.ones((batch, steps, 3), "float32"),
                "tokens": numpy.ones((batch, 4), "int32"),
            }
            trace = worker.answer(Run(2, inputs))
            assert isinstance(trace, Trace)
            assert trace.arrays["memory/state/h"].shape == (batch, steps, 2)
        doubled = {key: value * 2 for key, value in first.weights.items()}
        second = worker.answer(build(3, weights=doubled))
        assert isinstance(second, Built)
        after = worker.answer(Run(3, INPUTS))
        assert len(graphs) == 1
        worker.answer(build(4, SOURCE.replace("GRU(2", "GRU(3")))
        worker.answer(Run(4, INPUTS))
        assert len(graphs) == 2
    assert numpy.array_equal(second.weights["#memory/kernel"], doubled["#memory/kernel"])
    assert isinstance(before, Trace)
    assert isinstance(after, Trace)
    assert not numpy.array_equal(before.arrays["dense/result"], after.arrays["dense/result"])


def test_that_a_rebuild_without_weights_draws_the_same_again(worker: Worker) -> None:
    first = worker.answer(build(1))
    assert isinstance(first, Built)
    worker.answer(build(2, weights={key: value + 1 for key, value in first.weights.items()}))
    again = worker.answer(build(3))
    assert isinstance(again, Built)
    assert all(numpy.array_equal(first.weights[key], again.weights[key]) for key in first.weights)


@pytest.mark.parametrize(
    ("changed", "layer", "parts"),
    [
        ({"series": None}, "#series", ("no samples", "(batch, time, 3)", "Choose data")),
        ({"series": numpy.ones((2, 5, 4), "float32")}, "#series", ("(2, 5, 4)", "(batch, time, 3)")),
        ({"series": numpy.ones((5, 3), "float32")}, "#series", ("(5, 3)", "(batch, time, 3)")),
        ({"series": numpy.ones((2, 0, 3), "float32")}, "#series", ("(2, 0, 3)", "empty")),
        ({"series": numpy.ones((0, 5, 3), "float32")}, "#series", ("(0, 5, 3)", "empty")),
        ({"tokens": numpy.ones((2, 5), "int32")}, "#tokens", ("(2, 5)", "(batch, 4)")),
        ({"tokens": numpy.ones((3, 4), "int32")}, None, ("2 and 3 samples", "same number")),
    ],
)
def test_that_inputs_that_do_not_fit_are_refused_before_keras_sees_them(
    worker: Worker, changed: dict[str, Any], layer: str | None, parts: tuple[str, ...]
) -> None:
    worker.answer(build())
    inputs = {name: value for name, value in {**INPUTS, **changed}.items() if value is not None}
    answer = worker.answer(Run(2, inputs))
    assert isinstance(answer, Failure)
    assert answer.layer == layer
    assert all(part in answer.sentence for part in parts)
    assert isinstance(worker.answer(Run(3, INPUTS)), Trace)


def test_that_an_id_outside_the_vocabulary_blames_the_embedding(worker: Worker) -> None:
    worker.answer(build())
    answer = worker.answer(Run(2, {**INPUTS, "tokens": numpy.int32([[0, 1, 2, 9]] * 2)}))
    assert isinstance(answer, Failure)
    assert answer.layer == "#embedding"
    assert "9 is not in [0, 5)" in answer.sentence


def test_that_a_failed_build_blames_the_layer_and_its_run_traces_no_older_model(worker: Worker) -> None:
    worker.answer(build(1))
    source = SOURCE.replace("layers.GRU(2, name='memory')", "layers.GRU(-2, name='memory')")
    line = next(n for n, text in enumerate(source.splitlines(), 1) if "GRU(-2" in text)
    failed = worker.answer(build(2, source, lines={line: "#memory"}))
    assert isinstance(failed, Failure)
    assert failed.layer == "#memory"
    assert "-2" in failed.sentence
    after = worker.answer(Run(3, INPUTS))
    assert after == Failure(3, failed.sentence, failed.layer, failed.detail)
    assert isinstance(worker.answer(build(4)), Built)
    assert isinstance(worker.answer(Run(5, INPUTS)), Trace)


@pytest.mark.parametrize(
    "source",
    [
        "x = 1",
        "def build_model():\n    return 3\n",
        "raise SystemError('no')",
        "def build_model(: pass",
        "1/0",
        "raise SystemExit(3)",
    ],
)
def test_that_a_source_that_makes_no_model_is_a_failure(worker: Worker, source: str) -> None:
    answer = worker.answer(build(1, source))
    assert isinstance(answer, Failure)
    assert answer.sentence.endswith(".")


def test_that_a_run_or_a_save_before_any_build_is_refused(worker: Worker) -> None:
    for request in (Run(1, INPUTS), SaveWeights(1)):
        answer = worker.answer(request)
        assert isinstance(answer, Failure)
        assert "no model" in answer.sentence


def test_that_a_cancelled_build_leaves_no_model_to_run(tmp_path: Path) -> None:
    from rnn_designer.engine.worker import Worker

    stop = False

    def checkpoint() -> None:
        if stop:
            raise Cancelled

    worker = Worker(tmp_path, checkpoint, lambda _: None)
    worker.answer(build(1))
    stop = True
    with pytest.raises(Cancelled):
        worker.answer(build(2, SOURCE.replace("GRU(2", "GRU(3")))
    stop = False
    assert isinstance(worker.answer(Run(3, INPUTS)), Failure)


def test_that_saved_weights_are_a_file_that_the_same_source_loads(worker: Worker, tmp_path: Path) -> None:
    import keras

    built = worker.answer(build(1, seed=4))
    saved = worker.answer(SaveWeights(2))
    assert isinstance(built, Built)
    assert isinstance(saved, Saved)
    assert list(tmp_path.iterdir()) == []
    path = tmp_path / "model.weights.h5"
    path.write_bytes(saved.content.tobytes())
    keras.utils.clear_session()
    namespace: dict[str, Any] = {}
    exec(SOURCE, namespace)
    model = namespace["build_model"]()
    model.load_weights(path)
    assert numpy.array_equal(model.get_layer("memory").weights[0], built.weights["#memory/kernel"])
    trace = worker.answer(Run(3, INPUTS))
    assert isinstance(trace, Trace)
    own = model([INPUTS["series"], INPUTS["tokens"]], training=False)
    assert numpy.array_equal(trace.arrays["dense/result"], own)


def test_that_long_work_is_announced(worker: Worker, told: list[Message]) -> None:
    worker.answer(build(1))
    worker.answer(Run(2, INPUTS))
    worker.answer(Run(3, INPUTS))
    assert [getattr(message, "run", None) for message in told] == [1, 2]
