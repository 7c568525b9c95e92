"""The lines of the right-click menu about frames, and about layers that are called again."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from rnn_designer.ui.canvas.commands import wrappers
from rnn_designer.ui.canvas.menu_lines import add
from rnn_designer.ui.canvas.naming import called

if TYPE_CHECKING:
    from rnn_designer.ui.canvas.frame_commands import FrameCommands


def add_order(menu: QMenu, frames: FrameCommands, layer_id: str) -> None:
    """Add what collapses a frame, and what moves a cell within its stack."""
    layer = frames.design.layer(layer_id)
    if layer.type.slots:
        add(menu, "Expand" if layer.collapsed else "Collapse", partial(frames.fold, layer_id), "E")
    if frames.movable(layer_id):
        add(menu, "Move up", partial(frames.step, layer_id, -1), "Alt+Up", frames.can_step(layer_id, -1))
        add(menu, "Move down", partial(frames.step, layer_id, 1), "Alt+Down", frames.can_step(layer_id, 1))


def add_wrapping(menu: QMenu, frames: FrameCommands, layer_id: str) -> None:
    """Add what puts a layer into a frame, a new one or one on the canvas, and what takes it out."""
    design = frames.design
    layer = design.layer(layer_id)
    for kind in wrappers():
        fits, instead = frames.wrapping(layer_id, kind)
        if fits:
            add(menu, f"Wrap in {kind}", partial(frames.wrap, layer_id, kind))
        elif instead is not None and layer.type.cell:
            add(menu, f"Wrap in {kind} as a layer…", partial(frames.wrap, layer_id, kind))
    for home, instead in frames.homes(layer_id):
        add(
            menu,
            f"Move into {called(home)}" + ("…" if instead else ""),
            partial(frames.move_inside, layer_id, home.id),
        )
    for words, edit in frames.conversions(layer_id):
        add(
            menu,
            f"Turn into {words}",
            partial(frames.apply, edit, f"Turn {layer.kind} into {words}", layer_id),
        )
    if layer.type.slots and layer.children:
        add(menu, f"Unwrap {layer.children[0].kind}", partial(frames.unwrap, layer_id))
    owner = design.owner(layer_id)
    if owner is None:
        return
    if layer.type.cell or owner.children[0].id != layer_id:
        add(menu, f"Take out of {owner.kind}", partial(frames.take_out, layer_id))
    else:
        add(menu, f"Take out of {owner.kind}", partial(frames.unwrap, owner.id))


def add_calls(menu: QMenu, frames: FrameCommands, layer_id: str) -> None:
    """Add what calls a layer again or gives a call weights of its own, and where it could start from."""
    design = frames.design
    top = design.top(layer_id)
    if top.id != layer_id:
        return
    if top.kind != "Input" and not top.type.cell:
        add(menu, "Call this layer again", partial(frames.call_again, layer_id), "Shift+D")
    if top.shares is not None:
        add(menu, "Make it a layer of its own", partial(frames.make_own, layer_id))
    sources = frames.state_sources(layer_id)
    if sources:
        states = menu.addMenu("Start from the states of")
        for each in sources:
            add(states, called(each), partial(frames.connect_states, each.id, layer_id))
