"""How soon everything shows what a dragged point of the input does, with a real engine."""

import time
from collections.abc import Iterator
from itertools import cycle

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPointF
from PySide6.QtWidgets import QApplication
from pytest_benchmark.fixture import BenchmarkFixture
from pytestqt.qtbot import QtBot

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import Design, Layer, Link
from rnn_designer.sequences import shape_of, values_of
from rnn_designer.session import Workspace
from rnn_designer.ui.data.feeding import feed_typed
from rnn_designer.ui.scopes import Scopes
from rnn_designer.ui.selection import Selection

UNITS, STEPS = 64, 200
LIMIT = 0.150
"""Seconds: three times the 50 ms that are meant, because the machine may be busy. Measured: 25 to 36 ms."""
PATIENCE = 120_000


@pytest.fixture
def workspace(qapp: QApplication, qtbot: QtBot) -> Iterator[Workspace]:
    """An LSTM over one typed series, traced by a real engine."""
    made = Workspace()
    layers = (
        Layer("x", "Input", "series", FrozenMap(shape=(None, 1))),
        Layer("m", "LSTM", "memory", FrozenMap(units=UNITS, return_sequences=True)),
        Layer("y", "Dense", "guess", FrozenMap(units=1)),
    )
    made.show(Design("dragged", layers, (Link("x", "m"), Link("m", "y"))))
    wave = values_of(np.sin(np.arange(STEPS, dtype="float32") / 9)[None, :, None])
    layer = made.document.design.find("x")
    assert layer is not None
    made.document.apply(feed_typed(layer, made.samples.source("x"), wave, shape_of(wave), fit=True), "Type")
    made.start()
    qtbot.waitUntil(lambda: made.live.trace is not None and not made.live.stale, timeout=PATIENCE)
    yield made
    made.close()
    made.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def scopes(workspace: Workspace, qtbot: QtBot) -> Iterator[list[Scopes]]:
    """Scopes of all three layers, on screen."""
    selection = Selection()
    panels = [Scopes(workspace, selection, only=each) for each in ("m", "x", "y")]
    for panel in panels:
        panel.resize(640, 300)
        with qtbot.waitExposed(panel):
            panel.show()
    QCoreApplication.processEvents()
    yield panels
    for panel in panels:
        panel.close()
        panel.deleteLater()
    selection.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def test_that_a_dragged_point_shows_everywhere_within_fifty_milliseconds(
    workspace: Workspace, scopes: list[Scopes], benchmark: BenchmarkFixture
) -> None:
    plot = scopes[0].plot
    frame = plot.frame_now()
    assert frame.series is not None
    start = next(
        QPointF(frame.x(100), y)
        for y in np.arange(frame.series.top(), frame.series.bottom(), 0.5).tolist()
        if plot.hint(QPointF(frame.x(100), y))
    )
    plot.point_pressed.emit(start)
    places = cycle(start + QPointF(0, by) for by in (2, 5, 9, 4, 7, 1))

    def dragged() -> None:
        """Move the mouse, and wait until all scopes have painted what the engine made of it."""
        before = workspace.live.trace
        plot.point_dragged.emit(next(places))
        deadline = time.monotonic() + PATIENCE / 1000
        while workspace.live.trace is before or workspace.live.stale:
            QCoreApplication.processEvents()
            assert time.monotonic() < deadline
        QCoreApplication.processEvents()

    for _ in range(10):
        dragged()
    value = float(plot.picture.series.values[100, 0]) if plot.picture and plot.picture.series else None
    dragged()
    assert plot.picture is not None
    assert plot.picture.series is not None
    assert float(plot.picture.series.values[100, 0]) != value
    benchmark.pedantic(dragged, rounds=25)
    plot.point_left.emit(True)
    taken = sorted(benchmark.stats.stats.data) if benchmark.stats else []
    assert not taken or taken[len(taken) // 2] < LIMIT
