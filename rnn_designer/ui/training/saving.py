"""Saves a page of the Training view: its picture as PNG or SVG, its numbers as CSV or NPZ."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QStandardPaths, Signal
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from rnn_designer.design.storage import FileProblem, write_atomically
from rnn_designer.session.workspace import Workspace
from rnn_designer.ui import settings as keys
from rnn_designer.ui.settings import Settings
from rnn_designer.ui.training.page import Page

if TYPE_CHECKING:
    from rnn_designer.messages import Array

_KINDS = (
    ("Picture (PNG) …", "Save the picture", "PNG (*.png)", ".png"),
    ("Drawing (SVG) …", "Save the drawing", "SVG (*.svg)", ".svg"),
    ("Numbers (CSV) …", "Save the numbers", "CSV (*.csv)", ".csv"),
    ("Arrays (NPZ) …", "Save the arrays", "NPZ (*.npz)", ".npz"),
)


def table(numbers: dict[str, Array]) -> str:
    """Numbers as CSV: arrays with one axis and of one length are columns side by side, below the arrays before them."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    groups: dict[int, dict[str, Array]] = {}
    for name, array in numbers.items():
        groups.setdefault(len(array), {})[name] = array
    for place, columns in enumerate(groups.values()):
        if place:
            writer.writerow([])
        writer.writerow(columns)
        writer.writerows(
            [f"{value:.9g}" for value in row]
            for row in zip(*(each.tolist() for each in columns.values()), strict=True)
        )
    return file.getvalue()


def write_table(page: Page, path: Path) -> None:
    """Write what a page shows as CSV; SaveError with a sentence if that cannot be."""
    from rnn_designer.ui.scopes.saving import SaveError

    numbers = dict(page.numbers())
    if not numbers:
        raise SaveError("There are no numbers to save yet. Train first.")
    try:
        write_atomically(path, table(numbers).encode())
    except FileProblem as problem:
        raise SaveError(str(problem)) from None


class FileAsker(QObject):
    """Asks where to save what a page shows, and saves it.

    Signals:
        said(sentence): how it went.
    """

    said = Signal(str)

    def __init__(self, workspace: Workspace, parent: QWidget) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._window = parent

    def fill(self, menu: QMenu, page: Callable[[], Page]) -> None:
        """Put an entry for every kind of file into a menu."""
        for words, title, kind, suffix in _KINDS:
            menu.addAction(words, partial(self._choose, page, title, kind, suffix))

    def _choose(self, page: Callable[[], Page], title: str, kind: str, suffix: str) -> None:
        self._ask(page(), title, kind, suffix)

    def save(self, page: Page, path: Path) -> bool:
        """Save as what the suffix says: ``.png``, ``.svg``, ``.csv`` or ``.npz``."""
        from rnn_designer.ui.scopes.saving import SaveError
        from rnn_designer.ui.views.saving import save_view

        try:
            if path.suffix.lower() == ".csv":
                write_table(page, path)
            else:
                save_view(page, path)
        except SaveError as problem:
            self.said.emit(str(problem))
            return False
        self.said.emit(f"Saved {path.name}.")
        return True

    def _ask(self, page: Page, title: str, kind: str, suffix: str) -> None:
        settings = Settings()
        run = page.shown.run
        words = f"{run.name if run is not None else 'run'}-{page.title.lower()}"
        name = "".join(each if each.isalnum() or each in "-_" else "-" for each in words)
        chosen, _kind = QFileDialog.getSaveFileName(
            self._window, title, str(self._folder(settings) / (name + suffix)), kind
        )
        if not chosen:
            return
        path = Path(chosen)
        if path.suffix.lower() != suffix:
            path = path.with_name(path.name + suffix)
            if path.exists():
                # The dialog asked about another name.
                self.said.emit(f"“{path.name}” exists already. Choose it in the list to replace it.")
                return
        if self.save(page, path):
            settings.put(keys.PLOT_FOLDER, str(path.absolute().parent))

    def _folder(self, settings: Settings) -> Path:
        last = settings.get(keys.PLOT_FOLDER)
        if last and Path(last).is_dir():
            return Path(last)
        documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        return Path(documents) if documents and Path(documents).is_dir() else Path.home()
