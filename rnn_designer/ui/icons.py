"""The program's icons: its own line drawings, tinted with the theme's text colour and sharp at every scale."""

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from rnn_designer.paths import resource
from rnn_designer.ui.theme import theme

_SIZES = (16, 20, 24, 32, 48)


def icon(name: str, color: str | None = None) -> QIcon:
    """An icon from ``resources/icons`` by name, such as ``play``.

    Args:
        name: the file's name without ``.svg``.
        color: ``#rrggbb`` to draw it in; the theme's text colour if not given. Disabled icons are drawn faint.

    Raises:
        FileNotFoundError: if there is no such icon.
    """
    return _icon(name, color or theme().text, theme().faint)


@lru_cache(maxsize=256)
def _icon(name: str, color: str, disabled: str) -> QIcon:
    made = QIcon()
    for size in _SIZES:
        made.addPixmap(_pixmap(name, size, color), QIcon.Mode.Normal)
        made.addPixmap(_pixmap(name, size, disabled), QIcon.Mode.Disabled)
    return made


def _pixmap(name: str, size: int, color: str) -> QPixmap:
    text = resource("icons", f"{name}.svg").read_text(encoding="utf-8")
    renderer = QSvgRenderer(QByteArray(text.replace("currentColor", QColor(color).name()).encode()))
    pixmap = QPixmap(QSize(size, size))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return pixmap
