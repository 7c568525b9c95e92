"""The canvas does no more than it has to, however large the design, and dies with its last reference."""

import gc
import weakref
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import Design, Layer, Link, edits
from rnn_designer.ui.canvas import CanvasView
from rnn_designer.ui.canvas.items import LayerItem
from rnn_designer.ui.canvas.wires import WireItem


def large(count: int) -> Design:
    """A chain of that many layers in rows of twenty-five."""
    layers = [Layer("l0", "Input", "l0", FrozenMap(shape=(None, 3)))]
    for index in range(1, count):
        place = (index % 25 * 280.0, index // 25 * 140.0)
        params = FrozenMap(units=4, return_sequences=True)
        layers.append(Layer(f"l{index}", "LSTM", f"l{index}", params, place))
    links = tuple(Link(f"l{index - 1}", f"l{index}") for index in range(1, count))
    return Design("large", tuple(layers), links)


def test_that_moving_one_of_500_boxes_touches_only_it_and_its_wires(
    canvas: CanvasView, monkeypatch: pytest.MonkeyPatch
) -> None:
    canvas.workspace.document.reset(large(500), None)
    boxes: list[str] = []
    wires: list[Link] = []
    set_layer, set_ends = LayerItem.set_layer, WireItem.set_ends

    def note_layer(item: LayerItem, layer: Layer) -> None:
        boxes.append(layer.id)
        set_layer(item, layer)

    def note_ends(item: WireItem, *ends: Any) -> None:
        wires.append(item.link)
        set_ends(item, *ends)

    monkeypatch.setattr(LayerItem, "set_layer", note_layer)
    monkeypatch.setattr(WireItem, "set_ends", note_ends)
    canvas.workspace.document.apply(edits.move({"l40": (4200.0, 170.0)}), "Move LSTM")
    assert boxes == ["l40"]
    assert set(wires) == {Link("l39", "l40"), Link("l40", "l41")}


def test_that_500_layers_paint_and_fit(canvas: CanvasView) -> None:
    canvas.workspace.document.reset(large(500), None)
    assert canvas.camera.sight().contains(canvas.canvas_scene.content_rect())
    assert not canvas.grab().isNull()
    canvas.zoom_to(1.0)
    assert not canvas.grab().isNull()
    assert len(canvas.canvas_scene.item_for_layer) == 500


def test_that_values_are_coloured_only_for_boxes_that_are_painted(
    canvas: CanvasView, fake_trace: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    design = large(200)
    canvas.workspace.document.reset(design, None)
    trace = fake_trace({each.id: each.id for each in design.layers}, units=4, signals=("output",))
    monkeypatch.setattr(type(canvas.workspace.live), "trace", property(lambda _live: trace))
    canvas.workspace.playback.set_extent(40, 2)
    canvas.zoom_to(1.0)
    strips = canvas.canvas_scene.strips
    made: list[str] = []
    image = strips.image
    monkeypatch.setattr(strips, "image", lambda layer: made.append(layer.id) or image(layer))
    canvas.workspace.playback.go_to(9)
    assert not made
    canvas.grab()
    assert 0 < len(made) < 60


def test_that_a_closed_canvas_is_freed(workspace: Any, selection: Any) -> None:
    view = CanvasView(workspace, selection)
    workspace.document.reset(large(5), None)
    selection.set(["l1"])
    view.search_at(view.camera.sight().center())
    gone = weakref.ref(view)
    scene = weakref.ref(view.canvas_scene)
    view.close()
    view.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    del view
    gc.collect()
    assert gone() is None
    assert scene() is None
    workspace.document.apply(edits.move({"l1": (4.0, 4.0)}), "Move LSTM")
