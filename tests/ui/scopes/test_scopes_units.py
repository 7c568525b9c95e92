"""Units are found by typing, and all about one is shown from wherever it is seen."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from rnn_designer.ui.scopes import Scopes
from rnn_designer.ui.scopes.finding import QUERIES, found_units
from rnn_designer.ui.scopes.frame import name_tops

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def scopes(bench: Any, trace: Any) -> Scopes:
    panel = Scopes(bench.workspace, bench.selection)
    bench.show(panel, 1000, 340)
    bench.selection.set(["mem"])
    bench.workspace.give(trace)
    return panel


@pytest.fixture
def values() -> Any:
    """30 units over 80 steps: one still, one pinned at 1, one with a hole, the others waves of their own."""
    rng = np.random.default_rng(3)
    time = np.arange(80)[:, None]
    found = np.sin(time / rng.uniform(3, 20, 30) + rng.uniform(0, 6, 30)) * rng.uniform(0.05, 0.9, 30)
    found[:, 4] = 0.25
    found[:, 9] = 1.0
    found[50, 17] = np.nan
    return found.astype(np.float32)


@pytest.mark.parametrize(
    ("query", "units"),
    [
        ("5", (5,)),
        ("unit 5", (5,)),
        ("5, 9 12", (5, 9, 12)),
        ("5-9", (5, 6, 7, 8, 9)),
        ("9–7, 20", (7, 8, 9, 20)),
        ("units 3 - 4; 29", (3, 4, 29)),
    ],
)
def test_that_numbers_and_ranges_are_found(values: Any, query: str, units: tuple[int, ...]) -> None:
    assert found_units(query, values, 0).units == units


def test_that_variance_is_told_as_a_sum_of_squares_tells_it(values: Any) -> None:
    moves = [
        sum((float(x) - np.nansum(column) / 80) ** 2 for x in np.nan_to_num(column)) for column in values.T
    ]
    best = sorted(range(30), key=lambda unit: -moves[unit])
    assert found_units("most variable", values, 0).units == tuple(best)
    assert set(found_units("least", values, 0).units[:2]) == {4, 9}


def test_that_peaks_constant_and_saturated_units_are_found(values: Any) -> None:
    clean = np.nan_to_num(values)
    peaks = [max(range(80), key=lambda step, unit=unit: abs(clean[step, unit])) for unit in range(30)]
    early = found_units("early", values, 0)
    assert [peaks[unit] for unit in early.units] == sorted(peaks)
    assert f"at step {min(peaks)}" in early.words
    late = found_units("peaks last", values, 0)
    assert [peaks[unit] for unit in late.units] == sorted(peaks, reverse=True)
    assert found_units("constant", values, 0).units == (4, 9)
    assert found_units("dead", values, 0).units == (4, 9)
    assert found_units("vari", values, 0).units == found_units("variance", values, 0).units != ()
    assert found_units("saturated", values, 0).units == (9,)
    assert found_units("NaN", values, 0).units == (17,)


@pytest.mark.parametrize("step", [0, 41])
def test_that_conditions_are_about_the_step_of_the_cursor(values: Any, step: int) -> None:
    above = [unit for unit in range(30) if values[step, unit] > 0.2]
    found = found_units("> 0.2", values, step)
    assert sorted(found.units) == above
    assert found.units[0] == max(above, key=lambda unit: values[step, unit])
    assert found.words == f"{len(above)} units above 0.2 at step {step}"
    below = found_units("<-0.1", values, step)
    assert sorted(below.units) == [unit for unit in range(30) if values[step, unit] < -0.1]
    strong = found_units("strongest", values, step).units
    assert strong[0] == max(range(30), key=lambda unit: abs(np.nan_to_num(values[step, unit])))


def test_that_likeness_is_correlation(values: Any) -> None:
    found = found_units("like 6", values, 0)
    clean = np.nan_to_num(values).astype(np.float64)
    moving = [unit for unit in range(30) if unit not in (4, 9)]
    table = {unit: np.corrcoef(clean[:, 6], clean[:, unit])[0, 1] for unit in moving}
    assert found.units[0] == 6
    assert list(found.units) == sorted(moving, key=lambda unit: -table[unit])
    assert f"{table[found.units[1]]:.2f}" in found.words
    assert found_units("like 4", values, 0).units == (4,)


@pytest.mark.parametrize("query", ["30", "5-99", "like 31", "blue", "> x"])
def test_that_what_is_not_there_is_told_with_what_to_do(values: Any, query: str) -> None:
    found = found_units(query, values, 0)
    assert not found.understood
    assert found.units == ()
    assert "0 to 29" in found.words or "Try" in found.words


@pytest.mark.parametrize("query", list(QUERIES))
def test_that_everything_the_menu_offers_is_understood(values: Any, query: str) -> None:
    found = found_units(query, values, 3)
    assert found.understood
    assert found.words


def test_that_typing_chooses_what_enter_keeps_and_escape_takes_back(scopes: Scopes, bench: Any) -> None:
    playback = bench.workspace.playback
    playback.choose_units("mem", [2])
    scopes.plot.setFocus()
    QTest.keyClick(scopes.plot, Qt.Key.Key_Slash)
    finder = scopes.finder
    assert finder.isVisible()
    QTest.keyClicks(finder.field, "5-6")
    assert playback.units("mem") == (5, 6)
    assert set(scopes.plot._units) == {5, 6}
    assert finder.told.text() == "2 units: 5, 6"
    QTest.keyClick(finder.field, Qt.Key.Key_Escape)
    assert not finder.isVisible()
    assert playback.units("mem") == (2,)
    QTest.mouseClick(scopes.header.find_button, LEFT)
    QTest.keyClick(finder.field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(finder.field, "most variable")
    picture = scopes.plot.picture
    assert picture is not None
    best = np.argsort(-picture.main.values.var(axis=0), kind="stable")[:8]
    assert playback.units("mem") == tuple(sorted(best.tolist()))
    assert finder.told.text().startswith(f"most variable first: {best[0]}, {best[1]}")
    assert "the first 8 are drawn" in finder.told.text()
    QTest.keyClick(finder.field, Qt.Key.Key_Return)
    assert not finder.isVisible()
    assert playback.units("mem") == tuple(sorted(best.tolist()))


def test_that_a_wrong_search_says_so_and_leaves_the_units_alone(scopes: Scopes, bench: Any) -> None:
    bench.workspace.playback.choose_units("mem", [2])
    scopes.unit_actions.search()
    QTest.keyClicks(scopes.finder.field, "99")
    assert bench.workspace.playback.units("mem") == (9,)  # While it was "9".
    assert scopes.finder.field.property("state") == "bad"
    assert scopes.finder.told.text() == "There is no unit 99: they count from 0 to 11."


def test_that_the_menu_of_searches_types_for_the_user(scopes: Scopes, bench: Any) -> None:
    scopes.unit_actions.search()
    menu = scopes.finder.ideas.menu()
    assert menu is not None
    action = next(
        each for each in menu.actions() if each.text().startswith("Peak") or "peak last" in each.text()
    )
    action.trigger()
    assert scopes.finder.field.text() == "late"
    assert 11 in bench.workspace.playback.units("mem")


def _row(scopes: Scopes, unit: int) -> QPoint:
    picture = scopes.plot.picture
    assert picture is not None
    rect = scopes.plot.frame_now().bands[0]
    row = list(picture.order).index(unit)
    return QPoint(int(rect.center().x()), int(rect.top() + (row + 0.5) * rect.height() / picture.main.units))


def _shown_unit(scopes: Scopes) -> int:
    assert scopes.instruments.name == "unit"
    view: Any = scopes.instruments.view
    return int(view.unit)


def test_that_a_double_click_on_a_row_shows_all_about_its_unit(scopes: Scopes, bench: Any) -> None:
    QTest.mouseClick(scopes.plot, LEFT, pos=_row(scopes, 7))
    QTest.mouseDClick(scopes.plot, LEFT, pos=_row(scopes, 7))
    assert _shown_unit(scopes) == 7
    assert 7 in bench.workspace.playback.units("mem")


def test_that_a_double_click_on_the_name_or_the_line_of_a_unit_shows_it(scopes: Scopes, bench: Any) -> None:
    bench.workspace.playback.choose_units("mem", [3, 8])
    lines = scopes.plot.frame_now().lines
    assert lines is not None
    names = name_tops(2, lines.height())
    QTest.mouseDClick(scopes.plot, LEFT, pos=QPoint(20, int(lines.top() + names[1] + 7)))
    assert _shown_unit(scopes) == 8
    scopes.show_view("states")
    picture = scopes.plot.picture
    assert picture is not None
    step = int(np.argmax(picture.main.values[:, 3]))
    top = (
        lines.top()
        + (picture.main.high - picture.main.values[step, 3])
        / (picture.main.high - picture.main.low)
        * lines.height()
    )
    place = QPointF(scopes.plot.frame_now().x(step), top).toPoint()
    assert scopes.plot.unit_seen_at(QPointF(place)) == 3
    QTest.mouseDClick(scopes.plot, LEFT, pos=place)
    assert _shown_unit(scopes) == 3


def test_that_the_keyboard_and_the_menu_show_a_unit(scopes: Scopes, bench: Any) -> None:
    bench.workspace.playback.choose_units("mem", [4])
    QTest.keyClick(scopes.plot, Qt.Key.Key_U)
    assert _shown_unit(scopes) == 4
    scopes.show_view("states")
    QTest.mouseClick(scopes.plot, Qt.MouseButton.RightButton, pos=_row(scopes, 6))
    menu = next(each for each in scopes.findChildren(QMenu) if each.isVisible())
    action = next(each for each in menu.actions() if each.text().startswith("Show unit 6"))
    menu.setActiveAction(action)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert _shown_unit(scopes) == 6


def test_that_a_unit_of_one_sample_among_all_can_be_shown(scopes: Scopes) -> None:
    scopes.show_samples("maps")
    grid = scopes.plot.grid_now()
    assert grid is not None
    cell = grid.cells[1].plot
    place = QPointF(cell.center().x(), cell.top() + 2.5 / 12 * cell.height())
    assert scopes.plot.unit_seen_at(place) == 2
    QTest.mouseClick(scopes.plot, Qt.MouseButton.RightButton, pos=place.toPoint())
    menu = next(each for each in scopes.findChildren(QMenu) if each.isVisible())
    words = [each.text() for each in menu.actions()]
    assert words[0].startswith("Show unit 2")
    menu.close()


@pytest.mark.parametrize("side", ["forward", "backward"])
def test_that_a_unit_of_a_direction_is_shown_of_that_direction(scopes: Scopes, bench: Any, side: str) -> None:
    bench.selection.set(["bi"])
    scopes.side_button.choose(side)
    QTest.mouseDClick(scopes.plot, LEFT, pos=_row(scopes, 1))
    assert _shown_unit(scopes) == 1
    view: Any = scopes.instruments.view
    assert view.side_button.current == f"reader/{side}"


def test_that_a_layer_without_states_offers_no_unit_view(scopes: Scopes, bench: Any, trace: Any) -> None:
    arrays = {**trace.arrays, "next_value/result": trace.arrays["memory/output"]}
    bench.workspace.give(replace(trace, arrays=arrays, run=2))
    bench.selection.set(["den"])
    QTest.mouseDClick(scopes.plot, LEFT, pos=_row(scopes, 1))
    assert scopes.instruments.name == "states"


@pytest.mark.parametrize("order", ["variance", "peak", "similarity"])
def test_that_the_order_stays_and_follows_a_new_trace(
    scopes: Scopes, bench: Any, trace: Any, order: str
) -> None:
    scopes.sort_by(order)
    flipped = {name: array[..., ::-1].copy() for name, array in trace.arrays.items()}
    bench.workspace.give(replace(trace, arrays=flipped, run=2))
    picture = scopes.plot.picture
    assert picture is not None
    assert scopes.shared.order == order
    assert scopes.sort_button.current == order
    values = picture.main.values.astype(np.float64)
    if order == "variance":
        expected = sorted(range(12), key=lambda unit: (-values[:, unit].var().round(12), unit))
    elif order == "peak":
        expected = sorted(range(12), key=lambda unit: (int(np.abs(values[:, unit]).argmax()), unit))
    else:
        # A walk, always on to the unit left that correlates most with the present one.
        table = np.corrcoef(values.T).round(9)
        expected = [int(values.var(axis=0).argmax())]
        while len(expected) < 12:
            left = [unit for unit in range(12) if unit not in expected]
            expected.append(max(left, key=lambda unit: table[expected[-1], unit]))
    assert picture.order.tolist() == expected
