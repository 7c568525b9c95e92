"""Runs on disk: written as they grow, read again whatever happened to them, thinned, named, removed, restored."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot
from trained_designs import a_design, settled, trained

from rnn_designer.design import Refused, edits, files
from rnn_designer.design.model import Training
from rnn_designer.messages import TrainEpoch
from rnn_designer.session import Workspace
from rnn_designer.session.document import Document
from rnn_designer.session.training.run import MOST_POINTS, BatchCurves, EpochRecord, TrainingRun
from rnn_designer.session.training.run_files import RunFolder
from rnn_designer.session.training.runs import Runs, key_for, runs_folder


@pytest.fixture
def runs(qapp: QCoreApplication, qtbot: QtBot) -> Runs:
    document = Document(a_design())
    runs = Runs(document, room=10_000, most_kept=8)
    runs.setProperty("document", document)
    runs.start()
    qtbot.waitUntil(lambda: not runs.reading)
    return runs


def again(qtbot: QtBot) -> Runs:
    """The runs as another program finds them."""
    other = Runs(Document(a_design()))
    other.start()
    qtbot.waitUntil(lambda: not other.reading)
    return other


def told(epoch: int, best: int | None = None, size: int = 2) -> TrainEpoch:
    weights = {"mem/kernel": np.full(size, epoch, np.float32)}
    state = {"done": np.int64([4 * epoch])}
    logs = {"loss": 1 / (1 + epoch), "val_loss": float("nan")}
    return TrainEpoch(
        1, epoch, logs, weights, state, {"mem": 0.5}, {}, epoch if best is None else best, 1.5 * epoch
    )


def a_run(runs: Runs, epochs: int = 3, **options: int) -> TrainingRun:
    run = runs.begin(a_design())
    for epoch in range(epochs + 1):
        if epoch:
            runs.add_batches(run.id, {"loss": np.float32([1, 2, 3, 4])}, 4, 1.5 * epoch)
        runs.append(run.id, told(epoch, **options))
    found = runs.find(run.id)
    assert found is not None
    return found


def folder_of(run: TrainingRun) -> Path:
    return runs_folder() / "tested" / run.id


def test_that_runs_are_found_by_the_file_of_a_design_whose_training_was_not_saved(
    qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "mine.rnnd"
    bare = edits.set_training(None)(a_design())
    files.save(bare, path)
    first = Runs(Document(bare, path))
    first.start()
    assert first.all == ()
    begun = first.begin(edits.set_training(replace(Training(), runs=key_for(path)))(bare))
    first.append(begun.id, told(0))
    reopened = Runs(Document(files.load(path), path))
    reopened.start()
    qtbot.waitUntil(lambda: not reopened.reading)
    assert [run.id for run in reopened.all] == [begun.id]
    elsewhere = Document(bare, tmp_path / "other.rnnd")
    others = Runs(elsewhere)
    others.start()
    assert others.all == ()
    elsewhere.mark_saved(path)
    qtbot.waitUntil(lambda: not others.reading)
    assert [run.id for run in others.all] == [begun.id]


def test_that_a_run_is_read_again_as_it_was(runs: Runs, qtbot: QtBot) -> None:
    run = runs.end(a_run(runs).id, "early", "No more progress.")
    (same,) = again(qtbot).all
    assert (same.id, same.name, same.started, same.state, same.sentence) == (
        run.id,
        "Run 1",
        run.started,
        "early",
        "No more progress.",
    )
    assert same.design == run.design
    assert [each.epoch for each in same.epochs] == [0, 1, 2, 3]
    assert np.isnan(same.record(2).logs["val_loss"])
    assert same.record(2).logs["loss"] == run.record(2).logs["loss"]
    assert same.record(2).norms == {"mem": 0.5}
    assert same.batches["loss"].tolist() == [1, 2, 3, 4] * 3
    assert (same.batches_per_epoch, same.seconds, same.best_epoch) == (4, 4.5, 3)


def test_that_a_run_that_nobody_works_on_any_more_is_interrupted(runs: Runs, qtbot: QtBot) -> None:
    run = a_run(runs)
    assert again(qtbot).all[0].state == "running"
    lock = folder_of(run) / "lock"
    content = lock.read_text().splitlines()
    runs._folders[run.id].release()
    # The lock of a program that was killed stays behind, with the number of a process that is no more.
    dead = os.spawnv(os.P_NOWAIT, "/bin/true", ["true"])
    os.waitpid(dead, 0)
    lock.write_text("\n".join([str(dead), *content[1:]]) + "\n")
    (found,) = again(qtbot).all
    assert found.state == "interrupted"
    assert found.resumable is False  # All three of its epochs are done.
    assert again(qtbot).checkpoint(found)[0] == 3


def test_that_only_one_program_works_on_a_run(runs: Runs, qtbot: QtBot) -> None:
    run = a_run(runs)
    other = again(qtbot)
    with pytest.raises(Refused, match="another window"):
        other.reopen(other.all[0], 2)
    with pytest.raises(Refused, match="under way"):
        other.remove(other.all[0])
    runs.end(run.id, "stopped", "Stopped.")
    other = again(qtbot)
    other.reopen(other.all[0], 2)
    with pytest.raises(Refused, match="under way"):
        runs.remove(runs.all[0])
    other.end(run.id, "stopped", "Stopped.")


def test_that_going_on_forgets_what_came_after_the_checkpoint(runs: Runs, qtbot: QtBot) -> None:
    run = runs.end(a_run(runs).id, "interrupted", "Interrupted.")
    run = runs.reopen(run, 2)
    assert run.last_epoch == 2
    assert run.best_epoch == 2
    assert len(run.batches["loss"]) == 8
    assert runs.kept(run) == (0, 1, 2)
    runs.append(run.id, told(3))
    runs.end(run.id, "finished", "Done.")
    (same,) = again(qtbot).all
    assert [each.epoch for each in same.epochs] == [0, 1, 2, 3]


def test_that_half_written_files_are_as_if_they_were_not_there(runs: Runs, qtbot: QtBot) -> None:
    run = runs.end(a_run(runs).id, "stopped", "Stopped.")
    folder = folder_of(run)
    with (folder / "epochs.jsonl").open("ab") as file:
        file.write(b'{"epoch": 4, "logs": {"lo')
    (folder / ".epoch-0004.npz.aaaa.part").write_bytes(b"PK")
    half = (folder / "epoch-0002.npz").read_bytes()
    (folder / "epoch-0002.npz").write_bytes(half[: len(half) // 2])
    (folder / "batches.npz").write_bytes(b"")
    other = again(qtbot)
    (same,) = other.all
    assert same.last_epoch == 3
    assert other.weights(same, 2) is None
    assert other.weights(same, 1)["mem/kernel"].tolist() == [1, 1]
    assert same.batches == {}
    with pytest.raises(Refused, match=r"epoch 2 .* not there any more"):
        other.restore(same, 2)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"format": 1}', '{"format": 99, "state": "finished"}', "\0" * 100]
)
def test_that_a_run_that_cannot_be_read_hides_no_other(runs: Runs, qtbot: QtBot, text: str) -> None:
    broken, whole = a_run(runs), a_run(runs)
    (folder_of(broken) / "run.json").write_text(text)
    assert [run.id for run in again(qtbot).all] == [whole.id]


def test_that_the_epoch_before_is_where_a_killed_run_goes_on(runs: Runs, qtbot: QtBot) -> None:
    """Killed after the weights and the state of epoch 3 were written, and before the line of its figures."""
    run = a_run(runs, epochs=2)
    folder = RunFolder(folder_of(run))
    folder.put_weights(3, told(3).weights)
    folder.put_state(3, told(3).state)
    other = again(qtbot)
    (found,) = other.all
    epoch, weights, state = other.checkpoint(found)
    assert (epoch, weights["mem/kernel"].tolist(), state["done"].tolist()) == (2, [2, 2], [8])
    assert other.kept(found) == (0, 1, 2)


def test_that_a_run_taken_away_by_somebody_stops_no_training(runs: Runs, qtbot: QtBot) -> None:
    said: list[str] = []
    runs.noticed.connect(said.append)
    run = a_run(runs, epochs=1)
    for each in folder_of(run).iterdir():
        each.unlink()
    folder_of(run).rmdir()
    runs.append(run.id, told(2))
    runs.end(run.id, "finished", "Done.")
    assert runs.weights(run, 1) is None
    assert runs.weights(run, 2) is not None
    assert runs.find(run.id).last_epoch == 2
    (same,) = again(qtbot).all
    assert [each.epoch for each in same.epochs] == [2]
    assert said == []


def test_that_a_folder_that_cannot_be_written_is_told_once(runs: Runs) -> None:
    said: list[str] = []
    runs.noticed.connect(said.append)
    run = a_run(runs, epochs=1)
    folder = folder_of(run)
    for each in folder.iterdir():
        each.unlink()
    folder.rmdir()
    folder.write_text("a file where the folder was")
    runs.append(run.id, told(2))
    runs.append(run.id, told(3))
    assert len(said) == 1
    assert "cannot be kept on disk" in said[0]
    assert runs.find(run.id).last_epoch == 3


def test_that_epochs_are_thinned_evenly_and_first_best_and_last_stay(runs: Runs) -> None:
    run = runs.begin(a_design())
    for epoch in range(31):
        runs.append(run.id, told(epoch, best=min(epoch, 13)))
    found = runs.find(run.id)
    assert runs.kept(found) == (0, 8, 13, 16, 24, 30) or runs.kept(found) == (
        0,
        4,
        8,
        12,
        13,
        16,
        20,
        24,
        28,
        30,
    )
    assert runs.checkpoint(found)[0] == 30
    assert len(found.epochs) == 31
    big = runs.begin(a_design())
    for epoch in range(9):
        runs.append(big.id, told(epoch, best=0, size=600))  # Four of them fit into the room.
    assert runs.kept(runs.find(big.id)) == (0, 4, 8)


def test_that_a_run_has_the_name_that_it_is_given(runs: Runs, qtbot: QtBot) -> None:
    run = runs.end(a_run(runs).id, "finished", "Done.")
    runs.rename(run, "  wide  memory ")
    assert again(qtbot).all[0].name == "wide memory"
    for bad in ("", " ", "x" * 101):
        with pytest.raises(Refused, match="1 to 100 characters"):
            runs.rename(run, bad)
    assert runs.begin(a_design()).name == "Run 2"


def test_that_a_removed_run_is_gone(runs: Runs, qtbot: QtBot) -> None:
    run = runs.end(a_run(runs).id, "finished", "Done.")
    runs.remove(run)
    assert runs.all == ()
    assert not folder_of(run).exists()
    assert again(qtbot).all == ()


def test_that_the_folder_of_runs_is_never_left(qapp: QCoreApplication) -> None:
    runs = Runs(Document(a_design(runs="../../escaped")))
    runs.start()
    run = runs.begin(a_design())
    inside = list(runs_folder().rglob("run.json"))
    assert [path.parent.name for path in inside] == [run.id]
    assert not (runs_folder().parent.parent / "escaped").exists()


def test_that_the_runs_follow_the_design_and_others_are_another_designs(
    qapp: QCoreApplication, qtbot: QtBot
) -> None:
    document = Document(a_design())
    runs = Runs(document)
    runs.start()
    run = runs.end(a_run(runs).id, "finished", "Done.")
    document.apply(edits.change_training(runs="others"), "Other runs")
    assert runs.all == ()
    document.undo()
    qtbot.waitUntil(lambda: [each.id for each in runs.all] == [run.id])


def test_that_curves_stay_small_and_keep_their_mean() -> None:
    curves = BatchCurves()
    values = np.arange(3 * MOST_POINTS + 1, dtype=np.float32)
    for at in range(0, len(values), 1000):
        curves.add({"loss": values[at : at + 1000]})
    points = curves.arrays()["loss"]
    assert len(points) <= MOST_POINTS
    assert curves.per_point == 4
    whole = len(values) // 4 * 4
    np.testing.assert_allclose(points, values[:whole].reshape(-1, 4).mean(axis=1), rtol=1e-6)
    curves.cut(40)
    assert len(curves.arrays()["loss"]) == 10


def test_that_a_record_is_kept_whatever_its_numbers_are(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    record = EpochRecord(
        1, {"loss": float("inf")}, {"mem": float("nan")}, {"mem/h": (0.5, float("nan"))}, 2.0
    )
    folder.append(record, 0)
    ((same, best),) = folder._records()
    assert best == 0
    assert same.logs["loss"] == float("inf")
    assert np.isnan(same.norms["mem"])
    assert same.units["mem/h"][0] == 0.5


def test_that_restoring_a_run_is_one_step_that_can_be_undone(
    workspace: Workspace, qtbot: QtBot, tmp_path: Path
) -> None:
    trained(workspace, qtbot)
    run = workspace.trainer.run
    workspace.document.apply(edits.set_parameter("mem", "units", 5), "Units")
    settled(workspace, qtbot)
    workspace.restore(run, 1)
    settled(workspace, qtbot)
    assert workspace.document.design.layer("mem").value("units") == 3
    assert (
        workspace.live.weights["mem/kernel"].tolist() == workspace.runs.weights(run, 1)["mem/kernel"].tolist()
    )
    workspace.document.undo()
    assert workspace.document.design.layer("mem").value("units") == 5
    workspace.document.redo()
    workspace.save(tmp_path / "restored.rnnd")
    from rnn_designer.design.weights import load_weights

    saved = load_weights(files.weights_path(workspace.document.design, tmp_path / "restored.rnnd"))
    assert saved["mem/kernel"].tolist() == workspace.runs.weights(run, 1)["mem/kernel"].tolist()
