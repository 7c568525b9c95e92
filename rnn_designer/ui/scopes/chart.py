"""The scene of a scope: strips one above the other on one time axis, the cursor over them, and what is said on top.

Everything lies at whole pixels, where :class:`Frame` puts it; pyqtgraph's view boxes share one range of time. Imported
when the first trace arrives.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QGraphicsRectItem, QWidget

from rnn_designer.ui.scopes.bands import Band
from rnn_designer.ui.scopes.bars import Bars
from rnn_designer.ui.scopes.frame import Frame
from rnn_designer.ui.scopes.generated import GeneratedMark
from rnn_designer.ui.scopes.grid import gridded
from rnn_designer.ui.scopes.items import (
    BADGES,
    CARDS,
    CURSOR,
    LABELS,
    SHADE,
    VEIL,
    Card,
    Cursor,
    TimeAxis,
    at_least,
    new_view,
    set_rows,
    show_image,
)
from rnn_designer.ui.scopes.multiples import Multiples
from rnn_designer.ui.scopes.picture import Picture
from rnn_designer.ui.scopes.strips import HeatStrip, LinesStrip, SeriesStrip
from rnn_designer.ui.theme import code_font, interface_font, theme

_VEIL = 0.62
_MASKED_LABEL_FROM = 56.0
_SHADE_OPACITY = 0.86


class Chart(pg.GraphicsView):
    """Draws a :class:`Picture` with pyqtgraph. Its owner handles mouse and keyboard."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, useOpenGL=False)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._picture: Picture | None = None
        self._frame: Frame | None = None
        self._units: dict[int, QColor] = {}
        # The view that has the range of time; all others follow it.
        self._time = new_view(SHADE)
        set_rows(self._time, 0, 1)
        self._over = new_view(CURSOR, clipped=False)
        self._over.setXLink(self._time)
        self._axis = TimeAxis()
        self._axis.linkToView(self._time)
        self._series, self._lines, self._bars = SeriesStrip(), LinesStrip(), Bars()
        self._multiples = Multiples()
        self._generated = GeneratedMark()
        self._heats: list[HeatStrip] = []
        self._badges: list[Card] = []
        self._words: list[Card] = []
        self._mask = pg.ImageItem()
        self._time.addItem(self._mask, ignoreBounds=True)
        self._cursor = Cursor()
        self._dots = pg.ScatterPlotItem(size=8, antialias=True, useCache=False)
        self._over.addItem(self._cursor, ignoreBounds=True)
        self._over.addItem(self._dots, ignoreBounds=True)
        self._veil, self._ring = QGraphicsRectItem(), QGraphicsRectItem()
        self._veil.setZValue(VEIL)
        self._ring.setZValue(CARDS)
        self._reason, self._tip = Card(), Card(CARDS + 1)
        for strip in (self._series, self._lines):
            strip.view.setXLink(self._time)
        for item in (
            *(self._time, self._over, self._axis, self._veil, self._ring, self._reason, self._tip),
            *(*self._series.items, *self._lines.items, *self._bars.items, *self._multiples.items),
            *self._generated.items,
        ):
            self.addItem(item)
        self._veil.hide()
        self._ring.hide()

    @property
    def time_view(self) -> Any:
        """The view box whose range of x all strips follow."""
        return self._time

    @property
    def views(self) -> tuple[Any, ...]:
        """The view boxes in view that share the time axis."""
        views = (self._time, self._over, *(each.view for each in (self._series, self._lines, *self._heats)))
        return tuple(view for view in views if view.isVisible())

    @property
    def generated(self) -> str:
        """What is said beside the line from which on the model made the steps itself; empty without one."""
        return self._generated.words

    @property
    def tip(self) -> str:
        """What the tooltip says; empty without one."""
        return self._tip.text

    def draw(
        self,
        picture: Picture,
        units: Mapping[int, QColor],
        frame: Frame,
        *,
        pens: float = 1.0,
        detail: float = 0.0,
        exact: bool = False,
    ) -> None:
        """Show a picture; what is there already gets new data in place.

        Args:
            picture: what to show.
            units: the chosen units and their colours.
            frame: where everything is.
            pens: how many times as wide as on screen lines are drawn.
            detail: how many pixels images have for one of the scene; 0 for as many as the screen has.
            exact: whether nothing may reach beyond the edges of its strip, for files whose readers do not clip.
        """
        ratio, scale = detail or self.devicePixelRatioF(), pens
        self._picture, self._frame, self._units = picture, frame, dict(units)
        self.setBackground(QColor(theme().window))
        self._cursor.thickness = scale
        timed = not picture.flat and not picture.samples
        for view in (self._time, self._over, self._axis):
            view.setVisible(timed)
        if not timed:
            for strip in (self._series, self._lines, *self._heats):
                strip.hide()
            for card in (*self._badges, *self._words):
                card.hide()
            self._mask.hide()
            self._generated.hide()
            if picture.flat:
                self._multiples.hide()
                self._bars.show(picture, frame.plot)
            else:
                self._bars.hide()
                grid = gridded(frame.plot, len(picture.samples), picture.sample, frame.window)
                self._multiples.show(picture, frame, grid, self._units, ratio, scale)
            return
        self._bars.hide()
        self._multiples.hide()
        self._place(picture, frame)
        if frame.series is not None:
            self._series.show(frame.series, picture, frame.window, scale, exact)
        else:
            self._series.hide()
        heats = at_least(self._heats, len(picture.bands), self._new_heat)
        for heat, band, rect in zip(heats, picture.bands, frame.bands, strict=False):
            heat.show(rect, picture, band, frame.window, self._units, ratio, exact)
        for heat in self._heats[len(picture.bands) :]:
            heat.hide()
        if frame.lines is not None:
            self._lines.show(frame.lines, picture, self._units, frame.window, scale, exact)
        else:
            self._lines.hide()
        self._generated.show(picture.generated, frame, scale)
        self._draw_mask(picture, frame)
        self._draw_badges(picture, frame)

    def settle(self) -> None:
        """Bring all views up to date at once: left to the next painting, their changes would ask for one more."""
        self.scene().prepareForPaint()

    def show_cursor(self, step: int | None) -> None:
        """Move the cursor, or hide it, and the dots on the lines with it."""
        picture, frame = self._picture, self._frame
        if picture is None or frame is None or picture.flat:
            return
        if picture.samples:
            self._multiples.show_cursor(step)
            return
        if step is not None:
            for heat in self._heats[: len(picture.bands)]:
                heat.show_step(step)
        seen = step is not None and frame.plot.left() - 1 <= frame.x(step) <= frame.plot.right() + 1
        self._cursor.setVisible(seen)
        self._dots.setVisible(seen and frame.lines is not None)
        if not seen or step is None:
            return
        self._cursor.setValue(step)
        if frame.lines is not None:
            self._draw_dots(picture, frame.lines, step)

    def show_veil(self, faded: bool, reason: str) -> None:
        """Fade the picture, and say why over it."""
        look = theme()
        self._veil.setVisible(faded)
        self._veil.setPen(pg.mkPen(None))
        self._veil.setBrush(look.color("window", _VEIL))
        self._veil.setRect(QRectF(self.rect()))
        if not reason:
            self._reason.hide()
            return
        size = self._reason.show_text(
            reason,
            interface_font(10),
            ground=QColor(look.panel),
            ink=QColor(look.text),
            edge=QColor(look.hairline),
            padding=QPointF(14, 9),
            radius=9,
            room=max(80.0, min(560.0, self.width() - 60.0) - 28.0),
        )
        self._reason.setPos(
            QPointF(round((self.width() - size.width()) / 2), round((self.height() - size.height()) / 2))
        )

    def show_tip(self, text: str, mouse: QPointF) -> None:
        """Say what is under the mouse; empty hides it."""
        if not text:
            self._tip.hide()
            return
        look = theme()
        size = self._tip.show_text(
            text,
            code_font(9),
            ground=QColor(look.tooltip),
            ink=QColor(look.on_tooltip),
            padding=QPointF(9, 4.5),
            radius=6,
        )
        left = mouse.x() + 12
        if left + size.width() > self.width() - 4:
            left = mouse.x() - 12 - size.width()
        top = min(mouse.y() - size.height() - 6, self.height() - size.height() - 2)
        self._tip.setPos(QPointF(round(max(2.0, left)), round(max(2.0, top))))

    def show_focus(self, focused: bool) -> None:
        """Draw a thin frame around everything while the keyboard is here."""
        self._ring.setVisible(focused)
        self._ring.setPen(pg.mkPen(theme().color("accent", 0.5)))
        self._ring.setRect(QRectF(self.rect()).adjusted(0, 0, -1, -1))

    def exported(self, scale: float) -> QImage:
        """The picture with its cursor but without tooltip and focus, ``scale`` times as large as on screen."""
        from pyqtgraph.exporters import ImageExporter

        with self._for_a_file(pens=scale, detail=scale):
            exporter = ImageExporter(self.scene())
            exporter.parameters()["width"] = round(self.width() * scale)
            return QImage(exporter.export(toBytes=True))

    def exported_svg(self, detail: float) -> str:
        """The same as a drawing: text and lines stay text and lines, heat maps are images.

        Args:
            detail: how many pixels the images have for one of the screen.
        """
        from rnn_designer.ui.scopes.svg import drawn

        with self._for_a_file(detail=detail, exact=True):
            title = f"{self._picture.name}: {self._picture.main.shown.symbol}" if self._picture else ""
            return drawn(self.scene(), self.size(), theme().window, title)

    @contextmanager
    def _for_a_file(self, *, pens: float = 1.0, detail: float, exact: bool = False) -> Iterator[None]:
        """Everything as a file wants it, and as the screen wants it again afterwards."""
        picture, frame = self._picture, self._frame
        assert picture is not None
        assert frame is not None
        shown = [item for item in (self._tip, self._ring) if item.isVisible()]
        for item in shown:
            item.hide()
        self.draw(picture, self._units, frame, pens=pens, detail=detail, exact=exact)
        try:
            yield
        finally:
            self.draw(picture, self._units, frame)
            for item in shown:
                item.show()

    def _place(self, picture: Picture, frame: Frame) -> None:
        plot, window = frame.plot, frame.window
        self._time.setGeometry(plot)
        over = plot.adjusted(0, -3, 0, 1)
        self._over.setGeometry(over)
        set_rows(self._over, over.top(), over.bottom())
        self._axis.setGeometry(frame.axis)
        steps = max(1, picture.steps)
        self._time.setLimits(xMin=-0.5, xMax=steps - 0.5, minXRange=min(1.0, steps), maxXRange=steps)
        self._time.setXRange(window.first, window.last, padding=0)

    def _new_heat(self) -> HeatStrip:
        heat = HeatStrip()
        heat.view.setXLink(self._time)
        for item in heat.items:
            self.addItem(item)
        return heat

    def _draw_dots(self, picture: Picture, lines: QRectF, step: int) -> None:
        band, look = picture.main, theme()
        local = picture.local_step(band, step)
        found = [
            (float(band.values[local, unit]), color)
            for unit, color in self._units.items()
            if unit < band.units
        ]
        found = [(value, color) for value, color in found if math.isfinite(value)]
        self._dots.setData(
            x=np.full(len(found), step),
            y=[
                lines.bottom() - (value - band.low) / (band.high - band.low) * lines.height()
                for value, _ in found
            ],
            brush=[pg.mkBrush(color) for _, color in found],
            pen=pg.mkPen(look.window, width=1.5),
        )

    def _draw_mask(self, picture: Picture, frame: Frame) -> None:
        masked = picture.masked
        if masked is None:
            self._mask.hide()
            for card in self._words:
                card.hide()
            return
        look = theme()
        color = QColor(look.hairline)
        shade = np.zeros((1, len(masked), 4), dtype=np.uint8)
        shade[0, masked] = (color.red(), color.green(), color.blue(), round(255 * _SHADE_OPACITY))
        show_image(self._mask, shade, QRectF(-0.5, 0, picture.steps, 1))
        stretch = picture.steps / len(masked)
        borders = np.flatnonzero(np.diff(np.concatenate([[False], masked, [False]]).astype(np.int8)))
        wide = []
        for first, last in borders.reshape(-1, 2).tolist():
            left = max(frame.plot.left(), frame.x(first * stretch - 0.5))
            right = min(frame.plot.right(), frame.x(last * stretch - 0.5))
            if right - left > _MASKED_LABEL_FROM:
                wide.append((left + right) / 2)
        clear = QColor(0, 0, 0, 0)
        for card, middle in zip(at_least(self._words, len(wide), self._new_card), wide, strict=True):
            size = card.show_text("masked", interface_font(LABELS), ground=clear, ink=QColor(look.muted))
            card.setPos(QPointF(middle, frame.plot.center().y()) - size.center())
        for card in self._words[len(wide) :]:
            card.hide()

    def _draw_badges(self, picture: Picture, frame: Frame) -> None:
        look = theme()
        wrong = [
            (band, rect, band.nan_since)
            for band, rect in zip(picture.bands, frame.bands, strict=False)
            if band.nan_since is not None
        ]
        for card, (band, rect, since) in zip(
            at_least(self._badges, len(wrong), self._new_card), wrong, strict=True
        ):
            step = math.floor(since * picture.steps / max(1, band.steps))
            size = card.show_text(
                _trouble(band, since, step),
                interface_font(LABELS, bold=True),
                ground=QColor(look.panel),
                ink=QColor(look.warning),
                edge=QColor(look.warning),
                padding=QPointF(8, 3),
            )
            left = max(rect.left() + 4, min(frame.x(step) + 4, rect.right() - size.width() - 4))
            top = rect.top() + max(0.0, min(5.0, (rect.height() - size.height()) / 2))
            card.setPos(QPointF(round(left), round(top)))
        for card in self._badges[len(wrong) :]:
            card.hide()

    def _new_card(self) -> Card:
        card = Card(BADGES)
        self.addItem(card)
        return card


def _trouble(band: Band, since: int, step: int) -> str:
    word = "NaN" if np.isnan(band.values[since]).any() else "Infinite"
    return f"{word} since step {step}"
