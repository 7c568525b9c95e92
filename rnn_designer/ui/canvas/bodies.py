"""The still part of a box (shadow, ring, ground, mark, line) as a picture shared by all boxes that look alike.

Drawing smooth round rectangles costs far more than copying a picture, and most boxes differ only in their words.
"""

from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from rnn_designer.ui.canvas.geometry import HEADER
from rnn_designer.ui.theme import BOX_RADIUS, Theme

MARGIN = 8.0
"""How far the picture reaches beyond the box on each side."""


@lru_cache(maxsize=96)
def body(
    width: float,
    height: float,
    hue: str,
    chosen: bool,
    framed: bool,
    scale: float,
    ratio: float,
    colors: Theme,
) -> QPixmap:
    """The picture of a box; draw it pixel on pixel at ``(-MARGIN, -MARGIN)``.

    Args:
        width: of the box, in scene units.
        height: of the box, in scene units.
        hue: of its family.
        chosen: whether it has the selection's ring.
        framed: whether something that is dragged would take its place.
        scale: device pixels per scene unit.
        ratio: device pixels per pixel of the window.
        colors: the theme.
    """
    across, down = round((width + 2 * MARGIN) * scale), round((height + 2 * MARGIN) * scale)
    picture = QPixmap(max(across, 1), max(down, 1))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(scale, scale)
    painter.translate(MARGIN, MARGIN)
    _paint(painter, QRectF(0.0, 0.0, width, height), QColor(hue), chosen, framed, colors)
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture


def _paint(painter: QPainter, rect: QRectF, hue: QColor, chosen: bool, framed: bool, colors: Theme) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    for spread, opacity in ((2.0, 0.035), (1.0, 0.05)):
        shade = QColor(0, 0, 0)
        shade.setAlphaF(opacity * (3.0 if colors.dark else 1.0))
        painter.setBrush(shade)
        wide = rect.adjusted(-spread, 0.0, spread, spread + 1.0)
        painter.drawRoundedRect(wide, BOX_RADIUS + spread, BOX_RADIUS + spread)
    if chosen or framed:
        painter.setBrush(colors.color("accent", 0.16))
        painter.drawRoundedRect(rect.adjusted(-4.0, -4.0, 4.0, 4.0), BOX_RADIUS + 4.0, BOX_RADIUS + 4.0)
    ring = QPen(colors.color("accent"), 2.0) if chosen else QPen(colors.color("hairline"), 1.2)
    if framed:
        ring = QPen(colors.color("accent"), 2.0, Qt.PenStyle.DashLine)
    painter.setPen(ring)
    painter.setBrush(colors.color("panel"))
    painter.drawRoundedRect(rect, BOX_RADIUS, BOX_RADIUS)
    painter.setPen(QPen(colors.color("hairline"), 1.0))
    painter.drawLine(QPointF(1.0, HEADER + 0.5), QPointF(rect.width() - 1.0, HEADER + 0.5))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(hue)
    painter.drawRoundedRect(QRectF(10.0, HEADER / 2 - 4.5, 9.0, 9.0), 2.5, 2.5)
