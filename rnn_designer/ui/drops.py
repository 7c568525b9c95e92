"""Files dragged onto the window: designs open, models are imported, data feed an Input; meanwhile it says which."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from rnn_designer.design import Layer, edits, new_layer
from rnn_designer.ui.file_actions import MODEL_SUFFIXES
from rnn_designer.ui.theme import interface_font, theme

if TYPE_CHECKING:
    from rnn_designer.ui.main_window import MainWindow

_PROGRAMS = {".py", ".ipynb"}
_MODELS = {".onnx", ".pb", ".pt", ".pth"}
_DATA_PAGE = 1


class DropHint(QWidget):
    """Lies over the canvas while a file is dragged over the window, and says what letting go will do."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.text = ""
        self.refused = False
        self.hide()

    def say(self, text: str, *, refused: bool) -> None:
        """Cover the parent and say something."""
        self.text, self.refused = text, refused
        self.setAccessibleName(text)
        self.setGeometry(self._over.rect())
        self.show()
        self.raise_()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A veil, a dashed frame, and the sentence on a plate in the middle."""
        colors = theme()
        edge = colors.color("warning" if self.refused else "accent")
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), colors.color("canvas", 0.72))
        painter.setPen(QPen(edge, 2, Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(10, 10, -10, -10), 9, 9)
        painter.setFont(interface_font(12, bold=True))
        flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
        room = self.rect().adjusted(40, 20, -40, -20)
        words = painter.fontMetrics().boundingRect(room, flags, self.text)
        painter.setPen(QPen(edge, 1))
        painter.setBrush(colors.color("panel"))
        painter.drawRoundedRect(QRectF(words).adjusted(-18, -11, 18, 11), 9, 9)
        painter.setPen(colors.color("text"))
        painter.drawText(words, flags, self.text)


class FileDrops:
    """Says what a dragged file would do, and does it."""

    def __init__(self, window: MainWindow, over: QWidget) -> None:
        self._window = window
        self.hint = DropHint(over)

    def entered(self, mime: QMimeData) -> bool:
        """A drag came in: say what it would do.

        Returns:
            Whether the window takes it.
        """
        path = dropped_file(mime)
        if path is None:
            return False
        refusal = self._refusal(path)
        self.hint.say(refusal or self._promise(path), refused=bool(refusal))
        return True

    def left(self) -> None:
        """The drag went away."""
        self.hint.hide()

    def dropped(self, mime: QMimeData) -> bool:
        """Open the design, or feed the data; the first file counts.

        Returns:
            Whether there was a file.
        """
        self.hint.hide()
        path = dropped_file(mime)
        if path is None:
            return False
        refusal = self._refusal(path)
        if refusal:
            self._window.notice.say(refusal, kind="warning", subject="file")
        elif path.suffix.lower() == ".rnnd":
            self._window.files.open(path)
        elif path.suffix.lower() in MODEL_SUFFIXES:
            self._window.files.import_model(path)
        else:
            self._feed(path)
        return True

    def _promise(self, path: Path) -> str:
        if path.suffix.lower() == ".rnnd":
            return f"Open “{path.stem}”"
        if path.suffix.lower() in MODEL_SUFFIXES:
            return f"Import the model {path.name}"
        layer = self._input()
        if layer is None:
            return f"Place an Input and feed it with {path.name}"
        return f"Feed {path.name} to Input “{layer.name}”"

    def _refusal(self, path: Path) -> str:
        suffix = path.suffix.lower()
        if path.is_dir():
            return f"“{path.name}” is a folder: drop a design (.rnnd) or one data file."
        if suffix in _PROGRAMS:
            return f"“{path.name}” is a program: drop a design (.rnnd) or a data file such as CSV or NPY."
        if suffix in _MODELS:
            return (
                f"“{path.name}” is a model that cannot be read safely: drop one saved as .keras, a design (.rnnd) or "
                "a data file such as CSV or NPY."
            )
        return ""

    def _input(self) -> Layer | None:
        """The Input that data go to: the selected one, or the first."""
        design = self._window.workspace.document.design
        inputs = [layer for layer in design.layers if layer.kind == "Input"]
        chosen = [layer for layer in inputs if layer.id in self._window.selection.ids]
        return next(iter(chosen or inputs), None)

    def _feed(self, path: Path) -> None:
        window = self._window
        layer = self._input()
        if layer is None:
            document = window.workspace.document
            layer = new_layer(document.design, "Input")
            if not document.apply(edits.add(layer), "Add Input"):
                return
            window.canvas.fit()
        window.selection.set((layer.id,))
        # The panel has to be in sight: it shows what was read, and says what could not be.
        window.right.show_page(_DATA_PAGE)
        window.data.refresh()
        window.data.source_editing.take_file(window.workspace.samples.reference(path))


def dropped_file(mime: QMimeData) -> Path | None:
    """The first local file or folder of a drag."""
    for url in mime.urls():
        if url.isLocalFile():
            return Path(url.toLocalFile())
    return None
