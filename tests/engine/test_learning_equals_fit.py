"""A training gives the losses, the metrics and the weights of Keras' own ``fit`` on the same batches."""

from __future__ import annotations

from typing import Any

import numpy
import pytest
from lessons_kept import (
    MASKED,
    SAMPLES,
    STEPS,
    Taught,
    assert_same,
    course,
    fitted,
    numbers,
    one_layer,
    planned,
    series,
    taught,
)

from rnn_designer.catalog.parts import parts
from rnn_designer.messages import PlannedLayer

MSE = "loss='mean_squared_error', metrics=['mean_absolute_error']"
BOTH = planned("both", "Bidirectional", planned("inner", "LSTM"))
STACK = planned("rnn", "RNN", planned("first", "GRUCell"), planned("second", "LSTMCell"))
LSTM = planned("memory", "LSTM")


def validated(lesson: Taught, masked: bool = False) -> dict[str, Any]:
    (name, target), *_ = lesson.targets.items()
    return {
        "validation_inputs": {"series": series(6, masked=masked)},
        "validation_targets": {name: target[::-1][:6]},
    }


KINDS = {
    "simple": ("layers.SimpleRNN(4, name='simple')", planned("simple", "SimpleRNN")),
    "memory": ("layers.LSTM(4, name='memory')", LSTM),
    "gated": (
        "layers.GRU(4, name='gated', dropout=0.3, recurrent_dropout=0.2, seed=7)",
        planned("gated", "GRU"),
    ),
    "both": ("layers.Bidirectional(layers.LSTM(3, name='inner'), name='both')", BOTH),
    "rnn": (
        "layers.RNN([layers.GRUCell(3, name='first'), layers.LSTMCell(4, name='second')], name='rnn')",
        STACK,
    ),
}


def test_that_losses_metrics_and_weights_are_those_of_fit_for_recurrent_layers_masked_and_not() -> None:
    reads = {"simple": "series", "rnn": "series"}
    found = [f"{expression}({reads.get(name, 'masked')})" for name, (expression, _) in KINDS.items()]
    build = [
        "series = keras.Input((None, 3), name='series')",
        f"masked = layers.Masking({MASKED}, name='masking')(series)",
        f"found = [{', '.join(found)}]",
        "return keras.Model(series, layers.Dense(1, name='dense')(layers.Concatenate(name='beside')(found)))",
    ]
    plan = [
        planned("series", "Input"),
        planned("masking", "Masking"),
        *(layer for _, layer in KINDS.values()),
    ]
    plan += [planned("beside", "Concatenate"), planned("dense", "Dense")]
    inputs, targets = {"series": series(masked=True)}, {"dense": numbers(SAMPLES, 1)}
    lesson = taught(build, f"optimizer='adam', {MSE}", tuple(plan), inputs, targets)
    request = lesson.request(**validated(lesson, masked=True))
    ours = course(request)
    assert_same(ours, fitted(request))
    ids = {"#simple", "#memory", "#gated", "#inner", "#first", "#second", "#dense"}
    assert set(ours.epochs[1].norms) == ids


@pytest.mark.parametrize(
    ("optimizer", "changes"),
    [
        (
            "keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5), momentum=0.9, "
            "clipnorm=0.01)",
            {"shuffle": False},
        ),
        (
            "keras.optimizers.AdamW(keras.optimizers.schedules.CosineDecay(0.1, 4), global_clipnorm=0.02)",
            {"batch_size": SAMPLES},
        ),
        ("keras.optimizers.RMSprop(0.01, clipvalue=0.001)", {"batch_size": 100}),
    ],
)
def test_that_schedules_and_clipping_act_as_in_fit(optimizer: str, changes: dict[str, Any]) -> None:
    lesson = one_layer(
        "layers.GRU(4, name='memory')", planned("memory", "GRU"), compiled=f"optimizer={optimizer}, {MSE}"
    )
    request = lesson.request(**changes)
    assert_same(course(request), fitted(request))


@pytest.mark.parametrize("optimizer", [part.kind for part in parts("optimizers")])
def test_that_every_optimizer_of_the_catalog_trains_as_in_fit_and_is_taken_up_again(optimizer: str) -> None:
    build = ["return keras.Sequential([keras.Input((3,), name='series'), layers.Dense(2, name='dense')])"]
    plan = (planned("series", "Input"), planned("dense", "Dense"))
    more = ", gradient_accumulation_steps=2" if optimizer in ("SGD", "Adam") else ""
    compiled = f"optimizer=keras.optimizers.{optimizer}(0.05{more}), loss='mean_squared_error'"
    lesson = taught(
        build, compiled, plan, {"series": numbers(SAMPLES, 3)}, {"dense": numbers(SAMPLES, 2, seed=8)}
    )
    request = lesson.request()
    ours = course(request)
    assert_same(ours, fitted(request))
    before, after = ours.epochs[1:]
    again = course(lesson.request(weights=before.weights, state=before.state, first_epoch=1)).epochs[-1]
    for key, array in after.weights.items():
        numpy.testing.assert_array_equal(again.weights[key], array)
    assert not numpy.array_equal(before.weights["#dense/kernel"], after.weights["#dense/kernel"])


def test_that_weights_of_samples_regularizers_and_statistics_count_as_in_fit() -> None:
    build = [
        "series = keras.Input((None, 3), name='series')",
        "x = layers.BatchNormalization(name='normal')(series)",
        "x = layers.LSTM(4, kernel_regularizer='l2', return_sequences=True, name='memory')(x)",
        "x = layers.ActivityRegularization(0.01, name='small')(x)",
        "x = layers.Dropout(0.5, seed=2, name='drop')(x)",
        "return keras.Model(series, layers.Dense(1, name='dense')(x))",
    ]
    plan = tuple(
        planned(name, kind)
        for name, kind in (
            ("series", "Input"),
            ("normal", "BatchNormalization"),
            ("memory", "LSTM"),
            ("small", "ActivityRegularization"),
            ("drop", "Dropout"),
            ("dense", "Dense"),
        )
    )
    compiled = f"optimizer='adam', {MSE}, weighted_metrics=['mean_squared_error']"
    lesson = taught(build, compiled, plan, {"series": series()}, {"dense": numbers(SAMPLES, STEPS, 1)})
    by_step = numpy.abs(numbers(SAMPLES, STEPS, seed=8))
    request = lesson.request(sample_weights={"dense": by_step}, **validated(lesson))
    assert_same(course(request), fitted(request))
    # Keras itself does not take one weight a sample where there is a loss at every step.
    single = lesson.request(sample_weights={"dense": by_step[:, 0]}, epochs=1)
    assert_same(course(single), fitted(lesson.request(sample_weights={"dense": by_step[:, :1]}, epochs=1)))


def test_that_several_outputs_some_of_them_untrained_are_trained_as_by_fit() -> None:
    build = [
        "series = keras.Input((None, 3), name='series')",
        "output, h, c = layers.LSTM(4, return_state=True, name='memory')(series)",
        "number = layers.Dense(1, name='number')(output)",
        "kind = layers.Dense(3, activation='softmax', name='kind')(h)",
        "return keras.Model(series, [number, kind, c])",
    ]
    plan = (planned("series", "Input"), LSTM, planned("number", "Dense"), planned("kind", "Dense"))
    compiled = (
        "optimizer='adam', loss=['mean_squared_error', 'sparse_categorical_crossentropy', None], "
        "loss_weights=[1.0, 0.3, None], metrics=[['mean_absolute_error'], ['sparse_categorical_accuracy'], None]"
    )
    classes = numpy.arange(SAMPLES, dtype="int32") % 3
    targets = {"number": numbers(SAMPLES, 1), "kind": classes}
    lesson = taught(build, compiled, plan, {"series": series()}, targets)
    request = lesson.request()
    ours = course(request)
    assert {"loss", "number_loss", "kind_loss", "kind_sparse_categorical_accuracy"} <= set(
        ours.epochs[-1].logs
    )
    assert_same(ours, fitted(request))


def test_that_states_carried_on_and_repeated_rows_of_an_embedding_are_trained_as_by_fit() -> None:
    build = [
        "tokens = keras.Input((None,), batch_size=4, dtype='int32', name='tokens')",
        "x = layers.Embedding(5, 3, mask_zero=True, name='words')(tokens)",
        "x = layers.LSTM(4, stateful=True, return_sequences=True, name='memory')(x)",
        "return keras.Model(tokens, layers.Dense(5, name='next')(x))",
    ]
    plan = tuple(
        planned(name, kind)
        for name, kind in (("tokens", "Input"), ("words", "Embedding"), ("memory", "LSTM"), ("next", "Dense"))
    )
    compiled = (
        "optimizer='adam', loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), "
        "weighted_metrics=['sparse_categorical_accuracy']"
    )
    ids = numpy.random.default_rng(1).integers(0, 5, (8, STEPS + 1), "int32")
    lesson = taught(build, compiled, plan, {"tokens": ids[:, :-1]}, {"next": ids[:, 1:]})
    request = lesson.request(shuffle=False)
    ours = course(request)
    assert_same(ours, fitted(request))
    assert set(ours.epochs[-1].norms) == {"#words", "#memory", "#next"}


@pytest.mark.parametrize("kind", ["dense", "rows"])
def test_that_norms_are_the_lengths_of_the_gradients_before_clipping(kind: str) -> None:
    import keras
    import tensorflow as tf

    from rnn_designer.engine.build import BuiltModel

    build = [
        "tokens = keras.Input((None,), dtype='int32', name='tokens')",
        "x = layers.Embedding(5, 3, name='words')(tokens)",
        "return keras.Model(tokens, layers.Dense(1, name='dense')(layers.LSTM(4, name='memory')(x)))",
    ]
    plan = tuple(
        planned(name, layer)
        for name, layer in (
            ("tokens", "Input"),
            ("words", "Embedding"),
            ("memory", "LSTM"),
            ("dense", "Dense"),
        )
    )
    ids = numpy.random.default_rng(1).integers(0, 5, (SAMPLES, STEPS), "int32")
    target = numbers(SAMPLES, 1)
    compiled = f"optimizer=keras.optimizers.SGD(0.5, clipnorm=1e-3), {MSE}"
    lesson = taught(build, compiled, plan, {"tokens": ids}, {"dense": target}, batch_size=SAMPLES, epochs=1)
    request = lesson.request()
    built = BuiltModel(request.source, request.layers)
    built.fill({}, request.seed, lambda: None)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(keras.losses.mean_squared_error(target, built.model(ids)))
    chosen = {key: variable for key, variable in built.keys.items() if ("words" in key) == (kind == "rows")}
    gradients = tape.gradient(loss, [variable.value for variable in chosen.values()])
    squares: dict[str, float] = {}
    for key, gradient in zip(chosen, gradients, strict=True):
        layer = key.split("/")[0]
        whole = numpy.asarray(tf.convert_to_tensor(gradient))
        squares[layer] = squares.get(layer, 0) + float(numpy.square(whole).sum())
    norms = course(request).epochs[-1].norms
    for layer, square in squares.items():
        assert norms[layer] == pytest.approx(square**0.5, rel=1e-5)


def test_that_training_leaves_the_model_that_was_built_for_live_runs_as_it_was() -> None:
    from rnn_designer.engine.worker import Worker
    from rnn_designer.messages import Build, Run, Trace, Trained

    lesson = one_layer("layers.LSTM(4, name='memory')", LSTM)
    worker = Worker(None, lambda: None, lambda _message: None)
    worker.answer(Build(1, lesson.source, lesson.layers, {}, 3))
    before = worker.answer(Run(2, lesson.inputs))
    assert isinstance(worker.answer(lesson.request()), Trained)
    after = worker.answer(Run(3, lesson.inputs))
    assert isinstance(before, Trace)
    assert isinstance(after, Trace)
    numpy.testing.assert_array_equal(before.arrays["memory/state/c"], after.arrays["memory/state/c"])


def test_that_outputs_of_a_layer_that_is_called_twice_are_told_apart_by_their_boxes() -> None:
    build = [
        "one = keras.Input((None, 3), name='one')",
        "other = keras.Input((None, 3), name='other')",
        "memory = layers.LSTM(2, name='memory')",
        "return keras.Model([one, other], [memory(one), memory(other)])",
    ]
    plan = (
        planned("one", "Input"),
        planned("other", "Input"),
        LSTM,
        PlannedLayer("#again", "again", "LSTM", shares="#memory"),
    )
    inputs = {"one": series(), "other": -series()}
    targets = {"memory": numbers(SAMPLES, 2), "again": numbers(SAMPLES, 2, seed=9)}
    lesson = taught(build, "optimizer='adam', loss=['mean_squared_error', 'mse']", plan, inputs, targets)
    request = lesson.request(epochs=1)
    swapped = lesson.request(epochs=1, targets={"memory": targets["again"], "again": targets["memory"]})
    assert course(request).epochs[-1].logs != course(swapped).epochs[-1].logs
    keras = fitted(request, outputs=("memory", "again"))
    assert_same(course(request), keras)
