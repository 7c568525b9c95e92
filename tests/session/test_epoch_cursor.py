"""Showing the weights of any epoch: over the design's own, never instead of them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from pytestqt.qtbot import QtBot
from trained_designs import a_design, settled, shown, trained

from rnn_designer.design import edits, files
from rnn_designer.session import Workspace
from rnn_designer.session.training.runs import runs_folder


def kernel(workspace: Workspace) -> float:
    return float(workspace.live.weights["mem/kernel"][0])


def kept(workspace: Workspace, epoch: int) -> float:
    run = workspace.trainer.run
    return float(workspace.runs.weights(run, epoch)["mem/kernel"][0])


def test_that_any_epoch_can_be_shown_and_left(workspace: Workspace, qtbot: QtBot) -> None:
    trained(workspace, qtbot)
    settled(workspace, qtbot)
    own, cursor, run = kernel(workspace), workspace.epochs, workspace.trainer.run
    assert (cursor.run, cursor.epoch, cursor.following) == (None, None, False)
    for epoch in (0, 2, 1):
        assert cursor.go_to(run, epoch)
        settled(workspace, qtbot)
        assert (cursor.run, cursor.epoch) == (run, epoch)
        assert kernel(workspace) == kept(workspace, epoch)
        assert f"epoch {epoch} of Run 1" in workspace.live.status.text
    cursor.leave()
    settled(workspace, qtbot)
    assert kernel(workspace) == own
    assert "epoch" not in workspace.live.status.text
    assert cursor.run is None


def test_that_the_newest_of_many_epochs_wins(workspace: Workspace, qtbot: QtBot, fake) -> None:
    trained(workspace, qtbot)
    settled(workspace, qtbot)
    before = fake.requests.count("Build")
    for epoch in (0, 1, 2, 3, 2, 1, 0) * 5:
        workspace.epochs.go_to(workspace.trainer.run, epoch)
    settled(workspace, qtbot)
    assert kernel(workspace) == kept(workspace, 0)
    assert fake.requests.count("Build") - before < 10


def test_that_a_training_is_followed_while_it_runs(workspace: Workspace, qtbot: QtBot, fake) -> None:
    fake.does(Train="slow")
    shown(workspace, qtbot, a_design(epochs=1000))
    seen: set[float] = set()
    workspace.live.traced.connect(lambda _trace: seen.add(kernel(workspace)))
    workspace.trainer.start()
    qtbot.waitUntil(lambda: len(seen) > 3)
    assert workspace.epochs.following
    run = workspace.trainer.run
    assert workspace.epochs.go_to(run, 0)
    assert not workspace.epochs.following
    settled(workspace, qtbot)
    last = workspace.trainer.run.last_epoch
    qtbot.waitUntil(lambda: workspace.trainer.run.last_epoch > last)
    assert kernel(workspace) == kept(workspace, 0)
    workspace.epochs.follow()
    qtbot.waitUntil(lambda: kernel(workspace) > kept(workspace, 0))
    workspace.trainer.stop()
    qtbot.waitUntil(lambda: not workspace.trainer.active)


def test_that_shown_weights_are_not_saved(workspace: Workspace, qtbot: QtBot, tmp_path: Path) -> None:
    trained(workspace, qtbot)
    settled(workspace, qtbot)
    own = kernel(workspace)
    workspace.epochs.go_to(workspace.trainer.run, 1)
    settled(workspace, qtbot)
    workspace.save(tmp_path / "shown.rnnd")
    from rnn_designer.design.weights import load_weights

    saved = load_weights(files.weights_path(workspace.document.design, tmp_path / "shown.rnnd"))
    assert saved["mem/kernel"][0] == own != kernel(workspace)


def test_that_training_starts_from_the_designs_own_weights_and_not_from_shown_ones(
    workspace: Workspace, qtbot: QtBot
) -> None:
    trained(workspace, qtbot)
    settled(workspace, qtbot)
    own = kernel(workspace)
    workspace.epochs.go_to(workspace.trainer.run, 0)
    settled(workspace, qtbot)
    with qtbot.waitSignal(workspace.trainer.ended):
        workspace.trainer.start()
    assert kept(workspace, 0) == own


def test_that_going_back_makes_an_epochs_weights_the_designs_own(workspace: Workspace, qtbot: QtBot) -> None:
    trained(workspace, qtbot)
    settled(workspace, qtbot)
    workspace.document.mark_saved(Path("here.rnnd"))
    assert not workspace.document.modified
    workspace.epochs.go_to(workspace.trainer.run, 1)
    settled(workspace, qtbot)
    workspace.epochs.keep()
    settled(workspace, qtbot)
    assert kernel(workspace) == kept(workspace, 1)
    assert workspace.epochs.run is None
    assert not workspace.live.shows_other_weights
    assert workspace.document.modified
    assert workspace.live.weights_to_save(workspace.document.design)["mem/kernel"][0] == kept(workspace, 1)


def test_that_an_epoch_of_another_model_is_refused_with_the_remedy(
    workspace: Workspace, qtbot: QtBot
) -> None:
    trained(workspace, qtbot)
    said: list[str] = []
    workspace.epochs.noticed.connect(said.append)
    workspace.document.apply(edits.set_parameter("mem", "units", 5), "Units")
    assert not workspace.epochs.go_to(workspace.trainer.run, 1)
    assert "Restore the run" in said[-1]
    workspace.document.undo()
    assert not workspace.epochs.go_to(workspace.trainer.run, 99)
    assert "not kept" in said[-1]
    assert workspace.epochs.go_to(workspace.trainer.run, 1)


def test_that_a_removed_run_is_shown_no_longer(workspace: Workspace, qtbot: QtBot) -> None:
    trained(workspace, qtbot)
    settled(workspace, qtbot)
    run = workspace.trainer.run
    workspace.epochs.go_to(run, 1)
    settled(workspace, qtbot)
    workspace.runs.remove(run)
    assert workspace.epochs.run is None
    assert not workspace.live.shows_other_weights


def test_that_weights_that_do_not_fit_are_left_out(workspace: Workspace, qtbot: QtBot) -> None:
    shown(workspace, qtbot, replace(a_design(), training=None))
    workspace.live.show_weights(
        {"mem/kernel": np.float32([5, 5]), "gone/kernel": np.float32([1, 1])}, "a test"
    )
    settled(workspace, qtbot)
    assert kernel(workspace) == 5
    assert "gone/kernel" not in workspace.live.weights
    assert "a test" in workspace.live.status.text
    workspace.live.show_weights(None)
    settled(workspace, qtbot)
    assert kernel(workspace) == 0
    assert not workspace.live.carries_weights


def test_that_an_epoch_whose_file_is_broken_is_left_again(workspace: Workspace, qtbot: QtBot) -> None:
    trained(workspace, qtbot)
    settled(workspace, qtbot)
    run = workspace.trainer.run
    (runs_folder() / "tested" / run.id / "epoch-0002.npz").write_bytes(b"PK")
    said: list[str] = []
    workspace.epochs.noticed.connect(said.append)
    workspace.epochs.go_to(run, 2)
    settled(workspace, qtbot)
    assert "not kept" in said[-1]
    assert workspace.epochs.run is None
    assert not workspace.live.shows_other_weights
