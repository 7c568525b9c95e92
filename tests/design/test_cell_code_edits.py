"""Edits of a custom cell's code: one class in all its boxes, arguments that stay, wires that follow the states."""

import pytest

from rnn_designer.catalog import FrozenMap, Part
from rnn_designer.catalog.cell_templates import cell_templates
from rnn_designer.design import Design, Link, Refused, edits, new_layer
from rnn_designer.design.edits.cell_code import boxes_of, draft_of, keep_draft, set_code
from rnn_designer.design.files import from_text, to_text

CODE = {each.name: each.code for each in cell_templates()}


def design_of(*holders: str) -> tuple[Design, list[str]]:
    """A design with a custom cell in an RNN for every name; the cells' ids."""
    design, cells = Design(), []
    for _ in holders:
        rnn = new_layer(design, "RNN")
        design = edits.add(rnn)(design)
        cell = new_layer(design, "CustomCell")
        design = edits.set_child(rnn.id, 0, cell)(design)
        cells.append(cell.id)
    return design, cells


def test_that_boxes_of_one_class_change_together_and_others_stay() -> None:
    design, (first, second, third) = design_of("one", "two", "three")
    design = edits.chain(set_code(first, CODE["leaky_integrator"]))(design)
    assert len(boxes_of(design, first)) == 3
    alone = CODE["running_sum"]
    other = new_layer(design, "CustomCell")
    design = edits.add(other)(design)
    design = set_code(other.id, alone)(design)
    assert [design.layer(each).value("code") for each in (first, second, third)] == [
        CODE["leaky_integrator"]
    ] * 3
    assert design.layer(other.id).value("code") == alone


def test_that_each_box_keeps_the_arguments_that_the_new_class_takes() -> None:
    design, (first, second) = design_of("one", "two")
    kind = design.layer(first).value("arguments").kind
    for cell, units in ((first, 3), (second, 5)):
        design = edits.set_parameter(
            cell, "arguments", Part(kind, FrozenMap(units=units, activation="relu"))
        )(design)
    design = set_code(first, CODE["peephole_lstm"])(design)
    assert design.layer(first).value("arguments") == Part("PeepholeLSTMCell", FrozenMap(units=3))
    assert design.layer(second).value("arguments") == Part("PeepholeLSTMCell", FrozenMap(units=5))


def test_that_a_text_that_is_no_cell_is_refused_with_its_line() -> None:
    design, (cell,) = design_of("one")
    broken = CODE["minimal"].replace("def call(self, inputs, states):", "def call(self, inputs, states)")
    line = next(number for number, text in enumerate(broken.split("\n"), 1) if "def call" in text)
    with pytest.raises(Refused, match=f"line {line}:"):
        set_code(cell, broken)(design)


def test_that_a_draft_is_kept_in_the_file_until_code_takes_its_place() -> None:
    design, (cell,) = design_of("one")
    design = keep_draft(cell, "class Half(\n")(design)
    assert draft_of(from_text(to_text(design)).layer(cell)) == "class Half(\n"
    assert draft_of(keep_draft(cell, None)(design).layer(cell)) is None
    whole = set_code(cell, CODE["running_sum"])(design)
    assert draft_of(whole.layer(cell)) is None
    assert whole.layer(cell).value("code") == CODE["running_sum"]


def test_that_wires_of_states_stay_while_the_class_still_has_them() -> None:
    design, (first, second) = design_of("one", "two")
    source, target = (design.top(each).id for each in (first, second))
    design = edits.set_parameter(source, "return_state", True)(design)
    design = edits.connect(Link(source, target, "h", "initial_h"))(design)
    kept = set_code(first, CODE["leaky_integrator"])(design)
    assert [(link.source_port, link.target_port) for link in kept.links] == [("h", "initial_h")]


def test_that_a_shared_box_changes_its_original() -> None:
    design, (cell,) = design_of("one")
    rnn = design.top(cell)
    design = edits.call_again(rnn.id, (0.0, 300.0))(design)
    twin = design.layers[-1].children[0]
    design = set_code(twin.id, CODE["running_sum"])(design)
    assert design.layer(cell).value("code") == CODE["running_sum"]
    assert design.layer(twin.id).value("code") == CODE["running_sum"]
