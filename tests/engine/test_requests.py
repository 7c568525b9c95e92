"""The newest request wins, and every request is answered once."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from rnn_designer.engine.requests import Cancelled, Requests
from rnn_designer.messages import Build, Cancel, Failure, Run, SaveWeights


def build(run: int) -> Build:
    return Build(run, "", (), {}, 0)


def order(requests: Requests, count: int) -> list[tuple[type[Any], int]]:
    entries = [requests.get() for _ in range(count)]
    return [(type(entry), entry.run) for entry in entries]


def test_that_a_build_replaces_every_build_and_run_that_waits() -> None:
    requests = Requests()
    for message in (build(1), Run(1, {}), build(2), Run(2, {})):
        requests.put(message)
    assert order(requests, 4) == [(Failure, 1), (Failure, 1), (Build, 2), (Run, 2)]


def test_that_a_run_replaces_runs_but_not_the_build_before_it() -> None:
    requests = Requests()
    for message in (build(1), Run(1, {}), Run(2, {}), Run(3, {})):
        requests.put(message)
    assert order(requests, 4) == [(Build, 1), (Failure, 1), (Failure, 2), (Run, 3)]


def test_that_nothing_in_front_of_a_save_is_replaced() -> None:
    requests = Requests()
    for message in (build(1), SaveWeights(1), build(2), Run(2, {}), build(3)):
        requests.put(message)
    assert order(requests, 5) == [(Build, 1), (SaveWeights, 1), (Failure, 2), (Failure, 2), (Build, 3)]


def test_that_a_cancelled_request_is_answered_with_a_sentence() -> None:
    requests = Requests()
    requests.put(build(1))
    requests.put(Run(1, {}))
    requests.put(Cancel(1))
    for _ in range(2):
        answer = requests.get()
        assert isinstance(answer, Failure)
        assert answer.sentence.startswith("Cancelled")


@pytest.mark.parametrize(
    ("current", "newer", "stops"),
    [
        (build(1), build(2), True),
        (build(1), Run(2, {}), False),
        (build(1), SaveWeights(2), False),
        (build(1), Cancel(1), True),
        (build(1), Cancel(2), False),
        (Run(1, {}), Run(2, {}), True),
        (Run(1, {}), build(2), True),
        (SaveWeights(1), build(2), False),
        (SaveWeights(1), Cancel(1), True),
    ],
)
def test_that_the_work_in_progress_stops_when_it_is_replaced(current: Any, newer: Any, stops: bool) -> None:
    requests = Requests()
    requests.put(current)
    assert requests.get() == current
    requests.checkpoint()
    requests.put(newer)
    if stops:
        with pytest.raises(Cancelled):
            requests.checkpoint()
    else:
        requests.checkpoint()


def test_that_a_cancel_stops_nothing_that_starts_later() -> None:
    requests = Requests()
    requests.put(Cancel(1))
    requests.put(build(1))
    assert isinstance(requests.get(), Build)
    requests.checkpoint()


def test_that_the_working_thread_wakes_when_a_request_comes() -> None:
    requests, got = Requests(), []
    thread = threading.Thread(target=lambda: got.append(requests.get()))
    thread.start()
    requests.put(build(7))
    thread.join(timeout=30)
    assert [entry.run for entry in got] == [7]
