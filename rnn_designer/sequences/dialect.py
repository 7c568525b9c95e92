"""How a text file writes its table, found out from its beginning: separator, decimal comma, header."""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass

MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "-", "--", "?", ".", "#n/a"})
"""Cells that say "no value here", in lower case."""

_SEPARATORS = ("\t", ";", "|", ",", " ")
_NAMES = {"\t": "tabs", ";": "semicolons", "|": "bars", ",": "commas", " ": "spaces", "": "line ends"}
_POINT = re.compile(
    r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?\d{1,3}(,\d{3})+(\.\d+)?|[+-]?inf(inity)?", re.I
)
_COMMA = re.compile(r"[+-]?(\d+|\d{1,3}(\.\d{3})+),\d+([eE][+-]?\d+)?")


SEPARATORS: dict[str, str] = {
    "comma": ",",
    "semicolon": ";",
    "tab": "\t",
    "bar": "|",
    "space": " ",
    "none": "",
}
"""The separators that a user may choose, by their names in a design file."""


@dataclass(frozen=True)
class Dialect:
    """How the cells of a file are written.

    Attributes:
        separator: one character; a space stands for any white space, the empty text for a single column.
        decimal_comma: whether numbers are written like 1,5.
        columns: how many cells a row has.
    """

    separator: str
    decimal_comma: bool
    columns: int

    @property
    def separator_name(self) -> str:
        """The separator's name in :data:`SEPARATORS`."""
        return next(name for name, each in SEPARATORS.items() if each == self.separator)

    @property
    def words(self) -> str:
        """The sentence that the data panel shows."""
        if not self.separator:
            return "One column" + (", with decimal commas." if self.decimal_comma else ".")
        comma = ", with decimal commas" if self.decimal_comma else ""
        return f"{self.columns} columns, separated by {_NAMES[self.separator]}{comma}."


def is_number(cell: str, decimal_comma: bool) -> bool:
    """Whether a cell holds a number as this file writes them."""
    text = cell.strip()
    return _POINT.fullmatch(text) is not None or (decimal_comma and _COMMA.fullmatch(text) is not None)


def is_missing(cell: str) -> bool:
    """Whether a cell says that there is no value."""
    return cell.strip().lower() in MISSING


def split(line: str, separator: str) -> list[str]:
    """The cells of one line."""
    if separator == " ":
        return line.split()
    if not separator:
        return [line]
    if '"' not in line:
        return line.split(separator)
    return next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])


def detect(lines: list[str], separator: str | None = None, decimal: str | None = None) -> Dialect:
    """The dialect that makes the most even table, with the most numbers, of lines without blank ones.

    Args:
        lines: rows of the table.
        separator: a name in :data:`SEPARATORS` that settles it; anything else for finding out.
        decimal: ``point`` or ``comma`` settles how numbers are written.
    """
    asked = SEPARATORS.get(separator or "")
    settled = {"point": False, "comma": True}.get(decimal or "")
    if asked == "" or len(lines) == 0:
        commas = _mostly_commas([[line] for line in lines])
        return Dialect("", commas if settled is None else settled, 1)
    commas = _mostly_commas([[line] for line in lines])
    best, best_score = Dialect("", commas if settled is None else settled, 1), 0.0
    for candidate in _SEPARATORS if asked is None else (asked,):
        rows = [split(line, candidate) for line in lines]
        width, even = Counter(map(len, rows)).most_common(1)[0]
        if width < 2 and asked is None:
            continue
        comma = candidate != "," and _mostly_commas(rows) if settled is None else settled
        cells = [cell for row in rows for cell in row]
        numbers = sum(is_number(cell, comma) or is_missing(cell) for cell in cells)
        score = even / len(rows) * (0.1 + numbers / len(cells))
        if score > best_score + 1e-9:
            best, best_score = Dialect(candidate, comma, width), score
    return best


def _mostly_commas(rows: list[list[str]]) -> bool:
    commas = points = 0
    for row in rows:
        for cell in row:
            text = cell.strip()
            if _COMMA.fullmatch(text):
                commas += 1
            elif "." in text and _POINT.fullmatch(text):
                points += 1
    return commas > points


def has_header(rows: list[list[str]], decimal_comma: bool) -> bool:
    """Whether the first of these rows names the columns."""
    first = rows[0]
    texts = [
        place
        for place, cell in enumerate(first)
        if not is_number(cell, decimal_comma) and not is_missing(cell)
    ]
    if not texts:
        return False
    if any(is_number(row[place], decimal_comma) for row in rows[1:] for place in texts if place < len(row)):
        return True
    return not any(is_number(cell, decimal_comma) for cell in first)


def column_names(header: list[str] | None, columns: int) -> tuple[str, ...]:
    """A name of its own for every column; nameless ones are called by their number, from 0."""
    names: list[str] = []
    taken: set[str] = set()
    for number in range(columns):
        wanted = " ".join(header[number].split()) if header and number < len(header) else ""
        wanted = wanted or f"column_{number}"
        name, copy = wanted, 1
        while name in taken:
            name, copy = f"{wanted}_{copy}", copy + 1
        taken.add(name)
        names.append(name)
    return tuple(names)


def number_in(cell: str, decimal_comma: bool) -> float:
    """The number in a cell for which :func:`is_number` says yes."""
    text = cell.strip()
    if decimal_comma and _COMMA.fullmatch(text):
        return float(text.replace(".", "").replace(",", "."))
    return float(text.replace(",", ""))
