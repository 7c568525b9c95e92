"""Made-up sequences with known laws, so that one can see what a network does with them.

Every sample has a random stream of its own: sample 3 stays the same whatever the batch size.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import TYPE_CHECKING, Any

from rnn_designer.sequences.dynamics import DYNAMICS
from rnn_designer.sequences.law import LARGEST, Generator, Option
from rnn_designer.sequences.pictures import PICTURES
from rnn_designer.sequences.problem import DataProblem
from rnn_designer.sequences.signals import SIGNALS
from rnn_designer.sequences.tasks import TASKS

if TYPE_CHECKING:
    from rnn_designer.messages import Array
else:
    Array = Any

__all__ = ["GENERATORS", "LARGEST", "Generator", "Option", "generate", "targets"]

GENERATORS: dict[str, Generator] = {each.name: each for each in (*SIGNALS, *DYNAMICS, *TASKS, *PICTURES)}
"""Every generator by its name, in the order in which they are offered."""


def generate(kind: str, options: Mapping[str, object], shape: tuple[int, ...], first: int = 0) -> Array:
    """Make a batch of sequences.

    Args:
        kind: a name in :data:`GENERATORS`.
        options: the generator's settings; those left out have their defaults.
        shape: ``(batch, time, …)``, every size known. What follows the time axis counts as features.
        first: number of the first sample; those before it are not made.

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
    if steps > generator.longest:
        raise DataProblem(
            f"“{generator.title}” is followed step by step, for at most {generator.longest:,} steps, but "
            f"{steps:,} are wanted: set time steps to at most {generator.longest:,}."
        )
    features = prod(shape[2:])
    seed = int(complete.get("seed", 0))
    randoms = [np.random.default_rng((seed, first + sample)) for sample in range(batch)]
    if generator.make_all is not None:
        return generator.make_all(randoms, steps, features, complete).astype(np.float32).reshape(shape)
    assert generator.make is not None
    made = np.empty((batch, steps, features), np.float32)
    for sample, random in enumerate(randoms):
        made[sample] = generator.make(random, first + sample, steps, features, complete)
    return made.reshape(shape)


def targets(kind: str, options: Mapping[str, object], made: Array) -> Array | None:
    """The answers to generated samples.

    Args:
        kind: a name in :data:`GENERATORS`.
        options: the generator's settings.
        made: what :func:`generate` made, ``(batch, time, …)``.

    Returns:
        ``(batch, time)``, float32, NaN where no answer is asked for; None where the law sets no task.
    """
    import numpy as np

    generator = GENERATORS[kind]
    if generator.target is None or made.ndim < 2:
        return None
    complete = generator.complete(options)
    flat = made.reshape(made.shape[0], made.shape[1], -1)
    return np.stack([generator.target(sample, complete) for sample in flat]).astype(np.float32)
