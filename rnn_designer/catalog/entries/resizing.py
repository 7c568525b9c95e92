"""The layers that make a sequence longer or shorter at its ends or between its steps, without weights."""

from collections.abc import Callable
from typing import Any

from rnn_designer.catalog.keras_arguments import argument, with_defaults
from rnn_designer.catalog.parameters import Integer, Integers
from rnn_designer.catalog.rules import expect_rank, time_and_features
from rnn_designer.catalog.shared import BASE, data_format
from rnn_designer.catalog.tensors import Size, TensorSpec
from rnn_designer.catalog.types import Call, Family, LayerType, RuleError

LARGEST_FACTOR = 10_000


def _ends(given: Any) -> tuple[int, int]:
    """What is done in front and behind; one number stands for both."""
    return given if isinstance(given, tuple) else (given, given)


def _resized(call: Call, axis: int, change: Callable[[int], int]) -> tuple[TensorSpec, ...]:
    """The input with another size on its time axis. The mask is lost."""
    spec = call.inputs[0]
    expect_rank(
        call,
        spec,
        3,
        "a sequence (batch, time, features)",
        "Set return_sequences in the layer before it, or add the missing axis with Reshape.",
    )
    sizes: list[Size] = list(spec.sizes)
    size = sizes[axis]
    sizes[axis] = None if size is None else change(size)
    return (TensorSpec(tuple(sizes), spec.axes, spec.kind),)


def _padding_rule(call: Call) -> tuple[TensorSpec, ...]:
    front, behind = _ends(call.params["padding"])
    time, _ = time_and_features(call.params)
    return _resized(call, time, lambda size: front + size + behind)


def _words_for_ends(given: Any) -> str:
    front, behind = _ends(given)
    return f"{front} in front · {behind} behind"


ZERO_PADDING = LayerType(
    kind="ZeroPadding1D",
    family=Family.SHAPING,
    summary="Adds steps of zeros before and after a sequence.",
    explanation=(
        "Steps in which every feature is 0 are put in front of the sequence and behind it. Zeros in front "
        "only, before a convolution, keep each step from seeing later ones. The mask is lost: the new steps "
        "count like real ones.\n\n"
        "time → front + time + behind"
    ),
    parameters=with_defaults(
        "ZeroPadding1D",
        (
            argument(
                "padding",
                Integers(length=2, minimum=0, single=True),
                "How many steps of zeros are added: one number for both ends, or two numbers, in front and "
                "behind.",
                formula="time + front + behind",
            ),
            data_format(),
            *BASE,
        ),
    ),
    rule=_padding_rule,
    words=lambda params: _words_for_ends(params["padding"]),
    keywords=("pad", "zeros", "lengthen", "causal"),
)


def _cropping_rule(call: Call) -> tuple[TensorSpec, ...]:
    front, behind = _ends(call.params["cropping"])

    def rest(size: int) -> int:
        if size <= front + behind:
            raise RuleError(
                "crop_too_long",
                f"Cropping1D cuts off {front} steps in front and {behind} behind and needs more than "
                f"{front + behind}, got a series of {size}. Crop less, or lengthen the series.",
                parameter="cropping",
                size=size,
            )
        return size - front - behind

    return _resized(call, 1, rest)


CROPPING = LayerType(
    kind="Cropping1D",
    family=Family.SHAPING,
    summary="Cuts steps off the beginning and the end of a sequence.",
    explanation=(
        "The first and the last steps are dropped, as many as you say. It removes what padding has added, "
        "the first outputs of a recurrent layer that has not seen enough yet, or brings two sequences to "
        "the same length. The mask is lost.\n\n"
        "time → time − front − behind"
    ),
    parameters=with_defaults(
        "Cropping1D",
        (
            argument(
                "cropping",
                Integers(length=2, minimum=0, single=True),
                "How many steps are cut off: one number for both ends, or two numbers, in front and behind. "
                "At least one step must remain.",
                formula="time − front − behind",
            ),
            *BASE,
        ),
    ),
    rule=_cropping_rule,
    words=lambda params: _words_for_ends(params["cropping"]),
    keywords=("crop", "cut", "trim", "slice", "shorten"),
)

UP_SAMPLING = LayerType(
    kind="UpSampling1D",
    family=Family.SHAPING,
    summary="Repeats every step a few times, one after the other.",
    explanation=(
        "Each step is followed by copies of itself, so the sequence gets longer by a whole factor. It is "
        "the way back after a pooling layer. Nothing is learned; Conv1DTranspose does the same with learned "
        "weights. The mask is lost.\n\n"
        "y[t, k] = x[⌊t / size⌋, k]"
    ),
    parameters=with_defaults(
        "UpSampling1D",
        (
            argument(
                "size",
                Integer(minimum=1, maximum=LARGEST_FACTOR),
                "How many times each step occurs in the output: 2 doubles the length.",
                formula="time · size",
            ),
            *BASE,
        ),
    ),
    rule=lambda call: _resized(call, 1, lambda size: size * call.params["size"]),
    words=lambda params: f"every step {params['size']} times",
    keywords=("repeat", "lengthen", "upsample", "stretch", "decoder"),
)

RESIZING = (ZERO_PADDING, CROPPING, UP_SAMPLING)
