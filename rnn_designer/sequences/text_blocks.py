"""Text files in blocks that end with a line, so that a file of any size is read with little memory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from rnn_designer.sequences.problem import DataProblem

_BLOCK = 4 * 2**20
_HEAD_BLOCK = 256 * 2**10
_LONGEST_BLOCK = 64 * 2**20
_LOOKED_AT = 256 * 2**10

ENCODINGS: dict[str, str] = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "latin-1": "Latin-1",
    "cp1252": "Windows-1252",
}
"""What a user may choose, by the codec's name."""


@dataclass(frozen=True)
class Encoding:
    """How the bytes of a file stand for characters.

    Attributes:
        codec: a key of :data:`ENCODINGS`.
        guessed: whether it was found out and may have to be taken back.
        reason: why, where that needs saying.
    """

    codec: str
    guessed: bool = False
    reason: str = ""

    @property
    def name(self) -> str:
        """What users call it."""
        return ENCODINGS[self.codec]


LATIN = Encoding("latin-1", reason=", because it is not UTF-8")


@dataclass(frozen=True)
class Block:
    """Whole lines of a file.

    Attributes:
        text: with plain line ends.
        line: the number of its first line, from 1.
        fraction: how far into the file it reaches, 0 to 1.
        last: whether the file ends with it.
    """

    text: str
    line: int
    fraction: float
    last: bool


def encoding_of(path: Path, asked: str = "auto") -> Encoding:
    """The encoding of a text file: what is asked for, or what its beginning shows.

    Raises:
        DataProblem: the file holds no text, or the encoding is none of :data:`ENCODINGS`.
    """
    with path.open("rb") as file:
        raw = file.read(_LOOKED_AT)
    if asked not in ("", "auto"):
        if asked not in ENCODINGS:
            raise DataProblem(f"Expected an encoding of {', '.join(ENCODINGS)}, got “{asked}”.")
        return Encoding(asked)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Encoding("utf-16")
    if raw.startswith(b"\xef\xbb\xbf"):
        return Encoding("utf-8")
    if b"\0" in raw[:65_536]:
        raise DataProblem(f"“{path.name}” is not a text file: save it as CSV in UTF-8.")
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        # A character may be cut in two where the look ends.
        if len(raw) < _LOOKED_AT or error.start < len(raw) - 4:
            return LATIN
    return Encoding("utf-8", guessed=True)


def blocks(path: Path, encoding: Encoding, rows: int = 0) -> Iterator[Block]:
    """The blocks of a text file, in order; small ones where only some rows are wanted.

    A block ends outside quotation marks as long as they come in pairs.

    Raises:
        UnicodeDecodeError: the bytes do not fit the encoding.
        DataProblem: a line, or a quoted cell, is longer than a block may be.
    """
    size = max(1, path.stat().st_size)
    codec = "utf-8-sig" if encoding.codec == "utf-8" else encoding.codec
    with path.open(encoding=codec, newline=None) as file:
        line = 1
        text = _whole_lines(file, rows, path.name, line)
        while text:
            at = os.lseek(file.fileno(), 0, os.SEEK_CUR)
            following = line + text.count("\n")
            after = _whole_lines(file, rows, path.name, following)
            yield Block(text, line, min(1.0, at / size), not after)
            text, line = after, following


def _whole_lines(file: IO[str], rows: int, name: str, line: int) -> str:
    text = file.read(_HEAD_BLOCK if rows else _BLOCK)
    if text and not text.endswith("\n"):
        text += file.readline(_LONGEST_BLOCK)
    while text.count('"') % 2 and len(text) < _LONGEST_BLOCK and (more := file.readline(_LONGEST_BLOCK)):
        text += more
    if len(text) >= _LONGEST_BLOCK:
        raise DataProblem(
            f"“{name}” has no end of a line, or of a quoted cell, within {_LONGEST_BLOCK // 2**20} MB from line "
            f"{line}: is it a table?"
        )
    return text
