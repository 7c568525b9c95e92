"""Every nesting, direction, mask, start and return flag of recurrent layers, against Keras and a loop of one's own.

``pytest tests/engine/test_trace_matrix.py`` compares a spread of them, ``--long`` every one.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy
import pytest
import rnn_matrix
from cells_oracle import cells_loop, merged, returned
from rnn_matrix import EVERY, SPREAD, STARTS, Configuration, groups, model_of
from standing_models import Stand, Standing, equal

models: dict[Any, Standing] = {}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "together" in metafunc.fixturenames:
        chosen = EVERY if metafunc.config.getoption("--long") else SPREAD
        found = groups(chosen)
        ids = [f"{each[0].mask}{'-distributed' if each[0].variant.distributed else ''}" for each in found]
        metafunc.parametrize("together", found, ids=[f"{one}-{number}" for number, one in enumerate(ids)])


def standing_for(together: tuple[Configuration, ...], stand: Stand) -> Standing:
    """The model of these variants: one for all masks."""
    variants = tuple(each.variant for each in together)
    masked, distributed = together[0].mask != "none", variants[0].distributed
    key = (variants, masked)
    if key not in models:
        models[key] = stand(*model_of(variants, masked=masked, distributed=distributed))
    return models[key]


def test_that_there_are_enough_configurations_and_none_is_there_twice() -> None:
    print(f"{len(EVERY)} configurations, {len(SPREAD)} of them in every run")
    assert len(EVERY) == len(set(EVERY)) >= 1000
    assert len(SPREAD) == len(set(SPREAD)) >= 100
    for chosen in (EVERY, SPREAD):
        assert sorted(map(repr, chosen)) == sorted(repr(each) for group in groups(chosen) for each in group)


def test_that_the_spread_has_every_value_of_every_dimension() -> None:
    def values(configurations: tuple[Configuration, ...]) -> list[set[Any]]:
        variants = [each.variant for each in configurations]
        return [
            {each.mask for each in configurations},
            {each.structure.name for each in variants},
            {each.structure.nesting for each in variants if each.both},
            {each.direction for each in variants},
            {each.start for each in variants},
            {(each.sequences, each.state) for each in variants},
            {each.distributed for each in variants},
        ]

    assert values(SPREAD) == values(EVERY)
    assert {each.variant.start for each in SPREAD if each.variant.both} == set(STARTS)


def test_that_records_and_results_are_those_of_keras_and_of_an_eager_loop_over_the_cells(
    together: tuple[Configuration, ...], stand: Stand
) -> None:
    standing = standing_for(together, stand)
    mask_name, distributed = together[0].mask, together[0].variant.distributed
    samples, mask = rnn_matrix.series(mask_name, distributed)
    given = {"series": samples, **rnn_matrix.starts()}
    inputs = {tensor.name: given[tensor.name] for tensor in standing.model.inputs}
    arrays = standing.tracer.run(inputs)
    own = iter(keras.tree.flatten(standing.model(list(inputs.values()), training=False)))
    for n, configuration in enumerate(together):
        variant, layer = configuration.variant, standing.layer(f"l{n}")
        names = [name for name in arrays if name == f"l{n}/result" or name.startswith(f"l{n}/result/")]
        results = [arrays[name] for name in names]
        expected = (
            distributed_results(layer, samples, mask)
            if distributed
            else recorded_results(variant, layer, f"l{n}", arrays, samples, mask, given)
        )
        assert len(results) == len(expected), variant.name
        for one, other in zip(results, expected, strict=True):
            assert numpy.array_equal(one, next(own)), variant.name
            equal(one, other)
    assert next(own, None) is None


def recorded_results(
    variant: Any, layer: Any, path: str, arrays: Any, samples: Any, mask: Any, given: Any
) -> list[Any]:
    """What the layer has to return by the eager loops; on the way, its records are compared with them."""
    directions = [("", layer, "forward")]
    if variant.both:
        directions = [
            ("/forward", layer.forward_layer, "forward"),
            ("/backward", layer.backward_layer, "backward"),
        ]
    each = []
    for suffix, inner, direction in directions:
        start = variant.states(len(samples), given, direction)
        looped = cells_loop(inner, samples, mask, start)
        kept = [name for name in arrays if name.startswith(f"{path}{suffix}/")]
        assert {f"{path}{suffix}/{name}" for name in looped} <= set(kept), variant.name
        for name, expected in looped.items():
            equal(arrays[f"{path}{suffix}/{name}"], expected)
        gates_make_states(inner, arrays, f"{path}{suffix}", start, mask)
        masks = [arrays[name] for name in kept if name.endswith("/mask")]
        assert bool(masks) == (mask is not None)
        assert all(numpy.array_equal(one, mask) for one in masks)
        each.append(returned(inner, looped))
    return merged(layer, *each) if variant.both else each[0]


def gates_make_states(inner: Any, arrays: Any, path: str, start: Any, mask: Any) -> None:
    """At every step shown, the recorded gates lead from the state before to the state after."""
    batch, steps = arrays[f"{path}/output"].shape[:2]
    shown = numpy.ones((batch, steps), bool) if mask is None else mask
    flat = iter(start) if start is not None else None
    for name in [name for name in arrays if name.startswith(f"{path}/") and "/state/" in name]:
        cell, state = name.rsplit("/state/", 1)
        after = arrays[name]
        first = numpy.zeros_like(after[:, 0]) if flat is None else next(flat)
        order = [after[:, 1:], first[:, None]] if inner.go_backwards else [first[:, None], after[:, :-1]]
        before = numpy.concatenate(order, axis=1)
        gates = {each.rsplit("/", 1)[-1]: arrays[each] for each in arrays if each.startswith(f"{cell}/gate/")}
        if state == "c":
            made = gates["forget"] * before + gates["input"] * gates["candidate"]
        elif state == "h" and len(gates) == 4:
            made = gates["output"] * numpy.tanh(arrays[f"{cell}/state/c"])
        elif state == "h" and len(gates) == 3:
            made = gates["update"] * before + (1 - gates["update"]) * gates["candidate"]
        else:
            assert not gates
            continue
        equal(made[shown], after[shown])
        equal(before[~shown], after[~shown])


def distributed_results(layer: Any, samples: Any, mask: Any) -> list[Any]:
    """What a TimeDistributed returns: for every outer step, what its layer makes of the sequence there."""
    outer = []
    for step in range(samples.shape[1]):
        sequence, shown = samples[:, step], None if mask is None else mask[:, step]
        inner = layer.layer
        both = hasattr(inner, "forward_layer")
        layers = [inner.forward_layer, inner.backward_layer] if both else [inner]
        ways = [returned(one, cells_loop(one, sequence, shown)) for one in layers]
        outer.append(merged(inner, *ways)[0] if both else ways[0][0])
    return [numpy.stack(outer, axis=1)]
