"""The open windows: each on a design of its own with an engine of its own; the last one closed ends the program."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QRect, QSize
from PySide6.QtWidgets import QApplication

from rnn_designer.session import Workspace
from rnn_designer.ui.settings import Settings

if TYPE_CHECKING:
    from rnn_designer.ui.main_window import MainWindow

_STEP = QPoint(28, 28)


class Windows(QObject):
    """Makes windows, finds them by their file, and closes them together.

    Attributes:
        settings: shared by all of them.
    """

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings = settings
        self._open: list[MainWindow] = []

    @property
    def open(self) -> tuple[MainWindow, ...]:
        """The open windows, in the order in which they were opened."""
        return tuple(self._open)

    def active(self) -> MainWindow | None:
        """The window that is in front; the newest if none of them is; None if there is none."""
        active = QApplication.activeWindow()
        return next((each for each in self._open if each is active), self._open[-1] if self._open else None)

    def make(self, path: Path | None = None, workspace: Workspace | None = None) -> MainWindow:
        """A new window, not shown yet, on a design if a path is given."""
        from rnn_designer.ui.main_window import MainWindow

        window = MainWindow(workspace or Workspace(), self.settings)
        self._open.append(window)
        window.files.held_elsewhere = lambda wanted: self.holder(wanted, asking=window) is not None
        window.files.shown_elsewhere = lambda wanted: self.show_open(wanted, asking=window)
        window.new_window_wanted.connect(self.show_new)
        window.quit_wanted.connect(self.quit)
        window.preferences_changed.connect(self._share_preferences)
        window.closed.connect(lambda: self._closed(window))
        if path is not None:
            window.files.load_first(path)
        return window

    def show_new(self) -> MainWindow:
        """Open an empty window, a little off the one in front, so that both are seen."""
        front = self.active()
        window = self.make()
        if front is not None and not front.isMaximized():
            _set_beside(window, front)
        window.show()
        window.raise_()
        window.activateWindow()
        return window

    def holder(self, path: Path, *, asking: MainWindow | None = None) -> MainWindow | None:
        """The window that has a file open; ``asking`` does not count, it may open its own file again."""
        wanted = path.resolve()
        for window in self._open:
            held = window.workspace.document.path
            if window is not asking and held is not None and held.resolve() == wanted:
                return window
        return None

    def show_open(self, path: Path, *, asking: MainWindow | None = None) -> bool:
        """Bring the window that has a file open to the front.

        Returns:
            Whether there is such a window.
        """
        window = self.holder(path, asking=asking)
        if window is None:
            return False
        if window.isMinimized():
            window.showNormal()
        window.show()
        window.raise_()
        window.activateWindow()
        return True

    def quit(self) -> bool:
        """Close every window, after each was asked about its unsaved work.

        Returns:
            Whether all are closed: none is if the user held on to one.
        """
        for window in self._open:
            if window.workspace.document.modified:
                window.raise_()
                window.activateWindow()
            if not window.may_close():
                return False
        for window in self.open:
            window.close_now()
        return True

    def _share_preferences(self) -> None:
        for window in self._open:
            window.show_preferences_in_force()

    def _closed(self, window: MainWindow) -> None:
        if window in self._open:
            self._open.remove(window)
            window.deleteLater()
            window.workspace.deleteLater()


def _set_beside(window: MainWindow, front: MainWindow) -> None:
    """Give a new window the size of the one in front, a step off it, and no more than the screen has."""
    room = front.screen().availableGeometry()
    frame = front.frameGeometry().size() - front.size()
    corner = front.pos() + _STEP
    if not room.contains(QRect(corner, front.size() + frame)):
        corner = room.topLeft() + _STEP
    left_over = room.bottomRight() - corner
    largest = QSize(left_over.x(), left_over.y()) - frame
    if not _fits(window.minimumSizeHint(), largest):
        corner, largest = room.topLeft(), room.size() - frame
    window.resize(front.size().boundedTo(largest))
    window.move(corner)


def _fits(size: QSize, room: QSize) -> bool:
    return size.width() <= room.width() and size.height() <= room.height()
