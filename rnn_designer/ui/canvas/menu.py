"""The canvas' right-click menu: only what works on what was clicked."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtWidgets import QMenu

from rnn_designer.ui.canvas.commands import wrappers

if TYPE_CHECKING:
    from rnn_designer.design import Link
    from rnn_designer.ui.canvas.view import CanvasView


def menu_for(canvas: CanvasView, at: QPointF, layer_id: str | None, link: Link | None) -> QMenu:
    """The menu for a layer, a wire or the empty canvas at a point of the scene."""
    menu = QMenu(canvas)
    if layer_id is not None:
        _for_layer(menu, canvas, layer_id)
    elif link is not None:
        _add(menu, "Remove wire", lambda: canvas.commands.disconnect(link), "Del")
    else:
        _for_canvas(menu, canvas, at)
    return menu


def _add(menu: QMenu, text: str, act: Callable[[], object], keys: str = "", enabled: bool = True) -> None:
    action = menu.addAction(text)
    action.triggered.connect(lambda _checked=False: act())
    action.setEnabled(enabled)
    if keys:
        # Shown only; the window's own action is what listens.
        action.setText(f"{text}\t{QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)}")


def _for_layer(menu: QMenu, canvas: CanvasView, layer_id: str) -> None:
    commands, design = canvas.commands, canvas.workspace.document.design
    layer = design.layer(layer_id)
    many = len(canvas.selection.ids) > 1
    if not many:
        _add(menu, "Open", lambda: canvas.opened.emit(layer_id), "Return")
        _add(menu, "Rename", canvas.rename_current, "F2")
    _add(menu, "Duplicate", canvas.duplicate, "Ctrl+D")
    _add(menu, "Copy", canvas.copy, "Ctrl+C")
    _add(menu, "Cut", canvas.cut, "Ctrl+X")
    _add(menu, "Delete", canvas.delete_selection, "Del")
    if many:
        return
    menu.addSeparator()
    for kind in wrappers():
        if commands.can_wrap(layer_id, kind):
            _add(menu, f"Wrap in {kind}", partial(commands.wrap, layer_id, kind))
    if layer.type.slots and layer.children:
        _add(menu, f"Unwrap {layer.children[0].kind}", lambda: commands.unwrap(layer_id))
    owner = design.owner(layer_id)
    if owner is not None and owner.children[0].id == layer_id:
        _add(menu, f"Take out of {owner.kind}", lambda: commands.unwrap(owner.id))
    menu.addSeparator()
    playback = canvas.workspace.playback
    if layer_id in playback.pins:
        _add(menu, "Unpin from scopes", lambda: playback.unpin(layer_id))
    else:
        _add(menu, "Pin to scopes", lambda: playback.pin(layer_id))
    code = commands.code_of(layer_id)
    if code:
        _add(menu, "Copy its code", lambda: QGuiApplication.clipboard().setText(code))
    if canvas.canvas_scene.problems_of(layer_id):
        _add(menu, "What is wrong?", lambda: canvas.show_fault(layer_id, focus=True))


def _for_canvas(menu: QMenu, canvas: CanvasView, at: QPointF) -> None:
    _add(menu, "Add a layer here…", lambda: canvas.search_at(at))
    _add(menu, "Paste here", lambda: canvas.commands.paste(at), "Ctrl+V", canvas.can_paste())
    menu.addSeparator()
    filled = bool(canvas.workspace.document.design.layers)
    _add(menu, "Select all", canvas.select_all, "Ctrl+A", filled)
    _add(menu, "Arrange boxes", canvas.auto_arrange, "", filled)
    _add(menu, "Fit the design", canvas.fit, "F", filled)
    shown = canvas.minimap_shown
    _add(menu, "Hide the minimap" if shown else "Show the minimap", lambda: canvas.set_minimap(not shown))
