"""Pasted text as an array: Python and NumPy literals, printed arrays, and cells of a spreadsheet.

Nothing is ever evaluated: brackets, numbers and a few words are all that is understood, within bounds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from rnn_designer.sequences import typed
from rnn_designer.sequences.dialect import (
    column_names,
    detect,
    has_header,
    is_missing,
    is_number,
    number_in,
    split,
)
from rnn_designer.sequences.problem import DataProblem

LONGEST = 4_000_000
"""How many characters a paste may have."""
_DEEPEST = 3
_SHOWN = 24
_NAME = r"[A-Za-z_][A-Za-z_0-9]*"
_OPENING = re.compile(
    rf"\s*(?:{_NAME}\s*(?::[^=\n]*)?=(?!=)\s*)?(?P<call>(?:{_NAME}\s*\.\s*)*{_NAME}\s*\()?\s*(?=[\[(])"
)
_CALLS = re.compile(
    r"(?:(?:np|numpy|jnp|tf|tensorflow|torch|keras|ops|cp)\s*\.\s*)*"
    r"(?:array|asarray|constant|convert_to_tensor|tensor|Variable|float32|list|tuple)\s*\("
)
_TOKEN = re.compile(
    r"(?P<space>[\s,]+|\#[^\n]*)|(?P<open>[\[(])|(?P<close>[\])])|(?P<dots>\.\.\.)|"
    r"(?P<number>[+-]?(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?(?=[\s,\])(\[\#]|$))|"
    r"(?P<gap>(?:(?:np|numpy|math)\s*\.\s*)?(?:nan|NaN|NAN)\b|None\b|null\b|"
    r"""float\s*\(\s*["']nan["']\s*\))|"""
    r"(?P<endless>[+-]?(?:(?:np|numpy|math)\s*\.\s*)?inf(?:inity)?\b)|(?P<truth>True\b|False\b)"
)
_REST = re.compile(
    rf"\s*,?\s*(?:(?:dtype|name|shape)\s*=\s*[\w.\"']+\s*,?\s*|(?:{_NAME}\s*\.\s*)*(?:float|int)\d*\s*,?\s*)*\)"
    rf"(?:\s*\.\s*astype\s*\(\s*[\w.\"']+\s*\))?\s*;?\s*(?:\#[^\n]*)?\s*"
)


@dataclass(frozen=True)
class Pasted:
    """What a pasted text holds.

    Attributes:
        values: as ``sequences.typed`` has them.
        shape: their sizes.
        words: how the text was understood, a sentence.
        names: of the features, where the text names them.
    """

    values: Any
    shape: tuple[int, ...]
    words: str
    names: tuple[str, ...] = ()


def parse(text: str) -> Pasted:
    """Read a pasted text.

    Args:
        text: ``[[0.1, 0.2], [0.3, 0.4]]``, ``np.array([...])``, ``tf.constant([[[...]]])``, a printed array, or rows of
            cells between tabs, semicolons, commas or spaces.

    Raises:
        DataProblem: it is none of these, uneven, too long or nested too deep; the sentence names the line.
    """
    if len(text) > LONGEST:
        raise DataProblem(
            f"The pasted text has {len(text):,} characters, the most is {LONGEST:,}: save it as a CSV file and "
            "choose that as the source."
        )
    if not text.strip():
        raise DataProblem(
            "There is nothing to read: paste numbers, cells of a spreadsheet, or a Python list."
        )
    body = _without_preamble(text)
    opening = _OPENING.match(body)
    if opening is not None:
        return _literal(body, opening)
    return _cells(text)


def _without_preamble(text: str) -> str:
    """The text with leading import lines and comments blanked, so that line numbers stay right."""
    lines = text.split("\n")
    for place, line in enumerate(lines):
        stripped = line.strip()
        if stripped and not re.match(rf"(#|import\s+{_NAME}|from\s+{_NAME})", stripped):
            break
        lines[place] = ""
    return "\n".join(lines)


@dataclass
class _Level:
    """A bracket that is open, with what it holds so far and the line that it begins on."""

    line: int
    opener: str
    items: list[Any] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)


def _literal(text: str, opening: re.Match[str]) -> Pasted:
    call = opening.group("call")
    if call is not None and _CALLS.fullmatch(call.strip()) is None:
        raise DataProblem(
            f"Line {_line(text, opening.start('call'))} calls “{call.rstrip(' (')[:_SHOWN]}”: nothing that is pasted "
            "is run. Paste the numbers alone, such as [[0.1, 0.2], [0.3, 0.4]]."
        )
    position = opening.end()
    open_levels: list[_Level] = []
    done: tuple[list[Any], list[int]] | None = None
    line, counted = _line(text, position), position
    while done is None:
        token = _TOKEN.match(text, position)
        line += text.count("\n", counted, position)
        counted = position
        if position >= len(text):
            raise DataProblem(
                f"The bracket that opens in line {open_levels[-1].line} is never closed: the end is missing."
            )
        if token is None:
            raise DataProblem(
                f"Line {line} has “{text[position : position + _SHOWN].splitlines()[0]}” where a number is "
                "expected: only brackets, numbers and nan are understood."
            )
        position = token.end()
        done = _take(token, line, open_levels)
    _require_end(text, position, call is not None)
    return _understood(*done)


def _take(token: re.Match[str], line: int, levels: list[_Level]) -> tuple[list[Any], list[int]] | None:
    """Put one token into the open brackets; the outermost content once it closes."""
    kind, text = token.lastgroup, token.group()
    if kind == "space":
        if text.count(",") > 1:
            raise DataProblem(f"Line {line} has two commas with nothing between: write nan to leave a gap.")
        return None
    if kind == "dots":
        raise DataProblem(
            f"Line {line} has “...”: the array was shortened when it was printed. Print it whole, or save it with "
            "numpy.save and choose the file."
        )
    if kind == "endless":
        raise DataProblem(f"Line {line} has “{text}”: a design holds finite numbers; use nan to leave a gap.")
    if kind == "open":
        if len(levels) >= _DEEPEST:
            raise DataProblem(
                f"Line {line} opens a {len(levels) + 1}th bracket: a sequence has at most three axes, samples × "
                "steps × features."
            )
        levels.append(_Level(line, text))
        return None
    if kind == "close":
        level = levels.pop()
        if (level.opener == "[") != (text == "]"):
            raise DataProblem(
                f"Line {line} closes with “{text}” what line {level.line} opened with “{level.opener}”."
            )
        if not levels:
            return level.items, level.lines
        levels[-1].items.append((level.items, level.lines))
        levels[-1].lines.append(level.line)
        return None
    levels[-1].items.append(_number(kind, text, line))
    levels[-1].lines.append(line)
    return None


def _number(kind: str | None, text: str, line: int) -> typed.Cell:
    if kind == "gap":
        return None
    if kind == "truth":
        return int(text == "True")
    try:
        value = float(text.replace("_", ""))
    except ValueError:
        value = float("inf")
    if abs(value) > 3e38:
        raise DataProblem(f"Line {line} has {text[:_SHOWN]}, which is beyond the largest float32, 3.4e38.")
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


def _require_end(text: str, position: int, in_call: bool) -> None:
    if in_call:
        rest = _REST.match(text, position)
        position = rest.end() if rest is not None else position
    tail = re.sub(r"#[^\n]*", "", text[position:]).strip(" \t\r\n;,")
    if (in_call and rest is None) or tail:
        shown = (tail or text[position:].strip()).splitlines()
        raise DataProblem(
            f"Line {_line(text, position)} goes on with “{(shown or ['the end'])[0][:_SHOWN]}” after the array: "
            "paste one array alone."
        )


def _understood(items: list[Any], lines: list[int]) -> Pasted:
    """The nested lists as an even table, or the line where they are not even."""
    if not items:
        raise DataProblem("The pasted list is empty: it needs at least one number.")
    depth = _depth(items)
    if depth == 1:
        odd = next((line for item, line in zip(items, lines, strict=True) if isinstance(item, tuple)), None)
        if odd is not None:
            raise DataProblem(f"Line {odd} mixes single numbers with lists: nest all of them equally deep.")
        values: Any = tuple((value,) for value in items)
    elif depth == 2:
        values = _rows(items, lines)
    else:
        grids = [_rows(*_inner(item, line)) for item, line in zip(items, lines, strict=True)]
        for grid, line in zip(grids, lines, strict=True):
            if (len(grid), len(grid[0])) != (len(grids[0]), len(grids[0][0])):
                raise DataProblem(
                    f"The samples are uneven: the one in line {line} has {len(grid)} × {len(grid[0])} numbers where "
                    f"the first has {len(grids[0])} × {len(grids[0][0])}. Give all the same size."
                )
        values = tuple(grids)
    typed.require_small(values)
    shape = typed.shape_of(values)
    meant = "samples × steps × features" if len(shape) == 3 else "steps × features"
    return Pasted(values, shape, f"Read as {meant}: {' × '.join(map(str, shape))}.")


def _depth(items: list[Any]) -> int:
    depth = 1
    while items and isinstance(items[0], tuple):
        items = items[0][0]
        depth += 1
    return depth


def _inner(item: Any, line: int) -> tuple[list[Any], list[int]]:
    if not isinstance(item, tuple):
        raise DataProblem(f"Line {line} mixes single numbers with lists: nest all of them equally deep.")
    return item


def _rows(items: list[Any], lines: list[int]) -> typed.Grid:
    rows: list[typed.Row] = []
    for item, line in zip(items, lines, strict=True):
        cells, _lines = _inner(item, line)
        if any(isinstance(cell, tuple) for cell in cells):
            raise DataProblem(f"Line {line} mixes single numbers with lists: nest all of them equally deep.")
        if not cells or (rows and len(cells) != len(rows[0])):
            wanted = f"where the first has {len(rows[0])}" if rows else "but needs at least one"
            count = "1 number" if len(cells) == 1 else f"{len(cells)} numbers"
            raise DataProblem(f"The rows are uneven: row {len(rows)}, in line {line}, has {count} {wanted}.")
        rows.append(tuple(cells))
    if not rows:
        raise DataProblem("The pasted list has an empty list in it: each needs at least one number.")
    return tuple(rows)


def _cells(text: str) -> Pasted:
    """Rows of cells, as a spreadsheet copies them."""
    numbered = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    lines = [line for _number, line in numbered]
    # Spreadsheets put tabs between the cells that they copy.
    dialect = detect(lines[1:201] or lines, "tab" if "\t" in text else None)
    rows = [split(line, dialect.separator) for line in lines]
    header: list[str] | None = None
    if has_header(rows[:200], dialect.decimal_comma) and len(rows) > 1:
        header, rows, numbered = rows[0], rows[1:], numbered[1:]
    width = len(rows[0])
    found: list[typed.Row] = []
    for (number, _line_text), row in zip(numbered, rows, strict=True):
        if len(row) != width:
            raise DataProblem(
                f"The rows are uneven: line {number} has {len(row)} cells where line {numbered[0][0]} has {width}. "
                "Copy a rectangle of cells."
            )
        found.append(tuple(_cell(cell, dialect.decimal_comma, number) for cell in row))
    values = tuple(found)
    typed.require_small(values)
    shape = typed.shape_of(values)
    names = column_names(header, width) if header is not None else ()
    top = " The first line names the features." if header is not None else ""
    return Pasted(
        values, shape, f"{dialect.words} Read as steps × features: {shape[0]} × {shape[1]}.{top}", names
    )


def _cell(text: str, decimal_comma: bool, line: int) -> typed.Cell:
    if is_missing(text):
        return None
    if not is_number(text, decimal_comma):
        raise DataProblem(
            f"Line {line} has “{text.strip()[:_SHOWN]}” where a number is expected: paste numbers, a Python list, or "
            "leave the cell empty for a gap."
        )
    return _number("number", repr(number_in(text, decimal_comma)), line)


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1
