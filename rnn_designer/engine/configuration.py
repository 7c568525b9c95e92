"""How a model and its layers describe themselves, and the same weights in a model of another form."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from rnn_designer.engine.failures import Refused


def configuration_of(model: Any) -> str:
    """``get_config`` of the model and of each of its layers as JSON, as ``Saved.configuration`` says."""
    layers = {
        layer.name: {"class_name": type(layer).__name__, "config": _plain(layer.get_config)}
        for layer in model.layers
    }
    return json.dumps({"class": type(model).__name__, "model": _plain(model.get_config), "layers": layers})


def _plain(make: Callable[[], Any]) -> Any:
    try:
        return json.loads(json.dumps(make(), default=str))
    except NotImplementedError:
        return None


def hand_over(weights_of: Any, to: Any) -> None:
    """Give a model the weights of another one with the same layers, which are found by their names.

    Raises:
        Refused: the two do not have the same layers with the same weights.
    """
    given = {layer.name: layer.weights for layer in weights_of.layers if layer.weights}
    taken = {layer.name: layer.weights for layer in to.layers if layer.weights}
    for name in given.keys() | taken.keys():
        source, target = given.get(name, []), taken.get(name, [])
        if [tuple(each.shape) for each in source] != [tuple(each.shape) for each in target]:
            raise Refused(
                f"Layer “{name}” has {len(source)} weights in the design and {len(target)} of the same shapes in the "
                "exported form; please report this design."
            )
        for variable, value in zip(target, source, strict=True):
            variable.assign(value)
