"""The layers for pictures and volumes, which follow a ConvLSTM: convolutions and pooling over two and three axes."""

from collections.abc import Callable, Mapping
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

PLACES = {2: "rows, columns", 3: "depth, rows, columns"}
"""The axes of a frame, by their number, in words."""


def rank_of(call: Call) -> int:
    """Along how many axes the layer's window slides, or how many it changes."""
    return next(int(each) for each in call.type.kind if each.isdigit())


def frame_of(call: Call) -> tuple[TensorSpec, tuple[int, ...], int]:
    """The input, the numbers of the axes that a window slides along, and that of the features."""
    spec, rank = call.inputs[0], rank_of(call)
    expect_rank(
        call,
        spec,
        rank + 2,
        f"one frame per sample (batch, {PLACES[rank]}, features)",
        "For a sequence of frames, wrap the layer in TimeDistributed; otherwise bring the tensor into that "
        "shape with Reshape.",
    )
    places, features = spatial_axes(call.params, rank)
    return spec, places, features


def times(value: int | tuple[int, ...], rank: int) -> str:
    """A size in words: ``3×5``, and ``3×3`` for one number."""
    return "×".join(map(str, per_axis(value, rank)))


def _pooled(call: Call) -> tuple[TensorSpec, ...]:
    """(batch, …, features) to (batch, places of the window, features). The mask is lost."""
    spec, places, _ = frame_of(call)
    if call.type.kind.startswith("Average"):
        real_numbers(call)
    params, rank = call.params, rank_of(call)
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
        data_format(f"(batch, {PLACES[rank]}, features)", f"(batch, features, {PLACES[rank]})"),
        *BASE,
    )

    def words(params: Mapping[str, Any]) -> str:
        return joined(
            f"window of {times(params['pool_size'], rank)}",
            None if params["strides"] is None else f"every {times(params['strides'], rank)}",
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
    spec, places, features = frame_of(call)
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
    places = PLACES[rank]
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
    spec, places, features = frame_of(call)
    check_weights(call)
    check_strides_and_dilation(call)
    params, rank = call.params, rank_of(call)
    channels = known_features(call, spec, features)
    check_groups(call, channels)
    kernel, dilation = per_axis(params["kernel_size"], rank), per_axis(params["dilation_rate"], rank)
    for axis, window, apart in zip(places, kernel, dilation, strict=True):
        check_window(call, spec, axis, window, params["padding"], "kernel_size", apart)
    return spec, places, features, channels


def check_strides_and_dilation(call: Call) -> None:
    """Refuse a window that both leaps and is spread."""
    rank = rank_of(call)
    strides, dilation = per_axis(call.params["strides"], rank), per_axis(call.params["dilation_rate"], rank)
    if max(strides) > 1 and max(dilation) > 1:
        raise RuleError(
            "strides_and_dilation",
            f"{call.type.kind} takes either strides or dilation_rate above 1, got {max(strides)} and "
            f"{max(dilation)}. Set one of them to 1.",
            parameter="dilation_rate",
        )


def _conv_rule(call: Call) -> tuple[TensorSpec, ...]:
    """(batch, …, features) to (batch, places of the window, filters). The mask is lost."""
    spec, places, features, _ = _convolved(call)
    params, rank = call.params, rank_of(call)
    sizes: list[Size] = list(spec.sizes)
    sizes[features] = params["filters"]
    kernel, strides, dilation = (
        per_axis(params[name], rank) for name in ("kernel_size", "strides", "dilation_rate")
    )
    for axis, window, stride, apart in zip(places, kernel, strides, dilation, strict=True):
        sizes[axis] = window_output(sizes[axis], window, stride, params["padding"], apart)
    return (TensorSpec(tuple(sizes), spec.axes),)


def _conv_count(call: Call) -> int:
    channels = _convolved(call)[3]
    params = call.params
    filters = params["filters"]
    window = prod(per_axis(params["kernel_size"], rank_of(call)))
    seen = window * (channels // params["groups"])
    # The kernel is taken apart between all but its last axis and the filters.
    low_rank = (params["lora_rank"] or 0) * (seen + filters)
    return int(filters * (seen + params["use_bias"]) + low_rank)


def conv_words(rank: int) -> Callable[[Mapping[str, Any]], str]:
    """The line on the box of a convolution along that many axes."""

    def words(params: Mapping[str, Any]) -> str:
        strides = params["strides"]
        return joined(
            counted(params["filters"], "filter", grouped=False),
            f"window of {times(params['kernel_size'], rank)}",
            f"every {times(strides, rank)}" if max(per_axis(strides, rank)) > 1 else None,
            params["padding"] if params["padding"] != "valid" else None,
            params["activation"],
        )

    return words


def plane_window(rank: int, name: str, text: str, formula: str = "", initial: Any = None) -> Parameter:
    """A size of a window: one number, or one for each axis."""
    return argument(
        name, Integers(length=rank, minimum=1, single=True), text, formula=formula, initial=initial
    )


def _convolution(rank: int, summary: str, explanation: str, keywords: tuple[str, ...]) -> LayerType:
    kind, places = f"Conv{rank}D", PLACES[rank]
    frame, each = ("picture", "two") if rank == 2 else ("volume", "three")
    kernel = f"the kernel ({places.replace(', ', ' × ')} × features × filters)"
    return LayerType(
        kind=kind,
        family=Family.CONVOLUTION,
        summary=summary,
        explanation=explanation,
        parameters=with_defaults(
            kind,
            (
                units(
                    "How many patterns are looked for: the size of the output's features axis.",
                    "weights: filters · (window · features / groups + 1)",
                    name="filters",
                ),
                plane_window(
                    rank,
                    "kernel_size",
                    f"How far a pattern reaches along {places}: one number for all, or {each} numbers.",
                    initial=3,
                ),
                plane_window(
                    rank,
                    "strides",
                    f"How far the window moves on each time along {places}. 2 halves the {frame}.",
                ),
                argument(
                    "padding",
                    Choice(("valid", "same")),
                    f"What happens at the edges. valid: only whole windows, so the {frame} gets smaller. same: "
                    "zeros around it, so the size stays (with strides 1).",
                ),
                plane_window(
                    rank,
                    "dilation_rate",
                    "The distance between the places that the window looks at. Above 1, strides must be 1.",
                ),
                CONV_1D.by_name["groups"],
                CONV_1D.by_name["activation"],
                use_bias("Adds a learned constant to each filter.", "adds filters weights"),
                regularizer("kernel_regularizer", kernel, rank + 2),
                regularizer("bias_regularizer", "the bias", 1),
                initializer("kernel_initializer", kernel, rank + 2),
                initializer("bias_initializer", "the bias (one number per filter)", 1),
                CONV_1D.by_name["kernel_constraint"],
                CONV_1D.by_name["bias_constraint"],
                data_format(f"(batch, {places}, features)", f"(batch, features, {places})"),
                *lora("the kernel", "adds lora_rank · (window · features + filters) weights"),
                *BASE,
            ),
        ),
        rule=_conv_rule,
        count=_conv_count,
        words=conv_words(rank),
        keywords=("convolution", "cnn", "frame", "filter", *keywords),
    )


CONV_2D = _convolution(
    2,
    "Slides a window over a picture and looks for learned patterns.",
    "Each filter is a small pattern of weights that is laid over every place of the picture; the output "
    "says how well it fits there. After a ConvLSTM it turns the filters of each pixel into what is asked "
    "for. For sequences of pictures, put it into a TimeDistributed. The mask is lost.\n\n"
    "y[r, c] = activation(Σᵢⱼ x[r + i, c + j]·W[i, j] + b)",
    ("image", "picture"),
)
CONV_3D = _convolution(
    3,
    "Slides a block over a volume, or over the pictures of a sequence.",
    "Each filter is a small block of weights that is laid over every place of a volume. A sequence of pictures "
    "counts as one too, with time for its depth: after ConvLSTM2D layers that return sequences it makes each "
    "output picture from the filters of a few steps around it. It looks ahead as far as it looks back. The mask "
    "is lost.\n\n"
    "y[d, r, c] = activation(Σᵢⱼₖ x[d + i, r + j, c + k]·W[i, j, k] + b)",
    ("volume", "voxel", "video", "movie"),
)

PLANE_CONVOLUTION = (CONV_2D, CONV_3D)
