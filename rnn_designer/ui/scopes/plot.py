"""The surface of the scopes: shows a picture, the time cursor over it, and what is under the mouse.

The still part is drawn once into an image (see ``drawing``); everything that moves is painted over it. The trap:
NumPy must not be imported before the first picture is here, so the drawing modules are imported where they are used.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from rnn_designer.session.playback import Playback
from rnn_designer.ui.scopes.frame import Frame, Window, framed
from rnn_designer.ui.theme import code_font, interface_font, keeper, theme

if TYPE_CHECKING:
    from rnn_designer.ui.scopes.picture import Picture

_DRAG_FROM = 4.0
_ZOOM_STEP = 1.25
_VEIL = 0.62


class ScopePlot(QWidget):
    """Draws one :class:`Picture` and moves the shared cursor.

    Signals:
        unit_toggled(unit): a row of the heat map was clicked.
        unit_moved(rows, add): the arrow keys ask for the unit that many rows further down, instead of the last one or
            besides it.
        window_changed(window): another part of the time axis is in view.
    """

    unit_toggled = Signal(int)
    unit_moved = Signal(int, bool)
    window_changed = Signal(object)

    def __init__(self, playback: Playback, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._playback = playback
        self._picture: Picture | None = None
        self._units: dict[int, QColor] = {}
        self._window = Window.whole(0)
        self._still: QPixmap | None = None
        self._mouse: QPointF | None = None
        self._pressed: QPointF | None = None
        self._panned_from: tuple[float, Window] | None = None
        self._dragging = False
        self._toggled: int | None = None
        self._faded = False
        self._reason = ""
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(220, 90)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setAccessibleName("Scope")
        playback.step_changed.connect(self._step_changed)
        keeper().changed.connect(self._redraw)

    @property
    def picture(self) -> Picture | None:
        """What is shown."""
        return self._picture

    @property
    def window_in_view(self) -> Window:
        """The steps in view."""
        return self._window

    @property
    def faded(self) -> bool:
        """Whether the picture is of an older design and shown so."""
        return self._faded

    @property
    def reason(self) -> str:
        """Why it is faded, as it stands over the picture; empty without a reason."""
        return self._reason

    def show_picture(self, picture: Picture | None, units: Mapping[int, QColor]) -> None:
        """Show another picture, or the same layer after another run; zoom and cursor stay."""
        if picture is not None and picture.steps != self._window.steps:
            self._window = self._window.fitted(picture.steps)
        self._picture = picture
        self._units = dict(units)
        self._redraw()

    def show_units(self, units: Mapping[int, QColor]) -> None:
        """Draw the lines of other units."""
        if dict(units) != self._units:
            self._units = dict(units)
            self._redraw()

    def set_veil(self, faded: bool, reason: str) -> None:
        """Fade the picture because it is out of date, and say why over it."""
        if (faded, reason) != (self._faded, self._reason):
            self._faded, self._reason = faded, reason
            self.update()

    def show_window(self, window: Window) -> None:
        """Zoom and pan the time axis."""
        if window != self._window:
            self._window = window
            self._redraw()
            self.window_changed.emit(window)

    def frame_now(self) -> Frame:
        """Where everything is at the present size."""
        picture = self._picture
        return framed(
            self.width(),
            self.height(),
            self._window,
            bands=len(picture.bands) if picture else 1,
            series=picture is not None and picture.series is not None,
            lines=bool(self._units),
            axis=picture is None or not picture.flat,
            rows=picture.main.units if picture else 1,
        )

    def text_at(self, position: QPointF) -> str:
        """What the tooltip says there: "step 57 · unit 31 · h = 0.83"; empty where nothing is drawn."""
        picture = self._picture
        if picture is None:
            return ""
        from rnn_designer.ui.scopes.reading import reading

        return reading(picture, self.frame_now(), position, self._units)

    def still(self) -> QPixmap:
        """The picture without cursor and tooltip, at the screen's resolution."""
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
        pixmap.setDevicePixelRatio(ratio)
        look = theme()
        pixmap.fill(QColor(look.window))
        if self._picture is None:
            return pixmap
        painter = QPainter(pixmap)
        if self._picture.flat:
            from rnn_designer.ui.scopes.bars import draw_bars

            draw_bars(painter, look, self._picture, self.frame_now().plot)
        else:
            from rnn_designer.ui.scopes.drawing import Drawing

            Drawing(painter, look, self._picture, self.frame_now(), self._units, ratio).draw()
        painter.end()
        return pixmap

    def unit_at(self, position: QPointF) -> int | None:
        """The unit whose row of the first heat map, or of any of its siblings, is there."""
        picture = self._picture
        if picture is None or picture.flat:
            return None
        from rnn_designer.ui.scopes.reading import row_at

        found = row_at(picture, self.frame_now(), position)
        return None if found is None or found[1] >= picture.main.units else found[1]

    def _redraw(self) -> None:
        self._still = None
        self.update()

    def _step_changed(self, step: int) -> None:
        if self._playback.playing or self.hasFocus():
            self.show_window(self._window.showing(step))
        self.update()

    def _go_to(self, x: float) -> None:
        if self._picture is not None and not self._picture.flat:
            self._playback.go_to(self.frame_now().nearest_step(x))

    def _show_sample(self, position: QPointF) -> None:
        if self._picture is not None and self._picture.flat:
            from rnn_designer.ui.scopes.bars import sample_at

            sample = sample_at(self._picture, self.frame_now().plot, position)
            if sample is not None:
                self._playback.show_sample(sample)

    # Painting

    def _paint_cursor(self, painter: QPainter, frame: Frame) -> None:
        picture = self._picture
        if picture is None or picture.flat or self._playback.steps == 0:
            return
        x = frame.x(self._playback.step)
        if not frame.plot.left() - 1 <= x <= frame.plot.right() + 1:
            return
        look = theme()
        place = round(x)
        line = QRectF(place - 1, frame.plot.top() - 3, 2, frame.plot.height() + 4)
        # A thin halo keeps the cursor apart from dark rows.
        painter.fillRect(line.adjusted(-1, 0, 1, 0), look.color("window", 0.55))
        painter.fillRect(line, QColor(look.text))
        if frame.lines is None:
            return
        band = picture.main
        step = picture.local_step(band, self._playback.step)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for unit, color in self._units.items():
            if unit >= band.units:
                continue
            value = float(band.values[step, unit])
            if math.isfinite(value):
                y = frame.lines.bottom() - (value - band.low) / (band.high - band.low) * frame.lines.height()
                painter.setPen(QPen(QColor(look.window), 1.5))
                painter.setBrush(color)
                painter.drawEllipse(QPointF(place, y), 4, 4)

    def _paint_tooltip(self, painter: QPainter) -> None:
        if self._mouse is None or self._panned_from is not None:
            return
        text = self.text_at(self._mouse)
        if not text:
            return
        look = theme()
        font = code_font(9)
        metrics = QFontMetricsF(font)
        wide, tall = metrics.horizontalAdvance(text) + 18, metrics.height() + 9
        left = self._mouse.x() + 12
        if left + wide > self.width() - 4:
            left = self._mouse.x() - 12 - wide
        top = max(2.0, min(self._mouse.y() - tall - 6, self.height() - tall - 2))
        pill = QRectF(max(2.0, left), top, wide, tall)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(look.tooltip))
        painter.drawRoundedRect(pill, 6, 6)
        painter.setFont(font)
        painter.setPen(QColor(look.on_tooltip))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_reason(self, painter: QPainter) -> None:
        look = theme()
        font = interface_font(10)
        metrics = QFontMetricsF(font)
        room = max(80.0, min(560.0, self.width() - 60.0))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        text = metrics.boundingRect(QRectF(0, 0, room - 28, self.height()), flags, self._reason)
        card = QRectF(0, 0, text.width() + 30, text.height() + 18)
        card.moveCenter(QRectF(self.rect()).center())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(look.hairline), 1))
        painter.setBrush(QColor(look.panel))
        painter.drawRoundedRect(card, 9, 9)
        painter.setFont(font)
        painter.setPen(QColor(look.text))
        painter.drawText(card.adjusted(12, 6, -12, -6), int(flags), self._reason)

    # Qt's own

    def sizeHint(self) -> QSize:
        """As high as the picture in the interface's drawing."""
        return QSize(900, 250)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The still image, then what moves."""
        if self._still is None or self._still.devicePixelRatio() != self.devicePixelRatioF():
            self._still = self.still()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._still)
        if self._picture is not None:
            self._paint_over(painter)
        painter.end()

    def _paint_over(self, painter: QPainter) -> None:
        # The cursor stays as sharp as ever: it belongs to the present, the picture under it may not.
        if self._faded:
            painter.fillRect(self.rect(), theme().color("window", _VEIL))
        self._paint_cursor(painter, self.frame_now())
        if self._reason:
            self._paint_reason(painter)
        self._paint_tooltip(painter)
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(QPen(theme().color("accent", 0.5), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw anew at the new size."""
        self._still = None
        super().resizeEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Left: move the cursor. Middle or right: pan."""
        self._toggled = None
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position()
            self._dragging = False
            self._go_to(event.position().x())
            self._show_sample(event.position())
        elif event.button() in (Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton):
            self._panned_from = (event.position().x(), self._window)
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the cursor, pan, or show what is under the mouse."""
        self._mouse = event.position()
        if self._panned_from is not None:
            start, window = self._panned_from
            self.show_window(window.moved((start - event.position().x()) / self.frame_now().scale))
        elif self._pressed is not None:
            self._dragging |= abs(event.position().x() - self._pressed.x()) > _DRAG_FROM
            self._go_to(event.position().x())
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click without a drag on a heat map chooses the unit of that row, or no longer."""
        if self._panned_from is not None and event.button() != Qt.MouseButton.LeftButton:
            self._panned_from = None
            self.unsetCursor()
        elif self._pressed is not None and event.button() == Qt.MouseButton.LeftButton:
            dragged = self._dragging
            self._pressed = None
            self._dragging = False
            unit = None if dragged else self.unit_at(event.position())
            if unit is not None:
                self._toggled = unit
                self.unit_toggled.emit(unit)
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show the whole time axis again; the first click's choice of a unit is taken back."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if self._toggled is not None:
            self.unit_toggled.emit(self._toggled)
            self._toggled = None
        self.show_window(Window.whole(self._window.steps))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Up and down zooms about the pointer, sideways (or with Shift) pans."""
        if self._picture is None or self._picture.flat:
            event.ignore()
            return
        sideways, upwards = event.angleDelta().x(), event.angleDelta().y()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            sideways, upwards = sideways or upwards, 0
        if abs(sideways) > abs(upwards):
            span = self._window.last - self._window.first
            self.show_window(self._window.moved(-sideways / 120 * span * 0.1))
        elif upwards:
            around = self.frame_now().step(event.position().x())
            self.show_window(self._window.zoomed(_ZOOM_STEP ** (-upwards / 120), around))
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        """No mouse, no tooltip."""
        self._mouse = None
        self.update()
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows step and choose units, Home and End go to the ends, Space plays, + and - zoom, 0 shows all."""
        playback = self._playback
        add = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        match event.key():
            case Qt.Key.Key_Left:
                playback.go_to(playback.step - (10 if add else 1))
            case Qt.Key.Key_Right:
                playback.go_to(playback.step + (10 if add else 1))
            case Qt.Key.Key_Home:
                playback.first()
            case Qt.Key.Key_End:
                playback.go_to(playback.steps - 1)
            case Qt.Key.Key_Space:
                playback.toggle()
            case Qt.Key.Key_Up:
                self.unit_moved.emit(-1, add)
            case Qt.Key.Key_Down:
                self.unit_moved.emit(1, add)
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self.show_window(self._window.zoomed(1 / _ZOOM_STEP, playback.step))
            case Qt.Key.Key_Minus:
                self.show_window(self._window.zoomed(_ZOOM_STEP, playback.step))
            case Qt.Key.Key_0:
                self.show_window(Window.whole(self._window.steps))
            case _:
                super().keyPressEvent(event)
