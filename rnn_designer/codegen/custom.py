"""Custom cells in the exported program: their classes word for word between two marker lines, and calls of them.

The text between the markers is its author's and no part of what this package vouches for: it is neither
formatted nor held to the names that generated code may call.
"""

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass

from rnn_designer.catalog import REQUIRED, Part
from rnn_designer.catalog.cell_code import CellCode, CodeFault, read_cell
from rnn_designer.codegen.errors import NotExportable
from rnn_designer.codegen.graph import Graph
from rnn_designer.codegen.names import MODULE_NAMES
from rnn_designer.codegen.tree import Notes, literal
from rnn_designer.design.model import Layer

CUSTOM_CELL = "CustomCell"
"""The kind of the layers whose class is written in the design."""
BEGIN = "# ---- Custom cell {}: written by hand, kept as it is ----"
END = "# ---- End of {} ----"
REGISTRATION = '@keras.saving.register_keras_serializable(package="rnn_designer")  # for saved models'
"""The line above the class with which a saved model finds it again; left out where the author registers it.

Its comment tells it from a line of the author's: ``engine.own_code`` counts lines without it.
"""

_BEGIN = re.compile(re.escape(BEGIN).replace(r"\{\}", r"(\w+)"))
_END = re.compile(re.escape(END).replace(r"\{\}", r"(\w+)"))
_MODULES = {"keras": "keras", "Path": "pathlib.Path"} | {
    each: f"keras.{each}" for each in ("constraints", "initializers", "layers", "regularizers")
}
"""What an author may import under a name that the program itself uses: the same."""


@dataclass(frozen=True)
class Section:
    """Where a custom cell's text stands in a program, its marker lines included; lines count from 1."""

    name: str
    first: int
    last: int


def sections(text: str) -> tuple[Section, ...]:
    """The hand-written sections of a program, in order."""
    found: list[Section] = []
    begun: tuple[str, int] | None = None
    for number, line in enumerate(text.split("\n"), 1):
        if begun is None and (begin := _BEGIN.fullmatch(line)):
            begun = begin[1], number
        elif begun is not None and line == END.format(begun[0]):
            found.append(Section(*begun, number))
            begun = None
    return tuple(found)


def without_sections(text: str) -> str:
    """The program with nothing but the marker lines left of its hand-written sections."""
    lines = text.split("\n")
    for section in reversed(sections(text)):
        del lines[section.first : section.last - 1]
    return "\n".join(lines)


def with_sections(text: str, original: str) -> str:
    """What :func:`without_sections` took from the original put back between the marker lines of ``text``."""
    lines, before = text.split("\n"), original.split("\n")
    for empty, full in reversed([*zip(sections(text), sections(original), strict=True)]):
        lines[empty.first : empty.last - 1] = before[full.first : full.last - 1]
    return "\n".join(lines)


def custom_call(layer: Layer) -> tuple[str, dict[str, ast.expr]]:
    """The class of a custom cell, and the arguments of its constructor that are to be written out.

    All of them by name: some constructors take no others, and of an unknown class the names say more.
    """
    code = cell_code(layer)
    given = layer.value("arguments")
    values = code.complete(given.params if isinstance(given, Part) else {})
    return code.class_name, {
        argument.name: literal(values[argument.name])
        for argument in code.arguments
        if argument.default is REQUIRED or _differs(values[argument.name], argument.default)
    }


def _differs(value: object, default: object) -> bool:
    return type(value) is not type(default) or value != default


def cell_code(layer: Layer) -> CellCode:
    """What the text of a custom cell says; :class:`NotExportable` if it cannot be read."""
    try:
        return read_cell(layer.value("code"))
    except CodeFault as fault:
        raise NotExportable(fault.sentence, layer.id) from None


def custom_classes(graph: Graph, notes: Notes) -> list[ast.stmt]:
    """The statements of every custom cell's text, each distinct class once, in source order.

    ``notes`` learns the text that stands for them, and which layer it belongs to.

    Raises:
        NotExportable: if two cells, or a cell and the program around it, claim the same name.
    """
    texts: dict[str, str] = {}
    owners: dict[str, Layer] = {}
    imports: dict[str, str] = dict(_MODULES)
    statements: list[ast.stmt] = []
    for layer in graph.order:
        for cell in graph.maker(layer).walk():
            if cell.kind != CUSTOM_CELL:
                continue
            code, text = cell_code(cell), cell.value("code")
            if texts.get(code.class_name) == text:
                continue
            imported = _imported(text)
            _refuse_collisions(cell, code, imported, owners, imports)
            texts[code.class_name] = text
            imports |= imported
            owners.update(dict.fromkeys(frozenset(code.defined) - imported.keys(), cell))
            made, section = _section(code, text)
            notes.verbatim.update(dict.fromkeys(made, ""))
            notes.verbatim[made[0]] = section
            notes.sections[code.class_name] = cell.id
            statements += made
    return statements


def defined_names(graph: Graph) -> frozenset[str]:
    """Every name that custom cells' texts define or import at their top level."""
    cells = (cell for layer in graph.design.layers for cell in layer.walk() if cell.kind == CUSTOM_CELL)
    return frozenset(name for cell in cells for name in cell_code(cell).defined)


def _section(code: CellCode, text: str) -> tuple[list[ast.stmt], str]:
    lines = text.rstrip("\n").split("\n")
    if not code.registered:
        lines.insert(code.line - 1, REGISTRATION)
    inside = "\n".join(lines)
    return ast.parse(inside).body, "\n".join(
        (BEGIN.format(code.class_name), inside, END.format(code.class_name))
    )


def _imported(text: str) -> dict[str, str]:
    """Names that the text imports at its top level, with the dotted path of what they stand for."""
    found: dict[str, str] = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.Import):
            for each in node.names:
                top = each.name.partition(".")[0]
                found[each.asname or top] = each.name if each.asname else top
        elif isinstance(node, ast.ImportFrom):
            found.update({(each.asname or each.name): f"{node.module}.{each.name}" for each in node.names})
    return found


def _refuse_collisions(
    cell: Layer,
    code: CellCode,
    imported: dict[str, str],
    owners: dict[str, Layer],
    imports: dict[str, str],
) -> None:
    """Refuse a text that gives another meaning to a name that the program, or a text before it, uses."""
    if any(_BEGIN.fullmatch(line) or _END.fullmatch(line) for line in cell.value("code").split("\n")):
        raise NotExportable(
            f"The text of “{cell.name}” holds one of the lines that mark custom cells in exported code. Remove it.",
            cell.id,
        )
    for name in code.defined:
        if name == code.class_name and name in owners:
            raise NotExportable(
                f"“{cell.name}” and “{owners[name].name}” both define the class “{name}”, each in its own way, and "
                "one program can hold only one of them. Rename the class in one of the two, or give both the same "
                "text.",
                cell.id,
            )
        if name in owners or (name not in imported and (name in MODULE_NAMES or name in imports)):
            user = f"“{owners[name].name}”" if name in owners else "the exported program itself"
            raise NotExportable(
                f"The text of “{cell.name}” gives the name “{name}” a meaning of its own, but {user} uses it too. "
                "Choose another name in the text.",
                cell.id,
            )
        if name in imported and imports.get(name, imported[name]) != imported[name]:
            raise NotExportable(
                f"The text of “{cell.name}” imports {imported[name]} as “{name}”, which stands for {imports[name]} "
                "elsewhere in the exported program. Import it under another name.",
                cell.id,
            )
        if name in imported and name in MODULE_NAMES and name not in imports:
            raise NotExportable(
                f"The text of “{cell.name}” imports “{name}”, a name that the exported program itself uses. Import "
                "it under another name.",
                cell.id,
            )


def section_lines(text: str, owners: Iterable[tuple[str, str]]) -> dict[int, str]:
    """The layer of each line of the hand-written sections.

    Args:
        text: a program.
        owners: class names with the id of the layer that each belongs to.
    """
    by_name = dict(owners)
    return {
        line: by_name[section.name]
        for section in sections(text)
        if section.name in by_name
        for line in range(section.first, section.last + 1)
    }
