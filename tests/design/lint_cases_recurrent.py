"""One small design for each problem of cells, states, attention and layers called twice. Loaded by path."""

import runpy
from dataclasses import replace
from pathlib import Path
from typing import Any

from rnn_designer.catalog import CATALOG, FrozenMap, Part
from rnn_designer.design import DataSource, Design, Layer, Link, edits

HELPERS = runpy.run_path(str(Path(__file__).with_name("lint_cases.py")))
layer, chain, series, vector, tokens = (
    HELPERS[name] for name in ("layer", "chain", "series", "vector", "tokens")
)
lstm, gru, dense, both, without, masking = (
    HELPERS[name] for name in ("lstm", "gru", "dense", "both", "without", "masking")
)


def wired(layers: list[Layer], *wires: str, **more: Any) -> Design:
    """A design with wires written ``"a.h b.initial_h"``."""
    links = []
    for wire in wires:
        source, target = (end.partition(".") for end in wire.split())
        links.append(Link(source[0], target[0], source[2] or "output", target[2] or "input"))
    return Design("case", tuple(layers), tuple(links), **more)


def cell(kind: str = "LSTMCell", name: str = "cell", **params: Any) -> Layer:
    """A cell of three units."""
    return layer(kind, name, **{"units": 3, **params})


def loop(*cells: Layer, name: str = "loop", **params: Any) -> Layer:
    """An RNN around a cell."""
    return layer("RNN", name, *cells, **params)


def stack(*cells: Layer, name: str = "stack") -> Layer:
    """A stack of cells."""
    return layer("StackedRNNCells", name, *cells)


def custom(name: str = "own", code: str | None = None, **arguments: Any) -> Layer:
    """A cell written by hand; the smallest one unless there is other code."""
    first = CATALOG["CustomCell"].new_params()
    given = first["arguments"]
    assert isinstance(given, Part)
    params = {**first, "arguments": Part(given.kind, FrozenMap({**given.params, **arguments}))}
    return layer("CustomCell", name, **{**params, **({"code": code} if code else {})})


def both_ways(sequences: bool = False, **params: Any) -> Layer:
    """A Bidirectional that gives out its states."""
    inner = lstm("inside", sequences, return_state=True)
    return both(inner, **params)


def decoder(**params: Any) -> Layer:
    """An LSTM to start from states."""
    return lstm("decoder", **params)


ENCODER = lstm("encoder", False, return_state=True)
MINIMAL = str(CATALOG["CustomCell"].new_params()["code"])
OTHER = MINIMAL.replace("tanh", "sigmoid")
assert OTHER != MINIMAL


def typed(values: Any, **more: Any) -> FrozenMap:
    """Typed data for the Input ``x``."""
    return FrozenMap(x=DataSource("typed", FrozenMap(values=values), 1, len(values), **more))


def again(design: Design, name: str, box: str, *links: Link) -> Design:
    """The design with a layer called once more by a box with a name of its own, and wires to it."""
    design = edits.call_again(name, (0.0, 200.0))(design)
    made = design.layers[-1]
    renamed = replace(made, id=box, name=box)
    return replace(design, layers=(*design.layers[:-1], renamed), links=(*design.links, *links))


STATES = [
    (
        "state_count",
        "decoder",
        wired([series(), ENCODER, decoder()], "x encoder", "x decoder", "encoder.h decoder.initial_h"),
    ),
    (
        "state_count",
        "decoder",
        wired([series(), vector(3, "s"), decoder()], "x decoder", "s decoder.initial_c"),
    ),
    (
        "state_size",
        "decoder",
        wired(
            [series(), ENCODER, decoder(units=5)],
            "x encoder",
            "x decoder",
            "encoder.h decoder.initial_h",
            "encoder.c decoder.initial_c",
        ),
    ),
    (
        "state_size",
        "reader",
        wired([series(), lstm(), gru()], "x memory", "x reader", "memory reader.initial_h"),
    ),
    (
        "state_size",
        "loop",
        wired([series(), vector(4, "s"), loop(cell("GRUCell"))], "x loop", "s loop.initial_h"),
    ),
    (
        "state_size",
        "reader",
        wired(
            [series(), layer("Input", "ids", shape=(3,), dtype="int32"), gru()],
            "x reader",
            "ids reader.initial_h",
        ),
    ),
    (
        "state_batch",
        "reader",
        wired(
            [series(batch_size=4), layer("Input", "s", shape=(3,), batch_size=2), gru()],
            "x reader",
            "s reader.initial_h",
        ),
    ),
    (
        "state_for_all",
        "reader",
        wired(
            [series(batch_size=4), layer("Input", "s", shape=(3,), batch_size=1), gru()],
            "x reader",
            "s reader.initial_h",
        ),
    ),
    ("state_constant", "memory", chain(series(), lstm(initial_state=(0.5,)), dense())),
    ("state_constant", "memory", chain(series(), lstm(initial_state=(0.5, 1.0, 2.0)), dense())),
    ("state_constant", "reader", chain(series(), gru(initial_state=((0.5, 1.0),)), dense())),
    (
        "state_constant",
        "reader",
        wired([series(), vector(3, "s"), gru(initial_state=(1.0,))], "x reader", "s reader.initial_h"),
    ),
    ("state_inside", "memory", chain(series(), both(lstm(initial_state=(0.5, 1.0))), dense())),
    (
        "unused_states",
        "encoder",
        chain(series(), ENCODER, dense()),
    ),
    ("unused_states", "both", chain(series(), both_ways(), dense())),
    ("one_step_only", "memory", chain(series(1, 20), lstm(), dense())),
    ("one_step_only", "both", chain(series(1, 1), both(gru()), dense())),
]

CELLS = [
    ("cell_alone", "cell", chain(series(), cell(), dense())),
    ("cell_alone", "own", chain(series(), custom(), dense())),
    ("cell_alone", "stack", chain(series(), stack(cell(), cell("GRUCell", "second")), dense())),
    ("wrapped_kind", "memory", chain(series(), loop(stack(lstm(), cell())), dense())),
    ("wrapped_kind", "memory", chain(series(), loop(lstm("memory", return_state=True)), dense())),
    ("wrapped_kind", "bad", chain(series(), loop(stack(cell(), dense("bad"))), dense())),
    ("wrapped_kind", "cell", chain(series(), both(cell()), dense())),
    ("needs_layer", "loop", chain(series(), loop(), dense())),
    ("needs_layer", "stack", chain(series(), loop(stack()), dense())),
    ("one_cell_stack", "stack", chain(series(), loop(stack(cell())), dense())),
    (
        "stateful_stack",
        "loop",
        chain(series(batch_size=2), loop(stack(cell(), cell("GRUCell", "second")), stateful=True), dense()),
    ),
    (
        "nested_states",
        "loop",
        chain(
            series(),
            loop(
                stack(cell(), stack(cell(name="second"), cell(name="third"), name="inner")), return_state=True
            ),
            dense(),
        ),
    ),
    (
        "unbounded_activation",
        "cell",
        chain(series(), loop(cell("SimpleRNNCell", activation="relu")), dense()),
    ),
    ("no_forget_bias", "cell", chain(series(), loop(cell(unit_forget_bias=False)), dense())),
    ("needs_matrix", "cell", chain(series(), loop(cell(bias_initializer=Part("Identity"))), dense())),
    ("drops_everything", "cell", chain(series(), loop(cell(dropout=1.0)), dense())),
    (
        "recurrent_scale",
        "rnn",
        chain(series(), layer("SimpleRNN", "rnn", units=9, recurrent_initializer=Part("Ones"))),
    ),
    (
        "recurrent_scale",
        "cell",
        chain(
            series(),
            loop(
                cell(
                    "SimpleRNNCell",
                    units=400,
                    recurrent_initializer=Part("RandomNormal", FrozenMap(stddev=0.5)),
                )
            ),
        ),
    ),
    ("recurrent_scale", "memory", chain(series(), lstm(recurrent_initializer=Part("Zeros")))),
    ("cell_code", "own", chain(series(), loop(custom(code="class Half:\n    pass\n")), dense())),
    ("cell_code", "own", chain(series(), loop(custom(code="def cell(:\n")), dense())),
    ("cell_argument", "own", chain(series(), loop(custom(units="many")), dense())),
    (
        "cell_class_twice",
        "other",
        chain(series(), loop(stack(custom(), custom("other", OTHER))), dense()),
    ),
    (
        "unrolled_backwards",
        "memory",
        chain(series(9), masking(), lstm(unroll=True, go_backwards=True, zero_output_for_mask=True), dense()),
    ),
    ("masked_kernel", "memory", chain(series(), masking(), lstm(), dense())),
]

ATTENTION = [
    (
        "missing_input",
        "look",
        wired([series(), layer("Attention", "look"), dense()], "x look.query", "look out"),
    ),
    (
        "attention_rank",
        "look",
        wired(
            [series(None, 3), gru(), layer("Attention", "look")],
            "x reader",
            "x look.query",
            "reader look.value",
        ),
    ),
    (
        "attention_rank",
        "look",
        wired(
            [series(None, 3), ENCODER, layer("Attention", "look")],
            "x encoder",
            "encoder.h look.query",
            "x look.value",
        ),
    ),
    (
        "attention_mismatch",
        "look",
        wired(
            [series(), lstm(), layer("Attention", "look")], "x memory", "memory look.query", "x look.value"
        ),
    ),
    (
        "attention_mismatch",
        "look",
        wired(
            [series(5), series(7, name="y"), layer("AdditiveAttention", "look")],
            "x look.query",
            "x look.value",
            "y look.key",
        ),
    ),
    (
        "attention_axes",
        "look",
        wired(
            [series(), layer("MultiHeadAttention", "look", num_heads=2, key_dim=2, attention_axes=(2,))],
            "x look.query",
            "x look.value",
        ),
    ),
    (
        "tokens",
        "look",
        wired(
            [series(), layer("Input", "ids", shape=(None,), dtype="int32"), layer("Attention", "look")],
            "x look.query",
            "ids look.value",
        ),
    ),
]

SHARED = [
    (
        "shared_differ",
        "again",
        again(
            wired([series(), series(None, 5, "y"), lstm(), dense()], "x memory", "memory out"),
            "memory",
            "again",
            Link("y", "again"),
        ),
    ),
    (
        "shared_differ",
        "again",
        again(
            wired([series(5, 3), vector(3, "y"), layer("BatchNormalization", "norm")], "x norm"),
            "norm",
            "again",
            Link("y", "again"),
        ),
    ),
    (
        "shared_state",
        "again",
        again(
            wired([series(batch_size=2), series(name="y", batch_size=2), lstm(stateful=True)], "x memory"),
            "memory",
            "again",
            Link("y", "again"),
        ),
    ),
]

VALUES = [
    ("dtype", "out", chain(series(), dense(kernel_initializer=Part("Orthogonal"), dtype="bfloat16"))),
    ("lora_constraint", "out", chain(series(), dense(lora_rank=2, kernel_constraint=Part("NonNeg")))),
    ("masked_softmax", "shares", chain(series(), masking(), layer("Softmax", "shares"), gru())),
    ("data_gaps", "x", chain(series(), gru(), data=typed(((1.0, None), (2.0, 3.0))))),
    (
        "masks_real_steps",
        "mask",
        chain(series(), masking(), gru(), data=typed(((1.0, 1.0), (0.0, 0.0), (2.0, 0.0)))),
    ),
    ("all_masked", "mask", chain(series(), masking(), gru(), data=typed(((0.0, 0.0), (0.0, 0.0))))),
]

CASES: list[tuple[str, str, Design]] = [*STATES, *CELLS, *ATTENTION, *SHARED, *VALUES]
"""Code, id of the layer to blame, design."""
