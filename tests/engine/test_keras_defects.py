"""Says when Keras moves: what the recording stands on, and the defects that it works round."""

from __future__ import annotations

import itertools
from typing import Any

import numpy
import pytest
from standing_models import MASKED, Stand, equal, planned, program, side_by_side

from rnn_designer.catalog import FrozenMap, Part
from rnn_designer.codegen import generate
from rnn_designer.design import Design, Layer, Link, check
from rnn_designer.engine.failures import Refused


def test_that_this_keras_has_the_loop_that_the_recording_stands_on() -> None:
    from rnn_designer.engine import taps

    assert taps.available()


def test_that_a_keras_without_that_loop_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    import keras

    from rnn_designer.engine import taps

    monkeypatch.setattr(keras.layers.RNN, "inner_loop", lambda self, sequences: None)
    assert not taps.available()
    monkeypatch.delattr(keras.layers.RNN, "inner_loop")
    assert not taps.available()


def test_that_a_tracer_without_that_loop_takes_the_public_way(
    monkeypatch: pytest.MonkeyPatch, stand: Stand, series: Any
) -> None:
    from rnn_designer.engine import taps

    source, plan = side_by_side({"g": ("layers.GRU(2, name='g')", planned("g", "GRU"))}, masked=False)
    expected = stand(source, plan).run(series)
    monkeypatch.setattr(taps, "available", lambda: False)
    standing = stand(source, plan)
    arrays = standing.run(series)
    assert not standing.tracer.compiled()
    assert numpy.allclose(arrays["g/gate/update"], expected["g/gate/update"], atol=1e-6)


def test_that_hooks_are_gone_after_a_run(stand: Stand, series: Any) -> None:
    layers = {
        "g": ("layers.GRU(2, name='g')", planned("g", "GRU")),
        "td": (
            "layers.TimeDistributed(layers.Dense(2), name='td')",
            planned("td", "TimeDistributed", planned("dense", "Dense")),
        ),
    }
    source, plan = side_by_side(layers, masked=False)
    standing = stand(source, plan)
    cell = standing.layer("g").cell
    activations = cell.activation, cell.recurrent_activation
    standing.run(series)
    assert (cell.activation, cell.recurrent_activation) == activations
    assert "inner_loop" not in vars(standing.layer("g"))
    assert "call" not in vars(standing.layer("td"))
    assert standing.layer("g").use_cudnn == "auto"


def test_that_time_distributed_still_confuses_samples_and_steps_in_a_compiled_model() -> None:
    """If this fails, Keras is mended: remove ``engine/time_distributed.py`` and what uses it."""
    import keras
    import tensorflow as tf

    layer = keras.layers.TimeDistributed(keras.layers.Dense(2))
    layer.build((None, None, 3))
    compiled = tf.function(layer, input_signature=[tf.TensorSpec((None, None, 3))], autograph=False)
    assert tuple(layer(numpy.ones((4, 6, 3), "float32")).shape) == (4, 6, 2)
    assert tuple(compiled(numpy.ones((4, 6, 3), "float32")).shape) == (4, 4, 2)


# The defects of Keras 3.15.1. Each test first shows that Keras still has it, then what is done about it.


def designed(*layers: Layer) -> Design:
    """A design in which each layer reads the one before it, from an Input of 5 steps and 3 features."""
    every = (Layer("in", "Input", "series", FrozenMap({"shape": (5, 3)})), *layers)
    return Design("defects", every, tuple(Link(a.id, b.id) for a, b in itertools.pairwise(every)))


def codes(design: Design) -> set[str]:
    return {problem.code for problem in check(design).problems}


def test_that_simple_rnn_still_drops_its_activity_regularizer_and_that_export_makes_a_layer_of_it() -> None:
    import keras

    layer = keras.layers.SimpleRNN(2, activity_regularizer="l2")
    layer(numpy.ones((1, 5, 3), "float32"))
    assert not layer.losses
    part = Part("L2", FrozenMap({"l2": 0.5}))
    params = FrozenMap({"units": 2, "activity_regularizer": part})
    design = designed(Layer("a", "SimpleRNN", "memory", params))
    space: dict[str, Any] = {}
    exec(generate(check(design)).text, space)
    model = space["build_model"]()
    model(numpy.ones((1, 5, 3), "float32"))
    assert len(model.losses) == 1


def test_that_simple_rnn_still_forgets_its_seed_and_that_the_check_says_so() -> None:
    import keras

    assert "seed" not in keras.layers.SimpleRNN(2, seed=3).get_config()
    params = FrozenMap({"units": 2, "seed": 3, "dropout": 0.5})
    assert "ignored_by_keras" in codes(designed(Layer("a", "SimpleRNN", "memory", params)))


@pytest.mark.parametrize("masked", [True, False], ids=["masked", "unrolled"])
def test_that_a_stack_of_one_cell_still_fails_and_that_export_takes_the_cell_alone(
    stand: Stand, series: Any, masked: bool
) -> None:
    import keras

    more = "" if masked else ", unroll=True"
    layer = (
        f"layers.RNN([layers.LSTMCell(2, name='cell')]{more}, name='r')",
        planned("r", "RNN", planned("cell", "LSTMCell")),
    )
    source, plan = side_by_side({"r": layer}, masked=masked, steps=6)
    standing = stand(source, plan)
    with pytest.raises((ValueError, IndexError)):
        standing.model(series, training=False)
    for private in (True, False):
        with pytest.raises(
            Refused, match="a stack of a single cell, which Keras can neither mask nor unroll"
        ):
            stand(source, plan, private=private).run(series)
    cell = Layer("c", "LSTMCell", "cell", FrozenMap({"units": 2}))
    stack = Layer("s", "StackedRNNCells", "stack", children=(cell,))
    params = FrozenMap({} if masked else {"unroll": True})
    before = [Layer("m", "Masking", "masking", FrozenMap({"mask_value": MASKED}))] if masked else []
    design = designed(*before, Layer("r", "RNN", "memory", params, children=(stack,)))
    space: dict[str, Any] = {}
    exec(generate(check(design)).text, space)
    model = space["build_model"]()
    assert isinstance(model.get_layer("memory").cell, keras.layers.LSTMCell)
    assert model(series[:, :5], training=False).shape == (5, 2)


def test_that_unrolling_a_masked_layer_backwards_is_still_wrong_and_that_the_check_refuses_it() -> None:
    import keras

    samples = numpy.random.default_rng(1).normal(size=(1, 5, 3)).astype("float32")
    mask = numpy.array([[True, True, True, False, False]])
    flags = {"return_sequences": True, "go_backwards": True, "zero_output_for_mask": True}
    one, other = (keras.layers.GRU(2, unroll=unroll, **flags) for unroll in (True, False))
    one.build((1, 5, 3))
    other.build((1, 5, 3))
    other.set_weights(one.get_weights())
    wrong, right = numpy.asarray(one(samples, mask=mask)), numpy.asarray(other(samples, mask=mask))
    assert numpy.abs(wrong - right).max() > 0.1
    assert not right[0, :2].any()
    masking = Layer("m", "Masking", "masking", FrozenMap({"mask_value": 0.0}))
    inner = Layer("g", "GRU", "gru", FrozenMap({"units": 2, "return_sequences": True, "unroll": True}))
    both = Layer("b", "Bidirectional", "both", children=(inner,))
    assert "unrolled_mask" in codes(designed(masking, both))


def test_that_a_stateful_stack_still_cannot_be_reset_and_that_it_is_traced_all_the_same(
    stand: Stand, series: Any
) -> None:
    import keras

    layer = keras.layers.RNN([keras.layers.LSTMCell(2), keras.layers.GRUCell(2)], stateful=True)
    layer.build((5, 6, 3))
    with pytest.raises(AttributeError):
        layer.reset_state()
    cells = "[layers.LSTMCell(2, name='a'), layers.GRUCell(2, name='b')]"
    source = program(
        [
            "x = keras.Input(batch_shape=(5, None, 3), name='series')",
            f"return keras.Model(x, layers.RNN({cells}, stateful=True, name='r')(x))",
        ]
    )
    plan = (
        planned("series", "Input"),
        planned("r", "RNN", planned("a", "LSTMCell"), planned("b", "GRUCell")),
    )
    standing = stand(source, plan)
    first, again = standing.run(series), standing.run(series)
    assert first["r/cell_0/state/c"].shape == (5, 6, 2)
    assert all(numpy.array_equal(first[name], again[name]) for name in first)


def test_that_keras_still_cannot_read_its_own_h5_with_a_mask_and_that_weights_files_hold_no_model(
    tmp_path: Any, stand: Stand, series: Any
) -> None:
    import warnings

    import keras

    layers = {"g": ("layers.GRU(2, name='g')", planned("g", "GRU"))}
    standing = stand(*side_by_side(layers, masked=True))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        standing.model.save(tmp_path / "model.h5")
        with pytest.raises(Exception, match="NotEqual"):
            keras.saving.load_model(tmp_path / "model.h5", compile=False)
    standing.model.save_weights(tmp_path / "model.weights.h5")
    other = stand(*side_by_side(layers, masked=True), seed=2)
    other.model.load_weights(tmp_path / "model.weights.h5")
    equal(other.model(series, training=False), standing.model(series, training=False), 0)


def test_that_lstm_still_takes_dropout_of_everything_for_none_and_that_the_check_says_so() -> None:
    import keras

    samples = numpy.ones((1, 5, 3), "float32")
    layer = keras.layers.LSTM(2, dropout=1.0)
    assert numpy.array_equal(layer(samples, training=True), layer(samples, training=False))
    assert not numpy.asarray(keras.layers.SimpleRNN(2, dropout=1.0)(samples, training=True)).any()
    params = FrozenMap({"units": 2, "dropout": 1.0})
    said = [
        problem
        for problem in check(designed(Layer("a", "LSTM", "memory", params))).problems
        if problem.parameter == "dropout"
    ]
    assert said


@pytest.mark.parametrize("private", [True, False], ids=["private", "public"])
@pytest.mark.parametrize(
    ("states", "words"),
    [
        ("[one, two]", "Layer “g” received 2 initial states; expected 1"),
        ("[wide]", "Initial state 0 of layer “g” has 5 units; expected 2"),
    ],
)
def test_that_keras_still_takes_wrong_initial_states_and_that_a_run_refuses_them(
    stand: Stand, series: Any, states: str, words: str, private: bool
) -> None:
    source = program(
        [
            "x = keras.Input((None, 3), name='series')",
            "one, two, wide = (layers.Dense(n, name=f'd{k}')(x[:, 0]) for k, n in enumerate((2, 2, 5)))",
            f"return keras.Model(x, layers.GRU(2, name='g')(x, initial_state={states}))",
        ]
    )
    standing = stand(source, (planned("series", "Input"), planned("g", "GRU")), private=private)
    if "two" in states:
        assert standing.model(series, training=False).shape == (5, 2)
    with pytest.raises(Refused, match=words):
        standing.run(series)


def test_that_initial_states_still_cost_a_layer_its_mask_and_that_export_hands_it_over(series: Any) -> None:
    import keras

    masking, layer = keras.layers.Masking(MASKED), keras.layers.GRU(2)
    masked = masking(series)
    start = numpy.zeros((5, 2), "float32")
    lost = numpy.asarray(layer(masked, initial_state=[start]))
    kept = numpy.asarray(layer(masked, initial_state=[start], mask=masking.compute_mask(series)))
    assert numpy.abs(lost - kept).max() > 1e-3
    equal(kept, layer(masked))
    params = FrozenMap({"units": 2, "initial_state": (0.5,)})
    masking_box = Layer("m", "Masking", "masking", FrozenMap({"mask_value": MASKED}))
    assert "mask=" in generate(check(designed(masking_box, Layer("g", "GRU", "memory", params)))).text


def test_that_keras_still_cannot_give_out_the_states_of_stacks_in_stacks_and_that_the_check_refuses_it() -> (
    None
):
    import keras

    cells = [[keras.layers.LSTMCell(2), keras.layers.GRUCell(2)], keras.layers.GRUCell(2)]
    stack = keras.layers.StackedRNNCells([keras.layers.StackedRNNCells(cells[0]), cells[1]])
    with pytest.raises(ValueError, match="Undefined shapes"):
        keras.layers.RNN(stack, return_state=True)(keras.Input((5, 3)))

    def cell(kind: str, name: str) -> Layer:
        return Layer(name, kind, name, FrozenMap({"units": 2}))

    inner = Layer("i", "StackedRNNCells", "inner", children=(cell("LSTMCell", "a"), cell("GRUCell", "b")))
    outer = Layer("o", "StackedRNNCells", "outer", children=(inner, cell("GRUCell", "c")))
    assert "nested_states" in codes(
        designed(Layer("r", "RNN", "memory", FrozenMap({"return_state": True}), children=(outer,)))
    )
