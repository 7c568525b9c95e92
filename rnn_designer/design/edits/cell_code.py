"""Edits of the code of custom cells: the class is one for all boxes that hold it, its arguments are each box's own."""

from dataclasses import replace

from rnn_designer.catalog.cell_code import CodeFault, read_cell
from rnn_designer.design.edits.layers import deciding, found, put
from rnn_designer.design.model import Design, Layer
from rnn_designer.design.refusal import Edit, Refused

DRAFT = "draft"
"""The field of a layer's :attr:`~Layer.extra` with text that is no cell yet, so that a design keeps it."""


def draft_of(layer: Layer) -> str | None:
    """The text that was typed for a cell and is none yet; None if what was typed last is its code."""
    draft = layer.extra.get(DRAFT)
    return draft if isinstance(draft, str) else None


def boxes_of(design: Design, layer_id: str) -> tuple[Layer, ...]:
    """Every layer whose cell is the same class with the same text as that of one layer, that one included."""
    code = found(design, layer_id).value("code")
    return tuple(
        each
        for each in design.walk()
        if each.kind == "CustomCell" and each.shares is None and each.value("code") == code
    )


def set_code(layer_id: str, code: str) -> Edit:
    """Give a custom cell, and every other that is the same class, another text.

    Arguments that the new class takes too keep their values. Refused with the sentence of a text that is no cell.
    """

    def edit(design: Design) -> Design:
        layer = deciding(design, layer_id)
        try:
            cell = read_cell(code)
        except CodeFault as fault:
            raise Refused(f"‘{layer.name}’, line {fault.line}: {fault.sentence}") from None
        for each in boxes_of(design, layer.id):
            old = found(design, each.id)
            params = old.params.having(code=code, arguments=cell.fitted(old.value("arguments")))
            design = put(design, old, replace(old, params=params, extra=old.extra.without(DRAFT)))
        return design

    return edit


def keep_draft(layer_id: str, text: str | None) -> Edit:
    """Keep a text that is no cell yet beside the code that holds; None throws it away."""

    def edit(design: Design) -> Design:
        layer = deciding(design, layer_id)
        extra = layer.extra.without(DRAFT) if text is None else layer.extra.having(**{DRAFT: text})
        return design.replacing(replace(layer, extra=extra))

    return edit
