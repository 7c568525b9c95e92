"""What the command search finds: layers to add, boxes of the design, examples, and every action of the menus."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QKeySequence

from rnn_designer.catalog import CATALOG
from rnn_designer.ui.actions import SPECS
from rnn_designer.ui.command_search import Command
from rnn_designer.ui.examples import example_files
from rnn_designer.ui.finding import rank, summary_line
from rnn_designer.ui.titles import title_of

if TYPE_CHECKING:
    from rnn_designer.ui.main_window import MainWindow


def commands_of(window: MainWindow) -> Iterator[Command]:
    """Everything that can be found right now: open boxes first, then layers, commands and examples."""
    for layer in window.workspace.document.design.walk():
        yield Command(
            layer.name,
            f"{layer.kind} · {layer.type.words(layer.values())}".rstrip(" ·"),
            "go to box",
            partial(window.selection.reveal, layer.id),
            section="Open boxes",
            kind=layer.kind,
        )
    for kind, layer_type in CATALOG.items():
        yield Command(
            f"Add {kind}",
            summary_line(layer_type),
            f"{layer_type.family.value} {' '.join(layer_type.keywords)}",
            partial(window.canvas.add_layer, kind),
            section="Layers",
            kind=kind,
            rank=partial(rank, layer_type),
        )
    specs = {spec.id: spec for spec in SPECS}
    for action in window.actions_table:
        if action.isEnabled() and action.objectName() != "commands":
            spec = specs[action.objectName()]
            title = action.text().replace("&", "").rstrip("…")
            if spec.submenu in ("&Theme", "&Colour"):
                # Out of its submenu "Dark" alone says too little.
                title = f"{spec.submenu.replace('&', '')}: {title[0].lower()}{title[1:]}"
            yield Command(
                title,
                spec.menu.replace("&", ""),
                f"command {spec.submenu.replace('&', '')}",
                action.trigger,
                icon=spec.icon,
                keys=action.shortcut().toString(QKeySequence.SequenceFormat.NativeText),
            )
    for heading, path in example_files():
        name = title_of(path.stem)
        yield Command(
            f"Open example {name}",
            "Example",
            f"gallery {heading}",
            partial(window.files.open, path),
            section="Examples",
            icon="open",
        )
