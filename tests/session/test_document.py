"""The one place where the design changes, and the check that follows it."""

from pathlib import Path

from rnn_designer.design import Design, Refused, edits, new_layer
from rnn_designer.session import Checks, Document


def refuse(_design: Design) -> Design:
    raise Refused("Not now.")


def test_that_every_change_is_announced_once_with_old_and_new() -> None:
    document = Document()
    changes: list[tuple[Design, Design]] = []
    document.changed.connect(lambda old, new: changes.append((old, new)))
    start = document.design
    layer = new_layer(start, "LSTM")
    assert document.apply(edits.add(layer), "Add LSTM")
    assert document.modified
    document.undo()
    document.redo()
    assert [(len(old.layers), len(new.layers)) for old, new in changes] == [(0, 1), (1, 0), (0, 1)]
    document.redo()
    assert len(changes) == 3


def test_that_an_edit_that_is_refused_or_changes_nothing_leaves_no_trace() -> None:
    document = Document()
    sentences: list[str] = []
    document.refused.connect(sentences.append)
    assert not document.apply(refuse, "Refuse")
    assert not document.apply(lambda design: design, "Nothing")
    assert sentences == ["Not now."]
    assert document.history.undo_label is None
    assert not document.modified


def test_that_edits_with_the_same_key_are_one_step_until_sealed() -> None:
    document = Document()
    for notes in ("a", "ab", "abc"):
        document.apply(edits.set_notes(notes), "Notes", merge="notes")
    document.seal()
    document.apply(edits.set_notes("abcd"), "Notes", merge="notes")
    document.undo()
    assert document.design.notes == "abc"
    document.undo()
    assert document.design.notes == ""


def test_that_the_saved_mark_follows_the_file() -> None:
    document = Document()
    document.apply(edits.set_notes("a"), "Notes")
    document.mark_saved(Path("/somewhere/d.rnnd"))
    assert not document.modified
    assert document.path == Path("/somewhere/d.rnnd")
    document.undo()
    assert document.modified
    document.redo()
    assert not document.modified


def test_that_the_check_is_of_the_new_design_in_every_later_slot() -> None:
    document = Document()
    checks = Checks(document)
    seen: list[bool] = []
    document.changed.connect(lambda _old, new: seen.append(checks.checked.design is new))
    announced: list[Design] = []
    checks.changed.connect(lambda checked: announced.append(checked.design))
    document.apply(edits.add(new_layer(document.design, "LSTM")), "Add LSTM")
    document.undo()
    assert seen == [True, True]
    assert announced[-1] is document.design
