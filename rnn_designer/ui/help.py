"""The two help dialogs: the shortcuts, read from the table of actions, and what this program is."""

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMessageBox, QWidget

from rnn_designer import __version__
from rnn_designer.ui.actions import SPECS

_GESTURES = (
    ("Double-click on empty canvas", "type the name of a layer to add"),
    ("Drag from a port", "draw a wire; only legal targets light up"),
    ("Drop a layer on a wire, or select the wire and press I", "put it into the wire"),
    ("Drop a layer in a frame, or press M", "put it into the wrapper"),
    ("Alt-drag, or Ctrl+D", "duplicate what is selected"),
    ("Middle or right drag", "move the view"),
    ("Wheel", "zoom about the pointer"),
    ("Alt+arrows", "move the view"),
    ("Arrows, with Shift", "move the selection, further"),
    ("Alt+Shift+arrows", "make a selected note larger or smaller"),
    ("Tab", "walk the layers in their order, then groups and notes"),
    ("Enter", "open a box, write on a note, collapse or expand a group, insert into a wire"),
    ("Menu key, or Shift+F10", "the menu of a right click"),
    ("Mouse over a wire or a strip", "the values at the step of the time slider"),
    ("← → in the scopes", "one step back or forward"),
    ("Esc", "cancel any gesture"),
)


def show_shortcuts(parent: QWidget) -> None:
    """List every shortcut and gesture."""
    rows = [
        (
            ", ".join(
                QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) for key in spec.keys
            ),
            spec.text.replace("&", "").rstrip("…"),
        )
        for spec in SPECS
        if spec.keys
    ]
    table = "".join(
        f"<tr><td style='padding-right:18px'><b>{keys}</b></td><td>{words}</td></tr>"
        for keys, words in (*rows, *_GESTURES)
    )
    _box(parent, "Keyboard and mouse", f"<table>{table}</table>")


def show_about(parent: QWidget) -> None:
    """Say what the program is."""
    _box(
        parent,
        "About RNN Designer",
        f"<b>RNN Designer {__version__}</b><p>Design recurrent networks, watch every state and gate while you edit, "
        "and export exact Keras code.</p><p>Free software under the MIT licence.</p>",
    )


def _box(parent: QWidget, title: str, text: str) -> None:
    box = QMessageBox(parent)
    box.setWindowTitle(title)
    box.setText(text)
    box.exec()
    box.deleteLater()
