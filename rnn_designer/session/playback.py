"""What every plot shows at once: the step and sample under the cursor, the pinned layers, the chosen signal and units.

Playing a sequence moves a cursor over a finished trace; it asks the engine for nothing.
"""

from PySide6.QtCore import QObject, QTimer, Signal

_STEPS_PER_SECOND = 20


class Playback(QObject):
    """View state shared by the scopes, the canvas strips and the transport bar. It is not part of the design.

    Signals:
        step_changed(step): the time cursor is on another step, from 0.
        sample_changed(sample): another sample of the batch is shown, from 0.
        extent_changed(steps, samples): the trace has another length or batch size.
        playing_changed(playing): playing began or ended.
    """

    step_changed = Signal(int)
    sample_changed = Signal(int)
    extent_changed = Signal(int, int)
    playing_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._step = 0
        self._sample = 0
        self._steps = 0
        self._samples = 0
        self._timer = QTimer(self)
        self._timer.setInterval(1000 // _STEPS_PER_SECOND)
        self._timer.timeout.connect(self._advance)

    @property
    def step(self) -> int:
        """The step under the cursor, from 0."""
        return self._step

    @property
    def sample(self) -> int:
        """The sample of the batch that is shown, from 0."""
        return self._sample

    @property
    def steps(self) -> int:
        """How many steps the trace has; 0 while there is none."""
        return self._steps

    @property
    def samples(self) -> int:
        """How many samples the batch has; 0 while there is none."""
        return self._samples

    @property
    def playing(self) -> bool:
        """Whether the cursor moves by itself."""
        return self._timer.isActive()

    def set_extent(self, steps: int, samples: int) -> None:
        """Fit to a new trace; cursor and sample stay where they are as far as they still exist."""
        if (steps, samples) == (self._steps, self._samples):
            return
        self._steps, self._samples = steps, samples
        self.extent_changed.emit(steps, samples)
        self.go_to(self._step)
        self.show_sample(self._sample)
        if steps < 2:
            self.pause()

    def go_to(self, step: int) -> None:
        """Put the cursor on a step, or on the nearest that exists."""
        step = max(0, min(step, self._steps - 1))
        if step != self._step:
            self._step = step
            self.step_changed.emit(step)

    def show_sample(self, sample: int) -> None:
        """Show a sample of the batch, or the nearest that exists."""
        sample = max(0, min(sample, self._samples - 1))
        if sample != self._sample:
            self._sample = sample
            self.sample_changed.emit(sample)

    def back(self) -> None:
        """One step towards the start."""
        self.go_to(self._step - 1)

    def forward(self) -> None:
        """One step towards the end."""
        self.go_to(self._step + 1)

    def first(self) -> None:
        """To step 0."""
        self.go_to(0)

    def play(self) -> None:
        """Move the cursor by itself, from the start again if it stands at the end."""
        if self._steps < 2 or self.playing:
            return
        if self._step >= self._steps - 1:
            self.first()
        self._timer.start()
        self.playing_changed.emit(True)

    def pause(self) -> None:
        """Stop moving."""
        if self.playing:
            self._timer.stop()
            self.playing_changed.emit(False)

    def toggle(self) -> None:
        """Play if paused, pause if playing."""
        if self.playing:
            self.pause()
        else:
            self.play()

    def _advance(self) -> None:
        if self._step >= self._steps - 1:
            self.pause()
        else:
            self.forward()
