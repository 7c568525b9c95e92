"""The dock for what comes after training: how good the model is. Hidden until it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from rnn_designer.ui.dock import TabbedDock
from rnn_designer.ui.training.evaluation import EvaluatePanel

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from rnn_designer.ui.main_window import MainWindow

EVALUATE = 0


class Asides(QObject):
    """Belongs to one window.

    Attributes:
        dock: over the scopes while it is shown, for it needs their width.
        evaluate: its panel on held-out samples.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.dock = TabbedDock("results", "Evaluate", window)
        self.evaluate = EvaluatePanel(window.workspace)
        self.dock.add_page("Evaluate", self.evaluate)
        self.put_away()
        self.evaluate.save.saved.connect(window.notice.say)
        self.evaluate.save.failed.connect(lambda sentence: window.notice.say(sentence, kind="error"))

    def put_away(self) -> None:
        """Hide the dock, and let it come back over the scopes."""
        self.dock.setFloating(False)
        self._window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, self.dock)
        self.dock.hide()

    def show_evaluation(self) -> None:
        """Show how good the model is, ready for the keyboard; or put it away where it has the focus."""
        self._show(EVALUATE, self.evaluate.start)

    def handlers(self) -> dict[str, Callable[[], object]]:
        """A handler for each action of these panels."""
        return {"evaluate": self.show_evaluation}

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
