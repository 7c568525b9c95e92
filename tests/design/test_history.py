"""Undo, redo, merging and the saved mark."""

from rnn_designer.design import Design, History


def pushed(history: History, *names: str, merge: str | None = None) -> None:
    for name in names:
        history.push(Design(name=name), f"Name {name}", merge)


def test_that_undo_and_redo_walk_over_the_steps() -> None:
    history = History(Design(name="start"))
    pushed(history, "a", "b")
    assert history.steps == ("Name a", "Name b")
    assert history.undo_label == "Name b"
    assert history.redo_label is None
    assert history.undo().name == "a"
    assert history.redo_label == "Name b"
    assert history.undo().name == "start"
    assert history.undo_label is None
    assert history.undo().name == "start"
    assert history.redo().name == "a"
    assert history.redo().name == "b"
    assert history.redo().name == "b"


def test_that_a_new_step_forgets_what_was_undone() -> None:
    history = History(Design(name="start"))
    pushed(history, "a", "b")
    history.undo()
    pushed(history, "c")
    assert history.steps == ("Name a", "Name c")
    assert history.redo_label is None


def test_that_steps_with_the_same_key_become_one() -> None:
    history = History(Design(name="start"))
    pushed(history, "1", "2", "3", merge="units")
    assert history.steps == ("Name 1",)
    assert history.current.name == "3"
    assert history.undo().name == "start"
    assert history.redo().name == "3"


def test_that_another_key_no_key_a_seal_or_an_undo_end_the_merge() -> None:
    history = History(Design(name="start"))
    pushed(history, "a", merge="units")
    pushed(history, "b", merge="rate")
    pushed(history, "c", "d")
    assert len(history.steps) == 4
    pushed(history, "e", merge="units")
    history.seal()
    pushed(history, "f", merge="units")
    assert len(history.steps) == 6
    history.undo()
    history.redo()
    pushed(history, "g", merge="units")
    assert len(history.steps) == 7


def test_that_the_saved_mark_follows_undo_and_redo() -> None:
    history = History(Design(name="start"))
    assert history.at_saved_mark
    pushed(history, "a")
    assert not history.at_saved_mark
    history.mark_saved()
    pushed(history, "b")
    assert not history.at_saved_mark
    history.undo()
    assert history.at_saved_mark
    history.undo()
    assert not history.at_saved_mark


def test_that_a_saved_design_that_cannot_be_reached_any_more_is_not_the_current_one() -> None:
    history = History(Design(name="start"))
    pushed(history, "a", "b")
    history.mark_saved()
    history.undo()
    pushed(history, "c")
    assert not history.at_saved_mark
    history.undo()
    assert not history.at_saved_mark


def test_that_nothing_merges_over_the_saved_design() -> None:
    history = History(Design(name="start"))
    pushed(history, "a", merge="units")
    history.mark_saved()
    pushed(history, "b", merge="units")
    assert not history.at_saved_mark
    assert history.undo().name == "a"
    assert history.at_saved_mark


def test_that_an_unsaved_start_is_not_at_the_saved_mark() -> None:
    assert not History(Design(), saved=False).at_saved_mark


def test_that_the_oldest_steps_are_forgotten_at_the_limit() -> None:
    history = History(Design(name="start"), limit=3)
    pushed(history, *"abcde")
    assert history.steps == ("Name c", "Name d", "Name e")
    for _step in range(5):
        history.undo()
    assert history.current.name == "b"
    assert not history.at_saved_mark


def test_that_one_can_go_to_any_step_at_once() -> None:
    history = History(Design("start"))
    for name in ("one", "two", "three"):
        history.push(Design(name), f"Go to {name}")
    assert history.go_to(1).name == "one"
    assert (history.position, history.undo_label, history.redo_label) == (1, "Go to one", "Go to two")
    assert history.go_to(99).name == "three"
    assert history.go_to(-1).name == "start"
