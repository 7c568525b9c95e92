"""The look that the canvas' cards share, and how they stay inside the canvas."""

from PySide6.QtCore import QPoint, QPointF, QRect, QSize
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QGraphicsDropShadowEffect, QWidget

from rnn_designer.ui.theme import BOX_RADIUS, theme

_EDGE = 8


def dress_as_card(widget: QWidget, border: str | None = None) -> None:
    """Give a widget the panel's background, a border in a colour, round corners and the one soft shadow."""
    colors = theme()
    name = widget.objectName()
    widget.setStyleSheet(
        f"#{name} {{ background: {colors.panel}; border: 1px solid {border or colors.hairline};"
        f" border-radius: {BOX_RADIUS}px; }}"
    )
    effect = widget.graphicsEffect()
    shadow = effect if isinstance(effect, QGraphicsDropShadowEffect) else QGraphicsDropShadowEffect(widget)
    shadow.setBlurRadius(22.0)
    shadow.setOffset(QPointF(0.0, 4.0))
    shade = QColor(0, 0, 0)
    shade.setAlphaF(0.45 if colors.dark else 0.13)
    shadow.setColor(shade)
    if shadow is not effect:
        widget.setGraphicsEffect(shadow)


def inside(area: QRect, corner: QPoint, size: QSize) -> QPoint:
    """The nearest corner at which something of that size lies within the area."""
    x = max(area.left() + _EDGE, min(corner.x(), area.right() - _EDGE - size.width()))
    y = max(area.top() + _EDGE, min(corner.y(), area.bottom() - _EDGE - size.height()))
    return QPoint(x, y)
