"""Scopes of what holds cells: stacks, wrappers around them, cells alone, layers called again, and masks and dropout."""

from typing import Any

import numpy as np
import pytest

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import Design, Layer, Link, edits
from rnn_designer.messages import Trace
from rnn_designer.ui.scopes import Scopes
from rnn_designer.ui.scopes.signals import shown, side_label, sides
from rnn_designer.ui.scopes.state import usual

STEPS, SAMPLES = 20, 3


def cell(kind: str, name: str, units: int, **params: Any) -> Layer:
    return Layer(name, kind, name, FrozenMap({"units": units, **params}))


def stack(*cells: Layer, name: str = "stack") -> Layer:
    return Layer(name, "StackedRNNCells", name, children=cells)


def rnn(name: str, inside: Layer) -> Layer:
    return Layer(name, "RNN", name, FrozenMap({"return_sequences": True}), children=(inside,))


def systems() -> Design:
    """A stack of two cells and a stack, the same both ways, and an LSTM with dropout."""
    deep = rnn("deep", stack(cell("LSTMCell", "low", 5), stack(cell("GRUCell", "mid", 4), name="inner")))
    both = Layer(
        "both",
        "Bidirectional",
        "both",
        children=(rnn("reader", stack(cell("LSTMCell", "one", 3), name="pile")),),
    )
    source = Layer("source", "Input", "source", FrozenMap({"shape": (None, 2)}))
    memory = cell("LSTM", "memory", 6, dropout=0.3, return_sequences=True)
    off = Layer("off", "Dropout", "off", FrozenMap({"rate": 0.5}))
    wires = (Link("source", "deep"), Link("deep", "both"), Link("source", "memory"), Link("memory", "off"))
    return Design("systems", (source, deep, both, memory, off), wires)


def waves(*names: str, units: int, start: float = 0.0) -> dict[str, Any]:
    time = np.arange(STEPS, dtype=np.float32)[None, :, None]
    unit = np.arange(units, dtype=np.float32)[None, None, :]
    sample = np.arange(SAMPLES, dtype=np.float32)[:, None, None]
    return {
        name: np.sin(time / 4 + unit + sample + start + index).astype(np.float32)
        for index, name in enumerate(names)
    }


def recorded() -> Trace:
    gates = ("gate/input", "gate/forget", "gate/candidate", "gate/output")
    lstm = ("output", "state/h", "state/c", *gates)
    arrays = {
        "source/input": np.zeros((SAMPLES, STEPS, 2), np.float32),
        **waves("deep/result", "deep/output", units=4),
        **waves(*(f"deep/cell_0/{each}" for each in lstm), units=5, start=1.0),
        **waves("deep/cell_1/output", units=4),
        **waves("deep/cell_1/cell_0/output", "deep/cell_1/cell_0/state/h", units=4, start=2.0),
        **waves("both/result", units=6),
        **waves(*(f"both/forward/cell_0/{each}" for each in lstm), units=3),
        **waves(*(f"both/backward/cell_0/{each}" for each in lstm), units=3, start=3.0),
        **waves("memory/result", "memory/output", "memory/state/h", units=6),
        **waves("memory#2/result", "memory#2/output", "memory#2/state/h", units=6, start=5.0),
        **waves("off/result", units=6),
    }
    mask = np.ones((SAMPLES, STEPS), bool)
    mask[:, 15:] = False
    arrays["deep/mask"] = mask
    layers = {
        "source": "source",
        "deep": "deep",
        "stack": "deep",
        "low": "deep/cell_0",
        "inner": "deep/cell_1",
        "mid": "deep/cell_1/cell_0",
        "both": "both",
        "reader": "both/forward",
        "memory": "memory",
        "again": "memory#2",
        "off": "off",
    }
    return Trace(1, arrays, layers, 0.004)


@pytest.fixture
def scopes(bench: Any) -> Any:
    bench.workspace.document.reset(systems(), None)
    panel = Scopes(bench.workspace, bench.selection)
    bench.show(panel)
    bench.workspace.give(recorded(), STEPS, SAMPLES)
    return panel


def choose(bench: Any, layer_id: str) -> None:
    bench.selection.set((layer_id,))


def test_that_a_stack_shows_the_states_of_every_cell_one_above_the_other(bench: Any, scopes: Any) -> None:
    choose(bench, "deep")
    picture = scopes.plot.picture
    assert [band.shown.path for band in picture.bands] == ["cell_0/state/h", "cell_1/cell_0/state/h"]
    assert [band.units for band in picture.bands] == [5, 4]
    assert scopes.side_button.text() == "All cells ▾"
    assert scopes.chips.symbols == ("all", "output", "0·h", "0·c", "1.0·h")
    assert scopes.chips.chip("0·c").toolTip().startswith("c cell 0: ")


def test_that_each_cell_of_a_stack_has_a_side_with_its_gates(bench: Any, scopes: Any) -> None:
    choose(bench, "deep")
    assert scopes.side_button.keys == ("", "cell_0", "cell_1", "cell_1/cell_0")
    scopes.side_button.choose("cell_0")
    assert scopes.side_button.text() == "Cell 0 ▾"
    assert scopes.chips.symbols == ("all", "output", "h", "c", "i", "f", "g", "o")
    assert scopes.plot.picture.main.shown.path == "cell_0/state/h"
    scopes.side_button.choose("cell_1/cell_0")
    assert scopes.side_button.text() == "Cell 1.0 ▾"
    assert scopes.plot.picture.main.shown.path == "cell_1/cell_0/state/h"


def test_that_a_selected_cell_shows_its_own_values_in_units(bench: Any, scopes: Any) -> None:
    choose(bench, "low")
    assert scopes.chips.symbols == ("all", "output", "h", "c", "i", "f", "g", "o")
    assert scopes.plot.picture.word == "unit"
    expected = recorded().arrays["deep/cell_0/state/h"][0]
    assert np.array_equal(scopes.plot.picture.main.values, expected)


def test_that_a_stack_in_both_directions_has_the_cells_of_each(bench: Any, scopes: Any) -> None:
    choose(bench, "both")
    labels = [side_label(side, systems().layer("both")) for side in scopes.side_button.keys]
    assert labels == ["Result", "→ Forward · cell 0", "← Backward · cell 0"]
    scopes.side_button.choose("backward/cell_0")
    assert scopes.chips.symbols == ("all", "output", "h", "c", "i", "f", "g", "o")
    expected = recorded().arrays["both/backward/cell_0/state/h"][0]
    assert np.array_equal(scopes.plot.picture.main.values, expected)


@pytest.mark.parametrize("layer_id", ["deep", "low", "mid"])
def test_that_steps_that_the_mask_skips_are_marked_for_every_cell_inside(
    bench: Any, scopes: Any, layer_id: str
) -> None:
    choose(bench, layer_id)
    masked = scopes.plot.picture.masked
    assert masked is not None
    assert masked.tolist() == [False] * 15 + [True] * 5


def test_that_a_layer_called_again_shows_the_call_that_is_selected(bench: Any, scopes: Any) -> None:
    document = bench.workspace.document
    document.apply(edits.call_again("memory", (0.0, 300.0)), "Call again")
    again = next(each for each in document.design.layers if each.shares == "memory")
    trace = recorded()
    layers = {**trace.layers, again.id: trace.layers["again"]}
    bench.workspace.give(Trace(2, trace.arrays, layers, 0.004), STEPS, SAMPLES)
    choose(bench, again.id)
    assert np.array_equal(scopes.plot.picture.main.values, trace.arrays["memory#2/state/h"][0])
    assert scopes.tabs.tabText(0) == f"{again.name} ↺ memory"
    choose(bench, "memory")
    assert np.array_equal(scopes.plot.picture.main.values, trace.arrays["memory/state/h"][0])


@pytest.mark.parametrize(
    ("layer_id", "start"), [("memory", "The dropout inside is off while watching"), ("off", "Dropout is off")]
)
def test_that_a_scope_says_that_dropout_does_not_act_on_what_it_draws(
    bench: Any, scopes: Any, layer_id: str, start: str
) -> None:
    choose(bench, layer_id)
    assert scopes.training_note.startswith(start)
    assert "during training" in scopes.training_note
    choose(bench, "deep")
    assert scopes.training_note == ""


def test_that_the_own_names_of_a_custom_cells_states_stand_on_its_chips() -> None:
    layer = Layer("custom", "GRU", "custom", FrozenMap({"units": 3}))
    found = shown(layer, ("output", "state/voltage", "state/1"))
    assert [(each.path, each.symbol) for each in found] == [
        ("output", "output"),
        ("state/voltage", "voltage"),
        ("state/1", "1"),
    ]


def test_that_sides_are_told_apart_at_any_depth() -> None:
    recorded_paths = ("result", "forward/output", "forward/cell_0/cell_1/state/h", "forward/mask", "mask")
    assert sides(recorded_paths) == ("", "forward", "forward/cell_0/cell_1")
    assert side_label("forward/cell_0/cell_1") == "→ Forward · cell 0.1"


def test_that_the_outputs_of_a_wrapper_are_called_by_their_ports() -> None:
    reader = Layer("reader", "LSTM", "reader", FrozenMap({"units": 3, "return_state": True}))
    both = Layer("both", "Bidirectional", "both", children=(reader,))
    found = shown(both, tuple(f"result/{number}" for number in range(5)))
    assert [each.symbol for each in found] == ["output", "→ h", "→ c", "← h", "← c"]
    assert found[1].spoken == "h forward"
    assert found[1].explanation == "The state after the last step."
    assert found[0].explanation == "Exactly what the layer returns."
    assert usual(found) == found[:1]
