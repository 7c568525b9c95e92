"""The Training view: its pages, what they say at a glance, what they save, and the list of runs."""

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hand_training import made_run
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from rnn_designer.session.training import EpochRecord, TrainingRun
from rnn_designer.ui.training.page import PAGES
from rnn_designer.ui.training.pages import gradient_words
from rnn_designer.ui.training.shown import shown_run
from rnn_designer.ui.training.view import TrainingView
from rnn_designer.ui.training.words import best_words, figure_name, figure_words, settings_words

Show = Callable[[QWidget], QWidget]


@pytest.fixture
def view(trained: Any, show: Show, qtbot: QtBot) -> TrainingView:
    made = TrainingView(trained)
    qtbot.addWidget(made.corner)
    made.resize(520, 320)
    show(made)
    return made


@pytest.fixture
def run(trained: Any, view: TrainingView, qtbot: QtBot) -> TrainingRun:
    found = made_run(trained.document.design)
    random = np.random.default_rng(2)
    trained.runs.saved[found.id] = {
        epoch: {
            "mem/kernel": random.normal(size=(1, 16)).astype(np.float32),
            "mem/recurrent_kernel": random.normal(size=(4, 16)).astype(np.float32) * (1 + epoch),
            "out/bias": np.zeros(1, np.float32),
        }
        for epoch in range(0, 13, 3)
    }
    trained.runs.give(found)
    qtbot.waitUntil(lambda: not view.empty)
    return found


def test_that_an_empty_view_teaches_and_trains(view: TrainingView, trained: Any) -> None:
    assert view.empty
    view.train.click()
    assert trained.trainer.asked == ["start"]


def test_that_loss_is_drawn_by_batch_and_epoch_with_validation(view: TrainingView, run: TrainingRun) -> None:
    page: Any = view.page
    assert [each.name for each in page.chart.lines] == ["batch", "training", "validation"]
    batch, training, validation = page.chart.lines
    assert batch.x[-1] == pytest.approx(12)
    assert training.at(4) == pytest.approx(0.25)
    assert validation.at(8) == pytest.approx(0.4)
    page.figure.choose("mean_absolute_error")
    assert [each.name for each in page.chart.lines] == ["training", "validation"]
    page.log.click()
    assert page.chart.logarithmic


def test_that_another_run_is_laid_over_with_what_differs(
    view: TrainingView, run: TrainingRun, trained: Any, qtbot: QtBot
) -> None:
    other_design = replace(run.design, training=replace(run.training, epochs=7))
    trained.runs.give(made_run(other_design, "Run 0", epochs=7, best=3), run)
    page: Any = view.page
    shown_run(trained).compare("run0")
    qtbot.waitUntil(lambda: any(each.dashed for each in page.chart.lines))
    assert "training′" in [each.name for each in page.chart.lines]
    assert "epochs 7 → 50" in page.told.whole_text()


def test_that_learning_by_heart_is_pointed_out(view: TrainingView, trained: Any, qtbot: QtBot) -> None:
    trained.runs.give(made_run(trained.document.design, epochs=20, best=6))
    page: Any = view.page
    qtbot.waitUntil(lambda: "by heart" in page.told.whole_text())


@pytest.mark.parametrize(
    ("norms", "words"),
    [
        ({"mem": 1e-6, "out": 1.0}, "vanishes on its way to ‘memory’"),
        ({"mem": 900.0, "out": 1.0}, "explodes in ‘memory’"),
        ({"mem": 0.5, "out": 1.0}, "None vanishes, none explodes"),
        ({"mem": float("nan"), "out": 1.0}, "no numbers any more"),
    ],
)
def test_that_gradients_are_judged_at_a_glance(trained: Any, norms: dict[str, float], words: str) -> None:
    run = made_run(trained.document.design, epochs=1, best=1)
    run = replace(run, epochs=(*run.epochs[:1], EpochRecord(1, {"loss": 1.0}, norms)))
    assert words in gradient_words(run, None)


def test_that_gradients_have_a_line_for_each_layer(view: TrainingView, run: TrainingRun) -> None:
    view.show_page("gradients")
    page: Any = view.page
    assert [each.name for each in page.chart.lines] == ["memory", "next_value", "all, by batch"]
    assert page.chart.logarithmic


def test_that_dead_and_saturated_units_are_shown_by_epoch(view: TrainingView, run: TrainingRun) -> None:
    view.show_page("units")
    page: Any = view.page
    assert page.dead.epochs == tuple(range(13))
    assert "25 % dead in memory" in page.told.whole_text()
    assert "60 % saturated in memory" in page.told.whole_text()


def test_that_the_spread_of_a_weight_is_read_epoch_by_epoch(
    view: TrainingView, run: TrainingRun, qtbot: QtBot
) -> None:
    view.show_page("weights")
    page: Any = view.page
    qtbot.waitUntil(lambda: page.map.epochs == (0, 3, 6, 9, 12))
    assert page.weight.current == "mem/recurrent_kernel"
    assert set(page.weight.keys) == {"mem/kernel", "mem/recurrent_kernel"}
    assert page.outline.names == ("epoch 0", "epoch 12")
    page.weight.choose("mem/kernel")
    qtbot.waitUntil(lambda: len(page._values) == 5)
    assert page._values[3].values.size == 16


def test_that_every_page_is_saved_as_picture_and_numbers(
    view: TrainingView, run: TrainingRun, tmp_path: Path, qtbot: QtBot
) -> None:
    for name in PAGES:
        view.show_page(name)
        if not view.page.can_be_saved:
            assert not view.save.isEnabled()
            continue
        if name == "weights":
            page: Any = view.page
            qtbot.waitUntil(lambda page=page: len(page.map.epochs) == 5)
        for suffix in ("png", "svg", "csv", "npz"):
            assert view.save_as(tmp_path / f"{name}.{suffix}")
        assert not QImage(str(tmp_path / f"{name}.png")).isNull()
        assert "<svg" in (tmp_path / f"{name}.svg").read_text()
    rows = list(csv.DictReader((tmp_path / "gradients.csv").read_text().splitlines()))
    assert float(rows[4]["memory"]) == pytest.approx(0.1 / 4)
    losses = (tmp_path / "loss.csv").read_text().splitlines()
    assert losses[0].startswith("epoch,val_loss")


def test_that_a_place_where_nothing_can_be_written_is_said(
    view: TrainingView, run: TrainingRun, tmp_path: Path
) -> None:
    told: list[str] = []
    view.noticed.connect(told.append)
    assert not view.save_as(tmp_path / "no" / "such" / "loss.csv")
    assert told


def test_that_the_cursor_of_every_page_goes_to_kept_epochs(
    view: TrainingView, run: TrainingRun, trained: Any
) -> None:
    page: Any = view.page
    page.chart.wanted.emit(7)
    assert trained.epochs.epoch == 6
    page.chart.moved.emit(1)
    assert trained.epochs.epoch == 9
    page.chart.moved.emit(-10)
    assert trained.epochs.epoch == 0


def test_that_a_hidden_view_draws_nothing_and_catches_up(
    view: TrainingView, trained: Any, qtbot: QtBot
) -> None:
    view.hide()
    trained.runs.give(made_run(trained.document.design))
    qtbot.waitUntil(lambda: not shown_run(trained)._timer.isActive())
    assert view.empty
    view.show()
    assert not view.empty


def _runs(view: TrainingView, trained: Any) -> Any:
    design = trained.document.design
    trained.runs.give(made_run(design, "Run 1"), made_run(design, "Run 2", state="interrupted"))
    view.show_page("runs")
    return view.page


def test_that_runs_are_listed_newest_first_with_settings_and_best_figure(
    view: TrainingView, run: TrainingRun, trained: Any
) -> None:
    page = _runs(view, trained)
    words = [page.model.index(row).data() for row in range(page.model.rowCount())]
    assert words[0] == "Run 2. Adam · batch 32 · 50 epochs. validation loss 0.4 in epoch 8. interrupted"
    assert words[1].startswith("Run 1")
    assert not page.list.grab().isNull()


def test_that_runs_are_shown_compared_and_continued(
    view: TrainingView, run: TrainingRun, trained: Any
) -> None:
    page = _runs(view, trained)
    page.list.setCurrentIndex(page.model.index(1))
    page.buttons["show"].click()
    shown = shown_run(trained)
    assert shown.run is not None
    assert shown.run.name == "Run 1"
    assert view.page is view.page_of("loss")
    view.show_page("runs")
    page.list.setCurrentIndex(page.model.index(0))
    page.buttons["compare"].click()
    assert shown.compared is not None
    assert shown.compared.name == "Run 2"
    view.show_page("runs")
    page.buttons["continue"].click()
    assert trained.trainer.asked == [("resume", "run2")]


def test_that_keys_rename_and_remove_a_run(
    view: TrainingView, run: TrainingRun, trained: Any, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = _runs(view, trained)
    page.list.setCurrentIndex(page.model.index(0))
    monkeypatch.setattr(
        "rnn_designer.ui.training.runs_page.QInputDialog.getText",
        lambda *_args, **_named: ("Small steps", True),
    )
    qtbot.keyClick(page.list, Qt.Key.Key_F2)
    assert trained.runs.renamed == [("run2", "Small steps")]
    qtbot.keyClick(page.list, Qt.Key.Key_Delete)
    assert [each.name for each in trained.runs.all] == ["Run 1"]


def test_that_a_run_under_way_cannot_be_removed(view: TrainingView, trained: Any, qtbot: QtBot) -> None:
    trained.runs.give(made_run(trained.document.design, state="running"))
    view.show_page("runs")
    page: Any = view.page
    qtbot.waitUntil(lambda: page.current is not None)
    assert not page.buttons["remove"].isEnabled()
    page.act("remove")
    assert len(trained.runs.all) == 1


def test_that_restoring_brings_a_run_back(
    view: TrainingView, run: TrainingRun, trained: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = _runs(view, trained)
    page.list.setCurrentIndex(page.model.index(1))
    brought: list[str] = []
    monkeypatch.setattr(trained, "restore", lambda found: brought.append(found.name))
    told: list[str] = []
    view.noticed.connect(told.append)
    page.buttons["restore"].click()
    assert brought == ["Run 1"]
    assert "weights of epoch 8" in told[0]


def test_that_figures_are_named_as_people_read_them() -> None:
    assert figure_name("RootMeanSquaredError") == "root_mean_squared_error"
    assert figure_words("val_root_mean_squared_error") == "validation RMSE"
    assert figure_words("top_k_categorical_accuracy") == "top k categorical accuracy"


def test_that_settings_stand_in_a_line(trained: Any) -> None:
    run = made_run(trained.document.design)
    assert settings_words(run.training) == "Adam · batch 32 · 50 epochs"
    assert best_words(run) == "validation loss 0.4 in epoch 8"
