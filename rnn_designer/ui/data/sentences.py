"""What batch size, time steps, stride, horizon and split change, said with the numbers at hand."""

from rnn_designer.design import DataSource
from rnn_designer.sequences import DataProblem, bounds
from rnn_designer.wording import counted

_PART_WORDS = {"all": "all", "train": "training", "validation": "validation", "test": "test"}


def rows_fed(source: DataSource, rows: int | None) -> int | None:
    """How many rows the part has that the canvas is fed from; None if that is not known."""
    if rows is None:
        return None
    try:
        begin, end = bounds(rows, source.validation, source.test, source.part)
    except DataProblem:
        return None
    return end - begin


def most_samples(source: DataSource, steps: int, rows: int | None) -> int | None:
    """How many samples can be cut from the rows; None if that is not known."""
    fed = rows_fed(source, rows)
    if fed is None:
        return None
    return max(0, (fed - steps - source.horizon) // source.stride + 1)


def batch_words(source: DataSource, batch: int, steps: int, rows: int | None) -> str:
    """What the batch size changes."""
    words = (
        "One sequence runs alone: easiest to read."
        if batch == 1
        else f"{batch:,} sequences run side by side, each with states of its own; more cost time, not parameters."
    )
    most = most_samples(source, steps, rows)
    if most is None:
        return words + " Take several to compare what the states do."
    return words + f" The data has room for {most:,} with these time steps and this stride."


def steps_words(steps: int, rows: int | None) -> str:
    """What the time steps change."""
    reach = f"A state can reach back {counted(steps - 1, 'step')} at most."
    advice = "ake at least one whole period of what is to be remembered; long ones learn more slowly."
    return f"{reach} T{advice}" if rows is None else f"{reach} The data has {counted(rows, 'row')}: t{advice}"


def stride_words(stride: int, steps: int, batch: int) -> str:
    """What the stride changes."""
    each = f"Each sequence starts {counted(stride, 'row')} after the one before. "
    if batch == 1:
        return each + "With a batch of one it changes nothing."
    if stride < steps:
        return each + f"Neighbours share {counted(steps - stride, 'row')}; {steps:,} would share none."
    if stride == steps:
        return each + "They follow without overlap and without a gap."
    return (
        each + f"{counted(stride - steps, 'row')} between two are not used; {steps:,} would leave none out."
    )


def horizon_words(horizon: int, steps: int, task: str) -> str:
    """What the horizon changes."""
    if task:
        return f"This task has targets of its own: {task}. They are the dots in the preview."
    if not horizon:
        return "0: no target. 1 is what foretelling the next step takes."
    return (
        f"The target of a step lies {counted(horizon, 'step')} after it. Each sample keeps as many rows beyond its "
        f"{steps:,} steps for it (hollow in the preview, +1 … in the table); they are not fed, but kept for training."
    )


def split_words(source: DataSource, rows: int | None) -> str:
    """What the split changes."""
    if not source.validation and not source.test:
        return (
            "0 % and 0 %: everything is one part. 15 % each at the end show later whether the network learned or "
            "only remembers."
        )
    parts = []
    for part in ("train", "validation", "test"):
        try:
            begin, end = bounds(rows or 0, source.validation, source.test, part)
        except DataProblem:
            continue
        parts.append(f"{_PART_WORDS[part]} {begin:,} to {end - 1:,}")
    where = f"Rows in the order of time: {', '.join(parts)}. " if rows else ""
    return (
        where
        + "The scale of the normalisation is taken from the training part, so that nothing leaks into it."
    )
