"""The row with the slider: what it says, what its buttons ask for, and how it plays."""

from collections.abc import Callable
from typing import Any

from hand_training import made_run
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from rnn_designer.session.training import TrainerState
from rnn_designer.ui.training.epoch_bar import EpochBar, player_of
from rnn_designer.ui.training.shown import shown_run

Show = Callable[[QWidget], QWidget]


def _bar(trained: Any, qtbot: QtBot, *, compact: bool = False, **fields: Any) -> tuple[EpochBar, Any]:
    run = made_run(trained.document.design, **fields)
    trained.runs.saved[run.id] = {epoch: {} for epoch in range(0, 13, 2)}
    trained.runs.give(run)
    bar = EpochBar(trained, compact=compact)
    qtbot.addWidget(bar)
    if bar.buttons is not bar:
        qtbot.addWidget(bar.buttons)
    bar.resize(700, 30)
    bar.show()
    bar.refresh()
    return bar, run


def test_that_there_is_no_bar_before_anything_was_trained(trained: Any, qtbot: QtBot) -> None:
    bar = EpochBar(trained)
    qtbot.addWidget(bar)
    qtbot.addWidget(bar.buttons)
    assert bar.isHidden()


def test_that_dragging_lets_every_plot_show_that_epoch(trained: Any, qtbot: QtBot) -> None:
    bar, run = _bar(trained, qtbot)
    assert bar.text.text() == "own weights"
    bar.track.wanted.emit(8)
    assert (trained.epochs.run, trained.epochs.epoch) == (run, 8)
    qtbot.waitUntil(lambda: bar.text.text() == "epoch 8 of 12, best")
    assert not bar.use.isHidden()
    assert not bar.back.isHidden()


def test_that_an_epoch_can_be_used_or_left(trained: Any, qtbot: QtBot) -> None:
    bar, run = _bar(trained, qtbot)
    bar.track.wanted.emit(4)
    qtbot.waitUntil(lambda: not bar.use.isHidden())
    bar.use.click()
    assert trained.epochs.kept == [(run.id, 4)]
    bar.track.wanted.emit(2)
    bar.back.click()
    assert trained.epochs.run is None


def test_that_the_row_above_the_scopes_is_there_only_while_an_epoch_is_shown(
    trained: Any, qtbot: QtBot
) -> None:
    bar, _run = _bar(trained, qtbot, compact=True)
    assert bar.isHidden()
    bar.track.wanted.emit(6)
    qtbot.waitUntil(lambda: not bar.isHidden())
    trained.epochs.leave()
    qtbot.waitUntil(bar.isHidden)


def test_that_following_is_offered_while_a_training_runs(trained: Any, qtbot: QtBot) -> None:
    bar, run = _bar(trained, qtbot, state="running")
    assert bar.follow.isHidden()
    trained.trainer.tell(run, 13, 5)
    trained.epochs.follow()
    qtbot.waitUntil(lambda: "following" in bar.text.text())
    assert bar.follow.isChecked()
    bar.follow.click()
    assert not trained.epochs.following
    assert trained.epochs.epoch == 12


def test_that_playing_goes_through_the_kept_epochs_and_ends(trained: Any, qtbot: QtBot) -> None:
    bar, _run = _bar(trained, qtbot)
    player = player_of(trained)
    player._timer.setInterval(1)
    seen: list[int] = []
    trained.epochs.changed.connect(lambda: seen.append(trained.epochs.epoch))
    bar.play.click()
    assert player.playing
    qtbot.waitUntil(lambda: not player.playing)
    assert seen == [0, 2, 4, 6, 8, 10, 12]


def test_that_a_drag_ends_playing(trained: Any, qtbot: QtBot) -> None:
    bar, _run = _bar(trained, qtbot)
    player = player_of(trained)
    player.toggle()
    bar.track.wanted.emit(4)
    assert not player.playing
    assert trained.epochs.epoch == 4


def test_that_a_hundred_steps_of_a_training_are_one_look(trained: Any, qtbot: QtBot) -> None:
    run = made_run(trained.document.design, state="running")
    trained.runs.give(run)
    shown = shown_run(trained)
    qtbot.waitUntil(lambda: not shown._timer.isActive())
    looked: list[bool] = []
    shown.changed.connect(lambda: looked.append(True))
    for batch in range(100):
        trained.trainer.tell(run, 3, batch, 100)
    assert trained.trainer.state is TrainerState.RUNNING
    qtbot.waitUntil(lambda: bool(looked) and not shown._timer.isActive())
    assert len(looked) == 1


def test_that_the_run_under_way_is_shown_unless_another_was_chosen(trained: Any) -> None:
    design = trained.document.design
    old, new = made_run(design, "Run 1"), made_run(design, "Run 2", state="running")
    trained.runs.give(old, new)
    shown = shown_run(trained)
    assert shown.run is new
    trained.epochs.go_to(old, 3)
    assert shown.run is old
    trained.trainer.tell(new, 2, 1)
    assert shown.run is new
    shown.show(old.id)
    assert shown.run is old
    shown.compare(new.id)
    assert shown.compared is new
