"""The view of trajectories: what it asks, says and paints, and what mouse and keyboard do in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from view_workspace import SAMPLES, STEPS, UNITS, HandWorkspace

from rnn_designer.design import edits
from rnn_designer.messages import Analysis, Trace
from rnn_designer.sequences import Fitted
from rnn_designer.session.analyses import Question
from rnn_designer.ui.scopes.state import SharedChoices
from rnn_designer.ui.theme import keeper, theme
from rnn_designer.ui.views import view_class
from rnn_designer.ui.views.saving import save_view
from rnn_designer.ui.views.space import LABEL, SAMPLE, TIME
from rnn_designer.ui.views.space_labels import label_color
from rnn_designer.ui.views.trajectory import CURSOR, DEEP, GIVEN, OFF, ONE, TrajectoryView

STABLE, AWAY = 0, 1


def made_trace(run: int = 1) -> Trace:
    """States on a bent path, at another place for each sample."""
    draws = np.random.default_rng(4)
    time = np.linspace(0, 5, STEPS)[None, :, None]
    waves = np.concatenate([3 * np.cos(time), 2 * np.sin(time), 0.5 * np.cos(3 * time)], axis=2)
    hidden = (waves + 0.3 * np.arange(SAMPLES)[:, None, None]) @ draws.normal(size=(3, UNITS))
    hidden = hidden.astype("float32")
    arrays = {
        "series/input": np.zeros((SAMPLES, STEPS, 2), np.float32),
        "memory/output": hidden,
        "memory/state/h": hidden,
        "memory/state/c": 2 * hidden,
        "both/forward/output": hidden[..., :4],
        "both/forward/state/h": hidden[..., :4],
        "both/backward/output": -hidden[..., :4],
        "both/backward/state/h": -hidden[..., :4],
        "both/result": np.zeros((SAMPLES, 8), np.float32),
        "out/result": np.zeros((SAMPLES, 2), np.float32),
    }
    layers = {"in": "series", "mem": "memory", "bi": "both", "gru": "both/forward", "den": "out"}
    return Trace(run, arrays, layers, 0.01)


class Worker:
    """Answers as the worker does, from NumPy's singular value decomposition."""

    def __init__(self, workspace: Any) -> None:
        self.workspace = workspace
        self.sign = 1.0
        self.left_out = 0
        self.points_known = True
        self.answers: dict[tuple[object, ...], Analysis] = {}

    def __call__(self, question: Question) -> Analysis | None:
        if question.kind == "fixed_points" and not self.points_known:
            return None
        key = (question.key, self.sign, self.left_out, id(self.workspace.live.trace))
        if key not in self.answers:
            made = self.points if question.kind == "fixed_points" else self.directions
            self.answers[key] = made(question)
        return self.answers[key]

    def states(self, question: Question) -> Any:
        names = [name.removeprefix("signal/") for name in question.options if name.startswith("signal/")]
        trace = self.workspace.live.trace
        return np.concatenate([trace.signal(question.layer, name) for name in names], axis=-1)

    def directions(self, question: Question) -> Analysis:
        states = self.states(question)
        rows = states.reshape(-1, states.shape[-1])
        _, lengths, directions = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)
        components = (self.sign * directions[:3]).astype("float32")
        places = ((states - rows.mean(axis=0)) @ components.T).astype("float32")
        arrays = {
            "places": places,
            "components": components,
            "mean": rows.mean(axis=0),
            "shares": (lengths**2 / (lengths**2).sum())[:3].astype("float32"),
            "left_out": np.int32(self.left_out),
        }
        return Analysis(1, question.kind, question.layer, arrays, {}, 0.01)

    def points(self, question: Question) -> Analysis:
        states = self.states(question)
        arrays = {
            "state": states.reshape(-1, states.shape[-1])[[5, 30]],
            "speed": np.array([1e-14, 3e-13], "float32"),
            "largest": np.array([0.85, 1.25], "float32"),
            "unstable": np.array([0, 2], "int32"),
            "eigenvalues": np.zeros((2, 4, 2), "float32"),
            "input": np.zeros(2, "float32"),
        }
        facts = {"starts": "48", "lost": "3", "numbers": "12"}
        return Analysis(1, question.kind, question.layer, arrays, facts, 0.01)


@pytest.fixture
def workspace() -> Iterator[Any]:
    made = HandWorkspace()
    made.analyses.know = Worker(made)
    yield made
    made.deleteLater()


@pytest.fixture
def view(workspace: Any, show: Callable[[QWidget], QWidget]) -> Any:
    made = TrajectoryView(workspace, SharedChoices(workspace))
    made.resize(780, 320)
    show(made)
    workspace.give(made_trace())
    made.show_layer("mem")
    return made


def at(view: Any, sample: int, step: int) -> QPoint:
    x, y = view.space._placed()[sample, step].tolist()
    return QPoint(round(x), round(y))


def test_that_it_is_among_the_views(view: Any) -> None:
    assert view_class("trajectory") is TrajectoryView


def test_that_it_asks_for_the_hidden_state_first_and_offers_every_state_and_all_together(view: Any) -> None:
    asked = view.workspace.analyses.asked
    assert (asked[-1].kind, asked[-1].layer, asked[-1].options) == (
        "trajectory",
        "mem",
        {"signal/state/h": 1.0},
    )
    assert view.state_button.keys == ("state/h", "state/c", "state/h state/c")
    view.state_button.choose("state/h state/c")
    assert asked[-1].options == {"signal/state/h": 1.0, "signal/state/c": 1.0}
    assert view.message == ""
    view.show_layer("bi")
    assert view.state_button.keys == ("forward/state/h", "backward/state/h")
    assert view.state_button.text() == "Of: → Forward · h ▾"


def test_that_a_layer_without_a_value_per_step_says_so(view: Any) -> None:
    view.show_layer("den")
    assert "“out” gives no value at every step" in view.message
    assert "Select a recurrent layer" in view.message


def test_that_a_refusal_stands_in_place_of_the_picture(view: Any) -> None:
    view.workspace.analyses.refusal = "1 of 40 steps count; expected at least 2."
    view.refresh()
    assert view.message == "1 of 40 steps count; expected at least 2."


def test_that_the_shares_are_said_in_words(view: Any) -> None:
    shares = view._answer.arrays["shares"]
    first, second, third = (f"{share:.0%}" for share in shares)
    words = f"{first}, {second} and {third} of how the states vary lie along the first three directions; together 100%."
    assert view.shares.text() == words
    view.workspace.analyses.know.left_out = 7
    view.refresh()
    assert view.shares.text() == f"{words} 7 steps are left out: masked or not finite."


def test_that_the_flat_picture_has_the_first_direction_to_the_right_and_the_second_up(view: Any) -> None:
    space, places = view.space, view._answer.arrays["places"]
    pixels = space.pixels(places)
    assert np.isclose(np.corrcoef(pixels[..., 0].ravel(), places[..., 0].ravel())[0, 1], 1)
    assert np.isclose(np.corrcoef(pixels[..., 1].ravel(), places[..., 1].ravel())[0, 1], -1)
    scale = np.ptp(pixels[..., 0]) / np.ptp(places[..., 0])
    assert np.isclose(scale, np.ptp(pixels[..., 1]) / np.ptp(places[..., 1])), (
        "both directions in the same scale"
    )
    assert pixels.min() >= 0
    assert (pixels.reshape(-1, 2).max(axis=0) <= (space.width(), space.height())).all()


def test_that_turning_keeps_lengths_and_everything_in_view(view: Any) -> None:
    view.depth_button.choose(DEEP)
    places = view._answer.arrays["places"].astype("float64")
    for yaw, pitch in ((0.4, 0.0), (0.0, -0.7), (2.5, 1.1)):
        view.space.turn(yaw, pitch)
        seen = view.space.turned(places)
        assert np.allclose(np.linalg.norm(seen, axis=-1), np.linalg.norm(places, axis=-1))
        pixels = view.space.pixels(places).reshape(-1, 2)
        assert (pixels >= 0).all()
        assert (pixels <= (view.space.width(), view.space.height())).all()
    view.space.put_back()
    yaw, pitch = view.space.angles
    # By hand: about the upright axis first, then about the level one.
    x, y, z = places[1, 7]
    x, z = x * np.cos(yaw) + z * np.sin(yaw), -x * np.sin(yaw) + z * np.cos(yaw)
    y, z = y * np.cos(pitch) - z * np.sin(pitch), y * np.sin(pitch) + z * np.cos(pitch)
    assert np.allclose(view.space.turned(places)[1, 7], (x, y, z))


def test_that_a_drag_turns_the_picture_and_shift_with_arrows_does_too(view: Any, qtbot: QtBot) -> None:
    space = view.space
    before = space.angles
    assert before == (0.0, 0.0)
    view.depth_button.choose(DEEP)
    before = space.angles
    corner = QPoint(space.width() - 6, 6)
    assert space.nearest(QPointF(corner)) is None
    QTest.mousePress(space, Qt.MouseButton.LeftButton, pos=corner)
    QTest.mouseMove(space, corner - QPoint(50, -20))
    QTest.mouseRelease(space, Qt.MouseButton.LeftButton, pos=corner - QPoint(50, -20))
    assert space.angles == pytest.approx((before[0] - 0.5, before[1] + 0.2))
    before = space.angles
    for key, sign in ((Qt.Key.Key_Right, (1, 0)), (Qt.Key.Key_Up, (0, -1))):
        QTest.keyClick(space, key, Qt.KeyboardModifier.ShiftModifier)
        moved = np.sign(np.subtract(space.angles, before))
        assert tuple(moved) == sign
        before = space.angles
    assert view.workspace.playback.step == 0
    QTest.keyClick(space, Qt.Key.Key_Plus)
    assert space.zoom == pytest.approx(1.25)
    QTest.keyClick(space, Qt.Key.Key_0)
    assert space.zoom == 1


def test_that_arrows_step_and_pages_change_the_sample(view: Any) -> None:
    playback = view.workspace.playback
    QTest.keyClick(view.space, Qt.Key.Key_Right)
    QTest.keyClick(view.space, Qt.Key.Key_Right)
    QTest.keyClick(view.space, Qt.Key.Key_PageDown)
    assert (playback.step, playback.sample) == (2, 1)
    QTest.keyClick(view.space, Qt.Key.Key_End)
    assert playback.step == STEPS - 1


def test_that_a_click_on_a_path_goes_to_that_sample_and_step(view: Any) -> None:
    QTest.mouseClick(view.space, Qt.MouseButton.LeftButton, pos=at(view, 2, 12))
    playback = view.workspace.playback
    assert (
        np.hypot(*(view.space._placed()[playback.sample, playback.step] - view.space._placed()[2, 12])) < 1.5
    )


def test_that_the_cursors_step_is_marked_on_every_path(view: Any) -> None:
    view.samples_button.choose("all")
    for step in (3, 20):
        view.workspace.playback.go_to(step)
        image = view.space.grab().toImage()
        own = image.pixelColor(at(view, 0, step))
        assert own.name() == theme().color("accent").name()
        other = image.pixelColor(at(view, 1, step))
        assert abs(other.lightness() - theme().color("text").lightness()) < 90
        assert image.pixelColor(at(view, 0, 30 if step == 3 else 31)).name() != own.name()


def test_that_one_sample_alone_can_be_shown(view: Any) -> None:
    view.samples_button.choose(ONE)
    assert view.space._paths.numbers == (0,)
    view.workspace.playback.show_sample(2)
    assert view.space._paths.numbers == (2,)
    assert np.array_equal(view.space._paths.places[0], view._answer.arrays["places"][2])


def test_that_colours_tell_time_or_sample(view: Any) -> None:
    space = view.space
    early, late = space.path_color(0, 0.0), space.path_color(0, 1.0)
    assert early != late
    assert space.path_color(1, 0.0) == early
    view.color_button.choose("sample")
    assert space.path_color(0, 0.0) == space.path_color(0, 1.0) == QColor(theme().series[0])
    assert space.path_color(1, 0.0) == QColor(theme().series[1])


def test_that_nothing_flips_when_the_next_run_points_the_other_way(view: Any) -> None:
    before = view._places.copy()
    view.workspace.analyses.know.sign = -1.0
    view.workspace.give(made_trace(2))
    assert np.allclose(view._answer.arrays["places"], -before, atol=1e-4)
    assert np.allclose(view._places, before, atol=1e-4)
    assert np.allclose(view.space._paths.places, before, atol=1e-4)


def test_that_the_name_of_a_direction_tells_the_units_in_it(view: Any) -> None:
    _, end, name, _ = view.space.axis_ends()[0]
    assert name.startswith("first direction · ")
    said = view.space.reading(view.space._label_rect(end, name).center())
    strongest = int(np.abs(view._components[0]).argmax())
    assert f"\nunit {strongest}: {view._components[0, strongest]:.3g}".replace("-", "−") in said
    assert said.count("unit ") == 5
    assert "and 1 more" in said


def test_that_chosen_units_are_arrows_along_their_loadings(view: Any) -> None:
    view.workspace.playback.choose_units("mem", (1, 4))
    paths = view.space._paths
    assert paths.arrow_names == ("1", "4")
    lengths = np.linalg.norm(view._components, axis=0)
    assert np.allclose(paths.arrows, view._components[:, [1, 4]].T / lengths.max())
    view.state_button.choose("state/h state/c")
    assert view.space._paths.arrows is None


def test_that_fixed_points_say_that_something_is_held(view: Any) -> None:
    known = view.workspace.analyses.know

    def held(question: Question) -> Any:
        answer = known(question)
        if question.kind != "fixed_points":
            return answer
        return replace(answer, facts={**answer.facts, "held": "state/h"})

    view.workspace.analyses.know = held
    view.points_button.choose("mean")
    assert "and what you hold held at every step: 2 fixed points" in view.points_said.text()


def test_that_fixed_points_are_listed_and_painted_where_their_states_are(view: Any) -> None:
    assert not view.side.isVisible()
    view.points_button.choose("mean")
    asked = view.workspace.analyses.asked[-1]
    assert (asked.kind, asked.options) == ("fixed_points", {"signal/state/h": 1.0, "input": 1.0})
    assert view.side.isVisible()
    assert view.points_said.text() == (
        "With the input held at its mean: 2 fixed points, 1 of them stable; 3 of 48 starts led to none."
    )
    texts = [[view.list.topLevelItem(row).text(column) for column in range(4)] for row in range(2)]
    assert texts == [
        ["● stable", "0.85", "1e−14", "nowhere"],
        ["◇ unstable", "1.25", "3e−13", "2 of 12"],
    ]
    # They are states of sample 0 at steps 5 and 30: on its path.
    assert np.allclose(view.space._points.places, view._places[0, [5, 30]], atol=1e-4)
    assert view.space._points.stable.tolist() == [True, False]
    assert "pushes grow in 2 directions" in view.space.reading(QPointF(at(view, 0, 30)))
    image = view.space.grab().toImage()
    assert image.pixelColor(at(view, 0, 5)).name() == theme().color("green").name()
    assert image.pixelColor(at(view, 0, 30)).name() == theme().color("panel").name()
    QTest.mouseClick(view.space, Qt.MouseButton.LeftButton, pos=at(view, 0, 30))
    assert view.list.indexOfTopLevelItem(view.list.currentItem()) == 1
    assert view.space._marked == 1


def test_that_the_search_says_how_far_it_is_and_off_stops_it(view: Any) -> None:
    worker = view.workspace.analyses
    worker.know.points_known = False
    view.points_button.choose("zero")
    assert view.points_said.text() == "Looking for fixed points …"
    worker.progressed.emit("fixed_points", "mem", "Looking for fixed points: going downhill (25%)")
    assert view.points_said.text() == "Looking for fixed points: going downhill (25%) …"
    worker.progressed.emit("fixed_points", "bi", "of another layer")
    assert "another" not in view.points_said.text()
    view.points_button.choose(OFF)
    assert worker.dropped == [("fixed_points", "mem")]
    assert not view.side.isVisible()


def test_that_old_points_stay_pale_until_the_new_ones_are_there(view: Any) -> None:
    view.points_button.choose("zero")
    view.workspace.analyses.know.points_known = False
    view.workspace.give(made_trace(2))
    assert view.space._points is not None
    assert view.space._old
    view.workspace.analyses.know.points_known = True
    view.workspace.analyses.answered.emit("fixed_points", "mem")
    assert not view.space._old


def test_that_the_input_at_the_cursor_is_held_once_the_cursor_stands_still(view: Any, qtbot: QtBot) -> None:
    view.points_button.choose(CURSOR)
    asked = view.workspace.analyses.asked
    assert asked[-1].options == {"signal/state/h": 1.0, "input": 2.0, "sample": 0.0, "step": 0.0}
    before = len(asked)
    for step in range(1, 6):
        view.workspace.playback.go_to(step)
    assert len(asked) == before
    qtbot.waitUntil(lambda: len(asked) > before)
    assert asked[-1].options["step"] == 5.0
    assert "as at step 5 of sample 0" in view.points_said.text()


@pytest.mark.parametrize("suffix", ["png", "svg", "csv", "npz"])
def test_that_picture_and_numbers_can_be_saved(view: Any, tmp_path: Path, suffix: str) -> None:
    view.points_button.choose("zero")
    path = tmp_path / f"memory.{suffix}"
    save_view(view, path)
    assert path.stat().st_size > 500
    if suffix == "npz":
        kept = np.load(path)
        table = kept["sample, step, place along each direction"]
        assert table.shape == (SAMPLES * STEPS, 5)
        assert table[STEPS + 3, :2].tolist() == [1, 3]
        assert np.allclose(table[STEPS + 3, 2:], view._places[1, 3])
        assert np.allclose(kept["fixed points, largest eigenvalue"], [0.85, 1.25])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_that_it_draws_in_both_themes_and_when_it_is_small(view: Any, scheme: Any, qtbot: QtBot) -> None:
    keeper().apply(scheme)
    try:
        view.points_button.choose("zero")
        view.workspace.playback.go_to(18)
        for width, height in ((780, 320), (420, 200), (1400, 600)):
            view.resize(width, height)
            for deep in ("flat", DEEP):
                view.depth_button.choose(deep)
                qtbot.waitUntil(lambda wide=width: view.space.width() >= 0.5 * wide)
                image = view.space.grab().toImage()
                assert image.pixelColor(at(view, 0, 5)).name() == theme().color("green").name()
                assert image.pixelColor(at(view, 0, 18)).name() == theme().color("accent").name()
                colors = {
                    image.pixelColor(x, y).name()
                    for x in range(0, image.width(), 5)
                    for y in range(0, image.height(), 3)
                }
                assert len(colors) > 12
    finally:
        keeper().apply("light")


def test_that_a_drawing_holds_paths_and_words_and_no_picture_of_them(view: Any, tmp_path: Path) -> None:
    file = tmp_path / "paths.svg"
    save_view(view, file)
    drawn = file.read_text(encoding="utf-8")
    assert drawn.count("<polyline") >= SAMPLES
    assert "first direction" in drawn


def line_colors(view: Any, sample: int, steps: range) -> set[str]:
    """The colours of the series that are in the middle between one step and the next."""
    picture, places = view.space.grab().toImage(), view.space._placed()[sample]
    series = set()
    for step in steps:
        middle = (places[step] + places[step + 1]) / 2
        color = picture.pixelColor(round(float(middle[0])), round(float(middle[1]))).name()
        series |= {color} & set(theme().series)
    return series


def test_that_without_classes_a_path_is_coloured_by_time_or_sample_only(view: Any) -> None:
    assert view.color_button.keys == (TIME, SAMPLE)


def test_that_paths_are_coloured_by_the_labels_of_their_steps(view: Any) -> None:
    labels = np.full((SAMPLES, STEPS), np.nan)
    labels[0, :20], labels[0, 20:] = 4, 7
    labels[1] = 7
    view.workspace.samples.given["in"] = Fitted(np.zeros((SAMPLES, STEPS, 2)), "", targets=labels)
    view.refresh()
    assert view.color_button.keys == (TIME, SAMPLE, LABEL)
    view.color_button.choose(LABEL)
    first, second = theme().series[:2]
    assert label_color(view.space._paths, 4) == first
    assert label_color(view.space._paths, 7) == second
    assert label_color(view.space._paths, float("nan")) == theme().faint
    assert line_colors(view, 0, range(3, 17)) == {first}
    assert line_colors(view, 0, range(22, 37)) == {second}
    view.workspace.samples.given.clear()
    view.refresh()
    assert view.color_button.keys == (TIME, SAMPLE)
    assert view.color_button.current == TIME


def test_that_amounts_are_no_labels(view: Any) -> None:
    amounts = np.random.default_rng(1).normal(size=(SAMPLES, STEPS))
    view.workspace.samples.given["in"] = Fitted(np.zeros((SAMPLES, STEPS, 2)), "", targets=amounts)
    view.refresh()
    assert view.color_button.keys == (TIME, SAMPLE)


def test_that_paths_are_coloured_by_the_class_that_a_softmax_gives(view: Any) -> None:
    view.workspace.document.apply(edits.set_parameter("den", "activation", "softmax"), "softmax")
    found = made_trace(2)
    scores = np.array([[0.1, 0.9], [0.8, 0.2], [0.3, 0.7]], np.float32)
    found.arrays["out/result"][:] = scores
    view.workspace.give(found)
    assert view.color_button.keys == (TIME, SAMPLE, GIVEN)
    view.color_button.choose(GIVEN)
    first, second = theme().series[:2]
    for sample, color in ((0, second), (1, first), (2, second)):
        view.workspace.playback.show_sample(sample)
        assert line_colors(view, sample, range(3, 36)) >= {color}
        assert view.space.path_color(sample, 0.5).name() == color
