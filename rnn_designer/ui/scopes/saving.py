"""Writes what a scope shows to a file: its picture, or its numbers."""

from __future__ import annotations

import csv
import os
from pathlib import Path

from PySide6.QtGui import QImage, QImageWriter

from rnn_designer.ui.scopes.picture import Picture


class SaveError(Exception):
    """The file could not be written; the text is a sentence."""


def save_png(image: QImage, path: Path) -> None:
    """Write a picture as PNG.

    Raises:
        SaveError: with the reason.
    """
    if not path.parent.is_dir():
        raise SaveError(
            f"Could not save “{path.name}”: the folder {path.parent} does not exist. Choose another."
        )
    writer = QImageWriter(str(path), b"png")
    if not writer.write(image):
        raise SaveError(
            f"Could not save “{path.name}” in {path.parent}. Choose a folder that you may write to."
        )


def save_csv(picture: Picture, path: Path) -> None:
    """Write the signals of a picture as CSV: one row per step, one column per signal and unit, units by index.

    Raises:
        SaveError: with the reason.
    """
    steps = picture.main.steps
    bands = [band for band in picture.bands if band.steps == steps]
    part = path.with_name(path.name + ".part")
    try:
        with part.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            titles = [
                f"{band.shown.symbol} {picture.word} {unit}" for band in bands for unit in range(band.units)
            ]
            writer.writerow(["step", *titles])
            for step in range(steps):
                # repr of a float32's own value: reading it back as float32 gives the same number.
                writer.writerow([step, *(str(value) for band in bands for value in band.values[step])])
        os.replace(part, path)
    except OSError as problem:
        part.unlink(missing_ok=True)
        reason = problem.strerror or "the system refused"
        raise SaveError(
            f"Could not save “{path.name}” in {path.parent}: {reason}. Choose another folder or free some space."
        ) from None
