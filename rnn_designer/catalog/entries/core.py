"""The layers without memory: Dense and Activation."""

from collections.abc import Mapping
from typing import Any

from rnn_designer.catalog.keras_arguments import argument, with_defaults
from rnn_designer.catalog.parameters import Activation
from rnn_designer.catalog.rules import (
    check_weights,
    expect_least_rank,
    joined,
    known_features,
    real_numbers,
    with_axis,
)
from rnn_designer.catalog.shared import (
    BASE,
    QUANTIZATION,
    activation,
    constraint,
    initializer,
    lora,
    regularizer,
    units,
    use_bias,
)
from rnn_designer.catalog.tensors import TensorSpec
from rnn_designer.catalog.types import Call, Family, LayerType
from rnn_designer.wording import counted


def _dense_input(call: Call) -> tuple[TensorSpec, int]:
    spec = call.inputs[0]
    expect_least_rank(
        call,
        spec,
        2,
        "at least (batch, features)",
        "Add a features axis with Reshape.",
    )
    check_weights(call)
    return spec, known_features(call, spec)


def _dense_rule(call: Call) -> tuple[TensorSpec, ...]:
    """(batch, …, features) to (batch, …, units)."""
    spec, _ = _dense_input(call)
    return (with_axis(spec, -1, call.params["units"]),)


def _dense_count(call: Call) -> int:
    _, features = _dense_input(call)
    size = call.params["units"]
    low_rank = (call.params["lora_rank"] or 0) * (features + size)
    return int(size * (features + call.params["use_bias"]) + low_rank)


def _dense_words(params: Mapping[str, Any]) -> str:
    return joined(counted(params["units"], "unit", grouped=False), params["activation"])


DENSE = LayerType(
    kind="Dense",
    family=Family.CORE,
    summary="Every unit weighs all features: turns a state into a forecast or into classes.",
    explanation=(
        "Each unit takes a weighted sum of all features, adds its bias and applies the activation. It has "
        "no memory; on a sequence it works on every step by itself, with the same weights. As the last "
        "layer it brings the network to the size of the answer: 1 unit for one number, one unit per class "
        "with softmax.\n\n"
        "y = activation(x·W + b)"
    ),
    parameters=with_defaults(
        "Dense",
        (
            units(
                "How many numbers come out: the size of the output's last axis.",
                "weights: units · (features + 1)",
            ),
            activation(
                "activation",
                "The function each sum goes through. None (linear) for a forecast, sigmoid for yes or no "
                "with 1 unit, softmax for one of several classes, relu between dense layers.",
                "y = activation(x·W + b)",
            ),
            use_bias("Adds a learned constant to each unit.", "adds units weights"),
            regularizer("kernel_regularizer", "the kernel (features × units)", 2),
            regularizer("bias_regularizer", "the bias", 1),
            initializer("kernel_initializer", "the kernel (features × units)", 2),
            initializer("bias_initializer", "the bias (one number per unit)", 1),
            constraint("kernel_constraint", "the kernel"),
            constraint("bias_constraint", "the bias"),
            *lora("the kernel", "adds lora_rank · (features + units) weights"),
            QUANTIZATION,
            *BASE,
        ),
    ),
    rule=_dense_rule,
    count=_dense_count,
    words=_dense_words,
    keywords=("fully connected", "linear", "output", "projection", "feed-forward", "classifier"),
)

ACTIVATION = LayerType(
    kind="Activation",
    family=Family.CORE,
    summary="Applies an activation function to every number.",
    explanation=(
        "It changes every number by the same function and nothing else: no weights, the same shape. Most "
        "layers have an activation of their own; a separate one is of use after a BatchNormalization or an "
        "Add.\n\n"
        "y = activation(x)"
    ),
    parameters=with_defaults(
        "Activation",
        (
            argument(
                "activation",
                Activation(optional=True),
                "The function. softmax looks at the whole last axis; the others take each number by itself.",
                formula="y = activation(x)",
                initial="relu",
            ),
            *BASE,
        ),
    ),
    rule=lambda call: (real_numbers(call),),
    words=lambda params: params["activation"] or "linear",
    keywords=("function", "relu", "tanh", "softmax", "nonlinearity"),
)

CORE = (DENSE, ACTIVATION)
