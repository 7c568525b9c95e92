"""Large weights made small enough to be drawn, with a count of how often which values occur."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy

from rnn_designer.engine.analyses.subject import Subject
from rnn_designer.engine.failures import Refused
from rnn_designer.extremes import extremes
from rnn_designer.messages import Analyse, Array

BINS = 41
_MOST = 768
"""Rows, and columns of each part: more than a screen shows of either."""


def weight_maps(subject: Subject, request: Analyse) -> tuple[Mapping[str, Array], Mapping[str, str]]:
    """Every weight of a layer as a table, and its histogram.

    Options:
        backward: 1 for the mirror image inside a Bidirectional.
        parts: of how many gates' parts side by side the columns consist, where they can be divided so.

    Arrays, by the weight's own name:
        map/<name>: ``(rows, columns)`` at most 768 rows and 768 columns per part, of each block the value farthest
            from zero; weights of more axes have all but the last in one.
        counts/<name>: ``(41,)``, how many values lie in each of 41 equal bins from −limit to limit.
        limit/<name>: ``()``, the largest finite absolute value; 1 if there is none.

    Raises:
        Refused: the layer has no weights.
    """
    start = f"{request.layer}/backward/" if request.options.get("backward") else f"{request.layer}/"
    parts = max(1, int(request.options.get("parts", 1)))
    found: dict[str, Any] = {}
    for key, values in subject.built.weights().items():
        name = key[len(start) :]
        if not key.startswith(start) or name.startswith("backward/"):
            continue
        subject.checkpoint()
        table = table_of(values)
        found[f"map/{name}"] = in_parts(table, parts, _MOST, _MOST)
        found[f"counts/{name}"], found[f"limit/{name}"] = histogram(table)
    if not found:
        raise Refused("This layer has no weights to look at.", request.layer)
    return found, {}


def table_of(values: Any) -> Any:
    """``(rows, columns)``: all axes but the last in one."""
    return values.reshape(1, -1) if values.ndim < 2 else values.reshape(-1, values.shape[-1])


def in_parts(table: Any, parts: int, rows: int, columns: int) -> Any:
    """The extremes of each part of the columns by itself, so that none reaches into the next."""
    if table.shape[1] % parts:
        return extremes(table, rows, columns)
    return numpy.concatenate([extremes(part, rows, columns) for part in numpy.split(table, parts, 1)], axis=1)


def histogram(values: Any) -> tuple[Array, Array]:
    """Counts in equal bins around zero, and where these end."""
    finite = values[numpy.isfinite(values)]
    limit = float(numpy.abs(finite).max()) if finite.size and numpy.abs(finite).max() > 0 else 1.0
    counts, _ = numpy.histogram(finite, bins=BINS, range=(-limit, limit))
    return counts.astype("float32"), numpy.asarray(limit, "float32")
