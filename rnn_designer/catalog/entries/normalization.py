"""The layers that bring numbers to a common scale: LayerNormalization and BatchNormalization."""

from math import prod
from typing import Any

from rnn_designer.catalog.keras_arguments import argument, with_defaults
from rnn_designer.catalog.parameters import Choice, Flag, Integer, Integers, Number, Parameter
from rnn_designer.catalog.rules import as_float, known_features
from rnn_designer.catalog.shared import BASE, constraint, initializer, regularizer
from rnn_designer.catalog.tensors import TensorSpec
from rnn_designer.catalog.types import Call, Family, LayerType, RuleError

_EPSILON = argument(
    "epsilon",
    Number(minimum=0.0),
    "A small number added to the variance, so that nothing is divided by zero.",
    formula="√(variance + epsilon)",
)
_CENTER = argument(
    "center", Flag(), "Adds a learned offset β after scaling.", formula="adds one weight per feature"
)
_SCALE = argument(
    "scale", Flag(), "Multiplies by a learned factor γ after scaling.", formula="adds one weight per feature"
)


def _learned() -> tuple[Parameter, ...]:
    named = (("beta", "the learned offset β"), ("gamma", "the learned factor γ"))
    return (
        *(regularizer(f"{name}_regularizer", what, 1) for name, what in named),
        *(initializer(f"{name}_initializer", what, 1) for name, what in named),
        *(constraint(f"{name}_constraint", what) for name, what in named),
    )


def _axes(call: Call) -> tuple[int, ...]:
    """The axes to work along, counted from 0 and checked against the input."""
    spec = call.inputs[0]
    given = call.params["axis"]
    axes = given if isinstance(given, tuple) else (given,)
    for axis in axes:
        if not -spec.rank <= axis < spec.rank:
            raise RuleError(
                "bad_axis",
                f"{call.type.kind} works along axis {axis}, got {spec} with the axes 0 to {spec.rank - 1}. "
                "Set axis to -1, the features.",
                parameter="axis",
                rank=spec.rank,
            )
    counted = tuple(axis % spec.rank for axis in axes)
    if not counted or len(set(counted)) != len(counted):
        raise RuleError(
            "axis_twice",
            f"{call.type.kind} needs every axis once, got {given}. Set axis to -1, the features.",
            parameter="axis",
            rank=spec.rank,
        )
    return counted


def _sizes(call: Call) -> int:
    """How many entries the normalized axes have together: the length of every weight."""
    return prod(known_features(call, call.inputs[0], axis) for axis in _axes(call))


def _layer_rule(call: Call) -> tuple[TensorSpec, ...]:
    _layer_count(call)
    return (as_float(call.inputs[0]),)


def _batch_rule(call: Call) -> tuple[TensorSpec, ...]:
    _sizes(call)
    return (as_float(call.inputs[0]),)


def _layer_count(call: Call) -> int:
    """β and γ; without both there is no weight, and sizes may be open."""
    _axes(call)
    learned = int(call.params["center"] + call.params["scale"])
    return learned * _sizes(call) if learned else 0


def _batch_count(call: Call) -> int:
    """β, γ, moving mean and moving variance, and three more averages with renorm."""
    kept = 2 + 3 * call.params["renorm"]
    return _sizes(call) * int(kept + call.params["center"] + call.params["scale"])


def _along(axis: Any) -> str:
    return "over the features" if axis == -1 else f"over axis {axis}"


LAYER_NORMALIZATION = LayerType(
    kind="LayerNormalization",
    family=Family.NORMALIZATION,
    summary="Brings the features of each step to mean 0 and deviation 1.",
    explanation=(
        "For every step of every sample by itself, the features are shifted and scaled to mean 0 and "
        "variance 1, then multiplied by a learned γ and shifted by a learned β. Steps and samples do not "
        "influence each other, so it does the same in training and in use, and suits recurrent "
        "networks.\n\n"
        "y = γ · (x − mean) / √(variance + ε) + β"
    ),
    parameters=with_defaults(
        "LayerNormalization",
        (
            argument(
                "axis",
                Integers(minimum=-8, single=True),
                "The axis, or axes, over which mean and variance are taken: -1 is the features. β and γ "
                "have one weight for every entry of it.",
            ),
            _EPSILON,
            _CENTER,
            _SCALE,
            *_learned(),
            *BASE,
        ),
    ),
    rule=_layer_rule,
    count=_layer_count,
    words=lambda params: _along(params["axis"]),
    keywords=("normalize", "standardize", "layernorm", "scale"),
)

BATCH_NORMALIZATION = LayerType(
    kind="BatchNormalization",
    family=Family.NORMALIZATION,
    summary="Brings each feature to mean 0 and deviation 1 over the samples of a batch.",
    explanation=(
        "While training, each feature is shifted and scaled by its mean and variance over all samples "
        "and steps of the batch, and running averages of both are kept. When the network is used, or "
        "watched here, those averages are taken instead, so a sample's result does not depend on the "
        "others. Untrained, the running mean is 0 and the running variance 1, and the layer changes "
        "next to nothing.\n\n"
        "y = γ · (x − mean) / √(variance + ε) + β"
    ),
    parameters=with_defaults(
        "BatchNormalization",
        (
            argument(
                "axis",
                Integer(minimum=-8, maximum=8),
                "The axis that is left apart, one mean and variance for each of its entries: -1 is the "
                "features.",
                formula="weights: 4 · features",
            ),
            argument(
                "momentum",
                Number(minimum=0.0, maximum=1.0),
                "How slowly the running averages follow: closer to 1 is slower.",
                formula="average = momentum · average + (1 − momentum) · new",
            ),
            _EPSILON,
            _CENTER,
            _SCALE,
            *_learned(),
            initializer("moving_mean_initializer", "the running mean", 1),
            initializer("moving_variance_initializer", "the running variance", 1),
            argument(
                "renorm",
                Flag(),
                "Corrects each batch towards the running averages while training (batch renormalization), "
                "for small batches. It keeps three more averages per feature.",
                formula="adds 3 · features weights",
                group="behaviour",
            ),
            argument(
                "renorm_clipping",
                Choice((None,)),
                "Limits for the correction of renorm, as a dictionary of rmin, rmax and dmax. They matter "
                "in training only and are set in code, so they are not set here.",
                group="advanced",
                editable=False,
            ),
            argument(
                "renorm_momentum",
                Number(minimum=0.0, maximum=1.0),
                "How slowly the averages that renorm corrects towards follow. Without renorm it does "
                "nothing.",
                group="behaviour",
            ),
            argument(
                "synchronized",
                Flag(),
                "Takes the averages over all graphics cards when training on several. It needs the "
                "TensorFlow backend.",
                group="advanced",
            ),
            *BASE,
        ),
    ),
    rule=_batch_rule,
    count=_batch_count,
    words=lambda params: "per feature" if params["axis"] == -1 else f"per entry of axis {params['axis']}",
    keywords=("normalize", "standardize", "batchnorm", "scale"),
)

NORMALIZATION = (LAYER_NORMALIZATION, BATCH_NORMALIZATION)
