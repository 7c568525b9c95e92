"""The parts that a chart is made of: view boxes, gutters of labels, the time axis, the cursor, cards of text.

They are pyqtgraph's, dressed in the theme. Imported when the first trace arrives, because pyqtgraph needs NumPy.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem

from rnn_designer.ui.scopes.frame import AXIS, LEFT, ticks
from rnn_designer.ui.theme import interface_font, theme

# Once for the whole program: arrays are (rows, columns), and only lines are smoothed.
pg.setConfigOptions(imageAxisOrder="row-major", antialias=False)

LABELS = 8.5
STRIPS, SHADE, BADGES, VEIL, CURSOR, CARDS = 0, 2, 3, 4, 5, 6
"""What lies above what."""

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter

_Made = TypeVar("_Made")


def at_least(items: list[_Made], count: int, make: Callable[[], _Made]) -> list[_Made]:
    """The first ``count`` items of a stock that grows when it has too few; the others are for the caller to hide."""
    while len(items) < count:
        items.append(make())
    return items[:count]


@cache
def label_font(points: float = LABELS) -> QFont:
    """The interface's font for labels; labels are many, and asking for a font anew is slow."""
    return interface_font(points)


def new_view(layer: float = STRIPS, *, clipped: bool = True) -> Any:
    """A view box whose range only the program changes; rows run from the top down."""
    view = pg.ViewBox(enableMenu=False, enableMouse=False, invertY=True, defaultPadding=0)
    view.disableAutoRange()
    view.setZValue(layer)
    view.setFlag(QGraphicsItem.GraphicsItemFlag.ItemClipsChildrenToShape, clipped)
    return view


def set_rows(view: Any, first: float, last: float) -> None:
    """Have a view reach from ``first`` at its top to ``last`` at its bottom."""
    view.setYRange(first, last, padding=0)


def show_image(item: Any, pixels: Any, rect: QRectF, table: Any = None) -> None:
    """Show indices into a table, or colours, in a rectangle of the view; neither is scaled nor smoothed."""
    if table is None:
        item.setImage(pixels, autoLevels=False, levels=(0, 255))
    else:
        item.setImage(pixels, autoLevels=False, levels=(0, 255), lut=table)
    item.setRect(rect)
    item.show()


@dataclass(frozen=True)
class Mark:
    """One label of a gutter: its text, where, and how.

    Attributes:
        text: what it says.
        rect: its room in the gutter's own pixels.
        color: as ``#rrggbb``.
        font: its font.
        right: whether it ends at the right of its room; it begins at the left otherwise.
    """

    text: str
    rect: QRectF
    color: str
    font: QFont
    right: bool = False


class Gutter(pg.AxisItem):
    """The labels on one side of a view, and coloured marks of its rows."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation, maxTickLength=0)
        self.setStyle(hideOverlappingLabels=True)
        self.setZValue(STRIPS)
        self._marks: tuple[Mark, ...] = ()
        self._pills: tuple[tuple[QRectF, QColor], ...] = ()

    def place(self, rect: QRectF) -> None:
        """Take a rectangle of the scene; an axis would choose its own width or height otherwise."""
        if self.orientation in ("left", "right"):
            self.setWidth(rect.width())
        else:
            self.setHeight(rect.height())
        self.setGeometry(rect)

    def show_marks(self, marks: Sequence[Mark], pills: Sequence[tuple[QRectF, QColor]] = ()) -> None:
        """Show other labels, and other marks of rows."""
        if (tuple(marks), tuple(pills)) != (self._marks, self._pills):
            self._marks, self._pills = tuple(marks), tuple(pills)
            self.update()

    def paint(self, painter: QPainter, *_: object) -> None:
        """Labels, then the marks of rows."""
        for mark in self._marks:
            painter.setFont(mark.font)
            painter.setPen(QColor(mark.color))
            text = QFontMetricsF(mark.font).elidedText(
                mark.text, Qt.TextElideMode.ElideRight, mark.rect.width() + 4
            )
            side = _RIGHT if mark.right else _LEFT
            painter.drawText(mark.rect, side | Qt.TextFlag.TextSingleLine, text)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for rect, color in self._pills:
            painter.setBrush(color)
            painter.drawRoundedRect(rect, 2, 2)


def left_mark(text: str, middle: float, font: QFont | None = None, color: str | None = None) -> Mark:
    """A label in the left gutter, its middle at a height."""
    return Mark(
        text,
        QRectF(2, middle - 9, LEFT - 11, 18),
        color or theme().muted,
        font or label_font(),
        right=True,
    )


def right_mark(text: str, middle: float) -> Mark:
    """A label in the right gutter, beside the colour bar."""
    return Mark(text, QRectF(20, middle - 8, 42, 16), theme().muted, label_font(LABELS - 0.5))


class TimeAxis(pg.AxisItem):
    """The steps below the plot, named from the first in view to the last."""

    def __init__(self) -> None:
        super().__init__("bottom", maxTickLength=0)
        self.setHeight(AXIS)
        self.setZValue(STRIPS)

    def paint(self, painter: QPainter, *_: object) -> None:
        """A short line and a number every 90 pixels or so."""
        look = theme()
        wide = self.size().width()
        first, last = self.range
        if wide < 1 or last <= first:
            return
        font = label_font()
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        scale = wide / (last - first)
        for index, step in enumerate(ticks(first, last, wide)):
            text = f"step {step}" if index == 0 else str(step)
            x = (step - first) * scale
            room = metrics.horizontalAdvance(text)
            left = max(0.0, min(x - room / 2, wide - room))
            place = math.floor(x)
            painter.fillRect(QRectF(place, -1, 1, 3), QColor(look.hairline))
            painter.setPen(QColor(look.muted))
            painter.drawText(QPointF(left, 3 + metrics.ascent()), text)


class Cursor(pg.InfiniteLine):
    """The step that everything shows: a sharp line with a thin halo that keeps it apart from dark rows."""

    def __init__(self) -> None:
        # The pen is as wide as line and halo together: the line's bounds follow from it.
        super().__init__(angle=90, movable=False, pen=pg.mkPen("#000000", width=4))
        self.thickness = 1.0
        """Pixels of the picture for one of the scene: pens do not grow with an exported picture by themselves."""

    def paint(self, painter: QPainter, *_: object) -> None:
        """The halo, then the line."""
        look = theme()
        ends = self.boundingRect()
        left, right = ends.left(), ends.right()
        for color, width in ((look.color("window", 0.55), 4.0), (QColor(look.text), 2.0)):
            pen = QPen(color, width * self.thickness)
            pen.setCosmetic(True)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            painter.setPen(pen)
            painter.drawLine(QPointF(left, 0), QPointF(right, 0))


class Card(pg.GraphicsObject):
    """A text on a rounded ground: the tooltip, a warning over a heat map, the reason over an old picture."""

    def __init__(self, layer: float = CARDS) -> None:
        super().__init__()
        self.setZValue(layer)
        self._text = ""
        self._size = QRectF()
        self._padding = QPointF(9, 4.5)
        self._radius = 6.0
        self._font = label_font()
        self._ground, self._ink, self._edge = QColor(), QColor(), QColor()
        self.hide()

    @property
    def text(self) -> str:
        """What it says; empty while it is hidden."""
        return self._text if self.isVisible() else ""

    def show_text(
        self,
        text: str,
        font: QFont,
        *,
        ground: QColor,
        ink: QColor,
        edge: QColor | None = None,
        padding: QPointF | None = None,
        radius: float | None = None,
        room: float = 0.0,
    ) -> QRectF:
        """Say something.

        Args:
            text: what.
            font: in which font.
            ground: the colour behind it.
            ink: its own colour.
            edge: the colour of the line around it; none if not given.
            padding: free room beside and above the text.
            radius: of the corners; half the height if not given.
            room: the width at which the text is broken into lines; 0 for one line.

        Returns:
            Its size, at ``(0, 0)``.
        """
        padding = padding or QPointF(9, 4.5)
        metrics = QFontMetricsF(font)
        if room:
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            inner = metrics.boundingRect(QRectF(0, 0, room, 10_000), flags, text)
            width, height = inner.width() + 2, inner.height()
        else:
            width, height = metrics.horizontalAdvance(text), metrics.height()
        size = QRectF(0, 0, math.ceil(width + 2 * padding.x()), math.ceil(height + 2 * padding.y()))
        if size != self._size:
            self.prepareGeometryChange()
        self._text, self._font, self._size, self._padding = text, font, size, padding
        self._radius = size.height() / 2 if radius is None else radius
        self._ground, self._ink, self._edge = ground, ink, edge or ground
        self.show()
        self.update()
        return size

    def boundingRect(self) -> QRectF:
        """The card with its line."""
        return self._size.adjusted(-1, -1, 1, 1)

    def paint(self, painter: QPainter, *_: object) -> None:
        """Ground, line and text."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._edge, 1))
        painter.setBrush(self._ground)
        painter.drawRoundedRect(self._size, self._radius, self._radius)
        painter.setFont(self._font)
        painter.setPen(self._ink)
        pad = self._padding
        room = self._size.adjusted(pad.x() - 2, pad.y() - 1, 2 - pad.x(), 1 - pad.y())
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._text)
