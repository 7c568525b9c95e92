"""The Generate panel: on and off, its fields, what stands in the way with its fixes, and what the model wrote."""

import runpy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from rnn_designer.design import DataSource, Design, Generation
from rnn_designer.messages import Trace

Show = Callable[[QWidget], QWidget]
DESIGNS = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[2] / "codegen" / "designs.py")))
layer = DESIGNS.layer


def forecast(units: int = 2) -> Design:
    return DESIGNS.chain(
        DESIGNS.series(2, "wave"),
        layer("LSTM", "memory", units=4, return_sequences=True),
        layer("Dense", "forecast", units=units),
        data=DESIGNS.FrozenMap(WAVE=DataSource("sine", batch_size=2, time_steps=10)),
    )


def writer() -> Design:
    source = DataSource("text", DESIGNS.FrozenMap(text="a rose is a rose is a rose", unit="words"), 1, 4)
    return DESIGNS.chain(
        DESIGNS.tokens("text"),
        layer("Embedding", "embedding", input_dim=5, output_dim=3),
        layer("GRU", "memory", units=4, return_sequences=True),
        layer("Dense", "next", units=5, activation="softmax"),
        data=DESIGNS.FrozenMap(TEXT=source),
    )


@pytest.fixture
def panel(workspace: Any, selection: Any, show: Show) -> Any:
    from rnn_designer.ui.generate import GeneratePanel

    made = GeneratePanel(workspace, selection)
    made.resize(420, 300)
    show(made)
    return made


def ready(workspace: Any, qtbot: QtBot, design: Design) -> None:
    """Open a design and wait for its samples; its engine is never started."""
    workspace.show(design)
    workspace.samples.start()
    qtbot.waitUntil(lambda: bool(workspace.samples.ready), timeout=60_000)


def settings(workspace: Any) -> Generation | None:
    found: Generation | None = workspace.document.design.generation
    return found


def traced(workspace: Any, name: str, input_id: str, values: Any, generated: int, to_come: int = 0) -> None:
    """As if the engine had answered."""
    trace = Trace(1, {f"{name}/input": values}, {input_id: name}, 0.01, generated, to_come)
    workspace.live._trace = trace
    workspace.live.traced.emit(trace)


def click(qtbot: QtBot, button: QPushButton) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_that_it_starts_from_half_of_the_samples_and_goes_on_for_the_other_half(
    workspace: Any, panel: Any, qtbot: QtBot
) -> None:
    ready(workspace, qtbot, forecast())
    assert not panel.again.isVisible()
    click(qtbot, panel.switch)
    assert settings(workspace) == Generation(5, 5)
    assert workspace.document.history.undo_label == "Generate"
    assert "the states of ‘memory’ are carried on" in panel.about.text()
    assert panel.again.isVisible()
    assert not panel.temperature.isVisible()
    click(qtbot, panel.switch)
    assert settings(workspace) is None


def test_that_it_comes_back_with_the_settings_it_had(workspace: Any, panel: Any, qtbot: QtBot) -> None:
    ready(workspace, qtbot, forecast())
    panel.set_on(True)
    panel.steps.field.edited.emit(33)
    panel.set_on(False)
    panel.set_on(True)
    assert settings(workspace) == Generation(33, 5)


def test_that_fields_change_the_design_while_one_types(workspace: Any, panel: Any, qtbot: QtBot) -> None:
    ready(workspace, qtbot, writer())
    panel.set_on(True)
    steps = len(workspace.document.history.steps)
    for field, keys in ((panel.steps, "40"), (panel.temperature, "0.5"), (panel.prefix, "3")):
        field.field.setFocus()
        field.field.selectAll()
        qtbot.keyClicks(field.field, keys)
        qtbot.keyClick(field.field, Qt.Key.Key_Return)
    assert settings(workspace) == Generation(40, 3, 0.5)
    assert len(workspace.document.history.steps) == steps + 3
    panel.prefix.field.clear()
    panel.prefix.field.edited.emit(None)
    assert settings(workspace) == Generation(40, None, 0.5)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("steps", 0, "Expected a whole number from 1"),
        ("steps", None, "needs a number"),
        ("steps", "many", "got “many”"),
        ("temperature", -1.0, "from 0 to 100"),
        ("prefix", 2.5, "whole number"),
    ],
)
def test_that_an_impossible_number_is_said_beside_its_field(
    workspace: Any, panel: Any, qtbot: QtBot, name: str, value: object, said: str
) -> None:
    ready(workspace, qtbot, writer())
    panel.set_on(True)
    before = settings(workspace)
    field = getattr(panel, name)
    field.field.edited.emit(value)
    assert said in panel.message.text()
    assert panel.message.isVisible()
    assert field.field.property("state") == "bad"
    assert settings(workspace) == before
    field.field.edited.emit(1)
    assert not panel.message.isVisible()


def test_that_what_stands_in_the_way_is_mended_by_its_button(
    workspace: Any, panel: Any, qtbot: QtBot
) -> None:
    ready(workspace, qtbot, forecast(units=3))
    assert not panel.problems.isVisible()
    panel.set_on(True)
    assert panel.problems.isVisible()
    assert not panel.again.isVisible()
    [button] = [
        each for each in panel.problems.findChildren(QPushButton) if each.text() == "Give ‘forecast’ 2 units"
    ]
    click(qtbot, button)
    assert not panel.problems.isVisible()
    assert panel.again.isVisible()
    assert workspace.document.history.undo_label == "Give ‘forecast’ 2 units"


def test_that_one_of_several_outputs_is_chosen(workspace: Any, panel: Any, qtbot: QtBot) -> None:
    branches = forecast()
    more = layer("Dense", "second", units=2)
    branches = replace(
        branches,
        layers=(*branches.layers, more),
        links=(*branches.links, DESIGNS.Link("MEMORY", "SECOND")),
    )
    ready(workspace, qtbot, branches)
    panel.set_on(True)
    assert panel.output.isVisible()
    assert panel.output.chosen() == "FORECAST"
    panel.output.setCurrentIndex(1)
    panel.output.activated.emit(1)
    assert (settings(workspace) or Generation()).output == "SECOND"
    assert "what ‘second’ predicts" in panel.about.text()


def test_that_numbers_are_told_from_the_samples_own(workspace: Any, panel: Any, qtbot: QtBot) -> None:
    ready(workspace, qtbot, forecast())
    panel.set_on(True)
    real = workspace.samples.array("WAVE")
    made = np.concatenate([real[:, :5], real[:, 5:] + 2, real[:, :3]], axis=1)
    traced(workspace, "wave", "WAVE", made[:, :7], 5, to_come=6)
    assert panel.result.text().endswith("2 of 8 steps generated.")
    traced(workspace, "wave", "WAVE", made, 5)
    assert panel.result.text() == (
        "8 steps generated, from step 5 on. The first 5 differ from how the samples themselves go on by 2 (root mean "
        "square)."
    )
    assert not panel.text.isVisible()
    panel.set_on(False)
    assert not panel.result.isVisible()


def test_that_tokens_are_shown_as_text_that_grows(workspace: Any, panel: Any, qtbot: QtBot) -> None:
    ready(workspace, qtbot, writer())
    panel.set_on(True)
    words = workspace.samples.table("TEXT").vocabulary
    ids = np.int32([[words.index(each) for each in ["a", "rose", "is", "a", "rose", "is", "is"]]])
    traced(workspace, "text", "TEXT", ids[:, :5], 4, to_come=2)
    assert panel.text.toPlainText() == "a rose is a rose"
    traced(workspace, "text", "TEXT", ids, 4)
    assert panel.text.toPlainText() == "a rose is a rose is is"
    block = panel.text.document().begin()
    fragments = []
    at = block.begin()
    while not at.atEnd():
        fragments.append((at.fragment().text(), at.fragment().charFormat().foreground().color().name()))
        at += 1
    assert [text for text, _color in fragments] == ["a rose is a", " rose is is"]
    assert len({color for _text, color in fragments}) == 2


def test_that_a_new_draw_is_another_seed(workspace: Any, panel: Any, qtbot: QtBot) -> None:
    ready(workspace, qtbot, writer())
    panel.set_on(True)
    click(qtbot, panel.draw)
    assert (settings(workspace) or Generation()).seed == 1
    assert workspace.document.history.undo_label == "New draw"


def test_that_an_empty_design_is_told_what_to_do(workspace: Any, panel: Any) -> None:
    panel.set_on(True)
    assert settings(workspace) == Generation()
    [line] = [
        each
        for each in panel.problems.findChildren(QWidget)
        if each.objectName() == "" and hasattr(each, "why")
    ]
    assert "Connect an Input to a layer" in line.text.text()


def test_that_the_action_shows_the_panel_and_undo_takes_it_back(window: Any, qtbot: QtBot) -> None:
    window.workspace.show(forecast())
    action = window.actions_table["generate"]
    action.trigger()
    assert settings(window.workspace) is not None
    assert action.isChecked()
    qtbot.waitUntil(window.generate.isVisible)
    window.workspace.document.undo()
    assert not action.isChecked()


@pytest.mark.parametrize(
    ("stopped", "words"),
    [(True, "Stopped: 2 of 1,500 steps generated."), (False, "2 of 1,500 steps generated.")],
)
def test_that_what_was_stopped_is_told_from_what_goes_on(stopped: bool, words: str) -> None:
    from rnn_designer.ui.generate.words import about_result

    assert about_result(np.zeros((1, 7, 1)), 5, 1498, None, stopped=stopped) == words


def test_that_numbers_that_run_away_are_named() -> None:
    from rnn_designer.ui.generate.words import about_result

    away = np.full((1, 8, 1), np.inf, "float32")
    assert "runs away" in about_result(away, 5, 0, np.zeros((1, 8, 1), "float32"))


def test_that_of_a_text_more_is_made_up_to_be_read(workspace: Any, panel: Any, qtbot: QtBot) -> None:
    ready(workspace, qtbot, writer())
    panel.set_on(True)
    assert settings(workspace) == Generation(120, 2)
