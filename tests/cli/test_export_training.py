"""``rnn-designer export --training``: a program that trains, and what it needs beside it."""

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import DataSource, Design, Layer, Link, edits

Command = Callable[..., Any]
Save = Callable[..., Path]


def forecaster(units: int = 1) -> Design:
    return Design(
        "waves",
        (
            Layer("in", "Input", "series", FrozenMap(shape=(None, 1))),
            Layer("memory", "GRU", "memory", FrozenMap(units=2)),
            Layer("out", "Dense", "forecast", FrozenMap(units=units)),
        ),
        (Link("in", "memory"), Link("memory", "out")),
        FrozenMap({"in": DataSource("sine", time_steps=5)}),
    )


def test_that_the_program_and_its_samples_are_written(command: Command, saved: Save, tmp_path: Path) -> None:
    done = command("export", "--training", saved(forecaster()), "-o", "train.py")
    assert done.code == 0, done.err
    assert "Its samples are in train.samples.npz: 358 samples of 5 steps to learn from" in done.err
    functions = {
        each.name
        for each in ast.parse((tmp_path / "train.py").read_text(encoding="utf-8")).body
        if hasattr(each, "name")
    }
    assert {"build_model", "compile_model", "Batches", "read_samples", "main"} <= functions
    with numpy.load(tmp_path / "train.samples.npz") as samples:
        assert samples["train/inputs/series"].shape == (358, 5, 1)
        assert samples["test/targets/forecast"].shape == (51, 1)


def test_that_a_place_for_the_samples_is_asked_for(command: Command, saved: Save) -> None:
    done = command("export", "--training", saved(forecaster()))
    assert done.code != 0
    assert "-o FILE.py" in done.err


def test_that_a_design_without_targets_is_refused_with_what_to_choose(
    command: Command, saved: Save, tmp_path: Path
) -> None:
    done = command("export", "--training", saved(forecaster(units=3)), "-o", "train.py")
    assert done.code != 0
    assert "choose the columns with the targets." in done.err
    assert not (tmp_path / "train.py").exists()


def test_that_outputs_without_a_target_are_refused(command: Command, saved: Save) -> None:
    design = edits.set_parameter("memory", "return_state", True)(edits.remove(["out"])(forecaster()))
    design = edits.set_parameter("memory", "units", 3)(design)
    design = edits.change_goal("memory", task="class")(
        edits.set_data("in", DataSource("waves", time_steps=5))(design)
    )
    done = command("export", "--training", saved(design), "-o", "train.py")
    assert done.code != 0
    assert "is not trained" in done.err
