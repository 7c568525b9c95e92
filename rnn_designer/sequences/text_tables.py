"""CSV, TSV and other text tables, read by polars in blocks once their dialect is known.

Nothing is filled or dropped in silence: gaps stay NaN and are counted, uneven rows are named by their lines. A
file of any size takes no more memory than a block and the numbers that are kept of it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
from rnn_designer.sequences.tables import (
    LARGEST_NUMBERS,
    Noticed,
    SeriesTable,
    Watch,
    chosen,
    unwatched,
)
from rnn_designer.sequences.text_blocks import LATIN, Block, Encoding, blocks, encoding_of

if TYPE_CHECKING:
    import polars

    from rnn_designer.messages import Array
else:
    polars = Any
    Array = Any

_LOOKED_AT = 200
_LONGEST_CELL = 1_000_000
_UNIT = "\x1f"
"""The separator that every table is handed to polars with: no text uses it."""


@dataclass
class _Tally:
    """What is known of one column after the blocks so far."""

    name: str
    strange: int = 0
    gaps: int = 0
    total: int = 0
    first_strange: tuple[int, str] | None = None
    first_gap: int = 0
    pieces: list[Array] = field(default_factory=list)

    @property
    def numeric(self) -> bool:
        """Whether it counts as a column of numbers."""
        return self.gaps < self.total and self.strange <= self.total - self.strange - self.gaps

    @property
    def remark(self) -> str:
        """What has to be said of it, as a sentence or two; empty if nothing."""
        if self.gaps == self.total:
            return f"Column “{self.name}” is empty."
        parts = []
        if self.first_strange is not None:
            line, cell = self.first_strange
            example = f"line {line} has “{cell}”"
            if not self.numeric:
                return f"Column “{self.name}” is not numeric: {example}."
            count = (
                "1 cell that is no number"
                if self.strange == 1
                else f"{self.strange:,} cells that are no numbers"
            )
            parts.append(f"Column “{self.name}” has {count} ({example}); gaps are left there.")
        if self.gaps:
            count = "1 empty cell" if self.gaps == 1 else f"{self.gaps:,} empty cells"
            parts.append(
                f"Column “{self.name}” has {count}, the first in line {self.first_gap}; gaps are left there."
            )
        return " ".join(parts)


def read_text(
    path: Path,
    columns: Sequence[str] = (),
    options: Mapping[str, str] | None = None,
    rows: int = 0,
    watch: Watch = unwatched,
) -> SeriesTable:
    """Read a text table; separator, decimal comma, header and encoding are found out unless they are given.

    Args:
        path: the file.
        columns: names or numbers of the columns wanted; none for every numeric one.
        options: ``separator`` (a name in :data:`~rnn_designer.sequences.dialect.SEPARATORS`), ``decimal``
            (``point``, ``comma``), ``header`` (``yes``, ``no``) and ``encoding``; ``auto`` or nothing for
            finding out.
        rows: how many rows from the beginning; 0 for all.
        watch: told about the progress; False stops the reading with the rows so far.

    Raises:
        DataProblem: no table of numbers can be made of it.
    """
    options = options or {}
    encoding = encoding_of(path, options.get("encoding", "auto"))
    try:
        return _Reading(path, columns, options, rows, watch, encoding).table()
    except UnicodeDecodeError as error:
        if not encoding.guessed:
            raise DataProblem(
                f"“{path.name}” is not {encoding.name} text throughout: choose another encoding, or save it anew."
            ) from error
        # The beginning was UTF-8, the rest is not.
        return _Reading(path, columns, options, rows, watch, LATIN).table()


class _Reading:
    """One pass over a file, block by block."""

    def __init__(
        self,
        path: Path,
        columns: Sequence[str],
        options: Mapping[str, str],
        rows: int,
        watch: Watch,
        encoding: Encoding,
    ) -> None:
        self._path = path
        self._columns = columns
        self._options = options
        self._rows = rows
        self._watch = watch
        self._encoding = encoding
        self._dialect: Dialect | None = None
        self._header = False
        self._tallies: list[_Tally] = []
        self._parsed: list[int] = []
        self._wanted: list[int] = []
        self._count = 0
        self._remarks: list[str] = []

    def table(self) -> SeriesTable:
        """Everything that the file has to give."""
        ended = True
        for block in blocks(self._path, self._encoding, self._rows):
            self._add(block)
            if self._rows and self._count >= self._rows:
                ended = block.last and self._count <= self._rows
                self._count = self._rows if self._count > self._rows else self._count
                break
            if self._count >= LARGEST_NUMBERS // max(1, len(self._parsed)):
                ended = block.last
                self._remarks.append(
                    f"Only the first {self._count:,} rows are used: the rest is too much at once."
                )
                break
            if not self._watch(block.fraction, f"{self._count:,} rows of “{self._path.name}”"):
                ended = block.last
                if not ended:
                    self._remarks.append(
                        f"Reading was stopped after {self._count:,} rows; only these are used."
                    )
                break
        if self._dialect is None:
            raise DataProblem(f"“{self._path.name}” has no rows: choose a file with rows of numbers.")
        if not self._count:
            raise DataProblem(
                f"“{self._path.name}” has column names but no rows: choose a file with rows of numbers."
            )
        return self._result(self._dialect, self._count if ended else None)

    def _add(self, block: Block) -> None:
        lines = block.text.split("\n")
        # Digits, signs and letters come after “%” in every alphabet; few lines need a second look.
        table = [number for number, line in enumerate(lines, 1) if line[:1] > "%" or _is_row(line)]
        if not table:
            return
        first = self._dialect is None
        if self._dialect is None:
            # A row of names looks different from the rows below it, so it has no say where there are others.
            looked_at = [lines[number - 1] for number in (table[1:] or table)[:_LOOKED_AT]]
            self._dialect = detect(looked_at, self._options.get("separator"), self._options.get("decimal"))
        dialect, name = self._dialect, self._path.name
        cells, starts = _cells(block.text, lines, table, dialect, name)
        starts = [start + block.line - 1 for start in starts]
        if first:
            cells, starts = self._begin(cells, starts, lines[: table[0] - 1], dialect)
        width = dialect.columns
        uneven = [place for place, row in enumerate(cells) if row.count(_UNIT) != width - 1]
        if uneven:
            raise _ragged([(starts[place], cells[place].count(_UNIT) + 1) for place in uneven], width, name)
        if not cells:
            return
        frame = _frame(cells, [tally.name for tally in self._tallies])
        for place in self._parsed or range(width):
            tally = self._tallies[place]
            _count_column(frame[frame.columns[place]], tally, dialect, starts)
        if first or not self._parsed:
            self._choose()
        self._count += len(cells)

    def _begin(
        self, cells: list[str], starts: list[int], above: list[str], dialect: Dialect
    ) -> tuple[list[str], list[int]]:
        """Take the header off the first block and set up the columns."""
        width, header = dialect.columns, None
        asked = self._options.get("header", "auto")
        sample = [row.split(_UNIT) for row in cells[:_LOOKED_AT]]
        self._header = asked == "yes" or (asked != "no" and has_header(sample, dialect.decimal_comma))
        if self._header:
            header = cells[0].split(_UNIT)
            if len(header) == width - 1:
                header = ["row", *header]
            elif len(header) != width and len(cells) > 1:
                raise _ragged([(starts[0], len(header))], width, self._path.name)
            cells, starts = cells[1:], starts[1:]
        elif asked != "no":
            header = _commented_names(above, dialect)
        self._tallies = [_Tally(name) for name in column_names(header, width)]
        return cells, starts

    def _choose(self) -> None:
        """After the first block: which columns are wanted, and so read on."""
        names = [tally.name for tally in self._tallies]
        self._available = [place for place, tally in enumerate(self._tallies) if tally.numeric]
        if self._columns:
            self._wanted = chosen(self._columns, names, self._path.name)
        else:
            self._wanted = self._available
            left_out = (tally for tally in self._tallies if not tally.numeric)
            self._remarks += [tally.remark + " It is left out." for tally in left_out]
        if not self._wanted:
            remark = self._tallies[0].remark
            raise DataProblem(
                f"“{self._path.name}” has no column of numbers: {remark[0].lower()}{remark[1:]}"
            )
        self._parsed = sorted(set(self._wanted))
        for place, tally in enumerate(self._tallies):
            if place not in self._parsed:
                tally.pieces.clear()

    def _result(self, dialect: Dialect, total: int | None) -> SeriesTable:
        import numpy as np

        values = np.empty((self._count, len(self._wanted)), np.float32)
        remarks: list[str] = []
        for target, place in enumerate(self._wanted):
            tally = self._tallies[place]
            if not tally.numeric:
                raise DataProblem(f"{tally.remark} Choose another column.")
            values[:, target] = np.concatenate(tally.pieces)[: self._count]
            if tally.remark:
                remarks.append(tally.remark)
        infinite = int(np.isinf(values).sum())
        if infinite:
            remarks.append(f"{infinite:,} of the numbers are infinite, or too large for float32.")
        first = [dialect.words]
        if self._encoding.name != "UTF-8":
            first.append(f"Read as {self._encoding.name}{self._encoding.reason}.")
        names = [tally.name for tally in self._tallies]
        facts = {
            "kind": "csv",
            "separator": dialect.separator_name,
            "decimal": "comma" if dialect.decimal_comma else "point",
            "header": "yes" if self._header else "no",
            "encoding": self._encoding.codec,
        }
        return SeriesTable(
            values,
            tuple(names[place] for place in self._wanted),
            tuple(names[place] for place in self._available),
            (*first, *self._remarks, *remarks),
            Noticed(facts, total=total),
        )


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
        more = f" So it is in {len(uneven):,} lines: {shown}{' and more' if len(uneven) > 5 else ''}."
    cells = "cell" if found == 1 else "cells"
    return DataProblem(
        f"“{file_name}” is uneven: line {line} has {found} {cells} where the others have {width}.{more} "
        "Mend these lines, and put quotation marks around cells that contain the separator."
    )


def _frame(cells: list[str], names: list[str]) -> polars.DataFrame:
    import polars as pl

    return pl.read_csv(
        "\n".join(cells).encode(),
        has_header=False,
        new_columns=names,
        separator=_UNIT,
        quote_char=None,
        infer_schema=False,
    )


def _count_column(cells: polars.Series, tally: _Tally, dialect: Dialect, lines: list[int]) -> None:
    """Add a block of one column to its tally."""
    import numpy as np
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
    if strange and tally.first_strange is None:
        place = bad.arg_true()[0]
        tally.first_strange = (lines[place], text[place][:40])
    if gaps and not tally.gaps:
        tally.first_gap = lines[missing.arg_true()[0]]
    tally.strange += strange
    tally.gaps += gaps
    tally.total += len(text)
    with np.errstate(over="ignore"):
        values = numbers.fill_null(float("nan")).set(missing, float("nan")).to_numpy().astype(np.float32)
    tally.pieces.append(values)


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
