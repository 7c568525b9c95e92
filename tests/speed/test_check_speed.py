"""Checking a design takes time in proportion to its layers, so that it can follow every key stroke."""

import time
from dataclasses import replace
from itertools import pairwise

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from rnn_designer.catalog import FrozenMap, layer_type
from rnn_designer.catalog.cell_code import class_name
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


def stacks(count: int, *cells: Layer) -> Design:
    """An Input, then ``count`` RNNs in a row, each around a stack of such cells."""
    layers = [Layer("x", "Input", "x", FrozenMap(shape=(None, 4)))]
    for index in range(count):
        own = tuple(
            replace(cell, id=f"c{index}_{place}", name=f"c{index}_{place}")
            for place, cell in enumerate(cells)
        )
        stack = Layer(f"s{index}", "StackedRNNCells", f"s{index}", children=own)
        layers.append(
            Layer(f"r{index}", "RNN", f"r{index}", FrozenMap(return_sequences=True), children=(stack,))
        )
    links = tuple(Link(one.id, two.id) for one, two in pairwise(layers))
    return Design("stacks", tuple(layers), links)


@pytest.mark.parametrize("texts", [1, 90], ids=["one-class", "ninety-classes"])
def test_that_cells_written_by_hand_cost_a_check_little_more_than_those_of_keras(texts: int) -> None:
    lstm = Layer("c", "LSTMCell", "c", FrozenMap(units=4))
    params = layer_type("CustomCell").new_params()
    written = Layer("c", "CustomCell", "c", FrozenMap(params))
    theirs, ours = stacks(30, lstm, lstm, lstm), stacks(30, written, written, written)
    if texts > 1:
        ours = _each_its_own_class(ours, str(params["code"]))
    assert not check(ours).errors
    ratios = []
    for _try in range(5):
        ratios.append(seconds(ours, rounds=3) / seconds(theirs, rounds=3))
        if ratios[-1] <= 4.0:
            break
    assert min(ratios) <= 4.0


def _each_its_own_class(design: Design, code: str) -> Design:
    name = class_name(code)
    assert name is not None

    def own(layer: Layer) -> Layer:
        if layer.kind != "CustomCell":
            return replace(layer, children=tuple(map(own, layer.children)))
        params = layer.params.having(
            code=code.replace(name, f"{name}_{layer.id}"),
            arguments=replace(layer.value("arguments"), kind=f"{name}_{layer.id}"),
        )
        return replace(layer, params=params)

    return replace(design, layers=tuple(map(own, design.layers)))
