"""Automatic arrangement: columns, no overlaps, straight chains, few crossings."""

import itertools
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


def test_that_a_long_chain_is_cut_into_rows_that_can_be_read(
    canvas: CanvasView, make_layer: MakeLayer
) -> None:
    names = [f"l{index}" for index in range(9)]
    layers = (
        make_layer("Input", "l0", shape=(None, 1)),
        *(make_layer("Dense", each, units=1) for each in names[1:]),
    )
    links = tuple(Link(one, other) for one, other in itertools.pairwise(names))
    shown = placed(Design("long", layers, links))
    tops = sorted({each.position[1] for each in shown.values()})
    assert len(tops) == 3
    for top in tops:
        row = [each for each in names if shown[each].position[1] == top]
        assert row == sorted(row, key=lambda each: shown[each].position[0])
    assert_no_overlap(shown)


def test_that_rows_are_not_cut_through_parallel_branches(canvas: CanvasView, make_layer: MakeLayer) -> None:
    one = [f"a{index}" for index in range(7)]
    other = [f"b{index}" for index in range(7)]
    layers = (
        make_layer("Input", "source", shape=(None, 1)),
        *(make_layer("Dense", each, units=1) for each in (*one, *other)),
        make_layer("Add", "sum"),
    )
    links = [Link("source", one[0]), Link("source", other[0]), Link(one[-1], "sum"), Link(other[-1], "sum")]
    for branch in (one, other):
        links += [Link(before, after) for before, after in itertools.pairwise(branch)]
    shown = placed(Design("branches", layers, tuple(links)))
    assert len({shown[each].position[1] for each in one}) == 1
    assert len({shown[each].position[1] for each in other}) == 1
    assert_no_overlap(shown)
