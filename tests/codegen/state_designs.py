"""Designs with cells, stacks, state wires, shared layers, attention and cells written by hand, for ``designs.py``."""

from types import SimpleNamespace

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import DataSource, Design
from rnn_designer.design.model import Generation

RUNNING_SUM = '''\
class RunningSum(layers.Layer):
    """Adds   up what it reads."""   # spacing stays as it is

    state_names = ("total",)

    def __init__(self, size, *, fade=1.0, **kwargs):
        super().__init__(**kwargs)
        self.size, self.fade = size, fade
        self.state_size = self.output_size = size

    def call(self, inputs, states):
        total = self.fade * states[0] + inputs
        return total, [total]

    def get_config(self):
        return { **super().get_config(), 'size': self.size, 'fade': self.fade }
'''
"""Not registered by its author, no imports, and not laid out as a formatter would."""

TWO_STATES = """\
import keras
from keras import ops as K

GAIN = 0.5


def squash(value):
    return K.tanh(GAIN * value)


@keras.saving.register_keras_serializable("mine")
class Pair(keras.layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.state_size = [units, units]
        self.output_size = units

    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units), name="kernel")

    def call(self, inputs, states):
        slow, fast = states
        fast = squash(K.matmul(inputs, self.kernel) + slow)
        slow = 0.9 * slow + 0.1 * fast
        return fast, [slow, fast]

    def get_config(self):
        return {**super().get_config(), "units": self.units}
"""


def expected(make: SimpleNamespace) -> dict[str, Design]:
    """The designs whose source stands in ``expected``: the systems of the tutorial, and beyond them."""
    layer, chain, graph, series = make.layer, make.chain, make.graph, make.series
    x = series(5, "x", steps=3)
    lesson = FrozenMap(X=DataSource("sine", batch_size=1, time_steps=3))
    return {
        "simple_rnn": chain(
            x,
            layer("SimpleRNN", "simple_rnn", units=64, return_sequences=True),
            name="SimpleRNN",
            data=lesson,
        ),
        "lstm": chain(x, layer("LSTM", "lstm", units=64, return_sequences=True), name="LSTM", data=lesson),
        "gru": chain(x, layer("GRU", "gru", units=64, return_sequences=True), name="GRU", data=lesson),
        "bidirectional": chain(
            x,
            layer("Bidirectional", "bidirectional", layer("LSTM", "lstm", units=64, return_sequences=True)),
            name="Bidirectional",
            data=lesson,
        ),
        "stacked_cells": chain(
            x,
            layer(
                "RNN",
                "rnn",
                layer(
                    "StackedRNNCells",
                    "stacked_rnn_cells",
                    layer("LSTMCell", "lstm_cell", units=64),
                    layer("LSTMCell", "lstm_cell_1", units=64),
                ),
                return_sequences=True,
            ),
            name="Stacked cells",
            data=lesson,
        ),
        "generation": chain(
            series(5, "x"),
            layer("SimpleRNN", "simple_rnn", units=64, return_sequences=True),
            layer("Dense", "projection", units=5),
            name="One step at a time",
            data=lesson,
            generation=Generation(steps=5),
        ),
        "batch_and_steps": chain(
            series(5, "x"),
            layer("SimpleRNN", "simple_rnn", units=64, return_sequences=True),
            name="Batch size and time steps",
            data=FrozenMap(X=DataSource("sine", batch_size=2, time_steps=4)),
        ),
        "custom_cell": chain(
            x,
            layer(
                "RNN",
                "rnn",
                layer(
                    "CustomCell",
                    "running_sum",
                    code=RUNNING_SUM,
                    arguments=make.part("RunningSum", size=5, fade=0.9),
                ),
                return_sequences=True,
            ),
            layer("Dense", "dense", units=2),
            name="Running sum",
            data=lesson,
        ),
        "encoder_decoder": graph(
            [
                series(3, "past"),
                series(1, "future"),
                layer("LSTM", "encoder", units=16, return_sequences=True, return_state=True),
                layer("LSTM", "decoder", units=16, return_sequences=True),
                layer("Attention", "looking_back"),
                layer("Concatenate", "concatenate"),
                layer("Dense", "forecast", units=1),
            ],
            "past -> encoder",
            "future -> decoder",
            "encoder.h -> decoder.initial_h",
            "encoder.c -> decoder.initial_c",
            "decoder -> looking_back.query",
            "encoder -> looking_back.value",
            "decoder -> concatenate",
            "looking_back -> concatenate",
            "concatenate -> forecast",
            name="Encoder–decoder with attention",
        ),
        "shared": graph(
            [
                series(4, "question"),
                series(4, "answer"),
                layer("Bidirectional", "reader", layer("GRU", "gru", units=8, return_state=True)),
                make.again("reader_again", "reader"),
                layer("Subtract", "difference"),
                layer("Dense", "match", units=1, activation="sigmoid"),
            ],
            "question -> reader",
            "answer -> reader_again",
            "reader.forward_h -> difference",
            "reader_again.forward_h -> difference",
            "difference -> match",
            name="One reader for both",
        ),
        "stack": graph(
            [
                series(3),
                layer(
                    "RNN",
                    "encoder",
                    layer(
                        "StackedRNNCells",
                        "stacked_rnn_cells",
                        layer("LSTMCell", "lower", units=8, kernel_regularizer=make.part("L2", l2=0.01)),
                        layer("GRUCell", "gru_cell", units=4),
                    ),
                    return_state=True,
                ),
                layer("RepeatVector", "repeat_vector", n=6),
                layer(
                    "RNN",
                    "decoder",
                    layer(
                        "StackedRNNCells",
                        "stacked_rnn_cells_1",
                        layer("LSTMCell", "lstm_cell", units=8),
                        layer("GRUCell", "gru_cell_1", units=4),
                    ),
                    return_sequences=True,
                ),
            ],
            "series -> encoder",
            "encoder -> repeat_vector",
            "repeat_vector -> decoder",
            "encoder.cell_0_h -> decoder.initial_cell_0_h",
            "encoder.cell_0_c -> decoder.initial_cell_0_c",
            "encoder.cell_1_h -> decoder.initial_cell_1_h",
            name="Stack to stack",
        ),
        "constant_states": chain(
            series(2),
            layer("LSTM", "memory", units=3, return_sequences=True, initial_state=(0.5, (0.1, 0.2, -0.3))),
            layer("GRU", "gru", units=2, initial_state=(1.0,)),
            name="Started elsewhere",
        ),
    }


def run(make: SimpleNamespace) -> dict[str, Design]:
    """Further designs that are to be built and run."""
    layer, chain, graph, series, tokens = make.layer, make.chain, make.graph, make.series, make.tokens
    return {
        "nested stacks": chain(
            series(3),
            layer(
                "RNN",
                "rnn",
                layer(
                    "StackedRNNCells",
                    "outer",
                    layer(
                        "StackedRNNCells",
                        "stacked_rnn_cells",
                        layer("LSTMCell", "lstm_cell", units=4),
                        layer("SimpleRNNCell", "simple_rnn_cell", units=3),
                    ),
                    layer("GRUCell", "gru_cell", units=2, reset_after=False),
                ),
                initial_state=(0.5, -0.5, (0.1, 0.2, 0.3), 1.0),
            ),
        ),
        "a stack of one": chain(
            series(3),
            layer(
                "RNN",
                "rnn",
                layer("StackedRNNCells", "stacked_rnn_cells", layer("LSTMCell", "lstm_cell", units=4)),
                return_state=True,
                initial_state=(0.5, (0.1, 0.2, 0.3, 0.4)),
            ),
        ),
        "a stack both ways": chain(
            series(3),
            layer(
                "Bidirectional",
                "both",
                layer(
                    "RNN",
                    "rnn",
                    layer(
                        "StackedRNNCells",
                        "stacked_rnn_cells",
                        layer("LSTMCell", "lstm_cell", units=4),
                        layer("GRUCell", "gru_cell", units=3),
                    ),
                    return_state=True,
                ),
                initial_state=(0.5, 0.25, (0.1, 0.2, 0.3), -0.5, -0.25, 1.0),
            ),
        ),
        "a cell both ways": chain(
            series(3),
            layer(
                "Bidirectional",
                "both",
                layer("RNN", "rnn", layer("SimpleRNNCell", "simple_rnn_cell", units=4), return_state=True),
                merge_mode=None,
                initial_state=(0.5, 0.25),
            ),
        ),
        "states both ways": graph(
            [
                series(3),
                layer("Bidirectional", "bidirectional", layer("LSTM", "lstm", units=4, return_state=True)),
                layer("Bidirectional", "bidirectional_1", layer("LSTM", "lstm_1", units=4)),
            ],
            "series -> bidirectional",
            "series -> bidirectional_1",
            *(
                f"bidirectional.{way}_{state} -> bidirectional_1.initial_{way}_{state}"
                for way in ("forward", "backward")
                for state in "hc"
            ),
        ),
        "one state handed on, masked": graph(
            [
                tokens(),
                layer("Embedding", "embedding", input_dim=10, output_dim=3, mask_zero=True),
                layer("GRU", "gru", units=4, return_state=True),
                layer("SimpleRNN", "simple_rnn", units=4, return_sequences=True),
                layer("MultiHeadAttention", "multi_head_attention", num_heads=2, key_dim=4),
                layer("AdditiveAttention", "additive_attention", return_attention_scores=True),
            ],
            "tokens -> embedding",
            "embedding -> gru",
            "embedding -> simple_rnn",
            "gru.h -> simple_rnn.initial_h",
            "simple_rnn -> multi_head_attention.query",
            "simple_rnn -> multi_head_attention.value",
            "multi_head_attention -> additive_attention.query",
            "simple_rnn -> additive_attention.value",
            "multi_head_attention -> additive_attention.key",
        ),
        "masked, started by constants": chain(
            series(2),
            layer("Masking", "masking"),
            layer("LSTM", "any", units=3, initial_state=(0.5, -0.5), return_sequences=True),
            layer("Bidirectional", "bidirectional", layer("GRU", "gru", units=2), initial_state=(0.5, 0.25)),
        ),
        "masked, started by wires": graph(
            [
                series(2),
                layer("Masking", "masking"),
                layer("GRU", "first", units=2, return_sequences=True, return_state=True),
                layer("Concatenate", "concatenate"),
                layer("GRU", "second", units=2, return_state=True),
            ],
            "series -> masking",
            "masking -> first",
            "first -> concatenate",
            "masking -> concatenate",
            "concatenate -> second",
            "first.h -> second.initial_h",
        ),
        "attention over a key of its own": graph(
            [
                series(3),
                layer("Dense", "dense", units=3),
                layer("MultiHeadAttention", "heads", num_heads=2, key_dim=2, use_causal_mask=True),
                layer("Attention", "attention", use_causal_mask=True),
            ],
            "series -> dense",
            "series -> heads.query",
            "series -> heads.value",
            "dense -> heads.key",
            "heads -> attention.query",
            "series -> attention.value",
            "dense -> attention.key",
        ),
        "a layer called three times": graph(
            [
                series(3, "a"),
                series(3, "b"),
                make.again("again", "dense"),
                layer("Dense", "dense", units=3, activation="tanh"),
                make.again("once_more", "dense"),
                layer("Add", "add"),
            ],
            "a -> again",
            "again -> dense",
            "b -> once_more",
            "dense -> add",
            "once_more -> add",
        ),
        "shared, with a penalty and different beginnings": graph(
            [
                series(3),
                layer(
                    "SimpleRNN",
                    "rnn",
                    units=3,
                    return_sequences=True,
                    activity_regularizer=make.part("L2"),
                    initial_state=(0.5,),
                ),
                make.again("again", "rnn"),
            ],
            "series -> rnn",
            "rnn -> again",
        ),
        "names of operations": chain(
            series(3),
            layer("Dense", "tile", units=3),
            layer("GRU", "get_item_1", units=2, initial_state=(0.5,), return_sequences=True),
            layer("Dense", "full_like", units=3),
        ),
        "frames that start elsewhere": chain(
            layer("Input", "frames", shape=(None, 6, 5, 2)),
            layer(
                "ConvLSTM2D",
                "conv_lstm2d",
                filters=3,
                kernel_size=3,
                return_sequences=True,
                initial_state=(0.5, -0.5),
            ),
            layer(
                "ConvLSTM2D",
                "conv_lstm2d_1",
                filters=2,
                kernel_size=2,
                padding="same",
                return_state=True,
                initial_state=(1.0, 0.0),
            ),
        ),
        "cells written by hand": graph(
            [
                series(3),
                layer(
                    "RNN",
                    "rnn",
                    layer(
                        "StackedRNNCells",
                        "stacked_rnn_cells",
                        layer("CustomCell", "pair", code=TWO_STATES, arguments=make.part("Pair", units=3)),
                        layer(
                            "CustomCell",
                            "custom_cell",
                            code=RUNNING_SUM,
                            arguments=make.part("RunningSum", size=3),
                        ),
                        layer("LSTMCell", "lstm_cell", units=2),
                    ),
                    return_state=True,
                ),
                layer(
                    "RNN",
                    "squash",
                    layer("CustomCell", "pair_1", code=TWO_STATES, arguments=make.part("Pair", units=3)),
                ),
            ],
            "series -> rnn",
            "series -> squash",
            "rnn.cell_0_0 -> squash.initial_0",
            "rnn.cell_0_1 -> squash.initial_1",
        ),
    }
