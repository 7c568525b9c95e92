"""A worker of a sweep: takes one waiting trial after another, trains it, and ends when none is left."""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from rnn_designer.design import Design, Refused
from rnn_designer.design.trials import tried
from rnn_designer.session.trust import Trust
from rnn_designer.sweep.space import asked, larger_is_better
from rnn_designer.sweep.space import told as told_values
from rnn_designer.sweep.study import Study, worker_name
from rnn_designer.sweep.training import TrialTrainer, keep, with_absolute_data


def work(design: Design, path: Path, study: Study, folder: Path, trust: Trust | None = None) -> int:
    """Train trials until none waits.

    Args:
        design: what is swept.
        path: its file, beside which its data lie; it need not exist.
        study: where trials come from and results go.
        folder: where the designs of trials are kept, with their weights.
        trust: which custom cells may run.

    Returns:
        How many trials it has trained.
    """
    done = 0
    with tempfile.TemporaryDirectory(prefix="rnn-designer-sweep-", ignore_cleanup_errors=True) as scratch:
        trainer = TrialTrainer(Path(scratch), trust)
        try:
            while (trial := study.take(worker_name())) is not None:
                try:
                    made = tried(design, asked(design, trial))
                except Refused as refusal:
                    study.end(trial, None, reason=str(refusal))
                    continue

                def told(epoch: int, value: float, trial=trial) -> bool:  # type: ignore[no-untyped-def]
                    return study.report(trial, epoch, value)

                outcome = trainer.train(made, path, told, lambda trial=trial: study.heard(trial))  # type: ignore[misc]
                if outcome.lost:
                    study.retry(trial, outcome.reason)
                    continue
                file = ""
                if outcome.value is not None:
                    ticket = int(trial.user_attrs["ticket"])
                    file = str(keep(folder, ticket, with_absolute_data(made, path.parent), outcome))
                study.end(trial, outcome.value, pruned=outcome.pruned, file=file, reason=outcome.reason)
                done += 1
        finally:
            trainer.close()
    return done


def train_one(
    design: Design,
    path: Path,
    values: Mapping[str, object],
    folder: Path,
    told: Callable[[dict[str, object]], None],
    trust: Trust | None = None,
) -> str:
    """Train one trial whose values somebody else has chosen.

    Args:
        design: what is swept.
        path: its file.
        values: by key, as a study holds them.
        folder: where the design of the trial is kept.
        told: takes ``value`` and ``epoch`` of each epoch, ``best`` so far, and at the end ``file``.
        trust: which custom cells may run.

    Returns:
        Why there is no value; empty if there is one.
    """
    try:
        made = tried(design, told_values(design, values))
    except Refused as refusal:
        return str(refusal)
    monitor = "val_loss" if design.training is None else design.training.monitor
    better: Callable[[float, float], float] = max if larger_is_better(monitor) else min
    best: list[float] = []

    def take(epoch: int, value: float) -> bool:
        best[:] = [better(value, *best)] if best else [value]
        told({"epoch": epoch, "value": value, "best": best[0]})
        return False

    with tempfile.TemporaryDirectory(prefix="rnn-designer-sweep-", ignore_cleanup_errors=True) as scratch:
        trainer = TrialTrainer(Path(scratch), trust)
        try:
            outcome = trainer.train(made, path, take, lambda: None)
        finally:
            trainer.close()
    if outcome.value is None:
        return outcome.reason
    digest = hashlib.sha256(repr(sorted(values.items())).encode()).hexdigest()
    file = keep(folder, int(digest[:6], 16), with_absolute_data(made, path.parent), outcome)
    told({"epoch": outcome.epoch, "value": outcome.value, "best": outcome.value, "file": str(file)})
    return ""


def end_with_parent() -> None:
    """End this process when whoever started it is gone: its end of standard input closes then.

    The trial under way is enqueued again by whoever goes on with the study.
    """

    def watch() -> None:
        # Not through sys.stdin: Python would wait for its lock when the process ends by itself.
        while os.read(0, 4096):
            pass
        os._exit(3)

    threading.Thread(target=watch, daemon=True, name="parent watch").start()
