"""What cannot be trained is refused in one sentence: received, expected, what to do, and which layer it is."""

from __future__ import annotations

from typing import Any

import numpy
import pytest
from lessons_kept import SAMPLES, STEPS, Taught, numbers, one_layer, planned, series, taught

from rnn_designer.engine.worker import Worker
from rnn_designer.messages import Evaluate, Failure, Train, Trained

LSTM = planned("memory", "LSTM")
LAST = "layers.LSTM(4, name='memory')"
EVERY = "layers.LSTM(4, return_sequences=True, name='memory')"
CLASSES = "optimizer='adam', loss='sparse_categorical_crossentropy'"


def answer(request: Train | Evaluate) -> Any:
    return Worker(None, lambda: None, lambda _message: None).answer(request)


def refused(request: Train | Evaluate) -> Failure:
    found = answer(request)
    assert isinstance(found, Failure), found
    assert "Traceback" not in found.sentence
    return found


def named(lesson: Taught) -> Taught:
    """With three units at the end, for classes."""
    source = lesson.source.replace("layers.Dense(1", "layers.Dense(3, activation='softmax'")
    return Taught(source, lesson.layers, lesson.inputs, lesson.targets)


@pytest.mark.parametrize(
    ("expression", "target", "words"),
    [
        # Keras would spread one target over all steps, and train in silence.
        (
            EVERY,
            numbers(SAMPLES, 1),
            ("of 1 number a sample; it gives 6 steps of 1 number", "for every step"),
        ),
        (
            LAST,
            numbers(SAMPLES, STEPS, 1),
            ("of 6 steps of 1 number a sample; it gives 1 number", "one target a sample"),
        ),
        (
            EVERY,
            numbers(SAMPLES, 4, 1),
            ("of 4 steps of 1 number a sample; it gives 6 steps", "same number of steps"),
        ),
        (LAST, numbers(SAMPLES, 2), ("of 2 numbers a sample; it gives 1 number", "Give it 2 units")),
    ],
    ids=["too few axes", "too many axes", "other steps", "other units"],
)
def test_that_targets_of_another_shape_are_refused(expression: str, target: Any, words: Any) -> None:
    found = refused(one_layer(expression, LSTM, target=target).request())
    assert found.layer == "#dense"
    for each in ("Output “dense” received training targets", *words):
        assert each in found.sentence


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (
            numpy.full(SAMPLES, 3, "int32"),
            "received classes 3 to 3; its 3 units stand for 0 to 2. Give it 4 units",
        ),
        (numpy.full(SAMPLES, -1, "int32"), "received the class -1; expected 0 to 2. Number classes from 0"),
        (
            numpy.eye(3, dtype="float32")[[0] * SAMPLES],
            "received training targets of 3 numbers a sample; it gives one",
        ),
    ],
    ids=["too large", "negative", "one of three"],
)
def test_that_classes_that_the_output_does_not_have_are_refused(target: Any, words: str) -> None:
    found = refused(named(one_layer(LAST, LSTM, compiled=CLASSES, target=target)).request())
    assert found.layer == "#dense"
    assert words in found.sentence


def test_that_classes_that_fit_are_trained_whether_they_have_an_axis_of_their_own_or_not() -> None:
    for shape in ((SAMPLES,), (SAMPLES, 1)):
        target = numpy.full(shape, 2, "int32")
        lesson = named(one_layer(LAST, LSTM, compiled=CLASSES, target=target))
        assert isinstance(answer(lesson.request(epochs=1)), Trained)


@pytest.mark.parametrize(
    ("changes", "layer", "words"),
    [
        ({"inputs": {}}, "#series", "Received no training samples for Input “series”"),
        (
            {"inputs": {"series": numbers(SAMPLES, STEPS, 2)}},
            "#series",
            "training samples of 6 steps of 2 numbers; expected any number of steps of 3 numbers",
        ),
        ({"inputs": {"series": series(4)}}, "#series", "4 training samples for series and 11 for dense"),
        (
            {"targets": {"memory": numbers(SAMPLES, 1)}},
            "#memory",
            "expected one of the model's outputs, “dense”",
        ),
        (
            {"sample_weights": {"dense": numbers(2)}},
            None,
            "and 2 for the weights of dense; expected as many everywhere",
        ),
        ({"monitor": "accuracy"}, None, "The figure to watch is “accuracy”; expected one of “loss”"),
        (
            {"inputs": {"series": series(0)}, "targets": {"dense": numbers(0, 1)}},
            None,
            "Received no training samples; expected at least one",
        ),
    ],
    ids=["no input", "input", "counts", "output", "weights", "monitor", "nothing"],
)
def test_that_samples_that_do_not_fit_are_refused(
    changes: dict[str, Any], layer: str | None, words: str
) -> None:
    found = refused(one_layer(LAST, LSTM).request(**changes))
    assert words in found.sentence
    if layer is not None:
        assert found.layer == layer


def test_that_a_batch_size_that_is_not_that_of_the_input_is_refused() -> None:
    lesson = one_layer("layers.LSTM(4, stateful=True, name='memory')", LSTM, batch="batch_size=4, ")
    assert "expected a multiple of 4" in refused(lesson.request()).sentence
    assert "Train with a batch size of 4" in refused(lesson.request(batch_size=5)).sentence


def test_that_a_loss_or_metric_that_does_not_fit_is_named() -> None:
    metric = named(
        one_layer(
            LAST,
            LSTM,
            compiled=f"{CLASSES}, metrics=[keras.metrics.MeanSquaredError(name='wrong')]",
            target=numpy.zeros(SAMPLES, "int32"),
        )
    )
    assert "The metric “wrong” cannot be computed" in refused(metric.request()).sentence


def test_that_a_model_without_anything_to_train_is_refused() -> None:
    frozen = one_layer("layers.LSTM(4, trainable=False, name='memory')", LSTM)
    source = frozen.source.replace("layers.Dense(1", "layers.Dense(1, trainable=False")
    assert "No layer has weights that may be trained" in refused(frozen.request(source=source)).sentence
    build = [
        "series = keras.Input((None, 3), name='series')",
        "last = layers.GlobalMaxPooling1D(name='dense')(series)",
        "return keras.Model(series, [last, layers.LSTM(2, name='memory')(series)])",
    ]
    plan = (planned("series", "Input"), planned("dense", "GlobalMaxPooling1D"), LSTM)
    apart = taught(build, "loss=['mse', None]", plan, {"series": series()}, {"dense": numbers(SAMPLES, 3)})
    assert "Nothing that is trained leads to a trained output" in refused(apart.request()).sentence


def test_that_frozen_layers_stay_as_they_are_while_the_others_learn() -> None:
    from lessons_kept import course

    lesson = one_layer("layers.LSTM(4, trainable=False, name='memory')", LSTM)
    epochs = course(lesson.request()).epochs
    first, last = epochs[0].weights, epochs[-1].weights
    numpy.testing.assert_array_equal(first["#memory/kernel"], last["#memory/kernel"])
    assert not numpy.array_equal(first["#dense/kernel"], last["#dense/kernel"])
    assert set(epochs[-1].norms) == {"#dense"}


def test_that_a_token_beyond_an_embedding_is_refused_with_the_layer() -> None:
    build = [
        "tokens = keras.Input((None,), dtype='int32', name='tokens')",
        "x = layers.Embedding(5, 3, name='words')(tokens)",
        "return keras.Model(tokens, layers.Dense(1, name='dense')(layers.LSTM(4, name='memory')(x)))",
    ]
    plan = (planned("tokens", "Input"), planned("words", "Embedding"), LSTM, planned("dense", "Dense"))
    ids = numpy.full((SAMPLES, STEPS), 9, "int32")
    lesson = taught(build, "loss='mse'", plan, {"tokens": ids}, {"dense": numbers(SAMPLES, 1)})
    assert refused(lesson.request()).layer == "#words"
    asked = Evaluate(1, lesson.source, lesson.layers, {}, 0, {}, lesson.inputs, lesson.targets)
    assert refused(asked).layer == "#words"


def test_that_a_source_that_does_not_say_how_to_train_is_refused() -> None:
    lesson = one_layer(LAST, LSTM)
    source = lesson.source.replace("def compile_model", "def other")
    assert "has no compile_model()" in refused(lesson.request(source=source)).sentence
    source = lesson.source.replace("model.compile(", "dict(")
    assert "did not compile the model" in refused(lesson.request(source=source)).sentence


CELL = """
@keras.saving.register_keras_serializable(package="rnn_designer")
class Mine(layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = self.state_size = units

    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units), name="kernel")

    def call(self, inputs, states):
        new = 0.9 * states[0] + keras.ops.tanh(keras.ops.matmul(inputs, self.kernel))
        return new, [new]

    def get_config(self):
        return {**super().get_config(), "units": self.units}

"""


def test_that_cells_written_by_hand_are_trained_and_their_mistakes_named() -> None:
    from lessons_kept import assert_same, course, fitted

    layer = planned("rnn", "RNN", planned("mine", "CustomCell"))
    lesson = one_layer("layers.RNN(Mine(4, name='mine'), name='rnn')", layer)
    source = lesson.source.replace("\n\ndef build_model", CELL + "\ndef build_model", 1)
    request = lesson.request(source=source)
    ours = course(request)
    assert_same(ours, fitted(request))
    assert set(ours.epochs[-1].norms) == {"#mine", "#dense"}
    broken = source.replace("keras.ops.tanh(", "keras.ops.no_such(")
    assert refused(lesson.request(source=broken)).layer in ("#rnn", "#mine")


def test_that_dead_and_saturated_units_of_the_probe_are_counted_after_each_epoch() -> None:
    from lessons_kept import course

    build = [
        "series = keras.Input((None, 3), name='series')",
        "x = layers.Bidirectional(layers.GRU(4, return_sequences=True, name='inner'), name='both')(series)",
        "x = layers.RNN([layers.LSTMCell(2, name='first'), layers.GRUCell(3, name='second')], name='rnn')(x)",
        "x = layers.Dense(5, activation='relu', name='off')(x)",
        "series_too = layers.TimeDistributed(layers.Dense(2, name='each'), name='over')(series)",
        "x = layers.Concatenate(name='beside')([x, layers.GlobalMaxPooling1D(name='top')(series_too)])",
        "return keras.Model(series, layers.Dense(1, name='dense')(x))",
    ]
    plan = (
        planned("series", "Input"),
        planned("both", "Bidirectional", planned("inner", "GRU")),
        planned("rnn", "RNN", planned("first", "LSTMCell"), planned("second", "GRUCell")),
        planned("off", "Dense"),
        planned("over", "TimeDistributed", planned("each", "Dense")),
        planned("top", "GlobalMaxPooling1D"),
        planned("beside", "Concatenate"),
        planned("dense", "Dense"),
    )
    compiled = "optimizer='adam', loss='mean_squared_error'"
    lesson = taught(build, compiled, plan, {"series": series()}, {"dense": numbers(SAMPLES, 1)})
    # One that is pushed far beyond the end of tanh in three units of four, and relu units of which two are off.
    bias = numpy.zeros((2, 12), "float32")
    bias[0, 8:11], bias[0, :4] = 50, -50
    off = numpy.array([-9, -9, 9, 9, 9], "float32")
    weights = {"#inner/bias": bias, "#off/bias": off}
    epochs = course(lesson.request(probe={"series": series(3)}, weights=weights, epochs=1)).epochs
    for epoch in epochs:
        assert set(epoch.units) == {
            "#inner/state/h",
            "#both/backward/state/h",
            "#first/state/h",
            "#first/state/c",
            "#second/state/h",
            "#off/result",
            "#each/result",
            "#dense/result",
        }
        assert all(shares.shape == (2,) for shares in epoch.units.values())
        dead, saturated = epoch.units["#inner/state/h"]
        assert saturated == pytest.approx(0.75)
        assert dead == pytest.approx(0.75), "they stand still at the end of their range"
        assert epoch.units["#off/result"][0] == pytest.approx(0.4)
        assert epoch.units["#both/backward/state/h"][1] < 0.5


def test_that_the_probe_changes_nothing_that_is_learnt() -> None:
    from lessons_kept import course

    lesson = one_layer("layers.GRU(4, dropout=0.4, name='memory')", planned("memory", "GRU"))
    with_probe = course(lesson.request(probe={"series": series(2)})).epochs[-1]
    without = course(lesson.request()).epochs[-1]
    assert with_probe.logs == without.logs
    assert with_probe.units
    assert not without.units
