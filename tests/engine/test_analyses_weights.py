"""Large weights made small, and what large recurrent kernels do, against going through every number."""

from __future__ import annotations

import importlib
from typing import Any

import numpy
import pytest
from standing_models import Stand, planned, program

from rnn_designer.engine.analyses import Subject, analyse
from rnn_designer.engine.failures import Refused
from rnn_designer.extremes import block, extremes
from rnn_designer.messages import Analyse, Trace


def brute(values: Any, rows: int, columns: int) -> Any:
    """Block by block."""
    rows, columns = min(rows, values.shape[0]), min(columns, values.shape[1])
    found = numpy.zeros((rows, columns))
    for row in range(rows):
        top, bottom = block(row, values.shape[0], rows)
        for column in range(columns):
            left, right = block(column, values.shape[1], columns)
            part = values[top : bottom + 1, left : right + 1].ravel()
            found[row, column] = numpy.nan if numpy.isnan(part).any() else max(part, key=abs)
    return found


@pytest.mark.parametrize(
    ("shape", "rows", "columns"), [((7, 11), 3, 4), ((64, 5), 10, 9), ((1, 100), 1, 7), ((4, 4), 8, 8)]
)
def test_that_of_each_block_the_value_farthest_from_zero_stays(
    shape: tuple[int, int], rows: int, columns: int
) -> None:
    values = numpy.random.default_rng(1).normal(size=shape)
    assert numpy.array_equal(extremes(values, rows, columns), brute(values, rows, columns))
    values[shape[0] // 2, 3] = numpy.nan
    assert numpy.array_equal(extremes(values, rows, columns), brute(values, rows, columns), equal_nan=True)


def test_that_blocks_cover_everything_once() -> None:
    for size, most in ((10, 3), (2048, 768), (5, 5), (3, 9)):
        covered = [n for place in range(min(size, most)) for n in range(*_open(block(place, size, most)))]
        assert covered == list(range(size))


def _open(ends: tuple[int, int]) -> tuple[int, int]:
    return ends[0], ends[1] + 1


def made(stand: Stand, expression: str, *layers: Any) -> Subject:
    source = program(["x = keras.Input((None, 3), name='series')", f"return keras.Model(x, {expression}(x))"])
    standing = stand(source, (planned("series", "Input"), *layers))
    inputs = {"series": numpy.zeros((2, 3, 3), "float32")}
    arrays = standing.tracer.run(inputs)
    return Subject(standing.built, inputs, Trace(1, arrays, standing.tracer.layers, 0.0), lambda: None)


def test_that_maps_and_counts_are_those_of_every_weight_of_one_side(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = importlib.import_module("rnn_designer.engine.analyses.weight_maps")
    monkeypatch.setattr(module, "_MOST", 6)
    looked = made(
        stand,
        "layers.Bidirectional(layers.GRU(10, name='g'), name='b')",
        planned("b", "Bidirectional", planned("g", "GRU")),
    )
    weights = looked.built.weights()
    for backward in (0, 1):
        options = {"backward": float(backward), "parts": 3.0}
        arrays, _ = analyse(looked, Analyse(1, "weight_maps", "#g", options))
        assert sorted(arrays) == sorted(
            f"{what}/{name}"
            for what in ("map", "counts", "limit")
            for name in ("kernel", "recurrent_kernel", "bias")
        )
        values = weights[f"#g/{'backward/' if backward else ''}recurrent_kernel"]
        parts = [brute(values[:, 10 * gate : 10 * gate + 10], 6, 6) for gate in range(3)]
        assert numpy.array_equal(
            arrays["map/recurrent_kernel"], numpy.concatenate(parts, 1).astype("float32")
        )
        limit = float(numpy.abs(values).max())
        assert arrays["limit/recurrent_kernel"] == pytest.approx(limit)
        places = numpy.minimum(40, numpy.floor((values.ravel().astype("float64") + limit) / (2 * limit) * 41))
        assert arrays["counts/recurrent_kernel"].sum() == values.size
        assert (
            numpy.abs(
                arrays["counts/recurrent_kernel"] - numpy.bincount(places.astype(int), minlength=41)
            ).sum()
            <= 2
        )
    with pytest.raises(Refused, match="no weights"):
        analyse(looked, Analyse(1, "weight_maps", "#series"))


def test_that_large_kernels_have_the_radius_and_norm_of_their_eigenvalues(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = made(stand, "layers.LSTM(24, name='m')", planned("m", "LSTM"))
    looked.built.fill(
        {"#m/recurrent_kernel": numpy.random.default_rng(2).normal(size=(24, 96)).astype("float32")},
        1,
        lambda: None,
    )
    exact, _ = analyse(looked, Analyse(1, "recurrent_weights", "#m"))
    module = importlib.import_module("rnn_designer.engine.analyses.recurrent_weights")
    monkeypatch.setattr(module, "EIGENVALUES", 8)
    large, _ = analyse(looked, Analyse(1, "recurrent_weights", "#m"))
    assert large["radius"] == pytest.approx(exact["radius"], rel=1e-3)
    assert large["norm"] == pytest.approx(exact["norm"], rel=1e-4)
    assert large["eigenvalues"].shape == (4, 0, 2)
    monkeypatch.setattr(module, "RADIUS", 16)
    huge, _ = analyse(looked, Analyse(1, "recurrent_weights", "#m"))
    assert numpy.isnan(huge["radius"]).all()
    assert huge["norm"] == pytest.approx(exact["norm"], rel=1e-4)
