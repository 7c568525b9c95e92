"""The losses of Keras: one number that says how far an output is from its target. Training makes it small.

In formulas y is the target, ŷ the output, n how many numbers there are in one step or sample.
"""

from functools import cache

from rnn_designer.catalog.keras_arguments import argument, with_defaults
from rnn_designer.catalog.parameters import Choice, Flag, Integer, Number, Parameter, PartType

_REDUCTION = argument(
    "reduction",
    Choice(("sum_over_batch_size", "mean_with_sample_weight", "sum")),
    "How the losses of all samples and steps of a batch become one number: their sum divided by how many there are; "
    "divided by the sum of their weights, so that what does not count is left out altogether; or the plain sum.",
    group="behaviour",
)
_LOGITS = argument(
    "from_logits",
    Flag(),
    "Whether the output is a score of any size that the loss has to turn into probabilities itself. Turn it on where "
    "the last layer has no activation, off behind sigmoid and softmax. The wrong choice trains badly and says nothing.",
)
_SMOOTHING = argument(
    "label_smoothing",
    Number(minimum=0.0, maximum=1.0),
    "How much of the certainty is taken from the target and spread over all classes, so that the network does not "
    "become too sure of itself.",
    formula="y ← y · (1 − s) + s / classes",
)
_FOCUS = argument(
    "gamma",
    Number(minimum=0.0, maximum=100.0),
    "How much what is told right already counts less. 0 counts all alike.",
    formula="(1 − p)^γ",
)


def _alpha(what: str) -> Parameter:
    return argument("alpha", Number(minimum=0.0, maximum=1e3), what)


def _part(kind: str, alias: str, explanation: str, formula: str, *drafts: Parameter) -> PartType:
    parameters = with_defaults(kind, (*drafts, _REDUCTION), "losses")
    return PartType("losses", kind, parameters, explanation, tuple(alias.split()), formula=formula)


@cache
def losses() -> tuple[PartType, ...]:
    """Every loss, those for numbers first, then those for classes, the usual ones first."""
    return (*_of_numbers(), *_of_classes())


def _of_numbers() -> tuple[PartType, ...]:
    return (
        _part(
            "MeanSquaredError",
            "mean_squared_error mse",
            "The mean of the squared errors. One large error counts more than many small ones, and the best answer is "
            "the mean of what may come. The usual loss for numbers.",
            "Σ (y − ŷ)² / n",
        ),
        _part(
            "MeanAbsoluteError",
            "mean_absolute_error mae",
            "The mean size of the errors, in the unit of the data. Outliers count no more than they are large; the "
            "best answer is the middle of what may come.",
            "Σ |y − ŷ| / n",
        ),
        _part(
            "Huber",
            "huber",
            "Squares small errors and takes large ones as they are: smooth near the target, and not led astray by "
            "outliers.",
            "½ e² where |e| ≤ δ, else δ · |e| − ½ δ²",
            argument(
                "delta", Number(minimum=1e-9, maximum=1e9), "From which size an error counts as large (δ)."
            ),
        ),
        _part(
            "LogCosh",
            "log_cosh logcosh",
            "Like Huber, but without a limit to choose: half the square for small errors, the size for large ones.",
            "Σ ln cosh(ŷ − y) / n",
        ),
        _part(
            "MeanAbsolutePercentageError",
            "mean_absolute_percentage_error mape",
            "The mean error in per cent of the target. Only for targets well away from 0: near it any error is huge.",
            "100 · Σ |(y − ŷ) / y| / n",
        ),
        _part(
            "MeanSquaredLogarithmicError",
            "mean_squared_logarithmic_error msle",
            "Squared errors of the logarithms: what counts is the ratio to the target. Only for values from 0 up, "
            "hence not for standardized data.",
            "Σ (ln(y + 1) − ln(ŷ + 1))² / n",
        ),
        _part(
            "Poisson",
            "poisson",
            "For counts: how unlikely the target is where the output is the mean number of events. The output has to "
            "be positive, as softplus or exponential make it.",
            "Σ (ŷ − y · ln ŷ) / n",
        ),
        _part(
            "CosineSimilarity",
            "cosine_similarity",
            "The angle between output and target, whatever their lengths. −1 where they point the same way, 1 where "
            "they are opposed.",
            "− y · ŷ / (‖y‖ · ‖ŷ‖)",
        ),
    )


def _of_classes() -> tuple[PartType, ...]:
    return (
        _part(
            "SparseCategoricalCrossentropy",
            "sparse_categorical_crossentropy",
            "How surprised the network is by the right class. Targets are the numbers of the classes. The usual loss "
            "for one of several classes, and for tokens.",
            "− ln p(y)",
            _LOGITS,
            argument(
                "ignore_class",
                Integer(minimum=-1, maximum=10**9, optional=True),
                "A number among the targets that stands for no class and does not count, as for padding.",
            ),
        ),
        _part(
            "CategoricalCrossentropy",
            "categorical_crossentropy",
            "The same, with targets that have a 1 at the right class among zeros. It takes label smoothing, and needs "
            "more memory.",
            "− Σ y · ln p",
            _LOGITS,
            _SMOOTHING,
        ),
        _part(
            "BinaryCrossentropy",
            "binary_crossentropy bce",
            "For one yes-or-no at each unit, such as two classes told by a single sigmoid unit, or several labels that "
            "do not exclude one another.",
            "− Σ (y · ln p + (1 − y) · ln(1 − p)) / n",
            _LOGITS,
            _SMOOTHING,
        ),
        _part(
            "BinaryFocalCrossentropy",
            "binary_focal_crossentropy",
            "Crossentropy in which what is told right already counts less, for yes-or-no where one answer is rare.",
            "− (1 − p)^γ · ln p, p the probability of the right answer",
            _LOGITS,
            _FOCUS,
            argument(
                "apply_class_balancing", Flag(), "Whether the class 1 is weighted by α and class 0 by 1 − α."
            ),
            _alpha("The weight of class 1 where classes are balanced (α)."),
            _SMOOTHING,
        ),
        _part(
            "CategoricalFocalCrossentropy",
            "categorical_focal_crossentropy",
            "Crossentropy in which what is told right already counts less, for classes of very different frequency.",
            "− α · (1 − p)^γ · ln p, p the probability of the right class",
            _LOGITS,
            _FOCUS,
            _alpha("A factor on the whole (α)."),
            _SMOOTHING,
        ),
        _part(
            "CategoricalGeneralizedCrossEntropy",
            "categorical_generalized_cross_entropy",
            "Between crossentropy and plain error: labels that are wrong now and then do less harm. Behind softmax.",
            "(1 − p^q) / q, p the probability of the right class",
            argument(
                "q",
                Number(minimum=0.001, maximum=0.999),
                "Towards 0 it is crossentropy, towards 1 a plain error that wrong labels disturb least.",
            ),
        ),
        _part(
            "KLDivergence",
            "kl_divergence kullback_leibler_divergence kld",
            "How far one distribution over the classes is from another, for targets that are probabilities themselves.",
            "Σ y · ln(y / ŷ)",
        ),
        _part(
            "Hinge",
            "hinge",
            "For one score that is to be above 1 for class 1 and below −1 for class 0. What is clear enough costs "
            "nothing. It needs an output without sigmoid.",
            "max(0, 1 − y · ŷ), y being −1 or 1",
        ),
        _part(
            "SquaredHinge",
            "squared_hinge",
            "Hinge, squared: what is far on the wrong side counts most.",
            "max(0, 1 − y · ŷ)²",
        ),
        _part(
            "CategoricalHinge",
            "categorical_hinge",
            "The score of the right class is to be above that of every other by at least 1.",
            "max(0, 1 + best wrong score − right score)",
        ),
        _part(
            "Dice",
            "dice",
            "One minus how far output and target overlap, over the whole batch. For rare yes-answers.",
            "1 − 2 · Σ y · ŷ / (Σ y + Σ ŷ)",
        ),
        _part(
            "Tversky",
            "tversky",
            "Dice with two weights: one for what is wrongly said to be there, one for what is missed.",
            "1 − Σ y·ŷ / (Σ y·ŷ + α Σ (1 − y)·ŷ + β Σ y·(1 − ŷ))",
            _alpha("How much counts what is wrongly said to be there (α)."),
            argument("beta", Number(minimum=0.0, maximum=1e3), "How much counts what is missed (β)."),
        ),
    )
