"""What a stack holds: cells added, moved by button, key and mouse, opened, taken out and away; and shared layers."""

from typing import Any

import pytest
from hands import choose, type_into
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from rnn_designer.design import edits, new_layer

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

LEFT = Qt.MouseButton.LeftButton
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def stack(draw: Any, properties: Any, selection: Any, workspace: Any) -> Any:
    """The list of a stack of an LSTMCell, a GRUCell and a SimpleRNNCell in an RNN."""
    rnn = draw("Input", "RNN").layers[1].id
    document = workspace.document
    made = new_layer(document.design, "StackedRNNCells")
    document.apply(edits.set_child(rnn, 0, made), "Put in")
    document.apply(edits.remove([made.children[1].id]), "Remove")
    for kind in ("GRUCell", "SimpleRNNCell"):
        count = len(document.design.layer(made.id).children)
        document.apply(edits.insert_child(made.id, count, new_layer(document.design, kind)), "Add")
    selection.set((made.id,))
    return properties.page.slots[0]


def kinds(workspace: Any) -> list[str]:
    found = next(layer for layer in workspace.document.design.walk() if layer.kind == "StackedRNNCells")
    return [child.kind for child in found.children]


def test_that_a_stack_shows_its_cells_in_order_with_their_words(stack: Any, workspace: Any) -> None:
    rows = stack.list.rows[: stack.list.count]
    assert [row.number.text() for row in rows] == ["0", "1", "2"]
    cells = next(
        layer for layer in workspace.document.design.walk() if layer.kind == "StackedRNNCells"
    ).children
    assert [row.name.whole_text() for row in rows] == [cell.name for cell in cells]
    assert "GRUCell" in rows[1].accessibleName()
    assert stack.page.form.entry.kind == "LSTMCell"


def test_that_every_kind_of_cell_can_be_added_and_shows_its_page(stack: Any, workspace: Any) -> None:
    offered = [action.text() for action in stack.add_button.menu().actions()]
    assert offered == ["SimpleRNNCell", "LSTMCell", "GRUCell", "StackedRNNCells", "CustomCell"]
    for kind in offered:
        next(each for each in stack.add_button.menu().actions() if each.text() == kind).trigger()
        assert kinds(workspace)[-1] == kind
        assert stack.page.form.entry.kind == kind
        assert stack.view.label.text() == f"cell {len(kinds(workspace)) - 1}"
        workspace.document.undo()


def test_that_buttons_and_keys_move_a_cell_as_one_named_step_each(stack: Any, workspace: Any) -> None:
    stack.list.rows[1].setFocus()
    QTest.mouseClick(stack.list.rows[1], LEFT, pos=QPoint(20, 10))
    assert stack.page.form.entry.kind == "GRUCell"
    stack.list.rows[1]._up.click()
    assert kinds(workspace) == ["GRUCell", "LSTMCell", "SimpleRNNCell"]
    assert stack.list.rows[0].hasFocus(), "the moved cell keeps the keyboard"
    assert stack.page.form.entry.kind == "GRUCell"
    QTest.keyClick(stack.list.rows[0], Qt.Key.Key_Down, ALT)
    QTest.keyClick(stack.list.rows[1], Qt.Key.Key_Down, ALT)
    assert kinds(workspace) == ["LSTMCell", "SimpleRNNCell", "GRUCell"]
    QTest.keyClick(stack.list.rows[2], Qt.Key.Key_Down, ALT)
    assert kinds(workspace) == ["LSTMCell", "SimpleRNNCell", "GRUCell"], "the last one has nowhere to go"
    assert "Move gru_cell" in (workspace.document.history.undo_label or "")
    for _ in range(3):
        workspace.document.undo()
    assert kinds(workspace) == ["LSTMCell", "GRUCell", "SimpleRNNCell"]


def drag(stack: Any, start: int, y_of: Any) -> None:
    row = stack.list.rows[start]
    QTest.mousePress(row, LEFT, pos=QPoint(60, 16))
    for share in (0.4, 0.8, 1.0):
        target = row.mapFrom(stack.list, QPoint(60, 0)).y() + y_of
        QTest.mouseMove(row, QPoint(60, round(16 + share * (target - 16))))


@pytest.mark.parametrize(
    ("start", "gap", "order"),
    [
        (0, 3, ["GRUCell", "SimpleRNNCell", "LSTMCell"]),
        (2, 0, ["SimpleRNNCell", "LSTMCell", "GRUCell"]),
        (0, 1, ["LSTMCell", "GRUCell", "SimpleRNNCell"]),
        (0, 2, ["GRUCell", "LSTMCell", "SimpleRNNCell"]),
    ],
)
def test_that_the_mouse_carries_a_cell_to_the_gap_that_it_is_let_go_at(
    stack: Any, workspace: Any, start: int, gap: int, order: list[str]
) -> None:
    rows = stack.list.rows
    y = rows[gap].geometry().top() if gap < 3 else rows[2].geometry().bottom()
    drag(stack, start, y)
    QTest.mouseRelease(rows[start], LEFT, pos=QPoint(60, 16))
    assert kinds(workspace) == order


def test_that_escape_lets_go_of_a_carried_cell_where_it_was(stack: Any, workspace: Any) -> None:
    drag(stack, 0, stack.list.rows[2].geometry().bottom())
    QTest.keyClick(stack.list.rows[0], Qt.Key.Key_Escape)
    QTest.mouseRelease(stack.list.rows[0], LEFT, pos=QPoint(60, 16))
    assert kinds(workspace) == ["LSTMCell", "GRUCell", "SimpleRNNCell"]


def test_that_arrows_walk_the_list_and_delete_takes_a_cell_away(stack: Any, workspace: Any) -> None:
    stack.list.rows[0].setFocus()
    QTest.keyClick(stack.list.rows[0], Qt.Key.Key_Down)
    assert stack.page.form.entry.kind == "GRUCell"
    QTest.keyClick(stack.list.rows[1], Qt.Key.Key_Delete)
    assert kinds(workspace) == ["LSTMCell", "SimpleRNNCell"]
    assert stack.list.rows[1].hasFocus()
    assert stack.page.form.entry.kind == "SimpleRNNCell"


def test_that_a_cell_can_be_taken_out_onto_the_canvas(stack: Any, workspace: Any) -> None:
    stack.list.acted.emit("out", 1)
    assert kinds(workspace) == ["LSTMCell", "SimpleRNNCell"]
    assert [layer.kind for layer in workspace.document.design.layers][-1] == "GRUCell"


def test_that_opening_a_cell_selects_it_and_leads_back_to_its_frames(
    stack: Any, workspace: Any, selection: Any, properties: Any
) -> None:
    QTest.keyClick(stack.list.rows[1], Qt.Key.Key_Return)
    design = workspace.document.design
    cell = next(layer for layer in design.walk() if layer.kind == "GRUCell")
    assert selection.ids == (cell.id,)
    assert properties.page.form.entry.kind == "GRUCell"
    text = properties.crumbs.text()
    owner = design.owner(cell.id)
    assert owner is not None
    assert owner.name in text
    assert design.top(cell.id).name in text
    properties.crumbs.linkActivated.emit(owner.id)
    assert selection.ids == (owner.id,)


def test_that_a_cell_is_turned_into_another_kind_in_its_place(stack: Any, workspace: Any) -> None:
    stack.list.chosen.emit(1)
    choose(stack.view.combo, "LSTMCell")
    assert kinds(workspace) == ["LSTMCell", "LSTMCell", "SimpleRNNCell"]
    type_into(stack.page.form.rows["units"].editor.field, "7")
    found = next(layer for layer in workspace.document.design.walk() if layer.kind == "StackedRNNCells")
    assert [cell.value("units") for cell in found.children][1] == 7


def test_that_two_stacks_together_say_that_one_has_to_be_chosen(
    stack: Any, workspace: Any, selection: Any, properties: Any
) -> None:
    rnn = new_layer(workspace.document.design, "RNN")
    workspace.document.apply(edits.add(rnn), "Add")
    workspace.document.apply(
        edits.set_child(rnn.id, 0, new_layer(workspace.document.design, "StackedRNNCells")), "Put in"
    )
    selection.set(layer.id for layer in workspace.document.design.walk() if layer.kind == "StackedRNNCells")
    slot = properties.page.slots[0]
    assert "2 stacks" in slot._words.text()
    assert slot.list.isHidden()
    assert slot.add_button.isHidden()


# Shared layers.


def test_that_a_shared_layer_says_so_at_every_call_and_can_be_made_one_of_its_own(
    draw: Any, properties: Any, selection: Any, workspace: Any
) -> None:
    encoder = draw("Input", "LSTM").layers[1]
    document = workspace.document
    document.apply(edits.call_again(encoder.id, (300.0, 200.0)), "Call again")
    second = document.design.layers[-1]
    selection.set((encoder.id,))
    note = properties.page.shared
    assert "Called 2 times" in note.text.text()
    assert note.own.isHidden()
    note.go[0].click()
    assert selection.ids == (second.id,)
    assert f"‘{encoder.name}’" in note.text.text()
    type_into(properties.page.form.rows["units"].editor.field, "9")
    assert document.design.layer(encoder.id).value("units") == 9
    note.own.click()
    assert document.design.layer(second.id).shares is None
    assert note.isHidden()
    document.undo()
    assert document.design.layer(second.id).shares == encoder.id
    assert not note.isHidden()


def test_that_a_layer_that_is_called_once_says_nothing_about_sharing(
    draw: Any, properties: Any, selection: Any
) -> None:
    selection.set((draw("Input", "LSTM").layers[1].id,))
    assert properties.page.shared.isHidden()


# What both kinds have in common stays.


def test_that_the_layer_of_a_bidirectional_becomes_an_rnn_around_its_cell_and_back(
    draw: Any, properties: Any, selection: Any, workspace: Any
) -> None:
    wrapper = draw("Input", "Bidirectional").layers[1]
    inner = wrapper.children[0]
    workspace.document.apply(edits.set_parameter(inner.id, "units", 7), "Set units")
    selection.set((wrapper.id,))
    slot = properties.page.slots[0]
    choose(slot.combo, "RNN")
    rnn = workspace.document.design.layer(wrapper.id).children[0]
    assert rnn.kind == "RNN"
    assert [(cell.kind, cell.id, cell.value("units")) for cell in rnn.children] == [("LSTMCell", inner.id, 7)]
    choose(slot.page.slots[0].combo, "StackedRNNCells")
    stack = workspace.document.design.layer(wrapper.id).children[0].children[0]
    assert stack.kind == "StackedRNNCells"
    assert [cell.id for cell in stack.children] == [inner.id]
    choose(slot.page.slots[0].combo, "LSTMCell")
    choose(slot.combo, "LSTM")
    layer = workspace.document.design.layer(wrapper.id).children[0]
    assert (layer.kind, layer.id, layer.value("units")) == ("LSTM", inner.id, 7)


def test_that_an_rnn_in_a_bidirectional_can_have_a_backward_layer_of_its_own(
    draw: Any, properties: Any, selection: Any, workspace: Any
) -> None:
    wrapper = draw("Input", "Bidirectional").layers[1]
    selection.set((wrapper.id,))
    choose(properties.page.slots[0].combo, "RNN")
    choose(properties.page.slots[1].combo, "own")
    forward, backward = workspace.document.design.layer(wrapper.id).children
    assert backward.kind == "RNN"
    assert backward.value("go_backwards")
    assert [cell.kind for cell in backward.children] == ["LSTMCell"]
    assert backward.children[0].id != forward.children[0].id
    assert properties.page.slots[1].page.slots[0].page.form.entry.kind == "LSTMCell"
    assert not [each for each in workspace.checks.checked.errors if each.layer == wrapper.id]
