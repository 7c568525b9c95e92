"""How figures, settings and runs of training are put into words."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from rnn_designer.design.differences import differences
from rnn_designer.ui.numbers import number

if TYPE_CHECKING:
    from rnn_designer.design.model import Training
    from rnn_designer.session.training import TrainingRun

_SHORT = {
    "mean_squared_error": "MSE",
    "root_mean_squared_error": "RMSE",
    "mean_absolute_error": "MAE",
    "mean_absolute_percentage_error": "MAPE",
    "mean_squared_logarithmic_error": "MSLE",
    "r2_score": "R²",
    "auc": "AUC",
    "f1_score": "F1",
}


def figure_name(kind: str) -> str:
    """What Keras calls the figure of a metric's class: ``root_mean_squared_error``."""
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", kind))
    return words.lower()


def figure_words(name: str) -> str:
    """A figure as people read it: "validation loss"; "RMSE"."""
    bare = name.removeprefix("val_")
    words = _SHORT.get(bare, bare.replace("_", " "))
    return f"validation {words}" if bare != name else words


def settings_words(training: Training) -> str:
    """The settings that matter most, in a line: "Adam 0.001 · batch 32 · 50 epochs"."""
    rate = training.optimizer.params.get("learning_rate")
    told = [training.optimizer.kind + (f" {number(float(rate))}" if isinstance(rate, int | float) else "")]
    if training.schedule is not None:
        told.append(training.schedule.kind)
    told.append(f"batch {training.batch_size}")
    told.append(f"{training.epochs} epoch{'s' * (training.epochs != 1)}")
    if training.clipping != "none":
        told.append(f"clip {training.clipping.replace('_', ' ')} {number(training.clip_at)}")
    if training.patience is not None:
        told.append(f"patience {training.patience}")
    return " · ".join(told)


def monitored(run: TrainingRun) -> str:
    """The figure by which a run's best epoch was told: what was asked for, as far as the run has it."""
    wanted = run.training.monitor
    last = run.epochs[-1].logs if run.epochs else {}
    if wanted in last:
        return wanted
    bare = wanted.removeprefix("val_")
    return bare if bare in last else "loss"


def best_words(run: TrainingRun) -> str:
    """A run's best figure: "validation loss 0.0213 in epoch 37"; empty before the first epoch."""
    record = run.record(run.best_epoch)
    name = monitored(run)
    if record is None or not run.last_epoch or name not in record.logs:
        return ""
    return f"{figure_words(name)} {number(record.logs[name])} in epoch {run.best_epoch}"


def changes_words(run: TrainingRun, other: TrainingRun, most: int = 4) -> str:
    """How the design of a run differs from that of another, in a few words."""
    before, now = (replace(each.design, training=each.training) for each in (other, run))
    told = list(differences(before, now))
    if not told:
        return f"the same design and settings as {other.name}"
    more = len(told) - most
    return "; ".join(told[:most]) + (f"; {more} more" if more > 0 else "")
