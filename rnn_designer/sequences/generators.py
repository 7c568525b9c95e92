"""Made-up sequences with known laws, so that one can see what a network does with them.

Every sample has a random stream of its own: sample 3 stays the same whatever the batch size.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
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


_Make: TypeAlias = Callable[[Random, int, int, int, Mapping[str, Any]], Array]
"""From random stream, number of the sample, steps, features and options to an array ``(time, features)``."""


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
        make: one sample ``(time, features)``.
    """

    name: str
    title: str
    explanation: str
    formula: str
    options: tuple[Option, ...]
    make: _Make
    whole: bool = False

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


_SEED = Option("seed", 0, 0, 2**31 - 1, "Another number gives other sequences of the same kind.")
_AMPLITUDE = Option("amplitude", 1.0, 0.0, 1e6, "How far the signal goes from zero.")
_NOISE = Option(
    "noise", 0.0, 0.0, 1e6, "Standard deviation of normal noise that is added to every step; 0 adds none."
)


def _noisy(signal: Array, random: Random, deviation: float) -> Array:
    noisy: Array = signal + random.normal(0.0, deviation, signal.shape) if deviation else signal
    return noisy


def _sine(random: Random, sample: int, steps: int, features: int, options: Mapping[str, Any]) -> Array:
    import numpy as np

    components = options["components"]
    phases = random.uniform(0.0, 2.0 * np.pi, (features, components))
    if sample == 0:
        phases[0] = 0.0
    rates = 1.618033988749895 ** np.arange(components) / options["period"]
    angles = 2.0 * np.pi * np.arange(steps)[:, None, None] * rates + phases
    return _noisy(options["amplitude"] * np.sin(angles).mean(axis=2), random, options["noise"])


def _square(random: Random, sample: int, steps: int, features: int, options: Mapping[str, Any]) -> Array:
    import numpy as np

    shifts = random.uniform(0.0, options["period"], features)
    if sample == 0:
        shifts[0] = 0.0
    phase = ((np.arange(steps)[:, None] + shifts) % options["period"]) / options["period"]
    signal = np.where(phase < options["duty"], options["amplitude"], -options["amplitude"])
    return _noisy(signal, random, options["noise"])


def _random_walk(
    random: Random, _sample: int, steps: int, features: int, options: Mapping[str, Any]
) -> Array:
    import numpy as np

    jumps = options["drift"] + random.normal(0.0, options["step_size"], (steps, features))
    if not options["pull"]:
        free: Array = jumps.cumsum(axis=0)
        return free
    kept = 1.0 - options["pull"]
    walk: Array = np.empty_like(jumps)
    place = np.zeros(features)
    for step in range(steps):
        place = kept * place + jumps[step]
        walk[step] = place
    return walk


def _noise(random: Random, _sample: int, steps: int, features: int, options: Mapping[str, Any]) -> Array:
    made: Array = random.normal(options["mean"], options["deviation"], (steps, features))
    return made


def _impulse(_random: Random, sample: int, steps: int, features: int, options: Mapping[str, Any]) -> Array:
    import numpy as np

    signal = np.zeros((steps, features))
    first = options["position"] + sample * options["shift"]
    if options["every"]:
        signal[first :: options["every"]] = options["height"]
    elif first < steps:
        signal[first] = options["height"]
    return signal


def _tokens(random: Random, _sample: int, steps: int, features: int, options: Mapping[str, Any]) -> Array:
    import numpy as np

    lowest = min(options["lowest"], options["vocabulary"] - 1)
    ids = random.integers(lowest, options["vocabulary"], (steps, features)).astype(np.float64)
    padded = round(options["padding"] * steps)
    if padded:
        ids[steps - padded :] = 0.0
    return ids


GENERATORS: dict[str, Generator] = {
    generator.name: generator
    for generator in (
        Generator(
            "sine",
            "Sine mix",
            "Smooth oscillations whose periods never fall together, so the sequence does not repeat. "
            "Every sample "
            "and every feature starts at another phase. Good for watching a state follow a rhythm.",
            "x(t) = amplitude · meanₖ sin(2π · t · 1.618ᵏ / period + φₖ), k = 0 … components − 1",
            (
                Option(
                    "period", 25.0, 1.0, 1e6, "How many steps the slowest oscillation takes to come round."
                ),
                Option("components", 2, 1, 8, "How many oscillations are mixed; 1 gives a plain sine."),
                _AMPLITUDE,
                _NOISE,
                _SEED,
            ),
            _sine,
        ),
        Generator(
            "square",
            "Square wave",
            "Jumps between two levels. A state that forgets slowly shows as a ramp after every jump.",
            "x(t) = amplitude while (t mod period) / period < duty, else −amplitude",
            (
                Option("period", 20.0, 2.0, 1e6, "How many steps pass between two upward jumps."),
                Option(
                    "duty", 0.5, 0.0, 1.0, "Which share of a period the signal spends on the upper level."
                ),
                _AMPLITUDE,
                _NOISE,
                _SEED,
            ),
            _square,
        ),
        Generator(
            "random_walk",
            "Random walk",
            "Each step adds a random jump to the one before, as prices and drifting sensors do.",
            "x(t) = (1 − pull) · x(t − 1) + drift + step size · ε(t)",
            (
                Option("step_size", 0.1, 0.0, 1e6, "Standard deviation of a jump."),
                Option("drift", 0.0, -1e6, 1e6, "What every step adds on average."),
                Option(
                    "pull", 0.0, 0.0, 1.0, "How strongly the walk returns to zero; 0 lets it go anywhere."
                ),
                _SEED,
            ),
            _random_walk,
        ),
        Generator(
            "noise",
            "White noise",
            "Independent normal numbers: nothing in them can be predicted or remembered with profit.",
            "x(t) = mean + deviation · ε(t)",
            (
                Option("mean", 0.0, -1e6, 1e6, "Around which value the numbers lie."),
                Option("deviation", 1.0, 0.0, 1e6, "Standard deviation of the numbers."),
                _SEED,
            ),
            _noise,
        ),
        Generator(
            "impulse",
            "Impulse",
            "Zero but for single steps. What is left in the states afterwards is memory and nothing else.",
            "x(t) = height at t = position + shift · sample (and every “every” steps after it), else 0",
            (
                Option("position", 5, 0, 1_000_000, "The step of the first impulse in sample 0, from 0."),
                Option("height", 1.0, -1e6, 1e6, "The value at the impulse."),
                Option("every", 0, 0, 1_000_000, "Steps between impulses; 0 gives only one."),
                Option("shift", 5, 0, 1_000_000, "How many steps later each further sample has its impulse."),
            ),
            _impulse,
        ),
        Generator(
            "tokens",
            "Token ids",
            "Whole numbers as an Embedding takes them, each equally likely, with padding by zeros at "
            "the end if "
            "wanted, which shows what a mask does.",
            "x(t) ∈ {lowest, …, vocabulary − 1}",
            (
                Option(
                    "vocabulary", 100, 2, 2**24, "How many different ids there are; at most the Embedding's."
                ),
                Option("lowest", 1, 0, 2**24, "The smallest id; 1 keeps 0 free for padding."),
                Option("padding", 0.0, 0.0, 1.0, "Which share of every sample's end is filled with 0."),
                _SEED,
            ),
            _tokens,
            whole=True,
        ),
    )
}


def generate(kind: str, options: Mapping[str, object], shape: tuple[int, ...]) -> Array:
    """Make a batch of sequences.

    Args:
        kind: a name in :data:`GENERATORS`.
        options: the generator's settings; those left out have their defaults.
        shape: ``(batch, time, …)``, every size known. What follows the time axis counts as features.

    Returns:
        A float32 array of that shape.

    Raises:
        DataProblem: the generator or a setting is unknown or out of bounds, or the batch would be too large.
    """
    import numpy as np

    generator = GENERATORS.get(kind)
    if generator is None:
        raise DataProblem(f"There is no generator called “{kind}”; choose one of {', '.join(GENERATORS)}.")
    complete = generator.complete(options)
    if not shape or any(size < 1 for size in shape):
        raise DataProblem(f"Expected a batch with at least one number in it, got the shape {shape}.")
    if prod(shape) > LARGEST:
        raise DataProblem(
            f"A batch of shape {'×'.join(map(str, shape))} has {prod(shape):,} numbers; the most is "
            f"{LARGEST:,}. "
            "Take fewer samples or fewer time steps."
        )
    batch = shape[0]
    steps = shape[1] if len(shape) > 1 else 1
    features = prod(shape[2:])
    made = np.empty((batch, steps, features), np.float32)
    seed = int(complete.get("seed", 0))
    for sample in range(batch):
        random = np.random.default_rng((seed, sample))
        made[sample] = generator.make(random, sample, steps, features, complete)
    return made.reshape(shape)
