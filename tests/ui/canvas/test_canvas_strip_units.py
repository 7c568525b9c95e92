"""A unit in a box's strip: a double-click shows all about it, and the menu offers to."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from rnn_designer.messages import Trace
from rnn_designer.ui.canvas import CanvasView
from rnn_designer.ui.canvas.menu import menu_at
from rnn_designer.ui.canvas.strip_units import unit_at


@pytest.fixture
def traced(filled: CanvasView, monkeypatch: pytest.MonkeyPatch) -> CanvasView:
    layer = filled.workspace.document.design.layer("memory")
    units = 300
    values = np.tile(np.linspace(-1, 1, units, dtype=np.float32), (1, 20, 1))
    answer = np.ones((1, 20, 1), np.float32)
    arrays = {f"{layer.name}/output": values, f"{layer.name}/state/h": values, "answer/result": answer}
    trace = Trace(1, arrays, {"memory": layer.name, "answer": "answer"}, 0.01)
    monkeypatch.setattr(type(filled.workspace.live), "trace", property(lambda _live: trace))
    filled.workspace.playback.set_extent(20, 1)
    filled.zoom_to(1.0)
    return filled


def _place(canvas: CanvasView, layer_id: str, share: float) -> QPointF:
    item = canvas.canvas_scene.item_for_layer[layer_id]
    strip = item.strip_rect().translated(item.pos())
    return QPointF(strip.left() + share * strip.width(), strip.center().y())


def test_that_the_unit_is_the_one_that_is_read_there(traced: CanvasView) -> None:
    """Many units share a place of the strip; the first, most negative one is seen at the left end."""
    found = unit_at(traced, _place(traced, "memory", 0.001))
    assert found == ("memory", 0)
    found = unit_at(traced, _place(traced, "memory", 0.999))
    assert found == ("memory", 299)
    assert unit_at(traced, _place(traced, "answer", 0.5)) is None
    assert unit_at(traced, _place(traced, "memory", 0.5) - QPointF(0, 30)) is None


def test_that_a_double_click_on_a_strip_wants_the_unit_and_beside_it_the_inside(
    traced: CanvasView, hand: Any, qtbot: Any
) -> None:
    with qtbot.waitSignal(traced.unit_wanted) as wanted:
        hand.double_click(_place(traced, "memory", 0.999))
    assert wanted.args == ["memory", 299]
    with qtbot.waitSignal(traced.inside_wanted):
        hand.double_click(hand.header("memory"))


def test_that_the_menu_over_a_strip_offers_its_unit_first(traced: CanvasView, qtbot: Any) -> None:
    menu = menu_at(traced, _place(traced, "memory", 0.001))
    assert menu.actions()[0].text().startswith("Show unit 0")
    with qtbot.waitSignal(traced.unit_wanted) as wanted:
        menu.actions()[0].trigger()
    assert wanted.args == ["memory", 0]
    menu.deleteLater()
    beside = menu_at(traced, _place(traced, "answer", 0.5))
    assert not any(each.text().startswith("Show unit") for each in beside.actions())
    beside.deleteLater()


def test_that_the_window_shows_it(window: Any, fake_trace: Callable[..., Trace]) -> None:
    from rnn_designer.design import Design, Layer, Link

    made = Design("m", (Layer("in", "Input", "series"), Layer("mem", "LSTM", "memory")), (Link("in", "mem"),))
    window.workspace.document.apply(lambda _: made, "New")
    window.canvas.unit_wanted.emit("mem", 3)
    assert window.selection.current == "mem"
    assert window.scopes.instruments.name == "unit"
