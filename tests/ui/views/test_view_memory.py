"""The view of memory: what it asks, what it says and draws, and what mouse and keyboard do in it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from view_workspace import SAMPLES, STEPS, UNITS, HandWorkspace

from rnn_designer.messages import Analysis, Trace
from rnn_designer.session.analyses import Question
from rnn_designer.ui.colors import sequential
from rnn_designer.ui.scopes.frame import Window
from rnn_designer.ui.scopes.state import SharedChoices
from rnn_designer.ui.theme import keeper, theme
from rnn_designer.ui.views.memory import CURSOR, LAST, MemoryView, pace
from rnn_designer.ui.views.memory_picture import Curve, MemoryPicture
from rnn_designer.ui.views.memory_plot import MemoryPlot
from rnn_designer.ui.views.saving import save_view


def made_trace() -> Trace:
    wave = np.sin(np.arange(STEPS, dtype=np.float32))[None, :, None].repeat(SAMPLES, 0)
    arrays = {"series/input": wave.repeat(2, 2)}
    for name in ("output", "state/h", "state/c"):
        arrays[f"memory/{name}"] = wave.repeat(UNITS, 2)
    for side in ("forward", "backward"):
        arrays[f"both/{side}/output"] = arrays[f"both/{side}/state/h"] = wave.repeat(4, 2)
    arrays["both/result"] = np.zeros((SAMPLES, 8), np.float32)
    arrays["out/result"] = np.zeros((SAMPLES, 2), np.float32)
    layers = {"in": "series", "mem": "memory", "bi": "both", "gru": "both/forward", "den": "out"}
    return Trace(1, arrays, layers, 0.01)


def falling(question: Question, factor: float = 0.9) -> Analysis:
    """What the worker would say of a layer whose norms fall by the same factor at each step."""
    backwards = bool(question.options.get("backward"))
    step = int(question.options["step"])
    step = (0 if backwards else STEPS - 1) if step < 0 else step
    away = (np.arange(STEPS) - step) * (1 if backwards else -1)
    norms = np.where(away >= 0, factor ** away.astype(float), np.nan)
    states = ("h", "c") if question.layer == "mem" else ("h",)
    units = UNITS if question.layer == "mem" else 4
    signed = question.options["unit"] >= 0
    arrays: dict[str, Any] = {
        "input": np.stack([norms, -norms if signed else norms / 2], axis=1),
        "norm/input": norms,
        "step": np.float32(step),
        "backwards": np.float32(backwards),
        "signed": np.float32(signed),
    }
    for state in states:
        arrays[f"state/{state}"] = norms[:, None] * np.arange(1, units + 1)
        # At T itself h depends on h only.
        arrays[f"norm/{state}"] = norms * units * np.where((away == 0) & (state == "c"), 0, 1)
        arrays[f"fit/{state}"] = np.array([math.log(units), math.log(factor)])
        arrays[f"initial/{state}"] = np.float32(0.1)
    facts = {"method": "exact", "target": "state/h", "rows": "1" if signed else str(units)}
    return Analysis(2, "gradients", question.layer, arrays, facts, 0.01)


@pytest.fixture
def workspace() -> Iterator[Any]:
    made = HandWorkspace()
    made.analyses.know = falling
    yield made
    made.deleteLater()


@pytest.fixture
def view(workspace: Any, show: Callable[[QWidget], QWidget]) -> Any:
    made = MemoryView(workspace, SharedChoices(workspace))
    made.resize(780, 320)
    show(made)
    workspace.give(made_trace())
    made.show_layer("mem")
    return made


@pytest.mark.parametrize(
    ("slope", "words"),
    [
        (-math.log(2) / 7.3, "falls to a half in 7.3 steps"),
        (-math.log(2), "falls to a half in 1 step"),
        (math.log(1.8), "explodes: ×1.8 per step"),
        (math.log(2) / 50, "grows to twice its size in 50 steps"),
        (0.0001, "keeps its size (×1.0001 per step)"),
        (math.nan, "too few steps to tell how fast"),
    ],
)
def test_that_a_slope_is_said_in_words(slope: float, words: str) -> None:
    assert pace(slope) == words


def test_that_the_last_step_is_asked_first_and_the_half_life_is_said(view: Any, workspace: Any) -> None:
    asked = workspace.analyses.asked[-1]
    assert (asked.kind, asked.layer) == ("gradients", "mem")
    assert asked.options == {"step": -1.0, "unit": -1.0, "sample": 0.0}
    half = f"{math.log(0.5) / math.log(0.9):.3g}"
    assert view.words.text() == (
        f"Gradient of h at step 39 by h: falls to a half in {half} steps; by c: falls to a half in {half} steps. From "
        "all units, exactly."
    )
    assert [each.name for each in view.plot.picture.curves] == ["h", "c", "input"]


def test_that_an_explosion_a_vanished_gradient_and_estimates_are_said(view: Any, workspace: Any) -> None:
    def other(question: Question) -> Analysis:
        found = falling(question, 1.3)
        norms = np.full(STEPS, 0.0)
        norms[-1] = 1
        arrays = {**found.arrays, "norm/c": norms, "fit/c": np.full(2, math.nan)}
        return Analysis(
            3, found.kind, found.layer, arrays, {**found.facts, "method": "random", "rows": "16"}, 0.1
        )

    workspace.analyses.know = other
    workspace.give(made_trace())
    said = view.words.text()
    assert "by h: explodes: ×1.3 per step; by c: nothing comes through from step 38 on the way back." in said
    assert "16 random combinations of units, so norms are estimates (within about 18 %)" in said


def test_that_the_step_follows_the_cursor_or_is_held_by_a_double_click(
    view: Any, workspace: Any, qtbot: QtBot
) -> None:
    view.step_button.picked.emit(CURSOR)
    workspace.playback.go_to(12)
    assert workspace.analyses.asked[-1].options["step"] == 12
    assert view.plot.picture.step == 12
    at = QPoint(round(view.plot.x_of(25)), round(view.plot.plot.center().y()))
    qtbot.mouseDClick(view.plot, Qt.MouseButton.LeftButton, pos=at)
    assert workspace.analyses.asked[-1].options["step"] == 25
    workspace.playback.go_to(3)
    assert view.plot.picture.step == 25
    assert view.step_button.text().startswith("T: step 25")
    view.step_button.picked.emit(LAST)
    assert view.plot.picture.step == STEPS - 1


def test_that_a_click_and_arrow_keys_move_the_cursor(view: Any, workspace: Any, qtbot: QtBot) -> None:
    at = QPoint(round(view.plot.x_of(17)), round(view.plot.plot.center().y()))
    qtbot.mouseClick(view.plot, Qt.MouseButton.LeftButton, pos=at)
    assert workspace.playback.step == 17
    assert view.plot.picture.step == STEPS - 1
    QTest.keyClick(view.plot, Qt.Key.Key_Right)
    QTest.keyClick(view.plot, Qt.Key.Key_Right)
    QTest.keyClick(view.plot, Qt.Key.Key_Left)
    assert workspace.playback.step == 18
    QTest.keyClick(view.plot, Qt.Key.Key_Return)
    assert view.plot.picture.step == 18


def test_that_one_unit_is_asked_for_with_its_sign(view: Any, workspace: Any) -> None:
    workspace.playback.choose_units("mem", (1, 4))
    assert view.unit_button.keys == ("all", "1", "4")
    view.unit_button.picked.emit("4")
    assert workspace.analyses.asked[-1].options["unit"] == 4
    assert view.plot.picture.signed
    assert "h[4] at step 39" in view.words.text()
    workspace.playback.choose_units("mem", (1,))
    assert workspace.analyses.asked[-1].options["unit"] == -1


def test_that_a_row_of_the_map_by_units_chooses_its_unit(view: Any, workspace: Any, qtbot: QtBot) -> None:
    view.map_button.picked.emit("state/h")
    area = view.plot.map
    at = QPointF(view.plot.x_of(30), area.top() + 2.5 / UNITS * area.height())
    qtbot.mouseClick(view.plot, Qt.MouseButton.LeftButton, pos=at.toPoint())
    assert workspace.playback.units("mem") == (2,)
    value = 3 * 0.9 ** (STEPS - 1 - 30)
    assert view.plot.words_at(30, at.y()) == f"step 30, unit 2: {value:.4g}"


def test_that_each_side_of_a_bidirectional_is_asked_for_by_itself(view: Any, workspace: Any) -> None:
    view.show_layer("bi")
    assert view.side_button.keys == ("forward", "backward")
    assert workspace.analyses.asked[-1].layer == "gru"
    assert "backward" not in workspace.analyses.asked[-1].options
    view.side_button.picked.emit("backward")
    assert workspace.analyses.asked[-1].options["backward"] == 1
    assert view.plot.picture.backwards
    assert "at step 0" in view.words.text()
    assert view.plot.words_at(5, view.plot.plot.center().y()).startswith("step 5: h ")


def test_that_another_sample_is_asked_for_while_the_old_picture_stays(view: Any, workspace: Any) -> None:
    workspace.analyses.know = lambda _: None
    workspace.playback.show_sample(2)
    assert workspace.analyses.asked[-1].options["sample"] == 2
    assert view.message == ""
    view.show_layer("bi")
    assert view.message == "Following the gradients back …"
    workspace.analyses.know = falling
    workspace.analyses.answered.emit("gradients", "gru")
    assert view.message == ""


def test_that_it_is_said_why_there_is_nothing(view: Any, workspace: Any) -> None:
    view.show_layer("den")
    assert view.message.startswith("“out” carries nothing from step to step")
    workspace.analyses.refusal = "The last run recorded no states for this layer. Run the design again."
    view.show_layer("mem")
    assert view.message == workspace.analyses.refusal


def test_that_the_part_of_time_in_view_is_shared(view: Any) -> None:
    view.shared.show_window(Window(STEPS, 9.5, 19.5))
    area = view.plot.plot
    assert view.plot.x_of(9.5) == pytest.approx(area.left())
    assert view.plot.x_of(19.5) == pytest.approx(area.right())


@pytest.mark.parametrize("look", ["light", "dark"])
def test_that_the_curves_stand_where_their_norms_are(view: Any, look: str) -> None:
    keeper().apply(look)
    try:
        view.plot.show_cursor(0)
        image = view.plot.grab().toImage()
        curve = view.plot.picture.curves[0]
        for step in (8, 20, 33):
            x, y = view.plot.x_of(step), view.plot.y_of(math.log10(curve.norms[step]))
            near = [color(image, round(x), round(y) + dy) for dy in range(-3, 4)]
            wanted = theme().color("violet")
            # c lies over h: both have the same norms here.
            assert min(distance(each, wanted) for each in near) < 90
            far = color(image, round(x), round(y) + 14)
            assert distance(far, wanted) > 120
    finally:
        keeper().apply("light")


def test_that_a_peak_among_ten_thousand_steps_is_seen(show: Callable[[QWidget], QWidget]) -> None:
    plot = MemoryPlot()
    plot.resize(500, 300)
    show(plot)
    norms, values = np.full(10_000, 1e-3), np.full((10_000, 64), 1e-9)
    norms[4321] = 10.0
    values[4321, 7] = 1.0
    plot.show_picture(
        MemoryPicture((Curve("h", norms, "accent"),), values, "unit", "", 9_999), Window.whole(10_000)
    )
    image, x = plot.grab().toImage(), round(plot.x_of(4321))
    y = round(plot.y_of(0.9))
    near = [color(image, x + dx, y) for dx in range(-2, 3)]
    assert min(distance(each, theme().color("accent")) for each in near) < 120
    area = plot.map
    assert area is not None
    at = round(area.top() + 7.5 / 64 * area.height())
    strongest = QColor(*(int(each) for each in sequential(theme())[255]))
    near = [color(image, x + dx, at + dy) for dx in range(-2, 3) for dy in range(-2, 3)]
    assert min(distance(each, strongest) for each in near) < 10
    assert distance(color(image, x + 30, at), strongest) > 100


def test_that_moving_the_cursor_paints_nothing_else_anew(view: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    painted: list[str] = []
    original = view.plot._paint_ground
    monkeypatch.setattr(view.plot, "_paint_ground", lambda *each: painted.append("ground") or original(*each))
    view.plot.show_window(view.shared.window if view.shared.window.steps else Window.whole(STEPS))
    view.plot.grab()
    assert painted == ["ground"]
    before = view.plot.grab().toImage()
    view.plot.show_cursor(22)
    assert view.plot.grab().toImage() != before
    assert painted == ["ground"]


def color(image: QImage, x: int, y: int) -> tuple[int, int, int]:
    ratio = image.devicePixelRatio()
    found = image.pixelColor(round(x * ratio), round(y * ratio))
    return found.red(), found.green(), found.blue()


def distance(one: tuple[int, int, int], other: Any) -> float:
    return math.dist(one, (other.red(), other.green(), other.blue()))


def test_that_every_size_of_a_dock_can_be_painted(view: Any) -> None:
    for width, height in ((160, 80), (320, 140), (780, 320), (1900, 700)):
        view.resize(width, height)
        assert not view.grab().isNull()


@pytest.mark.parametrize("suffix", [".png", ".svg", ".csv", ".npz"])
def test_that_picture_and_numbers_are_saved(view: Any, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"memory{suffix}"
    save_view(view, path)
    assert path.stat().st_size > 200
    if suffix == ".npz":
        with np.load(path) as stored:
            assert stored["norm/h"] == pytest.approx(view.plot.picture.curves[0].norms)
