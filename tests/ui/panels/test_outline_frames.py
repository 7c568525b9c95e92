"""The outline of frames: cells in their order, what is called again, wires of states; moved and folded from there."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import Design, Layer, Link, edits
from rnn_designer.ui.outline import Outline
from rnn_designer.ui.outline_nodes import Node
from rnn_designer.ui.outline_nodes import outline as nodes_of


def cell(kind: str, name: str) -> Layer:
    return Layer(name, kind, name, FrozenMap({"units": 4}))


def systems() -> Design:
    stack = Layer(
        "stack", "StackedRNNCells", "stack", children=(cell("LSTMCell", "low"), cell("GRUCell", "high"))
    )
    return Design(
        "systems",
        (
            Layer("source", "Input", "source", FrozenMap({"shape": (None, 2)})),
            Layer("encoder", "GRU", "encoder", FrozenMap({"units": 4, "return_state": True})),
            Layer("decoder", "GRU", "decoder", FrozenMap({"units": 4})),
            Layer("deep", "RNN", "deep", children=(stack,)),
        ),
        (Link("source", "encoder"), Link("source", "decoder"), Link("encoder", "decoder", "h", "initial_h")),
    )


@pytest.fixture
def shown(workspace: Any, selection: Any, show: Callable[[QWidget], QWidget]) -> Any:
    workspace.document.reset(systems(), None)
    made = Outline(workspace, selection)
    show(made)
    return made


def find(nodes: tuple[Node, ...], key: object) -> Node:
    for node in nodes:
        if node.key == key:
            return node
        try:
            return find(node.children, key)
        except KeyError:
            continue
    raise KeyError(key)


def test_that_cells_stand_below_their_stack_in_order_and_say_their_place(workspace: Any) -> None:
    workspace.document.reset(systems(), None)
    nodes = nodes_of(workspace.checks.checked)
    assert [each.name for each in find(nodes, "stack").children] == ["low", "high"]
    assert "cell 1 of 2 in stack" in find(nodes, "high").text
    assert "holds LSTMCell 4 · GRUCell 4" in find(nodes, "deep").text


def test_that_wires_of_states_have_a_sign_of_their_own(workspace: Any) -> None:
    workspace.document.reset(systems(), None)
    nodes = nodes_of(workspace.checks.checked)
    state = find(nodes, Link("encoder", "decoder", "h", "initial_h"))
    assert (state.sign, state.detail) == ("⇢", "h → initial_h")
    assert state.text.startswith("state link from h to decoder initial_h")
    assert find(nodes, Link("source", "encoder")).sign == "→"


def test_that_a_further_call_names_what_it_calls(workspace: Any) -> None:
    workspace.document.reset(systems(), None)
    workspace.document.apply(edits.call_again("encoder", (0.0, 300.0)), "Call again")
    again = next(each for each in workspace.document.design.layers if each.shares == "encoder")
    node = find(nodes_of(workspace.checks.checked), again.id)
    assert node.detail == "↺ encoder"
    assert "calls encoder again, with the same weights" in node.text


def test_that_alt_and_the_arrows_move_a_cell_in_the_outline(shown: Any, workspace: Any, qtbot: Any) -> None:
    item = shown.item_of("low")
    shown.tree.setCurrentItem(item)
    qtbot.keyClick(shown.tree, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert [each.id for each in workspace.document.design.layer("stack").children] == ["high", "low"]
    stack = shown.item_of("stack")
    assert [stack.child(place).text(0) for place in range(2)] == ["high", "low"]
    assert workspace.document.history.steps == ("Move LSTMCell down",)


def test_that_the_menu_of_the_outline_folds_and_moves(shown: Any, workspace: Any) -> None:
    menu = shown.menu_for(shown.item_of("deep"))
    next(each for each in menu.actions() if each.text().startswith("Collapse")).trigger()
    assert workspace.document.design.layer("deep").collapsed
    menu.deleteLater()
    menu = shown.menu_for(shown.item_of("high"))
    lines = {each.text().partition("\t")[0]: each for each in menu.actions()}
    assert not lines["Move down"].isEnabled()
    lines["Take out of StackedRNNCells"].trigger()
    assert workspace.document.design.owner("high") is None
    menu.deleteLater()
