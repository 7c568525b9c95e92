"""The view of one unit: its lines, its weights, and its sum, whose every number is worked out here once more."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy_cells import FEATURES, STEPS, UNITS, CellWorkspace
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from rnn_designer.ui.scopes.state import SharedChoices
from rnn_designer.ui.theme import keeper, theme
from rnn_designer.ui.views.saving import save_view
from rnn_designer.ui.views.terms import added, short, times
from rnn_designer.ui.views.unit import UnitView, block


@pytest.fixture
def workspace() -> Iterator[Any]:
    made = CellWorkspace()
    yield made
    made.deleteLater()


@pytest.fixture
def view(workspace: Any, show: Callable[[QWidget], QWidget]) -> Any:
    made = UnitView(workspace, SharedChoices(workspace))
    made.resize(900, 340)
    show(made)
    workspace.run()
    return made


def worth(words: str) -> float:
    """What a line of numbers comes to: the reader's way of checking it."""
    words = words.replace("−", "-").replace("·", "*")
    known = {"σ": lambda x: 1 / (1 + math.exp(-x)), "tanh": math.tanh}
    assert re.fullmatch(r"[σtanh()0-9.e+\-* ]+", words), words
    return float(eval(words, {"__builtins__": {}}, known))


@pytest.mark.parametrize(
    ("layer", "symbols"),
    [("plain", "h"), ("mem", "i f g o c h"), ("late", "z r h̃ h"), ("early", "z r h̃ h")],
)
@pytest.mark.parametrize("step", [0, 3, STEPS - 1])
def test_that_every_line_of_the_sum_comes_to_what_the_layer_computed(
    workspace: Any, view: UnitView, layer: str, symbols: str, step: int
) -> None:
    workspace.playback.go_to(step)
    workspace.playback.show_sample(1)
    view.show_layer(layer)
    workspace.playback.choose_units(layer, (2,))
    cell = workspace.cell(layer)
    assert [each.symbol for each in view.worked_out] == symbols.split()
    rows = len(cell.gates[0, 0])
    computed = [*cell.gates[1, step, :, 2], *cell.states[1, step, ::-1, 2]][: len(symbols.split())]
    if layer == "plain":
        computed = computed[:1]
    for line, value in zip(view.worked_out, computed, strict=True):
        assert line.value == pytest.approx(value, abs=1e-6)
        assert line.numbers[-1] == short(value)
        for words in line.numbers:
            assert worth(words) == pytest.approx(value, abs=0.03)
    for row in range(rows):
        terms = cell.terms[1, step, row, 2]
        for term in terms[:2]:
            assert short(abs(term)) in view.worked_out[row].numbers[0]
    assert "h′" in view.worked_out[0].formula or layer == "plain"


def test_that_numbers_in_sums_are_short_and_keep_their_signs() -> None:
    assert [short(each) for each in (0, 0.314, -1, 0.05, -0.00012, 12345.0)] == [
        "0.00",
        "0.31",
        "−1.00",
        "0.050",
        "−1.2e−04",
        "1.2e+04",
    ]
    assert added([0.5, -0.25, 1]) == "0.50 − 0.25 + 1.00"
    assert times(0.5, -0.25) == "0.50·(−0.25)"
    assert short(math.nan) == "NaN"
    assert short(-math.inf) == "−∞"


def test_that_formulas_leave_out_a_bias_that_is_not_there(workspace: Any, view: UnitView) -> None:
    from rnn_designer.design import edits

    assert view.message == "" or view.layer is None
    view.show_layer("late")
    assert view.worked_out[0].formula == "σ(x·W_z + h′·U_z + b_z + b′_z)"
    assert view.worked_out[2].formula == "tanh(x·W_h + b_h + r·(h′·U_h + b′_h))"
    view.show_layer("early")
    assert view.worked_out[0].formula == "σ(x·W_z + h′·U_z + b_z)"
    assert view.worked_out[2].formula == "tanh(x·W_h + (r ⊙ h′)·U_h + b_h)"
    workspace.document.apply(edits.set_parameter("late", "use_bias", False), "No bias")
    workspace.document.apply(edits.set_parameter("late", "activation", "relu"), "ReLU")
    view.show_layer("late")
    assert view.worked_out[0].formula == "σ(x·W_z + h′·U_z)"
    assert view.worked_out[2].formula == "relu(x·W_h + r·(h′·U_h))"


def test_that_a_masked_step_is_said_to_be_held(workspace: Any, view: UnitView) -> None:
    view.show_layer("mem")
    assert view.worked_out
    workspace.playback.go_to(4)
    assert view.worked_out == ()
    assert "masked" in view.sum.accessibleDescription()
    assert "held" in view.sum.accessibleDescription()
    workspace.playback.go_to(5)
    assert view.worked_out[-2].value == pytest.approx(
        workspace.cell("mem").states[0, 5, 1, view.unit], abs=1e-6
    )


def test_that_lines_are_the_units_own_and_the_first_has_its_shared_colour(
    workspace: Any, view: UnitView
) -> None:
    view.show_layer("mem")
    workspace.playback.choose_units("mem", (1, 3))
    cell = workspace.cell("mem")
    curves = {each.symbol: each for each in view.lines.curves}
    assert list(curves) == ["h", "c", "i", "f", "g", "o"]
    assert np.allclose(curves["c"].values, cell.states[0, :, 1, 3])
    assert np.allclose(curves["g"].values, np.nan_to_num(cell.gates[0, :, 2, 3]))
    assert [each.symbol for each in curves.values() if each.gate] == ["i", "f", "o"]
    shared = view.shared.units("mem").colors((1, 3), theme())
    assert curves["h"].color == shared[3]
    assert len({each.color.name() for each in curves.values()}) == 6


def test_that_the_unit_chosen_last_anywhere_is_shown_and_the_box_chooses_for_all(
    workspace: Any, view: UnitView
) -> None:
    playback = workspace.playback
    playback.choose_units("mem", (1, 3))
    view.show_layer("mem")
    assert view.unit == 3
    playback.choose_units("mem", (0, 1, 3))
    assert view.unit == 0
    view.unit_box.setFocus()
    QTest.keyClick(view.unit_box, Qt.Key.Key_Up)
    assert view.unit == 1
    QTest.keyClick(view.unit_box, Qt.Key.Key_Up)
    assert view.unit == 2
    assert playback.units("mem") == (2, 3)
    assert view.unit_box.maximum() == UNITS - 1
    playback.choose_units("mem", ())
    assert 0 <= view.unit < UNITS


def test_that_bars_are_the_columns_of_the_unit_and_tell_their_part_of_the_sum(
    workspace: Any, view: UnitView
) -> None:
    view.show_layer("mem")
    workspace.playback.choose_units("mem", (3,))
    workspace.playback.go_to(2)
    cell = workspace.cell("mem")
    given, state, bias = view.bars.columns
    for row in range(4):
        assert np.allclose(given.weights[row], cell.kernel[:, row * UNITS + 3])
        assert np.allclose(state.weights[row], cell.recurrent[:, row * UNITS + 3])
        assert np.allclose(bias.weights[row], cell.bias[row * UNITS + 3])
    view.bars_button.choose("products")
    given, state, _ = view.bars.columns
    assert np.allclose(given.values.sum(axis=1), cell.terms[0, 2, :, 3, 0], atol=1e-6)
    assert np.allclose(state.values.sum(axis=1), cell.terms[0, 2, :, 3, 1], atol=1e-6)
    assert given.values.shape == (4, FEATURES)


def test_that_the_bars_of_a_gru_that_resets_before_sum_up_too(workspace: Any, view: UnitView) -> None:
    view.show_layer("early")
    view.bars_button.choose("products")
    workspace.playback.go_to(5)
    cell = workspace.cell("early")
    _, state, bias = view.bars.columns
    assert np.allclose(state.values.sum(axis=1), cell.terms[0, 5, :, view.unit, 1], atol=1e-6)
    assert bias.weights.shape == (3, 1)
    view.show_layer("late")
    assert view.bars.columns[2].weights.shape == (3, 2)


def test_that_the_mouse_reads_a_bar_and_chooses_the_unit_that_it_comes_from(
    workspace: Any, view: UnitView
) -> None:
    view.show_layer("mem")
    area = view.bars._places()[1]
    at = QPointF(area.left() + area.width() * 4.5 / UNITS, area.top() + area.height() * 1.5 / 4)
    words = view.bars.reading(at)
    weight = workspace.cell("mem").recurrent[4, UNITS + view.unit]
    assert words.startswith(f"f · unit 4 · weight {weight:.3g}".replace("-", "−"))
    QTest.mouseClick(view.bars, Qt.MouseButton.LeftButton, pos=at.toPoint())
    assert view.unit == 4
    assert view.bars.reading(QPointF(1, 1)) == ""


def test_that_press_and_arrows_on_the_lines_move_the_shared_cursor(workspace: Any, view: UnitView) -> None:
    view.show_layer("plain")
    area = view.lines._strips()[0][0]
    QTest.mouseClick(
        view.lines,
        Qt.MouseButton.LeftButton,
        pos=QPoint(round(area.left() + area.width() * 6.5 / STEPS), round(area.center().y())),
    )
    assert workspace.playback.step == 6
    QTest.keyClick(view.lines, Qt.Key.Key_Left)
    assert workspace.playback.step == 5
    value = workspace.cell("plain").states[0, 5, 0, view.unit]
    assert f"h {value:.3g}".replace("-", "−") in view.lines.accessibleDescription()


def test_that_each_direction_and_cell_can_be_chosen(workspace: Any, view: UnitView) -> None:
    view.show_layer("bi")
    assert view.side_button.keys == ("both/forward", "both/backward")
    view.side_button.choose("both/backward")
    step = workspace.playback.step
    cell = workspace.cell("inner", 1)
    assert view.worked_out[-1].value == pytest.approx(cell.states[0, step, 0, view.unit], abs=1e-6)
    assert np.allclose(view.bars.columns[0].weights[0], cell.kernel[:, view.unit])
    assert "backwards" in view.sum.text()
    view.show_layer("inner")
    assert view.side_button.keys == ("both/forward", "both/backward")
    view.show_layer("rnn")
    assert view.side_button.keys == ("stack/cell_0", "stack/cell_1")
    view.side_button.choose("stack/cell_1")
    assert [each.symbol for each in view.worked_out] == ["z", "r", "h̃", "h"]
    view.show_layer("low")
    assert len(view.worked_out) == 6


def test_that_what_cannot_be_taken_apart_is_told_in_a_sentence(workspace: Any, view: UnitView) -> None:
    view.show_layer("own")
    assert [each.symbol for each in view.lines.curves] == ["total"]
    assert "own code" in view.sum.accessibleDescription()
    assert not view.bars.isVisible()
    view.show_layer("den")
    assert "Select a recurrent layer" in view.message
    view.show_layer("each")
    assert "not recorded one by one" in view.message
    workspace.analyses.refusal = "The last run was as in training."
    view.show_layer("mem")
    assert view.sum.accessibleDescription() == "The last run was as in training."


def test_that_what_is_held_is_told_beside_what_was_computed_and_what_follows_from_it(
    workspace: Any, view: UnitView
) -> None:
    """Forget gate held at an eighth, cell state at 2: c is computed with the one, h with the other."""
    computed = workspace.analyses.know

    def held(question: Any) -> Any:
        answer = computed(question)
        arrays = {name: np.array(array) for name, array in answer.arrays.items()}
        arrays["gates"][:, 1], arrays["clamped"][:, 1] = 0.125, 1
        arrays["computed"][:, 1] = (
            0.125 * arrays["before"][:, 1] + arrays["gates"][:, 0] * arrays["gates"][:, 2]
        )
        arrays["after"][:, 1], arrays["clamped_states"][:, 1] = 2.0, 1
        arrays["squashed"][:] = np.tanh(2.0)
        arrays["computed"][:, 0] = arrays["after"][:, 0] = arrays["gates"][:, 3] * np.tanh(2.0)
        return replace(answer, arrays=arrays)

    workspace.analyses.know = held
    workspace.playback.go_to(3)
    view.show_layer("mem")
    lines = {each.symbol: each for each in view.worked_out}
    assert [symbol for symbol, line in lines.items() if line.held] == ["f", "c"]
    assert lines["f"].text.endswith(", but held at 0.12")
    assert lines["f"].numbers[-1] == short(workspace.cell("mem").gates[0, 3, 1, view.unit])
    assert lines["c"].numbers[0].startswith("0.12·")
    assert worth(lines["c"].numbers[0]) == pytest.approx(worth(lines["c"].numbers[1]), abs=0.02)
    assert "tanh(2.00)" in lines["h"].text
    assert worth(lines["h"].numbers[-1]) == pytest.approx(worth(lines["h"].numbers[0]), abs=0.02)
    assert view.sum.text().count("but held at") == 2
    assert view.sum.accessibleDescription().count("but held at") == 2


def test_that_few_steps_are_asked_for_at_once_where_there_are_many_units(
    workspace: Any, view: UnitView
) -> None:
    assert block(64, 4) == 512
    assert block(2048, 4) * 2048 * 4 <= 1_000_000
    assert block(10**9, 4) == 8
    workspace.analyses.asked.clear()
    view.show_layer("mem")
    asked = workspace.analyses.asked[-1]
    assert (asked.kind, asked.layer, asked.options["first"]) == ("unit_sum", "mem", 0)
    for step in range(STEPS):
        workspace.playback.go_to(step)
    assert {each.key for each in workspace.analyses.asked} == {asked.key}


def test_that_it_is_saved_as_picture_drawing_and_numbers(
    workspace: Any, view: UnitView, tmp_path: Path
) -> None:
    view.show_layer("mem")
    for suffix in ("png", "svg", "csv", "npz"):
        save_view(view, tmp_path / f"unit.{suffix}")
        assert (tmp_path / f"unit.{suffix}").stat().st_size > 500
    with np.load(tmp_path / "unit.npz") as saved:
        assert np.allclose(saved["c"], workspace.cell("mem").states[0, :, 1, view.unit])
        assert saved["terms at the cursor"].shape == (4, 4)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_that_lines_bars_and_cursor_are_painted_in_both_themes(
    workspace: Any, view: UnitView, scheme: Any
) -> None:
    keeper().apply(scheme)
    try:
        view.show_layer("mem")
        workspace.playback.go_to(3)
        image = view.body.grab().toImage()
        seen = {
            image.pixelColor(x, y).name() for x in range(image.width()) for y in range(0, image.height(), 2)
        }
        for each in view.lines.curves:
            assert each.color.name() in seen, each.symbol
        assert {theme().negative, theme().positive} <= seen
    finally:
        keeper().apply("light")


@pytest.mark.parametrize("size", [(780, 320), (420, 260), (1400, 500)])
def test_that_it_fits_where_it_is_put(view: UnitView, size: tuple[int, int], qtbot: Any) -> None:
    view.show_layer("mem")
    view.resize(*size)
    assert (view.width(), view.height()) == size

    def whole() -> bool:
        return all(each.height() >= each.minimumSizeHint().height() for each in (view.lines, view.bars))

    qtbot.waitUntil(whole)
    assert view.sum.visibleRegion().boundingRect().height() > 0 or size[1] < 320
