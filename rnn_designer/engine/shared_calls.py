"""Tells the calls of a layer apart that a model makes several times.

A model runs its layers in an order of its own. Which of a layer's runs is which of its calls in the source shows
in what it returned: the model hands on the very tensors.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import keras

from rnn_designer.engine.cells import replaced
from rnn_designer.engine.placing import Placed


@contextmanager
def calls_watched(layers: Iterable[Any]) -> Iterator[dict[int, list[Any]]]:
    """While this is open, the first tensor that each run of these layers returns is noted, by ``id(layer)``."""
    returned: dict[int, list[Any]] = {}
    with ExitStack() as restore:
        for layer in layers:
            restore.enter_context(replaced(layer, "call", _noting(layer, returned.setdefault(id(layer), []))))
        yield returned


def _noting(layer: Any, returned: list[Any]) -> Any:
    original_call = layer.call

    def call(*positional: Any, **named: Any) -> Any:
        result = original_call(*positional, **named)
        returned.append(keras.tree.flatten(result)[0])
        return result

    return call


def call_numbers(
    tops: Sequence[Placed], outputs: Sequence[Sequence[Any]], returned: dict[int, list[Any]]
) -> dict[str, int]:
    """By the path of every layer of the model, which run of its Keras layer it is.

    Args:
        tops: the layers of the model, every call of one by itself.
        outputs: what the model's run gave for each of them.
        returned: what the runs of shared layers returned.
    """
    numbers: dict[str, int] = {}
    taken: set[tuple[int, int]] = set()
    for place, tensors in zip(tops, outputs, strict=True):
        numbers[place.path] = 0
        for number, tensor in enumerate(returned.get(id(place.layer), ())):
            # A layer that changes nothing may return one tensor for two calls: each run counts once.
            if tensor is tensors[0] and (id(place.layer), number) not in taken:
                taken.add((id(place.layer), number))
                numbers[place.path] = number
                break
    return numbers
