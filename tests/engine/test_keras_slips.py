"""The defects of Keras that the checker names: where one of these fails, Keras is mended and a check can go."""

from __future__ import annotations

from typing import Any

import numpy
import pytest

STEPS, FEATURES, UNITS = 6, 2, 3


@pytest.fixture
def sequence() -> numpy.ndarray[Any, Any]:
    """Samples ``(batch 2, time 6, features 2)``, the last two steps of the first one padding."""
    values = numpy.random.default_rng(1).normal(size=(2, STEPS, FEATURES)).astype("float32")
    values[0, 4:] = 0.0
    return values


def masked(layer: Any, steps: int | None = STEPS) -> Any:
    import keras

    return keras.Sequential([keras.Input((steps, FEATURES)), keras.layers.Masking(), layer])


def test_that_a_simple_rnn_drops_its_penalty_and_an_lstm_does_not(sequence: Any) -> None:
    """``ignored_by_keras``."""
    from keras import layers

    losses = []
    for kind in (layers.SimpleRNN, layers.LSTM):
        layer = kind(UNITS, activity_regularizer="l2")
        layer(sequence)
        losses.append(len(layer.losses))
    assert losses == [0, 1]


def test_that_a_simple_rnn_forgets_its_seed() -> None:
    """``ignored_by_keras``."""
    from keras import layers

    assert "seed" not in layers.SimpleRNN(UNITS, seed=4).get_config()
    assert layers.LSTM(UNITS, seed=4).get_config()["seed"] == 4


def test_that_a_list_of_one_cell_fails_with_a_mask_or_unrolled(sequence: Any) -> None:
    """``one_cell_stack``."""
    from keras import layers

    with pytest.raises(Exception, match=r".+"):
        masked(layers.RNN([layers.LSTMCell(UNITS)]))(sequence)
    with pytest.raises(Exception, match=r".+"):
        layers.RNN([layers.LSTMCell(UNITS)], unroll=True)(sequence)
    assert masked(layers.RNN(layers.LSTMCell(UNITS)))(sequence).shape == (2, UNITS)


@pytest.mark.parametrize("kind", ["GRU", "LSTM", "SimpleRNN"])
def test_that_the_unrolled_loop_puts_zeros_at_the_wrong_steps(kind: str, sequence: Any) -> None:
    """``unrolled_mask`` and ``unrolled_backwards``."""
    import keras
    from keras import layers

    outputs = []
    for unroll in (False, True):
        keras.utils.set_random_seed(3)
        layer = getattr(layers, kind)(
            UNITS, return_sequences=True, go_backwards=True, zero_output_for_mask=True, unroll=unroll
        )
        outputs.append(numpy.asarray(masked(layer)(sequence)))
    assert abs(outputs[0] - outputs[1]).max() > 0.05


def test_that_the_state_of_a_stack_cannot_be_reset(sequence: Any) -> None:
    """``stateful_stack``."""
    from keras import layers

    rnn = layers.RNN([layers.LSTMCell(UNITS), layers.LSTMCell(UNITS)], stateful=True)
    rnn(sequence)
    with pytest.raises(AttributeError):
        rnn.reset_state()


def test_that_an_lstm_ignores_a_dropout_of_everything(sequence: Any) -> None:
    """``drops_everything``."""
    from keras import layers

    lstm, rnn = layers.LSTM(UNITS, dropout=1.0), layers.SimpleRNN(UNITS, dropout=1.0)
    assert numpy.array_equal(lstm(sequence, training=True), lstm(sequence, training=False))
    assert not numpy.array_equal(rnn(sequence, training=True), rnn(sequence, training=False))


def test_that_wrong_initial_states_are_not_refused_when_a_model_is_made() -> None:
    """``state_count`` and ``state_size``."""
    import keras
    from keras import layers

    x, narrow = keras.Input((STEPS, FEATURES)), keras.Input((UNITS + 1,))
    assert layers.GRU(UNITS)(x, initial_state=[narrow]).shape == (None, UNITS)
    right = keras.Input((UNITS,))
    assert layers.GRU(UNITS)(x, initial_state=[right, narrow]).shape == (None, UNITS)
