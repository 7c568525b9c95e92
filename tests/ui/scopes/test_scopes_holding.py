"""Holding units and gates by mouse and keyboard: what is offered, what is said, and what dragging a value does."""

from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import Design, Layer, edits
from rnn_designer.session.holds import ALL_UNITS, Hold, Holds
from rnn_designer.ui.scopes import Scopes
from rnn_designer.ui.scopes.holding import held_signal, what
from rnn_designer.ui.scopes.unit_actions import cannot_be_held


@pytest.fixture
def scopes(bench: Any, trace: Any) -> Scopes:
    panel = Scopes(bench.workspace, bench.selection)
    bench.show(panel)
    bench.selection.set(["mem"])
    bench.workspace.give(trace)
    return panel


@pytest.fixture
def holds(bench: Any) -> Holds:
    found: Holds = bench.workspace.live.holds
    return found


def _place(scopes: Scopes, unit: int, step: int, band: int = 0) -> QPoint:
    picture = scopes.plot.picture
    assert picture is not None
    frame = scopes.plot.frame_now()
    rect = frame.bands[band]
    row = list(picture.order).index(unit)
    x = next(x for x in range(int(rect.left()), int(rect.right())) if frame.nearest_step(x) == step)
    return QPoint(x + 2, int(rect.top() + (row + 0.5) * rect.height() / picture.main.units))


def _menu(scopes: Scopes) -> QMenu:
    menus = [each for each in scopes.findChildren(QMenu) if each.isVisible()]
    assert len(menus) == 1
    return menus[0]


def _words(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if not action.isSeparator()]


def _choose(menu: QMenu, words: str) -> None:
    action = next(each for each in menu.actions() if each.text() == words)
    menu.setActiveAction(action)
    QTest.keyClick(menu, Qt.Key.Key_Return)


def _right_click(scopes: Scopes, place: QPoint) -> None:
    QTest.mouseClick(scopes.plot, Qt.MouseButton.RightButton, Qt.KeyboardModifier.NoModifier, place)


def test_that_a_right_click_offers_to_hold_the_unit_from_that_step(scopes: Scopes, holds: Holds) -> None:
    _right_click(scopes, _place(scopes, 5, 26))
    picture = scopes.plot.picture
    assert picture is not None
    value = f"{float(picture.main.values[26, 5]):.3g}"
    menu = _menu(scopes)
    assert _words(menu) == [
        "Show unit 5\tU",
        "Find units…\t/",
        "Hold unit 5 of h at 0 from step 26",
        f"Hold unit 5 of h at {value} from step 26",
        "Hold all units of h at 0 from step 26",
        "Hold unit 5 of the initial h at 0",
    ]
    _choose(menu, "Hold unit 5 of h at 0 from step 26")
    assert holds.all == (Hold("mem", "state/h", 5, 0.0, 26),)
    assert scopes.held.isVisible()
    assert scopes.held.texts == ("memory: unit 5 of h =",)
    _right_click(scopes, _place(scopes, 5, 26))
    _choose(_menu(scopes), "Release unit 5 of h")
    assert holds.all == ()
    assert not scopes.held.isVisible()


def test_that_dragging_with_the_right_button_pans_and_offers_nothing(scopes: Scopes) -> None:
    QTest.mousePress(
        scopes.plot, Qt.MouseButton.RightButton, Qt.KeyboardModifier.NoModifier, _place(scopes, 5, 20)
    )
    QTest.mouseMove(scopes.plot, _place(scopes, 5, 30))
    QTest.mouseRelease(
        scopes.plot, Qt.MouseButton.RightButton, Qt.KeyboardModifier.NoModifier, _place(scopes, 5, 30)
    )
    assert [each for each in scopes.findChildren(QMenu) if each.isVisible()] == []


def test_that_the_keyboard_holds_the_unit_chosen_last_at_the_cursor(
    scopes: Scopes, bench: Any, holds: Holds
) -> None:
    bench.workspace.playback.choose_units("mem", (2, 7))
    bench.workspace.playback.go_to(9)
    QTest.keyClick(scopes.plot, Qt.Key.Key_H)
    _choose(_menu(scopes), "Hold all units of h at 0 from step 9")
    QTest.keyClick(scopes.plot, Qt.Key.Key_H)
    _choose(_menu(scopes), "Hold unit 7 of h at 0 from step 9")
    assert [each.unit for each in holds.all] == [ALL_UNITS, 7]


def test_that_gates_are_held_too(scopes: Scopes, holds: Holds) -> None:
    scopes.chips.chip("f").click()
    _right_click(scopes, _place(scopes, 3, 10))
    menu = _menu(scopes)
    assert not any("initial" in words for words in _words(menu))
    _choose(menu, "Hold all units of f at 0 from step 10")
    assert holds.all == (Hold("mem", "gate/forget", ALL_UNITS, 0.0, 10),)


def test_that_dragging_the_words_changes_the_value_while_one_drags(scopes: Scopes, holds: Holds) -> None:
    holds.hold(Hold("mem", "state/h", 5, 0.5, 12))
    chip = scopes.held.chips[0]
    heard: list[float] = []
    holds.changed.connect(lambda: heard.append(holds.all[0].value))
    middle = chip.label.rect().center()
    QTest.mousePress(chip.label, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle)
    for way in (20, 40, 60):
        QTest.mouseMove(chip.label, middle + QPoint(way, 0))
    QTest.mouseRelease(
        chip.label, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle + QPoint(60, 0)
    )
    assert len(heard) == 3
    assert heard == sorted(heard)
    assert holds.all[0].value == heard[-1] > 0.5
    assert chip.value.value() == heard[-1]


def test_that_value_and_step_can_be_typed_and_a_button_releases(scopes: Scopes, holds: Holds) -> None:
    holds.hold(Hold("mem", "state/h", 5, 0.5, 12))
    chip = scopes.held.chips[0]
    chip.value.setFocus()
    chip.value.selectAll()
    QTest.keyClicks(chip.value, "-0.25")
    chip.step.setFocus()
    chip.step.selectAll()
    QTest.keyClicks(chip.step, "30")
    assert holds.all == (Hold("mem", "state/h", 5, -0.25, 30),)
    chip.value.setFocus()
    chip.value.selectAll()
    QTest.keyClicks(chip.value, "x")
    assert holds.all == (Hold("mem", "state/h", 5, -0.25, 30),)
    QTest.mouseClick(chip.close_button, Qt.MouseButton.LeftButton)
    assert holds.all == ()


def test_that_what_left_the_design_is_not_said_to_be_held(scopes: Scopes, bench: Any, holds: Holds) -> None:
    holds.hold(Hold("mem", "state/h", 5, 0.5, 12))
    holds.hold(Hold("gru", "state/h", 1, 0.0, 2))
    assert len(scopes.held.texts) == 2
    bench.workspace.document.apply(edits.remove(["mem"]), "Delete")
    assert scopes.held.texts == ("gru: unit 1 of h =",)
    bench.workspace.document.undo()
    assert len(scopes.held.texts) == 2


def test_what_is_held_where_an_output_is_shown() -> None:
    lstm = Layer("a", "LSTM", "a", FrozenMap(units=3))
    assert held_signal(lstm, "output") == "state/h"
    assert held_signal(lstm, "gate/output") == "gate/output"
    assert held_signal(lstm, "result") is None
    both = Layer("b", "Bidirectional", "b", children=(lstm,))
    assert held_signal(both, "backward/output") == "backward/state/h"
    assert held_signal(both, "output") is None
    assert what(both, "backward/initial/c", 2) == "unit 2 of the initial c ← backward"


def test_that_a_layer_in_a_time_distributed_says_why_nothing_in_it_can_be_held() -> None:
    inner = Layer("mem", "LSTM", "memory", FrozenMap({"units": 4}))
    around = Layer("each", "TimeDistributed", "each", children=(inner,))
    said = cannot_be_held(Design("d", (around,), ()), around, "output")
    assert "begins anew at every step" in said
    assert "Put it outside" in said
    dense = Layer("den", "Dense", "out", FrozenMap({"units": 2}))
    assert cannot_be_held(Design("d", (dense,), ()), dense, "output") == (
        "Output of out cannot be held; states and gates of recurrent layers can."
    )
