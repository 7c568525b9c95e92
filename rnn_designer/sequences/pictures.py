"""Sequences of pictures: what a convolutional recurrent layer has to follow in a frame."""

from __future__ import annotations

from collections.abc import Mapping
from math import isqrt
from typing import TYPE_CHECKING, Any

from rnn_designer.sequences.law import SEED, Generator, Option
from rnn_designer.sequences.problem import DataProblem

if TYPE_CHECKING:
    from numpy.random import Generator as Random

    from rnn_designer.messages import Array
else:
    Random = Any
    Array = Any


def _moving_squares(
    random: Random, _sample: int, steps: int, features: int, options: Mapping[str, Any]
) -> Array:
    """Frames (time, side · side) with one square each, row by row."""
    import numpy as np

    side, size = isqrt(features), options["size"]
    if side * side != features or side < 2:
        raise DataProblem(
            f"Moving squares need frames as high as they are wide, with one channel, such as (time, 16, 16, 1); the "
            f"Input has {features:,} numbers per step. Set the last sizes of its shape alike."
        )
    if size >= side:
        raise DataProblem(
            f"A square {size} wide cannot move in a frame {side} wide: set size to at most {side - 1}."
        )
    room = side - size
    place = random.uniform(0.0, room, 2)
    angle = random.uniform(0.0, 2 * np.pi)
    speed = options["speed"] * np.array([np.sin(angle), np.cos(angle)])
    # Bouncing is a straight line folded back at both ends.
    ways = place + np.arange(steps)[:, None] * speed
    corners = np.rint(np.abs((ways + room) % (2 * room) - room)).astype(int)
    frames = np.zeros((steps, side, side))
    for step, (row, column) in enumerate(corners):
        frames[step, row : row + size, column : column + size] = 1.0
    return frames.reshape(steps, features)


PICTURES: tuple[Generator, ...] = (
    Generator(
        "moving_squares",
        "Moving squares",
        "Every step is a small picture in which a bright square flies straight on and bounces off the edges. Where "
        "it goes next cannot be told from one picture: a state has to keep the direction.",
        "corner(t) = corner(0) + t · speed, folded back at the edges",
        (
            Option("size", 3, 1, 1000, "How many points wide and high the square is."),
            Option("speed", 1.0, 0.0, 1000.0, "How many points it moves in a step."),
            SEED,
        ),
        _moving_squares,
    ),
)
