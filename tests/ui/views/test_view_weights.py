"""The view of weights: whose they are, what of large ones is seen, eigenvalues on their plane, and sizes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from view_workspace import UNITS, HandWorkspace

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import Layer
from rnn_designer.messages import Analysis, Trace
from rnn_designer.session.analyses import Question
from rnn_designer.ui.colors import diverging
from rnn_designer.ui.scopes.state import SharedChoices
from rnn_designer.ui.theme import keeper, theme
from rnn_designer.ui.views.eigenvalues import EigenvaluePlot
from rnn_designer.ui.views.heat_map import HeatMap
from rnn_designer.ui.views.saving import save_view
from rnn_designer.ui.views.weights import Histogram, WeightsView, owners_in

random = np.random.default_rng(6)


def numbers(*shape: int) -> Any:
    return random.normal(size=shape).astype(np.float32)


WEIGHTS = {
    "mem/bias": numbers(4 * UNITS),
    "mem/kernel": numbers(2, 4 * UNITS),
    "mem/recurrent_kernel": numbers(UNITS, 4 * UNITS),
    "gru/kernel": numbers(2, 12),
    "gru/recurrent_kernel": numbers(4, 12),
    "gru/bias": numbers(2, 12),
    "gru/backward/kernel": numbers(2, 12),
    "gru/backward/recurrent_kernel": numbers(4, 12),
    "gru/backward/bias": numbers(2, 12),
    "den/kernel": numbers(8, 2),
    "den/bias": numbers(2),
}


def known(question: Question) -> Analysis | None:
    """Eigenvalues as the worker gives them, of the weights above; large weights are not made small here."""
    if question.kind != "recurrent_weights":
        return None
    start = f"{question.layer}/{'backward/' if question.options.get('backward') else ''}"
    kernel = WEIGHTS[f"{start}recurrent_kernel"].astype(float)
    units = kernel.shape[0]
    values = [np.linalg.eigvals(kernel[:, at : at + units]) for at in range(0, kernel.shape[1], units)]
    arrays = {
        "eigenvalues": np.stack([np.stack([each.real, each.imag], -1) for each in values]),
        "radius": np.array([np.abs(each).max() for each in values]),
        "norm": np.ones(len(values)),
    }
    return Analysis(2, question.kind, question.layer, arrays, {}, 0.01)


@pytest.fixture
def workspace() -> Iterator[Any]:
    made = HandWorkspace()
    made.live.weights = dict(WEIGHTS)
    made.analyses.know = known
    yield made
    made.deleteLater()


@pytest.fixture
def view(workspace: Any, show: Callable[[QWidget], QWidget]) -> Any:
    made = WeightsView(workspace, SharedChoices(workspace))
    made.resize(900, 420)
    show(made)
    layers = {"in": "series", "mem": "memory", "bi": "both", "gru": "both/forward", "den": "out"}
    workspace.give(Trace(1, {}, layers, 0.01))
    made.show_layer("mem")
    return made


def titles(view: Any) -> list[str]:
    return [each.accessibleName().removeprefix("Weights ") for each in view.maps if each.isVisible()]


def test_that_kernels_come_first_and_biases_last(view: Any) -> None:
    assert titles(view) == ["kernel", "recurrent_kernel", "bias"]
    assert list(view.numbers()) == ["kernel", "recurrent_kernel", "bias"]
    assert view.owner_button.isHidden()


def test_that_both_directions_of_a_bidirectional_can_be_chosen(view: Any, workspace: Any) -> None:
    view.show_layer("bi")
    assert view.owner_button.keys == ("gru", "gru/backward")
    assert np.array_equal(view.numbers()["kernel"], WEIGHTS["gru/kernel"])
    view.owner_button.picked.emit("gru/backward")
    assert np.array_equal(view.numbers()["kernel"], WEIGHTS["gru/backward/kernel"])
    assert view.owner_button.text().startswith("Of: gru, backward")
    asked = workspace.analyses.asked[-1]
    assert (asked.kind, asked.layer, asked.options) == ("recurrent_weights", "gru", {"backward": 1.0})


def test_that_cells_of_stacks_and_shared_layers_are_found_by_name() -> None:
    cells = tuple(Layer(each, "GRUCell", f"cell {each}", FrozenMap({"units": 2})) for each in ("a", "b"))
    stack = Layer("s", "StackedRNNCells", "stack", children=cells)
    layer = Layer("r", "RNN", "rnn", children=(stack,))
    every = {"a/kernel": numbers(1, 6), "b/kernel": numbers(2, 6), "b/backward/kernel": numbers(2, 6)}
    found = owners_in(layer, every)
    assert {key: each.words for key, each in found.items()} == {
        "a": "cell a",
        "b": "cell b, forward",
        "b/backward": "cell b, backward",
    }
    sharer = Layer("a2", "Dense", "again", shares="a")
    assert owners_in(sharer, every)["a"].id == "a"


def test_that_weights_of_layers_within_stay_together() -> None:
    attention = Layer("m", "MultiHeadAttention", "heads")
    every = {f"m/{part}/{name}": numbers(2, 2) for part in ("query", "key") for name in ("bias", "kernel")}
    assert list(owners_in(attention, every)["m"].weights) == [
        "query/kernel",
        "query/bias",
        "key/kernel",
        "key/bias",
    ]


def test_that_a_layer_without_weights_says_so_and_one_without_recurrence_its_sizes(view: Any) -> None:
    view.show_layer("in")
    assert "has no weights: Input computes without any" in view.message
    view.show_layer("den")
    assert view.facts.text() == "18 numbers: kernel 8×2, bias 2"
    assert not view.eigenvalues.isVisible()


def test_that_a_click_on_a_column_chooses_its_unit_in_every_gate(
    view: Any, workspace: Any, qtbot: QtBot
) -> None:
    heat = view.maps[1]
    area = heat._area()
    for gate, unit in ((0, 2), (3, 5)):
        at = QPointF(
            area.left() + (gate * UNITS + unit + 0.5) / (4 * UNITS) * area.width(), area.center().y()
        )
        qtbot.mouseClick(heat, Qt.MouseButton.LeftButton, pos=at.toPoint())
    assert workspace.playback.units("mem") == (2, 5)
    at = QPointF(area.left() + 0.5 / (4 * UNITS) * area.width(), area.top() + 1)
    value = WEIGHTS["mem/recurrent_kernel"][0, 0]
    assert heat.words_at(at) == f"i · unit before 0 → unit 0: {value:.5g}"


def test_that_only_what_has_room_is_shown(view: Any) -> None:
    for width, histograms, eigenvalues in ((900, True, True), (560, True, False), (380, False, False)):
        view.resize(width, 300)
        assert view.histograms[0].isVisible() is histograms
        assert view.eigenvalues.isVisible() is eigenvalues
        assert not view.grab().isNull()


@pytest.mark.parametrize("look", ["light", "dark"])
def test_that_one_number_in_four_million_is_seen(
    look: str, show: Callable[[QWidget], QWidget], qtbot: QtBot
) -> None:
    keeper().apply(look)
    try:
        heat = HeatMap("kernel")
        heat.resize(400, 200)
        show(heat)
        values = np.zeros((2048, 2048), np.float32)
        values[1500, 700] = -3
        heat.show_values(values)
        heat.grab()
        qtbot.waitUntil(lambda: not heat.busy)
        image, area = heat.grab().toImage(), heat._area()
        ratio = image.devicePixelRatio()
        at = QPointF(area.left() + 700.5 / 2048 * area.width(), area.top() + 1500.5 / 2048 * area.height())
        near = {
            image.pixelColor(round((at.x() + dx) * ratio), round((at.y() + dy) * ratio)).name()
            for dx in (-1, 0, 1)
            for dy in (-1, 0, 1)
        }
        strongest = QColor(*(int(each) for each in diverging(theme())[1])).name()
        assert strongest in near
        away = image.pixelColor(round((at.x() + 20) * ratio), round((at.y() + 20) * ratio))
        assert away.name() != strongest
    finally:
        keeper().apply("light")


def test_that_large_weights_are_asked_of_the_worker_and_named_by_their_blocks(
    view: Any, workspace: Any
) -> None:
    large = numbers(400, 4 * 150)
    workspace.live.weights = {"mem/recurrent_kernel": large}
    view.refresh()
    asked = workspace.analyses.asked[-1]
    assert (asked.kind, asked.options) == ("weight_maps", {"parts": 4.0})
    assert view.message == "Making large weights small enough to be drawn …"
    small = np.zeros((100, 4 * 50), np.float32)
    small[10, 60] = -2.5

    def answer(question: Question) -> Analysis | None:
        if question.kind != "weight_maps":
            return None
        arrays = {
            "map/recurrent_kernel": small,
            "counts/recurrent_kernel": np.full(41, 3, np.float32),
            "limit/recurrent_kernel": np.float32(2.5),
        }
        return Analysis(3, question.kind, question.layer, arrays, {}, 0.1)

    workspace.analyses.know = answer
    workspace.analyses.answered.emit("weight_maps", "mem")
    assert view.message == ""
    heat = view.maps[0]
    area = heat._area()
    at = QPointF(area.left() + 60.5 / 200 * area.width(), area.top() + 10.5 / 100 * area.height())
    assert heat.words_at(at) == "f · unit before 40–43 → unit 30–32: at most -2.5"
    assert view.numbers()["recurrent_kernel"] is large


def test_that_eigenvalues_stand_on_their_plane_and_those_outside_the_circle_stand_out(
    show: Callable[[QWidget], QWidget],
) -> None:
    plot = EigenvaluePlot()
    plot.resize(420, 220)
    show(plot)
    plot.show_values(np.array([[[0.5, 0.0], [-0.2, 0.6]], [[1.5, 0.0], [0.0, -0.3]]]), ("i", "f"))
    image = plot.grab().toImage()
    ratio = image.devicePixelRatio()
    for gate, unit, token in ((0, 0, "accent"), (0, 1, "accent"), (1, 0, "warning"), (1, 1, "accent")):
        at = plot.place(gate, unit)
        seen = image.pixelColor(round(at.x() * ratio), round(at.y() * ratio))
        wanted = theme().color(token)
        away = [
            math.dist((seen.red(), seen.green(), seen.blue()), (c.red(), c.green(), c.blue()))
            for c in (wanted, theme().color("warning" if token == "accent" else "accent"))
        ]
        assert away[0] < away[1]
    plane = plot.plane(1)
    assert plot.place(1, 0).x() == pytest.approx(plane.center().x() + 1.5 / plot.limit * plane.width() / 2)
    assert plot.words_at(plot.place(0, 1)) == "i: -0.200 + 0.600i, modulus 0.632"
    assert plot.words_at(plane.topLeft()) == ""


def test_that_a_histogram_counts_every_value(show: Callable[[QWidget], QWidget]) -> None:
    histogram = Histogram()
    show(histogram)
    values = np.array([-1.0, -1.0, 0.0, 0.5, math.nan, math.inf, 1.0])
    histogram.show_values(values)
    assert sum(histogram._counts) == 5
    assert (histogram._counts[0], histogram._counts[20], histogram._counts[40]) == (2, 1, 1)


@pytest.mark.parametrize("suffix", [".png", ".svg", ".csv", ".npz"])
def test_that_picture_and_numbers_are_saved(view: Any, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"weights{suffix}"
    save_view(view, path)
    assert path.stat().st_size > 200
    if suffix == ".npz":
        with np.load(path) as stored:
            assert np.array_equal(stored["recurrent_kernel"], WEIGHTS["mem/recurrent_kernel"])


def test_that_chosen_units_have_their_own_colour_in_every_gate_of_every_weight(
    workspace: Any, view: WeightsView
) -> None:
    view.show_layer("mem")
    workspace.playback.choose_units("mem", (1, 3))
    first, second = (QColor(each) for each in theme().series[:2])
    assert view.shared.units("mem").colors((1, 3), theme()) == {1: first, 3: second}
    for heat in view.maps[:3]:
        picture = heat.grab().toImage()
        wide = (heat.width() - 24) / (4 * UNITS)
        below = heat.height() - 18 + 2
        for gate in range(4):
            for unit, color in ((1, first), (3, second)):
                place = round(12 + (gate * UNITS + unit + 0.5) * wide)
                assert picture.pixelColor(place, below).name() == color.name(), (gate, unit)
