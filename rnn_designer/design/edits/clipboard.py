"""Edits that copy: duplicating layers, and pasting them from a text that another window may have written."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace

from rnn_designer.catalog import FrozenMap
from rnn_designer.design.edits.links import leaving
from rnn_designer.design.model import DataSource, Design, Layer, Position, new_id
from rnn_designer.design.naming import free_name, names
from rnn_designer.design.refusal import Edit, Refused
from rnn_designer.design.sharing import aligned, own

STEP: Position = (24.0, 24.0)
"""How far a copy stands from its original, in scene units."""


def copy(design: Design, ids: Iterable[str]) -> str:
    """Layers with the wires between them and their sample sources, notes, whole groups: JSON text for :func:`paste`.

    A box that shares a layer says so in the text, even where that layer is not copied with it.
    """
    from rnn_designer.design import files

    return files.to_text(_part(design, ids))


def paste(text: str, position: Position | None = None) -> Edit:
    """Add the layers of a copied text with new ids and free names.

    Args:
        text: what :func:`copy` gave, or a whole design file.
        position: where the group's top left corner goes; None for beside the original.
    """
    ids: dict[str, str] = {}

    def edit(design: Design) -> Design:
        from rnn_designer.design import files

        try:
            part = files.from_text(text, part=True)
        except files.FileProblem as problem:
            if not _is_json(text):
                raise Refused("The clipboard holds no layers. Copy some on the canvas first.") from None
            raise Refused(f"The clipboard's layers cannot be pasted. {problem.problems[0]}") from None
        if not part.layers and not part.canvas_notes:
            raise Refused("The clipboard holds no layers. Copy some on the canvas first.")
        return _added(design, part, ids, _offset(design, part, position))

    return edit


def duplicate(ids: Iterable[str], offset: Position = STEP) -> Edit:
    """Add copies of layers with new ids and free names, and of the wires between them, ``offset`` away."""
    wanted = tuple(ids)
    fresh: dict[str, str] = {}

    def edit(design: Design) -> Design:
        part = _part(design, wanted)
        if not part.layers and not part.canvas_notes:
            raise Refused("There is nothing to duplicate. Select a layer first.")
        return _added(design, part, fresh, offset)

    return edit


def _part(design: Design, ids: Iterable[str]) -> Design:
    group = set(ids)
    for each in design.groups:
        if each.id in group:
            group.update(each.members)
    layers = tuple(
        layer for layer in design.walk() if layer.id in group and not _inside(design, layer, group)
    )
    tops = {layer.id for layer in layers}
    return Design(
        name=design.name,
        layers=layers,
        links=leaving(design, tops),
        data=FrozenMap({key: source for key, source in design.data.items() if key in tops}),
        canvas_notes=tuple(note for note in design.canvas_notes if note.id in group),
        groups=tuple(each for each in design.groups if group.issuperset(each.members)),
    )


def _inside(design: Design, layer: Layer, group: set[str]) -> bool:
    """Whether a wrapper that is copied as well holds the layer."""
    owner = design.owner(layer.id)
    while owner is not None:
        if owner.id in group:
            return True
        owner = design.owner(owner.id)
    return False


def _added(design: Design, part: Design, ids: dict[str, str], offset: Position) -> Design:
    taken = names(design)
    tops = {layer.id: layer for layer in design.layers}
    copied = {layer.id for layer in part.layers}

    def renewed(layer: Layer) -> Layer:
        name = free_name(layer.name, taken)
        taken.add(name)
        return replace(
            layer,
            id=ids[layer.id],
            name=name,
            children=tuple(renewed(child) for child in layer.children),
            shares=ids.get(layer.shares, layer.shares) if layer.shares else None,
        )

    def sharing(layer: Layer) -> Layer:
        """A box shares the copy of its original, else the original itself where that is there."""
        if layer.shares in copied:
            return layer
        original = tops.get(layer.shares or "")
        return layer if original is not None and original.kind == layer.kind else own(layer)

    for each in part.layers:  # Ids of originals are needed by boxes that may come before them.
        for inner in each.walk():
            ids.setdefault(inner.id, new_id())
    layers = tuple(
        replace(
            renewed(sharing(layer)),
            position=(layer.position[0] + offset[0], layer.position[1] + offset[1]),
        )
        for layer in part.layers
    )
    links = tuple(replace(link, source=ids[link.source], target=ids[link.target]) for link in part.links)
    notes = tuple(
        replace(
            note,
            id=ids.setdefault(note.id, new_id()),
            position=(note.position[0] + offset[0], note.position[1] + offset[1]),
        )
        for note in part.canvas_notes
    )
    groups = tuple(
        replace(
            group,
            id=ids.setdefault(group.id, new_id()),
            members=tuple(ids[member] for member in group.members),
        )
        for group in part.groups
    )
    sources: Mapping[str, DataSource] = {ids[key]: source for key, source in part.data.items()}
    return aligned(
        replace(
            design,
            layers=(*design.layers, *layers),
            links=(*design.links, *links),
            data=FrozenMap({**design.data, **sources}),
            canvas_notes=(*design.canvas_notes, *notes),
            groups=(*design.groups, *groups),
        )
    )


def _offset(design: Design, part: Design, position: Position | None) -> Position:
    places = _places(part)
    left = min(x for x, _y in places)
    top = min(y for _x, y in places)
    if position is not None:
        return (position[0] - left, position[1] - top)
    occupied = _places(design)
    x, y = STEP
    while (left + x, top + y) in occupied:
        x, y = x + STEP[0], y + STEP[1]
    return (x, y)


def _places(design: Design) -> set[Position]:
    return {layer.position for layer in design.layers} | {note.position for note in design.canvas_notes}


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
