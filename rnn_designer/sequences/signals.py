"""Signals: oscillations, jumps, walks, noise, impulses and token ids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rnn_designer.sequences.law import AMPLITUDE, NOISE, SEED, Generator, Option, noisy

if TYPE_CHECKING:
    from numpy.random import Generator as Random

    from rnn_designer.messages import Array
else:
    Random = Any
    Array = Any


def _sine(random: Random, sample: int, steps: int, features: int, options: Mapping[str, Any]) -> Array:
    import numpy as np

    components = options["components"]
    phases = random.uniform(0.0, 2.0 * np.pi, (features, components))
    if sample == 0:
        phases[0] = 0.0
    rates = 1.618033988749895 ** np.arange(components) / options["period"]
    angles = 2.0 * np.pi * np.arange(steps)[:, None, None] * rates + phases
    return noisy(options["amplitude"] * np.sin(angles).mean(axis=2), random, options["noise"])


def _square(random: Random, sample: int, steps: int, features: int, options: Mapping[str, Any]) -> Array:
    import numpy as np

    shifts = random.uniform(0.0, options["period"], features)
    if sample == 0:
        shifts[0] = 0.0
    phase = ((np.arange(steps)[:, None] + shifts) % options["period"]) / options["period"]
    signal = np.where(phase < options["duty"], options["amplitude"], -options["amplitude"])
    return noisy(signal, random, options["noise"])


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


SIGNALS: tuple[Generator, ...] = (
    Generator(
        "sine",
        "Sine mix",
        "Smooth oscillations whose periods never fall together, so the sequence does not repeat. "
        "Every sample "
        "and every feature starts at another phase. Good for watching a state follow a rhythm.",
        "x(t) = amplitude · meanₖ sin(2π · t · 1.618ᵏ / period + φₖ), k = 0 … components − 1",
        (
            Option("period", 25.0, 1.0, 1e6, "How many steps the slowest oscillation takes to come round."),
            Option("components", 2, 1, 8, "How many oscillations are mixed; 1 gives a plain sine."),
            AMPLITUDE,
            NOISE,
            SEED,
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
            Option("duty", 0.5, 0.0, 1.0, "Which share of a period the signal spends on the upper level."),
            AMPLITUDE,
            NOISE,
            SEED,
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
            Option("pull", 0.0, 0.0, 1.0, "How strongly the walk returns to zero; 0 lets it go anywhere."),
            SEED,
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
            SEED,
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
            Option("vocabulary", 100, 2, 2**24, "How many different ids there are; at most the Embedding's."),
            Option("lowest", 1, 0, 2**24, "The smallest id; 1 keeps 0 free for padding."),
            Option("padding", 0.0, 0.0, 1.0, "Which share of every sample's end is filled with 0."),
            SEED,
        ),
        _tokens,
        whole=True,
    ),
)
