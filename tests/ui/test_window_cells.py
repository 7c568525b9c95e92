"""Custom cells in the window: where their code is opened, and how code from a file waits to be looked at."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox

from rnn_designer.catalog.cell_templates import minimal_cell
from rnn_designer.design import Design, edits, files, new_layer
from rnn_designer.design.edits.cell_code import set_code
from rnn_designer.ui.cell_editor.draft import DraftState
from rnn_designer.ui.cell_editor.trust_dialog import TrustDialog

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

FOREIGN = minimal_cell().replace("MinimalCell", "ForeignCell")


def design_with(code: str) -> Design:
    design = Design("cells")
    rnn = new_layer(design, "RNN")
    design = edits.add(rnn)(design)
    cell = new_layer(design, "CustomCell")
    design = edits.set_child(rnn.id, 0, cell)(design)
    return set_code(cell.id, code)(design)


def cell_of(window: Any) -> Any:
    return next(each for each in window.workspace.document.design.walk() if each.kind == "CustomCell")


def dialogs(window: Any) -> list[TrustDialog]:
    return [each for each in window.findChildren(TrustDialog) if each.isVisible()]


@pytest.fixture
def foreign(window: Any, tmp_path: Path) -> Any:
    """A window on a file that holds code of somebody else."""
    path = tmp_path / "theirs.rnnd"
    files.save(design_with(FOREIGN), path)
    window.files.open(path)
    return window


def test_that_opening_a_file_with_foreign_code_asks_nothing_and_says_it_quietly(foreign: Any) -> None:
    assert not dialogs(foreign)
    assert "ForeignCell" in foreign.notice.text
    foreign.notice._action.click()
    (dialog,) = dialogs(foreign)
    assert "theirs.rnnd" in dialog.words.text()
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert not foreign.workspace.trust.knows(FOREIGN)
    assert foreign.workspace.checks.untrusted


def test_that_the_notice_goes_once_all_code_may_run(foreign: Any) -> None:
    assert foreign.notice.text
    foreign.workspace.trust.add(FOREIGN)
    assert not foreign.notice.text
    assert not foreign.workspace.checks.untrusted


def test_that_the_problem_leads_to_the_code_from_list_card_and_form(foreign: Any) -> None:
    cell = cell_of(foreign)
    foreign.bottom_right.show_page(1)
    row = next(each for each in foreign.problems.rows if each.problem.code == "untrusted_cell")
    foreign.selection.set((cell.id,))
    form_row = foreign.properties.page.form.rows["code"]
    foreign.canvas.show_fault(cell.id)
    card_buttons = [
        each
        for each in foreign.canvas.overlays.card.findChildren(type(row.code_button))
        if each.text() == row.code_button.text()
    ]
    assert len(card_buttons) == 1
    for button in (row.code_button, form_row._problems._lines[0].code, card_buttons[0]):
        assert not button.isHidden()
        button.click()
        (dialog,) = dialogs(foreign)
        assert dialog.code.text() == FOREIGN
        dialog.reject()
        assert not dialogs(foreign)


def test_that_other_problems_have_no_such_button(window: Any) -> None:
    document = window.workspace.document
    document.apply(edits.add(new_layer(document.design, "LSTM")), "Add")
    window.bottom_right.show_page(1)
    assert window.problems.rows
    assert all(row.code_button.isHidden() for row in window.problems.rows)


def test_that_the_editor_opens_from_form_and_keys_and_goes_with_its_cell(window: Any) -> None:
    dock = window.own_code.dock
    window.own_code.edit()
    assert dock.isHidden()
    assert "custom cell" in window.notice.text
    window.workspace.show(design_with(minimal_cell()))
    cell = cell_of(window)
    window.selection.set((cell.id,))
    window.properties.page.form.rows["code"].editor.open_button.click()
    assert dock.isVisible()
    assert dock.editor.edit.text() == minimal_cell()
    dock.hide()
    window.selection.set((window.workspace.document.design.layers[0].id,))
    window.actions_table["cell_code"].trigger()
    assert dock.isVisible(), "the cell inside what is selected"
    window.workspace.document.apply(edits.remove([cell.id]), "Remove")
    assert dock.isHidden()


def test_that_f6_leads_out_of_the_code_where_tab_indents(window: Any) -> None:
    window.workspace.show(design_with(minimal_cell()))
    window.own_code.edit()
    window.own_code.dock.setFloating(False)
    edit = window.own_code.dock.editor.edit
    edit.setFocus()
    text = edit.text()
    QTest.keyClick(edit, Qt.Key.Key_Tab)
    assert edit.text() != text
    assert window.focusWidget() is edit
    window.next_dock()
    assert window.focusWidget() is not edit


def type_a_comment(window: Any) -> None:
    """Type into the code, with no pause after it."""
    window.own_code.edit()
    edit = window.own_code.dock.editor.edit
    edit.setFocus()
    QTest.keyClicks(edit, "# mine ")
    assert window.own_code.dock.editor.draft.state is DraftState.TYPING


def test_that_what_was_typed_last_is_saved_without_waiting_for_a_pause(window: Any, tmp_path: Path) -> None:
    path = tmp_path / "mine.rnnd"
    files.save(design_with(minimal_cell()), path)
    window.files.open(path)
    type_a_comment(window)
    window.actions_table["save"].trigger()
    saved = next(each for each in files.load(path).walk() if each.kind == "CustomCell")
    assert saved.value("code").startswith("# mine ")


def test_that_closing_the_window_asks_about_what_was_typed_last(window: Any, monkeypatch: Any) -> None:
    window.workspace.show(design_with(minimal_cell()), saved=True)
    asked: list[str] = []

    def ask(box: QMessageBox) -> QMessageBox.StandardButton:
        asked.append(box.text())
        return QMessageBox.StandardButton.Discard

    monkeypatch.setattr(QMessageBox, "exec", ask)
    assert window.may_close()
    assert not asked
    type_a_comment(window)
    assert window.may_close()
    assert len(asked) == 1
    assert cell_of(window).value("code").startswith("# mine ")


def test_that_typing_in_a_window_that_goes_changes_nothing_any_more(window: Any) -> None:
    window.workspace.show(design_with(minimal_cell()), saved=True)
    type_a_comment(window)
    window.close_now()
    assert cell_of(window).value("code") == minimal_cell()
    assert window.own_code.dock.editor.draft.layer is None


def test_that_the_editor_docks_beside_the_forms_and_leaves_them_their_width(window: Any) -> None:
    window.workspace.show(design_with(minimal_cell()))
    window.own_code.edit()
    dock = window.own_code.dock
    assert dock.isFloating()
    dock.setFloating(False)
    QApplication.processEvents()
    assert dock.isVisible()
    assert dock.geometry().right() < window.right.geometry().left()
    assert window.right.width() >= 310
    assert window.size().toTuple() == (1440, 900)
    window.reset_layout()
    assert dock.isHidden()


def test_that_code_pasted_from_elsewhere_waits_as_well(window: Any) -> None:
    window.workspace.show(design_with(minimal_cell()))
    assert not window.notice.text
    source = design_with(FOREIGN)
    text = edits.copy(source, [source.layers[0].id])
    window.workspace.document.apply(edits.paste(text), "Paste")
    assert "ForeignCell" in window.notice.text
    assert len(window.workspace.checks.untrusted) == 1
