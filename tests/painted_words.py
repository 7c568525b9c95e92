"""Listens to what a view paints, and tells which words are cut off, lie over others, or are too pale to be read."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QWidget

from rnn_designer.ui.theme import theme

SLACK = 2.0
"""Pixels that letters may hang over, as slanted and accented ones do."""
LEAST_CONTRAST = 3.0
"""For words in pictures, which a label or a tip says, too; labels have the theme's own, higher one."""


@dataclass(frozen=True)
class Word:
    """Words as they were painted.

    Attributes:
        text: the words.
        ink: where their letters are, in the widget.
        room: where they may be: what they were painted into; the widget where they were painted at a point.
        color: of the letters.
        turned: whether the painter was turned round.
    """

    text: str
    ink: QRectF
    room: QRectF
    color: QColor
    turned: bool


@contextmanager
def listening(found: list[Word]) -> Iterator[None]:
    """Note all words that are painted meanwhile."""
    real: Any = QPainter.drawText

    def heard(painter: QPainter, *arguments: Any) -> Any:
        word = _word(painter, arguments)
        if word is not None:
            found.append(word)
        return real(painter, *arguments)

    painter: Any = QPainter
    painter.drawText = heard
    try:
        yield
    finally:
        painter.drawText = real


def _word(painter: QPainter, arguments: tuple[Any, ...]) -> Word | None:
    metrics, turned = painter.fontMetrics(), painter.transform().isRotating()
    match arguments:
        case (QRectF() as room, int() as flags, str() as text):
            ink = QRectF(metrics.boundingRect(room.toRect(), flags, text))
            # The glyphs themselves, not the line with all that may hang below it.
            ink.adjust(0, metrics.descent() / 2, 0, -metrics.descent() / 2)
        case (QPointF() as at, str() as text):
            ink = QRectF(metrics.tightBoundingRect(text)).translated(at)
            room = ink
        case _:
            return None
    if not text.strip():
        return None
    place = painter.transform()
    return Word(text, place.mapRect(ink), place.mapRect(room), painter.pen().color(), turned)


def painted(widget: QWidget) -> list[Word]:
    """All words that a widget paints itself, in its own pixels."""
    size, found = widget.size(), list[Word]()
    # What is kept as a picture is painted anew in another size.
    widget.resize(size.width() + 1, size.height())
    with listening(found):
        widget.grab()
    widget.resize(size)
    return found


def contrast(one: QColor, other: QColor) -> float:
    """The ratio of the luminances of two colours, 1 to 21; a translucent one is laid over the other."""
    seen = [
        one.alphaF() * a + (1 - one.alphaF()) * b
        for a, b in zip(one.getRgbF()[:3], other.getRgbF()[:3], strict=True)
    ]
    light, dark = sorted((_luminance(seen), _luminance(list(other.getRgbF()[:3]))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(channels: list[float]) -> float:
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def word_faults(widget: QWidget) -> list[str]:
    """What is wrong with the words that a widget paints."""
    words, told = painted(widget), []
    whole = QRectF(widget.rect()).adjusted(-SLACK, -SLACK, SLACK, SLACK)
    ground = theme().color("window")
    for word in words:
        if not whole.contains(word.ink):
            told.append(
                f"“{word.text}” at {_said(word.ink)} leaves the {widget.width()} × {widget.height()} px"
            )
        elif not word.room.adjusted(-SLACK, -SLACK, SLACK, SLACK).contains(word.ink):
            told.append(f"“{word.text}” needs {_said(word.ink)}, has {_said(word.room)}")
        if contrast(word.color, ground) < LEAST_CONTRAST:
            told.append(
                f"“{word.text}” in {word.color.name()} has a contrast of {contrast(word.color, ground):.1f}"
            )
    for place, one in enumerate(words):
        for other in words[place + 1 :]:
            common = one.ink & other.ink
            if common.width() > SLACK and common.height() > SLACK and one.text != other.text:
                told.append(f"“{one.text}” and “{other.text}” lie over each other at {_said(common)}")
    return [f"{type(widget).__name__}: {each}" for each in dict.fromkeys(told)]


def _said(area: QRectF) -> str:
    return f"{area.x():.0f}, {area.y():.0f}, {area.width():.0f} × {area.height():.0f}"


def painting(view: QWidget) -> Iterator[QWidget]:
    """Every widget in a view that paints by itself and can be seen."""
    for each in view.findChildren(QWidget):
        own = type(each).__module__.startswith("rnn_designer.ui.views")
        if (
            own
            and each.isVisible()
            and "paintEvent" in {name for kind in type(each).__mro__[:2] for name in vars(kind)}
        ):
            yield each
