"""What an edit is, and how it says that it cannot be done."""

from collections.abc import Callable
from typing import TypeAlias

from rnn_designer.design.model import Design

Edit: TypeAlias = Callable[[Design], Design]
"""A pure function from one design to the next; it raises :class:`Refused` when it cannot."""

Offer: TypeAlias = tuple[str, Edit]
"""What could be done instead: a short label for a button, and the edit behind it."""


class Refused(Exception):  # noqa: N818 - the sentence is the point, and callers show it as it is
    """An edit that is not possible; the text is the sentence that the user reads. Nothing has changed.

    Attributes:
        offer: what would do what the user probably meant, ready to apply; None where there is nothing of the kind.
    """

    def __init__(self, sentence: str, offer: Offer | None = None) -> None:
        super().__init__(sentence)
        self.offer = offer
