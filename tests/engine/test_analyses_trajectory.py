"""Paths of states and their fixed points, against computations of another kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy
import pytest
from standing_models import Stand, Standing, equal, planned, program

from rnn_designer.engine.analyses import Subject, analyse
from rnn_designer.engine.analyses.trajectory import principal
from rnn_designer.engine.failures import Refused
from rnn_designer.messages import Analyse, PlannedLayer, Trace

MEMORY = "#memory"


def model(expression: str, *, mask: bool = False) -> str:
    return program(
        [
            "series = keras.Input((None, 3), name='series')",
            "x = layers.Masking(-1.5, name='masking')(series)" if mask else "x = series",
            f"return keras.Model(series, {expression}(x))",
        ]
    )


def plan(layer: PlannedLayer, *, mask: bool = False) -> tuple[PlannedLayer, ...]:
    return (planned("series", "Input"), *([planned("masking", "Masking")] if mask else []), layer)


def looked_at(standing: Standing, values: Any, checkpoint: Callable[[], None] = lambda: None) -> Subject:
    inputs = {"series": values}
    arrays = standing.tracer.run(inputs)
    return Subject(standing.built, inputs, Trace(1, arrays, standing.tracer.layers, 0.0), checkpoint)


def ask(subject: Subject, kind: str, *signals: str, layer: str = MEMORY, **options: float) -> Any:
    named: dict[str, float] = {f"signal/{name}": 1.0 for name in signals}
    return analyse(subject, Analyse(1, kind, layer, {**named, **options}))


@pytest.fixture(scope="module")
def long_series() -> Any:
    return numpy.random.default_rng(5).normal(size=(4, 30, 3)).astype("float32")


@pytest.fixture(scope="module")
def lstm(stand: Stand) -> Standing:
    return stand(model("layers.LSTM(6, name='memory')"), plan(planned("memory", "LSTM")))


def by_decomposition(rows: Any) -> tuple[Any, Any]:
    """Directions and shares from NumPy's singular value decomposition."""
    centred = rows.astype("float64") - rows.mean(axis=0, dtype="float64")
    _, lengths, directions = numpy.linalg.svd(centred, full_matrices=False)
    return directions[:3], (lengths**2 / (lengths**2).sum())[:3]


@pytest.mark.parametrize("names", [("state/h",), ("state/c",), ("state/h", "state/c")])
def test_that_the_trajectory_is_that_of_the_singular_value_decomposition(
    lstm: Standing, long_series: Any, names: tuple[str, ...]
) -> None:
    subject = looked_at(lstm, long_series)
    arrays, _ = ask(subject, "trajectory", *names)
    states = numpy.concatenate([subject.signal(MEMORY, name) for name in names], axis=-1)
    rows = states.reshape(-1, states.shape[-1])
    directions, shares = by_decomposition(rows)
    signs = numpy.sign((arrays["components"] * directions).sum(axis=1))[:, None]
    equal(arrays["components"] * signs, directions, 1e-5)
    equal(arrays["shares"], shares, 1e-5)
    equal(arrays["mean"], rows.mean(axis=0))
    expected = (states - rows.mean(axis=0)) @ arrays["components"].T
    equal(arrays["places"], expected, 1e-5)
    assert arrays["left_out"] == 0


def test_that_directions_keep_their_sign_when_the_weights_change_a_little(
    stand: Stand, long_series: Any
) -> None:
    standing = stand(model("layers.GRU(7, name='memory')"), plan(planned("memory", "GRU")))
    before, _ = ask(looked_at(standing, long_series), "trajectory", "state/h")
    assert (
        numpy.take_along_axis(
            before["components"], numpy.abs(before["components"]).argmax(axis=1)[:, None], 1
        )
        > 0
    ).all()
    kernel = standing.layer("memory").cell.kernel
    kernel.assign(kernel * 1.01)
    after, _ = ask(looked_at(standing, long_series), "trajectory", "state/h")
    assert ((before["components"] * after["components"]).sum(axis=1) > 0.9).all()
    assert not numpy.array_equal(before["components"], after["components"])


@pytest.mark.parametrize(("rows", "width"), [(40, 9), (9, 40), (5, 2), (2, 1)])
def test_that_few_states_and_many_units_give_the_same_directions_as_the_decomposition(
    rows: int, width: int
) -> None:
    values = numpy.random.default_rng(rows).normal(size=(rows, width)) * numpy.arange(1, width + 1)
    mean, components, shares = principal(values)
    directions, expected = by_decomposition(values)
    rank = min(3, rows - 1, width)
    equal(mean, values.mean(axis=0), 1e-9)
    equal(shares[:rank], expected[:rank], 1e-9)
    equal(numpy.abs((components[:rank] * directions[:rank]).sum(axis=1)), numpy.ones(rank), 1e-9)
    assert (components[rank:] == 0).all()
    assert (shares[rank:] == 0).all()


def test_that_states_which_never_move_have_no_direction() -> None:
    _, components, shares = principal(numpy.full((10, 4), 0.25))
    assert (components == 0).all()
    assert (shares == 0).all()


def test_that_masked_steps_and_numbers_that_are_not_finite_are_left_out(stand: Stand, series: Any) -> None:
    layer = planned("memory", "LSTM")
    standing = stand(model("layers.LSTM(6, name='memory')", mask=True), plan(layer, mask=True))
    subject = looked_at(standing, series)
    mask = subject.trace.arrays["memory/mask"]
    assert 0 < mask.sum() < mask.size
    arrays, _ = ask(subject, "trajectory", "state/h")
    rows = subject.signal(MEMORY, "state/h")[mask]
    equal(arrays["shares"], by_decomposition(rows)[1], 1e-5)
    assert numpy.isnan(arrays["places"][~mask]).all()
    assert numpy.isfinite(arrays["places"][mask]).all()
    assert arrays["left_out"] == (~mask).sum()
    states = subject.signal(MEMORY, "state/h").copy()
    states[mask.nonzero()[0][0], mask.nonzero()[1][0], 2] = numpy.inf
    broken = replace(
        subject, trace=replace(subject.trace, arrays={**subject.trace.arrays, "memory/state/h": states})
    )
    arrays, _ = ask(broken, "trajectory", "state/h")
    assert arrays["left_out"] == (~mask).sum() + 1
    nothing = replace(
        subject, trace=replace(subject.trace, arrays={**subject.trace.arrays, "memory/mask": mask & False})
    )
    with pytest.raises(Refused, match="expected at least 2"):
        ask(nothing, "trajectory", "state/h")


def test_that_signals_which_were_not_recorded_are_refused(lstm: Standing, long_series: Any) -> None:
    subject = looked_at(lstm, long_series)
    for kind in ("trajectory", "fixed_points", "match"):
        with pytest.raises(Refused, match="recorded no state/x"):
            ask(subject, kind, "state/x")
        with pytest.raises(Refused, match="expected at least one"):
            ask(subject, kind)
        with pytest.raises(Refused, match="Run the design again"):
            ask(subject, kind, "state/h", layer="#nobody")
    with pytest.raises(Refused, match="belong to the states"):
        ask(subject, "fixed_points", "output")


# Fixed points


def linear(stand: Stand, recurrent: Any) -> Standing:
    """A SimpleRNN without an activation: h ← x·W + h·U + b."""
    draws = numpy.random.default_rng(8)
    units = len(recurrent)
    given = {
        f"{MEMORY}/kernel": draws.normal(size=(3, units)).astype("float32"),
        f"{MEMORY}/recurrent_kernel": numpy.asarray(recurrent, "float32"),
        f"{MEMORY}/bias": draws.normal(size=units).astype("float32"),
    }
    source = model(f"layers.SimpleRNN({units}, activation=None, name='memory')")
    return stand(source, plan(planned("memory", "SimpleRNN")), given=given)


@pytest.mark.parametrize("held", [0, 1, 2])
@pytest.mark.parametrize("size", [0.6, 1.3])
def test_that_a_linear_layer_has_the_one_fixed_point_that_algebra_gives(
    stand: Stand, long_series: Any, held: int, size: float
) -> None:
    draws = numpy.random.default_rng(2).normal(size=(5, 5))
    recurrent = draws * size / numpy.abs(numpy.linalg.eigvals(draws)).max()
    standing = linear(stand, recurrent)
    values = numpy.clip(long_series[:, :6], -1, 1)
    subject = looked_at(standing, values)
    arrays, facts = ask(subject, "fixed_points", "state/h", input=held, sample=2, step=4)
    at = [numpy.zeros(3), values.reshape(-1, 3).mean(axis=0), values[2, 4]][held]
    equal(arrays["input"], at)
    weights = standing.built.weights()
    drive = at @ weights[f"{MEMORY}/kernel"] + weights[f"{MEMORY}/bias"]
    square = weights[f"{MEMORY}/recurrent_kernel"].astype("float64")
    equal(arrays["state"], numpy.linalg.solve(numpy.eye(5) - square.T, drive)[None], 1e-4)
    expected = numpy.abs(numpy.linalg.eigvals(square))
    equal(numpy.hypot(*numpy.moveaxis(arrays["eigenvalues"][0], -1, 0)), sorted(expected, reverse=True), 1e-5)
    assert arrays["largest"][0] == pytest.approx(size, rel=1e-5)
    assert arrays["unstable"][0] == (expected >= 1).sum()
    assert (arrays["unstable"][0] == 0) == (size < 1)
    assert arrays["speed"][0] < 1e-9
    assert facts["lost"] == "0"


def test_that_a_bistable_unit_has_two_stable_points_and_an_unstable_one_between(
    stand: Stand, long_series: Any
) -> None:
    given = {
        f"{MEMORY}/kernel": numpy.ones((3, 1), "float32"),
        f"{MEMORY}/recurrent_kernel": numpy.full((1, 1), 2.0, "float32"),
        f"{MEMORY}/bias": numpy.zeros(1, "float32"),
    }
    source = model("layers.SimpleRNN(1, name='memory')")
    standing = stand(source, plan(planned("memory", "SimpleRNN")), given=given)
    arrays, _ = ask(looked_at(standing, long_series), "fixed_points", "state/h")
    outer = 0.9
    for _ in range(200):
        outer = numpy.tanh(2 * outer)
    equal(numpy.sort(arrays["state"][:, 0]), [-outer, 0, outer], 1e-5)
    assert arrays["unstable"].tolist() == [0, 0, 1]
    slopes = 2 * (1 - numpy.tanh(2 * arrays["state"][:, 0]) ** 2)
    equal(arrays["largest"], numpy.abs(slopes), 1e-4)


def stepped(layer: Any, states: list[Any], held: Any) -> list[Any]:
    """One step of the layer itself, by calling it on a sequence of one step."""
    import keras
    import tensorflow as tf

    inner = keras.layers.RNN(layer.cell, return_state=True)
    sequence = tf.repeat(tf.constant(held)[None, None], len(keras.tree.flatten(states)[0]), 0)
    start = keras.tree.map_structure(lambda each: tf.constant(each, tf.float32), states)
    returned = inner(sequence, initial_state=start)
    return [each.numpy() for each in keras.tree.flatten(returned[1:])]


@pytest.mark.parametrize(
    ("expression", "kind", "names"),
    [
        ("layers.LSTM(4, name='memory')", "LSTM", ("state/h", "state/c")),
        ("layers.GRU(4, name='memory')", "GRU", ("state/h",)),
        ("layers.GRU(4, reset_after=False, name='memory')", "GRU", ("state/h",)),
    ],
)
def test_that_the_layer_stays_in_its_fixed_points_and_differences_give_their_eigenvalues(
    stand: Stand, long_series: Any, expression: str, kind: str, names: tuple[str, ...]
) -> None:
    standing = stand(model(expression), plan(planned("memory", kind)))
    arrays, _ = ask(looked_at(standing, long_series), "fixed_points", *names, input=1)
    assert len(arrays["state"]) >= 1
    layer = standing.layer("memory")
    width = arrays["state"].shape[1]
    for number, point in enumerate(arrays["state"]):
        states = numpy.split(point[None], len(names), axis=1)
        equal(numpy.concatenate(stepped(layer, states, arrays["input"]), axis=1)[0], point, 1e-4)
        pushes = numpy.eye(width, dtype="float32") * 1e-2
        ends = [
            numpy.concatenate(
                stepped(layer, numpy.split(point + sign * pushes, len(names), axis=1), arrays["input"]),
                axis=1,
            )
            for sign in (1, -1)
        ]
        jacobian = (ends[0] - ends[1]).T / 2e-2
        expected = numpy.abs(numpy.linalg.eigvals(jacobian.astype("float64"))).max()
        assert arrays["largest"][number] == pytest.approx(expected, rel=2e-3)
        assert (arrays["unstable"][number] == 0) == (expected < 1)


def test_that_stacks_and_directions_have_fixed_points_of_their_own(stand: Stand, long_series: Any) -> None:
    stack = planned(
        "memory",
        "RNN",
        planned("cells", "StackedRNNCells", planned("a", "GRUCell"), planned("b", "LSTMCell")),
    )
    source = model(
        "layers.RNN(layers.StackedRNNCells([layers.GRUCell(2), layers.LSTMCell(3)]), name='memory')"
    )
    standing = stand(source, plan(stack))
    subject = looked_at(standing, long_series)
    whole, _ = ask(subject, "fixed_points", "cell_0/state/h", "cell_1/state/h", "cell_1/state/c")
    assert whole["eigenvalues"].shape[1:] == (8, 2)
    part, _ = ask(subject, "fixed_points", "cell_1/state/c")
    equal(part["state"], whole["state"][:, 5:])
    parts = numpy.split(whole["state"], [2, 5], axis=1)
    after = stepped(standing.layer("memory"), [[parts[0]], parts[1:]], whole["input"])
    equal(numpy.concatenate(after, axis=1), whole["state"], 1e-4)

    both = planned("memory", "Bidirectional", planned("inner", "SimpleRNN"))
    source = model("layers.Bidirectional(layers.SimpleRNN(3), name='memory')")
    standing = stand(source, plan(both))
    subject = looked_at(standing, long_series)
    for side in ("forward", "backward"):
        arrays, _ = ask(subject, "fixed_points", f"{side}/state/h", input=1)
        layer = standing.layer(f"memory/{side}")
        equal(stepped(layer, [arrays["state"]], arrays["input"])[0], arrays["state"], 1e-4)
    with pytest.raises(Refused, match="one recurrent layer, in one direction"):
        ask(subject, "fixed_points", "forward/state/h", "backward/state/h")


def test_that_the_search_can_be_stopped_and_tells_how_far_it_is(lstm: Standing, long_series: Any) -> None:
    class StoppedError(Exception):
        pass

    calls: list[int] = []

    def checkpoint() -> None:
        calls.append(1)
        if len(calls) == 3:
            raise StoppedError

    told: list[tuple[float | None, str]] = []
    subject = replace(
        looked_at(lstm, long_series), checkpoint=checkpoint, tell=lambda *each: told.append(each)
    )
    with pytest.raises(StoppedError):
        ask(subject, "fixed_points", "state/h")
    assert len(calls) == 3
    assert told[0] == (0.0, "Looking for fixed points")
    assert "downhill" in told[-1][1]


def test_that_a_step_outside_of_the_samples_is_refused(lstm: Standing, long_series: Any) -> None:
    with pytest.raises(Refused, match="Received step 30 of sample 0; expected a step from 0 to 29"):
        ask(looked_at(lstm, long_series), "fixed_points", "state/h", input=2, step=30)
