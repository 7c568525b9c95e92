"""The canvas without a mouse: every gesture has its keys."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from rnn_designer.design import Link, edits, new_layer
from rnn_designer.ui.canvas import CanvasView
from rnn_designer.ui.canvas.geometry import bounds

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
OneStep = Callable[[str], None]


def test_that_tab_walks_the_layers_in_order_and_leaves_at_the_end(filled: CanvasView, hand: Any) -> None:
    seen = []
    for _ in range(5):
        hand.key(Qt.Key.Key_Tab)
        seen.append(filled.selection.current)
    assert seen == filled.walk_order()
    assert seen.index("source") < seen.index("memory") < seen.index("answer")
    hand.key(Qt.Key.Key_Backtab, SHIFT)
    assert filled.selection.current == seen[-2]


def test_that_arrows_nudge_by_four_and_shift_by_ten_in_one_step(
    filled: CanvasView, hand: Any, one_step: OneStep
) -> None:
    filled.selection.set(["memory"])
    hand.key(Qt.Key.Key_Right)
    hand.key(Qt.Key.Key_Right)
    hand.key(Qt.Key.Key_Down, SHIFT)
    hand.key(Qt.Key.Key_Up)
    assert filled.workspace.document.design.layer("memory").position == (288.0, 6.0)
    one_step("Move LSTM")


def test_that_delete_rejoins_the_wire(filled: CanvasView, hand: Any, one_step: OneStep) -> None:
    filled.selection.set(["memory"])
    hand.key(Qt.Key.Key_Delete)
    assert Link("source", "answer") in filled.workspace.document.design.links
    assert filled.selection.ids == ()
    one_step("Delete LSTM")


def test_that_backspace_deletes_several(filled: CanvasView, hand: Any, one_step: OneStep) -> None:
    filled.selection.set(["memory", "answer"])
    hand.key(Qt.Key.Key_Backspace)
    assert {each.id for each in filled.workspace.document.design.layers} == {"source", "both"}
    one_step("Delete 2 layers")


def test_that_f2_renames_in_place(filled: CanvasView, hand: Any, one_step: OneStep) -> None:
    filled.selection.set(["memory"])
    hand.key(Qt.Key.Key_F2)
    rename = filled.overlays.rename
    assert rename.isVisible()
    assert rename.field.text() == "memory"
    QTest.keyClicks(rename.field, "recall")
    QTest.keyClick(rename.field, Qt.Key.Key_Return)
    assert filled.workspace.document.design.layer("memory").name == "recall"
    assert not rename.isVisible()
    one_step("Rename LSTM")


def test_that_a_bad_name_is_said_inline_and_changes_nothing(filled: CanvasView, hand: Any) -> None:
    filled.selection.set(["memory"])
    hand.key(Qt.Key.Key_F2)
    rename = filled.overlays.rename
    for bad in ("answer", "a/b", " "):
        rename.field.clear()
        QTest.keyClicks(rename.field, bad)
        QTest.keyClick(rename.field, Qt.Key.Key_Return)
        assert rename.isVisible()
        assert rename.fault.isVisible()
        assert rename.fault.text().endswith(".")
    QTest.keyClick(rename.field, Qt.Key.Key_Escape)
    assert not rename.isVisible()
    assert not filled.workspace.document.history.steps


def test_that_c_starts_a_wire_that_enter_connects(filled: CanvasView, hand: Any, one_step: OneStep) -> None:
    filled.selection.set(["source"])
    hand.key(Qt.Key.Key_C)
    marks = filled.canvas_scene.port_marks
    assert "hit" in marks.values()
    for _ in range(5):
        if filled.canvas_scene.port_marks.get(("both", "input", False)) == "hit":
            break
        hand.key(Qt.Key.Key_Tab)
    assert "Bidirectional" in filled.overlays.hint.text()
    assert "Bidirectional" in filled.accessibleDescription()
    hand.key(Qt.Key.Key_Return)
    assert Link("source", "both") in filled.workspace.document.design.links
    assert not filled.canvas_scene.port_marks
    assert not filled.overlays.hint.isVisible()
    one_step("Connect Input to Bidirectional")


def test_that_esc_gives_a_keyboard_wire_up(filled: CanvasView, hand: Any) -> None:
    filled.selection.set(["source"])
    hand.key(Qt.Key.Key_C)
    hand.key(Qt.Key.Key_Right)
    hand.key(Qt.Key.Key_Escape)
    assert filled.gesture is None
    assert filled.selection.ids == ("source",)
    assert not filled.workspace.document.history.steps


def test_that_copies_are_pasted_beside_and_cover_nothing(filled: CanvasView, hand: Any) -> None:
    filled.selection.set(["source", "memory"])
    hand.key(Qt.Key.Key_C, CONTROL)
    data = QGuiApplication.clipboard().mimeData()
    assert data.hasFormat("application/x-rnn-designer-layers")
    hand.key(Qt.Key.Key_V, CONTROL)
    hand.key(Qt.Key.Key_V, CONTROL)
    design = filled.workspace.document.design
    assert len(design.layers) == 8
    assert filled.workspace.document.history.steps == ("Paste", "Paste")
    assert len(filled.selection.ids) == 2
    rects = [bounds(each) for each in design.layers]
    assert not any(a.intersects(b) for i, a in enumerate(rects) for b in rects[i + 1 :])


def test_that_what_is_pasted_into_an_empty_design_is_in_the_middle(filled: CanvasView, hand: Any) -> None:
    filled.selection.set(["memory"])
    hand.key(Qt.Key.Key_C, CONTROL)
    document = filled.workspace.document
    document.apply(edits.remove([each.id for each in document.design.layers]), "Empty")
    hand.key(Qt.Key.Key_V, CONTROL)
    (layer,) = document.design.layers
    middle = filled.camera.sight().center() - bounds(layer).center()
    assert abs(middle.x()) < 2
    assert abs(middle.y()) < 2


def test_that_pasting_something_else_is_refused_in_a_sentence(
    filled: CanvasView, hand: Any, qtbot: Any
) -> None:
    QGuiApplication.clipboard().setText("a shopping list")
    with qtbot.waitSignal(filled.workspace.document.refused) as refused:
        hand.key(Qt.Key.Key_V, CONTROL)
    assert refused.args[0].endswith(".")


def test_that_a_pasted_array_is_fed_to_the_input(filled: CanvasView, hand: Any, qtbot: Any) -> None:
    document = filled.workspace.document
    QGuiApplication.clipboard().setText("x = np.array([[[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]])")
    hand.key(Qt.Key.Key_V, CONTROL)
    (source,) = (layer for layer in document.design.layers if layer.kind == "Input")
    fed = document.design.data[source.id]
    assert (fed.kind, fed.batch_size, fed.time_steps) == ("typed", 1, 3)
    assert source.values()["shape"] == (None, 2)
    assert document.history.steps == ("Paste an array",)
    document.apply(edits.add(new_layer(document.design, "Input")), "Add Input")
    filled.selection.set([])
    with qtbot.waitSignal(document.refused) as refused:
        hand.key(Qt.Key.Key_V, CONTROL)
    assert "Select the Input" in refused.args[0]


def test_that_cut_duplicate_and_select_all_are_one_step_each(filled: CanvasView, hand: Any) -> None:
    hand.key(Qt.Key.Key_A, CONTROL)
    assert len(filled.selection.ids) == 4
    filled.selection.set(["answer"])
    hand.key(Qt.Key.Key_D, CONTROL)
    hand.key(Qt.Key.Key_X, CONTROL)
    assert filled.workspace.document.history.steps == ("Duplicate Dense", "Cut Dense")
    assert len(filled.workspace.document.design.layers) == 4


def test_that_f_fits_and_0_is_100_percent(filled: CanvasView, hand: Any) -> None:
    filled.zoom_to(3.0)
    filled.centre_on(QPointF(9000, 9000))
    hand.key(Qt.Key.Key_F)
    assert filled.camera.sight().contains(filled.canvas_scene.content_rect())
    filled.zoom_to(0.5)
    hand.key(Qt.Key.Key_0)
    assert filled.zoom == 1.0


def test_that_enter_opens_the_current_layer(filled: CanvasView, hand: Any, qtbot: Any) -> None:
    filled.selection.set(["memory"])
    with qtbot.waitSignal(filled.opened) as opened:
        hand.key(Qt.Key.Key_Return)
    assert opened.args == ["memory"]


def test_that_shift_enter_asks_for_the_inside_of_a_recurrent_layer_only(
    filled: CanvasView, hand: Any, qtbot: Any
) -> None:
    filled.selection.set(["memory"])
    with qtbot.waitSignal(filled.inside_wanted) as wanted:
        hand.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert wanted.args == ["memory"]
    filled.selection.set(["answer"])
    with qtbot.assertNotEmitted(filled.inside_wanted):
        hand.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)


def test_that_revealing_brings_a_box_into_sight(filled: CanvasView) -> None:
    filled.centre_on(QPointF(5000, 5000))
    filled.selection.reveal("both")
    assert filled.camera.sight().contains(filled.canvas_scene.item_for_layer["both"].scene_rect())
    assert filled.selection.ids == ("both",)
