"""In the status bar: what is being trained, and how long it will take."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QEnterEvent, QMouseEvent
from PySide6.QtWidgets import QLabel, QWidget

from rnn_designer.session.training import TrainerState
from rnn_designer.session.training.words import duration
from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.theme import keeper, theme
from rnn_designer.ui.training.shown import shown_run

_WORDS = {
    TrainerState.PREPARING: "Training is being prepared",
    TrainerState.PAUSED: "Training paused",
    TrainerState.STOPPING: "Training stops",
}


class TrainingNote(QLabel):
    """A few words while a training is under way; hidden otherwise.

    Signals:
        clicked(): somebody wants to see more of it.
    """

    clicked = Signal()

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.setTextFormat(Qt.TextFormat.RichText)
        shown_run(workspace).changed.connect(self.refresh)
        keeper().changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Say how it stands."""
        trainer = self._workspace.trainer
        self.setVisible(trainer.active)
        if not trainer.active:
            return
        words = _WORDS.get(trainer.state, "Training")
        step, run = trainer.step, trainer.run
        if step is not None and run is not None:
            words += f": epoch {step.epoch} of {run.training.epochs}"
            if trainer.state is TrainerState.RUNNING and trainer.eta is not None:
                words += f", {duration(trainer.eta)} left"
        self.setText(f'<span style="color:{theme().accent}">●</span> {words}')
        self.setToolTip(f"{trainer.status.text}. Click to see its curves.")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Ask for more."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.clicked.emit()

    def enterEvent(self, event: QEnterEvent) -> None:
        """It can be clicked."""
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """The usual pointer again."""
        self.unsetCursor()
        super().leaveEvent(event)
