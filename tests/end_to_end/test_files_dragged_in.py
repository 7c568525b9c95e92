"""Files dragged onto the real window with a real mouse, from another window as from a file manager."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from rnn_designer.paths import resource

Until = Callable[[Callable[[], object]], None]


class FileIcon(QLabel):
    """A window from which one file can be dragged."""

    def __init__(self) -> None:
        super().__init__("a file")
        self.file = Path()
        self.setWindowFlag(Qt.WindowType.WindowStaysOnTopHint)
        self.resize(120, 60)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        drag = QDrag(self)
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(self.file))])
        drag.setMimeData(mime)
        drag.exec(Qt.DropAction.CopyAction)


@pytest.fixture
def file_icon(qtbot: QtBot) -> Iterator[FileIcon]:
    made = FileIcon()
    yield made
    made.close()
    made.deleteLater()


def test_that_designs_open_and_data_feed_wherever_they_are_dropped(
    open_window: Callable[[Path | None], Any],
    robot: Any,
    until: Until,
    qtbot: QtBot,
    file_icon: FileIcon,
) -> None:
    window = open_window(None)
    file_icon.move(window.mapToGlobal(QPoint(window.width() - 200, window.height() - 120)))
    with qtbot.waitExposed(file_icon):
        file_icon.show()
    start = file_icon.mapToGlobal(file_icon.rect().center())
    canvas = window.canvas.viewport()
    document = window.workspace.document

    file_icon.file = resource("examples", "sunspots.rnnd")
    robot.drag(start, canvas.mapToGlobal(canvas.rect().center()))
    until(lambda: document.design.name == "sunspots")
    assert window.drops.hint.isHidden()

    # Data, dropped on a panel that takes no files itself.
    file_icon.file = resource("sequences", "nile.csv")
    robot.drag(start, window.scopes.mapToGlobal(window.scopes.rect().center()))
    until(lambda: document.history.undo_label == "Feed nile.csv")
    found = next(layer for layer in document.design.layers if layer.kind == "Input")
    assert "nile.csv" in str(document.design.data[found.id].options["path"])
