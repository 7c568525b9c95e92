"""What each group of parameters does, as variants of one layer side by side."""

from typing import Any

from gallery.kit import COLUMN, Example, dense_head, design, layer, sheet

from rnn_designer.catalog import FrozenMap, Part
from rnn_designer.design import DataSource, Design, Layer, Link, Note
from rnn_designer.sequences import generate

_STEP = 104.0
_X = 40.0


def _data(kind: str = "sine", **options: Any) -> DataSource:
    settings = {"period": 16.0, "components": 2, "seed": 5} if kind == "sine" else {}
    return DataSource(kind, FrozenMap({**settings, **options}), batch_size=8, time_steps=48)


def _next_values() -> tuple[Any, Any]:
    made = generate("sine", {"period": 16.0, "components": 2, "seed": 5, "noise": 0.05}, (256, 49, 1))
    return made[:, :-1], made[:, 1:]


def _variants(
    name: str, notes: str, layers: tuple[Layer, ...], note: str, data: DataSource | None = None
) -> Design:
    """An Input that feeds every variant; the variants stand below one another."""
    source = layer("p0input1", "Input", "signal", (_X, 80.0 + _STEP * (len(layers) - 1) / 2), shape=(None, 1))
    placed = tuple(
        Layer(each.id, each.kind, each.name, each.params, (_X + COLUMN, 80.0 + _STEP * row), each.children)
        for row, each in enumerate(layers)
    )
    wires = tuple(Link(source.id, each.id) for each in placed)
    paper: Note = sheet(note, (_X + COLUMN + 230.0, 80.0), 420.0)
    return design(name, notes, (source, *placed), {source.id: data or _data()}, paper, links=wires)


def _rnn(layer_id: str, name: str, kind: str = "SimpleRNN", **params: Any) -> Layer:
    return layer(layer_id, kind, name, (0, 0), **{"units": 16, "return_sequences": True, **params})


def _trained(shown: Design, epochs: int = 80) -> Example:
    return Example(shown, _next_values, head=dense_head(1), taught=len(shown.layers) - 1, epochs=epochs)


UNITS = _trained(
    _variants(
        "units",
        "The same signal through 4, 16 and 64 units: how wide a memory is, and what it costs.",
        (
            _rnn("p1rnn004", "few", units=4),
            _rnn("p1rnn016", "some", units=16),
            _rnn("p1rnn064", "many", units=64),
        ),
        "units is the width of output and state. The number of weights grows with its square: units · (features + "
        "units + 1) for a SimpleRNN, four times as many for an LSTM, three times for a GRU (and a second bias with "
        "reset_after).\n"
        "Look at: the counts in the properties, and the heat maps. With 4 units each has to carry something of its "
        "own; with 64 many units do nearly the same.",
    )
)

ACTIVATION = _trained(
    _variants(
        "activation",
        "tanh, relu, sigmoid and linear in the same place: which keeps a state within bounds.",
        (
            _rnn("p2rnn001", "tanh", activation="tanh"),
            _rnn("p2rnn002", "relu", activation="relu", recurrent_initializer=Part("Identity")),
            _rnn("p2rnn003", "sigmoid", activation="sigmoid"),
            _rnn("p2rnn004", "linear", activation=None),
        ),
        "activation is what squashes the new state. tanh keeps it between −1 and 1, sigmoid between 0 and 1. relu "
        "and linear have no upper bound: with a recurrent kernel a little too large the state grows from step to "
        "step. In an LSTM or GRU, recurrent_activation does the same for the gates.\n"
        "Look at: relu units that stay at 0 whatever comes in (dead), the states of sigmoid, which are never below 0, "
        "and how far those of relu and linear go beyond the 1 that tanh never passes.",
    )
)

BIAS = _trained(
    _variants(
        "bias",
        "Two LSTMs, one without a bias, one whose forget gate starts open.",
        (
            _rnn("p3lst001", "with_bias", "LSTM"),
            _rnn("p3lst002", "without_bias", "LSTM", use_bias=False),
            _rnn("p3lst003", "forget_bias_off", "LSTM", unit_forget_bias=False),
        ),
        "use_bias adds a number per unit and gate before the activation; without it a unit that gets zeros gives "
        "zeros, and 4 · units weights fewer are there. unit_forget_bias adds 1 to the bias of the forget gate before "
        "training, so that a fresh LSTM remembers.\n"
        "Look at: the forget gate f of all three. In the layer without the bias it starts near one half.",
    )
)

REGULARIZERS = _trained(
    _variants(
        "regularizers",
        "Penalties on weights: none, L1, L2, both, and one that keeps rows at right angles.",
        (
            _rnn("p4rnn001", "none"),
            _rnn("p4rnn002", "l1", kernel_regularizer=Part("L1", FrozenMap(l1=0.01))),
            _rnn("p4rnn003", "l2", recurrent_regularizer=Part("L2", FrozenMap(l2=0.01))),
            _rnn("p4rnn004", "l1_and_l2", bias_regularizer=Part("L1L2", FrozenMap(l1=0.01, l2=0.01))),
            _rnn(
                "p4rnn005",
                "orthogonal",
                recurrent_regularizer=Part("OrthogonalRegularizer", FrozenMap(factor=0.01)),
            ),
        ),
        "Each regularizer adds one term to the loss: on the kernel, on the recurrent kernel or on the bias. It "
        "changes nothing in what the layer computes from its weights, only which weights training finds. L1 sets "
        "many weights to 0, L2 makes all small. The text 'l1_l2' is refused by Keras and 'l1l2' means a penalty of "
        "0: use L1L2 with its two factors. The orthogonal one needs a matrix, so it cannot stand on a bias.\n"
        "Look at: how calm the states of the L2 layer are beside those without a penalty.",
    )
)

INITIALIZERS = Example(
    _variants(
        "initializers",
        "Untrained layers: where the weights start decides how long an impulse is remembered.",
        (
            _rnn("p5rnn001", "orthogonal", activation=None),
            _rnn("p5rnn002", "identity", activation=None, recurrent_initializer=Part("Identity")),
            _rnn(
                "p5rnn003",
                "small",
                activation=None,
                recurrent_initializer=Part("RandomNormal", FrozenMap(stddev=0.05)),
            ),
            _rnn(
                "p5rnn004",
                "large",
                activation=None,
                recurrent_initializer=Part("RandomNormal", FrozenMap(stddev=0.3)),
                recurrent_constraint=Part("UnitNorm"),
            ),
        ),
        "These layers are not trained, and have no activation, so that only the recurrent kernel decides what "
        "becomes of the impulse at step 5. Orthogonal turns the state and keeps its length for ever; Identity keeps "
        "each unit as it is; small weights forget within a few steps; large ones blow it up. A constraint such as "
        "UnitNorm is applied after every training step only, not before the first.\n"
        "Look at: how far to the right of step 5 the colours reach. Another seed in the design's properties draws "
        "other weights.",
        _data("impulse", position=5, height=1.0),
    )
)

RETURN_SEQUENCES = Example(
    design(
        "return_sequences",
        "The same GRU twice: one gives out every step, the other only the last.",
        (
            layer("p6input1", "Input", "signal", (40, 140), shape=(None, 1)),
            layer("p6gru002", "GRU", "every_step", (330, 80), units=16, return_sequences=True),
            layer("p6den003", "Dense", "next_value_always", (620, 80), units=1),
            layer("p6gru004", "GRU", "last_step", (330, 220), units=16),
            layer("p6den005", "Dense", "next_value_once", (620, 220), units=1),
        ),
        {"p6input1": _data()},
        sheet(
            "return_sequences changes the rank of the output: (batch, time, units) with it, (batch, units) without. "
            "Both layers compute the same at every step; the lower one hands on only the last. Another recurrent "
            "layer, or a forecast at every step, needs the whole sequence; one answer for the whole sequence needs "
            "the last step.\n"
            "Look at: the shapes on the wires while you switch it, and the fix that is offered when a recurrent "
            "layer after it gets too few axes.",
            (40.0, 360.0),
        ),
        links=(
            Link("p6input1", "p6gru002"),
            Link("p6gru002", "p6den003"),
            Link("p6input1", "p6gru004"),
            Link("p6gru004", "p6den005"),
        ),
    ),
    lambda: (_next_values()[0], [_next_values()[1], _next_values()[1][:, -1]]),
    taught=2,
    epochs=80,
)

RETURN_STATE = Example(
    design(
        "return_state",
        "An LSTM hands its last h and c to another one, which goes on where the first ended.",
        (
            layer("p7input1", "Input", "first_half", (40, 80), shape=(None, 1)),
            layer("p7input2", "Input", "second_half", (40, 260), shape=(None, 1)),
            layer("p7lst003", "LSTM", "reader", (330, 80), units=16, return_state=True),
            layer("p7lst004", "LSTM", "continues", (330, 260), units=16, return_sequences=True),
            layer("p7den005", "Dense", "next_value", (620, 260), units=1),
        ),
        {"p7input1": _data(), "p7input2": _data(seed=6)},
        sheet(
            "return_state opens further outputs: h and c (a SimpleRNN or GRU has only h). What comes first is still "
            "the output: the last step, or the sequence if return_sequences is on as well. It is not “the sequence "
            "and the state” by itself.\n"
            "The two state wires end at the initial state of the lower LSTM. It needs both, in this order and with "
            "as many units; Keras itself does not check that.\n"
            "Look at: the lower layer's states at step 0. Pull the two wires off, and they start from zeros.",
            (40.0, 390.0),
        ),
        links=(
            Link("p7input1", "p7lst003"),
            Link("p7input2", "p7lst004"),
            Link("p7lst003", "p7lst004", "h", "initial_h"),
            Link("p7lst003", "p7lst004", "c", "initial_c"),
            Link("p7lst004", "p7den005"),
        ),
    ),
    lambda: _halves(),
    epochs=80,
)


def _halves() -> tuple[Any, Any]:
    made = generate("sine", {"period": 16.0, "components": 2, "seed": 5, "noise": 0.05}, (256, 97, 1))
    return [made[:, :48], made[:, 48:-1]], made[:, 49:]


def _next_values_each_way() -> tuple[Any, Any]:
    """The targets of the layers of :data:`BEHAVIOUR`; the second gives its sequence out from the last step on."""
    inputs, targets = _next_values()
    return inputs, [targets, targets[:, ::-1], targets, targets]


BEHAVIOUR = Example(
    _variants(
        "behaviour",
        "Backwards, dropout, reset before or after, unrolled: the remaining switches of a recurrent layer.",
        (
            _rnn("p8gru001", "plain", "GRU"),
            _rnn("p8gru002", "backwards", "GRU", go_backwards=True),
            _rnn("p8gru003", "reset_before", "GRU", reset_after=False),
            _rnn("p8gru004", "with_dropout", "GRU", dropout=0.3, recurrent_dropout=0.2),
        ),
        "go_backwards reads from the last step to the first, and returns the sequence in that order; the scopes turn "
        "it round so that every column is still one step of the input. reset_after says whether the reset gate works "
        "after the recurrent multiplication, with a bias of its own, or before. dropout and recurrent_dropout set "
        "numbers to 0 while training only: the Dropout switch shows it. unroll and use_cudnn change the speed "
        "and not the numbers; there is no time_major any more: batch comes first, then time.\n"
        "Look at: the states of backwards. They begin at the right edge, from zeros, and settle towards the left.",
    ),
    _next_values_each_way,
    head=dense_head(1),
    taught=4,
    epochs=80,
)


PARAMETERS = (
    UNITS,
    ACTIVATION,
    BIAS,
    REGULARIZERS,
    INITIALIZERS,
    RETURN_SEQUENCES,
    RETURN_STATE,
    BEHAVIOUR,
)
