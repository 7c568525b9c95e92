"""The kinds of value that a Keras argument can take, with their limits and a sentence for a bad value."""

from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Final, Literal, TypeAlias

from rnn_designer.catalog.code_parameters import Arguments, Plain, Text
from rnn_designer.catalog.values import BadValue, FrozenMap, Part, Value, received

GROUPS: Final = (
    "main",
    "regularizers",
    "dropout",
    "initializers",
    "constraints",
    "behaviour",
    "advanced",
)
"""The groups in which forms show parameters, in their order."""

Namespace: TypeAlias = Literal[
    "initializers", "regularizers", "constraints", "optimizers", "schedules", "losses", "metrics"
]
_ONE_OF: Final[dict[Namespace, str]] = {
    "initializers": "an initializer",
    "regularizers": "a regularizer",
    "constraints": "a constraint",
    "optimizers": "an optimizer",
    "schedules": "a learning-rate schedule",
    "losses": "a loss",
    "metrics": "a metric",
}


class Required:
    """The type of :data:`REQUIRED`."""

    def __repr__(self) -> str:
        return "REQUIRED"


REQUIRED: Final = Required()
"""The default of an argument that Keras gives none."""


@dataclass(frozen=True)
class Integer:
    """A whole number between two limits (both included)."""

    minimum: int | None = None
    maximum: int | None = None
    optional: bool = False

    def accept(self, value: Any) -> Value:
        """The value as the design stores it; :class:`BadValue` with a sentence otherwise."""
        if value is None and self.optional:
            return None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise BadValue(f"Expected {self.expected}, got {received(value)}.")
        if (self.minimum is not None and value < self.minimum) or (
            self.maximum is not None and value > self.maximum
        ):
            raise BadValue(f"Expected {self.expected}, got {value}.")
        return value

    @property
    def expected(self) -> str:
        """The accepted values in words, for messages and hints."""
        none = " or none" if self.optional else ""
        if self.minimum is not None and self.maximum is not None:
            return f"a whole number from {self.minimum} to {self.maximum}{none}"
        if self.minimum == 1:
            return f"a positive whole number{none}"
        if self.minimum is not None:
            return f"a whole number of at least {self.minimum}{none}"
        return f"a whole number{none}"


@dataclass(frozen=True)
class Number:
    """A finite real number between two limits (both included)."""

    minimum: float | None = None
    maximum: float | None = None
    optional: bool = False

    def accept(self, value: Any) -> Value:
        """The value as a float; :class:`BadValue` with a sentence otherwise."""
        if value is None and self.optional:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadValue(f"Expected {self.expected}, got {received(value)}.")
        number = float(value)
        if number != number or number in (float("inf"), float("-inf")):
            raise BadValue(f"Expected {self.expected}, got {number}.")
        if (self.minimum is not None and number < self.minimum) or (
            self.maximum is not None and number > self.maximum
        ):
            raise BadValue(f"Expected {self.expected}, got {value:g}.")
        return number

    @property
    def expected(self) -> str:
        """The accepted values in words, for messages and hints."""
        none = " or none" if self.optional else ""
        if self.minimum is not None and self.maximum is not None:
            return f"a number from {self.minimum:g} to {self.maximum:g}{none}"
        if self.minimum is not None:
            return f"a number of at least {self.minimum:g}{none}"
        return f"a number{none}"


@dataclass(frozen=True)
class Flag:
    """Yes or no."""

    def accept(self, value: Any) -> Value:
        """The value as a bool; :class:`BadValue` with a sentence otherwise."""
        if not isinstance(value, bool):
            raise BadValue(f"Expected yes or no, got {received(value)}.")
        return value

    @property
    def expected(self) -> str:
        """The accepted values in words, for messages and hints."""
        return "yes or no"


@dataclass(frozen=True)
class Choice:
    """One of a few named options. ``free`` options are offered; others are refused."""

    options: tuple[str | bool | int | None, ...]

    def accept(self, value: Any) -> Value:
        """The option itself; :class:`BadValue` with a sentence otherwise."""
        for option in self.options:
            if type(option) is type(value) and option == value:
                return option
        raise BadValue(f"Expected {self.expected}, got {received(value)}.")

    @property
    def expected(self) -> str:
        """The accepted values in words, for messages and hints."""
        names = ["none" if option is None else str(option) for option in self.options]
        return "one of " + ", ".join(names) if len(names) > 1 else names[0]


@dataclass(frozen=True)
class Activation:
    """The name of a Keras activation function, or none where Keras allows it.

    ``recurrent`` marks an activation inside a recurrence, where the width has to stay as it is.
    """

    optional: bool = True
    recurrent: bool = False

    def accept(self, value: Any) -> Value:
        """The canonical name; :class:`BadValue` with a sentence otherwise."""
        from rnn_designer.catalog.activations import ACTIVATIONS, REFUSED_ACTIVATIONS, canonical_activation

        if value is None and self.optional:
            return None
        if isinstance(value, str) and value in REFUSED_ACTIVATIONS:
            raise BadValue(REFUSED_ACTIVATIONS[value])
        name = canonical_activation(value) if isinstance(value, str) else None
        if name is None:
            raise BadValue(
                f"Expected an activation function such as {', '.join(list(ACTIVATIONS)[:4])}, "
                f"got {received(value)}."
            )
        return name

    @property
    def expected(self) -> str:
        """The accepted values in words, for messages and hints."""
        return "an activation function" + (" or none" if self.optional else "")


@dataclass(frozen=True)
class Integers:
    """A tuple of whole numbers: a size per axis, a shape, or axis numbers.

    Attributes:
        length: how many there must be; None for any number.
        minimum: the least each may be.
        unknown: whether None may stand for "any size" (Input shapes).
        optional: whether the whole may be none.
        single: whether a lone whole number is accepted and kept as one (``kernel_size=3``).
        wildcard: whether one entry may be -1 for "the rest" (Reshape).
        pairs: whether each entry may be two numbers, for the two ends of its axis; twice as many numbers in a row
            stand for such pairs, and a pair of equal numbers for that number.
    """

    length: int | None = None
    minimum: int = 1
    unknown: bool = False
    optional: bool = False
    single: bool = False
    wildcard: bool = False
    pairs: bool = False

    def accept(self, value: Any) -> Value:
        """A tuple (or a lone number where ``single``); :class:`BadValue` with a sentence otherwise."""
        if value is None and self.optional:
            return None
        if self.single and isinstance(value, int | float) and not isinstance(value, bool):
            return Integer(minimum=self.minimum).accept(value)
        if not isinstance(value, tuple | list):
            raise BadValue(f"Expected {self.expected}, got {received(value)}.")
        if self.pairs and self.length is not None and len(value) == 2 * self.length:
            value = list(zip(value[::2], value[1::2], strict=True))
        if self.length is not None and len(value) != self.length:
            raise BadValue(f"Expected {self.expected}, got {len(value)} of them.")
        if self.pairs and any(isinstance(entry, tuple | list) for entry in value):
            return self._paired(value)
        if self.wildcard and sum(entry == -1 for entry in value) > 1:
            raise BadValue(f"Expected {self.expected}; -1 may stand only once, got {tuple(value)}.")
        return tuple(self._entry(entry) for entry in value)

    def _paired(self, value: Any) -> Value:
        """Pairs for all entries, or plain numbers where no pair differs in itself."""
        pairs = [tuple(entry) if isinstance(entry, tuple | list) else (entry, entry) for entry in value]
        if any(len(pair) != 2 for pair in pairs):
            raise BadValue(f"Expected {self.expected}, got {tuple(value)}.")
        checked = tuple((self._entry(before), self._entry(behind)) for before, behind in pairs)
        if all(before == behind for before, behind in checked):
            return tuple(before for before, _ in checked)
        return checked

    def _entry(self, entry: Any) -> int | None:
        if entry is None and self.unknown:
            return None
        if isinstance(entry, float) and entry.is_integer():
            entry = int(entry)
        if isinstance(entry, bool) or not isinstance(entry, int):
            raise BadValue(f"Expected {self.expected}, got {received(entry)} in it.")
        if entry < self.minimum and not (self.wildcard and entry == -1):
            raise BadValue(f"Expected {self.expected}, got {entry} in it.")
        return entry

    @property
    def expected(self) -> str:
        """The accepted values in words, for messages and hints."""
        least = f" of at least {self.minimum}" if self.minimum > -(10**6) else ""
        none = " or none" if self.optional else ""
        if self.single and self.length == 1:
            return f"a whole number{least}{none}"
        count = "whole numbers" if self.length is None else f"{self.length} whole numbers"
        lone = "a whole number or " if self.single else ""
        unknown = ", or none for any size" if self.unknown else ""
        rest = ", or -1 for the rest" if self.wildcard else ""
        if self.pairs and self.length is not None:
            rest = f" or {2 * self.length} of them, two for each axis"
        return f"{lone}{count}{least}{unknown}{rest}{none}"


@dataclass(frozen=True)
class Numbers:
    """A tuple of finite real numbers, one at least, each between two limits (both included)."""

    minimum: float | None = None
    maximum: float | None = None

    def accept(self, value: Any) -> Value:
        """The numbers as floats; :class:`BadValue` with a sentence otherwise."""
        if not isinstance(value, tuple | list) or not value:
            raise BadValue(f"Expected {self.expected}, got {received(value)}.")
        single = Number(self.minimum, self.maximum)
        return tuple(single.accept(each) for each in value)

    @property
    def expected(self) -> str:
        """The accepted values in words, for messages and hints."""
        if self.minimum is not None and self.maximum is not None:
            return f"numbers from {self.minimum:g} to {self.maximum:g}, separated by commas"
        return "numbers, separated by commas"


@dataclass(frozen=True)
class PartOf:
    """An initializer, regularizer or constraint with its own arguments, or none where Keras allows it.

    ``rank`` is how many axes the weight (or output) has; some parts only fit certain ones (see :meth:`PartType.fits`).
    """

    namespace: Namespace
    optional: bool = False
    rank: int | None = None

    def accept(self, value: Any) -> Value:
        """A :class:`Part` whose arguments are checked; :class:`BadValue` with a sentence otherwise.

        A plain name such as ``"glorot_uniform"`` or ``"l2"`` is taken for the part of that name.
        """
        from rnn_designer.catalog.parts import part_type, parts

        if value is None and self.optional:
            return None
        if isinstance(value, str):
            value = Part(value)
        found = part_type(self.namespace, value.kind) if isinstance(value, Part) else None
        if found is None:
            shown = value.kind if isinstance(value, Part) else value
            names = ", ".join(each.kind for each in parts(self.namespace))
            raise BadValue(f"Expected one of {names}, got {received(shown)}.")
        if not found.fits(self.rank):
            axes = "one axis" if self.rank == 1 else f"{self.rank} axes"
            names = ", ".join(each.kind for each in parts(self.namespace)[:4] if each.fits(self.rank))
            raise BadValue(
                f"Expected {self.expected} for a tensor with {axes}, got {found.kind}, which does not fit "
                f"one. Choose another, such as {names}."
            )
        accepted: dict[str, Value] = {}
        for name, given in value.params.items():
            parameter = next((each for each in found.parameters if each.name == name), None)
            if parameter is None:
                raise BadValue(f"{found.kind} takes no argument “{name}”.")
            taken = parameter.type.accept(given)
            self._require_axes(parameter, taken)
            if type(taken) is not type(parameter.default) or taken != parameter.default:
                accepted[name] = taken
        for parameter in found.parameters:
            if parameter.default is REQUIRED:
                accepted.setdefault(parameter.name, parameter.initial)
        return Part(found.kind, FrozenMap(accepted))

    def _require_axes(self, parameter: "Parameter", value: Value) -> None:
        """Refuse numbers of axes that the weight does not have."""
        if self.rank is None or parameter.name not in ("axis", "input_axes", "output_axes"):
            return
        axes = value if isinstance(value, tuple) else (value,)
        if any(isinstance(axis, int) and not -self.rank <= axis < self.rank for axis in axes):
            count = "one axis" if self.rank == 1 else f"{self.rank} axes"
            raise BadValue(
                f"Expected {parameter.label} from {-self.rank} to {self.rank - 1} of a tensor with {count}, "
                f"got {', '.join(map(str, axes))}."
            )

    @property
    def expected(self) -> str:
        """The accepted values in words, for messages and hints."""
        return _ONE_OF[self.namespace] + (" or none" if self.optional else "")


@dataclass(frozen=True)
class States:
    """Where the states of a recurrent layer begin: None for zeros, else one entry per state.

    An entry is a number, for all units alike, or a tuple with one number per unit. How many entries and how many
    numbers there must be depends on the layer and what it holds; its shape rule sees to that.
    """

    def accept(self, value: Any) -> Value:
        """None, or a tuple of floats and tuples of floats; :class:`BadValue` with a sentence otherwise."""
        if value is None:
            return None
        if not isinstance(value, tuple | list):
            raise BadValue(f"Expected {self.expected}, got {received(value)}.")
        if not value:
            raise BadValue(f"Expected {self.expected}, got an empty list. Choose none for zeros.")
        return tuple(self._entry(entry) for entry in value)

    def _entry(self, entry: Any) -> Value:
        if not isinstance(entry, tuple | list):
            return self._number(entry)
        if not entry:
            raise BadValue(f"Expected {self.expected}, got an empty list for one of them.")
        return tuple(self._number(number) for number in entry)

    def _number(self, number: Any) -> float:
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise BadValue(f"Expected {self.expected}, got {received(number)}.")
        try:
            taken = float(number)
        except OverflowError:
            taken = float("inf")
        if not isfinite(taken):
            raise BadValue(f"Expected finite numbers for the initial states, got {taken} among them.")
        return taken

    @property
    def expected(self) -> str:
        """The accepted values in words, for messages and hints."""
        return "a number or one number per unit for each state, or none for zeros"


ParameterType: TypeAlias = (
    Integer
    | Number
    | Flag
    | Choice
    | Activation
    | Integers
    | Numbers
    | PartOf
    | States
    | Text
    | Plain
    | Arguments
)


@dataclass(frozen=True)
class Parameter:
    """One argument of a Keras constructor: what it may be and what it does.

    Attributes:
        name: as Keras spells it.
        type: the values it takes, with limits.
        default: Keras' own, in the form the design stores; :data:`REQUIRED` where Keras has none.
        explanation: our sentence or two: what it is and what it changes in shape, count or behaviour.
        formula: the formula behind it where there is one, in plain Unicode.
        group: where the form shows it: ``main`` is always open, the others fold.
        initial: the value a newly placed layer gets where there is no default.
        editable: False for arguments that the program sets by other means; ``explanation`` has the reason.
        at_call: whether it goes where the layer is called, and not into Keras' constructor.
    """

    name: str
    type: ParameterType
    default: Value | Required
    explanation: str
    formula: str = ""
    group: str = "main"
    initial: Value = None
    editable: bool = True
    at_call: bool = False

    @property
    def label(self) -> str:
        """The name in words: "return sequences"."""
        return self.name.replace("_", " ")


@dataclass(frozen=True)
class PartType:
    """A Keras initializer, regularizer, constraint, optimizer, loss or such class with its arguments.

    ``aliases`` are the lower-case names that Keras accepts as strings. ``least_rank`` and ``greatest_rank`` are
    how many axes a weight, or the output that a metric measures, must have for it to work. ``formula`` is what it
    computes, in plain Unicode.
    """

    namespace: Namespace
    kind: str
    parameters: tuple[Parameter, ...] = ()
    explanation: str = ""
    aliases: tuple[str, ...] = field(default=())
    least_rank: int = 1
    greatest_rank: int | None = None
    formula: str = ""

    @property
    def constructor(self) -> str:
        """How exported code spells the class: ``keras.optimizers.Adam``."""
        path = "optimizers.schedules" if self.namespace == "schedules" else self.namespace
        return f"keras.{path}.{self.kind}"

    def fits(self, rank: int | None) -> bool:
        """Whether it works on a weight with that many axes; None stands for any."""
        if rank is None:
            return True
        return self.least_rank <= rank and (self.greatest_rank is None or rank <= self.greatest_rank)
