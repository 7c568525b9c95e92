"""The kinds of value that a cell written by hand takes: its text, and the arguments of its class."""

import keyword
from dataclasses import dataclass
from math import isfinite
from typing import Any

from rnn_designer.catalog.values import BadValue, FrozenMap, Part, Value, received


def _unprintable(character: str, lines: bool) -> bool:
    """Whether no text may hold it: control characters, and halves of characters that no file can store."""
    return (character < " " and not (lines and character in "\n\t")) or "\ud800" <= character <= "\udfff"


@dataclass(frozen=True)
class Text:
    """A text, on one line unless it holds ``lines``.

    ``longest`` counts bytes in UTF-8. ``code`` marks Python text, for which there is an editor of its own.
    """

    longest: int = 1000
    lines: bool = False
    code: bool = False
    optional: bool = False

    def accept(self, value: Any) -> Value:
        """The text itself; :class:`BadValue` with a sentence otherwise."""
        if value is None and self.optional:
            return None
        if not isinstance(value, str):
            raise BadValue(f"Expected {self.expected}, got {received(value)}.")
        text = value.replace("\r\n", "\n").replace("\r", "\n") if self.lines else value
        size = len(text.encode("utf-8", errors="replace"))
        if size > self.longest:
            raise BadValue(f"Expected {self.expected}, got one of {size:,} bytes. Shorten it.")
        if any(_unprintable(character, self.lines) for character in text):
            raise BadValue(f"Expected {self.expected}, got one with control characters in it. Take them out.")
        return text

    @property
    def expected(self) -> str:
        """The accepted values in words, for messages and hints."""
        what = "Python code" if self.code else "a text" if self.lines else "a text on one line"
        return f"{what} of at most {self.longest:,} bytes" + (" or none" if self.optional else "")


@dataclass(frozen=True)
class Plain:
    """Any plain value, as Python writes it: a number, a text in quotes, True, False, None, a tuple of these."""

    def accept(self, value: Any) -> Value:
        """The value, lists made tuples; :class:`BadValue` with a sentence otherwise."""
        return self._entry(value, 0)

    def _entry(self, value: Any, depth: int) -> Value:
        if isinstance(value, tuple | list) and depth < 4 and len(value) <= 64:
            return tuple(self._entry(each, depth + 1) for each in value)
        if isinstance(value, float) and not isfinite(value):
            raise BadValue(f"Expected {self.expected}, got {value}.")
        if isinstance(value, int) and abs(value) > 2**63:
            raise BadValue(f"Expected {self.expected}, got a whole number beyond 2⁶³.")
        if isinstance(value, str):
            return Text(lines=True).accept(value)
        if value is None or isinstance(value, bool | int | float):
            return value
        raise BadValue(f"Expected {self.expected}, got {received(value)}.")

    @property
    def expected(self) -> str:
        """The accepted values in words, for messages and hints."""
        return "a number, a text in quotes, True, False, None or a tuple of these"


@dataclass(frozen=True)
class Arguments:
    """The constructor arguments of a custom cell: a :class:`Part` of its class name and the values by name.

    Which arguments the class has, and what each takes, its text says (``catalog.cell_code``).
    """

    def accept(self, value: Any) -> Value:
        """The part with plain values; :class:`BadValue` with a sentence otherwise."""
        if isinstance(value, str):
            value = Part(value)
        if not isinstance(value, Part) or not (value.kind.isascii() and value.kind.isidentifier()):
            raise BadValue(f"Expected {self.expected}, got {received(value)}.")
        if len(value.params) > 64:
            raise BadValue(f"Expected at most 64 arguments, got {len(value.params)}.")
        plain = Plain()
        for name in value.params:
            if not name.isidentifier() or keyword.iskeyword(name):
                raise BadValue(f"Expected names of arguments, got {received(name)}.")
        return Part(value.kind, FrozenMap({name: plain.accept(each) for name, each in value.params.items()}))

    @property
    def expected(self) -> str:
        """The accepted values in words, for messages and hints."""
        return "the name of a class with its arguments"
