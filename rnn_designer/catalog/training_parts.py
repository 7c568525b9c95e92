"""What a model is compiled with, by Keras' class names: optimizers, schedules, losses, metrics.

Each module beside this one holds one kind. ``LEFT_OUT`` and ``LEFT_OUT_ARGUMENTS`` say of everything that Keras has
and the catalog lacks, why.
"""

from collections.abc import Mapping

from rnn_designer.catalog.losses import losses
from rnn_designer.catalog.metrics import metrics
from rnn_designer.catalog.optimizers import optimizers
from rnn_designer.catalog.parameters import Namespace, PartType
from rnn_designer.catalog.schedules import schedules

LEFT_OUT: Mapping[Namespace, Mapping[str, str]] = {
    "optimizers": {
        "LossScaleOptimizer": "It is for half precision, which Keras turns on by itself where it is needed.",
        "MultiOptimizer": "It takes layers of a model that does not exist before the program runs.",
        "ScheduleFreeAdamW": "The weights that it trains are not those that it means to be used, and Keras never "
        "exchanges them.",
    },
    "schedules": {},
    "losses": {
        "CTC": "It aligns sequences of different lengths, for which targets would have to carry lengths of their own.",
        "Circle": "It compares the samples of a batch with each other, which no target of a sample can say.",
    },
    "metrics": {
        "Accuracy": "It asks whether numbers are exactly the same, which predictions never are.",
        "BinaryIoU": "It measures areas of pictures.",
        "IoU": "It measures areas of pictures.",
        "MeanIoU": "It measures areas of pictures.",
        "OneHotIoU": "It measures areas of pictures.",
        "OneHotMeanIoU": "It measures areas of pictures.",
        "Mean": "It knows no targets.",
        "MeanMetricWrapper": "It is for metrics written by hand.",
        "Sum": "It knows no targets.",
    },
}
"""Classes of Keras that the catalog lacks, with the reason."""

_NAME = {"name": "is made by Keras: the figure is called as the class is"}
_DTYPE = {"dtype": "is float32, as everything here"}
_IN_TRAINING = "is set with the training itself, as it is the same for every optimizer"
_AVERAGED = "would leave weights that no epoch was seen with"

LEFT_OUT_ARGUMENTS: Mapping[Namespace, Mapping[str, str]] = {
    "optimizers": {
        **_NAME,
        "clipnorm": _IN_TRAINING,
        "clipvalue": _IN_TRAINING,
        "global_clipnorm": _IN_TRAINING,
        "use_ema": _AVERAGED,
        "ema_momentum": _AVERAGED,
        "ema_overwrite_frequency": _AVERAGED,
        "loss_scale_factor": "is for half precision",
        "exclude_layers": "takes patterns of the names of weights inside Keras",
    },
    "schedules": {**_NAME, "initial_learning_rate": "is the learning rate of the optimizer"},
    "losses": {**_NAME, **_DTYPE, "axis": "is the last one, where the numbers of a step or a sample are"},
    "metrics": {
        **_NAME,
        **_DTYPE,
        "axis": "is the last one, where the numbers of a step or a sample are",
        "thresholds": "of a curve are spread evenly, as many as asked for",
        "num_labels": "follows from the output",
        "label_weights": "is for several labels with different weights",
        "from_sorted_ids": "is for predictions that are sorted already",
    },
}
"""Arguments that are no parameters of any part in the namespace, with the reason, unless a part has them."""


def training_parts(namespace: Namespace) -> tuple[PartType, ...]:
    """All parts of one of the kinds that training takes, the usual ones first."""
    match namespace:
        case "optimizers":
            return optimizers()
        case "schedules":
            return schedules()
        case "losses":
            return losses()
        case "metrics":
            return metrics()
    raise KeyError(f"There are no parts called “{namespace}”.")
