"""The view of saturation: its sentence, its scatters and strips, and units chosen by mouse and keyboard."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from view_workspace import SAMPLES, STEPS, HandWorkspace

from rnn_designer.messages import Analysis, Trace
from rnn_designer.ui.scopes.state import SharedChoices
from rnn_designer.ui.theme import keeper, theme
from rnn_designer.ui.views.saturation import SaturationView, summary
from rnn_designer.ui.views.saving import save_view
from rnn_designer.ui.views.unit_strips import StripRow, UnitStrips

UNITS = 64
GATES = ("input", "forget", "candidate", "output")


def counted(signals: tuple[str, ...] = ("state/h", "state/c"), units: int = UNITS) -> dict[str, Any]:
    """What the worker says of a layer in which nothing is wrong."""
    arrays: dict[str, Any] = {"count": np.array([SAMPLES, STEPS], np.float32)}
    for signal in signals:
        for name, value in (
            ("off", 0.1),
            ("saturated", 0.2),
            ("still", 0),
            ("dead", 0),
            ("nan", -1),
            ("inf", -1),
        ):
            arrays[f"{name}/{signal}"] = np.full(units, value, np.float32)
    return arrays


def with_gates(arrays: dict[str, Any], units: int = UNITS) -> dict[str, Any]:
    for number, gate in enumerate(GATES):
        arrays[f"left/gate/{gate}"] = np.linspace(0, 0.8, units) if number % 2 else np.zeros(units)
        arrays[f"right/gate/{gate}"] = np.linspace(0.9, 0.1, units)
        arrays[f"ends/gate/{gate}"] = np.array([-0.8, 0.8] if gate == "candidate" else [0.1, 0.9], np.float32)
    return arrays


def changed(arrays: dict[str, Any], name: str, units: Any, value: float) -> dict[str, Any]:
    arrays[name] = np.array(arrays[name])
    arrays[name][units] = value
    return arrays


@pytest.mark.parametrize(
    ("name", "units", "value", "words"),
    [
        ("still/state/h", range(12), 1, "12 of 64 units never move."),
        ("still/state/h", [3], 1, "1 of 64 units never moves."),
        ("dead/state/h", [1, 2], 1, "2 of 64 units are dead: zero at every step."),
        ("off/state/h", range(5), 0.5, "5 of 64 units are off half of the time or more."),
        ("saturated/state/h", [9], 0.7, "1 of 64 units is saturated half of the time or more."),
        ("off/state/c", range(5), 0.9, "All 64 units move, and none is stuck at an end of its range."),
    ],
)
def test_that_what_is_wrong_is_said(name: str, units: Any, value: float, words: str) -> None:
    assert summary(changed(counted(), name, list(units), value)) == words


def test_that_a_single_unit_is_spoken_of_as_one() -> None:
    assert summary(counted(units=1)) == "The only unit moves, and is not stuck at an end of its range."


def test_that_a_unit_is_counted_once_as_the_worst_that_it_is() -> None:
    arrays = changed(counted(), "still/state/h", [0, 1, 2], 1)
    arrays = changed(changed(arrays, "dead/state/h", [0], 1), "off/state/h", [0, 1, 5], 1)
    assert summary(arrays) == (
        "1 of 64 units is dead: zero at every step; 2 of 64 units never move; 1 of 64 units is off half of the time or "
        "more."
    )


def test_that_numbers_that_are_none_are_said_with_their_first_step() -> None:
    arrays = changed(changed(counted(), "nan/state/h", [4], 31), "inf/state/c", [2, 3], 17)
    arrays["inf/state/c"][3] = 12
    assert summary(arrays).endswith(
        " NaN in h of unit 4 since step 31. Infinite values in c of 2 units since step 12."
    )


@pytest.fixture
def workspace() -> Iterator[Any]:
    made = HandWorkspace()
    made.analyses.know = lambda question: Analysis(
        2, question.kind, question.layer, with_gates(counted()), {"activation": "tanh"}, 0.01
    )
    yield made
    made.deleteLater()


def made_trace() -> Trace:
    zeros = np.zeros((SAMPLES, STEPS, UNITS), np.float32)
    arrays = {f"memory/{name}": zeros for name in ("output", "state/h", "state/c")}
    for side in ("forward", "backward"):
        arrays[f"both/{side}/output"] = arrays[f"both/{side}/state/h"] = zeros
    arrays["out/result"] = zeros
    layers = {"in": "series", "mem": "memory", "bi": "both", "gru": "both/forward", "den": "out"}
    return Trace(1, arrays, layers, 0.01)


@pytest.fixture
def view(workspace: Any, show: Callable[[QWidget], QWidget]) -> Any:
    made = SaturationView(workspace, SharedChoices(workspace))
    made.resize(900, 360)
    show(made)
    workspace.give(made_trace())
    made.show_layer("mem")
    return made


def middle_of(view: Any, number: int, unit: int) -> Any:
    return view.scatters[number].place(unit).toPoint()


def test_that_each_gate_has_a_scatter_with_its_symbol_and_ends(view: Any, workspace: Any) -> None:
    shown = [each for each in view.scatters if each.isVisible()]
    assert [each.accessibleName() for each in shown] == [
        f"Saturation of {words}" for words in ("i input", "f forget", "g candidate", "o output")
    ]
    assert view.scatters[1].words(63) == ("f forget, unit 63: < 0.1 at 80% of the steps, > 0.9 at 10%")
    assert "< −0.8" in view.scatters[2].words(0)
    assert view.words.text().endswith(f"Over {SAMPLES} samples × {STEPS} steps.")
    assert workspace.analyses.asked[-1].options == {}


def test_that_a_click_on_a_dot_chooses_its_unit_everywhere_and_another_gives_it_back(
    view: Any, workspace: Any, qtbot: QtBot
) -> None:
    qtbot.mouseClick(view.scatters[1], Qt.MouseButton.LeftButton, pos=middle_of(view, 1, 40))
    (unit,) = workspace.playback.units("mem")
    place = view.scatters[1].place(unit)
    assert (place - view.scatters[1].place(40)).manhattanLength() < 3
    qtbot.mouseClick(view.scatters[3], Qt.MouseButton.LeftButton, pos=middle_of(view, 3, unit))
    assert workspace.playback.units("mem") == ()


def test_that_a_click_on_a_strip_and_keys_choose_units(view: Any, workspace: Any, qtbot: QtBot) -> None:
    at = view.strips.column(10).center()
    qtbot.mouseClick(view.strips, Qt.MouseButton.LeftButton, pos=at.toPoint())
    assert workspace.playback.units("mem") == (10,)
    view.strips.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Return):
        QTest.keyClick(view.strips, key)
    assert workspace.playback.units("mem") == (10, 12)
    QTest.keyClick(view.strips, Qt.Key.Key_Space)
    assert workspace.playback.units("mem") == (10,)


def test_that_only_rows_with_something_in_them_are_shown(view: Any, workspace: Any) -> None:
    assert [row.name for row in view.strips.rows] == ["h off", "h saturated", "c off", "c saturated"]
    arrays = changed(changed(counted(), "nan/state/h", [4], 31), "still/state/h", [1, 2], 1)
    arrays["saturated/state/c"] = np.full(UNITS, math.nan, np.float32)
    workspace.analyses.know = lambda question: Analysis(2, "saturation", question.layer, arrays, {}, 0.0)
    workspace.give(made_trace())
    assert [(row.name, row.summary) for row in view.strips.rows] == [
        ("h off", "10% on average"),
        ("h saturated", "20% on average"),
        ("h still", "2 of 64"),
        ("h NaN", "since step 31"),
        ("c off", "10% on average"),
    ]
    assert view.strips.words(4) == (
        "unit 4: h off at 10% of the steps; h saturated at 20% of the steps; h NaN since step 31; c off at 10% of the "
        "steps"
    )
    assert not any(each.isVisible() for each in view.scatters)


def test_that_sides_and_layers_without_steps_are_asked_for(view: Any, workspace: Any) -> None:
    view.show_layer("bi")
    assert view.side_button.keys == ("forward", "backward")
    view.side_button.picked.emit("backward")
    asked = workspace.analyses.asked[-1]
    assert (asked.layer, asked.options) == ("gru", {"backward": 1.0})
    view.show_layer("den")
    assert workspace.analyses.asked[-1].layer == "den"
    workspace.analyses.refusal = "This layer recorded no numbers whose ends could be looked for."
    view.show_layer("mem")
    assert view.message == workspace.analyses.refusal


def test_that_a_refusal_then_an_answer_replaces_waiting_words(view: Any, workspace: Any) -> None:
    workspace.analyses.know = lambda _: None
    view.show_layer("bi")
    assert view.message == "Counting …"


@pytest.mark.parametrize("look", ["light", "dark"])
def test_that_a_trouble_among_many_units_is_still_seen(look: str, show: Callable[[QWidget], QWidget]) -> None:
    keeper().apply(look)
    try:
        strips = UnitStrips()
        strips.resize(420, 60)
        show(strips)
        dead = np.zeros(2048)
        dead[1234] = 1
        strips.show_rows([StripRow("h dead", dead, "1 of 2048", True)], {})
        image, column = strips.grab().toImage(), strips.column(1234).center()
        ratio = image.devicePixelRatio()
        row = [
            image.pixelColor(round((column.x() + dx) * ratio), round(strips.area.center().y() * ratio))
            for dx in (-1, 0, 1)
        ]
        assert theme().color("warning").name() in {each.name() for each in row}
        far = image.pixelColor(round((column.x() - 30) * ratio), round(strips.area.center().y() * ratio))
        assert far.name() != theme().color("warning").name()
    finally:
        keeper().apply("light")


def test_that_a_chosen_units_dot_has_its_colour(view: Any, workspace: Any) -> None:
    workspace.playback.choose_units("mem", (30,))
    color = view.shared.units("mem").colors((30,), theme())[30]
    scatter = view.scatters[1]
    image, at = scatter.grab().toImage(), scatter.place(30)
    ratio = image.devicePixelRatio()
    assert image.pixelColor(round(at.x() * ratio), round(at.y() * ratio)) == color


def test_that_scatters_lie_where_they_have_the_most_room(view: Any) -> None:
    def below() -> bool:
        strips, scatter = view.strips, view.scatters[0]
        return bool(
            strips.mapTo(view, QPointF(0, 0)).y() >= scatter.mapTo(view, QPointF(0, 0)).y() + scatter.height()
        )

    for width, height, stacked in ((780, 420, True), (1500, 230, False)):
        view.resize(width, height)
        QTest.qWait(0)
        assert below() is stacked
        assert not view.grab().isNull()


@pytest.mark.parametrize("suffix", [".png", ".svg", ".csv", ".npz"])
def test_that_picture_and_numbers_are_saved(view: Any, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"saturation{suffix}"
    save_view(view, path)
    if suffix == ".npz":
        with np.load(path) as stored:
            assert stored["left/gate/forget"] == pytest.approx(np.linspace(0, 0.8, UNITS))
    assert path.stat().st_size > 200


def test_that_a_double_clicked_dot_or_strip_wants_all_about_its_unit(
    view: Any, workspace: Any, qtbot: Any
) -> None:
    with qtbot.waitSignal(view.unit_wanted) as wanted:
        QTest.mouseDClick(view.scatters[1], Qt.MouseButton.LeftButton, pos=middle_of(view, 1, 63))
    assert wanted.args == [63, ""]
    strips = view.strips
    place = next(
        QPointF(x, y)
        for y in range(2, strips.height(), 3)
        for x in range(2, strips.width(), 5)
        if strips.unit_at(QPointF(x, y)) is not None
    )
    with qtbot.waitSignal(view.unit_wanted) as wanted:
        QTest.mouseDClick(strips, Qt.MouseButton.LeftButton, pos=place.toPoint())
    assert wanted.args == [strips.unit_at(place), ""]
