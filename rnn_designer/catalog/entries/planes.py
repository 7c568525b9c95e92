"""The layers for pictures and volumes, which follow a ConvLSTM: Conv2D and pooling over two and three axes."""

from collections.abc import Mapping
from math import prod
from typing import Any

from rnn_designer.catalog.entries.convolution import CONV_1D
from rnn_designer.catalog.keras_arguments import argument, with_defaults
from rnn_designer.catalog.parameters import Choice, Flag, Integers, Parameter
from rnn_designer.catalog.rules import (
    check_groups,
    check_weights,
    check_window,
    expect_rank,
    joined,
    known_features,
    per_axis,
    real_numbers,
    spatial_axes,
    window_output,
)
from rnn_designer.catalog.shared import BASE, data_format, initializer, lora, regularizer, units, use_bias
from rnn_designer.catalog.tensors import Size, TensorSpec
from rnn_designer.catalog.types import Call, Family, LayerType, RuleError
from rnn_designer.wording import counted

_PLACES = {2: "rows, columns", 3: "depth, rows, columns"}


def _rank(call: Call) -> int:
    return int(call.type.kind[-2])


def _frame(call: Call) -> tuple[TensorSpec, tuple[int, ...], int]:
    """The input, the numbers of the axes that a window slides along, and that of the features."""
    spec, rank = call.inputs[0], _rank(call)
    expect_rank(
        call,
        spec,
        rank + 2,
        f"one frame per sample (batch, {_PLACES[rank]}, features)",
        "For a sequence of frames, wrap the layer in TimeDistributed; otherwise bring the tensor into that "
        "shape with Reshape.",
    )
    places, features = spatial_axes(call.params, rank)
    return spec, places, features


def _times(value: int | tuple[int, ...], rank: int) -> str:
    return "×".join(map(str, per_axis(value, rank)))


def _pooled(call: Call) -> tuple[TensorSpec, ...]:
    """(batch, …, features) to (batch, places of the window, features). The mask is lost."""
    spec, places, _ = _frame(call)
    if call.type.kind.startswith("Average"):
        real_numbers(call)
    params, rank = call.params, _rank(call)
    window = per_axis(params["pool_size"], rank)
    strides = window if params["strides"] is None else per_axis(params["strides"], rank)
    sizes: list[Size] = list(spec.sizes)
    for axis, size, stride in zip(places, window, strides, strict=True):
        check_window(call, spec, axis, size, params["padding"], "pool_size")
        sizes[axis] = window_output(spec.sizes[axis], size, stride, params["padding"])
    return (TensorSpec(tuple(sizes), spec.axes, spec.kind),)


def _pooling(kind: str, largest: bool) -> LayerType:
    rank = int(kind[-2])
    what, one = ("largest number", "max") if largest else ("mean", "mean")
    axes = "rows and columns" if rank == 2 else "depth, rows and columns"
    size = Integers(length=rank, minimum=1, single=True)
    parameters = (
        argument(
            "pool_size",
            size,
            f"How many places along {axes} become one. One number for all of them, or one for each.",
            formula="size ≈ size / pool_size",
            initial=2,
        ),
        argument(
            "strides",
            Integers(length=rank, minimum=1, single=True, optional=True),
            "How far the window moves on each time. Empty: as far as pool_size, so that windows do not overlap.",
        ),
        argument(
            "padding",
            Choice(("valid", "same")),
            "What happens at the edges. valid: places that fill no whole window are dropped. same: they get a "
            "window of their own.",
            formula="valid: ⌊(size − pool_size) / strides⌋ + 1; same: ⌈size / strides⌉",
        ),
        data_format(f"(batch, {_PLACES[rank]}, features)", f"(batch, features, {_PLACES[rank]})"),
        *BASE,
    )

    def words(params: Mapping[str, Any]) -> str:
        return joined(
            f"window of {_times(params['pool_size'], rank)}",
            None if params["strides"] is None else f"every {_times(params['strides'], rank)}",
            params["padding"] if params["padding"] != "valid" else None,
        )

    return LayerType(
        kind=kind,
        family=Family.POOLING,
        summary=f"The {what} of each feature in every block of a {'frame' if rank == 2 else 'volume'}.",
        explanation=(
            f"Each frame is cut into blocks along {axes}, and of every feature only the {what} of each block "
            "stays, so the frame gets smaller. There are no weights. For sequences of frames, put it into a "
            "TimeDistributed.\n\n"
            f"y = {one} over the block, feature by feature"
        ),
        parameters=with_defaults(kind, parameters),
        rule=_pooled,
        words=words,
        keywords=("maximum" if largest else "average", "downsample", "image", "frame", "shrink"),
    )


def _globally(call: Call) -> tuple[TensorSpec, ...]:
    """(batch, …, features) to (batch, features), or with axes of length 1 with keepdims."""
    spec, places, features = _frame(call)
    kind = spec.kind if call.type.kind.startswith("GlobalMax") else "float"
    if call.type.kind.startswith("GlobalAverage"):
        real_numbers(call)
    if call.params["keepdims"]:
        sizes = tuple(1 if axis in places else size for axis, size in enumerate(spec.sizes))
        return (TensorSpec(sizes, spec.axes, kind),)
    kept = (0, features)
    return (
        TensorSpec(tuple(spec.sizes[axis] for axis in kept), tuple(spec.axes[axis] for axis in kept), kind),
    )


def _global_pooling(kind: str, largest: bool) -> LayerType:
    rank = int(kind[-2])
    what, one = ("largest number", "max") if largest else ("mean", "mean")
    places = _PLACES[rank]
    return LayerType(
        kind=kind,
        family=Family.POOLING,
        summary=f"The {what} of each feature over a whole {'frame' if rank == 2 else 'volume'}.",
        explanation=(
            f"Of every feature only its {what} over all places stays, so frames of any size become one vector "
            "of fixed size. After a ConvLSTM that gives its last output, it leads to a Dense. There are no "
            "weights.\n\n"
            f"y[k] = {one} over {places} of x[…, k]"
        ),
        parameters=with_defaults(
            kind,
            (
                argument(
                    "keepdims",
                    Flag(),
                    "Keeps the axes that were summed up, with length 1, instead of dropping them.",
                    formula=f"yes: (batch, {', '.join(['1'] * rank)}, features); no: (batch, features)",
                ),
                data_format(f"(batch, {places}, features)", f"(batch, features, {places})"),
                *BASE,
            ),
        ),
        rule=_globally,
        words=lambda params: joined("over the whole frame", "axes kept" if params["keepdims"] else None),
        keywords=("maximum" if largest else "average", "summary", "image", "frame", "to vector"),
    )


PLANE_POOLING = (
    *(_pooling(f"{name}Pooling{rank}D", name == "Max") for rank in (2, 3) for name in ("Max", "Average")),
    *(
        _global_pooling(f"Global{name}Pooling{rank}D", name == "Max")
        for rank in (2, 3)
        for name in ("Max", "Average")
    ),
)


def _convolved(call: Call) -> tuple[TensorSpec, tuple[int, ...], int, int]:
    """The input, the axes under the window, the features axis and the number of features, all checked."""
    real_numbers(call)
    spec, places, features = _frame(call)
    check_weights(call)
    params = call.params
    strides, dilation = per_axis(params["strides"], 2), per_axis(params["dilation_rate"], 2)
    if max(strides) > 1 and max(dilation) > 1:
        raise RuleError(
            "strides_and_dilation",
            f"Conv2D takes either strides or dilation_rate above 1, got {max(strides)} and {max(dilation)}. Set "
            "one of them to 1.",
            parameter="dilation_rate",
        )
    channels = known_features(call, spec, features)
    check_groups(call, channels)
    kernel = per_axis(params["kernel_size"], 2)
    for axis, window, apart in zip(places, kernel, dilation, strict=True):
        check_window(call, spec, axis, window, params["padding"], "kernel_size", apart)
    return spec, places, features, channels


def _conv_rule(call: Call) -> tuple[TensorSpec, ...]:
    """(batch, rows, columns, features) to (batch, places of the window, filters). The mask is lost."""
    spec, places, features, _ = _convolved(call)
    params = call.params
    sizes: list[Size] = list(spec.sizes)
    sizes[features] = params["filters"]
    kernel, strides, dilation = (
        per_axis(params[name], 2) for name in ("kernel_size", "strides", "dilation_rate")
    )
    for axis, window, stride, apart in zip(places, kernel, strides, dilation, strict=True):
        sizes[axis] = window_output(sizes[axis], window, stride, params["padding"], apart)
    return (TensorSpec(tuple(sizes), spec.axes),)


def _conv_count(call: Call) -> int:
    channels = _convolved(call)[3]
    params = call.params
    filters = params["filters"]
    window = prod(per_axis(params["kernel_size"], 2))
    seen = window * (channels // params["groups"])
    # The kernel is taken apart between all but its last axis and the filters.
    low_rank = (params["lora_rank"] or 0) * (seen + filters)
    return int(filters * (seen + params["use_bias"]) + low_rank)


def _conv_words(params: Mapping[str, Any]) -> str:
    strides = params["strides"]
    return joined(
        counted(params["filters"], "filter", grouped=False),
        f"window of {_times(params['kernel_size'], 2)}",
        f"every {_times(strides, 2)}" if max(per_axis(strides, 2)) > 1 else None,
        params["padding"] if params["padding"] != "valid" else None,
        params["activation"],
    )


def _window(name: str, text: str, formula: str = "", initial: Any = None) -> Parameter:
    return argument(name, Integers(length=2, minimum=1, single=True), text, formula=formula, initial=initial)


CONV_2D = LayerType(
    kind="Conv2D",
    family=Family.CONVOLUTION,
    summary="Slides a window over a picture and looks for learned patterns.",
    explanation=(
        "Each filter is a small pattern of weights that is laid over every place of the picture; the output "
        "says how well it fits there. After a ConvLSTM it turns the filters of each pixel into what is asked "
        "for. For sequences of pictures, put it into a TimeDistributed. The mask is lost.\n\n"
        "y[r, c] = activation(Σᵢⱼ x[r + i, c + j]·W[i, j] + b)"
    ),
    parameters=with_defaults(
        "Conv2D",
        (
            units(
                "How many patterns are looked for: the size of the output's features axis.",
                "weights: filters · (window · features / groups + 1)",
                name="filters",
            ),
            _window(
                "kernel_size",
                "How many rows and columns a pattern covers: one number for both, or two numbers.",
                initial=3,
            ),
            _window(
                "strides", "How far the window moves on each time, down and across. 2 halves the picture."
            ),
            argument(
                "padding",
                Choice(("valid", "same")),
                "What happens at the edges. valid: only whole windows, so the picture gets smaller. same: zeros "
                "around it, so the size stays (with strides 1).",
            ),
            _window(
                "dilation_rate",
                "The distance between the places that the window looks at. Above 1, strides must be 1.",
            ),
            CONV_1D.by_name["groups"],
            CONV_1D.by_name["activation"],
            use_bias("Adds a learned constant to each filter.", "adds filters weights"),
            regularizer("kernel_regularizer", "the kernel (rows × columns × features × filters)", 4),
            regularizer("bias_regularizer", "the bias", 1),
            initializer("kernel_initializer", "the kernel (rows × columns × features × filters)", 4),
            initializer("bias_initializer", "the bias (one number per filter)", 1),
            CONV_1D.by_name["kernel_constraint"],
            CONV_1D.by_name["bias_constraint"],
            data_format("(batch, rows, columns, features)", "(batch, features, rows, columns)"),
            *lora("the kernel", "adds lora_rank · (window · features + filters) weights"),
            *BASE,
        ),
    ),
    rule=_conv_rule,
    count=_conv_count,
    words=_conv_words,
    keywords=("convolution", "cnn", "image", "picture", "frame", "filter"),
)

PLANE_CONVOLUTION = (CONV_2D,)
