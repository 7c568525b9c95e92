"""Edits of wrappers: what is inside a Bidirectional or TimeDistributed, and how a layer gets in and out."""

from collections.abc import Callable
from dataclasses import replace

from rnn_designer.catalog import CATALOG, FrozenMap, LayerType
from rnn_designer.design.edits.layers import checked_new, found, put, remove
from rnn_designer.design.model import Design, Layer, new_id
from rnn_designer.design.naming import free_name, names, snake_case
from rnn_designer.design.ports import with_new_ports
from rnn_designer.design.refusal import Edit, Refused


def set_child(wrapper_id: str, index: int, layer: Layer | None) -> Edit:
    """Put a layer into a place of a wrapper, or empty the place.

    Args:
        wrapper_id: the wrapper.
        index: which of its type's slots, from 0.
        layer: a new layer; or one that stands on the canvas, which moves in with its wires drawn past it; None
            to empty the place.
    """

    def edit(design: Design) -> Design:
        wrapper = found(design, wrapper_id)
        slots = wrapper.type.slots
        if not 0 <= index < len(slots):
            raise Refused(f"{wrapper.kind} has {len(slots)} places for layers; there is no place {index}.")
        if layer is None:
            return put(design, wrapper, replace(wrapper, children=_without_at(wrapper.children, index)))
        if any(each.id == wrapper_id for each in layer.walk()):
            raise Refused(f"‘{wrapper.name}’ cannot hold itself.")
        if index > len(wrapper.children):
            raise Refused(f"Fill “{slots[len(wrapper.children)].name}” of ‘{wrapper.name}’ first.")
        _require_fit(wrapper.kind, index, layer)
        rest = design
        if any(each.id == layer.id for each in design.layers):
            rest = remove([layer.id])(design)
        now = rest.layer(wrapper_id)
        child = checked_new(rest.replacing(replace(now, children=_without_at(now.children, index))), layer)
        children = (*now.children[:index], replace(child, position=(0.0, 0.0)), *now.children[index + 1 :])
        return put(rest, now, replace(now, children=children))

    return edit


def wrap(layer_id: str, wrapper_kind: str) -> Edit:
    """Put a wrapper around a layer; the wrapper takes over its place and its wires."""
    wrapper_id = new_id()

    def edit(design: Design) -> Design:
        layer = found(design, layer_id)
        kind = CATALOG.get(wrapper_kind)
        if kind is None or not kind.slots:
            raise Refused(
                f"{wrapper_kind} does not hold other layers. Choose a wrapper such as Bidirectional."
            )
        _require_fit(wrapper_kind, 0, layer)
        name = free_name(snake_case(wrapper_kind), names(design))
        params = FrozenMap(kind.new_params())
        wrapper = Layer(
            wrapper_id, wrapper_kind, name, params, layer.position, (replace(layer, position=(0.0, 0.0)),)
        )
        return _exchanged(design, layer, wrapper)

    return edit


def unwrap(wrapper_id: str) -> Edit:
    """Put the first inner layer in its wrapper's place, with its wires; other inner layers go with the wrapper."""

    def edit(design: Design) -> Design:
        wrapper = found(design, wrapper_id)
        if not wrapper.type.slots:
            raise Refused(f"{wrapper.kind} ‘{wrapper.name}’ is no wrapper, so there is nothing to take out.")
        if not wrapper.children:
            raise Refused(f"{wrapper.kind} ‘{wrapper.name}’ is empty, so there is nothing to take out.")
        return _exchanged(design, wrapper, replace(wrapper.children[0], position=wrapper.position))

    return edit


def _exchanged(design: Design, old: Layer, new: Layer) -> Design:
    """The design with one layer in the place of another that has a different id."""
    owner = design.owner(old.id)
    if owner is None:
        return with_new_ports(design, old, new)
    index = next(place for place, child in enumerate(owner.children) if child.id == old.id)
    _require_fit(owner.kind, index, new)
    children = tuple(new if child.id == old.id else child for child in owner.children)
    return put(design, owner, replace(owner, children=children))


def _require_fit(wrapper_kind: str, index: int, layer: Layer) -> None:
    slot = CATALOG[wrapper_kind].slots[index]
    kind: LayerType | None = CATALOG.get(layer.kind)
    accepts: Callable[[LayerType], bool] = slot.accepts
    if kind is None or not accepts(kind):
        raise Refused(f"{wrapper_kind} holds {slot.expected}, got {layer.kind}. Choose another layer.")


def _without_at(children: tuple[Layer, ...], index: int) -> tuple[Layer, ...]:
    return children[:index] + children[index + 1 :]
