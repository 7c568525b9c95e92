"""A workspace without an engine for the scopes: its trace, its staleness and its troubles are set by hand."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hand_training import give_training
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Signal
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import DataSource, Design, Layer, Link
from rnn_designer.messages import Trace
from rnn_designer.session.checks import Checks
from rnn_designer.session.document import Document
from rnn_designer.session.engine_process import EngineState
from rnn_designer.session.holds import Holds
from rnn_designer.session.live_status import LiveStatus
from rnn_designer.session.playback import Playback
from rnn_designer.session.training_mode import TrainingMode
from rnn_designer.ui.selection import Selection

STEPS, SAMPLES, UNITS = 60, 3, 12


class HandLive(QObject):
    """Stands in for LiveRun: every property is set by the test."""

    traced = Signal(object)
    cleared = Signal()
    built = Signal(object)
    failed = Signal(object)
    status_changed = Signal(object)
    stale_changed = Signal(bool)
    enabled_changed = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.training = TrainingMode(self)
        self.holds = Holds(self)
        self.trace: Trace | None = None
        self.stale = False
        self.status = LiveStatus("")
        self.enabled = True
        self.weights: dict[str, Any] = {}

    def set_enabled(self, enabled: bool) -> None:
        self.enabled = enabled
        self.enabled_changed.emit(enabled)


class HandEngine(QObject):
    """Stands in for EngineProcess."""

    state_changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.state = EngineState.READY
        self.reason = ""
        self.last_end = ""


class HandAnalyses(QObject):
    """Stands in for Analyses: it never knows an answer."""

    answered = Signal(str, str)
    progressed = Signal(str, str, str)
    outdated = Signal()

    def answer(self, _question: object) -> None:
        return None

    def reason(self, _question: object) -> str:
        return ""

    def drop(self, _kind: str, _layer_id: str) -> None:
        """Nothing is under way."""


class HandSamples:
    """Stands in for SampleStore: the arrays that an Input is fed, by its id."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self.arrays_by_id: dict[str, Any] = {}

    def array(self, input_id: str) -> Any:
        return self.arrays_by_id.get(input_id)

    def source(self, input_id: str) -> DataSource:
        return self._document.design.source_of(input_id) or DataSource(kind="sine")


class HandWorkspace(QObject):
    """Real document, checks and playback; live and engine by hand."""

    def __init__(self, design: Design) -> None:
        super().__init__()
        self.document = Document(design)
        self.checks = Checks(self.document, self)
        self.playback = Playback(self)
        self.engine = HandEngine()
        self.live = HandLive()
        self.analyses = HandAnalyses()
        self.samples = HandSamples(self.document)
        give_training(self)

    def give(self, trace: Trace | None, steps: int = STEPS, samples: int = SAMPLES) -> None:
        """Have a run finish with this trace."""
        self.live.trace = trace
        self.live.stale = False
        if trace is None:
            self.playback.set_extent(0, 0)
            self.live.cleared.emit()
        else:
            self.playback.set_extent(steps, samples)
            self.live.traced.emit(trace)


@dataclass
class Bench:
    """What a test of a panel needs."""

    workspace: Any
    selection: Selection
    widgets: list[QWidget]
    qtbot: QtBot

    def show(self, widget: QWidget, width: int = 900, height: int = 300) -> None:
        """Show a panel; it is closed after the test."""
        self.widgets.append(widget)
        widget.resize(width, height)
        with self.qtbot.waitExposed(widget):
            widget.show()


def sunspot_design() -> Design:
    """Input, LSTM, Bidirectional GRU that gives its last output, Dense."""
    return Design(
        "sunspots",
        (
            Layer("in", "Input", "sunspots", FrozenMap({"shape": (None, 1)})),
            Layer("mem", "LSTM", "memory", FrozenMap({"units": UNITS, "return_sequences": True})),
            Layer(
                "bi",
                "Bidirectional",
                "reader",
                children=(Layer("gru", "GRU", "gru", FrozenMap({"units": 4})),),
            ),
            Layer("den", "Dense", "next_value", FrozenMap({"units": 5})),
        ),
        (Link("in", "mem"), Link("mem", "bi"), Link("bi", "den")),
    )


def sunspot_trace(*, steps: int = STEPS, units: int = UNITS, run: int = 1) -> Trace:
    """Waves for every layer of :func:`sunspot_design`; unit k peaks later than unit k - 1."""
    time = np.arange(steps, dtype=np.float32)[None, :, None]
    unit = np.arange(units, dtype=np.float32)[None, None, :]
    sample = np.arange(SAMPLES, dtype=np.float32)[:, None, None]
    # Later units peak later and are livelier.
    hidden = (0.2 + unit / units) * np.exp(-(((time - unit * steps / units) / 6) ** 2)) * (1 - 0.1 * sample)
    hidden = hidden.astype(np.float32)
    gate = (0.5 + 0.4 * np.sin(time / 5 + unit)).astype(np.float32).repeat(SAMPLES, axis=0)
    inner = hidden[:, :, :4]
    arrays: dict[str, Any] = {
        "sunspots/input": np.sin(time / 9 + sample).astype(np.float32),
        "memory/result": hidden,
        "memory/output": hidden,
        "memory/state/h": hidden,
        "memory/state/c": 2 * hidden,
        "memory/gate/input": gate,
        "memory/gate/forget": gate,
        "memory/gate/candidate": np.tanh(hidden - 0.5),
        "memory/gate/output": gate,
        "reader/result": np.linspace(-1, 1, SAMPLES * 8, dtype=np.float32).reshape(SAMPLES, 8),
        "next_value/result": np.linspace(-0.5, 1, SAMPLES * 5, dtype=np.float32).reshape(SAMPLES, 5),
    }
    for direction in ("forward", "backward"):
        for name in ("output", "state/h", "gate/update", "gate/reset", "gate/candidate"):
            arrays[f"reader/{direction}/{name}"] = inner
    layers = {"in": "sunspots", "mem": "memory", "bi": "reader", "gru": "reader/forward", "den": "next_value"}
    return Trace(run, arrays, layers, 0.004)


@pytest.fixture
def trace() -> Trace:
    return sunspot_trace()


@pytest.fixture
def bench(qapp: QApplication, qtbot: QtBot) -> Iterator[Bench]:
    made = Bench(HandWorkspace(sunspot_design()), Selection(), [], qtbot)
    yield made
    for widget in made.widgets:
        widget.close()
        widget.deleteLater()
    made.workspace.playback.pause()
    made.workspace.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
