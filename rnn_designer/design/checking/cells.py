"""Custom cells whose code or arguments are faulty, wherever they stand: also where nothing arrives yet."""

from collections.abc import Iterator

from rnn_designer.catalog.entries.custom import refusal_of
from rnn_designer.design.checking.context import Context
from rnn_designer.design.checking.faults import HANDLERS
from rnn_designer.design.problems import Problem

_KIND = "CustomCell"


def unread_cells(context: Context) -> Iterator[Problem]:
    """Cells that no tensor has reached, so that no rule has looked at their code."""
    for layer in context.layers:
        if layer.kind != _KIND or layer.shares is not None or layer.id in context.flow.errors:
            continue
        refusal = refusal_of(layer.values())
        if refusal is not None:
            yield HANDLERS[refusal.code](context, layer, refusal)


RULES = (unread_cells,)
