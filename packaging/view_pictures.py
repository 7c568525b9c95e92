"""What the pictures of screenshots/views.md show: one per view, each of the example that shows most in it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QWidget

from rnn_designer.design import Layer, edits
from rnn_designer.session.holds import Hold
from rnn_designer.ui.main_window import MainWindow
from rnn_designer.ui.views.cell import UNROLLED

State = Callable[[MainWindow], None]


def nothing(_window: MainWindow) -> None:
    """Where there is nothing to be done."""


def scopes(window: MainWindow) -> QWidget:
    """The panel with the views, its title included."""
    return window.bottom_left


def canvas(window: MainWindow) -> QWidget:
    """The design."""
    return window.canvas


@dataclass(frozen=True)
class Picture:
    """One picture.

    Attributes:
        design: name of the example.
        prepare: what is chosen once it has run.
        finish: what is done after the views have what the worker answered to that.
        leave: what is undone afterwards.
        widget: what is in the picture.
        height: of the scopes, in pixels.
    """

    design: str
    prepare: State
    finish: State = nothing
    leave: State = nothing
    widget: Callable[[MainWindow], QWidget] = scopes
    height: int = 420


def layer_called(window: MainWindow, name: str) -> Layer:
    """A layer of the design that is open."""
    return next(layer for layer in window.workspace.document.design.walk() if layer.name == name)


def view(window: MainWindow) -> Any:
    """The view in front."""
    return window.scopes.instruments.view


def seen(
    name: str,
    layer: str,
    step: int = 0,
    *,
    units: tuple[int, ...] = (),
    sample: int = 0,
    then: State = nothing,
) -> State:
    """A view of a layer at a step, with units chosen."""

    def prepare(window: MainWindow) -> None:
        found = layer_called(window, layer)
        window.selection.set((found.id,))
        window.scopes.show_view(name)
        playback = window.workspace.playback
        playback.show_sample(sample)
        playback.go_to(step)
        playback.choose_units(found.id, units)
        then(window)

    return prepare


def near(window: MainWindow) -> None:
    """The canvas so near that wires show their values."""
    window.canvas.zoom_to(1.0)


def pick(button: str, key: str) -> State:
    """Choose from one of the view's menus."""

    def choose(window: MainWindow) -> None:
        getattr(view(window), button).choose(key)

    return choose


def both(*states: State) -> State:
    """One after the other."""

    def each(window: MainWindow) -> None:
        for state in states:
            state(window)

    return each


def brush(first: int, last: int) -> State:
    """Drag over steps in Match."""
    return lambda window: view(window).brush.brushed.emit(first, last)


def threshold(value: float) -> State:
    """From where on a unit counts as on."""
    return lambda window: view(window).threshold.setValue(value)


def hold(layer: str, signal: str, unit: int, value: float, step: int) -> State:
    """Hold a unit of a signal from a step on."""

    def held(window: MainWindow) -> None:
        found = layer_called(window, layer)
        window.workspace.live.holds.hold(Hold(found.id, signal, unit, value, step))

    return held


def release(window: MainWindow) -> None:
    """Hold nothing any more."""
    window.workspace.live.holds.clear()


def pin(window: MainWindow) -> None:
    """Keep the run for Compare."""
    view(window).pin()


def unpin(window: MainWindow) -> None:
    """Let the pinned run go."""
    for run in window.workspace.pinned.all:
        window.workspace.pinned.forget(run.name)


def set_parameter(layer: str, name: str, value: object) -> State:
    """Edit the design."""

    def edit(window: MainWindow) -> None:
        found = layer_called(window, layer)
        window.workspace.document.apply(edits.set_parameter(found.id, name, value), f"Set {name}")

    return edit


def sort_by(order: str) -> State:
    """Sort the units."""
    return lambda window: window.scopes.sort_by(order)


PICTURES: dict[str, Picture] = {
    "unit": Picture("sunspots", seen("unit", "memory", 57, units=(7,))),
    "cell": Picture("sunspots", seen("cell", "memory", 57, units=(7,))),
    "unrolled": Picture(
        "el_nino", seen("cell", "both_ways", 57, then=lambda window: view(window).show_way(UNROLLED))
    ),
    "canvas": Picture("el_nino", both(seen("states", "both_ways", 57), near), widget=canvas, height=300),
    "weights": Picture("characters", seen("weights", "reader")),
    "saturation": Picture("characters", seen("saturation", "reader", 20)),
    "memory": Picture("many_to_one", seen("memory", "listener", 40)),
    "trajectory": Picture(
        "many_to_one", seen("trajectory", "listener", 40), finish=pick("points_button", "zero")
    ),
    "match": Picture(
        "sunspots", seen("match", "memory", 29, units=(3, 18)), finish=both(threshold(0.1), brush(26, 30))
    ),
    "compare": Picture(
        "sunspots",
        seen("compare", "memory", 57, units=(3, 7)),
        finish=both(pin, set_parameter("memory", "activation", "softsign")),
        leave=unpin,
    ),
    "what_if": Picture(
        "sunspots",
        seen("states", "memory", 60, units=(3, 7)),
        finish=hold("memory", "gate/forget", -1, 0.0, 60),
        leave=release,
    ),
    "finding": Picture(
        "sunspots", both(seen("states", "memory", 57), sort_by("peak")), leave=sort_by("index")
    ),
}
