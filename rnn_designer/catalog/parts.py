"""What stands for a Keras object in a design: initializers, regularizers, constraints, activations, losses."""

from functools import cache

from rnn_designer.catalog.activations import (
    ACTIVATIONS,
    REFUSED_ACTIVATIONS,
    ActivationType,
    canonical_activation,
)
from rnn_designer.catalog.keras_arguments import argument, with_defaults
from rnn_designer.catalog.parameters import (
    Choice,
    Flag,
    Integer,
    Integers,
    Namespace,
    Number,
    Parameter,
    PartType,
)

__all__ = [
    "ACTIVATIONS",
    "REFUSED_ACTIVATIONS",
    "ActivationType",
    "canonical_activation",
    "part_type",
    "parts",
]

_SEED = argument(
    "seed",
    Integer(minimum=0, maximum=2**31 - 1, optional=True),
    "Fixes the random numbers, so that the weight starts the same every time. Empty: other numbers in "
    "every run of the exported code. (On screen the design's own seed decides.)",
    group="advanced",
)
_INPUT_AXES = argument(
    "input_axes",
    Integers(minimum=-8, optional=True),
    "Which axes of the weight count as inputs when its scale is worked out; Keras looks at them only if the "
    "output axes are given too. Empty: all but the last, which is right for every layer here.",
    group="advanced",
)
_OUTPUT_AXES = argument(
    "output_axes",
    Integers(minimum=-8, optional=True),
    "Which axes of the weight count as outputs when its scale is worked out; Keras looks at them only if the "
    "input axes are given too. Empty: the last.",
    group="advanced",
)
_SCALED = (_SEED, _INPUT_AXES, _OUTPUT_AXES)
_SPREAD = Number(minimum=0.0)


def _gain(of: str) -> Parameter:
    return argument("gain", Number(), f"A factor on {of}.")


def _axis(weight: str) -> Parameter:
    return argument(
        "axis",
        Integers(minimum=-8, single=True),
        f"Along which axis the length of {weight} is measured. 0 takes all weights that lead into one unit "
        "together.",
    )


# Keras finds out only when it makes the weight, or in training.
_RANKS: dict[str, tuple[int, int | None]] = {
    "Orthogonal": (2, None),
    "Identity": (2, 2),
    "STFT": (3, 3),
    "OrthogonalRegularizer": (2, 2),
}


def _part(namespace: Namespace, kind: str, aliases: str, explanation: str, *drafts: Parameter) -> PartType:
    parameters = with_defaults(kind, drafts, namespace)
    least, greatest = _RANKS.get(kind, (1, None))
    return PartType(namespace, kind, parameters, explanation, tuple(aliases.split()), least, greatest)


@cache
def _initializers() -> tuple[PartType, ...]:
    def part(kind: str, aliases: str, explanation: str, *drafts: Parameter) -> PartType:
        return _part("initializers", kind, aliases, explanation, *drafts)

    return (
        part(
            "GlorotUniform",
            "glorot_uniform",
            "Evenly spread random numbers, their range set by how many inputs and outputs the layer has, "
            "so that signals keep their size on the way through. Keras' usual choice. Range ±√(6 / (inputs "
            "+ outputs)).",
            *_SCALED,
        ),
        part(
            "GlorotNormal",
            "glorot_normal",
            "Like GlorotUniform, but bell-shaped. Deviation √(2 / (inputs + outputs)), cut off at two "
            "deviations.",
            *_SCALED,
        ),
        part(
            "HeUniform",
            "he_uniform",
            "Evenly spread random numbers scaled for relu. Range ±√(6 / inputs).",
            *_SCALED,
        ),
        part(
            "HeNormal",
            "he_normal",
            "Bell-shaped random numbers scaled for relu. Deviation √(2 / inputs), cut off at two deviations.",
            *_SCALED,
        ),
        part(
            "LecunUniform",
            "lecun_uniform",
            "Evenly spread random numbers scaled by the inputs alone. Range ±√(3 / inputs).",
            *_SCALED,
        ),
        part(
            "LecunNormal",
            "lecun_normal",
            "Bell-shaped random numbers scaled by the inputs alone; goes with selu. Deviation √(1 / inputs).",
            *_SCALED,
        ),
        part(
            "Orthogonal",
            "orthogonal orthogonalinitializer",
            "A random rotation: it changes the direction of a state but not its length, so repeating it "
            "over many steps neither blows it up nor lets it fade. The usual choice for recurrent weights.",
            _gain("the rotation; above 1 the state grows with every step, below 1 it shrinks"),
            _SEED,
        ),
        part(
            "Identity",
            "identity identityinitializer",
            "Ones on the diagonal, zeros elsewhere: at first every unit just hands on its own value. Used "
            "with relu in simple recurrent layers. Only for weights with two axes.",
            _gain("the diagonal"),
        ),
        part("Zeros", "zeros zero", "All zeros. The usual choice for a bias."),
        part("Ones", "ones one", "All ones. The usual choice for a scale, and for a forget gate's bias."),
        part(
            "Constant",
            "constant",
            "The same number everywhere. As a kernel it makes all units alike, and they stay so.",
            argument("value", Number(), "The number."),
        ),
        part(
            "RandomNormal",
            "random_normal normal",
            "Bell-shaped random numbers of fixed spread, whatever the size of the layer.",
            argument("mean", Number(), "The middle of the bell."),
            argument("stddev", _SPREAD, "The standard deviation: how wide the bell is."),
            _SEED,
        ),
        part(
            "RandomUniform",
            "random_uniform uniform",
            "Evenly spread random numbers between two limits, whatever the size of the layer.",
            argument("minval", Number(), "The lower limit."),
            argument("maxval", Number(), "The upper limit."),
            _SEED,
        ),
        part(
            "TruncatedNormal",
            "truncated_normal",
            "Bell-shaped random numbers; those more than two deviations from the middle are drawn again.",
            argument("mean", Number(), "The middle of the bell."),
            argument("stddev", _SPREAD, "The standard deviation before cutting off."),
            _SEED,
        ),
        part(
            "VarianceScaling",
            "variance_scaling",
            "The general form of Glorot, He and Lecun: random numbers with variance scale / n, n being the "
            "number of inputs, of outputs, or their mean.",
            argument("scale", Number(minimum=1e-12), "The factor on the variance: 1 for Lecun, 2 for He."),
            argument(
                "mode",
                Choice(("fan_in", "fan_out", "fan_avg")),
                "What n is: inputs (fan_in), outputs (fan_out), or the mean of both (fan_avg).",
            ),
            argument(
                "distribution",
                Choice(("truncated_normal", "untruncated_normal", "uniform")),
                "The shape of the distribution: a bell cut off at two deviations, a whole bell, or even.",
            ),
            *_SCALED,
        ),
        part(
            "STFT",
            "stft stftinitializer",
            "The waves of a short-time Fourier transform, for convolutions over sound. Needs the package "
            "scipy, and a weight with three axes (steps, 1, frequencies).",
            argument("side", Choice(("real", "imag")), "The cosine waves (real) or the sine waves (imag)."),
            argument(
                "window",
                Choice(("hann", "hamming", "blackman", "bartlett", None)),
                "The window that fades the waves at both ends; none leaves them as they are.",
            ),
            argument(
                "scaling",
                Choice(("density", "spectrum", None)),
                "How the waves are scaled: for power density, for the power spectrum, or not at all.",
            ),
            argument("periodic", Flag(), "Whether the window repeats exactly, for use in a row of windows."),
        ),
    )


@cache
def _regularizers() -> tuple[PartType, ...]:
    return (
        _part(
            "regularizers",
            "L2",
            "l2",
            "Adds l2 · Σ w² to the loss: large weights cost most, so training keeps all of them small.",
            argument(
                "l2", Number(minimum=0.0), "How strongly. 0.01 to 0.0001 are usual.", formula="l2 · Σ w²"
            ),
        ),
        _part(
            "regularizers",
            "L1",
            "l1",
            "Adds l1 · Σ |w| to the loss: training drives unneeded weights to 0.",
            argument(
                "l1", Number(minimum=0.0), "How strongly. 0.01 to 0.0001 are usual.", formula="l1 · Σ |w|"
            ),
        ),
        _part(
            "regularizers",
            "L1L2",
            "l1l2",
            "Both at once. With Keras' own values, 0 and 0, it does nothing.",
            argument("l1", Number(minimum=0.0), "How strongly |w| counts.", formula="l1 · Σ |w|"),
            argument("l2", Number(minimum=0.0), "How strongly w² counts.", formula="l2 · Σ w²"),
        ),
        _part(
            "regularizers",
            "OrthogonalRegularizer",
            "orthogonal_regularizer",
            "Adds a penalty for rows (or columns) of the weight that point in similar directions, so that "
            "units learn different things. Only for weights with two axes.",
            argument("factor", Number(minimum=0.0), "How strongly."),
            argument("mode", Choice(("rows", "columns")), "Whether rows or columns are to be kept apart."),
        ),
    )


@cache
def _constraints() -> tuple[PartType, ...]:
    return (
        _part(
            "constraints",
            "MaxNorm",
            "max_norm",
            "After every training step, weight vectors longer than the limit are shortened to it.",
            argument("max_value", Number(minimum=0.0), "The greatest length."),
            _axis("a weight vector"),
        ),
        _part(
            "constraints",
            "MinMaxNorm",
            "min_max_norm",
            "After every training step, the length of each weight vector is brought between two limits.",
            argument("min_value", Number(minimum=0.0), "The least length."),
            argument("max_value", Number(minimum=0.0), "The greatest length."),
            argument(
                "rate",
                Number(minimum=0.0, maximum=1.0),
                "How far each step goes towards the limit: 1 all the way, less only part of it.",
            ),
            _axis("a weight vector"),
        ),
        _part("constraints", "NonNeg", "non_neg", "After every training step, negative weights become 0."),
        _part(
            "constraints",
            "UnitNorm",
            "unit_norm",
            "After every training step, each weight vector is scaled to length 1.",
            _axis("a weight vector"),
        ),
    )


def parts(namespace: Namespace) -> tuple[PartType, ...]:
    """All parts of one kind, the usual ones first."""
    match namespace:
        case "initializers":
            return _initializers()
        case "regularizers":
            return _regularizers()
        case "constraints":
            return _constraints()
    from rnn_designer.catalog.training_parts import training_parts

    return training_parts(namespace)


@cache
def _index(namespace: Namespace) -> dict[str, PartType]:
    found = {}
    for each in parts(namespace):
        for name in (each.kind, each.kind.lower(), *each.aliases):
            found[name] = each
    return found


def part_type(namespace: Namespace, kind_or_alias: str) -> PartType | None:
    """The part with that class name or Keras string (``glorot_uniform``, ``uniform``, ``l2``), or None."""
    index = _index(namespace)
    return index.get(kind_or_alias) or index.get(kind_or_alias.lower())
