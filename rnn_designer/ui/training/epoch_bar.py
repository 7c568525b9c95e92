"""The row with the slider over epochs: play through them, follow the training, use an epoch's weights, or go back."""

from __future__ import annotations

from PySide6.QtCore import QObject, QSignalBlocker, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.icons import icon
from rnn_designer.ui.theme import code_font, keeper
from rnn_designer.ui.training.shown import shown_run
from rnn_designer.ui.training.track import EpochTrack

_ROOM = 470
"""Below this width there is no room for the buttons in the row above the scopes; the Training view has them, too."""
_PACE = 160
"""Milliseconds that each epoch is shown while playing, if the plots keep up."""


class EpochPlayer(QObject):
    """Plays through the kept epochs of the shown run, no faster than the plots can follow.

    Signals:
        changed(playing): it began or ended.
    """

    changed = Signal(bool)

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self._shown = shown_run(workspace)
        self._timer = QTimer(self)
        self._timer.setInterval(_PACE)
        self._timer.timeout.connect(self._go_on)

    @property
    def playing(self) -> bool:
        """Whether it plays."""
        return self._timer.isActive()

    def toggle(self) -> None:
        """Play from the epoch that is shown, or from the first if that is the last; or pause."""
        if self.playing:
            self.pause()
            return
        kept = self._kept()
        if len(kept) < 2:
            return
        if self._shown.epoch is None or self._shown.epoch >= kept[-1]:
            self._shown.go_to(kept[0])
        self._timer.start()
        self.changed.emit(True)

    def pause(self) -> None:
        """Stay at the epoch that is shown."""
        if self.playing:
            self._timer.stop()
            self.changed.emit(False)

    def _kept(self) -> tuple[int, ...]:
        run = self._shown.run
        return () if run is None else self._workspace.runs.kept(run)

    def _go_on(self) -> None:
        if self._workspace.epochs.pending:
            return  # What was asked for before is not on screen yet.
        kept, epoch = self._kept(), self._shown.epoch
        further = [each for each in kept if epoch is None or each > epoch]
        if not further:
            self.pause()
            return
        self._shown.go_to(further[0])


def player_of(workspace: Workspace) -> EpochPlayer:
    """The one player of a window."""
    found = workspace.findChild(EpochPlayer)
    return found if found is not None else EpochPlayer(workspace)


class EpochBar(QWidget):
    """Slider and buttons; hidden while there is no run to show.

    Args:
        workspace: whose epochs they are.
        compact: above the scopes: one row, and only while the plots show an epoch or follow a training.
    """

    def __init__(self, workspace: Workspace, parent: QWidget | None = None, *, compact: bool = False) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._compact = compact
        self._shown = shown_run(workspace)
        self._player = player_of(workspace)
        self.play = QToolButton(self)
        self.play.setIconSize(QSize(16, 16))
        self.track = EpochTrack(self)
        self.text = QLabel(self)
        self.text.setFont(code_font(9))
        self.text.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.follow = QPushButton("Follow", self)
        self.follow.setProperty("role", "chip")
        self.follow.setCheckable(True)
        self.follow.setToolTip(
            "Let every plot show the weights as they are being learned (Alt+End); dragging the slider stays at an epoch"
        )
        self.use = QPushButton("Use these weights", self)
        self.use.setProperty("role", "fix")
        self.use.setToolTip(
            "Make the weights of this epoch the design's own: they are saved and exported (Ctrl+U)"
        )
        self.back = QPushButton("Own weights", self)
        self.back.setProperty("role", "link")
        self.back.setToolTip(
            "Back to the design's own weights: show what it computes with them (Ctrl+Shift+U)"
        )
        self._lay_out()
        self.play.clicked.connect(self._player.toggle)
        self.track.wanted.connect(self._go_to)
        self.follow.clicked.connect(self._set_following)
        self.use.clicked.connect(workspace.epochs.keep)
        self.back.clicked.connect(workspace.epochs.leave)
        self._player.changed.connect(self._dress)
        self._shown.changed.connect(self.refresh)
        keeper().changed.connect(self._dress)
        self._dress()
        self.refresh()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 10, 2)
        row.setSpacing(6)
        row.addWidget(self.play)
        row.addWidget(self.track, 1)
        row.addWidget(self.text)
        # Where there is no room for the buttons beside the slider they stand below it.
        self.buttons = self if self._compact else QWidget()
        place = row if self._compact else QHBoxLayout(self.buttons)
        if not self._compact:
            place.setContentsMargins(0, 0, 0, 0)
            place.setSpacing(4)
        for each in (self.follow, self.use, self.back):
            place.addWidget(each)

    def refresh(self) -> None:
        """Show the run, its epochs, and which of them the plots show."""
        run, epochs = self._shown.run, self._workspace.epochs
        kept = self._workspace.runs.kept(run) if run is not None else ()
        epoch, following = self._shown.epoch, epochs.following and self._shown.live
        shown_at_all = epoch is not None or following
        there = run is not None and (shown_at_all or not self._compact)
        self.setVisible(there)
        if run is None:
            return
        last = max(run.last_epoch, run.training.epochs if self._shown.live else run.last_epoch, 1)
        best = run.best_epoch if run.last_epoch else None
        self.track.show_epochs(kept, last=last, done=self._shown.done, best=best, shown=epoch)
        if following:
            words = f"epoch {min(int(self._shown.done) + 1, last)} of {last}, following"
        elif epoch is None:
            words = "own weights"
        else:
            words = f"epoch {epoch} of {last}" + (", best" if epoch == best else "")
        self.text.setText(words)
        widest = max(f"epoch {last} of {last}, following", words, key=len)
        self.text.setMinimumWidth(self.text.fontMetrics().horizontalAdvance(widest) + 2)
        self.play.setEnabled(len(kept) > 1)
        with QSignalBlocker(self.follow):
            self.follow.setChecked(following)
        roomy = not self._compact or self.width() >= _ROOM
        self.follow.setVisible(self._shown.live and roomy)
        self.use.setVisible(epoch is not None and not following and roomy)
        self.back.setVisible(shown_at_all and roomy)
        if not self._compact:
            self.buttons.setVisible(self._shown.live or shown_at_all)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the buttons where there is room for them."""
        super().resizeEvent(event)
        if self._compact and (event.oldSize().width() < _ROOM) != (event.size().width() < _ROOM):
            self.refresh()

    def _go_to(self, epoch: int) -> None:
        self._player.pause()
        self._shown.go_to(epoch)

    def _set_following(self, following: bool) -> None:
        self._player.pause()
        if following:
            self._workspace.epochs.follow()
        elif self._shown.run is not None:
            self._shown.go_to(self._shown.run.last_epoch)
        self.refresh()

    def _dress(self, *_: object) -> None:
        playing = self._player.playing
        self.play.setIcon(icon("pause" if playing else "play"))
        words = "Pause" if playing else "Play through the epochs: every plot replays"
        self.play.setToolTip(f"{words} (Shift+Space)")
        self.play.setAccessibleName("Pause the epochs" if playing else "Play through the epochs")
        self.play.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.text.setFont(code_font(9))
