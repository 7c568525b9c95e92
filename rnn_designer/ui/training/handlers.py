"""What the actions of the Train menu do, by the action's id."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rnn_designer.ui.training.wiring import Trainings


def training_handlers(trainings: Trainings) -> dict[str, Callable[[], object]]:
    """A handler for each entry of the Train menu in ``actions.SPECS``."""
    trainer, shown = trainings.workspace.trainer, trainings.shown
    return {
        "train": trainings.train,
        "train_pause": trainings.pause,
        "train_batch": trainer.step_batch,
        "train_stop": trainer.stop,
        "train_settings": trainings.show_settings,
        "train_curves": lambda: trainings.show_page("loss"),
        "train_runs": lambda: trainings.show_page("runs"),
        "epoch_back": lambda: shown.move(-1),
        "epoch_forward": lambda: shown.move(1),
        "epoch_best": trainings.best,
        "epoch_follow": trainings.follow,
        "epoch_play": trainings.player.toggle,
        "use_epoch": trainings.use,
        "own_weights": trainings.workspace.epochs.leave,
    }
