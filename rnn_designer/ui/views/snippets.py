"""A range of an input, small enough for a row of a list: as a picture, or as the tokens it stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen, QPixmap, QPolygonF

from rnn_designer.ui.colors import feature_color
from rnn_designer.ui.theme import theme

if TYPE_CHECKING:
    from rnn_designer.messages import Array

SNIPPET = QSize(116, 26)
"""The size of a picture."""
_TOKENS = 24


def spelled_range(ids: Array, first: int, last: int, tokens: tuple[str, ...]) -> str:
    """The tokens of a range in brackets, with some before and after.

    Args:
        ids: ``(steps,)`` of one sample.
        first: step of the range.
        last: step of the range.
        tokens: what each number stands for; numbers beyond them are written as they are.
    """
    letters = bool(tokens) and all(len(each) == 1 for each in tokens)
    gap, around = ("", 5) if letters else (" ", 1)

    def spelled(begin: int, end: int) -> str:
        some = ids[max(0, begin) : max(0, end)].tolist()
        return gap.join(tokens[each] if 0 <= each < len(tokens) else str(each) for each in some).replace(
            "\n", "↵"
        )

    inside = spelled(first, min(last + 1, first + _TOKENS)) + ("…" if last + 1 > first + _TOKENS else "")
    return (
        f"{spelled(first - around, first)}{gap}[{inside}]{gap}{spelled(last + 1, last + 1 + around)}".strip()
    )


def snippet(values: Any, first: int, last: int, ratio: float) -> QPixmap:
    """An input around a range as a small picture, the range itself marked.

    Args:
        values: ``(steps, features)`` of one sample.
        first: step of the range.
        last: step of the range.
        ratio: pixels of the screen per pixel of the picture.
    """
    look = theme()
    picture = QPixmap(SNIPPET * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    around = max(4, (last - first + 1) // 2)
    begin, end = max(0, first - around), min(len(values), last + around + 1)
    part = values[begin:end]
    finite = part[np.isfinite(part)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    scale = (SNIPPET.height() - 6) / (high - low) if high > low else 0.0
    step = SNIPPET.width() / max(1, len(part))
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    marked = QRectF((first - begin) * step, 0, (last - first + 1) * step, SNIPPET.height())
    painter.fillRect(marked, look.color("accent_soft"))
    for feature in range(min(3, part.shape[1])):
        painter.setPen(QPen(feature_color(feature), 1.4))
        painter.drawPolyline(
            QPolygonF(
                [
                    QPointF((place + 0.5) * step, SNIPPET.height() - 3 - (value - low) * scale)
                    for place, value in enumerate(part[:, feature].tolist())
                    if np.isfinite(value)
                ]
            )
        )
    painter.end()
    return picture
