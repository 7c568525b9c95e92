"""Automatic arrangement: columns, no overlaps, straight chains, few crossings."""

from collections.abc import Callable
from dataclasses import replace

from rnn_designer.design import Design, Layer, Link
from rnn_designer.ui.canvas import CanvasView
from rnn_designer.ui.canvas.arrange import arranged
from rnn_designer.ui.canvas.geometry import bounds, outline

MakeLayer = Callable[..., Layer]


def placed(design: Design) -> dict[str, Layer]:
    return {layer.id: replace(layer, position=arranged(design)[layer.id]) for layer in design.layers}


def assert_no_overlap(layers: dict[str, Layer]) -> None:
    rects = [bounds(each) for each in layers.values()]
    assert not any(a.intersects(b) for i, a in enumerate(rects) for b in rects[i + 1 :])


def test_that_a_chain_becomes_a_straight_line(canvas: CanvasView, make_layer: MakeLayer) -> None:
    wrapped = make_layer("Bidirectional", "c", 0, 0, (make_layer("GRU", "g", units=2),))
    design = Design(
        "line",
        (
            make_layer("Input", "a", shape=(None, 1)),
            make_layer("LSTM", "b", units=2),
            wrapped,
            make_layer("Dense", "d", units=1),
        ),
        (Link("a", "b"), Link("b", "c"), Link("c", "d")),
    )
    layers = placed(design)
    lines = {each.position[1] + outline(each).port_line for each in layers.values()}
    assert len(lines) == 1
    lefts = [layers[each].position[0] for each in "abcd"]
    assert lefts == sorted(lefts)
    assert_no_overlap(layers)


def test_that_branches_do_not_cross_when_they_need_not(canvas: CanvasView, make_layer: MakeLayer) -> None:
    design = Design(
        "branches",
        (
            make_layer("Input", "a", shape=(None, 1)),
            make_layer("Input", "b", shape=(None, 1)),
            make_layer("LSTM", "y", units=2),
            make_layer("LSTM", "x", units=2),
            make_layer("Concatenate", "m"),
            make_layer("Dense", "alone", units=1),
        ),
        (Link("a", "x"), Link("b", "y"), Link("x", "m"), Link("y", "m")),
    )
    layers = placed(design)
    assert (layers["a"].position[1] < layers["b"].position[1]) == (
        layers["x"].position[1] < layers["y"].position[1]
    )
    assert layers["m"].position[0] > layers["x"].position[0] > layers["a"].position[0]
    assert layers["alone"].position[1] > layers["m"].position[1]
    assert_no_overlap(layers)


def test_that_arranging_is_one_step(filled: CanvasView, one_step: Callable[[str], None]) -> None:
    filled.auto_arrange()
    assert filled.camera.sight().contains(filled.canvas_scene.content_rect())
    one_step("Arrange boxes")
