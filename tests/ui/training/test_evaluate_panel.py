"""The Evaluate panel: what it says of a good and of a bad model, its pictures, and what it saves."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from evaluated_outputs import decisions, forecasts
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from rnn_designer.design import Design
from rnn_designer.session.training.figures import Evaluation, OutputFigures
from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.training.evaluation import EvaluatePanel


class Measured:
    """A panel over an evaluator that has measured something."""

    def __init__(self, qtbot: QtBot, workspace: Workspace) -> None:
        self.workspace = workspace
        self.panel = EvaluatePanel(workspace)
        qtbot.addWidget(self.panel)
        self.panel.resize(940, 300)
        self.panel.show()

    def show(self, *outputs: OutputFigures, part: str = "test") -> None:
        evaluator = self.workspace.evaluator
        evaluator._found = Evaluation(part, 200, "epoch 3 of Run 1", {"loss": 0.25}, outputs)
        evaluator._measured = Design()
        evaluator.changed.emit()

    def words(self) -> list[str]:
        """Everything that can be read on the left."""
        return [each.text() for each in self.panel.findChildren(QLabel) if each.isVisible()]

    def chip(self, title: str) -> None:
        button = next(each for each in self.panel.findChildren(QPushButton) if each.text() == title)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.fixture
def measured(qtbot: QtBot, workspace: Workspace) -> Measured:
    return Measured(qtbot, workspace)


def test_that_nothing_is_made_up_before_something_is_measured(measured: Measured) -> None:
    assert "Nothing has been measured yet." in measured.words()
    assert not measured.panel.start.isEnabled()
    assert "There is nothing to train yet" in measured.panel.start.toolTip()


def test_that_a_bad_model_shows(measured: Measured) -> None:
    measured.show(forecasts(2.0))
    assert measured.panel.verdict.text() == (
        "Worse than simply repeating the last value: the error is 2 times as large."
    )
    assert measured.panel.verdict.property("role") == "warning"
    measured.show(forecasts(0.5))
    assert measured.panel.verdict.text() == "Better than repeating the last value by 50 %."
    assert measured.panel.verdict.property("role") == "heading"
    assert "Epoch 3 of Run 1 on 200 samples of the test part." in measured.words()


def test_that_every_figure_stands_beside_those_of_the_baselines(measured: Measured) -> None:
    output = forecasts(0.5)
    measured.show(output)
    words = measured.words()
    assert output.forecast is not None
    place = words.index("error (RMSE)")
    assert float(words[place + 1]) == pytest.approx(output.forecast.rmse, rel=0.01)
    assert words[place + 2].strip() == "last value"
    assert words[place + 3].endswith("(+50 %)")
    assert float(words[words.index("loss") + 1]) == 0.25


def test_that_target_prediction_and_baseline_are_drawn(measured: Measured) -> None:
    output = forecasts(0.5)
    measured.show(output)
    pictures = measured.panel.pictures
    assert pictures is not None
    assert output.forecast is not None
    assert [each.name for each in pictures.forecast.trails] == ["last value", "target", "prediction"]
    assert np.array_equal(pictures.forecast.trails[1].values, output.forecast.targets[:, 0])
    words = pictures.forecast.words_at(
        QPointF(pictures.forecast.x_of(7), pictures.forecast.area.center().y())
    )
    assert words.startswith("moment 7 · prediction ")
    before = pictures.forecast.grab().toImage()
    QTest.keyClick(pictures.forecast, Qt.Key.Key_Plus)
    assert pictures.forecast.last - pictures.forecast.first < 200
    assert pictures.forecast.grab().toImage() != before
    QTest.keyClick(pictures.forecast, Qt.Key.Key_0)
    assert (pictures.forecast.first, pictures.forecast.last) == (0.0, 288.0)


def test_that_residuals_come_with_their_histogram_and_autocorrelation(measured: Measured) -> None:
    output = forecasts(0.5)
    measured.show(output)
    measured.chip("Residuals")
    pictures = measured.panel.pictures
    assert pictures is not None
    assert pictures.residuals.isVisible()
    assert pictures.histogram.heights.sum() == 289
    assert pictures.autocorrelation.heights[0] == pytest.approx(1.0)
    bar = pictures.autocorrelation
    assert bar.words_at(QPointF(bar.x_of(0.0), bar.area.center().y())).startswith("0 moments later: 1")


def test_that_classes_show_their_confusions_and_scores(measured: Measured) -> None:
    output = decisions()
    measured.show(output)
    pictures = measured.panel.pictures
    assert pictures is not None
    assert output.classified is not None
    assert pictures.confusion.counts.sum() == 200
    told = pictures.confusion.words_at(0, 1)
    assert told.startswith("walk, taken for run: ")
    QTest.keyClick(pictures.confusion, Qt.Key.Key_Down)
    assert pictures.confusion.accessibleDescription()
    measured.chip("Classes")
    rows = [[pictures.classes.item(row, column).text() for column in range(5)] for row in range(3)]
    assert [row[0] for row in rows] == ["walk", "run", "sit"]
    assert float(rows[1][4]) == pytest.approx(output.classified.f1[1], abs=0.001)
    pictures.classes.sortItems(4, Qt.SortOrder.DescendingOrder)
    scores = [float(pictures.classes.item(row, 4).text()) for row in range(3)]
    assert scores == sorted(scores, reverse=True)


def test_that_each_of_several_outputs_can_be_chosen(measured: Measured) -> None:
    measured.show(forecasts(0.5), decisions())
    panel = measured.panel
    assert panel.output.isVisible()
    panel.output.setCurrentIndex(1)
    panel.output.activated.emit(1)
    assert "right instead of" in panel.verdict.text()
    assert [each.text() for each in panel._chips.buttons()] == ["Confusion", "Classes"]


def test_that_what_was_learned_from_is_no_test(measured: Measured) -> None:
    measured.show(forecasts(0.5), part="train")
    assert any("It was learned from: this says little." in each for each in measured.words())


def test_that_what_is_shown_is_saved_as_what_the_suffix_says(measured: Measured, tmp_path: Path) -> None:
    output = forecasts(0.5)
    assert output.forecast is not None
    assert not measured.panel.save.save(tmp_path / "early.csv")
    measured.show(output)
    for suffix, start in ((".png", b"\x89PNG"), (".svg", b"<?xml")):
        assert measured.panel.save.save(tmp_path / f"shown{suffix}")
        assert (tmp_path / f"shown{suffix}").read_bytes().startswith(start)
    assert measured.panel.save.save(tmp_path / "shown.csv")
    with (tmp_path / "shown.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    assert len(table) == 289
    assert float(table[5]["prediction"]) == output.forecast.predictions[5, 0]
    assert measured.panel.save.save(tmp_path / "shown.npz")
    with np.load(tmp_path / "shown.npz") as arrays:
        assert np.array_equal(arrays["target"], output.forecast.targets[:, 0])
    measured.show(decisions())
    assert measured.panel.save.save(tmp_path / "confusion.csv")
    lines = (tmp_path / "confusion.csv").read_text().splitlines()
    assert sum(int(each) for line in lines[1:] for each in line.split(",")[1:]) == 200


def test_that_the_mouse_moves_and_zooms_the_picture(measured: Measured) -> None:
    measured.show(forecasts(0.5))
    pictures = measured.panel.pictures
    assert pictures is not None
    plot = pictures.forecast
    QTest.keyClick(plot, Qt.Key.Key_Plus)
    first, wide = plot.first, plot.last - plot.first
    middle = plot.area.center().toPoint()
    QTest.mousePress(plot, Qt.MouseButton.LeftButton, pos=middle)
    QTest.mouseMove(plot, middle + QPoint(-50, 0))
    QTest.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=middle + QPoint(-50, 0))
    assert plot.first > first
    assert math.isclose(plot.last - plot.first, wide)
    QTest.mouseDClick(plot, Qt.MouseButton.LeftButton, pos=middle)
    assert (plot.first, plot.last) == plot.extent
