"""Fonts and text that the canvas paints again and again, measured once."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetricsF

from rnn_designer.ui.theme import code_font, interface_font

_NUMBER = re.compile(r"(?<![\w.])[-+]?\d[\d.,]*(?![\w.])")


@dataclass(frozen=True)
class Fonts:
    """The fonts of the canvas: kinds, names and words, shapes, and the marks at ports."""

    kind: QFont
    plain: QFont
    strong: QFont
    shape: QFont
    mark: QFont


@cache
def fonts() -> Fonts:
    """The fonts of the canvas, made at the first use."""
    strong = interface_font(9.0)
    strong.setWeight(QFont.Weight.Medium)
    return Fonts(
        interface_font(9.75, bold=True), interface_font(9.0), strong, code_font(8.25), code_font(7.5)
    )


@cache
def _metrics(which: str) -> QFontMetricsF:
    return QFontMetricsF(getattr(fonts(), which))


@lru_cache(maxsize=4096)
def width(text: str, which: str) -> float:
    """How wide a text is in one of the :class:`Fonts`."""
    return _metrics(which).horizontalAdvance(text)


@lru_cache(maxsize=4096)
def elided(text: str, which: str, room: float) -> str:
    """The text, cut with an ellipsis where it is wider than the room."""
    return _metrics(which).elidedText(text, Qt.TextElideMode.ElideRight, max(room, 0.0))


@dataclass(frozen=True)
class Run:
    """A piece of a line of words: where it starts, and whether it is a number, which stands out."""

    x: float
    text: str
    number: bool


@lru_cache(maxsize=4096)
def runs(text: str, room: float) -> tuple[Run, ...]:
    """A line of words in pieces, so that its numbers can stand out; cut where it is too long."""
    whole = elided(text, "plain", room)
    pieces: list[Run] = []
    x, at = 0.0, 0
    for match in _NUMBER.finditer(whole):
        for piece, number in ((whole[at : match.start()], False), (match.group(), True)):
            if piece:
                pieces.append(Run(x, piece, number))
                x += width(piece, "strong" if number else "plain")
        at = match.end()
    if whole[at:]:
        pieces.append(Run(x, whole[at:], False))
    return tuple(pieces)
