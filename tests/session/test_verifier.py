"""Verifying from the window: a process of its own, its answer, its end."""

import sys
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from rnn_designer.design import Link, edits
from rnn_designer.design.naming import new_layer
from rnn_designer.session import SampleStore, Workspace
from rnn_designer.session.verifier import Verifier

ANSWERS = """
import json, pathlib, sys
command, design, *options = sys.argv[1:]
assert command == "verify" and "--json" in options, sys.argv
folder = pathlib.Path(design).parent
handed_over = sorted(each.name for each in folder.iterdir() if each.is_file())
print(json.dumps({"sentence": " ".join([*handed_over, *options[2:4]]), "verified": True}))
"""
HANGS = "import time\nwhile True: time.sleep(60)"
REFUSES = "import sys; sys.exit('rnn-designer: The code of “leaky” came with the file.')"
GARBAGE = "print('no answer')"


class Samples(SampleStore):
    """The same few samples for every Input, at once."""

    def array(self, input_id: str) -> Any:
        return np.zeros((1, 4, 1), dtype="float32")


def verifier(workspace: Workspace, program: str) -> Verifier:
    """One with this program for its command."""
    document = workspace.document
    document.apply(edits.add(new_layer(document.design, "Input")), "Add Input")
    document.apply(edits.add(new_layer(document.design, "LSTM")), "Add LSTM")
    first, second = document.design.layers
    document.apply(edits.connect(Link(first.id, second.id)), "Connect")
    samples = Samples(document, workspace)
    return Verifier(
        document,
        workspace.checks,
        samples,
        workspace.live,
        workspace,
        command=(sys.executable, "-c", program),
    )


def test_that_the_command_gets_a_copy_with_the_samples_of_the_plots(
    workspace: Workspace, qtbot: QtBot
) -> None:
    made = verifier(workspace, ANSWERS)
    made.verify("functional")
    assert made.running, made.result
    qtbot.waitUntil(lambda: not made.running, timeout=60_000)
    assert made.result is not None
    assert made.result.verified
    assert "design.rnnd" in made.result.sentence
    assert "inputs.npz --style functional" in made.result.sentence


def test_that_it_can_be_stopped_and_an_edit_stops_it_too(workspace: Workspace) -> None:
    made = verifier(workspace, HANGS)
    made.verify("auto")
    made.cancel()
    assert not made.running
    assert made.result is None
    made.verify("auto")
    workspace.new()
    assert not made.running


@pytest.mark.parametrize(
    ("program", "sentence"),
    [
        (REFUSES, "Not verified: The code of “leaky” came with the file."),
        (GARBAGE, "Not verified: it ended without an answer. Try again."),
    ],
)
def test_that_a_command_that_does_not_verify_is_told(
    workspace: Workspace, qtbot: QtBot, program: str, sentence: str
) -> None:
    made = verifier(workspace, program)
    made.verify("auto")
    qtbot.waitUntil(lambda: not made.running, timeout=60_000)
    assert made.result is not None
    assert made.result.sentence == sentence
    assert not made.result.verified
