"""The dock with evaluation and sweep in a real window: how it comes and goes, and that all in it can be read."""

from pathlib import Path
from typing import Any

import pytest
from evaluated_outputs import decisions, forecasts
from layout_states import settle
from layout_walk import faults
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from rnn_designer.design import Design, edits, files, new_layer
from rnn_designer.design.sweeping import Varied
from rnn_designer.session.training.figures import Evaluation
from rnn_designer.session.training.sweeper import SweepTrial
from rnn_designer.ui.theme import keeper


def press(window: Any, action: str) -> None:
    window.actions_table[action].trigger()


def seen(widget: QWidget) -> bool:
    """Whether it is in front: Qt calls a dock visible that lies behind another."""
    return widget.isVisible() and not widget.visibleRegion().isEmpty()


def evaluated(window: Any, *outputs: Any) -> None:
    evaluator = window.workspace.evaluator
    evaluator._found = Evaluation(
        "test", 1234, "epoch 123 of My longest training so far", {"loss": 0.25}, outputs
    )
    evaluator._measured = window.workspace.document.design
    evaluator.changed.emit()


def swept(window: Any, qtbot: QtBot) -> None:
    workspace = window.workspace
    design = edits.add(new_layer(Design(), "LSTM"))(Design())
    memory = design.layers[0].id
    for each in (
        Varied(memory, "units", low=8, high=512, log=True),
        Varied(memory, "kind", choices=("SimpleRNN", "LSTM", "GRU")),
        Varied(memory, "recurrent_dropout", low=0.0, high=0.5),
        Varied(None, "optimizer.learning_rate", low=0.00001, high=0.1, log=True),
    ):
        design = edits.vary(each)(design)
    workspace.sweeper.look = lambda: None
    workspace.show(design)
    sweeper = workspace.sweeper
    sweeper._varied = design.sweep.varied
    keys = [each.key for each in design.sweep.varied]
    sweeper._trials = {
        ticket: SweepTrial(
            ticket,
            "complete",
            dict(zip(keys, (8 * ticket + 8, "GRU", 0.1, 0.001), strict=True)),
            1.0 / (ticket + 1),
            file=__file__,
        )
        for ticket in range(12)
    }
    sweeper.changed.emit()
    qtbot.waitUntil(lambda: not window.asides.sweep._settle.isActive())


def test_that_the_panels_come_over_the_scopes_and_go_again(window: Any, qtbot: QtBot) -> None:
    asides = window.asides
    assert asides.dock.isHidden()
    press(window, "evaluate")
    qtbot.waitUntil(asides.evaluate.isVisible)
    qtbot.waitUntil(lambda: not seen(window.scopes))
    press(window, "sweep")
    qtbot.waitUntil(asides.sweep.isVisible)
    # Once more where it has the focus: it goes, and the scopes are there again.
    asides.sweep.add.setFocus()
    press(window, "sweep")
    qtbot.waitUntil(lambda: seen(window.scopes))
    assert asides.dock.isHidden()
    press(window, "evaluate")
    qtbot.waitUntil(asides.evaluate.isVisible)
    window.reset_layout()
    qtbot.waitUntil(lambda: seen(window.scopes))
    assert asides.dock.isHidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1280, 800), (1440, 900)])
def test_that_all_in_them_can_be_read(window: Any, qtbot: QtBot, size: tuple[int, int], scheme: Any) -> None:
    keeper().apply(scheme)
    window.resize(*size)
    asides = window.asides
    press(window, "evaluate")
    qtbot.waitUntil(asides.evaluate.isVisible)
    settle()
    assert faults(asides.dock) == []
    for output in (forecasts(2.0), decisions()):
        evaluated(window, output)
        pictures = asides.evaluate.pictures
        for place in range(len(pictures.titles)):
            pictures.choose(place)
            qtbot.waitUntil(pictures.currentWidget().isVisible)
            settle()
            assert faults(asides.dock) == []
    press(window, "sweep")
    qtbot.waitUntil(asides.sweep.isVisible)
    settle()
    assert faults(asides.dock) == []
    swept(window, qtbot)
    QTest.keyClick(asides.sweep.plot, Qt.Key.Key_Down)
    assert asides.sweep.open.isVisible()
    settle()
    assert faults(asides.dock) == []
    asides.sweep._chips.button(2).click()
    qtbot.waitUntil(asides.sweep.ranking.isVisible)
    settle()
    assert faults(asides.dock) == []


def test_that_the_design_of_a_trial_opens_in_a_window_of_its_own(
    window: Any, windows: Any, qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    path = tmp_path / "trial-0003.rnnd"
    files.save(edits.add(new_layer(Design(name="trial"), "GRU"))(Design(name="trial")), path)
    # As in the program, where the application holds them.
    windows.setParent(qapp)
    press(window, "sweep")
    window.asides.sweep.open_wanted.emit(path)
    qtbot.waitUntil(lambda: len(windows.open) == 2)
    assert windows.open[1].workspace.document.path == path
    # A second time it is brought to the front, not opened again.
    window.asides.sweep.open_wanted.emit(path)
    assert len(windows.open) == 2
