"""Whether designs are watched as in prediction or as in training, and with which draw of random numbers."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class TrainingMode(QObject):
    """A choice of the one who watches, no part of the design.

    Signals:
        changed(): another mode or another draw.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._active = False
        self._draw = 0

    @property
    def active(self) -> bool:
        """Whether dropout, noise and batch statistics are to act."""
        return self._active

    @property
    def draw(self) -> int:
        """Which random numbers they get, counted from 0; the same number always gives the same."""
        return self._draw

    def set_active(self, active: bool) -> None:
        """Watch as in training, or as in prediction."""
        self._become(active, self._draw)

    def new_draw(self) -> None:
        """Watch as in training, with other random numbers."""
        self._become(True, self._draw + 1 if self._active else self._draw)

    def reset(self) -> None:
        """As in prediction, and next time with the first draw."""
        self._become(False, 0)

    def _become(self, active: bool, draw: int) -> None:
        if (active, draw) != (self._active, self._draw):
            self._active, self._draw = active, draw
            self.changed.emit()
