"""A sweep on a cluster of Ray: Ray Tune chooses and places the trials, each is trained by a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rnn_designer.design import Design, files
from rnn_designer.design.sweeping import Sweep
from rnn_designer.design.trials import living
from rnn_designer.sweep.space import is_whole, labels, larger_is_better, study_name
from rnn_designer.sweep.training import with_absolute_data

MISSING = (
    "A sweep on Ray needs Ray Tune, which is not installed. Install it with “pip install 'rnn-designer[ray]'” on every "
    "machine of the cluster."
)
LOCAL = "local"
_SLASH = "|"
"""Stands for the slash in our keys, which Ray keeps for itself."""


class RayProblemError(Exception):
    """Ray is not installed or cannot be reached; the text says what to do."""


def sweep_on_ray(
    design: Design, path: Path, address: str, trials: int, folder: Path
) -> list[tuple[float, dict[str, Any], str]]:
    """Run the design's sweep on Ray.

    Args:
        design: what is swept.
        path: its file; its data have to be found under the same paths on every machine.
        address: of the cluster, ``auto`` for the one of this machine, ``local`` for none but this machine.
        trials: how many.
        folder: where designs of trials are kept, with their weights, on the machine that trained them.

    Returns:
        Value, parameters and file of each trial with a value, the best first.

    Raises:
        RayProblemError: with the sentence for the user.
    """
    try:
        import ray
        from ray import tune
    except ImportError:
        raise RayProblemError(MISSING) from None
    sweep = design.sweep or Sweep()
    monitor = design.training.monitor if design.training is not None else "val_loss"
    larger = larger_is_better(monitor)
    goal = {"metric": "value", "mode": "max" if larger else "min"}
    text = files.to_text(with_absolute_data(design, path.parent.absolute()))
    try:
        ray.init(
            address=None if address == LOCAL else address, include_dashboard=False, logging_level="ERROR"
        )
    except Exception as problem:
        # Ray has dozens of errors for a cluster that cannot be reached.
        reason = " ".join(str(problem).split())[:200]
        raise RayProblemError(
            f"Ray cannot be reached at “{address}”: {reason}. Expected the address of a cluster, auto, or local."
        ) from None
    settings: dict[str, Any] = {**goal, "num_samples": trials}
    if sweep.method == "bayesian":
        from ray.tune.search.optuna import OptunaSearch

        settings["search_alg"] = OptunaSearch(**goal, seed=sweep.seed)
    if sweep.pruning:
        from ray.tune.schedulers import MedianStoppingRule

        settings["scheduler"] = MedianStoppingRule(
            time_attr="training_iteration",
            grace_period=max(1, sweep.patience),
            min_samples_required=3,
            **goal,
        )
        del settings["metric"], settings["mode"]
    try:
        tuner = tune.Tuner(
            _trainable(text, str(folder.absolute()), tune.report),
            param_space=_space(design, tune),
            tune_config=tune.TuneConfig(**settings),
            run_config=tune.RunConfig(
                name=study_name(design), verbose=1, failure_config=tune.FailureConfig(max_failures=2)
            ),
        )
        results = tuner.fit()
        found = [
            (float(each.metrics["best"]), _keyed(each.config), str(each.metrics.get("file", "")))
            for each in results
            if each.metrics and "best" in each.metrics
        ]
    finally:
        ray.shutdown()
    return sorted(found, key=lambda each: -each[0] if larger else each[0])


def _space(design: Design, tune: Any) -> dict[str, Any]:
    space: dict[str, Any] = {}
    for each in living(design):
        if each.choices:
            space[each.key.replace("/", _SLASH)] = tune.choice(list(labels(each)))
        elif is_whole(design, each):
            draw = tune.lograndint if each.log else tune.randint
            # Ray leaves the upper end out.
            space[each.key.replace("/", _SLASH)] = draw(int(each.low), int(each.high) + 1)
        elif each.low == each.high:
            space[each.key.replace("/", _SLASH)] = each.low
        else:
            space[each.key.replace("/", _SLASH)] = (tune.loguniform if each.log else tune.uniform)(
                each.low, each.high
            )
    return space


def _keyed(config: dict[str, Any]) -> dict[str, Any]:
    """Ray's values by our keys."""
    return {key.replace(_SLASH, "/"): value for key, value in config.items()}


def _trainable(text: str, folder: str, report: Any) -> Callable[[dict[str, Any]], None]:
    """What Ray runs on some machine; it holds nothing but texts, so that it can travel."""

    def train(config: dict[str, Any]) -> None:
        with tempfile.TemporaryDirectory() as scratch:
            design = Path(scratch) / "design.rnnd"
            design.write_text(text, encoding="utf-8")
            command = [sys.executable, "-m", "rnn_designer", "sweep", str(design)]
            command += ["--folder", folder, "--one", json.dumps(_keyed(config))]
            # Its standard input closes with this process, and ends it.
            with subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            ) as process:
                assert process.stdout is not None
                for line in process.stdout:
                    report(json.loads(line))
            if process.returncode:
                raise RuntimeError(f"The trial ended with code {process.returncode}.")

    return train
