"""The code panel shows the exported program and ties its lines to layers, both ways."""

import ast
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtTest import QTest

from rnn_designer.codegen import formatted, generate
from rnn_designer.design import edits, new_layer
from rnn_designer.ui.code import CodePanel
from rnn_designer.ui.theme import DARK, LIGHT, keeper


@pytest.fixture
def code(bench: Any) -> CodePanel:
    panel = CodePanel(bench.workspace, bench.selection)
    bench.show(panel, 500, 400)
    return panel


def _line(code: CodePanel, word: str) -> int:
    return next(
        number for number, line in enumerate(code.view.toPlainText().split("\n"), start=1) if word in line
    )


def _after(bench: Any, code: CodePanel, *changes: Any) -> None:
    for change in changes:
        assert bench.workspace.document.apply(change, "Change")
    code.refresh()


def test_that_what_is_shown_is_what_is_exported(code: CodePanel, bench: Any) -> None:
    exported = formatted(generate(bench.workspace.checks.checked)).text
    assert code.view.toPlainText() == exported.rstrip("\n")
    assert code.source.text == exported


def test_that_the_selected_layers_lines_are_marked_and_in_sight(code: CodePanel, bench: Any) -> None:
    bench.selection.set(["mem"])
    assert code.view.marked == (_line(code, "layers.LSTM("),)
    bench.selection.set(["mem", "den"])
    assert code.view.marked == (_line(code, "layers.LSTM("), _line(code, "layers.Dense("))
    first = code.view.firstVisibleBlock().blockNumber() + 1
    bench.selection.set(["gru"])
    assert _line(code, "layers.Bidirectional(") in code.view.marked, (
        "the wrapper has the line of its inner layer"
    )
    assert first <= code.view.marked[0]
    bench.selection.clear()
    assert code.view.marked == ()


def test_that_a_click_on_a_line_selects_its_layer(code: CodePanel, bench: Any) -> None:
    shown: list[str] = []
    bench.selection.wanted.connect(shown.append)
    line = _line(code, "layers.LSTM(")
    code.view.verticalScrollBar().setValue(line - 2)
    cursor = QTextCursor(code.view.document().findBlockByNumber(line - 1))
    point = code.view.cursorRect(cursor).center()
    QTest.mouseClick(code.view.viewport(), Qt.MouseButton.LeftButton, pos=point)
    assert bench.selection.ids == ("mem",)
    assert shown == ["mem"]


def test_that_the_program_follows_an_edit_by_itself(code: CodePanel, bench: Any) -> None:
    bench.workspace.document.apply(edits.set_parameter("mem", "units", 7), "Set units")
    bench.qtbot.waitUntil(lambda: "layers.LSTM(7," in code.view.toPlainText())


@pytest.mark.parametrize("units", [1, 3, 12345])
def test_that_changing_only_the_lines_that_differ_gives_the_whole_text(
    code: CodePanel, bench: Any, units: int
) -> None:
    _after(bench, code, edits.set_parameter("mem", "units", units))
    assert code.view.toPlainText() == code.source.text.rstrip("\n")
    _after(bench, code, edits.remove(["den"]))
    assert code.view.toPlainText() == code.source.text.rstrip("\n")


def test_that_replacing_head_middle_and_tail_of_a_text_is_exact(code: CodePanel) -> None:
    texts = [
        "",
        "a",
        "a\nb",
        "b",
        "a\nb\nc",
        "c",
        "x\nb\nc",
        "x\nb\nc\nd\nd",
        "x\nd\nd",
        "d",
        "",
        "a\n\nb",
        "a\nb",
    ]
    for text in texts:
        code.view.show_code(text)
        assert code.view.toPlainText() == text


def test_that_the_style_can_be_chosen(code: CodePanel) -> None:
    assert "keras.Sequential" in code.source.text
    code.style_button.choose("functional")
    assert "keras.Model(" in code.source.text
    ast.parse(code.source.text)


def test_that_a_style_that_does_not_suit_says_so_and_shows_the_program_anyway(
    code: CodePanel, bench: Any
) -> None:
    add = edits.add(new_layer(bench.workspace.document.design, "Dense"))
    bench.workspace.document.apply(add, "Add")
    extra = bench.workspace.document.design.layers[-1].id
    from rnn_designer.design import Link

    _after(bench, code, edits.connect(Link("mem", extra)))
    code.style_button.choose("sequential")
    assert "Sequential" in code.note.text()
    assert code.note.isVisible()
    assert "layers.LSTM(" in code.source.text


def test_that_what_cannot_run_is_left_out_and_named(code: CodePanel, bench: Any) -> None:
    _after(bench, code, edits.set_parameter("mem", "return_sequences", False))
    assert "“reader”" in code.note.text()
    assert "left out" in code.note.text()
    assert "Bidirectional" not in code.source.text
    assert "layers.LSTM(" in code.source.text


def test_that_an_empty_design_says_what_to_do(code: CodePanel, bench: Any) -> None:
    everything = [layer.id for layer in bench.workspace.document.design.layers]
    _after(bench, code, edits.remove(everything))
    assert code.view.toPlainText() == ""
    assert "wired" in code.note.text()
    assert not code.copy_button.isEnabled()


def test_that_copy_puts_the_program_on_the_clipboard(code: CodePanel) -> None:
    code.copy_button.click()
    assert QGuiApplication.clipboard().text() == code.source.text


def test_that_keywords_and_strings_take_the_themes_colours(code: CodePanel) -> None:
    block = code.view.document().findBlockByNumber(_line(code, "import keras") - 1)
    for look, scheme in ((LIGHT, "light"), (DARK, "dark"), (LIGHT, "light")):
        keeper().apply(scheme)
        colors = {span.format.foreground().color().name() for span in block.layout().formats()}
        assert look.code_keyword in colors


def test_that_a_hidden_panel_makes_no_program(bench: Any) -> None:
    panel = CodePanel(bench.workspace, bench.selection)
    bench.widgets.append(panel)
    panel.refresh()
    assert panel.source.text == ""
    bench.show(panel)
    assert "layers.LSTM(" in panel.source.text
