"""The cell editor: what is a cell reaches the design after a pause, what is none is kept and told, nothing is lost."""

from collections.abc import Callable
from typing import Any

import pytest
from hands import type_into
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from rnn_designer.catalog.cell_templates import cell_templates
from rnn_designer.design import Design, edits, new_layer
from rnn_designer.design.edits.cell_code import draft_of, keep_draft, set_code
from rnn_designer.design.files import from_text, to_text
from rnn_designer.messages import Failure
from rnn_designer.ui.cell_editor.draft import DraftState
from rnn_designer.ui.cell_editor.editor import CellEditor

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

CONTROL = Qt.KeyboardModifier.ControlModifier
CODE = {each.name: each.code for each in cell_templates()}


@pytest.fixture
def cell(draw: Callable[..., Design], workspace: Any) -> str:
    """The id of a custom cell in an RNN that reads an Input."""
    rnn = draw("Input", "RNN").layers[1].id
    made = new_layer(workspace.document.design, "CustomCell")
    workspace.document.apply(edits.set_child(rnn, 0, made), "Put in")
    workspace.document.seal()
    return made.id


@pytest.fixture
def editor(workspace: Any, show: Any, cell: str) -> Any:
    made = CellEditor(workspace)
    made.resize(700, 500)
    show(made)
    made.open(cell)
    return made


def code_of(workspace: Any, cell: str) -> str:
    return str(workspace.document.design.layer(cell).value("code"))


def replace_in(editor: Any, old: str, new: str) -> None:
    """Type another text in the place of one, key by key."""
    cursor = editor.edit.textCursor()
    start = editor.edit.text().index(old)
    cursor.setPosition(start)
    cursor.setPosition(start + len(old), cursor.MoveMode.KeepAnchor)
    editor.edit.setTextCursor(cursor)
    editor.edit.setFocus()
    QTest.keyClicks(editor.edit, new)


def test_that_typed_code_is_applied_after_a_pause_without_any_key(
    editor: Any, workspace: Any, cell: str, qtbot: QtBot
) -> None:
    before = code_of(workspace, cell)
    replace_in(editor, "previous", "formerly")
    assert editor.draft.state is DraftState.TYPING
    assert code_of(workspace, cell) == before
    qtbot.waitUntil(lambda: editor.draft.state is not DraftState.TYPING)
    assert editor.draft.state is DraftState.FAULTY or "formerly" in code_of(workspace, cell)


def test_that_control_and_enter_apply_at_once_as_one_named_step(
    editor: Any, workspace: Any, cell: str
) -> None:
    steps = workspace.document.history.position
    replace_in(editor, "class MinimalCell", "class OwnCell")
    QTest.keyClick(editor.edit, Qt.Key.Key_Return, CONTROL)
    layer = workspace.document.design.layer(cell)
    assert "class OwnCell" in layer.value("code")
    assert layer.value("arguments").kind == "OwnCell"
    assert editor.title.whole_text() == "OwnCell"
    assert workspace.document.history.position == steps + 1
    assert layer.name in (workspace.document.history.undo_label or "")
    workspace.document.undo()
    assert "class MinimalCell" in editor.edit.text()
    assert editor.draft.state is DraftState.APPLIED


def test_that_what_is_no_cell_stays_beside_the_code_that_holds(
    editor: Any, workspace: Any, cell: str
) -> None:
    before = code_of(workspace, cell)
    replace_in(editor, "def call(self, inputs, states):", "def call(self, inputs, states)")
    QTest.keyClick(editor.edit, Qt.Key.Key_Return, CONTROL)
    assert editor.draft.state is DraftState.FAULTY
    assert code_of(workspace, cell) == before
    assert editor.draft.line in editor.edit.faults
    assert f"line {editor.draft.line}" in editor.message.text().lower()
    assert "stays in use" in editor.message.text()
    QTest.mouseClick(editor.go_button, Qt.MouseButton.LeftButton)
    assert editor.edit.textCursor().blockNumber() + 1 == editor.draft.line


def test_that_half_a_class_survives_another_cell_a_file_and_an_undo(
    editor: Any, workspace: Any, cell: str
) -> None:
    other = new_layer(workspace.document.design, "CustomCell")
    workspace.document.apply(edits.add(other), "Add")
    workspace.document.apply(set_code(other.id, CODE["running_sum"]), "Set")
    # Both cells were the same class until now.
    editor.draft.open(cell)
    editor.edit.selectAll()
    QTest.keyClicks(editor.edit, "class Half(")
    editor.draft.open(other.id)
    assert "class Half(" not in editor.edit.text()
    assert draft_of(workspace.document.design.layer(cell)) == "class Half("
    reread = from_text(to_text(workspace.document.design))
    assert draft_of(reread.layer(cell)) == "class Half("
    editor.draft.open(cell)
    assert editor.edit.text() == "class Half("
    assert editor.draft.state is DraftState.FAULTY
    editor.edit.undo()
    workspace.document.undo()
    assert draft_of(workspace.document.design.layer(cell)) is None
    assert editor.edit.text() == code_of(workspace, cell)


def test_that_the_text_has_an_undo_of_its_own_that_the_design_follows(
    editor: Any, workspace: Any, cell: str
) -> None:
    before = code_of(workspace, cell)
    editor.draft.replace(CODE["leaky_integrator"])
    assert "LeakyIntegratorCell" in code_of(workspace, cell)
    editor.edit.setFocus()
    QTest.keyClick(editor.edit, Qt.Key.Key_Z, CONTROL)
    QTest.keyClick(editor.edit, Qt.Key.Key_Return, CONTROL)
    assert code_of(workspace, cell) == before


def test_that_arguments_that_both_classes_have_keep_their_values(
    editor: Any, workspace: Any, cell: str, properties: Any, selection: Any
) -> None:
    selection.set((cell,))
    form = properties.page.form
    type_into(form.rows["arguments"].editor.rows["units"].editor.field, "5")
    editor.draft.replace(CODE["leaky_integrator"])
    rows = form.rows["arguments"].editor.rows
    assert list(rows) == ["units", "leak", "activation"]
    assert rows["units"].editor.field.value() == 5
    type_into(rows["leak"].editor.field, "0.5")
    assert workspace.document.design.layer(cell).value("arguments").params["leak"] == 0.5
    assert not rows["leak"].dot.isHidden()
    rows["leak"].dot.click()
    assert "leak" not in workspace.document.design.layer(cell).value("arguments").params
    type_into(rows["units"].editor.field, "-3")
    assert rows["units"].message.text()
    assert workspace.document.design.layer(cell).value("arguments").params["units"] == 5


def test_that_boxes_of_one_class_change_together_and_the_editor_says_so(
    editor: Any, workspace: Any, cell: str
) -> None:
    twin = new_layer(workspace.document.design, "CustomCell")
    workspace.document.apply(edits.add(twin), "Add")
    assert "1 more box" in editor.facts.whole_text()
    editor.draft.replace(CODE["running_sum"])
    assert code_of(workspace, twin.id) == CODE["running_sum"]
    workspace.document.undo()
    assert code_of(workspace, twin.id) == CODE["minimal"]


def test_that_what_the_engine_says_about_a_line_is_marked_on_it_until_it_runs(
    editor: Any, workspace: Any, cell: str, fake_trace: Any
) -> None:
    name = workspace.document.design.layer(cell).name
    sentence = f"Cell “{name}” (MinimalCell, line 12) fails: ValueError: no. Mend that line."
    workspace.live.failed.emit(Failure(1, sentence, cell))
    assert editor.edit.faults[12][1] == sentence
    assert editor.message.text() == sentence
    assert editor.draft.line == 12
    workspace.live.traced.emit(fake_trace({}))
    assert not editor.edit.faults
    workspace.live.failed.emit(Failure(2, "Another layer fails.", "elsewhere"))
    assert "Another" not in editor.message.text()


def test_that_the_editor_goes_when_its_cell_does(editor: Any, workspace: Any, cell: str) -> None:
    heard: list[bool] = []
    editor.closed.connect(lambda: heard.append(True))
    workspace.document.apply(edits.remove([cell]), "Remove")
    assert heard
    assert not editor.edit.isEnabled()


# Trust.


FOREIGN = CODE["minimal"].replace("class MinimalCell", "class ForeignCell")


def test_that_typed_code_may_run_and_code_from_elsewhere_may_not(
    editor: Any, workspace: Any, cell: str
) -> None:
    replace_in(editor, "class MinimalCell", "class OwnCell")
    QTest.keyClick(editor.edit, Qt.Key.Key_Return, CONTROL)
    assert workspace.trust.knows(code_of(workspace, cell))
    workspace.document.apply(set_code(cell, FOREIGN), "As if from a file")
    assert not workspace.trust.knows(FOREIGN)
    assert not editor._foreign.isHidden()
    replace_in(editor, "class ForeignCell", "class ChangedCell")
    QTest.keyClick(editor.edit, Qt.Key.Key_Return, CONTROL)
    changed = code_of(workspace, cell)
    assert "class ChangedCell" in changed
    assert not workspace.trust.knows(changed), "one changed word makes code of strangers nobody's own"
    workspace.trust.add(changed)
    assert editor._foreign.isHidden()
    replace_in(editor, "class ChangedCell", "class MineNow")
    QTest.keyClick(editor.edit, Qt.Key.Key_Return, CONTROL)
    assert workspace.trust.knows(code_of(workspace, cell))


def test_that_a_draft_from_a_file_is_foreign_though_the_code_beside_it_may_run(
    editor: Any, workspace: Any, cell: str
) -> None:
    assert workspace.trust.knows(code_of(workspace, cell))
    workspace.document.apply(keep_draft(cell, FOREIGN), "As if from a file")
    assert editor.edit.text() == FOREIGN
    replace_in(editor, "class ForeignCell", "class ChangedCell")
    QTest.keyClick(editor.edit, Qt.Key.Key_Return, CONTROL)
    changed = code_of(workspace, cell)
    assert "class ChangedCell" in changed
    assert not workspace.trust.knows(changed)


def test_that_a_draft_typed_here_may_run_once_it_is_a_cell(editor: Any, workspace: Any, cell: str) -> None:
    replace_in(editor, "class MinimalCell(", "class MinimalCell")
    QTest.keyClick(editor.edit, Qt.Key.Key_Return, CONTROL)
    assert draft_of(workspace.document.design.layer(cell)) is not None
    replace_in(editor, "class MinimalCell", "class MineCell(")
    QTest.keyClick(editor.edit, Qt.Key.Key_Return, CONTROL)
    assert "class MineCell(" in code_of(workspace, cell)
    assert workspace.trust.knows(code_of(workspace, cell))


def test_that_every_template_may_run(editor: Any, workspace: Any, cell: str) -> None:
    for code in CODE.values():
        editor.templates.picked.emit(code)
        assert code_of(workspace, cell) == code
        assert workspace.trust.knows(code)


def test_that_the_templates_tell_what_they_are_and_are_chosen_by_keys(
    editor: Any, workspace: Any, cell: str
) -> None:
    editor.templates.click()
    popup = editor.templates.templates
    assert popup.isVisible()
    for row, template in enumerate(cell_templates()):
        spoken = popup.list.item(row).data(Qt.ItemDataRole.AccessibleTextRole)
        assert spoken == f"{template.title}: {template.summary}"
    QTest.keyClick(popup.list, Qt.Key.Key_Down)
    QTest.keyClick(popup.list, Qt.Key.Key_Return)
    assert popup.isHidden()
    assert code_of(workspace, cell) == cell_templates()[1].code
    assert editor.focusWidget() is editor.edit
    editor.templates.click()
    QTest.keyClick(popup.list, Qt.Key.Key_Escape)
    assert popup.isHidden()
    assert code_of(workspace, cell) == cell_templates()[1].code
