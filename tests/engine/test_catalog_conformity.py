"""The whole catalog against the installed Keras: names, defaults, shapes, masks, types and numbers of weights."""

import itertools
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
import pytest
from keras.src import backend

from rnn_designer.catalog import (
    CATALOG,
    Activation,
    Call,
    Choice,
    Flag,
    Integer,
    Integers,
    Number,
    Parameter,
    Part,
    PartOf,
    RuleError,
    TensorSpec,
)

STRICTER = {
    "tokens": "Keras casts ids to real numbers and carries on; taken as amounts they mean nothing",
    "one_input": "Keras accepts a merge of one tensor, which does nothing",
    "batch_axis": "joining or computing along the batch mixes samples, which nothing after it expects",
    "masked_softmax": "Keras lays the mask of the steps over the features, and takes it where the sizes agree",
    "axis_twice": "Keras makes a weight for the product of the two sizes, which are the same axis",
    "TimeDistributed/rank": "Keras skips the inner layer's look at its axes and gives other shapes than it declares, "
    "or fails in training",
    "SeparableConv1D/strides_and_dilation": "TensorFlow's description of its operation rules out both at once",
    "DepthwiseConv1D/strides_and_dilation": "TensorFlow's description of its operation rules out both at once",
    "wrapped_differ": "Keras declares wrong shapes for the backward layer and fails later",
}
"""Refusals that Keras does not share, by code, or by kind and code, each with its reason."""


# ----------------------------------------------------------------------------------------------- building


@dataclass(frozen=True)
class Use:
    """A layer type with some parameters and children, applied to some tensors."""

    kind: str
    params: dict[str, Any] = field(default_factory=dict)
    inputs: tuple[TensorSpec, ...] = ()
    children: tuple["Use", ...] = ()

    def on(self, *inputs: TensorSpec) -> "Use":
        return Use(self.kind, self.params, inputs, self.children)

    def call(self) -> Call:
        entry = CATALOG[self.kind]
        accepted = {name: entry.by_name[name].type.accept(value) for name, value in self.params.items()}
        return Call(
            entry, entry.complete(accepted), self.inputs, tuple(child.call() for child in self.children)
        )

    def keras_layer(self) -> Any:
        entry = CATALOG[self.kind]
        needed = {name: value for name, value in entry.new_params().items() if name in entry.by_name}
        arguments = {
            name: in_keras(entry.by_name[name], entry.by_name[name].type.accept(value))
            for name, value in {**needed, **self.params}.items()
        }
        for slot, child in zip(entry.slots, self.children, strict=False):
            arguments[slot.name] = child.keras_layer()
        return getattr(keras.layers, self.kind)(**arguments)

    def __str__(self) -> str:
        inner = "".join(f" around {child}" for child in self.children)
        given = ", ".join(f"{name}={value!r}" for name, value in self.params.items())
        onto = f" on {', '.join(map(shown, self.inputs))}" if self.inputs else ""
        return f"{self.kind}({given}){inner}{onto}"


def shown(spec: TensorSpec) -> str:
    return f"{spec}{' masked' if spec.masked else ''} {spec.kind}"


def in_keras(parameter: Parameter, value: Any) -> Any:
    if isinstance(value, Part):
        assert isinstance(parameter.type, PartOf)
        module = getattr(keras, parameter.type.namespace)
        return getattr(module, value.kind)(**value.params)
    return value


def keras_tensor(spec: TensorSpec) -> Any:
    tensor = keras.Input(batch_shape=spec.sizes, dtype="int32" if spec.kind == "int" else "float32")
    if spec.masked:
        sizes = spec.sizes[:2] if spec.rank > 2 else spec.sizes[:1]
        backend.set_keras_mask(tensor, keras.Input(batch_shape=sizes, dtype="bool"))
    return tensor


def in_keras_symbols(use: Use) -> tuple[list[tuple[Any, str, bool]], int]:
    """Sizes, kind and mask of every output, and the number of weights, as Keras has them."""
    layer = use.keras_layer()
    tensors = [keras_tensor(spec) for spec in use.inputs]
    outputs = keras.tree.flatten(layer(tensors if CATALOG[use.kind].inputs[0].many else tensors[0]))
    kinds = [kind_of(tensor) for tensor in outputs]
    if any(spec.kind == "int" for spec in use.inputs):
        # Many layers declare real numbers and hand whole numbers on: what they really do counts.
        kinds = [kind_of(tensor) for tensor in really_run(use)]
    found = [
        (tuple(tensor.shape), kind, backend.get_keras_mask(tensor) is not None)
        for tensor, kind in zip(outputs, kinds, strict=True)
    ]
    return found, layer.count_params()


def kind_of(tensor: Any) -> str:
    return "int" if keras.backend.standardize_dtype(tensor.dtype).startswith(("int", "uint")) else "float"


def really_run(use: Use) -> list[Any]:
    """The outputs for zeros, with 3 for every open size."""
    arrays = [
        np.zeros([size or 3 for size in spec.sizes], "int32" if spec.kind == "int" else "float32")
        for spec in use.inputs
    ]
    outputs = use.keras_layer()(arrays if CATALOG[use.kind].inputs[0].many else arrays[0])
    return list(keras.tree.flatten(outputs))


def fails_when_run(use: Use) -> bool:
    """Whether Keras accepts the symbols only because it never computed with them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            really_run(use)
        except Exception:
            return True
    return False


def by_our_rules(use: Use) -> tuple[list[tuple[Any, str, bool]], int]:
    call = use.call()
    outputs = call.outputs()
    ports = call.type.outputs(call.params, call.children)
    assert len(ports) == len(outputs), f"{use}: {len(ports)} ports for {len(outputs)} tensors"
    return [(spec.sizes, spec.kind, spec.masked) for spec in outputs], call.count()


def difference(use: Use) -> str | None:
    """What our rules and Keras disagree on, if anything."""
    with warnings.catch_warnings():
        # Keras warns where a mask is lost; here the lost mask itself is looked at.
        warnings.simplefilter("ignore")
        try:
            theirs: Any = in_keras_symbols(use)
        except Exception as error:
            theirs = error
    try:
        ours: Any = by_our_rules(use)
    except RuleError as error:
        ours = error
    if isinstance(ours, RuleError):
        listed = ours.code in STRICTER or f"{use.kind}/{ours.code}" in STRICTER
        if isinstance(theirs, Exception) or listed or fails_when_run(use):
            return None
        return f"{use}: Keras gives {theirs}, our rule refuses [{ours.code}]: {ours}"
    if isinstance(theirs, Exception):
        return f"{use}: our rule gives {ours}, Keras refuses: {str(theirs)[:300]}"
    return None if ours == theirs else f"{use}: our rule gives {ours}, Keras {theirs}"


def assert_that_all_agree(uses: Iterator[Use]) -> None:
    different = [text for use in uses if (text := difference(use)) is not None]
    assert not different, "\n".join(different)


# ------------------------------------------------------------------------------------------------- tensors

OPEN = TensorSpec((None, None, 5))
FIXED = TensorSpec((2, 7, 6))
SEQUENCES = (OPEN, FIXED, TensorSpec((None, 7, 6)), OPEN.with_mask(True), FIXED.with_mask(True))
OTHERS = (
    TensorSpec((None, 6)),
    TensorSpec((None, None)),
    TensorSpec((None, 7, None)),
    TensorSpec((None, None, None)),
    TensorSpec((None, 7, 3, 6)),
    TensorSpec((None, None, 3, 6)),
    TensorSpec((None, 7), kind="int"),
    TensorSpec((None, None), kind="int"),
    TensorSpec((None, 7, 6), kind="int"),
)

CHILDREN: dict[str, tuple[Use, ...]] = {
    "Bidirectional": (Use("LSTM", {"units": 4}),),
    "TimeDistributed": (Use("Dense", {"units": 4}),),
}

SMALL: dict[str, dict[str, Any]] = {
    "SimpleRNN": {"units": 4},
    "LSTM": {"units": 4},
    "GRU": {"units": 4},
    "Dense": {"units": 4},
    "Conv1D": {"filters": 4, "kernel_size": 3},
    "Embedding": {"input_dim": 9, "output_dim": 4},
    "Reshape": {"target_shape": (-1, 3)},
    "Permute": {"dims": (2, 1)},
    "GroupNormalization": {"groups": 3},
    "Dot": {"axes": -1},
    "Conv2D": {"filters": 4, "kernel_size": 2},
    **{f"ConvLSTM{rank}D": {"filters": 2, "kernel_size": 2} for rank in (1, 2, 3)},
    "SeparableConv1D": {"filters": 4, "kernel_size": 3},
    "DepthwiseConv1D": {"kernel_size": 3},
    "Conv1DTranspose": {"filters": 4, "kernel_size": 3},
}

ROW, FRAME, VOLUME = (TensorSpec((2, *sizes)) for sizes in ((4, 3, 6), (4, 3, 5, 6), (4, 3, 5, 2, 6)))
"""Rows, pictures and volumes with 6 features, four of each in a sequence of two samples."""

FRAMES = {
    "ConvLSTM1D": ROW,
    "ConvLSTM2D": FRAME,
    "ConvLSTM3D": VOLUME,
    "Conv2D": ROW,
    **{kind: (ROW, FRAME)[rank - 2] for rank in (2, 3) for kind in CATALOG if kind.endswith(f"ing{rank}D")},
}
"""What layers for rows, pictures and volumes read; those without a time axis take its steps for one more axis."""

KINDS = [kind for kind in CATALOG if kind != "Input"]


def usual(kind: str, **params: Any) -> Use:
    return Use(kind, {**SMALL.get(kind, {}), **params}, (), CHILDREN.get(kind, ()))


def usual_input(kind: str) -> tuple[TensorSpec, ...]:
    entry = CATALOG[kind]
    if entry.inputs[0].many:
        return (FIXED, FIXED)
    if kind == "Embedding":
        return (TensorSpec((None, 7), kind="int"),)
    if kind == "RepeatVector":
        return (TensorSpec((None, 6)),)
    return (FRAMES.get(kind, FIXED),)


# ------------------------------------------------------------------------------- shapes, masks and weights


@pytest.mark.parametrize("kind", KINDS)
def test_that_rules_agree_with_keras_on_every_form_of_input(kind: str) -> None:
    if CATALOG[kind].inputs[0].many:
        pairs = itertools.product(
            (*SEQUENCES, TensorSpec((None, 6)), TensorSpec((None, 7), kind="int")), repeat=2
        )
        assert_that_all_agree(usual(kind).on(*pair) for pair in pairs)
    else:
        assert_that_all_agree(usual(kind).on(spec) for spec in (*SEQUENCES, *OTHERS))


def other_values(parameter: Parameter) -> Iterator[Any]:
    """A few values besides the default, by the parameter's type."""
    match parameter.type:
        case Flag():
            yield not parameter.default
        case Choice(options=options):
            yield from (option for option in options if option != parameter.default)
        case Number(minimum=minimum):
            yield 0.5 if minimum is not None else -1.5
        case Integer():
            yield from {"axis": (0, 1, 2, 3), "groups": (2, 3, 4, 12)}.get(parameter.name, (1, 3))
        case Activation():
            yield from ("sigmoid", "softmax", "relu")
        case Integers(length=length):
            yield from {
                "noise_shape": ((None, 1, 6),),
                "axis": (0, 1, (1, 2), (2, -1), 3),
                "target_shape": ((42,), (6, 7), (5, 5), (-1, 4), (2, -1, 7), ()),
                "dims": ((1, 2), (1,), (3, 1, 2), (1, 1)),
                "shared_axes": (1, 2, (1, 2), 3, ()),
                "axes": (1, 2, -2, (1, 2), (2, 1), (-1, -1), (-2, 2), 0, 3, (2, 0)),
                "padding": (0, 2, (0, 3)),
                "cropping": (0, 3, (0, 3), (4, 3), (6, 0)),
            }.get(parameter.name, (1, 2, (3, 2, 1)[:length] if length else (3,), 7, 8))
        case PartOf(namespace=namespace):
            kind = {"initializers": "RandomNormal", "regularizers": "L1L2", "constraints": "UnitNorm"}[
                namespace
            ]
            yield Part(kind)


@pytest.mark.parametrize("kind", KINDS)
def test_that_rules_agree_with_keras_whichever_parameter_is_changed(kind: str) -> None:
    entry = CATALOG[kind]
    # use_cudnn=True needs a graphics card; half precision of whole layers is a matter of numbers, not of shapes.
    left_out = {"use_cudnn", "dtype"}
    assert_that_all_agree(
        usual(kind, **{parameter.name: value}).on(*usual_input(kind))
        for parameter in entry.parameters
        if parameter.editable and parameter.name not in left_out
        for value in other_values(parameter)
    )


@pytest.mark.parametrize("kind", FRAMES)
def test_that_layers_for_frames_agree_with_keras_on_every_form_of_frame(kind: str) -> None:
    spec = FRAMES[kind]
    opened = (
        spec.having(None, *spec.sizes[1:]),
        *(
            spec.having(*(None if axis == open_ else size for axis, size in enumerate(spec.sizes)))
            for open_ in range(1, spec.rank)
        ),
    )
    windows = "pool_size" if "pool_size" in CATALOG[kind].by_name else "kernel_size"
    layouts = [{"data_format": layout} for layout in ("channels_last", "channels_first")]
    shapes = [{}, *layouts]
    if windows in CATALOG[kind].by_name:
        shapes += [
            {windows: window, "padding": padding} for window in (1, 3, 9) for padding in ("valid", "same")
        ]
        shapes += [{windows: 1, "strides": 2}]
    if CATALOG[kind].recurrent:
        shapes += list(grid(return_sequences=BOTH, return_state=BOTH))
        shapes += [
            {"stateful": True},
            {"dilation_rate": 2},
            {"dilation_rate": 2, "strides": 2},
            {"use_bias": False},
        ]
    assert_that_all_agree(usual(kind, **params).on(spec) for params in shapes)
    assert_that_all_agree(usual(kind).on(each) for each in (*opened, spec.with_mask(True)))


@pytest.mark.parametrize("dtype", CATALOG["Dense"].by_name["dtype"].type.options)
def test_that_keras_takes_every_dtype(dtype: str | None) -> None:
    assert_that_all_agree(usual(kind, dtype=dtype).on(FIXED) for kind in ("Dense", "GRU"))


def grid(**values: Any) -> Iterator[dict[str, Any]]:
    for combination in itertools.product(*values.values()):
        yield dict(zip(values, combination, strict=True))


BOTH = (False, True)


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


def in_both_directions(*children: Use, **params: Any) -> Use:
    return Use("Bidirectional", params, (), children)


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
