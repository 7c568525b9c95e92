"""Layer types against the installed Keras where parameters, wrappers and inputs work together."""

import itertools
from typing import Any

import keras
import pytest
import tensorflow
from keras_agreement import (
    BOTH,
    FIXED,
    FRAMES,
    KINDS,
    OPEN,
    SEQUENCES,
    Use,
    assert_that_all_agree,
    grid,
    in_both_directions,
    usual,
)

from rnn_designer.catalog import CATALOG, TensorSpec


@pytest.mark.parametrize("kind", ["SimpleRNN", "LSTM", "GRU"])
def test_that_recurrent_outputs_and_states_agree_with_keras(kind: str) -> None:
    assert_that_all_agree(
        usual(kind, **params).on(spec)
        for params in grid(return_sequences=BOTH, return_state=BOTH, use_bias=BOTH)
        for spec in (FIXED, OPEN.with_mask(True))
    )


def test_that_reset_after_agrees_with_keras() -> None:
    assert_that_all_agree(
        usual("GRU", **params).on(FIXED) for params in grid(reset_after=BOTH, use_bias=BOTH)
    )


@pytest.mark.parametrize("kind", ["stateful", "unroll"])
def test_that_fixed_sizes_are_asked_for_where_keras_does(kind: str) -> None:
    specs = (FIXED, OPEN, TensorSpec((2, None, 6)), TensorSpec((None, 7, 6)))
    assert_that_all_agree(usual("LSTM", **{kind: True}).on(spec) for spec in specs)


@pytest.mark.parametrize("merge_mode", ["concat", "sum", "mul", "ave", None])
def test_that_bidirectional_outputs_agree_with_keras(merge_mode: str | None) -> None:
    assert_that_all_agree(
        in_both_directions(usual(kind, **params), merge_mode=merge_mode).on(spec)
        for kind, params in zip(
            ("LSTM", "GRU", "SimpleRNN", "LSTM"), grid(return_sequences=BOTH, return_state=BOTH), strict=True
        )
        for spec in (FIXED, OPEN.with_mask(True))
    )


def test_that_bidirectional_holds_what_keras_lets_it_hold() -> None:
    forward, backward = usual("LSTM"), usual("LSTM", go_backwards=True)
    assert_that_all_agree(
        iter(
            use.on(FIXED)
            for use in (
                in_both_directions(forward, backward),
                in_both_directions(backward, forward),
                in_both_directions(backward),
                in_both_directions(forward, forward),
                in_both_directions(backward, backward),
                in_both_directions(usual("Dense")),
                in_both_directions(forward, usual("Dense")),
                in_both_directions(forward, usual("GRU", go_backwards=True)),
                in_both_directions(forward, usual("LSTM", go_backwards=True, units=3)),
                in_both_directions(forward, usual("LSTM", go_backwards=True, return_sequences=True)),
                in_both_directions(
                    usual("LSTM", return_state=True), usual("GRU", go_backwards=True, return_state=True)
                ),
                in_both_directions(usual("LSTM", stateful=True)),
            )
        )
    )


ONE_IN_ONE_OUT = [
    kind
    for kind in KINDS
    if not CATALOG[kind].inputs[0].many and kind not in ("TimeDistributed", "Bidirectional")
]


@pytest.mark.parametrize("kind", ONE_IN_ONE_OUT)
def test_that_time_distributed_agrees_with_keras_around_every_layer(kind: str) -> None:
    wrapped = Use("TimeDistributed", {}, (), (usual(kind),))
    specs = (
        FIXED,
        OPEN.with_mask(True),
        TensorSpec((None, 6)),
        TensorSpec((None, 3, 7, 6)),
        TensorSpec((None, 3, 7), kind="int"),
    )
    assert_that_all_agree(wrapped.on(spec) for spec in specs)


def test_that_time_distributed_passes_sequences_on() -> None:
    inner = (usual("LSTM", return_sequences=True), in_both_directions(usual("GRU", return_sequences=True)))
    assert_that_all_agree(
        Use("TimeDistributed", {}, (), (each,)).on(TensorSpec((None, 3, 7, 6))) for each in inner
    )


def test_that_windows_of_convolutions_agree_with_keras() -> None:
    assert_that_all_agree(
        usual("Conv1D", **params).on(spec)
        for params in grid(
            kernel_size=(1, 3, 8), strides=(1, 2), padding=("valid", "same", "causal"), dilation_rate=(1, 2)
        )
        for spec in (FIXED, TensorSpec((None, None, 6)))
    )


@pytest.mark.parametrize("kind", ["SeparableConv1D", "DepthwiseConv1D"])
def test_that_windows_of_separate_convolutions_agree_with_keras(kind: str) -> None:
    assert_that_all_agree(
        usual(kind, **params).on(spec)
        for params in grid(
            kernel_size=(1, 8),
            strides=(1, 2),
            padding=("valid", "same"),
            dilation_rate=(1, 2),
            depth_multiplier=(1, 2),
        )
        for spec in (FIXED, TensorSpec((None, None, 6)))
    )


def test_that_lengths_of_transposed_convolutions_agree_with_keras() -> None:
    assert_that_all_agree(
        usual(
            "Conv1DTranspose", kernel_size=kernel, strides=strides, padding=padding, output_padding=extra
        ).on(spec)
        for kernel, strides, extra in (
            (1, 1, None),
            (3, 2, None),
            (2, 3, None),
            (3, 2, 1),
            (4, 3, 0),
            (3, 2, 2),
        )
        for padding in ("valid", "same")
        for spec in (FIXED, TensorSpec((None, None, 6)))
    )


@pytest.mark.parametrize("kind", ["Conv2DTranspose", "Conv3DTranspose"])
def test_that_sizes_of_transposed_convolutions_agree_with_keras(kind: str) -> None:
    spec = FRAMES[kind]
    rank = spec.rank - 2
    assert_that_all_agree(
        usual(kind, kernel_size=kernel, strides=strides, padding=padding, output_padding=extra).on(spec)
        for kernel, strides, extra in (
            (1, 1, None),
            (3, 2, None),
            ((2, 3, 1)[:rank], (3, 1, 2)[:rank], None),
            (3, 2, 1),
            (4, 3, (0, 2, 1)[:rank]),
            (3, 2, 2),
        )
        for padding in ("valid", "same")
    )


@pytest.mark.parametrize(
    "kind", [f"Adaptive{name}Pooling{rank}D" for name in ("Max", "Average") for rank in (1, 2, 3)]
)
def test_that_pooling_to_a_size_agrees_with_keras(kind: str) -> None:
    spec = FRAMES.get(kind, FIXED)
    sizes = (1, 3, 9, (2, 5, 1)[: spec.rank - 2])
    assert_that_all_agree(
        usual(kind, output_size=size, data_format=layout).on(each)
        for size in sizes
        for layout in ("channels_last", "channels_first")
        for each in (spec, TensorSpec((None, *spec.sizes[1:])))
    )


def test_that_rows_of_ids_agree_with_keras() -> None:
    ids = (
        TensorSpec((None, 7), kind="int"),
        TensorSpec((None, None), kind="int"),
        TensorSpec((2, 1), kind="int"),
    )
    assert_that_all_agree(
        usual("CategoryEncoding", output_mode=mode).on(spec)
        for mode in ("one_hot", "multi_hot", "count")
        for spec in (*ids, TensorSpec((2, 7, 3), kind="int"), TensorSpec((2, 7)))
    )


def test_that_keras_still_cannot_compile_one_hot_rows_of_open_length() -> None:
    """Why the rule asks for a fixed number of steps; the day that this fails, it need not."""
    ids = keras.Input((None,), dtype="int32")
    model = keras.Model(ids, usual("CategoryEncoding", output_mode="one_hot").keras_layer()(ids))
    compiled = tensorflow.function(
        lambda given: model(given), input_signature=[tensorflow.TensorSpec((None, None), tensorflow.int32)]
    )
    with pytest.raises(Exception, match="as a Python `bool` is not allowed"):
        compiled(tensorflow.constant([[1, 2, 3]]))


def test_that_groups_of_convolutions_agree_with_keras() -> None:
    assert_that_all_agree(
        usual("Conv1D", **params).on(FIXED)
        for params in grid(groups=(1, 2, 3), filters=(4, 6), use_bias=BOTH, lora_rank=(None, 2))
    )


@pytest.mark.parametrize("kind", ["MaxPooling1D", "AveragePooling1D"])
def test_that_windows_of_pooling_agree_with_keras(kind: str) -> None:
    assert_that_all_agree(
        usual(kind, **params).on(spec)
        for params in grid(
            pool_size=(1, 3, 8),
            strides=(None, 2),
            padding=("valid", "same"),
            data_format=(None, "channels_first"),
        )
        for spec in (FIXED, TensorSpec((None, None, 6)))
    )


@pytest.mark.parametrize("kind", ["GlobalMaxPooling1D", "GlobalAveragePooling1D"])
def test_that_global_pooling_agrees_with_keras(kind: str) -> None:
    assert_that_all_agree(
        usual(kind, **params).on(spec)
        for params in grid(keepdims=BOTH, data_format=(None, "channels_last", "channels_first"))
        for spec in SEQUENCES
    )


@pytest.mark.parametrize("kind", ["LayerNormalization", "BatchNormalization", "GroupNormalization"])
def test_that_normalization_weights_agree_with_keras(kind: str) -> None:
    more = {"renorm": BOTH} if kind == "BatchNormalization" else {}
    assert_that_all_agree(
        usual(kind, **params).on(FIXED) for params in grid(center=BOTH, scale=BOTH, axis=(-1, 1), **more)
    )


def test_that_normalization_without_weights_takes_open_sizes_where_keras_does() -> None:
    assert_that_all_agree(
        usual(kind, center=False, scale=False).on(TensorSpec((None, 7, None)))
        for kind in ("LayerNormalization", "BatchNormalization")
    )


def test_that_low_rank_weights_agree_with_keras() -> None:
    uses = (
        usual("Dense", lora_rank=2).on(FIXED),
        usual("Dense", lora_rank=2, use_bias=False).on(FIXED),
        usual("Embedding", lora_rank=2).on(TensorSpec((None, 7), kind="int")),
        *(usual(kind, lora_rank=2, kernel_constraint="non_neg").on(FIXED) for kind in ("Dense", "Conv1D")),
        usual("Embedding", lora_rank=2, embeddings_constraint="non_neg").on(
            TensorSpec((None, 7), kind="int")
        ),
    )
    assert_that_all_agree(iter(uses))


def test_that_merges_agree_with_keras_on_sizes_that_differ() -> None:
    specs = (
        FIXED,
        TensorSpec((None, 7, 1)),
        TensorSpec((None, 1, 6)),
        TensorSpec((None, 7, 5)),
        TensorSpec((None, None, 6)),
        TensorSpec((3, 7, 6)),
        TensorSpec((None, 6)),
    )
    assert_that_all_agree(
        usual(kind).on(*pair)
        for kind in ("Add", "Concatenate", "Dot", "Subtract")
        for pair in itertools.product(specs, repeat=2)
    )


@pytest.mark.parametrize(
    "kind", ["Add", "Multiply", "Average", "Maximum", "Minimum", "Subtract", "Concatenate"]
)
def test_that_merges_of_three_agree_with_keras(kind: str) -> None:
    masked = FIXED.with_mask(True)
    assert_that_all_agree(
        iter(
            (
                usual(kind).on(FIXED, FIXED, FIXED),
                usual(kind).on(FIXED, masked, FIXED),
                usual(kind).on(masked, masked, masked),
                usual(kind).on(FIXED, TensorSpec((2, 7, 4)), FIXED),
                usual(kind).on(FIXED),
            )
        )
    )


def test_that_products_of_sums_agree_with_keras() -> None:
    specs = (FIXED, TensorSpec((2, 6)), TensorSpec((2, 3, 7, 6)), TensorSpec((None, None, 6)))
    assert_that_all_agree(
        usual("Dot", axes=axes).on(*pair)
        for axes in (-1, 1, (1, 2), (2, 1), (-1, 1))
        for pair in itertools.product(specs, repeat=2)
    )


def test_that_concatenation_along_any_axis_agrees_with_keras() -> None:
    specs = (FIXED, FIXED.with_mask(True), TensorSpec((2, 3, 6)), TensorSpec((2, 7, 2)))
    assert_that_all_agree(
        usual("Concatenate", axis=axis).on(*pair)
        for axis in (-1, 1, 2, -2, 3, -4)
        for pair in itertools.product(specs, repeat=2)
    )


@pytest.mark.parametrize(
    "params",
    [
        {"shape": (None, 1)},
        {"shape": (7, 5), "batch_size": 3},
        {"shape": (None,), "dtype": "int32"},
        {"shape": (4,), "dtype": "uint8"},
        {"shape": (2, 3, 4), "dtype": "float16"},
        {"shape": ()},
    ],
)
def test_that_input_shapes_are_keras_own(params: dict[str, Any]) -> None:
    tensor = keras.Input(**params)
    (spec,) = Use("Input", params).call().outputs()
    assert spec.sizes == tuple(tensor.shape)
    assert (spec.kind == "int") == str(tensor.dtype).startswith(("int", "uint"))
