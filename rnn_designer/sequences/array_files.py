"""NPY files, whose header is checked against the file before a single number is believed."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from math import prod
from pathlib import Path

from rnn_designer.sequences.problem import DataProblem
from rnn_designer.sequences.tables import SeriesTable, chosen

_LONGEST_HEADER = 65_536
_EXACT = 2**24
"""The largest whole number up to which float32 holds every one."""


def read_npy(path: Path, columns: Sequence[str] = ()) -> SeriesTable:
    """Read an array of one, two or three axes.

    One axis is one feature; two are ``(steps, features)``; three are ``(samples, steps, features)``.

    Raises:
        DataProblem: the file is broken, or holds something else than numbers.
    """
    import numpy as np

    shape, kind, start, item = _header(path)
    if kind not in "biuf":
        raise DataProblem(
            f"“{path.name}” holds {_KINDS.get(kind, 'something else than numbers')}: expected an "
            "array of numbers."
        )
    if not 1 <= len(shape) <= 3:
        raise DataProblem(
            f"“{path.name}” has {len(shape)} axes: expected (steps), (steps, features) "
            "or (samples, steps, features)."
        )
    if not prod(shape):
        raise DataProblem(f"“{path.name}” has the shape {shape}, so there is not a number in it.")
    size = path.stat().st_size
    if start + prod(shape) * item != size:
        raise DataProblem(
            f"“{path.name}” promises {prod(shape) * item:,} bytes of numbers but has {size - start:,}: "
            "it was cut off or changed; write it again."
        )
    try:
        raw = np.load(path, mmap_mode="r", allow_pickle=False)
        with np.errstate(over="ignore", invalid="ignore"):
            values = np.array(raw, np.float32, order="C")
        large = kind in "iu" and bool((np.abs(np.asarray(raw, np.float64)) > _EXACT).any())
    except Exception as error:  # NumPy raises half a dozen types here, TokenError among them.
        raise DataProblem(f"“{path.name}” is a broken NPY file: {error}.") from error
    if values.ndim == 1:
        values = values[:, None]
    names = tuple(f"column_{number}" for number in range(values.shape[-1]))
    remarks = [f"An array of shape {'×'.join(map(str, shape))}, read as {_AXES[len(shape)]}."]
    if large:
        remarks.append(f"Some whole numbers are beyond {_EXACT:,} and are rounded.")
    gaps, infinite = int(np.isnan(values).sum()), int(np.isinf(values).sum())
    if gaps:
        remarks.append(f"{gaps:,} of the numbers are NaN; they stay gaps.")
    if infinite:
        remarks.append(f"{infinite:,} of the numbers are infinite, or too large for float32.")
    places = chosen(columns, names, path.name) if columns else list(range(len(names)))
    if len(places) != len(names) or places != list(range(len(names))):
        values = np.ascontiguousarray(values[..., places])
    return SeriesTable(values, tuple(names[place] for place in places), names, tuple(remarks))


_AXES = {1: "steps of one feature", 2: "steps × features", 3: "samples × steps × features"}
_KINDS = {"O": "Python objects", "U": "text", "S": "text", "c": "complex numbers", "V": "records"}


def _header(path: Path) -> tuple[tuple[int, ...], str, int, int]:
    """Shape, kind of element, offset of the first number and bytes per number, as the header has them."""
    from numpy.lib import format as npy

    try:
        with path.open("rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            version = npy.read_magic(file)
            read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
            shape, _fortran, dtype = read(file, max_header_size=_LONGEST_HEADER)
            start = file.tell()
    except OSError:
        raise
    except Exception as error:  # A bad header raises ValueError, TokenError, SyntaxError and more.
        raise DataProblem(
            f"“{path.name}” is no NPY file, or its header is broken: write it again with numpy.save."
        ) from error
    if any(not isinstance(size, int) or size < 0 for size in shape):
        raise DataProblem(f"“{path.name}” has an impossible shape {shape}: write it again with numpy.save.")
    return tuple(shape), dtype.kind, start, dtype.itemsize
