"""The activation functions that Keras knows by name, with a curve each for drawing."""

import math
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class ActivationType:
    """An activation function that keeps its input's shape.

    Attributes:
        name: Keras' canonical name, as designs and exported code write it.
        explanation: what it does and when it is used.
        formula: in plain Unicode.
        curve: its value at one number. Functions over a whole vector (softmax and its kin) are drawn for a
            vector of two units whose second is 0, and the value is the first unit's.
        recurrent_safe: whether it can stand inside a recurrence without further care: every unit stays
            between fixed limits, however many steps there are, and on its own.
        vector: whether it looks at all units at once.
    """

    name: str
    explanation: str
    formula: str
    curve: Callable[[float], float]
    recurrent_safe: bool = False
    vector: bool = False


_SELU_ALPHA = 1.6732632423543772
_SELU_SCALE = 1.0507009873554805


def _exp(x: float) -> float:
    return math.exp(x) if x < 700.0 else math.inf


def _sigmoid(x: float) -> float:
    if x >= 0:
        return 1.0 / (1.0 + math.exp(-x))
    grown = math.exp(x)
    return grown / (1.0 + grown)


def _softplus(x: float) -> float:
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def _clip(x: float, low: float, high: float) -> float:
    return min(max(x, low), high)


def _elu(x: float) -> float:
    return x if x > 0 else math.expm1(x)


def _hard_sigmoid(x: float) -> float:
    return _clip(x + 3.0, 0.0, 6.0) / 6.0


def _soft_shrink(x: float) -> float:
    return math.copysign(abs(x) - 0.5, x) if abs(x) > 0.5 else 0.0


def _sparse_plus(x: float) -> float:
    if x <= -1:
        return 0.0
    return 0.25 * (x + 1) ** 2 if x < 1 else x


def _sparsemax_of_two(x: float) -> float:
    """Sparsemax of (x, 0), the first entry, as Keras 3.15 computes it.

    Its threshold adds up all partial sums where the definition takes the last one, so for 0 < x < 1 the shares
    are 1/2 and 0 instead of (x + 1)/2 and (1 − x)/2.
    """
    if x >= 1.0:
        return 1.0
    return 0.5 if x > 0.0 else max(0.0, 0.5 * (x + 1.0))


ACTIVATIONS: dict[str, ActivationType] = {
    each.name: each
    for each in (
        ActivationType(
            "tanh",
            "Squeezes every number into −1 to 1, evenly around zero. The usual choice for what a recurrent "
            "layer writes into its state: it cannot grow without limit from step to step.",
            "tanh x = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)",
            math.tanh,
            recurrent_safe=True,
        ),
        ActivationType(
            "sigmoid",
            "Squeezes every number into 0 to 1. It opens and closes gates (0 shut, 1 open) and turns one "
            "output into a probability.",
            "σ(x) = 1 / (1 + e⁻ˣ)",
            _sigmoid,
            recurrent_safe=True,
        ),
        ActivationType(
            "relu",
            "Passes positive numbers on and turns negative ones into 0. Cheap and good between dense "
            "layers; inside a recurrence nothing bounds it, so values can grow without limit over many "
            "steps.",
            "max(0, x)",
            lambda x: max(0.0, x),
        ),
        ActivationType(
            "linear",
            "Leaves every number as it is, the same as none. The choice for the last layer of a forecast, "
            "where any real number may come out.",
            "x",
            lambda x: x,
        ),
        ActivationType(
            "softmax",
            "Turns the numbers of the last axis into shares that are positive and add up to 1: one "
            "probability per class. On a single unit it is always 1. The curve shows two units, the second "
            "at 0.",
            "eˣⁱ / Σⱼ eˣʲ",
            _sigmoid,
            vector=True,
        ),
        ActivationType(
            "hard_sigmoid",
            "A sigmoid made of straight lines: 0 below −3, 1 above 3, a ramp between. Cheaper, and exactly "
            "shut or open outside the ramp.",
            "min(max(x + 3, 0), 6) / 6",
            _hard_sigmoid,
            recurrent_safe=True,
        ),
        ActivationType(
            "hard_tanh",
            "A tanh made of straight lines: leaves −1 to 1 as it is and cuts off what lies outside.",
            "min(max(x, −1), 1)",
            lambda x: _clip(x, -1.0, 1.0),
            recurrent_safe=True,
        ),
        ActivationType(
            "softsign",
            "Like tanh between −1 and 1, but it approaches the limits much more slowly.",
            "x / (1 + |x|)",
            lambda x: x / (1.0 + abs(x)),
            recurrent_safe=True,
        ),
        ActivationType(
            "elu",
            "Passes positive numbers on and bends negative ones smoothly towards −1.",
            "x for x > 0, else eˣ − 1",
            _elu,
        ),
        ActivationType(
            "selu",
            "An elu scaled so that deep dense networks keep mean 0 and variance 1 on their own. Meant to "
            "go with the initializer LecunNormal.",
            "1.0507·x for x > 0, else 1.0507·1.6733·(eˣ − 1)",
            lambda x: _SELU_SCALE * (x if x > 0 else _SELU_ALPHA * math.expm1(x)),
        ),
        ActivationType(
            "celu",
            "The elu in a form that is smooth for every setting; with Keras' setting it equals elu.",
            "max(0, x) + min(0, eˣ − 1)",
            _elu,
        ),
        ActivationType(
            "leaky_relu",
            "A relu that lets a fifth of negative numbers through, so that no unit falls silent for good.",
            "x for x > 0, else 0.2·x",
            lambda x: x if x > 0 else 0.2 * x,
        ),
        ActivationType(
            "relu6",
            "A relu that stops at 6, so that it stays within limits.",
            "min(max(0, x), 6)",
            lambda x: _clip(x, 0.0, 6.0),
            recurrent_safe=True,
        ),
        ActivationType(
            "silu",
            "Also called swish: the number times its own sigmoid. Smooth, a little below zero for small "
            "negative numbers.",
            "x · σ(x)",
            lambda x: x * _sigmoid(x),
        ),
        ActivationType(
            "hard_silu",
            "Also called hard swish: a silu with the straight-line sigmoid.",
            "x · min(max(x + 3, 0), 6) / 6",
            lambda x: x * _hard_sigmoid(x),
        ),
        ActivationType(
            "gelu",
            "The number times the probability that a normal variable lies below it; the usual choice in "
            "transformers. Close to relu, but smooth.",
            "x · Φ(x)",
            lambda x: 0.5 * x * math.erfc(-x / math.sqrt(2.0)),
        ),
        ActivationType(
            "mish",
            "Smooth, passes positive numbers almost as they are and lets a little of small negative ones "
            "through.",
            "x · tanh(ln(1 + eˣ))",
            lambda x: x * math.tanh(_softplus(x)),
        ),
        ActivationType(
            "softplus",
            "A relu with a rounded corner; always positive. Good for outputs that must be above 0, such as "
            "a width.",
            "ln(1 + eˣ)",
            _softplus,
        ),
        ActivationType(
            "squareplus",
            "Like softplus, always positive, but made of a square root instead of exponentials.",
            "(x + √(x² + 4)) / 2",
            lambda x: (x + math.sqrt(x * x + 4.0)) / 2.0,
        ),
        ActivationType(
            "sparse_plus",
            "A relu with a corner rounded between −1 and 1, exactly 0 below.",
            "0 for x ≤ −1, (x + 1)² / 4 up to 1, x above",
            _sparse_plus,
        ),
        ActivationType(
            "exponential",
            "e to the power of the number. Always positive, and it grows very fast.",
            "eˣ",
            _exp,
        ),
        ActivationType(
            "log_sigmoid",
            "The logarithm of the sigmoid: never above 0, close to x for very negative numbers.",
            "ln σ(x)",
            lambda x: -_softplus(-x),
        ),
        ActivationType(
            "sparse_sigmoid",
            "A straight ramp from 0 at −1 to 1 at 1, exactly 0 and 1 outside.",
            "min(max((x + 1) / 2, 0), 1)",
            lambda x: _clip(0.5 * (x + 1.0), 0.0, 1.0),
            recurrent_safe=True,
        ),
        ActivationType(
            "soft_shrink",
            "Moves every number towards 0 by 0.5; what is smaller becomes 0.",
            "x − 0.5 above 0.5, x + 0.5 below −0.5, else 0",
            _soft_shrink,
        ),
        ActivationType(
            "hard_shrink",
            "Turns numbers between −0.5 and 0.5 into 0 and leaves the rest.",
            "x where |x| > 0.5, else 0",
            lambda x: x if abs(x) > 0.5 else 0.0,
        ),
        ActivationType(
            "tanh_shrink",
            "What tanh takes away: close to 0 for small numbers, close to x ∓ 1 for large ones.",
            "x − tanh x",
            lambda x: x - math.tanh(x),
        ),
        ActivationType(
            "log_softmax",
            "The logarithm of softmax, more exact than taking the logarithm afterwards. The curve shows "
            "two units, the second at 0.",
            "xᵢ − ln Σⱼ eˣʲ",
            lambda x: -_softplus(-x),
            vector=True,
        ),
        ActivationType(
            "sparsemax",
            "Shares like softmax, but small ones become exactly 0. They should add up to 1; as Keras 3.15 "
            "computes it, they often add up to less, and the curve (two units, the second at 0) has a step "
            "for that reason.",
            "max(xᵢ − τ, 0), with τ such that the sum is 1",
            _sparsemax_of_two,
            vector=True,
        ),
    )
}
"""Every activation that may be chosen, the usual ones first."""

_OTHER_NAMES = {"swish": "silu", "hard_swish": "hard_silu"}

REFUSED_ACTIVATIONS: dict[str, str] = {
    "glu": "The activation “glu” halves the number of features, so it cannot stand in a layer that has to keep "
    "them. Choose one that keeps the shape, such as sigmoid or tanh.",
    "threshold": "The activation “threshold” needs two numbers that Keras has no place for in a layer. Choose "
    "relu or hard_shrink, which work with a fixed threshold.",
}
"""Names that Keras knows but that no layer here can use, each with the sentence that says why."""


def canonical_activation(name: str) -> str | None:
    """The name under which Keras saves an activation (``swish`` is ``silu``); None if it cannot be used."""
    name = _OTHER_NAMES.get(name, name)
    return name if name in ACTIVATIONS else None
