"""Writes what a view shows to a file: its picture as PNG or SVG, its numbers as CSV or NPZ."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

from rnn_designer.design.storage import FileProblem, write_atomically
from rnn_designer.ui.scopes.saving import SaveError, save_png
from rnn_designer.ui.theme import theme

if TYPE_CHECKING:
    from rnn_designer.messages import Array
    from rnn_designer.ui.views.view import View

_SCALE = 2
_PIXELS_PER_INCH = 96


class Saved(Protocol):
    """What can be saved: a picture with the numbers behind it.

    Attributes:
        body: what is drawn.
    """

    body: QWidget

    @property
    def explanation(self) -> str:
        """What it is, for the title of a drawing."""

    def numbers(self) -> Mapping[str, Array]:
        """What is shown: arrays by name."""


def save_view(view: Saved, path: Path) -> None:
    """Write what a view shows as what the file's suffix says: ``.png``, ``.svg``, ``.npz``, else CSV.

    Raises:
        SaveError: the file could not be written, or there is nothing of that kind to write; the text is a sentence.
    """
    match path.suffix.lower():
        case ".png":
            save_png(_image(view), path)
        case ".svg":
            _write(path, _drawing(view).encode())
        case ".npz":
            file = io.BytesIO()
            np.savez_compressed(file, allow_pickle=False, **dict(_numbers(view)))
            _write(path, file.getvalue())
        case _:
            _write(path, _table(view).encode())


def suggested_name(view: View, name: str) -> str:
    """A file's name without its suffix: layer and view, "memory-weights"."""
    layer = view.layer
    words = f"{layer.name if layer is not None else 'layer'}-{name}"
    return "".join(each if each.isalnum() or each in "-_" else "-" for each in words)


def _image(view: Saved) -> QImage:
    size = view.body.size()
    image = QImage(size * _SCALE, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(_SCALE)
    image.fill(QColor(theme().window))
    view.body.render(image, QPoint())
    return image


def _drawing(view: Saved) -> str:
    size = view.body.size()
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setResolution(_PIXELS_PER_INCH)
    generator.setSize(size)
    generator.setViewBox(QRectF(0, 0, size.width(), size.height()))
    generator.setTitle(view.explanation)
    generator.setDescription("")
    painter = QPainter(generator)
    painter.fillRect(QRectF(0, 0, size.width(), size.height()), QColor(theme().window))
    view.body.render(painter, QPoint())
    painter.end()
    buffer.close()
    return content.toStdString()


def _numbers(view: Saved) -> dict[str, np.ndarray]:
    found = {name: np.asarray(array) for name, array in view.numbers().items()}
    if not found:
        raise SaveError("This view shows no numbers to save. Save its picture instead.")
    return found


def _table(view: Saved) -> str:
    """Every array below its name, one row per entry of its first axis."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    for name, array in _numbers(view).items():
        rows = array.reshape(array.shape[0], -1) if array.ndim else array.reshape(1, 1)
        writer.writerow([name, *range(rows.shape[1])])
        writer.writerows([number, *(str(value) for value in row)] for number, row in enumerate(rows))
    return file.getvalue()


def _write(path: Path, content: bytes) -> None:
    try:
        write_atomically(path, content)
    except FileProblem as problem:
        raise SaveError(str(problem)) from None
