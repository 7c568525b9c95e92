"""What a trace costs beside what Keras needs anyway: ratios taken in one run, the ways measured in turn."""

import time
from collections.abc import Callable
from typing import Any

import numpy
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from rnn_designer.messages import PlannedLayer

SOURCE = """
import keras
from keras import layers

def build_model():
    memory = layers.{kind}({units}, return_sequences=True, name="memory")
    return keras.Sequential([keras.Input((None, 1), name="input_layer"), memory])
"""
Way = Callable[[], object]


def interleaved(first: Way, second: Way, limit: float, rounds: int = 9, tries: int = 5) -> float:
    """The least ratio first : second of a few tries, the first within the limit ending them.

    A try measures the two in turn and compares the shortest times, which other programs disturbed least.
    """
    first()
    second()
    ratios: list[float] = []
    while len(ratios) < tries and min(ratios, default=limit + 1) > limit:
        times: tuple[list[float], list[float]] = ([], [])
        for _round in range(rounds):
            for way, taken in zip((first, second), times, strict=True):
                start = time.perf_counter()
                way()
                taken.append(time.perf_counter() - start)
        ratios.append(min(times[0]) / min(times[1]))
    return min(ratios)


def standing(kind: str, units: int) -> tuple[Any, Any]:
    """A built model and its tracer."""
    from rnn_designer.engine.build import BuiltModel
    from rnn_designer.engine.trace import Tracer

    plan = (PlannedLayer("x", "input_layer", "Input"), PlannedLayer("m", "memory", kind))
    built = BuiltModel(SOURCE.format(kind=kind, units=units), plan)
    built.fill({}, 1, lambda: None)
    return built.model, Tracer(built.model, plan, built.placed)


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "SimpleRNN"])
def test_that_a_full_warm_trace_costs_little_more_than_a_forward_pass(
    kind: str, benchmark: BenchmarkFixture
) -> None:
    import tensorflow

    model, tracer = standing(kind, 64)
    samples = numpy.random.default_rng(0).normal(size=(1, 200, 1)).astype("float32")
    forward = tensorflow.function(lambda x: model(x, training=False))
    tensor = tensorflow.constant(samples)

    def trace() -> object:
        return tracer.run({"input_layer": samples})

    # Measured 1.1 to 1.4; threefold slack for a busy machine.
    assert interleaved(trace, lambda: forward(tensor).numpy(), limit=4.0) <= 4.0
    benchmark(trace)


def test_that_a_changed_width_is_traced_sooner_than_keras_predicts_with_it(
    benchmark: BenchmarkFixture,
) -> None:
    import keras

    samples = numpy.random.default_rng(0).normal(size=(1, 100, 1)).astype("float32")
    widths = iter(range(32, 512))

    def traced() -> object:
        _model, tracer = standing("LSTM", next(widths))
        return tracer.run({"input_layer": samples})

    def predicted() -> object:
        units = next(widths)
        model = keras.Sequential(
            [keras.Input((None, 1)), keras.layers.LSTM(units, return_sequences=True, name="memory")]
        )
        return model.predict(samples, verbose=0)

    # Measured about 1; the trace holds six arrays, the prediction one.
    assert interleaved(traced, predicted, limit=3.0, rounds=5) <= 3.0
    benchmark.pedantic(traced, rounds=3)


def test_that_frames_carry_large_traces_at_the_pace_of_copying_them(benchmark: BenchmarkFixture) -> None:
    from rnn_designer.framing import FrameReader, encode
    from rnn_designer.messages import Trace

    arrays = {
        f"memory/{name}": numpy.ones((32, 200, 128), "float32") for name in ("output", "state/h", "state/c")
    }
    trace = Trace(1, arrays, {"m": "memory"}, 0.0)

    def crossed() -> object:
        reader = FrameReader()
        return [message for chunk in encode(trace) for message in reader.feed(bytes(chunk))]

    def copied() -> object:
        return [array.copy() for array in arrays.values()]

    (arrived,) = crossed()
    numpy.testing.assert_array_equal(arrived.arrays["memory/state/c"], arrays["memory/state/c"])
    # A few copies are allowed: out of the arrays, into the pipe's buffer, and together again.
    assert interleaved(crossed, copied, limit=20.0) <= 20.0
    benchmark(crossed)
