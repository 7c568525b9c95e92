"""Bidirectional with every merge mode and layer, TimeDistributed, and the public way to the same records."""

from __future__ import annotations

import itertools
from typing import Any

import numpy
import pytest
from rnn_oracles import cell_loop
from standing_models import MASKED, Stand, Standing, equal, planned, program, side_by_side

KINDS = ("SimpleRNN", "LSTM", "GRU")


def bidirectional() -> dict[str, tuple[str, Any]]:
    layers = {}
    kinds = itertools.cycle(KINDS)
    for number, (merge, sequences, state) in enumerate(
        itertools.product(("concat", "sum", "mul", "ave", None), (False, True), (False, True))
    ):
        kind, name = next(kinds), f"b{number}"
        inner = f"layers.{kind}(3, return_sequences={sequences}, return_state={state}, name='inner{number}')"
        layers[name] = (
            f"layers.Bidirectional({inner}, merge_mode={merge!r}, name={name!r})",
            planned(name, "Bidirectional", planned(f"inner{number}", kind)),
        )
    for number, (one, other) in enumerate(itertools.pairwise((*KINDS, "SimpleRNN"))):
        name = f"own{number}"
        flags = "return_sequences=True"
        forward = f"layers.{one}(3, {flags}, go_backwards={number == 1}, name='one{number}')"
        backward = f"layers.{other}(2, {flags}, go_backwards={number != 1}, name='other{number}')"
        layers[name] = (
            f"layers.Bidirectional({forward}, backward_layer={backward}, name={name!r})",
            planned(name, "Bidirectional", planned(f"one{number}", one), planned(f"other{number}", other)),
        )
    return layers


@pytest.fixture(scope="module", params=[False, True], ids=["unmasked", "masked"])
def traced(request: pytest.FixtureRequest, stand: Stand, series: Any) -> tuple[Standing, dict[str, Any], Any]:
    source, plan = side_by_side(bidirectional(), masked=request.param)
    standing = stand(source, plan)
    return standing, standing.run(series), (series != MASKED).any(axis=-1) if request.param else None


def test_that_results_of_both_directions_merged_are_the_models_own(traced: Any, series: Any) -> None:
    standing, arrays, _ = traced
    own = [numpy.asarray(value) for value in standing.model(series, training=False)]
    wrappers = [place.path for place in standing.built.placed if place.planned.kind == "Bidirectional"]
    recorded = [
        value
        for path in wrappers
        for name, value in arrays.items()
        if name == f"{path}/result" or name.startswith(f"{path}/result/")
    ]
    assert len(own) == len(recorded)
    for one, other in zip(recorded, own, strict=True):
        assert numpy.array_equal(one, other)


def test_that_each_direction_is_recorded_in_the_time_order_of_the_input(traced: Any, series: Any) -> None:
    standing, arrays, mask = traced
    directions = [place for place in standing.built.placed if "/" in place.path]
    assert len(directions) == 2 * len(bidirectional())
    for place in directions:
        for name, expected in cell_loop(place.layer, series, mask).items():
            equal(arrays[f"{place.path}/{name}"], expected)


def test_that_a_directions_result_is_what_its_layer_returns(traced: Any, series: Any) -> None:
    standing, arrays, mask = traced
    for place in standing.built.placed:
        if "/" in place.path:
            returned = place.layer(series, mask=mask)
            for number, value in enumerate(returned if isinstance(returned, list | tuple) else [returned]):
                name = f"{place.path}/result"
                name += f"/{number}" if isinstance(returned, list | tuple) else ""
                equal(arrays[name], value)


def test_that_ids_lead_to_paths_and_the_backward_copy_has_none(traced: Any) -> None:
    standing, _, _ = traced
    paths = standing.tracer.layers
    assert paths["#series"] == "series"
    assert paths["#b0"] == "b0"
    assert paths["#inner0"] == "b0/forward"
    assert paths["#one0"] == "own0/forward"
    assert paths["#other0"] == "own0/backward"
    assert "b0/backward" not in paths.values()


def test_that_the_wrapper_tells_the_mask_too(traced: Any) -> None:
    _, arrays, mask = traced
    assert ("b0/mask" in arrays) == (mask is not None)
    if mask is not None:
        assert numpy.array_equal(arrays["b0/mask"], mask)
        assert numpy.array_equal(arrays["b0/backward/mask"], mask)


VARIETY = {
    "plain": ("layers.LSTM(3, return_sequences=True, name='plain')", planned("plain", "LSTM")),
    "back": ("layers.GRU(3, go_backwards=True, return_state=True, name='back')", planned("back", "GRU")),
    "zero": (
        "layers.SimpleRNN(3, zero_output_for_mask=True, return_sequences=True, name='zero')",
        planned("zero", "SimpleRNN"),
    ),
    "bi": (
        "layers.Bidirectional(layers.GRU(2, return_sequences=True, name='in_bi'), name='bi')",
        planned("bi", "Bidirectional", planned("in_bi", "GRU")),
    ),
    "td": (
        "layers.TimeDistributed(layers.Dense(2, name='in_td'), name='td')",
        planned("td", "TimeDistributed", planned("in_td", "Dense")),
    ),
    "unrolled": (
        "layers.LSTM(2, unroll=True, go_backwards=True, return_sequences=True, name='unrolled')",
        planned("unrolled", "LSTM"),
    ),
    "unrolled_bi": (
        "layers.Bidirectional(layers.GRU(2, unroll=True, return_sequences=True), name='unrolled_bi')",
        planned("unrolled_bi", "Bidirectional", planned("gru", "GRU")),
    ),
    "dropped": (
        "layers.GRU(2, dropout=0.5, recurrent_dropout=0.4, return_sequences=True, name='dropped')",
        planned("dropped", "GRU"),
    ),
    "halved": (
        "layers.LSTM(2, dtype='mixed_float16', return_state=True, name='halved')",
        planned("halved", "LSTM"),
    ),
    "brain": ("layers.GRU(2, dtype='mixed_bfloat16', name='brain')", planned("brain", "GRU")),
    "double": ("layers.SimpleRNN(2, dtype='float64', name='double')", planned("double", "SimpleRNN")),
}


@pytest.fixture(scope="module", params=[False, True], ids=["unmasked", "masked"])
def various(
    request: pytest.FixtureRequest, stand: Stand, series: Any
) -> tuple[Standing, dict[str, Any], Any, tuple[Any, Any]]:
    source, plan = side_by_side(VARIETY, masked=request.param, steps=6)
    standing = stand(source, plan)
    mask = (series != MASKED).any(axis=-1) if request.param else None
    return standing, standing.run(series), mask, (source, plan)


def test_that_the_public_way_and_the_private_way_record_the_same(
    various: Any, stand: Stand, series: Any
) -> None:
    _, one, _, (source, plan) = various
    other = stand(source, plan, private=False).run(series)
    assert list(one) == list(other)
    for name in one:
        loose = name.startswith(("halved", "brain"))
        equal(one[name], other[name], 1e-2 if loose else 1e-6)
        assert one[name].dtype == other[name].dtype


def test_that_every_variety_returns_what_the_model_returns(various: Any, series: Any) -> None:
    standing, arrays, _, _ = various
    own = iter(standing.model(series, training=False))
    for name in VARIETY:
        names = (
            [f"{name}/result"]
            if f"{name}/result" in arrays
            else sorted(key for key in arrays if key.startswith(f"{name}/result/"))
        )
        for key in names:
            equal(
                arrays[key],
                numpy.asarray(next(own), "float32"),
                1e-2 if name in ("halved", "brain") else 1e-6,
            )


def test_that_unrolled_layers_record_their_steps_in_input_order(various: Any, series: Any) -> None:
    standing, arrays, mask, _ = various
    for path in ("unrolled", "unrolled_bi/forward", "unrolled_bi/backward"):
        for name, expected in cell_loop(standing.layer(path), series, mask).items():
            equal(arrays[f"{path}/{name}"], expected)


def test_that_an_unrolled_layer_runs_over_an_open_time_axis_of_any_length(stand: Stand, series: Any) -> None:
    unrolled = {name: VARIETY[name] for name in ("unrolled", "unrolled_bi")}
    standing = stand(*side_by_side(unrolled, masked=False))
    for given in (series, series[:2, :4], series):
        arrays = standing.run(given)
        own = standing.model(given, training=False)
        for name, result in zip(unrolled, own, strict=True):
            assert numpy.array_equal(arrays[f"{name}/result"], result)
        for name, expected in cell_loop(standing.layer("unrolled"), given, None).items():
            equal(arrays[f"unrolled/{name}"], expected)


def test_that_time_distributed_tells_its_layers_result_per_step(stand: Stand, series: Any) -> None:
    source, plan = side_by_side({"td": VARIETY["td"]}, masked=False)
    standing = stand(source, plan)
    arrays = standing.run(series)
    assert standing.tracer.layers["#in_td"] == "td/layer"
    assert numpy.array_equal(arrays["td/layer/result"], arrays["td/result"])
    dense = standing.layer("td/layer")
    for step in range(series.shape[1]):
        assert numpy.array_equal(arrays["td/layer/result"][:, step], dense(series[:, step]))


def test_that_a_stateful_layer_starts_every_run_from_the_same_state(stand: Stand, series: Any) -> None:
    source = program(
        [
            "return keras.Sequential([",
            "    keras.Input(batch_shape=(5, None, 3), name='series'),",
            "    layers.LSTM(3, stateful=True, return_sequences=True, name='memory'),",
            "    layers.Bidirectional(layers.GRU(2, stateful=True), name='bi'),",
            "])",
        ]
    )
    plan = (
        planned("series", "Input"),
        planned("memory", "LSTM"),
        planned("bi", "Bidirectional", planned("gru", "GRU")),
    )
    standing = stand(source, plan)
    first, second = standing.run(series), standing.run(series)
    for name in first:
        assert numpy.array_equal(first[name], second[name])
    assert not numpy.asarray(standing.layer("memory").states[0]).any()
    for name, expected in cell_loop(standing.layer("memory"), series, None).items():
        equal(first[f"memory/{name}"], expected)


def test_that_nan_and_infinity_pass_through(stand: Stand, series: Any) -> None:
    source, plan = side_by_side({"plain": VARIETY["plain"]}, masked=False)
    broken = series.copy()
    broken[0, 3, 0], broken[1, 2, 1] = numpy.nan, numpy.inf
    arrays = stand(source, plan).run(broken)
    assert numpy.isnan(arrays["plain/state/h"][0, 3:]).all()
    assert numpy.isfinite(arrays["plain/state/h"][0, :3]).all()
    assert numpy.isfinite(arrays["plain/state/h"][3]).all()


@pytest.mark.parametrize("steps", [None, 4])
def test_that_recurrent_layers_inside_time_distributed_give_the_models_result(
    stand: Stand, steps: int | None
) -> None:
    source = program(
        [
            "return keras.Sequential([",
            f"    keras.Input(({steps}, 5, 3), name='series'),",
            "    layers.TimeDistributed(layers.Bidirectional(layers.LSTM(2, name='deep'), name='bi'), name='td'),",
            "    layers.GRU(2, name='after'),",
            "])",
        ]
    )
    plan = (
        planned("series", "Input"),
        planned("td", "TimeDistributed", planned("bi", "Bidirectional", planned("deep", "LSTM"))),
        planned("after", "GRU"),
    )
    standing = stand(source, plan)
    sequences = numpy.random.default_rng(5).normal(size=(2, 4, 5, 3)).astype("float32")
    arrays = standing.run(sequences)
    assert numpy.array_equal(arrays["after/result"], standing.model(sequences, training=False))
    assert arrays["td/layer/result"].shape == (2, 4, 4)
    assert standing.tracer.layers["#deep"] == "td/layer/forward"
    assert arrays["after/state/h"].shape == (2, 4, 2)
