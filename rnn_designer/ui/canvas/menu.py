"""The canvas' right-click menu: only what works on what was clicked."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from rnn_designer.design import COLORS
from rnn_designer.ui.canvas import frame_menu, strip_units
from rnn_designer.ui.canvas.aligning import ALIGNMENTS, DISTRIBUTIONS
from rnn_designer.ui.canvas.menu_lines import add
from rnn_designer.ui.canvas.tints import color_icon, tint
from rnn_designer.ui.theme import theme

if TYPE_CHECKING:
    from rnn_designer.design import Link
    from rnn_designer.ui.canvas.view import CanvasView


def menu_at(canvas: CanvasView, at: QPointF) -> QMenu:
    """The menu for the box, group, wire, note or empty canvas at a point of the scene, which is selected as well."""
    menu = QMenu(canvas)
    scene, selection = canvas.canvas_scene, canvas.selection
    item, wire, group, note = (
        scene.layer_at(at),
        scene.wire_at(at),
        scene.marks.group_at(at),
        scene.marks.note_at(at),
    )
    if item is not None:
        if item.layer.id not in selection.ids:
            selection.set((item.layer.id,))
        _for_unit(menu, canvas, at)
        _for_layer(menu, canvas, item.layer.id)
    elif group is not None:
        if group.grouping.id not in selection.marks:
            canvas.select_only(group.grouping.id)
        _for_mark(menu, canvas, group.grouping.id)
    elif wire is not None:
        canvas.select_link(wire.link)
        _for_wire(menu, canvas, wire.link)
    elif note is not None:
        if note.note.id not in selection.marks:
            canvas.select_only(note.note.id)
        _for_mark(menu, canvas, note.note.id)
    else:
        _for_canvas(menu, canvas, at)
    return menu


def _for_unit(menu: QMenu, canvas: CanvasView, at: QPointF) -> None:
    """What works on the unit of a strip."""
    found = strip_units.unit_at(canvas, at)
    if found is not None:
        add(menu, f"Show unit {found[1]}", lambda: canvas.unit_wanted.emit(*found))
        menu.addSeparator()


def _for_wire(menu: QMenu, canvas: CanvasView, link: Link) -> None:
    add(menu, "Insert a layer…", canvas.insert_layer, "I")
    add(menu, "Remove wire", lambda: canvas.commands.disconnect(link), "Del")


def _for_mark(menu: QMenu, canvas: CanvasView, mark_id: str) -> None:
    group = canvas.workspace.document.design.group(mark_id)
    many = len(canvas.selection.everything) > 1
    if group is not None and not many:
        add(menu, "Expand" if group.collapsed else "Collapse", lambda: canvas.toggle_group(mark_id), "G")
        add(menu, "Rename", canvas.rename_current, "F2")
        add(menu, "Ungroup", canvas.ungroup_selection, "Ctrl+Shift+G")
        menu.addSeparator()
    elif not many:
        add(menu, "Write", canvas.rename_current, "Return")
    _for_selection(menu, canvas)


def _for_selection(menu: QMenu, canvas: CanvasView) -> None:
    """What works on everything that can be selected."""
    add(menu, "Duplicate", canvas.duplicate, "Ctrl+D")
    add(menu, "Copy", canvas.copy, "Ctrl+C")
    add(menu, "Cut", canvas.cut, "Ctrl+X")
    add(menu, "Delete", canvas.delete_selection, "Del")
    menu.addSeparator()
    _colors(menu.addMenu("Colour"), canvas)
    if len(canvas.selection.everything) > 1:
        _alignment(menu.addMenu("Align and distribute"), canvas)
    if canvas.selection.ids or len(canvas.selection.marks) > 1:
        add(menu, "Group", canvas.group_selection, "Ctrl+G")


def _colors(menu: QMenu, canvas: CanvasView) -> None:
    for number, color in enumerate((None, *COLORS)):
        add(menu, (color or "none").capitalize(), partial(canvas.color_selection, color), f"Alt+{number}")
        hue = tint(color, theme())
        if hue is not None:
            menu.actions()[-1].setIcon(color_icon(hue))


def _alignment(menu: QMenu, canvas: CanvasView) -> None:
    for edge, words, keys in ALIGNMENTS:
        add(menu, words, partial(canvas.align, edge), keys)
    menu.addSeparator()
    enough = len(canvas.selection.everything) > 2
    for way, words, keys in DISTRIBUTIONS:
        add(menu, words, partial(canvas.distribute, way), keys, enough)


def _for_layer(menu: QMenu, canvas: CanvasView, layer_id: str) -> None:
    commands, design = canvas.commands, canvas.workspace.document.design
    many = len(canvas.selection.everything) > 1
    if not many:
        add(menu, "Open", lambda: canvas.opened.emit(layer_id), "Return")
        kind = design.layer(layer_id).type
        if kind.recurrent or kind.cell:
            add(menu, "Look inside", lambda: canvas.look_inside(layer_id), "Shift+Return")
        add(menu, "Rename", canvas.rename_current, "F2")
    _for_selection(menu, canvas)
    group = design.group_of(design.top(layer_id).id)
    if group is not None:
        add(
            menu, f"Ungroup ‘{group.name}’", lambda: canvas.mark_commands.ungroup((group.id,)), "Ctrl+Shift+G"
        )
    if many:
        return
    menu.addSeparator()
    frame_menu.add_order(menu, commands.frames, layer_id)
    frame_menu.add_wrapping(menu, commands.frames, layer_id)
    menu.addSeparator()
    frame_menu.add_calls(menu, commands.frames, layer_id)
    menu.addSeparator()
    playback = canvas.workspace.playback
    if layer_id in playback.pins:
        add(menu, "Unpin from scopes", lambda: playback.unpin(layer_id))
    else:
        add(menu, "Pin to scopes", lambda: playback.pin(layer_id))
    code = commands.code_of(layer_id)
    if code:
        add(menu, "Copy its code", lambda: QGuiApplication.clipboard().setText(code))
    if canvas.canvas_scene.problems_of(layer_id):
        add(menu, "What is wrong?", lambda: canvas.show_fault(layer_id, focus=True))


def _for_canvas(menu: QMenu, canvas: CanvasView, at: QPointF) -> None:
    add(menu, "Add a layer here…", lambda: canvas.search_at(at))
    add(menu, "Write a note here…", lambda: canvas.add_note(at), "N")
    add(menu, "Paste here", lambda: canvas.commands.paste(at), "Ctrl+V", canvas.can_paste())
    menu.addSeparator()
    design = canvas.workspace.document.design
    filled = bool(design.layers or design.canvas_notes)
    add(menu, "Select all", canvas.select_all, "Ctrl+A", filled)
    add(menu, "Arrange boxes", canvas.auto_arrange, "Ctrl+Shift+A", filled)
    add(menu, "Fit the design", canvas.fit, "F", filled)
    shown = canvas.minimap_shown
    add(menu, "Hide the minimap" if shown else "Show the minimap", lambda: canvas.set_minimap(not shown))
