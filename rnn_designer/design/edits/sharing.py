"""Edits of layers that are called more than once."""

from dataclasses import replace

from rnn_designer.design.edits.layers import found
from rnn_designer.design.model import Design, Layer, Position, new_id
from rnn_designer.design.naming import free_name, names
from rnn_designer.design.refusal import Edit, Refused
from rnn_designer.design.sharing import aligned, mirrored, original_id, own, sharers


def call_again(layer_id: str, position: Position) -> Edit:
    """Place a box that calls a layer on the canvas once more, with the same weights; its wires are drawn afterwards."""
    fresh = new_id()

    def edit(design: Design) -> Design:
        layer = found(design, layer_id)
        owner = design.owner(layer.id)
        if owner is not None:
            raise Refused(
                f"‘{layer.name}’ is inside ‘{owner.name}’, where it cannot be called by itself. Call "
                f"‘{design.top(layer.id).name}’ once more."
            )
        if layer.kind == "Input":
            raise Refused(
                f"Input ‘{layer.name}’ is where data enters, which happens once. Draw a second wire from it instead."
            )
        original = found(design, original_id(design, layer.id))
        taken = names(design)
        name = free_name(original.name, taken)
        taken.add(name)
        x, y = float(position[0]), float(position[1])
        box = Layer(fresh, original.kind, name, position=(x, y), color=original.color)
        return aligned(replace(design, layers=(*design.layers, mirrored(original, box, taken))))

    return edit


def make_own(layer_id: str) -> Edit:
    """Make a box that shares another layer's weights a layer of its own, with the same settings."""

    def edit(design: Design) -> Design:
        layer = found(design, layer_id)
        if layer.shares is None:
            boxes = sharers(design, layer.id)
            advice = f" ‘{boxes[0].name}’ does; choose that one." if boxes else ""
            raise Refused(
                f"‘{layer.name}’ shares no other layer's weights, so it is one of its own already.{advice}"
            )
        top = design.top(layer.id)
        if top.id != layer.id:
            raise Refused(
                f"‘{layer.name}’ is inside ‘{top.name}’. Make ‘{top.name}’ a layer of its own instead."
            )
        return aligned(design.replacing(own(layer)))

    return edit
