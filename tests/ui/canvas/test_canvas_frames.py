"""Cells in frames: dragged in from the palette and the canvas, in order, out again, refused with an offer."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPointF, Qt

from rnn_designer.design import Design, Link, edits
from rnn_designer.ui.canvas import CanvasView
from rnn_designer.ui.canvas.geometry import bounds

OneStep = Callable[[str], None]
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def stacked(canvas: CanvasView, make_layer: Any) -> CanvasView:
    """Input → RNN around two cells and a stack of one, an empty RNN below, a cell and an LSTM on the canvas."""
    inner = make_layer("StackedRNNCells", "pile", children=(make_layer("SimpleRNNCell", "plain", units=3),))
    cells = (make_layer("LSTMCell", "low", units=4), make_layer("GRUCell", "high", units=5), inner)
    design = Design(
        "stacked",
        (
            make_layer("Input", "source", 0, 0, shape=(None, 2)),
            make_layer("RNN", "deep", 280, 0, (make_layer("StackedRNNCells", "stack", children=cells),)),
            make_layer("RNN", "empty", 0, 300),
            make_layer("GRUCell", "loose", 700, 0, units=6),
            make_layer("LSTM", "memory", 700, 200, units=7),
        ),
        (Link("source", "deep"),),
    )
    canvas.workspace.document.reset(design, None)
    canvas.zoom_to(1.0)
    canvas.centre_on(QPointF(420, 260))
    return canvas


def names(canvas: CanvasView, holder: str) -> list[str]:
    return [child.name for child in canvas.workspace.document.design.layer(holder).children]


def middle(canvas: CanvasView, layer_id: str) -> QPointF:
    return canvas.canvas_scene.item_for_layer[layer_id].scene_rect().center()


def above(canvas: CanvasView, layer_id: str) -> QPointF:
    box = canvas.canvas_scene.item_for_layer[layer_id].scene_rect()
    return QPointF(box.center().x(), box.top() - 5)


def foot(canvas: CanvasView, layer_id: str) -> QPointF:
    box = canvas.canvas_scene.item_for_layer[layer_id].scene_rect()
    return QPointF(box.center().x(), box.bottom() - 8)


def test_that_cells_stand_in_their_frames_one_below_the_other(stacked: CanvasView) -> None:
    items = stacked.canvas_scene.item_for_layer
    assert items["deep"].scene_rect().contains(items["stack"].scene_rect())
    low, high, pile = (items[each].scene_rect() for each in ("low", "high", "pile"))
    assert low.bottom() < high.top()
    assert high.bottom() < pile.top()
    assert pile.contains(items["plain"].scene_rect())
    assert stacked.grab().width() > 0


def test_that_a_cell_from_the_palette_goes_where_the_line_is(
    stacked: CanvasView, palette: Any, one_step: OneStep
) -> None:
    at = above(stacked, "high")
    assert palette.enter("SimpleRNNCell", at)
    frame = stacked.canvas_scene.item_for_layer["stack"]
    assert frame.framed
    assert frame.insertion == 1
    assert palette.drop("SimpleRNNCell", at)
    assert frame.insertion is None
    assert not frame.framed
    assert names(stacked, "stack") == ["low", "simple_rnn_cell", "high", "pile"]
    assert stacked.selection.ids == (stacked.workspace.document.design.layer("stack").children[1].id,)
    one_step("Put SimpleRNNCell into StackedRNNCells")


def test_that_a_cell_goes_into_the_innermost_stack_under_the_pointer(
    stacked: CanvasView, palette: Any
) -> None:
    assert palette.drop("GRUCell", foot(stacked, "pile"))
    assert names(stacked, "pile") == ["plain", "gru_cell"]
    assert names(stacked, "stack") == ["low", "high", "pile"]


def test_that_a_stack_goes_into_a_stack(stacked: CanvasView, palette: Any) -> None:
    assert palette.drop("StackedRNNCells", above(stacked, "low"))
    first = stacked.workspace.document.design.layer("stack").children[0]
    assert first.kind == "StackedRNNCells"
    assert len(first.children) == 2
    assert stacked.canvas_scene.item_for_layer[first.children[1].id].isVisible()


def test_that_a_drag_that_leaves_takes_the_line_away(stacked: CanvasView, palette: Any) -> None:
    assert palette.enter("GRUCell", above(stacked, "high"))
    palette.leave()
    frame = stacked.canvas_scene.item_for_layer["stack"]
    assert frame.insertion is None
    assert not frame.framed
    assert not stacked.workspace.document.history.steps


@pytest.mark.parametrize(
    ("moved", "target", "order"),
    [
        ("high", "low", ["high", "low", "pile"]),
        ("pile", "low", ["pile", "low", "high"]),
        ("low", "pile", ["high", "low", "pile"]),
    ],
)
def test_that_a_cell_is_dragged_to_another_place_in_its_stack(
    stacked: CanvasView, hand: Any, one_step: OneStep, moved: str, target: str, order: list[str]
) -> None:
    grip = stacked.canvas_scene.item_for_layer[moved].pos() + QPointF(100, 12)
    hand.drag(grip, above(stacked, target))
    assert names(stacked, "stack") == order
    one_step(f"Move {stacked.workspace.document.design.layer(moved).kind}")


def test_that_a_cell_dropped_where_it_was_stays_there(stacked: CanvasView, hand: Any) -> None:
    before = stacked.canvas_scene.item_for_layer["high"].pos()
    hand.drag(hand.header("high"), middle(stacked, "high") + QPointF(6, 4))
    item = stacked.canvas_scene.item_for_layer["high"]
    assert item.pos() == before
    assert item.opacity() == 1.0
    assert not stacked.workspace.document.history.steps


def test_that_a_cell_dragged_out_becomes_a_box_on_the_canvas(
    stacked: CanvasView, hand: Any, one_step: OneStep
) -> None:
    target = QPointF(160, 230)
    hand.press(hand.header("high"))
    hand.move(hand.header("high") + QPointF(0, 20))
    hand.move(target)
    assert stacked.canvas_scene.item_for_layer["high"].opacity() < 1.0
    hand.release(target)
    design = stacked.workspace.document.design
    assert names(stacked, "stack") == ["low", "pile"]
    assert design.owner("high") is None
    assert stacked.canvas_scene.item_for_layer["high"].opacity() == 1.0
    assert not any(
        bounds(each).intersects(bounds(design.layer("high"))) for each in design.layers if each.id != "high"
    )
    one_step("Take out GRUCell")


def test_that_escape_puts_a_dragged_cell_back(stacked: CanvasView, hand: Any) -> None:
    before = stacked.canvas_scene.item_for_layer["plain"].pos()
    hand.press(hand.header("plain"))
    hand.move(QPointF(100, 220))
    hand.key(Qt.Key.Key_Escape)
    hand.release(QPointF(100, 220))
    assert stacked.canvas_scene.item_for_layer["plain"].pos() == before
    assert not stacked.workspace.document.history.steps


def test_that_a_cell_is_dragged_from_one_frame_into_another(
    stacked: CanvasView, hand: Any, one_step: OneStep
) -> None:
    hand.drag(hand.header("high"), middle(stacked, "empty"))
    assert names(stacked, "stack") == ["low", "pile"]
    assert names(stacked, "empty") == ["high"]
    one_step("Put GRUCell into RNN")


def test_that_a_cell_of_the_canvas_is_dragged_into_a_stack(
    stacked: CanvasView, hand: Any, one_step: OneStep
) -> None:
    hand.drag(hand.header("loose"), above(stacked, "low"))
    assert names(stacked, "stack") == ["loose", "low", "high", "pile"]
    assert [each.id for each in stacked.workspace.document.design.layers] == [
        "source",
        "deep",
        "empty",
        "memory",
    ]
    one_step("Put GRUCell into StackedRNNCells")


def test_that_the_frame_is_moved_by_its_title_with_everything_in_it(stacked: CanvasView, hand: Any) -> None:
    inner = stacked.canvas_scene.item_for_layer["plain"].pos()
    hand.drag(QPointF(400, 12), QPointF(400, 36))
    assert stacked.workspace.document.design.layer("deep").position == (280.0, 24.0)
    assert stacked.canvas_scene.item_for_layer["plain"].pos() == inner + QPointF(0, 24)


def test_that_a_layer_where_a_cell_belongs_is_refused_with_an_offer_that_enter_takes(
    stacked: CanvasView, palette: Any, hand: Any, qtbot: Any, one_step: OneStep
) -> None:
    at = above(stacked, "high")
    assert palette.enter("LSTM", at)
    assert "walks along a whole sequence" in stacked.overlays.hint.text()
    assert palette.drop("LSTM", at)
    card = stacked.overlays.offer
    assert card.isVisible()
    assert "LSTMCell" in card.button.text()
    assert not stacked.workspace.document.history.steps
    qtbot.keyClick(card.button, Qt.Key.Key_Return)
    assert not card.isVisible()
    kinds = [each.kind for each in stacked.workspace.document.design.layer("stack").children]
    assert kinds == ["LSTMCell", "LSTMCell", "GRUCell", "StackedRNNCells"]
    one_step("Put LSTM into StackedRNNCells")


def test_that_a_layer_of_the_canvas_is_converted_with_its_settings(
    stacked: CanvasView, hand: Any, qtbot: Any
) -> None:
    before = stacked.workspace.document.design.layer("memory").position
    hand.drag(hand.header("memory"), middle(stacked, "empty"))
    assert stacked.workspace.document.design.layer("memory").position == before
    assert stacked.canvas_scene.item_for_layer["memory"].pos() == QPointF(*before)
    qtbot.mouseClick(stacked.overlays.offer.button, Qt.MouseButton.LeftButton)
    child = stacked.workspace.document.design.layer("empty").children[0]
    assert (child.kind, child.value("units")) == ("LSTMCell", 7)


@pytest.mark.parametrize("leave", ["escape", "elsewhere"])
def test_that_an_offer_that_is_left_changes_nothing(
    stacked: CanvasView, palette: Any, hand: Any, qtbot: Any, leave: str
) -> None:
    palette.drop("LSTM", middle(stacked, "empty"))
    card = stacked.overlays.offer
    assert card.isVisible()
    if leave == "escape":
        qtbot.keyClick(card.button, Qt.Key.Key_Escape)
    else:
        hand.click(QPointF(120, 200))
    assert not card.isVisible()
    assert not stacked.workspace.document.history.steps


def test_that_alt_and_the_arrows_move_a_cell_in_its_stack(
    stacked: CanvasView, hand: Any, one_step: OneStep
) -> None:
    stacked.selection.set(["low"])
    hand.key(Qt.Key.Key_Down, ALT)
    assert names(stacked, "stack") == ["high", "low", "pile"]
    one_step("Move LSTMCell down")
    hand.key(Qt.Key.Key_Up, ALT)
    assert names(stacked, "stack") == ["low", "high", "pile"]
    said: list[str] = []
    stacked.workspace.document.refused.connect(said.append)
    hand.key(Qt.Key.Key_Up, ALT)
    assert said == ["This cell is the first of its stack already."]


def test_that_alt_and_the_arrows_move_the_view_where_no_cell_is_selected(
    stacked: CanvasView, hand: Any
) -> None:
    before = stacked.camera.sight()
    stacked.selection.set(["memory"])
    hand.key(Qt.Key.Key_Down, ALT)
    assert stacked.camera.sight().top() > before.top()


def test_that_a_cell_of_the_palette_goes_into_the_selected_frame(stacked: CanvasView) -> None:
    stacked.selection.set(["empty"])
    stacked.add_layer("GRUCell")
    assert [each.kind for each in stacked.workspace.document.design.layer("empty").children] == ["GRUCell"]
    stacked.selection.set(["deep"])
    stacked.add_layer("GRUCell")
    assert names(stacked, "stack")[:3] == ["low", "high", "pile"]
    assert len(names(stacked, "stack")) == 4
    stacked.selection.set(["low"])
    stacked.add_layer("SimpleRNNCell")
    assert names(stacked, "stack")[:3] == ["low", "simple_rnn_cell", "high"]


def test_that_a_cell_on_the_bare_canvas_is_wired_to_nothing(stacked: CanvasView, palette: Any) -> None:
    stacked.selection.set(["source"])
    stacked.add_layer("GRUCell")
    added = stacked.workspace.document.design.layers[-1]
    assert added.kind == "GRUCell"
    assert not any(added.id in (link.source, link.target) for link in stacked.workspace.document.design.links)


def test_that_a_frame_that_grows_pushes_its_neighbours_aside(stacked: CanvasView, palette: Any) -> None:
    document = stacked.workspace.document
    document.apply(edits.move({"memory": (300.0, 470.0)}), "Move")
    assert not bounds(document.design.layer("deep")).intersects(bounds(document.design.layer("memory")))
    for _ in range(2):
        assert palette.drop("LSTMCell", above(stacked, "high"))
    layers = document.design.layers
    assert not any(
        bounds(one).intersects(bounds(other)) for one in layers for other in layers if one.id < other.id
    )
    assert document.design.layer("source").position == (0.0, 0.0)


def test_that_the_menu_takes_a_cell_out_and_moves_it_into_other_frames(stacked: CanvasView) -> None:
    from PySide6.QtWidgets import QMenu

    menu = QMenu(stacked)
    stacked.offer_wrapping(menu, "high")
    lines = {action.text().partition("\t")[0]: action for action in menu.actions()}
    lines["Move into RNN ‘empty’"].trigger()
    assert names(stacked, "empty") == ["high"]
    menu.clear()
    stacked.offer_wrapping(menu, "high")
    next(action for action in menu.actions() if action.text() == "Take out of RNN").trigger()
    assert stacked.workspace.document.design.owner("high") is None
    menu.deleteLater()


def test_that_a_cell_can_be_wrapped_in_an_rnn_of_its_own(stacked: CanvasView) -> None:
    assert stacked.commands.frames.wrap("loose", "RNN")
    design = stacked.workspace.document.design
    assert design.top("loose").kind == "RNN"
    assert stacked.commands.frames.unwrap(design.top("loose").id)
    assert stacked.workspace.document.design.owner("loose") is None


def test_that_an_edit_elsewhere_leaves_the_picture_of_a_frame_alone(
    stacked: CanvasView, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = stacked.workspace.document
    document.apply(edits.set_parameter("low", "units", 9), "Set units")
    shown: list[str] = []
    real = stacked.canvas_scene._show_layer
    monkeypatch.setattr(
        stacked.canvas_scene,
        "_show_layer",
        lambda layer, kept: (shown.append(layer.id), real(layer, kept))[1],
    )
    document.apply(edits.move({"memory": (720.0, 200.0)}), "Move")
    document.apply(edits.set_parameter("memory", "units", 8), "Set units")
    assert shown == ["memory", "memory"]


def test_that_a_second_layer_goes_into_the_place_below_the_first(
    filled: CanvasView, palette: Any, one_step: OneStep
) -> None:
    at = foot(filled, "both")
    assert palette.enter("GRU", at)
    assert filled.canvas_scene.item_for_layer["both"].insertion == 1
    assert palette.drop("GRU", at)
    children = filled.workspace.document.design.layer("both").children
    assert [each.name for each in children] == ["reader", "gru"]
    one_step("Put GRU into Bidirectional")


def test_that_a_stack_dropped_on_a_cell_takes_the_cell_in_with_its_settings(
    stacked: CanvasView, palette: Any, make_layer: Any, one_step: OneStep
) -> None:
    document = stacked.workspace.document
    cell = make_layer("GRUCell", "only", units=9, use_bias=False)
    document.reset(edits.set_child("empty", 0, cell)(document.design), None)
    assert palette.drop("StackedRNNCells", middle(stacked, "only"))
    (stack,) = document.design.layer("empty").children
    assert stack.kind == "StackedRNNCells"
    first, second = stack.children
    assert (first.id, first.name, first.value("units")) == ("only", "only", 9)
    assert (second.kind, second.params) == ("GRUCell", first.params)
    assert second.name not in ("only", "")
    assert stacked.selection.ids == (stack.id,)
    one_step("Put StackedRNNCells into RNN")
