"""Gates and units at the ends of their ranges, against counting one number after the other."""

from __future__ import annotations

import math
from typing import Any

import numpy
import pytest
from rnn_matrix import TWO_STATES
from standing_models import MASKED, Stand, planned

from rnn_designer.engine.analyses import Subject, analyse
from rnn_designer.engine.failures import Refused
from rnn_designer.messages import Analyse, PlannedLayer, Trace

BATCH, STEPS, UNITS = 4, 9, 5
SERIES = planned("series", "Input")
SHOWN = numpy.random.default_rng(8).random((BATCH, STEPS)) < 0.6


def made(
    stand: Stand, expression: str, *layers: PlannedLayer, scale: float = 3.0, masked: bool = False
) -> Subject:
    mask = f"layers.Masking({MASKED}, name='masking')(x)" if masked else "x"
    source = (
        f"import keras\nfrom keras import layers\n{TWO_STATES}\n\ndef build_model():\n"
        f"    x = keras.Input((None, 3), name='series')\n    return keras.Model(x, {expression}({mask}))\n"
    )
    standing = stand(source, (SERIES, *([planned("masking", "Masking")] if masked else []), *layers))
    for variable in standing.model.weights:
        variable.assign(numpy.asarray(variable) * scale)
    values = numpy.random.default_rng(4).normal(size=(BATCH, STEPS, 3)).astype("float32")
    if masked:
        values[~SHOWN] = MASKED
    inputs = {"series": values}
    arrays = standing.tracer.run(inputs)
    return Subject(standing.built, inputs, Trace(1, arrays, standing.tracer.layers, 0.0), lambda: None)


def changed(looked: Subject, name: str, change: Any) -> Subject:
    """The same with other numbers in its trace."""
    arrays = {key: numpy.array(value) for key, value in looked.trace.arrays.items()}
    change(arrays[name])
    return Subject(looked.built, looked.inputs, Trace(2, arrays, looked.trace.layers, 0.0), lambda: None)


def ask(looked: Subject, layer: str = "#m", **options: float) -> tuple[Any, Any]:
    return analyse(looked, Analyse(1, "saturation", layer, options))


def share(values: Any, unit: int, holds: Any, shown: Any = None) -> float:
    """Counted one by one."""
    found = total = 0
    for sample in range(values.shape[0]):
        for step in range(values.shape[1]):
            if shown is None or shown[sample, step]:
                total += 1
                found += bool(holds(float(values[sample, step, unit])))
    return found / total


@pytest.mark.parametrize("masked", [False, True], ids=["plain", "masked"])
@pytest.mark.parametrize(
    ("kind", "gates", "low", "high"),
    [
        ("LSTM", ("input", "forget", "output"), 0.1, 0.9),
        ("GRU", ("update", "reset"), 0.1, 0.9),
        ("LSTM", ("candidate",), -0.8, 0.8),
    ],
)
def test_that_gates_are_counted_at_both_of_their_ends(
    stand: Stand, kind: str, gates: tuple[str, ...], low: float, high: float, masked: bool
) -> None:
    looked = made(stand, f"layers.{kind}({UNITS}, name='m')", planned("m", kind), masked=masked)
    arrays, _ = ask(looked)
    shown = SHOWN if masked else None
    for gate in gates:
        assert arrays[f"ends/gate/{gate}"] == pytest.approx([low, high])
        values = looked.trace.arrays[f"m/gate/{gate}"]
        for unit in range(UNITS):
            expected = share(values, unit, lambda value: value < low, shown)
            assert arrays[f"left/gate/{gate}"][unit] == pytest.approx(expected)
            expected = share(values, unit, lambda value: value > high, shown)
            assert arrays[f"right/gate/{gate}"][unit] == pytest.approx(expected)
    assert arrays[f"left/gate/{gates[0]}"].any() or arrays[f"right/gate/{gates[0]}"].any()


@pytest.mark.parametrize("masked", [False, True], ids=["plain", "masked"])
@pytest.mark.parametrize("kind", ["SimpleRNN", "LSTM", "GRU"])
def test_that_units_are_counted_where_they_are_off_and_where_they_are_full(
    stand: Stand, kind: str, masked: bool
) -> None:
    looked = made(stand, f"layers.{kind}({UNITS}, name='m')", planned("m", kind), masked=masked)
    arrays, facts = ask(looked)
    values, shown = looked.trace.arrays["m/state/h"], SHOWN if masked else None
    for unit in range(UNITS):
        assert arrays["off/state/h"][unit] == pytest.approx(
            share(values, unit, lambda value: abs(value) <= 0.01, shown)
        )
        assert arrays["saturated/state/h"][unit] == pytest.approx(
            share(values, unit, lambda value: abs(value) > 0.95, shown)
        )
    assert facts["activation"] == "tanh"
    assert tuple(arrays["count"]) == (BATCH, STEPS)
    assert ("off/state/c" in arrays) == (kind == "LSTM")
    if kind == "LSTM":
        assert numpy.isnan(arrays["saturated/state/c"]).all()
    assert not arrays["dead/state/h"].any()


def test_that_dead_rectified_units_are_found(stand: Stand) -> None:
    looked = made(
        stand,
        f"layers.SimpleRNN({UNITS}, activation='relu', name='m')",
        planned("m", "SimpleRNN"),
        scale=1.0,
    )

    def kill(values: Any) -> None:
        values[..., 1] = 0
        values[..., 2] = 0
        values[3, 4, 2] = 1e-20

    arrays, _ = ask(changed(looked, "m/state/h", kill))
    alive = [(looked.trace.arrays["m/state/h"][..., unit] != 0).any() for unit in range(UNITS)]
    assert arrays["dead/state/h"].tolist() == [
        float(unit == 1 or (unit != 2 and not alive[unit])) for unit in range(UNITS)
    ]
    assert arrays["off/state/h"][1] == arrays["off/state/h"][2] == 1
    assert numpy.isnan(arrays["saturated/state/h"]).all()


def test_that_units_that_never_move_are_found(stand: Stand) -> None:
    looked = made(stand, f"layers.GRU({UNITS}, name='m')", planned("m", "GRU"), masked=True)

    def hold(values: Any) -> None:
        values[..., 0] = 0.5
        values[..., 1] = numpy.arange(BATCH)[:, None]
        values[..., 2] = 0.5
        values[2, SHOWN[2].argmax(), 2] = 0.6
        values[..., 3] = 0.5
        values[2, (~SHOWN[2]).argmax(), 3] = 0.6

    arrays, _ = ask(changed(looked, "m/state/h", hold))
    assert arrays["still/state/h"].tolist() == [1, 1, 0, 1, 0]


@pytest.mark.parametrize("backwards", [False, True], ids=["forward", "backwards"])
def test_that_it_is_told_since_when_numbers_are_not_finite(stand: Stand, backwards: bool) -> None:
    expression = f"layers.LSTM({UNITS}, go_backwards={backwards}, name='m')"
    looked = made(stand, expression, planned("m", "LSTM"))

    def spoil(values: Any) -> None:
        values[1, 3:6, 0] = math.nan
        values[2, 5:8, 0] = math.nan
        values[0, 4, 2] = -math.inf

    arrays, _ = ask(changed(looked, "m/state/h", spoil))
    assert arrays["nan/state/h"].tolist() == [7 if backwards else 3, -1, -1, -1, -1]
    assert arrays["inf/state/h"].tolist() == [-1, -1, 4, -1, -1]
    assert not arrays["still/state/h"][[0, 2]].any()


def test_that_cells_of_a_stack_are_looked_at_each_by_itself(stand: Stand) -> None:
    stack = (
        "layers.RNN(layers.StackedRNNCells([layers.LSTMCell(3, name='a'), TwoStates(4, name='b')], name='s'), "
        "name='m')"
    )
    inner = planned("s", "StackedRNNCells", planned("a", "LSTMCell"), planned("b", "CustomCell"))
    looked = made(stand, stack, planned("m", "RNN", inner))
    arrays, _ = ask(looked, "#a")
    values = looked.trace.arrays["m/cell_0/gate/forget"]
    assert arrays["right/gate/forget"][2] == pytest.approx(share(values, 2, lambda value: value > 0.9))
    for layer in ("#m", "#b"):
        arrays, facts = ask(looked, layer)
        assert {name.partition("/")[2] for name in arrays if name.startswith("off/")} == {
            "state/fast",
            "state/slow",
        }
        assert facts["activation"] == ""
        largest = float(numpy.abs(looked.trace.arrays["m/cell_1/state/slow"]).max())
        values = looked.trace.arrays["m/cell_1/state/slow"]
        assert arrays["off/state/slow"][1] == pytest.approx(
            share(values, 1, lambda value, end=0.01 * largest: abs(value) <= end)
        )


def test_that_the_mirror_image_of_a_bidirectional_is_looked_at_by_itself(stand: Stand) -> None:
    expression = f"layers.Bidirectional(layers.GRU({UNITS}, name='g'), name='m')"
    looked = made(stand, expression, planned("m", "Bidirectional", planned("g", "GRU")))
    for side, backward in (("forward", 0), ("backward", 1)):
        arrays, _ = ask(looked, "#g", backward=backward)
        values = looked.trace.arrays[f"m/{side}/gate/reset"]
        expected = [share(values, unit, lambda value: value < 0.1) for unit in range(UNITS)]
        assert arrays["left/gate/reset"] == pytest.approx(expected)


def test_that_layers_without_states_are_looked_at_by_what_they_give(stand: Stand) -> None:
    looked = made(stand, f"layers.Dense({UNITS}, 'relu', name='m')", planned("m", "Dense"))
    arrays, facts = ask(looked)
    values = looked.trace.arrays["m/result"]
    largest = float(values.max())
    assert facts == {"activation": "relu", "recurrent_activation": ""}
    assert arrays["off/result"] == pytest.approx(
        [share(values, unit, lambda value: abs(value) <= 0.01 * largest) for unit in range(UNITS)]
    )


def test_that_a_layer_that_recorded_nothing_is_refused_in_a_sentence(stand: Stand) -> None:
    looked = made(stand, "layers.Dense(2, name='m')", planned("m", "Dense"))
    with pytest.raises(Refused, match="Run the design again"):
        ask(looked, "#nobody")
    arrays = {name: value for name, value in looked.trace.arrays.items() if name != "m/result"}
    emptied = Subject(looked.built, looked.inputs, Trace(2, arrays, looked.trace.layers, 0.0), lambda: None)
    with pytest.raises(Refused, match="recorded no numbers"):
        ask(emptied)
