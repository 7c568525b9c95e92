"""Which epoch is the best so far, and whether there is no more progress: as Keras' ``EarlyStopping`` counts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy

from rnn_designer.engine.failures import Refused
from rnn_designer.messages import Train

VALIDATION = "val_"


class Monitor:
    """The monitored figure over the epochs.

    Args:
        request: the figure, the patience, the least progress, and where it stands when training is taken up again.
        model: the compiled Keras model, its metrics made.
        figures: the names of all figures that training gives.

    Raises:
        Refused: the monitored figure is none of them.
    """

    def __init__(self, request: Train, model: Any, figures: Iterable[str]) -> None:
        names = list(figures)
        self.figure = request.monitor
        if self.figure not in names:
            # Without validation samples the same figure of the training samples is what is left.
            self.figure = self.figure.removeprefix(VALIDATION)
        if self.figure and self.figure not in names:
            raise Refused(
                f"The figure to watch is “{request.monitor}”; expected one of "
                f"{', '.join(f'“{name}”' for name in names)}. Choose one of them."
            )
        self._larger = bool(self.figure) and larger_is_better(model, self.figure)
        self._least = abs(request.least_progress) * (1 if self._larger else -1)
        self._patience = request.patience
        self._best = request.best if self.figure else None
        self.best_epoch = request.best_epoch if self.figure else request.first_epoch
        self._waited = 0 if self._best is None else request.first_epoch - request.best_epoch

    def take(self, epoch: int, logs: Mapping[str, float]) -> bool:
        """Note the figures of an epoch, numbered from 1.

        Returns:
            Whether training should end, because there is no more progress.
        """
        if not self.figure:
            self.best_epoch = epoch
            return False
        self._waited += 1
        value = logs.get(self.figure)
        if value is not None and self._better(value):
            self._best, self.best_epoch, self._waited = value, epoch, 0
            return False
        return 0 < self._patience <= self._waited and epoch > 1

    def _better(self, value: float) -> bool:
        if self._best is None:
            return True
        # Keras compares as float32.
        moved, best = numpy.float32(value - self._least), numpy.float32(self._best)
        return bool(moved > best if self._larger else moved < best)


def larger_is_better(model: Any, figure: str) -> bool:
    """Whether a figure is to grow, as the metric itself says; a loss is to shrink, and what says nothing too.

    Args:
        model: the compiled Keras model, its metrics made.
        figure: its name, which in a model with several outputs begins with the output's.
    """
    name = figure.removeprefix(VALIDATION)
    # A metric of several numbers has figures that end in 0, 1 …
    names = (name, re.sub(r"_\d+$", "", name))
    found = [each for each in _metrics(model) for known in names if f"_{known}".endswith(f"_{each.name}")]
    # “top_k_categorical_accuracy” ends like “categorical_accuracy”: the longest name is meant.
    metric = max(found, key=lambda each: len(each.name), default=None)
    return getattr(metric, "_direction", None) == "up"


def _metrics(model: Any) -> Iterable[Any]:
    """The metrics one by one; Keras keeps those of ``compile`` together in one that holds them."""
    for each in model.metrics:
        yield from getattr(each, "metrics", None) or [each]
