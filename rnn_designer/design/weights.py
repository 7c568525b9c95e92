"""Weights beside a design file: named arrays in an ``.npz``, written in one step and read without any pickle."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from rnn_designer.design.storage import FileProblem, read_limited, write_atomically

if TYPE_CHECKING:
    import numpy

    Array: TypeAlias = "numpy.ndarray[tuple[int, ...], numpy.dtype[numpy.generic]]"

SUFFIX = ".weights.npz"
LARGEST = 2**31
"""Bytes that the arrays of one file may have together, and the file itself."""
MOST_ARRAYS = 100_000
LARGEST_RATIO = 200
"""How many times larger than in the file an array may be: weights hardly compress, bombs do."""
DTYPES = ("float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint32", "bool")

_HEADER = 4096
"""Bytes that an array's header may have."""


def save_weights(path: Path, arrays: "Mapping[str, Array]") -> None:
    """Write named arrays to an ``.npz`` in one step; the old file stays whole whatever happens.

    Args:
        path: the file.
        arrays: by key, such as ``layer id/kernel``; plain numbers of the types in :data:`DTYPES`.

    Raises:
        FileProblem: with a sentence, if it cannot be written or an array is not made of plain numbers.
    """
    write_atomically(path, packed(arrays))


def packed(arrays: "Mapping[str, Array]") -> bytes:
    """Named arrays as the content of an ``.npz``.

    Raises:
        FileProblem: with a sentence, if an array is not made of plain numbers.
    """
    import numpy

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for key in sorted(arrays):
            array = numpy.ascontiguousarray(arrays[key])
            if array.dtype.name not in DTYPES:
                raise FileProblem(
                    f"The weight “{key}” holds {array.dtype.name}, and a weights file holds plain numbers only. "
                    "Train or import the weights again."
                )
            # A fixed date, so that equal weights give equal files.
            entry = zipfile.ZipInfo(f"{key}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            with archive.open(entry, "w", force_zip64=array.nbytes > 2**30) as member:
                numpy.lib.format.write_array(member, array.reshape(arrays[key].shape), allow_pickle=False)
    return buffer.getvalue()


def load_weights(path: Path) -> "dict[str, Array]":
    """The named arrays of an ``.npz``; nothing in it is ever run.

    Raises:
        FileProblem: if it cannot be read, holds anything but arrays of plain numbers, or would grow too large.
    """
    return read_arrays(
        path,
        "is no weights file that can be used",
        "Export the weights again, or remove them from the design.",
    )


def read_arrays(
    path: Path,
    fault: str = "is no NPZ file of plain numbers",
    remedy: str = "Save it again with numpy.savez.",
) -> "dict[str, Array]":
    """The named arrays of any ``.npz``; nothing in it is ever run, and nothing grows beyond its limits.

    Args:
        path: the file.
        fault: what the sentence says of a file that cannot be taken.
        remedy: what it tells the user to do.

    Raises:
        FileProblem: as :func:`load_weights`.
    """
    content = read_limited(path, LARGEST)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            _require_modest(entries)
            return {entry.filename[: -len(".npy")]: _array(archive, entry) for entry in entries}
    except FileProblem:
        raise
    except Exception as error:
        # A broken zip or header raises almost anything: BadZipFile, zlib.error, ValueError, even TokenError.
        reason = (str(error) or type(error).__name__).rstrip(".")
        raise FileProblem(f"“{path.name}” {fault}: {reason}. {remedy}") from error


class _UnfitError(ValueError):
    """Something that a weights file may not hold."""


def _require_modest(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_ARRAYS:
        raise _UnfitError(f"it holds {len(entries)} arrays")
    names: set[str] = set()
    total = 0
    for entry in entries:
        name = entry.filename
        if not name.endswith(".npy") or name.startswith("/") or ".." in name.split("/") or "\\" in name:
            raise _UnfitError(f"it holds “{name[:80]}”, which is no array")
        if name in names:
            raise _UnfitError(f"it holds “{name[:80]}” twice")
        names.add(name)
        if entry.flag_bits & 1:
            raise _UnfitError("it is encrypted")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _UnfitError("it is compressed in a way that is not used for arrays")
        if entry.file_size > _HEADER and entry.file_size > LARGEST_RATIO * max(entry.compress_size, 1):
            raise _UnfitError(f"“{name[:80]}” would grow to {entry.file_size:,} bytes")
        total += entry.file_size
    if total > LARGEST:
        raise _UnfitError(f"its arrays would take {total:,} bytes")


def _array(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> "Array":
    import numpy

    # The declared size has been checked; reading one byte more tells whether it lied.
    with archive.open(entry) as member:
        content = member.read(entry.file_size + 1)
    if len(content) != entry.file_size:
        raise _UnfitError(f"“{entry.filename[:80]}” is not as long as it says")
    stream = io.BytesIO(content)
    version = numpy.lib.format.read_magic(stream)
    readers = {(1, 0): numpy.lib.format.read_array_header_1_0, (2, 0): numpy.lib.format.read_array_header_2_0}
    if version not in readers:
        raise _UnfitError(f"“{entry.filename[:80]}” is an array of an unknown version")
    shape, fortran, dtype = readers[version](stream, max_header_size=_HEADER)
    if dtype.hasobject or dtype.name not in DTYPES or dtype.byteorder == ">":
        raise _UnfitError(f"“{entry.filename[:80]}” holds {dtype}, not plain numbers")
    count = 1
    for size in shape:
        count *= int(size)
    if any(size < 0 for size in shape) or count * dtype.itemsize != len(content) - stream.tell():
        raise _UnfitError(f"“{entry.filename[:80]}” is not as large as it says")
    flat = numpy.frombuffer(content, dtype, offset=stream.tell()).copy()
    array: Array = flat.reshape(shape, order="F" if fortran else "C")
    return array
