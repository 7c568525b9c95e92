"""An activation function drawn small, from the catalog's own curve."""

import math
from collections.abc import Callable
from functools import cache

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from rnn_designer.catalog.parts import ACTIVATIONS
from rnn_designer.ui.theme import code_font, keeper, theme

_REACH = 4.0
_POINTS = 40
_WIDE_REACH = 6.0
_WIDE_POINTS = 240
_FLAT = 0.05
"""A slope below this share of the steepest counts as saturated."""
_LONG = 0.6


def curve_points(name: str | None, rect: QRectF) -> QPolygonF:
    """The curve of an activation over −4 … 4, fitted into a rectangle; none draws the straight line.

    Values beyond −2 … 4 are cut off, so that relu and its kin keep their bend in sight.
    """
    found = ACTIVATIONS.get(name) if name is not None else None
    values = []
    for place in range(_POINTS + 1):
        x = -_REACH + 2 * _REACH * place / _POINTS
        y = found.curve(x) if found is not None else x
        values.append(max(-2.0, min(_REACH, y)) if math.isfinite(y) else 0.0)
    low, high = min(values), max(values)
    span = high - low or 1.0
    return QPolygonF(
        [
            QPointF(
                rect.left() + rect.width() * place / _POINTS,
                rect.bottom() - rect.height() * ((value - low) / span if high > low else 0.5),
            )
            for place, value in enumerate(values)
        ]
    )


def paint_curve(painter: QPainter, rect: QRectF, name: str | None) -> None:
    """Paint the curve in the accent colour."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme().color("accent"), 1.5))
    painter.drawPolyline(curve_points(name, rect))


def _value(name: str | None, x: float) -> float:
    found = ACTIVATIONS.get(name) if name is not None else None
    y = found.curve(x) if found is not None else x
    return y if math.isfinite(y) else 0.0


@cache
def saturated(name: str | None) -> tuple[tuple[float, float], ...]:
    """Where an activation hardly answers to its input, as ranges of x within −6 … 6.

    There its slope is below a twentieth of the steepest one (of 1, where that is steeper), so a change of what
    comes in hardly changes what goes out.
    """
    width = 2 * _WIDE_REACH / _WIDE_POINTS
    places = [-_WIDE_REACH + width * (step + 0.5) for step in range(_WIDE_POINTS)]
    slopes = [abs(_value(name, x + width / 2) - _value(name, x - width / 2)) / width for x in places]
    limit = _FLAT * min(1.0, max(slopes))
    ranges: list[tuple[float, float]] = []
    for x, slope in zip(places, slopes, strict=True):
        if slope >= limit:
            continue
        low, high = x - width / 2, x + width / 2
        if ranges and math.isclose(ranges[-1][1], low, abs_tol=width / 4):
            ranges[-1] = (ranges[-1][0], high)
        else:
            ranges.append((low, high))
    # Around a kink, a step or a lowest point it is flat as well, but not for long.
    return tuple(each for each in ranges if each[1] - each[0] > _LONG)


def saturation_words(name: str | None) -> str:
    """Where an activation saturates and what that means, as sentences; empty if it does nowhere."""
    words = []
    for low, high in saturated(name):
        if low <= -_WIDE_REACH + 0.01:
            words.append(f"below {_number(high)}")
        elif high >= _WIDE_REACH - 0.01:
            words.append(f"above {_number(low)}")
        else:
            words.append(f"between {_number(low)} and {_number(high)}")
    if not words:
        return ""
    where = " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
    return (
        f"Saturated (shaded) {where}: there the slope is below a twentieth of its steepest, so the "
        "unit hardly answers to what comes in, and training hardly moves the weights before it."
    )


def _number(value: float) -> str:
    return f"{round(value, 1) + 0.0:g}".replace("-", "−")


def curve_image(name: str | None, width: int, height: int, ratio: float = 1.0) -> QImage:
    """The curve over −6 … 6 with its axes, the saturated ranges shaded; sizes in device-independent pixels."""
    image = QImage(round(width * ratio), round(height * ratio), QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    values = [
        max(-2.0, min(_REACH, _value(name, -_WIDE_REACH + 2 * _WIDE_REACH * step / _WIDE_POINTS)))
        for step in range(_WIDE_POINTS + 1)
    ]
    low, high = min(0.0, *values), max(0.0, *values)
    if high - low < 1e-9:
        low, high = -1.0, 1.0
    room = QRectF(30, 8, width - 38, height - 28)

    def x_of(x: float) -> float:
        return room.left() + room.width() * (x + _WIDE_REACH) / (2 * _WIDE_REACH)

    def y_of(y: float) -> float:
        return room.bottom() - room.height() * (y - low) / (high - low)

    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for start, end in saturated(name):
        band = QRectF(x_of(start), room.top(), x_of(end) - x_of(start), room.height())
        painter.fillRect(band, theme().color("warning", 0.13))
    _paint_axes(painter, room, (low, high), x_of, y_of)
    painter.setPen(QPen(theme().color("accent"), 2))
    painter.drawPolyline(
        QPolygonF(
            [
                QPointF(room.left() + room.width() * step / _WIDE_POINTS, y_of(value))
                for step, value in enumerate(values)
            ]
        )
    )
    painter.end()
    return image


def _paint_axes(
    painter: QPainter,
    room: QRectF,
    limits: tuple[float, float],
    x_of: Callable[[float], float],
    y_of: Callable[[float], float],
) -> None:
    look = theme()
    painter.setPen(QPen(look.color("faint"), 1))
    painter.drawLine(QPointF(room.left(), y_of(0)), QPointF(room.right(), y_of(0)))
    painter.drawLine(QPointF(x_of(0), room.top()), QPointF(x_of(0), room.bottom()))
    painter.setFont(code_font(8))
    painter.setPen(look.color("muted"))
    middle, right = Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight
    for x in (-_WIDE_REACH, -3.0, 0.0, 3.0, _WIDE_REACH):
        place = min(max(x_of(x), room.left() + 8), room.right() - 8)
        painter.drawText(QRectF(place - 20, room.bottom() + 3, 40, 14), int(middle), _number(x))
    for y in dict.fromkeys((*limits, 0.0)):
        painter.drawText(
            QRectF(0, y_of(y) - 7, room.left() - 5, 14),
            int(right | Qt.AlignmentFlag.AlignVCenter),
            _number(y),
        )


class CurveDelegate(QStyledItemDelegate):
    """Rows of a list of activations, each with its curve at the right; ``none`` is the straight line."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Room for the curve beside the name."""
        size = super().sizeHint(option, index)
        return QSize(size.width() + 44, max(size.height(), 22))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint the name, then the curve."""
        super().paint(painter, option, index)
        text = str(index.data(Qt.ItemDataRole.DisplayRole) or "")
        # Generated stubs of PySide6 do not know the fields of style options.
        rect = QRectF(getattr(option, "rect"))  # noqa: B009
        painter.save()
        paint_curve(
            painter,
            QRectF(rect.right() - 38, rect.center().y() - 6, 30, 12),
            text if text in ACTIVATIONS else None,
        )
        painter.restore()


class CurvePreview(QWidget):
    """The curve of the chosen activation, lying over the right of its field; clicks go through it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._name: str | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFixedSize(34, 16)
        keeper().changed.connect(self.update)

    def show_activation(self, name: str | None) -> None:
        """Draw another one."""
        if name != self._name:
            self._name = name
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        painter = QPainter(self)
        paint_curve(painter, QRectF(2, 2, 30, 12), self._name)
        painter.end()
