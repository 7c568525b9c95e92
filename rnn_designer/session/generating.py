"""What of a design decides how its samples are continued, and how tokens read as text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rnn_designer.design import Checked, Generation
from rnn_designer.design.generating import Feedback, feedback
from rnn_designer.messages import Generate

if TYPE_CHECKING:
    from rnn_designer.messages import Array

_GROWTHS = 40
"""How many growing traces a generation shows at most: each takes the engine and the plots a moment."""
_NO_SPACE_BEFORE = re.compile(r"[^\w\s“„(\[{‹«&+*/=@#–—-]")
_NO_SPACE_AFTER = re.compile(r"[“„(\[{‹«@#]")


@dataclass(frozen=True)
class Continuation:
    """How the samples of one Input are continued.

    Attributes:
        input: id of the Input.
        settings: the design's.
    """

    input: str
    settings: Generation

    def start(self, samples: Array) -> Array:
        """The part of the samples that is continued."""
        return samples if self.settings.prefix is None else samples[:, : self.settings.prefix]

    def whole(self, samples: Mapping[str, Array]) -> dict[str, Array]:
        """Arrays as large as those that will be there in the end, for telling how much memory they take."""
        import numpy

        def longer(array: Array) -> Array:
            steps = self.start(array).shape[1] + self.settings.steps
            return numpy.broadcast_to(array[:, :1], (len(array), steps, *array.shape[2:]))

        return {name: longer(array) for name, array in samples.items()}

    def message(self, run: int, samples: Mapping[str, Array], *, growing: bool) -> Generate:
        """What the engine is asked.

        Args:
            run: the run's id.
            samples: whole samples by the Input's layer name.
            growing: whether what is there so far is to be shown on the way.
        """
        settings = self.settings
        return Generate(
            run,
            {name: self.start(array) for name, array in samples.items()},
            settings.steps,
            settings.temperature,
            settings.seed,
            max(1, settings.steps // _GROWTHS) if growing else 0,
        )


def continuation(part: Checked) -> Continuation | None:
    """How a runnable part of a design continues its samples; None where it does not, or cannot."""
    settings = part.design.generation
    if settings is None:
        return None
    found = feedback(part.design, part.shapes)
    if not isinstance(found, Feedback):
        return None
    tokens = found.tokens is not None
    # What decides nothing must not make one request look like another.
    known = Generation(settings.steps, settings.prefix, input=settings.input, output=settings.output)
    if tokens:
        known = replace(known, temperature=settings.temperature, seed=settings.seed)
    return Continuation(found.input.id, known)


def source_settings(settings: Generation | None) -> Generation | None:
    """What of the settings decides the functions of the exported program, and not just how they are called."""
    return None if settings is None else Generation(input=settings.input, output=settings.output)


def spelled(ids: Iterable[int], vocabulary: Sequence[str], unit: str) -> str:
    """Token numbers as text; numbers that stand for nothing are shown as ``‹7›``.

    Args:
        ids: the numbers.
        vocabulary: the token of every number, from 0.
        unit: ``words`` puts spaces between tokens, ``characters`` does not.
    """
    tokens = [vocabulary[each] if 0 <= each < len(vocabulary) else f"‹{each}›" for each in ids]
    if unit != "words":
        return "".join(tokens)
    text = ""
    for token in tokens:
        close = not text or _NO_SPACE_BEFORE.match(token) or _NO_SPACE_AFTER.match(text[-1])
        text += token if close else f" {token}"
    return text
