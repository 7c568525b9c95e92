"""The code editor's text field: keys, marks, finding and its own undo."""

from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest

from rnn_designer.ui.cell_editor.code_edit import CodeEdit
from rnn_designer.ui.cell_editor.find_bar import FindBar

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def edit(show: Any) -> Any:
    made = CodeEdit()
    made.resize(500, 300)
    show(made)
    made.setFocus()
    return made


def put_caret(edit: Any, start: int, end: int | None = None) -> None:
    cursor = edit.textCursor()
    cursor.setPosition(start)
    if end is not None:
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
    edit.setTextCursor(cursor)


def test_that_enter_indents_and_backspace_goes_back_a_whole_level(edit: Any) -> None:
    QTest.keyClicks(edit, "class Cell:")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    QTest.keyClicks(edit, "def f(self):")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    QTest.keyClicks(edit, "return 1")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert edit.text() == "class Cell:\n    def f(self):\n        return 1\n    "
    QTest.keyClick(edit, Qt.Key.Key_Backspace)
    assert edit.text().endswith("return 1\n")
    QTest.keyClicks(edit, "x")
    QTest.keyClick(edit, Qt.Key.Key_Backspace)
    assert edit.text().endswith("return 1\n")


def test_that_tab_fills_up_to_the_next_stop_and_moves_selected_lines(edit: Any) -> None:
    edit.open_text("ab\nif x:\n    y\n")
    put_caret(edit, 2)
    QTest.keyClick(edit, Qt.Key.Key_Tab)
    assert edit.text().startswith("ab  \n")
    put_caret(edit, 5, 16)
    QTest.keyClick(edit, Qt.Key.Key_Tab)
    assert edit.text() == "ab  \n    if x:\n        y\n"
    QTest.keyClick(edit, Qt.Key.Key_Backtab, SHIFT)
    QTest.keyClick(edit, Qt.Key.Key_Backtab, SHIFT)
    assert edit.text() == "ab  \nif x:\ny\n"


def test_that_one_undo_takes_back_one_indentation_of_many_lines(edit: Any) -> None:
    edit.open_text("a\nb\nc")
    put_caret(edit, 0, 5)
    QTest.keyClick(edit, Qt.Key.Key_Tab)
    assert edit.text() == "    a\n    b\n    c"
    edit.undo()
    assert edit.text() == "a\nb\nc"
    edit.undo()
    assert edit.text() == "a\nb\nc", "what was opened is where undo ends"


def test_that_slash_with_control_comments_the_line_out_and_in(edit: Any) -> None:
    edit.open_text("    h = 1\n")
    put_caret(edit, 4)
    QTest.keyClick(edit, Qt.Key.Key_Slash, CONTROL)
    assert edit.text() == "    # h = 1\n"
    QTest.keyClick(edit, Qt.Key.Key_Slash, CONTROL)
    assert edit.text() == "    h = 1\n"


def test_that_home_goes_to_the_code_and_then_to_the_margin(edit: Any) -> None:
    edit.open_text("    abc")
    put_caret(edit, 7)
    for column in (4, 0, 4):
        QTest.keyClick(edit, Qt.Key.Key_Home)
        assert edit.textCursor().positionInBlock() == column


def test_that_another_text_is_taken_in_as_one_step_that_leaves_the_caret_alone(edit: Any) -> None:
    edit.open_text("one\ntwo\nthree\n")
    put_caret(edit, 9)
    edit.show_text("one\ntwo, too\nthree\n")
    assert edit.text() == "one\ntwo, too\nthree\n"
    assert edit.textCursor().block().text() == "three"
    edit.undo()
    assert edit.text() == "one\ntwo\nthree\n"


def test_that_colours_follow_what_is_typed_above_them(edit: Any) -> None:
    edit.open_text("x\ny = 1\n")

    def colour(line: int) -> str:
        formats = edit.document().findBlockByNumber(line).layout().formats()
        return formats[0].format.foreground().color().name() if formats else ""

    number = colour(1)
    assert number
    put_caret(edit, 0)
    QTest.keyClicks(edit, '"""')
    assert colour(1) not in ("", number)
    for _ in range(3):
        QTest.keyClick(edit, Qt.Key.Key_Backspace)
    assert colour(1) == number


def test_that_faults_are_marked_on_their_line_and_say_what_is_wrong(edit: Any) -> None:
    edit.open_text("a = 1\nb = (\n")
    edit.show_faults({2: (4, "The bracket is never closed.")})
    marked = [
        each.cursor.block().blockNumber()
        for each in edit.extraSelections()
        if each.format.underlineColor().isValid()
        and each.cursor.hasSelection()
        and each.format.underlineStyle() != each.format.UnderlineStyle.NoUnderline
    ]
    assert marked == [1]
    edit.open_text("c = 1")
    assert not edit.faults


def test_that_both_brackets_of_a_pair_are_lit(edit: Any) -> None:
    edit.open_text("f(a)")
    put_caret(edit, 1)
    lit = [each.cursor.selectedText() for each in edit.extraSelections() if each.cursor.hasSelection()]
    assert sorted(lit) == ["(", ")"]


def test_that_a_click_on_a_line_number_goes_to_the_line(edit: Any) -> None:
    edit.open_text("a\nb\nc\n")
    _line, top, height = list(edit.lines_in_sight())[1]
    QTest.mouseClick(edit.gutter, Qt.MouseButton.LeftButton, pos=QPoint(10, int(top + height / 2)))
    assert edit.textCursor().blockNumber() == 1


def test_that_a_text_to_read_cannot_be_changed_by_any_key(show: Any) -> None:
    made = CodeEdit(read_only=True)
    show(made)
    made.open_text("a = 1\n")
    made.setFocus()
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Tab, Qt.Key.Key_Backspace, Qt.Key.Key_X):
        QTest.keyClick(made, key)
    QTest.keyClick(made, Qt.Key.Key_Slash, CONTROL)
    assert made.text() == "a = 1\n"


@pytest.fixture
def find(edit: Any, show: Any) -> Any:
    bar = FindBar(edit)
    edit.find_wanted.connect(bar.open)
    edit.open_text("units = 1\nself.units = units\n")
    put_caret(edit, 0)
    QTest.keyClick(edit, Qt.Key.Key_F, CONTROL)
    assert bar.isVisible()
    yield bar
    bar.close()
    bar.deleteLater()


def test_that_finding_walks_every_place_round_the_end(edit: Any, find: Any) -> None:
    QTest.keyClicks(find.field, "UNITS")
    assert find.count.text() == "1 of 3"
    places = []
    for _ in range(3):
        places.append(edit.textCursor().selectionStart())
        QTest.keyClick(find.field, Qt.Key.Key_Return)
    assert places == [0, 15, 23]
    assert find.count.text() == "1 of 3"
    QTest.keyClick(find.field, Qt.Key.Key_Return, SHIFT)
    assert find.count.text() == "3 of 3"
    QTest.keyClicks(find.field, "x")
    assert find.count.text() == "not found"


def test_that_escape_ends_the_search_and_takes_its_marks_away(edit: Any, find: Any) -> None:
    QTest.keyClicks(find.field, "units")
    assert sum(each.cursor.selectedText() == "units" for each in edit.extraSelections()) == 3
    QTest.keyClick(find.field, Qt.Key.Key_Escape)
    assert find.isHidden()
    assert not any(each.cursor.selectedText() == "units" for each in edit.extraSelections())
