"""The pictures of one step, one for each filter, painted beside each other above the strip of filters over time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen

from rnn_designer.ui.colors import diverging, sequential
from rnn_designer.ui.scopes.bands import Array, Band, entries
from rnn_designer.ui.scopes.frame import LEFT
from rnn_designer.ui.scopes.items import CURSOR, label_font
from rnn_designer.ui.scopes.planes import Tiles, tiled
from rnn_designer.ui.theme import code_font, theme


class FilterTiles(pg.GraphicsObject):
    """Paints a signal's pictures at the cursor's step; it lies over the cursor, whose time axis does not reach here."""

    def __init__(self) -> None:
        super().__init__()
        self.setZValue(CURSOR + 0.5)
        self._rect = QRectF()
        self._band: Band | None = None
        self._order: Array | None = None
        self._tiles = Tiles((), False)
        self._marked: list[tuple[int, int, int, QColor]] = []
        self._step = 0
        self._stretch = 1.0

    def show_signal(
        self, rect: QRectF, band: Band, order: Array, units: Mapping[int, QColor], stretch: float
    ) -> None:
        """Show a signal.

        Args:
            rect: the room of the pictures, in the scene.
            band: the signal, with pictures.
            order: the filters in the order of their pictures.
            units: the chosen places and their colours.
            stretch: how many steps of the time axis the signal needs for one of its own.
        """
        planes = band.planes
        assert planes is not None
        self.prepareGeometryChange()
        self._rect, self._band, self._order, self._stretch = rect, band, order, stretch
        self._tiles = tiled(rect, planes)
        self._marked = [
            (*planes.place(unit), color) for unit, color in units.items() if unit < planes.numbers.size
        ]
        self.show()
        self.update()

    def show_step(self, step: int) -> None:
        """Show the pictures of another step of the time axis."""
        if step != self._step:
            self._step = step
            self.update()

    def boundingRect(self) -> QRectF:
        """The pictures, and what is said at their left."""
        return self._rect.adjusted(-LEFT, -2, 2, 4)

    def paint(self, painter: QPainter, *_: Any) -> None:
        """Ground, pictures, their names, rings around chosen places."""
        if self._band is None or self._band.planes is None or self._order is None:
            return
        look, planes = theme(), self._band.planes
        painter.fillRect(self._rect.adjusted(0, -2, 0, 2), QColor(look.window))
        local = min(planes.values.shape[0] - 1, int(self._step / self._stretch))
        values = planes.values[local]
        with np.errstate(invalid="ignore"):
            index = entries(values.astype(np.float32), self._band.low, self._band.high, self._band.signed)
        table = (diverging if self._band.signed else sequential)(look, look.window)
        wrong = ~np.isfinite(values)
        colors = table[np.where(wrong, 0, index).astype(np.uint8)].copy()
        colors[wrong] = QColor(look.faint).getRgb()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        font = label_font(8)
        painter.setFont(font)
        for rect, number in zip(self._tiles.rects, self._order.tolist(), strict=False):
            pixels = np.ascontiguousarray(colors[:, :, number])
            high, wide = pixels.shape[:2]
            image = QImage(pixels.tobytes(), wide, high, 4 * wide, QImage.Format.Format_RGBA8888)
            painter.drawImage(rect, image)
            painter.setPen(QPen(look.color("hairline"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(rect)
            if self._tiles.titled:
                painter.setPen(look.color("muted"))
                words = f"filter {number}"
                if QFontMetricsF(font).horizontalAdvance(words) > rect.width() + 2:
                    words = str(number)
                painter.drawText(QPointF(rect.left(), rect.top() - 3), words)
            for row, column, owner, color in self._marked:
                if owner == number:
                    each = QRectF(
                        rect.left() + column * rect.width() / wide,
                        rect.top() + row * rect.height() / high,
                        rect.width() / wide,
                        rect.height() / high,
                    )
                    painter.setPen(QPen(color, 2))
                    painter.drawRect(each.adjusted(-1, -1, 1, 1))
        self._say(painter, local, planes.filters)

    def _say(self, painter: QPainter, step: int, filters: int) -> None:
        """At the left: which signal, which step, and how many of the filters are seen."""
        assert self._band is not None
        look, top = theme(), self._rect.top() + (10 if self._tiles.titled else 0)
        told = [
            (self._band.shown.symbol, code_font(9.5), look.text),
            (f"step {step}", label_font(), look.muted),
        ]
        if len(self._tiles.rects) < filters:
            told.append((f"{len(self._tiles.rects)} of {filters}", label_font(), look.muted))
        side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for text, font, color in told:
            painter.setFont(font)
            painter.setPen(QColor(color))
            painter.drawText(QRectF(self._rect.left() - LEFT + 2, top, LEFT - 11, 16), side, text)
            top += 15
