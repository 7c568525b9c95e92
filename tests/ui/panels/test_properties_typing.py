"""Typing into the form: one undo step, the caret where it was, and bad texts explained."""

from typing import Any

import pytest
from hands import type_into
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from rnn_designer.design import edits
from rnn_designer.ui.widgets.number_field import parse_number

# What the offscreen platform says about windows that are raised and lists that drop down.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def test_that_typing_a_number_is_one_undo_step_and_keeps_focus_and_caret(
    draw: Any, properties: Any, selection: Any, workspace: Any, qtbot: QtBot
) -> None:
    design = draw("Input", "LSTM", "Dense")
    lstm = design.layers[1]
    selection.set((lstm.id,))
    field = properties.page.form.rows["units"].editor.field
    properties.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    type_into(field, "128")
    assert field.hasFocus()
    assert field.text() == "128"
    field.setCursorPosition(1)
    QTest.keyClicks(field, "5")
    assert field.text() == "1528"
    assert field.cursorPosition() == 2
    assert workspace.document.design.layer(lstm.id).value("units") == 1528
    assert workspace.document.history.steps == ("Set units",)
    workspace.document.undo()
    assert field.text() == "32"


def test_that_leaving_a_field_ends_its_undo_step(
    draw: Any, properties: Any, selection: Any, workspace: Any, qtbot: QtBot
) -> None:
    design = draw("LSTM")
    selection.set((design.layers[0].id,))
    field = properties.page.form.rows["units"].editor.field
    properties.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    type_into(field, "7")
    properties.page.header.title.setFocus()
    field.setFocus()
    type_into(field, "9")
    assert workspace.document.history.steps == ("Set units", "Set units")


def test_that_a_bad_value_is_explained_and_the_design_keeps_the_good_one(
    draw: Any, properties: Any, selection: Any, workspace: Any
) -> None:
    design = draw("LSTM")
    layer_id = design.layers[0].id
    selection.set((layer_id,))
    row = properties.page.form.rows["units"]
    type_into(row.editor.field, "-3")
    assert workspace.document.design.layer(layer_id).value("units") == 32
    assert "got -3" in row.refused
    assert "It stays 32" in row.refused
    assert row.editor.field.property("state") == "bad"
    workspace.document.apply(edits.set_parameter(layer_id, "use_bias", False), "Set use bias")
    assert row.editor.field.text() == "-3"
    type_into(row.editor.field, "12")
    assert row.refused == ""
    assert workspace.document.design.layer(layer_id).value("units") == 12


@pytest.mark.parametrize("text", ["", "many", "1.5", "99999999"])
def test_that_no_text_in_a_number_field_raises(
    text: str, draw: Any, properties: Any, selection: Any, workspace: Any
) -> None:
    design = draw("LSTM")
    layer_id = design.layers[0].id
    selection.set((layer_id,))
    row = properties.page.form.rows["units"]
    type_into(row.editor.field, "5")
    type_into(row.editor.field, text)
    assert row.refused
    assert "Expected" in row.refused


def test_that_escape_takes_a_bad_text_back(draw: Any, properties: Any, selection: Any) -> None:
    design = draw("LSTM")
    selection.set((design.layers[0].id,))
    row = properties.page.form.rows["units"]
    type_into(row.editor.field, "x")
    QTest.keyClick(row.editor.field, Qt.Key.Key_Escape)
    assert row.editor.field.text() == "32"
    assert row.refused == ""


def test_that_scrubbing_the_label_changes_the_value_live_as_one_step(
    draw: Any, properties: Any, selection: Any, workspace: Any
) -> None:
    design = draw("LSTM")
    layer_id = design.layers[0].id
    selection.set((layer_id,))
    row = properties.page.form.rows["units"]
    seen: list[int] = []
    workspace.document.changed.connect(lambda _old, new: seen.append(new.layer(layer_id).value("units")))
    for pixels in (4, 12, 40):
        row.label.scrubbed.emit(pixels, False)
    row.label.scrub_ended.emit()
    assert seen == [33, 35, 42]
    assert workspace.document.history.steps == ("Set units",)
    row.label.scrubbed.emit(-4, False)
    row.label.scrub_ended.emit()
    assert workspace.document.design.layer(layer_id).value("units") == 41
    assert len(workspace.document.history.steps) == 2


def test_that_undo_is_left_to_the_window_while_a_field_has_the_focus(
    draw: Any, properties: Any, selection: Any, workspace: Any, qtbot: QtBot
) -> None:
    from PySide6.QtGui import QKeySequence, QShortcut

    design = draw("LSTM")
    selection.set((design.layers[0].id,))
    shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.Undo), properties)
    shortcut.activated.connect(workspace.document.undo)
    properties.activateWindow()
    form = properties.page.form
    control = Qt.KeyboardModifier.ControlModifier
    units = form.rows["units"].editor.field
    units.setFocus()
    qtbot.waitUntil(units.hasFocus)
    type_into(units, "64")
    QTest.keyClick(units, Qt.Key.Key_Z, control)
    assert units.text() == "32"
    assert workspace.document.history.undo_label is None
    line = form.rows["activation"].editor.line
    type_into(line, "selu")
    line.completer().popup().hide()
    QTest.keyClick(form.rows["activation"].editor.combo, Qt.Key.Key_Z, control)
    assert workspace.document.history.undo_label is None
    assert line.text() == "tanh"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("64", 64),
        ("0,5", 0.5),
        ("1e-3", 0.001),
        ("none", None),
        ("", None),
        ("−2", -2),
        ("3.0", 3),
        ("16,896", 16896),
        ("x", "x"),
    ],
)
def test_that_numbers_are_read_as_people_write_them(text: str, value: object) -> None:
    assert parse_number(text, whole=True) == value
