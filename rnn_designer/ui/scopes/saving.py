"""Writes what a scope shows to a file: its picture as PNG or SVG, its numbers as CSV or NPZ."""

from __future__ import annotations

import contextlib
import csv
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QImage, QImageWriter

from rnn_designer.ui.scopes.picture import Band, Picture

if TYPE_CHECKING:
    from rnn_designer.messages import Trace


class SaveError(Exception):
    """The file could not be written; the text is a sentence."""


def save_png(image: QImage, path: Path) -> None:
    """Write a picture as PNG.

    Raises:
        SaveError: with the reason.
    """

    def _write(part: Path) -> None:
        writer = QImageWriter(str(part), b"png")
        if not writer.write(image):
            raise OSError(None, writer.errorString())

    _whole(path, _write)


def save_svg(text: str, path: Path) -> None:
    """Write a drawing as SVG.

    Raises:
        SaveError: with the reason.
    """
    _whole(path, lambda part: part.write_text(text, encoding="utf-8"))


def save_csv(picture: Picture, path: Path) -> None:
    """Write the signals of a picture as CSV: one row per step, one column per signal and unit, units by index.

    Where every sample is shown there is a row per sample and step, and the first column is the sample.

    Raises:
        SaveError: with the reason.
    """
    steps = picture.main.steps
    bands = [picture.main] if picture.samples else [band for band in picture.bands if band.steps == steps]
    titles = [f"{band.shown.symbol} {picture.word} {unit}" for band in bands for unit in range(band.units)]

    def _write(part: Path) -> None:
        with part.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            if picture.samples:
                writer.writerow(["sample", "step", *titles])
                for sample, band in enumerate(picture.samples):
                    writer.writerows([sample, *row] for row in _rows([band]))
            else:
                writer.writerow(["step", *titles])
                writer.writerows(_rows(bands))

    _whole(path, _write)


def save_npz(picture: Picture, trace: Trace, path: Path) -> None:
    """Write the signals of a picture as NPZ, for all samples, each under the trace's own name, and the input with them.

    Names are ``memory/state/h`` and the like, arrays ``(batch, time, units)`` as they were recorded, masks bool.

    Raises:
        SaveError: with the reason.
    """
    arrays = {name: trace.arrays[name] for name in picture.sources if name in trace.arrays}

    def _write(part: Path) -> None:
        with part.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **arrays)

    _whole(path, _write)


def suggested_name(picture: Picture) -> str:
    """A file's name without its suffix: layer and signal, "memory-h"."""
    bands = [picture.main] if picture.samples else picture.bands
    signals = [
        band.shown.symbol if band.shown.symbol.isascii() else band.shown.path.rpartition("/")[2]
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


def _whole(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file beside its place and put it there when it is whole: an older one stays if anything goes wrong."""
    if not path.parent.is_dir():
        raise SaveError(
            f"Could not save “{path.name}”: the folder {path.parent} does not exist. Choose another."
        )
    part = path.with_name(path.name + ".part")
    try:
        write(part)
        os.replace(part, path)
    except OSError as problem:
        # The sentence about the file itself says more than one about its remains.
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        reason = (problem.strerror or "the system refused").rstrip(".")
        raise SaveError(
            f"Could not save “{path.name}” in {path.parent}: {reason}. Choose another folder or free some space."
        ) from None
