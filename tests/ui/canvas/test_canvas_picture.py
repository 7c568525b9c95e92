"""What the canvas shows of a design, and that it is kept up to date without being rebuilt."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from rnn_designer.design import Design, Layer, Link, Severity, edits
from rnn_designer.ui.canvas import CanvasView
from rnn_designer.ui.canvas.frames import FrameItem
from rnn_designer.ui.canvas.items import BoxItem
from rnn_designer.ui.theme import keeper


def test_that_every_layer_and_wire_has_an_item(filled: CanvasView) -> None:
    scene = filled.canvas_scene
    assert set(scene.item_for_layer) == {"source", "memory", "answer", "both", "reader"}
    assert set(scene.item_for_link) == set(filled.workspace.document.design.links)
    assert isinstance(scene.item_for_layer["both"], FrameItem)
    assert isinstance(scene.item_for_layer["reader"], BoxItem)


def test_that_a_box_says_the_catalogs_words(filled: CanvasView) -> None:
    item = filled.canvas_scene.item_for_layer["memory"]
    assert isinstance(item, BoxItem)
    assert item.words == item.layer.type.words(item.layer.values())
    assert "8 units" in item.words


def test_that_the_strip_of_values_leaves_the_names_of_states_free(filled: CanvasView) -> None:
    item = filled.canvas_scene.item_for_layer["memory"]
    assert isinstance(item, BoxItem)
    whole = item.strip_rect()
    filled.workspace.document.apply(edits.set_parameter("memory", "return_state", True), "Return the states")
    states = [place.x for place in item.ports if place.side == "bottom"]
    assert len(states) == 2
    assert whole.width() / 2 < item.strip_rect().width() < whole.width()
    assert item.strip_rect().right() < min(states)


def test_that_shapes_stand_on_the_wires_and_follow_an_edit(filled: CanvasView) -> None:
    wires = filled.canvas_scene.item_for_link
    link = Link("memory", "answer")
    assert wires[link].label == "batch×time×8"
    filled.workspace.document.apply(edits.set_parameter("memory", "units", 32), "Set units")
    assert wires[link].label == "batch×time×32"


def test_that_moving_a_box_keeps_every_item(filled: CanvasView) -> None:
    scene = filled.canvas_scene
    before = dict(scene.item_for_layer)
    wires = dict(scene.item_for_link)
    filled.workspace.document.apply(edits.move({"memory": (300.0, 60.0)}), "Move LSTM")
    assert scene.item_for_layer == before
    assert scene.item_for_link == wires
    assert scene.item_for_layer["memory"].pos() == QPointF(300.0, 60.0)


def test_that_the_child_moves_with_its_frame(filled: CanvasView) -> None:
    scene = filled.canvas_scene
    away = scene.item_for_layer["reader"].pos() - scene.item_for_layer["both"].pos()
    filled.workspace.document.apply(edits.move({"both": (40.0, 400.0)}), "Move Bidirectional")
    assert scene.item_for_layer["reader"].pos() - scene.item_for_layer["both"].pos() == away


def test_that_wrapping_keeps_the_wrapped_layers_item(filled: CanvasView) -> None:
    scene = filled.canvas_scene
    item = scene.item_for_layer["memory"]
    assert filled.commands.frames.wrap("memory", "Bidirectional")
    assert scene.item_for_layer["memory"] is item
    frame = item.top
    assert frame is not item
    assert frame.scene_rect().contains(item.scene_rect())
    filled.workspace.document.undo()
    assert item.top is item
    assert set(scene.item_for_layer) == {"source", "memory", "answer", "both", "reader"}


def test_that_undoing_everything_leaves_nothing_behind(filled: CanvasView) -> None:
    filled.workspace.document.reset(Design(), None)
    assert not filled.canvas_scene.item_for_layer
    assert not filled.canvas_scene.item_for_link
    assert not filled.canvas_scene.items()


def test_that_two_children_several_outputs_and_many_inputs_have_their_ports(
    canvas: CanvasView, make_layer: Callable[..., Layer]
) -> None:
    layer = make_layer
    both = layer(
        "Bidirectional",
        "both",
        280,
        0,
        (
            layer("LSTM", "there", units=3, return_sequences=True),
            layer("LSTM", "back", units=3, return_sequences=True, go_backwards=True),
        ),
        merge_mode=None,
    )
    design = Design(
        "many",
        (
            layer("Input", "one", 0, 0, shape=(None, 3)),
            both,
            layer("Concatenate", "together", 700, 0),
            layer("LSTM", "states", 280, 400, units=2, return_state=True),
        ),
        (
            Link("one", "both"),
            Link("both", "together", "forward"),
            Link("both", "together", "backward"),
            Link("one", "states"),
        ),
    )
    canvas.workspace.document.reset(design, None)
    scene = canvas.canvas_scene
    frame = scene.item_for_layer["both"]
    needed = {each.port.name for each in frame.outline.ports if not each.port.optional}
    assert needed == {"input", "forward", "backward"}
    starts = [each for each in frame.outline.ports if each.port.optional]
    assert starts
    assert all(each.side == "top" for each in starts)
    for child in frame.inner:
        assert frame.scene_rect().contains(child.scene_rect())
    assert not frame.inner[0].scene_rect().intersects(frame.inner[1].scene_rect())
    sides = {each.port.name: each.side for each in scene.item_for_layer["states"].outline.ports}
    assert sides["h"] == sides["c"] == "bottom"
    assert sides["output"] == "right"


def test_that_state_wires_are_drawn_apart(filled: CanvasView) -> None:
    document = filled.workspace.document
    document.apply(edits.set_parameter("memory", "return_state", True), "Set return_state")
    document.apply(edits.connect(Link("memory", "both", "h")), "Connect LSTM to Bidirectional")
    assert filled.canvas_scene.item_for_link[Link("memory", "both", "h")].state
    assert not filled.canvas_scene.item_for_link[Link("memory", "answer")].state


def test_that_faults_have_a_badge_and_information_has_none(
    canvas: CanvasView, chain: Design, make_layer: Callable[..., Layer]
) -> None:
    design = chain
    softmax = make_layer("Dense", "answer", 560, 0, units=1, activation="softmax")
    layers = tuple(softmax if each.id == "answer" else each for each in design.layers)
    canvas.workspace.document.reset(replace(design, layers=layers), None)
    checked = canvas.workspace.checks.checked
    scene = canvas.canvas_scene
    for layer_id, item in scene.item_for_layer.items():
        worst = max((each.severity for each in checked.of(layer_id)), default=Severity.INFORMATION)
        assert (item.severity is not None) == (worst > Severity.INFORMATION), layer_id
    assert scene.item_for_layer["answer"].severity is Severity.WARNING


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("zoom", [0.2, 0.5, 1.0, 2.5])
def test_that_everything_paints_at_every_zoom_in_both_themes(
    filled: CanvasView, fake_trace: Any, monkeypatch: pytest.MonkeyPatch, scheme: Any, zoom: float
) -> None:
    keeper().apply(scheme)
    document = filled.workspace.document
    document.apply(edits.set_parameter("answer", "activation", "softmax"), "Set activation")
    trace = fake_trace({"memory": "memory", "answer": "answer"}, units=64)
    monkeypatch.setattr(type(filled.workspace.live), "trace", property(lambda _live: trace))
    filled.selection.set(["memory"])
    filled.zoom_to(zoom)
    filled.workspace.live.traced.emit(trace)
    filled.workspace.playback.set_extent(40, 2)
    filled.workspace.playback.go_to(7)
    picture = filled.grab().toImage()
    colors = {
        picture.pixel(x, y) for x in range(0, picture.width(), 7) for y in range(0, picture.height(), 7)
    }
    assert len(colors) > 4
    keeper().apply("light")


def test_that_a_strip_follows_the_step_and_is_neutral_without_a_trace(
    filled: CanvasView, fake_trace: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    strips = filled.canvas_scene.strips
    memory = filled.workspace.document.design.layer("memory")
    assert strips.image(memory) is None
    trace = fake_trace({"memory": "memory"}, units=8)
    monkeypatch.setattr(type(filled.workspace.live), "trace", property(lambda _live: trace))
    filled.workspace.playback.set_extent(40, 2)
    first, key = strips.image(memory), strips.key
    filled.workspace.playback.go_to(20)
    second = strips.image(memory)
    assert strips.key != key
    assert first is not None
    assert second is not None
    assert first.width() == second.width() == 8
    assert first != second


def test_that_missing_values_are_left_open_for_the_hatch(
    filled: CanvasView, fake_trace: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import numpy

    trace = fake_trace({"memory": "memory"}, units=4, signals=("output",))
    trace.arrays["memory/output"][0, 0, 2] = numpy.nan
    trace.arrays["memory/output"][0, 0, 3] = numpy.inf
    monkeypatch.setattr(type(filled.workspace.live), "trace", property(lambda _live: trace))
    filled.workspace.playback.set_extent(40, 2)
    image = filled.canvas_scene.strips.image(filled.workspace.document.design.layer("memory"))
    assert image is not None
    assert image.pixelColor(2, 0).alpha() == 0
    assert image.pixelColor(3, 0).alpha() == 255


def test_that_assistive_tools_hear_what_is_selected(filled: CanvasView) -> None:
    assert filled.accessibleName() == "Canvas"
    assert "none selected" in filled.accessibleDescription()
    filled.selection.set(["memory"])
    assert "LSTM ‘memory’ selected" in filled.accessibleDescription()
    assert "8 units" in filled.accessibleDescription()


def test_that_an_empty_canvas_offers_three_starts(canvas: CanvasView, qtbot: Any) -> None:
    empty = canvas.overlays.empty
    assert empty.isVisible()
    assert not canvas.overlays.minimap.isVisible()
    with qtbot.waitSignal(canvas.example_wanted):
        empty.example.click()
    with qtbot.waitSignal(canvas.open_wanted):
        empty.open.click()
    empty.blank.click()
    design = canvas.workspace.document.design
    assert [each.kind for each in design.layers] == ["Input", "LSTM"]
    assert len(design.links) == 1
    assert canvas.workspace.document.history.steps == ("Start with Input and LSTM",)
    assert not empty.isVisible()
    assert canvas.overlays.minimap.isVisible()


def test_that_the_minimap_can_be_hidden_and_goes_where_it_is_clicked(filled: CanvasView, qtbot: Any) -> None:
    minimap = filled.overlays.minimap
    before = filled.camera.sight().center()
    QTest.mouseClick(minimap, Qt.MouseButton.LeftButton, pos=QPoint(3, 3))
    after = filled.camera.sight().center()
    assert after.x() < before.x()
    assert after.y() < before.y()
    filled.set_minimap(False)
    assert not minimap.isVisible()
