"""New, open, save, export: every path on which work could be lost, in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QStandardPaths, Qt, QUrl, Signal
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox, QWidget

from rnn_designer.design.files import FileProblem
from rnn_designer.paths import resources
from rnn_designer.sequences import SUFFIXES
from rnn_designer.session import Workspace
from rnn_designer.session.exporter import Exporter
from rnn_designer.session.verifier import Verifier
from rnn_designer.ui import settings as keys
from rnn_designer.ui.notice import NoticeBar
from rnn_designer.ui.settings import Settings
from rnn_designer.wording import counted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rnn_designer.design import Design
    from rnn_designer.messages import Array

MODEL_SUFFIXES = (".keras", ".h5", ".hdf5", ".json")
"""What model files that can be imported end in."""
_FILTER = "RNN Designer designs (*.rnnd);;All files (*)"
_MODELS = "*.keras *.h5 *.hdf5 *.json"
_OPEN_FILTER = f"Designs and Keras models (*.rnnd {_MODELS});;{_FILTER}"
_MODEL_FILTER = f"Keras models ({_MODELS});;All files (*)"


class FileActions(QObject):
    """Opens, saves and exports the workspace's design, asking before work would be lost.

    Attributes:
        held_elsewhere: told a file, says whether another window has it open.
        shown_elsewhere: the same, and brings that window to the front.
        settle: hands over what is being typed and is not in the design yet.

    Signals:
        opened(): another design is open now.
        recent_changed(): the recent files are others.
    """

    opened = Signal()
    recent_changed = Signal()

    def __init__(self, window: QWidget, workspace: Workspace, settings: Settings, notice: NoticeBar) -> None:
        super().__init__(window)
        self._window = window
        self._workspace = workspace
        self._settings = settings
        self._notice = notice
        self.held_elsewhere: Callable[[Path], bool] = lambda _path: False
        self.shown_elsewhere: Callable[[Path], bool] = lambda _path: False
        self.settle: Callable[[], None] = lambda: None
        self.exporter = Exporter(workspace.checks, workspace.live, workspace.engine, self)
        self.exporter.finished.connect(self._exported)
        self._verifier = Verifier(
            workspace.document, workspace.checks, workspace.samples, workspace.live, self
        )
        workspace.models.arrived.connect(self._imported)
        workspace.models.failed.connect(self._not_imported)

    def fill_menus(self, file_menu: QMenu, before: QAction) -> None:
        """Put "Open recent" above an action of the File menu; it is filled when it opens."""
        self._recent_menu = QMenu("Open &recent", self._window)
        self._recent_menu.setToolTipsVisible(True)
        self._recent_menu.aboutToShow.connect(self._fill_recent)
        file_menu.insertMenu(before, self._recent_menu)

    def _fill_recent(self) -> None:
        menu = self._recent_menu
        menu.clear()
        paths = self._settings.recent_files()
        for place, path in enumerate(paths):
            access = f"&{place + 1}  " if place < 9 else ""
            name = path.stem.replace("&", "&&")
            action = menu.addAction(f"{access}{name}\t{short_folder(path)}")
            action.setToolTip(str(path))
            action.triggered.connect(lambda _checked=False, path=path: self.open_recent(path))
        if paths:
            menu.addSeparator()
            menu.addAction("&Clear this list").triggered.connect(self.clear_recent)
        else:
            menu.addAction("No recent files").setEnabled(False)

    def open_recent(self, path: Path) -> None:
        """Open one of the recent files; one that is gone leaves the list with a sentence."""
        if path.is_file():
            self.open(path)
            return
        self._settings.forget_file(path)
        self.recent_changed.emit()
        self._notice.say(
            f"“{path.name}” is no longer in {path.parent}: it was moved, renamed or deleted. "
            "It is off the list now; open it from where it is.",
            kind="warning",
            subject="file",
            stay=True,
            action="Open…",
            do=self.ask_and_open,
        )

    def clear_recent(self) -> None:
        """Forget the recent files; the files stay."""
        self._settings.put(keys.RECENT_FILES, [])
        self.recent_changed.emit()

    def may_discard(self) -> bool:
        """Whether the open design may be replaced: nothing is unsaved, or the user saved it or let it go."""
        self.settle()
        document = self._workspace.document
        if not document.modified:
            return True
        name = document.path.name if document.path else document.design.name
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Unsaved changes")
        box.setText(f"Save the changes to “{name}”?")
        box.setInformativeText("Without saving, the changes since the last save are lost.")
        button = QMessageBox.StandardButton
        box.setStandardButtons(button.Save | button.Discard | button.Cancel)
        box.setDefaultButton(button.Save)
        answer = box.exec()
        if answer == button.Save:
            return self.save()
        return bool(answer == button.Discard)

    def new(self) -> None:
        """An empty design, once the open one may go."""
        if self.may_discard():
            self._workspace.new()
            self.opened.emit()

    def ask_and_open(self) -> None:
        """Let the user choose a design to open."""
        chosen, _ = QFileDialog.getOpenFileName(
            self._window, "Open a design, or import a model", str(self._folder()), _OPEN_FILTER
        )
        if chosen:
            self.open(Path(chosen))

    def ask_and_import(self) -> None:
        """Let the user choose a model file of Keras to import."""
        chosen, _ = QFileDialog.getOpenFileName(
            self._window, "Import a Keras model", str(self._folder()), _MODEL_FILTER
        )
        if chosen:
            self.import_model(Path(chosen))

    def import_model(self, path: Path) -> None:
        """Show a model file of Keras as a design, once the open one may go; nothing in the file is run."""
        if self.may_discard():
            self._notice.clear("open")
            self._notice.say(f"Reading “{path.name}” …", subject="import", stay=True)
            self._workspace.models.read(path)

    def _imported(
        self, path: Path, design: Design, weights: Mapping[str, Array], remarks: tuple[str, ...]
    ) -> None:
        from rnn_designer.ui.canvas.arrange import arranged

        places = arranged(design)
        placed = tuple(
            replace(layer, position=places.get(layer.id, layer.position)) for layer in design.layers
        )
        self._workspace.show_imported(replace(design, layers=placed), weights)
        self._settings.put(keys.LAST_FOLDER, str(path.absolute().parent))
        self._notice.clear("file")
        came = counted(len(design.layers), "layer")
        brought = "with its weights" if weights else "without weights"
        sentence = f"Imported “{path.name}”: {came}, {brought}."
        if remarks:
            sentence += (
                f" {remarks[0]}" if len(remarks) == 1 else " The note on the canvas says what came otherwise."
            )
        self._notice.say(
            sentence, kind="warning" if remarks else "information", subject="import", stay=bool(remarks)
        )
        self.opened.emit()

    def _not_imported(self, _path: Path, sentence: str) -> None:
        self._notice.clear("import")
        self._notice.say(sentence, kind="error", subject="open", stay=True)

    def open(self, path: Path) -> None:
        """Open a design, once the open one may go; a design that is open already comes to the front."""
        if Path(path).suffix.lower() in MODEL_SUFFIXES:
            self.import_model(Path(path))
        elif not self.shown_elsewhere(Path(path)) and self.may_discard():
            self._load(Path(path))

    def load_first(self, path: Path) -> None:
        """Open the design that the program was started with; there is nothing to lose yet."""
        self._load(path)

    def save(self) -> bool:
        """Save to the design's own file; ask for one if there is none, or if it is one of the program's own.

        Returns:
            Whether the design is saved now.
        """
        self.settle()
        path = self._workspace.document.path
        if path is None or path.resolve().is_relative_to(resources()):
            return self.save_as()
        return self._save(path)

    def save_as(self) -> bool:
        """Save to a file of the user's choice.

        Returns:
            Whether the design is saved now.
        """
        self.settle()
        document = self._workspace.document
        name = document.path.name if document.path else f"{document.design.name}.rnnd"
        chosen, _ = QFileDialog.getSaveFileName(
            self._window, "Save the design", str(self._folder() / name), _FILTER
        )
        if not chosen:
            return False
        path = Path(chosen)
        path = path if path.suffix else path.with_suffix(".rnnd")
        if self.held_elsewhere(path):
            self._notice.say(
                f"“{path.name}” is open in another window: save under another name, or close it there first.",
                kind="error",
                subject="file",
                stay=True,
                action="Save as…",
                do=self.save_as,
            )
            return False
        return self._save(path)

    def export(self) -> None:
        """Open the export dialog."""
        from rnn_designer.ui.export_dialog import ExportDialog

        self.settle()
        document = self._workspace.document
        stem = document.path.stem if document.path else document.design.name
        name = "".join(letter if letter.isalnum() else "_" for letter in stem).strip("_") or "model"
        dialog = ExportDialog(
            self.exporter,
            self._folder() / f"{name}.py",
            with_weights=self._workspace.live.carries_weights,
            verifier=self._verifier,
            parent=self._window,
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _folder(self) -> Path:
        path = self._workspace.document.path
        if path is not None and not path.resolve().is_relative_to(resources()):
            return path.absolute().parent
        last = self._settings.get(keys.LAST_FOLDER)
        if last and Path(last).is_dir() and not Path(last).is_relative_to(resources()):
            return Path(last)
        documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        return Path(documents) if documents and Path(documents).is_dir() else Path.home()

    def _load(self, path: Path) -> None:
        try:
            if path.suffix.lower() in SUFFIXES and path.is_file():
                raise FileProblem(
                    f"“{path.name}” is data, not a design: load it under Data, or drop it onto the window."
                )
            self._workspace.open(path)
        except FileProblem as problem:
            self._notice.say(str(problem), kind="error", subject="open", stay=True)
            return
        self._notice.clear("file")
        self._notice.clear("open")
        self._settings.remember_file(path)
        self.recent_changed.emit()
        self.opened.emit()

    def _save(self, path: Path) -> bool:
        try:
            self._workspace.save(path)
        except FileProblem as problem:
            self._notice.say(
                str(problem), kind="error", subject="file", stay=True, action="Save as…", do=self.save_as
            )
            return False
        self._notice.clear("file")
        self._settings.remember_file(path)
        self.recent_changed.emit()
        return True

    def _exported(self, paths: tuple[Path, ...]) -> None:
        names = " and ".join(path.name for path in paths)
        folder = paths[0].absolute().parent
        self._notice.say(
            f"Exported {names} to {folder}.",
            action="Show folder",
            do=lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))),
        )


def short_folder(path: Path) -> str:
    """The folder of a file as short as it can be said: below home with ~, long ones by their last two parts."""
    folder = path.absolute().parent
    home = Path.home()
    if folder == home:
        return "~"
    shown = f"~/{folder.relative_to(home).as_posix()}" if folder.is_relative_to(home) else folder.as_posix()
    return shown if len(shown) <= 36 else "…/" + "/".join(folder.parts[-2:])
