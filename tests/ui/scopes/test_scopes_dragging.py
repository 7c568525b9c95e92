"""Dragging a point of the input in a scope: what becomes of the samples, in one undo step; what moves the cursor."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from rnn_designer.design import DataSource
from rnn_designer.ui.scopes import Scopes
from rnn_designer.ui.scopes.dragging import limits

STEP = 14


@pytest.fixture
def samples(trace: Any) -> Any:
    return trace.arrays["sunspots/input"].reshape(3, 60, 1)


@pytest.fixture
def scopes(bench: Any, trace: Any, samples: Any) -> Scopes:
    bench.workspace.samples.arrays_by_id["in"] = samples
    panel = Scopes(bench.workspace, bench.selection)
    bench.show(panel)
    bench.selection.set(["mem"])
    bench.workspace.give(trace)
    return panel


def _point(scopes: Scopes, step: int, value: float) -> QPoint:
    """Where a value of the input is drawn."""
    picture, frame = scopes.plot.picture, scopes.plot.frame_now()
    assert picture is not None
    assert picture.series is not None
    assert frame.series is not None
    strip = frame.series
    low, high = limits(picture.series)
    places = [x for x in range(int(strip.left()), int(strip.right())) if frame.nearest_step(x) == step]
    y = strip.bottom() - 2 - (value - low) / (high - low) * (strip.height() - 4)
    return QPoint(places[len(places) // 2], round(y))


def _press(scopes: Scopes, place: QPoint) -> None:
    QTest.mousePress(scopes.plot, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)


def _move(scopes: Scopes, *places: QPoint) -> None:
    for place in places:
        QTest.mouseMove(scopes.plot, place)


def _release(scopes: Scopes, place: QPoint) -> None:
    QTest.mouseRelease(scopes.plot, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)


def _fed(bench: Any) -> Any:
    source = bench.workspace.document.design.source_of("in")
    return None if source is None else np.float32(source.options["values"])


def test_that_a_drag_upwards_changes_that_value_of_that_sample_only(
    scopes: Scopes, bench: Any, samples: Any
) -> None:
    bench.workspace.playback.show_sample(1)
    start = _point(scopes, STEP, float(samples[1, STEP, 0]))
    before = bench.workspace.document.design
    _press(scopes, start)
    _move(scopes, start - QPoint(0, 6), start - QPoint(0, 8), start - QPoint(0, 11))
    _release(scopes, start - QPoint(0, 11))
    changed = _fed(bench)
    assert changed.shape == samples.shape
    difference = np.abs(changed - samples)
    assert difference[1, STEP, 0] > 0.3
    assert changed[1, STEP, 0] > samples[1, STEP, 0]
    difference[1, STEP, 0] = 0
    assert difference.max() < 1e-6
    source = bench.workspace.document.design.source_of("in")
    assert (source.kind, source.batch_size, source.time_steps, source.normalize) == ("typed", 3, 60, "none")
    assert bench.workspace.playback.step == STEP
    bench.workspace.document.undo()
    assert bench.workspace.document.design == before


def test_that_the_value_lies_where_the_mouse_is(scopes: Scopes, bench: Any, samples: Any) -> None:
    start = _point(scopes, STEP, float(samples[0, STEP, 0]))
    target = _point(scopes, STEP, 0.0)
    picture, frame = scopes.plot.picture, scopes.plot.frame_now()
    assert picture is not None
    assert picture.series is not None
    assert frame.series is not None
    low, high = limits(picture.series)
    _press(scopes, start)
    _move(scopes, QPoint(start.x(), target.y()))
    _release(scopes, QPoint(start.x(), target.y()))
    a_pixel = (high - low) / (frame.series.height() - 4)
    assert abs(_fed(bench)[0, STEP, 0]) <= a_pixel


def test_that_a_drag_along_the_time_axis_still_moves_the_cursor(
    scopes: Scopes, bench: Any, samples: Any
) -> None:
    start = _point(scopes, STEP, float(samples[0, STEP, 0]))
    _press(scopes, start)
    _move(scopes, start + QPoint(30, 3), start + QPoint(60, 12))
    _release(scopes, start + QPoint(60, 12))
    assert _fed(bench) is None
    assert bench.workspace.playback.step > STEP


def test_that_a_drag_away_from_the_line_takes_nothing(scopes: Scopes, bench: Any, samples: Any) -> None:
    frame = scopes.plot.frame_now()
    assert frame.series is not None
    top, bottom = frame.series.top() + 1, frame.series.bottom() - 1
    start = _point(scopes, STEP, float(samples[0, STEP, 0]))
    far = top if start.y() - top > bottom - start.y() else bottom
    place = QPoint(start.x(), int(far))
    _press(scopes, place)
    _move(scopes, place + QPoint(0, 20), place + QPoint(0, 30))
    _release(scopes, place + QPoint(0, 30))
    assert _fed(bench) is None


def test_that_escape_takes_the_drag_back(scopes: Scopes, bench: Any, samples: Any) -> None:
    before = bench.workspace.document.design
    start = _point(scopes, STEP, float(samples[0, STEP, 0]))
    _press(scopes, start)
    _move(scopes, start - QPoint(0, 8))
    assert _fed(bench) is not None
    QTest.keyClick(scopes.plot, Qt.Key.Key_Escape)
    assert bench.workspace.document.design == before
    _release(scopes, start - QPoint(0, 8))
    assert bench.workspace.document.design == before


def test_that_the_tooltip_says_that_the_samples_are_copied(scopes: Scopes, bench: Any, samples: Any) -> None:
    place = QPointF(_point(scopes, STEP, float(samples[0, STEP, 0])))
    assert scopes.plot.hint(place) == " · ↕ drag (copies the samples into the design)"
    bench.workspace.document.apply(
        lambda design: replace(design, data=design.data.having(**{"in": DataSource(kind="typed")})),
        "Typed",
    )
    assert scopes.plot.hint(place) == " · ↕ drag"
    assert scopes.plot.hint(place + QPointF(0, 200)) == ""


def test_that_samples_too_large_for_a_design_are_refused_in_words(
    scopes: Scopes, bench: Any, samples: Any
) -> None:
    bench.workspace.samples.arrays_by_id["in"] = np.zeros((3, 60_000, 1), "float32")
    said: list[str] = []
    scopes.noticed.connect(said.append)
    start = _point(scopes, STEP, float(samples[0, STEP, 0]))
    _press(scopes, start)
    _move(scopes, start - QPoint(0, 8))
    _release(scopes, start - QPoint(0, 8))
    assert _fed(bench) is None
    assert "too many to live in a design file" in said[0]
