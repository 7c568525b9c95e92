"""Runs a model as in training: the same draw every time, and nothing of it stays behind.

Dropout and noise are drawn by seed generators, which count on with every pass. Before a pass in training, each is
set to where it always starts: a seed made of the design's seed, its layer's id and the number of the draw, so that
an edit elsewhere changes no mask and a picture does not flicker. A layer with a seed of its own starts where Keras
starts it, whatever the draw. Afterwards everything that the pass moved is put back: seed generators, the moving
statistics of normalization, states.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy

from rnn_designer.engine.cells import Leaf
from rnn_designer.engine.draws import forget_masks, generators_in
from rnn_designer.engine.placing import Placed
from rnn_designer.engine.weights import weight_seed


@dataclass(frozen=True)
class Draw:
    """Which random numbers a pass in training gets.

    Attributes:
        seed: the design's.
        number: 0 for the first draw; another number gives others.
    """

    seed: int
    number: int = 0


class Beginnings:
    """Where the seed generators of a model start.

    Args:
        model: the Keras model.
        placed: its layers, wrapped layers and cells after what holds them.
    """

    def __init__(self, model: Any, placed: Iterable[Placed]) -> None:
        owned: dict[int, tuple[str, Any]] = {}
        for place in placed:
            if place.call == 0:
                for number, generator in enumerate(generators_in(place.layer)):
                    owned[id(generator)] = (f"{place.prefix}/seed_{number}", generator)
        for number, generator in enumerate(generators_in(model)):
            owned.setdefault(id(generator), (f"model/seed_{number}", generator))
        self._generators = tuple(owned.values())

    def set(self, draw: Draw) -> None:
        """Put every seed generator to the beginning of this draw."""
        for key, generator in self._generators:
            own = generator.get_config()["seed"]
            seed = weight_seed(draw.seed, f"{key}/draw_{draw.number}") if own is None else own
            generator.state.assign(numpy.array([seed, 0], dtype=str(generator.state.dtype)))


@contextmanager
def as_in_training(model: Any, beginnings: Beginnings, draw: Draw, cells: Iterable[Leaf]) -> Iterator[None]:
    """While this is open, passes over the model draw what this draw gives; afterwards it is as it was."""
    kept = [(variable, variable.numpy()) for variable in _moving(model)]
    beginnings.set(draw)
    try:
        yield
    finally:
        for variable, value in kept:
            variable.assign(value)
        # A pass that was stopped in the middle leaves its masks in the cells, for the next one to trip over.
        for leaf in cells:
            forget_masks(leaf.cell)


def _moving(model: Any) -> Iterator[Any]:
    """Every variable that a pass may change: whatever no optimizer would, and the seeds."""
    found = {id(variable): variable for variable in model.non_trainable_variables}
    found.update({id(generator.state): generator.state for generator in generators_in(model)})
    yield from found.values()
