"""Parquet files, read by polars; only columns of numbers, truth values and dates count."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rnn_designer.sequences.problem import DataProblem
from rnn_designer.sequences.tables import LARGEST_NUMBERS, Noticed, SeriesTable, chosen


def read_parquet(path: Path, columns: Sequence[str] = (), rows: int = 0) -> SeriesTable:
    """Read columns of a Parquet file.

    Args:
        path: the file.
        columns: names or numbers of the columns wanted; none for every numeric one.
        rows: how many rows from the beginning; 0 for all.

    Raises:
        DataProblem: it is no Parquet file, or has no column of numbers.
    """
    import numpy as np
    import polars as pl

    with path.open("rb") as file:
        if file.read(4) != b"PAR1":
            raise DataProblem(
                f"“{path.name}” is not a Parquet file: it does not begin as one. Write it again."
            )
    try:
        frame = pl.scan_parquet(path)
        schema = frame.collect_schema()
        total = int(frame.select(pl.len()).collect().item())
    except Exception as error:  # polars raises its own dozen types, and panics on some broken files.
        raise DataProblem(f"“{path.name}” is a broken Parquet file: write it again.") from error
    numeric = tuple(name for name, kind in schema.items() if kind.is_numeric() or kind == pl.Boolean)
    left_out = [name for name in schema if name not in numeric]
    if not numeric:
        raise DataProblem(
            f"“{path.name}” has no column of numbers: its columns are "
            f"{', '.join(f'{name} ({kind})' for name, kind in list(schema.items())[:6])}."
        )
    if not total:
        raise DataProblem(f"“{path.name}” has columns but no rows: choose a file with rows of numbers.")
    places = chosen(columns, numeric, path.name) if columns else list(range(len(numeric)))
    wanted = [numeric[place] for place in places]
    count = min(total, rows or total, max(1, LARGEST_NUMBERS // len(wanted)))
    try:
        picked = frame.select(pl.col(list(dict.fromkeys(wanted))).cast(pl.Float32, strict=False)).head(count)
        data = picked.collect()
    except Exception as error:
        raise DataProblem(f"“{path.name}” is a broken Parquet file: write it again.") from error
    values = np.column_stack([data[name].to_numpy() for name in wanted]).astype(np.float32)
    remarks = [f"{total:,} rows of {len(schema)} columns."]
    if left_out:
        shown = ", ".join(left_out[:6]) + (" …" if len(left_out) > 6 else "")
        remarks.append(f"Left out, because they are no numbers: {shown}.")
    if not rows and count < total:
        remarks.append(f"Only the first {count:,} rows are used: the rest is too much at once.")
    for place, name in enumerate(wanted):
        gaps = np.flatnonzero(np.isnan(values[:, place]))
        if len(gaps):
            remarks.append(
                f"Column “{name}” has {len(gaps):,} gaps, the first in row {gaps[0]:,}; they stay gaps."
            )
    return SeriesTable(
        values, tuple(wanted), numeric, tuple(remarks), Noticed({"kind": "parquet"}, total=total)
    )
