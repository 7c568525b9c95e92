"""The question whether code from a file may run: it shows the code, and no is what happens by itself."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from rnn_designer.catalog.cell_templates import minimal_cell
from rnn_designer.design import edits, new_layer
from rnn_designer.design.edits.cell_code import set_code
from rnn_designer.ui.cell_editor.trust_dialog import TrustDialog, foreign_codes

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def foreign(draw: Any, workspace: Any) -> list[str]:
    """Two classes from elsewhere, the first in two boxes; their texts."""
    draw("Input")
    document = workspace.document
    codes = [minimal_cell().replace("MinimalCell", name) for name in ("FirstCell", "SecondCell")]
    for code in (codes[0], codes[0], codes[1]):
        made = new_layer(document.design, "CustomCell")
        document.apply(edits.add(made), "Add")
        # The minimal cell is of the first class only once it is set: one box after the other.
        document.apply(set_code(made.id, code), "Set")
    return codes


@pytest.fixture
def dialog(workspace: Any, foreign: list[str], show: Any) -> Any:
    return show(TrustDialog(workspace))


def test_that_the_code_stands_in_the_dialog_to_be_read_and_nothing_else(
    dialog: Any, foreign: list[str]
) -> None:
    assert dialog.code.text() == foreign[0]
    assert dialog.code.isReadOnly()
    assert "FirstCell" in dialog.title.text()
    assert "‘custom_cell’, ‘custom_cell_1’" in dialog.words.text()


def test_that_enter_and_escape_let_nothing_run(dialog: Any, workspace: Any, foreign: list[str]) -> None:
    assert dialog.refuse_button.isDefault()
    assert not dialog.run_button.isDefault()
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert dialog.isHidden()
    assert not any(workspace.trust.knows(code) for code in foreign)
    dialog.show()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not any(workspace.trust.knows(code) for code in foreign)


def test_that_each_class_is_asked_about_by_itself(dialog: Any, workspace: Any, foreign: list[str]) -> None:
    assert "1 of 2" in dialog.title.text()
    QTest.mouseClick(dialog.run_button, Qt.MouseButton.LeftButton)
    assert workspace.trust.knows(foreign[0])
    assert not workspace.trust.knows(foreign[1])
    assert dialog.code.text() == foreign[1]
    assert dialog.refuse_button.hasFocus()
    QTest.mouseClick(dialog.run_button, Qt.MouseButton.LeftButton)
    assert workspace.trust.knows(foreign[1])
    assert dialog.isHidden()
    assert foreign_codes(workspace) == ()


def test_that_the_cell_that_was_asked_about_comes_first(
    workspace: Any, foreign: list[str], show: Any
) -> None:
    last = workspace.document.design.layers[-1].id
    shown = show(TrustDialog(workspace, layer_id=last))
    assert shown.code.text() == foreign[1]


def test_that_nothing_is_asked_where_all_may_run(workspace: Any, draw: Any, show: Any) -> None:
    draw("Input", "CustomCell")
    shown = show(TrustDialog(workspace))
    assert shown.shown is None
    assert not shown.run_button.isEnabled()
