"""The real trainer, killed in the middle: what is learned after that is what would have been learned without."""

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from pytestqt.qtbot import QtBot
from trained_designs import a_design, idle

from rnn_designer.catalog import FrozenMap
from rnn_designer.cli import run as command_line
from rnn_designer.design import Design, files
from rnn_designer.design.weights import load_weights
from rnn_designer.session import EngineProcess, Workspace
from rnn_designer.session.training import TrainerState


@pytest.fixture
def workspace(fake, qapp: QCoreApplication) -> Iterator[Workspace]:
    """A workspace whose plots come from the fake worker, and whose trainer is the real one."""
    workspace = Workspace(engine=fake.engine(), trainer=EngineProcess(subject="The trainer"))
    yield workspace
    workspace.close()
    workspace.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def a_dropping_design() -> Design:
    """With everything that has to be taken up again: Adam's means, the order of samples, dropout."""
    design = a_design(epochs=5)
    layers = tuple(
        replace(each, params=FrozenMap(units=3, dropout=0.3)) if each.id == "mem" else each
        for each in design.layers
    )
    return replace(design, layers=layers)


def test_that_a_killed_training_learns_on_as_if_it_had_not_been(workspace: Workspace, qtbot: QtBot) -> None:
    trainer = workspace.trainer
    workspace.show(a_dropping_design())
    workspace.start()
    trainer.start()
    idle(workspace, qtbot)
    whole = trainer.run
    assert (whole.state, whole.last_epoch) == ("finished", 5), trainer.status.text
    workspace.show(a_dropping_design())
    qtbot.waitUntil(lambda: not workspace.runs.reading)
    with qtbot.waitSignal(trainer.epoch_ended, check_params_cb=lambda _run, epoch: epoch == 2):
        trainer.start()
        trainer.epoch_ended.connect(lambda _run, epoch: trainer.pause() if epoch == 2 else None)
    qtbot.waitUntil(lambda: trainer.state is TrainerState.PAUSED)
    with qtbot.waitSignal(trainer.failed):
        os.kill(trainer.engine.pid, signal.SIGKILL)
    broken = trainer.run
    assert broken.state == "interrupted"
    assert 2 <= broken.last_epoch < 5
    trainer.resume(broken)
    # Told again to pause after epoch 2, which is over.
    idle(workspace, qtbot)
    resumed = trainer.run
    assert (resumed.id, resumed.state) == (broken.id, "finished"), trainer.status.text
    for epoch in range(6):
        expected, found = workspace.runs.weights(whole, epoch), workspace.runs.weights(resumed, epoch)
        assert expected.keys() == found.keys()
        for key, array in expected.items():
            np.testing.assert_array_equal(found[key], array, err_msg=f"epoch {epoch}, {key}")
        assert resumed.record(epoch).logs == whole.record(epoch).logs
    assert resumed.best_epoch == whole.best_epoch
    np.testing.assert_array_equal(resumed.batches["loss"], whole.batches["loss"])
    own = workspace.live.weights_to_save(workspace.document.design)
    np.testing.assert_array_equal(
        own["mem/kernel"], workspace.runs.weights(whole, whole.best_epoch)["mem/kernel"]
    )


def test_that_the_command_line_learns_what_the_window_learns(
    workspace: Workspace, qtbot: QtBot, tmp_path: Path
) -> None:
    workspace.show(a_dropping_design())
    workspace.start()
    workspace.trainer.start()
    idle(workspace, qtbot)
    run = workspace.trainer.run
    assert run.state == "finished", workspace.trainer.status.text
    files.save(a_dropping_design(), tmp_path / "design.rnnd")
    assert (
        command_line(["train", str(tmp_path / "design.rnnd"), "-o", str(tmp_path / "out.weights.npz")]) == 0
    )
    learned = load_weights(tmp_path / "out.weights.npz")
    expected = workspace.runs.weights(run, run.best_epoch)
    assert learned.keys() == expected.keys()
    for key, array in expected.items():
        np.testing.assert_array_equal(learned[key], array, err_msg=key)
