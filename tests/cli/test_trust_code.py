"""Cells whose code came with a file are not run on the command line, unless it says so."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from rnn_designer.catalog import FrozenMap, Part
from rnn_designer.catalog.cell_templates import cell_templates
from rnn_designer.design import Design, Layer, Link
from rnn_designer.session.trust import Trust

Save = Callable[..., Path]
Command = Callable[..., Any]

FOREIGN = cell_templates()[0].code + "\n\nRUN = open('proof.txt', 'w').write('run')\n"
"""Code that leaves a file behind where it runs."""


def rnn_designer(folder: Path, *arguments: object) -> "subprocess.CompletedProcess[str]":
    """The command line in a process of its own, without a screen and with settings of its own."""
    return subprocess.run(
        [sys.executable, "-m", "rnn_designer", *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "RNN_DESIGNER_CONFIG": str(folder / "config")},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RNN_DESIGNER_CONFIG", str(tmp_path / "config"))
    return tmp_path


@pytest.fixture
def own(designs: SimpleNamespace) -> Design:
    """Input → RNN with a cell from elsewhere → Dense."""
    cell = Layer(
        "CELL",
        "CustomCell",
        "cell",
        FrozenMap(code=FOREIGN, arguments=Part("MinimalCell", FrozenMap(units=4))),
    )
    rnn = replace(designs.layer("RNN", "own", return_sequences=True), children=(cell,))
    design: Design = designs.chain(designs.series(2, "wave"), rnn, designs.layer("Dense", "read", units=1))
    return design


@pytest.fixture
def mixed(own: Design, designs: SimpleNamespace) -> Design:
    """The same with an LSTM beside it, on the same Input."""
    memory = designs.layer("LSTM", "memory", units=3)
    return replace(own, layers=(*own.layers, memory), links=(*own.links, Link(own.layers[0].id, memory.id)))


def test_that_foreign_code_and_what_follows_it_is_left_out_and_named(
    mixed: Design, saved: Save, folder: Path
) -> None:
    saved(mixed, "mixed.rnnd")
    done = rnn_designer(folder, "trace", "mixed.rnnd", "-o", "out.npz")
    assert done.returncode == 0, done.stderr
    assert "Not traced: “own”, “read”, because the code of “cell” is not trusted." in done.stderr
    assert "--trust-code" in done.stderr
    with np.load(folder / "out.npz") as arrays:
        assert {name.partition("/")[0] for name in arrays} == {"wave", "memory"}


def test_that_trust_code_runs_foreign_code_and_remembers_nothing(
    mixed: Design, saved: Save, folder: Path
) -> None:
    saved(mixed, "mixed.rnnd")
    done = rnn_designer(folder, "trace", "mixed.rnnd", "-o", "out.npz", "--trust-code")
    assert done.returncode == 0, done.stderr
    with np.load(folder / "out.npz") as arrays:
        assert {"own/state/h", "own/output", "read/result", "memory/state/c"} <= set(arrays)
    assert not Trust().knows(FOREIGN)
    assert not (folder / "config").exists()
    assert not (folder / "proof.txt").exists()  # It ran, but in the session's own folder.


def test_that_a_design_with_nothing_else_is_refused(
    own: Design, saved: Save, command: Command, folder: Path
) -> None:
    outcome = command("trace", saved(own, "own.rnnd"))
    assert outcome.code == 2
    assert "Not traced: “own”, “read”, because the code of “cell” is not trusted." in outcome.err
    assert not list(folder.glob("*.npz"))


def test_that_weights_are_not_exported_with_foreign_code_but_the_program_is(
    own: Design, saved: Save, command: Command, folder: Path
) -> None:
    path = saved(own, "own.rnnd")
    refused = command("export", path, "-o", folder / "model.py", "--weights")
    assert refused.code == 2
    assert "--trust-code" in refused.err
    assert not (folder / "model.py").exists()
    assert command("export", path, "-o", folder / "model.py").code == 0
    assert "RUN = open" in (folder / "model.py").read_text()
    assert not (folder / "proof.txt").exists()


def test_that_code_trusted_in_the_window_runs_without_a_word(own: Design, saved: Save, folder: Path) -> None:
    Trust().add(FOREIGN)
    saved(own, "own.rnnd")
    done = rnn_designer(folder, "trace", "own.rnnd", "-o", "out.npz")
    assert done.returncode == 0, done.stderr
    assert "trusted" not in done.stderr
    with np.load(folder / "out.npz") as arrays:
        assert "own/state/h" in arrays
