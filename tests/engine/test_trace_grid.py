"""Every combination of what changes a recurrent loop, against an eager cell loop, the algebra and the layer itself."""

from __future__ import annotations

import itertools
from typing import Any

import numpy
import pytest
from rnn_oracles import cell_loop, gru, lstm, previous_states, simple
from standing_models import MASKED, Stand, Standing, equal, planned, side_by_side

KINDS = ("SimpleRNN", "LSTM", "GRU")
ACTIVATION_PAIRS = (
    ("tanh", "sigmoid"),
    ("relu", "hard_sigmoid"),
    ("softsign", "sigmoid"),
    ("linear", "tanh"),
    ("elu", "softsign"),
)


def grid(kind: str, masked: bool) -> dict[str, tuple[str, Any]]:
    """Layers of one kind: the loop's flags in every combination, each with half of the cell's flags."""
    cells: list[dict[str, Any]] = [{"use_bias": bias} for bias in (True, False)]
    if kind != "SimpleRNN":
        cells = [{**cell, "implementation": number} for cell in cells for number in (1, 2)]
    if kind == "GRU":
        cells = [{**cell, "reset_after": after} for cell in cells for after in (True, False)]
    pairs = itertools.cycle(ACTIVATION_PAIRS)
    combinations = [
        (flags, cell)
        for row, flags in enumerate(itertools.product((False, True), repeat=4 if masked else 3))
        for column, cell in enumerate(cells)
        # Half of the board's fields: every flag still meets every flag of the cell.
        if (row + row.bit_count() // 2 + column) % 2 == 0
    ]
    layers = {}
    for number, (flags, cell) in enumerate(combinations):
        sequences, state, backwards, *zero = flags
        activation, recurrent = next(pairs)
        named = {
            **cell,
            "return_sequences": sequences,
            "return_state": state,
            "go_backwards": backwards,
            "zero_output_for_mask": bool(zero and zero[0]),
            "activation": activation,
            "bias_initializer": "random_normal",
        }
        if kind != "SimpleRNN":
            named["recurrent_activation"] = recurrent
        arguments = ", ".join(f"{name}={value!r}" for name, value in named.items())
        name = f"l{number}"
        layers[name] = (f"layers.{kind}(4, {arguments}, name={name!r})", planned(name, kind))
    return layers


@pytest.fixture(
    scope="module", params=[(kind, masked) for kind in KINDS for masked in (False, True)], ids=str
)
def traced(request: pytest.FixtureRequest, stand: Stand, series: Any) -> tuple[Standing, dict[str, Any], Any]:
    kind, masked = request.param
    source, plan = side_by_side(grid(kind, masked), masked=masked)
    standing = stand(source, plan)
    mask = (series != MASKED).any(axis=-1) if masked else None
    return standing, standing.run(series), mask


def recurrent(standing: Standing) -> list[tuple[str, Any]]:
    return [(p.path, p.layer) for p in standing.built.placed if p.planned.kind in KINDS]


def test_that_results_are_bit_identical_to_the_models_own(traced: Any, series: Any) -> None:
    standing, arrays, _ = traced
    own = [numpy.asarray(value) for value in standing.model(series, training=False)]
    recorded = []
    for path, layer in recurrent(standing):
        if layer.return_state:
            count = 3 if layer.cell.state_size == [4, 4] else 2
            recorded.extend(arrays[f"{path}/result/{number}"] for number in range(count))
        else:
            recorded.append(arrays[f"{path}/result"])
    assert len(own) == len(recorded)
    for one, other in zip(recorded, own, strict=True):
        assert one.dtype == other.dtype
        assert numpy.array_equal(one, other)


def test_that_outputs_and_states_are_those_of_an_eager_loop_over_the_cell(traced: Any, series: Any) -> None:
    standing, arrays, mask = traced
    for path, layer in recurrent(standing):
        for name, expected in cell_loop(layer, series, mask).items():
            equal(arrays[f"{path}/{name}"], expected)
        assert ("state/c" in {n.removeprefix(path + "/") for n in arrays}) == (len(layer.state_size) == 2)


def test_that_gates_are_those_of_the_cells_algebra(traced: Any, series: Any) -> None:
    standing, arrays, mask = traced
    shown = numpy.ones(series.shape[:2], bool) if mask is None else mask
    for path, layer in recurrent(standing):
        expected = algebra(layer, series, arrays, path)
        gates = [name for name in expected if name.startswith("gate/")]
        assert [name for name in arrays if name.startswith(f"{path}/gate/")] == [f"{path}/{n}" for n in gates]
        for name, values in expected.items():
            equal(arrays[f"{path}/{name}"][shown], values[shown])


def algebra(layer: Any, x: Any, arrays: dict[str, Any], path: str) -> dict[str, Any]:
    x = x.astype("float64")
    h = previous_states(arrays[f"{path}/state/h"].astype("float64"), layer.go_backwards)
    if type(layer).__name__ == "SimpleRNN":
        return simple(layer, x, h)
    if type(layer).__name__ == "GRU":
        return gru(layer, x, h)
    return lstm(layer, x, h, previous_states(arrays[f"{path}/state/c"].astype("float64"), layer.go_backwards))


def test_that_the_algebra_would_notice_gates_in_the_wrong_place(traced: Any, series: Any) -> None:
    standing, arrays, mask = traced
    shown = numpy.ones(series.shape[:2], bool) if mask is None else mask
    noticed = compared = 0
    for path, layer in recurrent(standing):
        expected = algebra(layer, series, arrays, path)
        gates = sorted(name for name in expected if name.startswith("gate/"))
        for one, other in itertools.pairwise(gates):
            compared += 1
            noticed += bool(numpy.abs(arrays[f"{path}/{one}"] - expected[other])[shown].max() > 1e-3)
        shifted = numpy.roll(expected["state/h"], 1, axis=1)
        compared += 1
        noticed += bool(numpy.abs(arrays[f"{path}/state/h"] - shifted)[shown].max() > 1e-3)
    assert noticed == compared


def test_that_masked_steps_hold_their_state_and_the_mask_says_which(traced: Any) -> None:
    standing, arrays, mask = traced
    for path, layer in recurrent(standing):
        assert (f"{path}/mask" in arrays) == (mask is not None)
        if mask is None:
            continue
        assert arrays[f"{path}/mask"].dtype == bool
        assert numpy.array_equal(arrays[f"{path}/mask"], mask)
        h = arrays[f"{path}/state/h"]
        before = previous_states(h, layer.go_backwards)
        assert numpy.array_equal(h[~mask], before[~mask])


def test_that_every_record_is_float32_and_has_batch_and_time_first(traced: Any, series: Any) -> None:
    _, arrays, _ = traced
    for name, array in arrays.items():
        kind = name.split("/", 1)[1]
        assert array.dtype == (bool if kind == "mask" else numpy.float32)
        if not kind.startswith("result"):
            assert array.shape[:2] == series.shape[:2]
