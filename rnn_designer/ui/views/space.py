"""Paths through a space of three directions, painted flat or turned by the mouse."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPaintEngine,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from rnn_designer.session.playback import Playback
from rnn_designer.ui.colors import mixed
from rnn_designer.ui.polygons import draw_line
from rnn_designer.ui.theme import interface_font, keeper, theme
from rnn_designer.ui.views.space_labels import label_color, paint_labelled
from rnn_designer.ui.views.space_legend import paint_samples, paint_steps
from rnn_designer.ui.views.space_marks import paint_arrows, paint_points
from rnn_designer.ui.views.space_paths import Paths, Points, runs
from rnn_designer.ui.views.strokes import Stroke, Strokes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[Any]

TIME, SAMPLE, LABEL = "time", "sample", "label"
"""What the colour of a path tells."""

_MARGIN = 26.0
_CORNERS = 2000
_BINS = 24
_NEAR = 9.0
_FEW = 8
_TURN = math.radians(7.5)
_AT_FIRST = (math.radians(-35), math.radians(22))
_CLOSEST, _FARTHEST = 40.0, 0.5


class Space(QWidget):
    """Paints paths and points; a drag turns them where there are three directions, the wheel zooms.

    Signals:
        point_pressed(number): a fixed point was clicked.
    """

    point_pressed = Signal(int)

    def __init__(self, playback: Playback, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._playback = playback
        self._paths: Paths | None = None
        self._points: Points | None = None
        self._color = TIME
        self._deep = False
        self._yaw, self._pitch = _AT_FIRST
        self._zoom = 1.0
        self._marked = -1
        self._old = False
        self._grip: QPointF | None = None
        self._strokes = Strokes(self)
        self._pixels: Numbers | None = None
        self._fitted: tuple[float, Numbers] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Paths of the states")
        self.setAccessibleDescription(
            "Left and right step, Page Up and Down change the sample, Shift and arrows turn, plus, minus and 0 zoom."
        )
        keeper().changed.connect(self._anew)

    # What is shown

    @property
    def deep(self) -> bool:
        """Whether all three directions are seen."""
        return self._deep

    @property
    def angles(self) -> tuple[float, float]:
        """How far the picture is turned about the upright and the level axis, in radians."""
        return (self._yaw, self._pitch) if self._deep else (0.0, 0.0)

    @property
    def zoom(self) -> float:
        """How many times larger than fitted."""
        return self._zoom

    def show_paths(self, paths: Paths, color: str) -> None:
        """Paint these paths, coloured by :data:`TIME`, :data:`SAMPLE` or, where they have one, :data:`LABEL`."""
        self._paths, self._color = paths, color
        self._anew()

    def show_points(self, points: Points | None, *, old: bool = False) -> None:
        """Paint these fixed points; pale where they are of a run before."""
        self._points, self._old = points, old
        self._anew()

    def mark_point(self, number: int) -> None:
        """Ring one fixed point; −1 for none."""
        if number != self._marked:
            self._marked = number
            self._anew()

    def show_deep(self, deep: bool) -> None:
        """Show three directions or two."""
        self._deep = deep
        self._anew()

    def turn(self, yaw: float, pitch: float) -> None:
        """Turn the picture, in radians; it never stands on its head."""
        self._yaw = math.remainder(self._yaw + yaw, 2 * math.pi)
        self._pitch = max(-math.pi / 2, min(math.pi / 2, self._pitch + pitch))
        self._anew()

    def zoom_by(self, factor: float) -> None:
        """Come closer or go away."""
        self._zoom = max(_FARTHEST, min(_CLOSEST, self._zoom * factor))
        self._anew()

    def put_back(self) -> None:
        """The whole picture, turned as at first."""
        self._zoom = 1.0
        self._yaw, self._pitch = _AT_FIRST
        self._anew()

    def sizeHint(self) -> QSize:
        """A comfortable size."""
        return QSize(420, 260)

    def minimumSizeHint(self) -> QSize:
        """Enough to see something."""
        return QSize(120, 80)

    # From the space to the screen

    def turned(self, places: Numbers) -> Numbers:
        """The places as they are seen: to the right, up, towards the eye; ``(…, 3)``."""
        yaw, pitch = self.angles
        about_upright = np.array(
            [[math.cos(yaw), 0, math.sin(yaw)], [0, 1, 0], [-math.sin(yaw), 0, math.cos(yaw)]]
        )
        about_level = np.array(
            [[1, 0, 0], [0, math.cos(pitch), -math.sin(pitch)], [0, math.sin(pitch), math.cos(pitch)]]
        )
        seen: Numbers = np.asarray(places, dtype=np.float64) @ (about_level @ about_upright).T
        return seen

    def pixels(self, places: Numbers) -> Numbers:
        """Where places ``(…, 3)`` are on the widget, ``(…, 2)``."""
        scale, middle = self._fit()
        seen = self.turned(places)[..., :2] - middle
        centre = np.array([self.width() / 2, self.height() / 2])
        result: Numbers = centre + seen * np.array([scale, -scale])
        return result

    def _fit(self) -> tuple[float, Numbers]:
        """Pixels per unit of the space, and which place is in the middle."""
        if self._fitted is None:
            self._fitted = self._fit_anew()
        return self._fitted

    def _fit_anew(self) -> tuple[float, Numbers]:
        room = max(20.0, self.width() - 2 * _MARGIN), max(20.0, self.height() - 2 * _MARGIN)
        if self._paths is None:
            return 1.0, np.zeros(2)
        if self._paths.ends is None:
            return 1.0, np.zeros(2)
        low, high = self._paths.ends
        if self._points is not None and len(self._points.places):
            # A fixed point far away does not shrink the paths to a dot.
            reach = np.abs(self._points.places - (low + high) / 2) <= 1.5 * max(
                float((high - low).max()), 1e-12
            )
            near = self._points.places[reach.all(axis=1)]
            if len(near):
                low, high = np.minimum(low, near.min(axis=0)), np.maximum(high, near.max(axis=0))
        if self._deep:
            # The ball that holds everything, so that nothing grows or shrinks while it is turned.
            middle = (low + high) / 2
            corner = 0.0 if self._points is None else float(np.linalg.norm(high - low)) / 2
            size = 2 * max(self._paths.farthest_from(middle), corner)
            scale = min(room) / size if size > 0 else 1.0
            return scale * self._zoom, self.turned(middle)[:2]
        size = np.maximum(high - low, 1e-12)[:2]
        scale = float(min(room[0] / size[0], room[1] / size[1]))
        return scale * self._zoom, ((low + high) / 2)[:2]

    # Painting

    def _anew(self, *_: object) -> None:
        self._pixels = self._fitted = None
        self._strokes.forget()
        self.update()

    def resizeEvent(self, event: Any) -> None:
        """Fit anew."""
        super().resizeEvent(event)
        self._anew()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The paths from a picture of them, the cursor's marks above."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ratio = self.devicePixelRatioF()
        drawing = painter.paintEngine().type() == QPaintEngine.Type.SVG
        if drawing or painter.deviceTransform().m11() != ratio:
            for stroke in self._every_stroke():  # For a file, in its own resolution.
                stroke(painter)
        else:
            painter.drawPixmap(
                0, 0, self._strokes.picture(self.size(), ratio, self._few_strokes, self._every_stroke)
            )
        self._paint_cursor(painter)
        if self.hasFocus():
            painter.setPen(QPen(theme().color("accent", 0.6), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        painter.end()

    def _placed(self) -> Numbers:
        """The paths on the widget, ``(samples, steps, 2)``."""
        assert self._paths is not None
        if self._pixels is None:
            self._pixels = self.pixels(self._paths.places)
        return self._pixels

    def _few_strokes(self) -> list[Stroke]:
        """Paths of fewer corners, which are painted at once; empty where there are few anyway."""
        corners = 0 if self._paths is None else self._paths.places[..., 0].size
        return self._every_stroke(-(-corners // _CORNERS)) if corners > _CORNERS else []

    def _every_stroke(self, every: int = 1) -> list[Stroke]:
        """The picture part by part, with every so many steps of the paths."""
        if self._paths is None:
            return []
        found: list[Stroke] = [self._paint_axes]
        # The sample in view lies above the others.
        for row in sorted(range(len(self._paths.places)), key=self._in_view):
            most = min(_BINS if self._in_view(row) else _BINS // 3, max(1, self._paths.places.shape[1] - 1))
            bins = 1 if self._color == SAMPLE else most
            found += [
                partial(self._paint_part, row=row, number=number, bins=bins, every=every)
                for number in range(bins)
            ]
            found.append(partial(self._paint_start, row=row))
        return [*found, self._paint_arrows, self._paint_names, self._paint_points, self._paint_legend]

    def _in_view(self, row: int) -> bool:
        """Whether a path is that of the sample in view."""
        return self._paths is not None and self._paths.numbers[row] == self._playback.sample

    def path_color(self, row: int, share: float) -> QColor:
        """The colour of a path at a share of the time, 0 to 1."""
        assert self._paths is not None
        look = theme()
        if self._color == SAMPLE:
            return QColor(look.series[self._paths.numbers[row] % len(look.series)])
        if self._color == LABEL:
            return QColor(label_color(self._paths, self._paths.label_at(row, share)))
        return mixed(look.faint, look.violet, share)

    def _paint_part(self, painter: QPainter, row: int, number: int, bins: int, every: int) -> None:
        """One of the parts of a path that have a colour each."""
        assert self._paths is not None
        # Opaque lines of width 1 are painted many times faster than others.
        own = self._in_view(row)
        strong = 1.0 if own else max(0.45, min(0.8, 6 / len(self._paths.numbers)))
        first, last = (int((self._paths.places.shape[1] - 1) * each / bins) for each in (number, number + 1))
        # Up to the first corner of the next part.
        steps = slice(first, last + every if number + 1 < bins else last + 1, every)
        pixels, width = self.pixels(self._paths.places[row, steps]), 2.0 if own else 1.0
        if self._color == LABEL:
            paint_labelled(painter, self._paths, row, pixels, steps, strong, width)
            return
        color = self.path_color(row, (number + 0.5) / bins)
        painter.setPen(QPen(mixed(theme().window, color.name(), strong), width))
        for run in runs(pixels, np.asarray(np.isfinite(pixels).all(axis=1))):
            draw_line(painter, run)

    def _paint_start(self, painter: QPainter, row: int) -> None:
        """A ring where a path begins."""
        assert self._paths is not None
        own, there = self._paths.places[row], self._paths.there[row]
        if there.any():
            painter.setPen(QPen(self.path_color(row, 0.0), 1.2))
            painter.setBrush(theme().color("panel"))
            painter.drawEllipse(QPointF(*self.pixels(own[int(there.argmax())]).tolist()), 2.6, 2.6)

    def axis_ends(self) -> list[tuple[QPointF, QPointF, str, str]]:
        """Each direction's line on the widget through the mean, with its name and what is said of it."""
        if self._paths is None:
            return []
        scale, _ = self._fit()
        ends = []
        for number in range(3 if self._deep else 2):
            if not self._paths.axes[number]:
                continue
            reach = max(self._paths.reach(number), 30 / scale)
            line = np.zeros((2, 3))
            line[:, number] = -reach, reach
            (x1, y1), (x2, y2) = self.pixels(line).tolist()
            ends.append(
                (QPointF(x1, y1), QPointF(x2, y2), self._paths.axes[number], self._paths.tips[number])
            )
        return ends

    def _label_rect(self, end: QPointF, text: str) -> QRectF:
        """Where a direction's name stands: at its end, inside the widget."""
        wide = 5.6 * len(text) + 10
        x = max(2.0, min(end.x() - wide / 2, self.width() - wide - 2))
        # Below a level axis, so that it does not lie over what the axis ends at; above an upright one.
        level = abs(end.y() - self.height() / 2) < abs(end.x() - self.width() / 2)
        y = max(2.0, min(end.y() + (3 if level else -17), self.height() - 18.0))
        return QRectF(x, y, wide, 16)

    def _paint_axes(self, painter: QPainter) -> None:
        look = theme()
        for start, end, _, _ in self.axis_ends():
            painter.setPen(QPen(look.color("faint", 0.7), 1))
            painter.drawLine(start, end)

    def _paint_names(self, painter: QPainter) -> None:
        look = theme()
        painter.setFont(interface_font(8.5))
        for _, end, name, _ in self.axis_ends():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("window", 0.75))
            painter.drawRoundedRect(self._label_rect(end, name), 4, 4)
            painter.setPen(look.color("muted"))
            painter.drawText(self._label_rect(end, name), int(Qt.AlignmentFlag.AlignCenter), name)

    def _paint_arrows(self, painter: QPainter) -> None:
        paths = self._paths
        if paths is None or paths.arrows is None or not len(paths.arrows):
            return
        scale, _ = self._fit()
        length = 0.3 * min(self.width(), self.height()) / scale
        places = self.pixels(np.concatenate([np.zeros((1, 3)), paths.arrows * length]))
        paint_arrows(painter, places, paths.arrow_names, paths.arrow_colors)

    def _paint_points(self, painter: QPainter) -> None:
        if self._points is None or not len(self._points.places):
            return
        painter.setOpacity(0.4 if self._old else 1.0)
        paint_points(painter, self.pixels(self._points.places), self._points.stable, self._marked)
        painter.setOpacity(1.0)

    def _paint_legend(self, painter: QPainter) -> None:
        """Below on the left: what the colours mean."""
        assert self._paths is not None
        corner = QPointF(8.0, self.height() - 8.0)
        if self._color == TIME:
            shares = [number / (_BINS - 1) for number in range(_BINS)]
            colors = [self.path_color(0, share) for share in shares]
            paint_steps(painter, corner, self._paths.places.shape[1], colors)
        elif self._color == LABEL:
            labels = [(label, QColor(label_color(self._paths, label))) for label in self._paths.told]
            paint_samples(painter, corner, self.width() - 60.0, labels, self._paths.label_word)
        else:
            samples = [(number, self.path_color(row, 1.0)) for row, number in enumerate(self._paths.numbers)]
            paint_samples(painter, corner, self.width() - 60.0, samples)

    def _paint_cursor(self, painter: QPainter) -> None:
        """The cursor's step on every path, that of the sample in view larger."""
        if self._paths is None:
            return
        look, step = theme(), self._playback.step
        if not 0 <= step < self._paths.places.shape[1]:
            return
        here = self.pixels(self._paths.places[:, step]).tolist()
        for row in sorted(range(len(here)), key=self._in_view):
            x, y = here[row]
            if not (math.isfinite(x) and math.isfinite(y)):
                continue
            own = self._in_view(row)
            size = 6.0 if own else 4.0 if len(here) <= _FEW else 2.8
            painter.setPen(QPen(look.color("panel"), 1.5))
            painter.setBrush(look.color("accent") if own else look.color("text", 0.75))
            painter.drawEllipse(QPointF(x, y), size, size)

    # Mouse and keys

    def nearest(self, at: QPointF) -> tuple[int, int] | None:
        """The path (its row) and the step under a place on the widget; None where there is none near."""
        if self._paths is None or not self._paths.places.size:
            return None
        gaps = np.hypot(*(np.moveaxis(self._placed(), -1, 0) - np.array([at.x(), at.y()])[:, None, None]))
        gaps = np.where(np.isfinite(gaps), gaps, np.inf)
        row, step = np.unravel_index(int(np.argmin(gaps)), gaps.shape)
        return (int(row), int(step)) if gaps[row, step] <= _NEAR else None

    def point_at(self, at: QPointF) -> int | None:
        """The fixed point under a place on the widget."""
        if self._points is None or not len(self._points.places):
            return None
        gaps = np.hypot(*(self.pixels(self._points.places) - np.array([at.x(), at.y()])).T)
        nearest = int(np.argmin(gaps))
        return nearest if gaps[nearest] <= _NEAR else None

    def reading(self, at: QPointF) -> str:
        """What is said of a place on the widget: a fixed point, a direction, or a state."""
        point = self.point_at(at)
        if point is not None and self._points is not None:
            return self._points.tips[point]
        for _, end, name, tip in self.axis_ends():
            if self._label_rect(end, name).contains(at):
                return tip
        found = self.nearest(at)
        if found is None or self._paths is None:
            return ""
        row, step = found
        place = self._paths.places[row, step]
        said = ", ".join(f"{value:.3g}".replace("-", "−") for value in place[: 3 if self._deep else 2])
        return f"sample {self._paths.numbers[row]} · step {step} · at {said}\nClick to go there."

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose what is under the mouse, or begin to turn."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        at = event.position()
        point = self.point_at(at)
        if point is not None:
            self.point_pressed.emit(point)
            return
        found = self.nearest(at)
        if found is not None and self._paths is not None:
            self._playback.show_sample(self._paths.numbers[found[0]])
            self._playback.go_to(found[1])
        elif self._deep:
            self._grip = at
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Turn while the button is down; else say what is under the mouse."""
        at = event.position()
        if self._grip is not None:
            moved = at - self._grip
            self._grip = at
            self.turn(moved.x() * 0.01, moved.y() * 0.01)
            return
        # Without words this hides the tip.
        QToolTip.showText(event.globalPosition().toPoint(), self.reading(at), self)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._grip = None
        self.unsetCursor()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the middle."""
        self.zoom_by(1.0015 ** event.angleDelta().y())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows step, with Shift they turn; Page Up and Down change the sample; + − 0 zoom."""
        playback = self._playback
        turning = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier) and self._deep
        match event.key():
            case Qt.Key.Key_Left | Qt.Key.Key_Right if turning:
                self.turn(-_TURN if event.key() == Qt.Key.Key_Left else _TURN, 0.0)
            case Qt.Key.Key_Up | Qt.Key.Key_Down if turning:
                self.turn(0.0, -_TURN if event.key() == Qt.Key.Key_Up else _TURN)
            case Qt.Key.Key_Left:
                playback.back()
            case Qt.Key.Key_Right:
                playback.forward()
            case Qt.Key.Key_Home:
                playback.first()
            case Qt.Key.Key_End:
                playback.go_to(playback.steps - 1)
            case Qt.Key.Key_PageUp:
                playback.show_sample(playback.sample - 1)
            case Qt.Key.Key_PageDown:
                playback.show_sample(playback.sample + 1)
            case Qt.Key.Key_Space:
                playback.toggle()
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self.zoom_by(1.25)
            case Qt.Key.Key_Minus:
                self.zoom_by(0.8)
            case Qt.Key.Key_0:
                self.put_back()
            case _:
                super().keyPressEvent(event)
