"""The layers that disturb or punish training so that the network learns more robustly."""

from collections.abc import Mapping
from typing import Any

from rnn_designer.catalog.keras_arguments import argument, with_defaults
from rnn_designer.catalog.parameters import Integers, Number
from rnn_designer.catalog.rules import expect_rank, unchanged
from rnn_designer.catalog.shared import BASE, DTYPE, TRAINABLE, data_format, rate, seed
from rnn_designer.catalog.tensors import TensorSpec
from rnn_designer.catalog.types import Call, Family, LayerType


def _words(params: Mapping[str, Any]) -> str:
    return f"rate {params['rate']:g}"


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


ALPHA_DROPOUT = LayerType(
    kind="AlphaDropout",
    family=Family.REGULARIZATION,
    summary="Dropout for layers with selu: it keeps mean and spread as they are.",
    explanation=(
        "selu keeps what flows through a network at mean 0 and deviation 1, and plain Dropout would spoil that. "
        "This one sets numbers to selu's lowest value instead of 0 and then shifts and stretches all of them, so "
        "that mean and deviation stay. When the trained network is used, or watched here, it does nothing.\n\n"
        "training: y = a · (x where kept, −1.758 elsewhere) + b;  otherwise: y = x"
    ),
    parameters=with_defaults(
        "AlphaDropout",
        (
            rate("rate", "The chance of each number to be replaced while training. 0.05 to 0.2 are usual."),
            DROPOUT.by_name["noise_shape"],
            seed("dropped numbers"),
            *BASE,
        ),
    ),
    rule=unchanged,
    words=_words,
    keywords=("dropout", "selu", "self-normalizing", "overfitting"),
)

_ONE_SAMPLE = {
    1: "a sequence (batch, time, features)",
    2: "one picture per sample (batch, rows, columns, features)",
    3: "one volume per sample (batch, depth, rows, columns, features)",
}


def _spatial_rule(call: Call) -> tuple[TensorSpec, ...]:
    spec, rank = call.inputs[0], int(call.type.kind[-2])
    expect_rank(
        call,
        spec,
        rank + 2,
        _ONE_SAMPLE[rank],
        "Set return_sequences in the layer before it, or use Dropout."
        if rank == 1
        else "For a sequence of frames, wrap the layer in TimeDistributed; otherwise use Dropout.",
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


def _spatial_dropout(rank: int, whole: str, places: str) -> LayerType:
    return LayerType(
        kind=f"SpatialDropout{rank}D",
        family=Family.REGULARIZATION,
        summary=f"Drops whole features of a {whole} while training.",
        explanation=(
            f"Neighbouring places of a {whole} are alike, so a number dropped at one place can be guessed from the "
            "next. This one drops a feature at all places of a sample at once. For sequences of frames, put it into "
            "a TimeDistributed. When the trained network is used, or watched here, it does nothing.\n\n"
            "training: y[…, k] = x[…, k] · keep[k] / (1 − rate);  otherwise: y = x"
        ),
        parameters=with_defaults(
            f"SpatialDropout{rank}D",
            (
                rate("rate", "The chance of each feature to be set to 0 at all places while training."),
                seed("dropped features"),
                data_format(f"(batch, {places}, features)", f"(batch, features, {places})"),
                DTYPE,
            ),
        ),
        rule=_spatial_rule,
        words=_words,
        keywords=("dropout", "feature", "channel", "filter", whole),
    )


SPATIAL_DROPOUT_2D = _spatial_dropout(2, "picture", "rows, columns")
SPATIAL_DROPOUT_3D = _spatial_dropout(3, "volume", "depth, rows, columns")

GAUSSIAN_NOISE = LayerType(
    kind="GaussianNoise",
    family=Family.REGULARIZATION,
    summary="Adds random noise to every number while training.",
    explanation=(
        "While training, a random number around 0 is added to each input, another one every time, so that "
        "the network learns not to rely on small differences. It suits measured series. When the trained "
        "network is used, or watched here, it does nothing.\n\n"
        "training: y = x + stddev · ε, ε normally distributed;  otherwise: y = x"
    ),
    parameters=with_defaults(
        "GaussianNoise",
        (
            argument(
                "stddev",
                Number(minimum=0.0, maximum=1.0),
                "How strong the noise is: its standard deviation, in the units of the input. For series "
                "brought to mean 0 and deviation 1, 0.05 to 0.2 are usual.",
                initial=0.1,
            ),
            seed("noise"),
            *BASE,
        ),
    ),
    rule=unchanged,
    words=lambda params: f"± {params['stddev']:g}",
    keywords=("noise", "augmentation", "robust", "jitter", "overfitting"),
)

GAUSSIAN_DROPOUT = LayerType(
    kind="GaussianDropout",
    family=Family.REGULARIZATION,
    summary="Multiplies every number by a random factor around 1 while training.",
    explanation=(
        "A gentler Dropout: instead of setting numbers to 0, each is multiplied by a random factor around "
        "1, so that large numbers get more noise than small ones. When the trained network is used, or "
        "watched here, it does nothing.\n\n"
        "training: y = x · (1 + √(rate / (1 − rate)) · ε), ε normally distributed;  otherwise: y = x"
    ),
    parameters=with_defaults(
        "GaussianDropout",
        (
            argument(
                "rate",
                Number(minimum=0.0, maximum=0.999),
                "How strong the noise is, on the scale of Dropout: at 0.5 the factor's deviation is 1. It "
                "has to stay below 1, where the formula would divide by zero.",
                formula="deviation of the factor: √(rate / (1 − rate))",
                initial=0.2,
            ),
            seed("factors"),
            *BASE,
        ),
    ),
    rule=unchanged,
    words=_words,
    keywords=("dropout", "noise", "multiplicative", "regularization", "overfitting"),
)


def _penalty_words(params: Mapping[str, Any]) -> str:
    given = [f"{name.upper()} {params[name]:g}" for name in ("l1", "l2") if params[name]]
    return " · ".join(given) or "no penalty yet"


ACTIVITY_REGULARIZATION = LayerType(
    kind="ActivityRegularization",
    family=Family.REGULARIZATION,
    summary="Adds a penalty on the size of what flows through it to the loss.",
    explanation=(
        "What comes in goes out unchanged, but while training a penalty on it is added to the loss: L1 "
        "drives numbers to exactly 0, L2 keeps them small. Placed after a recurrent layer it keeps states "
        "small.\n\n"
        "loss + l1 · Σ|x| + l2 · Σx²;  y = x"
    ),
    parameters=with_defaults(
        "ActivityRegularization",
        (
            argument(
                "l1",
                Number(minimum=0.0),
                "The factor of the sum of absolute values: it makes many numbers exactly 0. 0 leaves it out.",
                formula="l1 · Σ|x|",
            ),
            argument(
                "l2",
                Number(minimum=0.0),
                "The factor of the sum of squares: it keeps numbers small. 0 leaves it out.",
                formula="l2 · Σx²",
            ),
            TRAINABLE,
            DTYPE,
        ),
    ),
    rule=unchanged,
    words=_penalty_words,
    keywords=("penalty", "sparse", "loss", "l1", "l2", "activity"),
)

REGULARIZATION = (
    DROPOUT,
    SPATIAL_DROPOUT,
    SPATIAL_DROPOUT_2D,
    SPATIAL_DROPOUT_3D,
    ALPHA_DROPOUT,
    GAUSSIAN_NOISE,
    GAUSSIAN_DROPOUT,
    ACTIVITY_REGULARIZATION,
)
