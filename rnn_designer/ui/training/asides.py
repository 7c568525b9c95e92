"""The dock for what comes after training: how good the model is, and what other settings give."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication

from rnn_designer.ui.dock import TabbedDock
from rnn_designer.ui.training.evaluation import EvaluatePanel
from rnn_designer.ui.training.sweep import SweepPanel
from rnn_designer.ui.windows import Windows

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from rnn_designer.ui.main_window import MainWindow

EVALUATE, SWEEP = 0, 1


class Asides(QObject):
    """Belongs to one window.

    Attributes:
        dock: over the scopes while it is shown, for it needs their width.
        evaluate: its panel on held-out samples.
        sweep: its panel on many trainings with other settings.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.dock = TabbedDock("results", "Evaluate and sweep", window)
        self.evaluate = EvaluatePanel(window.workspace)
        self.sweep = SweepPanel(window.workspace)
        self.dock.add_page("Evaluate", self.evaluate)
        self.dock.add_page("Sweep", self.sweep)
        self.put_away()
        for save in (self.evaluate.save, self.sweep.save):
            save.saved.connect(window.notice.say)
            save.failed.connect(lambda sentence: window.notice.say(sentence, kind="error"))
        self.sweep.open_wanted.connect(self._open)

    def put_away(self) -> None:
        """Hide the dock, and let it come back over the scopes."""
        self.dock.setFloating(False)
        self._window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, self.dock)
        self.dock.hide()

    def show_evaluation(self) -> None:
        """Show how good the model is, ready for the keyboard; or put it away where it has the focus."""
        self._show(EVALUATE, self.evaluate.start)

    def show_sweep(self) -> None:
        """Show what varies and what came of it, ready for the keyboard; or put it away where it has the focus."""
        self._show(SWEEP, self.sweep.add)

    def _open(self, path: Path) -> None:
        """Open the design of a trial in a window of its own, so that the sweep stays in sight."""
        application = QApplication.instance()
        windows = None if application is None else application.findChild(Windows)
        if windows is None:
            self._window.files.open(path)
            return
        if not windows.show_open(path, asking=self._window):
            opened = windows.make(path)
            opened.show()

    def handlers(self) -> dict[str, Callable[[], object]]:
        """A handler for each action of these panels."""
        return {"evaluate": self.show_evaluation, "sweep": self.show_sweep}

    def _show(self, page: int, first: QWidget) -> None:
        panel = self.dock.page(page)
        focused = self._window.focusWidget()
        if panel.isVisible() and focused is not None and panel.isAncestorOf(focused):
            self.dock.hide()
            self._window.canvas.setFocus()
            return
        if self.dock.isHidden() and not self.dock.isFloating():
            # Qt's row of tabs comes with the second dock there, and goes with it.
            self._window.tabifyDockWidget(self._window.bottom_left, self.dock)
        self.dock.show_page(page)
        first.setFocus()
