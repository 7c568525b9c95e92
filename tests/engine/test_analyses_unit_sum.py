"""The sums behind a step, term by term, against the numbers of the trace and algebra in float64."""

from __future__ import annotations

from typing import Any

import numpy
import pytest
import rnn_matrix
import rnn_oracles
from cells_oracle import cells_in
from rnn_matrix import DIRECTIONS, STARTS, STRUCTURES, Variant, model_of
from standing_models import FEATURES, MASKED, Stand, Standing, equal, planned, program, side_by_side

from rnn_designer.engine.analyses import Subject, analyse
from rnn_designer.engine.failures import Refused
from rnn_designer.messages import Analyse, Trace

GATES = {
    "SimpleRNNCell": ("hidden",),
    "LSTMCell": ("input", "forget", "candidate", "output"),
    "GRUCell": ("update", "reset", "candidate"),
}


def looked_at(standing: Standing, inputs: Any, **more: Any) -> Subject:
    arrays = standing.tracer.run(inputs)
    return Subject(
        standing.built, inputs, Trace(1, arrays, standing.tracer.layers, 0.0, **more), lambda: None
    )


def ask(subject: Subject, kind: str, layer_id: str, **options: float) -> Any:
    return analyse(subject, Analyse(1, kind, layer_id, options))


def check_unit(
    subject: Subject, layer_id: str, cell: Any, path: str, sample: int, unit: int, backward: int
) -> dict[str, Any]:
    """Every number of one unit, against the trace and against the terms' own sum."""
    found, facts = ask(subject, "unit_sum", layer_id, unit=unit, sample=sample, backward=backward)
    kind, arrays = type(cell).__name__, subject.trace.arrays
    assert facts["kind"] == kind
    held = found["held"].astype(bool)
    shown = ~held
    for number, gate in enumerate(GATES[kind]):
        name = "state/h" if gate == "hidden" else f"gate/{gate}"
        equal(found["gates"][shown, number], arrays[f"{path}{name}"][sample, shown, unit])
    assert numpy.isnan(found["gates"][held]).all()
    assert numpy.isnan(found["terms"][held]).all()
    x, hidden = found["inputs"].astype("float64"), found["hidden"].astype("float64")
    kernel = numpy.asarray(cell.kernel, "float64")
    recurrent = numpy.asarray(cell.recurrent_kernel, "float64")
    for number, gate in enumerate(GATES[kind]):
        column = number * cell.units + unit
        by_input, by_state, bias, second = found["terms"][shown, number].T
        equal(by_input, sum(x[shown, each] * kernel[each, column] for each in range(x.shape[1])))
        state, reset = hidden, 1.0
        if kind == "GRUCell" and gate == "candidate" and cell.reset_after:
            reset = arrays[f"{path}gate/reset"][sample, shown, unit].astype("float64")
        elif kind == "GRUCell" and gate == "candidate":
            state = hidden * arrays[f"{path}gate/reset"][sample]
        equal(by_state, sum(state[shown, each] * recurrent[each, column] for each in range(cell.units)))
        equal(found["sums"][shown, number], by_input + bias + reset * (by_state + second))
    before, after = found["before"][shown].T, found["after"][shown].T
    gates = found["gates"][shown].T
    if kind == "LSTMCell":
        i, f, g, o = gates
        equal(after[1], f * before[1] + i * g)
        equal(after[0], o * found["squashed"][shown])
    elif kind == "GRUCell":
        z, _, candidate = gates
        equal(after[0], z * before[0] + (1 - z) * candidate)
    else:
        equal(after[0], gates[0])
    equal(found["after"][held], found["before"][held])
    return dict(found)


CASES = [(each, "random") for each in STRUCTURES] + [
    (STRUCTURES[1], mask) for mask in ("none", "left", "all")
]
"""Every structure with steps masked in the middle; other masks are no matter of what is in a layer."""


@pytest.mark.parametrize(("structure", "mask"), CASES, ids=[f"{each.name}-{mask}" for each, mask in CASES])
def test_that_the_terms_of_every_cell_make_the_traced_gates_and_states(
    stand: Stand, structure: Any, mask: str
) -> None:
    variants = tuple(
        Variant(structure, direction, start, bool(number % 2), False)
        for number, (direction, start) in enumerate(
            (direction, start) for direction in DIRECTIONS[:3] for start in STARTS
        )
    )
    standing = stand(*model_of(variants, masked=mask != "none", distributed=False))
    samples, shown = rnn_matrix.series(mask, False)
    given = {"series": samples, **rnn_matrix.starts()}
    subject = looked_at(standing, {tensor.name: given[tensor.name] for tensor in standing.model.inputs})
    checked = 0
    for n, variant in enumerate(variants):
        for side in ("forward", "backward") if variant.both else ("",):
            layer = standing.layer(f"l{n}/{side}".rstrip("/"))
            start = variant.states(len(samples), given, side or "forward")
            flat = iter(start) if start is not None else None
            path = f"l{n}/{side}/" if side else f"l{n}/"
            backwards = (side == "backward") != (variant.direction == "backwards")
            for inner, cell in cells_in(layer.cell):
                sizes = [cell.state_size] if isinstance(cell.state_size, int) else cell.state_size
                begin = [next(flat)[1] if flat is not None else numpy.zeros(size) for size in sizes]
                own = next(
                    place.planned.id
                    for place in reversed(standing.built.placed)
                    if place.layer is cell or getattr(place.layer, "cell", None) is cell
                )
                backward = int(side == "backward")
                if type(cell).__name__ == "TwoStates":
                    with pytest.raises(Refused, match="stands in its own code"):
                        ask(subject, "unit_sum", own, backward=backward)
                    steps, facts = ask(subject, "cell_steps", own, sample=1, backward=backward)
                    assert facts["kind"] == ""
                    assert set(steps) == {
                        "first",
                        "held",
                        "inputs",
                        "before/fast",
                        "before/slow",
                        "after/fast",
                        "after/slow",
                    }
                    equal(steps["before/slow"][-1 if backwards else 0], begin[1])
                    checked += 1
                    continue
                found = check_unit(subject, own, cell, f"{path}{inner}", 1, cell.units - 1, backward)
                equal(found["before"][-1 if backwards else 0], [each[-1] for each in begin])
                if not inner or inner in ("cell_0/", "cell_0/cell_0/"):
                    # Masking hands zeros on where it masks.
                    counted = numpy.ones(len(samples[1]), bool) if shown is None else shown[1]
                    equal(found["inputs"], samples[1] * counted[:, None])
                expected = numpy.zeros(len(found["held"])) if shown is None else ~shown[1]
                assert numpy.array_equal(found["held"], expected)
                checked += 1
    assert checked == len(structure.cells) * (6 + 2 * 3)


LAYERS = {
    f"{kind}-{'bias' if bias else 'bare'}-{activation}-{number}": (kind, bias, activation, more)
    for kind, mores in {
        "SimpleRNN": ("",),
        "LSTM": ("implementation=1", "implementation=2", "unit_forget_bias=False"),
        "GRU": (
            "reset_after=True, implementation=1",
            "reset_after=True, implementation=2",
            "reset_after=False, implementation=1",
            "reset_after=False, implementation=2",
        ),
    }.items()
    for number, more in enumerate(mores)
    for bias in (True, False)
    for activation in ("tanh", "relu", "softmax", "elu", "linear", "hard_sigmoid")
}


def test_that_every_activation_form_and_bias_is_taken_apart_as_the_layer_computes(stand: Stand) -> None:
    layers = {}
    for number, (kind, bias, activation, more) in enumerate(LAYERS.values()):
        recurrent = ""
        if kind != "SimpleRNN":
            recurrent = f"recurrent_activation={('sigmoid', 'hard_sigmoid')[number % 2]!r}, "
        source = (
            f"layers.{kind}(4, activation={activation!r}, {recurrent}use_bias={bias}, "
            f"bias_initializer='glorot_uniform', return_sequences=True, name='l{number}'"
        )
        if not bias:
            source = source.replace("bias_initializer='glorot_uniform', ", "")
        source += f", {more})" if more else ")"
        layers[f"l{number}"] = (source, planned(f"l{number}", kind))
    source, plan = side_by_side(layers, masked=False)
    standing = stand(source, plan)
    values = numpy.random.default_rng(5).normal(size=(3, 7, FEATURES)).astype("float32")
    subject = looked_at(standing, {"series": values})
    for name in layers:
        cell = standing.layer(name).cell
        found = check_unit(subject, f"#{name}", cell, f"{name}/", 2, 1, 0)
        x, h = values[2], found["hidden"]
        if "softmax" in cell.activation.__name__:
            continue
        match type(cell).__name__:
            case "LSTMCell":
                steps, _ = ask(subject, "cell_steps", f"#{name}", sample=2)
                made = rnn_oracles.lstm(standing.layer(name), x, h, steps["before/c"])
                equal(found["after"][:, 1], made["state/c"][:, 1])
                equal(steps["gate/candidate"], made["gate/candidate"])
            case "GRUCell":
                made = rnn_oracles.gru(standing.layer(name), x, h)
            case _:
                made = rnn_oracles.simple(standing.layer(name), x, h)
        equal(found["after"][:, 0], made["state/h"][:, 1])


def test_that_what_a_layer_is_given_is_found_behind_other_layers_and_shared_calls(stand: Stand) -> None:
    source = program(
        [
            "series = keras.Input((None, 3), name='series')",
            "wide = layers.Dense(5, activation='tanh', name='wide')(series)",
            "memory = layers.GRU(5, return_sequences=True, return_state=True, name='memory')",
            "first, state = memory(wide)",
            "again, last = memory(first, initial_state=state)",
            "half = layers.LSTM(2, name='half')(again * 0.5)",
            "return keras.Model(series, [half, last])",
        ]
    )
    plan = (
        planned("series", "Input"),
        planned("wide", "Dense"),
        planned("memory", "GRU"),
        type(planned("again", "GRU"))("#again", "again", "GRU", (), "#memory"),
        planned("half", "LSTM"),
    )
    standing = stand(source, plan)
    values = numpy.random.default_rng(5).normal(size=(2, 6, 3)).astype("float32")
    subject = looked_at(standing, {"series": values})
    arrays = subject.trace.arrays
    cell = standing.layer("memory").cell
    found = check_unit(subject, "#memory", cell, "memory/", 1, 4, 0)
    equal(found["inputs"], arrays["wide/result"][1])
    found = check_unit(subject, "#again", cell, "memory#2/", 1, 4, 0)
    equal(found["inputs"], arrays["memory/output"][1])
    equal(found["hidden"][0], arrays["memory/state/h"][1, -1])
    found = check_unit(subject, "#half", standing.layer("half").cell, "half/", 0, 1, 0)
    equal(found["inputs"], 0.5 * arrays["memory#2/output"][0])


def test_that_a_stateful_layer_starts_from_the_states_that_it_kept(stand: Stand) -> None:
    source = program(
        [
            "series = keras.Input((4, 3), batch_size=2, name='series')",
            "return keras.Model(series, layers.LSTM(3, stateful=True, name='memory')(series))",
        ]
    )
    standing = stand(source, (planned("series", "Input"), planned("memory", "LSTM")))
    layer = standing.layer("memory")
    for number, state in enumerate(layer.states):
        state.assign(numpy.full((2, 3), 0.3 - number, "float32"))
    subject = looked_at(standing, {"series": numpy.ones((2, 4, 3), "float32")})
    found = check_unit(subject, "#memory", layer.cell, "memory/", 1, 2, 0)
    equal(found["before"][0], [0.3, -0.7])


def test_that_only_the_steps_asked_for_come_back(stand: Stand) -> None:
    source, plan = side_by_side({"a": ("layers.LSTM(4, name='a')", planned("a", "LSTM"))}, masked=True)
    values = numpy.random.default_rng(2).normal(size=(2, 9, FEATURES)).astype("float32")
    values[0, 4] = MASKED
    subject = looked_at(stand(source, plan), {"series": values})
    whole, _ = ask(subject, "cell_steps", "#a")
    part, _ = ask(subject, "cell_steps", "#a", first=3, count=4)
    assert part["first"].tolist() == [3]
    assert part["held"].tolist() == [0, 1, 0, 0]
    for name, array in part.items():
        if name != "first":
            assert numpy.array_equal(array, whole[name][3:7], equal_nan=True)
    last, _ = ask(subject, "unit_sum", "#a", first=99, count=4)
    assert last["first"].tolist() == [8]
    assert len(last["held"]) == 1


def test_that_what_cannot_be_taken_apart_is_refused_with_what_to_do(stand: Stand) -> None:
    source, plan = side_by_side(
        {
            "memory": ("layers.LSTM(4, dropout=0.5, name='memory')", planned("memory", "LSTM")),
            "out": ("layers.Dense(2, name='out')", planned("out", "Dense")),
            "both": (
                "layers.Bidirectional(layers.GRU(2, name='inner'), name='both')",
                planned("both", "Bidirectional", planned("inner", "GRU")),
            ),
        },
        masked=False,
    )
    standing = stand(source, plan)
    values = numpy.zeros((1, 3, FEATURES), "float32")
    subject = looked_at(standing, {"series": values})
    for layer_id, options, said in (
        ("#nobody", {}, "Run the design again"),
        ("#out", {}, "takes no steps in time"),
        ("#memory", {"unit": 4}, "no unit 4"),
        ("#memory", {"sample": 1}, "no sample 1"),
    ):
        with pytest.raises(Refused, match=said):
            ask(subject, "unit_sum", layer_id, **options)
    with pytest.raises(Refused, match="as in prediction"):
        ask(looked_at(standing, {"series": values}, training=True), "unit_sum", "#memory")


def test_that_a_layer_in_time_distributed_and_a_conv_lstm_say_why_not(stand: Stand) -> None:
    source = program(
        [
            "series = keras.Input((2, 4, 3), name='series')",
            "each = layers.TimeDistributed(layers.GRU(2, name='inner'), name='each')(series)",
            "frames = layers.ConvLSTM1D(2, 3, padding='same', name='frames')(series)",
            "return keras.Model(series, [each, frames])",
        ]
    )
    plan = (
        planned("series", "Input"),
        planned("each", "TimeDistributed", planned("inner", "GRU")),
        planned("frames", "ConvLSTM1D"),
    )
    values = numpy.random.default_rng(2).normal(size=(2, 2, 4, 3)).astype("float32")
    subject = looked_at(stand(source, plan), {"series": values})
    with pytest.raises(Refused, match="Inside a TimeDistributed"):
        ask(subject, "unit_sum", "#inner")
    with pytest.raises(Refused, match="neighbourhood of each place"):
        ask(subject, "unit_sum", "#frames")
    steps, facts = ask(subject, "cell_steps", "#frames", sample=1)
    assert facts["kind"] == "ConvLSTMCell"
    equal(steps["inputs"], values[1].reshape(2, -1))
    equal(steps["before/c"][1], subject.trace.arrays["frames/state/c"][1, 0].ravel())
    equal(steps["before/h"][0], numpy.zeros(8))
