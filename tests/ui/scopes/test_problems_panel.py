"""The problem list: by layer, mended by a button, explained in place."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from rnn_designer.design import edits
from rnn_designer.ui.problems import ProblemsPanel


@pytest.fixture
def problems(bench: Any) -> ProblemsPanel:
    panel = ProblemsPanel(bench.workspace, bench.selection)
    bench.show(panel, 420, 320)
    return panel


def _break(bench: Any) -> None:
    bench.workspace.document.apply(edits.set_parameter("mem", "return_sequences", False), "Break")


def test_that_a_design_without_problems_says_so(problems: ProblemsPanel, bench: Any) -> None:
    bench.workspace.document.apply(edits.remove(["bi"], rejoin=False), "Delete")
    bench.workspace.document.apply(edits.remove(["den"], rejoin=False), "Delete")
    assert problems.rows == ()
    assert problems._empty.isVisible()


def test_that_counts_are_told_when_they_change(problems: ProblemsPanel, bench: Any) -> None:
    told: list[tuple[int, int, int]] = []
    problems.count_changed.connect(lambda *counts: told.append(counts))
    _break(bench)
    assert told[-1][0] == 1
    assert problems.counts == told[-1]
    bench.workspace.document.undo()
    assert told[-1][0] == 0


def test_that_a_fix_button_mends_the_design_in_one_undo_step(problems: ProblemsPanel, bench: Any) -> None:
    _break(bench)
    row = next(row for row in problems.rows if row.problem.severity.name == "ERROR")
    label = row.fixes[0].text()
    row.fixes[0].click()
    assert problems.counts[0] == 0
    assert bench.workspace.document.history.undo_label == label


def test_that_the_first_fix_prefers_the_selected_layer(problems: ProblemsPanel, bench: Any) -> None:
    bench.workspace.document.apply(edits.set_parameter("den", "units", 1), "Set")
    bench.workspace.document.apply(edits.set_parameter("den", "activation", "softmax"), "Set")
    _break(bench)
    bench.selection.set(["den"])
    assert problems.first_fix()
    assert bench.workspace.document.design.layer("den").value("activation") != "softmax"
    bench.selection.clear()
    assert problems.first_fix()
    assert problems.counts[0] == 0


def test_that_a_click_and_enter_bring_the_layer_into_sight(problems: ProblemsPanel, bench: Any) -> None:
    _break(bench)
    wanted: list[str] = []
    bench.selection.wanted.connect(wanted.append)
    row = problems.rows[0]
    QTest.mouseClick(row.text, Qt.MouseButton.LeftButton)
    row.setFocus()
    QTest.keyClick(row, Qt.Key.Key_Return)
    assert wanted == [row.problem.layer] * 2


def test_that_why_opens_in_place_and_stays_open_while_the_problem_does(
    problems: ProblemsPanel, bench: Any
) -> None:
    _break(bench)
    row = next(row for row in problems.rows if row.problem.why)
    assert not row.why.isVisible()
    row.why_button.click()
    assert row.why.isVisible()
    code = row.problem.code
    bench.workspace.document.apply(edits.set_parameter("den", "units", 2), "Set")
    again = next(row for row in problems.rows if row.problem.code == code)
    assert again.why.isVisible()


def test_that_each_layer_is_named_once_above_its_problems(problems: ProblemsPanel, bench: Any) -> None:
    _break(bench)
    titles = [row.title.text() for row in problems.rows if row.title.isVisible()]
    assert titles
    assert len(titles) == len(set(titles)) == len({row.problem.layer for row in problems.rows})


def test_that_long_buttons_wrap_instead_of_being_cut(problems: ProblemsPanel, bench: Any) -> None:
    _break(bench)
    problems.resize(330, 320)
    bench.qtbot.waitUntil(lambda: problems.rows[0].width() <= 330)
    for row in problems.rows:
        for button in (*row.fixes, row.why_button):
            if button.isVisible():
                assert button.geometry().right() <= row._buttons.width()
