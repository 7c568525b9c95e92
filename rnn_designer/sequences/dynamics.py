"""Chaotic systems, whose next step follows from the past exactly and yet cannot be foretold for long."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import ceil
from typing import TYPE_CHECKING, Any

from rnn_designer.sequences.law import NOISE, SEED, Generator, Option, noisy

if TYPE_CHECKING:
    from numpy.random import Generator as Random

    from rnn_designer.messages import Array
else:
    Random = Any
    Array = Any

_QUARTER = 0.25
"""The step of the integration of Mackey and Glass' equation, in its units of time."""
_LORENZ_STEP = 0.01
_LORENZ_SETTLED = 500
_LONGEST = 20_000


def runge_kutta(slope: Callable[[Array], Array], state: Array, step: float) -> Array:
    """The state one step later, by the classical fourth-order method (Kutta 1901)."""
    first = slope(state)
    second = slope(state + step / 2 * first)
    third = slope(state + step / 2 * second)
    fourth = slope(state + step * third)
    later: Array = state + step / 6 * (first + 2 * second + 2 * third + fourth)
    return later


def lorenz_slope(state: Array, sigma: float, rho: float, beta: float) -> Array:
    """The change of ``(x, y, z)``, on the first axis, per unit of time (Lorenz 1963)."""
    import numpy as np

    x, y, z = state
    return np.array([sigma * (y - x), x * (rho - z) - y, x * y - beta * z])


def _lorenz(randoms: Sequence[Random], steps: int, features: int, options: Mapping[str, Any]) -> Array:
    import numpy as np

    systems = ceil(features / 3)
    starts = [random.normal(0.0, 3.0, (3, systems)) for random in randoms]
    state = np.array([1.0, 1.0, 20.0])[:, None] + np.concatenate(starts, axis=1)
    inner = max(1, ceil(options["step"] / _LORENZ_STEP))
    size = options["step"] / inner
    path: Array = np.empty((steps, 3, len(randoms) * systems))

    def slope(here: Array) -> Array:
        return lorenz_slope(here, options["sigma"], options["rho"], options["beta"])

    for _ in range(_LORENZ_SETTLED):
        state = runge_kutta(slope, state, _LORENZ_STEP)
    for step in range(steps):
        path[step] = state
        for _ in range(inner):
            state = runge_kutta(slope, state, size)
    # Features x, y, z of one system, then x, y, z of the next.
    batch = path.reshape(steps, 3, len(randoms), systems).transpose(2, 0, 3, 1)
    return _with_noise(batch.reshape(len(randoms), steps, 3 * systems)[..., :features], randoms, options)


def _with_noise(batch: Array, randoms: Sequence[Random], options: Mapping[str, Any]) -> Array:
    import numpy as np

    pairs = zip(batch, randoms, strict=True)
    return np.stack([noisy(sample, random, options["noise"]) for sample, random in pairs])


def mackey_glass_path(history: Array, count: int, size: float, options: Mapping[str, Any]) -> Array:
    """Follow dx/dt = beta · x(t − delay) / (1 + x(t − delay)ⁿ) − gamma · x(t) from a known past.

    Args:
        history: the past on a grid of ``size``, ``(points, features)``, its last point being now; the delay
            is its length minus one grid steps.
        count: how many grid steps to go.
        size: of a grid step.
        options: ``beta``, ``gamma`` and ``exponent``.

    Returns:
        The points after now, ``(count, features)``. Between grid points the past is interpolated by cubics, so
        that the fourth-order method keeps its order.
    """
    import numpy as np

    beta, gamma, power = options["beta"], options["gamma"], options["exponent"]
    delay = len(history) - 1
    path: Array = np.empty((len(history) + count, history.shape[1]))
    path[: len(history)] = history
    for now in range(delay, delay + count):
        past = now - delay
        start, end = path[past], path[past + 1]
        before = path[past - 1] if past else start
        after = path[past + 2] if past + 2 <= now else end
        middle = (9.0 * (start + end) - before - after) / 16.0
        births = [beta * x / (1.0 + np.abs(x) ** power) for x in (start, middle, end)]
        here = path[now]
        first = births[0] - gamma * here
        second = births[1] - gamma * (here + size / 2 * first)
        third = births[1] - gamma * (here + size / 2 * second)
        fourth = births[2] - gamma * (here + size * third)
        path[now + 1] = here + size / 6 * (first + 2 * second + 2 * third + fourth)
    return path[len(history) :]


def _mackey_glass(randoms: Sequence[Random], steps: int, features: int, options: Mapping[str, Any]) -> Array:
    import numpy as np

    delay = round(options["delay"] / _QUARTER)
    each = round(options["step"] / _QUARTER)
    starts = np.concatenate([random.uniform(-0.3, 0.3, features) for random in randoms])
    past = np.tile(1.2 + starts, (delay + 1, 1))
    settled = np.concatenate([past, mackey_glass_path(past, 10 * delay, _QUARTER, options)])
    path = mackey_glass_path(settled[-delay - 1 :], steps * each, _QUARTER, options)[::each]
    batch = path.reshape(steps, len(randoms), features).transpose(1, 0, 2)
    return _with_noise(batch, randoms, options)


DYNAMICS: tuple[Generator, ...] = (
    Generator(
        "mackey_glass",
        "Mackey–Glass",
        "A model of blood cells whose birth depends on how many there were a delay ago. From a delay of 17 on it "
        "is chaotic. A network that is to foretell it has to remember at least one delay.",
        "dx/dt = beta · x(t − delay) / (1 + x(t − delay)ⁿ) − gamma · x(t), n = exponent",
        (
            Option(
                "delay",
                17.0,
                1.0,
                100.0,
                "How far back births depend on the past, in units of time; a multiple of a quarter.",
            ),
            Option("step", 1, 1, 20, "Units of time between two steps of the sequence."),
            Option("beta", 0.2, 0.0, 1.0, "How strong births are."),
            Option("gamma", 0.1, 0.0, 1.0, "Which share dies per unit of time."),
            Option("exponent", 10.0, 1.0, 20.0, "How sharply births stop when there are many."),
            NOISE,
            SEED,
        ),
        make_all=_mackey_glass,
        longest=_LONGEST,
    ),
    Generator(
        "lorenz",
        "Lorenz",
        "Three coupled numbers that circle two wings and change over at moments that seem random. The features are "
        "x, y and z; with one feature only x is seen, and the network's state has to make up for y and z.",
        "dx/dt = sigma (y − x), dy/dt = x (rho − z) − y, dz/dt = x y − beta z",
        (
            Option("step", 0.02, 0.001, 0.5, "Units of time between two steps of the sequence."),
            Option("sigma", 10.0, 0.0, 50.0, "How fast x follows y."),
            Option("rho", 28.0, 0.0, 100.0, "How hard the system is driven; below 24.74 it comes to rest."),
            Option("beta", 8.0 / 3.0, 0.1, 10.0, "How fast z fades."),
            NOISE,
            SEED,
        ),
        make_all=_lorenz,
        features=3,
        longest=_LONGEST,
    ),
)
