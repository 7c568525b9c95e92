"""What is said while a design is trained, and how long it will take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnn_designer.wording import counted

if TYPE_CHECKING:
    from rnn_designer.messages import Trained, TrainStep
    from rnn_designer.session.training.run import TrainingRun


def time_left(first: TrainStep, step: TrainStep, epochs: int) -> float | None:
    """Seconds to the end of the last epoch, by the mean time of the batches so far; None before the second.

    The first batch does not count: the step of training is compiled before it.

    Args:
        first: how far training had come when that was first told.
        step: how far it has come now.
        epochs: the number of the last epoch.
    """
    done = (step.epoch - first.epoch) * step.batches + step.batch - first.batch
    if done <= 0 or not first.batch:
        return None
    left = (epochs - step.epoch) * step.batches + step.batches - step.batch
    return max(0.0, left * (step.seconds - first.seconds) / done)


def duration(seconds: float) -> str:
    """A time that people wait for: ``8 s``, ``3 min``, ``2 h 5 min``."""
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def running_words(step: TrainStep, epochs: int, eta: float | None) -> str:
    """How far a training has come, as a phrase."""
    where = f"epoch {step.epoch} of {epochs}, batch {step.batch} of {step.batches}"
    loss = f" · loss {step.logs['loss']:.4g}" if "loss" in step.logs else ""
    if step.paused:
        return f"Paused in {where}{loss}"
    return f"Training: {where}{loss}{f' · {duration(eta)} left' if eta is not None else ''}"


def ended_words(trained: Trained, run: TrainingRun, kept: bool) -> str:
    """How a training ended, and whose weights the design has now."""
    if trained.best_epoch == 0:
        return f"{trained.sentence} No epoch was better than the weights it started from, so those stay."
    if not kept:
        return (
            f"{trained.sentence} The model on the canvas is another one than “{run.name}” trained, so its weights "
            "are as they were; restore the run to get the trained model."
        )
    return f"{trained.sentence} The design has the weights of epoch {trained.best_epoch} now, the best one."


def interrupted_words(why: str, run: TrainingRun | None) -> str:
    """What to say of a training that ended before its time."""
    if run is None:
        return f"{why} Nothing was trained."
    if not run.epochs or run.last_epoch == 0:
        return f"{why} No epoch was whole yet, so the weights are as they were. Start again."
    return (
        f"{why} “{run.name}” was interrupted after {counted(run.last_epoch, 'epoch')}, which are kept: continue the "
        "run to go on from there."
    )
