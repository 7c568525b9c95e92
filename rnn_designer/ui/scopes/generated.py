"""Marks what the model itself made: a tint behind the strips, a dashed line, and from which step on."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QGraphicsLineItem, QGraphicsRectItem

from rnn_designer.ui.scopes.frame import Frame
from rnn_designer.ui.scopes.items import BADGES, LABELS, STRIPS, Card
from rnn_designer.ui.theme import interface_font, theme

_TINT = 0.10
_DASHES = [4, 3]


class GeneratedMark:
    """The part of a chart from the first generated step on.

    Heat maps keep their own colours: the tint lies behind all strips and shows between and below them.
    """

    def __init__(self) -> None:
        self._ground, self._line, self._word = QGraphicsRectItem(), QGraphicsLineItem(), Card(BADGES)
        self._ground.setZValue(STRIPS - 1)
        self._line.setZValue(BADGES)
        self.hide()

    @property
    def items(self) -> tuple[Any, ...]:
        """What the scene has to hold."""
        return self._ground, self._line, self._word

    @property
    def words(self) -> str:
        """What stands beside the line; empty where nothing is marked."""
        return self._word.text if self._word.isVisible() else ""

    def hide(self) -> None:
        """Mark nothing."""
        for item in self.items:
            item.hide()

    def show(self, first: int | None, frame: Frame, scale: float = 1.0) -> None:
        """Mark the steps from the first generated one on; None for none.

        Args:
            first: the step.
            frame: where everything is.
            scale: how many times as wide as on screen lines are drawn.
        """
        plot = frame.plot
        begin = None if first is None else frame.x(first - 0.5)
        if begin is None or begin >= plot.right():
            self.hide()
            return
        look = theme()
        left = max(begin, plot.left())
        bottom = frame.axis.top() if frame.axis.height() else plot.bottom()
        self._ground.setPen(pg.mkPen(None))
        self._ground.setBrush(look.color("accent", _TINT))
        self._ground.setRect(QRectF(left, plot.top() - 3, plot.right() - left, bottom - plot.top() + 3))
        self._ground.show()
        self._line.setVisible(begin >= plot.left() - 1)
        pen = pg.mkPen(QColor(look.accent), width=scale)
        pen.setDashPattern(_DASHES)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        self._line.setPen(pen)
        self._line.setLine(round(begin) + 0.5, plot.top() - 3, round(begin) + 0.5, bottom)
        self._name(f"generated from step {first}", left, plot)

    def _name(self, words: str, left: float, plot: QRectF) -> None:
        look = theme()
        size = self._word.show_text(
            words,
            interface_font(LABELS),
            ground=look.color("window", 0.86),
            ink=QColor(look.accent),
            padding=QPointF(5, 1.5),
            radius=4,
        )
        if size.width() > plot.width():
            self._word.hide()
            return
        # Beside the line where there is room, before it otherwise.
        place = left + 4 if left + 4 + size.width() <= plot.right() else plot.right() - size.width()
        self._word.setPos(QPointF(round(place), round(plot.top() - 2)))
