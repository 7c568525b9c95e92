"""Edits of how a model continues a sequence by itself."""

from dataclasses import replace

from rnn_designer.catalog import BadValue, Integer
from rnn_designer.design.edits.settings import HIGHEST_SEED
from rnn_designer.design.model import Design, Generation
from rnn_designer.design.refusal import Edit, Refused

MOST_STEPS = 10_000
"""A generated sequence is traced as a whole, again and again while it grows."""
HIGHEST_TEMPERATURE = 100.0


def set_generation(generation: Generation | None) -> Edit:
    """Let the model continue its samples by itself, in this way; None to let it only read them."""

    def edit(design: Design) -> Design:
        if generation is not None:
            fault = generation_fault(generation)
            if fault:
                raise Refused(fault)
        return replace(design, generation=generation)

    return edit


def generation_fault(generation: Generation) -> str | None:
    """What is wrong with these settings, as a sentence; None if nothing is."""
    whole: tuple[tuple[str, int | None, int, int], ...] = (
        ("steps", generation.steps, 1, MOST_STEPS),
        ("prefix", generation.prefix, 1, 10**9),
        ("seed", generation.seed, 0, HIGHEST_SEED),
    )
    for label, value, least, most in whole:
        if value is None:
            continue
        try:
            Integer(minimum=least, maximum=most).accept(value)
        except BadValue as bad:
            return f"“{label}” of the generation: {bad}"
    # NaN fails the comparison as well.
    if not 0 <= generation.temperature <= HIGHEST_TEMPERATURE:
        return (
            f"“temperature” of the generation: Expected a number from 0 to {HIGHEST_TEMPERATURE:g}, got "
            f"{generation.temperature:g}."
        )
    return None
