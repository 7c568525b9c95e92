"""The form: every parameter of every type can be seen and set, and nothing disturbs the hand that types."""

from typing import Any

import pytest
from hands import choose, type_into
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from rnn_designer.catalog import (
    CATALOG,
    Activation,
    BadValue,
    Choice,
    Flag,
    Integer,
    Integers,
    Number,
    Parameter,
    Part,
    PartOf,
    States,
)
from rnn_designer.catalog.cell_templates import cell_templates
from rnn_designer.catalog.code_parameters import Arguments, Text
from rnn_designer.catalog.parts import parts
from rnn_designer.design import Link, edits, new_layer
from rnn_designer.design.ports import carried
from rnn_designer.ui.properties.editors import integers_text, parse_integers
from rnn_designer.ui.properties.hints import calculated, filled, formula_html
from rnn_designer.ui.widgets.number_field import number_text

# What the offscreen platform says about windows that are raised and lists that drop down.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def other_value(parameter: Parameter, held: Any, states: int) -> Any:
    """A good value that is not the one held, for a layer that carries so many states."""
    kind = parameter.type
    candidates: list[Any] = []
    match kind:
        case Integer() | Number():
            low = kind.minimum or 0
            candidates = [3, 1, 2, 0.25, 0.5, low, low + 1, -1]
        case Flag():
            candidates = [not held]
        case Choice():
            candidates = list(kind.options)
        case Activation():
            candidates = ["relu", "tanh"]
        case Integers():
            candidates = [(3,), (2, 3), (2,), (1, 2), 2, (2, 1), (1,), (3, 2, 1), (1, 2, 3)]
        case PartOf():
            candidates = [Part(each.kind) for each in parts(kind.namespace)]
        case States():
            # One entry per state that the layer carries, so that no rule objects.
            candidates = [(0.5,) * states]
        case Text(code=True):
            candidates = [each.code for each in cell_templates()]
        case Arguments():
            candidates = [Part(held.kind, held.params.having(units=12))]
    for candidate in candidates:
        try:
            accepted = kind.accept(candidate)
        except BadValue:
            continue
        if (type(accepted), accepted) != (type(held), held):
            return accepted
    raise AssertionError(f"no other value for {parameter.name}")


def set_by_hand(row: Any, value: Any) -> None:
    """Set a value the way a user does."""
    editor = row.editor
    match row.parameter.type:
        case Integer() | Number():
            type_into(editor.field, number_text(value) or "none")
        case Flag():
            QTest.keyClick(editor.switch, Qt.Key.Key_Space)
        case Choice():
            place = list(row.parameter.type.options).index(value)
            editor.combo.setCurrentIndex(place)
            editor.combo.activated.emit(place)
        case Activation():
            type_into(editor.line, value)
        case Integers():
            field = editor.text.field if hasattr(editor, "text") else editor.field
            type_into(
                field, integers_text(value) + ("," if isinstance(value, tuple) and len(value) == 1 else "")
            )
        case States():
            for line, entry in zip(editor.lines, value, strict=True):
                choose(line.mode, "number")
                type_into(line.number.field, number_text(entry))
        case Text(code=True):
            editor.templates.picked.emit(value)
        case Arguments():
            type_into(editor.rows["units"].editor.field, number_text(value.params["units"]))
        case PartOf():
            place = next(i for i in range(editor.combo.count()) if editor.combo.value_at(i) == value.kind)
            editor.combo.setCurrentIndex(place)
            editor.combo.activated.emit(place)


def shown_by(row: Any) -> Any:
    """The value that a row's editor shows."""
    editor = row.editor
    match row.parameter.type:
        case Integer() | Number():
            return editor.field.value()
        case Flag():
            return editor.switch.isChecked()
        case Choice():
            return editor.combo.chosen()
        case Activation():
            text = editor.line.text()
            return None if text == "none" else text
        case Integers():
            field = editor.text.field if hasattr(editor, "text") else editor.field
            return parse_integers(field.text(), row.parameter.type)
        case PartOf():
            return editor.combo.chosen()
        case States():
            entries = tuple(line.entry for line in editor.lines if not line.isHidden())
            return entries if any(entries) else None
        case Text(code=True):
            return next(
                each.code
                for each in cell_templates()
                if f"class {each.class_name}" == editor.title.whole_text()
            )
        case Arguments():
            return editor.rows["units"].editor.field.value()
    raise AssertionError(row.parameter)


def said(parameter: Parameter, value: Any) -> Any:
    """What of a value its row shows at a glance."""
    if isinstance(parameter.type, Arguments):
        return value.params["units"]
    return value.kind if isinstance(value, Part) else value


@pytest.mark.parametrize("kind", sorted(CATALOG))
def test_that_every_parameter_has_an_editor_that_shows_and_sets_it(
    kind: str, draw: Any, properties: Any, selection: Any, workspace: Any
) -> None:
    design = draw(kind)
    layer_id = design.layers[0].id
    selection.set((layer_id,))
    form = properties.page.form
    for section in form.sections.values():
        section.open()
    assert set(form.rows) == set(CATALOG[kind].by_name)
    for name, row in form.rows.items():
        before = workspace.document.design.layer(layer_id).value(name)
        if not row.parameter.editable:
            assert not row.editor.field.isEnabled()
            continue
        expected = said(row.parameter, before)
        assert shown_by(row) == expected, name
        layer = workspace.document.design.layer(layer_id)
        value = other_value(row.parameter, before, len(carried(layer)))
        set_by_hand(row, value)
        held = workspace.document.design.layer(layer_id).value(name)
        assert (type(held), held) == (type(value), value), name
        assert row.refused == "", name
        assert shown_by(row) == said(row.parameter, value), name
        while workspace.document.history.undo_label is not None:
            workspace.document.undo()
        assert shown_by(row) == expected, f"{name} after undo"


def test_that_several_layers_of_one_type_are_set_together(
    draw: Any, properties: Any, selection: Any, workspace: Any
) -> None:
    design = draw("Input", "LSTM", "LSTM")
    first, second = design.layers[1].id, design.layers[2].id
    workspace.document.apply(edits.set_parameter(second, "units", 8), "Set units")
    selection.set((first, second))
    row = properties.page.form.rows["units"]
    assert row.editor.field.text() == ""
    assert row.editor.field.placeholderText() == "mixed"
    steps = len(workspace.document.history.steps)
    type_into(row.editor.field, "16")
    now = workspace.document.design
    assert [now.layer(each).value("units") for each in (first, second)] == [16, 16]
    assert len(workspace.document.history.steps) == steps + 1
    workspace.document.undo()
    now = workspace.document.design
    assert [now.layer(each).value("units") for each in (first, second)] == [32, 8]


def test_that_layers_of_different_types_say_why_there_is_no_form(
    draw: Any, properties: Any, selection: Any
) -> None:
    design = draw("Input", "LSTM")
    selection.set([layer.id for layer in design.layers])
    assert properties.page is None


def test_that_a_changed_value_is_marked_and_can_be_reset(
    draw: Any, properties: Any, selection: Any, workspace: Any
) -> None:
    design = draw("LSTM")
    layer_id = design.layers[0].id
    selection.set((layer_id,))
    row = properties.page.form.rows["activation"]
    assert row.dot.isHidden()
    workspace.document.apply(edits.set_parameter(layer_id, "activation", "relu"), "Set activation")
    assert not row.dot.isHidden()
    row.dot.click()
    assert workspace.document.design.layer(layer_id).value("activation") == "tanh"
    assert row.dot.isHidden()


def test_that_a_part_shows_its_own_arguments_and_sets_them(
    draw: Any, properties: Any, selection: Any, workspace: Any
) -> None:
    design = draw("LSTM")
    layer_id = design.layers[0].id
    selection.set((layer_id,))
    form = properties.page.form
    form.sections["regularizers"].open()
    row = form.rows["kernel_regularizer"]
    set_by_hand(row, Part("L2"))
    assert form.sections["regularizers"].header.note == "1 set"
    type_into(row.editor.arguments()["l2"].field, "0.5")
    held = workspace.document.design.layer(layer_id).value("kernel_regularizer")
    assert held.kind == "L2"
    assert held.params["l2"] == 0.5
    type_into(row.editor.arguments()["l2"].field, "-1")
    assert "got -1" in row.refused
    assert workspace.document.design.layer(layer_id).value("kernel_regularizer") == held


def test_that_problems_stand_beside_their_parameter_with_a_button_that_mends_them(
    draw: Any, properties: Any, selection: Any, workspace: Any
) -> None:
    design = draw("Input", "LSTM", "Dense")
    dense = design.layers[2].id
    edit = edits.chain(
        edits.set_parameter(dense, "units", 1), edits.set_parameter(dense, "activation", "softmax")
    )
    workspace.document.apply(edit, "Set")
    selection.set((dense,))
    problems = [each for each in workspace.checks.checked.of(dense) if each.parameter == "activation"]
    assert problems
    lines = properties.page.form.rows["activation"]._problems
    assert lines is not None
    assert not lines.isHidden()
    button = lines._lines[0].buttons[0]
    assert button.text() == problems[0].fixes[0].label
    button.click()
    assert workspace.document.design.layer(dense).value("activation") != "softmax"
    assert lines.isHidden()


def test_that_a_wrapper_shows_its_inner_layer_which_can_be_exchanged(
    draw: Any, properties: Any, selection: Any, workspace: Any
) -> None:
    design = draw("Input", "Bidirectional")
    wrapper = design.layers[1]
    selection.set((wrapper.id,))
    inner = properties.page.slots[0]
    type_into(inner.page.form.rows["units"].editor.field, "20")
    assert workspace.document.design.layer(wrapper.id).children[0].value("units") == 20
    place = next(i for i in range(inner.combo.count()) if inner.combo.value_at(i) == "GRU")
    inner.combo.activated.emit(place)
    child = workspace.document.design.layer(wrapper.id).children[0]
    assert child.kind == "GRU"
    assert child.value("units") == 20
    assert inner.page.form.entry.kind == "GRU"


def test_that_a_bidirectional_can_have_a_backward_layer_of_its_own(
    draw: Any, properties: Any, selection: Any, workspace: Any
) -> None:
    design = draw("Input", "Bidirectional")
    wrapper = design.layers[1]
    selection.set((wrapper.id,))
    backward = properties.page.slots[1]
    assert backward.combo.chosen() == "same"
    backward.combo.activated.emit(1)
    children = workspace.document.design.layer(wrapper.id).children
    assert len(children) == 2
    assert children[1].value("go_backwards") is True
    assert not [each for each in workspace.checks.checked.errors if each.layer == wrapper.id]
    backward.combo.activated.emit(0)
    assert len(workspace.document.design.layer(wrapper.id).children) == 1


def test_that_the_head_names_and_counts_and_renames(
    draw: Any, properties: Any, selection: Any, workspace: Any
) -> None:
    design = draw("Input", "LSTM", "Dense")
    lstm = design.layers[1].id
    selection.set((lstm,))
    header = properties.page.header
    assert header.facts.whole_text() == "LSTM · 4,352 parameters"
    type_into(header.title, "memory")
    QTest.keyClick(header.title, Qt.Key.Key_Return)
    assert workspace.document.design.layer(lstm).name == "memory"
    type_into(header.title, "dense")
    QTest.keyClick(header.title, Qt.Key.Key_Return)
    assert workspace.document.design.layer(lstm).name == "memory"
    assert "dense" in header._message.text()


def test_that_the_shape_of_an_input_is_set_in_words(
    draw: Any, properties: Any, selection: Any, workspace: Any
) -> None:
    design = draw("Input", "LSTM")
    layer_id = design.layers[0].id
    selection.set((layer_id,))
    editor = properties.page.form.rows["shape"].editor
    assert editor.steps.isHidden()
    editor.length.activated.emit(1)
    assert workspace.document.design.layer(layer_id).value("shape") == (50, 1)
    type_into(editor.steps.field, "120")
    type_into(editor.features.field, "3")
    assert workspace.document.design.layer(layer_id).value("shape") == (120, 3)
    type_into(editor.text.field, "?, 3")
    assert workspace.document.design.layer(layer_id).value("shape") == (None, 3)
    assert editor.length.chosen() == "open"


def test_that_the_filter_keeps_what_fits_and_opens_its_section(
    draw: Any, properties: Any, selection: Any
) -> None:
    design = draw("LSTM")
    selection.set((design.layers[0].id,))
    form = properties.page.form
    properties.filter.setText("recurrent drop")
    assert [name for name, row in form.rows.items() if not row.isHidden()] == ["recurrent_dropout"]
    assert form.sections["dropout"].opened
    properties.filter.setText("")
    assert not form.sections["dropout"].opened
    assert not form.rows["units"].isHidden()


def test_that_the_explanation_follows_the_focus_with_the_numbers_filled_in(
    draw: Any, properties: Any, selection: Any, qtbot: QtBot
) -> None:
    design = draw("Input", "LSTM")
    lstm = design.layers[1].id
    selection.set((lstm,))
    focused: list[tuple[str, str]] = []
    properties.parameter_focused.connect(lambda layer, name: focused.append((layer, name)))
    form = properties.page.form
    assert "4,352" in form.rows["units"]._hint.text()
    properties.activateWindow()
    form.rows["use_bias"].editor.switch.setFocus()
    qtbot.waitUntil(lambda: form.hinted == "use_bias")
    assert form.rows["units"]._hint.isHidden()
    assert focused[-1] == (lstm, "use_bias")


def test_that_nothing_selected_shows_the_design_itself(properties: Any, workspace: Any) -> None:
    page = properties._design_page
    type_into(page.name, "sunspots")
    type_into(page.seed.field, "7")
    page.notes.setPlainText("Seen daily.")
    design = workspace.document.design
    assert (design.name, design.seed, design.notes) == ("sunspots", 7, "Seen daily.")
    type_into(page.seed.field, "-1")
    assert workspace.document.design.seed == 7


def test_that_removing_the_shown_layer_inside_its_own_signal_is_survived(
    draw: Any, properties: Any, selection: Any, workspace: Any
) -> None:
    design = draw("Input", "LSTM")
    lstm = design.layers[1].id
    selection.set((lstm,))
    row = properties.page.form.rows["return_sequences"]
    workspace.document.changed.connect(lambda _old, new: selection.keep(each.id for each in new.walk()))
    row.editor.switch.clicked.connect(lambda _on: workspace.document.apply(edits.remove([lstm]), "Delete"))
    row.editor.switch.click()
    assert properties.page is None
    workspace.document.undo()
    selection.set((lstm,))
    assert properties.page is not None


def test_that_no_field_is_wider_than_the_dock(draw: Any, properties: Any, selection: Any) -> None:
    for kind in CATALOG:
        design = draw(kind)
        selection.set((design.layers[0].id,))
        for form in properties.page.forms():
            for section in form.sections.values():
                section.open()
        assert properties.area.widget().minimumSizeHint().width() <= 302, kind


def test_that_formulas_are_filled_with_numbers_and_worked_out() -> None:
    facts = {"units": "64", "features": "1"}
    assert filled("4 · units · (features + units + 1)", facts) == "4 · 64 · (1 + 64 + 1) = 16,896"
    assert filled("(batch, units)", facts) == "(batch, 64)"
    assert filled("f ≈ σ(1)", facts) is None
    assert calculated("__import__('os')") is None
    assert calculated("2 ** 99999999") is None


def test_that_a_formula_of_two_cases_keeps_the_names_of_both(workspace: Any) -> None:
    document = workspace.document
    document.apply(edits.add(new_layer(document.design, "LSTM")), "Add LSTM")
    layer = document.design.layers[0]
    text = formula_html("yes: (batch, time, units); no: (batch, units)", layer, workspace.checks.checked)
    assert text.count("yes:\N{NO-BREAK SPACE}(batch") == 2
    assert text.count("<br>no:\N{NO-BREAK SPACE}(batch") == 2
    assert "here:" in text


def test_that_a_long_fix_does_not_push_the_form_out_of_its_dock(qtbot: Any) -> None:
    from rnn_designer.design import Fix, Problem, Severity
    from rnn_designer.ui.widgets.problem_lines import ProblemLines

    lines = ProblemLines()
    qtbot.addWidget(lines)
    fixes = (Fix("Use an LSTMCell with the same settings instead, and keep its name", lambda design: design),)
    problem = Problem(None, None, Severity.WARNING, "A sentence.", code="some", fixes=fixes, why="Because.")
    lines.show_problems((problem,))
    assert lines.minimumSizeHint().width() <= 262
    assert any(button.accessibleName() == fixes[0].label for button in lines.findChildren(QPushButton))


def test_that_a_new_layer_inside_a_wrapper_keeps_a_chosen_name(workspace: Any) -> None:
    from dataclasses import replace

    from rnn_designer.design import Design
    from rnn_designer.ui.properties.exchanging import exchanged

    old = replace(new_layer(Design(), "LSTM"), name="memory")
    assert exchanged(Design(), old, "GRU").name == "memory"
    assert exchanged(Design(), new_layer(Design(), "LSTM"), "GRU").name == "gru"


def test_that_the_head_of_a_further_call_does_not_say_that_it_has_no_parameters(
    draw: Any, properties: Any, selection: Any, workspace: Any
) -> None:
    lstm = draw("Input", "LSTM").layers[1].id
    workspace.document.apply(edits.call_again(lstm, (300.0, 300.0)), "Call again")
    again = next(layer for layer in workspace.document.design.layers if layer.shares == lstm)
    workspace.document.apply(edits.connect(Link(workspace.document.design.layers[0].id, again.id)), "Connect")
    selection.set((again.id,))
    assert properties.page.header.facts.whole_text() == "LSTM"
    selection.set((lstm,))
    assert properties.page.header.facts.whole_text() == "LSTM · 4,352 parameters"
