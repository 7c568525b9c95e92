"""The custom cells to start from, in ``resources/cells``: complete Keras 3 classes, each in a file of its own."""

from dataclasses import dataclass
from functools import cache
from typing import Final

from rnn_designer.catalog.cell_code import read_cell
from rnn_designer.paths import resource

_TITLES: Final = {
    "minimal": "Minimal cell",
    "leaky_integrator": "Leaky integrator",
    "running_sum": "Running sum",
    "minimal_gated_unit": "Minimal gated unit",
    "peephole_lstm": "Peephole LSTM",
    "layer_norm_lstm": "LSTM with layer normalisation",
}


@dataclass(frozen=True)
class CellTemplate:
    """A custom cell that comes with the program.

    Attributes:
        name: its file's name without the suffix.
        title: what menus call it.
        summary: one sentence: what it computes.
        code: the whole text.
    """

    name: str
    title: str
    summary: str
    code: str

    @property
    def class_name(self) -> str:
        """The name of the cell's class."""
        return read_cell(self.code).class_name


@cache
def cell_templates() -> tuple[CellTemplate, ...]:
    """Every template, the simplest first.

    Raises:
        OSError: if the installation lacks one.
    """
    return tuple(_template(name, title) for name, title in _TITLES.items())


def _template(name: str, title: str) -> CellTemplate:
    code = resource("cells", f"{name}.py").read_text(encoding="utf-8")
    # The file's first line is its docstring, on one line.
    summary = code.split("\n", 1)[0].strip('"')
    return CellTemplate(name, title, summary, code)


def minimal_cell() -> str:
    """The code that a new custom cell has."""
    return _template("minimal", _TITLES["minimal"]).code
