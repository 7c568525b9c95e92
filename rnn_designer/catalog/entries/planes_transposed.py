"""The convolutions that make pictures and volumes larger: Conv2DTranspose and Conv3DTranspose."""

from math import prod
from typing import Any

from rnn_designer.catalog.entries.convolution import CONV_1D
from rnn_designer.catalog.entries.further_convolutions import transposed_size
from rnn_designer.catalog.entries.planes import (
    PLACES,
    check_strides_and_dilation,
    conv_words,
    frame_of,
    plane_window,
    rank_of,
)
from rnn_designer.catalog.keras_arguments import argument, with_defaults
from rnn_designer.catalog.parameters import Choice, Integers
from rnn_designer.catalog.rules import check_weights, known_features, per_axis, real_numbers
from rnn_designer.catalog.shared import BASE, data_format, initializer, regularizer, units, use_bias
from rnn_designer.catalog.tensors import Size, TensorSpec
from rnn_designer.catalog.types import Call, Family, LayerType, RuleError


def _checked(call: Call) -> tuple[TensorSpec, tuple[int, ...], int, int]:
    """The input, the axes under the window, the features axis and the number of features, all checked."""
    real_numbers(call)
    spec, places, features = frame_of(call)
    check_weights(call)
    check_strides_and_dilation(call)
    params, rank = call.params, rank_of(call)
    extra = params["output_padding"]
    if extra is not None:
        for added, stride in zip(per_axis(extra, rank), per_axis(params["strides"], rank), strict=True):
            if added >= stride:
                raise RuleError(
                    "output_padding",
                    f"{call.type.kind} needs an output_padding smaller than strides ({stride}), got {added}. "
                    "Leave it empty, or make strides larger.",
                    parameter="output_padding",
                )
    return spec, places, features, known_features(call, spec, features)


def _rule(call: Call) -> tuple[TensorSpec, ...]:
    """(batch, …, features) to (batch, about strides times as much, filters). The mask is lost."""
    spec, places, features, _ = _checked(call)
    params, rank = call.params, rank_of(call)
    sizes: list[Size] = list(spec.sizes)
    sizes[features] = params["filters"]
    kernel, strides, dilation = (
        per_axis(params[name], rank) for name in ("kernel_size", "strides", "dilation_rate")
    )
    extra: Any = params["output_padding"]
    extras = (None,) * rank if extra is None else per_axis(extra, rank)
    for axis, window, stride, apart, added in zip(places, kernel, strides, dilation, extras, strict=True):
        sizes[axis] = transposed_size(sizes[axis], params["padding"], window, stride, apart, added)
    return (TensorSpec(tuple(sizes), spec.axes),)


def _count(call: Call) -> int:
    channels = _checked(call)[3]
    params = call.params
    window = prod(per_axis(params["kernel_size"], rank_of(call)))
    return int(params["filters"] * (window * channels + params["use_bias"]))


def _transposed(rank: int) -> LayerType:
    kind, places = f"Conv{rank}DTranspose", PLACES[rank]
    frame = "picture" if rank == 2 else "volume"
    kernel = f"the kernel ({places.replace(', ', ' × ')} × filters × features)"
    return LayerType(
        kind=kind,
        family=Family.CONVOLUTION,
        summary=f"A convolution the other way round: it makes a {frame} larger with learned weights.",
        explanation=(
            f"Each place of the {frame} is spread over a window of places, and where windows overlap they are "
            f"added up. With strides 2 the {frame} gets twice as large along {places}: the way back in an "
            "autoencoder. For sequences of frames, put it into a TimeDistributed. The mask is lost.\n\n"
            "y[p · strides + i] += x[p]·W[i];  y = activation(y + b)"
        ),
        parameters=with_defaults(
            kind,
            (
                units(
                    "How many features come out: the size of the output's features axis.",
                    "weights: filters · (window · features + 1)",
                    name="filters",
                ),
                plane_window(
                    rank,
                    "kernel_size",
                    f"Over how many places each place of the input is spread along {places}.",
                    initial=3,
                ),
                plane_window(
                    rank,
                    "strides",
                    f"How far apart the windows of neighbouring places begin: 2 doubles the {frame}.",
                    "size ≈ size · strides",
                ),
                argument(
                    "padding",
                    Choice(("valid", "same")),
                    "Where the output ends. valid: with the last window, so it is a little larger. same: exactly "
                    "strides times as large.",
                    formula="same: size · strides; valid: (size − 1) · strides + kernel_size",
                ),
                argument(
                    "output_padding",
                    Integers(length=rank, minimum=0, single=True, optional=True),
                    "How many places are added at the far edges, fewer than strides. Empty: worked out from padding.",
                    group="behaviour",
                ),
                plane_window(
                    rank,
                    "dilation_rate",
                    "The distance between the places that a window covers. Above 1, strides must be 1.",
                ),
                CONV_1D.by_name["activation"],
                use_bias("Adds a learned constant to each filter.", "adds filters weights"),
                regularizer("kernel_regularizer", kernel, rank + 2),
                regularizer("bias_regularizer", "the bias", 1),
                initializer("kernel_initializer", kernel, rank + 2),
                initializer("bias_initializer", "the bias (one number per filter)", 1),
                CONV_1D.by_name["kernel_constraint"],
                CONV_1D.by_name["bias_constraint"],
                data_format(f"(batch, {places}, features)", f"(batch, features, {places})"),
                *BASE,
            ),
        ),
        rule=_rule,
        count=_count,
        words=conv_words(rank),
        keywords=("deconvolution", "upsample", "enlarge", "decoder", "cnn", frame),
    )


PLANE_TRANSPOSED = tuple(_transposed(rank) for rank in (2, 3))
