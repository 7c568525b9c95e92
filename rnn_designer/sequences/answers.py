"""The targets of one output: numbers, classes, ones among zeros, taken from data and cut beside the samples."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any, Protocol

from rnn_designer.sequences.cutting import scaling
from rnn_designer.sequences.problem import DataProblem
from rnn_designer.sequences.tracks import Track, pieces, taken
from rnn_designer.wording import counted

if TYPE_CHECKING:
    from rnn_designer.messages import Array
    from rnn_designer.sequences.lessons import Aim, Feed, Scale
else:
    Array = Any

_MOST_NAMED = 1000
"""Data with more different values than this has no classes."""


class _Parts(Protocol):
    def training_rows(self, feed: Feed) -> int: ...


@dataclass(frozen=True, eq=False)
class Answers:
    """Targets, ready to be cut.

    Attributes:
        values: ``(rows, columns)`` or ``(samples, steps, columns)`` float64; classes are numbered already. NaN where
            there is no answer.
        aim: what the output learns.
        first: how many steps after the sample's first one the first target lies.
        steps: how many targets a sample has.
        sizes: what one target looks like.
        classes: how many classes the output tells apart; 0 for numbers.
        scale: how numbers were scaled; None for classes.
        labels: what the data calls each class; empty where that is its number.
    """

    values: Array
    aim: Aim
    first: int
    steps: int
    sizes: tuple[int, ...]
    classes: int = 0
    scale: Scale | None = None
    labels: tuple[float, ...] = ()

    def at(self, starts: Array) -> Generator[None, None, tuple[Array, Array]]:
        """The targets of the samples that begin there, and where there is an answer.

        Returns:
            ``(samples, [time,] *sizes)`` float32, or int32 numbers of classes ``(samples[, time])``; and
            ``(samples[, time])`` bool.
        """
        import numpy as np

        aim = self.aim
        times = (self.steps,) if aim.per_step else ()
        ids = aim.encoding == "ids"
        made = np.zeros((len(starts), *times, *(() if ids else self.sizes)), np.int32 if ids else np.float32)
        known = np.zeros((len(starts), *times), bool)
        for piece in pieces(len(starts), max(1, self.steps * prod(self.sizes))):
            part = taken(self.values, starts[piece], self.first, self.steps)
            there: Array = np.asarray(np.isfinite(part).all(axis=-1))
            part = np.where(there[..., None], part, 0.0)
            if aim.encoding == "one_hot" and part.shape[-1] == 1 and self.classes > 1:
                part = np.logical_and(part == np.arange(self.classes), there[..., None])
            made[piece] = part.reshape(made[piece].shape)
            known[piece] = there.reshape(known[piece].shape)
            yield
        return made, known


def answers_for(aim: Aim, feed: Feed, track: Track, parts: _Parts) -> Generator[None, None, Answers]:
    """The targets of an output.

    Args:
        aim: what it learns.
        feed: the data of the Input whose samples are answered.
        track: the same, scaled.
        parts: how many rows the training part has.

    Raises:
        DataProblem: there are no targets, or they do not fit the output.
    """
    import numpy as np

    from rnn_designer.sequences.lessons import CLASSES, FORETELLING, Scale

    if aim.per_step and aim.steps is not None and aim.steps != feed.steps:
        raise DataProblem(
            f"A sample has {counted(feed.steps, 'step')}, but {aim.title} has {aim.steps:,}, so there is no target for "
            "each: choose a task with one target for the whole sample, or keep every step up to the output."
        )
    if aim.values is None:
        columns = feed.columns if aim.columns is None else aim.columns
        if aim.columns is None and aim.task not in FORETELLING:
            raise DataProblem(
                f"Nothing says what {aim.title} is to learn. Choose the columns with the targets."
            )
        chosen = slice(None) if columns is None else list(columns)
        raw, offset, scale = feed.values[..., chosen], track.offset[chosen], track.scale[chosen]
        steps = feed.steps if aim.per_step else 1
        first = aim.ahead if aim.per_step else feed.steps - 1 + aim.ahead
    else:
        raw = _own(aim, feed)
        # What an own source gives for the whole sample has no place in time.
        steps = feed.steps if aim.per_step else 1
        first = 0 if aim.per_step or (raw.shape[1] == 1 and raw.ndim == 3) else feed.steps - 1
        offset, scale = yield from scaling(raw[: parts.training_rows(feed)], aim.normalize)
    width = raw.shape[-1]
    if aim.task in CLASSES or aim.encoding != "numbers":
        return (yield from _classes(aim, raw, first, steps))
    sizes = tuple(size or width for size in aim.sizes)
    if prod(sizes) != width:
        raise DataProblem(
            f"{aim.title[:1].upper()}{aim.title[1:]} has {'×'.join(map(str, sizes))} numbers, but there are "
            f"{counted(width, 'target')} for it: choose as many columns, or give it {counted(width, 'unit')}."
        )
    values = np.empty(raw.shape, np.float64)
    for piece in pieces(len(raw), max(1, raw[:1].size)):
        values[piece] = (raw[piece].astype(np.float64) - offset) / scale
        yield
    back = Scale(offset.reshape(sizes), scale.reshape(sizes))
    return Answers(values, aim, first, steps, sizes, scale=back)


def _own(aim: Aim, feed: Feed) -> Array:
    """Targets from a source of their own, in the form of the data that they lie beside."""
    values = aim.values
    assert values is not None
    what = "row" if feed.series else "sample"
    if len(values) != len(feed.values) or (feed.series and values.ndim != 2):
        raise DataProblem(
            f"The targets of {aim.title} have {counted(len(values), 'row' if values.ndim == 2 else 'sample')}, and "
            f"{feed.title} has {counted(len(feed.values), what)}: each {what} needs its target, so choose data of the "
            "same length."
        )
    if feed.series or values.ndim == 3:
        if not feed.series and aim.per_step and values.shape[1] < feed.steps:
            raise DataProblem(
                f"The targets of {aim.title} have {counted(values.shape[1], 'step')}, but a sample of {feed.title} "
                f"has {feed.steps:,}: choose targets for each, or set fewer time steps."
            )
        return values
    if not aim.per_step:
        return values[:, None, :]
    if values.shape[1] < feed.steps:
        raise DataProblem(
            f"The targets of {aim.title} have {counted(values.shape[1], 'column')} for each sample, but a sample has "
            f"{counted(feed.steps, 'step')}: give one target per step."
        )
    return values[:, :, None]


def _classes(aim: Aim, raw: Array, first: int, steps: int) -> Generator[None, None, Answers]:
    """Targets that are classes: their numbers, whatever the data calls them."""
    import numpy as np

    units = aim.sizes[-1] if aim.encoding != "ids" and aim.sizes else None
    width = raw.shape[-1]
    classes = aim.classes
    if aim.encoding in ("one_hot", "binary") and units == width and width > 1:
        yield
        _require_shares(aim, raw)
        return Answers(raw.astype(np.float64), aim, first, steps, (width,), width)
    if width != 1:
        raise DataProblem(
            f"The classes of {aim.title} are in one column, but {counted(width, 'column')} are chosen: choose the one "
            "with the classes."
        )
    found: Array = np.empty(0)
    for piece in pieces(len(raw), max(1, raw[:1].size)):
        part = raw[piece]
        found = np.union1d(found, part[np.isfinite(part)])
        if len(found) > max(classes, _MOST_NAMED):
            raise DataProblem(
                f"The targets of {aim.title} have more than {len(found) - 1:,} different values, which are numbers "
                "rather than classes: choose another column, or a task that predicts numbers."
            )
        yield
    numbered = not len(found) or bool(
        (found == np.rint(found)).all() and found[0] >= 0 and found[-1] < classes
    )
    labels: tuple[float, ...] = ()
    values = raw.astype(np.float64)
    if not numbered:
        if aim.task == "next_token" or len(found) > classes:
            raise DataProblem(_too_many(aim, found, classes))
        labels = tuple(map(float, found))
        there = np.isfinite(values)
        values[there] = np.searchsorted(found, values[there])
    size = 1 if aim.encoding == "binary" else classes
    return Answers(values, aim, first, steps, (size,), classes, labels=labels)


def _too_many(aim: Aim, found: Array, classes: int) -> str:
    if aim.task == "next_token":
        return (
            f"The tokens go from {found[0]:,g} to {found[-1]:,g}, but {aim.title} tells {counted(classes, 'token')} "
            f"apart, 0 to {classes - 1:,}: give it {counted(int(found[-1]) + 1, 'unit')}."
        )
    remedy = (
        f"end the model in a softmax over {len(found):,} units"
        if aim.encoding == "binary"
        else f"give it {counted(len(found), 'unit')}"
    )
    return (
        f"The targets have {len(found):,} different classes, but {aim.title} tells {classes:,} apart: {remedy}, or "
        "choose another column."
    )


def _require_shares(aim: Aim, raw: Array) -> None:
    import numpy as np

    known = raw[np.isfinite(raw)]
    if known.size and (known.min() < 0 or known.max() > 1):
        raise DataProblem(
            f"The targets of {aim.title} go from {known.min():g} to {known.max():g}, but a class is there or not: "
            "expected numbers from 0 to 1. Choose other columns."
        )
