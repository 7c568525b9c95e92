"""NPY and NPZ files, whose headers are checked against the file before a single number is believed."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Sequence
from math import prod
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from rnn_designer.sequences.problem import DataProblem
from rnn_designer.sequences.tables import LARGEST_NUMBERS, Noticed, SeriesTable, chosen

if TYPE_CHECKING:
    from rnn_designer.messages import Array
else:
    Array = Any

_LONGEST_HEADER = 65_536
_MOST_MEMBERS = 10_000
_RATIO = 1_000
"""How many times its compressed size a member may have: numbers do not shrink further, bombs do."""
_EXACT = 2**24
"""The largest whole number up to which float32 holds every one."""


def read_npy(path: Path, columns: Sequence[str] = (), rows: int = 0) -> SeriesTable:
    """Read an array of one, two or three axes.

    One axis is one feature; two are ``(steps, features)``; three are ``(samples, steps, features)``.

    Args:
        path: the file.
        columns: names or numbers of the features wanted; none for all.
        rows: how many entries of the first axis; 0 for all.

    Raises:
        DataProblem: the file is broken, or holds something else than numbers.
    """
    import numpy as np

    with path.open("rb") as file:
        shape, kind, start, item = _header(file, path.name)
    _require_numbers(shape, kind, path.name)
    _require_length(prod(shape) * item, path.stat().st_size - start, path.name)
    try:
        raw = np.load(path, mmap_mode="r", allow_pickle=False)
        return _table(raw, columns, rows, path.name, Noticed({"kind": "npy"}, total=shape[0]))
    except DataProblem:
        raise
    except Exception as error:  # NumPy raises half a dozen types here, TokenError among them.
        raise DataProblem(f"“{path.name}” is a broken NPY file: {error}.") from error


def read_npz(path: Path, columns: Sequence[str] = (), member: str = "", rows: int = 0) -> SeriesTable:
    """Read one array of an NPZ archive; arguments as for :func:`read_npy`.

    Args:
        path: the archive.
        columns: names or numbers of the features wanted.
        member: the array's name in the archive; empty for the first that is a table of numbers.
        rows: how many entries of the first axis; 0 for all.

    Raises:
        DataProblem: it is no archive of arrays, has no such member, or that is no table of numbers.
    """
    import numpy as np

    try:
        with zipfile.ZipFile(path) as archive:
            entries = {
                info.filename.removesuffix(".npy"): info for info in archive.infolist()[:_MOST_MEMBERS]
            }
            arrays = {name: info for name, info in entries.items() if info.filename.endswith(".npy")}
            if not arrays:
                raise DataProblem(f"“{path.name}” holds no array: write it again with numpy.savez.")
            if member and member not in arrays:
                shown = ", ".join(list(arrays)[:12])
                raise DataProblem(f"“{path.name}” has no array “{member}”: choose among {shown}.")
            name = member or _first_table(archive, arrays, path.name)
            called = f"{path.name}: {name}"
            content = io.BytesIO(_content(archive, arrays[name], path.name))
    except DataProblem:
        raise
    except Exception as error:  # zipfile and zlib raise their own dozen types.
        raise DataProblem(f"“{path.name}” is a broken NPZ file: write it again with numpy.savez.") from error
    shape, kind, start, item = _header(content, called)
    _require_numbers(shape, kind, called)
    _require_length(prod(shape) * item, len(content.getbuffer()) - start, called)
    content.seek(0)
    try:
        raw = np.lib.format.read_array(content, allow_pickle=False, max_header_size=_LONGEST_HEADER)
    except Exception as error:
        raise DataProblem(f"“{called}” is a broken array: write it again with numpy.savez.") from error
    noticed = Noticed({"kind": "npz", "member": name}, total=shape[0], members=tuple(arrays))
    return _table(raw, columns, rows, called, noticed)


def _first_table(archive: zipfile.ZipFile, arrays: dict[str, zipfile.ZipInfo], file_name: str) -> str:
    for name, info in arrays.items():
        with archive.open(info) as file:
            try:
                shape, kind, _start, _item = _header(file, name)
                _require_numbers(shape, kind, name)
            except DataProblem:
                continue
            return name
    raise DataProblem(
        f"“{file_name}” holds no table of numbers; its arrays are {', '.join(list(arrays)[:12])}. Expected one "
        "of one to three axes."
    )


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo, file_name: str) -> bytes:
    """A member's bytes; a small archive may not grow without bounds."""
    most = 4 * LARGEST_NUMBERS
    if info.file_size > most or info.file_size > _RATIO * max(1, info.compress_size) + 2**20:
        raise DataProblem(
            f"“{file_name}” would grow to {info.file_size / 2**20:,.0f} MB: save the array with numpy.save instead."
        )
    with archive.open(info) as file:
        content = file.read(info.file_size + 1)
    if len(content) != info.file_size:
        raise DataProblem(f"“{file_name}” is a broken NPZ file: write it again with numpy.savez.")
    return content


def _require_numbers(shape: tuple[int, ...], kind: str, name: str) -> None:
    if kind not in "biuf":
        raise DataProblem(
            f"“{name}” holds {_KINDS.get(kind, 'something else than numbers')}: expected an array of numbers."
        )
    if not 1 <= len(shape) <= 3:
        raise DataProblem(
            f"“{name}” has {len(shape)} axes: expected (steps), (steps, features) or (samples, steps, features)."
        )
    if not prod(shape):
        raise DataProblem(f"“{name}” has the shape {shape}, so there is not a number in it.")


def _require_length(promised: int, there: int, name: str) -> None:
    if promised != there:
        raise DataProblem(
            f"“{name}” promises {promised:,} bytes of numbers but has {there:,}: it was cut off or changed; write it "
            "again."
        )


def _table(raw: Array, columns: Sequence[str], rows: int, name: str, noticed: Noticed) -> SeriesTable:
    import numpy as np

    each = prod(raw.shape[1:])
    most = max(1, LARGEST_NUMBERS // each)
    whole = raw.shape
    raw = raw[: min(rows or most, most)]
    with np.errstate(over="ignore", invalid="ignore"):
        values = np.array(raw, np.float32, order="C")
        large = raw.dtype.kind in "iu" and bool((np.abs(np.asarray(raw, np.float64)) > _EXACT).any())
    if values.ndim == 1:
        values = values[:, None]
    names = tuple(f"column_{number}" for number in range(values.shape[-1]))
    remarks = [f"An array of shape {'×'.join(map(str, whole))}, read as {_AXES[len(whole)]}."]
    if not rows and len(raw) < whole[0]:
        remarks.append(f"Only the first {len(raw):,} of {whole[0]:,} are used: the rest is too much at once.")
    if large:
        remarks.append(f"Some whole numbers are beyond {_EXACT:,} and are rounded.")
    gaps, infinite = int(np.isnan(values).sum()), int(np.isinf(values).sum())
    if gaps:
        first = " × ".join(str(place[0]) for place in np.nonzero(np.isnan(values))[:-1])
        remarks.append(f"{gaps:,} of the numbers are NaN, the first in row {first}; they stay gaps.")
    if infinite:
        remarks.append(f"{infinite:,} of the numbers are infinite, or too large for float32.")
    places = chosen(columns, names, name) if columns else list(range(len(names)))
    if len(places) != len(names) or places != list(range(len(names))):
        values = np.ascontiguousarray(values[..., places])
    return SeriesTable(values, tuple(names[place] for place in places), names, tuple(remarks), noticed)


_AXES = {1: "steps of one feature", 2: "steps × features", 3: "samples × steps × features"}
_KINDS = {"O": "Python objects", "U": "text", "S": "text", "c": "complex numbers", "V": "records"}


def _header(file: IO[bytes], name: str) -> tuple[tuple[int, ...], str, int, int]:
    """Shape, kind of element, offset of the first number and bytes per number, as the header has them."""
    from numpy.lib import format as npy

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            version = npy.read_magic(file)
            read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
            shape, _fortran, dtype = read(file, max_header_size=_LONGEST_HEADER)
            start = file.tell()
    except OSError:
        raise
    except Exception as error:  # A bad header raises ValueError, TokenError, SyntaxError and more.
        raise DataProblem(
            f"“{name}” is no NPY file, or its header is broken: write it again with numpy.save."
        ) from error
    if any(not isinstance(size, int) or size < 0 for size in shape):
        raise DataProblem(f"“{name}” has an impossible shape {shape}: write it again with numpy.save.")
    return tuple(shape), dtype.kind, start, dtype.itemsize
