"""Says when Keras moves: what the recording stands on, and the defects that it works round."""

from __future__ import annotations

from typing import Any

import numpy
import pytest
from standing_models import Stand, planned, side_by_side


def test_that_this_keras_has_the_loop_that_the_recording_stands_on() -> None:
    from rnn_designer.engine import taps

    assert taps.available()


def test_that_a_keras_without_that_loop_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    import keras

    from rnn_designer.engine import taps

    monkeypatch.setattr(keras.layers.RNN, "inner_loop", lambda self, sequences: None)
    assert not taps.available()
    monkeypatch.delattr(keras.layers.RNN, "inner_loop")
    assert not taps.available()


def test_that_a_tracer_without_that_loop_takes_the_public_way(
    monkeypatch: pytest.MonkeyPatch, stand: Stand, series: Any
) -> None:
    from rnn_designer.engine import taps

    source, plan = side_by_side({"g": ("layers.GRU(2, name='g')", planned("g", "GRU"))}, masked=False)
    expected = stand(source, plan).run(series)
    monkeypatch.setattr(taps, "available", lambda: False)
    standing = stand(source, plan)
    arrays = standing.run(series)
    assert not standing.tracer.compiled
    assert numpy.allclose(arrays["g/gate/update"], expected["g/gate/update"], atol=1e-6)


def test_that_hooks_are_gone_after_a_run(stand: Stand, series: Any) -> None:
    layers = {
        "g": ("layers.GRU(2, name='g')", planned("g", "GRU")),
        "td": (
            "layers.TimeDistributed(layers.Dense(2), name='td')",
            planned("td", "TimeDistributed", planned("dense", "Dense")),
        ),
    }
    source, plan = side_by_side(layers, masked=False)
    standing = stand(source, plan)
    cell = standing.layer("g").cell
    activations = cell.activation, cell.recurrent_activation
    standing.run(series)
    assert (cell.activation, cell.recurrent_activation) == activations
    assert "inner_loop" not in vars(standing.layer("g"))
    assert "call" not in vars(standing.layer("td"))
    assert standing.layer("g").use_cudnn == "auto"


def test_that_time_distributed_still_confuses_samples_and_steps_in_a_compiled_model() -> None:
    """If this fails, Keras is mended: remove ``engine/time_distributed.py`` and what uses it."""
    import keras
    import tensorflow as tf

    layer = keras.layers.TimeDistributed(keras.layers.Dense(2))
    layer.build((None, None, 3))
    compiled = tf.function(layer, input_signature=[tf.TensorSpec((None, None, 3))], autograph=False)
    assert tuple(layer(numpy.ones((4, 6, 3), "float32")).shape) == (4, 6, 2)
    assert tuple(compiled(numpy.ones((4, 6, 3), "float32")).shape) == (4, 4, 2)
