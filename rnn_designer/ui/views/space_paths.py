"""What is painted in a space of three directions: paths, points, and the lines that they come to on the screen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
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
        labels: ``(samples, steps)``, NaN without one; None where no path has labels.
        label_word: what such a label is.
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
    labels: Numbers | None = None
    label_word: str = "label"

    def label_at(self, row: int, share: float) -> float:
        """The label of a path at a share of the time, 0 to 1; NaN without one."""
        return (
            float("nan")
            if self.labels is None
            else float(self.labels[row, int(share * (self.labels.shape[1] - 1))])
        )

    @cached_property
    def told(self) -> tuple[int, ...]:
        """Every label that there is, in order."""
        if self.labels is None:
            return ()
        return tuple(int(each) for each in np.unique(self.labels[np.isfinite(self.labels)]))

    @cached_property
    def there(self) -> Numbers:
        """Which steps have a place, ``(samples, steps)``."""
        found = np.isfinite(self.places)
        there: Numbers = found[..., 0] & found[..., 1] & found[..., 2]
        return there

    @cached_property
    def ends(self) -> tuple[Numbers, Numbers] | None:
        """The lowest and the highest place along each direction, ``(3,)`` each; None without a place."""
        if not self.there.any():
            return None
        columns = [self.places[..., each][self.there] for each in range(3)]
        return np.array([each.min() for each in columns]), np.array([each.max() for each in columns])

    def reach(self, direction: int) -> float:
        """How far from the mean an axis goes, so that it ends a little beyond the paths."""
        if self.ends is None:
            return 1.0
        low, high = self.ends
        return 1.08 * float(max(-low[direction], high[direction]))

    def farthest_from(self, middle: Numbers) -> float:
        """How far from a place ``(3,)`` the paths lead."""
        own = self.places[self.there] - middle
        return float(np.sqrt(np.einsum("ij,ij->i", own, own).max(initial=0.0)))


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
