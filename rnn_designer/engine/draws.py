"""The seed generators of Keras layers, from which dropout and noise are drawn, and the masks that cells keep."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import tensorflow as tf


def generators_in(layer: Any) -> Iterator[Any]:
    """The seed generators of a layer and of everything inside it, each once."""
    found: dict[int, Any] = {}
    for each in layer._flatten_layers():
        for generator in each._seed_generators:
            found.setdefault(id(generator), generator)
    yield from found.values()


def forget_masks(cell: Any) -> None:
    """Let a cell of Keras' draw its dropout masks anew at its next step."""
    if isinstance(cell, keras.layers.StackedRNNCells):
        for inner in cell.cells:
            forget_masks(inner)
    elif hasattr(cell, "reset_dropout_mask"):
        cell.reset_dropout_mask()
        cell.reset_recurrent_dropout_mask()


@contextmanager
def draws_returned(cell: Any, training: bool) -> Iterator[None]:
    """Let what is drawn while this is open be drawn once more after it: a loop that runs twice has one draw.

    Works in a graph as well as outside of one.
    """
    generators = list(generators_in(cell)) if training else []
    kept = [(generator, tf.identity(tf.convert_to_tensor(generator.state))) for generator in generators]
    yield
    for generator, value in kept:
        generator.state.assign(value)
