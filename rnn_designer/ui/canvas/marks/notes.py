"""A sheet of text on the canvas."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from rnn_designer.design import Note
from rnn_designer.ui.canvas import look
from rnn_designer.ui.canvas.items import FAR, detail
from rnn_designer.ui.canvas.tints import tint
from rnn_designer.ui.theme import FIELD_RADIUS, Theme, theme

GRIP = 14.0
"""The side of the corner by which a note is resized."""
_MARGIN = 6.0
_EDGE = 3.0
_INSET_LEFT, _INSET = 12.0, 8.0


def text_rect(width: float, height: float) -> QRectF:
    """Where a note's text stands, from its top left corner."""
    return QRectF(_INSET_LEFT, _INSET, width - _INSET_LEFT - _INSET, height - 2 * _INSET)


class NoteItem(QGraphicsItem):
    """Paints one note.

    Attributes:
        note: the note as it is now.
        chosen: whether it is selected.
    """

    def __init__(self, note: Note) -> None:
        super().__init__()
        self.note = note
        self.chosen = False
        self._size = note.size
        self.setZValue(-2.0)
        self.setPos(QPointF(*note.position))

    def set_note(self, note: Note) -> None:
        """Show another version of the note."""
        self.note = note
        self.setPos(QPointF(*note.position))
        self.set_size(*note.size)
        self.update()

    def set_size(self, width: float, height: float) -> None:
        """Show the note larger or smaller, as a drag does before it becomes an edit."""
        if (width, height) != self._size:
            self.prepareGeometryChange()
            self._size = (width, height)

    def rect(self) -> QRectF:
        """The sheet in its own coordinates."""
        return QRectF(0.0, 0.0, *self._size)

    def scene_rect(self) -> QRectF:
        """The sheet in the scene."""
        return self.rect().translated(self.pos())

    def over_grip(self, at: QPointF) -> bool:
        """Whether a point of the scene is on the corner by which the note is resized."""
        corner = self.scene_rect().bottomRight()
        return QRectF(corner.x() - GRIP, corner.y() - GRIP, GRIP + 4.0, GRIP + 4.0).contains(at)

    def boundingRect(self) -> QRectF:
        """The sheet with room for the ring."""
        return self.rect().adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)

    def shape(self) -> QPainterPath:
        """What counts as a hit: the sheet."""
        path = QPainterPath()
        path.addRect(self.rect())
        return path

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        """Paint the sheet, its coloured edge and its text."""
        colors, rect = theme(), self.rect()
        hue = tint(self.note.color, colors) or colors.color("faint")
        painter.setPen(Qt.PenStyle.NoPen)
        if self.chosen:
            painter.setBrush(colors.color("accent", 0.16))
            painter.drawRoundedRect(rect.adjusted(-3.5, -3.5, 3.5, 3.5), FIELD_RADIUS + 3, FIELD_RADIUS + 3)
        ground = _mixed(colors.color("panel"), hue, 0.07)
        painter.setBrush(ground)
        border = colors.color("accent") if self.chosen else _mixed(colors.color("hairline"), hue, 0.25)
        painter.setPen(QPen(border, 1.6 if self.chosen else 1.0))
        painter.drawRoundedRect(rect, FIELD_RADIUS, FIELD_RADIUS)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(hue)
        painter.drawRoundedRect(QRectF(1.5, 5.0, _EDGE, rect.height() - 10.0), 1.5, 1.5)
        if detail(painter) < FAR:
            return
        self._paint_text(painter, colors)
        if self.chosen:
            painter.setPen(QPen(colors.color("muted"), 1.2))
            corner = rect.bottomRight() - QPointF(4.0, 4.0)
            for reach in (4.0, 8.0):
                painter.drawLine(corner - QPointF(reach, 0.0), corner - QPointF(0.0, reach))

    def _paint_text(self, painter: QPainter, colors: Theme) -> None:
        painter.save()
        area = text_rect(*self._size)
        painter.setClipRect(area, Qt.ClipOperation.IntersectClip)
        painter.setFont(look.fonts().plain)
        painter.setPen(colors.color("text" if self.note.text else "faint"))
        flags = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop) | int(Qt.TextFlag.TextWordWrap)
        painter.drawText(area, flags, self.note.text or "Double-click to write")
        painter.restore()


def _mixed(ground: QColor, hue: QColor, share: float) -> QColor:
    """A colour with a share of another."""
    return QColor(
        round(ground.red() * (1.0 - share) + hue.red() * share),
        round(ground.green() * (1.0 - share) + hue.green() * share),
        round(ground.blue() * (1.0 - share) + hue.blue() * share),
    )
