"""The relatives of Conv1D: with separate windows per feature, and the one that lengthens a sequence."""

from collections.abc import Mapping
from typing import Any

from rnn_designer.catalog.entries.convolution import windowed_sequence
from rnn_designer.catalog.keras_arguments import argument, with_defaults
from rnn_designer.catalog.parameters import Choice, Integer, Integers, Parameter
from rnn_designer.catalog.rules import (
    check_window,
    joined,
    single,
    window_output,
)
from rnn_designer.catalog.shared import (
    BASE,
    LARGEST_UNITS,
    activation,
    constraint,
    data_format,
    initializer,
    regularizer,
    units,
    use_bias,
)
from rnn_designer.catalog.tensors import Size, TensorSpec
from rnn_designer.catalog.types import Call, Family, LayerType, RuleError
from rnn_designer.wording import counted


def _with(spec: TensorSpec, time: int, steps: Size, features: int, size: int) -> tuple[TensorSpec, ...]:
    """The same batch with another number of steps and features. The mask is lost."""
    sizes = list(spec.sizes)
    sizes[time], sizes[features] = steps, size
    return (TensorSpec(tuple(sizes), spec.axes),)


def _kernel_size(what: str, formula: str = "") -> Parameter:
    return argument(
        "kernel_size",
        Integers(length=1, minimum=1, single=True),
        what,
        formula=formula,
        initial=3,
    )


def _strides(what: str, formula: str) -> Parameter:
    return argument("strides", Integers(length=1, minimum=1, single=True), what, formula=formula)


_SLIDING_STRIDES = _strides(
    "How many steps the window moves on each time. 2 halves the length of the sequence.",
    "time ≈ time / strides",
)
_PADDING = argument(
    "padding",
    Choice(("valid", "same")),
    "What happens at the ends. valid: only whole windows, so the sequence gets shorter. same: zeros on both "
    "sides, so the length stays (with strides 1).",
)
_DILATION = argument(
    "dilation_rate",
    Integers(length=1, minimum=1, single=True),
    "The distance between the steps that the window looks at: 2 looks at every second one. Above 1, strides "
    "must be 1.",
    formula="reach: dilation_rate · (kernel_size − 1) + 1 steps",
)
_DEPTH = argument(
    "depth_multiplier",
    Integer(minimum=1, maximum=LARGEST_UNITS),
    "How many windows each feature gets for itself.",
    formula="features · depth_multiplier numbers per place",
)
_ACTIVATION = activation(
    "activation",
    "The function each sum goes through; relu is usual. None leaves it as it is.",
    "y = activation(…)",
)


def _slid(call: Call) -> tuple[TensorSpec, int, int, int, Size]:
    """As ``_sequence``, and the number of places of the window."""
    spec, time, features, channels = windowed_sequence(call)
    params = call.params
    window, dilation = single(params["kernel_size"]), single(params["dilation_rate"])
    check_window(call, spec, time, window, params["padding"], "kernel_size", dilation)
    places = window_output(spec.sizes[time], window, single(params["strides"]), params["padding"], dilation)
    return spec, time, features, channels, places


def _window_words(params: Mapping[str, Any]) -> str:
    strides, dilation = single(params["strides"]), single(params["dilation_rate"])
    return joined(
        counted(params["filters"], "filter", grouped=False) if "filters" in params else None,
        f"window of {single(params['kernel_size'])}",
        f"every {strides} steps" if strides > 1 else None,
        f"dilation {dilation}" if dilation > 1 else None,
        params["padding"] if params["padding"] != "valid" else None,
        params["activation"],
    )


def _separable_rule(call: Call) -> tuple[TensorSpec, ...]:
    """(batch, time, features) to (batch, places of the window, filters)."""
    spec, time, features, _, places = _slid(call)
    return _with(spec, time, places, features, call.params["filters"])


def _separable_count(call: Call) -> int:
    channels = _slid(call)[3] * call.params["depth_multiplier"]
    window, filters = single(call.params["kernel_size"]), call.params["filters"]
    return int(channels * window + channels * filters + filters * call.params["use_bias"])


SEPARABLE_CONV = LayerType(
    kind="SeparableConv1D",
    family=Family.CONVOLUTION,
    summary="A lighter Conv1D: first along time for each feature, then across features.",
    explanation=(
        "Conv1D in two parts. First each feature gets windows of its own along time; then every filter "
        "weighs what came out, step by step. That takes far fewer weights than doing both at once, and "
        "often learns as well. The mask is lost.\n\n"
        "z[t, k, j] = Σᵢ x[t + i, k] · D[i, k, j];  y[t] = activation(z[t]·P + b)"
    ),
    parameters=with_defaults(
        "SeparableConv1D",
        (
            units(
                "How many patterns are looked for: the size of the output's features axis.",
                "weights: features · depth_multiplier · (kernel_size + filters) + filters",
                name="filters",
            ),
            _kernel_size("How many steps each window sees at once."),
            _SLIDING_STRIDES,
            _PADDING,
            _DILATION,
            _DEPTH,
            _ACTIVATION,
            use_bias("Adds a learned constant to each filter.", "adds filters weights"),
            regularizer(
                "depthwise_regularizer", "the windows (kernel_size × features × depth_multiplier)", 3
            ),
            regularizer("pointwise_regularizer", "the weights across features", 3),
            regularizer("bias_regularizer", "the bias", 1),
            initializer(
                "depthwise_initializer", "the windows (kernel_size × features × depth_multiplier)", 3
            ),
            initializer("pointwise_initializer", "the weights across features (1 × windows × filters)", 3),
            initializer("bias_initializer", "the bias (one number per filter)", 1),
            constraint("depthwise_constraint", "the windows"),
            constraint("pointwise_constraint", "the weights across features"),
            constraint("bias_constraint", "the bias"),
            data_format(),
            *BASE,
        ),
    ),
    rule=_separable_rule,
    count=_separable_count,
    words=_window_words,
    keywords=("convolution", "cnn", "separable", "depthwise", "pointwise", "window"),
)


def _depthwise_rule(call: Call) -> tuple[TensorSpec, ...]:
    """(batch, time, features) to (batch, places of the window, features · depth_multiplier)."""
    spec, time, features, channels, places = _slid(call)
    return _with(spec, time, places, features, channels * call.params["depth_multiplier"])


def _depthwise_count(call: Call) -> int:
    channels = _slid(call)[3] * call.params["depth_multiplier"]
    return int(channels * (single(call.params["kernel_size"]) + call.params["use_bias"]))


DEPTHWISE_CONV = LayerType(
    kind="DepthwiseConv1D",
    family=Family.CONVOLUTION,
    summary="Slides a window along each feature by itself.",
    explanation=(
        "Each feature gets one or more windows of its own and never sees the others: a set of learned "
        "moving averages, one for each signal. It smooths or sharpens several series at once with very few "
        "weights. The mask is lost.\n\n"
        "y[t, k, j] = activation(Σᵢ x[t + i, k] · D[i, k, j] + b[k, j])"
    ),
    parameters=with_defaults(
        "DepthwiseConv1D",
        (
            _kernel_size(
                "How many steps each window sees at once.",
                "weights: features · depth_multiplier · (kernel_size + 1)",
            ),
            _SLIDING_STRIDES,
            _PADDING,
            _DEPTH,
            _DILATION,
            _ACTIVATION,
            use_bias("Adds a learned constant to each window.", "adds features · depth_multiplier weights"),
            regularizer(
                "depthwise_regularizer", "the windows (kernel_size × features × depth_multiplier)", 3
            ),
            regularizer("bias_regularizer", "the bias", 1),
            initializer(
                "depthwise_initializer", "the windows (kernel_size × features × depth_multiplier)", 3
            ),
            initializer("bias_initializer", "the bias (one number per window)", 1),
            constraint("depthwise_constraint", "the windows"),
            constraint("bias_constraint", "the bias"),
            data_format(),
            *BASE,
        ),
    ),
    rule=_depthwise_rule,
    count=_depthwise_count,
    words=_window_words,
    keywords=("convolution", "cnn", "channel", "moving average", "filter", "window"),
)


def _checked_transpose(call: Call) -> tuple[TensorSpec, int, int, int]:
    spec, time, features, channels = windowed_sequence(call)
    params = call.params
    strides, extra = single(params["strides"]), params["output_padding"]
    if extra is not None and single(extra) >= strides:
        raise RuleError(
            "output_padding",
            f"Conv1DTranspose needs an output_padding smaller than strides ({strides}), got {single(extra)}. "
            "Leave it empty, or make strides larger.",
            parameter="output_padding",
        )
    return spec, time, features, channels


def transposed_size(
    size: Size, padding: str, kernel: int, strides: int, dilation: int, extra: int | None
) -> Size:
    """How long an axis gets by a transposed convolution; ``extra`` is its output_padding."""
    if size is None:
        return None
    window = dilation * (kernel - 1) + 1
    if padding == "valid":
        behind = max(window, strides) - window if extra is None else extra
        return (size - 1) * strides + window + behind
    return size * strides if extra is None else (size - 1) * strides + window % 2 + extra


def _transpose_rule(call: Call) -> tuple[TensorSpec, ...]:
    """(batch, time, features) to (batch, about strides · time, filters)."""
    spec, time, features, _ = _checked_transpose(call)
    params = call.params
    steps = transposed_size(
        spec.sizes[time],
        params["padding"],
        single(params["kernel_size"]),
        single(params["strides"]),
        single(params["dilation_rate"]),
        None if params["output_padding"] is None else single(params["output_padding"]),
    )
    return _with(spec, time, steps, features, params["filters"])


def _transpose_count(call: Call) -> int:
    channels = _checked_transpose(call)[3]
    params = call.params
    return int(params["filters"] * (single(params["kernel_size"]) * channels + params["use_bias"]))


CONV_TRANSPOSE = LayerType(
    kind="Conv1DTranspose",
    family=Family.CONVOLUTION,
    summary="A convolution the other way round: it makes a sequence longer with learned weights.",
    explanation=(
        "Where Conv1D makes one number of a window of steps, this makes a window of steps of each one, and "
        "adds up where the windows overlap. With strides 2 the sequence gets twice as long: the way back in "
        "an autoencoder. The mask is lost.\n\n"
        "y[t · strides + i] += x[t]·W[i];  y = activation(y + b)"
    ),
    parameters=with_defaults(
        "Conv1DTranspose",
        (
            units(
                "How many features come out: the size of the output's features axis.",
                "weights: filters · (kernel_size · features + 1)",
                name="filters",
            ),
            _kernel_size("How many steps each step of the input is spread over."),
            _strides(
                "How far apart the windows of neighbouring steps begin: 2 doubles the length of the sequence.",
                "time ≈ time · strides",
            ),
            argument(
                "padding",
                Choice(("valid", "same")),
                "Where the output ends. valid: with the last window, so it is a little longer. same: exactly "
                "strides times as long.",
                formula="same: time · strides; valid: (time − 1) · strides + kernel_size",
            ),
            argument(
                "output_padding",
                Integers(length=1, minimum=0, single=True, optional=True),
                "How many steps are added at the end, fewer than strides. Empty: worked out from padding.",
                group="behaviour",
            ),
            _DILATION,
            _ACTIVATION,
            use_bias("Adds a learned constant to each filter.", "adds filters weights"),
            regularizer("kernel_regularizer", "the kernel (kernel_size × filters × features)", 3),
            regularizer("bias_regularizer", "the bias", 1),
            initializer("kernel_initializer", "the kernel (kernel_size × filters × features)", 3),
            initializer("bias_initializer", "the bias (one number per filter)", 1),
            constraint("kernel_constraint", "the kernel"),
            constraint("bias_constraint", "the bias"),
            data_format(),
            *BASE,
        ),
    ),
    rule=_transpose_rule,
    count=_transpose_count,
    words=_window_words,
    keywords=("deconvolution", "upsample", "lengthen", "decoder", "cnn"),
)

FURTHER_CONVOLUTIONS = (SEPARABLE_CONV, DEPTHWISE_CONV, CONV_TRANSPOSE)
