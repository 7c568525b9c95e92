"""What a catalog entry consists of. A new layer type is one :class:`LayerType` and nothing else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal, TypeAlias

from rnn_designer.catalog.parameters import REQUIRED, Parameter
from rnn_designer.catalog.tensors import Size, TensorSpec
from rnn_designer.catalog.values import Value


class Family(Enum):
    """The groups of the palette, in its order."""

    RECURRENT = "Recurrent"
    CELLS = "Cells"
    WRAPPERS = "Wrappers"
    INPUT_AND_TEXT = "Input and text"
    CORE = "Core"
    CONVOLUTION = "Convolution"
    POOLING = "Pooling"
    NORMALIZATION = "Normalization"
    REGULARIZATION = "Regularization"
    SHAPING = "Shaping"
    MERGING = "Merging"
    ATTENTION = "Attention"


@dataclass(frozen=True)
class Port:
    """A place where a wire starts or ends.

    Attributes:
        name: unique among the layer's inputs or outputs: ``input``, ``output``, ``h``, ``c``, ``forward_h`` …
        label: what the canvas writes beside it; empty for the main ports.
        many: whether several wires may end here, in their order (merge layers).
        state: whether it carries a state, drawn apart from sequences.
        optional: whether the layer works without a wire here, as at the ports for initial states.
    """

    name: str
    label: str = ""
    many: bool = False
    state: bool = False
    optional: bool = False


@dataclass(frozen=True)
class Slot:
    """A place for inner layers, such as the wrapped layer of a Bidirectional.

    A layer's children fill its slots in their order; the last slot takes all that are left where it is ``many``.
    """

    name: str
    accepts: Callable[["LayerType"], bool]
    expected: str
    required: bool = True
    many: bool = False


@dataclass(frozen=True)
class Signal:
    """A recorded quantity of a recurrent layer: a state or a gate.

    ``path`` is its name in a trace below the layer's own (``state/h``, ``gate/input``), ``symbol`` what chips
    show.
    """

    path: str
    symbol: str
    explanation: str


@dataclass(frozen=True)
class CellState:
    """One of the tensors that a recurrent layer carries from step to step, wherever in it the cell is.

    Attributes:
        name: what its ports are called: ``h``; ``cell_1_c`` for the second cell of a stack; ``0`` for a custom
            cell's nameless first state.
        path: its name in a trace below the layer's own: ``state/h``, ``cell_1/state/c``.
        symbol: what chips and ports show.
        sizes: its axes without the batch; None where they depend on the layer's input (a ConvLSTM's frames).
        place: where it is in Keras' nested list of states: ``(0,)``, or ``(1, 1)`` for the second state of the
            second cell of a stack. Of a cell whose ``state_size`` is one number, not a list, ``()``: a stack
            puts that state at ``(1,)``, not at ``(1, 0)``. See ``catalog.states.in_places``.
    """

    name: str
    path: str
    symbol: str
    sizes: tuple[Size, ...] | None
    place: tuple[int, ...]


@dataclass(frozen=True)
class Call:
    """One use of a layer: everything that decides its output's shape and its number of weights.

    ``params`` holds a value for every parameter of the type, defaults filled in. ``inputs`` are the tensors
    at the input ports that have to be wired, in order; ``named`` those at optional ports that are wired, by the
    port's name. ``children`` are the inner layers with empty ``inputs``; a wrapper's rule gives them theirs.
    """

    type: "LayerType"
    params: Mapping[str, Any]
    inputs: tuple[TensorSpec, ...] = ()
    children: tuple["Call", ...] = ()
    named: Mapping[str, TensorSpec] = field(default_factory=dict)

    def on(self, *inputs: TensorSpec, **named: TensorSpec) -> "Call":
        """The same layer applied to other tensors."""
        return Call(self.type, self.params, inputs, self.children, named)

    def outputs(self) -> tuple[TensorSpec, ...]:
        """The tensors at the output ports; raises :class:`RuleError`."""
        return self.type.rule(self)

    def count(self) -> int | None:
        """The number of weights, trainable and not, or None where a custom cell's code alone knows it.

        Raises:
            RuleError: if the layer cannot take its inputs.
        """
        return self.type.count(self)


class RuleError(ValueError):
    """A layer cannot take what it is given; the text is the sentence that the user reads.

    Attributes:
        code: which rule it is, so that ``design.check`` can offer the fixes that belong to it.
        parameter: the parameter to blame, if it is one.
        child: which inner layer it is about, if it is one (index into ``Call.children``).
        facts: numbers that a fix needs, such as the size that was expected.
    """

    def __init__(
        self, code: str, message: str, *, parameter: str | None = None, child: int | None = None, **facts: Any
    ) -> None:
        super().__init__(message)
        self.code = code
        self.parameter = parameter
        self.child = child
        self.facts = facts


ShapeRule: TypeAlias = Callable[[Call], tuple[TensorSpec, ...]]
CountRule: TypeAlias = Callable[[Call], int | None]
PortRule: TypeAlias = Callable[[Mapping[str, Any], tuple[Call, ...]], tuple[Port, ...]]
StateRule: TypeAlias = Callable[[Mapping[str, Any], tuple[Call, ...]], tuple[CellState, ...]]
SignalRule: TypeAlias = Callable[
    [Mapping[str, Any], tuple[Call, ...]], tuple[tuple[Signal, ...], tuple[Signal, ...]]
]


def one_output(_params: Mapping[str, Any], _children: tuple[Call, ...]) -> tuple[Port, ...]:
    """The output ports of a layer that always has just one."""
    return (Port("output"),)


def no_ports(_params: Mapping[str, Any], _children: tuple[Call, ...]) -> tuple[Port, ...]:
    """The further input ports of a layer that has none."""
    return ()


def no_states(_params: Mapping[str, Any], _children: tuple[Call, ...]) -> tuple[CellState, ...]:
    """What a layer without recurrence carries from step to step."""
    return ()


def no_weights(_call: Call) -> int:
    """The count rule of a layer without weights."""
    return 0


@dataclass(frozen=True)
class LayerType:
    """Everything the program knows about one Keras layer class.

    Attributes:
        kind: the Keras class name, also the type's name in design files.
        family: its group in the palette.
        summary: one line for the palette and search: what it does.
        explanation: a paragraph in plain words, with the formula, for the Explain panel.
        parameters: every constructor argument.
        rule: output tensors from input tensors, without Keras.
        count: the number of weights, by closed formula; None where it cannot be told (custom cells).
        words: the line on its box, from its parameters: "64 units · sequences".
        inputs: the input ports that it always has; empty for Input.
        more_inputs: input ports that depend on parameters and children, all optional (initial states).
        outputs: output ports, which may depend on parameters (``return_state``) and children.
        slots: places for inner layers.
        states: recorded states, in Keras' order.
        gates: recorded gates, in the order of the layer's symbols.
        signals: recorded states and gates where they depend on parameters and children (RNN, custom cells).
        carried: what goes from step to step, for layers and cells of every kind.
        cell: whether it computes a single step and needs an RNN around it.
        call_style: how code hands it its tensors: ``tensors``, the first by position and others by their ports'
            names, or ``list``, all that are wired in one list (states apart).
        keywords: further words by which search finds it.
        constructor: how exported code spells it: ``layers.LSTM``, ``keras.Input``.
    """

    kind: str
    family: Family
    summary: str
    explanation: str
    parameters: tuple[Parameter, ...]
    rule: ShapeRule
    words: Callable[[Mapping[str, Any]], str]
    count: CountRule = no_weights
    inputs: tuple[Port, ...] = (Port("input"),)
    more_inputs: PortRule = no_ports
    outputs: PortRule = one_output
    slots: tuple[Slot, ...] = ()
    states: tuple[Signal, ...] = ()
    gates: tuple[Signal, ...] = ()
    signals: SignalRule | None = None
    carried: StateRule = no_states
    cell: bool = False
    call_style: Literal["tensors", "list"] = "tensors"
    keywords: tuple[str, ...] = ()
    constructor: str = ""
    by_name: Mapping[str, Parameter] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.constructor:
            object.__setattr__(self, "constructor", f"layers.{self.kind}")
        object.__setattr__(self, "by_name", {each.name: each for each in self.parameters})

    def __hash__(self) -> int:
        return hash(self.kind)

    @property
    def recurrent(self) -> bool:
        """Whether it is a recurrent layer with states per step; a cell alone is none."""
        return not self.cell and (bool(self.states) or self.signals is not None)

    def input_ports(self, params: Mapping[str, Any], children: tuple[Call, ...] = ()) -> tuple[Port, ...]:
        """Every port where wires may end."""
        return (*self.inputs, *self.more_inputs(params, children))

    def recorded(
        self, params: Mapping[str, Any], children: tuple[Call, ...] = ()
    ) -> tuple[tuple[Signal, ...], tuple[Signal, ...]]:
        """The states and the gates that a trace holds for the layer."""
        return (self.states, self.gates) if self.signals is None else self.signals(params, children)

    def slot(self, index: int) -> Slot | None:
        """The slot that the child at this place fills; None if there is no room for it."""
        if index < len(self.slots):
            return self.slots[index]
        return self.slots[-1] if self.slots and self.slots[-1].many else None

    @property
    def most_children(self) -> int | None:
        """How many inner layers it can hold; None for any number."""
        return None if self.slots and self.slots[-1].many else len(self.slots)

    def defaults(self) -> dict[str, Value]:
        """A value for every parameter: Keras' default, or the initial value where Keras has none."""
        return {
            each.name: each.initial if each.default is REQUIRED else each.default  # type: ignore[misc]
            for each in self.parameters
        }

    def complete(self, params: Mapping[str, Value]) -> dict[str, Value]:
        """``params`` with every missing parameter filled in."""
        return {**self.defaults(), **params}

    def new_params(self) -> dict[str, Value]:
        """The parameters that a newly placed layer has to carry: those without a default."""
        return {each.name: each.initial for each in self.parameters if each.default is REQUIRED}
