"""One small design for each problem that the checker knows. Loaded by path: it is no package."""

from itertools import pairwise
from typing import Any

from rnn_designer.catalog import FrozenMap, Part
from rnn_designer.design import DataSource, Design, Layer, Link


def layer(
    kind: str, name: str, /, *children: Layer, at: tuple[float, float] = (0.0, 0.0), **params: Any
) -> Layer:
    """A layer whose id is its name with dashes for spaces."""
    return Layer(name.replace(" ", "-"), kind, name, FrozenMap(params), at, children)


def graph(layers: list[Layer], *wires: str, **more: Any) -> Design:
    """A design with wires written ``"a.h b"``."""
    links = []
    for wire in wires:
        source, target = wire.split()
        source, _, port = source.partition(".")
        links.append(Link(source, target, port or "output"))
    return Design("case", tuple(layers), tuple(links), **more)


def chain(*layers: Layer, **more: Any) -> Design:
    """A design in which each layer feeds the next."""
    return graph(list(layers), *(f"{a.id} {b.id}" for a, b in pairwise(layers)), **more)


def series(steps: int | None = None, features: int | None = 2, name: str = "x", **params: Any) -> Layer:
    """An Input of sequences."""
    return layer("Input", name, shape=(steps, features), **params)


def vector(size: int | None = 8, name: str = "x") -> Layer:
    """An Input of vectors."""
    return layer("Input", name, shape=(size,))


def tokens(steps: int | None = None) -> Layer:
    """An Input of token ids."""
    return layer("Input", "x", shape=(steps,), dtype="int32")


def lstm(name: str = "memory", sequences: bool = True, /, **params: Any) -> Layer:
    """An LSTM of three units."""
    return layer("LSTM", name, **{"units": 3, **({"return_sequences": True} if sequences else {}), **params})


def gru(name: str = "reader", **params: Any) -> Layer:
    """A GRU of three units that gives its last output."""
    return layer("GRU", name, **{"units": 3, **params})


def dense(name: str = "out", units: int = 1, **params: Any) -> Layer:
    """A Dense."""
    return layer("Dense", name, units=units, **params)


def both(*children: Layer, **params: Any) -> Layer:
    """A Bidirectional."""
    return layer("Bidirectional", "both", *children, **params)


def masking() -> Layer:
    """A Masking."""
    return layer("Masking", "mask")


def data(source: str = "csv", *, batch_size: int = 1, time_steps: int = 50, **options: Any) -> FrozenMap:
    """A sample source for the Input ``x``."""
    return FrozenMap(x=DataSource(source, FrozenMap(options), batch_size, time_steps))


def conv(name: str = "conv", **params: Any) -> Layer:
    """A Conv1D."""
    return layer("Conv1D", name, **{"filters": 4, "kernel_size": 3, **params})


def without(child: Layer, name: str = "steps") -> Layer:
    """A TimeDistributed around a layer."""
    return layer("TimeDistributed", name, child)


CASES: list[tuple[str, str, Design]] = [
    # structure
    (
        "cycle",
        "a",
        graph([series(), series(name="y"), layer("Add", "a"), dense("b")], "x a", "y a", "a b", "b a"),
    ),
    ("unused_input", "x", graph([series()])),
    ("unconnected", "out", graph([series(), lstm(), dense()], "x memory")),
    ("unconnected", "out", graph([dense()])),
    ("unconnected", "words", graph([layer("Embedding", "words", input_dim=9, output_dim=2)])),
    ("unconnected", "again", graph([layer("RepeatVector", "again", n=3)])),
    ("missing_input", "memory", chain(lstm(), dense())),
    (
        "missing_input",
        "out",
        graph([vector(), dense(), dense("next"), dense("near", at=(-50.0, 0.0))], "x near", "out next"),
    ),
    ("needs_layer", "both", chain(series(), both())),
    ("needs_layer", "steps", graph([layer("TimeDistributed", "steps")])),
    ("bad_name", "m", Design("case", (Layer("m", "Dense", "a/b", FrozenMap(units=1)),))),
    (
        "duplicate_name",
        "n",
        Design("case", tuple(Layer(i, "Dense", "same", FrozenMap(units=1)) for i in "mn")),
    ),
    ("unusual_name", "my-layer", chain(series(), dense("my layer"))),
    ("unusual_name", "♥", chain(series(), dense("♥"))),
    # refusals of the shape rules
    ("needs_sequence", "reader", chain(series(), lstm("memory", False), gru(), dense())),
    ("needs_sequence", "reader", chain(series(7), both(lstm("memory", False)), gru())),
    (
        "needs_sequence",
        "reader",
        chain(series(), lstm("memory", False), layer("Dropout", "drop", rate=0.2), gru()),
    ),
    ("needs_sequence", "reader", chain(series(), lstm("memory", False), both(gru()))),
    ("needs_sequence", "conv", chain(series(), gru("first"), conv())),
    (
        "needs_sequence",
        "reader",
        graph([series(), lstm("memory", False, return_state=True), gru()], "x memory", "memory.h reader"),
    ),
    ("rank_time_features", "memory", chain(vector(), lstm())),
    ("rank_time_features", "memory", chain(vector(None), lstm())),
    ("rank_time_features", "memory", chain(vector(), dense("wide", 4), lstm())),
    ("rank_time_features", "memory", chain(layer("Input", "x", shape=(4, 5, 6)), lstm("memory", False))),
    ("rank_time_features", "memory", chain(layer("Input", "x", shape=(4, 5, 6, 7)), lstm("memory", False))),
    ("rank", "conv", chain(vector(), conv())),
    ("rank", "again", chain(series(), lstm(), layer("RepeatVector", "again", n=4))),
    ("rank", "again", chain(series(), layer("RepeatVector", "again", n=4))),
    ("tokens", "memory", chain(tokens(), lstm())),
    ("tokens", "memory", chain(series(dtype="int32"), lstm())),
    ("features_open", "memory", chain(series(None, None), lstm())),
    ("features_open", "memory", chain(series(None, None), lstm(), data=data(columns=("a", "b", "c")))),
    ("features_open", "out", chain(vector(None), dense())),
    ("time_open", "out", chain(series(), layer("Flatten", "flat"), dense())),
    ("open_unroll", "memory", chain(series(), lstm(unroll=True))),
    ("time_open", "memory", chain(series(), layer("Permute", "turn", dims=(2, 1)), lstm())),
    ("batch_open", "memory", chain(series(), lstm(stateful=True))),
    ("batch_open", "memory", chain(series(), lstm(stateful=True), data=data("sine", batch_size=4))),
    ("wrapped_kind", "bad", chain(series(), both(dense("bad")))),
    ("wrapped_backwards", "memory", chain(series(), both(lstm(go_backwards=True)))),
    ("wrapped_backwards", "back", chain(series(), both(lstm(), lstm("back")))),
    ("wrapped_differ", "back", chain(series(), both(lstm(), lstm("back", False, go_backwards=True)))),
    ("wrapped_differ", "back", chain(series(), both(lstm(), lstm("back", go_backwards=True, units=5)))),
    (
        "wrapped_differ",
        "back",
        chain(
            series(),
            both(
                lstm(return_state=True),
                gru("back", return_sequences=True, return_state=True, go_backwards=True),
            ),
        ),
    ),
    ("time_distributed_sequence", "memory", chain(series(), without(lstm()))),
    ("time_distributed_rank", "steps", chain(series(), gru(), without(dense()))),
    ("time_distributed_rank", "steps", chain(vector(), without(dense()))),
    ("window_too_long", "conv", chain(series(3), conv(kernel_size=5))),
    ("window_too_long", "conv", chain(series(3), conv(kernel_size=2, dilation_rate=4))),
    ("window_too_long", "pool", chain(series(3), layer("MaxPooling1D", "pool", pool_size=5))),
    ("strides_and_dilation", "conv", chain(series(), conv(strides=2, dilation_rate=2))),
    ("groups", "conv", chain(series(), conv(groups=3))),
    ("one_input", "sum", chain(series(), layer("Add", "sum"), dense())),
    (
        "merge_mismatch",
        "sum",
        graph(
            [series(), lstm(), dense("wide", 5), layer("Add", "sum")],
            "x memory",
            "x wide",
            "memory sum",
            "wide sum",
        ),
    ),
    (
        "merge_mismatch",
        "join",
        graph(
            [series(), lstm(), gru(), layer("Concatenate", "join")],
            "x memory",
            "x reader",
            "memory join",
            "reader join",
        ),
    ),
    (
        "merge_mismatch",
        "join",
        graph([series(5), series(7, name="y"), layer("Concatenate", "join")], "x join", "y join"),
    ),
    (
        "bad_axis",
        "join",
        graph([series(5), series(5, name="y"), layer("Concatenate", "join", axis=4)], "x join", "y join"),
    ),
    (
        "frame_mask",
        "film",
        chain(
            layer("Input", "x", shape=(None, 5, 4, 2)),
            layer("Masking", "skip"),
            layer("ConvLSTM2D", "film", filters=2, kernel_size=2),
        ),
    ),
    (
        "features_open",
        "film",
        chain(
            layer("Input", "x", shape=(None, None, 4, 2)),
            layer("ConvLSTM2D", "film", filters=2, kernel_size=2),
        ),
    ),
    (
        "window_too_long",
        "film",
        chain(
            layer("Input", "x", shape=(None, 5, 2, 2)), layer("ConvLSTM2D", "film", filters=2, kernel_size=3)
        ),
    ),
    (
        "two_inputs",
        "less",
        graph(
            [series(), dense("a", 2), dense("b", 2), layer("Subtract", "less")],
            "x a",
            "x b",
            "a less",
            "b less",
            "x less",
        ),
    ),
    (
        "bad_axis",
        "likeness",
        graph([series(), dense("a", 2), layer("Dot", "likeness", axes=5)], "x a", "a likeness", "x likeness"),
    ),
    ("time_open", "slope", chain(series(), layer("PReLU", "slope"), gru())),
    ("batch_axis", "shares", chain(series(), layer("Softmax", "shares", axis=0), gru())),
    ("axis_twice", "length", chain(series(), layer("UnitNormalization", "length", axis=(2, -1)), gru())),
    ("crop_too_long", "crop", chain(series(6), layer("Cropping1D", "crop", cropping=(3, 4)), gru())),
    ("groups", "groups", chain(series(), layer("GroupNormalization", "groups"), gru())),
    (
        "output_padding",
        "longer",
        chain(
            series(), layer("Conv1DTranspose", "longer", filters=2, kernel_size=3, output_padding=1), gru()
        ),
    ),
    ("bad_axis", "turn", chain(series(), layer("Permute", "turn", dims=(3, 1)))),
    ("bad_axis", "turn", chain(vector(), layer("Permute", "turn", dims=(2, 1)), dense())),
    ("bad_axis", "norm", chain(series(), layer("LayerNormalization", "norm", axis=7))),
    ("bad_target", "shape", chain(series(5, 2), layer("Reshape", "shape", target_shape=(3, 3)))),
    # wrappers
    ("doubled_features", "both", chain(series(), both(lstm()))),
    (
        "unused_direction",
        "both",
        graph([series(), both(lstm(), merge_mode=None), dense()], "x both", "both.forward out"),
    ),
    ("needless_wrapper", "steps", chain(series(), without(dense()))),
    ("open_time_distributed", "steps", chain(series(), without(dense()))),
    ("open_time_distributed", "steps", chain(layer("Input", "x", shape=(None, 9, 2)), without(conv()))),
    # recurrent settings
    ("no_fast_kernel", "memory", chain(series(), lstm(activation="sigmoid", use_bias=False))),
    ("no_fast_kernel", "reader", chain(series(), gru(reset_after=False))),
    ("gpu_only", "memory", chain(series(), lstm(use_cudnn=True))),
    ("recurrent_dropout_slow", "memory", chain(series(), lstm(recurrent_dropout=0.2))),
    ("unbounded_activation", "rnn", chain(series(), layer("SimpleRNN", "rnn", units=3, activation="relu"))),
    ("unbounded_activation", "memory", chain(series(), lstm(activation=None))),
    ("vector_activation", "memory", chain(series(), lstm(recurrent_activation="softmax"))),
    ("no_forget_bias", "memory", chain(series(), lstm(unit_forget_bias=False))),
    ("long_unroll", "memory", chain(series(500), lstm(unroll=True))),
    ("reversed_output", "memory", chain(series(), lstm(go_backwards=True))),
    (
        "ignored_by_keras",
        "rnn",
        chain(series(), layer("SimpleRNN", "rnn", units=3, activity_regularizer=Part("L2"))),
    ),
    ("ignored_by_keras", "rnn", chain(series(), layer("SimpleRNN", "rnn", units=3, seed=4))),
    ("stateful_backwards", "memory", chain(series(batch_size=2), both(lstm(stateful=True)))),
    (
        "stateful_backwards",
        "memory",
        chain(
            series(batch_size=2), both(lstm(stateful=True), lstm("back", stateful=True, go_backwards=True))
        ),
    ),
    ("unrolled_mask", "memory", chain(series(9), masking(), both(lstm(unroll=True)))),
    # masks and joins
    ("lost_mask", "conv", chain(series(), masking(), conv(), lstm())),
    ("lost_mask", "conv", chain(series(), masking(), conv(), dense("between", 3), both(lstm()))),
    (
        "partly_masked",
        "sum",
        graph(
            [series(), masking(), lstm(), lstm("bare"), layer("Add", "sum")],
            "x mask",
            "mask memory",
            "x bare",
            "memory sum",
            "bare sum",
        ),
    ),
    (
        "broadcast",
        "sum",
        graph(
            [series(), lstm(), dense("one"), layer("Add", "sum")],
            "x memory",
            "x one",
            "memory sum",
            "one sum",
        ),
    ),
    (
        "broadcast",
        "sum",
        graph([series(7, 5), gru(units=5), layer("Add", "sum")], "x reader", "x sum", "reader sum"),
    ),
    # values
    ("drops_everything", "drop", chain(series(), layer("Dropout", "drop", rate=1.0))),
    ("drops_everything", "memory", chain(series(), lstm(dropout=1.0))),
    ("penalty_of_nothing", "memory", chain(series(), lstm(kernel_regularizer=Part("L1L2")))),
    ("penalty_of_nothing", "out", chain(series(), dense(kernel_regularizer=Part("L2", FrozenMap(l2=0.0))))),
    ("needs_matrix", "memory", chain(series(), lstm(bias_initializer=Part("Orthogonal")))),
    ("needs_matrix", "out", chain(series(), dense(bias_regularizer=Part("OrthogonalRegularizer")))),
    ("softmax_of_one", "out", chain(series(), lstm("memory", False), dense(activation="softmax"))),
    ("softmax_of_one", "act", chain(series(None, 1), layer("Activation", "act", activation="softmax"))),
    # data
    ("data_width", "x", chain(series(), lstm(), data=data(columns=("a", "b", "c")))),
    ("data_width", "x", chain(series(), lstm(), data=data("sine", features=4))),
    ("data_steps", "x", chain(series(9), lstm(), data=data("sine"))),
    ("data_batch", "x", chain(series(batch_size=4), lstm(), data=data("sine"))),
    ("swapped_axes", "x", chain(series(3, 100), lstm())),
    ("float_ids", "words", chain(vector(), layer("Embedding", "words", input_dim=9, output_dim=2))),
    (
        "ids_with_features",
        "words",
        chain(series(None, 1, dtype="int32"), layer("Embedding", "words", input_dim=9, output_dim=2)),
    ),
    ("ids_as_amounts", "x", chain(series(None, 1), lstm(), data=data("text", vocabulary=16))),
    (
        "ids_too_large",
        "words",
        chain(
            tokens(),
            layer("Embedding", "words", input_dim=9, output_dim=2),
            data=data("tokens", vocabulary=50),
        ),
    ),
    # sizes
    ("large_layer", "memory", chain(series(), lstm(units=2000))),
    ("large_layer", "memory", chain(series(), lstm(units=3000))),
    ("large_layer", "words", chain(tokens(), layer("Embedding", "words", input_dim=500_000, output_dim=400))),
    (
        "large_trace",
        "x",
        chain(series(), lstm(units=256), data=data("sine", batch_size=256, time_steps=1000)),
    ),
]
"""Code, id of the layer to blame, design."""
