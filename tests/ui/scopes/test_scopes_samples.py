"""All samples of the batch beside each other: where they are, what a click does, what their colours mean."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtTest import QTest

from rnn_designer.ui.scopes import Scopes
from rnn_designer.ui.scopes.frame import Window
from rnn_designer.ui.scopes.grid import gridded
from rnn_designer.ui.theme import theme

_AREA = QRectF(64, 5, 700, 220)


@pytest.fixture
def scopes(bench: Any, trace: Any) -> Scopes:
    panel = Scopes(bench.workspace, bench.selection)
    bench.show(panel)
    bench.selection.set(["mem"])
    # Sample 2 is ten times as loud as the others.
    hidden = trace.arrays["memory/state/h"] * np.array([1, 1, 10], dtype=np.float32)[:, None, None]
    bench.workspace.give(replace(trace, arrays={**trace.arrays, "memory/state/h": hidden}))
    return panel


def _inside(scopes: Scopes, sample: int) -> QPoint:
    grid = scopes.plot.grid_now()
    assert grid is not None
    return grid.cells[sample].plot.center().toPoint()


@pytest.mark.parametrize("count", [1, 2, 3, 7, 32, 64])
def test_that_cells_do_not_overlap_and_stay_inside(count: int) -> None:
    grid = gridded(_AREA, count, 0, Window.whole(50))
    assert [each.sample for each in grid.cells] == list(range(count))
    for index, cell in enumerate(grid.cells):
        assert _AREA.adjusted(-1, -1, 1, 1).contains(cell.whole)
        assert not any(cell.whole.intersects(other.whole) for other in grid.cells[index + 1 :])


def test_that_the_page_with_the_chosen_sample_is_shown_where_not_all_fit() -> None:
    grid = gridded(QRectF(0, 0, 200, 100), 500, 333, Window.whole(50))
    assert len(grid.cells) < 500
    assert 333 in [each.sample for each in grid.cells]


def test_that_every_cell_has_the_same_window_of_time() -> None:
    window = Window.whole(100).zoomed(0.25, 40)
    grid = gridded(_AREA, 8, 0, window)
    for cell in grid.cells:
        for step in (35, 40, 45):
            x = grid.x(cell, step)
            assert cell.plot.left() <= x <= cell.plot.right()
            assert grid.nearest_step(cell, x) == step


def test_that_a_click_on_a_sample_chooses_it_and_moves_the_cursor_there(scopes: Scopes, bench: Any) -> None:
    scopes.show_samples("maps")
    QTest.mouseClick(scopes.plot, Qt.MouseButton.LeftButton, pos=_inside(scopes, 1))
    assert bench.workspace.playback.sample == 1
    assert 28 <= bench.workspace.playback.step <= 31
    assert bench.workspace.playback.units("mem") == (), "a click among samples chooses no unit"


def test_that_a_double_click_shows_that_sample_alone(scopes: Scopes, bench: Any) -> None:
    scopes.show_samples("lines")
    place = _inside(scopes, 2)
    QTest.mouseClick(scopes.plot, Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseDClick(scopes.plot, Qt.MouseButton.LeftButton, pos=place)
    assert scopes.samples_button.current == "one"
    assert bench.workspace.playback.sample == 2


def test_that_the_keyboard_shows_all_samples_and_goes_through_them(scopes: Scopes, bench: Any) -> None:
    QTest.keyClick(scopes.plot, Qt.Key.Key_S)
    assert scopes.plot.picture is not None
    assert len(scopes.plot.picture.samples) == 3
    for key, sample in ((Qt.Key.Key_PageDown, 1), (Qt.Key.Key_PageDown, 2), (Qt.Key.Key_PageUp, 1)):
        QTest.keyClick(scopes.plot, key)
        assert bench.workspace.playback.sample == sample
    QTest.keyClick(scopes.plot, Qt.Key.Key_S)
    assert scopes.plot.grid_now() is None


def test_that_samples_beside_each_other_share_their_colours_unless_told_otherwise(scopes: Scopes) -> None:
    assert not scopes.common_option.isChecked()
    scopes.show_samples("maps")
    assert scopes.common_option.isChecked()
    picture = scopes.plot.picture
    assert picture is not None
    assert len({(band.low, band.high) for band in picture.samples}) == 1
    scopes.common_option.trigger()
    picture = scopes.plot.picture
    assert picture is not None
    assert picture.samples[2].high > 5 * picture.samples[0].high
    scopes.show_samples("one")
    assert not scopes.common_option.isChecked()


def test_that_one_sample_can_have_the_colours_of_all(scopes: Scopes, bench: Any) -> None:
    before = scopes.plot.picture
    scopes.common_option.trigger()
    after = scopes.plot.picture
    assert before is not None
    assert after is not None
    assert after.main.high > 5 * before.main.high
    bench.workspace.playback.show_sample(2)
    assert scopes.plot.picture is not None
    assert scopes.plot.picture.main.high == after.main.high


def test_that_the_tooltip_names_the_sample_and_gives_its_own_value(scopes: Scopes, bench: Any) -> None:
    scopes.show_samples("maps")
    grid = scopes.plot.grid_now()
    assert grid is not None
    cell = grid.cells[2]
    point = QPointF(grid.x(cell, 41), cell.plot.top() + 7.5 * cell.plot.height() / 12)
    value = bench.workspace.live.trace.arrays["memory/state/h"][2, 41, 7]
    assert scopes.plot.text_at(point) == f"sample 2 · step 41 · unit 7 · h = {value:.3g}"


def test_that_each_sample_is_painted_with_its_own_values(scopes: Scopes) -> None:
    scopes.show_samples("maps")
    picture = scopes.plot.grab().toImage()
    grid = scopes.plot.grid_now()
    assert grid is not None

    def _strength(sample: int) -> int:
        # Unit 7 peaks at step 35; away from the cursor at step 0.
        cell = grid.cells[sample]
        y = cell.plot.top() + 7.5 * cell.plot.height() / 12
        color = picture.pixelColor(int(grid.x(cell, 35)), int(y))
        return abs(color.red() - color.blue())

    assert _strength(2) > 80 > 40 > _strength(0), theme()


def test_that_masked_steps_and_nan_are_shown_for_each_sample(scopes: Scopes, bench: Any) -> None:
    trace = bench.workspace.live.trace
    hidden = trace.arrays["memory/state/h"].copy()
    hidden[1, 20:, 3] = np.nan
    mask = np.ones(hidden.shape[:2], dtype=bool)
    mask[2, 50:] = False
    arrays = {**trace.arrays, "memory/state/h": hidden, "memory/mask": mask}
    for samples in ("maps", "lines"):
        scopes.show_samples(samples)
        bench.workspace.give(replace(trace, arrays=arrays))
        picture = scopes.plot.picture
        assert picture is not None
        assert [band.nan_since for band in picture.samples] == [None, 20, None]
        grid = scopes.plot.grid_now()
        assert grid is not None
        assert scopes.plot.text_at(
            QPointF(grid.x(grid.cells[2], 55), grid.cells[2].plot.center().y())
        ).endswith("masked")
        assert not scopes.plot.exported().isNull()


def test_that_a_batch_of_one_offers_no_samples(bench: Any, trace: Any) -> None:
    panel = Scopes(bench.workspace, bench.selection)
    bench.show(panel)
    bench.selection.set(["mem"])
    alone = {name: array[:1] for name, array in trace.arrays.items()}
    bench.workspace.give(replace(trace, arrays=alone), samples=1)
    assert panel.samples_button.isHidden()
    QTest.keyClick(panel.plot, Qt.Key.Key_S)
    assert panel.plot.grid_now() is None


def test_that_zoom_reaches_the_cells(scopes: Scopes) -> None:
    scopes.show_samples("maps")
    QTest.keyClick(scopes.plot, Qt.Key.Key_Plus)
    grid = scopes.plot.grid_now()
    assert grid is not None
    assert not grid.window.is_whole
    assert not scopes.grab().isNull()
