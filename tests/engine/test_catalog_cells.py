"""Cells, stacks, RNN and initial states against the installed Keras: shapes, masks, states and numbers of weights."""

import itertools
from typing import Any

import keras
import numpy as np
import pytest
from keras_agreement import (
    BOTH,
    FIXED,
    FRAMES,
    OPEN,
    Use,
    assert_that_all_agree,
    grid,
    in_both_directions,
    loop,
    stack,
    usual,
)

from rnn_designer.catalog import CATALOG, RuleError, TensorSpec
from rnn_designer.catalog.states import carried_by, in_places, initial_port

LSTM_CELL, GRU_CELL, SIMPLE_CELL = (
    Use("LSTMCell", {"units": 4}),
    Use("GRUCell", {"units": 3}),
    Use("SimpleRNNCell", {"units": 2}),
)

CELLS = {
    "LSTM": LSTM_CELL,
    "GRU": GRU_CELL,
    "SimpleRNN": SIMPLE_CELL,
    "LSTM GRU": stack(LSTM_CELL, GRU_CELL),
    "GRU LSTM Simple": stack(GRU_CELL, LSTM_CELL, SIMPLE_CELL),
    "GRU GRU": stack(GRU_CELL, GRU_CELL),
    "one": stack(LSTM_CELL),
    "one bare": stack(GRU_CELL),
    "nested": stack(LSTM_CELL, stack(GRU_CELL, SIMPLE_CELL)),
    "nested lists": stack(GRU_CELL, stack(LSTM_CELL, LSTM_CELL)),
    "nested first": stack(stack(GRU_CELL, LSTM_CELL), GRU_CELL),
    "nested one": stack(stack(LSTM_CELL), GRU_CELL),
    "nested thrice": stack(GRU_CELL, stack(SIMPLE_CELL, stack(GRU_CELL, GRU_CELL))),
    "one nested": stack(stack(LSTM_CELL, GRU_CELL)),
}


def wired(use: Use, sequence: TensorSpec, batch: int | None = 2) -> Use:
    """The use with a tensor of the right size at each of its ports for initial states."""
    states = carried_by(use.call())
    return use.on(
        sequence, **{initial_port(state): TensorSpec((batch, *(state.sizes or ()))) for state in states}
    )


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_that_loops_agree_with_keras_over_every_cell(cell: Use) -> None:
    assert_that_all_agree(
        loop(cell, **params).on(spec)
        for params in grid(return_sequences=BOTH, return_state=BOTH)
        for spec in (FIXED, OPEN, FIXED.with_mask(True))
    )


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_that_loops_agree_with_keras_whatever_they_are_told(cell: Use) -> None:
    assert_that_all_agree(
        loop(cell, **{name: True}).on(spec)
        for name in ("go_backwards", "stateful", "unroll", "zero_output_for_mask")
        for spec in (FIXED, FIXED.with_mask(True), OPEN)
    )


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_that_loops_begin_from_wires_as_in_keras(cell: Use) -> None:
    assert_that_all_agree(
        wired(loop(cell, **params), spec)
        for params in grid(return_sequences=BOTH, return_state=BOTH)
        for spec in (FIXED, FIXED.with_mask(True))
    )


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_that_loops_run_from_wires_and_constants(cell: Use) -> None:
    """Keras looks at initial states only as it runs, so the numbers have to be computed."""
    plain = loop(cell, return_sequences=True)
    states = carried_by(plain.call())
    constants = [0.5] + [tuple(0.1 * unit for unit in range(state.sizes[0])) for state in states[1:]]  # type: ignore[index]
    begun = loop(cell, return_sequences=True, initial_state=tuple(constants))
    assert begun.on(FIXED).call().outputs()[0].sizes == (2, 7, begun.call().on(FIXED).outputs()[0].features)
    layer = plain.keras_layer()
    sequence = np.linspace(-1, 1, 2 * 7 * 6, dtype="float32").reshape(2, 7, 6)
    rows = [
        np.broadcast_to(np.array(value, "float32"), (2, *(state.sizes or ())))
        for state, value in zip(states, constants, strict=True)
    ]
    from_wires = plain.on(FIXED).applied(
        layer, [sequence], {initial_port(state): row for state, row in zip(states, rows, strict=True)}
    )
    from_constants = begun.on(FIXED).applied(layer, [sequence], {})
    from_zeros = plain.on(FIXED).applied(layer, [sequence], {})
    np.testing.assert_array_equal(from_wires[0], from_constants[0])
    assert np.abs(np.asarray(from_wires[0]) - np.asarray(from_zeros[0])).max() > 1e-3


TOO_DEEP = ("nested lists", "nested first", "nested thrice")
"""Stacks whose states Keras cannot give out, because one of them is in three lists."""


@pytest.mark.parametrize("name", CELLS)
def test_that_returned_states_come_in_the_order_of_the_ports(name: str) -> None:
    use = loop(CELLS[name], return_state=True).on(FIXED)
    states = carried_by(use.call())
    if name in TOO_DEEP:
        with pytest.raises(RuleError, match="Put all cells into one stack") as refused:
            use.call().outputs()
        assert refused.value.code == "nested_states"
        return
    _, *specs = use.call().outputs()
    _, *tensors = use.applied(use.keras_layer(), [np.ones((2, 7, 6), "float32")], {})
    assert [spec.sizes for spec in specs] == [tuple(tensor.shape) for tensor in tensors]
    ports = use.call().type.outputs(use.call().params, use.call().children)
    assert [port.name for port in ports] == ["output", *(state.name for state in states)]


@pytest.mark.parametrize("kind", ["SimpleRNN", "LSTM", "GRU"])
def test_that_layers_begin_from_wires_as_in_keras(kind: str) -> None:
    assert_that_all_agree(
        wired(usual(kind, **params), spec)
        for params in grid(return_sequences=BOTH, return_state=BOTH, go_backwards=BOTH)
        for spec in (FIXED, FIXED.with_mask(True))
    )


@pytest.mark.parametrize("kind", ["ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"])
def test_that_layers_of_frames_begin_from_wires_as_in_keras(kind: str) -> None:
    frames = FRAMES[kind]
    output = usual(kind).on(frames).call().outputs()[0]
    begun = usual(kind, return_state=True)
    assert_that_all_agree(
        iter(
            (
                begun.on(frames, initial_h=output, initial_c=output),
                begun.on(frames, initial_h=output),
                begun.on(frames, initial_h=output, initial_c=TensorSpec((2, 3, 6))),
            )
        )
    )


INNER = {
    "LSTM": usual("LSTM"),
    "GRU": usual("GRU"),
    "loop": loop(LSTM_CELL),
    "stack": loop(stack(LSTM_CELL, GRU_CELL)),
    "stack of bare": loop(stack(GRU_CELL, SIMPLE_CELL)),
    "one": loop(stack(LSTM_CELL)),
    "nested": loop(stack(LSTM_CELL, stack(GRU_CELL, SIMPLE_CELL))),
}


def told(use: Use, **params: Any) -> Use:
    return Use(use.kind, {**use.params, **params}, (), use.children)


@pytest.mark.parametrize("inner", INNER.values(), ids=INNER)
def test_that_both_directions_agree_with_keras_over_every_layer(inner: Use) -> None:
    assert_that_all_agree(
        in_both_directions(told(inner, **params), merge_mode=mode).on(spec)
        for params in grid(return_sequences=BOTH, return_state=BOTH)
        for mode in ("concat", "sum", None)
        for spec in (FIXED, OPEN.with_mask(True))
    )


@pytest.mark.parametrize("inner", INNER.values(), ids=INNER)
def test_that_both_directions_begin_from_wires_as_in_keras(inner: Use) -> None:
    assert_that_all_agree(
        wired(in_both_directions(told(inner, **params)), spec)
        for params in grid(return_sequences=BOTH, return_state=BOTH)
        for spec in (FIXED, FIXED.with_mask(True))
    )


@pytest.mark.parametrize("inner", INNER.values(), ids=INNER)
def test_that_each_direction_begins_from_its_own_states(inner: Use) -> None:
    use = in_both_directions(told(inner, return_sequences=True), merge_mode=None).on(FIXED)
    layer = use.keras_layer()
    states = carried_by(use.call())
    sequence = np.linspace(-1, 1, 2 * 7 * 6, dtype="float32").reshape(2, 7, 6)

    def outputs(moved: str) -> list[Any]:
        named = {
            initial_port(state): np.full(
                (2, *(state.sizes or ())), float(state.name.startswith(moved)), "float32"
            )
            for state in states
        }
        return [np.asarray(each) for each in use.applied(layer, [sequence], named)]

    zeros, forward, backward = outputs("none"), outputs("forward"), outputs("backward")
    assert np.array_equal(forward[1], zeros[1])
    assert not np.array_equal(forward[0], zeros[0])
    assert np.array_equal(backward[0], zeros[0])
    assert not np.array_equal(backward[1], zeros[1])


def test_that_both_directions_hold_different_loops_where_keras_lets_them() -> None:
    backwards = {"go_backwards": True}
    states = {"return_state": True}
    pairs = (
        (loop(LSTM_CELL), usual("LSTM", **backwards)),
        (loop(LSTM_CELL), loop(Use("GRUCell", {"units": 4}), **backwards)),
        (loop(LSTM_CELL, **states), usual("LSTM", **backwards, **states)),
        (loop(LSTM_CELL, **states), loop(Use("GRUCell", {"units": 4}), **backwards, **states)),
        (loop(LSTM_CELL), loop(GRU_CELL, **backwards)),
        (loop(stack(LSTM_CELL, GRU_CELL)), loop(GRU_CELL, **backwards)),
        (loop(LSTM_CELL), loop(LSTM_CELL)),
    )
    assert_that_all_agree(in_both_directions(*pair).on(FIXED) for pair in pairs)
    assert_that_all_agree(wired(in_both_directions(*pair), FIXED) for pair in pairs[:2])
    uneven = in_both_directions(usual("LSTM"), usual("GRU", **backwards))
    assert_that_all_agree(iter((wired(uneven, FIXED),)))


@pytest.mark.parametrize("kind", ["ConvLSTM1D", "ConvLSTM2D"])
def test_that_both_directions_agree_with_keras_over_frames(kind: str) -> None:
    assert_that_all_agree(
        in_both_directions(usual(kind, **params), merge_mode=mode).on(FRAMES[kind])
        for params in grid(return_sequences=BOTH, return_state=BOTH)
        for mode in ("concat", "ave", None)
    )


def test_that_what_is_no_cell_is_refused_where_keras_fails() -> None:
    layers = [
        usual("LSTM"),
        usual("GRU", return_sequences=True),
        usual("Dense"),
        loop(LSTM_CELL),
        usual("Bidirectional"),
        usual("ConvLSTM1D"),
    ]
    assert_that_all_agree(loop(each).on(FIXED) for each in layers)
    assert_that_all_agree(loop(stack(LSTM_CELL, each)).on(FIXED) for each in layers)
    assert_that_all_agree(iter((loop(stack()).on(FIXED), Use("RNN").on(FIXED))))


def test_that_cells_are_refused_where_no_loop_is_around_them() -> None:
    for cell in (LSTM_CELL, GRU_CELL, SIMPLE_CELL, stack(LSTM_CELL, GRU_CELL)):
        for spec in (FIXED, TensorSpec((2, 6))):
            with pytest.raises(RuleError, match=r"Put it into an RNN") as refused:
                cell.on(spec).call().outputs()
            assert refused.value.code == "cell_alone"
        assert_that_all_agree(
            iter(
                (
                    cell.on(FIXED),
                    in_both_directions(cell).on(FIXED),
                    Use("TimeDistributed", {}, (), (cell,)).on(FIXED),
                )
            )
        )


@pytest.mark.parametrize(
    ("named", "code"),
    [
        ({"initial_h": (2, 4)}, "state_count"),
        ({"initial_c": (2, 4)}, "state_count"),
        ({"initial_h": (2, 4), "initial_c": (2, 3)}, "state_size"),
        ({"initial_h": (2, 7, 4), "initial_c": (2, 4)}, "state_size"),
        ({"initial_h": (2,), "initial_c": (2, 4)}, "state_size"),
        ({"initial_h": (2, None), "initial_c": (2, 4)}, "state_size"),
        ({"initial_h": (3, 4), "initial_c": (3, 4)}, "state_batch"),
        ({"initial_h": (1, 4), "initial_c": (1, 4)}, None),
        ({"initial_h": (None, 4), "initial_c": (None, 4)}, None),
    ],
)
@pytest.mark.parametrize("use", [usual("LSTM"), loop(LSTM_CELL)], ids=["layer", "loop"])
def test_that_wires_are_refused_where_they_do_not_fit(
    use: Use, named: dict[str, tuple[Any, ...]], code: str | None
) -> None:
    begun = use.on(FIXED, **{port: TensorSpec(sizes) for port, sizes in named.items()})
    if code is None:
        assert begun.call().outputs()
    else:
        with pytest.raises(RuleError) as refused:
            begun.call().outputs()
        assert refused.value.code == code
    assert_that_all_agree(iter((begun,)))


def test_that_keras_still_begins_a_stack_from_nested_lists_alone() -> None:
    """What in_places is for: the day that Keras takes a flat list too, this says so."""
    use = loop(stack(LSTM_CELL, GRU_CELL))
    layer = use.keras_layer()
    rows = [np.zeros((2, *(state.sizes or ())), "float32") for state in carried_by(use.call())]
    sequence = np.zeros((2, 7, 6), "float32")
    assert layer(sequence, initial_state=in_places(carried_by(use.call()), rows)).shape == (2, 3)
    with pytest.raises(IndexError):
        layer(sequence, initial_state=rows)


def test_that_keras_still_loses_the_nesting_of_a_stack_of_one() -> None:
    """Why such a stack is left out of exported code."""
    sequence, mask = np.zeros((2, 7, 6), "float32"), np.ones((2, 7), bool)
    layer = keras.layers.RNN(keras.layers.StackedRNNCells([keras.layers.LSTMCell(4)]))
    with pytest.raises(ValueError, match="same nested structure"):
        layer(sequence, mask=mask)


def test_that_a_stack_of_cells_equals_layers_in_a_row() -> None:
    layers = [keras.layers.LSTM(4, return_sequences=True), keras.layers.GRU(3, return_sequences=True)]
    sequence = np.linspace(-1, 1, 2 * 7 * 6, dtype="float32").reshape(2, 7, 6)
    expected = layers[1](layers[0](sequence))
    stacked = loop(stack(LSTM_CELL, GRU_CELL), return_sequences=True).keras_layer()
    stacked(sequence)
    for cell, layer in zip(stacked.cell.cells, layers, strict=True):
        cell.set_weights(layer.get_weights())
    np.testing.assert_array_equal(stacked(sequence), expected)


@pytest.mark.parametrize("kind", ["SimpleRNNCell", "LSTMCell", "GRUCell"])
def test_that_cells_agree_with_keras_whichever_parameter_is_changed(kind: str) -> None:
    others: dict[str, tuple[Any, ...]] = {
        "units": (1, 7),
        "use_bias": BOTH,
        "reset_after": BOTH,
        "unit_forget_bias": BOTH,
        "activation": (None, "relu", "softmax"),
        "recurrent_activation": ("hard_sigmoid",),
        "dropout": (0.5, 1.0),
        "recurrent_dropout": (0.5,),
        "implementation": (1, 2),
        "dtype": ("float16", "mixed_float16", "float64"),
        "seed": (3,),
    }
    entry = CATALOG[kind]
    assert_that_all_agree(
        loop(Use(kind, {"units": 4, name: value}), return_state=True).on(FIXED)
        for name, values in others.items()
        if name in entry.by_name
        for value in values
    )
    pairs = itertools.product(BOTH, repeat=2)
    assert_that_all_agree(
        loop(usual("GRUCell", use_bias=bias, reset_after=after)).on(FIXED) for bias, after in pairs
    )
