"""Draws every sample of the batch as a small plot: all in one image, and one curve for each chosen unit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from rnn_designer.ui.colors import diverging, sequential
from rnn_designer.ui.numbers import number
from rnn_designer.ui.scopes import picture as pictures
from rnn_designer.ui.scopes.bands import Array, Band
from rnn_designer.ui.scopes.frame import RIGHT, Frame, Window
from rnn_designer.ui.scopes.grid import Cell, Grid
from rnn_designer.ui.scopes.items import (
    BADGES,
    LABELS,
    Gutter,
    Mark,
    at_least,
    label_font,
    left_mark,
    new_view,
)
from rnn_designer.ui.scopes.picture import Picture
from rnn_designer.ui.scopes.strips import BAR, bar_limits, hatch_colors
from rnn_designer.ui.theme import interface_font, theme

_SHADE = 0.86
_WORDS_FROM = 60.0


class Multiples:
    """The samples of a picture in one view box, whose range is its own pixels."""

    def __init__(self) -> None:
        self.view = new_view()
        self.labels, self.right = Gutter("bottom"), Gutter("right")
        self.labels.setZValue(BADGES)
        self._image = pg.ImageItem()
        self._bar = pg.ImageItem()
        self._bar.setParentItem(self.right)
        self._marks = _CellMarks()
        self._curves: list[Any] = []
        self._drawn: tuple[object, ...] = ()
        for index, item in enumerate((self._image, self._marks)):
            item.setZValue(2 * index)
            self.view.addItem(item, ignoreBounds=True)

    @property
    def items(self) -> tuple[Any, ...]:
        """What the scene has to hold."""
        return self.view, self.labels, self.right

    def hide(self) -> None:
        """Leave the room to one sample, and the values to the memory."""
        self._drawn = ()
        for item in self.items:
            item.hide()

    def show(
        self,
        picture: Picture,
        frame: Frame,
        grid: Grid,
        units: Mapping[int, QColor],
        ratio: float,
        scale: float,
    ) -> None:
        """Draw the samples.

        Args:
            picture: with the samples.
            frame: where everything is.
            grid: where each sample is.
            units: the chosen units and their colours.
            ratio: how many pixels the screen has for one of the scene.
            scale: how many pixels of the picture there are for one of the scene: 1 on screen.
        """
        area, look, lines = frame.plot, theme(), picture.lines
        self.view.setGeometry(area)
        self.view.setRange(QRectF(0, 0, area.width(), area.height()), padding=0)
        self.labels.place(QRectF(0, 0, area.right() + RIGHT, frame.axis.bottom()))
        self.right.place(QRectF(area.right(), area.top(), RIGHT, area.height()))
        for item in self.items:
            item.show()
        main = picture.main
        table = (diverging if main.signed else sequential)(look, look.window)
        # Identity would do for the arrays of one trace, but every picture has views of its own upon them.
        drawn = (
            *(picture.samples[0].values.base, picture.layer_id, picture.order.tobytes(), picture.common),
            *(grid, area, ratio, look, lines, picture.samples[0].shown),
        )
        if drawn[0] is None or len(drawn) != len(self._drawn) or not _same(drawn, self._drawn):
            self._drawn = drawn
            pixels = _painted(picture, grid, area, table, ratio, lines)
            self._image.setImage(pixels, autoLevels=False, levels=(0, 255))
            self._image.setRect(QRectF(0, 0, area.width(), area.height()))
        self._show_curves(picture, grid, area, units if lines else {}, scale)
        self._bar.setVisible(not lines and picture.common)
        if not lines and picture.common:
            self._bar.setImage(BAR, autoLevels=False, levels=(0, 255), lut=table)
            self._bar.setRect(QRectF(8, 0, 7, area.height()))
            self._bar.setBorder(pg.mkPen(look.hairline))
        self.right.show_marks(bar_limits(main, area.height()) if picture.common and not lines else [])
        self.labels.show_marks(_titles(picture, grid) + _around(picture, frame, grid, lines, units))
        self._marks.show_cells(picture, grid, area, lines, scale)

    def show_cursor(self, step: int | None) -> None:
        """Move the cursor in every cell, or hide it."""
        self._marks.show_step(step)

    def _show_curves(
        self, picture: Picture, grid: Grid, area: QRectF, units: Mapping[int, QColor], scale: float
    ) -> None:
        chosen = [(unit, color) for unit, color in units.items() if unit < picture.main.units]
        for curve, (unit, color) in zip(
            at_least(self._curves, len(chosen), self._new_curve), chosen, strict=True
        ):
            parts = [_line(picture, picture.samples[cell.sample], unit, grid, cell) for cell in grid.cells]
            points = np.concatenate(parts)
            pen = pg.mkPen(color, width=scale * (1.3 if len(points) < 2000 else 1))
            curve.setData(points[:, 0] - area.left(), points[:, 1] - area.top(), pen=pen, connect="finite")
            curve.show()
        for curve in self._curves[len(chosen) :]:
            curve.hide()

    def _new_curve(self) -> Any:
        curve = pg.PlotCurveItem(antialias=True)
        curve.setZValue(1)
        self.view.addItem(curve, ignoreBounds=True)
        return curve


class _CellMarks(pg.GraphicsObject):
    """The edges of the cells, the ring of the chosen sample, and the cursor in each of them."""

    def __init__(self) -> None:
        super().__init__()
        self._rects: list[QRectF] = []
        self._zeros: list[float] = []
        self._chosen: QRectF | None = None
        self._size = QRectF()
        self._grid: Grid | None = None
        self._step: int | None = None
        self._generated: int | None = None
        self._scale = 1.0

    def show_cells(self, picture: Picture, grid: Grid, area: QRectF, zeros: bool, scale: float) -> None:
        """Mark these cells; ``zeros`` draws where zero is in each."""
        self.prepareGeometryChange()
        self._size = QRectF(0, 0, area.width(), area.height()).adjusted(-3, -3, 3, 3)
        self._rects = [each.plot.translated(-area.topLeft()) for each in grid.cells]
        self._zeros = []
        for cell, rect in zip(grid.cells, self._rects, strict=True):
            band = picture.samples[cell.sample]
            if zeros and band.low < 0 < band.high:
                self._zeros.append(rect.bottom() + band.low / (band.high - band.low) * rect.height())
            else:
                self._zeros.append(math.nan)
        self._chosen = next(
            (
                rect
                for cell, rect in zip(grid.cells, self._rects, strict=True)
                if cell.sample == picture.sample
            ),
            None,
        )
        self._grid, self._scale, self._generated = grid, scale, picture.generated
        self.update()

    def show_step(self, step: int | None) -> None:
        """Put the cursor on another step."""
        if step != self._step:
            self._step = step
            self.update()

    def boundingRect(self) -> QRectF:
        """All cells with their rings."""
        return self._size

    def _paint_generated(self, painter: QPainter, window: Window, begin: float) -> None:
        """A dashed line in every cell where the model began to make the steps itself."""
        share = (begin - window.first) / (window.last - window.first)
        pen = QPen(QColor(theme().accent), self._scale)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        for rect in self._rects if 0 <= share <= 1 else ():
            x = round(rect.left() + share * rect.width()) + 0.5
            painter.drawLine(QPointF(x, rect.top()), QPointF(x, rect.bottom()))

    def paint(self, painter: QPainter, *_: object) -> None:
        """Zero lines and edges, cursors, the ring."""
        look = theme()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(look.hairline), 1))
        for rect, zero in zip(self._rects, self._zeros, strict=True):
            painter.drawRect(rect)
            if not math.isnan(zero):
                painter.drawLine(round(rect.left()), round(zero), round(rect.right()), round(zero))
        if self._grid is not None and self._generated is not None:
            self._paint_generated(painter, self._grid.window, self._generated - 0.5)
        if self._grid is not None and self._step is not None:
            window = self._grid.window
            share = (self._step - window.first) / (window.last - window.first)
            for rect in self._rects if 0 <= share <= 1 else ():
                x = rect.left() + share * rect.width()
                painter.fillRect(QRectF(x - 1.5, rect.top(), 3, rect.height()), look.color("window", 0.5))
                painter.fillRect(QRectF(x - 0.5, rect.top(), 1, rect.height()), QColor(look.text))
        if self._chosen is not None:
            painter.setPen(QPen(QColor(look.accent), 2))
            painter.drawRect(self._chosen.adjusted(-1, -1, 1, 1))


def _same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    return one[0] is other[0] and one[1:] == other[1:]


def _stretch(picture: Picture, band: Band) -> float:
    return picture.steps / max(1, band.steps)


def _painted(picture: Picture, grid: Grid, area: QRectF, table: Array, ratio: float, lines: bool) -> Array:
    """All cells as one image of red, green, blue, alpha, see-through between them."""
    look = theme()
    pixels = np.zeros(
        (max(1, round(area.height() * ratio)), max(1, round(area.width() * ratio)), 4), np.uint8
    )
    hairline = QColor(look.hairline)
    shade = np.array([hairline.red(), hairline.green(), hairline.blue()])
    for cell in grid.cells:
        band, rect = picture.samples[cell.sample], cell.plot.translated(-area.topLeft())
        top, left = round(rect.top() * ratio), round(rect.left() * ratio)
        high, wide = max(1, round(rect.height() * ratio)), max(1, round(rect.width() * ratio))
        stretch = _stretch(picture, band)
        first, last = (grid.window.first + 0.5) / stretch, (grid.window.last + 0.5) / stretch
        room = pixels[top : top + high, left : left + wide]
        if not lines:
            found = pictures.cells(band, picture.order, first, last, wide, high, exact=True)
            room[:] = table[found.index][: room.shape[0], : room.shape[1]]
            if found.wrong is not None and found.wrong.any():
                hatch = pictures.hatched(found.wrong, *hatch_colors(look))[: room.shape[0], : room.shape[1]]
                np.copyto(room, hatch, where=hatch[..., 3:] > 0)
        if picture.masks is not None and cell.sample < len(picture.masks):
            steps = pictures.edges(first, last, room.shape[1], band.steps)
            skipped = picture.masks[cell.sample][np.clip(steps, 0, band.steps - 1)]
            if lines:
                room[:, skipped, :3] = shade
                room[:, skipped, 3] = round(255 * _SHADE)
            else:
                room[:, skipped, :3] = (1 - _SHADE) * room[:, skipped, :3] + _SHADE * shade
    return pixels


def _line(picture: Picture, band: Band, unit: int, grid: Grid, cell: Cell) -> Array:
    """One unit of one sample as points of the scene, cut at the edges of the cell, with a break after them."""
    stretch, window, rect = _stretch(picture, band), grid.window, cell.plot
    ends = ((window.first + 0.5) / stretch - 0.5, (window.last + 0.5) / stretch - 0.5)
    points = pictures.line_points(band.line(unit), *ends, int(rect.width()))
    x = rect.left() + ((points[:, 0] + 0.5) * stretch - 0.5 - window.first) * grid.scale(cell)
    with np.errstate(invalid="ignore", over="ignore"):
        y = rect.top() + np.clip((band.high - points[:, 1]) / (band.high - band.low), 0, 1) * rect.height()
    if len(x) == 1:
        x, y = np.array([rect.left() + 0.2 * rect.width(), rect.right() - 0.2 * rect.width()]), y.repeat(2)
    else:
        x, y = pictures.cut(x, y, rect.left(), rect.right())
    return np.vstack([np.column_stack([x, y]), [[math.nan, math.nan]]])


def _titles(picture: Picture, grid: Grid) -> list[Mark]:
    look = theme()
    marks = []
    for cell in grid.cells:
        chosen = cell.sample == picture.sample
        font = interface_font(LABELS, bold=True) if chosen else label_font()
        color = look.accent if chosen else look.muted
        wide = cell.title.width()
        text = f"sample {cell.sample}" if wide >= _WORDS_FROM else str(cell.sample)
        since = picture.samples[cell.sample].nan_since
        if since is not None:
            step = math.floor(since * _stretch(picture, picture.samples[cell.sample]))
            word = "NaN" if np.isnan(picture.samples[cell.sample].values[since]).any() else "∞"
            color = look.warning
            more = f"{text} · {word} since {step}"
            text = more if QFontMetricsF(font).horizontalAdvance(more) <= wide else f"{cell.sample} {word}"
        marks.append(Mark(text, cell.title, color, font))
    return marks


def _around(
    picture: Picture, frame: Frame, grid: Grid, lines: bool, units: Mapping[int, QColor]
) -> list[Mark]:
    """What is in the left gutter, and the ends of the time axis below the first column."""
    main, look = picture.main, theme()
    top = grid.cells[0].plot.top() + 7 if grid.cells else frame.plot.top() + 7
    marks = [left_mark(main.shown.symbol, top, color=look.text)]
    if lines:
        named = [
            (f"{picture.word} {unit}", color.name()) for unit, color in units.items() if unit < main.units
        ]
    else:
        named = [(f"{main.units} {picture.word}{'s' if main.units > 1 else ''}", look.muted)]
    if len(grid.cells) < len(picture.samples):
        first, last = grid.cells[0].sample, grid.cells[-1].sample
        named += [(f"{first}–{last}", look.muted), (f"of {len(picture.samples)}", look.muted)]
    if not picture.common:
        named.append((f"own {'limits' if lines else 'colours'}", look.muted))
    elif lines:
        named.append((f"{number(main.low)} … {number(main.high)}", look.muted))
    for text, color in named:
        top += 15
        if top < frame.plot.bottom():
            marks.append(left_mark(text, top, color=color))
    for cell in grid.cells[:: grid.columns][-1:]:
        first, last = math.ceil(grid.window.first), math.floor(grid.window.last)
        place = QRectF(cell.plot.left(), cell.plot.bottom() + 3, max(60.0, cell.plot.width()), 16)
        words = f"step {first}" if cell.plot.width() > 90 else str(first)
        marks.append(Mark(words, place, look.muted, label_font()))
        if last > first:
            place.setWidth(cell.plot.width())
            marks.append(Mark(str(last), place, look.muted, label_font(), right=True))
    return marks
