"""Questions about the last run: asked once, told how far they are, dropped when nobody waits any more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from rnn_designer.messages import Analyse, Analysis, Cancel, Failure, Message, Progress, Trace
from rnn_designer.session.analyses import Analyses, Question
from rnn_designer.session.engine_process import EngineState


class Engine(QObject):
    received = Signal(object)
    state_changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.state = EngineState.READY
        self.sent: list[Message] = []
        self._runs = 0

    def next_run(self) -> int:
        self._runs += 1
        return self._runs

    def send(self, message: Message) -> bool:
        self.sent.append(message)
        return True


class Live(QObject):
    traced = Signal(object)
    cleared = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.trace: Trace | None = Trace(1, {}, {}, 0.0)
        self.stale = False


class Asked:
    """An Analyses with an engine by hand, and what it told."""

    def __init__(self) -> None:
        self.engine, self.live = Engine(), Live()
        engine: Any = self.engine
        live: Any = self.live
        self.analyses = Analyses(engine, live)
        self.told: list[tuple[str, str, str]] = []
        self.answered: list[tuple[str, str]] = []
        self.analyses.progressed.connect(lambda *each: self.told.append(each))
        self.analyses.answered.connect(lambda *each: self.answered.append(each))


@pytest.fixture
def asked(qapp: QApplication) -> Iterator[Asked]:
    made = Asked()
    yield made
    for each in (made.analyses, made.engine, made.live):
        each.deleteLater()


POINTS = Question("fixed_points", "a1", {"input": 1.0})


def test_that_progress_is_told_only_of_questions_under_way(asked: Asked) -> None:
    assert asked.analyses.answer(POINTS) is None
    (request,) = asked.engine.sent
    assert isinstance(request, Analyse)
    asked.engine.received.emit(Progress(request.run, 0.25, "Looking"))
    asked.engine.received.emit(Progress(request.run + 7, 0.5, "Building"))
    asked.engine.received.emit(Progress(request.run, None, "Nearly"))
    assert asked.told == [("fixed_points", "a1", "Looking (25%)"), ("fixed_points", "a1", "Nearly")]
    assert not asked.answered
    answer = Analysis(request.run, "fixed_points", "a1", {}, {}, 0.1)
    asked.engine.received.emit(answer)
    assert asked.analyses.answer(POINTS) is answer
    assert len(asked.engine.sent) == 1


def test_that_a_dropped_question_is_cancelled_and_asked_anew_when_it_is_wanted_again(asked: Asked) -> None:
    other = Question("trajectory", "a1")
    asked.analyses.answer(POINTS)
    asked.analyses.answer(other)
    first = asked.engine.sent[0]
    assert isinstance(first, Analyse)
    asked.analyses.drop("fixed_points", "a1")
    assert asked.engine.sent[2:] == [Cancel(first.run)]
    asked.engine.received.emit(Failure(first.run, "Cancelled."))
    assert not asked.answered
    assert asked.analyses.reason(POINTS) == ""
    asked.analyses.drop("fixed_points", "a1")
    assert len(asked.engine.sent) == 3
    asked.analyses.answer(POINTS)
    again = asked.engine.sent[3]
    assert isinstance(again, Analyse)
    assert again.run not in (first.run, 2)
