"""Frames shown as one box, ports that sleep until they are asked for, states on their wires, layers called again."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QMenu

from rnn_designer.design import Design, Link, edits, files
from rnn_designer.messages import Trace
from rnn_designer.ui.canvas import CanvasView, frame_menu
from rnn_designer.ui.canvas.frames import FrameItem
from rnn_designer.ui.canvas.geometry import outline
from rnn_designer.ui.canvas.items import BoxItem
from rnn_designer.ui.canvas.readings import wire_reading

OneStep = Callable[[str], None]
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def coded(canvas: CanvasView, make_layer: Any) -> CanvasView:
    """An encoder whose states a decoder could start from, beside an RNN around a stack."""
    cells = (make_layer("LSTMCell", "low", units=4), make_layer("GRUCell", "high", units=5))
    design = Design(
        "coded",
        (
            make_layer("Input", "source", 0, 0, shape=(None, 2)),
            make_layer("LSTM", "encoder", 280, 0, units=8, return_state=True),
            make_layer("LSTM", "decoder", 640, 0, units=8),
            make_layer("RNN", "deep", 280, 240, (make_layer("StackedRNNCells", "stack", children=cells),)),
            make_layer("Dense", "answer", 640, 240, units=1),
        ),
        (
            Link("source", "encoder"),
            Link("source", "decoder"),
            Link("source", "deep"),
            Link("deep", "answer"),
        ),
    )
    canvas.workspace.document.reset(design, None)
    canvas.zoom_to(1.0)
    canvas.centre_on(QPointF(400, 200))
    return canvas


def title(canvas: CanvasView, layer_id: str) -> QPointF:
    item = canvas.canvas_scene.item_for_layer[layer_id]
    return item.pos() + QPointF(item.outline.width / 2, 12)


def chevron(canvas: CanvasView, layer_id: str) -> QPointF:
    item = canvas.canvas_scene.item_for_layer[layer_id]
    return item.pos() + item.chevron_rect().center()


# Frames as boxes


def test_that_a_collapsed_frame_is_one_box_that_says_what_it_holds(
    coded: CanvasView, hand: Any, one_step: OneStep
) -> None:
    hand.double_click(title(coded, "deep"))
    items = coded.canvas_scene.item_for_layer
    box = items["deep"]
    assert isinstance(box, BoxItem)
    assert box.words == "LSTMCell 4 · GRUCell 5"
    assert not items["stack"].isVisible()
    assert not items["low"].isVisible()
    assert items["low"].shown_rect() == box.scene_rect()
    one_step("Collapse RNN")


def test_that_a_collapsed_frame_is_opened_again_where_it_was(coded: CanvasView, hand: Any) -> None:
    before = coded.workspace.document.design
    hand.click(chevron(coded, "deep"))
    assert coded.workspace.document.design.layer("deep").collapsed
    hand.double_click(title(coded, "deep"))
    assert coded.workspace.document.design == before
    assert isinstance(coded.canvas_scene.item_for_layer["deep"], FrameItem)
    assert coded.canvas_scene.item_for_layer["low"].isVisible()


def test_that_two_quick_clicks_on_the_triangle_are_not_taken_back(coded: CanvasView, hand: Any) -> None:
    hand.double_click(chevron(coded, "deep"))
    assert coded.workspace.document.history.steps == ("Collapse RNN",)


def test_that_the_wires_of_a_frame_stay_level_when_it_is_collapsed(coded: CanvasView) -> None:
    wire = coded.canvas_scene.item_for_layer["deep"].port_point("output", output=True).y()
    coded.selection.set(["deep"])
    coded.fold_current()
    assert coded.canvas_scene.item_for_layer["deep"].port_point("output", output=True).y() == wire


def test_that_an_inner_frame_is_collapsed_by_itself_and_by_key(coded: CanvasView, hand: Any) -> None:
    coded.selection.set(["low"])
    hand.key(Qt.Key.Key_E)
    design = coded.workspace.document.design
    assert design.layer("stack").collapsed
    assert not design.layer("deep").collapsed
    items = coded.canvas_scene.item_for_layer
    assert isinstance(items["deep"], FrameItem)
    assert items["deep"].scene_rect().contains(items["stack"].scene_rect())
    assert not items["high"].isVisible()


def test_that_tab_passes_over_what_a_collapsed_frame_hides(coded: CanvasView) -> None:
    assert {"stack", "low", "high"} <= set(coded.walk_order())
    coded.commands.frames.fold("deep")
    assert not {"stack", "low", "high"} & set(coded.walk_order())
    assert "deep" in coded.walk_order()


def test_that_a_collapsed_frame_wears_the_badge_of_what_is_wrong_inside(coded: CanvasView) -> None:
    document = coded.workspace.document
    document.apply(edits.remove(["low", "high"]), "Delete")
    assert coded.canvas_scene.item_for_layer["stack"].severity is not None
    coded.commands.frames.fold("deep")
    box = coded.canvas_scene.item_for_layer["deep"]
    assert box.severity is not None
    assert coded.canvas_scene.problems_of("deep")
    coded.show_fault("deep")
    assert coded.overlays.card.isVisible()


def test_that_collapsing_is_saved_with_the_design(coded: CanvasView) -> None:
    coded.commands.frames.fold("stack")
    design = files.from_text(files.to_text(coded.workspace.document.design))
    coded.workspace.document.reset(design, None)
    assert isinstance(coded.canvas_scene.item_for_layer["stack"], BoxItem)


def test_that_a_collapsed_frame_has_the_ports_and_the_strip_of_the_frame(
    coded: CanvasView, fake_trace: Callable[..., Trace]
) -> None:
    names = {each.port.name for each in outline(coded.workspace.document.design.layer("deep")).ports}
    coded.commands.frames.fold("deep")
    box = coded.canvas_scene.item_for_layer["deep"]
    assert isinstance(box, BoxItem)
    assert {each.port.name for each in box.outline.ports} == names
    coded.workspace.live._trace = fake_trace({"deep": "deep", "stack": "deep", "low": "deep/cell_0"}, units=5)
    assert coded.canvas_scene.strips.image(box.layer) is not None
    assert coded.canvas_scene.strips.image(coded.workspace.document.design.layer("low")) is not None


# Ports that need no wire


def test_that_ports_for_initial_states_sleep_until_the_box_is_asked(coded: CanvasView, hand: Any) -> None:
    item = coded.canvas_scene.item_for_layer["decoder"]
    assert {each.port.name for each in item.ports if each.side == "top"} == {"initial_h", "initial_c"}
    assert not item.awake
    coded.canvas_scene.hover(item.scene_rect().center())
    assert item.awake
    coded.canvas_scene.hover(None)
    assert not item.awake
    coded.selection.set(["decoder"])
    assert item.awake
    coded.selection.clear()
    hand.press(hand.port("encoder", "h", output=True))
    assert item.awake
    hand.key(Qt.Key.Key_Escape)
    assert not item.awake


def test_that_a_sleeping_port_looks_different_from_one_with_a_wire(coded: CanvasView) -> None:
    item = coded.canvas_scene.item_for_layer["decoder"]
    area = coded.mapFromScene(item.scene_rect().adjusted(0, -16, 0, -60)).boundingRect()
    asleep = coded.viewport().grab(area).toImage()
    assert coded.commands.frames.connect_states("encoder", "decoder")
    coded.selection.clear()
    assert coded.canvas_scene.is_wired(("decoder", "initial_h", False))
    assert coded.viewport().grab(area).toImage() != asleep


def test_that_a_wire_of_a_state_dropped_on_a_box_goes_to_the_state_of_its_name(
    coded: CanvasView, hand: Any, one_step: OneStep
) -> None:
    body = coded.canvas_scene.item_for_layer["decoder"].scene_rect().center()
    hand.drag(hand.port("encoder", "c", output=True), body)
    assert coded.workspace.document.design.links[-1] == Link("encoder", "decoder", "c", "initial_c")
    one_step("Connect LSTM to LSTM")


def test_that_a_sequence_dropped_on_a_box_goes_to_its_main_input(coded: CanvasView, hand: Any) -> None:
    body = coded.canvas_scene.item_for_layer["answer"].scene_rect().center()
    hand.drag(hand.port("encoder", "output", output=True), body)
    assert Link("encoder", "answer") in coded.workspace.document.design.links


def test_that_a_wire_of_a_state_by_keyboard_offers_the_state_of_its_name_first(
    coded: CanvasView, hand: Any
) -> None:
    coded.selection.set(["encoder"])
    hand.key(Qt.Key.Key_C)
    hand.key(Qt.Key.Key_C)
    assert "LSTM ‘decoder’, h₀?" in coded.overlays.hint.text()
    hand.key(Qt.Key.Key_Return)
    assert Link("encoder", "decoder", "h", "initial_h") in coded.workspace.document.design.links


def test_that_a_sequence_by_keyboard_offers_main_inputs_first(coded: CanvasView, hand: Any) -> None:
    coded.selection.set(["encoder"])
    hand.key(Qt.Key.Key_C)
    hand.key(Qt.Key.Key_Return)
    assert coded.workspace.document.design.links[-1].target_port == "input"


def test_that_the_menu_starts_a_layer_from_the_states_of_another(
    coded: CanvasView, one_step: OneStep
) -> None:
    menu = QMenu(coded)
    frame_menu.add_calls(menu, coded.commands.frames, "decoder")
    states = next(each.menu() for each in menu.actions() if each.menu() is not None)
    assert isinstance(states, QMenu)
    entry = next(action for action in states.actions() if action.text() == "LSTM ‘encoder’")
    entry.trigger()
    wires = {link.target_port for link in coded.workspace.document.design.links if link.source == "encoder"}
    assert wires == {"initial_h", "initial_c"}
    one_step("Start from the states of LSTM ‘encoder’")
    menu.deleteLater()


def test_that_wires_of_states_go_around_boxes_and_do_not_cross(coded: CanvasView) -> None:
    coded.commands.frames.connect_states("encoder", "decoder")
    wires = [item for item in coded.canvas_scene.item_for_link.values() if item.state]
    assert len(wires) == 2
    boxes = [coded.canvas_scene.item_for_layer[each].scene_rect() for each in ("encoder", "decoder")]
    points = [[wire.path.pointAtPercent(step / 200) for step in range(201)] for wire in wires]
    for line in points:
        assert not any(box.adjusted(2, 2, -2, -2).contains(point) for box in boxes for point in line)
    near = min((one - other).manhattanLength() for one in points[0] for other in points[1])
    assert near > 4.0


def test_that_the_card_of_a_states_wire_says_which_state_it_is(coded: CanvasView) -> None:
    coded.commands.frames.connect_states("encoder", "decoder")
    link = next(each for each in coded.workspace.document.design.links if each.source_port == "c")
    tensor = coded.workspace.checks.checked.shapes[("encoder", "c")]
    reading = wire_reading(coded.workspace, link, tensor)
    assert reading is not None
    assert reading.title.startswith("c after the last step · batch")


def test_that_the_mouse_over_a_port_tells_its_whole_name(coded: CanvasView, hand: Any) -> None:
    card = coded.overlays.card_for_values
    card.hover(hand.port("encoder", "h", output=True))
    assert card.isVisible()
    assert "h after the last step · batch" in card.text()
    card.hover(hand.port("deep", "initial_cell_0_c", output=False))
    assert "c₀ cell 0, before the first step" in card.text()
    card.hover(hand.port("encoder", "output", output=True))
    assert not card.isVisible()


# Layers called again


def test_that_a_layer_is_called_again_by_key_and_both_boxes_show_it(
    coded: CanvasView, hand: Any, one_step: OneStep
) -> None:
    coded.selection.set(["decoder"])
    hand.key(Qt.Key.Key_D, SHIFT)
    design = coded.workspace.document.design
    again = next(each for each in design.layers if each.shares == "decoder")
    item = coded.canvas_scene.item_for_layer[again.id]
    assert isinstance(item, BoxItem)
    assert item.original == "decoder"
    assert item.words.startswith("shared · ")
    assert coded.selection.ids == (again.id,)
    assert coded.canvas_scene.item_for_layer["decoder"].related
    assert not item.related
    coded.selection.set(["decoder"])
    assert item.related
    coded.selection.set(["answer"])
    assert not item.related
    one_step("Call LSTM again")


def test_that_renaming_the_original_renames_it_in_its_calls(coded: CanvasView) -> None:
    coded.commands.frames.call_again("decoder")
    again = next(each for each in coded.workspace.document.design.layers if each.shares == "decoder")
    coded.commands.rename("decoder", "writer")
    assert coded.canvas_scene.item_for_layer[again.id].original == "writer"


def test_that_a_call_becomes_a_layer_of_its_own(coded: CanvasView) -> None:
    coded.commands.frames.call_again("decoder")
    again = next(each for each in coded.workspace.document.design.layers if each.shares == "decoder")
    coded.selection.set([again.id])
    coded.make_own()
    item = coded.canvas_scene.item_for_layer[again.id]
    assert coded.workspace.document.design.layer(again.id).shares is None
    assert item.original == ""
    assert not coded.canvas_scene.item_for_layer["decoder"].related


def test_that_a_frame_that_is_called_again_is_a_frame_too(coded: CanvasView) -> None:
    coded.commands.frames.call_again("deep")
    again = next(each for each in coded.workspace.document.design.layers if each.shares == "deep")
    item = coded.canvas_scene.item_for_layer[again.id]
    assert isinstance(item, FrameItem)
    assert item.original == "deep"
    assert len(item.inner[0].inner) == 2


# Words


def test_that_a_box_says_that_dropout_is_off_while_watching(canvas: CanvasView, make_layer: Any) -> None:
    layers = (
        make_layer("Dropout", "off", 0, 0, rate=0.2),
        make_layer("GRU", "memory", 300, 0, units=4, dropout=0.1),
        make_layer("GRU", "plain", 600, 0, units=4),
    )
    canvas.workspace.document.reset(Design("drop", layers, ()), None)
    words = {key: getattr(item, "words", "") for key, item in canvas.canvas_scene.item_for_layer.items()}
    assert words["off"] == "rate 0.2 · off while watching"
    assert words["memory"].endswith("dropout off")
    assert "off" not in words["plain"]


def test_that_boxes_say_when_dropout_acts_on_what_they_show(
    canvas: CanvasView, make_layer: Any, fake_trace: Any
) -> None:
    layers = (
        make_layer("Dropout", "off", 0, 0, rate=0.2),
        make_layer("GRU", "memory", 300, 0, units=4, dropout=0.1),
    )
    canvas.workspace.document.reset(Design("drop", layers, ()), None)
    items, live = canvas.canvas_scene.item_for_layer, canvas.workspace.live
    trace = replace(fake_trace({"off": "off", "memory": "memory"}), training=True)
    live._trace = trace
    live.traced.emit(trace)
    assert items["off"].words == "rate 0.2 · on, as in training"
    assert items["memory"].words.startswith("dropout on · 4 units")
    live._trace = replace(trace, training=False)
    live.traced.emit(live._trace)
    assert items["off"].words == "rate 0.2 · off while watching"
    assert items["memory"].words.endswith("dropout off")
