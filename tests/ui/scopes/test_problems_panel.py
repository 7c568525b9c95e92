"""The problem list: by layer, mended by a button, explained in place."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import Design, Layer, Link, Problem, Severity, edits
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
    if holder := QApplication.focusWidget():
        holder.clearFocus()
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


def test_that_why_asks_for_the_explanation_and_selects_the_layer(problems: ProblemsPanel, bench: Any) -> None:
    _break(bench)
    asked: list[Any] = []
    bench.selection.why_wanted.connect(asked.append)
    row = next(row for row in problems.rows if row.problem.why)
    row.why_button.click()
    assert asked == [row.problem]
    assert bench.selection.ids == (row.problem.layer,)
    row.setFocus()
    assert problems.explain_focused()
    assert len(asked) == 2


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


def _several(bench: Any) -> None:
    """Three Dense layers with the same fault."""
    faulty = FrozenMap({"units": 1, "activation": "softmax"})
    names = ("one", "two", "three")
    design = Design(
        "rows",
        (
            Layer("in", "Input", "in", FrozenMap({"shape": (5, 1)})),
            *(Layer(name, "Dense", name, faulty) for name in names),
        ),
        tuple(Link("in", name) for name in names),
    )
    bench.workspace.document.apply(lambda _old: design, "Draw")


def test_that_fix_all_mends_every_problem_of_a_kind_in_one_undo_step(
    problems: ProblemsPanel, bench: Any
) -> None:
    _several(bench)
    before = bench.workspace.document.design
    assert problems.counts[1] == 3
    offering = [row for row in problems.rows if row.all_button.isVisible()]
    assert len(offering) == 1
    assert offering[0].all_button.text() == "Fix all 3 like this"
    offering[0].all_button.click()
    assert problems.counts[1] == 0
    assert {layer.value("activation") for layer in bench.workspace.document.design.layers[1:]} == {"sigmoid"}
    bench.workspace.document.undo()
    assert bench.workspace.document.design == before


def test_that_a_single_problem_of_a_kind_offers_no_fix_for_all(problems: ProblemsPanel, bench: Any) -> None:
    _break(bench)
    counts = Counter(row.problem.code for row in problems.rows)
    for row in problems.rows:
        if counts[row.problem.code] == 1:
            assert not row.all_button.isVisible()


def test_that_chips_hide_and_show_a_severity_and_say_how_many_there_are(
    problems: ProblemsPanel, bench: Any
) -> None:
    _break(bench)
    chip = problems.chip(Severity.ERROR)
    assert chip.isVisible()
    assert chip.accessibleName() == "1 error"
    chip.click()
    assert all(row.problem.severity is not Severity.ERROR for row in problems.rows)
    assert problems.counts[0] == 1
    assert "1 more is hidden" in problems._more.text()
    assert problems._more.isVisible()
    problems._more.click()
    assert any(row.problem.severity is Severity.ERROR for row in problems.rows)
    assert chip.isChecked()


def test_that_much_information_hides_behind_its_chip_until_it_is_asked_for(
    problems: ProblemsPanel, bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = bench.workspace.checks.checked
    notes = tuple(
        Problem("mem", None, Severity.INFORMATION, f"Note {number}.", f"note_{number}") for number in range(4)
    )
    many, few = replace(checked, problems=notes), replace(checked, problems=notes[:3])
    problems._show(few)
    assert len(problems.rows) == 3
    problems._show(many)
    assert problems.rows == ()
    assert problems.counts == (0, 0, 4)
    monkeypatch.setattr(bench.workspace.checks, "_checked", many)
    problems.chip(Severity.INFORMATION).click()
    assert len(problems.rows) == 4


def test_that_the_list_is_walked_and_mended_by_keyboard_alone(problems: ProblemsPanel, bench: Any) -> None:
    _several(bench)
    rows = problems.rows
    rows[0].setFocus()
    QTest.keyClick(rows[0], Qt.Key.Key_Down)
    assert problems.focused is rows[1].problem
    QTest.keyClick(rows[1], Qt.Key.Key_Up)
    QTest.keyClick(rows[0], Qt.Key.Key_Up)
    assert problems.focused is rows[0].problem
    QTest.keyClick(rows[0], Qt.Key.Key_End)
    assert problems.focused is problems.rows[-1].problem
    message = problems.rows[-1].problem.message
    assert problems.first_fix()
    assert message not in [row.problem.message for row in problems.rows]


def test_that_the_keyboard_stays_in_the_list_when_the_last_row_goes(
    problems: ProblemsPanel, bench: Any
) -> None:
    _several(bench)
    last = problems.rows[-1]
    last.setFocus()
    count = len(problems.rows)
    bench.workspace.document.apply(edits.set_parameter("one", "units", 2), "Mend")
    assert len(problems.rows) < count
    assert problems.focused is not None
