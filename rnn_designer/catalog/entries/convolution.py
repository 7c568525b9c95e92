"""The layer that slides a window along a sequence: Conv1D."""

from collections.abc import Mapping
from typing import Any

from rnn_designer.catalog.keras_arguments import argument, with_defaults
from rnn_designer.catalog.parameters import Choice, Integer, Integers
from rnn_designer.catalog.rules import (
    check_groups,
    check_weights,
    check_window,
    expect_rank,
    joined,
    known_features,
    real_numbers,
    single,
    time_and_features,
    window_output,
)
from rnn_designer.catalog.shared import (
    BASE,
    LARGEST_UNITS,
    activation,
    constraint,
    data_format,
    initializer,
    lora,
    regularizer,
    units,
    use_bias,
)
from rnn_designer.catalog.tensors import TensorSpec
from rnn_designer.catalog.types import Call, Family, LayerType, RuleError
from rnn_designer.wording import counted


def windowed_sequence(call: Call) -> tuple[TensorSpec, int, int, int]:
    """A sequence for a window to slide along: its tensor, its time axis, its features axis, and how many features."""
    spec = real_numbers(call)
    expect_rank(
        call,
        spec,
        3,
        "a sequence (batch, time, features)",
        "Set return_sequences in the layer before it, or add the missing axis with Reshape.",
    )
    check_weights(call)
    params = call.params
    strides, dilation = single(params["strides"]), single(params["dilation_rate"])
    if strides > 1 and dilation > 1:
        raise RuleError(
            "strides_and_dilation",
            f"{call.type.kind} takes either strides or dilation_rate above 1, got {strides} and {dilation}. "
            "Set one of them to 1.",
            parameter="dilation_rate",
        )
    time, features = time_and_features(params)
    return spec, time, features, known_features(call, spec, features)


def _checked(call: Call) -> tuple[TensorSpec, int, int, int]:
    """The input, the number of its time axis, that of its features axis, and the number of features."""
    spec, time, features, channels = windowed_sequence(call)
    params = call.params
    check_groups(call, channels)
    check_window(
        call,
        spec,
        time,
        single(params["kernel_size"]),
        params["padding"],
        "kernel_size",
        single(params["dilation_rate"]),
    )
    return spec, time, features, channels


def _rule(call: Call) -> tuple[TensorSpec, ...]:
    """(batch, time, features) to (batch, places of the window, filters). The mask is lost."""
    spec, time, features, _ = _checked(call)
    params = call.params
    sizes = list(spec.sizes)
    sizes[time] = window_output(
        spec.sizes[time],
        single(params["kernel_size"]),
        single(params["strides"]),
        params["padding"],
        single(params["dilation_rate"]),
    )
    sizes[features] = params["filters"]
    return (TensorSpec(tuple(sizes), spec.axes, "float"),)


def _count(call: Call) -> int:
    _, _, _, channels = _checked(call)
    params = call.params
    filters = params["filters"]
    seen = single(params["kernel_size"]) * (channels // params["groups"])
    low_rank = (params["lora_rank"] or 0) * (seen + filters)
    return int(filters * (seen + params["use_bias"]) + low_rank)


def _words(params: Mapping[str, Any]) -> str:
    strides, dilation = single(params["strides"]), single(params["dilation_rate"])
    return joined(
        counted(params["filters"], "filter", grouped=False),
        f"window of {single(params['kernel_size'])}",
        f"every {strides} steps" if strides > 1 else None,
        f"{dilation} apart" if dilation > 1 else None,
        params["padding"] if params["padding"] != "valid" else None,
        params["activation"],
    )


CONV_1D = LayerType(
    kind="Conv1D",
    family=Family.CONVOLUTION,
    summary="Slides a window along the sequence and looks for learned short patterns.",
    explanation=(
        "Each filter is a short pattern, kernel_size steps long. It is laid over the sequence at every "
        "place, and how well it fits there is the output. It sees only what is inside its window, all "
        "places at once, so it is fast and a good first layer before a recurrent one, which then has fewer "
        "steps to remember.\n\n"
        "y[t, k] = activation(Σⱼ x[t + j]·W[j, :, k] + b[k])"
    ),
    parameters=with_defaults(
        "Conv1D",
        (
            units(
                "How many patterns are looked for: the size of the output's last axis.",
                "weights: filters · (kernel_size · features + 1)",
                name="filters",
            ),
            argument(
                "kernel_size",
                Integers(length=1, minimum=1, single=True),
                "How many steps the window covers. With padding valid it must not be longer than the "
                "sequence.",
                formula="valid: time − kernel_size + 1 places",
                initial=3,
            ),
            argument(
                "strides",
                Integers(length=1, minimum=1, single=True),
                "How many steps the window moves on each time. 2 halves the length of the sequence.",
                formula="time ≈ time / strides",
            ),
            argument(
                "padding",
                Choice(("valid", "same", "causal")),
                "What happens at the ends. valid: only whole windows, so the sequence gets shorter. same: "
                "zeros on both sides, so the length stays (with strides 1). causal: zeros in front only, "
                "so no step sees the future.",
            ),
            argument(
                "dilation_rate",
                Integers(length=1, minimum=1, single=True),
                "The distance between the steps that the window looks at: 2 looks at every second one, so "
                "it reaches further with as many weights. Above 1, strides must be 1.",
                formula="reach: dilation_rate · (kernel_size − 1) + 1 steps",
            ),
            argument(
                "groups",
                Integer(minimum=1, maximum=LARGEST_UNITS),
                "Splits features and filters into this many groups that do not see each other. Both must "
                "be divisible by it.",
                formula="weights: filters · (kernel_size · features / groups + 1)",
            ),
            activation(
                "activation",
                "The function each fit goes through; relu is usual. None leaves it as it is.",
                "y = activation(…)",
            ),
            use_bias("Adds a learned constant to each filter.", "adds filters weights"),
            regularizer("kernel_regularizer", "the kernel (kernel_size × features × filters)", 3),
            regularizer("bias_regularizer", "the bias", 1),
            initializer("kernel_initializer", "the kernel (kernel_size × features × filters)", 3),
            initializer("bias_initializer", "the bias (one number per filter)", 1),
            constraint("kernel_constraint", "the kernel"),
            constraint("bias_constraint", "the bias"),
            data_format(),
            *lora("the kernel", "adds lora_rank · (kernel_size · features + filters) weights"),
            *BASE,
        ),
    ),
    rule=_rule,
    count=_count,
    words=_words,
    keywords=("convolution", "cnn", "filter", "kernel", "window", "temporal"),
)

CONVOLUTION = (CONV_1D,)
