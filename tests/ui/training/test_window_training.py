"""Training in the real window: menus and keys, what is said where, what is offered, and what is explained."""

from typing import Any

import pytest
from hand_training import give_training, made_run
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import DataSource, Design, Layer, Link
from rnn_designer.session import Workspace
from rnn_designer.session.engine_process import EngineProcess
from rnn_designer.session.training import TrainerState
from rnn_designer.ui.main_window import MainWindow


@pytest.fixture
def window(windows: Any, qtbot: QtBot) -> MainWindow:
    """A window whose training is moved by hand, on a small design."""
    from quiet import SILENT

    workspace = Workspace(engine=EngineProcess(command=SILENT))
    give_training(workspace)
    made: MainWindow = windows.make(workspace=workspace)
    made.resize(1440, 900)
    with qtbot.waitExposed(made):
        made.show()
    layers = (
        Layer("in", "Input", "series", FrozenMap(shape=(None, 1))),
        Layer("mem", "LSTM", "memory", FrozenMap(units=4, return_sequences=True)),
        Layer("out", "Dense", "next_value", FrozenMap(units=1)),
    )
    source = DataSource("sine", batch_size=3, time_steps=20)
    workspace.show(Design("d", layers, (Link("in", "mem"), Link("mem", "out")), FrozenMap({"in": source})))
    return made


def _with_a_run(window: MainWindow, **fields: Any) -> Any:
    workspace: Any = window.workspace
    run = made_run(workspace.document.design, **fields)
    workspace.runs.saved[run.id] = {epoch: {} for epoch in range(13)}
    workspace.runs.give(run)
    return run


def test_that_train_starts_without_touching_anything_and_shows_where_it_is_seen(window: MainWindow) -> None:
    window.transport.train.click()
    trainer: Any = window.workspace.trainer
    assert trainer.asked == ["start"]
    assert window.right.tabs.tabText(window.right.tabs.currentIndex()) == "Train"
    assert window.bottom_right.tabs.tabText(window.bottom_right.tabs.currentIndex()) == "Training"


def test_that_menu_and_keys_steer_the_training(window: MainWindow, qtbot: QtBot) -> None:
    trainer: Any = window.workspace.trainer
    window.actions_table["train"].trigger()
    run = _with_a_run(window, state="running")
    trainer.tell(run, 2, 1)
    qtbot.waitUntil(window.actions_table["train_pause"].isEnabled)
    window.actions_table["train_pause"].trigger()
    trainer.become(TrainerState.PAUSED, "Paused")
    window.actions_table["train_batch"].trigger()
    window.actions_table["train"].trigger()
    window.actions_table["train_stop"].trigger()
    assert trainer.asked == ["start", "pause", "batch", "proceed", "stop"]
    keys = [
        window.actions_table[name].shortcut().toString() for name in ("train", "train_pause", "train_batch")
    ]
    assert keys == ["Ctrl+T", "Ctrl+P", "Ctrl+B"]


def test_that_the_status_bar_says_what_trains(window: MainWindow, qtbot: QtBot) -> None:
    trainer: Any = window.workspace.trainer
    assert window.status.training.isHidden()
    run = _with_a_run(window, state="running")
    trainer.tell(run, 7, 3, eta=95.0)
    qtbot.waitUntil(lambda: not window.status.training.isHidden())
    assert "epoch 7 of 50, 2 min left" in window.status.training.text()
    window.bottom_right.show_page(0)
    qtbot.mouseClick(window.status.training, Qt.MouseButton.LeftButton)
    assert window.bottom_right.tabs.currentIndex() == 3
    trainer.become(TrainerState.IDLE, "Trained for 50 epochs.")
    qtbot.waitUntil(window.status.training.isHidden)


def test_that_the_top_bar_counts_epochs(window: MainWindow, qtbot: QtBot) -> None:
    trainer: Any = window.workspace.trainer
    assert window.transport.train.text() == "Train"
    trainer.tell(_with_a_run(window, state="running"), 7, 5)
    qtbot.waitUntil(lambda: window.transport.train.text() == "7 / 50")
    window.transport.train.click()
    assert trainer.asked == ["pause"]


def test_that_epochs_are_gone_through_by_menu(window: MainWindow, qtbot: QtBot) -> None:
    epochs: Any = window.workspace.epochs
    run = _with_a_run(window)
    qtbot.waitUntil(window.actions_table["epoch_forward"].isEnabled)
    window.actions_table["epoch_forward"].trigger()
    assert epochs.epoch == 0
    window.actions_table["epoch_forward"].trigger()
    assert epochs.epoch == 1
    window.actions_table["epoch_best"].trigger()
    assert epochs.epoch == 8
    qtbot.waitUntil(window.actions_table["use_epoch"].isEnabled)
    window.actions_table["use_epoch"].trigger()
    assert epochs.kept == [(run.id, 8)]
    assert window.notice.text == "The design has the weights of epoch 8 of “Run 1” now."


def test_that_an_interrupted_run_is_offered_once(window: MainWindow, qtbot: QtBot) -> None:
    trainer: Any = window.workspace.trainer
    run = _with_a_run(window, state="interrupted")
    qtbot.waitUntil(lambda: "was interrupted after epoch 12 of 50" in window.notice.text)
    window.notice._action.click()
    assert trainer.asked == [("resume", run.id)]
    window.workspace.runs.changed.emit()
    qtbot.waitUntil(lambda: not window.trainings._offer_timer.isActive())
    assert not window.notice.text


def test_that_the_end_and_a_failure_are_said(window: MainWindow) -> None:
    trainer: Any = window.workspace.trainer
    trainer.ended.emit("Trained for 3 epochs.")
    assert window.notice.text == "Trained for 3 epochs."
    trainer.failed.emit("The trainer ran out of memory. Lower the batch size.")
    assert "Lower the batch size" in window.notice.text


def test_that_a_setting_is_explained(window: MainWindow, qtbot: QtBot) -> None:
    window.actions_table["train_settings"].trigger()
    row = window.train.course.rows["epochs"]
    window.activateWindow()
    row.editor.setFocus(Qt.FocusReason.TabFocusReason)
    window.right.show_page(2)
    qtbot.waitUntil(lambda: "Epochs" in window.explain.text())
    assert "How a network learns" in window.explain.text()
    window.selection.set(("mem",))
    assert "How a network learns" not in window.explain.text()


def test_that_the_epoch_stands_above_the_scopes(window: MainWindow, qtbot: QtBot) -> None:
    from rnn_designer.ui.training.epoch_bar import EpochBar

    bar = window.scopes.findChild(EpochBar)
    assert bar is not None
    assert bar.isHidden()
    run = _with_a_run(window)
    window.workspace.epochs.go_to(run, 5)
    qtbot.waitUntil(bar.isVisible)
    assert bar.text.text() == "epoch 5 of 12"
