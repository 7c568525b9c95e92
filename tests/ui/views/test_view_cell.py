"""The view into a cell: what stands on its wires, sub-step by sub-step, and unrolled over time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy_cells import STEPS, UNITS, CellWorkspace
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from rnn_designer.design import Design, Layer, Link
from rnn_designer.ui.colors import diverging
from rnn_designer.ui.scopes.state import SharedChoices
from rnn_designer.ui.theme import keeper, theme
from rnn_designer.ui.views.cell import UNROLLED, CellView
from rnn_designer.ui.views.cell_diagram import Seen
from rnn_designer.ui.views.cell_plans import HEIGHT, WIDTH, Strip
from rnn_designer.ui.views.insides import insides
from rnn_designer.ui.views.saving import save_view


@pytest.fixture
def workspace() -> Iterator[Any]:
    made = CellWorkspace()
    yield made
    made.deleteLater()


@pytest.fixture
def view(workspace: Any, show: Callable[[QWidget], QWidget]) -> Any:
    made = CellView(workspace, SharedChoices(workspace))
    made.resize(820, 330)
    show(made)
    workspace.run()
    return made


def seen(view: CellView) -> Seen:
    assert view.diagram.seen is not None
    return view.diagram.seen


def strip(view: CellView, name: str) -> Strip:
    return next(each for each in seen(view).plan.strips if each.name == name)


@pytest.mark.parametrize("sample", [0, 1])
@pytest.mark.parametrize("step", [0, 5, STEPS - 1])
def test_that_every_vector_of_an_lstm_is_what_it_computed(
    workspace: Any, view: CellView, step: int, sample: int
) -> None:
    workspace.playback.go_to(step)
    workspace.playback.show_sample(sample)
    view.show_layer("mem")
    cell, values = workspace.cell("mem"), seen(view).values
    for row, symbol in enumerate("ifgo"):
        assert np.allclose(values[symbol], cell.gates[sample, step, row], atol=1e-6)
    for place, symbol in enumerate("hc"):
        assert np.allclose(values[symbol], cell.states[sample, step, place], atol=1e-6)
        assert np.allclose(values[f"{symbol}′"], cell.before[sample, step, place], atol=1e-6)
    assert np.allclose(values["x"], cell.x[sample, step])
    assert np.allclose(values["o"] * values["tanh(c)"], values["h"], atol=1e-6)
    assert {each.name for each in seen(view).plan.strips} <= set(values)


def test_that_a_gru_has_its_own_diagram_for_each_way_of_resetting(workspace: Any, view: CellView) -> None:
    workspace.playback.go_to(5)
    view.show_layer("late")
    assert "r·(h′·U + b′)" in seen(view).plan.stages[2].sentence
    assert not any(each.name == "r⊙h′" for each in seen(view).plan.strips)
    late = seen(view).plan
    view.show_layer("early")
    assert "(r⊙h′)·U" in seen(view).plan.stages[2].sentence
    assert seen(view).plan.boxes != late.boxes
    cell, values = workspace.cell("early"), seen(view).values
    assert np.allclose(values["r⊙h′"], cell.gates[0, 5, 1] * cell.before[0, 5, 0], atol=1e-6)
    assert np.allclose(values["h̃"], cell.gates[0, 5, 2], atol=1e-6)


def test_that_a_simple_rnn_shows_its_sum_before_the_activation(workspace: Any, view: CellView) -> None:
    workspace.playback.go_to(2)
    view.show_layer("plain")
    cell, values = workspace.cell("plain"), seen(view).values
    assert np.allclose(values["sum"], cell.sums[0, 2, 0], atol=1e-6)
    assert np.allclose(np.tanh(values["sum"]), values["h"], atol=1e-6)
    assert any(each.text == "b" for each in seen(view).plan.boxes)


@pytest.mark.parametrize("layer", ["plain", "mem", "late", "early", "rnn", "own"])
def test_that_everything_stands_on_the_sheet_and_no_two_vectors_on_each_other(
    view: CellView, layer: str
) -> None:
    view.show_layer(layer)
    plan = seen(view).plan
    for wire in plan.wires:
        assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in wire.points)
        for (x, y), (other_x, other_y) in zip(wire.points, wire.points[1:], strict=False):
            assert x == other_x or y == other_y
    areas = [view.diagram.strip_area(each).adjusted(0, -12, 0, 0) for each in plan.strips]
    inside = view.diagram.rect().adjusted(-1, -1, 1, 1)
    for place, area in enumerate(areas):
        assert inside.contains(area.toAlignedRect())
        assert not any(area.intersects(other) for other in areas[place + 1 :])
    stages = range(len(plan.stages))
    assert {each.stage for each in (*plan.wires, *plan.boxes, *plan.strips)} == set(stages)


def test_that_arrows_step_through_sub_steps_and_on_to_the_next_time_step(
    workspace: Any, view: CellView
) -> None:
    view.show_layer("mem")
    assert view.stage == 3
    view.diagram.setFocus()
    for stage in (2, 1, 0):
        QTest.keyClick(view.diagram, Qt.Key.Key_Up)
        assert view.stage == stage
    assert "What comes in" in view.said.text()
    QTest.keyClick(view.diagram, Qt.Key.Key_Up)
    assert (view.stage, workspace.playback.step) == (0, 0)
    for _ in range(3):
        QTest.mouseClick(view.on_button, Qt.MouseButton.LeftButton)
    assert (view.stage, workspace.playback.step) == (3, 0)
    QTest.keyClick(view.diagram, Qt.Key.Key_Down)
    assert (view.stage, workspace.playback.step) == (0, 1)
    QTest.mouseClick(view.back_button, Qt.MouseButton.LeftButton)
    assert (view.stage, workspace.playback.step) == (3, 0)
    QTest.keyClick(view.diagram, Qt.Key.Key_Right)
    assert (view.stage, workspace.playback.step) == (3, 1)


def test_that_stepping_follows_a_direction_that_reads_backwards(workspace: Any, view: CellView) -> None:
    workspace.playback.go_to(5)
    view.show_layer("bi")
    view.side_button.choose("both/backward")
    assert "from the step after" in seen(view).plan.stages[0].sentence
    assert np.allclose(seen(view).values["h′"], workspace.cell("inner", 1).states[0, 6, 0], atol=1e-6)
    view.step_on(1)
    assert (view.stage, workspace.playback.step) == (0, 4)


def test_that_what_comes_later_is_not_told_yet(workspace: Any, view: CellView) -> None:
    view.show_layer("mem")
    workspace.playback.go_to(3)
    area = view.diagram.strip_area(strip(view, "h"))
    assert view.diagram.reading(area.center()).startswith("h · unit 2 = ")
    view.step_on(-1)
    assert view.diagram.reading(area.center()) == ""
    assert view.diagram.reading(view.diagram.strip_area(strip(view, "f")).center()).startswith("f · unit 2")
    assert " h " not in view.diagram.accessibleDescription().partition("Unit")[2]


def test_that_the_mouse_reads_a_vector_and_chooses_its_unit(workspace: Any, view: CellView) -> None:
    view.show_layer("mem")
    workspace.playback.go_to(3)
    area = view.diagram.strip_area(strip(view, "f"))
    at = QPointF(area.left() + area.width() * 4.5 / UNITS, area.center().y())
    value = f"{workspace.cell('mem').gates[0, 3, 1, 4]:.3g}"
    assert view.diagram.reading(at) == f"f · unit 4 = {value}"
    QTest.mouseClick(view.diagram, Qt.MouseButton.LeftButton, pos=at.toPoint())
    assert 4 in workspace.playback.units("mem")
    assert seen(view).unit == 4
    assert f"f {value}" in view.diagram.accessibleDescription()


def test_that_chosen_units_are_marked_in_their_own_colours_in_one_step_and_unrolled(
    workspace: Any, view: CellView
) -> None:
    view.show_layer("mem")
    workspace.playback.choose_units("mem", (1, 3))
    first, second = (QColor(each) for each in theme().series[:2])
    assert view.shared.units("mem").colors((1, 3), theme()) == {1: first, 3: second}
    assert seen(view).colors == {1: first, 3: second}
    picture, area = view.diagram.grab().toImage(), view.diagram.strip_area(strip(view, "h"))
    wide = area.width() / UNITS
    for unit, color in ((1, first), (3, second)):
        edge = round(area.left() + unit * wide)
        around = [picture.pixelColor(x, round(area.center().y())) for x in range(edge - 2, edge + 3)]
        assert min(abs(each.hue() - color.hue()) for each in around if each.saturation() > 90) < 12
    view.show_way(UNROLLED)
    words = {each.name() for each in view.unrolled.colors.values()}
    assert words == {first.name(), second.name()}


def test_that_a_masked_step_is_held_without_gates(workspace: Any, view: CellView) -> None:
    view.show_layer("mem")
    workspace.playback.go_to(4)
    assert seen(view).note == "Step 4 is masked: the states are held."
    assert not {"f", "i", "g", "o", "tanh(c)"} & set(seen(view).values)
    assert np.allclose(seen(view).values["c"], seen(view).values["c′"])


def test_that_stacked_cells_stand_in_a_column_and_a_double_click_opens_one(
    workspace: Any, view: CellView
) -> None:
    view.show_layer("rnn")
    assert view.side_button.keys == ("column:stack", "stack/cell_0", "stack/cell_1")
    plan = seen(view).plan
    low, high = (each.middle for each in plan.boxes)
    assert low[1] > high[1]
    values = seen(view).values
    assert np.allclose(values["1 h"], workspace.cell("high").states[0, 0, 0], atol=1e-6)
    assert np.allclose(values["0 c"], workspace.cell("low").states[0, 0, 1], atol=1e-6)
    assert np.allclose(values["x"], workspace.cell("low").x[0, 0])
    box = view.diagram._box(plan.boxes[1]).center().toPoint()
    QTest.mouseDClick(view.diagram, Qt.MouseButton.LeftButton, pos=box)
    assert view.side_button.current == "stack/cell_1"
    assert len(seen(view).plan.stages) == 4
    assert np.allclose(seen(view).values["x"], workspace.cell("low").states[0, 0, 0], atol=1e-6)


def test_that_a_custom_cell_is_a_box_with_its_states(workspace: Any, view: CellView) -> None:
    view.show_layer("own")
    workspace.playback.go_to(2)
    assert [each.text for each in seen(view).plan.boxes] == ["adder"]
    assert np.allclose(seen(view).values["total"], workspace.trace.arrays["own/state/total"][0, 2])
    assert np.allclose(seen(view).values["total′"], workspace.trace.arrays["own/state/total"][0, 1])


def test_that_layers_without_cells_and_refusals_say_why(workspace: Any, view: CellView) -> None:
    view.show_layer("den")
    assert "takes no steps" in view.message
    view.show_layer("each")
    assert "outside of the TimeDistributed" in view.message
    workspace.analyses.refusal = "The last run was as in training."
    view.show_layer("mem")
    assert "as in training" in view.said.text()
    assert np.allclose(seen(view).values["f"], workspace.cell("mem").gates[0, 0, 1], atol=1e-6)


def test_that_unrolled_both_directions_stand_in_rows_with_their_arrows(
    workspace: Any, view: CellView
) -> None:
    view.show_layer("bi")
    workspace.playback.go_to(4)
    view.way_button.choose(UNROLLED)
    forward, backward = view.unrolled.rows
    assert (forward.vectors.inside.backwards, backward.vectors.inside.backwards) == (False, True)
    assert "from left to right" in view.unrolled.accessibleDescription()
    assert "from right to left" in view.unrolled.accessibleDescription()
    assert 4 in view.unrolled.steps
    assert view.unrolled.cell(0, 4).top() > view.unrolled.cell(1, 4).bottom()
    view.unrolled.grab()
    cell = view.unrolled.cell(1, 4)
    # What the backward cell of step 4 gives goes to the left of it.
    after = QPointF((view.unrolled.cell(1, 3).right() + cell.left()) / 2, cell.center().y())
    value = workspace.cell("inner", 1).states[0, 4, 0, 2]
    assert view.unrolled.reading(after) == f"step 4 · h · unit 2 = {value:.3g}".replace("-", "−")
    after = QPointF(
        (view.unrolled.cell(0, 4).right() + view.unrolled.cell(0, 5).left()) / 2,
        view.unrolled.cell(0, 4).center().y(),
    )
    value = workspace.cell("inner", 0).states[0, 4, 0, 2]
    assert view.unrolled.reading(after) == f"step 4 · h · unit 2 = {value:.3g}".replace("-", "−")


def test_that_click_and_arrows_in_the_unrolled_view_move_the_cursor(workspace: Any, view: CellView) -> None:
    view.show_layer("mem")
    view.show_way(UNROLLED)
    view.unrolled.grab()
    step = view.unrolled.steps[2]
    QTest.mouseClick(
        view.unrolled, Qt.MouseButton.LeftButton, pos=view.unrolled.cell(0, step).center().toPoint()
    )
    assert workspace.playback.step == step
    QTest.keyClick(view.unrolled, Qt.Key.Key_Right)
    assert workspace.playback.step == step + 1
    workspace.playback.go_to(STEPS - 1)
    assert view.unrolled.steps[-1] == STEPS - 1
    view.resize(300, 200)
    assert len(view.unrolled.steps) == 1
    assert set(view.numbers()) == {"memory h", "memory c"}


def test_that_rows_of_a_stack_stand_above_each_other(view: CellView) -> None:
    view.show_layer("rnn")
    view.show_way(UNROLLED)
    assert [row.label for row in view.unrolled.rows] == ["Cell 0", "Cell 1"]
    assert [row.gives_up for row in view.unrolled.rows] == [True, False]


def test_that_what_is_inside_is_found_in_every_nesting(workspace: Any) -> None:
    document, trace = workspace.document, workspace.trace
    found = {
        layer.id: [
            (each.path, each.mirrored, each.backwards) for each in insides(document.design, layer, trace)
        ]
        for layer in document.design.walk()
    }
    assert found["mem"] == [("memory", False, False)]
    assert found["bi"] == found["inner"] == [("both/forward", False, False), ("both/backward", True, True)]
    assert found["rnn"] == found["cells"] == [("stack/cell_0", False, False), ("stack/cell_1", False, False)]
    assert found["high"] == [("stack/cell_1", False, False)]
    assert found["own"] == [("own", False, False)]
    assert found["in"] == found["den"] == found["each"] == []


def test_that_it_is_saved_as_picture_drawing_and_numbers(
    workspace: Any, view: CellView, tmp_path: Path
) -> None:
    view.show_layer("mem")
    for suffix in ("png", "svg", "csv", "npz"):
        save_view(view, tmp_path / f"cell.{suffix}")
        assert (tmp_path / f"cell.{suffix}").stat().st_size > 500
    with np.load(tmp_path / "cell.npz") as saved:
        assert np.allclose(saved["f"], workspace.cell("mem").gates[0, 0, 1], atol=1e-6)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("way", ["step", UNROLLED])
def test_that_vectors_have_the_colours_of_their_values(
    workspace: Any, view: CellView, scheme: Any, way: str
) -> None:
    keeper().apply(scheme)
    try:
        view.show_layer("mem")
        view.show_way(way)
        workspace.playback.go_to(3)
        image = view.body.grab().toImage()
        found = {image.pixelColor(x, y).rgb() for x in range(image.width()) for y in range(image.height())}
        # The largest of a sample has the strongest colour.
        limit = np.abs(workspace.cell("mem").states[0, :, 0]).max()
        values = workspace.cell("mem").states[0, 3, 0]
        table = diverging(theme())
        for value in values:
            entry = table[int(np.rint(128 + value / limit * 127))]
            assert QColor(*(int(each) for each in entry[:3])).rgb() in found, value
        assert QColor(theme().accent).rgb() in found
    finally:
        keeper().apply("light")


def test_that_a_double_click_on_the_canvas_shows_the_inside(window: Any) -> None:
    made = Design("m", (Layer("in", "Input", "series"), Layer("mem", "LSTM", "memory")), (Link("in", "mem"),))
    window.workspace.document.apply(lambda _: made, "New")
    window.canvas.look_inside("mem")
    assert window.selection.current == "mem"
    assert window.scopes.instruments.name == "cell"
    assert window.scopes.instruments.view.layer.id == "mem"
    assert not window.canvas.look_inside("in")
