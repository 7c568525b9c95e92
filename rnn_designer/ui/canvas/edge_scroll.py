"""Panning by itself while something is dragged at the canvas' edge, so that a drag can reach what is out of sight."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, QRect, QTimer

_EDGE = 22
_INTERVAL = 16
_FASTEST = 14


class EdgeScroll(QObject):
    """Calls back with the pixels to pan by, again and again, for as long as the pointer is at an edge."""

    def __init__(self, pan: Callable[[QPoint], None], parent: QObject) -> None:
        super().__init__(parent)
        self._pan = pan
        self._step = QPoint()
        self._timer = QTimer(self)
        self._timer.setInterval(_INTERVAL)
        self._timer.timeout.connect(lambda: self._pan(self._step))

    @property
    def active(self) -> bool:
        """Whether it pans now."""
        return self._timer.isActive()

    def follow(self, spot: QPoint, area: QRect) -> None:
        """The pointer is here, in a viewport of that size."""
        self._step = QPoint(
            _speed(area.left() + _EDGE - spot.x()) - _speed(spot.x() - area.right() + _EDGE),
            _speed(area.top() + _EDGE - spot.y()) - _speed(spot.y() - area.bottom() + _EDGE),
        )
        if self._step.isNull():
            self._timer.stop()
        elif not self._timer.isActive():
            self._timer.start()

    def stop(self) -> None:
        """Nothing is dragged any more."""
        self._timer.stop()


def _speed(depth: int) -> int:
    """Pixels per tick for how deep in the edge the pointer is."""
    return 0 if depth <= 0 else min(_FASTEST, 2 + depth // 2)
