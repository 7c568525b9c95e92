"""What the Explain panel says about a cell written by hand: its author's words, and what its arguments mean."""

from __future__ import annotations

import re
from html import escape

from rnn_designer.catalog import REQUIRED
from rnn_designer.catalog.cell_code import CellCode, CodeFault, read_cell
from rnn_designer.design import Design, Layer
from rnn_designer.design.sharing import sharers
from rnn_designer.ui.documentation import text_html

_SECTION = re.compile(
    r"^(Args|Arguments|Attributes|Call arguments|Returns|Raises|Example|Examples|Reference|References):\s*$"
)


def cell_html(layer: Layer) -> str:
    """The class of a custom cell in its author's words; why there is none, where its code cannot be read."""
    try:
        cell = read_cell(layer.value("code"))
    except CodeFault as fault:
        return f"<h3>Its class</h3><p>Line {fault.line}: {escape(fault.sentence)}</p>"
    words = text_html(without_arguments(cell.doc))
    said = words or "<p>The class has no docstring. What stands there in triple quotes is shown here.</p>"
    return f"<h3>class {escape(cell.class_name)}</h3>{said}{arguments_html(cell)}"


def arguments_html(cell: CellCode) -> str:
    """The arguments of the class's constructor, each with what its docstring says."""
    rows = []
    for each in cell.arguments:
        default = "" if each.default is REQUIRED else f" = {each.default!r}"
        said = escape(each.explanation) or f"Takes {escape(each.type.expected)}."
        rows.append(f"<tr><td class='code'>{escape(each.name)}{escape(default)}</td><td>{said}</td></tr>")
    return f"<table>{''.join(rows)}</table>" if rows else ""


def without_arguments(doc: str) -> str:
    """A docstring up to its first section: arguments are told in a table of their own."""
    lines = doc.split("\n")
    end = next((place for place, line in enumerate(lines) if _SECTION.match(line)), len(lines))
    return "\n".join(lines[:end]).strip()


def sharing_html(layer: Layer, design: Design) -> str:
    """Which other boxes are calls of the same layer; empty for a layer that is called once."""
    original = design.find(layer.shares) if layer.shares is not None else layer
    if original is None:
        return ""
    others = [each for each in (original, *sharers(design, original.id)) if each.id != layer.id]
    if not others or (layer.shares is None and not sharers(design, layer.id)):
        return ""
    links = ", ".join(f"<a href='layer:{escape(each.id)}'>{escape(each.name)}</a>" for each in others)
    return (
        f"<h3>One layer, several calls</h3><p>This box and {links} are calls of one layer: they share its weights, "
        "which are counted and trained once. Each call reads what its own wires bring.</p>"
    )
