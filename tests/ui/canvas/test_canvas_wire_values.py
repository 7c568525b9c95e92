"""Values on wires: what flows at the cursor's step, where it stands, and that it costs little."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import Design, Layer, Link
from rnn_designer.messages import Trace
from rnn_designer.ui.canvas import CanvasView
from rnn_designer.ui.canvas.strips import Strips
from rnn_designer.ui.canvas.wires import WireItem
from rnn_designer.ui.colors import diverging
from rnn_designer.ui.theme import keeper, theme

STEPS = 40
OUT = Link("memory", "answer")
H = Link("memory", "next", "h", "initial_h")
C = Link("memory", "next", "c", "initial_c")


def design() -> Design:
    """Input → LSTM → Dense, and a second LSTM that starts with the states of the first."""
    memory = FrozenMap(units=4, return_sequences=True, return_state=True)
    return Design(
        "states",
        (
            Layer("source", "Input", "source", FrozenMap(shape=(None, 3)), (0, 0)),
            Layer("memory", "LSTM", "memory", memory, (280, 0)),
            Layer("answer", "Dense", "answer", FrozenMap(units=2), (560, 0)),
            Layer("next", "LSTM", "next", FrozenMap(units=4), (280, 260)),
        ),
        (Link("source", "memory"), OUT, Link("source", "next"), H, C),
    )


def trace() -> Trace:
    """Each unit of each signal has a value of its own, and every one changes its sign halfway."""
    sign = np.where(np.arange(STEPS) < STEPS // 2, 1.0, -1.0)[None, :, None]
    unit = np.array([1.0, 0.25, -0.5, -1.0])[None, None, :]
    arrays = {
        "source/input": (sign * unit[..., :3]).astype("float32"),
        "memory/output": (sign * unit).astype("float32"),
        "memory/state/h": (sign * unit).astype("float32"),
        "memory/state/c": (3 * sign * unit[..., ::-1]).astype("float32"),
    }
    return Trace(1, arrays, {"source": "source", "memory": "memory"}, 0.004)


@pytest.fixture
def give(canvas: CanvasView, monkeypatch: pytest.MonkeyPatch) -> Callable[[Trace | None], None]:
    """Let a run have ended with a trace, or let there be none."""
    now: list[Trace | None] = [None]
    monkeypatch.setattr(type(canvas.workspace.live), "trace", property(lambda _live: now[0]))

    def _give(found: Trace | None) -> None:
        now[0] = found
        if found is None:
            canvas.workspace.live.cleared.emit()
        else:
            canvas.workspace.live.traced.emit(found)
            canvas.workspace.playback.set_extent(STEPS, 1)

    return _give


@pytest.fixture
def wired(canvas: CanvasView, give: Callable[[Trace | None], None]) -> CanvasView:
    """The canvas with :func:`design` and :func:`trace`, at 100 %."""
    canvas.workspace.document.reset(design(), None)
    canvas.zoom_to(1.0)
    canvas.centre_on(QPointF(380, 160))
    give(trace())
    return canvas


def wire(canvas: CanvasView, link: Link) -> WireItem:
    return canvas.canvas_scene.item_for_link[link]


def seen(canvas: CanvasView, link: Link, units: int = 4) -> list[tuple[int, int, int]]:
    """The colour in the middle of each unit's cell of a wire's strip, as it is on screen."""
    picture, area = canvas.viewport().grab().toImage(), wire(canvas, link).strip_rect
    found = []
    for index in range(units):
        x = area.left() + (index + 0.5) * area.width() / units
        place = canvas.mapFromScene(QPointF(x, area.center().y()))
        color = picture.pixelColor(place)
        found.append((color.red(), color.green(), color.blue()))
    return found


def colors_of(values: list[float], limit: float) -> list[tuple[int, int, int]]:
    """The colours of values, worked out one by one."""
    table = diverging(theme())
    return [
        tuple(map(int, table[128 + round(each / limit * (127 if each > 0 else 128))][:3])) for each in values
    ]  # type: ignore[misc]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_that_wires_carry_the_colours_of_their_tensor_at_the_cursor(wired: CanvasView, scheme: str) -> None:
    keeper().apply(scheme)  # type: ignore[arg-type]
    try:
        for step, sign in ((3, 1.0), (STEPS - 3, -1.0)):
            wired.workspace.playback.go_to(step)
            output = colors_of([sign * each for each in (1.0, 0.25, -0.5, -1.0)], 1.0)
            cell = colors_of([3 * sign * each for each in (-1.0, -0.5, 0.25, 1.0)], 3.0)
            assert seen(wired, OUT) == output
            assert seen(wired, H) == output
            assert seen(wired, C) == cell
            assert output != cell
    finally:
        keeper().apply("light")


def test_that_without_a_trace_and_far_away_wires_are_bare(
    wired: CanvasView, give: Callable[[Trace | None], None]
) -> None:
    painted = seen(wired, OUT)
    wired.canvas_scene.show_values_on_wires(False)
    bare = seen(wired, OUT)
    assert bare != painted
    wired.canvas_scene.show_values_on_wires(True)
    assert seen(wired, OUT) == painted
    give(None)
    assert seen(wired, OUT) == bare
    give(trace())
    asked: list[str] = []
    wired.canvas_scene.strips.flowing = lambda layer, _port: asked.append(layer.id)  # type: ignore[assignment,method-assign,func-returns-value]
    wired.zoom_to(0.65)
    wired.grab()
    assert not asked
    wired.zoom_to(0.75)
    wired.grab()
    assert asked


def test_that_values_stand_on_no_shape(wired: CanvasView) -> None:
    wires = wired.canvas_scene.item_for_link.values()
    for one in wires:
        assert one.label
        assert not one.strip_rect.isEmpty()
        assert not any(one.strip_rect.intersects(other.label_rect) for other in wires)


def test_that_a_wire_too_short_for_values_carries_none(canvas: CanvasView) -> None:
    canvas.workspace.document.reset(design(), None)
    memory = canvas.canvas_scene.item_for_layer["memory"]
    away = memory.pos() + QPointF(memory.rect().width() + 20.0, 0.0)
    canvas.canvas_scene.place_layer("answer", away)
    assert wire(canvas, OUT).strip_rect.isEmpty()


def test_that_two_hundred_wires_cost_what_is_in_sight(
    canvas: CanvasView, fake_trace: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    layers = [Layer("l0", "Input", "l0", FrozenMap(shape=(None, 3)))]
    for index in range(1, 201):
        place = (index % 25 * 280.0, index // 25 * 140.0)
        layers.append(
            Layer(f"l{index}", "LSTM", f"l{index}", FrozenMap(units=4, return_sequences=True), place)
        )
    links = tuple(Link(f"l{index - 1}", f"l{index}") for index in range(1, 201))
    canvas.workspace.document.reset(Design("large", tuple(layers), links), None)
    found = fake_trace({each.id: each.id for each in layers}, units=4, signals=("output",))
    monkeypatch.setattr(type(canvas.workspace.live), "trace", property(lambda _live: found))
    canvas.workspace.playback.set_extent(40, 2)
    canvas.zoom_to(1.0)
    canvas.grab()
    made: list[str] = []
    painted: list[Link] = []
    flow, paint = Strips._made, WireItem.paint

    def note_flow(strips: Strips, layer: Layer, port: str) -> QImage | None:
        made.append(f"{layer.id} {port}")
        return flow(strips, layer, port)

    def note_paint(item: WireItem, *how: Any) -> None:
        painted.append(item.link)
        paint(item, *how)

    monkeypatch.setattr(Strips, "_made", note_flow)
    monkeypatch.setattr(WireItem, "paint", note_paint)
    canvas.workspace.playback.go_to(9)
    assert not made
    for _again in range(3):
        canvas.viewport().grab()
    assert 0 < len(made) < 80
    assert len(made) == len(set(made))
    assert len(set(painted)) < 60
    # Farther away a step repaints no wire: none is asked for.
    canvas.zoom_to(0.65)
    asked: list[Link] = []
    monkeypatch.setattr(WireItem, "show_step", lambda item: asked.append(item.link))
    canvas.workspace.playback.go_to(10)
    assert not asked
    canvas.zoom_to(1.0)
    canvas.workspace.playback.go_to(11)
    assert len(asked) == 200
