"""The painted slider over the epochs of a run: which are kept, which is best, which is shown."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from rnn_designer.ui.theme import keeper, theme

_SIDE = 9.0
_HEIGHT = 27
_KNOB = 6.0
_PAGE = 10


class EpochTrack(QWidget):
    """Drag through the epochs whose weights are kept; the knob snaps to the nearest of them.

    Signals:
        wanted(epoch): that epoch is to be shown; always one that is kept.
    """

    wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kept: tuple[int, ...] = ()
        self._last = 1
        self._done = 0.0
        self._best: int | None = None
        self._shown: int | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Epoch")
        keeper().changed.connect(self.update)

    @property
    def kept(self) -> tuple[int, ...]:
        """The epochs that can be gone to."""
        return self._kept

    @property
    def shown(self) -> int | None:
        """The epoch of the knob; None for none."""
        return self._shown

    def show_epochs(
        self, kept: Sequence[int], *, last: int, done: float, best: int | None, shown: int | None
    ) -> None:
        """Show another run, or how far it has come.

        Args:
            kept: the epochs whose weights are there, ascending.
            last: the epoch at the right end.
            done: how far training has come, in epochs.
            best: the best epoch; None while there is none.
            shown: the epoch that every view shows; None where the views show other weights.
        """
        state = (tuple(kept), max(1, last), done, best, shown)
        if state == (self._kept, self._last, self._done, self._best, self._shown):
            return
        self._kept, self._last, self._done, self._best, self._shown = state
        words = "none" if shown is None else f"{shown} of {last}" + (", the best" if shown == best else "")
        self.setAccessibleDescription(f"{words}. Left and right go through the epochs, B to the best one.")
        self.update()

    def sizeHint(self) -> QSize:
        """As high as a field."""
        return QSize(180, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Still wide enough to aim."""
        return QSize(72, _HEIGHT)

    def step(self, places: int) -> None:
        """Go on or back through the epochs that are kept."""
        if not self._kept:
            return
        if self._shown is None:
            self.wanted.emit(self._kept[-1 if places < 0 else 0])
            return
        place = bisect_left(self._kept, self._shown)
        if places > 0 and (place == len(self._kept) or self._kept[place] != self._shown):
            place -= 1
        self.wanted.emit(self._kept[max(0, min(place + places, len(self._kept) - 1))])

    def nearest(self, x: float) -> int | None:
        """The kept epoch nearest to a place; None where none is kept."""
        if not self._kept:
            return None
        epoch = (x - _SIDE) / max(1.0, self.width() - 2 * _SIDE) * self._last
        return min(self._kept, key=lambda each: abs(each - epoch))

    def _x(self, epoch: float) -> float:
        return _SIDE + min(epoch / self._last, 1.0) * (self.width() - 2 * _SIDE)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The groove, how far training is, a tick for each kept epoch, the best one's flag, and the knob."""
        look, middle = theme(), self.height() / 2
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color("hairline"))
        painter.drawRoundedRect(QRectF(_SIDE, middle - 2, self.width() - 2 * _SIDE, 4), 2, 2)
        painter.setBrush(look.color("accent", 0.55))
        painter.drawRoundedRect(QRectF(_SIDE, middle - 2, self._x(self._done) - _SIDE, 4), 2, 2)
        if len(self._kept) * 5 <= self.width():
            painter.setBrush(look.color("faint"))
            for epoch in self._kept:
                painter.drawEllipse(QPointF(self._x(epoch), middle + 6.5), 1.1, 1.1)
        if self._best is not None:
            x = self._x(self._best)
            painter.setBrush(look.color("live"))
            painter.drawPolygon(
                QPolygonF([QPointF(x - 4, middle - 11), QPointF(x + 4, middle - 11), QPointF(x, middle - 5)])
            )
        if self._shown is not None:
            painter.setBrush(look.color("accent"))
            painter.setPen(QPen(look.color("window"), 1.5))
            painter.drawEllipse(QPointF(self._x(self._shown), middle), _KNOB, _KNOB)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(look.color("accent", 0.5), 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the epoch there."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._drag(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the knob; without a button, say which epoch is there."""
        epoch = self.nearest(event.position().x())
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._drag(event.position().x())
        words = "" if epoch is None else f"epoch {epoch}" + (" · the best" if epoch == self._best else "")
        QToolTip.showText(event.globalPosition().toPoint(), words, self)

    def _drag(self, x: float) -> None:
        epoch = self.nearest(x)
        if epoch is not None and epoch != self._shown:
            self.wanted.emit(epoch)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go one epoch on or back, pages ten, Home and End to the ends, B to the best."""
        ten = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        match event.key():
            case Qt.Key.Key_Left | Qt.Key.Key_Down:
                self.step(-_PAGE if ten else -1)
            case Qt.Key.Key_Right | Qt.Key.Key_Up:
                self.step(_PAGE if ten else 1)
            case Qt.Key.Key_PageUp:
                self.step(_PAGE)
            case Qt.Key.Key_PageDown:
                self.step(-_PAGE)
            case Qt.Key.Key_Home if self._kept:
                self.wanted.emit(self._kept[0])
            case Qt.Key.Key_End if self._kept:
                self.wanted.emit(self._kept[-1])
            case Qt.Key.Key_B if self._best in self._kept:
                self.wanted.emit(self._best)
            case _:
                super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Go through the epochs while it has the focus."""
        if self.hasFocus() and event.angleDelta().y():
            self.step(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        else:
            event.ignore()

    def leaveEvent(self, event: QEvent) -> None:
        """No mouse, no words."""
        QToolTip.hideText()
        super().leaveEvent(event)
