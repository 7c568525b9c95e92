"""Gradients through time against finite differences of an own loop over Keras' cells."""

from __future__ import annotations

import importlib
from typing import Any

import keras
import numpy
import pytest
from rnn_matrix import TWO_STATES
from standing_models import MASKED, Stand, planned

from rnn_designer.engine.analyses import Subject, analyse
from rnn_designer.engine.failures import Refused
from rnn_designer.messages import Analyse, PlannedLayer, Trace

STEPS, FEATURES, SAMPLE = 6, 3, 1
SMALL = 1e-5
OWN_OUTPUT = '''
class Leaky(layers.Layer):
    """Its output is its state, the very tensor."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = self.state_size = units

    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units), name="kernel")
        self.across = self.add_weight(shape=(self.units, self.units), name="across")

    def call(self, inputs, states):
        drive = keras.ops.matmul(inputs, self.kernel) + keras.ops.matmul(states[0], self.across)
        new = 0.6 * states[0] + 0.4 * keras.ops.tanh(drive)
        return new, [new]
'''
WIDE = "dtype='float64'"
STACK = (
    f"layers.StackedRNNCells([layers.LSTMCell(4, {WIDE}, name='a'), layers.StackedRNNCells("
    f"[layers.GRUCell(3, {WIDE}, name='b'), layers.SimpleRNNCell(2, {WIDE}, name='c')], {WIDE}, "
    f"name='t')], {WIDE}, name='s')"
)
STACK_PLAN = planned(
    "s",
    "StackedRNNCells",
    planned("a", "LSTMCell"),
    planned("t", "StackedRNNCells", planned("b", "GRUCell"), planned("c", "SimpleRNNCell")),
)
KINDS: dict[str, tuple[str, PlannedLayer]] = {
    "SimpleRNN": (f"layers.SimpleRNN(4, {WIDE}, name='m')", planned("m", "SimpleRNN")),
    "LSTM": (f"layers.LSTM(4, {WIDE}, name='m')", planned("m", "LSTM")),
    "GRU": (f"layers.GRU(4, {WIDE}, name='m')", planned("m", "GRU")),
    "GRU before": (f"layers.GRU(4, reset_after=False, {WIDE}, name='m')", planned("m", "GRU")),
    "LSTMCell": (
        f"layers.RNN(layers.LSTMCell(4, {WIDE}, name='a'), {WIDE}, name='m')",
        planned("m", "RNN", planned("a", "LSTMCell")),
    ),
    "TwoStates": (
        f"layers.RNN(TwoStates(4, {WIDE}, name='a'), {WIDE}, name='m')",
        planned("m", "RNN", planned("a", "CustomCell")),
    ),
    "Leaky": (
        f"layers.RNN(Leaky(4, {WIDE}, name='a'), {WIDE}, name='m')",
        planned("m", "RNN", planned("a", "CustomCell")),
    ),
    "stack": (f"layers.RNN({STACK}, {WIDE}, name='m')", planned("m", "RNN", STACK_PLAN)),
}
SERIES = planned("series", "Input")
SHOWN = numpy.array([False, True, True, False, True, True])


def values(masked: bool = False, batch: int = 3, steps: int = STEPS) -> Any:
    found = numpy.random.default_rng(5).normal(size=(batch, steps, FEATURES)).astype("float32")
    if masked:
        found[:, ~SHOWN] = MASKED
    return found


def program(expression: str, *, masked: bool = False, before: str = "", shape: str = "(None, 3)") -> str:
    mask = f"layers.Masking({MASKED}, {WIDE}, name='masking')(x)" if masked else "x"
    return (
        f"import keras\nfrom keras import layers\n{TWO_STATES}\n{OWN_OUTPUT}\n\ndef build_model():\n{before}"
        f"    x = keras.Input({shape}, name='series', {WIDE})\n    masked = {mask}\n"
        f"    return keras.Model(x, {expression}{'' if expression.endswith(')(masked)') else '(masked)'})\n"
    )


def subject(stand: Stand, source: str, plan: tuple[PlannedLayer, ...], given: Any, seed: int = 1) -> Subject:
    standing = stand(source, plan, seed=seed)
    inputs = {"series": given}
    arrays = standing.tracer.run(inputs)
    return Subject(standing.built, inputs, Trace(1, arrays, standing.tracer.layers, 0.0), lambda: None)


def looked_at(stand: Stand, kind: str, *, masked: bool = False, backwards: bool = False) -> Subject:
    expression, layer = KINDS[kind]
    if backwards:
        expression = f"{expression[:-1]}, go_backwards=True)"
    plan = (SERIES, *([planned("masking", "Masking")] if masked else []), layer)
    return subject(stand, program(expression, masked=masked), plan, values(masked))


def ask(looked: Subject, layer: str = "#m", **options: float) -> tuple[Any, Any]:
    return analyse(looked, Analyse(1, "gradients", layer, {"sample": SAMPLE, **options}))


def keras_layer(looked: Subject, path: str = "m") -> Any:
    return next(place.layer for place in looked.built.placed if place.path == path)


class Loop:
    """An eager loop over a layer's cell whose inputs and states can be pushed; many pushes side by side."""

    def __init__(self, layer: Any, sequence: Any, shown: Any = None, initial: Any = None) -> None:
        self.layer = layer
        self.sequence = numpy.asarray(sequence, "float64")
        self.steps = len(sequence)
        self.shown = numpy.ones(self.steps, bool) if shown is None else shown
        sizes = keras.tree.flatten(layer.cell.state_size)
        self.initial = [numpy.zeros(size) for size in sizes] if initial is None else initial
        self.order = list(range(self.steps))[:: -1 if layer.go_backwards else 1]
        self.nested = keras.tree.map_structure(
            lambda _: 0,
            layer.cell.state_size
            if isinstance(layer.cell.state_size, list | tuple)
            else [layer.cell.state_size],
        )

    def run(self, pushes: Any = None, at: int = -1, state: int | None = None) -> tuple[Any, list[list[Any]]]:
        """Outputs and states after every step, ``(pushes, …)``; pushes are added to the input or a state at a step."""
        count = 1 if pushes is None else len(pushes)
        states = [numpy.repeat(each[None], count, 0) for each in self.initial]
        outputs, after = [None] * self.steps, [[] for _ in range(self.steps)]
        output = None
        for step in self.order:
            arriving = numpy.repeat(self.sequence[step][None], count, 0)
            if step == at and state is None:
                arriving = arriving + pushes
            if self.shown[step]:
                output, new = self.layer.cell(arriving, keras.tree.pack_sequence_as(self.nested, states))
                output, states = numpy.asarray(output), [numpy.asarray(s) for s in keras.tree.flatten(new)]
            if step == at and state is not None:
                states = [each + pushes if k == state else each for k, each in enumerate(states)]
            outputs[step], after[step] = output, states
        return outputs, after

    def jacobian(self, at: int, state: int | None, target: Any) -> Any:
        """``(units of the target, what is pushed)`` by central differences."""
        width = self.sequence.shape[1] if state is None else len(self.initial[state])
        pushes = numpy.concatenate([numpy.eye(width), -numpy.eye(width)]) * SMALL
        found = target(*self.run(pushes, at, state))
        return ((found[:width] - found[width:]) / (2 * SMALL)).T


def names_of(arrays: Any) -> list[str]:
    return [name for name in arrays if "state/" in name]


def compare(looked: Subject, step: int, arrays: Any, loop: Loop, state: int, exact: list[int | None]) -> None:
    """Every map, norm and edge, against the loop's differences of its state number ``state`` at ``step``."""
    last = loop.order.index(step)
    for name, pushed in zip(["input", *names_of(arrays)], exact, strict=True):
        short = name.removeprefix("state/").replace("/state/", "/")
        for position, at in enumerate(loop.order):
            if position > last:
                assert numpy.isnan(arrays[name][at]).all()
                assert numpy.isnan(arrays[f"norm/{short}"][at])
                continue
            differences = loop.jacobian(at, pushed, lambda _, after: after[step][state])
            expected = numpy.sqrt((differences**2).sum(axis=0))
            assert arrays[name][at] == pytest.approx(expected, rel=2e-4, abs=1e-6)
            assert arrays[f"norm/{short}"][at] == pytest.approx(
                numpy.sqrt((differences**2).sum()), rel=2e-4, abs=1e-6
            )


@pytest.mark.parametrize("backwards", [False, True], ids=["forward", "backwards"])
@pytest.mark.parametrize("masked", [False, True], ids=["plain", "masked"])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("TwoStates", "stack")])
def test_that_gradients_are_those_of_finite_differences(
    stand: Stand, kind: str, masked: bool, backwards: bool
) -> None:
    looked = looked_at(stand, kind, masked=masked, backwards=backwards)
    loop = Loop(keras_layer(looked), values(masked)[SAMPLE], SHOWN if masked else None)
    states = [None, *range(len(loop.initial))]
    for step in (loop.order[-1], loop.order[3]):
        arrays, facts = ask(looked, step=step)
        assert facts["method"] == "exact"
        assert facts["target"] == ("state/0" if kind == "Leaky" else "state/h")
        assert (arrays["step"], arrays["backwards"]) == (step, backwards)
        compare(looked, step, arrays, loop, 0, states)


def test_that_a_stack_is_followed_through_all_of_its_cells(stand: Stand) -> None:
    looked = looked_at(stand, "stack", masked=True)
    loop = Loop(keras_layer(looked), values(True)[SAMPLE], SHOWN)
    arrays, facts = ask(looked)
    assert facts["target"] == "cell_1/cell_1/state/h"
    assert names_of(arrays) == [
        "cell_0/state/h",
        "cell_0/state/c",
        "cell_1/cell_0/state/h",
        "cell_1/cell_1/state/h",
    ]
    compare(looked, STEPS - 1, arrays, loop, 3, [None, 0, 1, 2, 3])
    below, facts = ask(looked, "#a")
    assert facts["target"] == "state/h"
    assert names_of(below) == ["state/h", "state/c"]
    compare(looked, STEPS - 1, below, loop, 0, [None, 0, 1])
    inner, _ = ask(looked, "#t")
    assert names_of(inner) == ["cell_0/state/h", "cell_1/state/h"]
    compare(looked, STEPS - 1, inner, loop, 3, [None, 2, 3])


@pytest.mark.parametrize("masked", [False, True], ids=["plain", "masked"])
def test_that_an_output_that_is_no_state_is_followed_from_where_it_leaves_the_cell(
    stand: Stand, masked: bool
) -> None:
    looked = looked_at(stand, "TwoStates", masked=masked)
    loop = Loop(keras_layer(looked), values(masked)[SAMPLE], SHOWN if masked else None)
    for step, left in ((5, 5), (3, 2 if masked else 3)):
        arrays, facts = ask(looked, step=step)
        assert facts["target"] == "output"
        for name, state in (("input", None), ("state/fast", 0), ("state/slow", 1)):
            for at in range(step + 1):
                if at >= left and state is not None:
                    assert numpy.isnan(arrays[name][at]).all()
                    continue
                differences = loop.jacobian(at, state, lambda outputs, _, step=step: outputs[step])
                expected = numpy.sqrt((differences**2).sum(axis=0))
                assert arrays[name][at] == pytest.approx(expected, rel=2e-4, abs=1e-6)


def test_that_one_unit_keeps_the_sign_of_its_gradients(stand: Stand) -> None:
    looked = looked_at(stand, "LSTM")
    loop = Loop(keras_layer(looked), values()[SAMPLE])
    arrays, _ = ask(looked, step=4, unit=2)
    assert arrays["signed"] == 1
    for name, state in (("input", None), ("state/h", 0), ("state/c", 1)):
        for at in range(5):
            differences = loop.jacobian(at, state, lambda _, after: after[4][0])
            assert arrays[name][at] == pytest.approx(differences[2], rel=2e-4, abs=1e-6)
    assert (arrays["input"] < 0).any()
    assert numpy.array_equal(arrays["state/h"][4], [0, 0, 1, 0])


@pytest.mark.parametrize("own", [False, True], ids=["mirrored", "of its own"])
def test_that_each_side_of_a_bidirectional_is_followed_in_its_own_direction(stand: Stand, own: bool) -> None:
    backward = f", backward_layer=layers.GRU(3, go_backwards=True, {WIDE}, name='b')" if own else ""
    inner = [planned("f", "LSTM"), *([planned("b", "GRU")] if own else [])]
    source = program(f"layers.Bidirectional(layers.LSTM(4, {WIDE}, name='f'){backward}, {WIDE}, name='m')")
    looked = subject(stand, source, (SERIES, planned("m", "Bidirectional", *inner)), values())
    for side, layer, options in (
        ("forward", "#f", {}),
        ("backward", "#b" if own else "#f", {} if own else {"backward": 1}),
    ):
        loop = Loop(keras_layer(looked, f"m/{side}"), values()[SAMPLE])
        arrays, _ = ask(looked, layer, step=2, **options)
        compare(looked, 2, arrays, loop, 0, [None, *range(len(loop.initial))])
        assert ask(looked, layer, **options)[0]["step"] == (0 if side == "backward" else STEPS - 1)
    with pytest.raises(Refused, match="carries no state"):
        ask(looked, "#m")


def test_that_states_that_the_layer_begins_with_are_those_of_the_sample(stand: Stand) -> None:
    before = (
        f"    x = keras.Input((None, 3), name='series', {WIDE})\n"
        f"    start = layers.Dense(4, {WIDE}, name='start')(x[:, 0])\n"
        f"    out = layers.GRU(4, {WIDE}, name='m')(x, initial_state=[start])\n    return keras.Model(x, out)\n"
    )
    source = program("x", before=before)
    looked = subject(stand, source, (SERIES, planned("start", "Dense"), planned("m", "GRU")), values())
    start = numpy.asarray(keras_layer(looked, "start")(values()[:, 0]))[SAMPLE].astype("float64")
    loop = Loop(keras_layer(looked), values()[SAMPLE], initial=[start])
    arrays, _ = ask(looked)
    compare(looked, STEPS - 1, arrays, loop, 0, [None, 0])

    def ended(initial: Any) -> Any:
        return Loop(loop.layer, values()[SAMPLE], initial=[initial]).run()[1][-1][0][0]

    columns = [
        (ended(start + SMALL * each) - ended(start - SMALL * each)) / (2 * SMALL) for each in numpy.eye(4)
    ]
    assert arrays["initial/h"] == pytest.approx(numpy.linalg.norm(columns), rel=1e-4)


def test_that_each_call_of_a_shared_layer_is_followed_by_itself(stand: Stand) -> None:
    before = (
        f"    x = keras.Input((None, 3), name='series', {WIDE})\n"
        f"    m = layers.SimpleRNN(3, return_sequences=True, {WIDE}, name='m')\n"
        f"    out = m(m(x))\n    return keras.Model(x, out)\n"
    )
    plan = (SERIES, planned("m", "SimpleRNN"), PlannedLayer("#n", "n", "SimpleRNN", (), "#m"))
    looked = subject(stand, program("x", before=before), plan, values())
    first = looked.trace.arrays["m/output"][SAMPLE]
    for layer, sequence in (("#m", values()[SAMPLE]), ("#n", first)):
        arrays, _ = ask(looked, layer)
        compare(looked, STEPS - 1, arrays, Loop(keras_layer(looked), sequence), 0, [None, 0])


def test_that_stateful_layers_are_left_as_they_were(stand: Stand) -> None:
    source = program(
        f"layers.LSTM(4, stateful=True, {WIDE}, name='m')(masked)", shape="batch_shape=(3, None, 3)"
    )
    looked = subject(stand, source, (SERIES, planned("m", "LSTM")), values())
    layer = keras_layer(looked)
    kept = [numpy.full((3, 4), 0.3), numpy.full((3, 4), -0.2)]
    for variable, value in zip(layer.states, kept, strict=True):
        variable.assign(value)
    looked = Subject(
        looked.built,
        looked.inputs,
        Trace(2, stand_run(looked), looked.trace.layers, 0.0),
        lambda: None,
    )
    arrays, _ = ask(looked)
    for variable, value in zip(layer.states, kept, strict=True):
        assert numpy.array_equal(variable.numpy(), value)
    loop = Loop(layer, values()[SAMPLE], initial=[each[SAMPLE] for each in kept])
    compare(looked, STEPS - 1, arrays, loop, 0, [None, 0, 1])


def stand_run(looked: Subject) -> Any:
    from rnn_designer.engine.trace import Tracer

    return Tracer(looked.built.model, looked.built.layers, looked.built.placed).run(looked.inputs)


def test_that_random_rows_estimate_what_a_row_for_every_unit_gives(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = program(f"layers.GRU(40, {WIDE}, name='m')")
    looked = subject(stand, source, (SERIES, planned("m", "GRU")), values())
    exact, _ = ask(looked)
    module = importlib.import_module("rnn_designer.engine.analyses.gradients")
    monkeypatch.setattr(module, "EXACT", 8)
    monkeypatch.setattr(module, "DIRECTIONS", 400)
    estimated, facts = ask(looked)
    assert (facts["method"], facts["rows"]) == ("random", "400")
    assert estimated["norm/h"] == pytest.approx(exact["norm/h"], rel=0.15)
    assert estimated["norm/input"] == pytest.approx(exact["norm/input"], rel=0.15)
    one, facts = ask(looked, unit=3)
    assert (facts["method"], facts["rows"], float(one["signed"])) == ("exact", "1", 1.0)


def test_that_a_linear_loop_has_the_slope_of_its_own_factor(stand: Stand) -> None:
    layer = f"layers.SimpleRNN(2, activation='linear', {WIDE}, name='m')"
    for factor in (0.8, 1.25):
        looked = subject(stand, program(layer), (SERIES, planned("m", "SimpleRNN")), values(steps=200))
        looked.built.fill({"#m/recurrent_kernel": factor * numpy.eye(2, dtype="float32")}, 1, lambda: None)
        arrays = stand_run(looked)
        looked = Subject(
            looked.built, looked.inputs, Trace(2, arrays, looked.trace.layers, 0.0), lambda: None
        )
        found, _ = ask(looked)
        intercept, slope = found["fit/h"]
        assert numpy.exp(slope) == pytest.approx(factor, rel=1e-5)
        assert numpy.exp(intercept) == pytest.approx(numpy.sqrt(2), rel=1e-4)
        before = numpy.arange(200)[::-1]
        assert found["norm/h"] == pytest.approx(numpy.sqrt(2) * factor**before, rel=1e-4)


def test_that_a_gradient_that_has_vanished_stays_nothing_to_the_first_step(stand: Stand) -> None:
    layer = f"layers.SimpleRNN(2, {WIDE}, name='m')"
    looked = subject(stand, program(layer), (SERIES, planned("m", "SimpleRNN")), values(steps=300))
    looked.built.fill({"#m/recurrent_kernel": numpy.zeros((2, 2), "float32")}, 1, lambda: None)
    arrays = stand_run(looked)
    looked = Subject(looked.built, looked.inputs, Trace(2, arrays, looked.trace.layers, 0.0), lambda: None)
    found, _ = ask(looked)
    assert found["norm/h"][-1] == pytest.approx(numpy.sqrt(2))
    assert not found["norm/h"][:-1].any()
    assert found["norm/input"][-1] > 0
    assert not found["input"][:-1].any()
    assert found["initial/h"] == 0
    assert numpy.isnan(found["fit/h"]).all()


def test_that_convolutions_are_followed_by_channel(stand: Stand) -> None:
    source = program(
        f"layers.ConvLSTM1D(2, 3, padding='same', {WIDE}, name='m')(masked)", shape="(None, 5, 3)"
    )
    given = numpy.random.default_rng(2).normal(size=(3, 4, 5, 3)).astype("float32")
    looked = subject(stand, source, (SERIES, planned("m", "ConvLSTM1D")), given)
    arrays, facts = ask(looked)
    assert (facts["method"], facts["rows"]) == ("exact", "10")
    layer, width = keras_layer(looked), 15
    pushes = numpy.concatenate([numpy.eye(width), -numpy.eye(width)]).reshape(-1, 5, 3) * SMALL
    for at in range(4):
        states = [numpy.zeros((2 * width, 5, 2))] * 2
        for step in range(4):
            arriving = numpy.repeat(given[SAMPLE, step][None].astype("float64"), 2 * width, 0)
            _, states = layer.cell(arriving + (pushes if step == at else 0), list(states))
        ended = numpy.asarray(states[0]).reshape(2 * width, -1)
        differences = ((ended[:width] - ended[width:]) / (2 * SMALL)).reshape(5, 3, -1)
        assert arrays["input"][at] == pytest.approx(
            numpy.sqrt((differences**2).sum(axis=(0, 2))), rel=1e-3, abs=1e-6
        )
    assert arrays["state/h"].shape == (4, 2)


def test_that_what_cannot_be_followed_is_refused_in_a_sentence(stand: Stand) -> None:
    looked = looked_at(stand, "LSTM")
    for options, words in (({"step": 6}, "step 6"), ({"unit": 4}, "unit 4"), ({"sample": 9}, "sample 9")):
        with pytest.raises(Refused, match=f"Received {words}; expected one from 0 to"):
            ask(looked, **options)
    with pytest.raises(Refused, match="Run the design again"):
        ask(looked, "#nobody")


def test_that_long_work_can_be_stopped_between_two_parts(stand: Stand) -> None:
    looked = subject(
        stand,
        program(f"layers.GRU(4, {WIDE}, name='m')"),
        (SERIES, planned("m", "GRU")),
        values(steps=150),
    )
    called: list[int] = []
    stopping = Subject(looked.built, looked.inputs, looked.trace, lambda: called.append(1))
    ask(stopping)
    assert len(called) == 3
