"""Where states begin: chosen, typed, pasted and drawn, one undo step each, and given up where wires decide."""

from typing import Any

import pytest
from hands import choose, type_into
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from rnn_designer.design import Link, edits, new_layer
from rnn_designer.ui.properties.drawn_bars import DrawnBars
from rnn_designer.ui.properties.initial_state import numbers_in

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def lstm(draw: Any, properties: Any, selection: Any, workspace: Any) -> Any:
    """An LSTM with four units, its form open where its states begin."""
    layer_id = draw("Input", "LSTM").layers[1].id
    workspace.document.apply(edits.set_parameter(layer_id, "units", 4), "Set units")
    workspace.document.seal()
    selection.set((layer_id,))
    row = properties.page.form.reveal("initial_state")
    properties.page.form._make("behaviour")
    return properties.page.form.rows["initial_state"] if row is None else row


def held(workspace: Any) -> Any:
    return workspace.document.design.layers[1].value("initial_state")


def test_that_every_carried_state_has_a_line_with_its_symbol(lstm: Any) -> None:
    shown = [line for line in lstm.editor.lines if not line.isHidden()]
    assert [line.symbol.whole_text() for line in shown] == ["h₀", "c₀"]
    assert [line.mode.chosen() for line in shown] == ["zeros", "zeros"]


def test_that_a_number_for_one_state_leaves_the_other_at_zero(lstm: Any, workspace: Any) -> None:
    line = lstm.editor.lines[0]
    choose(line.mode, "number")
    assert held(workspace) is None
    type_into(line.number.field, "0.5")
    assert held(workspace) == (0.5, 0.0)
    choose(line.mode, "zeros")
    assert held(workspace) is None
    workspace.document.undo()
    assert held(workspace) == (0.5, 0.0)
    assert line.mode.chosen() == "number"
    assert line.number.field.value() == 0.5


def test_that_numbers_per_unit_can_be_typed_and_pasted_in_any_form(lstm: Any, workspace: Any) -> None:
    line = lstm.editor.lines[1]
    choose(line.mode, "units")
    assert held(workspace) == (0.0, (0.0,) * 4)
    type_into(line.field, "1, -0.5, 0, 2")
    assert held(workspace) == (0.0, (1.0, -0.5, 0.0, 2.0))
    QApplication.clipboard().setText("np.array([[0.1], [0.2], [0.3], [0.4]])")
    line.field.selectAll()
    line.field.paste()
    line.field.textEdited.emit(line.field.text())
    assert held(workspace) == (0.0, (0.1, 0.2, 0.3, 0.4))
    assert line.bars.values == (0.1, 0.2, 0.3, 0.4)


def test_that_a_list_of_another_length_is_refused_with_both_numbers(lstm: Any, workspace: Any) -> None:
    line = lstm.editor.lines[0]
    choose(line.mode, "units")
    type_into(line.field, "1, 2, 3")
    assert "3 numbers for 4 units" in lstm.refused
    assert held(workspace) == ((0.0,) * 4, 0.0)
    type_into(line.field, "1, 2, x, 4")
    assert lstm.refused
    type_into(line.field, "1, 2, 3, 4")
    assert lstm.refused == ""
    assert held(workspace) == ((1.0, 2.0, 3.0, 4.0), 0.0)


def test_that_bars_are_drawn_by_the_mouse_as_one_undo_step(lstm: Any, workspace: Any) -> None:
    line = lstm.editor.lines[0]
    choose(line.mode, "units")
    steps = workspace.document.history.position
    bars: DrawnBars = line.bars
    first, last = bars.point_of(0, 0.5).toPoint(), bars.point_of(3, -0.5).toPoint()
    QTest.mousePress(bars, LEFT, pos=first)
    for share in (0.3, 0.7, 1.0):
        QTest.mouseMove(bars, first + QPoint(*(round(share * each) for each in (last - first).toTuple())))
    QTest.mouseRelease(bars, LEFT, pos=last)
    drawn = held(workspace)[0]
    assert drawn[0] > 0.3 > drawn[1] >= drawn[2] > drawn[3], "what lies close to zero is zero"
    assert drawn[3] < -0.3
    assert workspace.document.history.position == steps + 1
    assert line.field.text().count(",") == 3
    workspace.document.undo()
    assert held(workspace) == ((0.0,) * 4, 0.0)
    assert bars.values == (0.0,) * 4


def test_that_bars_are_drawn_by_the_keyboard_alike(lstm: Any, workspace: Any) -> None:
    line = lstm.editor.lines[0]
    choose(line.mode, "units")
    bars: DrawnBars = line.bars
    bars.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_End, Qt.Key.Key_PageDown):
        QTest.keyClick(bars, key)
    assert held(workspace)[0] == (0.0, 0.1, 0.0, -0.5)
    assert "unit 3 = -0.5" in bars.accessibleName()
    QTest.keyClick(bars, Qt.Key.Key_Delete)
    assert held(workspace)[0] == (0.0, 0.1, 0.0, 0.0)


def test_that_bars_hold_what_is_beyond_the_strip_and_scale_to_it(show: Any) -> None:
    bars = DrawnBars()
    bars.resize(200, 64)
    show(bars)
    bars.show_values((12.0, -3.0))
    assert bars.point_of(0, 12.0).y() >= 0
    assert bars.point_of(1, -3.0).y() <= 64
    bars.show_values(())
    QTest.mouseClick(bars, LEFT, pos=QPoint(5, 5))
    assert bars.values == ()


def test_that_wires_take_the_numbers_out_of_the_hand_and_say_so(lstm: Any, workspace: Any) -> None:
    document = workspace.document
    encoder = new_layer(document.design, "LSTM")
    target = document.design.layers[1].id
    document.apply(edits.add(encoder), "Add")
    document.apply(edits.set_parameter(encoder.id, "return_state", True), "Set")
    document.apply(edits.set_parameter(encoder.id, "units", 4), "Set")
    document.apply(edits.connect(Link(encoder.id, target, "h", "initial_h")), "Wire")
    assert f"‘{encoder.name}’" in lstm.editor.words.text()
    assert "wires" in lstm.editor.words.text()
    assert all(line.isHidden() for line in lstm.editor.lines)  # Zeros would be no more than half the truth.
    document.apply(edits.set_parameter(target, "initial_state", (0.5, 0.0)), "Set")
    assert [line.isHidden() for line in lstm.editor.lines] == [False, True]
    assert not lstm.editor.lines[0].isEnabled()
    document.undo()
    document.undo()
    assert lstm.editor.words.isHidden()
    assert not any(line.isHidden() for line in lstm.editor.lines)
    assert lstm.editor.lines[0].isEnabled()


def test_that_a_layer_in_a_wrapper_says_where_its_states_are_set(
    draw: Any, properties: Any, selection: Any, workspace: Any
) -> None:
    wrapper = draw("Input", "Bidirectional").layers[1]
    selection.set((wrapper.children[0].id,))
    form = properties.page.form
    form.sections["behaviour"].open()
    assert f"‘{wrapper.name}’" in form.rows["initial_state"].editor.words.text()
    selection.set((wrapper.id,))
    form = properties.page.form
    form.sections["behaviour"].open()
    editor = form.rows["initial_state"].editor
    assert editor.words.isHidden()
    assert len([line for line in editor.lines if not line.isHidden()]) == 4


def test_that_frames_take_one_number_and_no_number_per_unit(
    draw: Any, properties: Any, selection: Any, workspace: Any
) -> None:
    selection.set((draw("Input", "ConvLSTM1D").layers[1].id,))
    form = properties.page.form
    form.sections["behaviour"].open()
    line = form.rows["initial_state"].editor.lines[0]
    model = line.mode.model()
    enabled = [bool(model.flags(model.index(place, 0)) & Qt.ItemFlag.ItemIsEnabled) for place in range(3)]
    assert enabled == [True, True, False]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("1, 2", (1.0, 2.0)),
        ("[1 2 3]", (1.0, 2.0, 3.0)),
        ("[[1, 2], [3, 4]]", (1.0, 2.0, 3.0, 4.0)),
        ("1\t2", (1.0, 2.0)),
        ("0.5", (0.5,)),
    ],
)
def test_that_lists_are_read_in_every_usual_form(text: str, numbers: tuple[float, ...]) -> None:
    assert numbers_in(text) == numbers


@pytest.mark.parametrize("text", ["", "abc", "1, nan", "[1, 2", "np.load(1)"])
def test_that_what_is_no_list_of_numbers_stays_text(text: str) -> None:
    assert numbers_in(text) == text
