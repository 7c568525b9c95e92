"""The compare view: pinning, what it says has changed, where the largest difference is, by mouse too."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import Design, Layer, Link, edits
from rnn_designer.messages import Trace
from rnn_designer.session import Workspace
from rnn_designer.session.holds import Hold
from rnn_designer.ui.scopes.state import SharedChoices
from rnn_designer.ui.views.compare import CompareView

STEPS, UNITS, SAMPLES = 20, 6, 2


def a_design() -> Design:
    return Design(
        "chain",
        (
            Layer("in", "Input", "signal", FrozenMap(shape=(None, 1))),
            Layer("mem", "LSTM", "memory", FrozenMap(units=UNITS, return_sequences=True)),
            Layer("out", "Dense", "last", FrozenMap(units=1)),
        ),
        (Link("in", "mem"), Link("mem", "out")),
    )


def a_trace(seed: int, units: int = UNITS, name: str = "memory") -> Trace:
    draw = numpy.random.default_rng(seed)

    def some(*shape: int) -> Any:
        return draw.uniform(-1, 1, (SAMPLES, STEPS, *shape)).astype("float32")

    arrays = {"signal/input": some(1), f"{name}/result": some(units), f"{name}/output": some(units)}
    arrays |= {f"{name}/state/{each}": some(units) for each in "hc"}
    arrays |= {f"{name}/gate/{each}": some(units) for each in ("input", "forget", "candidate", "output")}
    arrays["last/result"] = some(1)
    return Trace(seed, arrays, {"in": "signal", "mem": name, "out": "last"}, 0.0)


class Bench:
    """The view, and runs made by hand."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        workspace.live.set_enabled(False)
        workspace.show(a_design())
        self.shared = SharedChoices()
        self.view = CompareView(workspace, self.shared)
        self.view.show_layer("mem")
        self.said: list[str] = []
        self.view.noticed.connect(self.said.append)

    def give(self, trace: Trace, held: tuple[Hold, ...] = ()) -> None:
        live = self.workspace.live
        live._trace, live._stale = trace, False
        live._shown = None if not held else replace_holds(held)
        live._extent = STEPS, SAMPLES
        live.traced.emit(trace)


def replace_holds(held: tuple[Hold, ...]) -> Any:
    from rnn_designer.session.request import Request

    nothing: Any = None
    return Request(nothing, 0, {}, holds=held)


@pytest.fixture
def bench(workspace: Workspace, show: Callable[[QWidget], QWidget]) -> Bench:
    made = Bench(workspace)
    made.view.resize(780, 320)
    show(made.view)
    return made


def test_that_it_says_what_to_do_before_anything_is_pinned(bench: Bench) -> None:
    bench.give(a_trace(1))
    assert bench.view.changes.text().startswith("Nothing is pinned yet. Press “Pin this run”")
    assert bench.view.numbers() == {}
    assert not bench.view.map.isVisible()


def test_that_the_numbers_are_those_of_the_two_runs(bench: Bench) -> None:
    first, second = a_trace(1), a_trace(2)
    bench.give(first)
    QTest.mouseClick(bench.view.pin_button, Qt.MouseButton.LeftButton)
    assert bench.said == ["Run 1 is pinned."]
    assert bench.view.changes.text() == "Since Run 1: nothing was changed."
    assert bench.view.facts.text() == "h is the same at every step."
    bench.give(second)
    numbers = bench.view.numbers()
    now, then = second.arrays["memory/state/h"][0], first.arrays["memory/state/h"][0]
    assert numpy.array_equal(numbers["now"], now)
    assert numpy.array_equal(numbers["pinned"], then)
    assert numpy.array_equal(numbers["difference"], now - then)
    size = numpy.abs(now - then)
    step, unit = numpy.unravel_index(size.argmax(), size.shape)
    assert f"Largest difference of h: {now[step, unit] - then[step, unit]:.3g}".replace(
        "-", "−"
    ) in bench.view.facts.text().replace("-", "−")
    assert f"at step {step}, unit {unit}." in bench.view.facts.text()
    bench.view.signal_button.choose("state/c")
    assert numpy.array_equal(bench.view.numbers()["now"], second.arrays["memory/state/c"][0])


def test_that_two_samples_can_be_compared(bench: Bench) -> None:
    trace = a_trace(1)
    bench.give(trace)
    bench.view.pin()
    bench.workspace.playback.show_sample(1)
    assert not bench.view.numbers()["difference"].any()
    bench.view.sample_button.choose("pinned")
    now = trace.arrays["memory/state/h"]
    assert numpy.array_equal(bench.view.numbers()["difference"], now[1] - now[0])
    assert bench.view.changes.text() == "Since Run 1: sample 0 → 1."


def test_that_changes_of_the_design_and_what_is_held_are_said(bench: Bench) -> None:
    bench.give(a_trace(1))
    bench.view.pin()
    bench.workspace.document.apply(edits.set_parameter("mem", "units", 4), "Units")
    bench.give(a_trace(2, units=4), (Hold("mem", "state/h", 2, 0.5, 3),))
    assert bench.view.changes.text() == ("Since Run 1: memory: units 6 → 4; memory: unit 2 of h held at 0.5.")
    assert bench.view.numbers()["difference"].shape == (STEPS, 4)
    assert bench.view.facts.text().endswith("4 units now, 6 pinned: the first 4 are compared.")


def test_that_another_design_is_compared_by_names(bench: Bench) -> None:
    first = a_trace(1)
    bench.give(first)
    bench.view.pin()
    other = a_design()
    layers = tuple(replace(each, id=f"other-{each.id}") for each in other.layers)
    links = tuple(Link(f"other-{link.source}", f"other-{link.target}") for link in other.links)
    bench.workspace.show(replace(other, layers=layers, links=links))
    second = a_trace(2)
    bench.give(replace(second, layers={f"other-{key}": path for key, path in second.layers.items()}))
    bench.view.show_layer("other-mem")
    assert numpy.array_equal(bench.view.numbers()["pinned"], first.arrays["memory/state/h"][0])
    assert "memory (LSTM) removed" in bench.view.changes.text()


def test_that_a_click_on_the_map_goes_there_and_chooses_the_unit(bench: Bench) -> None:
    bench.give(a_trace(1))
    bench.view.pin()
    bench.give(a_trace(2))
    area = bench.view.map._area()
    place = QPoint(
        int(area.left() + 7.5 / STEPS * area.width()), int(area.top() + 4.5 / UNITS * area.height())
    )
    QTest.mouseClick(bench.view.map, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    assert bench.workspace.playback.step == 7
    assert 4 in bench.workspace.playback.units("mem")
    assert {curve.symbol for curve in bench.view.lines.curves} >= {"4", "4′"}


def test_that_unpinning_lets_the_run_go(bench: Bench) -> None:
    bench.give(a_trace(1))
    bench.view.pin()
    bench.give(a_trace(2))
    bench.view.pin()
    assert bench.view.run_button.keys == ("Run 1", "Run 2")
    QTest.mouseClick(bench.view.forget_button, Qt.MouseButton.LeftButton)
    assert [each.name for each in bench.workspace.pinned.all] == ["Run 1"]
    assert bench.view.run_button.current == "Run 1"


def test_that_a_layer_that_was_not_there_is_said_to_be_missing(bench: Bench) -> None:
    bench.give(a_trace(1))
    bench.view.pin()
    bench.workspace.document.apply(edits.add(Layer("new", "GRU", "fresh", FrozenMap(units=2))), "Add")
    trace = a_trace(2)
    arrays = {**trace.arrays, "fresh/state/h": numpy.zeros((SAMPLES, STEPS, 2), "float32")}
    bench.view.show_layer("new")
    bench.give(replace(trace, arrays=arrays, layers={**trace.layers, "new": "fresh"}))
    assert bench.view.facts.text().startswith("Run 1 has no layer like “fresh”")
    assert bench.view.numbers() == {}
