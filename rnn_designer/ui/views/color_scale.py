"""A small bar of colours with the values at its ends, so that no colour in a picture needs a guess."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from rnn_designer.ui.colors import diverging, sequential
from rnn_designer.ui.theme import Theme, interface_font, theme

_BAR, _HIGH, _GAP = 56.0, 8.0, 5.0
_LEFT_MIDDLE = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


def paint_scale(
    painter: QPainter, row: QRectF, low: str, high: str, *, signed: bool, words: str = ""
) -> float:
    """Paint a bar of colours between two values, at the right end of a row.

    Args:
        painter: on what.
        row: where; what is painted ends at its right edge.
        low: the value at the bar's left end.
        high: the value at its right end.
        signed: whether colours lie around zero, or go from nothing to much.
        words: said before it.

    Returns:
        How wide it is; 0, and nothing is painted, where there is no room.
    """
    look = theme()
    painter.setFont(interface_font(8.5))
    metrics = painter.fontMetrics()
    before, left, right = (float(metrics.horizontalAdvance(each)) for each in (words, low, high))
    wide = left + right + _BAR + 2 * _GAP + (before + 2 * _GAP if words else 0)
    if wide > row.width():
        return 0.0
    painter.setPen(look.color("muted"))
    at = row.right() - wide
    for text, room in ((words, before + 2 * _GAP), (low, left + _GAP)):
        if text:
            painter.drawText(QRectF(at, row.top(), room, row.height()), _LEFT_MIDDLE, text)
            at += room
    bar = QRectF(at, row.center().y() - _HIGH / 2, _BAR, _HIGH)
    painter.drawImage(bar, _ramp(look, signed))
    painter.drawText(QRectF(bar.right() + _GAP, row.top(), right + 2, row.height()), _LEFT_MIDDLE, high)
    return wide


@cache
def _ramp(look: Theme, signed: bool) -> QImage:
    table = (diverging(look) if signed else sequential(look)).copy()
    return QImage(table.tobytes(), 256, 1, 4 * 256, QImage.Format.Format_RGBA8888).copy()
