"""A training is paused, stepped, stopped and taken up again, and learns what it would have learnt without that."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy
import pytest
from lessons_kept import SAMPLES, Course, Taught, course, numbers, one_layer, planned, series, taught

from rnn_designer.engine.failures import Refused
from rnn_designer.engine.learning.steering import Steering, Stopped
from rnn_designer.engine.requests import Cancelled, Requests
from rnn_designer.messages import Build, Cancel, Failure, Steer, Train

LSTM = planned("memory", "LSTM")


def said(words: Sequence[str]) -> Callable[[bool], str | None]:
    """A user who says the next word whenever the training waits."""
    rest = list(words)
    return lambda wait: rest.pop(0) if wait else None


def interrupted(polls: int, word: str) -> Callable[[bool], str | None]:
    """A user who says one word at the poll of that number."""
    count = iter(range(10_000))
    return lambda _wait: word if next(count) == polls else None


def pauses(found: Course) -> list[tuple[int, int]]:
    return [(step.epoch, step.batch) for step in found.steps if step.paused]


def assert_equal_weights(one: Any, other: Any) -> None:
    assert set(one) == set(other)
    for key, array in one.items():
        numpy.testing.assert_array_equal(array, other[key], err_msg=key)


@pytest.fixture(scope="module")
def lesson() -> Taught:
    expression = "layers.LSTM(4, dropout=0.3, name='memory')"
    compiled = (
        "optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.05, 12)), "
        "loss='mean_squared_error', metrics=['mean_absolute_error']"
    )
    target = numbers(SAMPLES, 1)
    lesson = one_layer(expression, LSTM, compiled=compiled, target=target)
    validation = {"validation_inputs": {"series": series(5)}, "validation_targets": {"dense": target[:5]}}
    return Taught(lesson.source, lesson.layers, lesson.inputs, lesson.targets, {**validation, "epochs": 4})


@pytest.fixture(scope="module")
def straight(lesson: Taught) -> Course:
    return course(lesson.request())


def test_that_pauses_and_single_batches_change_nothing_that_is_learnt(
    lesson: Taught, straight: Course
) -> None:
    # Three batches make an epoch: the fourth begins the second one.
    words = ["step", "step", "step", "step", "pause", "continue"]
    found = course(lesson.request(paused=True), said(words))
    assert pauses(found) == [(1, 0), (1, 1), (1, 2), (2, 0), (2, 1)]
    assert all(step.weights for step in found.steps if step.paused)
    assert not found.steps[0].logs
    assert found.end == straight.end
    assert_equal_weights(found.epochs[-1].weights, straight.epochs[-1].weights)


def test_that_every_batch_is_on_the_curves_once_whenever_steps_were_told(straight: Course) -> None:
    for name in ("loss", "norm"):
        told = numpy.concatenate([step.curves[name] for step in straight.steps if step.curves])
        assert told.shape == (12,)
        assert numpy.isfinite(told).all()
    assert [epoch.epoch for epoch in straight.epochs] == [0, 1, 2, 3, 4]
    assert set(straight.epochs[0].logs) == {"val_loss", "val_mean_absolute_error"}
    assert set(straight.epochs[1].logs) == {"loss", "mean_absolute_error", *straight.epochs[0].logs}
    assert 0 < straight.steps[-1].learning_rate < straight.steps[0].learning_rate == pytest.approx(0.05)


@pytest.mark.parametrize("polls", [1, 2, 3, 4, 7], ids=lambda polls: f"poll {polls}")
def test_that_a_stop_ends_it_between_batches_with_what_was_reached(lesson: Taught, polls: int) -> None:
    found = course(lesson.request(), interrupted(polls, "stop"))
    assert found.end.reason == "stopped"
    # Even the untrained model may not have been measured to its end yet.
    assert found.end.epoch == max((epoch.epoch for epoch in found.epochs), default=0)
    assert "remains" in found.end.sentence
    assert found.steps[-1].weights


def test_that_weights_are_told_as_often_as_wanted(lesson: Taught) -> None:
    found = course(lesson.request(every=1e-9, epochs=1))
    assert found.steps
    assert all(step.weights for step in found.steps[:1])
    assert not any(step.weights for step in course(lesson.request(every=0.0, epochs=1)).steps)


def test_that_a_training_taken_up_again_gives_exactly_what_an_uninterrupted_one_gives(
    lesson: Taught, straight: Course
) -> None:
    before = straight.epochs[2]
    again = course(lesson.request(weights=before.weights, state=before.state, first_epoch=2))
    assert [epoch.epoch for epoch in again.epochs] == [3, 4]
    for mine, other in zip(again.epochs, straight.epochs[3:], strict=True):
        assert mine.logs == other.logs
        assert mine.norms == other.norms
        assert_equal_weights(mine.weights, other.weights)
        assert_equal_weights(mine.state, other.state)


def test_that_states_carried_from_batch_to_batch_are_taken_up_too() -> None:
    build = [
        "series = keras.Input((None, 3), batch_size=4, name='series')",
        "x = layers.GRU(3, stateful=True, name='memory')(series)",
        "return keras.Model(series, layers.Dense(1, name='dense')(x))",
    ]
    plan = (planned("series", "Input"), planned("memory", "GRU"), planned("dense", "Dense"))
    compiled = "optimizer='adam', loss='mean_squared_error'"
    lesson = taught(build, compiled, plan, {"series": series(8)}, {"dense": numbers(8, 1)})
    straight = course(lesson.request())
    before = straight.epochs[1]
    assert any("carried" in key and array.any() for key, array in before.state.items())
    again = course(lesson.request(weights=before.weights, state=before.state, first_epoch=1))
    assert_equal_weights(again.epochs[-1].weights, straight.epochs[-1].weights)
    assert again.epochs[-1].logs == straight.epochs[-1].logs


def test_that_the_state_of_another_optimizer_is_refused(lesson: Taught, straight: Course) -> None:
    other = lesson.source.replace("keras.optimizers.Adam(", "keras.optimizers.Adadelta(")
    before = straight.epochs[1]
    with pytest.raises(Refused, match=r"cannot be taken up again: received .*; expected"):
        course(lesson.request(source=other, weights=before.weights, state=before.state, first_epoch=1))


def test_that_the_order_of_the_samples_and_the_dropout_follow_the_seed(
    lesson: Taught, straight: Course
) -> None:
    same = course(lesson.request())
    other = course(lesson.request(order_seed=6))
    assert same.epochs[-1].logs == straight.epochs[-1].logs
    assert other.epochs[-1].logs != straight.epochs[-1].logs


def test_that_what_follows_a_single_batch_belongs_to_it_and_a_pause_holds_that_too() -> None:
    told: list[str] = []
    words = ["step", "continue"]
    steering = Steering(lambda wait: words.pop(0) if wait else None, True, lambda: told.append("pause"))
    steering.before_training_batch()
    steering.before_other_work()
    assert told == ["pause"]
    steering.before_training_batch()
    assert told == ["pause", "pause"]
    assert not words
    script: list[str | None] = ["pause", None, "stop"]
    steering = Steering(lambda _wait: script.pop(0), False, lambda: told.append("held"))
    with pytest.raises(Stopped):
        steering.before_other_work()
    assert told[-1] == "held"


def train(run: int) -> Train:
    return Train(run, "", (), {}, 0, {}, {}, {})


def test_that_a_training_hears_what_is_said_to_it_and_nothing_else() -> None:
    requests = Requests()
    requests.put(Steer(1, "pause"))
    requests.put(train(1))
    requests.put(train(2))
    requests.put(Steer(2, "stop"))
    assert requests.get().run == 1
    assert requests.hear(False) is None
    requests.put(Steer(1, "pause"))
    requests.put(Steer(1, "step"))
    assert [requests.hear(False) for _ in range(3)] == ["pause", "step", None]
    requests.put(Steer(1, "late"))
    assert requests.get().run == 2
    assert requests.hear(True) == "stop"


def test_that_a_paused_training_wakes_up_when_something_is_said_and_when_it_is_cancelled() -> None:
    requests = Requests()
    requests.put(train(1))
    requests.get()
    heard: list[str | None] = []

    def listen() -> None:
        heard.append(requests.hear(True))
        with pytest.raises(Cancelled):
            requests.hear(True)
        heard.append(None)

    listening = threading.Thread(target=listen)
    listening.start()
    requests.put(Steer(1, "continue"))
    while not heard:
        listening.join(0.01)
    requests.put(Cancel(1))
    listening.join()
    assert heard == ["continue", None]


def test_that_a_training_replaces_nothing_and_nothing_replaces_it() -> None:
    requests = Requests()
    requests.put(Build(1, "", (), {}, 0))
    requests.put(train(2))
    requests.put(train(3))
    requests.put(Build(4, "", (), {}, 0))
    entries = [requests.get() for _ in range(4)]
    assert [entry.run for entry in entries] == [1, 2, 3, 4]
    assert [isinstance(entry, Failure) for entry in entries] == [True, False, False, False]
