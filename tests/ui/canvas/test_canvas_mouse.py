"""What the mouse does on the canvas, with real events: one gesture, one named undo step; Esc takes it back."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from rnn_designer.design import Fix, Link, Problem, Severity, edits
from rnn_designer.ui.canvas import CanvasView

CONTROL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
OneStep = Callable[[str], None]


def position(canvas: CanvasView, layer_id: str) -> tuple[float, float]:
    return canvas.workspace.document.design.layer(layer_id).position


# Selecting


def test_that_a_click_selects_a_box_and_a_click_on_nothing_selects_none(
    filled: CanvasView, hand: Any
) -> None:
    hand.click(hand.header("memory"))
    assert filled.selection.ids == ("memory",)
    hand.click(QPointF(400, 500))
    assert filled.selection.ids == ()


@pytest.mark.parametrize("key", [CONTROL, Qt.KeyboardModifier.ShiftModifier])
def test_that_ctrl_click_and_shift_click_add_and_take_out(
    filled: CanvasView, hand: Any, key: Qt.KeyboardModifier
) -> None:
    hand.click(hand.header("memory"))
    hand.click(hand.header("answer"), key)
    assert filled.selection.ids == ("memory", "answer")
    hand.click(hand.header("memory"), key)
    assert filled.selection.ids == ("answer",)


def test_that_a_wrapped_layer_is_selected_by_its_own_box(filled: CanvasView, hand: Any) -> None:
    hand.click(hand.header("reader"))
    assert filled.selection.ids == ("reader",)
    hand.click(filled.canvas_scene.item_for_layer["both"].pos() + QPointF(40, 12))
    assert filled.selection.ids == ("both",)


def test_that_a_rubber_band_selects_what_it_touches(filled: CanvasView, hand: Any) -> None:
    hand.drag(QPointF(250, -60), QPointF(600, 100))
    assert set(filled.selection.ids) == {"memory", "answer"}
    assert not filled.workspace.document.history.steps


def test_that_esc_brings_back_what_was_selected_before_a_rubber_band(filled: CanvasView, hand: Any) -> None:
    filled.selection.set(["source"])
    hand.press(QPointF(250, -60))
    hand.move(QPointF(600, 100))
    hand.key(Qt.Key.Key_Escape)
    assert filled.selection.ids == ("source",)
    hand.release(QPointF(600, 100))
    assert filled.selection.ids == ("source",)


# Moving


def test_that_dragging_a_box_moves_it_on_the_grid_in_one_step(
    filled: CanvasView, hand: Any, one_step: OneStep
) -> None:
    hand.drag(hand.header("both"), hand.header("both") + QPointF(61, 95))
    x, y = position(filled, "both")
    assert (x % 4, y % 4) == (0, 0)
    assert abs(x - 61) <= 5
    assert abs(y - 295) <= 5
    one_step("Move Bidirectional")


def test_that_boxes_selected_together_move_together(filled: CanvasView, hand: Any, one_step: OneStep) -> None:
    filled.selection.set(["memory", "answer"])
    hand.drag(hand.header("memory"), hand.header("memory") + QPointF(0, 300))
    assert position(filled, "memory")[1] == position(filled, "answer")[1] >= 290
    one_step("Move 2 layers")


def test_that_a_moved_box_is_drawn_into_line_with_its_neighbour(filled: CanvasView, hand: Any) -> None:
    filled.workspace.document.apply(edits.move({"answer": (560.0, 120.0)}), "Move Dense")
    hand.drag(hand.header("answer"), hand.header("answer") + QPointF(0, -117))
    assert position(filled, "answer")[1] == 0.0


def test_that_esc_puts_a_moved_box_back(filled: CanvasView, hand: Any) -> None:
    item = filled.canvas_scene.item_for_layer["memory"]
    start = hand.header("memory")
    hand.press(start)
    hand.move(start + QPointF(50, 80))
    assert item.pos() != QPointF(280, 0)
    hand.key(Qt.Key.Key_Escape)
    assert item.pos() == QPointF(280, 0)
    hand.release(start + QPointF(50, 80))
    assert not filled.workspace.document.history.steps


def test_that_wires_follow_a_box_while_it_is_dragged(filled: CanvasView, hand: Any) -> None:
    wire = filled.canvas_scene.item_for_link[Link("source", "memory")]
    before = wire.path.currentPosition()
    hand.press(hand.header("memory"))
    hand.move(hand.header("memory") + QPointF(0, 80))
    assert wire.path.currentPosition().y() > before.y() + 60
    hand.key(Qt.Key.Key_Escape)
    assert wire.path.currentPosition() == before


def test_that_a_press_without_a_movement_changes_nothing(filled: CanvasView, hand: Any) -> None:
    hand.drag(hand.header("memory"), hand.header("memory") + QPointF(1, 1))
    assert not filled.workspace.document.history.steps


def test_that_alt_drag_duplicates(filled: CanvasView, hand: Any, one_step: OneStep) -> None:
    hand.drag(hand.header("memory"), hand.header("memory") + QPointF(0, 240), held=ALT)
    design = filled.workspace.document.design
    assert len(design.layers) == 5
    assert position(filled, "memory") == (280.0, 0.0)
    copied = design.layers[-1]
    assert copied.kind == "LSTM"
    assert abs(copied.position[1] - 240) <= 5
    assert filled.selection.ids == (copied.id,)
    one_step("Duplicate LSTM")


def test_that_a_loose_box_dropped_on_a_wire_goes_into_it(
    filled: CanvasView, hand: Any, one_step: OneStep
) -> None:
    middle = filled.canvas_scene.item_for_link[Link("memory", "answer")].path.pointAtPercent(0.5)
    hand.drag(filled.canvas_scene.item_for_layer["both"].pos() + QPointF(40, 12), middle)
    links = set(filled.workspace.document.design.links)
    assert {Link("memory", "both"), Link("both", "answer")} <= links
    one_step("Insert Bidirectional")


# Wiring


def test_that_dragging_from_port_to_port_connects(filled: CanvasView, hand: Any, one_step: OneStep) -> None:
    hand.drag(hand.port("source", "output", output=True), hand.port("both", "input", output=False))
    assert Link("source", "both") in filled.workspace.document.design.links
    one_step("Connect Input to Bidirectional")


def test_that_a_wire_let_go_over_a_box_takes_its_port(filled: CanvasView, hand: Any) -> None:
    hand.drag(hand.port("source", "output", output=True), hand.header("reader"))
    assert Link("source", "both") in filled.workspace.document.design.links


def test_that_a_wire_can_be_drawn_backwards(filled: CanvasView, hand: Any, one_step: OneStep) -> None:
    hand.drag(hand.port("both", "input", output=False), hand.port("memory", "output", output=True))
    assert Link("memory", "both") in filled.workspace.document.design.links
    one_step("Connect LSTM to Bidirectional")


def test_that_only_legal_targets_are_lit_and_others_say_why_not(filled: CanvasView, hand: Any) -> None:
    hand.press(hand.port("memory", "output", output=True))
    hand.move(QPointF(420, 300))
    marks = filled.canvas_scene.port_marks
    assert marks[("both", "input", False)] == "legal"
    assert marks[("memory", "output", True)] == "start"
    assert ("answer", "input", False) not in marks
    assert filled.canvas_scene.item_for_layer["source"].opacity() < 1.0
    assert filled.canvas_scene.item_for_layer["both"].opacity() == 1.0
    hand.move(hand.port("answer", "input", output=False))
    assert filled.overlays.hint.isVisible()
    assert "connected" in filled.overlays.hint.text()
    hand.move(hand.header("source"))
    assert "Input" in filled.overlays.hint.text()
    hand.release(hand.header("source"))
    assert not filled.overlays.hint.isVisible()
    assert not filled.canvas_scene.port_marks
    assert filled.canvas_scene.item_for_layer["source"].opacity() == 1.0
    assert not filled.workspace.document.history.steps


def test_that_esc_gives_a_wire_up(filled: CanvasView, hand: Any) -> None:
    hand.press(hand.port("source", "output", output=True))
    hand.move(hand.port("both", "input", output=False))
    hand.key(Qt.Key.Key_Escape)
    hand.release(hand.port("both", "input", output=False))
    assert not filled.canvas_scene.port_marks
    assert not filled.workspace.document.history.steps


def test_that_the_end_of_a_wire_can_be_taken_to_another_layer(
    filled: CanvasView, hand: Any, one_step: OneStep
) -> None:
    hand.drag(hand.port("answer", "input", output=False), hand.port("both", "input", output=False))
    links = filled.workspace.document.design.links
    assert Link("memory", "both") in links
    assert Link("memory", "answer") not in links
    one_step("Connect LSTM to Bidirectional")


def test_that_a_wire_end_dropped_on_nothing_is_removed(
    filled: CanvasView, hand: Any, one_step: OneStep
) -> None:
    hand.drag(hand.port("answer", "input", output=False), QPointF(500, 350))
    assert Link("memory", "answer") not in filled.workspace.document.design.links
    one_step("Remove wire")


def test_that_a_wire_let_go_on_nothing_offers_layers(
    filled: CanvasView, hand: Any, one_step: OneStep
) -> None:
    hand.drag(hand.port("answer", "output", output=True), QPointF(830, 300))
    search = filled.overlays.search
    assert search.isVisible()
    QTest.keyClicks(search.field, "gru")
    QTest.keyClick(search.field, Qt.Key.Key_Return)
    added = filled.workspace.document.design.layers[-1]
    assert added.kind == "GRU"
    assert Link("answer", added.id) in filled.workspace.document.design.links
    assert filled.selection.ids == (added.id,)
    one_step("Add GRU")


def test_that_a_wire_is_selected_by_a_click_and_removed_by_delete(
    filled: CanvasView, hand: Any, one_step: OneStep
) -> None:
    filled.selection.set(["source"])
    link = Link("memory", "answer")
    hand.click(filled.canvas_scene.item_for_link[link].path.pointAtPercent(0.5))
    assert filled.selected_link == link
    assert filled.selection.ids == ()
    hand.key(Qt.Key.Key_Delete)
    assert link not in filled.workspace.document.design.links
    assert filled.selected_link is None
    one_step("Remove wire")


# Badges, double clicks, panning, zooming


def test_that_a_badge_opens_a_card_whose_button_mends_it(filled: CanvasView, hand: Any) -> None:
    document = filled.workspace.document
    document.apply(edits.set_parameter("answer", "units", 1), "Set units")
    document.apply(edits.set_parameter("answer", "activation", "softmax"), "Set activation")
    item = filled.canvas_scene.item_for_layer["answer"]
    hand.click(item.pos() + item.badge_centre())
    card = filled.overlays.card
    assert card.isVisible()
    assert any("softmax" in label.text() for label in card.findChildren(QLabel))
    why = next(each for each in card.findChildren(QPushButton) if each.text() == "Why?")
    hidden = [label for label in card.findChildren(QLabel) if label.isHidden()]
    asked: list[Problem] = []
    filled.selection.why_wanted.connect(asked.append)
    why.click()
    assert all(label.isVisible() for label in hidden)
    assert [each.layer for each in asked] == ["answer"]
    fix = next(each for each in card.findChildren(QPushButton) if each.property("role") == "fix")
    fix.click()
    assert document.history.undo_label == fix.text()
    assert item.severity is None
    assert not card.isVisible()


def test_that_a_card_is_wide_enough_for_the_texts_of_its_buttons(filled: CanvasView) -> None:
    card = filled.overlays.card
    labels = ("Use linear", "Make ‘input’ whole numbers (int32)", "Rename ‘" + "a" * 80 + "’")
    fixes = tuple(Fix(label, lambda design: design) for label in labels)
    card.show_problems("some", [Problem("some", None, Severity.WARNING, "Something is odd.", "odd", fixes)])
    card.show()
    for button in card.findChildren(QPushButton):
        assert button.width() >= button.sizeHint().width()
    assert any(button.toolTip() == labels[2] for button in card.findChildren(QPushButton))


def test_that_the_card_stays_inside_the_canvas(filled: CanvasView) -> None:
    document = filled.workspace.document
    document.apply(edits.set_parameter("answer", "units", 1), "Set units")
    document.apply(edits.set_parameter("answer", "activation", "softmax"), "Set activation")
    for x, y in ((560.0, 0.0), (2000.0, 0.0), (-900.0, 900.0)):
        document.apply(edits.move({"answer": (x, y)}), "Move Dense")
        filled.reveal("answer")
        filled.show_fault("answer")
        assert filled.rect().contains(filled.overlays.card.geometry())


def test_that_a_double_click_opens_a_box(filled: CanvasView, hand: Any, qtbot: Any) -> None:
    with qtbot.waitSignal(filled.opened) as opened:
        hand.double_click(hand.header("answer"))
    assert opened.args == ["answer"]


def test_that_a_double_click_on_a_recurrent_layer_asks_for_its_inside(
    filled: CanvasView, hand: Any, qtbot: Any
) -> None:
    with qtbot.assertNotEmitted(filled.opened), qtbot.waitSignal(filled.inside_wanted) as wanted:
        hand.double_click(hand.header("memory"))
    assert wanted.args == ["memory"]


def test_that_a_double_click_on_nothing_asks_for_a_layer(
    filled: CanvasView, hand: Any, one_step: OneStep
) -> None:
    hand.double_click(QPointF(420, 380))
    search = filled.overlays.search
    assert search.isVisible()
    QTest.keyClicks(search.field, "embed")
    QTest.keyClick(search.field, Qt.Key.Key_Return)
    added = filled.workspace.document.design.layers[-1]
    assert added.kind == "Embedding"
    item = filled.canvas_scene.item_for_layer[added.id]
    assert item.scene_rect().contains(QPointF(420, 380))
    assert not search.isVisible()
    one_step("Add Embedding")


def test_that_esc_closes_the_search_and_adds_nothing(filled: CanvasView, hand: Any) -> None:
    hand.double_click(QPointF(420, 380))
    QTest.keyClick(filled.overlays.search.field, Qt.Key.Key_Escape)
    assert not filled.overlays.search.isVisible()
    assert not filled.workspace.document.history.steps


@pytest.mark.parametrize("button", [Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton])
def test_that_middle_and_right_drag_pan(filled: CanvasView, hand: Any, button: Qt.MouseButton) -> None:
    at = QPointF(400, 300)
    spot = hand.spot(at)
    QTest.mousePress(filled.viewport(), button, pos=spot)
    hand.move(at + QPointF(60, 40), button)
    assert (filled.mapFromScene(at) - spot).x() == 60
    assert (filled.mapFromScene(at) - spot).y() == 40
    QTest.mouseRelease(filled.viewport(), button, pos=filled.mapFromScene(at))
    assert not filled.workspace.document.history.steps


def test_that_space_and_drag_pans_while_a_tap_plays(filled: CanvasView, hand: Any) -> None:
    filled.workspace.playback.set_extent(40, 1)
    at = hand.header("memory")
    spot = hand.spot(at)
    QTest.keyPress(filled, Qt.Key.Key_Space)
    QTest.mousePress(filled.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    hand.move(at + QPointF(30, 50))
    QTest.mouseRelease(filled.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    QTest.keyRelease(filled, Qt.Key.Key_Space)
    assert position(filled, "memory") == (280.0, 0.0)
    assert filled.mapFromScene(at) != spot
    assert not filled.workspace.playback.playing
    QTest.keyPress(filled, Qt.Key.Key_Space)
    QTest.keyRelease(filled, Qt.Key.Key_Space)
    assert filled.workspace.playback.playing
    filled.workspace.playback.pause()


def test_that_the_wheel_zooms_about_the_pointer_within_limits(
    filled: CanvasView, hand: Any, qtbot: Any
) -> None:
    from PySide6.QtCore import QPoint
    from PySide6.QtGui import QWheelEvent
    from PySide6.QtWidgets import QApplication

    at = QPointF(600, 40)
    spot = hand.spot(at)

    def turn(notches: int) -> None:
        event = QWheelEvent(
            QPointF(spot),
            QPointF(filled.viewport().mapToGlobal(spot)),
            QPoint(),
            QPoint(0, 120 * notches),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(filled.viewport(), event)

    with qtbot.waitSignal(filled.zoom_changed):
        turn(3)
    assert filled.zoom > 1.3
    assert (filled.mapFromScene(at) - spot).manhattanLength() <= 2
    turn(100)
    assert filled.zoom == pytest.approx(4.0)
    turn(-200)
    assert filled.zoom == pytest.approx(0.1)


def test_that_the_menu_offers_what_works(filled: CanvasView, hand: Any) -> None:
    from rnn_designer.ui.canvas.menu import menu_at

    filled.selection.set(["memory"])
    made = menu_at(filled, hand.header("memory"))
    texts = [action.text().partition("\t")[0] for action in made.actions()]
    assert "Wrap in Bidirectional" in texts
    assert not any(text.startswith("Unwrap") for text in texts)
    assert "Copy its code" not in texts
    next(each for each in made.actions() if each.text() == "Wrap in Bidirectional").trigger()
    wrapper = filled.workspace.document.design.top("memory")
    assert wrapper.kind == "Bidirectional"
    assert filled.workspace.document.history.steps == ("Wrap in Bidirectional",)
    made.deleteLater()
    second = menu_at(filled, hand.header(wrapper.id))
    next(each for each in second.actions() if each.text().startswith("Unwrap")).trigger()
    assert filled.workspace.document.design.top("memory").id == "memory"
    next(each for each in second.actions() if each.text() == "Pin to scopes").trigger()
    second.deleteLater()


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_that_a_right_click_opens_the_menu(filled: CanvasView, hand: Any) -> None:
    from PySide6.QtWidgets import QMenu

    QTest.mouseClick(filled.viewport(), Qt.MouseButton.RightButton, pos=hand.spot(hand.header("memory")))
    made = next(each for each in filled.findChildren(QMenu) if each.isVisible())
    assert filled.selection.ids == ("memory",)
    made.close()


def test_that_wrapping_and_unwrapping_leave_the_box_in_its_place(filled: CanvasView) -> None:
    item = filled.canvas_scene.item_for_layer["memory"]
    assert filled.commands.frames.wrap("memory", "Bidirectional")
    assert item.pos() == QPointF(280.0, 0.0)
    assert filled.commands.frames.unwrap(item.top.layer.id)
    assert item.pos() == QPointF(280.0, 0.0)


def test_that_a_box_dropped_into_an_empty_frame_goes_inside(
    filled: CanvasView, hand: Any, one_step: OneStep
) -> None:
    document = filled.workspace.document
    document.reset(edits.remove(["reader"])(document.design), None)
    filled.zoom_to(1.0)
    filled.centre_on(QPointF(380, 160))
    frame = filled.canvas_scene.item_for_layer["both"]
    hand.drag(hand.header("memory"), frame.scene_rect().center())
    both = document.design.layer("both")
    assert [child.id for child in both.children] == ["memory"]
    assert Link("source", "answer") in document.design.links
    one_step("Put LSTM into Bidirectional")


def test_that_a_drag_at_the_edge_pans_until_it_ends(filled: CanvasView, hand: Any, qtbot: Any) -> None:
    before = filled.camera.sight()
    hand.press(hand.port("answer", "output", output=True))
    hand.move(filled.mapToScene(filled.viewport().rect().topRight()) + QPointF(-4, 200))
    qtbot.waitUntil(lambda: filled.camera.sight().right() > before.right() + 30)
    hand.key(Qt.Key.Key_Escape)
    assert not filled._edges.active
    after = filled.camera.sight()
    qtbot.waitUntil(lambda: filled.camera.sight() == after)
    hand.release(QPointF(0, 400))
    assert not filled.workspace.document.history.steps
