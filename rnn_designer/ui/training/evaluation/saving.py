"""The button that saves what an evaluation shows: the picture as PNG or SVG, the numbers as CSV or NPZ."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QPoint, QSize, Signal
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QFileDialog, QMenu, QToolButton, QWidget

from rnn_designer.session.workspace import Workspace
from rnn_designer.ui import settings as keys
from rnn_designer.ui.icons import icon
from rnn_designer.ui.settings import Settings
from rnn_designer.ui.theme import keeper, theme

if TYPE_CHECKING:
    from rnn_designer.messages import Array

_KINDS = (
    ("Picture (PNG) …", "Save the picture", "PNG (*.png)", ".png"),
    ("Drawing (SVG) …", "Save the drawing", "SVG (*.svg)", ".svg"),
    ("Numbers (CSV) …", "Save the numbers", "CSV (*.csv)", ".csv"),
    ("Arrays (NPZ) …", "Save the arrays", "NPZ (*.npz)", ".npz"),
)
_SCALE = 2


class Saveable(Protocol):
    """What can be saved: a picture that paints itself, and the numbers in it."""

    @property
    def picture(self) -> QWidget | None:
        """The widget whose picture is saved; None while there is none."""

    def numbers(self) -> Mapping[str, Array]:
        """Arrays by name."""


class SaveButton(QToolButton):
    """Asks for a file and writes it.

    Signals:
        saved(sentence): a file was written.
        failed(sentence): it was not, and why.
    """

    saved = Signal(str)
    failed = Signal(str)

    def __init__(
        self, workspace: Workspace, shown: Saveable, name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._shown = shown
        self._name = name
        self.setToolTip("Save what is shown")
        self.setAccessibleName("Save what is shown")
        self.setIconSize(QSize(16, 16))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        for words, title, kind, suffix in _KINDS:
            menu.addAction(words, self._asker(title, kind, suffix))
        self.setMenu(menu)
        keeper().changed.connect(self._dress)
        self._dress()

    def save(self, path: Path) -> bool:
        """Save as what the suffix says: ``.png``, ``.svg``, ``.npz``, else CSV; a sentence says how it went."""
        from rnn_designer.design.storage import FileProblem, write_atomically

        try:
            content = self._content(path.suffix.lower())
            if content is None:
                self.failed.emit("There is nothing to save yet. Evaluate the model first.")
                return False
            write_atomically(path, content)
        except FileProblem as problem:
            self.failed.emit(str(problem))
            return False
        self.saved.emit(f"Saved {path.name}.")
        return True

    def _content(self, suffix: str) -> bytes | None:
        picture = self._shown.picture
        if picture is None:
            return None
        match suffix:
            case ".png":
                return _image(picture)
            case ".svg":
                from rnn_designer.ui.scopes.svg import drawn

                return drawn(
                    _Scene(picture), picture.size(), theme().window, picture.accessibleName()
                ).encode()
            case ".npz":
                import numpy as np

                file = io.BytesIO()
                np.savez_compressed(file, allow_pickle=False, **dict(self._shown.numbers()))
                return file.getvalue()
        return _table(self._shown.numbers()).encode()

    def _asker(self, title: str, kind: str, suffix: str) -> Callable[[], None]:
        return lambda: self._ask(title, kind, suffix)

    def _ask(self, title: str, kind: str, suffix: str) -> None:
        settings = Settings()
        last = settings.get(keys.PLOT_FOLDER)
        own = self._workspace.document.path
        folder = (
            Path(last) if last and Path(last).is_dir() else own.parent if own is not None else Path.home()
        )
        chosen, _kind = QFileDialog.getSaveFileName(
            self.window(), title, str(folder / (self._name + suffix)), kind
        )
        if not chosen:
            return
        path = Path(chosen)
        if path.suffix.lower() != suffix:
            path = path.with_name(path.name + suffix)
            if path.exists():
                # The dialog asked about another name.
                self.failed.emit(f"“{path.name}” exists already. Choose it in the list to replace it.")
                return
        if self.save(path):
            settings.put(keys.PLOT_FOLDER, str(path.absolute().parent))

    def _dress(self) -> None:
        self.setIcon(icon("download"))


class _Scene:
    """A widget as the drawing takes it: something that renders itself."""

    def __init__(self, widget: QWidget) -> None:
        self._widget = widget

    def render(self, painter: object, *_: object) -> None:
        self._widget.render(painter, QPoint())  # type: ignore[call-overload]


def _image(picture: QWidget) -> bytes:
    from PySide6.QtCore import QBuffer, QIODevice

    image = QImage(picture.size() * _SCALE, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(_SCALE)
    image.fill(QColor(theme().window))
    picture.render(image, QPoint())
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def _table(numbers: Mapping[str, Array]) -> str:
    """Columns side by side; tables with columns of their own below their name."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    flat = {name: array for name, array in numbers.items() if array.ndim == 1}
    if flat:
        writer.writerow(flat)
        writer.writerows(zip_longest(*(array.tolist() for array in flat.values()), fillvalue=""))
    for name, array in numbers.items():
        if array.ndim > 1:
            writer.writerow([name, *range(array.shape[1])])
            writer.writerows([place, *row] for place, row in enumerate(array.tolist()))
    return file.getvalue()
