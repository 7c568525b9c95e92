"""The canvas by keyboard: everything that the mouse does has a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

if TYPE_CHECKING:
    from rnn_designer.ui.canvas.view import CanvasView

_ARROWS = {
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, -1.0),
    Qt.Key.Key_Down: (0.0, 1.0),
}
_STEP, _FAR_STEP, _RESIZE = 4.0, 10.0, 16.0
_RESIZING = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier


def handle(canvas: CanvasView, event: QKeyEvent) -> bool:
    """Do what a key stands for; whether it stood for anything.

    The window's actions have the same keys and come first where the canvas stands in the window.
    """
    gesture = canvas.gesture
    if event.key() == Qt.Key.Key_Escape:
        _escape(canvas)
        return True
    if gesture is not None:
        return gesture.key(event)
    for standard, act in (
        (QKeySequence.StandardKey.Copy, canvas.copy),
        (QKeySequence.StandardKey.Cut, canvas.cut),
        (QKeySequence.StandardKey.Paste, canvas.paste),
        (QKeySequence.StandardKey.SelectAll, canvas.select_all),
    ):
        if event.matches(standard):
            act()
            return True
    held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if event.key() in _ARROWS and held == Qt.KeyboardModifier.AltModifier:
        _alt_arrow(canvas, Qt.Key(event.key()))
        return True
    if event.key() in _ARROWS and held == _RESIZING:
        across, down = _ARROWS[Qt.Key(event.key())]
        return canvas.mark_commands.resize(canvas.selection.marks, across * _RESIZE, down * _RESIZE)
    if held == Qt.KeyboardModifier.ControlModifier and event.key() == Qt.Key.Key_D:
        canvas.duplicate()
        return True
    if event.key() == Qt.Key.Key_G and held & Qt.KeyboardModifier.ControlModifier:
        (canvas.ungroup_selection if held & Qt.KeyboardModifier.ShiftModifier else canvas.group_selection)()
        return True
    if event.key() == Qt.Key.Key_W and held == Qt.KeyboardModifier.ShiftModifier:
        canvas.select_next_wire(back=True)
        return True
    if held not in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier):
        return False
    if event.key() in _ARROWS:
        return _nudge(canvas, event)
    if event.key() == Qt.Key.Key_D and held == Qt.KeyboardModifier.ShiftModifier:
        canvas.call_again()
        return True
    if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and held == Qt.KeyboardModifier.ShiftModifier:
        return canvas.selection.current is not None and canvas.look_inside(canvas.selection.current)
    if held != Qt.KeyboardModifier.NoModifier:
        return False
    return _plain(canvas, event.key())


def _alt_arrow(canvas: CanvasView, key: Qt.Key) -> None:
    """Up and down in a stack for a cell that is selected there; else look a step further."""
    if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
        canvas.move_in_stack(-1 if key == Qt.Key.Key_Up else 1)
    else:
        canvas.pan_step(key)


def _plain(canvas: CanvasView, key: int) -> bool:
    if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
        canvas.delete_selection()
    elif key == Qt.Key.Key_F2:
        canvas.rename_current()
    elif key == Qt.Key.Key_F:
        canvas.fit()
    elif key == Qt.Key.Key_0:
        canvas.zoom_to(1.0)
    elif key == Qt.Key.Key_C:
        canvas.start_wire()
    elif key == Qt.Key.Key_N:
        canvas.add_note()
    elif key == Qt.Key.Key_W:
        canvas.select_next_wire()
    elif key == Qt.Key.Key_I:
        canvas.insert_layer()
    elif key == Qt.Key.Key_M:
        canvas.put_inside()
    elif key == Qt.Key.Key_E:
        canvas.fold_current()
    elif key == Qt.Key.Key_G:
        canvas.toggle_group()
    elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
        return _open(canvas)
    else:
        return False
    return True


def _open(canvas: CanvasView) -> bool:
    """Enter: into a wire, a note's text, a group, or the parameters of a layer."""
    selection = canvas.selection
    if canvas.selected_link is not None:
        canvas.insert_layer()
    elif selection.marks and canvas.workspace.document.design.group(selection.marks[-1]) is not None:
        canvas.toggle_group(selection.marks[-1])
    elif selection.marks:
        canvas.rename_current()
    elif selection.current is not None:
        canvas.opened.emit(selection.current)
    else:
        return False
    return True


def _nudge(canvas: CanvasView, event: QKeyEvent) -> bool:
    across, down = _ARROWS[Qt.Key(event.key())]
    step = _FAR_STEP if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else _STEP
    if not canvas.selection.everything:
        return False
    canvas.commands.nudge(canvas.selection.everything, across * step, down * step)
    canvas.reveal_current()
    return True


def _escape(canvas: CanvasView) -> None:
    """One Esc takes back one thing: a gesture, a card, the selection."""
    if canvas.gesture is not None:
        canvas.cancel_gesture()
    elif not canvas.overlays.offer.isHidden():
        canvas.overlays.offer.dismiss()
    elif not canvas.overlays.card.isHidden():
        canvas.overlays.card.dismiss()
    elif canvas.selected_link is not None:
        canvas.select_link(None)
        canvas.overlays.card_for_values.dismiss()
    else:
        canvas.selection.clear()


def walk(canvas: CanvasView, *, back: bool) -> bool:
    """Tab: select the next layer in topological order, then groups and notes; False past the ends."""
    order = [*canvas.walk_order(), *canvas.mark_order()]
    if not order:
        return False
    current = canvas.selection.marks[-1] if canvas.selection.marks else canvas.selection.current
    if current not in order:
        target = order[-1 if back else 0]
    else:
        place = order.index(current) + (-1 if back else 1)
        if not 0 <= place < len(order):
            return False
        target = order[place]
    canvas.select_only(target)
    canvas.reveal(target)
    return True
