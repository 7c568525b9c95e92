"""The layers that sum up stretches of a sequence, or all of it."""

from collections.abc import Mapping
from typing import Any

from rnn_designer.catalog.keras_arguments import argument, with_defaults
from rnn_designer.catalog.parameters import Choice, Flag, Integers, Parameter
from rnn_designer.catalog.rules import (
    check_window,
    expect_rank,
    joined,
    real_numbers,
    single,
    time_and_features,
    window_output,
)
from rnn_designer.catalog.shared import BASE, data_format
from rnn_designer.catalog.tensors import TensorSpec
from rnn_designer.catalog.types import Call, Family, LayerType


def _sequence(call: Call) -> TensorSpec:
    spec = call.inputs[0]
    expect_rank(
        call,
        spec,
        3,
        "a sequence (batch, time, features)",
        "Set return_sequences in the layer before it, or leave this layer out.",
    )
    return spec


def _window_rule(call: Call) -> tuple[TensorSpec, ...]:
    """(batch, time, features) to (batch, places of the window, features). The mask is lost."""
    spec = _sequence(call)
    if call.type.kind == "AveragePooling1D":
        real_numbers(call)
    time, _ = time_and_features(call.params)
    window = single(call.params["pool_size"])
    padding = call.params["padding"]
    strides = call.params["strides"]
    check_window(call, spec, time, window, padding, "pool_size")
    sizes = list(spec.sizes)
    sizes[time] = window_output(
        spec.sizes[time], window, window if strides is None else single(strides), padding
    )
    return (TensorSpec(tuple(sizes), spec.axes, spec.kind),)


def _window_words(params: Mapping[str, Any]) -> str:
    strides = params["strides"]
    return joined(
        f"window of {single(params['pool_size'])}",
        None if strides is None else f"every {single(strides)}",
        params["padding"] if params["padding"] != "valid" else None,
    )


def _window_parameters(kind: str, result: str) -> tuple[Parameter, ...]:
    return with_defaults(
        kind,
        (
            argument(
                "pool_size",
                Integers(length=1, minimum=1, single=True),
                f"How many steps become one, {result}. 2 halves the length of the sequence.",
                formula="time ≈ time / pool_size",
                initial=2,
            ),
            argument(
                "strides",
                Integers(length=1, minimum=1, single=True, optional=True),
                "How many steps the window moves on each time. Empty: as many as pool_size, so that "
                "windows do not overlap.",
            ),
            argument(
                "padding",
                Choice(("valid", "same")),
                "What happens at the end. valid: steps that fill no whole window are dropped. same: they "
                "get a window of their own.",
                formula="valid: ⌊(time − pool_size) / strides⌋ + 1; same: ⌈time / strides⌉",
            ),
            data_format(),
            *BASE,
        ),
    )


MAX_POOLING = LayerType(
    kind="MaxPooling1D",
    family=Family.POOLING,
    summary="Keeps the largest number of each few steps and shortens the sequence.",
    explanation=(
        "The sequence is cut into windows, and of each feature only the largest number in each window "
        "stays: whether something occurred there, not exactly when. The layer has no weights.\n\n"
        "y[t, k] = max(x[t·strides … t·strides + pool_size − 1, k])"
    ),
    parameters=_window_parameters("MaxPooling1D", "the largest number of each feature"),
    rule=_window_rule,
    words=_window_words,
    keywords=("maximum", "downsample", "shorten", "subsample"),
)

AVERAGE_POOLING = LayerType(
    kind="AveragePooling1D",
    family=Family.POOLING,
    summary="Replaces each few steps by their mean and shortens the sequence.",
    explanation=(
        "The sequence is cut into windows, and each becomes one step with the mean of every feature. It "
        "smooths the series and makes it shorter. The layer has no weights.\n\n"
        "y[t, k] = mean(x[t·strides … t·strides + pool_size − 1, k])"
    ),
    parameters=_window_parameters("AveragePooling1D", "the mean of each feature"),
    rule=_window_rule,
    words=_window_words,
    keywords=("mean", "downsample", "shorten", "smooth", "subsample"),
)


def _global(call: Call, kind: str) -> tuple[TensorSpec, ...]:
    """(batch, time, features) to (batch, features), or (batch, 1, features) with keepdims."""
    spec = _sequence(call)
    time, features = time_and_features(call.params)
    if not call.params["keepdims"]:
        sizes: tuple[int | None, ...] = (spec.sizes[0], spec.sizes[features])
        return (TensorSpec(sizes, (spec.axes[0], spec.axes[features]), "int" if kind == "int" else "float"),)
    kept = list(spec.sizes)
    kept[time] = 1
    return (TensorSpec(tuple(kept), spec.axes, "int" if kind == "int" else "float"),)


def _global_parameters(kind: str) -> tuple[Parameter, ...]:
    return with_defaults(
        kind,
        (
            argument(
                "keepdims",
                Flag(),
                "Keeps the time axis, with length 1, instead of dropping it.",
                formula="yes: (batch, 1, features); no: (batch, features)",
            ),
            data_format(),
            *BASE,
        ),
    )


def _global_words(params: Mapping[str, Any]) -> str:
    return joined("over all steps", "axis kept" if params["keepdims"] else None)


GLOBAL_MAX_POOLING = LayerType(
    kind="GlobalMaxPooling1D",
    family=Family.POOLING,
    summary="Keeps the largest number of each feature over the whole sequence.",
    explanation=(
        "Of every feature only its largest number over all steps stays, so sequences of any length become "
        "one vector of fixed size. It does not heed a mask: padded steps count too.\n\n"
        "y[k] = max over t of x[t, k]"
    ),
    parameters=_global_parameters("GlobalMaxPooling1D"),
    rule=lambda call: _global(call, call.inputs[0].kind),
    words=_global_words,
    keywords=("maximum", "sequence to vector", "summary"),
)

GLOBAL_AVERAGE_POOLING = LayerType(
    kind="GlobalAveragePooling1D",
    family=Family.POOLING,
    summary="The mean of each feature over the whole sequence.",
    explanation=(
        "Every feature becomes its mean over all steps, so sequences of any length become one vector of "
        "fixed size. With a mask, only the steps that are not masked count.\n\n"
        "y[k] = mean over t of x[t, k]"
    ),
    parameters=_global_parameters("GlobalAveragePooling1D"),
    rule=lambda call: _global(call, "float"),
    words=_global_words,
    keywords=("mean", "sequence to vector", "summary"),
)

POOLING = (MAX_POOLING, AVERAGE_POOLING, GLOBAL_MAX_POOLING, GLOBAL_AVERAGE_POOLING)
