"""A picture of many lines that is painted in short turns between events: roughly at once, then in full."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import TypeAlias

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from rnn_designer.ui.scopes.digests import TURN

Stroke: TypeAlias = Callable[[QPainter], None]
"""Paints a part of the picture, within a few milliseconds."""


class Strokes:
    """Keeps the picture of a widget until it is forgotten.

    Args:
        owner: whose picture it is; it is asked to update once the picture has become finer.
    """

    def __init__(self, owner: QWidget) -> None:
        self._owner = owner
        self._shown: QPixmap | None = None
        self._next: QPixmap | None = None
        self._left: list[Stroke] = []
        self._turns = QTimer(owner)
        self._turns.setInterval(0)
        self._turns.timeout.connect(self._turn)

    @property
    def busy(self) -> bool:
        """Whether the picture will still become finer."""
        return self._turns.isActive()

    def forget(self) -> None:
        """Paint anew when the picture is asked for."""
        self._shown = self._next = None
        self._turns.stop()

    def picture(
        self,
        size: QSize,
        ratio: float,
        rough: Callable[[], Sequence[Stroke]],
        fine: Callable[[], Sequence[Stroke]],
    ) -> QPixmap:
        """The picture as it is now.

        Args:
            size: in pixels of the scene.
            ratio: how many pixels the screen has for one of the scene.
            rough: what is painted first; empty where all can be painted at once.
            fine: what is painted afterwards.
        """
        if self._shown is None:
            first = rough()
            strokes = list(fine())
            self._shown = _blank(size, ratio)
            _paint(self._shown, first or strokes)
            if first:
                self._next, self._left = _blank(size, ratio), strokes
                self._turns.start()
        return self._shown

    def _turn(self) -> None:
        assert self._next is not None
        stop = perf_counter() + TURN
        painter = _painter(self._next)
        while self._left and perf_counter() < stop:
            self._left.pop(0)(painter)
        painter.end()
        if not self._left:
            self._shown, self._next = self._next, None
            self._turns.stop()
            self._owner.update()


def _blank(size: QSize, ratio: float) -> QPixmap:
    made = QPixmap(size * ratio)
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    return made


def _painter(on: QPixmap) -> QPainter:
    painter = QPainter(on)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    return painter


def _paint(on: QPixmap, strokes: Sequence[Stroke]) -> None:
    painter = _painter(on)
    for stroke in strokes:
        stroke(painter)
    painter.end()
