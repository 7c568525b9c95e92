"""The whole design in a corner, with the part in sight; a click or a drag goes there."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from rnn_designer.ui.theme import theme

SIZE = QSize(128, 76)
_PADDING = 7.0


class Minimap(QWidget):
    """Paints blocks in the family's hue and a frame around what is in sight.

    Signals:
        wanted(point): the user wants that point of the scene in the middle.
    """

    wanted = Signal(QPointF)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFixedSize(SIZE)
        self.setAccessibleName("Minimap")
        self.setToolTip("The whole design. Click to go there.")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._blocks: list[tuple[QRectF, QColor, bool]] = []
        self._content = QRectF()
        self._sight = QRectF()
        self._picture: QPixmap | None = None
        self._pictured: tuple[float, QPointF] | None = None
        self._held: tuple[float, QPointF] | None = None

    def show_blocks(self, blocks: list[tuple[QRectF, QColor, bool]]) -> None:
        """Show other boxes: rectangle in the scene, hue, and whether it is a frame."""
        self._blocks = blocks
        self._content = QRectF()
        for rect, _hue, _frame in blocks:
            self._content = self._content.united(rect)
        self._picture = None
        self.update()

    def show_sight(self, sight: QRectF) -> None:
        """Show another part as the one in sight."""
        if sight != self._sight:
            self._sight = sight
            self.update()

    def _fit(self) -> tuple[float, QPointF]:
        """The scale, and the scene point at the widget's middle; both stay while the pointer drags."""
        if self._held is not None:
            return self._held
        whole = self._content.united(self._sight).adjusted(-30.0, -20.0, 30.0, 20.0)
        room = QRectF(self.rect()).adjusted(_PADDING, _PADDING, -_PADDING, -_PADDING)
        scale = min(room.width() / max(whole.width(), 1.0), room.height() / max(whole.height(), 1.0), 0.16)
        return scale, whole.center()

    def _shown(self, rect: QRectF) -> QRectF:
        scale, middle = self._fit()
        corner = (rect.topLeft() - middle) * scale + QRectF(self.rect()).center()
        return QRectF(corner, rect.size() * scale)

    def _go(self, event: QMouseEvent) -> None:
        scale, middle = self._fit()
        self.wanted.emit((event.position() - QRectF(self.rect()).center()) / scale + middle)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint card, boxes and sight."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ratio = self.devicePixelRatioF()
        if (
            self._picture is None
            or self._pictured != self._fit()
            or self._picture.devicePixelRatio() != ratio
        ):
            self._picture = self._paint_blocks()
            self._pictured = self._fit()
        painter.drawPixmap(0, 0, self._picture)
        colors = theme()
        painter.setClipRect(QRectF(self.rect()).adjusted(2.5, 2.5, -2.5, -2.5))
        painter.setPen(QPen(colors.color("faint"), 1.2))
        painter.setBrush(colors.color("faint", 0.08))
        painter.drawRoundedRect(self._shown(self._sight), 2.0, 2.0)
        painter.end()

    def _paint_blocks(self) -> QPixmap:
        """The card and the boxes, kept until they change: the part in sight changes far more often."""
        ratio = self.devicePixelRatioF()
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        colors = theme()
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        card = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(colors.color("hairline"), 1.0))
        painter.setBrush(colors.color("panel", 0.94))
        painter.drawRoundedRect(card, 6.0, 6.0)
        scale, middle = self._fit()
        centre = QRectF(self.rect()).center()
        painter.setClipRect(card.adjusted(2.0, 2.0, -2.0, -2.0))
        for rect, hue, frame in self._blocks:
            shown = QRectF((rect.topLeft() - middle) * scale + centre, rect.size() * scale)
            if frame:
                painter.setPen(QPen(hue, 1.0))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(shown, 1.5, 1.5)
            elif shown.height() < 6.0:
                painter.fillRect(shown, hue)
            else:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(hue)
                painter.drawRoundedRect(shown, 1.5, 1.5)
        painter.end()
        return picture

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the place pressed."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._held = self._fit()
            self._go(event)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event)
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Fit to what is in sight again."""
        self._held = None
        self.update()
        event.accept()
