"""Notes, colours and groups: what only the canvas shows follows the edits and never reaches the model."""

import pytest

from rnn_designer.catalog import FrozenMap
from rnn_designer.codegen import generate
from rnn_designer.design import Design, Group, Layer, Link, Note, Refused, check, edits, files


@pytest.fixture
def design() -> Design:
    return Design(
        "marked",
        (
            Layer("a", "Input", "a", FrozenMap(shape=(None, 3))),
            Layer("b", "LSTM", "b", FrozenMap(units=4), (280, 0)),
            Layer("c", "Dense", "c", FrozenMap(units=1), (560, 0)),
        ),
        (Link("a", "b"), Link("b", "c")),
        canvas_notes=(Note("n", "Look here", (0, 200)),),
        groups=(Group("g", "Memory", ("b", "c", "n")),),
    )


def test_that_marks_come_back_from_a_file(design: Design) -> None:
    marked = edits.chain(edits.set_color(["a", "n", "g"], "teal"), edits.collapse("g"))(design)
    assert files.from_text(files.to_text(marked)) == marked
    assert marked.layer("a").color == "teal"
    assert marked.note("n").color == "teal"
    assert marked.group("g").collapsed


def test_that_a_design_without_marks_has_no_word_about_them_in_its_file(design: Design) -> None:
    plain = edits.chain(edits.ungroup("g"), edits.remove(["n"]))(design)
    text = files.to_text(plain)
    assert "canvas_notes" not in text
    assert "groups" not in text
    assert "color" not in text


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("groups", [{"id": "g", "name": "x", "members": ["nobody"]}], "groups[0].members[0]"),
        ("groups", [{"id": "a", "name": "x", "members": ["b"]}], "groups[0].id"),
        ("groups", [{"id": "g", "name": "x", "members": ["b", "b"]}], "groups[0].members[1]"),
        ("canvas_notes", [{"id": "n", "size": [0, 10]}], "canvas_notes[0].size"),
        ("canvas_notes", [{"id": "n", "position": [1]}], "canvas_notes[0].position"),
        ("canvas_notes", [{"id": "n", "text": 3}], "canvas_notes[0].text"),
        ("groups", [{"id": "g", "name": "x", "collapsed": 1}], "groups[0].collapsed"),
    ],
)
def test_that_a_mistake_in_a_file_is_named_by_its_place(
    design: Design, field: str, value: object, named: str
) -> None:
    import json

    tree = json.loads(files.to_text(edits.chain(edits.ungroup("g"), edits.remove(["n"]))(design)))
    tree[field] = value
    with pytest.raises(files.FileProblem) as caught:
        files.from_text(json.dumps(tree))
    assert any(each.startswith(named) for each in caught.value.problems)


def test_that_marks_change_neither_code_nor_checks(design: Design) -> None:
    plain = edits.chain(edits.ungroup("g"), edits.remove(["n"]))(design)
    marked = edits.chain(edits.collapse("g"), edits.set_color(["b"], "red"))(design)
    assert generate(check(marked)).text == generate(check(plain)).text
    assert check(marked).problems == check(plain).problems


def test_that_a_group_follows_its_members(design: Design) -> None:
    without = edits.remove(["c"])(design)
    assert without.group("g").members == ("b", "n")
    wrapped = edits.wrap("b", "Bidirectional")(design)
    frame = wrapped.top("b")
    assert wrapped.group("g").members == (frame.id, "c", "n")
    assert edits.unwrap(frame.id)(wrapped).group("g").members == ("b", "c", "n")


def test_that_a_group_goes_with_its_last_member(design: Design) -> None:
    assert edits.remove(["b", "c", "n"])(design).groups == ()


def test_that_a_layer_spliced_into_a_wire_inside_a_group_joins_it(design: Design) -> None:
    layer = edits.new_layer(design, "Dropout")
    assert layer.id in edits.splice(layer, Link("b", "c"))(design).group("g").members
    assert layer.id not in edits.splice(layer, Link("a", "b"))(design).group("g").members


def test_that_a_box_is_in_one_group_at_most(design: Design) -> None:
    again = edits.group(["a", "c"], "Other")(design)
    assert again.group("g").members == ("b", "n")
    assert again.groups[-1].members == ("a", "c")


def test_that_a_group_is_copied_whole_with_its_notes(design: Design) -> None:
    pasted = edits.paste(edits.copy(design, ["g"]))(design)
    copied = pasted.groups[-1]
    assert copied.id != "g"
    assert len(copied.members) == 3
    assert len(pasted.layers) == 5
    assert pasted.canvas_notes[-1].text == "Look here"
    partly = edits.paste(edits.copy(design, ["b", "n"]))(design)
    assert len(partly.groups) == 1


def test_that_a_note_alone_can_be_copied_and_moved(design: Design) -> None:
    pasted = edits.paste(edits.copy(design, ["n"]), (50.0, 60.0))(design)
    assert pasted.canvas_notes[-1].position == (50.0, 60.0)
    assert edits.move({"n": (1.0, 2.0)})(design).note("n").position == (1.0, 2.0)


def test_that_a_note_keeps_a_size_that_can_be_read_and_grasped(design: Design) -> None:
    assert edits.resize_note("n", (1.0, 99_999.0))(design).note("n").size == (96.0, 2000.0)


@pytest.mark.parametrize(
    "edit",
    [
        edits.set_color(["a"], "ultraviolet"),
        edits.set_color(["nobody"], "red"),
        edits.group([], "x"),
        edits.group(["a"], " "),
        edits.ungroup("nobody"),
        edits.rename_group("g", ""),
        edits.set_note_text("nobody", "x"),
        edits.set_note_text("n", "\x00"),
        edits.add_note(Note("n")),
        edits.resize_note("n", (float("nan"), 1.0)),
    ],
)
def test_that_what_cannot_be_is_refused_with_a_sentence(design: Design, edit: edits.Edit) -> None:
    with pytest.raises(Refused, match=r"\.$"):
        edit(design)
