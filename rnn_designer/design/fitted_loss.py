"""Which loss and which metrics fit an output, and in which form they take the targets."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from rnn_designer.catalog import FrozenMap, Part, TensorSpec
from rnn_designer.design.model import Goal

Encoding: TypeAlias = Literal["numbers", "ids", "one_hot", "binary"]

TAKES_IDS = frozenset({"CategoricalGeneralizedCrossEntropy", "SparseCategoricalCrossentropy"})
"""Losses whose targets are the numbers of the classes."""
FOR_SEVERAL_CLASSES = TAKES_IDS | {
    "CategoricalCrossentropy",
    "CategoricalFocalCrossentropy",
    "CategoricalHinge",
    "KLDivergence",
}
"""Losses that make no sense but for one of several classes."""
OF_CLASSES = FOR_SEVERAL_CLASSES | {
    "BinaryCrossentropy",
    "BinaryFocalCrossentropy",
    "Hinge",
    "SquaredHinge",
    "Dice",
    "Tversky",
}
"""Losses that compare classes, not numbers."""
FROM_LOGITS = frozenset(
    {
        "BinaryCrossentropy",
        "BinaryFocalCrossentropy",
        "CategoricalCrossentropy",
        "CategoricalFocalCrossentropy",
        "SparseCategoricalCrossentropy",
    }
)
"""Losses that can be told that the output is a score and no probability yet."""
LOGITS = frozenset({"linear", "log_softmax"})
"""What an output is whose numbers a crossentropy has to turn into probabilities itself."""


@dataclass(frozen=True)
class FittedLoss:
    """A loss and metrics with the reasons, and the form of the targets."""

    loss: Part
    loss_why: str
    metrics: tuple[Part, ...]
    metrics_why: str
    encoding: Encoding


def fitted_loss(
    goal: Goal, classes: bool, steps: bool, gaps: bool, spec: TensorSpec, activation: str
) -> FittedLoss:
    """The loss and the metrics that were chosen, or those that fit.

    Args:
        goal: what was chosen.
        classes: whether a class is to be told.
        steps: whether the output has something at every step.
        gaps: whether some steps may have no target.
        spec: the tensor at the output.
        activation: the last function before it.
    """
    units = spec.features or 0
    usual, why, encoding = _of_classes(units, activation) if classes else _of_numbers(activation)
    if gaps:
        # Divided by all steps, the figure would look the better the fewer steps there are that count.
        usual = Part(usual.kind, usual.params.having(reduction="mean_with_sample_weight"))
        why += " Only steps with a target count, so the mean is taken over those."
    if goal.loss is not None:
        encoding = encoding_for(goal.loss, classes, units)
        usual, why = goal.loss, "It was chosen by hand."
    metrics, metrics_why = _metrics(usual, encoding, steps)
    if goal.metrics is not None:
        metrics, metrics_why = goal.metrics, "They were chosen by hand."
    return FittedLoss(usual, why, metrics, metrics_why, encoding)


def encoding_for(loss: Part, classes: bool, units: int) -> Encoding:
    """In which form a loss takes the targets of a task."""
    if not classes:
        return "numbers"
    if loss.kind in TAKES_IDS:
        return "ids"
    return "binary" if units == 1 else "one_hot"


def _of_numbers(activation: str) -> tuple[Part, str, Encoding]:
    why = (
        "The targets are numbers. The mean square of the error makes large errors count most, and its best answer is "
        "the mean of what may come."
    )
    if activation not in ("linear", "log_softmax"):
        why += f" {activation} limits what the output can reach: scale the data so that it fits."
    return Part("MeanSquaredError"), why, "numbers"


def _of_classes(units: int, activation: str) -> tuple[Part, str, Encoding]:
    logits = activation in LOGITS
    given = FrozenMap(from_logits=True) if logits else FrozenMap()
    score = (
        "The last layer has no activation, so its numbers are scores: from_logits makes the loss turn them into "
        "probabilities itself, which is also the more exact way."
    )
    if units == 1:
        if not logits and activation != "sigmoid":
            return (
                Part("MeanSquaredError"),
                f"One number decides between two classes, but {activation} gives no probability, so it is compared "
                "with 0 and 1 as a number. A sigmoid at the end would fit better.",
                "binary",
            )
        why = "One number decides between two classes, 0 and 1, as a probability."
        return Part("BinaryCrossentropy", given), f"{why} {score}" if logits else why, "binary"
    why = f"One of {units} classes is to be told, and the targets are the numbers of the classes."
    if logits:
        return Part("SparseCategoricalCrossentropy", given), f"{why} {score}", "ids"
    if activation == "softmax":
        return Part("SparseCategoricalCrossentropy"), f"{why} Softmax gives each its probability.", "ids"
    if activation == "sigmoid":
        return (
            Part("BinaryCrossentropy"),
            f"{units} classes, and sigmoid gives each a probability of its own: each is compared with 1 or 0 by "
            "itself. Softmax would make them compete.",
            "one_hot",
        )
    return (
        Part("MeanSquaredError"),
        f"{units} classes, but {activation} gives no probabilities, so the numbers are compared with 1 and 0. Softmax "
        "at the end would fit better.",
        "one_hot",
    )


def _metrics(loss: Part, encoding: Encoding, steps: bool) -> tuple[tuple[Part, ...], str]:
    where = " over all steps that count" if steps else ""
    if encoding == "ids":
        return (
            (Part("SparseCategoricalAccuracy"),),
            f"How often the likeliest class is the right one{where}; the loss itself is harder to read.",
        )
    if encoding == "one_hot":
        return (
            (Part("CategoricalAccuracy"),),
            f"How often the likeliest class is the right one{where}; the loss itself is harder to read.",
        )
    if encoding == "binary":
        logits = bool(loss.params.get("from_logits", False))
        return (
            (Part("BinaryAccuracy", FrozenMap(threshold=0.0) if logits else FrozenMap()),),
            f"How often the right class is told{where}"
            + ("; a score above 0 counts as class 1." if logits else "; above 0.5 counts as class 1."),
        )
    return (
        (Part("MeanAbsoluteError"),),
        f"How far off a prediction is on average{where}, in the unit of the data that the network sees.",
    )
