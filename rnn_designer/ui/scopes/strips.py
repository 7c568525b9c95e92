"""What lies one above the other in a scope: the input's lines, heat maps with colour bars, lines of chosen units.

Every strip is a pyqtgraph view box between two gutters. Its items are made once and given new data from then on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor

from rnn_designer.ui.colors import diverging, feature_color, sequential
from rnn_designer.ui.numbers import number
from rnn_designer.ui.scopes import picture as pictures
from rnn_designer.ui.scopes.bands import Array, Band
from rnn_designer.ui.scopes.frame import LEFT, NAME_HEIGHT, RIGHT, Window, name_tops
from rnn_designer.ui.scopes.items import (
    Gutter,
    Mark,
    at_least,
    left_mark,
    new_view,
    right_mark,
    set_rows,
    show_image,
)
from rnn_designer.ui.scopes.picture import Picture
from rnn_designer.ui.scopes.planes import divided
from rnn_designer.ui.scopes.tiles import FilterTiles
from rnn_designer.ui.theme import Theme, code_font, theme

_MANY_FEATURES = 8
_MANY_POINTS = 600
BAR = np.arange(255, -1, -1, dtype=np.uint8)[:, np.newaxis]
"""A colour bar as an image: the highest value on top."""


class Strip:
    """A view with its gutters."""

    def __init__(self) -> None:
        self.view = new_view()
        self.left, self.right = Gutter("left"), Gutter("right")

    @property
    def items(self) -> tuple[Any, ...]:
        """What the scene has to hold."""
        return self.view, self.left, self.right

    def hide(self) -> None:
        """Leave its room to others."""
        for item in self.items:
            item.hide()

    def place(self, rect: QRectF, spill: float = 0.0) -> None:
        """Take a rectangle of the scene, with the gutters at its sides.

        Args:
            rect: where the strip is.
            spill: how many pixels more the view has above and below, so that lines at the limits are whole.
        """
        self.view.setGeometry(rect.adjusted(0, -spill, 0, spill))
        self.left.place(QRectF(rect.left() - LEFT, rect.top(), LEFT, rect.height()))
        self.right.place(QRectF(rect.right(), rect.top(), RIGHT, rect.height()))
        for item in self.items:
            item.show()


class _Curves:
    """Lines that share limits: ``low`` is drawn at 1 and ``high`` at 0, so that no magnitude is too large to draw."""

    def __init__(self, view: Any) -> None:
        self._view = view
        self._made: list[Any] = []

    def show(
        self,
        lines: Sequence[tuple[Array, QColor]],
        stretch: float,
        limits: tuple[float, float],
        window: Window,
        scale: float,
        exact: bool,
    ) -> None:
        """Draw lines of values ``(steps,)``.

        Args:
            lines: values and colours.
            stretch: how many steps of the time axis a value takes.
            limits: the lowest and the highest value.
            window: the steps in view.
            scale: how many pixels of the picture there are for one of the scene: 1 on screen.
            exact: whether lines end at the edges of the window, and not at the next value beyond them.
        """
        low, high = limits
        wide = max(1, int(self._view.geometry().width()))
        for curve, (values, color) in zip(at_least(self._made, len(lines), self._new), lines, strict=True):
            points = pictures.line_points(
                values, (window.first + 0.5) / stretch - 0.5, (window.last + 0.5) / stretch - 0.5, wide
            )
            x = (points[:, 0] + 0.5) * stretch - 0.5
            with np.errstate(invalid="ignore", over="ignore"):
                y = (high - points[:, 1]) / (high - low)
            if exact:
                x, y = pictures.cut(x, y, window.first, window.last)
            if len(x) == 1:
                x, y = x + np.array([-0.2, 0.2]) * stretch, y.repeat(2)
            # Wider than a pixel looks better, but takes Qt's slow path when there are many points.
            pen = pg.mkPen(color, width=scale * (1.4 if len(x) < _MANY_POINTS else 1))
            curve.setData(x, y, pen=pen, connect="finite")
            curve.show()
        for curve in self._made[len(lines) :]:
            curve.hide()

    def _new(self) -> Any:
        curve = pg.PlotCurveItem(antialias=True)
        self._view.addItem(curve, ignoreBounds=True)
        return curve


class SeriesStrip(Strip):
    """The input that leads to the layer."""

    def __init__(self) -> None:
        super().__init__()
        self._curves = _Curves(self.view)

    def show(self, rect: QRectF, picture: Picture, window: Window, scale: float, exact: bool = False) -> None:
        """Draw the input's features as lines, ``scale`` pixels of the picture being one of the scene."""
        series = picture.series
        if series is None:
            self.hide()
            return
        self.place(rect)
        margin = 2.0 / max(1.0, rect.height() - 4.0)
        set_rows(self.view, -margin, 1 + margin)
        values = series.values
        features = values.shape[1]
        real = series.real
        every = values if real is None else np.concatenate([values, real])
        finite = every[np.isfinite(every)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
        if high - low < 1e-12:
            low, high = low - 0.5, high + 0.5
        lines = [
            (values[:, feature], feature_color(feature)) for feature in range(min(features, _MANY_FEATURES))
        ]
        if real is not None:
            # Below the lines that the model made, and grey: how the samples themselves go on.
            grey = QColor(theme().faint)
            lines = [(real[:, feature], grey) for feature in range(min(features, _MANY_FEATURES))] + lines
        self._curves.show(lines, picture.steps / max(1, len(values)), (low, high), window, scale, exact)
        middle = rect.height() / 2
        marks = [left_mark("input", middle)]
        if features > _MANY_FEATURES:
            marks.append(left_mark(f"{_MANY_FEATURES} of {features}", middle + 14))
        self.left.show_marks(marks)
        self.right.show_marks(_limits(rect.height(), low, high))


class HeatStrip(Strip):
    """A signal as a heat map: a row per unit, the colour bar beside it."""

    def __init__(self) -> None:
        super().__init__()
        self._image, self._hatch, self._bar = pg.ImageItem(), pg.ImageItem(), pg.ImageItem()
        self.view.addItem(self._image, ignoreBounds=True)
        self.view.addItem(self._hatch, ignoreBounds=True)
        self._hatch.setZValue(1)
        self._bar.setParentItem(self.right)
        self._hatch.hide()
        self._tiles = FilterTiles()
        self._tiles.hide()
        self._drawn: tuple[object, ...] = ()

    @property
    def items(self) -> tuple[Any, ...]:
        """What the scene has to hold."""
        return *super().items, self._tiles

    def show_step(self, step: int) -> None:
        """Show the pictures of another step, where the signal has any."""
        self._tiles.show_step(step)

    def hide(self) -> None:
        """Leave its room to others, and the values to the memory."""
        super().hide()
        self._drawn = ()

    def show(
        self,
        rect: QRectF,
        picture: Picture,
        band: Band,
        window: Window,
        units: Mapping[int, QColor],
        ratio: float,
        exact: bool = False,
    ) -> None:
        """Draw a signal; ``ratio`` is how many pixels the screen has for one of the scene.

        ``exact`` leaves nothing beyond the edges, for files whose readers do not clip.
        """
        look, planes = theme(), band.planes
        stretch = picture.steps / max(1, band.steps)
        strip, shown, order, pictured = rect, band, picture.order, False
        if planes is not None:
            above, strip = divided(rect, planes)
            shown, order, pictured = planes.strip, picture.filters_of(planes), above.height() > 0
            self._tiles.show_signal(above, band, order, units if band is picture.main else {}, stretch)
        self.place(strip)
        self.right.place(QRectF(rect.right(), rect.top(), RIGHT, rect.height()))
        self._tiles.setVisible(pictured)
        set_rows(self.view, 0, 1)
        first, last = (window.first + 0.5) / stretch, (window.last + 0.5) / stretch
        wide, high = max(1, round(strip.width() * ratio)), max(1, round(strip.height() * ratio))
        table = (diverging if band.signed else sequential)(look, look.window)
        whole = not exact and band.nan_since is None and last - first <= wide and shown.pyramid is None
        drawn = (shown.values, order.tobytes(), high, look, *(() if whole else (window, wide)))
        if not _same(drawn, self._drawn):
            self._drawn = drawn
            found = pictures.cells(shown, order, first, last, wide, high, exact)
            place = QRectF(found.first * stretch - 0.5, 0, (found.last - found.first) * stretch, 1)
            show_image(self._image, found.index, place, table)
            if found.wrong is None:
                self._hatch.hide()
            else:
                show_image(self._hatch, pictures.hatched(found.wrong, *hatch_colors(look)), place)
        show_image(self._bar, BAR, QRectF(8, 0, 7, rect.height()), table)
        self._bar.setBorder(pg.mkPen(look.hairline))
        self.right.show_marks(bar_limits(band, rect.height()))
        middle = strip.height() / 2
        if pictured:
            self.left.show_marks([left_mark("over time", middle)])
        elif len(picture.bands) > 1 or planes is not None:
            self.left.show_marks([left_mark(band.shown.symbol, middle, code_font(9.5), look.text)])
        else:
            self.left.show_marks(
                _row_marks(picture, band, rect.height()), list(_pills(picture, band, units, rect))
            )


class LinesStrip(Strip):
    """The chosen units of the first signal as lines."""

    def __init__(self) -> None:
        super().__init__()
        self._zero = pg.InfiniteLine(angle=0, movable=False)
        self.view.addItem(self._zero, ignoreBounds=True)
        # Under the curves. Set after adding: a view lifts whatever lies below itself.
        self._zero.setZValue(-1)
        self._curves = _Curves(self.view)

    def show(
        self,
        rect: QRectF,
        picture: Picture,
        units: Mapping[int, QColor],
        window: Window,
        scale: float,
        exact: bool = False,
    ) -> None:
        """Draw a line per unit, in its colour, ``scale`` pixels of the picture being one of the scene."""
        band = picture.main
        self.place(rect, spill=1.0)
        margin = 1.0 / max(1.0, rect.height())
        set_rows(self.view, -margin, 1 + margin)
        self._zero.setVisible(band.low < 0 < band.high)
        self._zero.setValue(band.high / (band.high - band.low))
        self._zero.setPen(pg.mkPen(theme().hairline))
        lines = [(band.line(unit), color) for unit, color in units.items() if unit < band.units]
        self._curves.show(
            lines, picture.steps / max(1, band.steps), (band.low, band.high), window, scale, exact
        )
        self.right.show_marks(_limits(rect.height(), band.low, band.high))
        self.left.show_marks(_names(picture, band, units, rect.height()))


def _same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    # Arrays are compared by identity: every trace brings its own.
    return len(one) == len(other) and all(
        a is b or (not isinstance(a, np.ndarray) and a == b) for a, b in zip(one, other, strict=True)
    )


def _limits(height: float, low: float, high: float, *, zero: bool = False) -> list[Mark]:
    if height < 24:
        return []
    marks = [right_mark(number(high), 5), right_mark(number(low), height - 5)]
    return [*marks, right_mark("0", height / 2)] if zero else marks


def hatch_colors(look: Theme) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """The two colours of the stripes over what is no number, as red, green, blue."""
    dark, light = QColor(look.faint), QColor(look.hairline)
    return (dark.red(), dark.green(), dark.blue()), (light.red(), light.green(), light.blue())


def bar_limits(band: Band, height: float) -> list[Mark]:
    """The labels beside a colour bar, as many as there is room for."""
    if height >= 28:
        return _limits(height, band.low, band.high, zero=band.signed and height >= 64)
    return [right_mark(f"±{number(band.high)}" if band.signed else f"0–{number(band.high)}", height / 2)]


def _row_marks(picture: Picture, band: Band, height: float) -> list[Mark]:
    word, order = picture.word, picture.order
    if band.units == 1 or height < 30:
        return [left_mark(f"{word} 0" if band.units == 1 else f"{band.units} {word}s", height / 2)]
    return [left_mark(f"{word} {order[0]}", 6.5), left_mark(str(order[-1]), height - 6.5)]


def _pills(
    picture: Picture, band: Band, units: Mapping[int, QColor], rect: QRectF
) -> Iterator[tuple[QRectF, QColor]]:
    row = rect.height() / band.units
    place = {int(unit): index for index, unit in enumerate(picture.order)}
    tall = max(5.0, min(row, 10.0))
    for unit, color in units.items():
        if unit in place:
            yield QRectF(LEFT - 7, (place[unit] + 0.5) * row - tall / 2, 5, tall), color


def _names(picture: Picture, band: Band, units: Mapping[int, QColor], height: float) -> list[Mark]:
    named = [(unit, color) for unit, color in units.items() if unit < band.units]
    tops = name_tops(len(named), height)
    if tops:
        return [
            left_mark(picture.name_of(unit), top + NAME_HEIGHT / 2, color=color.name())
            for top, (unit, color) in zip(tops, named, strict=True)
        ]
    if picture.main.planes is not None:
        return [left_mark("; ".join(picture.name_of(unit) for unit, _ in named), height / 2)]
    return [left_mark("u " + ", ".join(str(unit) for unit, _ in named), height / 2)]
