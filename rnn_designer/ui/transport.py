"""The transport in the top bar: Live, play, step, the slider over the steps, and which sample is shown."""

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSlider,
    QToolButton,
    QWidget,
)

from rnn_designer.session.playback import SPEEDS, STEPS_PER_SECOND
from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.icons import icon
from rnn_designer.ui.scopes.chips import ChoiceButton
from rnn_designer.ui.theme import code_font, keeper
from rnn_designer.ui.training.steering import TrainButton
from rnn_designer.ui.training_switch import TrainingSwitch

_ICON = 17
_SPACING = 4
_NOTHING = "Nothing has run yet"
_NO_STEPS = "no steps yet"
_FRACTIONS = {0.25: "¼", 0.5: "½"}


class Transport(QWidget):
    """Buttons bound to the playback and to live running; disabled while there is nothing to play.

    Where the words need more room than there is, buttons with a key of their own give way, one after another.
    """

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.live = QPushButton("● Live", self)
        self.live.setProperty("role", "live")
        self.live.setCheckable(True)
        self.live.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.live.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.live.setToolTip("Run the design after every change (L)")
        self.live.setAccessibleName("Live")
        self.train = TrainButton(workspace, self)
        self.training = TrainingSwitch(workspace, self)
        self.first = self._button("To step 0 (Home in the scopes)", "First step")
        self.back = self._button("One step back (←)", "One step back")
        self.play = self._button("Play (Space)", "Play")
        self.forward = self._button("One step on (→)", "One step on")
        self.loop = self._button("Play again from the start at the end (Ctrl+Shift+L)", "Loop")
        self.loop.setCheckable(True)
        self.speed = ChoiceButton("", self)
        self.speed.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.speed.setAccessibleName("Speed of playing")
        self.speed.setToolTip("How fast playing goes: Ctrl+↑ faster, Ctrl+↓ slower")
        speeds = {str(each): _times(each) for each in SPEEDS}
        self.speed.show_choices(speeds, str(STEPS_PER_SECOND))
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setMinimumWidth(90)
        self.slider.setMaximumWidth(520)
        self.slider.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.slider.setAccessibleName("Time step")
        self.text = QLabel(self)
        self.text.setFont(code_font())
        self.text.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.sample = QComboBox(self)
        self.sample.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.sample.setMaxVisibleItems(16)
        self.sample.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.sample.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.sample.setAccessibleName("Sample of the batch")
        self.sample.setToolTip("Which sample of the batch every plot shows")
        self._lay_out()
        self._connect()
        self._dress()
        self._show_live()
        self._show_extent()

    def _button(self, tip: str, name: str) -> QToolButton:
        button = QToolButton(self)
        button.setToolTip(tip)
        button.setAccessibleName(name)
        button.setIconSize(QSize(_ICON, _ICON))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(_SPACING)
        row.addWidget(self.live)
        row.addWidget(self.train)
        row.addWidget(self.training)
        row.addSpacing(4)
        for each in (self.first, self.back, self.play, self.forward, self.loop, self.speed):
            row.addWidget(each)
        row.addSpacing(6)
        row.addWidget(self.slider, 100)
        row.addSpacing(8)
        row.addWidget(self.text)
        row.addSpacing(10)
        row.addWidget(self.sample)
        # What the slider does not take stays free; text and samples keep their widths.
        row.addStretch(1)
        self._giving_way = (self.first, self.loop, self.back, self.forward, self.speed)

    def minimumSizeHint(self) -> QSize:
        """As wide as everything with all its words, whether it is hidden for want of room or not."""
        hint = super().minimumSizeHint()
        hidden = sum(self._width_of(each) for each in self._giving_way if each.isHidden())
        return QSize(hint.width() + hidden, hint.height())

    def _width_of(self, button: QToolButton | ChoiceButton) -> int:
        """What a button takes in the row, with the space beside it."""
        return button.sizeHint().width() + _SPACING

    def _fit(self) -> None:
        missing = self.minimumSizeHint().width() - self.width()
        for each in self._giving_way:
            each.setVisible(missing <= 0)
            missing -= self._width_of(each)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show what fits."""
        super().resizeEvent(event)
        self._fit()

    def event(self, event: QEvent) -> bool:
        """Longer words leave less room for buttons."""
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return done

    def _connect(self) -> None:
        playback, live = self._workspace.playback, self._workspace.live
        self.live.clicked.connect(live.set_enabled)
        live.enabled_changed.connect(self._show_live)
        self.first.clicked.connect(playback.first)
        self.back.clicked.connect(playback.back)
        self.play.clicked.connect(playback.toggle)
        self.forward.clicked.connect(playback.forward)
        self.loop.clicked.connect(playback.set_loop)
        self.speed.picked.connect(lambda speed: playback.set_speed(float(speed)))
        self.slider.valueChanged.connect(playback.go_to)
        self.sample.activated.connect(playback.show_sample)
        playback.step_changed.connect(self._show_step)
        playback.sample_changed.connect(self._show_sample)
        playback.extent_changed.connect(self._show_extent)
        playback.playing_changed.connect(self._show_playing)
        playback.loop_changed.connect(self.loop.setChecked)
        playback.speed_changed.connect(self._show_speed)
        keeper().changed.connect(self._dress)

    def _show_live(self, *_: object) -> None:
        enabled = self._workspace.live.enabled
        self.live.setChecked(enabled)
        self.live.setAccessibleDescription("on" if enabled else "off")

    def _show_extent(self, *_: object) -> None:
        playback = self._workspace.playback
        playable = playback.steps > 1
        for each in (self.first, self.back, self.play, self.forward, self.loop, self.speed, self.slider):
            each.setEnabled(playable)
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, max(0, playback.steps - 1))
            self.slider.setPageStep(max(1, playback.steps // 10))
        with QSignalBlocker(self.sample):
            wanted = [f"Sample {each} of {playback.samples}" for each in range(playback.samples)]
            wanted = wanted or ["No samples yet"]
            if self.sample.count() != len(wanted) or self.sample.itemText(0) != wanted[0]:
                self.sample.clear()
                self.sample.addItems(wanted)
        self.sample.setEnabled(playback.samples > 0)
        # As wide as it will ever get, so that nothing moves while it counts.
        widest = f"step {playback.steps - 1} of {playback.steps}" if playback.steps else _NO_STEPS
        self.text.setMinimumWidth(self.text.fontMetrics().horizontalAdvance(widest) + 4)
        self._show_step()
        self._show_sample()
        self._show_playing()

    def _show_step(self, *_: object) -> None:
        playback = self._workspace.playback
        with QSignalBlocker(self.slider):
            self.slider.setValue(playback.step)
        self.text.setText(f"step {playback.step} of {playback.steps}" if playback.steps else _NO_STEPS)
        self.text.setEnabled(playback.steps > 0)
        self.slider.setToolTip(self.text.text() if playback.steps else _NOTHING)

    def _show_sample(self, *_: object) -> None:
        with QSignalBlocker(self.sample):
            self.sample.setCurrentIndex(self._workspace.playback.sample)

    def _show_playing(self, *_: object) -> None:
        playing = self._workspace.playback.playing
        self.play.setIcon(icon("pause" if playing else "play"))
        self.play.setToolTip("Pause (Space)" if playing else "Play (Space)")
        self.play.setAccessibleName("Pause" if playing else "Play")

    def _show_speed(self, speed: float) -> None:
        choices = {str(each): _times(each) for each in SPEEDS}
        self.speed.show_choices(choices, str(min(SPEEDS, key=lambda each: abs(each - speed))))

    def _dress(self) -> None:
        for name in ("first", "back", "forward", "loop"):
            getattr(self, name).setIcon(icon(name))
        self.text.setFont(code_font())
        self._show_playing()


def _times(steps_per_second: float) -> str:
    """A speed as the menu says it: "½×"."""
    share = steps_per_second / STEPS_PER_SECOND
    return f"{_FRACTIONS.get(share) or f'{share:g}'}×"
