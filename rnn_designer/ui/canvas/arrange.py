"""Automatic arrangement: layers in columns by their longest way from an input, few crossings, straight wires."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import chain
from math import ceil

from rnn_designer.design import Design, Link, Position
from rnn_designer.ui.canvas.geometry import BOX_WIDTH, COLUMN_GAP, ROW_GAP, Outline, outline, snapped
from rnn_designer.ui.canvas.marks.groups import box_height, outer_ports

_SWEEPS = 8
_ROW_WIDTH = 1100.0
"""A longer row is cut into several where just one wire runs on, so that a long chain can be read at a glance."""


def arranged_with_groups(design: Design, origin: Position = (0.0, 0.0)) -> dict[str, Position]:
    """Like :func:`arranged`, with each collapsed group as one box, whose members keep their places among themselves."""
    stands_for: dict[str, str] = {}
    members: dict[str, list[str]] = {}
    measures: dict[str, Outline] = {}
    for group in design.groups:
        inside = [layer.id for layer in design.layers if layer.id in group.members]
        if group.collapsed and inside:
            stands_for.update(dict.fromkeys(inside, inside[0]))
            members[inside[0]] = list(group.members)
            measures[inside[0]] = Outline(BOX_WIDTH, box_height(outer_ports(design, group)))
    links = dict.fromkeys(
        Link(stands_for.get(link.source, link.source), stands_for.get(link.target, link.target))
        for link in design.links
    )
    smaller = replace(
        design,
        layers=tuple(layer for layer in design.layers if stands_for.get(layer.id, layer.id) == layer.id),
        links=tuple(link for link in links if link.source != link.target),
    )
    places = arranged(smaller, origin, measures)
    positions = {layer.id: layer.position for layer in design.layers}
    positions.update({note.id: note.position for note in design.canvas_notes})
    for first, together in members.items():
        left = min(positions[each][0] for each in together)
        top = min(positions[each][1] for each in together)
        x, y = places[first]
        places.update(
            {each: (positions[each][0] - left + x, positions[each][1] - top + y) for each in together}
        )
    return places


def arranged(
    design: Design, origin: Position = (0.0, 0.0), other_measures: Mapping[str, Outline] | None = None
) -> dict[str, Position]:
    """A place for every layer on the canvas, with the top left one at ``origin``; parts that hang apart go below.

    ``other_measures`` are those of layers that another box stands for.
    """
    measures = {layer.id: outline(layer) for layer in design.layers} | dict(other_measures or {})
    after: dict[str, list[str]] = {layer.id: [] for layer in design.layers}
    before: dict[str, list[str]] = {layer.id: [] for layer in design.layers}
    for link in design.links:
        if link.source in after and link.target in before and link.target not in after[link.source]:
            after[link.source].append(link.target)
            before[link.target].append(link.source)
    places: dict[str, Position] = {}
    top = origin[1]
    for part in _parts(after, before):
        columns = _columns(part, after, before)
        local = _coordinates(columns, before, after, measures)
        highest = min(y for _x, y in local.values())
        for layer_id, (x, y) in local.items():
            places[layer_id] = (snapped(origin[0] + x), snapped(top + y - highest))
        top += max(y + measures[layer_id].height for layer_id, (_x, y) in local.items()) - highest + ROW_GAP
    return places


def _parts(after: Mapping[str, list[str]], before: Mapping[str, list[str]]) -> list[list[str]]:
    seen: set[str] = set()
    parts: list[list[str]] = []
    order = list(after)
    for start in order:
        if start in seen:
            continue
        seen.add(start)
        part, open_ids = {start}, [start]
        while open_ids:
            at = open_ids.pop()
            for each in (*after[at], *before[at]):
                if each not in seen:
                    seen.add(each)
                    part.add(each)
                    open_ids.append(each)
        parts.append([each for each in order if each in part])
    return parts


def _columns(
    part: list[str], after: Mapping[str, list[str]], before: Mapping[str, list[str]]
) -> list[list[str]]:
    waiting = {each: len(before[each]) for each in part}
    ready = [each for each in part if not waiting[each]]
    depth = dict.fromkeys(part, 0)
    done: list[str] = []
    while ready:
        at = ready.pop(0)
        done.append(at)
        for each in after[at]:
            depth[each] = max(depth[each], depth[at] + 1)
            waiting[each] -= 1
            if not waiting[each]:
                ready.append(each)
    # An input that only feeds a late layer stands right before it, not far away at the left.
    for each in done:
        if not before[each] and after[each]:
            depth[each] = max(0, min(depth[next_id] for next_id in after[each]) - 1)
    lowest = min(depth.values())
    columns: list[list[str]] = [[] for _ in range(max(depth.values()) - lowest + 1)]
    for each in part:
        columns[depth[each] - lowest].append(each)
    columns = [column for column in columns if column]
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        neighbours = before if forward else after
        for column in columns if forward else reversed(columns):
            place = {each: index for whole in columns for index, each in enumerate(whole)}
            centre = {
                each: sum(place[other] for other in neighbours[each]) / len(neighbours[each])
                if neighbours[each]
                else float(place[each])
                for each in column
            }
            column.sort(key=centre.__getitem__)
    return columns


def _coordinates(
    columns: list[list[str]],
    before: Mapping[str, list[str]],
    after: Mapping[str, list[str]],
    measures: Mapping[str, Outline],
) -> dict[str, Position]:
    line: dict[str, float] = {}
    for column in columns:
        wanted = {each: [line[other] for other in before[each] if other in line] for each in column}
        _settle(column, {each: _mean(values) for each, values in wanted.items()}, measures, line)
    for column in reversed(columns[:-1]):
        wanted = {each: [line[other] for other in after[each]] or [line[each]] for each in column}
        _settle(column, {each: _mean(values) for each, values in wanted.items()}, measures, line)
    places: dict[str, Position] = {}
    top = 0.0
    for row in _rows(columns, after, measures):
        heights = [(line[each] - measures[each].port_line, measures[each].height) for each in chain(*row)]
        highest = min(y for y, _height in heights)
        left = 0.0
        for column in row:
            for each in column:
                places[each] = (left, line[each] - measures[each].port_line - highest + top)
            left += max(measures[each].width for each in column) + COLUMN_GAP
        top += max(y + height for y, height in heights) - highest + 2 * ROW_GAP
    return places


def _rows(
    columns: list[list[str]], after: Mapping[str, list[str]], measures: Mapping[str, Outline]
) -> list[list[list[str]]]:
    widths = [max(measures[each].width for each in column) + COLUMN_GAP for column in columns]
    wanted = ceil((sum(widths) - COLUMN_GAP) / _ROW_WIDTH)
    share = sum(widths) / wanted
    rows: list[list[list[str]]] = [[]]
    filled, behind = 0.0, set[str]()
    for index, column in enumerate(columns):
        crossing = sum(1 for each in behind for other in after[each] if other not in behind)
        full = filled + widths[index] / 2 > share * len(rows)
        if rows[-1] and full and len(rows) < wanted and crossing == 1:
            rows.append([])
        rows[-1].append(column)
        filled += widths[index]
        behind.update(column)
    return rows


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _settle(
    column: list[str], wanted: Mapping[str, float], measures: Mapping[str, Outline], line: dict[str, float]
) -> None:
    """Give each layer of a column the wire line it wants as far as no box covers another, then centre the column."""
    bottom: float | None = None
    for each in column:
        own = measures[each]
        top = wanted[each] - own.port_line
        if bottom is not None:
            top = max(top, bottom + ROW_GAP)
        line[each] = top + own.port_line
        bottom = top + own.height
    error = _mean([wanted[each] - line[each] for each in column])
    for each in column:
        line[each] += error
