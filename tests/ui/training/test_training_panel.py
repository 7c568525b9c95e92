"""The Train panel: what fits without a touch, settings as steps to undo, reasons, buttons, explanations."""

import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hand_training import made_run
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from rnn_designer.catalog import FrozenMap, Part
from rnn_designer.design import DataSource, edits
from rnn_designer.design.checking import training as training_rules
from rnn_designer.design.checking import training_goals as goal_rules
from rnn_designer.session.training import TrainerState
from rnn_designer.ui.training.panel import TrainingPanel
from rnn_designer.ui.training.preview import Plan
from rnn_designer.ui.training.problems import FIELDS

Show = Callable[[QWidget], QWidget]


@pytest.fixture
def panel(trained: Any, selection: Any, show: Show) -> TrainingPanel:
    made = TrainingPanel(trained, selection)
    made.resize(330, 1800)
    show(made)
    return made


def _training(workspace: Any) -> Any:
    return workspace.document.design.training


def _type(qtbot: QtBot, field: Any, text: str) -> None:
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)


def test_that_what_fits_is_said_with_its_reasons_before_anything_is_set(
    panel: TrainingPanel, trained: Any
) -> None:
    goal = panel._goals["out"]
    assert goal.task.combo.currentText() == "Fits: next step"
    assert goal.loss.combo.currentText() == "Fits: MeanSquaredError"
    assert "prediction of the data itself" in goal.task_why.text()
    assert goal.loss_why.text()
    assert goal.metrics_why.text()
    assert [each.kind for each in goal.metrics.shown] == ["MeanAbsoluteError"]
    assert _training(trained) is None


def test_that_typing_a_number_is_one_named_step_to_undo(
    panel: TrainingPanel, trained: Any, qtbot: QtBot
) -> None:
    field = panel.course.rows["epochs"].editor.field  # type: ignore[attr-defined]
    _type(qtbot, field, "120")
    assert _training(trained).epochs == 120
    assert trained.document.history.undo_label == "Set epochs"
    trained.document.undo()
    assert _training(trained) is None
    assert field.text() == "50"


def test_that_scrubbing_is_one_step_to_undo(panel: TrainingPanel, trained: Any) -> None:
    label = panel.course.rows["batch_size"].label
    for pixels in (8, 40, 80):
        label.scrubbed.emit(pixels, False)
    label.scrub_ended.emit()
    assert _training(trained).batch_size > 32
    trained.document.undo()
    assert _training(trained) is None


def test_that_a_changed_setting_can_be_reset(panel: TrainingPanel, trained: Any) -> None:
    trained.document.apply(edits.change_training(optimizer=Part("SGD")), "x")
    row = panel.optimizer.rows["optimizer"]
    assert not row.dot.isHidden()
    row.dot.click()
    assert _training(trained).optimizer == Part("Adam")
    assert trained.document.history.undo_label == "Reset optimizer"


def test_that_an_impossible_number_is_refused_where_it_stands(
    panel: TrainingPanel, trained: Any, qtbot: QtBot
) -> None:
    row = panel.course.rows["batch_size"]
    _type(qtbot, row.editor.field, "0")  # type: ignore[attr-defined]
    assert "positive whole number" in row.refused or "from 1" in row.refused
    assert _training(trained) is None


def test_that_shares_that_leave_nothing_are_refused_by_the_edit(
    panel: TrainingPanel, trained: Any, qtbot: QtBot
) -> None:
    panel.sections["data"].open()
    trained.document.apply(edits.change_training(validation=0.6), "x")
    row = panel.data.rows["test"]
    _type(qtbot, row.editor.field, "0.5")  # type: ignore[attr-defined]
    assert "leave something to learn from" in row.refused
    # The 0 before the point was a share that could be.
    assert _training(trained).test == 0


def test_that_the_learning_rate_of_the_optimizer_is_set(panel: TrainingPanel, trained: Any) -> None:
    editor: Any = panel.optimizer.rows["optimizer"].editor
    editor.argument_wanted("learning_rate", 0.01)
    assert _training(trained).optimizer == Part("Adam", FrozenMap(learning_rate=0.01))


def test_that_a_schedule_shows_its_curve(panel: TrainingPanel, trained: Any) -> None:
    assert panel.curve.isHidden()
    trained.document.apply(
        edits.change_training(schedule=Part("CosineDecay", FrozenMap(decay_steps=1000))), "x"
    )
    assert not panel.curve.isHidden()
    values = panel.curve.values
    assert values[0] == pytest.approx(0.001)
    assert values[-1] < values[0]


def test_that_the_limit_of_clipping_is_asked_for_only_with_clipping(
    panel: TrainingPanel, trained: Any
) -> None:
    assert panel.optimizer.rows["clip_at"].isHidden()
    trained.document.apply(edits.change_training(clipping="global_norm"), "x")
    assert not panel.optimizer.rows["clip_at"].isHidden()


def test_that_another_task_and_loss_can_be_chosen(panel: TrainingPanel, trained: Any) -> None:
    goal = panel._goals["out"]
    goal.task.wanted.emit("values")
    assert _training(trained).goals["out"].task == "values"
    assert trained.document.history.undo_label == "Set task"
    goal.loss.wanted.emit(Part("Huber"))
    assert _training(trained).goals["out"].loss == Part("Huber")
    assert goal.loss.combo.currentText() == "Huber"
    goal.loss.wanted.emit(None)
    assert _training(trained).goals["out"].loss is None


def test_that_metrics_are_added_changed_and_taken_away(panel: TrainingPanel, trained: Any) -> None:
    editor = panel._goals["out"].metrics
    place = next(place for place in range(editor.add.count()) if editor.add.itemText(place) == "R2Score")
    editor.add.activated.emit(place)
    goal = _training(trained).goals["out"]
    assert [each.kind for each in goal.metrics] == ["MeanAbsoluteError", "R2Score"]
    editor._lines[0].remove.click()
    assert [each.kind for each in _training(trained).goals["out"].metrics] == ["R2Score"]
    editor._lines[0].part.wanted.emit(Part("RootMeanSquaredError"))
    assert [each.kind for each in _training(trained).goals["out"].metrics] == ["RootMeanSquaredError"]
    names = [panel.monitor.combo.itemText(place) for place in range(panel.monitor.combo.count())]
    assert "validation RMSE" in names
    panel._goals["out"].measured.rows["metrics"].dot.click()
    assert _training(trained).goals["out"].metrics is None


def test_that_target_columns_are_chosen_from_the_data(
    panel: TrainingPanel, trained: Any, qtbot: QtBot
) -> None:
    button = panel._goals["out"].columns
    button.show_columns(("day", "level"), ())
    button._fill()
    next(each for each in button.menu().actions() if each.text() == "level").trigger()
    assert _training(trained).goals["out"].columns == ("level",)


def test_that_targets_of_their_own_are_named(panel: TrainingPanel, trained: Any) -> None:
    options = FrozenMap(path="resource:sequences/backwards.npz", member="backwards")
    trained.document.apply(edits.change_goal("out", source=DataSource("npz", options)), "Targets")
    assert panel._goals["out"].columns.text() == "backwards ▾"
    trained.document.apply(
        edits.change_goal("out", source=DataSource("csv", FrozenMap(path="a/b.csv"))), "Targets"
    )
    assert panel._goals["out"].columns.text() == "b.csv ▾"
    trained.document.apply(edits.change_goal("out", source=None), "Targets")
    assert panel._goals["out"].columns.text() == "What the Input reads ▾"


def test_that_the_explanation_follows_the_focus(panel: TrainingPanel, qtbot: QtBot) -> None:
    told: list[str] = []
    panel.explained.connect(lambda parameter: told.append(parameter.name))
    panel.activateWindow()
    row = panel.course.rows["batch_size"]
    row.editor.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(lambda: row._hint is not None and row._hint.isVisible())
    assert "one step" in row._hint.text()  # type: ignore[union-attr]
    assert told[-1] == "batch_size"


def test_that_what_cannot_be_trained_says_why_and_keeps_train_from_being_pressed(
    panel: TrainingPanel, trained: Any
) -> None:
    panel.preview._say(Plan("There is nothing to train yet: connect an Input to a layer.", fault=True))
    assert not panel.steering.train.isEnabled()
    assert "connect an Input" in panel.plan.text()
    panel.preview._say(Plan("192 samples of 24 steps to learn from; 6 steps an epoch.", samples=192))
    assert panel.steering.train.isEnabled()


def test_that_an_empty_design_is_told_what_training_takes(panel: TrainingPanel, trained: Any) -> None:
    trained.document.apply(edits.remove(("mem", "out")), "x")
    assert not panel.nothing.isHidden()
    assert "comparing its output with a target" in panel.nothing.text()


def test_that_the_buttons_steer_the_training(panel: TrainingPanel, trained: Any, qtbot: QtBot) -> None:
    steering, trainer = panel.steering, trained.trainer
    steering.train.click()
    run = made_run(trained.document.design, state="running")
    trained.runs.give(run)
    trainer.tell(run, 3, 5)
    qtbot.waitUntil(lambda: steering.train.isHidden())
    assert steering.bar.value() == round(1000 * 2.5 / 50)
    assert "epoch 3 of 50" in steering.words.text()
    steering.pause.click()
    trainer.become(TrainerState.PAUSED, "Paused in epoch 3")
    qtbot.waitUntil(lambda: steering.pause.text() == "Go on")
    steering.batch.click()
    steering.pause.click()
    steering.stop.click()
    assert trainer.asked == ["start", "pause", "batch", "proceed", "stop"]


def test_that_a_failure_is_said_in_place(panel: TrainingPanel, trained: Any, qtbot: QtBot) -> None:
    trained.trainer.become(
        TrainerState.IDLE, "The trainer ran out of memory. Lower the batch size.", problem=True
    )
    qtbot.waitUntil(lambda: "Lower the batch size" in panel.steering.words.text())
    assert panel.steering.words.property("role") == "error"


def test_that_an_interrupted_run_is_offered_to_be_continued(
    panel: TrainingPanel, trained: Any, qtbot: QtBot
) -> None:
    run = made_run(trained.document.design, state="interrupted")
    trained.runs.give(run)
    qtbot.waitUntil(lambda: not panel.steering.more.isHidden())
    panel.steering.more.click()
    assert trained.trainer.asked == [("resume", run.id)]


def test_that_a_removed_output_takes_its_form_with_it(panel: TrainingPanel, trained: Any) -> None:
    assert set(panel._goals) == {"out"}
    trained.document.apply(edits.remove(("out",)), "x")
    assert "out" not in panel._goals
    assert set(panel._goals) == {"mem"}


def test_that_a_problem_stands_at_its_field_with_its_fix(panel: TrainingPanel, trained: Any) -> None:
    trained.document.apply(
        edits.change_training(optimizer=Part("Adam", FrozenMap(learning_rate=3.0)), patience=90), "x"
    )
    row = panel.optimizer.rows["optimizer"]
    assert row._problems is not None
    assert row._problems.isVisible()
    line = panel.course.rows["patience"]._problems
    assert line is not None
    assert line.isVisible()
    before = _training(trained)
    next(
        each for each in line.findChildren(QPushButton) if each.isVisible() and each.text() != "Why?"
    ).click()
    assert _training(trained) != before
    assert not line.isVisible()


def test_that_every_rule_about_training_has_a_field() -> None:
    """A rule that is added says here where its problem is to be seen."""
    source = "".join(
        Path(inspect.getfile(module)).read_text(encoding="utf-8") for module in (training_rules, goal_rules)
    )
    codes = set(re.findall(r"(?:warning|information)\(\n?\s*\"([a-z_]+)\"", source))
    assert codes
    assert codes == set(FIELDS)


def test_that_a_design_that_cannot_learn_yet_is_offered_what_it_lacks(
    panel: TrainingPanel, trained: Any
) -> None:
    trained.document.apply(edits.remove(("out",)), "x")
    form = panel._goals["mem"]
    line = form.what.rows["task"]._problems
    assert line is not None
    assert line.isVisible()
    assert form.missing.isHidden()
    fix = next(each for each in line.findChildren(QPushButton) if each.isVisible() and each.text() != "Why?")
    assert "Dense" in fix.accessibleName()
    fix.click()
    assert [each.kind for each in trained.document.design.layers] == ["Input", "LSTM", "Dense"]


def test_that_a_design_with_learned_weights_says_so_and_begins_from_new_ones_at_a_click(
    panel: TrainingPanel, trained: Any
) -> None:
    import numpy as np

    assert panel.start.isHidden()
    trained.live.set_weights({"mem/kernel": np.ones(2, np.float32)})
    panel.refresh()
    assert not panel.start.isHidden()
    panel.draw.click()
    assert not trained.live.carries_weights
    assert panel.start.isHidden()
