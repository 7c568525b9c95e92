"""One open design from new to saved, with its weights beside it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import DataSource, Design, Layer, Link, edits, files
from rnn_designer.design.files import FileProblem
from rnn_designer.session import EngineState, Workspace

PATIENCE = 120_000


def a_design() -> Design:
    layers = (
        Layer("in", "Input", "signal", FrozenMap(shape=(None, 1))),
        Layer("mem", "LSTM", "memory", FrozenMap(units=3)),
    )
    source = DataSource("sine", FrozenMap(), 2, 12)
    return Design("chain", layers, (Link("in", "mem"),), FrozenMap({"in": source}))


def until_traced(workspace: Workspace, qtbot: QtBot) -> None:
    qtbot.waitUntil(
        lambda: workspace.live.trace is not None and not workspace.live.stale and not workspace.live.pending,
        timeout=PATIENCE,
    )


def test_that_a_new_workspace_has_an_empty_saved_design(workspace: Workspace) -> None:
    assert workspace.document.design.layers == ()
    assert not workspace.document.modified
    assert workspace.engine.state is EngineState.STOPPED


def test_that_saving_and_opening_gives_the_same_design(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "chain.rnnd"
    workspace.show(a_design())
    assert workspace.document.modified
    workspace.save(path)
    assert not workspace.document.modified
    assert workspace.document.path == path
    workspace.new()
    assert workspace.document.design.layers == ()
    assert workspace.document.path is None
    workspace.open(path)
    assert workspace.document.design == a_design()
    assert workspace.document.path == path


def test_that_a_design_without_a_file_cannot_be_saved_without_a_name(workspace: Workspace) -> None:
    with pytest.raises(FileProblem, match="no file yet"):
        workspace.save()


def test_that_a_file_that_cannot_be_opened_leaves_the_open_design(
    workspace: Workspace, tmp_path: Path
) -> None:
    workspace.show(a_design())
    broken = tmp_path / "broken.rnnd"
    broken.write_text("{")
    for path in (broken, tmp_path / "missing.rnnd"):
        with pytest.raises(FileProblem):
            workspace.open(path)
    assert workspace.document.design == a_design()


def test_that_closing_ends_both_processes(workspace: Workspace, qtbot: QtBot, fake) -> None:
    workspace.show(a_design())
    workspace.start()
    until_traced(workspace, qtbot)
    pid = workspace.engine.pid
    workspace.close()
    assert workspace.engine.state is EngineState.STOPPED
    assert not fake.is_alive(pid)


def test_that_another_design_forgets_trace_cursor_and_pins(workspace: Workspace, qtbot: QtBot) -> None:
    workspace.show(a_design())
    workspace.start()
    until_traced(workspace, qtbot)
    workspace.playback.go_to(5)
    workspace.playback.pin("mem")
    workspace.new()
    assert workspace.live.trace is None
    assert workspace.playback.step == 0
    assert workspace.playback.pins == ()
    assert workspace.playback.steps == 0


def test_that_a_pin_goes_with_its_layer(workspace: Workspace) -> None:
    workspace.show(a_design())
    workspace.playback.pin("mem")
    workspace.playback.pin("in")
    workspace.document.apply(edits.remove(["mem"]), "Remove")
    assert workspace.playback.pins == ("in",)


def test_that_kept_weights_are_saved_and_come_back(
    workspace: Workspace, qtbot: QtBot, tmp_path: Path, fake
) -> None:
    path = tmp_path / "chain.rnnd"
    workspace.show(a_design())
    workspace.start()
    until_traced(workspace, qtbot)
    weights = {"mem/kernel": np.arange(2, dtype=np.float32)}
    workspace.live.set_weights(weights)
    workspace.save(path)
    assert workspace.document.design.weights == "chain.weights.npz"
    assert (tmp_path / "chain.weights.npz").is_file()
    assert not workspace.document.modified
    assert files.load(path).weights == "chain.weights.npz"
    workspace.new()
    assert not workspace.live.carries_weights
    workspace.open(path)
    assert workspace.live.carries_weights
    np.testing.assert_array_equal(workspace.live.weights["mem/kernel"], weights["mem/kernel"])
    until_traced(workspace, qtbot)
    assert [sent for kind, _run, sent in fake.log if kind == "Build"][-1] == ["mem/kernel"]


def test_that_save_as_gives_the_copy_weights_of_its_own(workspace: Workspace, tmp_path: Path) -> None:
    workspace.show(a_design())
    workspace.start()
    workspace.live.set_weights({"mem/kernel": np.ones(2, np.float32)})
    workspace.save(tmp_path / "one.rnnd")
    workspace.save(tmp_path / "two.rnnd")
    assert files.load(tmp_path / "one.rnnd").weights == "one.weights.npz"
    assert files.load(tmp_path / "two.rnnd").weights == "two.weights.npz"
    assert (tmp_path / "two.weights.npz").is_file()


def test_that_weights_opened_before_the_start_are_loaded_at_the_start(
    workspace: Workspace, tmp_path: Path
) -> None:
    from rnn_designer.design.weights import save_weights

    save_weights(tmp_path / "w.npz", {"mem/kernel": np.ones(2, np.float32)})
    files.save(replace(a_design(), weights="w.npz"), tmp_path / "d.rnnd")
    workspace.open(tmp_path / "d.rnnd")
    assert not workspace.live.carries_weights
    workspace.start()
    assert workspace.live.carries_weights


def test_that_missing_weights_are_told_and_the_design_opens(workspace: Workspace, tmp_path: Path) -> None:
    files.save(replace(a_design(), weights="gone.npz"), tmp_path / "d.rnnd")
    noticed: list[str] = []
    workspace.noticed.connect(noticed.append)
    workspace.start()
    workspace.open(tmp_path / "d.rnnd")
    assert len(noticed) == 1
    assert "gone.npz" in noticed[0]
    assert "drawn from its seed" in noticed[0]
    assert workspace.document.design.weights == "gone.npz"
    workspace.save()
    assert files.load(tmp_path / "d.rnnd").weights == "gone.npz"


def test_that_keeping_and_forgetting_weights_can_be_undone(workspace: Workspace, qtbot: QtBot) -> None:
    workspace.show(a_design())
    workspace.start()
    until_traced(workspace, qtbot)
    workspace.keep_weights()
    assert workspace.document.design.weights == "model.weights.npz"
    assert workspace.live.carries_weights
    workspace.document.undo()
    assert workspace.document.design.weights is None
    assert not workspace.live.carries_weights
    workspace.document.redo()
    workspace.forget_weights()
    assert workspace.document.design.weights is None
    assert not workspace.live.carries_weights
