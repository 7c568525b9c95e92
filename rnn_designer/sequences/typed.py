"""Arrays that live in the design itself: typed, pasted or drawn; nested tuples of numbers, None for a gap.

Two levels are steps × features, three are samples × steps × features.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from rnn_designer.sequences.problem import DataProblem

if TYPE_CHECKING:
    from rnn_designer.messages import Array
else:
    Array = Any

Cell: TypeAlias = float | int | None
Row: TypeAlias = tuple[Cell, ...]
Grid: TypeAlias = tuple[Row, ...]
Values: TypeAlias = Grid | tuple[Grid, ...]

LARGEST_EMBEDDED = 256 * 1024
"""How many bytes of a design file its typed data may take."""

_BOUND = 3.4e38
"""Beyond it float32 has only infinity."""


def shape_of(values: object) -> tuple[int, ...]:
    """The sizes ``(steps, features)`` or ``(samples, steps, features)`` of typed data.

    Raises:
        DataProblem: the values are no even table of finite numbers and gaps.
    """
    sizes: list[int] = []
    level: list[object] = [values]
    while len(sizes) < 3 and all(isinstance(each, tuple | list) for each in level):
        counts = {len(each) for each in level if isinstance(each, tuple | list)}
        if len(counts) > 1:
            raise DataProblem(
                f"The typed data is uneven: some of its rows have {min(counts)} and some {max(counts)} entries. "
                "Give each row the same number of cells."
            )
        sizes.append(counts.pop())
        if not sizes[-1]:
            raise DataProblem("The typed data is empty: type, paste or draw at least one number.")
        level = [inner for each in level if isinstance(each, tuple | list) for inner in each]
    if len(sizes) < 2:
        raise DataProblem(
            "The typed data is no table of rows: expected steps × features or samples × steps × features."
        )
    for cell in level:
        number = isinstance(cell, int | float) and not isinstance(cell, bool)
        if cell is not None and not (number and abs(cell) < _BOUND):  # type: ignore[arg-type]
            raise DataProblem(f"The typed data holds {str(cell)[:40]!r}: expected finite numbers and gaps.")
    return tuple(sizes)


def array_of(values: object) -> Array:
    """Typed data as float32, ``(steps, features)`` or ``(samples, steps, features)``; gaps are NaN.

    Raises:
        DataProblem: as :func:`shape_of`.
    """
    import numpy as np

    shape_of(values)
    # float64 first: None becomes NaN there.
    return np.array(values, dtype=np.float64).astype(np.float32)


def values_of(array: Array) -> Values:
    """An array of two or three axes as typed data: short decimal numbers, None for NaN and infinities.

    Raises:
        DataProblem: it is too large to live in a design.
    """
    size = int(array.size)
    if size * 3 > LARGEST_EMBEDDED:
        raise DataProblem(_too_large(f"{size:,} numbers"))

    def plain(item: Any) -> Any:
        return tuple(map(plain, item)) if isinstance(item, list) else short(item)

    values: Values = plain(array.tolist())
    require_small(values)
    return values


def short(value: float) -> Cell:
    """A float32 as the shortest decimal number that stands for it; None for NaN and infinities."""
    if not math.isfinite(value):
        return None
    for digits in (6, 7, 8, 9):
        text = float(f"{value:.{digits}g}")
        if abs(text - value) <= 1e-7 * abs(value):
            break
    return int(text) if text.is_integer() and abs(text) < 1e15 else text


def require_small(values: Sequence[Any]) -> None:
    """Refuse data that would take too much of a design file.

    Raises:
        DataProblem: with what to do instead.
    """
    total, level = 0, [values]
    while level:
        inner: list[Any] = []
        for each in level:
            for cell in each:
                if isinstance(cell, tuple | list):
                    inner.append(cell)
                else:
                    total += 6 if cell is None else len(repr(cell)) + 2
            if total > LARGEST_EMBEDDED:
                raise DataProblem(_too_large(f"more than {total // 1024:,} KiB of numbers"))
        level = inner


def _too_large(what: str) -> str:
    return (
        f"{what[:1].upper()}{what[1:]} are too many to live in a design file, which takes "
        f"{LARGEST_EMBEDDED // 1024} KiB: save them as a CSV or NPY file and choose that as the source."
    )
