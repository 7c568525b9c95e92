"""The layers that disturb training so that the network learns more robustly: Dropout and SpatialDropout1D."""

from collections.abc import Mapping
from typing import Any

from rnn_designer.catalog.keras_arguments import argument, with_defaults
from rnn_designer.catalog.parameters import Integers
from rnn_designer.catalog.rules import expect_rank, unchanged
from rnn_designer.catalog.shared import BASE, DTYPE, rate, seed
from rnn_designer.catalog.tensors import TensorSpec
from rnn_designer.catalog.types import Call, Family, LayerType


def _words(params: Mapping[str, Any]) -> str:
    return f"rate {params['rate']:g} · off while watching"


DROPOUT = LayerType(
    kind="Dropout",
    family=Family.REGULARIZATION,
    summary="Sets a random share of numbers to zero while training.",
    explanation=(
        "While training, each number is set to 0 with the given chance, and the ones kept are made larger "
        "so that the sum stays the same on average. The network cannot lean on any single unit and "
        "generalizes better. When the trained network is used, or watched here, it does nothing.\n\n"
        "training: y = x · keep / (1 − rate), keep = 0 or 1 at random;  otherwise: y = x"
    ),
    parameters=with_defaults(
        "Dropout",
        (
            rate(
                "rate",
                "The chance of each number to be set to 0 while training: 0 does nothing, 1 removes "
                "everything. 0.1 to 0.5 are usual. Neither shape nor weights change.",
            ),
            argument(
                "noise_shape",
                Integers(minimum=1, unknown=True, optional=True),
                "The shape of the random choice, batch axis included; an axis of 1 shares the choice along "
                "it, an open one takes the input's size. Empty: every number by itself.",
                group="behaviour",
            ),
            seed("dropped numbers"),
            *BASE,
        ),
    ),
    rule=unchanged,
    words=_words,
    keywords=("regularization", "overfitting", "noise"),
)


def _spatial_rule(call: Call) -> tuple[TensorSpec, ...]:
    spec = call.inputs[0]
    expect_rank(
        call,
        spec,
        3,
        "a sequence (batch, time, features)",
        "Set return_sequences in the layer before it, or use Dropout.",
    )
    return (spec,)


SPATIAL_DROPOUT = LayerType(
    kind="SpatialDropout1D",
    family=Family.REGULARIZATION,
    summary="Drops whole features for all steps while training.",
    explanation=(
        "Neighbouring steps are alike, so a number dropped at one step can be guessed from the next, and "
        "plain Dropout does little. This one drops a feature at all steps of a sample at once. When the "
        "trained network is used, or watched here, it does nothing.\n\n"
        "training: y[t, k] = x[t, k] · keep[k] / (1 − rate);  otherwise: y = x"
    ),
    parameters=with_defaults(
        "SpatialDropout1D",
        (
            rate("rate", "The chance of each feature to be set to 0 at all steps while training."),
            seed("dropped features"),
            DTYPE,
        ),
    ),
    rule=_spatial_rule,
    words=_words,
    keywords=("dropout", "feature", "channel", "regularization", "overfitting"),
)

REGULARIZATION = (DROPOUT, SPATIAL_DROPOUT)
