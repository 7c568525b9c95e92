"""WAV files: whole numbers of 8, 16, 24 and 32 bits and floats of 32 and 64, as features between −1 and 1.

The standard library's ``wave`` refuses floats and the extensible header, so the few chunks are read here.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from rnn_designer.sequences.problem import DataProblem
from rnn_designer.sequences.tables import LARGEST_NUMBERS, Noticed, SeriesTable, chosen

if TYPE_CHECKING:
    from rnn_designer.messages import Array
else:
    Array = Any

_WHOLE, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_MOST_CHANNELS = 64
MIX = "mix"
"""The column that is the mean of all channels."""


@dataclass(frozen=True)
class _Format:
    kind: int
    channels: int
    rate: int
    bits: int
    start: int
    frames: int


def read_wav(path: Path, columns: Sequence[str] = (), rows: int = 0) -> SeriesTable:
    """Read the samples of a WAV file, one row per moment and one column per channel.

    Args:
        path: the file.
        columns: of ``left`` and ``right`` (or ``channel_0`` …) and :data:`MIX`; none for every channel.
        rows: how many rows from the beginning; 0 for all.

    Raises:
        DataProblem: it is no WAV file, or of a coding that is not read.
    """
    import numpy as np

    size = path.stat().st_size
    with path.open("rb") as file:
        form = _format(file, size, path.name)
        names = _names(form.channels)
        places = chosen(columns, names, path.name) if columns else list(range(form.channels))
        most = max(1, LARGEST_NUMBERS // form.channels)
        count = min(form.frames, rows or most, most)
        file.seek(form.start)
        raw = np.frombuffer(file.read(count * form.channels * form.bits // 8), np.uint8)
    values = _scaled(raw, form).reshape(-1, form.channels)
    if len(names) > form.channels:
        values = np.concatenate([values, values.mean(axis=1, keepdims=True)], axis=1)
    kind = "float" if form.kind == _FLOAT else "PCM"
    coding = f"{form.bits}-bit {kind}"
    seconds = form.frames / form.rate
    remarks = [
        f"{form.rate:,} samples per second, {form.channels} channel{'s' * (form.channels != 1)}, {coding}, "
        f"{seconds:,.2f} s; a step is {1000 / form.rate:.3g} ms."
    ]
    if not rows and count < form.frames:
        remarks.append(
            f"Only the first {count:,} of {form.frames:,} rows are used: the rest is too much at once."
        )
    facts = {"kind": "wav", "rate": str(form.rate), "coding": coding, "channels": str(form.channels)}
    return SeriesTable(
        np.ascontiguousarray(values[:, places], np.float32),
        tuple(names[place] for place in places),
        names,
        tuple(remarks),
        Noticed(facts, total=form.frames),
    )


def _names(channels: int) -> tuple[str, ...]:
    if channels == 1:
        return ("mono",)
    if channels == 2:
        return ("left", "right", MIX)
    return (*(f"channel_{number}" for number in range(channels)), MIX)


def _format(file: IO[bytes], size: int, name: str) -> _Format:
    head = file.read(12)
    if len(head) < 12 or head[:4] != b"RIFF" or head[8:] != b"WAVE":
        raise DataProblem(f"“{name}” is not a WAV file: it does not begin as one. Save the sound as WAV.")
    coding: tuple[int, int, int, int] | None = None
    while len(chunk := file.read(8)) == 8:
        label, length = chunk[:4], int.from_bytes(chunk[4:], "little")
        if label == b"fmt ":
            if not 16 <= length <= 65_536:
                raise DataProblem(f"“{name}” has a broken description of its coding: save the sound again.")
            coding = _coding(file.read(length + length % 2), name)
        elif label == b"data":
            if coding is None:
                raise DataProblem(f"“{name}” has sound before its coding is described: save it again.")
            kind, channels, rate, bits = coding
            start = file.tell()
            # Recorders that were cut off, and streams, leave a length of 0 or of everything there is.
            there = min(length, size - start) if length else size - start
            frames = there // (channels * bits // 8)
            if not frames:
                raise DataProblem(f"“{name}” holds no sound: its length is 0. Choose another file.")
            return _Format(kind, channels, rate, bits, start, frames)
        else:
            file.seek(length + length % 2, 1)
    raise DataProblem(f"“{name}” has no sound in it: the part called “data” is missing. Save it again.")


def _coding(content: bytes, name: str) -> tuple[int, int, int, int]:
    if len(content) < 16:
        raise DataProblem(f"“{name}” ends in the description of its coding: save the sound again.")
    kind, channels, rate, _bytes, _block, bits = struct.unpack("<HHIIHH", content[:16])
    if kind == _EXTENSIBLE and len(content) >= 26:
        kind = int.from_bytes(content[24:26], "little")
    accepted = {_WHOLE: (8, 16, 24, 32), _FLOAT: (32, 64)}.get(kind)
    if accepted is None or bits not in accepted:
        raise DataProblem(
            f"“{name}” is coded in a way that is not read (format {kind}, {bits} bits): save it as PCM of 16 bits."
        )
    if not 1 <= channels <= _MOST_CHANNELS or not rate:
        raise DataProblem(
            f"“{name}” says that it has {channels} channels at {rate} samples per second: save the sound again."
        )
    return kind, channels, rate, bits


def _scaled(raw: Array, form: _Format) -> Array:
    """The samples as float32; whole numbers divided by their largest size, so that all lie in −1 … 1."""
    import numpy as np

    width = form.bits // 8
    raw = raw[: len(raw) - len(raw) % (width * form.channels)]
    if form.kind == _FLOAT:
        with np.errstate(over="ignore"):
            floats: Array = raw.view(f"<f{width}").astype(np.float32)
        return floats
    if width == 1:
        eight: Array = (raw.astype(np.float32) - 128.0) / 128.0
        return eight
    if width == 3:
        # A 24-bit number is the upper three bytes of a 32-bit one.
        wide = np.zeros((len(raw) // 3, 4), np.uint8)
        wide[:, 1:] = raw.reshape(-1, 3)
        whole = wide.reshape(-1).view("<i4")
    else:
        whole = raw.view(f"<i{width}")
    bits = 32 if width == 3 else form.bits
    scaled: Array = (whole.astype(np.float64) / 2.0 ** (bits - 1)).astype(np.float32)
    return scaled
