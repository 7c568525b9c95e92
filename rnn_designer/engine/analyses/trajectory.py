"""The path of a layer's states through their space, seen along the directions in which they vary most.

Principal components: with X the states of all samples and steps that count, each less their mean m, the components
are the right singular vectors of X, the longest singular value first; a state s is seen at (s − m)·V. The share of
the variance that a component holds is σ² over the sum of all σ².
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy

from rnn_designer.engine.analyses.states import asked_for
from rnn_designer.engine.analyses.subject import Subject
from rnn_designer.engine.failures import Refused
from rnn_designer.messages import Analyse, Array

COMPONENTS = 3
"""How many directions are given: two that are drawn, and one more to turn the picture about."""

_CHUNK = 8192
"""Rows between two moments at which the work can be stopped."""

_NOTHING = 1e-12
"""A component that holds less than this share of the variance is the rounding of the others."""


def trajectory(subject: Subject, request: Analyse) -> tuple[Mapping[str, Array], Mapping[str, str]]:
    """Principal components of a layer's states over all samples and steps of the batch.

    Options:
        signal/<name>: the signals that make up the state, side by side in this order.

    Arrays:
        places: ``(batch, time, 3)``, where each state is along each component; NaN at masked steps and where a state
            is not finite.
        components: ``(3, numbers)``, each of length 1; the largest of its entries is positive. Zero where the states
            vary in fewer directions.
        mean: ``(numbers,)``.
        shares: ``(3,)``, the share of the variance that each component holds, 0 to 1.
        left_out: ``()``, how many steps do not count.

    Raises:
        Refused: there is no such signal, or not two steps that count.
    """
    states = asked_for(subject, request)
    rows = states.values[states.counts]
    if len(rows) < 2:
        raise Refused(
            f"{len(rows)} of {states.counts.size} steps count (the rest are masked or not finite); expected at least "
            "2. Give the model longer samples, or other data.",
            request.layer,
        )
    mean, components, shares = principal(rows, subject.checkpoint)
    places = numpy.full((*states.counts.shape, COMPONENTS), numpy.nan, "float32")
    places[states.counts] = (rows.astype("float64") - mean) @ components.T
    return {
        "places": places,
        "components": components.astype("float32"),
        "mean": mean.astype("float32"),
        "shares": shares.astype("float32"),
        "left_out": numpy.int32(states.counts.size - len(rows)).reshape(()),
    }, {}


def principal(rows: Any, checkpoint: Callable[[], None] = lambda: None) -> tuple[Any, Any, Any]:
    """The mean, the first components and their shares of the variance.

    Args:
        rows: ``(rows, numbers)``, finite.
        checkpoint: called on the way.

    Returns:
        The mean ``(numbers,)``, the components ``(3, numbers)`` and the shares ``(3,)``, float64.
    """
    count, width = rows.shape
    mean = numpy.zeros(width)
    for start in range(0, count, _CHUNK):
        mean += rows[start : start + _CHUNK].sum(axis=0, dtype="float64")
    mean /= count
    if count <= width:
        # Fewer states than units: the small square matrix is the one of the states.
        centred = rows.astype("float64") - mean
        values, vectors = numpy.linalg.eigh(centred @ centred.T)
        checkpoint()
        vectors = centred.T @ vectors[:, ::-1][:, :COMPONENTS]
        lengths = numpy.linalg.norm(vectors, axis=0)
        vectors = vectors / numpy.where(lengths > 0, lengths, 1)
    else:
        square = numpy.zeros((width, width))
        for start in range(0, count, _CHUNK):
            checkpoint()
            part = rows[start : start + _CHUNK].astype("float64") - mean
            square += part.T @ part
        values, vectors = numpy.linalg.eigh(square)
        vectors = vectors[:, ::-1][:, :COMPONENTS]
    checkpoint()
    values = numpy.maximum(values[::-1], 0.0)
    total = values.sum()
    shares, components = numpy.zeros(COMPONENTS), numpy.zeros((COMPONENTS, width))
    for number in range(min(COMPONENTS, vectors.shape[1])):
        share = values[number] / total if total > 0 else 0.0
        if share > _NOTHING:
            shares[number], components[number] = share, _signed(vectors[:, number])
    return mean, components, shares


def _signed(vector: Any) -> Any:
    """A direction has no sign of its own: the entry that is largest, of equal ones the first, is made positive."""
    sizes = numpy.abs(vector)
    first = int(numpy.flatnonzero(sizes >= sizes.max() * (1 - 1e-6))[0])
    return vector * numpy.sign(vector[first])
