"""Checking a design takes time in proportion to its layers, so that it can follow every key stroke."""

import time
from itertools import pairwise

from pytest_benchmark.fixture import BenchmarkFixture

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import Design, Layer, Link, check


def tower(count: int) -> Design:
    """An Input, then ``count`` layers in a row, a Bidirectional every fifth."""
    layers = [Layer("x", "Input", "x", FrozenMap(shape=(None, 4)))]
    for index in range(count):
        memory = Layer(f"m{index}", "LSTM", f"m{index}", FrozenMap(units=8, return_sequences=True))
        if index % 5 == 0:
            memory = Layer(f"b{index}", "Bidirectional", f"b{index}", children=(memory,))
        layers.append(memory)
    links = tuple(Link(one.id, two.id) for one, two in pairwise(layers))
    return Design("tower", tuple(layers), links)


def seconds(design: Design, rounds: int = 7) -> float:
    """The shortest time of one check: the one that other programs disturbed least."""
    times = []
    for _round in range(rounds):
        start = time.perf_counter()
        check(design)
        times.append(time.perf_counter() - start)
    return min(times)


def test_that_a_check_of_a_large_design_costs_no_more_per_layer_than_that_of_a_small_one(
    benchmark: BenchmarkFixture,
) -> None:
    small, large = tower(50), tower(400)
    assert not check(large).errors
    seconds(small)
    ratios = []
    for _try in range(5):
        ratios.append((seconds(large) / 400) / (seconds(small) / 50))
        if ratios[-1] <= 3.0:
            break
    benchmark(check, tower(200))
    assert min(ratios) <= 3.0
