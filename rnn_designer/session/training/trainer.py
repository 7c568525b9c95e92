"""Trains the open design in a process of its own, so that the canvas and its plots stay as quick as ever."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from rnn_designer.design import Design, Refused, edits
from rnn_designer.messages import Failure, Message, Progress, Steer, Trained, TrainEpoch, TrainStep
from rnn_designer.session.document import Document
from rnn_designer.session.engine_process import EngineProcess, EngineState
from rnn_designer.session.live_run import LiveRun
from rnn_designer.session.live_status import LiveStatus
from rnn_designer.session.request import same_model
from rnn_designer.session.samples import SampleStore
from rnn_designer.session.timers import single_shot
from rnn_designer.session.training.epochs import EpochCursor
from rnn_designer.session.training.job import Job
from rnn_designer.session.training.lesson import LessonMaker
from rnn_designer.session.training.program import program_of
from rnn_designer.session.training.runs import Runs, TrainingRun, key_for
from rnn_designer.session.training.words import (
    ended_words,
    interrupted_words,
    running_words,
    time_left,
)
from rnn_designer.session.trust import Trust

if TYPE_CHECKING:
    from rnn_designer.messages import Array
    from rnn_designer.sequences.lessons import Lessons

_PATIENCE = 15_000
"""How long a trainer may take to stop before it is ended, in milliseconds; while it compiles it hears nothing."""


class TrainerState(Enum):
    """What the trainer is doing."""

    IDLE = "idle"
    PREPARING = "preparing"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"


class Trainer(QObject):
    """One training at a time, with the design as it was when it started.

    Editing goes on meanwhile; what changes the model ends only the following of the plots. At the end the weights of
    the best epoch become the design's own, if the canvas still shows the model that was trained.

    Signals:
        changed(): another :attr:`state` or :attr:`status`.
        stepped(step): another :class:`TrainStep`; :attr:`run` holds its curves already.
        epoch_ended(run, epoch): a run has one more epoch, epoch 0 among them.
        ended(sentence): a training is over, by itself or stopped.
        failed(sentence): a training did not start, or was interrupted; and what to do.
        noticed(sentence): something that the user should know, and that stops nothing.
    """

    changed = Signal()
    stepped = Signal(object)
    epoch_ended = Signal(object, int)
    ended = Signal(str)
    failed = Signal(str)
    noticed = Signal(str)

    def __init__(
        self,
        document: Document,
        samples: SampleStore,
        live: LiveRun,
        runs: Runs,
        epochs: EpochCursor,
        adopt: Callable[[Mapping[str, Array]], None],
        parent: QObject | None = None,
        *,
        engine: EngineProcess | None = None,
        trust: Trust | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._samples = samples
        self._live = live
        self._runs = runs
        self._epochs = epochs
        self._adopt = adopt
        self._trust = trust
        self._engine = engine or EngineProcess(self, subject="The trainer")
        self._maker = LessonMaker(samples, self)
        self._state = TrainerState.IDLE
        self._status = LiveStatus("Not trained yet.")
        self._job: Job | None = None
        self._step: TrainStep | None = None
        self._run = ""
        self._known: tuple[Design, str | None] | None = None
        if trust is not None:
            trust.changed.connect(self._trust_changed)
        self._patience = single_shot(self, _PATIENCE, self._lose_patience)
        self._maker.ready.connect(self._lessons_made)
        self._maker.failed.connect(self._give_up)
        self._maker.progressed.connect(self._prepare)
        self._engine.received.connect(self._take)
        self._engine.state_changed.connect(self._engine_changed)

    @property
    def state(self) -> TrainerState:
        """What it is doing."""
        return self._state

    @property
    def active(self) -> bool:
        """Whether a training is under way, being prepared or paused."""
        return self._state is not TrainerState.IDLE

    @property
    def status(self) -> LiveStatus:
        """The same in words; ``problem`` where it says why a training failed."""
        return self._status

    @property
    def step(self) -> TrainStep | None:
        """How far the training has come; after its end, how far it came. None before the first batch."""
        return self._step

    @property
    def run(self) -> TrainingRun | None:
        """The run of the training under way, or of the last one; None before epoch 0 of the first."""
        return self._runs.find(self._run)

    @property
    def lessons(self) -> Lessons | None:
        """What the training under way learns from; None while there is none."""
        return None if self._job is None else self._job.lessons

    @property
    def engine(self) -> EngineProcess:
        """The process that trains."""
        return self._engine

    @property
    def eta(self) -> float | None:
        """Seconds to the end of the last epoch if nothing ends it before; None where that cannot be told yet."""
        job, step = self._job, self._step
        if job is None or step is None or job.first_step is None:
            return None
        return time_left(job.first_step, step, job.program.training.epochs)

    def reason_not_to_start(self) -> str | None:
        """Why the open design cannot be trained now, as a sentence; None if it can.

        What only the data can tell comes as :attr:`failed` after :meth:`start`.
        """
        if self.active:
            return "A training is under way already. Stop it first, or wait for its end."
        design = self._document.design
        if self._known is None or self._known[0] is not design:
            try:
                program_of(design, self._trust)
            except Refused as refusal:
                self._known = design, str(refusal)
            else:
                self._known = design, None
        return self._known[1]

    def warm_up(self) -> None:
        """Start the process before anybody wants to train: Keras takes it some seconds."""
        self._engine.start()

    def start(self, *, paused: bool = False) -> None:
        """Train the open design from its own weights, or those drawn from its seed. Signals tell the rest.

        Args:
            paused: whether to wait before the first batch.
        """
        if self.active:
            return
        self._name_runs()
        try:
            program = program_of(self._document.design, self._trust)
        except Refused as refusal:
            self._refuse(str(refusal))
            return
        self._begin(Job(program, self._live.weights_to_train(program.model), paused))

    def resume(self, run: TrainingRun) -> None:
        """Go on with a run from its last whole epoch, as if it had never ended. Signals tell the rest."""
        if self.active:
            return
        found = self._runs.checkpoint(run)
        if found is None:
            self._refuse(
                f"“{run.name}” cannot be taken up again: its checkpoint is not there any more. Restore the run and "
                "start a new training from its weights."
            )
            return
        epoch, weights, state = found
        try:
            program = program_of(run.design, self._trust)
            run = self._runs.reopen(run, epoch)
        except Refused as refusal:
            self._refuse(str(refusal))
            return
        job = Job(program, weights, run=run.id, resumed=True, first_epoch=epoch, state=state)
        job.seconds = run.seconds
        best = self._runs.weights(run, run.best_epoch)
        job.best = None if best is None else (run.best_epoch, best)
        self._run = run.id
        self._begin(job)

    def pause(self) -> None:
        """Wait after the batch under way."""
        if self._job is not None and self._state is TrainerState.PREPARING:
            self._job.paused = True
        if self._state in (TrainerState.RUNNING, TrainerState.PREPARING):
            self._steer("pause")

    def proceed(self) -> None:
        """Go on after a pause."""
        if self._job is not None:
            self._job.paused = False
        if self._state in (TrainerState.PAUSED, TrainerState.PREPARING):
            self._steer("continue")
        if self._state is TrainerState.PAUSED:
            self._become(TrainerState.RUNNING)

    def step_batch(self) -> None:
        """Train one batch and wait; without a training under way, start one that waits before its first batch."""
        if self._state is TrainerState.IDLE:
            self.start(paused=True)
        elif self._state is TrainerState.PAUSED:
            self._steer("step")
        else:
            self.pause()

    def stop(self) -> None:
        """End the training; what was reached by the last whole epoch is kept."""
        job = self._job
        if job is None or self._state is TrainerState.STOPPING:
            return
        if not job.message:
            self._finish("stopped", "Stopped before the first batch; the weights are as they were.")
            return
        self._become(TrainerState.STOPPING, LiveStatus("Stopping after this batch …", busy=True))
        self._steer("stop")
        self._patience.start()

    def close(self) -> None:
        """End the process. A training under way is interrupted, and can be taken up again later."""
        self.abandon()
        self._engine.stop()

    def abandon(self) -> None:
        """Let go of the training under way, as when another design is opened; it can be taken up again later."""
        job = self._job
        if job is None:
            return
        if job.message:
            self._steer("stop")
        if job.run:
            self._runs.end(job.run, "interrupted", interrupted_words("Its design was closed.", self.run))
        self._forget_job()
        self._become(TrainerState.IDLE, LiveStatus("Not trained yet."))

    def _trust_changed(self) -> None:
        self._known = None
        self.changed.emit()

    def _name_runs(self) -> None:
        """Give the design a folder for its runs, once; they follow it wherever it is saved."""
        training = self._document.design.training
        if training is None or not training.runs:
            self._document.apply(edits.change_training(runs=key_for(self._document.path)), "Train")

    def _begin(self, job: Job) -> None:
        self._job = job
        self._step = None
        self._become(TrainerState.PREPARING, LiveStatus("Preparing the samples …", busy=True))
        path = self._document.path
        self._maker.make(job.program.part, job.program.goals, None if path is None else path.parent)

    def _prepare(self, words: str) -> None:
        self._become(self._state, LiveStatus(words, busy=True))

    def _lessons_made(self, lessons: Lessons) -> None:
        if self._job is None:
            return
        self._job.lessons = lessons
        resumed = self._runs.find(self._job.run) if self._job.resumed else None
        if resumed is not None and resumed.samples != lessons.fingerprint:
            self.noticed.emit(
                f"The data of “{resumed.name}” has changed since it began: it goes on with the data as it is now."
            )
        if self._engine.state is EngineState.READY:
            self._send()
        else:
            self._prepare("The trainer is starting …")
            self._engine.start()

    def _send(self) -> None:
        job = self._job
        if job is None or job.lessons is None or job.message:
            return
        run = self._engine.next_run()
        known = self._runs.find(job.run) if job.resumed else None
        if not self._engine.send(job.ask(run, known, self._probe(job, job.lessons))):
            return
        job.message = run
        self._prepare("Building the model …")
        if not job.resumed:
            self._epochs.follow()

    def _probe(self, job: Job, lessons: Lessons) -> dict[str, Array]:
        """The samples that the canvas shows, if they fit what is trained; else the first of the training part."""
        shown = self._samples.arrays(job.program.design)
        names = lessons.train.inputs.keys()
        if names <= shown.keys() and len({len(shown[name]) for name in names}) == 1:
            return {name: shown[name] for name in names}
        return {name: lessons.train.inputs[name][:8] for name in names}

    def _steer(self, action: str) -> None:
        if self._job is not None and self._job.message:
            self._engine.send(Steer(self._job.message, action))

    def _take(self, message: Message) -> None:
        job = self._job
        if job is None or not job.message or getattr(message, "run", 0) != job.message:
            return
        if isinstance(message, Progress):
            if self._step is None and self._state is not TrainerState.STOPPING:
                self._prepare(f"{message.text} …")
        elif isinstance(message, TrainStep):
            self._take_step(replace(message, seconds=message.seconds + job.seconds), job)
        elif isinstance(message, TrainEpoch):
            self._take_epoch(replace(message, seconds=message.seconds + job.seconds), job)
        elif isinstance(message, Trained):
            self._take_end(message, job)
        elif isinstance(message, Failure):
            self._interrupt(message.sentence)

    def _take_step(self, step: TrainStep, job: Job) -> None:
        self._step = step
        if not job.run:
            return
        if job.first_step is None and step.batch:
            job.first_step = step
        run = self._runs.add_batches(job.run, step.curves, step.batches, step.seconds)
        if self._state is not TrainerState.STOPPING:
            state = TrainerState.PAUSED if step.paused else TrainerState.RUNNING
            words = running_words(step, job.program.training.epochs, self.eta)
            self._become(state, LiveStatus(words, busy=not step.paused, seconds=step.seconds))
        if step.weights:
            self._epochs.take(run, step.epoch, step.weights)
        self.stepped.emit(step)

    def _take_epoch(self, told: TrainEpoch, job: Job) -> None:
        if not job.run:
            samples = "" if job.lessons is None else job.lessons.fingerprint
            job.run = self._run = self._runs.begin(job.program.design, samples).id
        run = self._runs.append(job.run, told)
        if told.best_epoch == told.epoch or job.best is None:
            job.best = told.epoch, told.weights
        self._epochs.take(run, told.epoch, told.weights)
        if self._state is TrainerState.PREPARING:
            self._become(TrainerState.PAUSED if job.paused else TrainerState.RUNNING)
        self.epoch_ended.emit(run, told.epoch)

    def _take_end(self, trained: Trained, job: Job) -> None:
        if not job.run:
            self._finish(trained.reason, trained.sentence)
            return
        run = self._runs.find(job.run)
        assert run is not None
        kept = self._adopt_best(run, trained, job)
        self._finish(trained.reason, ended_words(trained, run, kept))

    def _adopt_best(self, run: TrainingRun, trained: Trained, job: Job) -> bool:
        """Make the best epoch's weights the design's own; whether the canvas still shows the model they are of."""
        weights = self._runs.weights(run, trained.best_epoch)
        if weights is None and job.best is not None and job.best[0] == trained.best_epoch:
            weights = dict(job.best[1])
        fits = same_model(run.design, self._document.design)
        if fits and weights is not None and trained.best_epoch > 0:
            if self._epochs.following:
                self._epochs.leave()
            self._adopt(weights)
        elif self._epochs.following:
            self._epochs.leave()
        return fits and weights is not None

    def _interrupt(self, why: str) -> None:
        """The training is over before its time, and not because it was asked to be."""
        job, run = self._job, self.run
        if job is None:
            return
        sentence = interrupted_words(why, run if job.run else None)
        if job.run:
            self._runs.end(job.run, "interrupted", sentence)
        if self._epochs.following:
            self._epochs.leave()
        self._forget_job()
        self._become(TrainerState.IDLE, LiveStatus(sentence, problem=True))
        self.failed.emit(sentence)

    def _finish(self, reason: str, sentence: str) -> None:
        job = self._job
        if job is not None and job.run:
            self._runs.end(job.run, reason, sentence)
        self._forget_job()
        self._become(TrainerState.IDLE, LiveStatus(sentence))
        self.ended.emit(sentence)

    def _refuse(self, sentence: str) -> None:
        self._become(TrainerState.IDLE, LiveStatus(sentence, problem=True))
        self.failed.emit(sentence)

    def _give_up(self, sentence: str) -> None:
        """There is nothing to train on."""
        self._interrupt(sentence)

    def _forget_job(self) -> None:
        self._job = None
        self._patience.stop()
        self._maker.cancel()

    def _lose_patience(self) -> None:
        if self._job is not None:
            self._engine.cancel(self._job.message)

    def _engine_changed(self, state: EngineState) -> None:
        job = self._job
        if job is None:
            return
        if state is EngineState.READY:
            self._send()
        elif state in (EngineState.CRASHED, EngineState.STOPPED) and (job.message or job.lessons):
            if self._state is TrainerState.STOPPING:
                self._finish("stopped", interrupted_words("The training was stopped.", self.run))
            elif job.message or state is EngineState.STOPPED:
                self._interrupt(self._engine.last_end if job.message else self._engine.reason)

    def _become(self, state: TrainerState, status: LiveStatus | None = None) -> None:
        status = status or self._status
        if (state, status) != (self._state, self._status):
            self._state, self._status = state, status
            self.changed.emit()
