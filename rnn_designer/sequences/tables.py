"""Data files as tables of numbers, with a sentence for everything that was noticed on the way."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnn_designer.sequences.problem import DataProblem

if TYPE_CHECKING:
    from rnn_designer.messages import Array
else:
    Array = Any

SUFFIXES = (".csv", ".tsv", ".txt", ".npy")
"""The kinds of file that can be read, by the end of their names."""

LARGEST_TEXT = 2**30
LARGEST_ARRAY = 2**31


@dataclass(frozen=True)
class SeriesTable:
    """What a data file holds.

    Attributes:
        values: ``(steps, features)``, or ``(samples, steps, features)`` from a three-axis NPY file; float32.
        columns: the names of the features in ``values``.
        available: the names of every numeric column in the file.
        remarks: what was noticed: the separator, gaps, skipped columns; a sentence each.
    """

    values: Array
    columns: tuple[str, ...]
    available: tuple[str, ...]
    remarks: tuple[str, ...] = ()


def read_table(path: Path, columns: Sequence[str] = ()) -> SeriesTable:
    """Read a CSV, TSV, text or NPY file.

    Args:
        path: of a regular file whose name ends in one of :data:`SUFFIXES`.
        columns: names of the columns wanted, or their numbers from 0; none of them for every numeric column.

    Raises:
        DataProblem: the file is not there, not of a known kind, too large, or broken; the text is a sentence.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise DataProblem(f"“{path.name}” is not of a kind that can be read: expected {', '.join(SUFFIXES)}.")
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        raise DataProblem(_sentence_for(error, path)) from error
    if not stat.S_ISREG(status.st_mode):
        raise DataProblem(f"“{path}” is not a file: choose a {suffix} file.")
    limit = LARGEST_ARRAY if suffix == ".npy" else LARGEST_TEXT
    if status.st_size > limit:
        raise DataProblem(
            f"“{path.name}” has {status.st_size / 2**20:,.0f} MB; the most that is read is "
            f"{limit / 2**20:,.0f} MB. "
            "Cut the part that you need into a file of its own."
        )
    if not status.st_size:
        raise DataProblem(f"“{path.name}” is empty: choose a file with rows of numbers.")
    try:
        if suffix == ".npy":
            from rnn_designer.sequences.array_files import read_npy

            return read_npy(path, columns)
        from rnn_designer.sequences.text_tables import read_text

        return read_text(path, columns)
    except OSError as error:
        raise DataProblem(_sentence_for(error, path)) from error
    except MemoryError as error:
        raise DataProblem(f"“{path.name}” does not fit into memory: cut a smaller part out of it.") from error


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
