"""Questions about the last run that only the engine can answer, asked by views and kept until the next run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from rnn_designer.messages import Analyse, Analysis, Cancel, Failure, Message, Progress
from rnn_designer.session.engine_process import EngineProcess, EngineState
from rnn_designer.session.live_run import LiveRun

if TYPE_CHECKING:
    from rnn_designer.messages import Array

_KEPT = 64
"""How many answers are kept of one run."""


@dataclass(frozen=True, eq=False)
class Question:
    """What is asked: an analysis by its name (``engine.analyses``), the layer, settings and further numbers."""

    kind: str
    layer: str
    options: Mapping[str, float] = field(default_factory=dict)
    arrays: Mapping[str, Array] = field(default_factory=dict)

    @property
    def key(self) -> tuple[object, ...]:
        """Two questions with the same key have the same answer; arrays are compared by identity."""
        numbers = tuple(sorted(self.options.items()))
        return (
            self.kind,
            self.layer,
            numbers,
            tuple((name, id(each)) for name, each in self.arrays.items()),
        )


class Analyses(QObject):
    """Asks each question once per run; a question of the same kind about the same layer replaces one under way.

    Signals:
        answered(kind, layer_id): there is an answer now, or a reason for there being none.
        progressed(kind, layer_id, words): a question that takes long is being worked on; how far it is, in words.
        outdated(): there was another run, so that every answer is of the past; whoever shows one asks again.
    """

    answered = Signal(str, str)
    progressed = Signal(str, str, str)
    outdated = Signal()

    def __init__(self, engine: EngineProcess, live: LiveRun, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._live = live
        self._answers: dict[tuple[object, ...], Analysis] = {}
        self._reasons: dict[tuple[object, ...], str] = {}
        self._asked: dict[int, Question] = {}
        engine.received.connect(self._take)
        engine.state_changed.connect(self._engine_changed)
        live.traced.connect(self._forget)
        live.cleared.connect(self._forget)

    def answer(self, question: Question) -> Analysis | None:
        """The answer for the last run if it is known; otherwise ask for it, and tell when it has come."""
        known = self._answers.get(question.key)
        if known is None and question.key not in self._reasons:
            self._ask(question)
        return known

    def reason(self, question: Question) -> str:
        """Why there is no answer, as a sentence; empty while it is on its way or there."""
        return self._reasons.get(question.key, "")

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self._asked)

    def drop(self, kind: str, layer_id: str) -> None:
        """Stop working on a question of this kind, if one is under way: nobody waits for the answer any more."""
        for run, each in list(self._asked.items()):
            if (each.kind, each.layer) == (kind, layer_id):
                del self._asked[run]
                self._engine.send(Cancel(run))

    def _ask(self, question: Question) -> None:
        if self._live.trace is None or self._live.stale or self._engine.state not in _AWAKE:
            return  # It is asked again after the next run.
        if any(each.key == question.key for each in self._asked.values()):
            return
        run = self._engine.next_run()
        if self._engine.send(Analyse(run, question.kind, question.layer, question.options, question.arrays)):
            for other, each in list(self._asked.items()):
                if (each.kind, each.layer) == (question.kind, question.layer):
                    del self._asked[other]
            self._asked[run] = question

    def _take(self, message: Message) -> None:
        if isinstance(message, Progress) and message.run in self._asked:
            under_way = self._asked[message.run]
            share = "" if message.fraction is None else f" ({message.fraction:.0%})"
            self.progressed.emit(under_way.kind, under_way.layer, f"{message.text}{share}")
        if not isinstance(message, Analysis | Failure):
            return
        question = self._asked.pop(message.run, None)
        if question is None:
            return
        if isinstance(message, Analysis):
            self._answers[question.key] = message
            while len(self._answers) > _KEPT:
                del self._answers[next(iter(self._answers))]
        elif not message.sentence.startswith("Cancelled"):
            self._reasons[question.key] = message.sentence
        self.answered.emit(question.kind, question.layer)

    def _forget(self, *_: object) -> None:
        self._answers.clear()
        self._reasons.clear()
        self._asked.clear()
        self.outdated.emit()

    def _engine_changed(self, state: EngineState) -> None:
        if state not in _AWAKE:
            self._asked.clear()


_AWAKE = (EngineState.READY, EngineState.BUSY)
