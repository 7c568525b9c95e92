"""Groups and notes in the outline: everything about them from the keyboard."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from pytestqt.qtbot import QtBot

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import Design, Group, Layer, Link, Note
from rnn_designer.ui.outline import Outline

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def outline(workspace: Any, selection: Any, show: Callable[[Any], Any]) -> Outline:
    workspace.document.reset(
        Design(
            "marked",
            (
                Layer("a", "Input", "a", FrozenMap(shape=(None, 3))),
                Layer("b", "LSTM", "b", FrozenMap(units=4), (280, 0)),
            ),
            (Link("a", "b"),),
            canvas_notes=(Note("n", "Two\nlines", (0, 200)),),
            groups=(Group("g", "Memory", ("b",)),),
        ),
        None,
    )
    return show(Outline(workspace, selection))


def choose(outline: Outline, key: Any) -> None:
    """Select a line, whatever modifier keys the test before left behind."""
    only = QItemSelectionModel.SelectionFlag.ClearAndSelect
    outline.tree.setCurrentItem(outline.item_of(key), 0, only)


def test_that_groups_and_notes_are_listed_with_words_for_screen_readers(outline: Outline) -> None:
    spoken = [outline.item_of(key).data(0, Qt.ItemDataRole.AccessibleTextRole) for key in ("g", "n")]
    assert spoken == ["Group ‘Memory’, open, 1 members", "Note: Two\nlines"]
    assert outline.item_of("n").text(0) == "Two ⏎ lines"


def test_that_they_are_selected_both_ways(outline: Outline, selection: Any) -> None:
    selection.set(["a"], ["g"])
    assert {item.text(0) for item in outline.tree.selectedItems()} == {"a", "Memory"}
    choose(outline, "n")
    assert (selection.ids, selection.marks) == ((), ("n",))


def test_that_they_are_written_over(outline: Outline, workspace: Any) -> None:
    outline.item_of("g").setText(0, "State")
    outline.item_of("n").setText(0, "One ⏎ more")
    design = workspace.document.design
    assert design.group("g").name == "State"
    assert [line.strip() for line in design.note("n").text.split("\n")] == ["One", "more"]
    outline.item_of("g").setText(0, " ")
    assert outline.item_of("g").text(0) == "State"


def test_that_enter_collapses_and_keys_copy_and_delete(
    outline: Outline, workspace: Any, qtbot: QtBot
) -> None:
    tree, document = outline.tree, workspace.document
    choose(outline, "g")
    qtbot.keyClick(tree, Qt.Key.Key_Return)
    assert document.design.group("g").collapsed
    choose(outline, "n")
    qtbot.keyClick(tree, Qt.Key.Key_D, CONTROL)
    assert len(document.design.canvas_notes) == 2
    qtbot.keyClick(tree, Qt.Key.Key_Delete)
    choose(outline, "n")
    qtbot.keyClick(tree, Qt.Key.Key_X, CONTROL)
    assert document.design.canvas_notes == ()
    qtbot.keyClick(tree, Qt.Key.Key_V, CONTROL)
    assert [note.text for note in document.design.canvas_notes] == ["Two\nlines"]
    assert document.history.steps == ("Collapse group", "Duplicate note", "Delete note", "Cut note", "Paste")


def test_that_the_menu_does_what_it_says(outline: Outline, workspace: Any) -> None:
    def act(key: Any, *path: str) -> None:
        item = outline.item_of(key)
        choose(outline, key)
        menu = outline.menu_for(item)
        actions = menu.actions()
        for step in path[:-1]:
            actions = next(each for each in actions if each.text() == step).menu().actions()
        next(each for each in actions if each.text() == path[-1]).trigger()
        menu.deleteLater()

    act("b", "Colour", "Teal")
    assert workspace.document.design.layer("b").color == "teal"
    act("g", "Ungroup")
    assert workspace.document.design.groups == ()
    act(Link("a", "b"), "Remove link")
    assert workspace.document.design.links == ()
    act("b", "Delete")
    assert workspace.document.history.steps == ("Colour LSTM", "Ungroup", "Delete link", "Delete LSTM")
