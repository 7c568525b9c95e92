"""What is painted in a space of three directions: paths, points, and the lines that they come to on the screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtGui import QColor

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[Any]


@dataclass(frozen=True)
class Paths:
    """What is painted.

    Attributes:
        places: ``(samples, steps, 3)``, NaN where a step does not count.
        numbers: which sample of the batch each path is.
        axes: what stands at the end of each direction; empty for one that does not exist.
        tips: what is said when the mouse is over that end.
        arrows: ``(arrows, 3)``, directions of chosen units, each no longer than 1.
        arrow_names: which units they are.
        arrow_colors: their colours.
    """

    places: Numbers
    numbers: tuple[int, ...]
    axes: tuple[str, str, str] = ("1", "2", "3")
    tips: tuple[str, str, str] = ("", "", "")
    arrows: Numbers | None = None
    arrow_names: tuple[str, ...] = ()
    arrow_colors: tuple[QColor, ...] = ()


@dataclass(frozen=True)
class Points:
    """Fixed points in the same space.

    Attributes:
        places: ``(points, 3)``.
        stable: ``(points,)``.
        tips: what is said of each under the mouse.
    """

    places: Numbers
    stable: Numbers
    tips: tuple[str, ...]


def runs(pixels: Numbers, there: Numbers) -> list[Numbers]:
    """The unbroken stretches of a path, without steps that stay on the same pixel."""
    runs: list[Numbers] = []
    ends = np.flatnonzero(np.diff(np.concatenate([[False], there, [False]]).astype(np.int8)))
    for start, stop in zip(ends[::2], ends[1::2], strict=True):
        run = pixels[start:stop]
        if len(run) < 2:
            continue
        whole = np.rint(run)
        kept = np.concatenate([[True], (np.diff(whole, axis=0) != 0).any(axis=1)])
        kept[-1] = True
        runs.append(run[kept])
    return runs
