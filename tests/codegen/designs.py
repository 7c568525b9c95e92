"""Designs for the tests of the generated source, and short ways to write them. Loaded by path: it is no package."""

import runpy
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from rnn_designer.catalog import FrozenMap, Part
from rnn_designer.design import Checked, DataSource, Design, Layer, Link, check
from rnn_designer.design.sharing import aligned


def layer(kind: str, name: str, /, *children: Layer, **params: Any) -> Layer:
    """A layer whose id is its name in capitals."""
    return Layer(name.upper(), kind, name, FrozenMap(params), children=children)


def again(name: str, original: str) -> Layer:
    """A box that calls another layer once more; :func:`graph` makes it like that one."""
    return Layer(name.upper(), "Dense", name, shares=original.upper())


def part(kind: str, **params: Any) -> Part:
    """An initializer, regularizer or constraint."""
    return Part(kind, FrozenMap(params))


def chain(*layers: Layer, name: str = "model", **more: Any) -> Design:
    """A design in which each layer feeds the next."""
    links = tuple(Link(one.id, other.id) for one, other in pairwise(layers))
    return Design(name, layers, links, **more)


def graph(layers: list[Layer], *wires: str, name: str = "model", **more: Any) -> Design:
    """A design with wires written ``"a -> b"`` or ``"a.h -> b.initial_h"``, by layer name."""
    links = []
    for wire in wires:
        source, target = (end.strip() for end in wire.split("->"))
        source, _, port = source.partition(".")
        target, _, end = target.partition(".")
        links.append(Link(source.upper(), target.upper(), port or "output", end or "input"))
    return replace(aligned(Design(name, tuple(layers))), links=tuple(links), **more)


def clean(design: Design) -> Checked:
    """The design, checked; it must have no error."""
    checked = check(design)
    assert not checked.errors, [problem.message for problem in checked.errors]
    return checked


def series(features: int = 1, name: str = "series", steps: int | None = None) -> Layer:
    """An Input for a time series."""
    return layer("Input", name, shape=(steps, features))


def tokens(name: str = "tokens", steps: int | None = None) -> Layer:
    """An Input for token numbers."""
    return layer("Input", name, shape=(steps,), dtype="int32")


EXPECTED: dict[str, Design] = {
    "sunspots": chain(
        series(name="sunspots"),
        layer("LSTM", "memory", units=64, return_sequences=True),
        layer("Dropout", "dropout", rate=0.2),
        layer("LSTM", "lstm", units=16, kernel_regularizer=part("L2", l2=0.02)),
        layer("Dense", "forecast", units=1),
        name="Sunspots, two LSTMs",
        data=FrozenMap(SUNSPOTS=DataSource("sine", batch_size=8, time_steps=120)),
    ),
    "sentiment": chain(
        tokens("review", 80),
        layer("Embedding", "embedding", input_dim=1000, output_dim=16, mask_zero=True),
        layer(
            "Bidirectional",
            "both_ways",
            layer("GRU", "gru", units=8, return_sequences=True),
            merge_mode="sum",
        ),
        layer("Bidirectional", "bidirectional", layer("LSTM", "lstm", units=8, use_cudnn=False)),
        layer("Dense", "dense", units=1, activation="sigmoid"),
        name="sentiment",
    ),
    "two_branches": graph(
        [
            series(3, "sensor"),
            tokens("word"),
            layer("Embedding", "embedding", input_dim=50, output_dim=4),
            layer("LSTM", "encoder", units=4, return_sequences=True, return_state=True),
            layer("SimpleRNN", "reader", units=4, return_sequences=True, activity_regularizer=part("L1")),
            layer("Concatenate", "together"),
            layer("TimeDistributed", "each_step", layer("Dense", "dense", units=2)),
            layer("Dense", "summary", units=2, activation="softmax"),
        ],
        "sensor -> encoder",
        "word -> embedding",
        "embedding -> reader",
        "encoder -> together",
        "reader -> together",
        "together -> each_step",
        "encoder.h -> summary",
        name="Zwei Zweige",
    ),
    "parts": chain(
        series(2, "input", steps=30),
        layer(
            "GRU",
            "gru",
            units=5,
            return_sequences=True,
            reset_after=False,
            kernel_initializer=part("HeNormal"),
            recurrent_initializer=part("Orthogonal", gain=0.5),
            bias_initializer=part("Constant", value=0.25),
            kernel_regularizer=part("L1L2", l1=0.01, l2=0.02),
            recurrent_constraint=part("MaxNorm", max_value=3.0),
            bias_constraint=part("NonNeg"),
        ),
        layer("Masking", "masking", mask_value=-1.0),
        layer("GlobalAveragePooling1D", "global_average_pooling1d"),
        name="parts",
    ),
}

RUN: dict[str, Design] = {
    **EXPECTED,
    "simple rnn": chain(
        series(5, steps=3), layer("SimpleRNN", "simple_rnn", units=64, return_sequences=True)
    ),
    "states at the end": chain(series(5), layer("LSTM", "lstm", units=6, return_state=True)),
    "gru states": chain(
        series(5), layer("GRU", "gru", units=6, return_state=True, return_sequences=True, go_backwards=True)
    ),
    "simple rnn with penalty": chain(
        series(2), layer("SimpleRNN", "simple_rnn", units=3, activity_regularizer=part("L2", l2=0.5))
    ),
    "simple rnn with states and penalty": chain(
        series(2),
        layer(
            "SimpleRNN", "rnn", units=3, return_state=True, activity_regularizer=part("L1L2", l1=0.5, l2=0.1)
        ),
    ),
    "orthogonal penalty": chain(
        series(2), layer("SimpleRNN", "rnn", units=3, activity_regularizer=part("OrthogonalRegularizer"))
    ),
    "bidirectional with states": chain(
        series(2), layer("Bidirectional", "bidirectional", layer("LSTM", "lstm", units=3, return_state=True))
    ),
    "bidirectional unmerged": chain(
        series(2),
        layer("Bidirectional", "both", layer("GRU", "gru", units=3, return_sequences=True), merge_mode=None),
    ),
    "another layer backwards": chain(
        series(2),
        layer(
            "Bidirectional",
            "both",
            layer("LSTM", "lstm", units=3, return_sequences=True),
            layer("GRU", "gru", units=3, return_sequences=True, go_backwards=True),
        ),
        layer("Bidirectional", "bidirectional", layer("LSTM", "lstm_1", units=3)),
    ),
    "convolution": chain(
        series(2, steps=40),
        layer("Conv1D", "conv1d", filters=4, kernel_size=3, padding="causal", activation="relu"),
        layer("MaxPooling1D", "max_pooling1d", pool_size=2),
        layer("BatchNormalization", "batch_normalization"),
        layer("SpatialDropout1D", "spatial_dropout1d", rate=0.1),
        layer("LSTM", "lstm", units=3, return_sequences=True, dropout=0.1, recurrent_dropout=0.2),
        layer("AveragePooling1D", "average_pooling1d"),
        layer("LayerNormalization", "layer_normalization"),
        layer("GlobalMaxPooling1D", "global_max_pooling1d"),
    ),
    "activation functions": chain(
        series(3),
        layer("LeakyReLU", "leaky_re_lu", negative_slope=0.2),
        layer("ELU", "elu", alpha=0.5),
        layer("Identity", "identity"),
        layer("PReLU", "p_re_lu", shared_axes=(1,), alpha_initializer=part("Constant", value=0.25)),
        layer("Softmax", "softmax", axis=1),
        layer("ReLU", "re_lu", max_value=0.75, negative_slope=0.1),
        layer("GaussianNoise", "gaussian_noise", stddev=0.1),
        layer("GaussianDropout", "gaussian_dropout", rate=0.2),
        layer("ActivityRegularization", "activity_regularization", l2=0.01),
    ),
    "further convolutions and normalizations": chain(
        series(4, steps=12),
        layer("ZeroPadding1D", "zero_padding1d", padding=(2, 0)),
        layer("SeparableConv1D", "separable_conv1d", filters=6, kernel_size=3, depth_multiplier=2),
        layer("GroupNormalization", "group_normalization", groups=3),
        layer("DepthwiseConv1D", "depthwise_conv1d", kernel_size=2, strides=2),
        layer("RMSNormalization", "rms_normalization"),
        layer("UpSampling1D", "up_sampling1d", size=3),
        layer("Cropping1D", "cropping1d", cropping=(1, 2)),
        layer("UnitNormalization", "unit_normalization"),
        layer("Conv1DTranspose", "conv1d_transpose", filters=2, kernel_size=3, strides=2),
    ),
    "shapes": chain(
        series(4, steps=6),
        layer("Permute", "permute", dims=(2, 1)),
        layer("Reshape", "reshape", target_shape=(3, -1)),
        layer("Flatten", "flatten"),
        layer("RepeatVector", "repeat_vector", n=5),
        layer("Activation", "activation", activation="tanh"),
        layer("TimeDistributed", "time_distributed", layer("Dense", "dense", units=2)),
        layer("Dense", "dense_1", units=3),
    ),
    "seq2seq without states": chain(
        series(3),
        layer("LSTM", "encoder", units=4),
        layer("RepeatVector", "repeat_vector", n=7),
        layer("LSTM", "decoder", units=4, return_sequences=True),
        layer("TimeDistributed", "time_distributed", layer("Dense", "dense", units=3)),
        name="sequence to sequence",
    ),
    "residual": graph(
        [
            series(4),
            layer("LSTM", "lstm", units=4, return_sequences=True),
            layer("Add", "add"),
            layer("LSTM", "lstm_1", units=4, return_sequences=True),
            layer("Add", "add_1"),
        ],
        "series -> lstm",
        "lstm -> add",
        "series -> add",
        "add -> lstm_1",
        "lstm_1 -> add_1",
        "add -> add_1",
    ),
    "frames": chain(
        layer("Input", "frames", shape=(None, 6, 5, 2)),
        layer(
            "ConvLSTM2D",
            "conv_lstm2d",
            filters=3,
            kernel_size=3,
            padding="same",
            return_sequences=True,
            go_backwards=True,
        ),
        layer("TimeDistributed", "smaller", layer("MaxPooling2D", "max_pooling2d")),
        layer("ConvLSTM2D", "conv_lstm2d_1", filters=2, kernel_size=(2, 1), data_format="channels_last"),
        layer("Conv2D", "conv2d", filters=2, kernel_size=2),
        layer("GlobalAveragePooling2D", "global_average_pooling2d"),
    ),
    "rows with states": chain(
        layer("Input", "rows", shape=(None, 6, 2)),
        layer("ConvLSTM1D", "conv_lstm1d", filters=3, kernel_size=3, return_state=True),
    ),
    "volumes": chain(
        layer("Input", "volumes", shape=(3, 4, 4, 3, 1)),
        layer("ConvLSTM3D", "conv_lstm3d", filters=2, kernel_size=2),
        layer("AveragePooling3D", "average_pooling3d", pool_size=(2, 2, 1)),
        layer("GlobalMaxPooling3D", "global_max_pooling3d"),
    ),
    "number by number": graph(
        [
            series(4),
            layer("Dense", "dense", units=4),
            layer("Subtract", "subtract"),
            layer("Maximum", "maximum"),
            layer("Minimum", "minimum"),
            layer("Dot", "dot", axes=2, normalize=True),
        ],
        "series -> dense",
        "series -> subtract",
        "dense -> subtract",
        "series -> maximum",
        "subtract -> maximum",
        "dense -> maximum",
        "maximum -> minimum",
        "subtract -> minimum",
        "minimum -> dot",
        "dense -> dot",
    ),
    "merges after a mask": graph(
        [
            series(2),
            layer("Masking", "masking"),
            layer("Concatenate", "concatenate"),
            layer("Concatenate", "concatenate_1"),
            layer("Multiply", "multiply"),
            layer("Average", "average"),
        ],
        "series -> masking",
        "masking -> concatenate",
        "series -> concatenate",
        "concatenate -> concatenate_1",
        "masking -> concatenate_1",
        "masking -> multiply",
        "series -> multiply",
        "masking -> average",
        "multiply -> average",
    ),
    "a joined mask that is used": graph(
        [
            series(2),
            layer("Masking", "masking"),
            layer("LSTM", "lstm", units=3, return_sequences=True),
            layer("GRU", "gru", units=2, return_sequences=True),
            layer("Concatenate", "concatenate"),
            layer("LSTM", "reader", units=2),
        ],
        "series -> masking",
        "masking -> lstm",
        "masking -> gru",
        "lstm -> concatenate",
        "gru -> concatenate",
        "concatenate -> reader",
    ),
    "joined masks that are used": graph(
        [
            series(2),
            layer("Masking", "masking"),
            layer("LSTM", "lstm", units=3, return_sequences=True),
            layer("Concatenate", "concatenate"),
            layer("Concatenate", "concatenate_1"),
            layer("LSTM", "reader", units=2),
        ],
        "series -> masking",
        "masking -> lstm",
        "lstm -> concatenate",
        "masking -> concatenate",
        "concatenate -> concatenate_1",
        "lstm -> concatenate_1",
        "concatenate_1 -> reader",
    ),
    "states wired on": graph(
        [
            series(3),
            layer("LSTM", "lstm", units=4, return_state=True),
            layer("Concatenate", "concatenate"),
            layer("Dense", "dense", units=2),
        ],
        "series -> lstm",
        "lstm.h -> concatenate",
        "lstm.c -> concatenate",
        "concatenate -> dense",
    ),
    "one input, three outputs": graph(
        [
            series(3),
            layer("GRU", "gru", units=4),
            layer("Dense", "a", units=1),
            layer("Dense", "b", units=2),
            layer("Dense", "c", units=3),
        ],
        "series -> gru",
        "gru -> a",
        "gru -> b",
        "gru -> c",
    ),
    "names to be avoided": graph(
        [
            series(3, "input"),
            layer("GRU", "lambda", units=4),
            layer("Dense", "layers", units=1),
            layer("Dense", "keras", units=2),
            layer("Dense", "x", units=3),
            layer("Dense", "1st", units=3),
            layer("Dense", "Größe", units=3),
            layer("Dense", "my layer", units=3),
            layer("Dense", 'x"); __import__("os").system("true") #', units=3),
            layer("Dense", "日本", units=3),
        ],
        "input -> lambda",
        "lambda -> layers",
        "lambda -> keras",
        "lambda -> x",
        "lambda -> 1st",
        "lambda -> Größe",
        "lambda -> my layer",
        'lambda -> x"); __import__("os").system("true") #',
        "lambda -> 日本",
        name='"""; raise SystemExit #\n\\',
    ),
    "layers counted by Keras": chain(
        series(2),
        layer("LSTM", "lstm", units=2, return_sequences=True),
        layer("LSTM", "lstm_1", units=2, return_sequences=True),
        layer("LSTM", "named", units=2, return_sequences=True),
        layer("LSTM", "lstm_2", units=2, return_sequences=True),
        layer("LSTM", "lstm_7", units=2, return_sequences=True),
        layer("LSTM", "lstm_3", units=2),
    ),
    "frozen half": chain(
        series(2), layer("LSTM", "lstm", units=2, trainable=False, unit_forget_bias=False, use_bias=False)
    ),
    "fixed batch": chain(
        layer("Input", "series", shape=(10, 2), batch_size=4), layer("GRU", "gru", units=2, stateful=True)
    ),
    "unrolled": chain(series(2, steps=5), layer("SimpleRNN", "simple_rnn", units=2, unroll=True)),
}

_more = runpy.run_path(str(Path(__file__).with_name("state_designs.py")))
_make = SimpleNamespace(**globals())
EXPECTED |= _more["expected"](_make)
STATES: dict[str, Design] = _more["run"](_make)
RUN |= EXPECTED | STATES
