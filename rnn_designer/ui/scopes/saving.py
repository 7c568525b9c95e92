"""Writes what a scope shows to a file: its picture as PNG or SVG, its numbers as CSV or NPZ."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QImage, QImageWriter

from rnn_designer.design.storage import FileProblem, write_atomically
from rnn_designer.ui.scopes.bands import Band
from rnn_designer.ui.scopes.picture import Picture

if TYPE_CHECKING:
    from rnn_designer.messages import Trace


class SaveError(Exception):
    """The file could not be written; the text is a sentence."""


def save_png(image: QImage, path: Path) -> None:
    """Write a picture as PNG.

    Raises:
        SaveError: with the reason.
    """
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, QByteArray(b"png"))
    if not writer.write(image):
        raise SaveError(
            f"Could not save “{path.name}”: {writer.errorString().rstrip('.')}. Try a smaller window."
        )
    _whole(path, bytes(buffer.data().data()))


def save_svg(text: str, path: Path) -> None:
    """Write a drawing as SVG.

    Raises:
        SaveError: with the reason.
    """
    _whole(path, text.encode())


def save_csv(picture: Picture, path: Path) -> None:
    """Write the signals of a picture as CSV: one row per step, one column per signal and unit, units by index.

    Where every sample is shown there is a row per sample and step, and the first column is the sample.

    Raises:
        SaveError: with the reason.
    """
    steps = picture.main.steps
    bands = [picture.main] if picture.samples else [band for band in picture.bands if band.steps == steps]
    titles = [f"{band.shown.spoken} {picture.word} {unit}" for band in bands for unit in range(band.units)]

    file = io.StringIO(newline="")
    writer = csv.writer(file)
    if picture.samples:
        writer.writerow(["sample", "step", *titles])
        for sample, band in enumerate(picture.samples):
            writer.writerows([sample, *row] for row in _rows([band]))
    else:
        writer.writerow(["step", *titles])
        writer.writerows(_rows(bands))
    _whole(path, file.getvalue().encode())


def save_npz(picture: Picture, trace: Trace, path: Path) -> None:
    """Write the signals of a picture as NPZ, for all samples, each under the trace's own name, and the input with them.

    Names are ``memory/state/h`` and the like, arrays ``(batch, time, units)`` as they were recorded, masks bool.

    Raises:
        SaveError: with the reason.
    """
    arrays = {name: trace.arrays[name] for name in picture.sources if name in trace.arrays}

    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    _whole(path, file.getvalue())


def suggested_name(picture: Picture) -> str:
    """A file's name without its suffix: layer and signal, "memory-h"."""
    bands = [picture.main] if picture.samples else picture.bands
    signals = [
        band.shown.spoken if band.shown.spoken.isascii() else band.shown.path.rpartition("/")[2]
        for band in bands
    ]
    words = [picture.name, *(signals if len(signals) < 4 else ["signals"])]
    if picture.samples:
        words.append("samples")
    return "".join(each if each.isalnum() or each in "-_" else "-" for each in "-".join(words))


def _rows(bands: list[Band]) -> Iterator[list[object]]:
    for step in range(bands[0].steps):
        # str of a float32's own value: reading it back as float32 gives the same number.
        yield [step, *(str(value) for band in bands for value in band.values[step])]


def _whole(path: Path, content: bytes) -> None:
    """Replace a file in one step: an older one stays if anything goes wrong."""
    try:
        write_atomically(path, content)
    except FileProblem as problem:
        raise SaveError(str(problem)) from None
