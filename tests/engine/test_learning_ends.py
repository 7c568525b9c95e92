"""Why a training ends before its last epoch: no more progress, or figures that are numbers no more."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy
import pytest
from lessons_kept import SAMPLES, course, numbers, one_layer, planned, series

from rnn_designer.engine.failures import Refused
from rnn_designer.engine.learning.monitor import Monitor, larger_is_better
from rnn_designer.messages import Train

LSTM = planned("memory", "LSTM")
EXPRESSION = "layers.LSTM(4, name='memory')"
MSE = "loss='mean_squared_error'"


def request(**changes: Any) -> Train:
    return Train(1, "", (), {}, 0, {}, {}, {}, **changes)


def measured(**metrics: str) -> Any:
    """A compiled model that has seen a batch, with these metrics by name."""
    import keras

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(
        loss="mse", metrics=[getattr(keras.metrics, kind)(name=name) for name, kind in metrics.items()]
    )
    model.test_on_batch(numpy.ones((2, 2)), numpy.ones((2, 1)))
    return model


@pytest.fixture(scope="module")
def model() -> Any:
    return measured(mae="MeanAbsoluteError", accuracy="BinaryAccuracy", area="AUC", fit="R2Score")


@pytest.mark.parametrize("figure", ["loss", "val_loss", "val_mae", "accuracy", "val_area", "fit"])
def test_that_progress_is_counted_as_keras_counts_it(model: Any, figure: str) -> None:
    import keras

    draws = numpy.random.default_rng(2)
    for patience, least in ((1, 0.0), (2, 0.05), (3, 0.2)):
        for _ in range(12):
            values = draws.normal(size=25).astype("float32").round(1).tolist()
            callback = keras.callbacks.EarlyStopping(
                figure, patience=patience, min_delta=least, restore_best_weights=True
            )
            callback.set_model(model)
            model.stop_training = False
            callback.on_train_begin()
            monitor = Monitor(
                request(monitor=figure, patience=patience, least_progress=least), model, [figure]
            )
            for number, value in enumerate(values):
                callback.on_epoch_end(number, {figure: value})
                ends = monitor.take(number + 1, {figure: value})
                assert (ends, monitor.best_epoch) == (model.stop_training, callback.best_epoch + 1)
                if ends:
                    break


def test_that_progress_is_counted_on_when_training_is_taken_up_again(model: Any) -> None:
    values = [3.0, 2.0, 2.5, 2.6, 2.7, 1.0]
    for split in range(1, 5):
        whole = Monitor(request(monitor="loss", patience=3), model, ["loss"])
        ends = [whole.take(number, {"loss": value}) for number, value in enumerate(values[:5], 1)]
        assert ends.index(True) == 4
        first = Monitor(request(monitor="loss", patience=3), model, ["loss"])
        for number, value in enumerate(values[:split], 1):
            first.take(number, {"loss": value})
        changes = {"best": min(values[:split]), "best_epoch": first.best_epoch, "first_epoch": split}
        second = Monitor(request(monitor="loss", patience=3, **changes), model, ["loss"])
        rest = [second.take(number, {"loss": values[number - 1]}) for number in range(split + 1, 6)]
        assert [False] * split + rest == ends
        assert second.best_epoch == whole.best_epoch


def test_that_without_a_figure_to_watch_the_last_epoch_is_the_best_and_nothing_ends_early(model: Any) -> None:
    monitor = Monitor(request(patience=1), model, ["loss"])
    assert not any(monitor.take(epoch, {"loss": 1.0}) for epoch in range(1, 5))
    assert monitor.best_epoch == 4


def test_that_without_validation_samples_the_figure_of_the_training_samples_is_watched(model: Any) -> None:
    assert Monitor(request(monitor="val_mae"), model, ["loss", "mae"]).figure == "mae"
    with pytest.raises(Refused, match="The figure to watch is “val_f1”; expected one of “loss”"):
        Monitor(request(monitor="val_f1"), model, ["loss"])


def test_that_a_figure_of_one_of_several_outputs_has_the_direction_of_its_metric() -> None:
    parts = [("accuracy", "up"), ("top_accuracy", "down"), ("error", None)]
    held = [SimpleNamespace(name=name, _direction=direction) for name, direction in parts]
    model = SimpleNamespace(metrics=[SimpleNamespace(name="loss"), SimpleNamespace(name="all", metrics=held)])
    assert larger_is_better(model, "val_kind_accuracy")
    assert not larger_is_better(model, "kind_top_accuracy")
    assert larger_is_better(model, "val_accuracy_12")
    assert not larger_is_better(model, "error")
    assert not larger_is_better(model, "kind_loss")


def test_that_training_ends_early_after_its_patience_and_says_which_epoch_was_the_best() -> None:
    # A learning rate of nothing: the first epoch stays the best.
    lesson = one_layer(EXPRESSION, LSTM, compiled=f"optimizer=keras.optimizers.SGD(0.0), {MSE}")
    validation = {"validation_inputs": lesson.inputs, "validation_targets": lesson.targets}
    found = course(lesson.request(epochs=9, monitor="val_loss", patience=2, **validation))
    assert found.end.reason == "early"
    assert (found.end.epoch, found.end.best_epoch) == (3, 1)
    assert [epoch.best_epoch for epoch in found.epochs] == [0, 1, 1, 1]
    assert "“val_loss” has made no progress for 2 epochs; epoch 1 was the best" in found.end.sentence


def test_that_a_loss_that_is_no_number_ends_it_at_once_and_the_epoch_before_remains() -> None:
    lesson = one_layer(
        "layers.SimpleRNN(4, activation='relu', name='memory')",
        planned("memory", "SimpleRNN"),
        compiled=f"optimizer=keras.optimizers.SGD(1e6), {MSE}",
    )
    found = course(lesson.request(epochs=50))
    assert found.end.reason == "not_a_number"
    assert found.end.epoch == found.epochs[-1].epoch
    assert all(numpy.isfinite(array).all() for array in found.epochs[-1].weights.values())
    for words in (
        "not a number in batch",
        "of epoch",
        "ower the learning rate, now 1e+06",
        "clip the gradients",
    ):
        assert words in found.end.sentence
    assert "remains" in found.end.sentence
    last = found.steps[-1]
    # What is no number is on the curve, and among no figures that could not be carried.
    assert not numpy.isfinite([*last.curves["loss"], *last.curves["norm"]]).all()
    assert all(numpy.isfinite(value) for value in (*last.logs.values(), *last.norms.values()))


def test_that_a_sample_that_holds_no_number_is_named() -> None:
    inputs = series()
    inputs[7, 2, 1] = numpy.nan
    lesson = one_layer(EXPRESSION, LSTM)
    found = course(lesson.request(inputs={"series": inputs}, shuffle=False))
    assert (found.end.reason, found.end.epoch) == ("not_a_number", 0)
    assert "batch 2 of epoch 1: sample 7 of series holds NaN" in found.end.sentence
    target = numbers(SAMPLES, 1)
    target[3] = numpy.inf
    found = course(lesson.request(targets={"dense": target}))
    assert "sample 3 of the targets of dense holds NaN or infinity" in found.end.sentence


def test_that_validation_samples_that_hold_no_number_are_found_before_training() -> None:
    lesson = one_layer(EXPRESSION, LSTM)
    inputs = series()
    inputs[2, 0, 0] = numpy.inf
    validation = {"validation_inputs": {"series": inputs}, "validation_targets": lesson.targets}
    found = course(lesson.request(**validation))
    assert found.end.reason == "not_a_number"
    assert "Nothing was trained: among the validation samples, sample 2 of series" in found.end.sentence
    assert not found.epochs


def test_that_half_numbers_are_trained_and_blamed_when_they_overflow() -> None:
    # One step from finite numbers to a weight beyond what float16 holds.
    lesson = one_layer(
        "layers.LSTM(4, dtype='float16', name='memory')",
        LSTM,
        compiled=f"optimizer=keras.optimizers.SGD(0.01), {MSE}",
    )
    found = course(lesson.request())
    assert found.end.reason == "finished"
    assert {array.dtype.name for array in found.epochs[-1].weights.values()} == {"float32"}
    broken = course(lesson.request(source=lesson.source.replace("SGD(0.01)", "SGD(1e7)")))
    assert broken.end.reason == "not_a_number"
    assert "float16 holds no value above 65,504" in broken.end.sentence
