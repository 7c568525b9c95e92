"""Layers whose states are pictures: a picture per filter at the cursor's step, the filters over time below them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import Design, Layer, Link
from rnn_designer.messages import Trace
from rnn_designer.ui.colors import diverging
from rnn_designer.ui.scopes import Scopes
from rnn_designer.ui.scopes.bands import at_once
from rnn_designer.ui.scopes.planes import Planes, arranged, divided, pictured, tiled
from rnn_designer.ui.scopes.signals import Shown
from rnn_designer.ui.theme import theme

H = Shown("state/h", "h", "The hidden state.")
STEPS, ROWS, COLUMNS, FILTERS = 9, 5, 7, 3
KINDS = {
    "ConvLSTM1D": ((COLUMNS, FILTERS), "channels_last"),
    "ConvLSTM2D": ((ROWS, COLUMNS, FILTERS), "channels_last"),
    "first": ((FILTERS, ROWS, COLUMNS), "channels_first"),
}


def flight(shape: tuple[int, ...]) -> np.ndarray:
    """States of every step of two samples, all different, of both signs, none beyond 1."""
    values = np.random.default_rng(0).uniform(-0.7, 0.7, (2, STEPS, *shape))
    return values.astype(np.float32)


def design(kind: str, form: str) -> Design:
    """A series of pictures, and the layer."""
    axes = (None, COLUMNS, 1) if kind == "ConvLSTM1D" else (None, ROWS, COLUMNS, 1)
    params = FrozenMap(filters=FILTERS, kernel_size=3, return_sequences=True, data_format=form)
    layers = (Layer("x", "Input", "pictures", FrozenMap(shape=axes)), Layer("c", kind, "watcher", params))
    return Design("pictures", layers, (Link("x", "c"),))


def shown(bench: Any, case: str) -> tuple[Scopes, np.ndarray, Any]:
    """The scope of the layer, on screen."""
    shape, form = KINDS[case]
    kind = case if case in ("ConvLSTM1D", "ConvLSTM2D") else "ConvLSTM2D"
    bench.workspace = workspace = type(bench.workspace)(design(kind, form))
    values = flight(shape)
    arrays = {"watcher/output": values, "watcher/state/h": values, "watcher/state/c": values}
    panel = Scopes(workspace, bench.selection, only="c")
    bench.show(panel, 900, 420)
    workspace.give(Trace(1, arrays, {"c": "watcher"}, 0.01), STEPS, 2)
    return panel, values, workspace


def pixel(panel: Scopes, at: QPointF) -> QColor:
    return QColor(panel.plot.grab().toImage().pixel(at.toPoint()))


def expected(value: float) -> QColor:
    """The colour of a value where the limits are ±0.8."""
    return QColor(*diverging(theme(), theme().window)[int(value / 0.8 * 127.5 + 128)][:3].tolist())


def alike(one: QColor, other: QColor) -> bool:
    return all(abs(a - b) <= 2 for a, b in zip(one.getRgb(), other.getRgb(), strict=True))


def tile_of(panel: Scopes, number: int) -> Any:
    planes = panel.plot.picture.main.planes
    return tiled(divided(panel.plot.frame_now().bands[0], planes)[0], planes).rects[number]


def middle(tile: Any, row: int, column: int, rows: int, columns: int) -> QPointF:
    return QPointF(
        tile.left() + (column + 0.5) * tile.width() / columns, tile.top() + (row + 0.5) * tile.height() / rows
    )


@pytest.mark.parametrize("case", KINDS)
@pytest.mark.parametrize("step", [0, 4, STEPS - 1])
def test_that_every_filter_is_a_picture_at_the_cursors_step(bench: Any, case: str, step: int) -> None:
    panel, values, workspace = shown(bench, case)
    workspace.playback.go_to(step)
    frame = values[0, step]
    frame = np.moveaxis(frame, 0, -1) if case == "first" else frame
    frame = frame[np.newaxis] if frame.ndim == 2 else frame
    rows, columns, _ = frame.shape
    for row, column, number in ((0, 0, 0), (rows - 1, 2, 1), (rows // 2, columns - 1, 2)):
        at = middle(tile_of(panel, number), row, column, rows, columns)
        assert alike(pixel(panel, at), expected(float(frame[row, column, number])))


@pytest.mark.parametrize("case", KINDS)
def test_that_the_mouse_over_a_picture_names_filter_place_and_value(bench: Any, case: str) -> None:
    panel, values, workspace = shown(bench, case)
    workspace.playback.go_to(3)
    rows = 1 if case == "ConvLSTM1D" else ROWS
    row = 0 if case == "ConvLSTM1D" else 2
    said = panel.plot.text_at(middle(tile_of(panel, 1), row, 4, rows, COLUMNS))
    index = {"ConvLSTM1D": (4, 1), "ConvLSTM2D": (2, 4, 1), "first": (1, 2, 4)}[case]
    where = "column 4" if case == "ConvLSTM1D" else "row 2, column 4"
    assert said.startswith(f"step 3 · filter 1 · {where} · h = ")
    assert float(said.rpartition("= ")[2].replace("−", "-")) == pytest.approx(values[0, 3][index], abs=5e-4)


@pytest.mark.parametrize("case", KINDS)
def test_that_a_click_on_a_place_draws_it_and_leaves_the_cursor_alone(bench: Any, case: str) -> None:
    panel, values, workspace = shown(bench, case)
    workspace.playback.go_to(5)
    rows = 1 if case == "ConvLSTM1D" else ROWS
    row = 0 if case == "ConvLSTM1D" else 1
    at = middle(tile_of(panel, 2), row, 6, rows, COLUMNS).toPoint()
    before = workspace.playback.units("c")
    QTest.mouseClick(panel.plot, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(at))
    chosen = set(workspace.playback.units("c")) - set(before)
    index = {"ConvLSTM1D": (6, 2), "ConvLSTM2D": (1, 6, 2), "first": (2, 1, 6)}[case]
    assert np.ravel_multi_index(index, values.shape[2:]) in chosen
    assert workspace.playback.step == 5


def test_that_the_time_axis_is_there_and_a_click_on_it_moves_the_cursor(bench: Any) -> None:
    panel, _values, workspace = shown(bench, "ConvLSTM2D")
    frame = panel.plot.frame_now()
    _above, strip = divided(frame.bands[0], panel.plot.picture.main.planes)
    at = QPointF(frame.x(6), strip.top() + 2).toPoint()
    QTest.mouseClick(panel.plot, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(at))
    assert workspace.playback.step == 6


def test_that_moving_the_cursor_changes_the_pictures(bench: Any) -> None:
    panel, _values, workspace = shown(bench, "ConvLSTM2D")
    before = panel.plot.grab(tile_of(panel, 0).toRect()).toImage()
    workspace.playback.go_to(7)
    assert panel.plot.grab(tile_of(panel, 0).toRect()).toImage() != before


def test_that_the_strip_has_the_value_farthest_from_zero_of_each_picture() -> None:
    values = flight((ROWS, COLUMNS, FILTERS))[0]
    made = at_once(pictured(values, False, H))
    assert made.planes is not None
    for step in range(STEPS):
        for number in range(FILTERS):
            picture = values[step, :, :, number]
            wanted = picture.flat[np.abs(picture).argmax()]
            assert made.planes.strip.values[step, number] == wanted
            strongest = made.planes.strongest(step, number)
            assert values[step].reshape(-1)[strongest] == wanted


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_that_units_are_counted_as_in_the_array_itself(first: bool, axes: int) -> None:
    sizes = (3, 4, 2)[:axes]
    shape = (5, *sizes) if first else (*sizes, 5)
    values = flight(shape)[0]
    made = at_once(pictured(values, first, H))
    planes = made.planes
    assert isinstance(planes, Planes)
    assert sorted(planes.numbers.ravel().tolist()) == list(range(values[0].size))
    for unit in (0, 7, values[0].size - 1):
        assert np.array_equal(planes.values[(slice(None), *planes.place(unit))], made.values[:, unit])
    assert arranged(values, first).shape[-1] == 5


@pytest.mark.parametrize("count", [1, 8, 32, 300])
@pytest.mark.parametrize(("wide", "high"), [(760, 120), (300, 60), (1_500, 400)])
def test_that_pictures_lie_in_their_room_and_not_over_each_other(count: int, wide: int, high: int) -> None:
    from PySide6.QtCore import QRectF

    made = at_once(pictured(flight((16, 16, count))[0], False, H))
    room = QRectF(64, 10, wide, high)
    assert made.planes is not None
    rects = tiled(room, made.planes).rects
    assert 1 <= len(rects) <= count
    assert len(rects) == count or count > 8 or high < 100
    for place, rect in enumerate(rects):
        assert room.adjusted(-1, -1, 1, 1).contains(rect)
        assert not any(rect.intersects(other) for other in rects[:place])
        assert rect.width() == pytest.approx(rect.height(), abs=1.5)


def test_that_low_scopes_show_filters_over_time_alone(bench: Any) -> None:
    panel, _values, _workspace = shown(bench, "ConvLSTM2D")
    panel.header.chips.chosen.emit(("all",))
    panel.resize(900, 150)
    frame = panel.plot.frame_now()
    planes = panel.plot.picture.main.planes
    assert all(divided(rect, planes)[0].height() == 0 for rect in frame.bands)
    assert panel.plot.text_at(QPointF(frame.x(2), frame.bands[0].center().y())).startswith("step 2 · filter ")
