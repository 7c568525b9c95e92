"""What the pages of the Training view have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.theme import theme
from rnn_designer.ui.training.shown import shown_run

if TYPE_CHECKING:
    from rnn_designer.messages import Array
    from rnn_designer.session.training import TrainingRun


PAGES: dict[str, tuple[str, str]] = {
    "loss": (
        "Loss",
        "The loss, or a metric, by batch (pale) and by epoch, for what is learned from and for validation",
    ),
    "gradients": (
        "Gradients",
        "The length of each layer's gradient: where it is very short a layer hardly learns, where it is very long "
        "steps are wild",
    ),
    "units": (
        "Units",
        "How many units never leave their resting value (dead), or nearly always stand at an end of their range "
        "(saturated)",
    ),
    "weights": (
        "Weights",
        "How the numbers of a weight are spread, epoch by epoch: how far training moves them",
    ),
    "runs": ("Runs", "Every training of this design: name, compare, restore or continue it"),
}
"""The pages by name: the words on their buttons, and what is seen on them."""


class Page(QWidget):
    """Shows the run that all training views show, in one way; draws only while it can be seen.

    Attributes:
        name: a key of :data:`PAGES`.
        can_be_saved: whether it is a picture of numbers.
        body: what is saved as a picture.
        controls: what chooses what is drawn; whoever shows the page gives them a place.

    Signals:
        noticed(sentence): why something could not be done, or what was.
        page_wanted(name): another page is to be seen.
    """

    noticed = Signal(str)
    page_wanted = Signal(str)

    name: ClassVar[str] = ""
    can_be_saved: ClassVar[bool] = True

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workspace = workspace
        self.shown = shown_run(workspace)
        self.body = QWidget()
        self.column = QVBoxLayout(self.body)
        self.column.setContentsMargins(0, 0, 0, 4)
        self.column.setSpacing(2)
        self.outer = QVBoxLayout(self)
        self.outer.setContentsMargins(0, 0, 0, 0)
        self.outer.setSpacing(0)
        self.outer.addWidget(self.body, 1)
        self.controls: tuple[QWidget, ...] = ()
        self._behind = True
        self.build()

    @property
    def title(self) -> str:
        """The words on its button."""
        return PAGES[self.name][0]

    @property
    def explanation(self) -> str:
        """What is seen on it."""
        return PAGES[self.name][1]

    def build(self) -> None:
        """Make the widgets; called once."""

    def draw(self, run: TrainingRun, epoch: int | None) -> None:
        """Show a run.

        Args:
            run: as it is now.
            epoch: which of its epochs the plots show; None for none of them.
        """

    def numbers(self) -> Mapping[str, Array]:
        """What is shown, for CSV and NPZ: arrays by name, a row per epoch or point."""
        return {}

    def refresh(self) -> None:
        """Show what there is now; put off while the page is hidden."""
        self._behind = not self.isVisible()
        run = self.shown.run
        if not self._behind and run is not None:
            self.draw(run, self.shown.epoch)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what came while it was hidden."""
        super().showEvent(event)
        if self._behind:
            self.refresh()


def line_color(place: int) -> QColor:
    """The colour of one of several lines."""
    series = theme().series
    return QColor(series[place % len(series)])
