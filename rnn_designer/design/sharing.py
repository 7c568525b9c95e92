"""Layers that are called more than once: boxes that share another layer's weights and always look like it.

A box with ``shares`` has the kind, the parameters and the inner layers of its original; only its name, its place, its
colour, its wires and what is said at the call itself (:attr:`Parameter.at_call`) are its own. Both stand on the canvas.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from rnn_designer.catalog import FrozenMap
from rnn_designer.design.model import Design, Layer
from rnn_designer.design.naming import free_name, names
from rnn_designer.design.ports import with_new_ports


def original_id(design: Design, layer_id: str) -> str:
    """The id of the layer that decides this one's settings: its original, or itself where it shares nothing."""
    layer = design.find(layer_id)
    return layer_id if layer is None or layer.shares is None else layer.shares


def sharers(design: Design, layer_id: str) -> tuple[Layer, ...]:
    """The boxes that call a layer on the canvas once more, in the design's order."""
    return tuple(layer for layer in design.layers if layer.shares == layer_id)


def own(layer: Layer) -> Layer:
    """The layer as one of its own, and everything inside it, with the same ids and names."""
    if layer.shares is None and not any(child.shares for child in layer.children):
        return layer
    return replace(layer, shares=None, children=tuple(own(child) for child in layer.children))


def aligned(design: Design) -> Design:
    """The design with every shared box like its original again, and wires at the ports that are there now.

    Where an original is gone from the canvas, the first of its boxes becomes the original of the others.
    """
    if not any(layer.shares for layer in design.layers):
        return design
    design = _with_originals(design)
    taken = names(design)
    tops = {layer.id: layer for layer in design.layers}
    for layer in design.layers:
        if layer.shares is not None:
            mirror = mirrored(tops[layer.shares], layer, taken)
            if mirror != layer:
                design = with_new_ports(design, layer, mirror)
    return design


def mirrored(original: Layer, box: Layer, taken: set[str]) -> Layer:
    """A box with the settings of its original; new inner layers get ids that follow from those of the two.

    ``taken`` are the names in use; those of new inner layers are added.
    """
    known = {inner.shares: inner for inner in box.walk() if inner.shares is not None}
    return replace(
        box,
        kind=original.kind,
        params=_params(original, box),
        children=tuple(_mirrored_child(child, box.id, known, taken) for child in original.children),
        shares=original.id,
    )


def _mirrored_child(child: Layer, box_id: str, known: Mapping[str, Layer], taken: set[str]) -> Layer:
    before = known.get(child.id)
    if before is None:
        name = free_name(child.name, taken)
        taken.add(name)
        before = Layer(_derived_id(box_id, child.id), child.kind, name)
    return replace(
        before,
        kind=child.kind,
        params=child.params,
        position=child.position,
        children=tuple(_mirrored_child(inner, box_id, known, taken) for inner in child.children),
        shares=child.id,
    )


def _params(original: Layer, box: Layer) -> FrozenMap:
    """The original's parameters, with the box's own ones for what belongs to a single call."""
    at_call = [each.name for each in original.type.parameters if each.at_call]
    if not at_call:
        return original.params
    mine = {name: box.params[name] for name in at_call if name in box.params}
    params = original.params.without(*at_call)
    return params.having(**mine) if mine else params


def _derived_id(box_id: str, child_id: str) -> str:
    """An id that is the same whenever the edit is applied, and no other layer's."""
    return hashlib.sha256(f"{box_id}/{child_id}".encode()).hexdigest()[:16]


def _with_originals(design: Design) -> Design:
    """Every box shares a layer on the canvas that shares nothing itself."""
    tops = {layer.id: layer for layer in design.layers}
    instead: dict[str, Layer] = {}
    children: dict[str, str] = {}
    layers: list[Layer] = []
    for layer in design.layers:
        if layer.shares is None:
            layers.append(layer)
            continue
        root = _root(layer, tops)
        if root in instead:
            layers.append(replace(_renamed(layer, children), shares=instead[root].id))
        elif root in tops and tops[root].shares is None:
            layers.append(layer if layer.shares == root else replace(layer, shares=root))
        else:
            promoted = own(layer)
            instead[root] = promoted
            children.update({inner.shares: inner.id for inner in layer.walk() if inner.shares is not None})
            layers.append(promoted)
    return replace(design, layers=tuple(layers)) if tuple(layers) != design.layers else design


def _root(layer: Layer, tops: Mapping[str, Layer]) -> str:
    """The end of a row of boxes that share one another; the smallest id of a ring."""
    seen = [layer.id]
    at = layer.shares
    while at is not None and at in tops and tops[at].shares is not None:
        if at in seen:
            return min(seen[seen.index(at) :])
        seen.append(at)
        at = tops[at].shares
    return at or layer.id


def _renamed(layer: Layer, children: Mapping[str, str]) -> Layer:
    """A box whose inner layers share those of the new original."""
    return replace(
        layer,
        shares=children.get(layer.shares or "", layer.shares),
        children=tuple(_renamed(child, children) for child in layer.children),
    )
