"""Dragging from the palette with Qt's own drag events, and adding by double click there."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPointF

from rnn_designer.catalog import CATALOG
from rnn_designer.design import Link
from rnn_designer.ui.canvas import CanvasView
from rnn_designer.ui.canvas.geometry import bounds

OneStep = Callable[[str], None]


def overlapping(canvas: CanvasView) -> list[tuple[str, str]]:
    layers = canvas.workspace.document.design.layers
    return [
        (one.name, other.name)
        for index, one in enumerate(layers)
        for other in layers[index + 1 :]
        if bounds(one).intersects(bounds(other))
    ]


def test_that_a_layer_dropped_on_nothing_lands_at_the_pointer(
    filled: CanvasView, palette: Any, one_step: OneStep
) -> None:
    assert palette.drop("GRU", QPointF(600, 300))
    added = filled.workspace.document.design.layers[-1]
    assert added.kind == "GRU"
    assert bounds(added).contains(QPointF(600, 300))
    assert filled.selection.ids == (added.id,)
    one_step("Add GRU")


def test_that_a_layer_dropped_on_a_box_lands_beside_it(filled: CanvasView, palette: Any) -> None:
    assert palette.drop("GRU", QPointF(370, 40))
    assert not overlapping(filled)


@pytest.mark.parametrize("beside", [0, 14])
def test_that_a_layer_dropped_on_a_wire_or_close_by_goes_into_it_and_the_rest_makes_room(
    filled: CanvasView, palette: Any, one_step: OneStep, beside: int
) -> None:
    link = Link("memory", "answer")
    middle = filled.canvas_scene.item_for_link[link].path.pointAtPercent(0.5) + QPointF(0, beside)
    assert palette.enter("Dropout", middle)
    assert filled.canvas_scene.item_for_link[link].lit
    assert palette.drop("Dropout", middle)
    design = filled.workspace.document.design
    added = design.layers[-1]
    assert {Link("memory", added.id), Link(added.id, "answer")} <= set(design.links)
    assert link not in design.links
    memory, answer = design.layer("memory"), design.layer("answer")
    assert memory.position[0] < added.position[0] < answer.position[0]
    assert not overlapping(filled)
    one_step("Insert Dropout")


def test_that_a_layer_dropped_on_a_frame_takes_the_childs_place(
    filled: CanvasView, palette: Any, one_step: OneStep
) -> None:
    at = filled.canvas_scene.item_for_layer["reader"].scene_rect().center()
    assert palette.enter("LSTM", at)
    assert filled.canvas_scene.item_for_layer["reader"].framed
    assert palette.drop("LSTM", at)
    both = filled.workspace.document.design.layer("both")
    assert [child.kind for child in both.children] == ["LSTM"]
    assert filled.selection.ids == (both.children[0].id,)
    one_step("Put LSTM into Bidirectional")


def test_that_a_frame_takes_only_what_it_can_hold(filled: CanvasView, palette: Any) -> None:
    at = filled.canvas_scene.item_for_layer["reader"].scene_rect().center()
    assert palette.drop("Dense", at)
    assert filled.workspace.document.design.layer("both").children[0].kind == "GRU"
    assert not overlapping(filled)


def test_that_a_drag_that_leaves_changes_nothing(filled: CanvasView, palette: Any) -> None:
    middle = filled.canvas_scene.item_for_link[Link("memory", "answer")].path.pointAtPercent(0.5)
    assert palette.enter("GRU", middle)
    palette.leave()
    assert filled.gesture is None
    assert not filled.canvas_scene.item_for_link[Link("memory", "answer")].lit
    assert not filled.workspace.document.history.steps


def test_that_an_unknown_kind_is_not_taken(filled: CanvasView, palette: Any) -> None:
    assert not palette.drop("Perceptron", QPointF(600, 300))
    assert filled.gesture is None


def test_that_the_first_layer_can_be_dropped_on_the_empty_canvas(canvas: CanvasView, palette: Any) -> None:
    assert palette.drop("Input", QPointF(0, 0))
    assert [each.kind for each in canvas.workspace.document.design.layers] == ["Input"]
    assert not canvas.overlays.empty.isVisible()


@pytest.mark.parametrize("kind", sorted(CATALOG))
def test_that_every_kind_can_be_added_and_never_covers_another_box(canvas: CanvasView, kind: str) -> None:
    canvas.add_layer("Input")
    for _ in range(3):
        canvas.add_layer(kind)
        canvas.add_layer(kind)
        canvas.selection.set([canvas.workspace.document.design.layers[0].id])
    assert not overlapping(canvas)
    assert canvas.grab().width() > 0


def test_that_an_added_layer_is_connected_to_the_selected_one(filled: CanvasView, one_step: OneStep) -> None:
    filled.selection.set(["memory"])
    filled.add_layer("GRU")
    design = filled.workspace.document.design
    added = design.layers[-1]
    assert Link("memory", added.id) in design.links
    assert Link("memory", "answer") in design.links
    assert filled.selection.ids == (added.id,)
    assert not overlapping(filled)
    one_step("Add GRU")


def test_that_an_input_is_added_unconnected(filled: CanvasView) -> None:
    filled.selection.set(["memory"])
    before = filled.workspace.document.design.links
    filled.add_layer("Input")
    assert filled.workspace.document.design.links == before
    assert not overlapping(filled)
