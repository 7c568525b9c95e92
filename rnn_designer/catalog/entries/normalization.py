"""The layers that bring numbers to a common scale, each over other numbers."""

from math import prod
from typing import Any

from rnn_designer.catalog.keras_arguments import argument, with_defaults
from rnn_designer.catalog.parameters import Choice, Flag, Integer, Integers, Number, Parameter
from rnn_designer.catalog.rules import as_float, counted_axes, known_features, real_numbers
from rnn_designer.catalog.shared import BASE, LARGEST_UNITS, constraint, initializer, regularizer
from rnn_designer.catalog.tensors import TensorSpec
from rnn_designer.catalog.types import Call, Family, LayerType, RuleError
from rnn_designer.wording import counted

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


def _sizes(call: Call) -> int:
    """How many entries the normalized axes have together: the length of every weight."""
    return prod(known_features(call, call.inputs[0], axis) for axis in counted_axes(call))


def _layer_rule(call: Call) -> tuple[TensorSpec, ...]:
    _layer_count(call)
    return (as_float(call.inputs[0]),)


def _batch_rule(call: Call) -> tuple[TensorSpec, ...]:
    _sizes(call)
    return (as_float(call.inputs[0]),)


def _layer_count(call: Call) -> int:
    """β and γ; without both there is no weight, and sizes may be open."""
    counted_axes(call)
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


def _rms_rule(call: Call) -> tuple[TensorSpec, ...]:
    """Shape and numbers of weights as in LayerNormalization. The mask is lost."""
    _rms_count(call)
    return (real_numbers(call).with_mask(False),)


def _rms_count(call: Call) -> int:
    counted_axes(call, batch=False)
    return _sizes(call)


RMS_NORMALIZATION = LayerType(
    kind="RMSNormalization",
    family=Family.NORMALIZATION,
    summary="Brings the features of each step to a mean square of 1, without a shift.",
    explanation=(
        "For every step of every sample by itself, the features are divided by the root of their mean "
        "square and multiplied by a learned factor. It is LayerNormalization without the mean: cheaper, and "
        "often as good. The mask is lost, so put it where none is needed any more.\n\n"
        "y = scale · x / √(mean of x² + ε)"
    ),
    parameters=with_defaults(
        "RMSNormalization",
        (
            argument(
                "axis",
                Integers(minimum=-8, single=True),
                "The axis, or axes, over which the mean square is taken: -1 is the features. There is one "
                "learned factor for every entry of it.",
                formula="weights: one per entry",
            ),
            argument(
                "epsilon",
                Number(minimum=0.0),
                "A small number added to the mean square, so that nothing is divided by zero.",
                formula="√(mean of x² + epsilon)",
            ),
            *BASE,
        ),
    ),
    rule=_rms_rule,
    count=_rms_count,
    words=lambda params: _along(params["axis"]),
    keywords=("normalize", "root mean square", "rmsnorm", "scale"),
)


def _unit_rule(call: Call) -> tuple[TensorSpec, ...]:
    spec = real_numbers(call)
    counted_axes(call, batch=False)
    return (spec,)


UNIT_NORMALIZATION = LayerType(
    kind="UnitNormalization",
    family=Family.NORMALIZATION,
    summary="Brings the features of each step to length 1.",
    explanation=(
        "The features of a step are taken as an arrow and shortened or stretched to length 1; only its "
        "direction stays. Two such arrows multiplied by a Dot give their likeness, between −1 and 1. There "
        "are no weights.\n\n"
        "y = x / √(Σₖ xₖ²)"
    ),
    parameters=with_defaults(
        "UnitNormalization",
        (
            argument(
                "axis",
                Integers(minimum=-8, single=True),
                "The axis, or axes together, whose numbers are brought to length 1: -1 is the features.",
            ),
            *BASE,
        ),
    ),
    rule=_unit_rule,
    words=lambda params: _along(params["axis"]),
    keywords=("normalize", "length", "norm", "direction", "cosine"),
)


def _group_sizes(call: Call) -> tuple[TensorSpec, int]:
    """The input and the size of the axis that is split into groups."""
    spec = real_numbers(call)
    (axis,) = counted_axes(call, batch=False)
    size = known_features(call, spec, axis)
    groups = size if call.params["groups"] == -1 else call.params["groups"]
    if not groups or size % groups:
        raise RuleError(
            "groups",
            f"GroupNormalization splits the {spec.axes[axis]} into {groups} groups of equal size, got {size} "
            f"of them. Choose groups so that {size} can be divided by it.",
            parameter="groups",
            size=size,
            groups=groups,
        )
    return spec, size


def _group_rule(call: Call) -> tuple[TensorSpec, ...]:
    return (_group_sizes(call)[0],)


def _group_count(call: Call) -> int:
    _, size = _group_sizes(call)
    return size * int(call.params["center"] + call.params["scale"])


def _group_words(params: Any) -> str:
    groups = params["groups"]
    return "every feature by itself" if groups == -1 else counted(groups, "group", grouped=False)


GROUP_NORMALIZATION = LayerType(
    kind="GroupNormalization",
    family=Family.NORMALIZATION,
    summary="Brings groups of features, over all steps, to mean 0 and deviation 1.",
    explanation=(
        "The features are split into groups, and each group of each sample gets mean 0 and variance 1 over "
        "all its features and all steps, then a learned γ and β per feature. Samples do not influence each "
        "other, but steps do: a step's result depends on later ones, and padded steps count too.\n\n"
        "y = γ · (x − mean of the group) / √(variance of the group + ε) + β"
    ),
    parameters=with_defaults(
        "GroupNormalization",
        (
            argument(
                "groups",
                Integer(minimum=-1, maximum=LARGEST_UNITS),
                "How many groups; the number of features must be divisible by it. 1 takes all features "
                "together, -1 each by itself. Keras' 32 suits images, not a few features.",
            ),
            argument(
                "axis",
                Integer(minimum=-8, maximum=8),
                "The axis that is split into groups: -1 is the features.",
                formula="weights: 2 · features",
            ),
            _EPSILON,
            _CENTER,
            _SCALE,
            *_learned(),
            *BASE,
        ),
    ),
    rule=_group_rule,
    count=_group_count,
    words=_group_words,
    keywords=("normalize", "instance", "groupnorm", "scale"),
)

RESCALING = LayerType(
    kind="Rescaling",
    family=Family.NORMALIZATION,
    summary="Multiplies every number by a fixed factor and adds a fixed offset.",
    explanation=(
        "Brings numbers of a known range to one that networks like: pixels from 0 to 255 to 0 to 1, or "
        "temperatures to around 0. Factor and offset are yours and never learned. Unlike the scaling of the sample "
        "data it is part of the model, so that the exported code does it as well.\n\n"
        "y = x · scale + offset"
    ),
    parameters=with_defaults(
        "Rescaling",
        (
            argument(
                "scale",
                Number(),
                "The factor by which every number is multiplied.",
                formula="0 to 255 → 0 to 1: 1/255",
                initial=1.0,
            ),
            argument(
                "offset",
                Number(),
                "What is added to every number after that.",
                formula="0 to 255 → −1 to 1: 2/255, −1",
            ),
            *BASE,
        ),
    ),
    rule=lambda call: (as_float(call.inputs[0]),),
    words=lambda params: f"· {params['scale']:g} + {params['offset']:g}",
    keywords=("scale", "offset", "range", "pixels", "normalize"),
)

NORMALIZATION = (
    LAYER_NORMALIZATION,
    BATCH_NORMALIZATION,
    RMS_NORMALIZATION,
    UNIT_NORMALIZATION,
    GROUP_NORMALIZATION,
    RESCALING,
)
