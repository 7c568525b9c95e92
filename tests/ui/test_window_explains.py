"""In the window: "Why?" and F1 lead to the explanation, wherever the problem was met."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import Design, Layer, Link, Severity
from rnn_designer.session import EngineProcess, Workspace
from rnn_designer.ui.main_window import MainWindow
from rnn_designer.ui.settings import Settings
from rnn_designer.ui.theme import keeper

SILENT = [sys.executable, "-c", "import sys; sys.stdin.read()"]
FAULTY = FrozenMap({"units": 1, "activation": "softmax"})
DESIGN = Design(
    "faulty",
    (
        Layer("in", "Input", "series", FrozenMap({"shape": (5, 1)})),
        Layer("one", "Dense", "one", FAULTY),
        Layer("two", "Dense", "two", FAULTY, (300.0, 0.0)),
    ),
    (Link("in", "one"), Link("in", "two")),
)


@pytest.fixture
def window(show: Callable[[QWidget], QWidget]) -> Iterator[MainWindow]:
    keeper().apply("light")
    made = MainWindow(Workspace(engine=EngineProcess(command=SILENT)), Settings())
    show(made)
    made.workspace.show(DESIGN, saved=True)
    yield made
    made.workspace.document.mark_saved(made.workspace.document.path or Path("none.rnnd"))
    made.close()
    made.workspace.deleteLater()


def explained(window: MainWindow) -> str:
    """What Explain says, if it is in front."""
    return window.explain.text() if window.explain.isVisible() else ""


def test_that_why_in_the_problem_list_opens_explain_at_that_problem(window: MainWindow) -> None:
    window.bottom_right.show_page(1)
    row = next(row for row in window.problems.rows if row.problem is not None and row.problem.layer == "two")
    assert row.problem is not None
    row.why_button.click()
    assert window.selection.ids == ("two",)
    text = explained(window)
    assert text.index("Why is this") < text.index(row.problem.message) < text.index(row.problem.why)


def test_that_why_in_the_form_opens_explain_at_that_problem(window: MainWindow) -> None:
    window.selection.set(("one",))
    window.right.show_page(0)
    line = window.properties.page.form.rows["activation"]._problems._lines[0]
    assert line.why.isVisible()
    line.why.click()
    assert "Why is this" in explained(window)
    assert "activation" in explained(window)


def test_that_f1_explains_the_problem_that_has_the_keyboard_and_otherwise_the_selection(
    window: MainWindow,
) -> None:
    window.selection.set(("in",))
    window.canvas.setFocus()
    window.actions_table["explain"].trigger()
    assert "Input" in explained(window)
    assert "Why is this" not in explained(window)
    window.right.show_page(0)
    window.bottom_right.show_page(1)
    row = window.problems.rows[0]
    row.setFocus()
    QTest.keyClick(row, Qt.Key.Key_F1)
    if not explained(window):
        window.actions_table["explain"].trigger()
    assert "Why is this" in explained(window)


def test_that_the_chips_stand_beside_the_tabs_while_problems_are_in_front(window: MainWindow) -> None:
    chip = window.problems.chip(Severity.WARNING)
    window.bottom_right.show_page(0)
    assert not chip.isVisible()
    window.bottom_right.show_page(1)
    assert chip.isVisible()
    assert chip.text() == "2"
