"""The wires between training and the rest of a window: its actions, what it says, and what is offered at opening."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from rnn_designer.session.training import TrainerState
from rnn_designer.ui.training.epoch_bar import player_of
from rnn_designer.ui.training.shown import shown_run
from rnn_designer.ui.training.steering import resume, start_or_turn

if TYPE_CHECKING:
    from rnn_designer.session.training import TrainingRun
    from rnn_designer.ui.main_window import MainWindow

SETTINGS_PAGE, CURVES_PAGE = 3, 3
"""Where the Train panel is in the dock at the right, and the Training view in the one below."""


class Trainings(QObject):
    """Belongs to one window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.workspace = workspace = window.workspace
        self.shown = shown_run(workspace)
        self.player = player_of(workspace)
        self._offered: set[str] = set()
        self._offer_timer = QTimer(self)
        self._offer_timer.setSingleShot(True)
        self._offer_timer.setInterval(0)
        self._offer_timer.timeout.connect(self._offer)
        window.training.noticed.connect(window.notice.say)
        window.train.explained.connect(window.explain.show_setting)
        window.status.training.clicked.connect(lambda: self.show_page("loss"))
        window.transport.train.started.connect(self._asked)
        workspace.epochs.noticed.connect(lambda sentence: window.notice.say(sentence, subject="epoch"))
        workspace.trainer.ended.connect(lambda sentence: window.notice.say(sentence, subject="training"))
        workspace.trainer.failed.connect(
            lambda sentence: window.notice.say(sentence, kind="error", subject="training", stay=True)
        )
        workspace.trainer.epoch_ended.connect(lambda *_: window.notice.clear("training"))
        workspace.runs.changed.connect(self._offer_timer.start)
        window.files.opened.connect(self._opened)
        self.shown.changed.connect(self._show)

    def train(self) -> None:
        """Start, pause or go on; the settings and the curves come to the front with a start."""
        idle = self.workspace.trainer.state is TrainerState.IDLE
        start_or_turn(self.workspace)
        if idle:
            self._asked()

    def pause(self) -> None:
        """Pause, or go on; nothing happens where nothing is trained."""
        if self.workspace.trainer.active:
            start_or_turn(self.workspace)

    def show_settings(self) -> None:
        """Bring the Train panel to the front, ready for the keyboard."""
        self._window.right.show_page(SETTINGS_PAGE)
        self._window.train.focus_first()

    def show_page(self, name: str) -> None:
        """Bring a page of the Training view to the front, ready for the keyboard."""
        self._window.bottom_right.show_page(CURVES_PAGE)
        self._window.training.show_page(name)
        self._window.training.setFocus()

    def best(self) -> None:
        """Let the plots show the best epoch."""
        run = self.shown.run
        if run is not None:
            self.shown.go_to(run.best_epoch)

    def follow(self) -> None:
        """Let the plots follow the training, or stay where they are."""
        epochs, run = self.workspace.epochs, self.shown.run
        if not epochs.following:
            epochs.follow()
        elif run is not None:
            self.shown.go_to(run.last_epoch)

    def use(self) -> None:
        """Make the weights of the epoch that is shown the design's own."""
        epoch, run = self.shown.epoch, self.shown.run
        if epoch is None or run is None:
            self._window.notice.say(
                "The plots show the design's own weights already. Choose an epoch with the slider first."
            )
            return
        self.workspace.epochs.keep()
        self._window.notice.say(f"The design has the weights of epoch {epoch} of “{run.name}” now.")

    def _asked(self) -> None:
        """Somebody pressed Train: show where it is seen."""
        self._window.right.show_page(SETTINGS_PAGE)
        self._window.bottom_right.show_page(CURVES_PAGE)
        self.shown.show("")

    def _opened(self) -> None:
        """What was said of another design's training is of no use here."""
        for subject in ("training", "epoch"):
            self._window.notice.clear(subject)

    def _show(self) -> None:
        actions, trainer = self._window.actions_table, self.workspace.trainer
        run = self.shown.run
        kept = bool(run is not None and self.workspace.runs.kept(run))
        actions["train"].setEnabled(trainer.state is not TrainerState.STOPPING)
        for name in ("train_pause", "train_stop"):
            actions[name].setEnabled(trainer.active and trainer.state is not TrainerState.STOPPING)
        for name in ("epoch_back", "epoch_forward", "epoch_best", "epoch_play"):
            actions[name].setEnabled(kept)
        epochs = self.workspace.epochs
        actions["epoch_follow"].setEnabled(trainer.active)
        actions["epoch_follow"].setChecked(epochs.following and trainer.active)
        for name in ("use_epoch", "own_weights"):
            actions[name].setEnabled(epochs.run is not None)

    def _offer(self) -> None:
        """Offer to take an interrupted run up again, once for each."""
        workspace = self.workspace
        if workspace.runs.reading or workspace.trainer.active:
            return
        runs = workspace.runs.all
        run = runs[-1] if runs else None
        if run is None or run.state != "interrupted" or run.id in self._offered or not run.resumable:
            return
        self._offered.add(run.id)
        self._window.notice.say(
            f"The training “{run.name}” was interrupted after epoch {run.last_epoch} of {run.training.epochs}. "
            "Nothing that it had learned is lost.",
            subject="resume",
            stay=True,
            action="Continue it",
            do=lambda: self._resume(run),
        )

    def _resume(self, run: TrainingRun) -> None:
        resume(self.workspace, run)
        self._asked()
