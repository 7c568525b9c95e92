"""What Keras calls the figure that a metric gives."""

import re

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
