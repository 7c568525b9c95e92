"""A layer that is called several times: a record for every call, its weights once."""

from __future__ import annotations

from typing import Any

import numpy
import pytest
from cells_oracle import cells_loop
from standing_models import Stand, equal, planned, program

from rnn_designer.messages import PlannedLayer

ONE, TWO, THREE = (planned(name, "Input") for name in ("one", "two", "three"))


def sharing(name: str, kind: str, original: str, *children: PlannedLayer) -> PlannedLayer:
    """A box that calls another's layer once more."""
    return PlannedLayer(f"#{name}", name, kind, children, f"#{original}")


def inputs(*shapes: tuple[int, ...]) -> dict[str, Any]:
    random = numpy.random.default_rng(2)
    names = ("one", "two", "three")[: len(shapes)]
    return {
        name: random.normal(size=shape).astype("float32") for name, shape in zip(names, shapes, strict=True)
    }


@pytest.mark.parametrize("private", [True, False], ids=["private", "public"])
@pytest.mark.parametrize("first", ["original", "sharer"])
def test_that_every_call_is_recorded_by_itself_in_the_order_of_the_source(
    stand: Stand, private: bool, first: str
) -> None:
    # The second call lies deeper in the model than the third, so that Keras runs them in another order.
    source = program(
        [
            "one = keras.Input((None, 3), name='one')",
            "two = keras.Input((None, 3), name='two')",
            "memory = layers.LSTM(3, return_sequences=True, return_state=True, name='memory')",
            "a, ah, ac = memory(two)",
            "deeper = layers.Dense(3, name='deeper')(a)",
            "b, bh, bc = memory(deeper, initial_state=[ah, ac])",
            "c, ch, cc = memory(one)",
            "return keras.Model([one, two], [b, c])",
        ]
    )
    original, second, third = (
        planned("memory", "LSTM"),
        sharing("again", "LSTM", "memory"),
        sharing("more", "LSTM", "memory"),
    )
    boxes = [original, second, third] if first == "original" else [second, original, third]
    plan = (ONE, TWO, boxes[0], planned("deeper", "Dense"), *boxes[1:])
    standing = stand(source, plan, private=private)
    given = inputs((4, 5, 3), (4, 7, 3))
    arrays = standing.tracer.run(given)
    layer = standing.layer("memory")
    sequences = {"memory": given["two"], "memory#2": arrays["deeper/result"], "memory#3": given["one"]}
    for path, sequence in sequences.items():
        start = None
        if path == "memory#2":
            start = [arrays["memory/result/1"], arrays["memory/result/2"]]
        for name, expected in cells_loop(layer, sequence, None, start).items():
            equal(arrays[f"{path}/{name}"], expected)
        assert numpy.array_equal(arrays[f"{path}/result/0"], arrays[f"{path}/output"])
        assert f"{path}/gate/forget" in arrays
    own = standing.model([given["one"], given["two"]], training=False)
    assert numpy.array_equal(arrays["memory#2/result/0"], own[0])
    assert numpy.array_equal(arrays["memory#3/result/0"], own[1])
    paths = standing.tracer.layers
    assert [paths[box.id] for box in boxes] == ["memory", "memory#2", "memory#3"]
    assert [key for key in standing.built.weights() if "deeper" not in key] == [
        "#memory/kernel",
        "#memory/recurrent_kernel",
        "#memory/bias",
    ]
    counts = standing.built.counts()
    assert (counts["#memory"], counts["#again"], counts["#more"]) == (4 * 3 * 7, 0, 0)


def test_that_layers_inside_a_shared_one_are_recorded_for_each_call(stand: Stand) -> None:
    bi = "layers.Bidirectional(layers.RNN([layers.LSTMCell(2, name='low'), layers.GRUCell(3, name='high')], "
    bi += "return_sequences=True, name='rnn'), name='bi')"
    source = program(
        [
            "one = keras.Input((None, 3), name='one')",
            "two = keras.Input((None, 3), name='two')",
            f"both = {bi}",
            "per_step = layers.TimeDistributed(layers.Dense(2, name='dense'), name='per_step')",
            "return keras.Model([one, two], [per_step(both(one)), per_step(both(two))])",
        ]
    )

    def inner(mark: str, shares: bool) -> tuple[PlannedLayer, PlannedLayer]:
        def box(name: str, kind: str, *children: PlannedLayer) -> PlannedLayer:
            return PlannedLayer(
                f"#{name}{mark}", f"{name}{mark}", kind, children, f"#{name}" if shares else ""
            )

        cells = box("low", "LSTMCell"), box("high", "GRUCell")
        return (
            box("bi", "Bidirectional", box("rnn", "RNN", *cells)),
            box("per_step", "TimeDistributed", box("dense", "Dense")),
        )

    plan = (ONE, TWO, *inner("", False), *inner("_again", True))
    standing = stand(source, plan)
    given = inputs((4, 5, 3), (4, 6, 3))
    arrays = standing.tracer.run(given)
    for path, sequence in (("bi", given["one"]), ("bi#2", given["two"])):
        for way in ("forward", "backward"):
            layer = standing.layer(f"bi/{way}")
            for name, expected in cells_loop(layer, sequence, None).items():
                equal(arrays[f"{path}/{way}/{name}"], expected)
    assert arrays["per_step#2/layer/result"].shape == (4, 6, 2)
    assert standing.tracer.layers["#low_again"] == "bi#2/forward/cell_0"
    assert standing.tracer.layers["#dense_again"] == "per_step#2/layer"
    keys = list(standing.built.weights())
    assert not any("again" in key for key in keys)
    assert len(keys) == 2 * (3 + 3) + 2
    assert standing.built.counts()["#low_again"] == 0


def test_that_a_shared_layer_that_changes_nothing_is_no_obstacle(stand: Stand) -> None:
    source = program(
        [
            "one = keras.Input((None, 3), name='one')",
            "same = layers.Identity(name='same')",
            "return keras.Model(one, [same(one), same(one)])",
        ]
    )
    plan = (ONE, planned("same", "Identity"), sharing("again", "Identity", "same"))
    given = inputs((4, 5, 3))
    arrays = stand(source, plan).tracer.run(given)
    assert numpy.array_equal(arrays["same/result"], given["one"])
    assert numpy.array_equal(arrays["same#2/result"], given["one"])


def test_that_a_sharer_whose_original_was_left_out_stands_for_itself(stand: Stand, series: Any) -> None:
    source = program(
        ["x = keras.Input((None, 3), name='one')", "return keras.Model(x, layers.GRU(2, name='again')(x))"]
    )
    standing = stand(source, (ONE, sharing("again", "GRU", "gone")))
    arrays = standing.tracer.run({"one": series})
    assert standing.tracer.layers["#again"] == "again"
    assert arrays["again/state/h"].shape == (5, 6, 2)
    assert next(iter(standing.built.weights())) == "#gone/kernel"
