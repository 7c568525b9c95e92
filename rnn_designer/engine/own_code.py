"""The parts of an executed source that someone wrote by hand, and where in them a line is.

The class of a custom cell stands in the source between two marker lines. Its author counts its lines from the
first one after the marker.
"""

from __future__ import annotations

import linecache
import re
import traceback
from collections.abc import Iterator
from dataclasses import dataclass

DESIGN_FILE = "<design>"
DESIGN_MODULE = "design"
_BEGIN = re.compile(r"# ---- Custom cell (\w+): written by hand, kept as it is ----$")
_END = re.compile(r"# ---- End of (\w+) ----$")
_ADDED = re.compile(r"@keras\.saving\.register_keras_serializable\(.*\)  # for saved models$")
"""A line that was put above the class; its author does not count it."""


@dataclass(frozen=True)
class OwnLine:
    """A line that someone wrote.

    Attributes:
        class_name: the cell's class.
        number: the line, counted from 1 in its author's text.
    """

    class_name: str
    number: int


def own_line(line: int) -> OwnLine | None:
    """Which hand-written line this line of the executed source is; None for a generated one."""
    begun: tuple[str, int] | None = None
    for number, text in enumerate(linecache.getlines(DESIGN_FILE), 1):
        if begun is None and (found := _BEGIN.match(text)):
            begun = found[1], number
        elif begun is not None and number <= line and _ADDED.match(text):
            begun = begun[0], begun[1] + 1
        elif begun is not None and (found := _END.match(text)) and found[1] == begun[0]:
            if begun[1] < line < number:
                return OwnLine(begun[0], line - begun[1])
            begun = None
    return None


def design_lines(error: BaseException) -> Iterator[int]:
    """The lines of the executed source that an exception went through, outermost first."""
    if isinstance(error, SyntaxError) and error.filename == DESIGN_FILE:
        yield error.lineno or 0
    for frame, line in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_filename == DESIGN_FILE:
            yield line


def subject(cell: str, class_name: str, line: int | None) -> str:
    """The beginning of a sentence about a cell: its name, its class, the line in its author's text."""
    own = None if line is None else own_line(line)
    number = own.number if own is not None else line
    return f"Cell “{cell}” ({class_name}{'' if number is None else f', line {number}'})"
