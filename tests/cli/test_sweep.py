"""A sweep by worker processes over one storage: nothing is lost when one of them is killed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rnn_designer.cli import run
from rnn_designer.design import DataSource, Design, edits, files, new_layer
from rnn_designer.design.model import Link
from rnn_designer.design.sweeping import Varied
from rnn_designer.design.trials import living
from rnn_designer.design.weights import load_weights

pytest.importorskip("optuna")


@pytest.fixture
def design(tmp_path: Path) -> Path:
    made = Design(name="tiny")
    for kind in ("Input", "SimpleRNN", "Dense"):
        made = edits.add(new_layer(made, kind))(made)
    first, memory, last = (layer.id for layer in made.layers)
    for edit in (
        edits.connect(Link(first, memory)),
        edits.connect(Link(memory, last)),
        edits.set_parameter(memory, "units", 2),
        edits.set_parameter(last, "units", 1),
        edits.set_data(first, DataSource("sine", time_steps=6)),
        edits.change_training(epochs=2, samples=32),
        edits.vary(Varied(memory, "units", low=1, high=4)),
        edits.vary(Varied(None, "optimizer.learning_rate", low=0.001, high=0.1, log=True)),
        edits.vary(Varied(None, "optimizer", choices=("Adam", "SGD"))),
        edits.change_sweep(trials=8, method="random", pruning=False),
    ):
        made = edit(made)
    path = tmp_path / "tiny.rnnd"
    files.save(made, path)
    return path


def lines_of(process: subprocess.Popen[str]) -> Iterator[dict[str, Any]]:
    assert process.stdout is not None
    for line in process.stdout:
        yield json.loads(line)


def sweep(design: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "rnn_designer", "sweep", str(design), "--json", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.skipif(os.name != "posix", reason="kills by signal")
def test_that_eight_trials_are_done_by_two_workers_of_which_one_is_killed(
    design: Path, tmp_path: Path
) -> None:
    storage, folder = tmp_path / "study.journal", tmp_path / "trials"
    process = sweep(design, "--workers", "2", "--storage", str(storage), "--folder", str(folder))
    killed: tuple[int, dict[str, Any]] | None = None
    said: list[str] = []
    owners: set[str] = set()
    newest: dict[int, dict[str, Any]] = {}
    for line in lines_of(process):
        said += [line["said"]] if "said" in line else []
        trial = line.get("trial")
        if trial is None:
            continue
        newest[trial["ticket"]] = trial
        owners |= {trial["owner"]} if trial["owner"] else set()
        if killed is None and len(owners) == 2 and trial["state"] == "running" and trial["params"]:
            killed = trial["ticket"], trial["params"]
            os.kill(int(trial["owner"].rpartition(":")[2]), signal.SIGKILL)
    _out, errors = process.communicate()
    assert process.returncode == 0, errors
    assert killed is not None
    assert any("Its trial waits to be trained again" in each for each in said)
    assert sorted(newest) == list(range(8))
    assert [newest[ticket]["state"] for ticket in range(8)] == ["complete"] * 8
    ticket, params = killed
    # The very same values again, by another worker.
    assert newest[ticket]["tries"] == 2
    # It may have been killed while its values were still being drawn: those that were are kept.
    assert params.items() <= newest[ticket]["params"].items()
    assert len(owners) == 3
    assert sum(each["tries"] for each in newest.values()) == 9

    swept = files.load(design)
    memory = swept.layers[1].id
    for trial in newest.values():
        # Each is a design of its own, with the weights that were trained, to be opened like any other.
        path = Path(trial["file"])
        made = files.load(path)
        assert path.parent == folder
        assert made.layer(memory).value("units") == trial["params"][f"{memory}/units"]
        assert made.training is not None
        assert made.training.optimizer.kind == trial["params"]["training/optimizer"]
        weights_file = files.weights_path(made, path)
        assert weights_file is not None
        units = made.layer(memory).value("units")
        assert load_weights(weights_file)[f"{memory}/recurrent_kernel"].shape == (units, units)
        assert trial["value"] == min(trial["values"].values())
    assert [each.name for each in living(swept)] == ["units", "optimizer.learning_rate", "optimizer"]

    # What is done is not done again: the same command finds nothing left.
    again = sweep(design, "--workers", "2", "--storage", str(storage), "--folder", str(folder))
    told = list(lines_of(again))
    again.communicate()
    assert again.returncode == 0
    assert {each["trial"]["ticket"]: each["trial"]["value"] for each in told if "trial" in each} == {
        ticket: each["value"] for ticket, each in newest.items()
    }


def test_that_a_design_that_varies_nothing_is_refused(
    design: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files.save(edits.set_sweep(None)(files.load(design)), design)
    assert run(["sweep", str(design)]) == 2
    assert "does not say which settings vary" in capsys.readouterr().err


def test_that_a_storage_that_cannot_be_used_is_said(
    design: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["sweep", str(design), "--storage", "nonsense://x"]) == 2
    said = capsys.readouterr().err
    assert "The storage “nonsense://x” cannot be used" in said
    assert "sqlite:///sweep.db" in said


def test_that_a_sweep_without_optuna_says_how_to_get_it(
    design: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    assert run(["sweep", str(design), "--storage", str(tmp_path / "x.journal")]) == 2
    assert "rnn-designer[sweep]" in capsys.readouterr().err
