"""Training the open design: the trainer, the runs that it leaves, and the way through their epochs."""

from rnn_designer.session.training.epochs import EpochCursor
from rnn_designer.session.training.runs import EpochRecord, Runs, TrainingRun
from rnn_designer.session.training.trainer import Trainer, TrainerState

__all__ = ["EpochCursor", "EpochRecord", "Runs", "Trainer", "TrainerState", "TrainingRun"]
