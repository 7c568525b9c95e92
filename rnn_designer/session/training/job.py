"""One training from the click on Start to its end: what is trained, from what, and how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rnn_designer.messages import Train, TrainStep
from rnn_designer.session.training.program import Program

if TYPE_CHECKING:
    from rnn_designer.messages import Array
    from rnn_designer.sequences.lessons import Lessons
    from rnn_designer.session.training.run import TrainingRun


@dataclass
class Job:
    """One training from the click on Start to its end.

    Attributes:
        program: what is trained.
        weights: what it starts from.
        message: id of the Train message; 0 before it is sent.
        lessons: what is learnt from, once it is made.
        run: id of the run; empty before epoch 0.
        resumed: whether the run was there before.
        first_epoch: after which epoch it goes on.
        state: what else it goes on from.
        seconds: spent before it was taken up again.
        paused: whether it waits before the first batch.
        first_step: the first step with a batch that was told.
        best: the weights of the best epoch so far.
    """

    program: Program
    weights: Mapping[str, Array]
    paused: bool = False
    message: int = 0
    lessons: Lessons | None = None
    run: str = ""
    resumed: bool = False
    first_epoch: int = 0
    state: Mapping[str, Array] | None = None
    seconds: float = 0.0
    first_step: TrainStep | None = None
    best: tuple[int, Mapping[str, Array]] | None = None

    def ask(self, run: int, known: TrainingRun | None, probe: Mapping[str, Array]) -> Train:
        """What asks the trainer for it.

        Args:
            run: id of the message.
            known: the run that is taken up again.
            probe: samples whose units are looked at.
        """
        lessons = self.lessons
        assert lessons is not None
        program, training = self.program, self.program.training
        validation = lessons.validation
        monitor = program.monitor(validation is not None)
        best = None if known is None else known.record(known.best_epoch)
        return Train(
            run,
            program.model.source.text,
            program.model.layers,
            program.model.source.layer_of_line,
            program.design.seed,
            self.weights,
            lessons.train.inputs,
            lessons.train.targets,
            lessons.train.sample_weights,
            {} if validation is None else validation.inputs,
            {} if validation is None else validation.targets,
            {} if validation is None else validation.sample_weights,
            probe,
            training.batch_size,
            training.epochs,
            training.shuffle,
            training.seed,
            self.first_epoch,
            self.state or {},
            monitor,
            training.patience or 0,
            training.least_progress,
            None if best is None else best.logs.get(monitor),
            0 if known is None else known.best_epoch,
            paused=self.paused,
        )
