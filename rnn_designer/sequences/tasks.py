"""Tasks that test a memory: each sample comes with the answer that a network is to give."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rnn_designer.sequences.law import SEED, Generator, Option
from rnn_designer.sequences.problem import DataProblem

if TYPE_CHECKING:
    from numpy.random import Generator as Random

    from rnn_designer.messages import Array
else:
    Random = Any
    Array = Any


def _adding(random: Random, _sample: int, steps: int, features: int, options: Mapping[str, Any]) -> Array:
    import numpy as np

    if features != 2:
        raise DataProblem(
            f"The adding problem has 2 features, a value and a mark, but the Input has {features}: set the last "
            "size of its shape to 2."
        )
    if steps < 2:
        raise DataProblem(
            "The adding problem marks 2 steps, but a sample has 1: set time steps to at least 2."
        )
    made = np.zeros((steps, 2))
    made[:, 0] = random.uniform(options["lowest"], max(options["lowest"], options["highest"]), steps)
    half = steps // 2
    made[random.integers(0, half), 1] = 1.0
    made[random.integers(half, steps), 1] = 1.0
    return made


def adding_target(sample: Array, _options: Mapping[str, Any]) -> Array:
    """The sum of the two marked values, asked for at the last step."""
    import numpy as np

    answers = np.full(len(sample), np.nan)
    answers[-1] = float((sample[:, 0] * sample[:, 1]).sum())
    return answers


def _copy(random: Random, _sample: int, steps: int, features: int, options: Mapping[str, Any]) -> Array:
    import numpy as np

    length = options["length"]
    if steps < 2 * length + 1:
        raise DataProblem(
            f"To show {length} symbols, a signal and {length} steps for the answer, a sample needs "
            f"{2 * length + 1} steps, but it has {steps}: set time steps to at least {2 * length + 1}, or the "
            "length lower."
        )
    made = np.zeros((steps, features))
    made[:length] = random.integers(1, options["symbols"] + 1, (length, features))
    made[steps - length - 1] = options["symbols"] + 1
    return made


def copy_target(sample: Array, options: Mapping[str, Any]) -> Array:
    """The symbols of the beginning, asked for in the last steps, and 0 before."""
    import numpy as np

    length = options["length"]
    answers = np.zeros(len(sample))
    answers[len(sample) - length :] = sample[:length, 0]
    return answers


def _parity(random: Random, _sample: int, steps: int, features: int, options: Mapping[str, Any]) -> Array:
    made: Array = (random.uniform(0.0, 1.0, (steps, features)) < options["share_of_ones"]).astype(float)
    return made


def parity_target(sample: Array, _options: Mapping[str, Any]) -> Array:
    """1 at each step up to which the ones of the first feature are odd in number, else 0."""
    answers: Array = sample[:, 0].cumsum() % 2
    return answers


_WAVES = 3


def _wave(sample: int, phase: Array) -> Array:
    """One of the three forms at phases counted in periods, between -1 and 1."""
    import numpy as np

    around = phase % 1.0
    if sample % _WAVES == 0:
        return np.sin(2 * np.pi * around)
    if sample % _WAVES == 1:
        return np.where(around < 0.5, 1.0, -1.0)
    return 2.0 * around - 1.0


def _waves(random: Random, sample: int, steps: int, features: int, options: Mapping[str, Any]) -> Array:
    import numpy as np

    period = options["period"] * random.uniform(0.8, 1.25, features)
    phase = np.arange(steps)[:, None] / period + random.uniform(0.0, 1.0, features)
    made: Array = _wave(sample, phase) + random.normal(0.0, options["noise"], (steps, features))
    return made


TASKS: tuple[Generator, ...] = (
    Generator(
        "waves",
        "Forms of waves",
        "Sample 0 is a sine, sample 1 a square wave, sample 2 a saw tooth, and so on in turn, each with a period and "
        "a start of its own under noise. The form is to be told from the whole sample: many steps, one answer.",
        "x(t) = form(t / period + start) + noise; form = sample mod 3",
        (
            Option(
                "period", 12.0, 2.0, 1e6, "How many steps a wave takes; each sample's is up to a quarter off."
            ),
            Option("noise", 0.2, 0.0, 1e6, "Standard deviation of normal noise that is added to every step."),
            SEED,
        ),
        _waves,
    ),
    Generator(
        "adding",
        "Adding problem",
        "Two of many random values carry a mark, one in each half; the answer at the end is their sum. The longer "
        "the sequence, the longer the first has to be kept, which gates do far better than a plain state.",
        "x(t) = (u(t), m(t)), u uniform, m = 1 at two steps, else 0; answer = Σ u(t) · m(t)",
        (
            Option("lowest", 0.0, -1e6, 1e6, "The smallest value."),
            Option("highest", 1.0, -1e6, 1e6, "The largest value."),
            SEED,
        ),
        _adding,
        features=2,
        target=adding_target,
        task="the sum of the two marked values, at the last step",
    ),
    Generator(
        "copy",
        "Copy task",
        "A few symbols, a long wait, a signal; then the symbols are to be said again in order. It measures how many "
        "symbols a state can hold, and for how long.",
        "x = symbols, 0 … 0, signal, 0 … 0; answer = 0 … 0, symbols; the signal is symbols + 1",
        (
            Option("symbols", 8, 1, 1000, "How many different symbols there are, numbered from 1."),
            Option("length", 5, 1, 1000, "How many symbols have to be kept."),
            SEED,
        ),
        _copy,
        whole=True,
        target=copy_target,
        task="0, and the first symbols again after the signal",
    ),
    Generator(
        "parity",
        "Parity",
        "Zeros and ones; the answer at each step is whether the ones so far are odd in number. One unit that flips "
        "is enough, yet it cannot be done by looking at the last few steps.",
        "answer(t) = (x(0) + x(1) + … + x(t)) mod 2",
        (
            Option("share_of_ones", 0.5, 0.0, 1.0, "How likely a one is."),
            SEED,
        ),
        _parity,
        target=parity_target,
        task="1 where the ones so far are odd in number, else 0",
    ),
)
