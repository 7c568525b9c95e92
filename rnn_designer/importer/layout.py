"""Places for the boxes of an imported model, for where there is no canvas: columns by the longest way from an input."""

from __future__ import annotations

from dataclasses import replace

from rnn_designer.design.model import Design

_COLUMN = 264.0
_ROW = 168.0
_PER_LINE = 8
"""Columns after which a long model goes on below."""


def arranged(design: Design) -> Design:
    """The design with a place for every box."""
    column: dict[str, int] = {layer.id: 0 for layer in design.layers}
    waiting = {layer.id: 0 for layer in design.layers}
    after: dict[str, list[str]] = {layer.id: [] for layer in design.layers}
    for link in design.links:
        waiting[link.target] += 1
        after[link.source].append(link.target)
    ready = [layer_id for layer_id, count in waiting.items() if not count]
    while ready:
        current = ready.pop()
        for target in after[current]:
            column[target] = max(column[target], column[current] + 1)
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    rows: dict[int, int] = {}
    places: dict[str, tuple[float, float]] = {}
    tallest = max((list(column.values()).count(each) for each in set(column.values())), default=1)
    for layer in design.layers:
        here = column[layer.id]
        row = rows.get(here, 0)
        rows[here] = row + 1
        line, place = divmod(here, _PER_LINE)
        places[layer.id] = (place * _COLUMN, (line * (tallest + 1) + row) * _ROW)
    return replace(design, layers=tuple(replace(layer, position=places[layer.id]) for layer in design.layers))
