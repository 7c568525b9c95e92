"""Analyses of runs in which something was held, against NumPy's arithmetic of the cells with the same things held."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy
import pytest
from held_oracle import STEP, Held, rows, walked
from standing_models import MASKED, Stand, Standing, equal, planned, program, side_by_side

from rnn_designer.engine.analyses import Subject, analyse
from rnn_designer.messages import Analyse, PlannedLayer, Trace

SAMPLE, STEPS, SMALL = 1, 6, 1e-5
SHOWN = numpy.array([True, True, False, True, True, True])
WIDE = "return_sequences=True, dtype='float64'"
STACK = (
    "layers.StackedRNNCells([layers.LSTMCell(4, dtype='float64', name='low'), "
    "layers.GRUCell(3, dtype='float64', name='high')], dtype='float64', name='stack')"
)
LAYERS = {
    "simple": (f"layers.SimpleRNN(4, {WIDE}, name='simple')", planned("simple", "SimpleRNN")),
    "lstm": (f"layers.LSTM(4, {WIDE}, name='lstm')", planned("lstm", "LSTM")),
    "gru": (f"layers.GRU(4, {WIDE}, name='gru')", planned("gru", "GRU")),
    "before": (
        f"layers.GRU(4, reset_after=False, go_backwards=True, {WIDE}, name='before')",
        planned("before", "GRU"),
    ),
    "bi": (
        f"layers.Bidirectional(layers.LSTM(3, {WIDE}, name='inner'), dtype='float64', name='bi')",
        planned("bi", "Bidirectional", planned("inner", "LSTM")),
    ),
    "rnn": (
        f"layers.RNN({STACK}, {WIDE}, name='rnn')",
        planned(
            "rnn",
            "RNN",
            planned("stack", "StackedRNNCells", planned("low", "LSTMCell"), planned("high", "GRUCell")),
        ),
    ),
}
HELD: Held = {
    "#simple/state/h": [(1, 0.75, 2), (3, 0.0, 0)],
    "#simple/initial/h": [(0, 0.25, 0)],
    "#lstm/state/c": [(0, 2.0, 3)],
    "#lstm/state/h": [(3, 0.5, 2)],
    "#lstm/gate/forget": [(-1, 0.25, 1), (2, 1.0, 2)],
    "#lstm/initial/h": [(1, -0.5, 0)],
    "#gru/gate/update": [(2, 1.0, 2)],
    "#gru/state/h": [(0, -0.25, 4)],
    "#before/gate/reset": [(-1, 0.5, 3)],
    "#before/state/h": [(1, 0.5, 3)],
    "#bi/forward/state/h": [(0, 0.9, 2)],
    "#bi/backward/gate/candidate": [(1, -1.0, 2)],
    "#bi/backward/state/c": [(2, 0.3, 1)],
    "#low/state/h": [(2, 0.3, 1)],
    "#rnn/cell_1/gate/candidate": [(-1, 0.1, 4)],
    "#rnn/cell_0/initial/c": [(3, 1.5, 0)],
}
CELLS: dict[str, tuple[str, str, int]] = {
    "simple": ("#simple", "simple/", 0),
    "lstm": ("#lstm", "lstm/", 0),
    "gru": ("#gru", "gru/", 0),
    "before": ("#before", "before/", 0),
    "bi forward": ("#inner", "bi/forward/", 0),
    "bi backward": ("#inner", "bi/backward/", 1),
    "rnn low": ("#low", "rnn/cell_0/", 0),
    "rnn high": ("#high", "rnn/cell_1/", 0),
}
"""Id, path and side of every cell."""
GATES = {
    "SimpleRNNCell": ("hidden",),
    "LSTMCell": ("input", "forget", "candidate", "output"),
    "GRUCell": ("update", "reset", "candidate"),
}


def looked_at(standing: Standing, series: Any, held: Held) -> Subject:
    clamps = rows(held)
    arrays = standing.tracer.run({"series": series}, clamps=clamps)
    trace = Trace(1, arrays, standing.tracer.layers, 0.0)
    return Subject(standing.built, {"series": series}, trace, lambda: None, clamps=clamps)


def ask(subject: Subject, kind: str, layer_id: str, **options: float) -> Any:
    return analyse(subject, Analyse(1, kind, layer_id, {"sample": SAMPLE, **options}))


def model(masked: bool) -> tuple[str, tuple[PlannedLayer, ...]]:
    source, plan = side_by_side(LAYERS, masked=masked)
    source = source.replace("name='series')", "name='series', dtype='float64')")
    return source.replace("name='masking')", "name='masking', dtype='float64')"), plan


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "masked"])
def masked(request: Any) -> bool:
    return bool(request.param)


@pytest.fixture(scope="module")
def series(masked: bool) -> Any:
    found = numpy.random.default_rng(4).normal(size=(3, STEPS, 3)).astype("float32")
    if masked:
        found[:, ~SHOWN] = MASKED
    return found


@pytest.fixture(scope="module")
def subject(stand: Stand, series: Any, masked: bool) -> Subject:
    return looked_at(stand(*model(masked)), series, HELD)


def below(prefix: str) -> Held:
    held = {name.replace("#low/", "#rnn/cell_0/"): each for name, each in HELD.items()}
    return {name[len(prefix) :]: each for name, each in held.items() if name.startswith(prefix)}


def layer_at(subject: Subject, path: str) -> Any:
    return next(place.layer for place in subject.built.placed if place.path == path)


def cell_at(subject: Subject, path: str) -> Any:
    layer = layer_at(subject, path.rstrip("/"))
    return getattr(layer, "cell", layer)


@pytest.mark.parametrize("name", list(CELLS))
def test_that_the_sum_says_what_was_computed_what_is_held_and_what_the_trace_has(
    subject: Subject, name: str
) -> None:
    layer_id, path, backward = CELLS[name]
    cell, arrays = cell_at(subject, path), subject.trace.arrays
    kind, held = type(cell).__name__, below(f"#{path}")
    some_held = False
    for unit in range(cell.units):
        found, _ = ask(subject, "unit_sum", layer_id, unit=unit, backward=backward)
        counted = ~found["held"].astype(bool)
        for number, gate in enumerate(GATES[kind]):
            where = "state/h" if gate == "hidden" else f"gate/{gate}"
            equal(found["gates"][counted, number], arrays[f"{path}{where}"][SAMPLE, counted, unit])
            clamped = is_held(held.get(where, []), unit) & counted
            assert numpy.array_equal(found["clamped"][:, number].astype(bool), clamped)
            total = found["sums"][:, number].astype("float64")
            squashed = numpy.tanh(total) if gate in ("hidden", "candidate") else 1 / (1 + numpy.exp(-total))
            equal(found["made"][counted, number], squashed[counted], 3e-6)
            by_input, by_state, bias, second = found["terms"][:, number].T
            reset = 1.0
            if kind == "GRUCell" and gate == "candidate" and cell.reset_after:
                reset = found["gates"][:, 1]
            equal((by_input + bias + reset * (by_state + second))[counted], total[counted], 3e-6)
            some_held |= bool(clamped.any())
        before, gates = found["before"][counted].T, found["gates"][counted].T
        states = ("h", "c")[: found["after"].shape[1]]
        if kind == "LSTMCell":
            made = [
                gates[3] * numpy.tanh(found["after"][counted, 1]),
                gates[1] * before[1] + gates[0] * gates[2],
            ]
        elif kind == "GRUCell":
            made = [gates[0] * before[0] + (1 - gates[0]) * gates[2]]
        else:
            made = [found["made"][counted, 0]]
        for number, state in enumerate(states):
            clamped = is_held(held.get(f"state/{state}", []), unit) & counted
            assert numpy.array_equal(found["clamped_states"][:, number].astype(bool), clamped)
            equal(found["computed"][counted, number], made[number], 3e-6)
            equal(found["after"][:, number], arrays[f"{path}state/{state}"][SAMPLE, :, unit])
            free = ~clamped & counted
            equal(found["after"][free, number], found["computed"][free, number], 3e-6)
            begun = [value for each, value, _ in held.get(f"initial/{state}", []) if each in (unit, -1)]
            backwards = layer_at(subject, "/".join(path.split("/")[: 2 if "bi/" in path else 1])).go_backwards
            assert found["before"][-1 if backwards else 0, number] == pytest.approx(begun[-1] if begun else 0)
            some_held |= bool(clamped.any())
    assert some_held
    steps, _ = ask(subject, "cell_steps", layer_id, backward=backward)
    for gate in GATES[kind][kind == "SimpleRNNCell" :]:
        equal(steps[f"gate/{gate}"][counted], arrays[f"{path}gate/{gate}"][SAMPLE, counted])


def is_held(held: list[tuple[int, float, int]], unit: int) -> Any:
    found = numpy.zeros(STEPS, bool)
    for each, _, first in held:
        if each in (unit, -1):
            found[first:] = True
    return found


class Pushed:
    """A recurrent layer walked with one number of its input or of a state pushed at one step."""

    def __init__(self, layer: Any, series: Any, held: Held, mask: Any) -> None:
        self._layer, self._series, self._held = layer, series[SAMPLE : SAMPLE + 1], held
        self._mask = None if mask is None else mask[None]

    def jacobian(self, name: str, at: int, width: int, target: str, step: int) -> Any:
        """∂ target(step) / ∂ what is named, after step ``at``: ``(units of the target, width)``."""
        columns = []
        for unit in range(width):
            ends = []
            for sign in (1, -1):

                def push(what: str, now: int, value: Any, unit: int = unit, sign: int = sign) -> Any:
                    moved = value.copy()
                    if what == name and now == at:
                        moved[:, unit] += sign * SMALL
                    return moved

                found = walked(self._layer, self._series, self._held, self._mask, push)
                ends.append(found[target][0, step])
            columns.append((ends[0] - ends[1]) / (2 * SMALL))
        return numpy.stack(columns, axis=1)


def asked_steps(backwards: bool) -> Iterator[int]:
    yield from (0, 2) if backwards else (STEPS - 1, 3)


@pytest.mark.parametrize("name", list(CELLS))
def test_that_gradients_through_what_is_held_are_those_of_finite_differences_with_it_held(
    subject: Subject, series: Any, masked: bool, name: str
) -> None:
    layer_id, path, backward = CELLS[name]
    whole = path.rstrip("/") if "rnn" not in path else "rnn"
    layer = layer_at(subject, whole)
    inside = path[len(whole) + 1 :]
    walk = Pushed(layer, series, below(f"#{whole}/"), SHOWN if masked else None)
    for step in asked_steps(layer.go_backwards):
        arrays, _ = ask(subject, "gradients", layer_id, step=step, backward=backward)
        places = [
            ("input", "input", series.shape[-1]),
            *((each, inside + each, arrays[each].shape[1]) for each in arrays if each.startswith("state/")),
        ]
        for mine, theirs, width in places:
            for at in range(STEPS):
                if (at > step) != layer.go_backwards and at != step:
                    assert numpy.isnan(arrays[mine][at]).all()
                    continue
                differences = walk.jacobian(theirs, at, width, f"{inside}state/h", step)
                expected = numpy.sqrt((differences**2).sum(axis=0))
                assert arrays[mine][at] == pytest.approx(expected, rel=2e-4, abs=1e-6), (mine, at)
                norm = numpy.sqrt((differences**2).sum())
                short = mine.removeprefix("state/")
                assert arrays[f"norm/{short}"][at] == pytest.approx(norm, rel=2e-4, abs=1e-6)
        for mine, theirs, width in places[1:]:
            initial = theirs.replace("state/", "initial/")
            differences = walk.jacobian(initial, -1, width, f"{inside}state/h", step)
            norm = numpy.sqrt((differences**2).sum())
            short = mine.removeprefix("state/")
            assert arrays[f"initial/{short}"] == pytest.approx(norm, rel=2e-4, abs=1e-6)


def test_that_nothing_goes_back_through_a_held_unit_from_its_step_on(subject: Subject, masked: bool) -> None:
    arrays, _ = ask(subject, "gradients", "#simple", step=STEPS - 1)
    assert (arrays["state/h"][2 + masked :, 1] == 0).all()
    assert (arrays["state/h"][:2, 1] > 0).all()
    assert (arrays["state/h"][:, 3] == 0).all()
    assert (arrays["state/h"][:, [0, 2]] > 0).all()
    alone, _ = ask(subject, "gradients", "#simple", step=STEPS - 1, unit=1)
    assert not alone["state/h"].any()


def test_that_other_holds_of_the_same_model_are_followed_anew(
    stand: Stand, series: Any, masked: bool
) -> None:
    standing = stand(*model(masked))
    free = looked_at(standing, series, {})
    untouched, _ = ask(free, "gradients", "#lstm")
    held = looked_at(standing, series, {"#lstm/state/c": [(0, 2.0, 3)]})
    assert (ask(held, "gradients", "#lstm")[0]["state/c"][3:, 0] == 0).all()
    moved = looked_at(standing, series, {"#lstm/state/c": [(1, 2.0, 4)]})
    again, _ = ask(moved, "gradients", "#lstm")
    assert again["state/c"][3, 0] > 0
    assert (again["state/c"][4:, 1] == 0).all()
    after, _ = ask(looked_at(standing, series, {}), "gradients", "#lstm")
    for name, array in untouched.items():
        assert numpy.array_equal(array, after[name], equal_nan=True)


def test_that_what_a_layer_is_given_is_what_the_held_layer_before_it_gave(stand: Stand) -> None:
    source = program(
        [
            "series = keras.Input((None, 3), name='series', dtype='float64')",
            f"low = layers.GRU(4, {WIDE}, name='low')(series)",
            f"return keras.Model(series, layers.LSTM(3, {WIDE}, name='high')(low))",
        ]
    )
    plan = (planned("series", "Input"), planned("low", "GRU"), planned("high", "LSTM"))
    samples = numpy.random.default_rng(4).normal(size=(2, STEPS, 3)).astype("float32")
    subject = looked_at(stand(source, plan), samples, {"#low/state/h": [(-1, 2.0, 1)]})
    given = numpy.float64(subject.trace.arrays["low/output"])
    walk = Pushed(layer_at(subject, "high"), given, {}, None)
    arrays, _ = ask(subject, "gradients", "#high")
    for at in range(STEPS):
        differences = walk.jacobian("input", at, 4, "state/h", STEPS - 1)
        expected = numpy.sqrt((differences**2).sum(axis=0))
        assert arrays["input"][at] == pytest.approx(expected, rel=2e-4, abs=1e-6)


@pytest.mark.parametrize("held", [{}, {"#gru/state/h": [(1, 0.5, 3)], "#gru/gate/update": [(0, 0.0, 5)]}])
def test_that_fixed_points_are_those_of_a_step_with_the_same_held(
    stand: Stand, series: Any, masked: bool, held: Held
) -> None:
    subject = looked_at(stand(*model(masked)), series, held)
    found, facts = ask(subject, "fixed_points", "#gru", **{"signal/state/h": 1.0, "input": 0.0})
    assert facts["held"] == ", ".join(name.removeprefix("#gru/") for name in sorted(held))
    assert len(found["state"])
    cell = cell_at(subject, "gru/")
    acting = {name.removeprefix("#gru/"): each for name, each in held.items()}

    def hold(name: str, value: Any) -> Any:
        value = value.copy()
        for unit, wanted, _ in acting.get(name, []):
            value[:, unit] = wanted
        return value

    def step(state: Any) -> Any:
        return STEP["GRUCell"](cell, numpy.zeros((1, 3)), [state[None]], hold)[0][0]

    for point, largest in zip(found["state"].astype("float64"), found["largest"], strict=True):
        assert step(point) == pytest.approx(point, abs=3e-5)
        if held:
            assert point[1] == pytest.approx(0.5)
        pushes = numpy.eye(4) * 1e-6
        jacobian = numpy.stack([(step(point + each) - step(point - each)) / 2e-6 for each in pushes], axis=1)
        assert largest == pytest.approx(numpy.abs(numpy.linalg.eigvals(jacobian)).max(), abs=2e-3)
