"""Checks of generation, while it is switched on: what keeps the model's predictions from becoming its inputs."""

from collections.abc import Iterator

from rnn_designer.design.checking.context import Context
from rnn_designer.design.problems import Problem


def generation(context: Context) -> Iterator[Problem]:
    """What cannot be fed back."""
    if context.design.generation is None:
        return
    # Builds on this package, hence imported when it is there.
    from rnn_designer.design.generating import Feedback, feedback

    found = feedback(context.design, context.flow.shapes)
    if not isinstance(found, Feedback):
        yield from found


RULES = (generation,)
