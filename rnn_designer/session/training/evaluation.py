"""Measures the open design on samples that it has not learned from, in the trainer's process."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Signal

from rnn_designer.codegen import keras_names
from rnn_designer.design import Design, Refused
from rnn_designer.messages import Evaluate, Evaluated, Failure, Message, Progress
from rnn_designer.sequences.problem import DataProblem
from rnn_designer.session.document import Document
from rnn_designer.session.engine_process import EngineState
from rnn_designer.session.live_run import LiveRun
from rnn_designer.session.live_status import LiveStatus
from rnn_designer.session.request import same_model
from rnn_designer.session.samples import SampleStore
from rnn_designer.session.training.epochs import EpochCursor
from rnn_designer.session.training.figures import Evaluation, OutputFigures, figures_of
from rnn_designer.session.training.lesson import LessonMaker
from rnn_designer.session.training.program import Program, program_of
from rnn_designer.session.training.runs import Runs
from rnn_designer.session.training.trainer import Trainer
from rnn_designer.session.trust import Trust

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rnn_designer.messages import Array
    from rnn_designer.sequences.lessons import Lesson, Lessons

PARTS = ("test", "validation", "train")
"""What can be measured, what is to be measured first; of training samples only to be compared."""
OWN = "the design's own weights"


class Evaluator(QObject):
    """Measures on request; what it found stays until the next time.

    Signals:
        changed(): it is busy or not, has something else to say, or found something.
        failed(sentence): nothing was measured, and what to do.
    """

    changed = Signal()
    failed = Signal(str)

    def __init__(
        self,
        document: Document,
        samples: SampleStore,
        live: LiveRun,
        runs: Runs,
        epochs: EpochCursor,
        trainer: Trainer,
        parent: QObject | None = None,
        *,
        trust: Trust | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._samples = samples
        self._live = live
        self._runs = runs
        self._epochs = epochs
        self._trainer = trainer
        self._trust = trust
        self._maker = LessonMaker(samples, self)
        self._program: Program | None = None
        self._lessons: Lessons | None = None
        self._weights: Mapping[str, Array] = {}
        self._of = OWN
        self._wanted = ""
        self._part = "test"
        self._run = 0
        self._status = LiveStatus("")
        self._found: Evaluation | None = None
        self._measured: Design | None = None
        self._maker.ready.connect(self._lessons_made)
        self._maker.failed.connect(self._fail)
        self._maker.progressed.connect(self._say)
        trainer.engine.received.connect(self._take)
        trainer.engine.state_changed.connect(self._engine_changed)
        document.changed.connect(self._design_changed)
        epochs.changed.connect(self.changed)

    @property
    def busy(self) -> bool:
        """Whether something is being measured."""
        return self._program is not None

    @property
    def status(self) -> LiveStatus:
        """What it is doing, or why it could not; ``problem`` then."""
        return self._status

    @property
    def evaluation(self) -> Evaluation | None:
        """What was found last; None before, and for another design."""
        return self._found

    @property
    def outdated(self) -> bool:
        """Whether the model or the weights that are shown are others than those that were measured."""
        found, measured = self._found, self._measured
        if found is None or measured is None:
            return False
        return not same_model(measured, self._document.design) or found.of != self._whose()

    def reason_not_to_evaluate(self) -> str | None:
        """Why the open design cannot be measured now, as a sentence; None if it can."""
        if self._trainer.active:
            return "A training is under way. Wait for its end or stop it, then evaluate what it has reached."
        try:
            program_of(self._document.design, self._trust)
        except Refused as refusal:
            return str(refusal).replace("cannot be trained", "cannot be evaluated")
        return None

    def evaluate(self, part: str = "") -> None:
        """Measure the weights that the plots show. Signals tell the rest.

        Args:
            part: one of :data:`PARTS`; empty for the first that the data has, the test part before validation.
        """
        if self.busy:
            self.cancel()
        reason = self.reason_not_to_evaluate()
        if reason is not None:
            self._fail(reason)
            return
        self._wanted = part
        self._program = program_of(self._document.design, self._trust)
        run, epoch = self._epochs.run, self._epochs.epoch
        shown = None if run is None or epoch is None else self._runs.weights(run, epoch)
        self._weights = self._live.weights_to_train(self._program.model) if shown is None else shown
        self._of = self._whose() if shown is not None else OWN
        self._say("Preparing the samples …")
        path = self._document.path
        self._maker.make(self._program.part, self._program.goals, None if path is None else path.parent)

    def cancel(self) -> None:
        """Give up what is being measured; what was found before stays."""
        if not self.busy:
            return
        self._maker.cancel()
        if self._run:
            self._trainer.engine.cancel(self._run)
        self._forget()
        self._become(LiveStatus("Stopped."))

    def _whose(self) -> str:
        run, epoch = self._epochs.run, self._epochs.epoch
        return OWN if run is None or epoch is None else f"epoch {epoch} of {run.name}"

    def _lessons_made(self, lessons: Lessons) -> None:
        if self._program is None:
            return
        wanted = [self._wanted] if self._wanted else list(PARTS[:2])
        part = next((each for each in wanted if _lesson(lessons, each) is not None), None)
        if part is None:
            self._fail(
                "Nothing is held back to evaluate on: give the test or the validation part a share of the data."
                if not self._wanted
                else f"The data has no {self._wanted} part: give it a share above 0."
            )
            return
        self._lessons, self._part = lessons, part
        engine = self._trainer.engine
        if engine.state is EngineState.READY:
            self._send()
        else:
            self._say("The trainer is starting …")
            engine.start()

    def _send(self) -> None:
        program, lessons = self._program, self._lessons
        if program is None or lessons is None or self._run:
            return
        lesson = _lesson(lessons, self._part)
        assert lesson is not None
        engine = self._trainer.engine
        run = engine.next_run()
        source = program.model.source
        request = Evaluate(
            run,
            source.text,
            program.model.layers,
            source.layer_of_line,
            program.design.seed,
            self._weights,
            lesson.inputs,
            lesson.targets,
            lesson.sample_weights,
            program.training.batch_size,
        )
        if engine.send(request):
            self._run = run
            self._say("Building the model …")

    def _take(self, message: Message) -> None:
        if not self._run or getattr(message, "run", 0) != self._run:
            return
        if isinstance(message, Progress):
            self._say(f"{message.text} …")
        elif isinstance(message, Failure):
            self._fail(message.sentence)
        elif isinstance(message, Evaluated):
            self._measure(message)

    def _measure(self, told: Evaluated) -> None:
        program, lessons = self._program, self._lessons
        assert program is not None
        assert lessons is not None
        lesson = _lesson(lessons, self._part)
        assert lesson is not None
        names = keras_names(program.part.design)
        outputs: list[OutputFigures] = []
        problem = ""
        for layer_id, goal in program.goals.items():
            key = names[layer_id]
            if key not in told.predictions:
                continue
            table = self._samples.table(goal.input)
            try:
                outputs.append(
                    figures_of(
                        program.part.design.layer(layer_id).name,
                        goal,
                        lessons,
                        self._part,
                        told.predictions[key],
                        key=key,
                        input_key=names[goal.input],
                        columns=() if table is None else table.columns,
                        vocabulary=() if table is None else table.vocabulary,
                    )
                )
            except DataProblem as fault:
                problem = problem or str(fault)
        if not outputs:
            self._fail(
                problem or "The trainer gave no predictions for an output with targets. Evaluate again."
            )
            return
        self._found = Evaluation(
            self._part, lesson.size, self._of, dict(told.logs), tuple(outputs), told.seconds
        )
        self._measured = replace(program.design)
        self._forget()
        self._become(LiveStatus(problem, problem=bool(problem)), always=True)

    def _engine_changed(self, state: EngineState) -> None:
        if self._lessons is None:
            return
        engine = self._trainer.engine
        if state is EngineState.READY:
            self._send()
        elif state is EngineState.STOPPED or (state is EngineState.CRASHED and self._run):
            self._fail(engine.last_end if self._run else engine.reason)

    def _design_changed(self, _old: Design, new: Design) -> None:
        if self._measured is not None:
            known = {layer.id for layer in new.walk()}
            found = self._found
            if found is not None and not all(each.layer in known for each in found.outputs):
                self._found, self._measured = None, None
        self.changed.emit()

    def _fail(self, sentence: str) -> None:
        self._forget()
        self._become(LiveStatus(sentence, problem=True), always=True)
        self.failed.emit(sentence)

    def _forget(self) -> None:
        self._program, self._lessons, self._run = None, None, 0
        self._weights = {}

    def _say(self, words: str) -> None:
        self._become(LiveStatus(words, busy=True))

    def _become(self, status: LiveStatus, *, always: bool = False) -> None:
        if always or status != self._status:
            self._status = status
            self.changed.emit()


def _lesson(lessons: Lessons, part: str) -> Lesson | None:
    return cast("Lesson | None", getattr(lessons, part, None))
