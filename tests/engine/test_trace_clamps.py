"""What is held in a layer: everything is compared with NumPy's arithmetic of the cells with the same things held."""

from __future__ import annotations

from typing import Any

import numpy
import pytest
from held_oracle import Held, rows, walked
from standing_models import Stand, Standing, equal, planned, side_by_side

from rnn_designer.engine.failures import Refused

Array = Any

LAYERS = {
    "simple": ("layers.SimpleRNN(4, return_sequences=True, name='simple')", planned("simple", "SimpleRNN")),
    "lstm": (
        "layers.LSTM(4, return_sequences=True, return_state=True, name='lstm')",
        planned("lstm", "LSTM"),
    ),
    "gru": ("layers.GRU(4, return_sequences=True, name='gru')", planned("gru", "GRU")),
    "before": (
        "layers.GRU(4, reset_after=False, go_backwards=True, return_sequences=True, name='before')",
        planned("before", "GRU"),
    ),
    "bi": (
        "layers.Bidirectional(layers.LSTM(3, return_sequences=True, name='inner'), name='bi')",
        planned("bi", "Bidirectional", planned("inner", "LSTM")),
    ),
    "rnn": (
        "layers.RNN(layers.StackedRNNCells([layers.LSTMCell(4, name='low'), layers.GRUCell(3, name='high')], "
        "name='stack'), return_sequences=True, name='rnn')",
        planned(
            "rnn",
            "RNN",
            planned("stack", "StackedRNNCells", planned("low", "LSTMCell"), planned("high", "GRUCell")),
        ),
    ),
}
UNROLLED = {
    "lstm": (
        "layers.LSTM(4, unroll=True, return_sequences=True, name='lstm')",
        planned("lstm", "LSTM"),
    ),
    "back": (
        "layers.GRU(4, unroll=True, go_backwards=True, return_sequences=True, name='back')",
        planned("back", "GRU"),
    ),
}

HELD: Held = {
    "#simple/state/h": [(1, 0.75, 2), (3, 0.0, 0)],
    "#lstm/state/c": [(0, 2.0, 3)],
    "#lstm/gate/forget": [(-1, 0.0, 1), (2, 1.0, 2)],
    "#lstm/initial/h": [(1, -0.5, 0)],
    "#gru/gate/update": [(2, 1.0, 2)],
    "#gru/state/h": [(0, -0.25, 4)],
    "#before/gate/reset": [(-1, 0.0, 3)],
    "#before/state/h": [(1, 0.5, 3)],
    "#bi/forward/state/h": [(0, 0.9, 2)],
    "#bi/backward/gate/candidate": [(1, -1.0, 2)],
    "#low/state/h": [(2, 0.3, 1)],
    "#rnn/cell_1/gate/candidate": [(-1, 0.0, 4)],
    "#rnn/cell_0/initial/c": [(3, 1.5, 0)],
}
UNROLLED_HELD = {
    "#lstm/state/h": [(1, 0.75, 2)],
    "#lstm/gate/output": [(0, 0.0, 4)],
    "#back/state/h": [(1, 0.5, 3)],
    "#back/initial/h": [(0, 0.5, 0)],
}


def below(prefix: str, held: Held) -> Held:
    return {name[len(prefix) :]: each for name, each in held.items() if name.startswith(prefix)}


def expected(
    standing: Standing,
    series: Array,
    held: Held,
    mask: Array | None = None,
) -> dict[str, Array]:
    """Arrays by their names in a trace, for every recurrent layer of the model."""
    held = {name.replace("#low/", "#rnn/cell_0/"): each for name, each in held.items()}
    arrays = {}
    for place in standing.built.placed:
        if place.recurrent is not None:
            own = below(f"#{place.path}/", held)
            for name, array in walked(place.layer, series, own, mask).items():
                arrays[f"{place.path}/{name}"] = array
    return arrays


def compare(arrays: dict[str, Array], wanted: dict[str, Array]) -> None:
    for name, array in wanted.items():
        assert name in arrays
        # The arithmetic is float32 on one side and float64 on the other.
        equal(arrays[name], array, tolerance=3e-6)


@pytest.fixture(scope="module", params=[True, False], ids=["inside Keras' loop", "without private parts"])
def plain(request: Any, stand: Stand) -> Standing:
    return stand(*side_by_side(LAYERS, masked=False), private=request.param)


@pytest.fixture(scope="module")
def free(series: Array) -> Array:
    """Samples in which nothing is masked."""
    return numpy.random.default_rng(8).normal(size=series.shape).astype("float32")


def test_that_what_is_held_changes_everything_that_follows_from_it(plain: Standing, free: Array) -> None:
    arrays = plain.tracer.run({"series": free}, clamps=rows(HELD))
    wanted = expected(plain, free, HELD)
    compare(arrays, wanted)
    untouched = expected(plain, free, {})
    for place in ("simple", "lstm", "gru", "before", "bi/forward", "bi/backward", "rnn"):
        assert not numpy.allclose(wanted[f"{place}/output"], untouched[f"{place}/output"], atol=1e-3)
    equal(arrays["lstm/result/0"], wanted["lstm/output"], 3e-6)
    equal(arrays["lstm/result/2"], wanted["lstm/state/c"][:, -1], 3e-6)
    equal(arrays["before/result"], wanted["before/output"][:, ::-1], 3e-6)
    equal(
        arrays["bi/result"],
        numpy.concatenate([wanted["bi/forward/output"], wanted["bi/backward/output"]], axis=-1),
        3e-6,
    )
    assert (arrays["lstm/gate/forget"][:, 2:, 2] == 1).all()
    assert (arrays["lstm/gate/forget"][:, 1:, [0, 1, 3]] == 0).all()


def test_that_masked_steps_hold_what_was_before_them(stand: Stand, series: Array) -> None:
    standing = stand(*side_by_side(LAYERS, masked=True))
    mask = (series != -1.5).any(axis=-1)
    assert not mask.all()
    arrays = standing.tracer.run({"series": series}, clamps=rows(HELD))
    compare(arrays, expected(standing, series, HELD, mask))


def test_that_nothing_is_left_behind(plain: Standing, free: Array) -> None:
    before = plain.run(free)
    plain.tracer.run({"series": free}, clamps=rows(HELD))
    after = plain.run(free)
    assert before.keys() == after.keys()
    for name, array in before.items():
        assert numpy.array_equal(array, after[name]), name
    compare(after, expected(plain, free, {}))


@pytest.mark.parametrize("private", [True, False])
def test_that_unrolled_layers_hold_too(stand: Stand, free: Array, private: bool) -> None:
    standing = stand(*side_by_side(UNROLLED, masked=False, steps=free.shape[1]), private=private)
    arrays = standing.tracer.run({"series": free}, clamps=rows(UNROLLED_HELD))
    wanted = expected(standing, free, UNROLLED_HELD)
    compare(arrays, wanted)
    equal(arrays["lstm/result"], wanted["lstm/output"], 3e-6)
    equal(arrays["back/result"], wanted["back/output"][:, ::-1], 3e-6)


def test_that_other_values_steps_units_and_lengths_need_no_new_graph(
    stand: Stand, free: Array, monkeypatch: pytest.MonkeyPatch
) -> None:
    standing = stand(*side_by_side({"lstm": LAYERS["lstm"]}, masked=False))
    tracer = standing.tracer
    made: list[object] = []
    original = tracer._recorded_pass

    def counted(*given: Any) -> Any:
        made.append(1)
        return original(*given)

    monkeypatch.setattr(tracer, "_recorded_pass", counted)
    for held in ([(1, 0.5, 2)], [(1, 0.75, 2)], [(1, 0.75, 5), (3, 0.0, 0)]):
        arrays = tracer.run({"series": free}, clamps=rows({"#lstm/state/h": held}))
        compare(arrays, expected(standing, free, {"#lstm/state/h": held}))
    tracer.run({"series": free[:, :4]}, clamps=rows({"#lstm/state/h": [(0, 1.0, 0)]}))
    assert len(made) == 1
    assert tracer.compiled(False, ["#lstm/state/h"])
    assert not tracer.compiled(False, ["#lstm/state/c"])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("#lstm/gate/reset", "gate/reset"),
        ("#lstm/state/x", "state/x"),
        ("#series/state/h", "no recurrent layer"),
        ("gone/state/h", "no recurrent layer"),
    ],
)
def test_that_what_is_not_there_cannot_be_held(stand: Stand, free: Array, name: str, said: str) -> None:
    standing = stand(*side_by_side({"lstm": LAYERS["lstm"]}, masked=False))
    with pytest.raises(Refused, match=said):
        standing.tracer.run({"series": free}, clamps=rows({name: [(0, 0.0, 0)]}))
    compare(standing.run(free), expected(standing, free, {}))


def test_that_numbers_of_another_form_are_refused(stand: Stand, free: Array) -> None:
    standing = stand(*side_by_side({"lstm": LAYERS["lstm"]}, masked=False))
    with pytest.raises(Refused, match="expected \\(3, holds\\)"):
        standing.tracer.run({"series": free}, clamps={"#lstm/state/h": numpy.zeros((2, 4), "float32")})
