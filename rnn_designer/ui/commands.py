"""What the command search finds: layers to add, boxes of the design, examples, and every action of the menus."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QKeySequence

from rnn_designer.catalog import CATALOG
from rnn_designer.ui.command_search import Command
from rnn_designer.ui.file_actions import example_files

if TYPE_CHECKING:
    from rnn_designer.ui.main_window import MainWindow


def commands_of(window: MainWindow) -> Iterator[Command]:
    """Everything that can be found right now, boxes first."""
    for layer in window.workspace.document.design.walk():
        yield Command(
            layer.name, f"{layer.kind} on the canvas", "go to box", partial(window.selection.reveal, layer.id)
        )
    for kind, layer_type in CATALOG.items():
        words = f"{layer_type.summary} {' '.join(layer_type.keywords)}"
        yield Command(f"Add {kind}", layer_type.family.value, words, partial(window.canvas.add_layer, kind))
    for path in example_files():
        name = path.stem.replace("_", " ")
        yield Command(f"Open example {name}", "Example", "gallery", partial(window.files.open, path))
    for action in window.actions_table:
        if action.isEnabled() and action.objectName() != "commands":
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            yield Command(action.text().replace("&", "").rstrip("…"), keys, "command", action.trigger)
