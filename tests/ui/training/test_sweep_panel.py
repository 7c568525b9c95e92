"""The Sweep panel: what varies, and trials in parallel coordinates and in a ranking."""

import math
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from rnn_designer.design import Design, edits, new_layer
from rnn_designer.design.model import Link
from rnn_designer.design.sweeping import Sweep, Varied
from rnn_designer.design.trials import living
from rnn_designer.session.training.sweeper import SweepTrial
from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.training.sweep import SweepPanel

RATE = Varied(None, "optimizer.learning_rate", low=0.0001, high=0.1, log=True)


def recurrent() -> Design:
    design = Design()
    for kind in ("Input", "LSTM", "Dense"):
        design = edits.add(new_layer(design, kind))(design)
    first, memory, last = (layer.id for layer in design.layers)
    for edit in (
        edits.connect(Link(first, memory)),
        edits.connect(Link(memory, last)),
        edits.set_parameter(last, "units", 1),
    ):
        design = edit(design)
    return edits.rename(memory, "memory")(design)


class Swept:
    """A panel over a design, with a sweeper that starts no process."""

    def __init__(self, qtbot: QtBot, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
        self.workspace = workspace
        self.qtbot = qtbot
        monkeypatch.setattr(workspace.sweeper, "look", lambda: None)
        workspace.show(recurrent())
        self.memory = workspace.document.design.layers[1].id
        self.panel = SweepPanel(workspace)
        qtbot.addWidget(self.panel)
        self.panel.resize(940, 300)
        self.panel.show()

    @property
    def sweep(self) -> Sweep:
        found = self.workspace.document.design.sweep
        assert found is not None
        return found

    def vary(self, *varied: Varied) -> None:
        for each in varied:
            self.workspace.document.apply(edits.vary(each), "Vary")

    def tell(self, *trials: SweepTrial) -> None:
        sweeper = self.workspace.sweeper
        sweeper._varied = living(self.workspace.document.design)
        sweeper._trials = {each.ticket: each for each in trials}
        sweeper.changed.emit()
        self.qtbot.waitUntil(lambda: not self.panel._settle.isActive())

    def some(self, file: str = "") -> None:
        kind, rate = f"{self.memory}/kind", "training/optimizer.learning_rate"
        self.vary(Varied(self.memory, "kind", choices=("LSTM", "GRU")), RATE)
        self.tell(
            SweepTrial(0, "complete", {kind: "LSTM", rate: 0.01}, 0.4, file=file),
            SweepTrial(1, "complete", {kind: "GRU", rate: 0.001}, 0.1, file=file),
            SweepTrial(2, "running", {kind: "GRU", rate: 0.1}, None, {1: 0.9}),
            SweepTrial(3, "failed", {kind: "LSTM", rate: 0.05}, reason="The loss was no number any more."),
            SweepTrial(4, "waiting"),
        )


@pytest.fixture
def swept(qtbot: QtBot, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Swept:
    return Swept(qtbot, workspace, monkeypatch)


def test_that_a_setting_is_varied_from_the_list_and_undone(swept: Swept) -> None:
    panel = swept.panel
    assert not panel.start.isEnabled()
    offered = [panel.add.itemText(place) for place in range(panel.add.count())]
    place = offered.index("memory · units")
    panel.add.setCurrentIndex(place)
    panel.add.activated.emit(place)
    assert [each.varied.name for each in panel.rows] == ["units"]
    assert panel.start.isEnabled()
    assert "memory · units" not in [panel.add.itemText(place) for place in range(panel.add.count())]
    swept.workspace.document.undo()
    assert panel.rows == ()


def test_that_a_range_is_typed_and_a_bad_one_refused_in_place(swept: Swept) -> None:
    swept.vary(Varied(swept.memory, "units", low=2, high=8))
    row = swept.panel.rows[0]
    assert row.low is not None
    assert row.high is not None
    row.high.setFocus()
    row.high.selectAll()
    QTest.keyClicks(row.high, "32")
    assert swept.sweep.varied[0].high == 32
    row.low.edited.emit(64)
    assert row.message.isVisible()
    assert "from low to high" in row.message.text()
    assert swept.sweep.varied[0].low == 2
    row.low.finished.emit()
    assert not row.message.isVisible()
    assert row.log is not None
    QTest.mouseClick(row.log, Qt.MouseButton.LeftButton)
    assert swept.sweep.varied[0].log
    QTest.mouseClick(row.remove, Qt.MouseButton.LeftButton)
    assert swept.sweep.varied == ()


def test_that_choices_are_ticked(swept: Swept) -> None:
    swept.vary(Varied(swept.memory, "kind", choices=("LSTM", "GRU")))
    row = swept.panel.rows[0]
    actions = {each.text(): each for each in row._menu.actions()}
    assert {words for words, each in actions.items() if each.isChecked()} == {"LSTM", "GRU"}
    actions["SimpleRNN"].setChecked(True)
    assert swept.sweep.varied[0].choices == ("SimpleRNN", "LSTM", "GRU")


def test_that_settings_of_the_sweep_are_set(swept: Swept) -> None:
    panel = swept.panel
    panel.trials.field.edited.emit(7)
    panel.pruning.click()
    panel.method.activated.emit(1)
    assert (swept.sweep.trials, swept.sweep.pruning, swept.sweep.method) == (7, False, "random")
    panel.trials.field.edited.emit(0)
    assert panel.trials.field.property("state") == "bad"
    assert swept.sweep.trials == 7


def test_that_lines_run_where_the_values_are(swept: Swept) -> None:
    swept.some()
    plot = swept.panel.plot
    assert [each.title for each in plot.axes] == ["memory · kind", "learning rate", "figure"]
    best = plot.points(swept.workspace.sweeper.trials[1])
    worst = plot.points(swept.workspace.sweeper.trials[2])
    assert len(best) == len(worst) == 3
    assert best[0].y() == worst[0].y()
    # A third of three powers of ten.
    foot, top = plot._y(0.0), plot._y(1.0)
    assert math.isclose((foot - best[1].y()) / (foot - top), 1 / 3, abs_tol=1e-6)
    assert best[2].y() > worst[2].y()
    middle = QPointF((best[1].x() + best[2].x()) / 2, (best[1].y() + best[2].y()) / 2)
    assert plot.trial_at(middle) == 1
    assert plot.words_of(1).startswith("trial 1 (complete): 0.1")
    assert plot.trial_at(QPointF(1, 1)) == -1


def test_that_a_trial_is_chosen_in_one_picture_and_in_the_other(swept: Swept) -> None:
    swept.some()
    panel = swept.panel
    QTest.keyClick(panel.plot, Qt.Key.Key_Down)
    assert panel.told.text().startswith("trial 1 · 0.1 · memory · kind GRU, learning rate 0.001")
    panel._chips.button(2).click()
    ranking = panel.ranking
    assert ranking.isVisible()
    rows = [[ranking.item(row, column).text() for column in range(4)] for row in range(ranking.rowCount())]
    assert rows == [
        ["1", "1", "0.1", "done"],
        ["2", "0", "0.4", "done"],
        ["–", "2", "0.9", "epoch 1"],
        ["–", "3", "–", "failed"],
    ]
    assert ranking.currentRow() == 0
    ranking.selectRow(3)
    assert "The loss was no number any more." in panel.told.text()
    assert not panel.open.isVisible()


def test_that_the_design_of_a_trial_is_asked_for(swept: Swept, tmp_path: Path) -> None:
    swept.some(str(tmp_path / "trial.rnnd"))
    panel = swept.panel
    QTest.keyClick(panel.plot, Qt.Key.Key_Down)
    assert panel.open.isVisible()
    with swept.qtbot.waitSignal(panel.open_wanted) as wanted:
        QTest.mouseClick(panel.open, Qt.MouseButton.LeftButton)
    assert wanted.args == [tmp_path / "trial.rnnd"]
    with swept.qtbot.waitSignal(panel.open_wanted):
        QTest.keyClick(panel.plot, Qt.Key.Key_Return)


def test_that_trials_are_saved_as_a_table(swept: Swept, tmp_path: Path) -> None:
    swept.some()
    assert swept.panel.save.save(tmp_path / "trials.csv")
    lines = (tmp_path / "trials.csv").read_text().splitlines()
    assert lines[0] == "trial,figure,state,memory · kind,learning rate"
    assert lines[2].startswith("1,0.1,complete,GRU,0.001")
    assert swept.panel.save.save(tmp_path / "trials.png")
