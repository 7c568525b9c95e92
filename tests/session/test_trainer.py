"""Training from start to end, with a trainer that adds 1 to every weight in each batch."""

import os
import signal
from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from trained_designs import a_design, idle, settled, shown, trained

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import Edit, Generation, Layer, edits
from rnn_designer.design.model import Goal
from rnn_designer.session import EngineState, Workspace
from rnn_designer.session.training import TrainerState
from rnn_designer.session.training.run_files import RunFolder
from rnn_designer.session.training.runs import runs_folder


def kernel(weights: dict[str, np.ndarray] | None, key: str = "mem/kernel") -> float:
    assert weights is not None
    return float(weights[key][0])


def test_that_a_training_goes_from_the_shown_weights_to_the_best_ones(
    workspace: Workspace, qtbot: QtBot
) -> None:
    shown(workspace, qtbot)
    workspace.live.set_weights({"mem/kernel": np.float32([7, 7])})
    settled(workspace, qtbot)
    seen: list[TrainerState] = []
    workspace.trainer.changed.connect(lambda: seen.append(workspace.trainer.state))
    epochs: list[int] = []
    workspace.trainer.epoch_ended.connect(lambda _run, epoch: epochs.append(epoch))
    with qtbot.waitSignal(workspace.trainer.ended) as ended:
        workspace.trainer.start()
        assert workspace.trainer.state is TrainerState.PREPARING
        assert workspace.trainer.reason_not_to_start() is not None
    assert seen[0] is TrainerState.PREPARING
    assert TrainerState.RUNNING in seen
    assert seen[-1] is TrainerState.IDLE
    assert epochs == [0, 1, 2, 3]
    run = workspace.trainer.run
    assert run is not None
    assert (run.state, run.best_epoch, run.name) == ("finished", 3, "Run 1")
    assert [kernel(workspace.runs.weights(run, epoch)) for epoch in range(4)] == [7, 11, 15, 19]
    assert run.batches["loss"].shape == (12,)
    assert run.batches_per_epoch == 4
    assert run.record(1).units == {"mem/state/h": (0.25, 0.5)}
    assert "epoch 3" in ended.args[0]
    settled(workspace, qtbot)
    assert kernel(workspace.live.weights) == 19
    assert not workspace.live.shows_other_weights
    assert workspace.live.carries_weights
    assert workspace.document.design.weights is not None
    assert workspace.document.modified


def test_that_drawn_weights_are_those_that_the_plots_show(workspace: Workspace, qtbot: QtBot, fake) -> None:
    trained(workspace, qtbot)
    sent = [weights for kind, _run, weights in fake.log if kind == "Train"]
    assert {"mem/kernel", "out/kernel"} <= set(sent[0])


def test_that_the_samples_are_parted_and_all_of_the_training_part_is_sent(
    workspace: Workspace, qtbot: QtBot
) -> None:
    shown(workspace, qtbot)
    workspace.trainer.start(paused=True)
    qtbot.waitUntil(lambda: workspace.trainer.state is TrainerState.PAUSED)
    lessons = workspace.trainer.lessons
    assert lessons is not None
    assert lessons.train.inputs["signal"].shape == (40, 12, 1)
    assert lessons.train.targets["guess"].shape == (40, 1)
    assert lessons.validation is not None
    assert lessons.validation.size == 10
    workspace.trainer.stop()
    idle(workspace, qtbot)


def test_that_batches_go_one_by_one_and_on_after_a_pause(workspace: Workspace, qtbot: QtBot) -> None:
    shown(workspace, qtbot)
    trainer = workspace.trainer
    trainer.step_batch()
    qtbot.waitUntil(lambda: trainer.state is TrainerState.PAUSED)
    for batch in (1, 2):
        trainer.step_batch()
        qtbot.waitUntil(lambda batch=batch: trainer.step is not None and trainer.step.batch == batch)
        qtbot.waitUntil(lambda: trainer.step.paused)
        assert trainer.state is TrainerState.PAUSED
        assert "Paused in epoch 1" in trainer.status.text
    assert trainer.eta is not None
    trainer.proceed()
    idle(workspace, qtbot)
    assert trainer.run.state == "finished"


def test_that_a_running_training_can_be_paused(workspace: Workspace, qtbot: QtBot, fake) -> None:
    fake.does(Train="slow")
    shown(workspace, qtbot, a_design(epochs=1000))
    trainer = workspace.trainer
    trainer.start()
    qtbot.waitUntil(lambda: trainer.state is TrainerState.RUNNING and trainer.eta is not None)
    assert "left" in trainer.status.text
    trainer.pause()
    qtbot.waitUntil(lambda: trainer.state is TrainerState.PAUSED)
    with qtbot.waitSignal(trainer.ended):
        trainer.stop()
        assert trainer.state is TrainerState.STOPPING
    assert trainer.run.state == "stopped"
    assert trainer.run.resumable


def test_that_stopping_before_the_first_batch_leaves_no_run(workspace: Workspace, qtbot: QtBot) -> None:
    shown(workspace, qtbot)
    with qtbot.waitSignal(workspace.trainer.ended) as ended:
        workspace.trainer.start()
        workspace.trainer.stop()
    assert "before the first batch" in ended.args[0]
    assert workspace.runs.all == ()
    assert workspace.trainer.state is TrainerState.IDLE


def test_that_a_loss_that_is_no_number_keeps_the_epoch_before(
    workspace: Workspace, qtbot: QtBot, fake
) -> None:
    fake.does(Train="nan_in_3")
    trained(workspace, qtbot)
    run = workspace.trainer.run
    assert (run.state, run.last_epoch, run.best_epoch) == ("not_a_number", 2, 2)
    settled(workspace, qtbot)
    assert kernel(workspace.live.weights) == kernel(workspace.runs.weights(run, 2))


def test_that_a_killed_trainer_interrupts_and_the_run_goes_on_as_if_it_had_not(
    workspace: Workspace, qtbot: QtBot, fake
) -> None:
    fake.does(Train="kill_in_3")
    shown(workspace, qtbot)
    with qtbot.waitSignal(workspace.trainer.failed) as failed:
        workspace.trainer.start()
    assert "interrupted after 2 epochs" in failed.args[0]
    run = workspace.trainer.run
    assert run.state == "interrupted"
    assert run.resumable
    start = kernel(workspace.runs.weights(run, 0))
    settled(workspace, qtbot)
    assert not workspace.live.shows_other_weights
    assert kernel(workspace.live.weights) == start
    fake.does()
    qtbot.waitUntil(lambda: workspace.trainer.engine.state is EngineState.READY)
    with qtbot.waitSignal(workspace.trainer.ended):
        workspace.trainer.resume(run)
    (run,) = workspace.runs.all
    assert run.state == "finished"
    assert [each.epoch for each in run.epochs] == [0, 1, 2, 3]
    assert len(run.batches["loss"]) == 12
    assert run.seconds >= run.epochs[2].seconds
    settled(workspace, qtbot)
    assert kernel(workspace.live.weights) == start + 12


def test_that_a_trainer_killed_from_outside_comes_back_for_the_next_training(
    workspace: Workspace, qtbot: QtBot, fake
) -> None:
    fake.does(Train="slow")
    shown(workspace, qtbot, a_design(epochs=1000))
    trainer = workspace.trainer
    trainer.start()
    qtbot.waitUntil(lambda: trainer.run is not None and trainer.run.last_epoch >= 1)
    with qtbot.waitSignal(trainer.failed):
        os.kill(trainer.engine.pid, signal.SIGKILL)
    assert trainer.run.state == "interrupted"
    assert workspace.live.trace is not None
    fake.does()
    workspace.document.apply(edits.change_training(epochs=1), "One epoch")
    with qtbot.waitSignal(trainer.ended):
        trainer.start()
    assert [run.state for run in workspace.runs.all] == ["interrupted", "finished"]


def test_that_a_deaf_trainer_is_ended(workspace: Workspace, qtbot: QtBot, fake) -> None:
    fake.does(Train="deaf")
    shown(workspace, qtbot, a_design(epochs=100_000))
    trainer = workspace.trainer
    trainer._patience.setInterval(1)
    trainer.start()
    qtbot.waitUntil(lambda: trainer.run is not None and trainer.run.last_epoch >= 1)
    with qtbot.waitSignal(trainer.ended):
        trainer.stop()
    assert trainer.run.state == "stopped"


def test_that_closing_the_window_interrupts(workspace: Workspace, qtbot: QtBot, fake) -> None:
    fake.does(Train="slow")
    shown(workspace, qtbot, a_design(epochs=1000))
    workspace.trainer.start()
    qtbot.waitUntil(lambda: workspace.trainer.run is not None and workspace.trainer.run.last_epoch >= 1)
    run, pid = workspace.trainer.run, workspace.trainer.engine.pid
    workspace.close()
    assert not fake.is_alive(pid)
    on_disk = RunFolder(runs_folder() / "tested" / run.id).read()
    assert on_disk is not None
    assert on_disk.state == "interrupted"
    assert on_disk.last_epoch >= 1


def test_that_another_design_interrupts_the_training_of_this_one(
    workspace: Workspace, qtbot: QtBot, fake
) -> None:
    fake.does(Train="slow")
    shown(workspace, qtbot, a_design(epochs=1000))
    workspace.trainer.start()
    qtbot.waitUntil(lambda: workspace.trainer.run is not None)
    run = workspace.trainer.run
    workspace.new()
    assert workspace.trainer.state is TrainerState.IDLE
    assert workspace.runs.all == ()
    assert RunFolder(runs_folder() / "tested" / run.id).read().state == "interrupted"
    assert not workspace.live.shows_other_weights


def test_that_editing_meanwhile_ends_the_following_and_not_the_training(
    workspace: Workspace, qtbot: QtBot, fake
) -> None:
    fake.does(Train="slow")
    shown(workspace, qtbot, a_design(epochs=1000))
    trainer = workspace.trainer
    trainer.start()
    qtbot.waitUntil(lambda: workspace.epochs.run is not None and workspace.live.shows_other_weights)
    workspace.document.apply(edits.move({"mem": (50.0, 50.0)}), "Move")
    assert workspace.epochs.following
    said: list[str] = []
    workspace.epochs.noticed.connect(said.append)
    workspace.document.apply(edits.set_parameter("mem", "units", 5), "Units")
    assert not workspace.epochs.following
    assert "another one now" in said[0]
    last = trainer.run.last_epoch
    qtbot.waitUntil(lambda: trainer.run.last_epoch > last)
    with qtbot.waitSignal(trainer.ended) as ended:
        trainer.stop()
    assert "restore the run" in ended.args[0]
    assert not workspace.live.carries_weights
    assert trainer.run.design.layer("mem").value("units") == 3


@pytest.mark.parametrize("running", [False, True])
def test_that_a_design_that_goes_on_by_itself_is_trained_as_well(
    workspace: Workspace, qtbot: QtBot, running: bool
) -> None:
    design = replace(a_design(epochs=1), generation=Generation(steps=3) if running else None)
    trained(workspace, qtbot, design)
    assert workspace.trainer.run.state == "finished"
    assert workspace.document.design.generation == design.generation


def test_that_code_that_nobody_trusts_is_not_trained(
    workspace: Workspace, qtbot: QtBot, designs_of_cells
) -> None:
    workspace.show(designs_of_cells)
    workspace.start()
    assert "not trusted" in workspace.trainer.reason_not_to_start()
    with qtbot.waitSignal(workspace.trainer.failed):
        workspace.trainer.start()
    assert workspace.trainer.state is TrainerState.IDLE
    assert workspace.trainer.engine.state is EngineState.STOPPED
    workspace.trust.add(designs_of_cells.layer("cell").value("code"))
    assert workspace.trainer.reason_not_to_start() is None


@pytest.fixture
def designs_of_cells():
    code = (
        "class Mine(keras.layers.Layer):\n"
        "    def __init__(self, units=3, **kwargs):\n"
        "        super().__init__(**kwargs)\n"
        "        self.units = units\n"
        "        self.state_size = units\n"
        "        self.output_size = units\n\n"
        "    def call(self, inputs, states):\n"
        "        return states[0], states\n\n"
        "    def get_config(self):\n"
        '        return {**super().get_config(), "units": self.units}\n'
    )
    from rnn_designer.catalog import Part

    cell = Layer(
        "cell", "CustomCell", "mine", FrozenMap(code=code, arguments=Part("Mine", FrozenMap(units=3)))
    )
    design = a_design()
    layers = tuple(
        Layer("mem", "RNN", "memory", children=(cell,)) if each.id == "mem" else each
        for each in design.layers
    )
    return replace(design, layers=layers)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (edits.remove(["in", "mem", "out"]), "connect an Input"),
        (edits.set_parameter("in", "shape", (3,)), "errors cannot be trained"),
        (edits.set_parameter("out", "units", 2), "Choose which columns are to be predicted"),
    ],
)
def test_that_a_design_that_cannot_be_trained_says_why(
    workspace: Workspace, qtbot: QtBot, edit: Edit, words: str
) -> None:
    goal = FrozenMap(out=Goal("horizon"))
    workspace.show(edit(a_design(goals=goal)))
    assert words in workspace.trainer.reason_not_to_start()
    with qtbot.waitSignal(workspace.trainer.failed) as failed:
        workspace.trainer.start()
    assert words in failed.args[0]
    assert workspace.trainer.status.problem


def test_that_data_too_short_to_learn_from_says_so(workspace: Workspace, qtbot: QtBot) -> None:
    shown(workspace, qtbot, a_design(samples=1, validation=0.4))
    with qtbot.waitSignal(workspace.trainer.failed) as failed:
        workspace.trainer.start()
    assert "validation" in failed.args[0]
    assert workspace.runs.all == ()


def test_that_a_trainer_that_refuses_is_quoted(workspace: Workspace, qtbot: QtBot, fake) -> None:
    shown(workspace, qtbot)
    fake.does(Train="fail")
    with qtbot.waitSignal(workspace.trainer.failed) as failed:
        workspace.trainer.start()
    assert failed.args[0] == "The Train failed on purpose. Nothing was trained."
    assert workspace.runs.all == ()


def test_that_a_design_without_settings_gets_them_and_a_folder_for_its_runs(
    workspace: Workspace, qtbot: QtBot
) -> None:
    design = replace(a_design(), training=None)
    shown(workspace, qtbot, design)
    workspace.trainer.start()
    training = workspace.document.design.training
    assert training is not None
    assert training.runs
    assert workspace.document.history.undo_label == "Train"
    workspace.trainer.stop()
    idle(workspace, qtbot)
