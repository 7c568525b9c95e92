"""Data files as tables of numbers, with a sentence for everything that was noticed on the way."""

from __future__ import annotations

import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from rnn_designer.sequences.problem import DataProblem

if TYPE_CHECKING:
    from rnn_designer.messages import Array
else:
    Array = Any

SUFFIXES = (".csv", ".tsv", ".txt", ".npy", ".npz", ".parquet", ".wav")
"""The kinds of file that can be read, by the end of their names; other text is read as characters or words."""

TEXT_SUFFIXES = (".md", ".log", ".text", ".py", ".rst", ".html", ".xml", ".json", ".tex", ".srt")
"""Files that are read as plain text without asking whether they hold a table."""

LARGEST_NUMBERS = 20_000_000
"""How many numbers of a file are kept: 80 MB of them. Longer files are cut there, and say so."""

HEAD = 2_000
"""How many rows a preview has."""

Watch: TypeAlias = Callable[[float | None, str], bool]
"""Told how far a reading is (0 to 1, or None) and in words; False asks it to stop with what it has."""


def unwatched(_fraction: float | None, _words: str) -> bool:
    """Nobody looks: go on."""
    return True


@dataclass(frozen=True)
class Noticed:
    """What was found out about a file besides its numbers.

    Attributes:
        facts: by name: ``kind``, ``separator``, ``decimal``, ``header``, ``encoding``, ``rate`` …
        total: how many rows (or samples) the whole file has; None if that was not counted.
        vocabulary: the token of every id of a text.
        counts: how often each of them occurs.
        members: the arrays in an NPZ file.
    """

    facts: Mapping[str, str] = field(default_factory=dict)
    total: int | None = None
    vocabulary: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()
    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class SeriesTable:
    """What a data file holds.

    Attributes:
        values: ``(steps, features)``, or ``(samples, steps, features)`` from a three-axis array; float32.
        columns: the names of the features in ``values``.
        available: the names of every numeric column in the file.
        remarks: what was noticed: the separator, gaps, skipped columns; a sentence each.
        noticed: facts that the data panel shows and lets the user change.
    """

    values: Array
    columns: tuple[str, ...]
    available: tuple[str, ...]
    remarks: tuple[str, ...] = ()
    noticed: Noticed = field(default_factory=Noticed)


def read_table(
    path: Path,
    columns: Sequence[str] = (),
    options: Mapping[str, str] | None = None,
    rows: int = 0,
    watch: Watch = unwatched,
) -> SeriesTable:
    """Read a data file.

    Args:
        path: of a regular file whose name ends in one of :data:`SUFFIXES`, or of any text if the options say
            so.
        columns: names of the columns wanted, or their numbers from 0; none of them for every numeric column.
        options: ``kind`` (a suffix without its dot, ``text``, or ``auto``) and what that kind can be told:
            ``separator``, ``decimal``, ``header``, ``encoding``; ``member``; ``unit``, ``lower``, ``most``.
        rows: how many rows from the beginning, for a preview; 0 for the whole file.
        watch: told about the progress of a long reading.

    Raises:
        DataProblem: the file is not there, not of a known kind, or broken; the text is a sentence.
    """
    options = options or {}
    suffix = path.suffix.lower()
    as_text = options.get("kind") == "text"
    if suffix not in SUFFIXES and not as_text:
        if suffix not in TEXT_SUFFIXES:
            listed = ", ".join(SUFFIXES)
            raise DataProblem(
                f"“{path.name}” is not of a kind that can be read: expected {listed}, or plain text."
            )
        as_text = True
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        raise DataProblem(_sentence_for(error, path)) from error
    if not stat.S_ISREG(status.st_mode):
        raise DataProblem(f"“{path}” is not a file: choose a {suffix} file.")
    if not status.st_size:
        raise DataProblem(f"“{path.name}” is empty: choose a file with rows of numbers.")
    try:
        if as_text:
            from rnn_designer.sequences.plain_text import read_plain

            return read_plain(path, options, rows, watch)
        if suffix in (".npy", ".npz"):
            from rnn_designer.sequences.array_files import read_npy, read_npz

            if suffix == ".npz":
                return read_npz(path, columns, options.get("member", ""), rows)
            return read_npy(path, columns, rows)
        if suffix == ".parquet":
            from rnn_designer.sequences.parquet_files import read_parquet

            return read_parquet(path, columns, rows)
        if suffix == ".wav":
            from rnn_designer.sequences.wav_files import read_wav

            return read_wav(path, columns, rows)
        return _text_or_table(path, columns, options, rows, watch)
    except OSError as error:
        raise DataProblem(_sentence_for(error, path)) from error
    except MemoryError as error:
        raise DataProblem(f"“{path.name}” does not fit into memory: cut a smaller part out of it.") from error


def _text_or_table(
    path: Path, columns: Sequence[str], options: Mapping[str, str], rows: int, watch: Watch
) -> SeriesTable:
    """A table; with the kind ``auto``, a ``.txt`` file without a column of numbers is read as plain text."""
    from rnn_designer.sequences.text_tables import read_text

    if options.get("kind") != "auto" or path.suffix.lower() != ".txt":
        return read_text(path, columns, options, rows, watch)
    try:
        return read_text(path, columns, options, rows, watch)
    except DataProblem:
        from rnn_designer.sequences.plain_text import read_plain

        return read_plain(path, options, rows, watch)


def chosen(wanted: Sequence[str], names: Sequence[str], file_name: str) -> list[int]:
    """Where the wanted columns stand among the names.

    A wanted column is a name or, where no column is called so, a number from 0.

    Raises:
        DataProblem: there is no such column.
    """
    places = []
    for each in wanted:
        if each in names:
            places.append(list(names).index(each))
        elif each.isascii() and each.isdigit() and int(each) < len(names):
            places.append(int(each))
        else:
            shown = ", ".join(names[:12]) + (" …" if len(names) > 12 else "")
            raise DataProblem(f"“{file_name}” has no column “{each}”: choose among {shown}.")
    return places


def _sentence_for(error: Exception, path: Path) -> str:
    if isinstance(error, FileNotFoundError):
        return f"There is no file “{path}”: it may have been moved; choose it again."
    if isinstance(error, PermissionError):
        return f"“{path}” may not be read by you: change its permissions or choose another file."
    if isinstance(error, IsADirectoryError):
        return f"“{path}” is a folder: choose a file in it."
    words = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"“{path}” could not be read: {words}."
