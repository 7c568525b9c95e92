"""Where the canvas looks: zooming about a point, panning, fitting, bringing a box into sight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRectF
from PySide6.QtGui import QTransform

if TYPE_CHECKING:
    from PySide6.QtWidgets import QGraphicsView

LEAST, MOST = 0.1, 4.0
_MARGIN = 48.0
_WORLD = QRectF(-100_000.0, -100_000.0, 200_000.0, 200_000.0)


class Camera:
    """Moves and scales the view; it knows nothing of what is shown."""

    def __init__(self, view: QGraphicsView) -> None:
        self._view = view
        # The view's own rectangle is far larger than the scene's: it can be panned freely, the index stays tight.
        view.setSceneRect(_WORLD)

    @property
    def zoom(self) -> float:
        """The scale, 1 for 100 %."""
        return self._view.transform().m11()

    def zoom_to(self, scale: float, about: QPoint | None = None) -> None:
        """Zoom so that what is under a point of the viewport stays there; its middle if none is given."""
        view = self._view
        scale = max(LEAST, min(MOST, scale))
        if abs(scale - self.zoom) < 1e-6:
            return
        point = about if about is not None else view.viewport().rect().center()
        fixed = view.mapToScene(point)
        view.setTransform(QTransform.fromScale(scale, scale))
        self.pan_by(point - view.mapFromScene(fixed))

    def pan_by(self, pixels: QPoint) -> None:
        """Move what is shown by some pixels."""
        across, down = self._view.horizontalScrollBar(), self._view.verticalScrollBar()
        across.setValue(across.value() - pixels.x())
        down.setValue(down.value() - pixels.y())

    def centre_on(self, point: QPointF) -> None:
        """Put a point of the scene in the middle."""
        self._view.centerOn(point)

    def fit(self, content: QRectF) -> None:
        """Show all of it with a margin, at 100 % at most; the origin where there is nothing."""
        if content.isEmpty():
            self.zoom_to(1.0)
            self.centre_on(QPointF(0.0, 0.0))
            return
        size = self._view.viewport().size()
        across = (size.width() - 2 * _MARGIN) / content.width()
        down = (size.height() - 2 * _MARGIN) / content.height()
        self.zoom_to(min(1.0, across, down))
        self.centre_on(content.center())

    def sight(self) -> QRectF:
        """The part of the scene that is in sight."""
        return self._view.mapToScene(self._view.viewport().rect()).boundingRect()

    def reveal(self, rect: QRectF) -> None:
        """Move as little as it takes to have a rectangle in sight."""
        margin = 24.0 / self.zoom
        wanted = rect.adjusted(-margin, -margin, margin, margin)
        sight = self.sight()
        if sight.contains(wanted):
            return
        if wanted.width() > sight.width() or wanted.height() > sight.height() or not sight.intersects(wanted):
            self.centre_on(rect.center())
            return
        across = min(0.0, wanted.left() - sight.left()) or max(0.0, wanted.right() - sight.right())
        down = min(0.0, wanted.top() - sight.top()) or max(0.0, wanted.bottom() - sight.bottom())
        self.centre_on(sight.center() + QPointF(across, down))
