"""Notes, groups, colours and alignment on the canvas: by mouse with real events, and by keyboard."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import Design, Group, Layer, Link, Note
from rnn_designer.ui.canvas import CanvasView
from rnn_designer.ui.canvas.aligning import ALIGNMENTS

CONTROL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


def layer(kind: str, name: str, x: float, y: float, **params: Any) -> Layer:
    return Layer(name, kind, name, FrozenMap(params), (x, y))


@pytest.fixture
def marked(canvas: CanvasView) -> CanvasView:
    """Input → LSTM → Dense → Dense, the middle two in a group, with a note below."""
    design = Design(
        "marked",
        (
            layer("Input", "source", 0, 0, shape=(None, 3)),
            layer("LSTM", "memory", 260, 0, units=8, return_sequences=True),
            layer("Dense", "mixed", 520, 40, units=4),
            layer("Dense", "answer", 780, 0, units=2),
        ),
        (Link("source", "memory"), Link("memory", "mixed"), Link("mixed", "answer")),
        canvas_notes=(Note("note", "Watch this", (0, 200), (208, 96)),),
        groups=(Group("group", "Middle", ("memory", "mixed")),),
    )
    canvas.workspace.document.reset(design, None)
    canvas.resize(1200, 700)
    canvas.zoom_to(1.0)
    canvas.centre_on(QPointF(480, 160))
    return canvas


def title(canvas: CanvasView) -> QPointF:
    return canvas.canvas_scene.marks.groups["group"].pos() + QPointF(80, 12)


def arrow(canvas: CanvasView) -> QPointF:
    item = canvas.canvas_scene.marks.groups["group"]
    return item.pos() + QPointF(item.rect().width() - 15 if item.grouping.collapsed else 14, 14)


def test_that_n_writes_a_note_in_one_step(marked: CanvasView, hand: Any, one_step: Callable) -> None:
    hand.key(Qt.Key.Key_N)
    field = marked.overlays.note_field
    assert field.isVisible()
    QTest.keyClicks(field, "Remember the gates")
    QTest.keyClick(field, Qt.Key.Key_Return, CONTROL)
    note = marked.workspace.document.design.canvas_notes[-1]
    assert note.text == "Remember the gates"
    assert marked.selection.marks == (note.id,)
    assert marked.hasFocus()
    one_step("Add note")


def test_that_esc_gives_a_new_note_up(marked: CanvasView, hand: Any) -> None:
    hand.key(Qt.Key.Key_N)
    QTest.keyClicks(marked.overlays.note_field, "x")
    QTest.keyClick(marked.overlays.note_field, Qt.Key.Key_Escape)
    assert len(marked.workspace.document.design.canvas_notes) == 1
    assert marked.workspace.document.history.steps == ()


def test_that_a_double_click_writes_on_a_note(marked: CanvasView, hand: Any, one_step: Callable) -> None:
    hand.double_click(QPointF(60, 240))
    field = marked.overlays.note_field
    assert field.toPlainText() == "Watch this"
    QTest.keyClicks(field, "Two")
    QTest.keyClick(field, Qt.Key.Key_Return)
    QTest.keyClicks(field, "lines")
    QTest.keyClick(field, Qt.Key.Key_Return, CONTROL)
    assert marked.workspace.document.design.note("note").text == "Two\nlines"
    one_step("Write note")


def test_that_a_note_is_dragged(marked: CanvasView, hand: Any, one_step: Callable) -> None:
    hand.drag(QPointF(60, 240), QPointF(160, 340))
    assert marked.workspace.document.design.note("note").position == (100.0, 300.0)
    one_step("Move note")


def test_that_a_note_is_resized_by_its_corner_and_by_keys(marked: CanvasView, hand: Any) -> None:
    hand.drag(QPointF(204, 292), QPointF(264, 332))
    document = marked.workspace.document
    assert document.design.note("note").size == (268.0, 136.0)
    assert document.history.steps == ("Resize note",)
    hand.key(Qt.Key.Key_Right, ALT | SHIFT)
    hand.key(Qt.Key.Key_Down, ALT | SHIFT)
    assert document.design.note("note").size == (284.0, 152.0)
    assert document.history.steps == ("Resize note", "Resize note")


def test_that_esc_cancels_resizing(marked: CanvasView, hand: Any) -> None:
    hand.press(QPointF(204, 292))
    hand.move(QPointF(264, 332))
    hand.key(Qt.Key.Key_Escape)
    assert marked.canvas_scene.marks.notes["note"].rect().width() == 208.0
    assert marked.workspace.document.history.steps == ()


def test_that_notes_are_deleted_duplicated_cut_and_pasted(marked: CanvasView, hand: Any) -> None:
    document = marked.workspace.document
    hand.click(QPointF(60, 240))
    hand.key(Qt.Key.Key_D, CONTROL)
    assert len(document.design.canvas_notes) == 2
    hand.key(Qt.Key.Key_Delete)
    assert len(document.design.canvas_notes) == 1
    hand.click(QPointF(60, 240))
    hand.key(Qt.Key.Key_X, CONTROL)
    assert document.design.canvas_notes == ()
    hand.key(Qt.Key.Key_V, CONTROL)
    assert [note.text for note in document.design.canvas_notes] == ["Watch this"]
    assert document.history.steps == ("Duplicate note", "Delete note", "Cut note", "Paste")


def test_that_a_group_collapses_to_one_box_that_carries_its_outer_wires(
    marked: CanvasView, hand: Any, one_step: Callable
) -> None:
    hand.click(arrow(marked))
    scene = marked.canvas_scene
    item = scene.marks.groups["group"]
    assert marked.workspace.document.design.group("group").collapsed
    assert not scene.item_for_layer["memory"].isVisible()
    assert not scene.item_for_link[Link("memory", "mixed")].isVisible()
    assert [(each.layer_id, each.place.output) for each in item.ports] == [("memory", False), ("mixed", True)]
    wire = scene.item_for_link[Link("source", "memory")]
    end = wire.path.pointAtPercent(1.0)
    assert (end - item.scene_rect().topLeft()).x() == pytest.approx(-5.0, abs=1.0)
    one_step("Collapse group")
    hand.click(arrow(marked))
    assert scene.item_for_layer["memory"].isVisible()


def test_that_a_collapsed_group_is_dragged_with_its_members(
    marked: CanvasView, hand: Any, one_step: Callable
) -> None:
    marked.toggle_group("group")
    marked.workspace.document.reset(marked.workspace.document.design, None)
    start = title(marked)
    hand.drag(start, start + QPointF(0, 160))
    design = marked.workspace.document.design
    assert design.layer("memory").position == (260.0, 160.0)
    assert design.layer("mixed").position == (520.0, 200.0)
    assert design.layer("answer").position == (780.0, 0.0)
    one_step("Move group")


def test_that_a_wire_is_drawn_into_a_collapsed_group(marked: CanvasView, hand: Any) -> None:
    document = marked.workspace.document
    marked.select_link(Link("source", "memory"))
    hand.key(Qt.Key.Key_Delete)
    marked.toggle_group("group")
    item = marked.canvas_scene.marks.groups["group"]
    place = item.port_of("memory", "input", output=False).place
    hand.drag(hand.port("source", "output", output=True), item.pos() + place.point)
    assert Link("source", "memory") in document.design.links


def test_that_ctrl_g_groups_and_asks_for_the_title(marked: CanvasView, hand: Any) -> None:
    marked.selection.set(["source", "answer"], ["note"])
    hand.key(Qt.Key.Key_G, CONTROL)
    field = marked.overlays.rename.field
    assert field.isVisible()
    field.selectAll()
    QTest.keyClicks(field, "Ends")
    QTest.keyClick(field, Qt.Key.Key_Return)
    made = marked.workspace.document.design.groups[-1]
    assert (made.name, made.members, made.collapsed) == ("Ends", ("source", "answer", "note"), False)
    hand.key(Qt.Key.Key_G, CONTROL | SHIFT)
    assert [each.id for each in marked.workspace.document.design.groups] == ["group"]
    assert set(marked.selection.everything) == {"source", "answer", "note"}
    assert marked.workspace.document.history.steps == ("Group", "Rename group", "Ungroup")


def test_that_enter_f2_and_del_work_on_a_group(marked: CanvasView, hand: Any) -> None:
    hand.click(title(marked))
    assert marked.selection.marks == ("group",)
    hand.key(Qt.Key.Key_Return)
    assert marked.workspace.document.design.group("group").collapsed
    hand.key(Qt.Key.Key_F2)
    assert marked.overlays.rename.isVisible()
    QTest.keyClick(marked.overlays.rename.field, Qt.Key.Key_Escape)
    hand.key(Qt.Key.Key_Delete)
    design = marked.workspace.document.design
    assert [each.id for each in design.layers] == ["source", "answer"]
    assert design.links == (Link("source", "answer"),)
    assert design.groups == ()
    assert marked.workspace.document.history.undo_label == "Delete group"


def test_that_a_copied_group_is_pasted_whole(marked: CanvasView, hand: Any) -> None:
    hand.click(title(marked))
    hand.key(Qt.Key.Key_C, CONTROL)
    hand.key(Qt.Key.Key_V, CONTROL)
    design = marked.workspace.document.design
    assert [each.name for each in design.groups] == ["Middle", "Middle"]
    assert marked.selection.marks == (design.groups[-1].id,)


def test_that_arranging_takes_a_collapsed_group_as_one_box(marked: CanvasView) -> None:
    marked.toggle_group("group")
    marked.auto_arrange()
    design = marked.workspace.document.design
    tops = [marked.canvas_scene.item_for_layer[each].shown_rect() for each in ("source", "memory", "answer")]
    assert not any(one.intersects(two) for one, two in itertools.pairwise(tops))
    one, two = design.layer("memory").position, design.layer("mixed").position
    assert (two[0] - one[0], two[1] - one[1]) == (260.0, 40.0)


def test_that_tab_goes_on_to_groups_and_notes(marked: CanvasView, hand: Any) -> None:
    marked.selection.set(["answer"])
    hand.key(Qt.Key.Key_Tab)
    assert marked.selection.marks == ("group",)
    assert "Middle" in marked.accessibleDescription()
    hand.key(Qt.Key.Key_Tab)
    assert marked.selection.marks == ("note",)
    hand.key(Qt.Key.Key_Backtab)
    assert marked.selection.marks == ("group",)


def test_that_a_rubber_band_takes_notes_and_whole_groups(marked: CanvasView, hand: Any) -> None:
    hand.drag(QPointF(-60, -80), QPointF(730, 330))
    assert set(marked.selection.marks) == {"note", "group"}
    assert set(marked.selection.ids) == {"source", "memory", "mixed"}


def test_that_colours_are_given_and_taken_in_one_step(marked: CanvasView, one_step: Callable) -> None:
    marked.selection.set(["source"], ["note", "group"])
    marked.color_selection("teal")
    design = marked.workspace.document.design
    assert {design.layer("source").color, design.note("note").color, design.group("group").color} == {"teal"}
    one_step("Colour 3 items")
    marked.color_selection(None)
    assert marked.workspace.document.design.note("note").color is None


@pytest.mark.parametrize("edge", [edge for edge, _words, _keys in ALIGNMENTS])
def test_that_boxes_are_put_in_line(marked: CanvasView, edge: Any, one_step: Callable) -> None:
    marked.selection.set(["source", "mixed", "answer"])
    marked.align(edge)
    items = [marked.canvas_scene.item_for_layer[each].scene_rect() for each in ("source", "mixed", "answer")]
    read = {
        "left": lambda rect: rect.left(),
        "centre": lambda rect: rect.center().x(),
        "right": lambda rect: rect.right(),
        "top": lambda rect: rect.top(),
        "middle": lambda rect: rect.center().y(),
        "bottom": lambda rect: rect.bottom(),
    }[edge]
    assert len({read(rect) for rect in items}) == 1
    one_step(f"Align {edge}")


def test_that_boxes_are_put_at_even_distances(marked: CanvasView, one_step: Callable) -> None:
    marked.commands.nudge(["memory"], 40.0, 0.0)
    marked.workspace.document.reset(marked.workspace.document.design, None)
    marked.selection.set(["source", "memory", "mixed", "answer"])
    marked.distribute("horizontally")
    rects = [each.scene_rect() for each in marked.canvas_scene.item_for_layer.values()]
    gaps = [two.left() - one.right() for one, two in itertools.pairwise(rects)]
    assert max(gaps) - min(gaps) <= 4.0
    one_step("Distribute horizontally")


def test_that_too_few_boxes_are_refused_with_a_sentence(marked: CanvasView, qtbot: Any) -> None:
    refused = marked.workspace.document.refused
    for act in (
        lambda: marked.align("left"),
        lambda: marked.distribute("vertically"),
        lambda: marked.color_selection("red"),
        marked.group_selection,
        marked.ungroup_selection,
        marked.toggle_group,
        marked.put_inside,
    ):
        marked.selection.set(["source"] if act not in (marked.group_selection, marked.put_inside) else [])
        if act not in (marked.group_selection, marked.put_inside):
            marked.selection.clear()
        with qtbot.waitSignal(refused) as caught:
            act()
        assert caught.args[0].endswith(".")


def test_that_wires_are_selected_and_filled_by_keyboard(marked: CanvasView, hand: Any) -> None:
    marked.selection.set(["memory"])
    hand.key(Qt.Key.Key_W)
    assert marked.selected_link == Link("memory", "mixed")
    assert "memory to mixed" in marked.accessibleDescription()
    assert marked.overlays.card_for_values.isVisible()
    hand.key(Qt.Key.Key_W)
    assert marked.selected_link == Link("mixed", "answer")
    hand.key(Qt.Key.Key_W, SHIFT)
    hand.key(Qt.Key.Key_I)
    field = marked.overlays.search.field
    assert field.isVisible()
    QTest.keyClicks(field, "dropout")
    QTest.keyClick(field, Qt.Key.Key_Return)
    design = marked.workspace.document.design
    added = design.layers[-1]
    assert added.kind == "Dropout"
    assert {Link("memory", added.id), Link(added.id, "mixed")} <= set(design.links)
    assert added.id in design.group("group").members
    assert marked.workspace.document.history.steps == ("Insert Dropout",)


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_that_m_offers_the_wrappers(marked: CanvasView, hand: Any) -> None:
    from PySide6.QtWidgets import QMenu

    marked.selection.set(["memory"])
    hand.key(Qt.Key.Key_M)
    menu = next(each for each in marked.findChildren(QMenu) if each.isVisible())
    assert next(each.text() for each in menu.actions()) == "Wrap in Bidirectional"
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert marked.workspace.document.design.top("memory").kind == "Bidirectional"


def test_that_alt_and_arrows_move_the_view(marked: CanvasView, hand: Any) -> None:
    before = marked.camera.sight().center()
    hand.key(Qt.Key.Key_Right, ALT)
    hand.key(Qt.Key.Key_Down, ALT)
    assert marked.camera.sight().center() - before == QPointF(60, 60)
    assert marked.workspace.document.history.steps == ()


def test_that_values_show_under_the_mouse(
    marked: CanvasView, hand: Any, fake_trace: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = fake_trace({"source": "source", "memory": "memory", "mixed": "mixed"}, units=8)
    monkeypatch.setattr(type(marked.workspace.live), "trace", property(lambda _live: trace))
    card = marked.overlays.card_for_values
    wire = marked.canvas_scene.item_for_link[Link("memory", "mixed")]
    hand.move(wire.path.pointAtPercent(0.5), Qt.MouseButton.NoButton)
    assert card.isVisible()
    assert "features 8" in card.text()
    assert "step 0 · sample 0" in card.text()
    assert "mean" in card.text()
    marked.workspace.playback.set_extent(40, 2)
    marked.workspace.playback.go_to(7)
    assert "step 7" in card.text()
    strip = marked.canvas_scene.item_for_layer["memory"]
    hand.move(strip.pos() + strip.strip_rect().center(), Qt.MouseButton.NoButton)
    assert card.text().startswith("unit 4 = ")
    hand.move(QPointF(480, 300), Qt.MouseButton.NoButton)
    assert not card.isVisible()


def test_that_foreign_text_is_refused_with_one_sentence(marked: CanvasView, hand: Any, qtbot: Any) -> None:
    from PySide6.QtGui import QGuiApplication

    QGuiApplication.clipboard().setText("just some words")
    with qtbot.waitSignal(marked.workspace.document.refused) as caught:
        hand.key(Qt.Key.Key_V, CONTROL)
    assert caught.args[0] == (
        "The clipboard holds neither layers nor an array of numbers. Copy some on the canvas, or an array like "
        "[[0.1, 0.2], [0.3, 0.4]] for the selected Input."
    )


def test_that_menus_offer_what_works_on_marks(marked: CanvasView) -> None:
    from rnn_designer.ui.canvas.menu import menu_at

    def texts(at: QPointF) -> list[str]:
        made = menu_at(marked, at)
        found = [action.text().partition("\t")[0] for action in made.actions()]
        made.deleteLater()
        return found

    assert {"Collapse", "Rename", "Ungroup", "Colour"} <= set(texts(title(marked)))
    assert {"Write", "Duplicate", "Colour"} <= set(texts(QPointF(60, 240)))
    assert "Write a note here…" in texts(QPointF(600, 320))
    assert {"Insert a layer…", "Remove wire"} <= set(texts(QPointF(222, 48)))
    marked.selection.set(["source", "answer"])
    assert {"Align and distribute", "Group"} <= set(texts(QPointF(60, 14)))


@pytest.mark.parametrize("scale", [0.2, 0.5, 1.0, 2.0])
def test_that_marks_are_painted_at_every_zoom(marked: CanvasView, scale: float) -> None:
    marked.selection.set(["source"], ["note", "group"])
    marked.color_selection("violet")
    for _ in range(2):
        marked.zoom_to(scale)
        assert not marked.grab().isNull()
        marked.toggle_group("group")
