"""Parameters that many layers have in common, worded for the weight or layer they belong to."""

from rnn_designer.catalog.keras_arguments import argument
from rnn_designer.catalog.parameters import Activation, Choice, Flag, Integer, Number, Parameter, PartOf

LARGEST_UNITS = 16384
"""More units than this only ever come from a slip of the keyboard; one LSTM of them already needs 4 GiB."""

_DTYPES = (None, "float32", "float16", "bfloat16", "float64", "mixed_float16", "mixed_bfloat16")

TRAINABLE = argument(
    "trainable",
    Flag(),
    "Whether training may change this layer's weights. Switch it off to keep what the layer has already "
    "learned. What it computes does not change (except in BatchNormalization).",
    group="advanced",
)
DTYPE = argument(
    "dtype",
    Choice(_DTYPES),
    "The kind of numbers the layer computes with. Empty: Keras' own, float32. float16 and bfloat16 need "
    "half the memory and are less exact; the mixed ones keep the weights in float32.",
    group="advanced",
)
ACTIVITY_REGULARIZER = argument(
    "activity_regularizer",
    # How many axes the output has is known only in use; a sequence has three.
    PartOf("regularizers", optional=True, rank=3),
    "A penalty on the layer's output, added to the loss while training: it keeps outputs small (L2) or "
    "mostly zero (L1). It changes nothing in what the layer computes.",
    group="regularizers",
)
BASE = (ACTIVITY_REGULARIZER, TRAINABLE, DTYPE)
"""What every layer takes that hands further arguments on to Keras' base class."""


def initializer(name: str, what: str, rank: int) -> Parameter:
    """How a weight with ``rank`` axes is filled before training; ``what`` says which, with its shape."""
    return argument(
        name,
        PartOf("initializers", rank=rank),
        f"How {what} is filled before training. It changes where training starts, not the shape or the "
        "count.",
        group="initializers",
    )


def regularizer(name: str, what: str, rank: int) -> Parameter:
    """A penalty on a weight with ``rank`` axes."""
    return argument(
        name,
        PartOf("regularizers", optional=True, rank=rank),
        f"A penalty on {what}, added to the loss while training, so that its numbers stay small (L2) or "
        "mostly zero (L1). None: no penalty.",
        group="regularizers",
    )


def constraint(name: str, what: str) -> Parameter:
    """A limit on a weight, applied after each training step."""
    return argument(
        name,
        PartOf("constraints", optional=True),
        f"A rule that {what} is made to follow after every training step, such as a greatest length. None: "
        "no rule.",
        group="constraints",
    )


def units(explanation: str, formula: str = "", name: str = "units", initial: int = 32) -> Parameter:
    """How many units (or filters) a layer has."""
    return argument(
        name, Integer(minimum=1, maximum=LARGEST_UNITS), explanation, formula=formula, initial=initial
    )


def activation(name: str, explanation: str, formula: str = "", recurrent: bool = False) -> Parameter:
    """An activation function."""
    return argument(
        name, Activation(optional=True, recurrent=recurrent), explanation, formula=formula, group="main"
    )


def use_bias(explanation: str, formula: str = "") -> Parameter:
    """Whether a bias is added."""
    return argument("use_bias", Flag(), explanation, formula=formula)


def rate(name: str, explanation: str, group: str = "main", initial: float = 0.2) -> Parameter:
    """A share of numbers that are set to zero while training."""
    return argument(
        name,
        Number(minimum=0.0, maximum=1.0),
        explanation,
        formula="kept numbers · 1 / (1 − rate)",
        group=group,
        initial=initial,
    )


def seed(what: str, more: str = "") -> Parameter:
    """The seed of random numbers drawn while training."""
    return argument(
        "seed",
        Integer(minimum=0, maximum=2**31 - 1, optional=True),
        f"Fixes the random choice of {what} while training, so that a run can be repeated. Empty: another "
        f"choice in every run.{more}",
        group="advanced",
    )


def data_format(last: str = "(batch, time, features)", first: str = "(batch, features, time)") -> Parameter:
    """Which axis holds the features."""
    return argument(
        "data_format",
        Choice((None, "channels_last", "channels_first")),
        f"Where the features are: channels_last is {last}, channels_first is {first}. Empty: Keras' own "
        "setting, channels_last unless the user's Keras configuration says otherwise.",
        group="advanced",
    )


def lora(weight: str, count: str) -> tuple[Parameter, Parameter]:
    """The two arguments of low-rank fine-tuning."""
    return (
        argument(
            "lora_rank",
            Integer(minimum=1, maximum=LARGEST_UNITS, optional=True),
            f"For fine-tuning: freezes {weight} and trains the product of two thin matrices in its place, "
            "of this rank (LoRA). The thin matrices add to the number of weights. Empty: ordinary training.",
            formula=count,
            group="advanced",
        ),
        argument(
            "lora_alpha",
            Number(minimum=0.0, optional=True),
            "How strongly the low-rank product counts. Empty: the same number as the rank, so a factor of "
            "1. Without lora_rank it does nothing.",
            formula="weight + lora_alpha / lora_rank · A·B",
            group="advanced",
        ),
    )


QUANTIZATION = argument(
    "quantization_config",
    Choice((None,)),
    "Keras' settings for shrinking a trained layer to 8-bit or 4-bit numbers. That is done to a finished "
    "model in code, with model.quantize(), so it is not set here.",
    group="advanced",
    editable=False,
)
