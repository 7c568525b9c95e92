"""What every cell's rules share: one step of a sequence, and where its states and signals are in a stack.

A stack that holds one cell is that cell: Keras 3.15 loses the nesting of its states (a mask or unroll makes it
fail), so exported code leaves such a stack out, and its states are where the cell's own would be. Their names stay
those of a stack.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from rnn_designer.catalog.states import carried_by
from rnn_designer.catalog.tensors import Step, TensorSpec
from rnn_designer.catalog.types import Call, CellState, LayerType, RuleError, Signal

STACK: Final = "StackedRNNCells"

CELL_OF: Final[Mapping[str, str]] = {"SimpleRNN": "SimpleRNNCell", "LSTM": "LSTMCell", "GRU": "GRUCell"}
"""The cell that a layer has inside: what to use in its stead where a cell belongs."""

LAYER_OF: Final[Mapping[str, str]] = {cell: layer for layer, cell in CELL_OF.items()}
"""The layer that is a cell in a loop: what to use in its stead where a layer belongs."""


def is_cell(kind: LayerType) -> bool:
    """Whether a place for a cell takes it."""
    return kind.cell


def one_step(call: Call) -> TensorSpec:
    """The input of a cell, (batch, features); refused where the cell stands on the canvas without an RNN around it."""
    spec = call.inputs[0]
    if not isinstance(spec, Step):
        kind = call.type.kind
        layer = LAYER_OF.get(kind)
        instead = f", or use the layer {layer} in its place" if layer else ""
        raise RuleError(
            "cell_alone",
            f"{kind} computes a single step and cannot walk along a sequence by itself, got {spec}. Put it into an "
            f"RNN{instead}.",
            instead=layer,
        )
    return spec


def cell_at(call: Call, index: int) -> Call:
    """The inner cell at that place, refused if it is no cell."""
    child = call.children[index]
    if not child.type.cell:
        kind, cell = child.type.kind, CELL_OF.get(child.type.kind)
        if cell is not None:
            sentence = (
                f"{call.type.kind} hands its cell one step at a time, got the layer {kind}, which wants a whole "
                f"sequence. Use {cell} in its place."
            )
        elif child.type.recurrent:
            sentence = (
                f"{call.type.kind} needs a cell, which computes one step, got the layer {kind}, which wants a whole "
                "sequence. Put LSTMCell, GRUCell or SimpleRNNCell there."
            )
        else:
            sentence = (
                f"{call.type.kind} needs a cell, which keeps a state from step to step, got {kind}, which keeps "
                "none. Put LSTMCell, GRUCell or SimpleRNNCell there."
            )
        raise RuleError("wrapped_kind", sentence, child=index, kind=kind, instead=cell)
    return child


def stacked_states(cells: tuple[Call, ...]) -> tuple[CellState, ...]:
    """The states of the cells of a stack, named by their cells."""
    alone = len(cells) == 1
    return tuple(
        _member(state, index, cell, alone) for index, cell in enumerate(cells) for state in carried_by(cell)
    )


def _member(state: CellState, index: int, cell: Call, alone: bool) -> CellState:
    nested = cell.type.kind == STACK
    return CellState(
        f"cell_{index}_{state.name.removeprefix('cell_') if nested else state.name}",
        f"cell_{index}/{state.path}",
        in_cell(state.symbol, index, nested),
        state.sizes,
        state.place if alone else (index, *state.place),
    )


def in_cell(symbol: str, index: int, nested: bool = False) -> str:
    """A symbol with its cell: ``h`` as ``h cell 1``, and ``h cell 0`` of a stack in a stack as ``h cell 1.0``."""
    if not nested:
        return f"{symbol} cell {index}"
    own, _, rest = symbol.partition(" cell ")
    return f"{own} cell {index}.{rest}"


def stacked_signals(cells: tuple[Call, ...]) -> tuple[tuple[Signal, ...], tuple[Signal, ...]]:
    """The recorded states and gates of the cells of a stack, named by their cells."""
    recorded = [signals_of(cell) for cell in cells]
    states, gates = (
        tuple(
            _signal(signal, index, cell)
            for index, (cell, signals) in enumerate(zip(cells, recorded, strict=True))
            for signal in signals[which]
        )
        for which in (0, 1)
    )
    return states, gates


def signals_of(cell: Call) -> tuple[tuple[Signal, ...], tuple[Signal, ...]]:
    """The recorded states and gates of a cell."""
    return cell.type.recorded(cell.params, cell.children)


def _signal(signal: Signal, index: int, cell: Call) -> Signal:
    nested = cell.type.kind == STACK
    which = (
        f"Cell {index}.{signal.explanation.removeprefix('Cell ')}"
        if nested
        else f"Cell {index}, {cell.type.kind}: {signal.explanation}"
    )
    return Signal(f"cell_{index}/{signal.path}", in_cell(signal.symbol, index, nested), which)


def in_a_loop(states: tuple[CellState, ...]) -> tuple[CellState, ...]:
    """A cell's states as the RNN around it carries them: always in a list."""
    return tuple(state if state.place else replace(state, place=(0,)) for state in states)


def step_of(sequence: TensorSpec) -> Step:
    """What an RNN hands its cell of a sequence (batch, time, features)."""
    return Step(
        (sequence.sizes[0], *sequence.sizes[2:]), (sequence.axes[0], *sequence.axes[2:]), sequence.kind
    )


def next_step(step: TensorSpec, output: TensorSpec) -> Step:
    """What one cell of a stack hands the next: its output."""
    return Step((step.sizes[0], *output.sizes[1:]))


def deepest(states: Iterable[CellState]) -> int:
    """How many lists the innermost state is in."""
    return max((len(state.place) for state in states), default=0)
