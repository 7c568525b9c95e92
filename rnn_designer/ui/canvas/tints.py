"""How the named colours of boxes, notes and groups look in each theme. They are painted as small marks only."""

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap

from rnn_designer.ui.theme import Theme

_LIGHT = {
    "red": "#cf4439",
    "orange": "#d97706",
    "yellow": "#c79a05",
    "green": "#14996f",
    "teal": "#0e8c86",
    "blue": "#2f6fe0",
    "violet": "#8355e8",
    "grey": "#64708a",
}
_DARK = {
    "red": "#f07f72",
    "orange": "#ffab40",
    "yellow": "#e8cf4f",
    "green": "#2bb98a",
    "teal": "#4fd1c5",
    "blue": "#6ea6ff",
    "violet": "#b794ff",
    "grey": "#a9b4c4",
}


def tint(color: str | None, colors: Theme, alpha: float = 1.0) -> QColor | None:
    """A named colour in a theme; None where there is none, or one that this version does not know."""
    found = (_DARK if colors.dark else _LIGHT).get(color or "")
    if found is None:
        return None
    made = QColor(found)
    made.setAlphaF(alpha)
    return made


def color_icon(hue: QColor) -> QIcon:
    """A small round spot of a colour, for menus."""
    pixmap = QPixmap(32, 32)
    pixmap.setDevicePixelRatio(2.0)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(hue)
    painter.drawEllipse(QPointF(8.0, 8.0), 5.0, 5.0)
    painter.end()
    return QIcon(pixmap)
