"""Which layer the first tab shows, and what a tab calls its layer."""

from __future__ import annotations

from rnn_designer.design import Design


def followed(design: Design, current: str | None, before: str) -> str:
    """The layer that is shown while none is pinned: the selected one, the one before, or the first worth seeing.

    Args:
        design: the open one.
        current: the id of what is selected.
        before: the id of what was shown before.
    """
    if current is not None and design.find(current) is not None:
        return current
    if design.find(before) is not None:
        return before
    # Before anything is selected the first recurrent layer is what people came to see.
    recurrent = (layer for layer in design.layers if any(each.type.recurrent for each in layer.walk()))
    first = next(recurrent, next(iter(design.layers), None))
    return first.id if first is not None else ""


def title(design: Design, layer_id: str) -> str:
    """What a layer is called on its tab; empty once it is gone."""
    layer = design.find(layer_id)
    if layer is None:
        return ""
    if layer.shares is not None:
        original = design.find(layer.shares)
        return f"{layer.name} ↺ {original.name}" if original is not None else layer.name
    return f"{layer.name} ⇄" if layer.kind == "Bidirectional" else layer.name
