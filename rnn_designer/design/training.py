"""What of a design acts only while it is trained: dropout, noise, and statistics of the batch."""

from __future__ import annotations

import re

from rnn_designer.design.model import Design, Layer

_INSIDE = ("dropout", "recurrent_dropout")
_OWN_CODE = re.compile(r"\btraining\b")


def only_disturbs(layer: Layer) -> bool:
    """Whether the layer does nothing but drop values or add noise."""
    name = "stddev" if layer.kind == "GaussianNoise" else "rate" if "Dropout" in layer.kind else ""
    return bool(name) and bool(layer.value(name))


def drops(layer: Layer) -> bool:
    """Whether the layer computes something and drops values while it does."""
    return any(name in layer.type.by_name and bool(layer.value(name)) for name in _INSIDE)


def acts_in_training(layer: Layer) -> bool:
    """Whether the layer itself, not one inside it, computes something else in training than in prediction."""
    if layer.kind == "CustomCell":
        return _OWN_CODE.search(str(layer.value("code"))) is not None
    return only_disturbs(layer) or drops(layer) or layer.kind == "BatchNormalization"


def can_show_training(design: Design) -> bool:
    """Whether a run as in training shows anything else; what goes on by itself always does so as in prediction."""
    return design.generation is None and any(map(acts_in_training, design.walk()))
