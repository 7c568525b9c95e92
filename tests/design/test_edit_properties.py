"""Whatever sequence of edits: the design stays whole, can be saved, and undoes to the start."""

from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import designs, edit_of, lines, recipes

from rnn_designer.design import Design, History, Refused, check, files
from rnn_designer.design.ports import input_ports, output_ports
from rnn_designer.design.sharing import aligned


def assert_whole(design: Design) -> None:
    everything = list(design.walk())
    assert len({layer.id for layer in everything}) == len(everything)
    assert len({layer.name for layer in everything}) == len(everything)
    tops = {layer.id: layer for layer in design.layers}
    for link in design.links:
        assert link.source_port in {port.name for port in output_ports(tops[link.source])}
        assert link.target_port in {port.name for port in input_ports(tops[link.target])}
    assert len(set(design.links)) == len(design.links)
    assert set(design.data) <= {layer.id for layer in design.layers if layer.kind == "Input"}
    there = {each.id for each in (*design.layers, *design.canvas_notes)}
    members = [member for group in design.groups for member in group.members]
    assert set(members) <= there
    assert len(set(members)) == len(members)
    assert all(group.members for group in design.groups)
    for layer in everything:
        for index, child in enumerate(layer.children):
            slot = layer.type.slot(index)
            assert slot is not None
            assert slot.accepts(child.type)
    assert aligned(design) == design
    for layer in design.layers:
        original = tops.get(layer.shares or "")
        assert layer.shares is None or (original is not None and original.shares is None)


@settings(max_examples=120, deadline=None)
@given(designs(), recipes)
def test_that_any_edits_undone_one_by_one_lead_back_to_the_start(start: Design, steps: list) -> None:
    history = History(start)
    seen, refusals = [start], []
    for step in steps:
        try:
            new = edit_of(history.current, step)(history.current)
        except Refused as refusal:
            refusals.append(str(refusal))
            continue
        if new != history.current:
            history.push(new, step[0])
            seen.append(new)
    assert all(sentence.endswith(".") for sentence in refusals)
    for design in reversed(seen[:-1]):
        assert history.undo() == design
    assert history.current == start
    assert history.at_saved_mark
    for design in seen[1:]:
        assert history.redo() == design


@settings(max_examples=120, deadline=None)
@given(designs(), recipes)
def test_that_every_edit_leaves_a_design_that_is_whole_can_be_checked_and_saved(
    design: Design, steps: list
) -> None:
    for step in steps:
        try:
            design = edit_of(design, step)(design)
        except Refused:
            continue
        assert_whole(design)
    check(design)
    assert files.from_text(files.to_text(design)) == design


@settings(max_examples=60, deadline=None)
@given(designs(), recipes)
def test_that_an_edit_gives_the_same_design_each_time_it_is_applied(design: Design, steps: list) -> None:
    for step in steps:
        edit = edit_of(design, step)
        try:
            once = edit(design)
        except Refused:
            continue
        assert edit(design) == once
        design = once


@settings(max_examples=100, deadline=None)
@given(designs(), st.data())
def test_that_every_offered_fix_can_be_applied_or_is_refused_with_a_sentence(
    design: Design, data: st.DataObject
) -> None:
    problems = [problem for problem in check(design).problems if problem.fixes]
    for problem in problems[:5]:
        assert problem.why
        for fix in problem.fixes:
            try:
                mended = fix.edit(design)
            except Refused as refusal:
                raise AssertionError(f"{problem.code}: “{fix.label}” is refused: {refusal}") from None
            assert_whole(mended)
            assert files.from_text(files.to_text(mended)) == mended


@settings(max_examples=150, deadline=None)
@given(lines())
def test_that_every_offered_fix_mends_its_problem_in_any_row_of_layers(design: Design) -> None:
    for problem in check(design).problems:
        for fix in problem.fixes:
            mended = fix.edit(design)
            left = [(each.code, each.layer, each.parameter) for each in check(mended).problems]
            assert (problem.code, problem.layer, problem.parameter) not in left, (problem.message, fix.label)


@settings(max_examples=100, deadline=None)
@given(lines())
def test_that_shapes_stop_where_an_error_is(design: Design) -> None:
    checked = check(design)
    faulty = {design.top(each.layer).id for each in checked.errors if each.layer is not None}
    assert not faulty & checked.runnable
    for link in design.links:
        assert link.target not in checked.runnable or link.source in checked.runnable
    for layer_id in checked.runnable:
        for port in output_ports(design.layer(layer_id)):
            assert (layer_id, port.name) in checked.shapes
        assert layer_id in checked.counts
