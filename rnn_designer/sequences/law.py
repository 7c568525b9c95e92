"""What a generator of sequences is: a law, its settings with their limits, and words for both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from rnn_designer.sequences.problem import DataProblem

if TYPE_CHECKING:
    from numpy.random import Generator as Random

    from rnn_designer.messages import Array
else:
    Random = Any
    Array = Any

LARGEST = 100_000_000
"""How many numbers a batch may have: 400 MB of them."""


@dataclass(frozen=True)
class Option:
    """One setting of a generator.

    Attributes:
        name: as it stands in a design file.
        default: also tells the type: whole number or real number.
        minimum: the least accepted, itself included.
        maximum: the most accepted, itself included; None for no limit.
        explanation: what it changes.
    """

    name: str
    default: int | float
    minimum: float
    maximum: float | None
    explanation: str

    @property
    def label(self) -> str:
        """The name in words."""
        return self.name.replace("_", " ")

    @property
    def whole(self) -> bool:
        """Whether only whole numbers are accepted."""
        return isinstance(self.default, int)

    @property
    def expected(self) -> str:
        """The accepted values in words."""
        number = "a whole number" if self.whole else "a number"
        if self.maximum is None:
            return f"{number} of at least {self.minimum:g}"
        return f"{number} from {self.minimum:g} to {self.maximum:g}"

    def accept(self, value: object) -> int | float:
        """The value as a number of the right type.

        Raises:
            DataProblem: with what was received and what is expected.
        """
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
            raise DataProblem(f"{self.label}: expected {self.expected}, got {value!r}.")
        if value < self.minimum or value > (float("inf") if self.maximum is None else self.maximum):
            raise DataProblem(f"{self.label}: expected {self.expected}, got {value:g}.")
        if self.whole:
            if value != int(value):
                raise DataProblem(f"{self.label}: expected {self.expected}, got {value:g}.")
            return int(value)
        if abs(value) == float("inf"):
            raise DataProblem(f"{self.label}: expected {self.expected}, got infinity.")
        return float(value)


Make: TypeAlias = Callable[[Random, int, int, int, Mapping[str, Any]], Array]
"""From random stream, number of the sample, steps, features and options to an array ``(time, features)``."""
MakeAll: TypeAlias = Callable[[Sequence[Random], int, int, Mapping[str, Any]], Array]
"""From a random stream per sample, steps, features and options to ``(batch, time, features)``."""

Target: TypeAlias = Callable[[Array, Mapping[str, Any]], Array]
"""From one sample ``(time, features)`` and the options to the answers ``(time,)``."""


@dataclass(frozen=True)
class Generator:
    """A law by which sequences are made.

    Attributes:
        name: as it stands in a design file (``DataSource.kind``).
        title: what the data panel calls it.
        explanation: what comes out, and what it is good for.
        formula: the law, in plain Unicode.
        options: its settings.
        whole: whether it makes whole numbers (token ids).
        make: one sample ``(time, features)``; None where only a whole batch at once is quick enough.
        make_all: a whole batch, if ``make`` is None.
        features: how many features its law has by nature; None where any number makes sense.
        longest: the most steps that a sample may have: some laws have to be followed step by step.
        target: what a network is to answer to a sample, where the law is a task: ``(time, features)`` and
            the settings to ``(time,)``, NaN where no answer is asked for.
        task: the target in words; empty where there is none.
    """

    name: str
    title: str
    explanation: str
    formula: str
    options: tuple[Option, ...]
    make: Make | None = None
    make_all: MakeAll | None = None
    whole: bool = False
    features: int | None = None
    longest: int = LARGEST
    target: Target | None = None
    task: str = ""

    def complete(self, options: Mapping[str, object]) -> dict[str, int | float]:
        """A value for every option.

        Raises:
            DataProblem: an option is unknown or its value is not accepted.
        """
        known = {option.name for option in self.options}
        for name in options:
            if name not in known:
                raise DataProblem(
                    f"The generator “{self.title}” has no setting “{name}”; it has "
                    f"{', '.join(sorted(known))}."
                )
        return {
            option.name: option.accept(options.get(option.name, option.default)) for option in self.options
        }


SEED = Option("seed", 0, 0, 2**31 - 1, "Another number gives other sequences of the same kind.")
AMPLITUDE = Option("amplitude", 1.0, 0.0, 1e6, "How far the signal goes from zero.")
NOISE = Option(
    "noise", 0.0, 0.0, 1e6, "Standard deviation of normal noise that is added to every step; 0 adds none."
)


def noisy(signal: Array, random: Random, deviation: float) -> Array:
    """The signal with normal noise of that standard deviation at every step."""
    result: Array = signal + random.normal(0.0, deviation, signal.shape) if deviation else signal
    return result
