"""Train, pause, one batch, stop: the buttons that steer a training, and how far it has come."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from rnn_designer.session.training import TrainerState, TrainingRun
from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.icons import icon
from rnn_designer.ui.theme import keeper, theme
from rnn_designer.ui.training.shown import shown_run

_FRAME = 46
"""What the frame and the icon of the button in the top bar take beside its words."""
_BUSY = (TrainerState.PREPARING, TrainerState.RUNNING, TrainerState.STOPPING)


def start_or_turn(workspace: Workspace) -> None:
    """What Train does: start, pause what runs, or go on with what is paused."""
    trainer = workspace.trainer
    match trainer.state:
        case TrainerState.IDLE:
            trainer.start()
        case TrainerState.PAUSED:
            trainer.proceed()
        case TrainerState.RUNNING | TrainerState.PREPARING:
            trainer.pause()


def resume(workspace: Workspace, run: TrainingRun) -> None:
    """Go on with a run, and let the plots follow it."""
    workspace.trainer.resume(run)
    if workspace.trainer.active:
        workspace.epochs.follow()


def progress(workspace: Workspace) -> float | None:
    """How far the training under way has come, from 0 to 1; None while that is not known."""
    trainer = workspace.trainer
    run, step = trainer.run, trainer.step
    if trainer.state is TrainerState.IDLE or run is None or step is None or not step.batches:
        return None
    epochs = max(1, run.training.epochs)
    return min(1.0, (step.epoch - 1 + step.batch / step.batches) / epochs)


class TrainButton(QPushButton):
    """In the top bar: trains the design, pauses, goes on; how far it is, is a line along its lower edge.

    Signals:
        started(): a training was asked for.
    """

    started = Signal()

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._share: float | None = None
        self.setProperty("role", "train")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setIconSize(QSize(14, 14))
        self.setAccessibleName("Train")
        self.clicked.connect(self._act)
        shown_run(workspace).changed.connect(self.refresh)
        keeper().changed.connect(self.refresh)
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Say what a click does, and how far the training is."""
        trainer = self._workspace.trainer
        state = trainer.state
        step, run = trainer.step, trainer.run
        words, tip, mark = "Train", "Train the design on its data (Ctrl+T)", "train"
        if state in _BUSY and step is not None and run is not None:
            words = f"{step.epoch} / {run.training.epochs}"
            tip = f"{trainer.status.text}. Click to pause (Ctrl+T)"
            mark = "pause"
        elif state in _BUSY:
            words, tip, mark = "Train …", trainer.status.text, "pause"
        elif state is TrainerState.PAUSED:
            words, tip, mark = "Go on", f"{trainer.status.text}. Click to go on (Ctrl+T)", "play"
        self.setEnabled(state is not TrainerState.STOPPING)
        if self.text() != words:
            # As wide as it will get while it counts, so that nothing beside it moves.
            widest = f"{run.training.epochs} / {run.training.epochs}" if run is not None else ""
            advance = self.fontMetrics().horizontalAdvance
            self.setMinimumWidth(max(map(advance, ("Train …", "Go on", widest))) + _FRAME)
            self.setText(words)
        self.setIcon(icon(mark, theme().accent))
        self.setToolTip(tip)
        self.setAccessibleDescription(tip)
        share = progress(self._workspace)
        if share != self._share:
            self._share = share
            self.update()

    def _act(self) -> None:
        idle = self._workspace.trainer.state is TrainerState.IDLE
        start_or_turn(self._workspace)
        if idle:
            self.started.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The button, and the line."""
        super().paintEvent(event)
        if self._share is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        room = QRectF(6, self.height() - 4, self.width() - 12, 2)
        painter.setBrush(theme().color("hairline"))
        painter.drawRoundedRect(room, 1, 1)
        room.setWidth(room.width() * self._share)
        painter.setBrush(theme().color("accent"))
        painter.drawRoundedRect(room, 1, 1)
        painter.end()


class Steering(QWidget):
    """At the top of the Train panel: one large button, and while it trains the others, with progress in words."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.train = QPushButton("Train")
        self.train.setProperty("role", "primary")
        self.train.setMinimumHeight(32)
        self.pause = QPushButton("Pause")
        self.pause.setToolTip("Wait after the batch under way (Ctrl+P)")
        self.batch = QPushButton("One batch")
        self.batch.setToolTip("Train one batch, then wait (Ctrl+B)")
        self.stop = QPushButton("Stop")
        self.stop.setToolTip(
            "End the training; what was reached by the last whole epoch is kept (Ctrl+Shift+B)"
        )
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(4)
        self.bar.setAccessibleName("Progress of the training")
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.more = QPushButton("Continue the run")
        self.more.setProperty("role", "fix")
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        buttons.addWidget(self.train, 1)
        for each in (self.pause, self.batch, self.stop):
            each.setMinimumHeight(24)
            buttons.addWidget(each, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(buttons)
        column.addWidget(self.bar)
        column.addWidget(self.words)
        column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        trainer = workspace.trainer
        self.train.clicked.connect(lambda: trainer.start())
        self.pause.clicked.connect(lambda: start_or_turn(workspace))
        self.batch.clicked.connect(lambda: trainer.step_batch())
        self.stop.clicked.connect(lambda: trainer.stop())
        self.more.clicked.connect(self._resume)
        shown_run(workspace).changed.connect(self.refresh)
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Show which buttons there are now, and how far the training is."""
        trainer = self._workspace.trainer
        state = trainer.state
        idle, paused = state is TrainerState.IDLE, state is TrainerState.PAUSED
        held = self._holder()
        self.train.setVisible(idle)
        for each in (self.pause, self.batch, self.stop):
            each.setVisible(not idle)
        self.pause.setText("Go on" if paused else "Pause")
        self.pause.setToolTip(
            "Go on with the training (Ctrl+P)" if paused else "Wait after this batch (Ctrl+P)"
        )
        self.pause.setEnabled(state is not TrainerState.STOPPING)
        self.batch.setEnabled(paused or state is TrainerState.RUNNING)
        self.stop.setEnabled(state is not TrainerState.STOPPING)
        again = any(run.last_epoch for run in self._workspace.runs.all)
        self.train.setText("Train again" if again else "Train")
        self.train.setToolTip(
            "Train on from the design's own weights (Ctrl+T)"
            if again
            else "Train the design on its data (Ctrl+T)"
        )
        share = progress(self._workspace)
        self.bar.setVisible(not idle)
        self.bar.setRange(0, 0 if share is None else 1000)
        if share is not None:
            self.bar.setValue(round(1000 * share))
        status = trainer.status
        told = status.text if not idle or status.problem or trainer.run is not None else ""
        if self.words.text() != told:
            self.words.setText(told)
        self.words.setVisible(bool(told))
        role = "error" if status.problem else "muted"
        if self.words.property("role") != role:
            self.words.setProperty("role", role)
            self.words.style().unpolish(self.words)
            self.words.style().polish(self.words)
        run = self._to_resume()
        self.more.setVisible(idle and run is not None)
        if run is not None:
            self.more.setText(f"Continue “{run.name}”")
            self.more.setToolTip(f"Go on after epoch {run.last_epoch} of {run.training.epochs}")
        self._give_back(held)

    def _to_resume(self) -> TrainingRun | None:
        runs = self._workspace.runs.all
        return runs[-1] if runs and runs[-1].resumable else None

    def _resume(self) -> None:
        run = self._to_resume()
        if run is not None:
            resume(self._workspace, run)

    def _holder(self) -> QWidget | None:
        return next(
            (each for each in (self.train, self.pause, self.batch, self.stop) if each.hasFocus()), None
        )

    def _give_back(self, held: QWidget | None) -> None:
        """The keyboard stays with the buttons: one that has the focus may be the one that goes."""
        if held is not None and not held.isVisible() and self.isVisible():
            (self.train if not self.train.isHidden() else self.pause).setFocus(
                Qt.FocusReason.OtherFocusReason
            )
