"""A trace as in training: dropout, noise and batch statistics act, always in the same way, and nothing stays."""

from __future__ import annotations

from typing import Any

import numpy
import pytest
from standing_models import FEATURES, MASKED, STEPS, Stand, Standing, equal, planned, program, side_by_side

from rnn_designer.messages import Build, Failure, Run, Trace

NOISY = '''
@keras.saving.register_keras_serializable("tests")
class Noisy(layers.Layer):
    """A cell that draws at every step."""

    def __init__(self, units, **named):
        super().__init__(**named)
        self.units = self.state_size = self.output_size = units
        self.dense = layers.Dense(units)
        self.seeds = [keras.random.SeedGenerator(), keras.random.SeedGenerator(3)]

    def build(self, input_shape):
        self.dense.build(input_shape)

    def call(self, inputs, states, training=False):
        h = keras.ops.tanh(self.dense(inputs) + states[0])
        if training:
            for seed in self.seeds:
                h = h + keras.random.normal(keras.ops.shape(h), seed=seed)
        return h, [h]
'''
DROPS = "dropout=0.3, recurrent_dropout=0.4"
STACK = (
    f"layers.StackedRNNCells([layers.LSTMCell(4, {DROPS}, name='low'), layers.GRUCell(3, {DROPS}, name='high')],"
    " name='stack')"
)
STACK_PLAN = planned("stack", "StackedRNNCells", planned("low", "LSTMCell"), planned("high", "GRUCell"))
LAYERS = {
    "drop": ("layers.Dropout(0.5, name='drop')", planned("drop", "Dropout")),
    "again": ("layers.Dropout(0.5, name='again')", planned("again", "Dropout")),
    "fixed": ("layers.Dropout(0.5, seed=11, name='fixed')", planned("fixed", "Dropout")),
    "noise": ("layers.GaussianNoise(0.3, name='noise')", planned("noise", "GaussianNoise")),
    "norm": ("layers.BatchNormalization(name='norm')", planned("norm", "BatchNormalization")),
    "simple": (f"layers.SimpleRNN(4, {DROPS}, name='simple')", planned("simple", "SimpleRNN")),
    "lstm": (f"layers.LSTM(4, {DROPS}, return_sequences=True, name='lstm')", planned("lstm", "LSTM")),
    "gru": (f"layers.GRU(4, {DROPS}, reset_after=False, name='gru')", planned("gru", "GRU")),
    "back": (
        f"layers.GRU(4, {DROPS}, go_backwards=True, return_sequences=True, name='back')",
        planned("back", "GRU"),
    ),
    "bi": (
        f"layers.Bidirectional(layers.LSTM(3, {DROPS}, return_sequences=True, name='inner'), name='bi')",
        planned("bi", "Bidirectional", planned("inner", "LSTM")),
    ),
    "rnn": (f"layers.RNN({STACK}, return_sequences=True, name='rnn')", planned("rnn", "RNN", STACK_PLAN)),
    "own": (
        "layers.RNN(Noisy(4, name='noisy'), return_sequences=True, name='own')",
        planned("own", "RNN", planned("noisy", "CustomCell")),
    ),
    "td": (
        "layers.TimeDistributed(layers.Dropout(0.5, name='each'), name='td')",
        planned("td", "TimeDistributed", planned("each", "Dropout")),
    ),
}
UNROLLED = {
    "lstm": (
        f"layers.LSTM(4, {DROPS}, unroll=True, return_sequences=True, name='lstm')",
        planned("lstm", "LSTM"),
    ),
    "own": (
        "layers.RNN(Noisy(4, name='noisy'), unroll=True, return_sequences=True, name='own')",
        planned("own", "RNN", planned("noisy", "CustomCell")),
    ),
}


def source_and_plan(layers: Any, **options: Any) -> Any:
    source, plan = side_by_side(layers, masked=options.pop("masked", False), **options)
    return source.replace("\n\n\ndef build_model", f"\n\n{NOISY}\n\ndef build_model"), plan


def in_training(standing: Standing, samples: Any, number: int = 0, seed: int = 5) -> dict[str, Any]:
    from rnn_designer.engine.training import Draw

    return standing.tracer.run({"series": samples}, draw=Draw(seed, number))


def begin(standing: Standing, number: int = 0, seed: int = 5) -> None:
    """Put the seed generators of the model to where a draw starts."""
    from rnn_designer.engine.training import Beginnings, Draw

    Beginnings(standing.model, standing.built.placed).set(Draw(seed, number))


def moving(standing: Standing) -> list[Any]:
    """Everything that a pass could leave changed: weights, statistics, states and seeds."""
    return [variable.numpy() for variable in standing.model.variables]


def names(layers: Any, results: Any) -> dict[str, Any]:
    return dict(zip(layers, results, strict=True))


@pytest.fixture(scope="module")
def many(stand: Stand, series: Any) -> tuple[Standing, dict[str, Any]]:
    standing = stand(*source_and_plan(LAYERS))
    return standing, in_training(standing, series)


def test_that_results_are_those_of_keras_in_training(
    many: tuple[Standing, dict[str, Any]], series: Any
) -> None:
    standing, arrays = many
    begin(standing)
    expected = names(LAYERS, standing.model(series, training=True))
    for name, result in expected.items():
        equal(arrays[f"{name}/result"], result)
    predicted = standing.run(series)
    for name in LAYERS:
        assert not numpy.allclose(predicted[f"{name}/result"], arrays[f"{name}/result"]), name


def test_that_steps_states_and_gates_are_those_of_the_cell_with_its_masks(
    many: tuple[Standing, dict[str, Any]], series: Any
) -> None:
    standing, arrays = many
    begin(standing)
    cell = standing.layer("lstm").cell
    states = [numpy.zeros((len(series), 4), "float32")] * 2
    for step in range(STEPS):
        output, states = cell(series[:, step], states, training=True)
        equal(arrays["lstm/output"][:, step], output)
        equal(arrays["lstm/state/h"][:, step], states[0])
        equal(arrays["lstm/state/c"][:, step], states[1])
        gate = arrays["lstm/gate/output"][:, step]
        equal(gate * numpy.tanh(arrays["lstm/state/c"][:, step]), output)
    cell.reset_dropout_mask()
    cell.reset_recurrent_dropout_mask()
    # Keras gives the last layer backwards; the record has the order of the input.
    equal(arrays["back/output"][:, ::-1], arrays["back/result"])
    equal(arrays["rnn/cell_1/output"], arrays["rnn/result"])
    equal(arrays["own/state/0"], arrays["own/result"])
    equal(
        numpy.concatenate([arrays["bi/forward/output"], arrays["bi/backward/output"]], axis=-1),
        arrays["bi/result"],
    )


def test_that_dropped_values_are_zeros_and_others_make_up_for_them(
    many: tuple[Standing, dict[str, Any]], series: Any
) -> None:
    _, arrays = many
    dropped = arrays["drop/result"] == 0
    assert 0 < dropped.sum() < dropped.size
    equal(arrays["drop/result"][~dropped], 2 * series[~dropped])
    mean = arrays["norm/result"].mean(axis=(0, 1))
    assert numpy.abs(mean).max() < 1e-5


def test_that_a_draw_is_always_the_same_and_the_next_is_another(
    many: tuple[Standing, dict[str, Any]], series: Any, stand: Stand
) -> None:
    standing, arrays = many
    fresh = in_training(stand(*source_and_plan(LAYERS)), series)
    for name, array in arrays.items():
        assert numpy.array_equal(fresh[name], array), name
        assert numpy.array_equal(in_training(standing, series)[name], array) or name != "drop/result"
    drawn = in_training(standing, series, number=1)
    reseeded = in_training(standing, series, seed=6)
    for name in (
        "drop/result",
        "again/result",
        "noise/result",
        "lstm/output",
        "own/output",
        "bi/backward/output",
    ):
        assert not numpy.array_equal(drawn[name], arrays[name]), name
        assert not numpy.array_equal(reseeded[name], arrays[name]), name
    assert not numpy.array_equal(arrays["drop/result"], arrays["again/result"])
    # A seed that the user gave stays what Keras makes of it.
    for other in (drawn, reseeded):
        assert numpy.array_equal(other["fixed/result"], arrays["fixed/result"])


def test_that_a_seed_on_the_layer_begins_where_keras_begins(
    many: tuple[Standing, dict[str, Any]], series: Any
) -> None:
    import keras

    _, arrays = many
    equal(arrays["fixed/result"], keras.layers.Dropout(0.5, seed=11)(series, training=True))


def test_that_an_edit_elsewhere_changes_no_mask(
    many: tuple[Standing, dict[str, Any]], series: Any, stand: Stand
) -> None:
    _, arrays = many
    fewer = {name: LAYERS[name] for name in ("gru", "drop", "bi")}
    other = in_training(stand(*source_and_plan(fewer)), series)
    assert numpy.array_equal(other["drop/result"], arrays["drop/result"])
    equal(other["bi/forward/output"], arrays["bi/forward/output"])


def test_that_a_run_in_training_leaves_nothing_behind(
    many: tuple[Standing, dict[str, Any]], series: Any
) -> None:
    standing, _ = many
    before = moving(standing)
    predicted = standing.run(series)
    in_training(standing, series)
    for variable, value in zip(standing.model.weights, _weights(standing, before), strict=True):
        assert numpy.array_equal(variable.numpy(), value), variable.path
    seeds = moving(standing)
    in_training(standing, series)
    assert all(map(numpy.array_equal, moving(standing), seeds))
    again = standing.run(series)
    for name, array in predicted.items():
        assert numpy.array_equal(again[name], array), name
    # The statistics would have moved.
    begin(standing)
    mean = standing.layer("norm").moving_mean
    kept = mean.numpy()
    standing.model(series, training=True)
    assert not numpy.array_equal(mean.numpy(), kept)
    mean.assign(kept)


def _weights(standing: Standing, values: list[Any]) -> list[Any]:
    by_id = {id(variable): value for variable, value in zip(standing.model.variables, values, strict=True)}
    return [by_id[id(variable)] for variable in standing.model.weights]


def test_that_both_modes_keep_their_graph(stand: Stand, series: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    standing = stand(*source_and_plan({name: LAYERS[name] for name in ("drop", "simple")}))
    layer, modes = standing.layer("drop"), []
    call = layer.call

    def noted(inputs: Any, training: bool = False) -> Any:
        modes.append(training)
        return call(inputs, training=training)

    monkeypatch.setattr(layer, "call", noted)
    assert not standing.tracer.compiled(True)
    for samples in (series, series[:2, :4]):
        standing.run(samples)
        in_training(standing, samples)
    assert modes == [False, True]
    assert standing.tracer.compiled(True)
    assert standing.tracer.compiled(False)


def test_that_unrolled_loops_are_recorded_with_the_draw_of_their_result(stand: Stand, series: Any) -> None:
    standing = stand(*source_and_plan(UNROLLED, steps=STEPS))
    arrays = in_training(standing, series)
    begin(standing)
    for name, result in names(UNROLLED, standing.model(series, training=True)).items():
        equal(arrays[f"{name}/result"], result)
        equal(arrays[f"{name}/output"], result)


def test_that_masked_steps_hold_their_state_in_training_too(stand: Stand, series: Any) -> None:
    layers = {name: LAYERS[name] for name in ("simple", "lstm", "bi", "rnn")}
    standing = stand(*source_and_plan(layers, masked=True))
    arrays = in_training(standing, series)
    begin(standing)
    for name, result in names(layers, standing.model(series, training=True)).items():
        equal(arrays[f"{name}/result"], result)
    assert (series[0, 4:] == MASKED).all()
    for step in (4, 5):
        equal(arrays["lstm/state/c"][0, step], arrays["lstm/state/c"][0, 3])


def test_that_the_public_way_gives_the_same(
    many: tuple[Standing, dict[str, Any]], stand: Stand, series: Any
) -> None:
    _, arrays = many
    public = in_training(stand(*source_and_plan(LAYERS), private=False), series)
    assert public.keys() == arrays.keys()
    for name, array in arrays.items():
        equal(public[name], array)


def test_that_stateful_layers_start_from_where_they_were(stand: Stand, series: Any) -> None:
    source = program(
        [
            f"x = keras.Input(batch_shape=(5, None, {FEATURES}), name='series')",
            f"return keras.Model(x, layers.LSTM(4, stateful=True, {DROPS}, name='lstm')(x))",
        ]
    )
    standing = stand(source, (planned("series", "Input"), planned("lstm", "LSTM")))
    first = in_training(standing, series)
    assert all(
        numpy.array_equal(state.numpy(), numpy.zeros((5, 4))) for state in standing.layer("lstm").states
    )
    assert numpy.array_equal(in_training(standing, series)["lstm/result"], first["lstm/result"])


def test_that_calls_of_a_shared_layer_draw_one_after_the_other(stand: Stand, series: Any) -> None:
    from dataclasses import replace

    source = program(
        [
            f"x = keras.Input((None, {FEATURES}), name='series')",
            f"memory = layers.GRU({FEATURES}, return_sequences=True, {DROPS}, name='memory')",
            "first = memory(x)",
            "return keras.Model(x, [first, memory(first)])",
        ]
    )
    again = replace(planned("memory", "GRU"), id="#again", shares="#memory")
    standing = stand(source, (planned("series", "Input"), planned("memory", "GRU"), again))
    arrays = in_training(standing, series)
    begin(standing)
    first, second = standing.model(series, training=True)
    equal(arrays["memory/result"], first)
    equal(arrays["memory#2/result"], second)
    equal(arrays["memory#2/output"], second)


def test_that_a_pass_that_fails_leaves_no_mask_for_the_next(stand: Stand, series: Any) -> None:
    from rnn_designer.engine.failures import Refused

    source = program(
        [
            f"x = keras.Input((None, {FEATURES}), name='series')",
            f"return keras.Model(x, layers.LSTM(4, {DROPS}, return_sequences=True, name='lstm')(x))",
        ]
    )
    standing = stand(source, (planned("series", "Input"), planned("lstm", "LSTM")))
    layer = standing.layer("lstm")
    sound = layer.inner_loop
    layer.cell.call, original = None, layer.cell.call
    with pytest.raises((Refused, TypeError)):
        in_training(standing, series)
    layer.cell.call = original
    arrays = in_training(standing, series)
    assert layer.inner_loop == sound
    begin(standing)
    equal(arrays["lstm/result"], standing.model(series, training=True))


def test_that_the_worker_runs_as_in_training_when_asked(series: Any) -> None:
    from rnn_designer.engine.worker import Worker

    worker = Worker(None, lambda: None, lambda _message: None)
    layers = {name: LAYERS[name] for name in ("drop", "lstm")}
    source, plan = side_by_side(layers, masked=False)
    worker.answer(Build(1, source, plan, {}, 5))
    runs = [
        worker.answer(Run(2 + number, {"series": series}, training, draw))
        for number, (training, draw) in enumerate([(False, 0), (True, 0), (True, 1), (False, 1), (True, 0)])
    ]
    assert not any(isinstance(run, Failure) for run in runs)
    traces = [run for run in runs if isinstance(run, Trace)]
    assert [trace.training for trace in traces] == [False, True, True, False, True]
    drops = [trace.arrays["drop/result"] for trace in traces]
    assert numpy.array_equal(drops[0], series)
    assert numpy.array_equal(drops[3], series)
    assert numpy.array_equal(drops[1], drops[4])
    assert not numpy.array_equal(drops[1], drops[2])
