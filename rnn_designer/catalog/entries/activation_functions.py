"""The activation functions that are layers of their own, some with settings or weights, and Identity."""

from collections.abc import Mapping
from math import prod
from typing import Any

from rnn_designer.catalog.keras_arguments import argument, with_defaults
from rnn_designer.catalog.parameters import Integers, Number
from rnn_designer.catalog.rules import counted_axes, joined, real_numbers, unchanged
from rnn_designer.catalog.shared import BASE, constraint, initializer, regularizer
from rnn_designer.catalog.tensors import TensorSpec
from rnn_designer.catalog.types import Call, Family, LayerType, RuleError


def _same(call: Call) -> tuple[TensorSpec, ...]:
    return (real_numbers(call),)


def _relu_words(params: Mapping[str, Any]) -> str:
    highest, slope, threshold = params["max_value"], params["negative_slope"], params["threshold"]
    return joined(
        "from 0 up" if highest is None else f"from 0 to {highest:g}",
        f"slope {slope:g} below" if slope else None,
        f"threshold {threshold:g}" if threshold else None,
    )


RELU = LayerType(
    kind="ReLU",
    family=Family.CORE,
    summary="Lets positive numbers through and sets negative ones to zero.",
    explanation=(
        "Every number by itself: what is positive stays, what is negative becomes 0. Three settings bend "
        "that line: a ceiling, a slope for the negative side, and a threshold below which numbers count as "
        "negative. The shape stays, and there are no weights.\n\n"
        "y = x for x ≥ threshold, at most max_value;  otherwise: y = negative_slope · (x − threshold)"
    ),
    parameters=with_defaults(
        "ReLU",
        (
            argument(
                "max_value",
                Number(minimum=0.0, optional=True),
                "The ceiling: larger numbers are cut off at it, as in ReLU6. Empty: no ceiling.",
            ),
            argument(
                "negative_slope",
                Number(minimum=0.0),
                "How much of a negative number gets through: 0 nothing, 0.1 a tenth of it. Some slope keeps "
                "a unit that is always negative from never learning again.",
            ),
            argument(
                "threshold",
                Number(minimum=0.0),
                "Numbers below this one count as negative.",
            ),
            *BASE,
        ),
    ),
    rule=_same,
    words=_relu_words,
    keywords=("rectifier", "rectified linear", "activation", "relu6", "function"),
)

LEAKY_RELU = LayerType(
    kind="LeakyReLU",
    family=Family.CORE,
    summary="Lets positive numbers through and shrinks negative ones.",
    explanation=(
        "Positive numbers stay as they are, negative ones are multiplied by a small factor instead of being "
        "wiped out. A unit that is always on the negative side therefore still learns. The shape stays, and "
        "there are no weights.\n\n"
        "y = x for x ≥ 0;  otherwise: y = negative_slope · x"
    ),
    parameters=with_defaults(
        "LeakyReLU",
        (
            argument(
                "negative_slope",
                Number(minimum=0.0),
                "The factor for negative numbers: 0 makes it a ReLU, 1 changes nothing at all.",
                formula="y = negative_slope · x for x < 0",
            ),
            *BASE,
        ),
    ),
    rule=_same,
    words=lambda params: f"slope {params['negative_slope']:g} below 0",
    keywords=("rectifier", "leak", "activation", "function"),
)


def _prelu_sizes(call: Call) -> list[int]:
    """The shape of α: the input's without the batch, with 1 on every shared axis."""
    spec = real_numbers(call)
    given = call.params["shared_axes"]
    shared = () if given is None else given if isinstance(given, tuple) else (given,)
    for axis in shared:
        if not 1 <= axis < spec.rank:
            raise RuleError(
                "bad_axis",
                f"PReLU was told to share α along axis {axis}, got {spec} with the axes 1 to "
                f"{spec.rank - 1} after the batch. Set shared_axes to 1, the time axis, or leave it empty.",
                parameter="shared_axes",
                rank=spec.rank,
            )
    sizes = []
    for axis in range(1, spec.rank):
        size = 1 if axis in shared else spec.sizes[axis]
        if size is None:
            name = spec.axes[axis]
            raise RuleError(
                "time_open" if name == "time" else "features_open",
                f"PReLU learns a slope for every entry of the {name} axis, so its size must be fixed, got "
                f"{spec} where it is open. Put {axis} into shared_axes, so that all its entries have the "
                "same slope, or set that size in the Input.",
                axis=axis,
            )
        sizes.append(size)
    return sizes


def _prelu_rule(call: Call) -> tuple[TensorSpec, ...]:
    _prelu_sizes(call)
    return (call.inputs[0],)


def _prelu_words(params: Mapping[str, Any]) -> str:
    shared = params["shared_axes"]
    if not shared:
        return "a learned slope each"
    axes = shared if isinstance(shared, tuple) else (shared,)
    return "slope shared along axis " + ", ".join(map(str, axes))


PRELU = LayerType(
    kind="PReLU",
    family=Family.CORE,
    summary="A leaky ReLU whose slope for negative numbers is learned.",
    explanation=(
        "Positive numbers stay, negative ones are multiplied by a learned slope α. Every place of the input "
        "has an α of its own unless axes are shared: for sequences, share the time axis (1), so that each "
        "feature has one slope for all steps and sequences of any length fit.\n\n"
        "y = x for x ≥ 0;  otherwise: y = α · x"
    ),
    parameters=with_defaults(
        "PReLU",
        (
            argument(
                "shared_axes",
                Integers(minimum=1, optional=True, single=True),
                "Along which axes all entries have the same α, counted from 1 after the batch: 1 is time. "
                "Empty: one α for every step and feature, so the number of steps must be fixed.",
                formula="weights: product of the sizes that are not shared",
            ),
            regularizer("alpha_regularizer", "the slopes α", 2),
            initializer("alpha_initializer", "the slopes α (1 × features if time is shared)", 2),
            constraint("alpha_constraint", "the slopes α"),
            *BASE,
        ),
    ),
    rule=_prelu_rule,
    count=lambda call: prod(_prelu_sizes(call)),
    words=_prelu_words,
    keywords=("rectifier", "parametric", "learned", "activation", "function"),
)

ELU = LayerType(
    kind="ELU",
    family=Family.CORE,
    summary="Like ReLU, but negative numbers run smoothly down to −α.",
    explanation=(
        "Positive numbers stay, negative ones follow an exponential curve that flattens at −α. The mean of "
        "what comes out is nearer to 0 than after a ReLU, which can speed up training. The shape stays, and "
        "there are no weights.\n\n"
        "y = x for x > 0;  otherwise: y = α · (eˣ − 1)"
    ),
    parameters=with_defaults(
        "ELU",
        (
            argument(
                "alpha",
                Number(minimum=0.0),
                "How far down negative numbers can get: the curve flattens at −alpha.",
                formula="y → −alpha for very negative x",
            ),
            *BASE,
        ),
    ),
    rule=_same,
    words=lambda params: f"down to −{params['alpha']:g}",
    keywords=("exponential", "activation", "function"),
)


def _softmax_rule(call: Call) -> tuple[TensorSpec, ...]:
    spec = real_numbers(call)
    counted_axes(call, batch=False)
    if spec.masked:
        raise RuleError(
            "masked_softmax",
            f"Softmax takes a mask for the numbers of its own axis, got {spec} with a mask for its steps, "
            "which does not fit. Use an Activation with softmax in its place, which lets the mask pass.",
        )
    return (spec,)


SOFTMAX = LayerType(
    kind="Softmax",
    family=Family.CORE,
    summary="Turns numbers into shares that add up to 1.",
    explanation=(
        "Along one axis, every number becomes its share: the larger it was, the larger the share, and all "
        "of them are positive and add up to 1. Along the features they are the chances of classes; along "
        "time (axis 1) they are weights of steps, as attention uses them.\n\n"
        "yₖ = e^xₖ / Σⱼ e^xⱼ"
    ),
    parameters=with_defaults(
        "Softmax",
        (
            argument(
                "axis",
                Integers(minimum=-8, single=True),
                "Along which axis, or axes together, the shares add up to 1: -1 is the features, 1 is time.",
            ),
            *BASE,
        ),
    ),
    rule=_softmax_rule,
    words=lambda params: (
        "over the features" if params["axis"] in (-1, (-1,)) else f"over axis {params['axis']}"
    ),
    keywords=("probability", "classes", "shares", "activation", "attention", "function"),
)

IDENTITY = LayerType(
    kind="Identity",
    family=Family.CORE,
    summary="Passes on what it is given, unchanged.",
    explanation=(
        "Nothing is computed. It gives a point of the network a name of its own, holds the place of a layer "
        "to come, or carries a penalty on what flows through it (activity_regularizer).\n\n"
        "y = x"
    ),
    parameters=with_defaults("Identity", BASE),
    rule=unchanged,
    words=lambda _params: "unchanged",
    keywords=("pass through", "placeholder", "nothing", "linear"),
)

ACTIVATION_FUNCTIONS = (RELU, LEAKY_RELU, PRELU, ELU, SOFTMAX, IDENTITY)
