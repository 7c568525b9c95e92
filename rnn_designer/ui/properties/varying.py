"""The menu of a parameter's label: try other values for it in a sweep, or no more."""

from __future__ import annotations

from PySide6.QtWidgets import QMenu, QWidget

from rnn_designer.design import Layer, edits
from rnn_designer.design.sharing import original_id
from rnn_designer.design.trials import living, parameter_of, range_words
from rnn_designer.session.document import Document


def varying_menu(document: Document, layer: Layer, name: str, parent: QWidget) -> QMenu | None:
    """A menu for one parameter of a layer; None where it cannot be varied."""
    design = document.design
    layer_id = original_id(design, layer.id)
    if parameter_of(design, layer_id, name) is None:
        return None
    menu = QMenu(parent)
    varied = next((each for each in living(design) if (each.layer, each.name) == (layer_id, name)), None)
    if varied is None:
        menu.addAction(
            "Vary in a sweep…",
            lambda: document.apply(edits.vary_setting(layer_id, name), "Vary a setting"),
        )
    else:
        menu.addAction(
            f"Vary it no more ({range_words(varied)})",
            lambda: document.apply(edits.vary_no_more(layer_id, name), "Vary no more"),
        )
    return menu
