"""The cells: SimpleRNNCell, LSTMCell and GRUCell, and StackedRNNCells, which makes one cell of several."""

from collections.abc import Callable, Mapping
from typing import Any

from rnn_designer.catalog.cells import (
    cell_at,
    is_cell,
    next_step,
    one_step,
    stacked_signals,
    stacked_states,
)
from rnn_designer.catalog.entries.recurrent import (
    GRU,
    LSTM,
    SIMPLE_RNN,
    UNITS_WORDS,
    carrying,
    dropouts,
    implementation,
    weights_per_gate,
)
from rnn_designer.catalog.inner import count_on, first_inner, outputs_on, total
from rnn_designer.catalog.keras_arguments import argument, with_defaults
from rnn_designer.catalog.parameters import Choice, Parameter
from rnn_designer.catalog.rules import check_weights, joined, known_features
from rnn_designer.catalog.shared import DTYPE, TRAINABLE, units
from rnn_designer.catalog.tensors import TensorSpec
from rnn_designer.catalog.types import Call, CellState, Family, LayerType, Signal, Slot
from rnn_designer.wording import counted

NO_ACTIVITY_REGULARIZER = argument(
    "activity_regularizer",
    Choice((None,)),
    "A penalty on the output of every step. Keras 3.15 cannot train with one in the middle of a loop over steps, so "
    "it is not set here: set it on the RNN around the cell, which has the same outputs.",
    group="advanced",
    editable=False,
)

_FROM_LAYER = (
    "activation",
    "recurrent_activation",
    "use_bias",
    "reset_after",
    *(f"{name}_regularizer" for name in ("kernel", "recurrent", "bias")),
    *(f"{name}_initializer" for name in ("kernel", "recurrent", "bias")),
    *(f"{name}_constraint" for name in ("kernel", "recurrent", "bias")),
    "unit_forget_bias",
)
"""The arguments that a cell has in common with its layer, in the layer's own words."""


def _rule(call: Call) -> tuple[TensorSpec, ...]:
    """(batch, features) to (batch, units)."""
    step = one_step(call)
    known_features(call, step)
    check_weights(call)
    return (TensorSpec((step.sizes[0], call.params["units"])),)


def _count(gates: int) -> Callable[[Call], int]:
    def count(call: Call) -> int:
        return gates * weights_per_gate(call, known_features(call, one_step(call)))

    return count


def _words(params: Mapping[str, Any]) -> str:
    return joined(counted(params["units"], "unit", grouped=False), "one step")


def _parameters(kind: str, layer: LayerType, formula: str, *more: Parameter) -> tuple[Parameter, ...]:
    shared = tuple(layer.by_name[name] for name in _FROM_LAYER if name in layer.by_name)
    return with_defaults(
        kind,
        (
            units(UNITS_WORDS, formula),
            *shared,
            *dropouts("At exactly 1 Keras 3.15 drops nothing. " if layer.gates else "", ""),
            *more,
            NO_ACTIVITY_REGULARIZER,
            TRAINABLE,
            DTYPE,
        ),
    )


SIMPLE_RNN_CELL = LayerType(
    kind="SimpleRNNCell",
    family=Family.CELLS,
    summary="One step of a SimpleRNN, to be put into an RNN or a stack.",
    explanation=(
        "A cell is the part of a recurrent layer that computes one step: from the input of the step and the state "
        "of the step before it makes an output and a new state. It knows nothing of sequences; the RNN around it "
        "calls it once for every step. This one is what SimpleRNN has inside, and RNN(SimpleRNNCell) computes what "
        "SimpleRNN computes.\n\n"
        "hₜ = tanh(xₜ·W + hₜ₋₁·U + b),  output hₜ"
    ),
    parameters=_parameters("SimpleRNNCell", SIMPLE_RNN, "weights: units · (features + units + 1)"),
    rule=_rule,
    count=_count(1),
    words=_words,
    states=SIMPLE_RNN.states,
    carried=carrying("h", bare=True),
    cell=True,
    keywords=("cell", "step", "elman", "vanilla", "rnn", "recurrent"),
)

LSTM_CELL = LayerType(
    kind="LSTMCell",
    family=Family.CELLS,
    summary="One step of an LSTM, to be put into an RNN or a stack.",
    explanation=(
        "What an LSTM does at one step: three gates and a candidate are worked out from the input and the hidden "
        "state before, then the cell state c is scaled and added to, and a part of it is shown as the new hidden "
        "state h. The RNN around it calls it once for every step. RNN(LSTMCell) computes what LSTM computes; the "
        "layer is faster on graphics cards, the cell can stand in a stack.\n\n"
        "i, f, o = σ(xₜ·W + hₜ₋₁·U + b), each with its own W, U and b\n"
        "g = tanh(xₜ·W_g + hₜ₋₁·U_g + b_g)\n"
        "cₜ = f ⊙ cₜ₋₁ + i ⊙ g\n"
        "hₜ = o ⊙ tanh(cₜ),  output hₜ"
    ),
    parameters=_parameters("LSTMCell", LSTM, "weights: 4 · units · (features + units + 1)", implementation()),
    rule=_rule,
    count=_count(4),
    words=_words,
    states=LSTM.states,
    gates=LSTM.gates,
    carried=carrying("h", "c"),
    cell=True,
    keywords=("cell", "step", "long short-term memory", "memory", "recurrent", "cell state"),
)

GRU_CELL = LayerType(
    kind="GRUCell",
    family=Family.CELLS,
    summary="One step of a GRU, to be put into an RNN or a stack.",
    explanation=(
        "What a GRU does at one step: the reset gate r says how much of the state the candidate may look at, the "
        "update gate z how much of the state stays. The RNN around it calls it once for every step. RNN(GRUCell) "
        "computes what GRU computes; the layer is faster on graphics cards, the cell can stand in a stack.\n\n"
        "z, r = σ(xₜ·W + hₜ₋₁·U + b), each with its own W, U and b\n"
        "h̃ = tanh(xₜ·W_h + b_h + r ⊙ (hₜ₋₁·U_h + b′_h))\n"
        "hₜ = z ⊙ hₜ₋₁ + (1 − z) ⊙ h̃,  output hₜ"
    ),
    parameters=_parameters("GRUCell", GRU, "weights: 3 · units · (features + units + 2)", implementation()),
    rule=_rule,
    count=_count(3),
    words=_words,
    states=GRU.states,
    gates=GRU.gates,
    carried=carrying("h", bare=True),
    cell=True,
    keywords=("cell", "step", "gated recurrent unit", "memory", "recurrent"),
)


def _stack_rule(call: Call) -> tuple[TensorSpec, ...]:
    """(batch, features) to what the last cell makes of it; each cell gets the output of the one before."""
    step = one_step(call)
    first_inner(call, "two or more cells, such as LSTMCell,")
    for index in range(len(call.children)):
        (output,) = outputs_on(cell_at(call, index), index, step)
        step = next_step(step, output)
    return (TensorSpec(step.sizes, step.axes),)


def _stack_count(call: Call) -> int | None:
    step, counts = one_step(call), []
    for index in range(len(call.children)):
        cell = cell_at(call, index)
        counts.append(count_on(cell, index, step))
        step = next_step(step, outputs_on(cell, index, step)[0])
    return total(tuple(counts))


def _stack_carried(_params: Mapping[str, Any], children: tuple[Call, ...]) -> tuple[CellState, ...]:
    return stacked_states(children)


def _stack_signals(
    _params: Mapping[str, Any], children: tuple[Call, ...]
) -> tuple[tuple[Signal, ...], tuple[Signal, ...]]:
    return stacked_signals(children)


STACKED_RNN_CELLS = LayerType(
    kind="StackedRNNCells",
    family=Family.CELLS,
    summary="Several cells one above the other, used as a single cell.",
    explanation=(
        "At every step the first cell gets the input, the second the first one's output, and so on; what the last "
        "one gives is the output of the step. Each cell keeps states of its own. In an RNN this computes the same "
        "as recurrent layers in a row that return sequences, but in one loop over the steps instead of several. The "
        "cells may be of different kinds and sizes, and a stack may stand in another. It takes cells, not layers: "
        "LSTMCell, not LSTM.\n\n"
        "y⁰ₜ = cell 0(xₜ),  y¹ₜ = cell 1(y⁰ₜ),  …,  output: the last of them"
    ),
    parameters=with_defaults("StackedRNNCells", (NO_ACTIVITY_REGULARIZER, TRAINABLE, DTYPE)),
    rule=_stack_rule,
    count=_stack_count,
    words=lambda _params: "one above the other",
    slots=(
        Slot(
            "cells",
            is_cell,
            "cells: LSTMCell, GRUCell, SimpleRNNCell, a cell of your own or another stack",
            many=True,
        ),
    ),
    signals=_stack_signals,
    carried=_stack_carried,
    cell=True,
    keywords=("stack", "deep", "several cells", "multi-layer", "recurrent"),
)

CELLS = (SIMPLE_RNN_CELL, LSTM_CELL, GRU_CELL, STACKED_RNN_CELLS)
