"""Where everything of a scope is: strips, heat maps, lines and axis in pixels, and the window of time in view."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from PySide6.QtCore import QRectF

LEFT, RIGHT, TOP, AXIS = 64.0, 62.0, 5.0, 21.0
_GAP = 6.0
_LINES_FROM, _SERIES_FROM = 120.0, 90.0
_CLOSEST = 4.0
_FEW_ROWS, _ROW_HEIGHT = 5, 28.0


@dataclass(frozen=True)
class Window:
    """The steps in view: from ``first`` to ``last``, where step k reaches from k - ½ to k + ½.

    ``steps`` is the length of the whole axis.
    """

    steps: int
    first: float
    last: float

    @classmethod
    def whole(cls, steps: int) -> Window:
        """All of the axis."""
        return cls(steps, -0.5, max(steps, 1) - 0.5)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is out of sight."""
        return self.first <= -0.5 and self.last >= self.steps - 0.5

    def zoomed(self, factor: float, around: float) -> Window:
        """The window ``factor`` times as wide, with the step ``around`` staying where it is."""
        span = (self.last - self.first) * factor
        span = max(min(_CLOSEST, float(self.steps)), min(span, float(self.steps)))
        share = (around - self.first) / (self.last - self.first)
        return self._placed(around - share * span, span)

    def moved(self, steps: float) -> Window:
        """The window moved by a number of steps, as far as there are any."""
        return self._placed(self.first + steps, self.last - self.first)

    def showing(self, step: int) -> Window:
        """The window moved as little as possible so that a step is in it."""
        if step - 0.5 < self.first:
            return self.moved(step - 0.5 - self.first)
        if step + 0.5 > self.last:
            return self.moved(step + 0.5 - self.last)
        return self

    def fitted(self, steps: int) -> Window:
        """The same window over an axis of another length; the whole stays the whole."""
        if self.is_whole or self.steps == 0:
            return Window.whole(steps)
        return Window(steps, self.first, self.last)._placed(self.first, self.last - self.first)

    def _placed(self, first: float, span: float) -> Window:
        span = min(span, float(max(self.steps, 1)))
        first = max(-0.5, min(first, self.steps - 0.5 - span))
        return Window(self.steps, first, first + span)


@dataclass(frozen=True)
class Frame:
    """The rectangles of one scope.

    Attributes:
        window: the steps in view.
        plot: everything between the gutters, above the axis.
        series: the input strip; None if there is no room or no input.
        bands: one rectangle per heat map.
        lines: the lines of chosen units; None if there is no room.
        axis: the tick labels.
    """

    window: Window
    plot: QRectF
    series: QRectF | None
    bands: tuple[QRectF, ...]
    lines: QRectF | None
    axis: QRectF
    scale: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "scale", self.plot.width() / (self.window.last - self.window.first))

    def x(self, step: float) -> float:
        """Where a step's middle is, in pixels."""
        return self.plot.left() + (step - self.window.first) * self.scale

    def step(self, x: float) -> float:
        """The step at a pixel, with its fraction."""
        return self.window.first + (x - self.plot.left()) / self.scale

    def nearest_step(self, x: float) -> int:
        """The step whose cell a pixel is in, at most the last in view."""
        step = math.floor(self.step(x) + 0.5)
        first, last = math.ceil(self.window.first), math.floor(self.window.last)
        return max(0, first, min(step, last, self.window.steps - 1))

    def ticks(self) -> Iterator[int]:
        """The steps that the axis names."""
        return ticks(self.window.first, self.window.last, self.plot.width())


NAME_HEIGHT = 14.0
"""How high the name of a unit beside the lines is."""


def name_tops(count: int, height: float) -> list[float]:
    """Where the names of so many units begin beside lines of a height; empty where there is no room for each."""
    if count * NAME_HEIGHT > height + 6:
        return []
    top = height / 2 - count * NAME_HEIGHT / 2
    return [top + index * NAME_HEIGHT for index in range(count)]


def ticks(first: float, last: float, width: float) -> Iterator[int]:
    """The steps to name between two places on the axis that are ``width`` pixels apart.

    They are about 90 pixels apart; the first and the last in view are among them.
    """
    scale = width / (last - first)
    begin, end = math.ceil(first), math.floor(last)
    room = 90.0 / scale
    power = 10 ** max(0, math.floor(math.log10(max(room, 1.0))))
    every = next((each * power for each in (1, 2, 3, 5, 10) if each * power >= room), 10 * power)
    yield begin
    for step in range((begin // every + 1) * every, end, every):
        if (step - begin) * scale > 58 and (end - step) * scale > 44:
            yield step
    if end > begin:
        yield end


def framed(
    width: float,
    height: float,
    window: Window,
    *,
    bands: int,
    series: bool,
    lines: bool,
    axis: bool = True,
    rows: int = 64,
) -> Frame:
    """Divide a widget of ``width`` by ``height`` pixels among what is to be seen.

    The heat maps get what input and lines leave; one of only a few ``rows`` leaves more to the lines.
    """
    plot = QRectF(
        LEFT, TOP, max(20.0, width - LEFT - RIGHT), max(20.0, height - TOP - (AXIS if axis else 6.0) - 3.0)
    )
    room = plot.height()
    series_height = (
        float(round(max(18.0, min(0.17 * room, 46.0)))) if series and room >= _SERIES_FROM else 0.0
    )
    share = 0.27 if bands == 1 else 0.16
    lines_height = float(round(max(26.0, min(share * room, 150.0)))) if lines and room >= _LINES_FROM else 0.0
    if lines_height and bands == 1 and rows < _FEW_ROWS:
        needed = rows * _ROW_HEIGHT + series_height + 2 * _GAP
        lines_height = max(lines_height, room - needed)
    top = plot.top()
    strip = None
    if series_height:
        strip = QRectF(plot.left(), top, plot.width(), series_height)
        top += series_height + _GAP
    bottom = plot.bottom()
    below = None
    if lines_height:
        below = QRectF(plot.left(), bottom - lines_height, plot.width(), lines_height)
        bottom -= lines_height + _GAP
    gap = 4.0 if bands > 1 else 0.0
    each = max(4.0, (bottom - top - gap * (bands - 1)) / max(1, bands))
    maps = tuple(
        QRectF(plot.left(), round(top + index * (each + gap)), plot.width(), max(4.0, round(each)))
        for index in range(bands)
    )
    return Frame(window, plot, strip, maps, below, QRectF(plot.left(), plot.bottom() + 2, plot.width(), AXIS))
