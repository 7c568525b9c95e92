"""The data of one Input, scaled once and cut into windows piece by piece, so that nobody has to wait for all of it."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rnn_designer.sequences.cutting import feature_sizes, scaling
from rnn_designer.sequences.problem import DataProblem
from rnn_designer.wording import counted

if TYPE_CHECKING:
    from rnn_designer.messages import Array
    from rnn_designer.sequences.lessons import Feed
else:
    Array = Any

_PIECE = 2**18
"""How many numbers are handled in one go: some milliseconds."""


@dataclass(frozen=True, eq=False)
class Track:
    """Scaled data, ready to be cut.

    Attributes:
        values: ``(rows, columns)`` or ``(samples, steps, columns)``: what the Input reads.
        steps: how many of them a sample has.
        shape: of a sample, as the Input takes it.
        offset: what was taken off each column of the data, those included that the Input does not read.
        scale: what each was divided by.
        gaps: how many rows before each, itself included, have a gap, ``(rows + 1,)``; for samples, whether each has.
    """

    values: Array
    steps: int
    shape: tuple[int, ...]
    offset: Array
    scale: Array
    gaps: Array

    def whole_windows(self, starts: Array) -> Array:
        """Which of the samples that begin there have no gap, as a mask."""
        if self.values.ndim == 2:
            whole: Array = self.gaps[starts + self.steps] == self.gaps[starts]
            return whole
        none: Array = ~self.gaps[starts]
        return none

    def windows(self, starts: Array) -> Generator[None, None, Array]:
        """The samples that begin there, ``(samples, *shape)``."""
        import numpy as np

        made = np.empty((len(starts), *self.shape), self.values.dtype)
        flat = made.reshape(len(starts), self.steps, -1)
        for piece in pieces(len(starts), max(1, flat[:1].size)):
            flat[piece] = taken(self.values, starts[piece], 0, self.steps)
            yield
        return made


def pieces(number: int, size: int) -> list[slice]:
    """Slices of so many things of that size, each quickly handled."""
    step = max(1, _PIECE // max(1, size))
    return [slice(at, at + step) for at in range(0, number, step)]


def taken(values: Array, starts: Array, first: int, steps: int) -> Array:
    """From each sample the steps from ``first`` on, ``(samples, steps, columns)``."""
    import numpy as np

    if values.ndim == 3:
        given: Array = values[starts, first : first + steps]
        return given
    cut: Array = values[starts[:, None] + np.arange(first, first + steps)]
    return cut


def track(feed: Feed, training: int) -> Generator[None, None, Track]:
    """Scale the data of an Input by its training part.

    Args:
        feed: the data.
        training: how many rows, or samples, the training part has.

    Raises:
        DataProblem: the Input cannot take it.
    """
    import numpy as np

    if feed.whole and feed.normalize != "none":
        raise DataProblem(
            f"{feed.title} takes whole numbers, and a normalization makes fractions of them: set normalize to none."
        )
    shape = _shape(feed)
    values = feed.values
    offset, scale = yield from scaling(values[:training], feed.normalize)
    columns = slice(None) if feed.columns is None else list(feed.columns)
    read = np.empty((*values.shape[:-1], feed.width), np.int32 if feed.as_integers else np.float32)
    gaps = np.zeros(len(values), bool)
    plain = feed.normalize == "none"
    for piece in pieces(len(values), max(1, values[:1].size)):
        part = values[piece][..., columns]
        finite = np.isfinite(part)
        gaps[piece] = ~finite.reshape(len(part), -1).all(axis=1)
        if feed.whole:
            _require_whole(part, finite, feed)
            part = np.where(finite, part, 0)
        read[piece] = part if plain else (part.astype(np.float64) - offset[columns]) / scale[columns]
        yield
    if feed.series:
        gaps = np.concatenate([[0], np.cumsum(gaps)])
    return Track(read, feed.steps, shape, offset, scale, gaps)


def _shape(feed: Feed) -> tuple[int, ...]:
    """What a sample looks like to the Input."""
    if not feed.timed:
        return feed.sizes and (feed.width,)  # type: ignore[return-value]  # its only size is the width
    if len(feed.sizes) == 1:
        if feed.width != 1:
            raise DataProblem(
                f"The data has {counted(feed.width, 'column')}, but {feed.title} takes one number per step: choose "
                "one column, or give its shape a features axis."
            )
        return (feed.steps,)
    return (feed.steps, *feature_sizes(feed.sizes[1:], feed.width))


def _require_whole(part: Array, finite: Array, feed: Feed) -> None:
    import numpy as np

    known = part[finite]
    if (known != np.rint(known)).any():
        raise DataProblem(
            f"The data of {feed.title} has numbers with a fraction, but it takes whole numbers: choose token ids or "
            "another column, or set its dtype to float32."
        )
    if feed.vocabulary is None or not known.size:
        return
    lowest, highest = int(known.min()), int(known.max())
    if lowest < 0 or highest >= feed.vocabulary:
        remedy = (
            "ids cannot be negative, so choose other data"
            if lowest < 0
            else f"set its input_dim to at least {highest + 1:,}, or choose other data"
        )
        raise DataProblem(
            f"The data has ids from {lowest:,} to {highest:,}, but the Embedding behind {feed.title} knows 0 to "
            f"{feed.vocabulary - 1:,}: {remedy}."
        )
