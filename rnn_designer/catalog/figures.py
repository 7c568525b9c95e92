"""What Keras calls the figure that a metric gives."""

import re
from collections.abc import Iterable

from rnn_designer.catalog.keras_arguments import keras_arguments
from rnn_designer.catalog.values import Part


def figure_name(metric: Part) -> str:
    """The name of a metric in the log of a model with one output: ``mean_absolute_error``.

    Of a second metric of a kind that Keras numbers (AUC, Precision …), it is that of the first.
    """
    given = keras_arguments(metric.kind, "metrics").get("name", {}).get("default")
    return str(given) if given is not None else _snake(metric.kind)


def _snake(kind: str) -> str:
    words = re.sub(r"\W+", "", kind)
    words = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", words)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", words).lower()


LARGER_IS_BETTER = frozenset(
    {
        "AUC",
        "BinaryAccuracy",
        "CategoricalAccuracy",
        "ConcordanceCorrelation",
        "CosineSimilarity",
        "F1Score",
        "FBetaScore",
        "PearsonCorrelation",
        "Precision",
        "PrecisionAtRecall",
        "R2Score",
        "Recall",
        "RecallAtPrecision",
        "SensitivityAtSpecificity",
        "SparseCategoricalAccuracy",
        "SparseTopKCategoricalAccuracy",
        "SpecificityAtSensitivity",
        "TopKCategoricalAccuracy",
    }
)
"""Metrics that are to grow; losses and all others are to shrink, as Keras itself has it."""


def direction(figure: str, metrics: Iterable[Part]) -> str:
    """Whether a figure is to become large or small, ``max`` or ``min``.

    Args:
        figure: its name without val_; in a model with several outputs it begins with the output's.
        metrics: the metrics of the model.
    """
    known = [each for each in metrics if f"_{figure}".endswith(f"_{figure_name(each)}")]
    # “top_k_categorical_accuracy” ends like “categorical_accuracy”: the longest name is meant.
    meant = max(known, key=lambda each: len(figure_name(each)), default=None)
    return "max" if meant is not None and meant.kind in LARGER_IS_BETTER else "min"
