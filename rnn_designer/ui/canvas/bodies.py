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
_LARGEST = 3_000_000
"""The most pixels that a picture is kept for."""


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
    picture = _blank(width, height, scale)
    painter = _painter(picture, scale)
    _paint(painter, QRectF(0.0, 0.0, width, height), QColor(hue), chosen, framed, colors)
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture


@lru_cache(maxsize=64)
def frame_body(
    width: float,
    height: float,
    chosen: bool,
    framed: bool,
    inner: bool,
    scale: float,
    ratio: float,
    colors: Theme,
) -> QPixmap:
    """The picture of a frame's dashed line and ground, as :func:`body` is that of a box: dashes cost the most."""
    picture = _blank(width, height, scale)
    painter = _painter(picture, scale)
    paint_frame(painter, QRectF(0.0, 0.0, width, height), chosen, framed, inner, colors)
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture


def paint_frame(
    painter: QPainter, rect: QRectF, chosen: bool, framed: bool, inner: bool, colors: Theme
) -> None:
    """Paint a frame's ring, ground and dashed line; the grounds of frames in frames add up, so theirs are thinner."""
    strong = chosen or framed
    if chosen:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colors.color("accent", 0.12))
        painter.drawRoundedRect(rect.adjusted(-4.0, -4.0, 4.0, 4.0), BOX_RADIUS + 4.0, BOX_RADIUS + 4.0)
    pen = QPen(colors.color("accent" if strong else "violet", 1.0 if strong else 0.6), 2.0 if strong else 1.2)
    pen.setDashPattern([5.0, 2.5] if chosen else [4.0, 3.0])
    painter.setPen(pen)
    painter.setBrush(colors.color("violet", 0.14 if framed else 0.025 if inner else 0.07))
    painter.drawRoundedRect(rect, BOX_RADIUS, BOX_RADIUS)


def paint_far_frame(painter: QPainter, rect: QRectF, colors: Theme, *, strong: bool) -> None:
    """Paint a frame that is far away: a plain line and the ground."""
    painter.setPen(QPen(colors.color("accent" if strong else "violet", 0.8), 6.0 if strong else 0.0))
    painter.setBrush(colors.color("violet", 0.07))
    painter.drawRect(rect)


def fits_a_picture(width: float, height: float, scale: float) -> bool:
    """Whether a picture of that size is worth keeping: a huge frame far zoomed in is not."""
    return width * height * scale * scale < _LARGEST


def blit(painter: QPainter, picture: QPixmap, ratio: float) -> None:
    """Copy the picture of a box or frame, pixel on pixel: scaling it would cost more than drawing the box."""
    transform = painter.worldTransform()
    corner = transform.map(QPointF(-MARGIN, -MARGIN))
    painter.resetTransform()
    painter.drawPixmap(QPointF(round(corner.x() * ratio) / ratio, round(corner.y() * ratio) / ratio), picture)
    painter.setWorldTransform(transform)


def device_ratio(painter: QPainter) -> float:
    """Device pixels per pixel of the window that is painted on."""
    device = painter.device()
    return device.devicePixelRatioF() if device is not None else 1.0


def _blank(width: float, height: float, scale: float) -> QPixmap:
    across, down = round((width + 2 * MARGIN) * scale), round((height + 2 * MARGIN) * scale)
    picture = QPixmap(max(across, 1), max(down, 1))
    picture.fill(Qt.GlobalColor.transparent)
    return picture


def _painter(picture: QPixmap, scale: float) -> QPainter:
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(scale, scale)
    painter.translate(MARGIN, MARGIN)
    return painter


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
