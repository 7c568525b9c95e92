"""Every way to change a design, each a function that gives a pure edit: old design in, new design out.

An edit raises :class:`~rnn_designer.design.refusal.Refused` with a sentence when it cannot be done.
"""

from functools import reduce

from rnn_designer.design.conversion import as_cell, as_layer, as_rnn
from rnn_designer.design.edits.clipboard import copy, duplicate, paste
from rnn_designer.design.edits.generation import set_generation
from rnn_designer.design.edits.layers import add, move, remove, rename, reset_parameter, set_parameter
from rnn_designer.design.edits.links import connect, connection_refusal, disconnect, splice
from rnn_designer.design.edits.marks import (
    add_note,
    collapse,
    group,
    rename_group,
    resize_note,
    set_color,
    set_note_text,
    ungroup,
)
from rnn_designer.design.edits.settings import set_data, set_name, set_notes, set_seed, set_weights
from rnn_designer.design.edits.sharing import call_again, make_own
from rnn_designer.design.edits.states import connect_states
from rnn_designer.design.edits.sweep import change_sweep, set_sweep, vary, vary_no_more, vary_setting
from rnn_designer.design.edits.training import change_goal, change_training, set_goal, set_training
from rnn_designer.design.edits.wrapping import (
    convert_child,
    insert_child,
    move_child,
    put_as_cell,
    put_as_layer,
    set_child,
    take_out,
    turn_into_rnn,
    unwrap,
    wrap,
)
from rnn_designer.design.model import Design
from rnn_designer.design.naming import new_ids, new_layer, unique_name
from rnn_designer.design.refusal import Edit


def chain(*edits: Edit) -> Edit:
    """One edit that does several in turn, or none of them where one is refused."""

    def edit(design: Design) -> Design:
        return reduce(lambda changed, each: each(changed), edits, design)

    return edit


__all__ = [
    "add",
    "add_note",
    "as_cell",
    "as_layer",
    "as_rnn",
    "call_again",
    "chain",
    "change_goal",
    "change_sweep",
    "change_training",
    "collapse",
    "connect",
    "connect_states",
    "connection_refusal",
    "convert_child",
    "copy",
    "disconnect",
    "duplicate",
    "group",
    "insert_child",
    "make_own",
    "move",
    "move_child",
    "new_ids",
    "new_layer",
    "paste",
    "put_as_cell",
    "put_as_layer",
    "remove",
    "rename",
    "rename_group",
    "reset_parameter",
    "resize_note",
    "set_child",
    "set_color",
    "set_data",
    "set_generation",
    "set_goal",
    "set_name",
    "set_note_text",
    "set_notes",
    "set_parameter",
    "set_seed",
    "set_sweep",
    "set_training",
    "set_weights",
    "splice",
    "take_out",
    "turn_into_rnn",
    "ungroup",
    "unique_name",
    "unwrap",
    "vary",
    "vary_no_more",
    "vary_setting",
    "wrap",
]
