"""The scopes: which layer, which signals, which units, one cursor, and what is said when there is nothing to see."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from rnn_designer.design import edits
from rnn_designer.session.engine_process import EngineState
from rnn_designer.session.live_status import STOPPED, LiveStatus
from rnn_designer.ui.code import CodePanel
from rnn_designer.ui.problems import ProblemsPanel
from rnn_designer.ui.scopes import Scopes
from rnn_designer.ui.theme import keeper
from rnn_designer.ui.transport import Transport


@pytest.fixture
def scopes(bench: Any, trace: Any) -> Scopes:
    panel = Scopes(bench.workspace, bench.selection)
    bench.show(panel)
    bench.selection.set(["mem"])
    bench.workspace.give(trace)
    return panel


def _symbols(scopes: Scopes) -> list[str]:
    picture = scopes.plot.picture
    assert picture is not None
    return [band.shown.symbol for band in picture.bands]


def _row(scopes: Scopes, unit: int, band: int = 0) -> QPoint:
    picture = scopes.plot.picture
    assert picture is not None
    rect = scopes.plot.frame_now().bands[band]
    row = list(picture.order).index(unit)
    return QPoint(int(rect.center().x()), int(rect.top() + (row + 0.5) * rect.height() / picture.main.units))


def test_that_the_first_recurrent_layer_is_shown_before_anything_is_selected(bench: Any, trace: Any) -> None:
    panel = Scopes(bench.workspace, bench.selection)
    bench.show(panel)
    bench.workspace.give(trace)
    assert panel.layer_id == "mem"
    assert _symbols(panel) == ["h"]


def test_that_an_lstm_offers_its_output_states_and_gates(scopes: Scopes) -> None:
    assert scopes.chips.symbols == ("all", "output", "h", "c", "i", "f", "g", "o")


def test_that_all_stacks_states_and_gates(scopes: Scopes) -> None:
    scopes.chips.chip("all").click()
    assert _symbols(scopes) == ["h", "c", "i", "f", "g", "o"]
    assert len(scopes.plot.frame_now().bands) == 6


def test_that_ctrl_click_shows_a_signal_besides_the_others(scopes: Scopes, bench: Any) -> None:
    QTest.mouseClick(scopes.chips.chip("f"), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    assert _symbols(scopes) == ["f"]
    # Offscreen, QApplication.keyboardModifiers follows the modifiers of the event that is being delivered.
    QTest.mouseClick(scopes.chips.chip("h"), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier)
    assert _symbols(scopes) == ["h", "f"]


def test_that_gates_are_drawn_from_0_to_1_and_states_around_zero(scopes: Scopes) -> None:
    scopes.chips.chip("all").click()
    picture = scopes.plot.picture
    assert picture is not None
    limits = {band.shown.symbol: (band.low, band.high, band.signed) for band in picture.bands}
    assert limits["i"] == (0.0, 1.0, False)
    assert limits["h"][2]
    assert limits["h"][0] == -limits["h"][1]
    assert limits["g"][2], "the candidate passes tanh and is signed"


def test_that_ids_are_drawn_from_0_upwards(scopes: Scopes, bench: Any, trace: Any) -> None:
    ids = np.arange(60, dtype=np.int32)[None].repeat(3, axis=0)
    bench.workspace.give(replace(trace, arrays={**trace.arrays, "sunspots/input": ids}))
    bench.selection.set(["in"])
    picture = scopes.plot.picture
    assert picture is not None
    assert (picture.main.low, picture.main.high, picture.main.signed) == (0.0, 60.0, False)


def test_that_a_gru_in_a_bidirectional_shows_its_gates_by_direction(scopes: Scopes, bench: Any) -> None:
    bench.selection.set(["bi"])
    assert scopes.side_button.keys == ("", "forward", "backward")
    assert scopes.plot.picture is not None
    assert scopes.plot.picture.flat
    scopes.side_button.choose("backward")
    assert scopes.chips.symbols == ("all", "output", "h", "z", "r", "h̃")
    assert _symbols(scopes) == ["h"]
    assert scopes.plot.picture.bands[0].shown.path == "backward/state/h"


def test_that_a_layer_without_time_is_drawn_as_bars(scopes: Scopes, bench: Any) -> None:
    bench.selection.set(["den"])
    picture = scopes.plot.picture
    assert picture is not None
    assert picture.flat
    assert picture.main.values.shape == (1, 5)
    frame = scopes.plot.frame_now()
    text = scopes.plot.text_at(QPointF(frame.plot.center().x(), frame.plot.top() + 10))
    assert text.startswith("feature 0 · output = ")


def test_that_the_tooltip_gives_the_traces_own_value(scopes: Scopes, trace: Any) -> None:
    frame = scopes.plot.frame_now()
    point = QPointF(_row(scopes, 7))
    point.setX(frame.x(41))
    value = trace.arrays["memory/state/h"][0, 41, 7]
    assert scopes.plot.text_at(point) == f"step 41 · unit 7 · h = {value:.3g}"


def test_that_another_sample_shows_its_own_values(scopes: Scopes, bench: Any, trace: Any) -> None:
    bench.workspace.playback.show_sample(2)
    assert scopes.plot.picture is not None
    assert np.array_equal(scopes.plot.picture.main.values, trace.arrays["memory/state/h"][2])


def test_that_two_units_with_the_largest_variance_are_drawn_at_first(scopes: Scopes) -> None:
    assert scopes.plot.picture is not None
    variance = scopes.plot.picture.main.values.var(axis=0)
    assert set(scopes.plot._units) == set(np.argsort(-variance)[:2].tolist())


def test_that_a_click_on_a_row_chooses_its_unit_and_a_second_click_does_not_any_more(
    scopes: Scopes, bench: Any
) -> None:
    QTest.mouseClick(scopes.plot, Qt.MouseButton.LeftButton, pos=_row(scopes, 3))
    chosen = bench.workspace.playback.units("mem")
    assert 3 in chosen
    color = scopes.plot._units[3]
    others = {unit: shade for unit, shade in scopes.plot._units.items() if unit != 3}
    QTest.mouseClick(scopes.plot, Qt.MouseButton.LeftButton, pos=_row(scopes, 3))
    assert 3 not in bench.workspace.playback.units("mem")
    assert scopes.plot._units == others, "the other units keep their colours"
    assert color not in others.values()


def test_that_a_drag_moves_the_cursor_and_chooses_nothing(scopes: Scopes, bench: Any) -> None:
    frame = scopes.plot.frame_now()
    row = _row(scopes, 3)
    QTest.mousePress(scopes.plot, Qt.MouseButton.LeftButton, pos=QPoint(int(frame.x(10)), row.y()))
    assert bench.workspace.playback.step == 10
    QTest.mouseMove(scopes.plot, QPoint(int(frame.x(30)), row.y()))
    bench.qtbot.waitUntil(lambda: bench.workspace.playback.step == 30)
    QTest.mouseRelease(scopes.plot, Qt.MouseButton.LeftButton, pos=QPoint(int(frame.x(30)), row.y()))
    assert bench.workspace.playback.units("mem") == ()


def test_that_the_keyboard_steps_plays_and_chooses(scopes: Scopes, bench: Any) -> None:
    playback = bench.workspace.playback
    for key, step in (
        (Qt.Key.Key_Right, 1),
        (Qt.Key.Key_Right, 2),
        (Qt.Key.Key_Left, 1),
        (Qt.Key.Key_End, 59),
        (Qt.Key.Key_Home, 0),
    ):
        QTest.keyClick(scopes.plot, key)
        assert playback.step == step
    QTest.keyClick(scopes.plot, Qt.Key.Key_Space)
    assert playback.playing
    QTest.keyClick(scopes.plot, Qt.Key.Key_Space)
    assert not playback.playing
    playback.choose_units("mem", [5])
    color = scopes.plot._units[5]
    QTest.keyClick(scopes.plot, Qt.Key.Key_Down)
    assert playback.units("mem") == (6,)
    assert scopes.plot._units[6] == color
    QTest.keyClick(scopes.plot, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert playback.units("mem") == (5, 6)


def test_that_zoom_cursor_and_units_stay_when_a_new_trace_comes(
    scopes: Scopes, bench: Any, trace: Any
) -> None:
    plot = scopes.plot
    QTest.keyClick(plot, Qt.Key.Key_Plus)
    bench.workspace.playback.go_to(9)
    bench.workspace.playback.choose_units("mem", [1, 4])
    window, units = plot.window_in_view, dict(plot._units)
    bench.workspace.give(replace(trace, run=2))
    assert (plot.window_in_view, dict(plot._units)) == (window, units)
    assert bench.workspace.playback.step == 9


def test_that_a_drag_along_the_axis_pans_a_zoomed_plot_and_leaves_the_cursor(
    scopes: Scopes, bench: Any
) -> None:
    plot, axis = scopes.plot, scopes.plot.frame_now().axis
    places = [QPoint(int(axis.left()) + 300, int(axis.center().y())), QPoint(int(axis.left()) + 200, 0)]
    bench.workspace.playback.go_to(20)
    plot.show_window(plot.window_in_view.zoomed(0.5, 20))
    first = plot.window_in_view.first
    moved = 100 / plot.frame_now().scale
    QTest.mousePress(plot, Qt.MouseButton.LeftButton, pos=places[0])
    QTest.mouseMove(plot, places[1])
    bench.qtbot.waitUntil(lambda: plot.window_in_view.first == pytest.approx(first + moved))
    QTest.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=places[1])
    assert bench.workspace.playback.step == 20


def test_that_the_wheel_zooms_about_the_pointer(scopes: Scopes) -> None:
    plot = scopes.plot
    point = QPointF(plot.frame_now().x(40), plot.frame_now().plot.center().y())
    event = QWheelEvent(
        point,
        QPointF(plot.mapToGlobal(point.toPoint())),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QCoreApplication.sendEvent(plot, event)
    assert not plot.window_in_view.is_whole
    assert plot.frame_now().x(40) == pytest.approx(point.x())


def test_that_a_double_click_beside_the_units_shows_all_steps_and_leaves_the_units_alone(
    scopes: Scopes,
) -> None:
    before = dict(scopes.plot._units)
    QTest.keyClick(scopes.plot, Qt.Key.Key_Plus)
    assert not scopes.plot.window_in_view.is_whole
    axis = scopes.plot.frame_now().axis.center().toPoint()
    QTest.mouseDClick(scopes.plot, Qt.MouseButton.LeftButton, pos=axis)
    assert scopes.plot.window_in_view.is_whole
    assert set(scopes.plot._units) == set(before)


def test_that_fewer_units_drop_the_lines_that_are_gone(scopes: Scopes, bench: Any, trace: Any) -> None:
    bench.workspace.playback.choose_units("mem", [1, 11])
    arrays = {
        name: array[..., :6] if name.startswith("memory/") else array for name, array in trace.arrays.items()
    }
    bench.workspace.give(replace(trace, arrays=arrays))
    assert set(scopes.plot._units) == {1}


def test_that_pinned_layers_have_tabs_that_stay(scopes: Scopes, bench: Any) -> None:
    scopes.add_button.click()
    bench.selection.set(["den"])
    assert scopes.tabs.layers == ("mem",)
    assert scopes.layer_id == "mem", "the pinned tab stays in front"
    scopes.tabs.setCurrentIndex(0)
    assert scopes.layer_id == "den"
    scopes.tabs.closed.emit("mem")
    assert scopes.tabs.layers == ()
    assert bench.workspace.playback.pins == ()


def test_that_a_deleted_layer_leaves_its_tab_and_undo_does_not_break(scopes: Scopes, bench: Any) -> None:
    scopes.add_button.click()
    bench.workspace.document.apply(edits.remove(["mem"]), "Delete")
    assert scopes.tabs.layers == ()
    assert scopes.layer_id != "mem"
    bench.workspace.document.undo()
    assert scopes.layer_id is not None


def test_that_renaming_a_layer_renames_its_tab(scopes: Scopes, bench: Any) -> None:
    bench.workspace.document.apply(edits.rename("mem", "remember"), "Rename")
    assert scopes.tabs.tabText(0) == "remember"


def test_that_sorting_by_peak_time_puts_early_units_on_top(scopes: Scopes, bench: Any, trace: Any) -> None:
    shuffled = {
        name: array[..., ::-1] if name.startswith("memory/") else array
        for name, array in trace.arrays.items()
    }
    bench.workspace.give(replace(trace, arrays=shuffled))
    scopes.sort_by("peak")
    assert scopes.plot.picture is not None
    assert list(scopes.plot.picture.order) == list(range(11, -1, -1))
    scopes.sort_by("index")
    assert list(scopes.plot.picture.order) == list(range(12))


def test_that_masked_steps_and_nan_are_drawn_and_said(scopes: Scopes, bench: Any, trace: Any) -> None:
    hidden = trace.arrays["memory/state/h"].copy()
    hidden[:, 40:, 2] = np.nan
    mask = np.ones(hidden.shape[:2], dtype=bool)
    mask[:, 50:] = False
    arrays = {**trace.arrays, "memory/state/h": hidden, "memory/mask": mask}
    bench.workspace.give(replace(trace, arrays=arrays))
    picture = scopes.plot.picture
    assert picture is not None
    assert picture.main.nan_since == 40
    assert picture.masked is not None
    assert np.array_equal(picture.masked, ~mask[0])
    point = QPointF(_row(scopes, 2))
    point.setX(scopes.plot.frame_now().x(55))
    assert scopes.plot.text_at(point) == "step 55 · unit 2 · h = NaN · masked"
    assert not scopes.plot.exported().isNull()


def test_that_values_that_are_all_nan_or_huge_are_drawn(scopes: Scopes, bench: Any, trace: Any) -> None:
    for value in (np.nan, np.inf, 3e38):
        arrays = {**trace.arrays, "memory/state/h": np.full_like(trace.arrays["memory/state/h"], value)}
        bench.workspace.give(replace(trace, arrays=arrays))
        assert not scopes.plot.exported().isNull()


def test_that_a_pooled_layer_shares_the_time_axis(scopes: Scopes, bench: Any, trace: Any) -> None:
    arrays = {**trace.arrays, "next_value/result": np.zeros((3, 30, 5), dtype=np.float32)}
    bench.workspace.give(replace(trace, arrays=arrays))
    bench.selection.set(["den"])
    picture = scopes.plot.picture
    assert picture is not None
    assert picture.steps == 60
    frame = scopes.plot.frame_now()
    point = QPointF(frame.x(41), frame.bands[0].center().y())
    assert scopes.plot.text_at(point).startswith("step 41 · position 20 of 30 · feature 2")


def test_that_the_theme_changes_colours_and_nothing_else(scopes: Scopes, bench: Any) -> None:
    scopes.chips.chip("c").click()
    QTest.keyClick(scopes.plot, Qt.Key.Key_Plus)
    bench.workspace.playback.go_to(7)
    window, units = scopes.plot.window_in_view, list(scopes.plot._units)
    keeper().apply("light")
    light = scopes.plot.grab().toImage().pixelColor(3, 3)
    keeper().apply("dark")
    dark = scopes.plot.grab().toImage().pixelColor(3, 3)
    keeper().apply("light")
    assert light.lightness() > 200 > 100 > dark.lightness()
    assert _symbols(scopes) == ["c"]
    assert (scopes.plot.window_in_view, list(scopes.plot._units)) == (window, units)
    assert bench.workspace.playback.step == 7


def test_that_an_old_picture_fades_with_the_reason_over_it(scopes: Scopes, bench: Any) -> None:
    live, engine = bench.workspace.live, bench.workspace.engine
    live.stale = True
    live.stale_changed.emit(True)
    assert not scopes.plot.faded, "most runs are over before it would be seen"
    bench.qtbot.waitUntil(lambda: scopes.plot.faded)
    assert scopes.plot.reason == ""
    live.status = LiveStatus("LSTM ‘memory’ has 0 units. Give it 1 or more.", problem=True)
    live.status_changed.emit(live.status)
    assert scopes.plot.reason == live.status.text
    engine.state = EngineState.STARTING
    engine.state_changed.emit(engine.state)
    assert scopes.plot.reason == "TensorFlow is loading; plots follow in a few seconds."
    engine.state, live.status = EngineState.READY, LiveStatus(STOPPED)
    engine.state_changed.emit(engine.state)
    assert "Ctrl+R" in scopes.plot.reason, "a run that was stopped is not announced as coming"
    live.stale, live.status = False, LiveStatus("")
    live.stale_changed.emit(False)
    assert not scopes.plot.faded


def test_that_a_paused_design_says_how_to_go_on(scopes: Scopes, bench: Any) -> None:
    bench.workspace.live.stale = True
    bench.workspace.live.set_enabled(False)
    assert "Live is off" in scopes.plot.reason


def test_that_empty_scopes_say_what_to_do(bench: Any) -> None:
    panel = Scopes(bench.workspace, bench.selection)
    bench.show(panel)
    engine = bench.workspace.engine
    engine.state = EngineState.STARTING
    engine.state_changed.emit(engine.state)
    assert panel.message == "TensorFlow is loading; plots follow in a few seconds."
    engine.state = EngineState.READY
    bench.workspace.document.apply(edits.set_parameter("mem", "return_sequences", False), "Break")
    bench.selection.set(["bi"])
    assert panel.message.startswith("“reader” does not run yet.")
    everything = [layer.id for layer in bench.workspace.document.design.layers]
    bench.workspace.document.apply(edits.remove(everything), "Delete all")
    assert panel.message.startswith("Nothing to plot yet.")


def test_that_numbers_and_picture_are_saved(scopes: Scopes, tmp_path: Path, trace: Any) -> None:
    assert scopes.save(tmp_path / "h.csv")
    lines = (tmp_path / "h.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0].split(",")[:3] == ["step", "h unit 0", "h unit 1"]
    values = np.array([line.split(",")[1:] for line in lines[1:]], dtype=np.float32)
    assert np.array_equal(values, trace.arrays["memory/state/h"][0])
    assert scopes.save(tmp_path / "h.png")
    assert (tmp_path / "h.png").read_bytes().startswith(b"\x89PNG")


def test_that_a_file_that_cannot_be_written_is_said_in_a_sentence(
    scopes: Scopes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    scopes.noticed.connect(said.append)
    assert not scopes.save(tmp_path / "nowhere" / "h.csv")
    missing = str(tmp_path / "nowhere" / "h.png")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (missing, ""))
    scopes.save_button.menu().actions()[0].trigger()
    assert len(said) == 2
    assert all(each.startswith("Could not save “h.") for each in said)


def test_that_a_hidden_panel_draws_nothing_and_catches_up(bench: Any, trace: Any) -> None:
    panel = Scopes(bench.workspace, bench.selection)
    bench.widgets.append(panel)
    bench.workspace.give(trace)
    assert panel.plot.picture is None
    bench.show(panel)
    assert panel.plot.picture is not None


def test_that_a_small_panel_still_draws(scopes: Scopes, bench: Any) -> None:
    for width, height in ((240, 110), (420, 160), (1500, 500)):
        scopes.resize(width, height)
        scopes.chips.chip("all").click()
        assert not scopes.grab().isNull()


def test_that_the_batch_is_shown_below_the_bars_and_a_click_shows_that_sample(
    scopes: Scopes, bench: Any
) -> None:
    bench.selection.set(["den"])
    frame = scopes.plot.frame_now()
    point = QPoint(int(frame.plot.right()) - 20, int(frame.plot.top()) + 5 * 22 + 40)
    assert scopes.plot.text_at(QPointF(point)).startswith("sample 2 · output = ")
    QTest.mouseClick(scopes.plot, Qt.MouseButton.LeftButton, pos=point)
    assert bench.workspace.playback.sample == 2


def test_that_a_panel_that_is_gone_hears_of_nothing_any_more(bench: Any, trace: Any) -> None:
    for make in (Scopes, CodePanel, ProblemsPanel):
        panel = make(bench.workspace, bench.selection)
        panel.deleteLater()
    transport = Transport(bench.workspace)
    transport.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    with bench.qtbot.captureExceptions() as raised:
        bench.workspace.give(trace)
        bench.workspace.playback.go_to(5)
        bench.workspace.playback.pin("mem")
        bench.selection.set(["mem"])
        bench.workspace.live.set_enabled(False)
        bench.workspace.engine.state_changed.emit(bench.workspace.engine.state)
        bench.workspace.document.apply(edits.remove(["den"]), "Delete")
        keeper().apply("light")
    assert raised == []
