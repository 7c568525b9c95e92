"""The four docks around the canvas: what stands in them, where they belong, and how large they are at first."""

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QMainWindow, QWidget

from rnn_designer.ui.code import CodePanel
from rnn_designer.ui.data import DataPanel
from rnn_designer.ui.dock import FloatingEdge, TabbedDock
from rnn_designer.ui.examples import ExamplesPanel
from rnn_designer.ui.explain import Explain
from rnn_designer.ui.generate import GeneratePanel
from rnn_designer.ui.history_panel import HistoryPanel
from rnn_designer.ui.outline import Outline
from rnn_designer.ui.palette import Palette
from rnn_designer.ui.problems import ProblemsPanel
from rnn_designer.ui.properties import Properties
from rnn_designer.ui.scopes import Scopes
from rnn_designer.ui.training.panel import TrainingPanel
from rnn_designer.ui.training.view import TrainingView

_LEFT_WIDTH = 216
_RIGHT_WIDTH = 312
_LEAST_BOTTOM = 280
_LEAST_CODE = 360


@dataclass(frozen=True)
class Panels:
    """The panels of one window."""

    palette: Palette
    outline: Outline
    examples: ExamplesPanel
    properties: Properties
    data: DataPanel
    explain: Explain
    train: TrainingPanel
    scopes: Scopes
    code: CodePanel
    problems: ProblemsPanel
    generate: GeneratePanel
    training: TrainingView
    history: HistoryPanel


class Docks:
    """The docks of one window.

    Attributes:
        left: layers, outline, examples.
        right: properties, data, explain, train.
        bottom_left: the scopes.
        bottom_right: code, problems, generate, training.
        history: the steps to undo and redo; hidden until it is asked for.
    """

    def __init__(self, window: QMainWindow, panels: Panels) -> None:
        self._window = window
        area = Qt.DockWidgetArea
        window.setCorner(Qt.Corner.BottomLeftCorner, area.BottomDockWidgetArea)
        window.setCorner(Qt.Corner.BottomRightCorner, area.BottomDockWidgetArea)
        self.left = TabbedDock("library", "Layers, outline, examples", window)
        self.left.add_page("Layers", panels.palette)
        self.left.add_page("Outline", panels.outline)
        self.left.add_page("Examples", panels.examples)
        self.right = TabbedDock("inspector", "Properties, data, explain, train", window)
        self.right.add_page("Properties", panels.properties)
        self.right.add_page("Data", panels.data)
        self.right.add_page("Explain", panels.explain)
        self.right.add_page("Train", panels.train)
        # The scopes' own row of tabs is the title: one row instead of two.
        self.bottom_left = QDockWidget("Scopes", window)
        self.bottom_left.setObjectName("scopes")
        self.bottom_left.setFeatures(self.left.features())
        self.bottom_left.setWidget(panels.scopes)
        self.bottom_left.setTitleBarWidget(panels.scopes.header)
        self._edge = FloatingEdge(self.bottom_left)
        self.bottom_right = TabbedDock("code", "Code and problems", window)
        self.bottom_right.add_page(
            "Code", panels.code, _side_by_side(window, panels.code.style_button, panels.code.copy_button)
        )
        self.bottom_right.add_page("Problems", panels.problems, _side_by_side(window, panels.problems.chips))
        self.bottom_right.add_page("Generate", panels.generate)
        self.bottom_right.add_page("Training", panels.training, panels.training.corner)
        self._places = (
            (self.left, area.LeftDockWidgetArea),
            (self.right, area.RightDockWidgetArea),
            (self.bottom_left, area.BottomDockWidgetArea),
            (self.bottom_right, area.BottomDockWidgetArea),
        )
        self.all: tuple[QDockWidget, ...] = tuple(dock for dock, _area in self._places)
        for dock, place in self._places:
            window.addDockWidget(place, dock)
        self.history = TabbedDock("history", "History", window)
        self.history.add_page("History", panels.history)
        self._hide_history()

    def _hide_history(self) -> None:
        self.history.setFloating(False)
        self._window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, self.history)
        self._window.splitDockWidget(self.left, self.history, Qt.Orientation.Vertical)
        self.history.hide()

    def reset(self) -> None:
        """Every dock back in its place, at its size."""
        for dock, place in self._places:
            dock.setFloating(False)
            self._window.addDockWidget(place, dock)
            dock.show()
        self._hide_history()
        self._window.splitDockWidget(self.bottom_left, self.bottom_right, Qt.Orientation.Horizontal)
        self.size()

    def bring_back(self) -> None:
        """Show every dock that is hidden, where it was."""
        for dock in self.all:
            dock.show()

    def size(self) -> None:
        """Give every dock its share of the window; what the window has more goes to canvas and scopes."""
        window = self._window
        window.resizeDocks([self.left, self.right], [_LEFT_WIDTH, _RIGHT_WIDTH], Qt.Orientation.Horizontal)
        height = max(_LEAST_BOTTOM, int(window.height() * 0.36))
        bottom: list[QDockWidget] = [self.bottom_left, self.bottom_right]
        window.resizeDocks(bottom, [height, height], Qt.Orientation.Vertical)
        code = max(_LEAST_CODE, int(window.width() * 0.32))
        window.resizeDocks(bottom, [window.width() - code, code], Qt.Orientation.Horizontal)


def _side_by_side(parent: QWidget, *widgets: QWidget) -> QWidget:
    together = QWidget(parent)
    row = QHBoxLayout(together)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    for widget in widgets:
        row.addWidget(widget)
    return together
