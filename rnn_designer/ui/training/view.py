"""The Training view: the course of a run in curves, gradients, units and weights, its epochs, and the list of runs."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.icons import icon
from rnn_designer.ui.scopes.chips import ChoiceButton
from rnn_designer.ui.theme import keeper
from rnn_designer.ui.training.epoch_bar import EpochBar
from rnn_designer.ui.training.page import PAGES, Page
from rnn_designer.ui.training.saving import FileAsker
from rnn_designer.ui.training.shown import shown_run
from rnn_designer.ui.training.steering import start_or_turn
from rnn_designer.ui.widgets.flow import FlowLayout

_NOTHING = (
    "Nothing has been trained yet. Press Train: the design learns from its data, and here stand its loss, its "
    "gradients, its units and its weights, epoch by epoch. The plots beside it follow while it learns."
)


class TrainingView(QWidget):
    """One page at a time, the slider over epochs above it.

    Signals:
        noticed(sentence): something was saved, or could not be done.
    """

    noticed = Signal(str)

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._shown = shown_run(workspace)
        self._stale = True
        self.epochs = EpochBar(workspace)
        self.pages: dict[str, Page] = {}
        self._choices: dict[str, QWidget] = {}
        self._wanted = next(iter(PAGES))
        self._stack = QStackedWidget()
        self.corner = QWidget()
        """What stands at the right of the row of tabs while the view is in front."""
        self.page_button = ChoiceButton("")
        self.page_button.setAccessibleName("What is shown of the training")
        self.page_button.show_choices({name: words for name, (words, _) in PAGES.items()}, self._wanted)
        self.page_button.picked.connect(self.show_page)
        self.save = QToolButton()
        self.save.setIconSize(QSize(15, 15))
        self.save.setToolTip("Save what is shown")
        self.save.setAccessibleName("Save what is shown")
        self.save.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.save)
        self.save.setMenu(menu)
        self.asker = FileAsker(workspace, self)
        self.asker.fill(menu, lambda: self.page)
        self.asker.said.connect(self.noticed)
        self._empty = self._make_empty()
        self._lay_out()
        self._shown.changed.connect(self.refresh)
        keeper().changed.connect(self._dress)
        self._dress()
        self.show_page("loss")

    def _make_empty(self) -> QWidget:
        empty = QWidget()
        words = QLabel(_NOTHING)
        words.setProperty("role", "muted")
        words.setWordWrap(True)
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.train = QPushButton("Train")
        self.train.setProperty("role", "fix")
        self.train.clicked.connect(lambda: start_or_turn(self._workspace))
        self.told = QLabel()
        self.told.setProperty("role", "muted")
        self.told.setWordWrap(True)
        self.told.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(empty)
        column.setContentsMargins(32, 8, 32, 8)
        column.addStretch(1)
        column.addWidget(words)
        column.addWidget(self.train, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.told)
        column.addStretch(1)
        return empty

    def _lay_out(self) -> None:
        corner = QHBoxLayout(self.corner)
        corner.setContentsMargins(0, 0, 0, 0)
        corner.setSpacing(4)
        corner.addWidget(self.page_button)
        corner.addWidget(self.save)
        top = QWidget()
        self._flow = FlowLayout(top, 6)
        self._flow.setContentsMargins(8, 0, 8, 2)
        self._flow.addWidget(self.epochs.buttons)
        self._body = QWidget()
        column = QVBoxLayout(self._body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.epochs)
        column.addWidget(top)
        column.addWidget(self._stack, 1)
        self._whole = QStackedWidget()
        self._whole.addWidget(self._empty)
        self._whole.addWidget(self._body)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._whole)

    @property
    def page(self) -> Page:
        """The page in front; made when it is first wanted, since pictures of numbers need NumPy."""
        return self.page_of(self._wanted)

    def page_of(self, name: str) -> Page:
        """A page by its name."""
        if name not in self.pages:
            page = _made(name, self._workspace)
            self.pages[name] = page
            self._stack.addWidget(page)
            self._choices[name] = _side_by_side(page.controls)
            self._flow.addWidget(self._choices[name])
            page.noticed.connect(self.noticed)
            page.page_wanted.connect(self.show_page)
        return self.pages[name]

    @property
    def empty(self) -> bool:
        """Whether there is no run to show."""
        return self._whole.currentWidget() is self._empty

    def show_page(self, name: str) -> None:
        """Bring a page to the front: ``loss``, ``gradients``, ``units``, ``weights`` or ``runs``."""
        self._wanted = name
        self.page_button.show_choices({each: words for each, (words, _) in PAGES.items()}, name)
        self.page_button.setToolTip(PAGES[name][1])
        self.refresh()

    def save_as(self, path: Path) -> bool:
        """Save the page in front as what the file's suffix says; a sentence says how it went."""
        return self.asker.save(self.page, path)

    def refresh(self) -> None:
        """Show the run as it is now; put off while the view is hidden."""
        if not self.isVisible():
            self._stale = True
            return
        self._stale = False
        there = self._shown.run is not None
        self._whole.setCurrentWidget(self._body if there else self._empty)
        if there:
            page = self.page
            self._stack.setCurrentWidget(page)
            self.save.setEnabled(page.can_be_saved)
            for name, choices in self._choices.items():
                choices.setVisible(name == self._wanted and bool(self.pages[name].controls))
            page.refresh()
            return
        trainer = self._workspace.trainer
        self.train.setEnabled(not trainer.active)
        told = trainer.status.text if trainer.active or trainer.status.problem else ""
        self.told.setText(told)
        self.told.setVisible(bool(told))

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what came while it was hidden."""
        super().showEvent(event)
        if self._stale:
            self.refresh()

    def minimumSizeHint(self) -> QSize:
        """It may become small."""
        return QSize(200, 100)

    def _dress(self) -> None:
        self.save.setIcon(icon("download"))


def _side_by_side(widgets: tuple[QWidget, ...]) -> QWidget:
    together = QWidget()
    row = QHBoxLayout(together)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    for widget in widgets:
        row.addWidget(widget)
    return together


def _made(name: str, workspace: Workspace) -> Page:
    from rnn_designer.ui.training.pages import GradientsPage, LossPage, UnitsPage
    from rnn_designer.ui.training.runs_page import RunsPage
    from rnn_designer.ui.training.weights_page import WeightsPage

    kinds: tuple[type[Page], ...] = (LossPage, GradientsPage, UnitsPage, WeightsPage, RunsPage)
    return next(each for each in kinds if each.name == name)(workspace)
