"""The surface of the scopes: takes mouse and keyboard, and hands what is to be seen to a pyqtgraph chart.

NumPy and pyqtgraph must not be imported before the window shows, so the chart is made when the first picture is here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from rnn_designer.session.playback import Playback
from rnn_designer.ui.scopes.frame import Frame, Window, framed
from rnn_designer.ui.scopes.grid import Grid, gridded
from rnn_designer.ui.theme import keeper, theme

if TYPE_CHECKING:
    from rnn_designer.ui.scopes.chart import Chart
    from rnn_designer.ui.scopes.picture import Picture

_DRAG_FROM = 4.0
_ZOOM_STEP = 1.25
_EXPORT_SCALE = 2.0
"""Pixels of a saved picture for one on screen: it is to look well in print."""


class ScopePlot(QWidget):
    """Shows one :class:`Picture` and moves the shared cursor.

    Signals:
        unit_toggled(unit): a row of the heat map was clicked.
        unit_moved(rows, add): the arrow keys ask for the unit that many rows further down, instead of the last one or
            besides it.
        window_changed(window): another part of the time axis is in view.
        samples_toggled(): one sample instead of all is wanted, or all instead of one.
        point_pressed(place): a drag up or down began there, which may take a point of the input.
        point_dragged(place): it moved on, after :meth:`take_point`.
        point_left(done): it was let go; False if Esc takes the drag back.
        menu_wanted(place): the right button was clicked there, or None: the keyboard asks what can be done.
        unit_opened(place): all about the unit there is wanted, or, with None, about the one chosen last.
        find_wanted(): a unit is to be searched for.
    """

    unit_toggled = Signal(int)
    unit_moved = Signal(int, bool)
    window_changed = Signal(object)
    samples_toggled = Signal()
    menu_wanted = Signal(object)
    unit_opened = Signal(object)
    find_wanted = Signal()
    point_pressed = Signal(QPointF)
    point_dragged = Signal(QPointF)
    point_left = Signal(bool)

    def __init__(self, playback: Playback, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._playback = playback
        self._picture: Picture | None = None
        self._units: dict[int, QColor] = {}
        self._window = Window.whole(0)
        self._chart: Chart | None = None
        self._behind = False
        self._mouse: QPointF | None = None
        self._pressed: QPointF | None = None
        self._panned_from: tuple[Qt.MouseButton, float, Window] | None = None
        self._dragging = False
        self._point_taken = False
        self.hint: Callable[[QPointF], str] = lambda _place: ""
        """What the tooltip adds at a place where something can be dragged."""
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
            if self._chart is not None:
                self._chart.show_veil(faded, reason)

    def show_window(self, window: Window) -> None:
        """Zoom and pan the time axis."""
        if window != self._window:
            self._window = window
            self._redraw()
            self.window_changed.emit(window)

    def frame_now(self) -> Frame:
        """Where everything is at the present size."""
        picture = self._picture
        grid = picture is not None and bool(picture.samples)
        return framed(
            self.width(),
            self.height(),
            self._window,
            bands=len(picture.bands) if picture and not grid else 1,
            series=picture is not None and picture.series is not None and not grid,
            lines=bool(self._units) and not grid,
            axis=picture is None or not picture.flat,
            rows=picture.main.units if picture else 1,
        )

    def grid_now(self) -> Grid | None:
        """Where every sample is; None while one is shown."""
        picture = self._picture
        if picture is None or not picture.samples:
            return None
        return gridded(self.frame_now().plot, len(picture.samples), picture.sample, self._window)

    def text_at(self, position: QPointF) -> str:
        """What the tooltip says there: "step 57 · unit 31 · h = 0.83"; empty where nothing is drawn."""
        picture = self._picture
        if picture is None:
            return ""
        from rnn_designer.ui.scopes.reading import reading

        return reading(picture, self.frame_now(), position, self._units, self._playback.step)

    def exported(self) -> QImage:
        """The picture with its cursor but without tooltip, at twice the screen's resolution; null without one."""
        return (
            QImage() if self._chart is None or self._picture is None else self._chart.exported(_EXPORT_SCALE)
        )

    def exported_svg(self) -> str:
        """The same as an SVG drawing; empty without one."""
        return "" if self._chart is None or self._picture is None else self._chart.exported_svg(_EXPORT_SCALE)

    def prepare(self) -> Chart:
        """Make the chart, which takes a moment the first time."""
        if self._chart is None:
            from rnn_designer.ui.scopes.chart import Chart

            self._chart = Chart(self)
            self._chart.setGeometry(self.rect())
            self._chart.setVisible(self._picture is not None)
        return self._chart

    def take_point(self) -> None:
        """From now on, until the button is let go, the mouse drags a point of the input and not the cursor."""
        self._point_taken = True

    def _upwards(self, place: QPointF) -> bool:
        """Whether a drag begins that goes up or down rather than along the time axis, and takes a point."""
        start = self._pressed
        if start is None or self._dragging:
            return False
        across, along = abs(place.y() - start.y()), abs(place.x() - start.x())
        if across <= max(_DRAG_FROM, along):
            return False
        self.point_pressed.emit(start)
        if self._point_taken:
            self._pressed = None
        return self._point_taken

    def _leave_point(self, done: bool) -> None:
        self._point_taken = False
        self.point_left.emit(done)

    def unit_at(self, position: QPointF) -> int | None:
        """The unit whose row of the first heat map, or of any of its siblings, is there."""
        picture = self._picture
        if picture is None or picture.flat or picture.samples:
            return None
        from rnn_designer.ui.scopes.reading import row_at

        found = row_at(picture, self.frame_now(), position)
        return None if found is None or found[1] >= picture.main.units else found[1]

    def unit_seen_at(self, position: QPointF) -> int | None:
        """The unit that is seen there in any way, also as a line, by its name, or in one of many samples."""
        picture = self._picture
        if picture is None:
            return None
        from rnn_designer.ui.scopes.reading import unit_at

        found = unit_at(picture, self.frame_now(), position, self._units)
        return None if found is None or found[1] >= picture.main.units else found[1]

    def _redraw(self) -> None:
        self._behind = not self.isVisible()
        if self._behind:
            return
        if self._picture is None:
            if self._chart is not None:
                self._chart.hide()
            self.update()
            return
        chart = self.prepare()
        chart.draw(self._picture, self._units, self.frame_now())
        chart.show_veil(self._faded, self._reason)
        chart.show_focus(self.hasFocus())
        chart.show()
        self._show_cursor()
        self._show_tip()
        chart.settle()

    def _show_cursor(self) -> None:
        if self._chart is not None and self._picture is not None:
            self._chart.show_cursor(self._playback.step if self._playback.steps else None)

    def _show_tip(self) -> None:
        if self._chart is not None:
            mouse = None if self._panned_from is not None else self._mouse
            text = "" if mouse is None else self.text_at(mouse)
            hint = self.hint(mouse) if text and mouse is not None else ""
            if mouse is not None and self._panned_from is None:
                upright = bool(hint) or self._point_taken
                self.setCursor(Qt.CursorShape.SizeVerCursor if upright else Qt.CursorShape.ArrowCursor)
            self._chart.show_tip(text + hint, mouse or QPointF())

    def _step_changed(self, step: int) -> None:
        if self._playback.playing or self.hasFocus():
            self.show_window(self._window.showing(step))
        self._show_cursor()

    def _go_to(self, place: QPointF) -> None:
        grid = self.grid_now()
        if grid is not None:
            cell = grid.cell_at(self._pressed or place)
            if cell is not None and cell.plot.top() <= (self._pressed or place).y():
                self._playback.go_to(grid.nearest_step(cell, place.x()))
        elif self._picture is not None and not self._picture.flat:
            from rnn_designer.ui.scopes.reading import on_pictures

            if not on_pictures(self._picture, self.frame_now(), self._pressed or place):
                self._playback.go_to(self.frame_now().nearest_step(place.x()))

    def _show_sample(self, position: QPointF) -> None:
        grid = self.grid_now()
        if grid is not None:
            cell = grid.cell_at(position)
            if cell is not None:
                self._playback.show_sample(cell.sample)
        elif self._picture is not None and self._picture.flat:
            from rnn_designer.ui.scopes.bars import sample_at

            sample = sample_at(self._picture, self.frame_now().plot, position)
            if sample is not None:
                self._playback.show_sample(sample)

    def _pixels_per_step(self) -> float:
        """How many pixels a step takes."""
        grid = self.grid_now()
        return grid.scale(grid.cells[0]) if grid is not None and grid.cells else self.frame_now().scale

    def _step_at(self, position: QPointF) -> float:
        """The step at a point, with its fraction."""
        grid = self.grid_now()
        cell = grid.cell_at(position) if grid is not None else None
        if grid is not None and cell is not None:
            return grid.step(cell, position.x())
        return self.frame_now().step(position.x()) if grid is None else float(self._playback.step)

    # Qt's own

    def sizeHint(self) -> QSize:
        """As high as the picture in the interface's drawing."""
        return QSize(900, 250)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The background, as long as there is no chart over it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme().window))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place everything anew."""
        super().resizeEvent(event)
        if self._chart is not None:
            self._chart.setGeometry(self.rect())
        self._redraw()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what came while it was hidden."""
        super().showEvent(event)
        if self._behind:
            self._redraw()

    def changeEvent(self, event: QEvent) -> None:
        """Draw for the resolution of another screen."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._redraw()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show that keys work here."""
        super().focusInEvent(event)
        if self._chart is not None:
            self._chart.show_focus(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Keys work elsewhere."""
        super().focusOutEvent(event)
        if self._chart is not None:
            self._chart.show_focus(False)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Left: move the cursor. Middle or right, or left on the axis of a zoomed plot: pan."""
        self._toggled = None
        place = event.position()
        beside = not self.frame_now().plot.contains(place) and not self._window.is_whole
        if event.button() == Qt.MouseButton.LeftButton and not beside:
            self._pressed = place
            self._dragging = False
            # The step first: another sample can turn the page of cells.
            self._go_to(place)
            self._show_sample(place)
        elif self._panned_from is None:
            self._panned_from = (event.button(), place.x(), self._window)
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the cursor, pan, or show what is under the mouse."""
        self._mouse = event.position()
        if self._point_taken:
            self.point_dragged.emit(self._mouse)
        elif self._panned_from is not None:
            _button, start, window = self._panned_from
            self.show_window(window.moved((start - self._mouse.x()) / self._pixels_per_step()))
        elif self._pressed is not None and self._upwards(event.position()):
            self.point_dragged.emit(self._mouse)
        elif self._pressed is not None:
            self._dragging |= abs(event.position().x() - self._pressed.x()) > _DRAG_FROM
            self._go_to(event.position())
        self._show_tip()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click without a drag on a heat map chooses the unit of that row, or no longer; a right one offers holds."""
        if self._point_taken and event.button() == Qt.MouseButton.LeftButton:
            self._leave_point(True)
        elif self._panned_from is not None and event.button() == self._panned_from[0]:
            button, start, _window = self._panned_from
            self._panned_from = None
            self.unsetCursor()
            if button == Qt.MouseButton.RightButton and abs(event.position().x() - start) <= _DRAG_FROM:
                self.menu_wanted.emit(event.position())
        elif self._pressed is not None and event.button() == Qt.MouseButton.LeftButton:
            dragged = self._dragging
            self._pressed = None
            self._dragging = False
            unit = None if dragged else self.unit_at(event.position())
            if unit is not None:
                self._toggled = unit
                self.unit_toggled.emit(unit)
        self._show_tip()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """All about the unit there; beside units the whole time axis again; a sample among all of them alone."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        grid = self.grid_now()
        if grid is not None:
            if grid.cell_at(event.position()) is not None:
                self.samples_toggled.emit()
            return
        if self.unit_seen_at(event.position()) is not None:
            self._toggled = None
            self.unit_opened.emit(event.position())
            return
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
            around = self._step_at(event.position())
            self.show_window(self._window.zoomed(_ZOOM_STEP ** (-upwards / 120), around))
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        """No mouse, no tooltip."""
        self._mouse = None
        self._show_tip()
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows step and choose units, Page Up and Down samples, S all of them, Space plays, + - 0 zoom, H holds.

        U or Enter shows all about the unit chosen last, / searches for units.
        """
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
            case Qt.Key.Key_PageUp:
                playback.show_sample(playback.sample - 1)
            case Qt.Key.Key_PageDown:
                playback.show_sample(playback.sample + 1)
            case Qt.Key.Key_S if event.modifiers() == Qt.KeyboardModifier.NoModifier:
                self.samples_toggled.emit()
            case Qt.Key.Key_Escape if self._point_taken:
                self._leave_point(False)
            case Qt.Key.Key_Menu | Qt.Key.Key_H:
                self.menu_wanted.emit(None)
            case Qt.Key.Key_U | Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.unit_opened.emit(None)
            case Qt.Key.Key_Slash:
                self.find_wanted.emit()
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self.show_window(self._window.zoomed(1 / _ZOOM_STEP, playback.step))
            case Qt.Key.Key_Minus:
                self.show_window(self._window.zoomed(_ZOOM_STEP, playback.step))
            case Qt.Key.Key_0:
                self.show_window(Window.whole(self._window.steps))
            case _:
                super().keyPressEvent(event)
