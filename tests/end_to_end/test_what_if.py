"""What if, by a real mouse: a point of the input dragged, a unit held, a range brushed, a unit looked at."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication, QMenu

from rnn_designer.paths import resource

Until = Callable[[Callable[[], object]], None]


@pytest.fixture
def opened(open_window: Callable[[Path | None], Any], until: Until, tmp_path: Path) -> Any:
    """The window on a design with an LSTM, traced, its first recurrent layer in the scopes."""
    for suffix in (".rnnd", ".weights.npz"):
        shutil.copy(resource("examples", f"sunspots{suffix}"), tmp_path)
    window = open_window(tmp_path / "sunspots.rnnd")
    until(lambda: settled(window))
    until(lambda: window.scopes.plot.picture is not None and not window.scopes.message)
    return window


def settled(window: Any) -> bool:
    live = window.workspace.live
    return live.trace is not None and not live.stale and not live.pending


def memory(window: Any) -> Any:
    return next(layer for layer in window.workspace.document.design.walk() if layer.kind == "LSTM")


def signal(window: Any, name: str = "state/h") -> numpy.ndarray:
    values = window.workspace.live.trace.signal(memory(window).id, name)
    assert values is not None
    return numpy.array(values)


def row(window: Any, unit: int, step: int) -> QPoint:
    """Where a unit's value at a step is on the screen."""
    plot = window.scopes.plot
    rect, picture = plot.frame_now().bands[0], plot.picture
    place = list(picture.order).index(unit)
    y = rect.top() + (place + 0.5) * rect.height() / picture.main.units
    return plot.mapToGlobal(QPointF(plot.frame_now().x(step), y).toPoint())


def open_menu() -> QMenu | None:
    popup = QApplication.activePopupWidget()
    return popup if isinstance(popup, QMenu) else None


def choose(robot: Any, until: Until, words: str) -> None:
    """Click a line of the menu that is open."""
    until(lambda: open_menu() is not None)
    menu = open_menu()
    assert menu is not None
    action = next(each for each in menu.actions() if each.text().startswith(words))
    robot.click(menu.mapToGlobal(menu.actionGeometry(action).center()))
    until(lambda: open_menu() is None)


def test_that_a_dragged_point_of_the_input_replots_everything_while_it_is_dragged(
    opened: Any, robot: Any, until: Until
) -> None:
    window, plot = opened, opened.scopes.plot
    before, steps = signal(window), len(window.workspace.document.history.steps)
    strip = plot.frame_now().series
    assert strip is not None
    values = plot.picture.series.values[:, 0]
    low, high = float(values.min()), float(values.max())
    # A point in the middle of the strip, so that there is room to drag it.
    step = int(numpy.argmin(numpy.abs(values - (low + high) / 2)))
    y = strip.bottom() - 2 - (values[step] - low) / (high - low) * (strip.height() - 4)
    start = plot.mapToGlobal(QPointF(plot.frame_now().x(step), y).toPoint())
    traces: list[Any] = []
    window.workspace.live.traced.connect(traces.append)
    down = start + QPoint(0, 6)
    robot.do("mousemove", str(start.x()), str(start.y()), "mousedown", "1")
    for far in (6, 9, 12):
        robot.do("mousemove", str(down.x()), str(start.y() + far))
    until(lambda: traces)  # While the button is still held.
    robot.do("mousemove", str(start.x()), str(start.y() + 20))
    sent = len(traces)
    until(lambda: len(traces) > sent and settled(window))
    assert QApplication.mouseButtons() & Qt.MouseButton.LeftButton
    robot.do("mouseup", "1")
    until(lambda: settled(window))
    after = signal(window)
    sample = window.workspace.playback.sample
    assert numpy.allclose(before[sample, :step], after[sample, :step], atol=1e-5)
    assert not numpy.allclose(before[sample, step], after[sample, step], atol=1e-4)
    assert len(window.workspace.document.history.steps) == steps + 1
    robot.key("ctrl+z")
    until(lambda: settled(window) and numpy.allclose(signal(window), before, atol=1e-5))


def test_that_a_unit_is_held_by_its_menu_dragged_to_other_values_and_released(
    opened: Any, robot: Any, until: Until
) -> None:
    window = opened
    holds = window.workspace.live.holds
    before, step, unit = signal(window), 30, 3
    robot.click(row(window, unit, step), button=3)
    choose(robot, until, f"Hold unit {unit} of h at 0")
    until(lambda: holds.all)
    first = holds.all[0].step
    assert abs(first - step) <= 1
    until(lambda: settled(window) and (signal(window)[:, first:, unit] == 0).all())
    held = signal(window)
    assert numpy.array_equal(held[:, :first], before[:, :first])
    others = [each for each in range(held.shape[2]) if each != unit]
    assert not numpy.allclose(held[:, first + 1 :, others], before[:, first + 1 :, others], atol=1e-4)

    # The value is dragged by its words; the plots follow while the button is held.
    chip = window.scopes.held.chips[0]
    until(lambda: chip.isVisible() and chip.label.width() > 0)
    start = chip.label.mapToGlobal(chip.label.rect().center())
    robot.do("mousemove", str(start.x()), str(start.y()), "mousedown", "1")
    for far in (10, 20, 40):
        robot.do("mousemove", str(start.x() + far), str(start.y()))
    until(lambda: holds.all[0].value != 0)
    value = numpy.float32(holds.all[0].value)
    until(lambda: settled(window) and (signal(window)[:, first:, unit] == value).all())
    robot.do("mouseup", "1")
    robot.click_widget(chip.close_button)
    until(lambda: not holds.all and settled(window))
    until(lambda: numpy.array_equal(signal(window), before))


def test_that_a_gate_and_an_initial_state_are_held_by_keyboard(opened: Any, robot: Any, until: Until) -> None:
    window = opened
    holds, plot = window.workspace.live.holds, window.scopes.plot
    robot.click(row(window, 2, 40))
    until(plot.hasFocus)
    robot.key("h")
    until(lambda: open_menu() is not None)
    menu = open_menu()
    assert menu is not None
    words = [each.text() for each in menu.actions() if not each.isSeparator()]
    down = next(place for place, each in enumerate(words) if "initial h at 0" in each) + 1
    robot.key(*["Down"] * down, "Return")
    until(lambda: holds.all)
    assert holds.all[0].initial
    window.scopes.chips.chip("f").click()
    until(lambda: plot.picture.main.shown.symbol == "f")
    plot.setFocus()
    robot.key("h")
    until(lambda: open_menu() is not None)
    menu = open_menu()
    assert menu is not None
    words = [each.text() for each in menu.actions() if not each.isSeparator()]
    down = next(place for place, each in enumerate(words) if each.startswith("Hold all units")) + 1
    robot.key(*["Down"] * down, "Return")
    until(lambda: len(holds.all) == 2 and settled(window))
    gate = holds.all[1]
    until(lambda: (signal(window, "gate/forget")[:, gate.step :] == 0).all())
    assert (signal(window, "gate/forget")[:, : gate.step] > 0).all()


def test_that_a_double_clicked_unit_is_taken_apart_and_a_held_one_said_to_be(
    opened: Any, robot: Any, until: Until
) -> None:
    window = opened
    robot.click(row(window, 4, 50), times=2)
    until(lambda: window.scopes.instruments.name == "unit")
    view = window.scopes.instruments.view
    until(lambda: view.unit == 4 and view.worked_out)
    from rnn_designer.session.holds import Hold

    step = window.workspace.playback.step
    window.workspace.live.holds.hold(Hold(memory(window).id, "gate/forget", 4, 0.25, step))
    until(lambda: any(line.held for line in view.worked_out))
    lines = {line.symbol: line for line in view.worked_out}
    assert lines["f"].text.endswith("but held at 0.25")
    assert lines["c"].value == pytest.approx(float(signal(window, "state/c")[0, step, 4]), abs=1e-6)
    assert not lines["c"].held


def test_that_a_range_is_brushed_and_its_likes_are_ranked(opened: Any, robot: Any, until: Until) -> None:
    window = opened
    window.scopes.show_view("match")
    view = window.scopes.instruments.view
    until(lambda: view.isVisible() and not view.message)
    brush = view.brush
    until(lambda: brush.frame().plot.width() > 100)
    frame = brush.frame()
    y = frame.bands[0].center().y()
    start, end = (brush.mapToGlobal(QPointF(frame.x(step), y).toPoint()) for step in (20, 35))
    robot.drag(start, end)
    until(lambda: brush.range is not None)
    first, last = brush.range
    assert abs(first - 20) <= 1
    assert abs(last - 35) <= 1
    until(lambda: view.rows.topLevelItemCount() > 0)
    robot.key("Escape")
    until(lambda: brush.range is None)


def test_that_numbers_follow_the_mouse_on_the_canvas_and_playing_moves_the_strips(
    opened: Any, robot: Any, until: Until
) -> None:
    window, canvas = opened, opened.canvas
    layer = memory(window)
    canvas.zoom_to(1.0)
    item = canvas.canvas_scene.item_for_layer[layer.id]
    canvas.centre_on(item.scene_rect().center())
    strip = item.strip_rect().translated(item.pos())

    def point(at: QPointF) -> QPoint:
        return canvas.viewport().mapToGlobal(canvas.mapFromScene(at))

    card = canvas.overlays.card_for_values
    robot.do("mousemove", *(str(each) for each in point(strip.center()).toTuple()))
    until(card.isVisible)
    assert "unit" in card.text()
    link = next(each for each in window.workspace.document.design.links if each.source == layer.id)
    wire = canvas.canvas_scene.item_for_link[link]
    robot.do("mousemove", *(str(each) for each in point(wire.path.pointAtPercent(wire.label_at)).toTuple()))
    until(lambda: card.isVisible() and "values" in card.text())
    before = canvas.canvas_scene.strips.image(layer)
    said, start = card.text(), window.workspace.playback.step
    robot.click_widget(window.scopes.plot)
    until(window.scopes.plot.hasFocus)
    robot.key("space")
    until(lambda: window.workspace.playback.playing and window.workspace.playback.step != start)
    robot.key("space")
    until(lambda: not window.workspace.playback.playing)
    assert canvas.canvas_scene.strips.image(layer) != before
    robot.do("mousemove", *(str(each) for each in point(wire.path.pointAtPercent(wire.label_at)).toTuple()))
    until(lambda: card.isVisible() and "values" in card.text() and card.text() != said)
