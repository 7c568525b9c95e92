"""The menu of the save button: as what to save, where to, and how it went."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, Signal
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from rnn_designer.paths import resources
from rnn_designer.session.workspace import Workspace
from rnn_designer.ui import settings as keys
from rnn_designer.ui.scopes.plot import ScopePlot
from rnn_designer.ui.settings import Settings
from rnn_designer.ui.views.instruments import Instruments

_KINDS = (
    ("Picture (PNG) …", "Save the picture", "PNG (*.png)", ".png"),
    ("Drawing (SVG) …", "Save the drawing", "SVG (*.svg)", ".svg"),
    ("Numbers (CSV) …", "Save the numbers", "CSV (*.csv)", ".csv"),
    ("Arrays (NPZ) …", "Save the arrays", "NPZ (*.npz)", ".npz"),
)


class Saver(QObject):
    """Saves what a plot shows.

    Signals:
        saved(sentence): a file was written.
        failed(sentence): it was not, and why.
    """

    saved = Signal(str)
    failed = Signal(str)

    def __init__(
        self, workspace: Workspace, plot: ScopePlot, instruments: Instruments, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._window = parent
        self._workspace = workspace
        self._plot = plot
        self._instruments = instruments

    def fill(self, menu: QMenu) -> None:
        """Put an entry for every kind of file into a menu."""
        for words, title, kind, suffix in _KINDS:
            menu.addAction(words, self._asker(title, kind, suffix))

    def save(self, path: Path) -> bool:
        """Save as what the suffix says: ``.png``, ``.svg``, ``.csv`` or ``.npz``; a sentence says how it went."""
        from rnn_designer.ui.scopes import saving

        picture, trace = self._plot.picture, self._workspace.live.trace
        view = self._instruments.view
        if picture is None and view is None:
            return False
        try:
            match path.suffix.lower():
                case _ if view is not None:
                    from rnn_designer.ui.views.saving import save_view

                    save_view(view, path)
                case ".png":
                    saving.save_png(self._plot.exported(), path)
                case ".svg":
                    saving.save_svg(self._plot.exported_svg(), path)
                case ".npz" if trace is not None and picture is not None:
                    saving.save_npz(picture, trace, path)
                case _ if picture is not None:
                    saving.save_csv(picture, path)
        except saving.SaveError as problem:
            self.failed.emit(str(problem))
            return False
        self.saved.emit(f"Saved {path.name}.")
        return True

    def _asker(self, title: str, kind: str, suffix: str) -> Callable[[], None]:
        return lambda: self._ask(title, kind, suffix)

    def _ask(self, title: str, kind: str, suffix: str) -> None:
        name = self._suggested()
        if not name:
            return
        settings = Settings()
        place = self._folder(settings) / (name + suffix)
        chosen, _kind = QFileDialog.getSaveFileName(self._window, title, str(place), kind)
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

    def _suggested(self) -> str:
        """A file's name without its suffix; empty where there is nothing to save."""
        view = self._instruments.view
        if view is not None:
            from rnn_designer.ui.views import saving

            return saving.suggested_name(view, self._instruments.name)
        from rnn_designer.ui.scopes.saving import suggested_name

        return suggested_name(self._plot.picture) if self._plot.picture is not None else ""

    def _folder(self, settings: Settings) -> Path:
        """Where plots were saved last, else where the design is, unless it is one of the program's own."""
        last = settings.get(keys.PLOT_FOLDER)
        if last and Path(last).is_dir():
            return Path(last)
        path = self._workspace.document.path
        if path is not None and not path.resolve().is_relative_to(resources()):
            return path.parent
        documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        return Path(documents) if documents and Path(documents).is_dir() else Path.home()
