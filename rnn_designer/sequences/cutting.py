"""From one long series to a batch: normalising, windows, and the shape that an Input declares."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

from rnn_designer.sequences.generators import GENERATORS, LARGEST, generate, targets
from rnn_designer.sequences.problem import DataProblem
from rnn_designer.wording import counted

if TYPE_CHECKING:
    from rnn_designer.messages import Array
else:
    Array = Any

NORMALIZATIONS: dict[str, str] = {
    "none": "Values as they are in the file.",
    "standard": "Mean 0 and standard deviation 1 per feature, over the training part of the series.",
    "range": "From 0 to 1 per feature, over the training part of the series.",
}
PARTS: dict[str, str] = {
    "all": "The whole series.",
    "train": "The beginning, from which a network learns.",
    "validation": "What follows it, by which settings are chosen.",
    "test": "The end, which is looked at once, when all is settled.",
}

_PIECE = 2**17
"""How many rows of a long series are looked at at a time."""


@dataclass(frozen=True, eq=False)
class Fitted:
    """The samples of one Input.

    Attributes:
        array: ``(batch, *shape)``, float32 or int32.
        words: what batch size and time steps mean here.
        ahead: what follows each sample up to the horizon, ``(batch, horizon, features)``; None without one.
        targets: the answers that the generator's task asks for, ``(batch, time)``; NaN where there is none.
        start: the row of the data at which sample 0 begins.
        stride: how many rows later each further sample begins.
    """

    array: Array
    words: str
    ahead: Array | None = None
    targets: Array | None = None
    start: int = 0
    stride: int = 0


def require_size(name: str, value: int) -> int:
    """The value, if it is a whole number of at least 1.

    Raises:
        DataProblem: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise DataProblem(f"{name}: expected a whole number of at least 1, got {value!r}.")
    return value


def normalized(values: Array, how: str, reference: Array | None = None) -> Array:
    """Values ``(…, features)`` scaled per feature over everything else; gaps (NaN) stay gaps.

    Gaps and infinities do not count for the scale. A constant feature becomes 0.

    Args:
        values: what is to be scaled.
        how: a name in :data:`NORMALIZATIONS`.
        reference: the part from which the scale is taken, ``(…, features)``; None for ``values`` themselves.

    Raises:
        DataProblem: ``how`` is none of :data:`NORMALIZATIONS`.
    """
    import numpy as np

    if how == "none" or not values.size:
        return values
    scaled_by = scaling(values if reference is None else reference, how)
    while True:
        try:
            next(scaled_by)
        except StopIteration as end:
            offset, scale = end.value
            break
    scaled: Array = ((np.asarray(values, np.float64) - offset) / scale).astype(np.float32)
    return scaled


def scaling(values: Array, how: str) -> Generator[None, None, tuple[Array, Array]]:
    """What is taken off each feature and what it is divided by, ``(features,)`` each.

    A long series is gone through piece by piece, with a pause after each.

    Args:
        values: ``(…, features)``; gaps and infinities do not count.
        how: a name in :data:`NORMALIZATIONS`.

    Raises:
        DataProblem: ``how`` is none of them.
    """
    import numpy as np

    if how not in NORMALIZATIONS:
        raise DataProblem(f"Expected a normalization of {', '.join(NORMALIZATIONS)}, got “{how}”.")
    features = values.shape[-1]
    if how == "none" or not values.size:
        return np.zeros(features), np.ones(features)
    flat = values.reshape(-1, features)
    pieces = [slice(at, at + _PIECE) for at in range(0, len(flat), _PIECE)]
    if how == "standard":
        total = np.zeros(features)
        counts = np.zeros(features)
        for piece in pieces:
            known = np.isfinite(flat[piece])
            total += np.where(known, flat[piece], 0.0).sum(axis=0, dtype=np.float64)
            counts += known.sum(axis=0)
            yield
        counts = np.maximum(counts, 1)
        offset = total / counts
        squares = np.zeros(features)
        for piece in pieces:
            away = np.where(np.isfinite(flat[piece]), flat[piece] - offset, 0.0)
            squares += (away**2).sum(axis=0)
            yield
        scale = np.sqrt(squares / counts)
    else:
        offset = np.full(features, np.inf)
        top = -offset
        for piece in pieces:
            known = np.isfinite(flat[piece])
            offset = np.minimum(offset, np.where(known, flat[piece], np.inf).min(axis=0))
            top = np.maximum(top, np.where(known, flat[piece], -np.inf).max(axis=0))
            yield
        offset = np.where(np.isfinite(offset), offset, 0.0)
        scale = np.where(np.isfinite(top), top, 0.0) - offset
    # Rounding leaves a constant feature a tiny deviation, which must not be blown up.
    tiny = scale <= 1e-12 * np.maximum(1.0, np.abs(offset))
    return offset, np.where(tiny, 1.0, scale)


def bounds(rows: int, validation: float, test: float, part: str) -> tuple[int, int]:
    """Where a part of the data begins and ends, in rows (or samples), in the order of time.

    Args:
        rows: how many there are.
        validation: the share for validation, 0 to 1.
        test: the share for the test, at the end.
        part: a name in :data:`PARTS`.

    Raises:
        DataProblem: the shares leave nothing to learn from, or there is no such part.
    """
    if part not in PARTS:
        raise DataProblem(f"Expected a part of {', '.join(PARTS)}, got “{part}”.")
    if not (0 <= validation < 1 and 0 <= test < 1 and validation + test < 1):
        raise DataProblem(
            f"Validation {validation:.0%} and test {test:.0%} leave nothing to learn from: make them smaller."
        )
    first = round(rows * (1 - validation - test))
    second = round(rows * (1 - test))
    begin, end = {
        "all": (0, rows),
        "train": (0, first),
        "validation": (first, second),
        "test": (second, rows),
    }[part]
    if begin == end:
        raise DataProblem(
            f"The {part} part has no rows: give it a share above 0 %, or feed another part to the canvas."
            if part != "all"
            else "The series is empty: choose a file with rows of numbers."
        )
    return begin, end


def cut(
    values: Array,
    batch_size: int,
    time_steps: int,
    stride: int = 1,
    normalize: str = "none",
    *,
    horizon: int = 0,
    validation: float = 0.0,
    test: float = 0.0,
    part: str = "all",
) -> Array:
    """Cut one long series into samples.

    Args:
        values: ``(steps, features)``, or ``(samples, steps, features)``, which needs no cutting: the first
            samples and their first steps are taken.
        batch_size: how many samples.
        time_steps: how many steps each sample has.
        stride: steps between the starts of two samples.
        normalize: a name in :data:`NORMALIZATIONS`; applied before cutting, by the scale of the training part.
        horizon: how many steps after the sample are given as well, for the target.
        validation: the share of the rows (or samples) for validation.
        test: their share for the test.
        part: which part the samples are cut from.

    Returns:
        A float32 array ``(batch, time + horizon, features)``.

    Raises:
        DataProblem: there is not enough data; the sentence says which numbers would fit.
    """
    import numpy as np

    require_size("Batch size", batch_size)
    require_size("Time steps", time_steps)
    require_size("Stride", stride)
    begin, end = bounds(values.shape[0], validation, test, part) if values.shape[0] else (0, 0)
    split = validation > 0 or test > 0
    reference = values[: bounds(values.shape[0], validation, test, "train")[1]] if split else None
    window = time_steps + horizon
    whose = "series" if part == "all" else f"{part} part"
    if values.ndim == 3:
        return _taken_samples(
            normalized(values[begin:end], normalize, reference), batch_size, time_steps, horizon, whose
        )
    steps, features = end - begin, values.shape[1]
    needed = f"{window:,}" if not horizon else f"{time_steps:,} and {horizon:,} more up to the horizon"
    if steps < window:
        raise DataProblem(
            f"The {whose} has only {counted(steps, 'step')}, but a sample needs {needed}. "
            f"Set time steps to at most {max(1, steps - horizon):,}, or choose a longer series."
            if steps
            else "The series is empty: choose a file with rows of numbers."
        )
    available = (steps - window) // stride + 1
    if available < batch_size:
        hints = [f"set the batch size to at most {available:,}"]
        if batch_size > 1 and (closer := (steps - window) // (batch_size - 1)) >= 1:
            hints.append(f"the stride to at most {closer:,}")
        if (shorter := steps - horizon - (batch_size - 1) * stride) >= 1:
            hints.append(f"the time steps to at most {shorter:,}")
        raise DataProblem(
            f"{counted(available, 'sample')} of {counted(time_steps, 'step')} can be cut from {steps:,} "
            f"rows{'' if part == 'all' else f' of the {whose}'} every "
            f"{counted(stride, 'step')}, but the batch has {batch_size:,}: {', or '.join(hints)}."
        )
    if batch_size * window * features > LARGEST:
        raise DataProblem(
            f"{batch_size:,} samples × {window:,} steps × {features:,} features are more than the "
            f"{LARGEST:,} numbers that a batch may have. Take fewer samples or fewer time steps."
        )
    # Only what is fed is scaled: a long series stays as it is.
    last = begin + (batch_size - 1) * stride + window
    scale = reference if split else values
    scaled = np.ascontiguousarray(normalized(values[begin:last], normalize, scale), np.float32)
    starts = np.arange(batch_size) * stride
    samples: Array = scaled[starts[:, None] + np.arange(window)]
    return samples


def _share_of_samples(values: Array, batch_size: int, steps: int) -> str:
    """Which part of the data's own samples is taken, as the end of a sentence about it."""
    if batch_size < values.shape[0]:
        return f", the first of {values.shape[0]:,} in the data"
    if steps < values.shape[1]:
        return f", the first of each sample's {values.shape[1]:,}"
    return ", all of the data"


def _taken_samples(values: Array, batch_size: int, time_steps: int, horizon: int, whose: str) -> Array:
    import numpy as np

    samples, steps, _features = values.shape
    owner = "file" if whose == "series" else whose
    if samples < batch_size:
        raise DataProblem(
            f"The {owner} has {counted(samples, 'sample')}, but the batch has {batch_size:,}: "
            f"set the batch size to at most {samples:,}."
        )
    if steps < time_steps + horizon:
        more = f" and {horizon:,} more up to the horizon" if horizon else ""
        remedy = (
            f"set time steps to at most {steps - horizon:,}"
            if steps > horizon
            else "make the horizon shorter"
        )
        raise DataProblem(
            f"The file's samples have {counted(steps, 'step')} each, but {time_steps:,}{more} are wanted: {remedy}."
        )
    return np.ascontiguousarray(values[:batch_size, : time_steps + horizon], np.float32)


def fit_series(
    values: Array,
    sizes: Sequence[int | None],
    *,
    batch_size: int,
    time_steps: int,
    stride: int = 1,
    normalize: str = "none",
    whole: bool = False,
    horizon: int = 0,
    validation: float = 0.0,
    test: float = 0.0,
    part: str = "all",
) -> Fitted:
    """Cut a file's values into the shape that an Input declares.

    Args:
        values: ``(steps, features)`` or ``(samples, steps, features)``.
        sizes: the Input's shape without the batch; None for an open axis. A fixed time axis wins over
            ``time_steps``.
        batch_size: how many samples.
        time_steps: how many steps each sample has where the Input leaves it open.
        stride: steps between the starts of two samples.
        normalize: a name in :data:`NORMALIZATIONS`.
        whole: whether the Input takes whole numbers; the result is int32 then.
        horizon: how many steps after each sample its target lies.
        validation: the share of the data for validation.
        test: the share for the test.
        part: which part is fed.

    Raises:
        DataProblem: the data does not fit.
    """
    features = values.shape[-1]
    share = {"validation": validation, "test": test, "part": part}
    ahead: Array | None = None
    if whole and normalize != "none":
        raise DataProblem(
            "This Input takes whole numbers, and a normalization makes fractions of them: set "
            "normalize to none."
        )
    if values.ndim == 2 and rows_are_samples(sizes, features):
        array = cut(values, batch_size, 1, stride, normalize, **share)[:, 0]  # type: ignore[arg-type]
        words = f"{counted(batch_size, 'sample')} of {counted(features, 'feature')}, one row each"
        if not sizes:
            array = array[:, 0]
    else:
        if len(sizes) == 1 and features != 1:
            raise DataProblem(
                f"The data has {counted(features, 'column')}, but this Input takes one number per step: "
                "choose one column, or give the Input's shape a features axis."
            )
        steps = sizes[0] if sizes and sizes[0] is not None else time_steps
        made = cut(values, batch_size, steps, stride, normalize, horizon=horizon, **share)  # type: ignore[arg-type]
        array = made[:, :steps]
        ahead = made[:, steps:] if horizon else None
        words = f"{counted(batch_size, 'sample')} of {counted(steps, 'step')}"
        if values.ndim == 3:
            words += _share_of_samples(values, batch_size, steps)
        elif batch_size > 1:
            words += f", cut from {values.shape[0]:,} rows every {counted(stride, 'step').removeprefix('1 ')}"
        else:
            words += f", the first of {values.shape[0]:,} rows"
        if part != "all":
            words += f", from the {part} part"
        if horizon:
            words += f"; the target lies {counted(horizon, 'step')} ahead"
        array = (
            array.reshape(batch_size, steps, *feature_sizes(sizes[1:], features))
            if len(sizes) != 1
            else (array[:, :, 0])
        )
    begin = bounds(values.shape[0], validation, test, part)[0] if values.shape[0] else 0
    return Fitted(
        _whole(array, "The data") if whole else array,
        words,
        ahead,
        start=begin,
        stride=stride if values.ndim == 2 else 0,
    )


def rows_are_samples(sizes: Sequence[int | None], features: int) -> bool:
    """Whether each row of a table is one sample: the Input has no time axis."""
    if not sizes:
        return True
    return len(sizes) == 1 and sizes[0] == features


def feature_sizes(sizes: Sequence[int | None], features: int) -> tuple[int, ...]:
    """The sizes of a step as the Input declares them, if a row of so many columns fits them.

    Raises:
        DataProblem: it does not.
    """
    if len(sizes) == 1:
        if sizes[0] not in (None, features):
            raise DataProblem(
                f"The data has {counted(features, 'column')}, but the Input expects "
                f"{counted(sizes[0] or 0, 'feature')}"
                f": choose {sizes[0]} of the columns, or set the last size of the Input's shape to "
                f"{features}."
            )
        return (features,)
    known = [size for size in sizes if size is not None]
    if len(known) != len(sizes):
        raise DataProblem("Only the time axis of an Input may stay open here: give its other axes sizes.")
    if prod(known) != features:
        raise DataProblem(
            f"The data has {counted(features, 'column')}, but a step of the Input has "
            f"{'×'.join(map(str, known))} = {prod(known):,} numbers: choose as many columns, or "
            "change its shape."
        )
    return tuple(known)


def _whole(array: Array, subject: str) -> Array:
    import numpy as np

    broken = int((~np.isfinite(array)).sum())
    if broken:
        raise DataProblem(
            f"{subject} has {counted(broken, 'gap')} or infinite values, but this Input takes whole numbers: "
            "choose another column, or set the Input's dtype to float32."
        )
    fractions = int((array != np.rint(array)).sum())
    if fractions:
        raise DataProblem(
            f"{subject} has {counted(fractions, 'number')} with a fraction, but this Input takes whole "
            "numbers: "
            "choose token ids or another column, or set the Input's dtype to float32."
        )
    return array.astype(np.int32)


def fit_generated(
    kind: str,
    options: Mapping[str, object],
    sizes: Sequence[int | None],
    *,
    batch_size: int,
    time_steps: int,
    normalize: str = "none",
    whole: bool = False,
    horizon: int = 0,
) -> Fitted:
    """Make sequences in the shape that an Input declares; open feature axes get the size 1.

    Args:
        kind: a name in :data:`GENERATORS`.
        options: the generator's settings.
        sizes: the Input's shape without the batch. A fixed time axis wins over ``time_steps``.
        batch_size: how many samples.
        time_steps: how many steps each sample has where the Input leaves it open.
        normalize: a name in :data:`NORMALIZATIONS`, over the whole batch.
        whole: whether the Input takes whole numbers; the result is int32 then.
        horizon: how many steps after each sample its target lies; a task has targets of its own instead.

    Raises:
        DataProblem: a setting is out of bounds, or the batch would be too large.
    """
    require_size("Batch size", batch_size)
    require_size("Time steps", time_steps)
    shape = [batch_size, *(size or (1 if axis else time_steps) for axis, size in enumerate(sizes))]
    generator = GENERATORS.get(kind)
    steps = shape[1] if len(shape) > 1 else 1
    timed = len(shape) > 2 or (len(shape) == 2 and (sizes[0] is None or whole))
    further = horizon if timed and generator is not None and generator.target is None else 0
    if further:
        shape[1] += further
    array = generate(kind, options, tuple(shape))
    generator = GENERATORS[kind]
    answers = targets(kind, options, array) if timed else None
    if not generator.whole and len(shape) > 2:
        array = normalized(array, normalize)
    ahead = array[:, steps:] if further else None
    array = array[:, :steps] if further else array
    if whole:
        array = _whole(array, f"The generator “{generator.title}”")
    words = counted(batch_size, "sample")
    if len(shape) > 1:
        words += f" of {counted(steps, 'step' if len(shape) > 2 or sizes[0] is None or whole else 'feature')}"
    words += f", made by “{generator.title}”"
    if further:
        words += f"; the target lies {counted(further, 'step')} ahead"
    elif answers is not None:
        words += f"; the task's target: {generator.task}"
    return Fitted(array, words, ahead, answers)
