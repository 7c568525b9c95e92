"""What goes from step to step: its output ports, and where it begins, by wires or by constant numbers.

Keras checks neither the number nor the sizes of initial states when it builds a model: a GRU ignores a second one,
an LSTM fails only when it runs. So every rule of a recurrent layer ends with :func:`check_initial`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from rnn_designer.catalog.parameters import Parameter, States
from rnn_designer.catalog.tensors import TensorSpec
from rnn_designer.catalog.types import Call, CellState, Port, PortRule, RuleError, StateRule
from rnn_designer.wording import counted

_Entry = TypeVar("_Entry")

INITIAL_STATE = Parameter(
    "initial_state",
    States(),
    None,
    "What the states are before the first step. None: zeros. Otherwise a number for each state, or one number for "
    "each unit of it; every sample of a batch begins alike. Where a computed state is to be the beginning, such as "
    "an encoder's, draw a wire to the ports at the top edge instead. In code it is given where the layer is called.",
    formula="h₋₁ = initial_state",
    group="behaviour",
    at_call=True,
)

INITIAL_STATE_BOTH_WAYS = replace(
    INITIAL_STATE,
    explanation="What the states are before each direction's first step: all states of the forward layer, then all "
    "of the backward one. None: zeros. Otherwise a number for each state, or one number for each unit of it. Where a "
    "computed state is to be the beginning, draw a wire to the ports at the top edge instead. In code it is given "
    "where the layer is called.",
)


def carried_by(call: Call) -> tuple[CellState, ...]:
    """What a layer or cell carries from step to step."""
    return call.type.carried(call.params, call.children)


def state_ports(states: Iterable[CellState]) -> tuple[Port, ...]:
    """The output ports for the states after the last step."""
    return tuple(Port(state.name, state.symbol, state=True) for state in states)


def starting_ports(states: Iterable[CellState]) -> tuple[Port, ...]:
    """The input ports for the states before the first step; all of them or none are to be wired."""
    return tuple(
        Port(initial_port(state), _at_start(state.symbol), state=True, optional=True) for state in states
    )


def initial_port(state: CellState) -> str:
    """The name of the input port for a state's beginning."""
    return f"initial_{state.name}"


def starts(carried: StateRule) -> PortRule:
    """The rule of ``LayerType.more_inputs`` for a type that carries these."""

    def ports(params: Mapping[str, Any], children: tuple[Call, ...]) -> tuple[Port, ...]:
        return starting_ports(carried(params, children))

    return ports


def _at_start(symbol: str) -> str:
    """``h`` as ``h₀``; what follows the symbol itself stays: ``h cell 1`` as ``h₀ cell 1``."""
    first, space, rest = symbol.partition(" ")
    numbered = "₀" <= first[-1:] <= "₉"
    return f"{first}{' start' if numbered else '₀'}{space}{rest}"


def within(states: Iterable[CellState], direction: str, first: int) -> tuple[CellState, ...]:
    """The states of one direction of a Bidirectional, whose own are in Keras' list from place ``first``."""
    return tuple(
        CellState(
            f"{direction}_{state.name}",
            f"{direction}/{state.path}",
            f"{state.symbol} {direction}",
            state.sizes,
            (first + state.place[0], *state.place[1:]),
        )
        for state in states
    )


def in_places(states: tuple[CellState, ...], entries: Iterable[_Entry]) -> list[Any]:
    """One entry per state, nested in lists as Keras wants them in ``initial_state``."""
    nested: list[Any] = []
    for state, entry in zip(states, entries, strict=True):
        inside = nested
        for place in state.place[:-1]:
            while len(inside) <= place:
                inside.append([])
            inside = inside[place]
        inside.append(entry)
    return nested


def check_initial(call: Call, states: tuple[CellState, ...], expected: tuple[TensorSpec, ...]) -> None:
    """Refuse initial states that do not belong to the layer.

    Args:
        call: the use of the layer, with the tensors at its optional ports.
        states: what the layer carries.
        expected: the tensor of each of them.

    Raises:
        RuleError: ``state_count`` for too few wires, ``state_size`` and ``state_batch`` for tensors that do not fit,
            ``state_constant`` for constants that do not, or that stand beside wires.
    """
    constant = call.params.get("initial_state")
    wired = [state for state in states if initial_port(state) in call.named]
    if constant is not None:
        if wired:
            raise RuleError(
                "state_constant",
                f"{call.type.kind} begins either from wires or from constant numbers, got both: a wire at "
                f"{_listed(_at_start(state.symbol) for state in wired)}, and initial_state. Set initial_state to "
                "none, or remove the wires.",
                parameter="initial_state",
                wired=tuple(initial_port(state) for state in wired),
            )
        _check_constant(call, states, expected, constant)
    if not wired:
        return
    if len(wired) < len(states):
        missing = [state for state in states if state not in wired]
        raise RuleError(
            "state_count",
            f"{call.type.kind} begins with wires for all its {len(states)} states or for none, got a wire "
            f"for {_listed(_at_start(state.symbol) for state in wired)} only. Connect "
            f"{_listed(_at_start(state.symbol) for state in missing)} too, or remove what is wired.",
            wired=tuple(initial_port(state) for state in wired),
            missing=tuple(initial_port(state) for state in missing),
        )
    for state, spec in zip(states, expected, strict=True):
        _check_wired(call, state, spec, call.named[initial_port(state)])


def _check_wired(call: Call, state: CellState, expected: TensorSpec, given: TensorSpec) -> None:
    """Refuse a tensor that cannot be the state before the first step."""
    port, symbol, kind = initial_port(state), _at_start(state.symbol), call.type.kind
    if given.sizes[1:] != expected.sizes[1:]:
        if given.rank == 2 and expected.rank == 2:
            needs = f"{counted(expected.features or 0, 'number')} per sample"
            advice = f"Give the layer behind it {expected.features} units, or put a Dense({expected.features}) between."
        else:
            needs = f"a state of shape {expected}"
            advice = (
                "Take the state of another layer, or the output of one with return_sequences off."
                if given.rank > expected.rank
                else "Take the state of a layer of the same kind and size."
            )
        raise RuleError(
            "state_size",
            f"{kind} needs {needs} at {symbol}, got {given}. {advice}",
            port=port,
            expected=expected.features,
            expected_sizes=expected.sizes,
            got=given.features,
            got_sizes=given.sizes,
        )
    if given.kind == "int":
        raise RuleError(
            "state_size",
            f"{kind} needs real numbers at {symbol}, got whole numbers (token ids) {given}. Take the state of another "
            "layer, or put an Embedding and a pooling layer between.",
            port=port,
            expected_sizes=expected.sizes,
            got_sizes=given.sizes,
        )
    batch, own = given.sizes[0], expected.sizes[0]
    if batch is not None and own is not None and batch not in (own, 1):
        raise RuleError(
            "state_batch",
            f"{kind} needs a state for each of the {own} samples of a batch at {symbol}, got {given} for {batch}. Set "
            "batch_size alike in the Inputs.",
            port=port,
            expected=own,
            got=batch,
        )


def _check_constant(
    call: Call, states: tuple[CellState, ...], expected: tuple[TensorSpec, ...], constant: tuple[Any, ...]
) -> None:
    """Refuse constants that are too many, too few, or as rows of the wrong length."""
    kind = call.type.kind
    if len(constant) != len(states):
        names = _listed(state.symbol for state in states)
        raise RuleError(
            "state_constant",
            f"{kind} has {counted(len(states), 'state')} ({names}), got initial_state with "
            f"{counted(len(constant), 'value')}. Give one for each, or set initial_state to none.",
            parameter="initial_state",
            expected=len(states),
            got=len(constant),
        )
    for place, (state, spec, entry) in enumerate(zip(states, expected, constant, strict=True)):
        if not isinstance(entry, tuple):
            continue
        if spec.rank != 2:
            raise RuleError(
                "state_constant",
                f"{kind} keeps frames for states, {spec} for {state.symbol}, got a row of "
                f"{counted(len(entry), 'number')} in initial_state. Give one number for the whole frame.",
                parameter="initial_state",
                place=place,
            )
        if len(entry) != spec.features:
            raise RuleError(
                "state_constant",
                f"{kind} keeps {counted(spec.features or 0, 'number')} in {state.symbol}, got "
                f"{len(entry)} in initial_state. Give {spec.features}, or a single number for all of them.",
                parameter="initial_state",
                place=place,
                expected=spec.features,
                got=len(entry),
            )


def refuse_inside(call: Call, child: Call, index: int, advice: str) -> None:
    """Refuse a constant initial state on a layer that is called by its wrapper and not by code."""
    if child.params.get("initial_state") is not None:
        raise RuleError(
            "state_inside",
            f"{call.type.kind} calls the {child.type.kind} in it by itself, so that cannot have an initial_state of "
            f"its own, got one. {advice}",
            parameter="initial_state",
            child=index,
        )


def _listed(words: Iterable[str]) -> str:
    names = list(words)
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
