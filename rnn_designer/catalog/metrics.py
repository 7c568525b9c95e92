"""The metrics of Keras: figures for people, by which nothing is trained.

In formulas y is the target, ŷ the output, n how many numbers are compared. A figure is one number here, so arguments
that would make it several are not offered.
"""

from functools import cache

from rnn_designer.catalog.keras_arguments import argument, with_defaults
from rnn_designer.catalog.losses import losses
from rnn_designer.catalog.parameters import Choice, Flag, Integer, Number, Parameter, PartType

_THRESHOLD = argument(
    "threshold",
    Number(minimum=-1e9, maximum=1e9),
    "From which output on class 1 is said. 0.5 for probabilities; 0 for scores, where no activation is last.",
)
_SHARE = Number(minimum=0.0, maximum=1.0)
_K = argument(
    "k", Integer(minimum=1, maximum=10**6), "Among how many of the likeliest classes the right one may be."
)
_COUNT = argument(
    "thresholds",
    Number(minimum=0.0, maximum=1.0, optional=True),
    "From which output on class 1 is said. None: 0.5. Choose 0 for scores, where no activation is last.",
)
_CLASS = argument(
    "class_id",
    Integer(minimum=0, maximum=10**6, optional=True),
    "The number of the class that is looked at. None: all units.",
)
_TOP = argument(
    "top_k",
    Integer(minimum=1, maximum=10**6, optional=True),
    "Only the so many likeliest classes count as said. None: all above the threshold.",
)
_THRESHOLDS = argument(
    "num_thresholds",
    Integer(minimum=2, maximum=100_000),
    "At how many thresholds the curve is measured. More is more exact and slower.",
    group="advanced",
)
_LOGITS = argument(
    "from_logits",
    Flag(),
    "Whether the output is a score of any size and no probability: no activation at the end.",
)
_SMOOTHING = argument(
    "label_smoothing",
    Number(minimum=0.0, maximum=1.0),
    "How much of the target's certainty is spread over all classes.",
)
_IGNORED = argument(
    "ignore_class",
    Integer(minimum=-1, maximum=10**9, optional=True),
    "A number among the targets that stands for no class and does not count.",
)


def _part(
    kind: str,
    alias: str,
    explanation: str,
    formula: str,
    *drafts: Parameter,
    rank: int | None = None,
    required: tuple[str, ...] = (),
) -> PartType:
    parameters = with_defaults(kind, drafts, "metrics", required)
    return PartType("metrics", kind, parameters, explanation, tuple(alias.split()), 1, rank, formula)


@cache
def metrics() -> tuple[PartType, ...]:
    """Every metric, those for numbers first, then those for classes, the usual ones first."""
    return (*_of_numbers(), *_of_classes(), *_of_decisions())


def _as_loss(kind: str, *drafts: Parameter, metric: str = "", alias: str = "") -> PartType:
    """A metric that is a loss of the same name, told and not trained by."""
    found = next(each for each in losses() if each.kind == kind)
    first = found.explanation.partition(". ")[0].rstrip(".")
    return _part(metric or kind, alias or " ".join(found.aliases), f"{first}.", found.formula, *drafts)


def _of_numbers() -> tuple[PartType, ...]:
    return (
        _as_loss("MeanAbsoluteError"),
        _part(
            "RootMeanSquaredError",
            "rmse",
            "The root of the mean squared error: an error in the unit of the data in which large ones count most.",
            "√(Σ (y − ŷ)² / n)",
        ),
        _as_loss("MeanSquaredError"),
        _part(
            "R2Score",
            "r2",
            "How much of the targets' variance is explained: 1 is perfect, 0 no better than saying their mean, below 0 "
            "worse than that. For one prediction per sample.",
            "1 − Σ (y − ŷ)² / Σ (y − ȳ)²",
            argument(
                "class_aggregation",
                Choice(("uniform_average", "variance_weighted_average")),
                "How the scores of several numbers become one: each the same, or by how much each varies.",
            ),
            argument(
                "num_regressors",
                Integer(minimum=0, maximum=10**6),
                "How many inputs to account for, so that many do not look good by chance. 0 for the plain score.",
                group="advanced",
            ),
            rank=2,
        ),
        _as_loss("MeanAbsolutePercentageError"),
        _as_loss("MeanSquaredLogarithmicError"),
        _as_loss("LogCosh", metric="LogCoshError", alias="logcosh"),
        _as_loss("Poisson"),
        _part(
            "CosineSimilarity",
            "cosine_similarity",
            "How far output and target point the same way: 1 where they do, −1 where they are opposed.",
            "y · ŷ / (‖y‖ · ‖ŷ‖)",
        ),
        _part(
            "PearsonCorrelation",
            "pearson_correlation",
            "How far the numbers of an output rise and fall with those of its target, along the last axis: 1 where "
            "they do exactly. It needs several numbers.",
            "cov(y, ŷ) / (σ(y) · σ(ŷ))",
        ),
        _part(
            "ConcordanceCorrelation",
            "concordance_correlation",
            "Like the correlation, but a wrong level or scale counts against it as well. It needs several numbers.",
            "2 · cov(y, ŷ) / (σ²(y) + σ²(ŷ) + (ȳ − mean ŷ)²)",
        ),
    )


def _of_classes() -> tuple[PartType, ...]:
    return (
        _part(
            "SparseCategoricalAccuracy",
            "sparse_categorical_accuracy",
            "How often the likeliest class is the right one, for targets that are the numbers of the classes.",
            "share of argmax ŷ = y",
        ),
        _part(
            "CategoricalAccuracy",
            "categorical_accuracy",
            "How often the likeliest class is the right one, for targets with a 1 at the class.",
            "share of argmax ŷ = argmax y",
        ),
        _part(
            "BinaryAccuracy",
            "binary_accuracy",
            "How often a yes-or-no is told right.",
            "share of (ŷ > threshold) = y",
            _THRESHOLD,
        ),
        _part(
            "SparseTopKCategoricalAccuracy",
            "sparse_top_k_categorical_accuracy",
            "How often the right class is among the likeliest ones, for targets that are the numbers of the classes.",
            "share of y among the k largest of ŷ",
            _K,
        ),
        _part(
            "TopKCategoricalAccuracy",
            "top_k_categorical_accuracy",
            "How often the right class is among the likeliest ones, for targets with a 1 at the class.",
            "share of argmax y among the k largest of ŷ",
            _K,
        ),
        _as_loss("SparseCategoricalCrossentropy", _LOGITS, _IGNORED),
        _as_loss("CategoricalCrossentropy", _LOGITS, _SMOOTHING),
        _as_loss("BinaryCrossentropy", _LOGITS, _SMOOTHING),
        _as_loss("KLDivergence"),
        _as_loss("Hinge"),
        _as_loss("SquaredHinge"),
        _as_loss("CategoricalHinge"),
    )


def _of_decisions() -> tuple[PartType, ...]:
    averages = argument(
        "average",
        Choice(("macro", "micro", "weighted")),
        "How the scores of several classes become one: each class the same, each decision the same, or each class by "
        "how frequent it is.",
        initial="macro",
    )
    said = argument(
        "threshold",
        Number(minimum=1e-9, maximum=1.0, optional=True),
        "From which probability on a class is said. None: the likeliest one is.",
    )
    return (
        _part(
            "AUC",
            "auc",
            "How well the outputs rank: the chance that a yes gets a larger output than a no. 0.5 is guessing. It "
            "does not depend on a threshold.",
            "area under the curve of hits over false alarms",
            argument(
                "curve",
                Choice(("ROC", "PR")),
                "ROC: hits over false alarms. PR: precision over recall, for rare yes-answers.",
            ),
            argument(
                "summation_method",
                Choice(("interpolation", "minoring", "majoring")),
                "How the area between two thresholds is taken: in between, too small, or too large.",
                group="advanced",
            ),
            _THRESHOLDS,
            argument("multi_label", Flag(), "Whether each unit is measured by itself and the mean is told."),
            _LOGITS,
        ),
        _part(
            "Precision",
            "precision",
            "Of what was said to be class 1, the share that is.",
            "hits / (hits + false alarms)",
            _COUNT,
            _TOP,
            _CLASS,
        ),
        _part(
            "Recall",
            "recall",
            "Of what is class 1, the share that was found.",
            "hits / (hits + misses)",
            _COUNT,
            _TOP,
            _CLASS,
        ),
        _part(
            "F1Score",
            "f1_score",
            "Precision and recall in one: good only where both are. For one prediction per sample.",
            "2 · precision · recall / (precision + recall)",
            averages,
            said,
            rank=2,
            required=("average",),
        ),
        _part(
            "FBetaScore",
            "fbeta_score",
            "F1 in which recall counts β times as much as precision. For one prediction per sample.",
            "(1 + β²) · precision · recall / (β² · precision + recall)",
            averages,
            argument("beta", Number(minimum=1e-6, maximum=1e6), "How much more recall counts (β)."),
            said,
            rank=2,
            required=("average",),
        ),
        *(
            _part(kind, alias, f"How many {what}.", "a count", _COUNT)
            for kind, alias, what in (
                ("TruePositives", "true_positives", "were said to be class 1 and are (hits)"),
                ("TrueNegatives", "true_negatives", "were said to be class 0 and are"),
                ("FalsePositives", "false_positives", "were said to be class 1 and are not (false alarms)"),
                ("FalseNegatives", "false_negatives", "were said to be class 0 and are not (misses)"),
            )
        ),
        *(
            _part(
                kind,
                alias,
                f"The best {told} that some threshold gives while {held} is at least as given.",
                f"max {told} where {held} ≥ the limit",
                argument(held, _SHARE, f"The least {held} that is accepted.", initial=0.5),
                _THRESHOLDS,
                _CLASS,
            )
            for kind, alias, told, held in (
                ("PrecisionAtRecall", "precision_at_recall", "precision", "recall"),
                ("RecallAtPrecision", "recall_at_precision", "recall", "precision"),
                ("SensitivityAtSpecificity", "sensitivity_at_specificity", "sensitivity", "specificity"),
                ("SpecificityAtSensitivity", "specificity_at_sensitivity", "specificity", "sensitivity"),
            )
        ),
    )
