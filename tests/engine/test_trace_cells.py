"""Names, ids and values of what cells record, wherever they stand; the public way to the same; frames; weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy
import pytest
from cells_oracle import cells_loop
from rnn_matrix import TWO_STATES
from standing_models import MASKED, Stand, Standing, equal, planned, program

from rnn_designer.messages import Build, PlannedLayer, Saved, SaveWeights

LSTM_PARTS = {"output", "state/h", "state/c", "gate/input", "gate/forget", "gate/candidate", "gate/output"}
GRU_PARTS = {"output", "state/h", "gate/update", "gate/reset", "gate/candidate"}
STACK = (
    "layers.StackedRNNCells([layers.LSTMCell(4, name='low'), "
    "layers.StackedRNNCells([layers.GRUCell(3, name='mid'), TwoStates(4, name='top')], name='inner')], name='outer')"
)
STACK_PLAN = planned(
    "outer",
    "StackedRNNCells",
    planned("low", "LSTMCell"),
    planned("inner", "StackedRNNCells", planned("mid", "GRUCell"), planned("top", "CustomCell")),
)


def source_of(*lines: str, start: str = "x = keras.Input((None, 3), name='series')") -> str:
    head, body = program([start, *lines]).split("\n\n\n", 1)
    return f"{head}\n{TWO_STATES}\n\n{body}"


def chain(expression: str, *, masked: bool = False, steps: int | None = None) -> str:
    mask = f"layers.Masking({MASKED}, name='masking')(x)" if masked else "x"
    start = f"x = keras.Input(({steps}, 3), name='series')"
    return source_of(f"return keras.Model(x, {expression}({mask}))", start=start)


SERIES = planned("series", "Input")
DEEP = (
    chain(f"layers.Bidirectional(layers.RNN({STACK}, return_sequences=True, name='rnn'), name='bi')"),
    (SERIES, planned("bi", "Bidirectional", planned("rnn", "RNN", STACK_PLAN))),
)


@pytest.fixture(scope="module")
def deep(stand: Stand, series: Any) -> tuple[Standing, dict[str, Any]]:
    standing = stand(*DEEP)
    return standing, standing.run(series)


def parts(arrays: dict[str, Any], path: str) -> set[str]:
    """What is recorded right below a path, not below the cells in it."""
    own = {name.removeprefix(f"{path}/") for name in arrays if name.startswith(f"{path}/")}
    return {name for name in own if not name.startswith("cell_")}


def test_that_names_go_as_deep_as_the_cells(deep: tuple[Standing, dict[str, Any]]) -> None:
    _, arrays = deep
    for way in ("bi/forward", "bi/backward"):
        assert parts(arrays, way) == {"result", "output"}
        assert parts(arrays, f"{way}/cell_0") == LSTM_PARTS
        assert parts(arrays, f"{way}/cell_1") == {"output"}
        assert parts(arrays, f"{way}/cell_1/cell_0") == GRU_PARTS
        assert parts(arrays, f"{way}/cell_1/cell_1") == {"output", "state/fast", "state/slow"}
    assert arrays["bi/forward/cell_1/cell_1/output"].shape == (5, 6, 2)
    assert arrays["bi/forward/cell_1/cell_1/state/slow"].shape == (5, 6, 3)
    assert numpy.array_equal(arrays["bi/forward/output"], arrays["bi/forward/cell_1/cell_1/output"])
    assert numpy.array_equal(arrays["bi/forward/output"], arrays["bi/forward/cell_1/output"])


def test_that_ids_of_cells_and_stacks_lead_to_their_paths(deep: tuple[Standing, dict[str, Any]]) -> None:
    standing, _ = deep
    assert standing.tracer.layers == {
        "#series": "series",
        "#bi": "bi",
        "#rnn": "bi/forward",
        "#outer": "bi/forward",
        "#low": "bi/forward/cell_0",
        "#inner": "bi/forward/cell_1",
        "#mid": "bi/forward/cell_1/cell_0",
        "#top": "bi/forward/cell_1/cell_1",
    }


def test_that_the_only_cell_of_a_layer_has_its_layers_path(stand: Stand, series: Any) -> None:
    source = chain("layers.RNN(layers.LSTMCell(4, name='cell'), name='rnn')")
    standing = stand(source, (SERIES, planned("rnn", "RNN", planned("cell", "LSTMCell"))))
    arrays = standing.run(series)
    assert standing.tracer.layers["#cell"] == standing.tracer.layers["#rnn"] == "rnn"
    assert parts(arrays, "rnn") == {"result", *LSTM_PARTS}
    assert not any("cell_0" in name for name in arrays)


@pytest.mark.parametrize("in_stack", [True, False], ids=["in_a_stack", "lowered"])
def test_that_a_stack_of_one_cell_is_named_as_a_stack_however_the_source_has_it(
    stand: Stand, series: Any, in_stack: bool
) -> None:
    cell = "layers.GRUCell(3, name='cell')"
    stack = f"layers.StackedRNNCells([{cell}], name='stack')" if in_stack else cell
    plan = planned("rnn", "RNN", planned("stack", "StackedRNNCells", planned("cell", "GRUCell")))
    standing = stand(chain(f"layers.RNN({stack}, name='rnn')"), (SERIES, plan))
    arrays = standing.run(series)
    assert standing.tracer.layers == {
        "#series": "series",
        "#rnn": "rnn",
        "#stack": "rnn",
        "#cell": "rnn/cell_0",
    }
    assert parts(arrays, "rnn/cell_0") == GRU_PARTS
    assert numpy.array_equal(arrays["rnn/output"][:, -1], arrays["rnn/result"])
    assert list(standing.built.weights()) == ["#cell/kernel", "#cell/recurrent_kernel", "#cell/bias"]
    assert standing.built.counts()["#stack"] == standing.built.counts()["#cell"]


def test_that_a_list_of_cells_is_a_stack(stand: Stand, series: Any) -> None:
    source = chain("layers.RNN([layers.LSTMCell(4, name='low'), layers.GRUCell(3, name='high')], name='rnn')")
    plan = planned("rnn", "RNN", planned("low", "LSTMCell"), planned("high", "GRUCell"))
    standing = stand(source, (SERIES, plan))
    arrays = standing.run(series)
    assert standing.tracer.layers["#high"] == "rnn/cell_1"
    assert parts(arrays, "rnn/cell_0") == LSTM_PARTS
    assert "#high/kernel" in standing.built.weights()


def test_that_cells_are_recorded_where_the_plan_does_not_know_them(stand: Stand, series: Any) -> None:
    standing = stand(chain(f"layers.RNN({STACK}, name='rnn')"), (SERIES, planned("rnn", "RNN")))
    assert parts(standing.run(series), "rnn/cell_1/cell_0") == GRU_PARTS


STRANGE = '''
class Strange(layers.Layer):
    """States of other ranks: a matrix, a number per sample; an output of another width than any of them."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.state_size = [4, 1]
        self.output_size = 5

    def get_initial_state(self, batch_size=None):
        return [keras.ops.zeros((batch_size, 2, 2)), keras.ops.ones((batch_size,))]

    def call(self, inputs, states):
        matrix, steps = states
        summed = keras.ops.sum(inputs, axis=-1)
        matrix = matrix + summed[:, None, None]
        return keras.ops.concatenate([inputs, inputs[:, :2]], axis=-1), [matrix, steps + 1.0]
'''


@pytest.mark.parametrize("private", [True, False], ids=["private", "public"])
@pytest.mark.parametrize("masked", [True, False], ids=["masked", "unmasked"])
def test_that_states_of_any_shape_and_without_names_are_recorded_by_number(
    stand: Stand, series: Any, private: bool, masked: bool
) -> None:
    if masked:
        series = numpy.where((series == MASKED).all(axis=-1, keepdims=True), numpy.float32(MASKED), series)
    lines = ["h = layers.Masking(-1.5, name='masking')(x)" if masked else "h = x"]
    lines.append("return keras.Model(x, layers.RNN(Strange(name='odd'), name='rnn')(h))")
    source = source_of(*lines).replace("def build_model", f"{STRANGE}\n\ndef build_model")
    plan = (SERIES, planned("rnn", "RNN", planned("odd", "CustomCell")))
    if masked:
        # Keras' own loop cannot mask a state without axes beside the batch's.
        source = source.replace("(batch_size,))", "(batch_size, 1))")
    standing = stand(source, plan, private=private)
    arrays = standing.run(series)
    assert parts(arrays, "rnn") - {"mask"} == {"result", "output", "state/0", "state/1"}
    shown = (series != MASKED).any(axis=-1) if masked else numpy.ones((5, 6), bool)
    sums = numpy.cumsum(numpy.where(shown, series.sum(axis=-1), 0), axis=1)
    equal(arrays["rnn/state/0"], numpy.broadcast_to(sums[:, :, None, None], (5, 6, 2, 2)))
    counts = 1 + numpy.cumsum(shown, axis=1)
    equal(arrays["rnn/state/1"].reshape(5, 6), counts)
    assert arrays["rnn/state/1"].shape == ((5, 6, 1) if masked else (5, 6))
    assert arrays["rnn/output"].shape == (5, 6, 5)


def test_that_the_public_way_records_the_same_of_cells(stand: Stand, series: Any) -> None:
    for source, plan in (
        DEEP,
        (
            chain(
                f"layers.RNN({STACK}, go_backwards=True, zero_output_for_mask=True, return_sequences=True, name='rnn')",
                masked=True,
            ),
            (SERIES, planned("masking", "Masking"), planned("rnn", "RNN", STACK_PLAN)),
        ),
    ):
        one, other = stand(source, plan).run(series), stand(source, plan, private=False).run(series)
        assert list(one) == list(other)
        for name in one:
            assert one[name].dtype == other[name].dtype
            equal(one[name], other[name])


def test_that_hooks_on_cells_are_gone_after_a_run(deep: tuple[Standing, dict[str, Any]], series: Any) -> None:
    standing, _ = deep
    places = [place.layer for place in standing.built.placed]
    before = [dict(vars(layer)) for layer in places]
    standing.run(series)
    for layer, attributes in zip(places, before, strict=True):
        for name in ("call", "activation", "recurrent_activation", "inner_loop", "use_cudnn"):
            assert vars(layer).get(name) is attributes.get(name)


def test_that_unrolled_dropped_and_mixed_cells_are_traced(stand: Stand, series: Any) -> None:
    cells = (
        "[layers.LSTMCell(4, dropout=0.5, recurrent_dropout=0.3, name='low'), layers.GRUCell(3, name='high')]"
    )
    for more in ("unroll=True", "dtype='mixed_float16'", "stateful=True"):
        start = "x = keras.Input(batch_shape=(5, 6, 3), name='series')"
        layer = f"layers.RNN({cells}, return_sequences=True, return_state=True, {more}, name='rnn')"
        source = source_of(f"return keras.Model(x, {layer}(x))", start=start)
        plan = (SERIES, planned("rnn", "RNN", planned("low", "LSTMCell"), planned("high", "GRUCell")))
        standing = stand(source, plan)
        first, again = standing.run(series), standing.run(series)
        assert all(numpy.array_equal(first[name], again[name]) for name in first)
        if "mixed" not in more:
            for name, expected in cells_loop(standing.layer("rnn"), series, None).items():
                equal(first[f"rnn/{name}"], expected)
        own = keras.tree.flatten(standing.model(series, training=False))
        for number, value in enumerate(own):
            equal(first[f"rnn/result/{number}"], value, 2e-3 if "mixed" in more else 1e-6)


def test_that_weights_are_kept_by_the_cells_own_ids(
    deep: tuple[Standing, dict[str, Any]], stand: Stand
) -> None:
    standing, _ = deep
    names = ("kernel", "recurrent_kernel", "bias")
    forward = [
        *(f"#low/{name}" for name in names),
        *(f"#mid/{name}" for name in names),
        *(f"#top/{name}" for name in ("kernel", "across", "out")),
    ]
    weights, counts = standing.built.weights(), standing.built.counts()
    backward = [key.replace("/", "/backward/") for key in forward]
    assert list(weights) == forward + backward
    assert counts["#low"] == 4 * 4 * (3 + 4 + 1)
    assert counts["#mid"] == 3 * 3 * (4 + 3 + 2)
    assert counts["#top"] == 3 * 4 + 4 * 3 + 3 * 2
    assert counts["#inner"] == counts["#mid"] + counts["#top"]
    assert counts["#rnn"] == counts["#outer"] == counts["#low"] + counts["#inner"]
    assert counts["#bi"] == 2 * counts["#rnn"]
    # The same cell anywhere else, among other layers, has the same weights.
    alone = stand(
        chain("layers.RNN(layers.LSTMCell(4, name='renamed'), name='other')"),
        (SERIES, planned("other", "RNN", PlannedLayer("#low", "renamed", "LSTMCell"))),
    )
    for key, value in alone.built.weights().items():
        assert numpy.array_equal(weights[key], value)
    given = {key: numpy.full_like(value, 0.25) for key, value in weights.items() if "backward" in key}
    again = stand(*DEEP, given=given).built.weights()
    assert all(numpy.array_equal(again[key], given.get(key, weights[key])) for key in weights)


INNER_LAYERS = '''
class Normed(layers.Layer):
    """A cell that holds layers of its own."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = self.state_size = units
        self.first, self.second = layers.Dense(units), layers.Dense(units, use_bias=False)

    def build(self, input_shape):
        self.first.build(input_shape)
        self.second.build((None, self.units))

    def call(self, inputs, states):
        new = keras.ops.tanh(self.first(inputs) + self.second(states[0]))
        return new, [new]
'''


def test_that_layers_inside_a_cell_keep_their_weights_whatever_else_is_there(
    stand: Stand, series: Any
) -> None:
    def weights(*before: str) -> dict[str, Any]:
        rnn = "layers.RNN(Normed(4, name='mine'), name='rnn')(h)"
        lines = ["h = x", *before, f"return keras.Model(x, {rnn})"]
        source = source_of(*lines).replace("def build_model", f"{INNER_LAYERS}\n\ndef build_model")
        standing = stand(source, (SERIES, planned("rnn", "RNN", planned("mine", "CustomCell"))))
        assert set(parts(standing.run(series), "rnn")) == {"result", "output", "state/0"}
        return standing.built.weights()

    one, other = weights(), weights("h = layers.Dense(3)(h)", "h = layers.Dense(3)(h)")
    assert list(one) == ["#mine/dense/kernel", "#mine/dense/bias", "#mine/dense/kernel_1"]
    assert all(numpy.array_equal(one[key], other[key]) for key in one)


def test_that_saved_weights_load_into_the_exported_code(tmp_path: Path) -> None:
    from rnn_designer.engine.worker import Worker

    source, plan = DEEP
    worker = Worker(tmp_path, lambda: None, lambda message: None)
    built: Any = worker.answer(Build(1, source, plan, {}, 3))
    saved = worker.answer(SaveWeights(2))
    assert isinstance(saved, Saved)
    path = tmp_path / "deep.weights.h5"
    path.write_bytes(saved.content.tobytes())
    space: dict[str, Any] = {}
    exec(compile(source, "exported", "exec"), space)
    model = space["build_model"]()
    model.load_weights(path)
    for one, other in zip(model.weights, built.weights.values(), strict=True):
        assert numpy.array_equal(one, other)
