"""Plain text as a sequence of ids, one per character or per word, with the vocabulary that gives them meaning.

Id 0 is left for padding and id 1 stands for what is not in the vocabulary; the commonest token is 2.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from rnn_designer.sequences.problem import DataProblem

if TYPE_CHECKING:
    from rnn_designer.messages import Array
else:
    Array = Any

UNITS = {"characters": "every character is a token", "words": "words and punctuation marks are tokens"}
PADDING, UNKNOWN = "‹padding›", "‹unknown›"
LARGEST_VOCABULARY = 100_000
DEFAULT_VOCABULARY = 10_000
_WORD = re.compile(r"\w+(?:['’-]\w+)*|[^\w\s]")


@dataclass(frozen=True, eq=False)
class Ids:
    """A text as ids.

    Attributes:
        values: ``(steps, 1)``, float32 because that is how tables travel; every id is whole.
        vocabulary: the token of every id, from 0.
        counts: how often each occurs.
    """

    values: Array
    vocabulary: tuple[str, ...]
    counts: tuple[int, ...]


def tokens(text: str, unit: str, lower: bool) -> Iterator[str]:
    """The tokens of a piece of text, in order."""
    if lower:
        text = text.lower()
    if unit == "words":
        return (found.group() for found in _WORD.finditer(text))
    return iter(text)


def ids(
    pieces: Callable[[], Iterable[str]],
    unit: str = "characters",
    lower: bool = False,
    most: int = DEFAULT_VOCABULARY,
) -> Ids:
    """Number the tokens of a text.

    Args:
        pieces: gives the text anew on each call, in pieces that end between two words.
        unit: a name in :data:`UNITS`.
        lower: whether large letters are made small first.
        most: how many ids there may be, padding and unknown included; rarer tokens become unknown.

    Raises:
        DataProblem: a setting is not accepted, or there is no token in the text.
    """
    import numpy as np

    if unit not in UNITS:
        raise DataProblem(f"Expected tokens that are {' or '.join(UNITS)}, got “{unit}”.")
    if not 3 <= most <= LARGEST_VOCABULARY:
        raise DataProblem(f"The vocabulary: expected 3 to {LARGEST_VOCABULARY:,} ids, got {most:,}.")
    counter: Counter[str] = Counter()
    for piece in pieces():
        counter.update(tokens(piece, unit, lower))
    if not counter:
        raise DataProblem(f"There are no {unit} in the text: give it some text.")
    # Equally common ones stand in the order of the alphabet, so that the ids are the same each time.
    ranked = sorted(counter.items(), key=lambda each: (-each[1], each[0]))[: most - 2]
    number = {token: place for place, (token, _count) in enumerate(ranked, 2)}
    every = chain.from_iterable(tokens(piece, unit, lower) for piece in pieces())
    values = np.fromiter((number.get(token, 1) for token in every), np.float32, counter.total())
    known = tuple(count for _token, count in ranked)
    return Ids(
        values[:, None],
        (PADDING, UNKNOWN, *(token for token, _count in ranked)),
        (0, counter.total() - sum(known), *known),
    )
