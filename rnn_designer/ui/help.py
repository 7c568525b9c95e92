"""The two help dialogs: the shortcuts, read from the table of actions, and what this program is."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QMessageBox,
    QPushButton,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from rnn_designer import __version__
from rnn_designer.ui.actions import SPECS

_GESTURES = (
    ("Double-click on empty canvas", "type the name of a layer to add"),
    ("Double-click on a recurrent layer, or Shift+Enter", "look inside: its cell, step by step"),
    ("Drag from a port", "draw a wire; only legal targets light up"),
    ("Drop a layer on a wire, or select the wire and press I", "put it into the wire"),
    ("Drop a layer in a frame, or press M", "put it into the wrapper or stack"),
    ("Drag a cell in its stack, or Alt+Up and Alt+Down", "change the order of the cells"),
    ("Drag a cell out of its frame, or press M", "make it a box of its own"),
    ("Double-click on a frame's title, or E", "show the frame as one box, or all of it again"),
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


class ShortcutsDialog(QDialog):
    """Every shortcut and gesture, by menu, in as many rows as it takes: it scrolls, and stays open beside the work."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard and mouse")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.list = QTextBrowser(self)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setAccessibleName("Shortcuts and gestures")
        self.list.setHtml(_table())
        close = QPushButton("Close", self)
        close.setDefault(True)
        close.clicked.connect(self.close)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 14)
        column.addWidget(self.list, 1)
        column.addLayout(foot)
        room = self.screen().availableSize()
        self.resize(min(520, room.width() - 40), min(640, room.height() - 80))


def _table() -> str:
    groups: dict[str, list[tuple[str, str]]] = {}
    for spec in SPECS:
        if spec.keys:
            native = QKeySequence.SequenceFormat.NativeText
            keys = ", ".join(QKeySequence(key).toString(native) for key in spec.keys)
            groups.setdefault(spec.menu.replace("&", ""), []).append(
                (keys, spec.text.replace("&", "").rstrip("…"))
            )
    groups["Mouse and canvas"] = list(_GESTURES)
    rows = []
    for title, entries in groups.items():
        rows.append(f"<tr><td colspan='2' style='padding-top:10px'><b>{title}</b></td></tr>")
        rows += [
            f"<tr><td style='padding-right:24px; padding-top:3px'>{keys}</td>"
            f"<td style='padding-top:3px'>{words}</td></tr>"
            for keys, words in entries
        ]
    return f"<table>{''.join(rows)}</table>"


def show_shortcuts(parent: QWidget) -> None:
    """List every shortcut and gesture."""
    ShortcutsDialog(parent).show()


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
