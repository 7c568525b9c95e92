"""What every plot shows at once: step and sample under the cursor, pinned layers and chosen units.

Playing a sequence moves a cursor over a finished trace; it asks the engine for nothing.
"""

from collections.abc import Iterable

from PySide6.QtCore import QObject, QTimer, Signal

SLOWEST, FASTEST = 1.0, 200.0
STEPS_PER_SECOND = 20.0
"""How fast playing goes at single speed."""
SPEEDS = tuple(share * STEPS_PER_SECOND for share in (0.25, 0.5, 1.0, 2.0, 4.0))
"""The speeds that can be chosen, in steps per second."""


class Playback(QObject):
    """View state shared by the scopes, the canvas strips and the transport bar. It is not part of the design.

    Signals:
        step_changed(step): the time cursor is on another step, from 0.
        sample_changed(sample): another sample of the batch is shown, from 0.
        extent_changed(steps, samples): the trace has another length or batch size.
        playing_changed(playing): playing began or ended.
        speed_changed(steps_per_second): playing goes faster or slower.
        loop_changed(loop): playing starts again at the end, or does not any more.
        units_changed(layer_id): other units of that layer are chosen.
        pins_changed(): other layers are pinned, or in another order.
    """

    step_changed = Signal(int)
    sample_changed = Signal(int)
    extent_changed = Signal(int, int)
    playing_changed = Signal(bool)
    speed_changed = Signal(float)
    loop_changed = Signal(bool)
    units_changed = Signal(str)
    pins_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._step = 0
        self._sample = 0
        self._steps = 0
        self._samples = 0
        self._speed = STEPS_PER_SECOND
        self._loop = False
        self._units: dict[str, tuple[int, ...]] = {}
        self._pins: tuple[str, ...] = ()
        self._timer = QTimer(self)
        self._timer.setInterval(round(1000 / self._speed))
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

    @property
    def speed(self) -> float:
        """How fast playing goes, in steps per second."""
        return self._speed

    def set_speed(self, steps_per_second: float) -> None:
        """Play faster or slower; values beyond the limits become the limits."""
        speed = max(SLOWEST, min(steps_per_second, FASTEST))
        if speed != self._speed:
            self._speed = speed
            self._timer.setInterval(round(1000 / speed))
            self.speed_changed.emit(speed)

    def faster(self) -> None:
        """The next of :data:`SPEEDS` upwards, if there is one."""
        self.set_speed(next((each for each in SPEEDS if each > self._speed), self._speed))

    def slower(self) -> None:
        """The next of :data:`SPEEDS` downwards, if there is one."""
        self.set_speed(next((each for each in reversed(SPEEDS) if each < self._speed), self._speed))

    @property
    def loop(self) -> bool:
        """Whether playing starts again when it reaches the end."""
        return self._loop

    def set_loop(self, loop: bool) -> None:
        """Start again at the end, or stop there."""
        if loop != self._loop:
            self._loop = loop
            self.loop_changed.emit(loop)

    def units(self, layer_id: str) -> tuple[int, ...]:
        """The units of a layer that are drawn as lines, from 0, ascending; empty for a plot's own choice."""
        return self._units.get(layer_id, ())

    def choose_units(self, layer_id: str, units: Iterable[int]) -> None:
        """Draw these units of a layer in every plot; none of them gives the choice back to the plot."""
        chosen = tuple(sorted({unit for unit in units if unit >= 0}))
        if chosen == self.units(layer_id):
            return
        if chosen:
            self._units[layer_id] = chosen
        else:
            del self._units[layer_id]
        self.units_changed.emit(layer_id)

    @property
    def pins(self) -> tuple[str, ...]:
        """The layers whose scopes stay in sight whatever is selected, in the order they were pinned."""
        return self._pins

    def pin(self, layer_id: str) -> None:
        """Keep a layer's scope in sight."""
        if layer_id not in self._pins:
            self._pins = (*self._pins, layer_id)
            self.pins_changed.emit()

    def unpin(self, layer_id: str) -> None:
        """Let a layer's scope go with the selection again."""
        if layer_id in self._pins:
            self._pins = tuple(each for each in self._pins if each != layer_id)
            self.pins_changed.emit()

    def keep(self, existing: Iterable[str]) -> None:
        """Forget pins of layers that are gone. Chosen units stay, so that undo brings them back."""
        there = set(existing)
        pins = tuple(each for each in self._pins if each in there)
        if pins != self._pins:
            self._pins = pins
            self.pins_changed.emit()

    def reset(self) -> None:
        """Forget everything about layers, as another design does; the cursor goes to the start."""
        self.pause()
        self.go_to(0)
        self.show_sample(0)
        chosen, self._units = self._units, {}
        for layer_id in chosen:
            self.units_changed.emit(layer_id)
        self.keep(())

    def _advance(self) -> None:
        if self._step >= self._steps - 1 and self._loop:
            self.first()
        elif self._step >= self._steps - 1:
            self.pause()
        else:
            self.forward()
