"""CSV, TSV and other text tables, read by polars once their dialect is known.

Nothing is filled or dropped in silence: gaps stay NaN and are counted, uneven rows are named by their lines.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnn_designer.sequences.dialect import (
    MISSING,
    Dialect,
    column_names,
    detect,
    has_header,
    is_number,
    split,
)
from rnn_designer.sequences.problem import DataProblem
from rnn_designer.sequences.tables import SeriesTable, chosen

if TYPE_CHECKING:
    import polars
else:
    polars = Any

_LOOKED_AT = 200
_LONGEST_CELL = 1_000_000
_UNIT = "\x1f"
"""The separator that every table is handed to polars with: no text uses it."""


@dataclass(frozen=True)
class _Rows:
    """The rows of a file with the line that each begins on, from 1."""

    cells: list[str]
    lines: list[int]
    names: tuple[str, ...]


@dataclass(frozen=True)
class _Column:
    """One column as numbers, or the reason why it is none."""

    values: polars.Series | None
    gaps: int
    remark: str


def read_text(path: Path, columns: Sequence[str] = ()) -> SeriesTable:
    """Read a text table; separator, decimal comma, header and encoding are found out.

    Args:
        path: the file.
        columns: names or numbers of the columns wanted; none for every numeric one.

    Raises:
        DataProblem: no table of numbers can be made of it.
    """
    import numpy as np

    text, encoding = _decoded(path)
    dialect, rows = _rows(text, path.name)
    del text
    if not rows.cells:
        raise DataProblem(f"“{path.name}” has column names but no rows: choose a file with rows of numbers.")
    remarks = [dialect.words] + ([f"Read as {encoding}."] if encoding != "UTF-8" else [])
    frame = _frame(rows)
    parsed = [_column(frame[name], name, dialect, rows.lines) for name in rows.names]
    numeric = [place for place, column in enumerate(parsed) if column.values is not None]
    if columns:
        wanted = chosen(columns, rows.names, path.name)
        for place in wanted:
            if parsed[place].values is None:
                raise DataProblem(f"{parsed[place].remark} Choose another column.")
    else:
        wanted = numeric
        remarks += [column.remark + " It is left out." for column in parsed if column.values is None]
    if not wanted:
        raise DataProblem(
            f"“{path.name}” has no column of numbers: {parsed[0].remark[0].lower()}{parsed[0].remark[1:]}"
        )
    values = np.empty((len(rows.lines), len(wanted)), np.float32)
    for target, place in enumerate(wanted):
        series = parsed[place].values
        assert series is not None
        with np.errstate(over="ignore"):
            values[:, target] = series.to_numpy()
        if parsed[place].remark:
            remarks.append(parsed[place].remark)
    infinite = int(np.isinf(values).sum())
    if infinite:
        remarks.append(f"{infinite:,} of the numbers are infinite, or too large for float32.")
    names = rows.names
    return SeriesTable(
        values,
        tuple(names[place] for place in wanted),
        tuple(names[place] for place in numeric),
        tuple(remarks),
    )


def _decoded(path: Path) -> tuple[str, str]:
    raw = path.read_bytes()
    for mark, codec, name in (
        (b"\xef\xbb\xbf", "utf-8-sig", "UTF-8"),
        (b"\xff\xfe", "utf-16", "UTF-16"),
        (b"\xfe\xff", "utf-16", "UTF-16"),
    ):
        if raw.startswith(mark):
            try:
                return raw.decode(codec), name
            except UnicodeDecodeError as error:
                raise DataProblem(
                    f"“{path.name}” begins as {name} text but is broken at byte {error.start:,}: save "
                    "it anew."
                ) from error
    if b"\0" in raw[:65_536]:
        raise DataProblem(f"“{path.name}” is not a text file: save it as CSV in UTF-8.")
    try:
        return raw.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        return raw.decode("latin-1"), "Latin-1, because it is not UTF-8"


def _rows(text: str, file_name: str) -> tuple[Dialect, _Rows]:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    # Digits, signs and letters come after “%” in every alphabet; few lines need a second look.
    table = [number for number, line in enumerate(lines, 1) if line[:1] > "%" or _is_row(line)]
    if not table:
        raise DataProblem(f"“{file_name}” has no rows: choose a file with rows of numbers.")
    # A row of names looks different from the rows below it, so it has no say where there are others.
    looked_at = [lines[number - 1] for number in (table[1:] or table)[:_LOOKED_AT]]
    dialect = detect(looked_at)
    cells, starts = _cells(text, lines, table, dialect, file_name)
    width = dialect.columns
    header: list[str] | None = None
    if has_header([row.split(_UNIT) for row in cells[:_LOOKED_AT]], dialect.decimal_comma):
        header = cells[0].split(_UNIT)
        if len(header) == width - 1:
            header = ["row", *header]
        elif len(header) != width and len(cells) > 1:
            raise _ragged([(starts[0], len(header))], width, file_name)
        cells, starts = cells[1:], starts[1:]
    else:
        header = _commented_names(lines[: table[0] - 1], dialect)
    uneven = [place for place, row in enumerate(cells) if row.count(_UNIT) != width - 1]
    if uneven:
        found = [(starts[place], cells[place].count(_UNIT) + 1) for place in uneven]
        raise _ragged(found, width, file_name)
    return dialect, _Rows(cells, starts, column_names(header, width))


def _is_row(line: str) -> bool:
    content = line.lstrip()
    return bool(content) and content[0] not in "#%"


def _cells(
    text: str, lines: list[str], table: list[int], dialect: Dialect, file_name: str
) -> tuple[list[str], list[int]]:
    """Every row with its cells joined by :data:`_UNIT`, and the line that it begins on."""
    separator = dialect.separator
    if separator == " ":
        return [_UNIT.join(lines[number - 1].split()) for number in table], table
    if '"' not in text:
        split_lines = text.replace(separator, _UNIT).split("\n") if separator else lines
        if len(table) == len(split_lines):
            return split_lines, table
        return [split_lines[number - 1] for number in table], table
    # Quoted cells may hold separators and line ends.
    reader = csv.reader(
        io.StringIO("\n".join(lines), newline=""),
        delimiter=separator or _UNIT,
        skipinitialspace=True,
        strict=True,
    )
    cells: list[str] = []
    starts: list[int] = []
    begin = 1
    csv.field_size_limit(_LONGEST_CELL)
    try:
        for row in reader:
            if any(cell.strip() for cell in row) and row[0].lstrip()[:1] not in ("#", "%"):
                cells.append(_UNIT.join(" ".join(cell.split()) for cell in row))
                starts.append(begin)
            begin = reader.line_num + 1
    except csv.Error as error:
        raise DataProblem(
            f"“{file_name}” cannot be read at line {begin}: {error}. Look for a quotation mark "
            "without its pair."
        ) from error
    return cells, starts


def _commented_names(lines: list[str], dialect: Dialect) -> list[str] | None:
    """Names from a comment just above the table, as numpy.savetxt writes them."""
    above = [line for line in lines if line.strip()]
    if not above:
        return None
    names = [cell.strip() for cell in split(above[-1].lstrip().lstrip("#%").strip(), dialect.separator)]
    fits = len(names) == dialect.columns and not any(is_number(cell, dialect.decimal_comma) for cell in names)
    return names if fits else None


def _ragged(uneven: list[tuple[int, int]], width: int, file_name: str) -> DataProblem:
    line, found = uneven[0]
    more = ""
    if len(uneven) > 1:
        shown = ", ".join(str(number) for number, _found in uneven[:5])
        more = f" So it is in {len(uneven):,} lines: {shown}{' …' if len(uneven) > 5 else ''}."
    cells = "cell" if found == 1 else "cells"
    return DataProblem(
        f"“{file_name}” is uneven: line {line} has {found} {cells} where the others have {width}.{more} "
        "Mend these lines, and put quotation marks around cells that contain the separator."
    )


def _frame(rows: _Rows) -> polars.DataFrame:
    import polars as pl

    return pl.read_csv(
        "\n".join(rows.cells).encode(),
        has_header=False,
        new_columns=list(rows.names),
        separator=_UNIT,
        quote_char=None,
        infer_schema=False,
    )


def _column(cells: polars.Series, name: str, dialect: Dialect, lines: list[int]) -> _Column:
    import polars as pl

    text = cells.fill_null("").str.strip_chars()
    numbers = text.str.strip_prefix("+").cast(pl.Float64, strict=False)
    doubtful = numbers.is_null() | numbers.is_nan()
    if doubtful.any():
        missing = doubtful & text.str.to_lowercase().is_in(list(MISSING))
        if (doubtful & ~missing).any():
            numbers = _regrouped(text, dialect).str.strip_prefix("+").cast(pl.Float64, strict=False)
    else:
        missing = doubtful
    bad = numbers.is_null() & ~missing
    strange, gaps = int(bad.sum()), int(missing.sum())
    if gaps == len(text):
        return _Column(None, gaps, f"Column “{name}” is empty.")
    found = len(text) - strange - gaps
    if strange:
        place = bad.arg_true()[0]
        example = f"line {lines[place]} has “{text[place][:40]}”"
        if strange > found:
            return _Column(None, gaps, f"Column “{name}” is not numeric: {example}.")
        cell = "1 cell that is no number" if strange == 1 else f"{strange:,} cells that are no numbers"
        remark = f"Column “{name}” has {cell} ({example}); gaps are left there."
    else:
        remark = ""
    if gaps:
        place = missing.arg_true()[0]
        count = "1 empty cell" if gaps == 1 else f"{gaps:,} empty cells"
        remark = (
            f"{remark} Column “{name}” has {count}, the first in line {lines[place]}; gaps are left there."
        ).strip()
    values = numbers.fill_null(float("nan")).set(missing, float("nan"))
    return _Column(values, gaps, remark)


def _regrouped(text: polars.Series, dialect: Dialect) -> polars.Series:
    """Numbers as polars takes them: a decimal point, and nothing between thousands."""
    import polars as pl

    if dialect.decimal_comma:
        grouped = text.str.contains(r"^[+-]?\d{1,3}(\.\d{3})+,")
        without = text.str.replace_all(".", "", literal=True)
        chosen_text = pl.select(pl.when(grouped).then(without).otherwise(text)).to_series()
        return chosen_text.str.replace(",", ".", literal=True)
    grouped = text.str.contains(r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$")
    without = text.str.replace_all(",", "", literal=True)
    return pl.select(pl.when(grouped).then(without).otherwise(text)).to_series()
