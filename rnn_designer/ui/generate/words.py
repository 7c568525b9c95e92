"""What the Generate panel says: what is fed back, how far it is, and how near the samples it came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rnn_designer.design import Design
from rnn_designer.design.generating import Feedback
from rnn_designer.ui.numbers import number
from rnn_designer.wording import counted

if TYPE_CHECKING:
    from rnn_designer.messages import Array


def about_feedback(design: Design, found: Feedback) -> str:
    """Which output goes to which Input, and what is remembered between two steps."""
    output = design.layer(found.output[0]).name
    what = "a token drawn from" if found.tokens is not None else "what"
    said = "" if found.tokens is not None else " predicts"
    start = f"At every step {what} ‘{output}’{said} goes back to ‘{found.input.name}’"
    if found.carried:
        names = _listed([f"‘{memory.layer.name}’" for memory in found.memories])
        return f"{start}; the states of {names} are carried on."
    return f"{start}; the model reads the whole sequence again each time, because its states are not all it needs."


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def about_result(
    sequence: Array, start: int, to_come: int, real: Array | None, *, stopped: bool = False
) -> str:
    """How many steps are there, and how far numbers are from the samples' own continuation.

    Args:
        sequence: samples with the generated steps, ``(batch, time, …)``.
        start: the first generated step.
        to_come: how many steps are yet to be generated.
        real: the samples as they are; None where they are tokens, which are right or wrong but not near.
        stopped: whether those that are to come will not.
    """
    import numpy

    done = sequence.shape[1] - start
    if to_come:
        word = "Stopped: " if stopped else ""
        return f"{word}{done:,} of {counted(done + to_come, 'step')} generated."
    said = f"{counted(done, 'step')} generated, from step {start} on."
    common = 0 if real is None else min(sequence.shape[1], real.shape[1]) - start
    if real is None or common <= 0 or real.shape[2:] != sequence.shape[2:] or len(real) != len(sequence):
        return said
    off = sequence[:, start : start + common] - real[:, start : start + common]
    distance = float(numpy.sqrt(numpy.mean(numpy.square(off, dtype=numpy.float64))))
    if not numpy.isfinite(distance):
        return f"{said} They leave the numbers that can be written: the model runs away from its own predictions."
    which = "They differ" if common == done else f"The first {common} differ"
    return f"{said} {which} from how the samples themselves go on by {number(distance)} (root mean square)."
