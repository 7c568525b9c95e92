"""The layer RNN, which walks any cell along a sequence."""

from collections.abc import Mapping
from typing import Any

from rnn_designer.catalog.cells import (
    cell_at,
    deepest,
    in_a_loop,
    is_cell,
    signals_of,
    step_of,
)
from rnn_designer.catalog.entries.recurrent import (
    RETURN_SEQUENCES,
    behaviour,
    check_sequence,
    outputs_with,
    return_state,
    with_states,
)
from rnn_designer.catalog.inner import count_on, first_inner, outputs_on
from rnn_designer.catalog.keras_arguments import with_defaults
from rnn_designer.catalog.rules import joined
from rnn_designer.catalog.shared import BASE
from rnn_designer.catalog.states import carried_by, starts
from rnn_designer.catalog.tensors import Step, TensorSpec
from rnn_designer.catalog.types import Call, CellState, Family, LayerType, RuleError, Signal, Slot

_DEEPEST_RETURNED = 2
"""In how many lists a state may be that return_state gives out: a list of states in the list of cells."""


def _cell(call: Call) -> tuple[Call, TensorSpec, Step]:
    """The cell, the sequence and one step of it."""
    first_inner(call, "a cell, such as LSTMCell, or StackedRNNCells with several,")
    cell = cell_at(call, 0)
    spec = check_sequence(call)
    return cell, spec, step_of(spec)


def _rule(call: Call) -> tuple[TensorSpec, ...]:
    """(batch, time, features) to (batch, time, cell's output), or without time for the last step, then the states."""
    cell, spec, step = _cell(call)
    (output,) = outputs_on(cell, 0, step)
    if call.params["return_state"] and deepest(_carried(call.params, call.children)) > _DEEPEST_RETURNED:
        raise RuleError(
            "nested_states",
            "RNN with return_state gives out the states of cells in a stack, but Keras fails where one of them is in "
            "a stack inside the stack and has several states, as LSTMCell has. Put all cells into one stack, or "
            "switch return_state off.",
            parameter="return_state",
        )
    sizes = (spec.sizes[0], spec.time, output.features)
    if call.params["return_sequences"]:
        return with_states(call, TensorSpec(sizes, masked=spec.masked))
    return with_states(call, TensorSpec((sizes[0], sizes[2])))


def _count(call: Call) -> int | None:
    cell, _, step = _cell(call)
    return count_on(cell, 0, step)


def _carried(_params: Mapping[str, Any], children: tuple[Call, ...]) -> tuple[CellState, ...]:
    return in_a_loop(carried_by(children[0])) if children else ()


def _signals(
    _params: Mapping[str, Any], children: tuple[Call, ...]
) -> tuple[tuple[Signal, ...], tuple[Signal, ...]]:
    return signals_of(children[0]) if children else ((), ())


def _words(params: Mapping[str, Any]) -> str:
    return joined(
        "its cell at every step",
        "sequences" if params["return_sequences"] else "last output",
        "backwards" if params["go_backwards"] else None,
        "states" if params["return_state"] else None,
    )


RNN = LayerType(
    kind="RNN",
    family=Family.RECURRENT,
    summary="Walks any cell, or a stack of cells, along a sequence.",
    explanation=(
        "The loop without the cell: at every step it hands the cell inside the input of that step and the states of "
        "the step before, and keeps the new states for the next one. LSTM, GRU and SimpleRNN are this loop with a "
        "fixed cell. With RNN the cell can be chosen: one of Keras' own, several in StackedRNNCells, or one that you "
        "wrote. The layer has no weights but its cell's.\n\n"
        "outputₜ, statesₜ = cell(xₜ, statesₜ₋₁)  for t = 0, 1, 2 …\n"
        "states₋₁ = zeros, or initial_state"
    ),
    parameters=with_defaults(
        "RNN",
        (
            RETURN_SEQUENCES,
            return_state(
                "every state of the cell, or of all cells of a stack, each on a port of its own",
                "each state: (batch, its units)",
            ),
            *behaviour(),
            *BASE,
        ),
    ),
    rule=_rule,
    count=_count,
    words=_words,
    more_inputs=starts(_carried),
    outputs=outputs_with(_carried),
    slots=(
        Slot(
            "cell",
            is_cell,
            "a cell: LSTMCell, GRUCell, SimpleRNNCell, StackedRNNCells or one of your own",
        ),
    ),
    signals=_signals,
    carried=_carried,
    keywords=("loop", "cell", "custom", "stack", "recurrent", "sequence", "memory"),
)
