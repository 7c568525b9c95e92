"""Layers that read frames: their trace against an eager loop over the cell, and the gates against the algebra."""

from __future__ import annotations

import itertools
from typing import Any

import numpy
import pytest
from rnn_oracles import cell_loop, previous_states
from standing_models import Stand, Standing, equal, planned, program

BATCH, STEPS = 3, 4
SIZES = {"ConvLSTM1D": (5, 2), "ConvLSTM2D": (4, 3, 2), "ConvLSTM3D": (3, 2, 3, 2)}


CASES = [
    ("ConvLSTM1D", False),
    ("ConvLSTM1D", True),
    ("ConvLSTM2D", False),
    ("ConvLSTM2D", True),
    ("ConvLSTM3D", True),
]


def source_of(kind: str, masked: bool) -> tuple[str, list[str]]:
    """A model with the layer in every combination of its flags, and the layers' names."""
    lines = [f"frames = keras.Input((None, {', '.join(map(str, SIZES[kind]))}), name='frames')", "x = frames"]
    if masked:
        lines += ["keep = keras.Input((None,), dtype='bool', name='keep')"]
    names = []
    flags = itertools.product((False, True), repeat=3)
    for number, (sequences, backwards, zero) in enumerate(flags):
        layout = "channels_first" if number == 5 else "channels_last"
        mask = ", mask=keep" if masked else ""
        lines.append(
            f"l{number} = layers.{kind}(3, 2, padding={'same' if number % 2 else 'valid'!r}, "
            f"return_sequences={sequences}, go_backwards={backwards}, zero_output_for_mask={zero}, "
            f"return_state={number % 3 == 0}, data_format={layout!r}, bias_initializer='random_normal', "
            f"name='l{number}')(x{mask})"
        )
        names.append(f"l{number}")
    inputs = "[frames, keep]" if masked else "frames"
    lines.append(f"return keras.Model({inputs}, keras.tree.flatten([{', '.join(names)}]))")
    return program(lines), names


@pytest.fixture(scope="module", params=CASES, ids=str)
def traced(request: pytest.FixtureRequest, stand: Stand) -> tuple[Standing, dict[str, Any], Any, Any]:
    kind, masked = request.param
    source, names = source_of(kind, masked)
    plan = [planned("frames", "Input"), *(planned(name, kind) for name in names)]
    if masked:
        plan.insert(1, planned("keep", "Input"))
    standing = stand(source, tuple(plan))
    random = numpy.random.default_rng(4)
    frames = random.normal(size=(BATCH, STEPS, *SIZES[kind])).astype("float32")
    mask = None
    inputs = {"frames": frames}
    if masked:
        mask = numpy.array([[1, 1, 0, 0], [0, 1, 0, 1], [0, 0, 0, 0]], bool)
        inputs["keep"] = mask
    return standing, standing.tracer.run(inputs), frames, mask


def test_that_states_of_frames_are_those_of_an_eager_loop_over_the_cell(traced: Any) -> None:
    standing, arrays, frames, mask = traced
    for place in standing.built.placed:
        for name, expected in cell_loop(place.layer, frames, mask).items():
            equal(arrays[f"{place.path}/{name}"], expected)


def test_that_results_of_frames_are_keras_own(traced: Any) -> None:
    standing, arrays, frames, mask = traced
    given = [frames] if mask is None else [frames, mask]
    own = iter(standing.built.model(given if len(given) > 1 else frames, training=False))
    for place in standing.built.placed:
        several = place.layer.return_state
        for key in [f"result/{number}" for number in range(3)] if several else ["result"]:
            assert numpy.array_equal(arrays[f"{place.path}/{key}"], numpy.asarray(next(own)))


def test_that_gates_of_frames_are_those_of_the_cells_algebra(traced: Any) -> None:
    import keras

    standing, arrays, frames, mask = traced
    shown = numpy.ones(frames.shape[:2], bool) if mask is None else mask
    for place in standing.built.placed:
        cell, path = place.layer.cell, place.path
        before = [previous_states(arrays[f"{path}/state/{n}"], place.layer.go_backwards) for n in "hc"]
        channels = 1 if cell.data_format == "channels_first" else -1
        layout = {"data_format": cell.data_format}
        for step in range(STEPS):
            sums = keras.ops.conv(frames[:, step], cell.kernel, padding=cell.padding, **layout)
            sums += keras.ops.conv(before[0][:, step], cell.recurrent_kernel, padding="same", **layout)
            if channels == -1:
                sums += cell.bias
            else:
                sums += keras.ops.reshape(cell.bias, (-1, *(1 for _ in range(cell.rank))))
            i, f, g, o = numpy.split(numpy.asarray(sums, "float64"), 4, axis=channels)
            i, f, g, o = (
                1 / (1 + numpy.exp(-i)),
                1 / (1 + numpy.exp(-f)),
                numpy.tanh(g),
                1 / (1 + numpy.exp(-o)),
            )
            c = f * before[1][:, step] + i * g
            expected = {"gate/input": i, "gate/forget": f, "gate/candidate": g, "gate/output": o}
            expected |= {"state/c": c, "state/h": o * numpy.tanh(c)}
            for name, values in expected.items():
                equal(arrays[f"{path}/{name}"][:, step][shown[:, step]], values[shown[:, step]])
