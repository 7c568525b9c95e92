"""A training in a worker process, steered through its pipe."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import numpy
import pytest
from lessons_kept import course, one_layer, planned
from worker_process import Process

from rnn_designer.messages import (
    Build,
    Built,
    Cancel,
    Evaluate,
    Evaluated,
    Failure,
    Hello,
    Message,
    Run,
    Steer,
    Trace,
    Trained,
    TrainEpoch,
    TrainStep,
)


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Process]:
    process = Process(tmp_path)
    with contextlib.closing(process):
        assert isinstance(process.receive(), Hello)
        yield process


def until(worker: Process, kind: type[Message]) -> tuple[Message, list[TrainEpoch]]:
    """The next message of that kind, and the epochs that were told before it."""
    epochs = []
    while not isinstance(message := worker.receive(), kind):
        assert isinstance(message, TrainStep | TrainEpoch), message
        if isinstance(message, TrainEpoch):
            epochs.append(message)
    return message, epochs


def test_that_a_process_trains_as_it_is_steered_and_goes_on_after_it_was_killed(
    worker: Process, tmp_path: Path
) -> None:
    lesson = one_layer("layers.LSTM(4, dropout=0.2, name='memory')", planned("memory", "LSTM"))
    # The model for live runs is there before, between and after.
    worker.send(Build(1, lesson.source, lesson.layers, {}, 3))
    assert isinstance(worker.receive(), Built)
    request = lesson.request(paused=True, epochs=3)
    worker.send(request)
    paused, _ = until(worker, TrainStep)
    assert isinstance(paused, TrainStep)
    assert (paused.paused, paused.batch) == (True, 0)
    worker.send(Steer(1, "step"))
    paused, _ = until(worker, TrainStep)
    while not paused.paused:
        paused, _ = until(worker, TrainStep)
    assert paused.batch == 1
    worker.send(Steer(1, "continue"))
    ended, epochs = until(worker, Trained)
    assert isinstance(ended, Trained)
    assert ended.reason == "finished"
    worker.send(Run(2, lesson.inputs))
    assert isinstance(worker.receive(), Trace)

    worker.send(lesson.request(paused=True))
    until(worker, TrainStep)
    worker.send(Steer(1, "stop"))
    ended, _ = until(worker, Trained)
    assert (ended.reason, ended.epoch) == ("stopped", 0)
    worker.send(lesson.request(paused=True))
    until(worker, TrainStep)
    worker.send(Cancel(1))
    cancelled, _ = until(worker, Failure)
    assert cancelled.sentence.startswith("Cancelled")
    worker.send(
        Evaluate(5, lesson.source, lesson.layers, {}, 3, epochs[-1].weights, lesson.inputs, lesson.targets)
    )
    found = worker.receive()
    assert isinstance(found, Evaluated)
    assert found.predictions["dense"].shape == (11, 1)

    # Killed after an epoch: what was told of it is enough to go on elsewhere.
    worker.close()
    kept = epochs[0]
    again = course(lesson.request(epochs=3, weights=kept.weights, state=kept.state, first_epoch=kept.epoch))
    for key, array in again.epochs[-1].weights.items():
        numpy.testing.assert_allclose(array, epochs[-1].weights[key], atol=1e-6, rtol=1e-6)
