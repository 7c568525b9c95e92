"""Constant initial states of frames: as large as the frames that the layer gives out."""

import pytest

from rnn_designer.catalog import FrozenMap
from rnn_designer.codegen import generate
from rnn_designer.design import Design, Layer, Link, check


@pytest.mark.parametrize("sequences", [False, True])
@pytest.mark.parametrize("wrapped", [False, True])
def test_that_frames_begin_as_large_as_the_layers_own(sequences: bool, wrapped: bool) -> None:
    params = FrozenMap(filters=3, kernel_size=2, return_sequences=sequences)
    start = FrozenMap(initial_state=(0.25,) * (4 if wrapped else 2))
    inner = Layer("conv", "ConvLSTM1D", "conv", params)
    layer = Layer("memory", "Bidirectional", "memory", start, children=(inner,))
    if not wrapped:
        layer = Layer("memory", "ConvLSTM1D", "memory", FrozenMap({**params, **start}))
    frames = Layer("frames", "Input", "frames", FrozenMap(shape=(None, 6, 2)))
    text = generate(check(Design(layers=(frames, layer), links=(Link("frames", "memory"),)))).text
    assert text.count("constant_frames(x, (5, 3), 0.25)") + text.count(
        "constant_frames(frames, (5, 3), 0.25)"
    ) == (4 if wrapped else 2)
