"""Draws a scene as SVG: text and lines stay text and lines, images are embedded."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, QSize
from PySide6.QtGui import QColor, QPainter
from PySide6.QtSvg import QSvgGenerator

_PIXELS_PER_INCH = 96
"""As style sheets, and with them browsers, define a pixel."""


def drawn(scene: Any, size: QSize, background: str, title: str) -> str:
    """The scene as an SVG document.

    Qt writes no clipping, so nothing in the scene may reach beyond where it is to be seen.

    Args:
        scene: what to draw, from ``(0, 0)`` on.
        size: how much of it, in pixels.
        background: the colour below everything, ``#rrggbb``.
        title: what it is, for readers who cannot see it.
    """
    whole = QRectF(0, 0, size.width(), size.height())
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setResolution(_PIXELS_PER_INCH)
    generator.setSize(size)
    generator.setViewBox(whole)
    generator.setTitle(title)
    generator.setDescription("")
    painter = QPainter(generator)
    painter.fillRect(whole, QColor(background))
    scene.render(painter, whole, whole)
    painter.end()
    buffer.close()
    return content.toStdString()
