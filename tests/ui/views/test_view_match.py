"""The view of matches: brush, threshold and list, with real events of mouse and keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from view_workspace import SAMPLES, STEPS, UNITS, HandWorkspace

from rnn_designer.messages import Analysis, Trace
from rnn_designer.session.analyses import Question
from rnn_designer.ui.colors import diverging
from rnn_designer.ui.scopes.state import SharedChoices
from rnn_designer.ui.theme import keeper, theme
from rnn_designer.ui.views import view_class
from rnn_designer.ui.views.match import DISTANCE, EITHER, MatchView
from rnn_designer.ui.views.saving import save_view
from rnn_designer.ui.views.snippets import snippet, spelled_range


def made_trace(run: int = 1, steps: int = STEPS) -> Trace:
    """Unit k is at ±1 for a while, from step 5·k on; masked at the end of sample 1."""
    hidden = np.zeros((SAMPLES, steps, UNITS), np.float32)
    for unit in range(UNITS):
        hidden[:, 5 * unit : 5 * unit + 8, unit] = (-1) ** unit
    mask = np.ones((SAMPLES, steps), bool)
    mask[1, 30:] = False
    arrays = {
        "series/input": np.sin(np.arange(steps, dtype=np.float32) / 3)[None, :, None]
        .repeat(SAMPLES, 0)
        .repeat(2, 2),
        "memory/output": hidden,
        "memory/state/h": hidden,
        "memory/state/c": 4 * hidden,
        "memory/mask": mask,
        "out/result": np.zeros((SAMPLES, 2), np.float32),
    }
    return Trace(run, arrays, {"in": "series", "mem": "memory", "den": "out"}, 0.01)


def found(question: Question) -> Analysis:
    """An answer of the worker's form: two ranges."""
    arrays = {
        "on": np.array([1, 2], "int32"),
        "sample": np.array([2, 0], "int32"),
        "first": np.array([14, 25], "int32"),
        "shared": np.array([2, 1], "int32"),
        "either": np.array([2, 3], "int32"),
        "distance": np.array([0.125, 0.5], "float32"),
        "looked_at": np.int32(90),
    }
    return Analysis(1, "match", question.layer, arrays, {}, 0.01)


class Samples:
    def table(self, _input_id: str) -> None:
        return None


@pytest.fixture
def workspace() -> Iterator[Any]:
    made: Any = HandWorkspace()
    made.samples = Samples()
    answers: dict[tuple[object, ...], Analysis] = {}
    made.analyses.know = lambda question: answers.setdefault(question.key, found(question))
    yield made
    made.deleteLater()


@pytest.fixture
def view(workspace: Any, show: Callable[[QWidget], QWidget]) -> Any:
    made = MatchView(workspace, SharedChoices(workspace))
    made.resize(900, 340)
    show(made)
    workspace.give(made_trace())
    made.show_layer("mem")
    return made


def place(view: Any, step: int, share: float = 0.3) -> QPoint:
    frame = view.brush.frame()
    return QPoint(round(frame.x(step)), round(frame.plot.top() + share * frame.plot.height()))


def drag(view: Any, first: int, last: int) -> None:
    QTest.mousePress(view.brush, Qt.MouseButton.LeftButton, pos=place(view, first))
    for step in np.linspace(first, last, 4).round().astype(int).tolist():
        QTest.mouseMove(view.brush, place(view, step))
    QTest.mouseRelease(view.brush, Qt.MouseButton.LeftButton, pos=place(view, last))


def asked(view: Any) -> dict[str, float]:
    return dict(view.workspace.analyses.asked[-1].options)


def test_that_it_is_among_the_views_and_says_what_to_do_first(view: Any) -> None:
    assert view_class("match") is MatchView
    assert view.message == ""
    assert view.said.text().startswith("Drag over the values, or hold Shift and press ← or →.")
    assert not view.rows.isVisible()
    assert not view.workspace.analyses.asked
    view.show_layer("den")
    assert "“out” gives no value at every step" in view.message


def test_that_a_drag_brushes_the_steps_under_it(view: Any) -> None:
    drag(view, 11, 14)
    assert view.brush.range == (11, 14)
    options = asked(view)
    assert (options["sample"], options["first"], options["last"]) == (0, 11, 14)
    assert options["signal/state/h"] == 1.0
    assert view.said.text() == "Units 1, 2 are on (2 of 6) throughout steps 11 to 14 of sample 0."
    assert view.workspace.playback.step == 0
    drag(view, 20, 12)
    assert view.brush.range == (12, 20)


def test_that_a_click_moves_the_cursor_and_brushes_nothing(view: Any) -> None:
    QTest.mouseClick(view.brush, Qt.MouseButton.LeftButton, pos=place(view, 17))
    assert view.workspace.playback.step == 17
    assert view.brush.range is None
    QTest.mouseClick(
        view.brush, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, place(view, 21)
    )
    assert view.brush.range == (17, 21)
    assert view.workspace.playback.step == 17


def test_that_shift_and_arrows_brush_from_the_cursor_and_escape_takes_the_range_away(view: Any) -> None:
    playback = view.workspace.playback
    playback.go_to(10)
    for _ in range(3):
        QTest.keyClick(view.brush, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert view.brush.range == (10, 13)
    for _ in range(5):
        QTest.keyClick(view.brush, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert view.brush.range == (8, 10)
    QTest.keyClick(view.brush, Qt.Key.Key_Right)
    assert (playback.step, view.brush.range) == (9, (8, 10))
    QTest.keyClick(view.brush, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert view.brush.range == (9, 10)
    QTest.keyClick(view.brush, Qt.Key.Key_Escape)
    assert view.brush.range is None
    assert view.workspace.analyses.dropped == [("match", "mem")]
    assert view.said.text().startswith("Drag over the values")


def test_that_every_choice_is_part_of_the_question(view: Any) -> None:
    drag(view, 11, 14)
    assert asked(view)["magnitude"] == 1.0
    view.on_button.choose("above")
    view.outside.click()
    view.rank_button.choose(DISTANCE)
    view.threshold.setValue(0.35)
    options = asked(view)
    assert (options["magnitude"], options["outside"], options["by_distance"]) == (0.0, 1.0, 1.0)
    assert options["threshold"] == pytest.approx(0.35)
    assert not [name for name in options if name.startswith("unit/")]
    view.workspace.playback.choose_units("mem", (2, 5))
    view.units_button.choose("chosen")
    assert [name for name in asked(view) if name.startswith("unit/")] == ["unit/2", "unit/5"]
    assert "(2 of 2)" in view.said.text()


def test_that_the_threshold_is_dragged_in_the_lines(view: Any) -> None:
    brush = view.brush
    view.threshold.setValue(0.5)
    lines = brush.frame().lines
    start = QPoint(round(lines.center().x()), round(brush.height_of(0.5)))
    assert brush.reading(QPointF(start)) == "Threshold 0.5: drag it."
    end = QPoint(start.x(), round(brush.height_of(0.8)))
    QTest.mousePress(brush, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(brush, end)
    QTest.mouseRelease(brush, Qt.MouseButton.LeftButton, pos=end)
    assert view.threshold.value() == pytest.approx(0.8, abs=2 / lines.height() * brush._shown.limit)
    assert brush.range is None
    below = QPoint(start.x(), round(brush.height_of(-0.4)))
    QTest.mousePress(brush, Qt.MouseButton.LeftButton, pos=end)
    QTest.mouseMove(brush, below)
    QTest.mouseRelease(brush, Qt.MouseButton.LeftButton, pos=below)
    assert view.on_button.current == EITHER
    assert view.threshold.value() == pytest.approx(0.4, abs=2 / lines.height() * brush._shown.limit)


def test_that_rows_tell_where_and_a_click_goes_there(view: Any) -> None:
    drag(view, 11, 14)
    rows = [[view.rows.topLevelItem(row).text(column) for column in range(1, 4)] for row in range(2)]
    assert rows == [["2 · 14–17", "2 of 2", "0.125"], ["0 · 25–28", "1 of 3", "0.5"]]
    assert not view.rows.topLevelItem(0).icon(0).isNull()
    rect = view.rows.visualItemRect(view.rows.topLevelItem(0))
    QTest.mouseClick(view.rows.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    playback = view.workspace.playback
    assert (playback.sample, playback.step) == (2, 14)
    assert view.brush.range is None, "the range belongs to sample 0"
    assert view.brush._alike == (14, 17)
    assert "of sample 0" in view.said.text()
    view.rows.setCurrentItem(view.rows.topLevelItem(1))
    QTest.keyClick(view.rows, Qt.Key.Key_Return)
    assert (playback.sample, playback.step) == (0, 25)
    assert view.brush.range == (11, 14)


def test_that_the_units_that_are_on_can_be_drawn_everywhere(view: Any) -> None:
    drag(view, 11, 14)
    view.choose_button.click()
    assert view.workspace.playback.units("mem") == (1, 2)
    assert view.brush._shown.lines == (1, 2)


def test_that_nothing_on_and_a_refusal_are_told_in_words(view: Any) -> None:
    drag(view, 11, 14)
    answer = found(Question("match", "mem"))
    nothing = replace(answer, arrays={**answer.arrays, "on": np.zeros(0, "int32")})
    view.workspace.analyses.know = lambda _: nothing
    view.refresh()
    assert view.said.text() == (
        "None of 6 units is on throughout steps 11 to 14 of sample 0. Lower the threshold, or rank by distance."
    )
    assert not view.choose_button.isVisible()
    view.workspace.analyses.refusal = "The range has steps that are masked. Choose another range."
    view.refresh()
    assert view.said.text() == "The range has steps that are masked. Choose another range."
    assert not view.rows.isVisible()


def test_that_heat_map_and_masked_steps_are_painted_as_they_are(view: Any) -> None:
    brush, table = view.brush, diverging(theme())
    image = brush.grab().toImage()
    frame = brush.frame()
    area = frame.bands[0]
    values = view.workspace.live.trace.arrays["memory/state/h"][0]
    for step, unit in ((2, 0), (7, 1), (20, 0), (22, 4), (39, 5)):
        y = area.top() + (unit + 0.5) / UNITS * area.height()
        seen = image.pixelColor(round(frame.x(step)), round(y))
        expected = table[int(np.rint(128 + values[step, unit] / brush._shown.limit * 127))]
        assert np.abs(np.subtract(seen.getRgb()[:3], expected[:3])).max() <= 2
    view.workspace.playback.show_sample(1)
    assert brush._shown.counts.tolist() == [True] * 30 + [False] * (STEPS - 30)
    masked = brush.grab().toImage()
    assert masked.copy(round(frame.x(32)), 10, 30, 60) != image.copy(round(frame.x(32)), 10, 30, 60)


def test_that_a_value_is_read_under_the_mouse(view: Any) -> None:
    area = view.brush.frame().bands[0]
    at = QPointF(view.brush.frame().x(7), area.top() + 1.5 / UNITS * area.height())
    assert view.brush.reading(at) == "step 7 · unit 1 = −1"
    view.shared.sort_by("peak")
    assert view.brush.reading(at).startswith("step 7 · unit ")


def test_that_a_shorter_run_takes_a_range_away_that_is_not_there_any_more(view: Any) -> None:
    drag(view, 30, 35)
    view.workspace.give(made_trace(2, steps=33))
    assert view.brush.range is None
    assert view.said.text().startswith("Drag over the values")


def test_that_the_range_stays_from_run_to_run(view: Any) -> None:
    drag(view, 11, 14)
    view.workspace.give(made_trace(2))
    assert view.brush.range == (11, 14)


@pytest.mark.parametrize("suffix", ["png", "svg", "csv", "npz"])
def test_that_picture_and_numbers_can_be_saved(view: Any, tmp_path: Path, suffix: str) -> None:
    drag(view, 11, 14)
    path = tmp_path / f"memory.{suffix}"
    save_view(view, path)
    assert path.stat().st_size > 80
    if suffix == "npz":
        kept = np.load(path)
        assert kept["units on"].tolist() == [1, 2]
        assert kept["brushed: sample, first, last"].tolist() == [[0, 11, 14]]
        table = kept["found: sample, first step, units shared, units in either, distance"]
        assert table.tolist() == [[2, 14, 2, 2, 0.125], [0, 25, 1, 3, 0.5]]


def test_that_tokens_are_spelled_with_those_around_them() -> None:
    letters = tuple("abcdefghijklmnopqrstuvwxyz ")
    ids = np.array([letters.index(each) for each in "the units are on"])
    assert spelled_range(ids, 4, 8, letters) == "the [units] are"
    assert spelled_range(ids, 0, 2, letters) == "[the] unit"
    assert spelled_range(np.array([3, 1, 2, 9]), 1, 2, ("the", "cat", "sat", "so")) == "so [cat sat] 9"
    assert spelled_range(np.zeros(60, int), 10, 49, ("a", "b")) == f"aaaaa[{'a' * 24}…]aaaaa"


def test_that_a_snippet_shows_the_range_within_its_surroundings(view: Any) -> None:
    values = np.linspace(0, 1, 40, dtype=np.float32)[:, None]
    image = snippet(values, 10, 19, 1.0).toImage()
    soft = theme().color("accent_soft").name()
    row = [
        image.pixelColor(x, 1).name() == soft and image.pixelColor(x, 1).alpha() == 255 for x in range(116)
    ]
    # Five steps before and after ten: the middle half is marked.
    assert 0.45 < sum(row) / 116 < 0.55
    assert row[58]
    assert not row[5]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_that_it_draws_in_both_themes_and_when_it_is_small(view: Any, scheme: Any, qtbot: QtBot) -> None:
    keeper().apply(scheme)
    try:
        drag(view, 11, 14)
        for width, height in ((780, 320), (420, 200), (1400, 600)):
            view.resize(width, height)
            qtbot.waitUntil(lambda wide=width: view.brush.width() >= 0.45 * wide)
            image = view.brush.grab().toImage()
            left = round(view.brush.frame().x(10.5)) + 1
            edge = [image.pixelColor(left, y).getRgb()[:3] for y in range(8, image.height() - 24)]
            gaps = np.abs(np.subtract(edge, theme().color("accent").getRgb()[:3])).max(axis=1)
            assert (gaps < 24).any()
    finally:
        keeper().apply("light")


def test_that_a_drawing_holds_lines_and_words_and_no_picture_of_them(view: Any, tmp_path: Path) -> None:
    file = tmp_path / "values.svg"
    save_view(view, file)
    drawn = file.read_text(encoding="utf-8")
    assert drawn.count("<polyline") >= 2
    assert "Lines: unit" in drawn
