"""Keeps the plots true to the design: what changes a number is generated, built and traced, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from rnn_designer.codegen import NotExportable, runnable_part
from rnn_designer.design.training import can_show_training
from rnn_designer.messages import Build, Built, Failure, Generate, Message, Progress, Run, Trace
from rnn_designer.session.checks import Checks
from rnn_designer.session.document import Document
from rnn_designer.session.engine_process import EngineProcess, EngineState
from rnn_designer.session.footprint import footprint, free_memory
from rnn_designer.session.generating import continuation
from rnn_designer.session.holds import Hold, Holds
from rnn_designer.session.live_status import STOPPED, LiveStatus, generating_status, traced_status
from rnn_designer.session.reasons import ended_twice, left_out, nothing_to_run, problem_with_samples
from rnn_designer.session.request import Flight, Model, Request, essence, extent, model_of
from rnn_designer.session.samples import SampleStore
from rnn_designer.session.timers import single_shot
from rnn_designer.session.training_mode import TrainingMode
from rnn_designer.session.weights_book import WeightsBook

if TYPE_CHECKING:
    from rnn_designer.codegen import Source
    from rnn_designer.design import Design
    from rnn_designer.messages import Array

_DEBOUNCE = 40
_PATIENCE = 10_000
"""How long a run that nobody waits for any more may keep a newer one waiting, in milliseconds."""


class LiveRun(QObject):
    """Builds and runs the design in the engine whenever that can have changed a number.

    One request is under way at a time; of those that come meanwhile only the newest is run.

    Signals:
        traced(trace): a new :class:`Trace` is there.
        cleared(): there is nothing to run any more; :attr:`trace` is None.
        built(built): a model was built: weights and parameter counts.
        failed(failure): building or running failed, with the sentence and perhaps the layer to blame; also
            when :meth:`run_now` finds nothing that it could run.
        status_changed(status): another :class:`LiveStatus`.
        stale_changed(stale): the trace fits the design no longer, or again.
        enabled_changed(enabled): live running was switched on or off.
    """

    traced = Signal(object)
    cleared = Signal()
    built = Signal(object)
    failed = Signal(object)
    status_changed = Signal(object)
    stale_changed = Signal(bool)
    enabled_changed = Signal(bool)

    def __init__(
        self,
        document: Document,
        checks: Checks,
        samples: SampleStore,
        engine: EngineProcess,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._checks = checks
        self._samples = samples
        self._engine = engine
        self.training = TrainingMode(self)
        """Whether runs are as in prediction or as in training."""
        self.holds = Holds(self)
        """What is held in recurrent layers meanwhile."""
        self._status = LiveStatus("Not run yet.")
        self._enabled = True
        self._forced = False
        self._stopped = False
        self._waits_for_samples = False
        self._stale = False
        self._book = WeightsBook()
        self._counts: Mapping[str, int] = {}
        self._trace: Trace | None = None
        self._extent = (0, 0)
        self._source: Source | None = None
        self._model: Model | None = None
        self._flight: Flight | None = None
        self._standing: Request | None = None
        self._traced: Request | None = None
        self._shown: Request | None = None
        self._given_up: Request | None = None
        self._crashed_with: Request | None = None
        self._traced_status = self._given_up_status = LiveStatus("")
        self._remark: str | None = None
        self._timer = single_shot(self, _DEBOUNCE, self._consider)
        self._patience = single_shot(self, _PATIENCE, self._hurry)
        document.changed.connect(self._hand_over)
        checks.changed.connect(self._schedule)
        self.training.changed.connect(self._schedule)
        self.holds.changed.connect(self._at_once)
        samples.changed.connect(self._samples_changed)
        samples.settled.connect(self._samples_settled)
        engine.received.connect(self._take)
        engine.state_changed.connect(self._engine_changed)

    @property
    def trace(self) -> Trace | None:
        """The last trace; None before the first and while nothing can run."""
        return self._trace

    @property
    def extent(self) -> tuple[int, int]:
        """How many steps and samples the trace has; zeros while there is none."""
        return self._extent

    @property
    def source(self) -> Source | None:
        """The unformatted source that was executed last; None before the first."""
        return self._source

    @property
    def held(self) -> tuple[Hold, ...]:
        """What was held in the run that the trace is of."""
        return () if self._shown is None else self._shown.holds

    @property
    def stale(self) -> bool:
        """Whether the trace is of another design, other samples or other weights than the current ones."""
        return self._stale

    @property
    def status(self) -> LiveStatus:
        """What the status bar says."""
        return self._status

    @property
    def pending(self) -> bool:
        """Whether something is under way or about to be looked at."""
        return self._flight is not None or self._waits_for_samples or self._timer.isActive()

    @property
    def counts(self) -> Mapping[str, int]:
        """The number of weights by layer id, as Keras counts them; empty before the first build."""
        return self._counts

    @property
    def weights(self) -> dict[str, Array]:
        """Every weight known by ``<layer id>/<weight path>``: those of the last build, and carried ones."""
        return self._book.all

    @property
    def shows_other_weights(self) -> bool:
        """Whether other weights than the design's own are shown (:meth:`show_weights`)."""
        return self._book.shows

    @property
    def carries_weights(self) -> bool:
        """Whether the design has weights of its own (trained, imported, kept) and not just drawn ones."""
        return self._book.carries

    @property
    def enabled(self) -> bool:
        """Whether changes are run by themselves."""
        return self._enabled

    def set_enabled(self, enabled: bool) -> None:
        """Run changes by themselves, or only on :meth:`run_now`."""
        if enabled != self._enabled:
            self._enabled = enabled
            self.enabled_changed.emit(enabled)
            self._schedule()

    def run_now(self) -> None:
        """Run the design as it is, even while live running is off, and even if it failed before."""
        self._forced = True
        self._given_up = self._crashed_with = None
        self._consider()

    def cancel(self) -> None:
        """Stop what is running; the design is not run again before it changes."""
        self._forced = False
        if self._flight is not None:
            self._flight.cancelled = True
            self._engine.cancel(self._flight.run)
            self._say(LiveStatus("Stopping …", busy=True))

    def reset(self, weights: Mapping[str, Array] | None = None) -> None:
        """Forget everything about the design that was open; start from these weights if some are given."""
        self._book = WeightsBook()
        self._book.carry(weights or {})
        self._given_up = self._crashed_with = self._standing = self._model = None
        self._counts = {}
        self.training.reset()
        self.holds.clear()
        self._clear(LiveStatus("Not run yet."))
        self._schedule()

    def stop(self) -> None:
        """Run nothing any more."""
        self._stopped = True
        self._enabled = self._forced = False
        self._timer.stop()
        self._patience.stop()

    def set_weights(self, weights: Mapping[str, Array]) -> None:
        """Start from these weights from now on; they belong to the design (imported, trained, loaded)."""
        self._book.carry(weights)
        self._schedule()

    def show_weights(self, weights: Mapping[str, Array] | None, words: str = "") -> None:
        """Show the design with other weights than its own, until it is called with None.

        They are not saved, and training does not start from them. A weight whose shape does not fit is left out.

        Args:
            weights: by ``<layer id>/<weight path>``; what is missing is the design's own.
            words: whose they are, for the status: "epoch 12 of Run 3".
        """
        self._book.show(weights, words)
        self._at_once()

    def weights_to_train(self, model: Model) -> dict[str, Array]:
        """What training starts from: the design's own weights; what is missing is drawn from the seed."""
        return self._book.own(model)

    def keep_weights(self) -> None:
        """Make the weights that are shown the design's own, so that saving writes them."""
        self._book.keep_built()

    def forget_weights(self) -> None:
        """Draw every weight anew from the design's seed."""
        self._book.carry({})
        self._schedule()

    def weights_to_save(self, design: Design) -> dict[str, Array]:
        """The design's own weights for its file; empty if it has none."""
        return self._book.to_save(design)

    def _hand_over(self, old: Design, new: Design) -> None:
        self._book.hand_over(old, new)

    def _schedule(self, *_: object) -> None:
        # Not started again while it runs: a drag that never pauses would otherwise never be shown.
        if not self._stopped and not self._timer.isActive():
            self._timer.start(_DEBOUNCE)

    def _at_once(self) -> None:
        """What needs no other model is run as soon as the event that asks for it is over."""
        if not self._stopped:
            self._timer.start(0)

    def _samples_changed(self) -> None:
        """Other samples for the model that stands, as when a point of them is dragged, wait for nothing."""
        part, standing = runnable_part(self._checks.checked, self._checks.withheld), self._standing
        if part is not None and standing is not None and standing.built_for(part, self._book.version):
            self._at_once()
        else:
            self._schedule()

    def _samples_settled(self) -> None:
        if self._waits_for_samples:
            self._schedule()

    def _consider(self) -> None:
        """Find out what the design asks for now, and do it unless that has been done."""
        self._timer.stop()
        request = self._wanted()
        if request is None:
            return
        self._set_stale(self._trace is not None and not request.same(self._shown))
        if self._flight is not None:
            if not request.same(self._flight.request) and not self._patience.isActive():
                self._patience.start()
                if self._trace is not None and self._trace.run == self._flight.run:
                    self._hurry()  # It would generate for long, and every step of it is of an older design.
        elif self._forced:
            self._begin(request)
        elif request.same(self._traced):
            self._say_traced()
        elif request.same(self._given_up):
            self._say(self._given_up_status)
        elif not self._enabled:
            self._say(LiveStatus("Live running is off: press Run to see this design."))
        else:
            self._begin(request)

    def _wanted(self) -> Request | None:
        part = runnable_part(self._checks.checked, self._checks.withheld)
        if part is None:
            reason = nothing_to_run(self._checks.checked, self._checks.untrusted)
            self._clear(LiveStatus(reason, problem=True))
            return None
        if self._model is None or self._model.essence != essence(part.design):
            try:
                self._model = model_of(part)
            except NotExportable as refusal:
                self._fail_here(str(refusal), refusal.layer)
                return None
        model = self._model
        self._waits_for_samples = not self._samples.ready
        if self._waits_for_samples:
            self._set_stale(self._trace is not None)
            self._say(LiveStatus("Waiting for the samples …", busy=True))
            return None
        problem = problem_with_samples(model, self._samples)
        if problem is not None:
            self._fail_here(problem)
            return None
        samples, held = self._samples.arrays(model.essence), self.holds.acting(part.design)
        # A design that goes on by itself waits until nothing is held.
        continued = None if held else continuation(part)
        training = self.training.active and can_show_training(part.design)
        request = Request(model, self._book.version, samples, continued, training, self.training.draw, held)
        if request.same(self._traced):
            return request
        room = samples if continued is None else continued.whole(samples)
        needed, free = footprint(part, room), free_memory(self._engine.pid)
        too_much = needed.refusal(free)
        if too_much is not None:
            self._fail_here(too_much, needed.heaviest)
            return None
        self._remark = needed.remark(free)
        return request

    def _fail_here(self, sentence: str, layer: str | None = None) -> None:
        self._set_stale(self._trace is not None)
        self._say(LiveStatus(sentence, problem=True))
        self._refuse_forced(sentence, layer)

    def _refuse_forced(self, sentence: str, layer: str | None = None) -> None:
        """Who asked for this very run is told that there will be none."""
        if self._forced:
            self._forced = False
            self.failed.emit(Failure(0, sentence, layer))

    def _begin(self, request: Request) -> None:
        if self._engine.state not in (EngineState.READY, EngineState.BUSY):
            self._say_engine()
            return
        run = self._engine.next_run()
        message: Build | Run | Generate
        if request.same_build(self._standing):
            message = request.message(run)
            words = "Running …" if request.continuation is None else "Generating …"
        else:
            self._standing = None
            self._source = request.model.source
            message = request.model.build(run, self._book.for_build(request.model))
            words = "Building …"
        self._flight = Flight(request, run)
        self._say(LiveStatus(f"{words} It {self._remark}." if self._remark else words, busy=True))
        self._engine.send(message)

    def _take(self, message: Message) -> None:
        flight = self._flight
        if flight is None or getattr(message, "run", 0) != flight.run:
            return
        if isinstance(message, Progress):
            self._say(LiveStatus(message.text, busy=True))
        elif isinstance(message, Built):
            self._take_built(message, flight)
        elif isinstance(message, Trace) and message.to_come:
            self._take_growing(message, flight)
        elif isinstance(message, Trace):
            self._take_trace(message, flight)
        elif isinstance(message, Failure):
            self._take_failure(message, flight)

    def _take_built(self, built: Built, flight: Flight) -> None:
        request = flight.request
        if request.weights == self._book.version:
            self._standing = request
            self._book.take_built(built.weights, request.model)
        self._counts = built.counts
        self._land()
        self.built.emit(built)
        if flight.cancelled:
            self._give_up(request, LiveStatus(STOPPED))
        elif self._flight is None and request.same_build(self._standing):
            # Also when a newer request waits: while one drags, every model that stands is shown.
            self._begin(request)
        self._schedule()

    def _take_growing(self, trace: Trace, flight: Flight) -> None:
        continued = flight.request.continuation
        if self._patience.isActive():
            # A newer request came while the engine compiled, where it hears nothing: now it can stop.
            self._hurry()
        if continued is None or flight.cancelled or self._patience.isActive():
            return
        steps = continued.settings.steps
        self._say(generating_status(steps - trace.to_come, steps))
        self._keep(trace, flight.request)

    def _take_trace(self, trace: Trace, flight: Flight) -> None:
        self._land()
        self._forced = False
        self._crashed_with = None
        self._traced = request = flight.request
        self._keep(trace, request)
        if self._flight is None:
            self._consider()

    def _keep(self, trace: Trace, request: Request) -> None:
        """Show a trace, whole or growing."""
        self._trace, self._shown = trace, request
        has_time = {layer.id: self._samples.has_time(layer.id) for layer in request.model.inputs}
        self._extent = steps, _samples = extent(trace, request, has_time)
        self._traced_status = traced_status(
            request.model.computing, steps, trace.seconds, training=trace.training
        )
        self._set_stale(False)
        self.traced.emit(trace)

    def _take_failure(self, failure: Failure, flight: Flight) -> None:
        self._land()
        self._forced = False
        if flight.cancelled and self._trace is not None and self._trace.run == flight.run:
            self._traced = flight.request  # What was generated until then stays, as what was asked for.
            self._say_traced()
        elif flight.cancelled:
            self._give_up(flight.request, LiveStatus(STOPPED))
        elif not failure.sentence.startswith("Cancelled"):
            self._give_up(flight.request, LiveStatus(failure.sentence, problem=True))
            self.failed.emit(failure)
        if self._flight is None:
            self._consider()

    def _land(self) -> None:
        self._flight = None
        self._patience.stop()

    def _give_up(self, request: Request, status: LiveStatus) -> None:
        self._given_up = request
        self._given_up_status = status
        self._say(status)

    def _hurry(self) -> None:
        if self._flight is not None:
            self._engine.cancel(self._flight.run)

    def _engine_changed(self, state: EngineState) -> None:
        if state in (EngineState.CRASHED, EngineState.STOPPED, EngineState.STARTING):
            self._lose_engine()
        if state is EngineState.READY:
            # Not at once: a request in here would make it busy before everyone has heard that it is ready.
            if self._flight is None:
                self._schedule()
        elif state is not EngineState.BUSY:
            self._say_engine()

    def _lose_engine(self) -> None:
        """The process is gone, and with it the model; what was under way is tried once more, and only once."""
        self._standing = self._traced = self._shown = None
        flight = self._flight
        self._land()
        self._set_stale(self._trace is not None)
        if flight is None:
            return
        if flight.cancelled:
            self._forced = False
            self._give_up(flight.request, LiveStatus(STOPPED))
        elif flight.request.same(self._crashed_with):
            self._forced = False
            sentence = ended_twice(self._engine.last_end)
            self._give_up(flight.request, LiveStatus(sentence, problem=True))
            self.failed.emit(Failure(flight.run, sentence, detail=self._engine.stderr_tail))
        else:
            self._crashed_with = flight.request

    def _say_engine(self) -> None:
        busy = self._engine.state is not EngineState.STOPPED
        problem = self._engine.state is not EngineState.STARTING
        self._say(LiveStatus(self._engine.reason, busy=busy, problem=problem))

    def _say(self, status: LiveStatus) -> None:
        if status != self._status:
            self._status = status
            self.status_changed.emit(status)

    def _say_traced(self) -> None:
        status = self._traced_status
        whose = f" · {self._book.words}" if self._book.words else ""
        self._say(replace(status, text=status.text + whose + left_out(self._checks.untrusted)))

    def _set_stale(self, stale: bool) -> None:
        if stale != self._stale:
            self._stale = stale
            self.stale_changed.emit(stale)

    def _clear(self, status: LiveStatus) -> None:
        self._traced = self._shown = None
        if self._trace is not None:
            self._trace = None
            self._extent = (0, 0)
            self._set_stale(False)
            self.cleared.emit()
        self._say(status)
        self._refuse_forced(status.text)
