"""A workspace without an engine for views: the test gives traces, and answers what views ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import Design, Layer, Link
from rnn_designer.messages import Analysis, Trace
from rnn_designer.sequences import Fitted
from rnn_designer.session.analyses import Question
from rnn_designer.session.checks import Checks
from rnn_designer.session.document import Document
from rnn_designer.session.engine_process import EngineState
from rnn_designer.session.live_status import LiveStatus
from rnn_designer.session.playback import Playback

STEPS, SAMPLES, UNITS = 40, 3, 6


class HandLive(QObject):
    traced = Signal(object)
    cleared = Signal()
    built = Signal(object)
    stale_changed = Signal(bool)
    status_changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.trace: Trace | None = None
        self.stale, self.enabled, self.status = False, True, LiveStatus("")
        self.weights: dict[str, Any] = {}


class HandEngine(QObject):
    state_changed = Signal(object)
    state, reason, last_end = EngineState.READY, "", ""


class HandAnalyses(QObject):
    """Answers with what the test gives for a question, at once or when it says so."""

    answered = Signal(str, str)
    progressed = Signal(str, str, str)
    outdated = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Question] = []
        self.know: Callable[[Question], Analysis | None] = lambda _: None
        self.refusal = ""
        self.dropped: list[tuple[str, str]] = []

    def drop(self, kind: str, layer_id: str) -> None:
        self.dropped.append((kind, layer_id))

    def answer(self, question: Question) -> Analysis | None:
        self.asked.append(question)
        return None if self.refusal else self.know(question)

    def reason(self, _question: Question) -> str:
        return self.refusal


class HandSamples:
    """What the Inputs read, as the test gives it."""

    def __init__(self) -> None:
        self.given: dict[str, Fitted] = {}

    def fitted(self, input_id: str) -> Fitted | None:
        return self.given.get(input_id)


class HandWorkspace(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.document = Document(
            Design(
                "memory",
                (
                    Layer("in", "Input", "series", FrozenMap({"shape": (None, 2)})),
                    Layer("mem", "LSTM", "memory", FrozenMap({"units": UNITS, "return_sequences": True})),
                    Layer(
                        "bi",
                        "Bidirectional",
                        "both",
                        children=(Layer("gru", "GRU", "gru", FrozenMap({"units": 4})),),
                    ),
                    Layer("den", "Dense", "out", FrozenMap({"units": 2})),
                ),
                (Link("in", "mem"), Link("mem", "bi"), Link("bi", "den")),
            )
        )
        self.checks = Checks(self.document, self)
        self.playback = Playback(self)
        self.engine, self.live, self.analyses = HandEngine(), HandLive(), HandAnalyses()
        self.samples = HandSamples()

    def give(self, trace: Trace) -> None:
        self.live.trace = trace
        self.playback.set_extent(STEPS, SAMPLES)
        self.live.traced.emit(trace)
