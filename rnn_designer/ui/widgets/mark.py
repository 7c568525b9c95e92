"""The coloured mark of a layer's family, with the letter or sign by which a layer type is told at a glance."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from rnn_designer.catalog import CATALOG, Family
from rnn_designer.ui.theme import interface_font, keeper, theme

MARK_SIZE = 16


def family_of(kind: str) -> Family:
    """The family of a layer type; Core for a kind that the catalog does not have."""
    found = CATALOG.get(kind)
    return found.family if found is not None else Family.CORE


def paint_mark(painter: QPainter, rect: QRectF, kind: str, *, sign: bool = True) -> None:
    """Paint a rounded square in the family's hue, with the type's letter or sign in it."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme().family(family_of(kind)))
    radius = rect.width() * 0.25
    painter.drawRoundedRect(rect, radius, radius)
    if sign:
        _paint_sign(painter, rect, kind)
    painter.restore()


def _paint_sign(painter: QPainter, rect: QRectF, kind: str) -> None:
    white = QColor("#ffffff")
    painter.setPen(QPen(white, 1.2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    center = rect.center()
    half = rect.width() * 0.24
    if kind == "Input":
        _arrow(painter, center, half, 1)
    elif kind == "Bidirectional":
        _arrow(painter, center - QPointF(0, half * 0.7), half, 1)
        _arrow(painter, center + QPointF(0, half * 0.7), half, -1)
    elif kind == "RNN":
        _loop(painter, center, half)
    elif kind == "StackedRNNCells":
        for row in (-1, 0, 1):
            middle = center + QPointF(0, row * half * 0.9)
            painter.drawLine(middle - QPointF(half, 0), middle + QPointF(half, 0))
    elif kind == "CustomCell":
        tip = center + QPointF(-half, half)
        painter.drawLine(tip, center + QPointF(half, -half))
        painter.drawLine(tip, tip + QPointF(half * 0.9, 0))
    elif kind == "TimeDistributed":
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(white)
        for offset in (-1, 0, 1):
            painter.drawEllipse(center + QPointF(offset * half, 0), 1.1, 1.1)
    else:
        font = interface_font(10, bold=True)
        font.setPixelSize(max(6, round(rect.height() * 0.62)))
        painter.setFont(font)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, kind[:1].upper())


def _arrow(painter: QPainter, center: QPointF, half: float, way: int) -> None:
    tip = center + QPointF(half * way, 0)
    painter.drawLine(center - QPointF(half * way, 0), tip)
    for up in (-1, 1):
        painter.drawLine(tip, tip + QPointF(-half * 0.7 * way, half * 0.6 * up))


def _loop(painter: QPainter, center: QPointF, half: float) -> None:
    """Most of a circle that ends in an arrow head: a cell that is fed its own state."""
    box = QRectF(center.x() - half, center.y() - half, 2 * half, 2 * half)
    painter.drawArc(box, 40 * 16, 280 * 16)
    tip = center + QPointF(half * 0.77, -half * 0.64)
    painter.drawLine(tip, tip + QPointF(-half * 0.75, 0.1 * half))
    painter.drawLine(tip, tip + QPointF(0.15 * half, -half * 0.75))


class FamilyMark(QWidget):
    """The mark as a widget, small and without a letter as in the header of a form."""

    def __init__(self, size: int = 10, *, sign: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind = "Dense"
        self._sign = sign
        self._side = size
        self.setFixedSize(size + 2, size + 2)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        keeper().changed.connect(self.update)

    def show_kind(self, kind: str) -> None:
        """Take the hue of that layer type's family."""
        if kind != self._kind:
            self._kind = kind
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the square."""
        painter = QPainter(self)
        paint_mark(painter, QRectF(1, 1, self._side, self._side), self._kind, sign=self._sign)
        painter.end()
