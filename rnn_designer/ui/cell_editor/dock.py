"""The dock in which a cell is written: a window of its own at first, which can be put into the main one."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow

from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.cell_editor.editor import CellEditor
from rnn_designer.ui.dock import TabbedDock

_SIZE = QSize(820, 640)
_DOCKED_WIDTH = 560
"""How wide it is beside the canvas, where the window has room for both."""
_FORM_WIDTH = 312
_LEAST_CANVAS = 300


class CellDock(TabbedDock):
    """Hidden until the code of a cell is wanted; it goes when its cell does.

    Args:
        window: the main window.
        workspace: the open design.
        neighbour: the dock at whose left it stands when it is put into the window.
    """

    def __init__(self, window: QMainWindow, workspace: Workspace, neighbour: QDockWidget) -> None:
        super().__init__("cell code", "Cell code", window)
        self._window = window
        self._neighbour = neighbour
        self._placed = False
        self.editor = CellEditor(workspace)
        self.add_page("Cell code", self.editor)
        self.put_away()
        self.topLevelChanged.connect(self._docked)
        self.editor.closed.connect(self.hide)

    def put_away(self) -> None:
        """Hide it; the next time it floats over the canvas, and docks between canvas and forms."""
        self.setFloating(False)
        self._window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self)
        self._window.splitDockWidget(self, self._neighbour, Qt.Orientation.Horizontal)
        self.setFloating(True)
        self._placed = False
        self.hide()

    def open(self, layer_id: str) -> None:
        """Show the code of a layer's cell, with the keyboard in it."""
        if self.isFloating() and not self._placed:
            self._placed = True
            self.setGeometry(self._over_the_canvas())
        self.show_page(0)
        self.activateWindow()
        self.editor.open(layer_id)

    def _docked(self, floating: bool) -> None:
        if not floating and self.isVisible():
            canvas = self._window.centralWidget() or self._window
            room = canvas.width() + self.width() + self._neighbour.width() - _FORM_WIDTH
            least = max(_LEAST_CANVAS, canvas.minimumSizeHint().width())
            width = max(self.minimumSizeHint().width(), min(_DOCKED_WIDTH, room - least))
            docks: list[QDockWidget] = [self, self._neighbour]
            self._window.resizeDocks(docks, [width, _FORM_WIDTH], Qt.Orientation.Horizontal)

    def _over_the_canvas(self) -> QRect:
        """In the middle of the window, and within the screen."""
        canvas = self._window.centralWidget() or self._window
        corner = canvas.mapToGlobal(canvas.rect().topLeft())
        area = QRect(corner, canvas.size())
        room = self._window.screen().availableGeometry()
        size = _SIZE.boundedTo(room.size() - QSize(16, 16))
        place = QRect(area.center(), QSize(0, 0)).adjusted(
            -size.width() // 2, -size.height() // 2, size.width() // 2, size.height() // 2
        )
        place.moveTop(max(place.top(), corner.y() + 8))
        place.moveRight(min(place.right(), room.right() - 8))
        place.moveBottom(min(place.bottom(), room.bottom() - 8))
        place.moveLeft(max(place.left(), room.left() + 8))
        place.moveTop(max(place.top(), room.top() + 8))
        return place
