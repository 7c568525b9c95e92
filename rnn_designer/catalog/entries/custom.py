"""The custom cell: a class that the user writes, with arguments and states as its text says."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeAlias

from rnn_designer.catalog.cell_code import LONGEST_CODE, CellCode, CodeFault, read_cell
from rnn_designer.catalog.cell_templates import minimal_cell
from rnn_designer.catalog.cells import one_step
from rnn_designer.catalog.code_parameters import Arguments, Text
from rnn_designer.catalog.parameters import REQUIRED, Parameter
from rnn_designer.catalog.rules import joined, known_features
from rnn_designer.catalog.tensors import TensorSpec
from rnn_designer.catalog.types import Call, CellState, Family, LayerType, RuleError, Signal
from rnn_designer.catalog.values import BadValue, FrozenMap, Part

_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_States: TypeAlias = tuple[tuple[str, tuple[int, ...]], ...]
_REMEMBERED = 1024
"""How many cells, each with its arguments, have their sizes remembered: following a constructor takes a millisecond,
and a check of a design asks for each cell a dozen times."""


def _given(params: Mapping[str, Any]) -> Mapping[str, Any]:
    arguments = params["arguments"]
    return arguments.params if isinstance(arguments, Part) else FrozenMap()


def _readable(params: Mapping[str, Any]) -> CellCode | None:
    try:
        return read_cell(params["code"])
    except CodeFault:
        return None


def _in_code(fault: CodeFault) -> RuleError:
    return RuleError(
        "cell_code",
        f"Line {fault.line} of the cell's code: {fault.sentence}",
        parameter="code",
        line=fault.line,
        column=fault.column,
    )


def refusal_of(params: Mapping[str, Any]) -> RuleError | None:
    """What is wrong with a cell's code or arguments, whatever it is fed with; None if nothing is."""
    try:
        _sizes(params)
    except RuleError as refusal:
        return refusal
    return None


def _sizes(params: Mapping[str, Any]) -> tuple[_States, int]:
    """The states and the output size of a cell; refused where its code or an argument is faulty."""
    found = _measured(params["code"], _given(params), repr(_given(params)))
    if isinstance(found, RuleError):
        # A new one each time: a raised exception holds on to its traceback, and the cache to the exception.
        raise RuleError(found.code, str(found), parameter=found.parameter, **found.facts)
    return found


@lru_cache(maxsize=_REMEMBERED)
def _measured(code: str, arguments: Mapping[str, Any], _spelled: str) -> tuple[_States, int] | RuleError:
    """What :func:`_sizes` gives or raises; the spelling tells apart what Python takes for equal: (1,) and (1.0,)."""
    try:
        cell = read_cell(code)
        values = cell.complete(arguments)
        for argument in cell.arguments:
            try:
                values[argument.name] = argument.type.accept(values[argument.name])
            except BadValue as bad:
                return RuleError(
                    "cell_argument",
                    f"The argument {argument.label} of {cell.class_name}: {bad}",
                    parameter="arguments",
                    argument=argument.name,
                )
        return cell.states(values), cell.output_size(values)
    except CodeFault as fault:
        return _in_code(fault)


def _rule(call: Call) -> tuple[TensorSpec, ...]:
    """(batch, features) to (batch, output_size)."""
    _, output_size = _sizes(call.params)
    step = one_step(call)
    known_features(call, step)
    return (TensorSpec((step.sizes[0], output_size)),)


def _unknown_count(_call: Call) -> None:
    """Only Keras knows the weights: the code makes them, and is never run here."""


def _states(params: Mapping[str, Any]) -> tuple[_States, bool]:
    """The states by the arguments as they are, fit or not, and whether ``state_size`` is a lone number."""
    return _shown_states(params["code"], _given(params), repr(_given(params)))


@lru_cache(maxsize=_REMEMBERED)
def _shown_states(code: str, arguments: Mapping[str, Any], _spelled: str) -> tuple[_States, bool]:
    try:
        cell = read_cell(code)
        return cell.states(arguments), cell.single
    except CodeFault:
        return (), False


def _symbol(name: str) -> str:
    return f"s{name.translate(_LOWERED)}" if name.isdigit() else name


def _carried(params: Mapping[str, Any], _children: tuple[Call, ...]) -> tuple[CellState, ...]:
    states, single = _states(params)
    return tuple(
        CellState(name, f"state/{name}", _symbol(name), sizes, () if single else (place,))
        for place, (name, sizes) in enumerate(states)
    )


def _signals(
    params: Mapping[str, Any], _children: tuple[Call, ...]
) -> tuple[tuple[Signal, ...], tuple[Signal, ...]]:
    states = tuple(
        Signal(f"state/{name}", _symbol(name), f"The state {_symbol(name)} that the cell's code returns.")
        for name, _ in _states(params)[0]
    )
    return states, ()


def _words(params: Mapping[str, Any]) -> str:
    cell = _readable(params)
    if cell is None:
        return joined(params["arguments"].kind, "fault in its code")
    given = _given(params)
    shown = [
        f"{argument.label} {_shown(given[argument.name])}"
        for argument in cell.arguments
        if argument.name in given
        and (argument.default is REQUIRED or given[argument.name] != argument.default)
    ]
    return joined(cell.class_name, *shown[:3])


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 20 else text[:19] + "…"


def _start() -> Part:
    cell = read_cell(minimal_cell())
    return cell.fitted(Part(cell.class_name))


CUSTOM_CELL = LayerType(
    kind="CustomCell",
    family=Family.CELLS,
    summary="A cell that you write yourself, in Python, for an RNN or a stack.",
    explanation=(
        "A class in Keras 3 form whose method call(inputs, states) computes one step: it gets the inputs of the step "
        "and the list of states before it, and returns the output and the list of new states. state_size says how "
        "large each state is, state_names what plots call them, and the arguments of its constructor can be set "
        "here like those of any layer. The code is read, never run, to find them; it runs only in the process that "
        "computes, and only if you typed it here or said that you trust it. Exported code contains the class word "
        "for word.\n\n"
        "outputₜ, statesₜ = call(xₜ, statesₜ₋₁)"
    ),
    parameters=(
        Parameter(
            "code",
            Text(longest=LONGEST_CODE, lines=True, code=True),
            REQUIRED,
            "The class, with the imports and helper functions that it needs. Its last class derived from "
            "keras.layers.Layer that has a call is the cell.",
            initial=minimal_cell(),
        ),
        Parameter(
            "arguments",
            Arguments(),
            REQUIRED,
            "What the class's constructor is given. Which arguments there are, and what each means, follows from "
            "the code and its docstring.",
            initial=_start(),
        ),
    ),
    rule=_rule,
    count=_unknown_count,
    words=_words,
    signals=_signals,
    carried=_carried,
    cell=True,
    keywords=("custom", "own", "write", "code", "python", "class", "cell", "recurrent"),
)
