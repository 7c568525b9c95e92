"""How the learning rate goes over a training, worked out in plain Python and drawn small."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from rnn_designer.catalog import Part
from rnn_designer.catalog.parts import part_type
from rnn_designer.ui.numbers import number
from rnn_designer.ui.theme import interface_font, keeper, theme

_POINTS = 160


def arguments(part: Part) -> dict[str, Any]:
    """Every argument of a schedule, those that Keras decides among them."""
    found = part_type("schedules", part.kind)
    defaults = {each.name: each.default for each in found.parameters} if found is not None else {}
    return {**defaults, **part.params}


def rate_at(schedule: Part | None, start: float, step: float) -> float | None:
    """The learning rate after so many batches.

    Args:
        schedule: a learning-rate schedule of the catalog; None for a constant one.
        start: where it starts from.
        step: how many batches are done.

    Returns:
        The rate; None for a schedule that is not known here.
    """
    if schedule is None:
        return start
    given = arguments(schedule)
    rule = _RULES.get(schedule.kind)
    try:
        return None if rule is None else rule(start, step, given)
    except (ArithmeticError, KeyError, TypeError, ValueError, IndexError):
        # An argument that is still missing, or out of range: the form says so beside it.
        return None


def _exponential(start: float, step: float, given: Mapping[str, Any]) -> float:
    share = step / given["decay_steps"]
    return float(start * given["decay_rate"] ** (math.floor(share) if given["staircase"] else share))


def _inverse(start: float, step: float, given: Mapping[str, Any]) -> float:
    share = step / given["decay_steps"]
    return float(start / (1 + given["decay_rate"] * (math.floor(share) if given["staircase"] else share)))


def _polynomial(start: float, step: float, given: Mapping[str, Any]) -> float:
    last, end = given["decay_steps"], given["end_learning_rate"]
    if given["cycle"]:
        last *= max(1, math.ceil(step / last))
    share = min(step, last) / last
    return float((start - end) * (1 - share) ** given["power"] + end)


def _cosine(start: float, step: float, given: Mapping[str, Any]) -> float:
    warm, target = given.get("warmup_steps") or 0, given.get("warmup_target")
    if target is not None and step < warm:
        return float(start + (target - start) * step / warm)
    top = start if target is None else target
    share = min((step - (warm if target is not None else 0)) / given["decay_steps"], 1.0)
    fall = 0.5 * (1 + math.cos(math.pi * share))
    return float(top * ((1 - given["alpha"]) * fall + given["alpha"]))


def _restarts(start: float, step: float, given: Mapping[str, Any]) -> float:
    share, grow = step / given["first_decay_steps"], given["t_mul"]
    if grow == 1:
        turn, within = math.floor(share), share % 1
    else:
        turn = math.floor(math.log(1 - share * (1 - grow)) / math.log(grow))
        begun = (1 - grow**turn) / (1 - grow)
        within = (share - begun) / grow**turn
    fall = 0.5 * given["m_mul"] ** turn * (1 + math.cos(math.pi * within))
    return float(start * ((1 - given["alpha"]) * fall + given["alpha"]))


def _pieces(_start: float, step: float, given: Mapping[str, Any]) -> float:
    place = sum(step > boundary for boundary in given["boundaries"])
    return float(given["values"][place])


_RULES = {
    "ExponentialDecay": _exponential,
    "InverseTimeDecay": _inverse,
    "PolynomialDecay": _polynomial,
    "CosineDecay": _cosine,
    "CosineDecayRestarts": _restarts,
    "PiecewiseConstantDecay": _pieces,
}


class ScheduleCurve(QWidget):
    """The learning rate from the first batch to the last, with its values at both ends."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values: tuple[float, ...] = ()
        self._words = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Learning rate over the training")
        keeper().changed.connect(self.update)

    @property
    def values(self) -> tuple[float, ...]:
        """The rates at even distances; empty where they cannot be told."""
        return self._values

    def show_schedule(self, schedule: Part | None, start: float, batches: int, epochs: int) -> None:
        """Draw a schedule.

        Args:
            schedule: of the catalog; None hides the curve.
            start: where it starts from.
            batches: how many there are in the whole training.
            epochs: how many these are.
        """
        steps = max(1, batches)
        found = (
            ()
            if schedule is None
            else tuple(rate_at(schedule, start, steps * place / _POINTS) for place in range(_POINTS + 1))
        )
        self._values = tuple(each for each in found if each is not None)
        if len(self._values) != len(found):
            self._values = ()
        self._words = f"{steps:,} batches, {epochs} epochs" if epochs != 1 else f"{steps:,} batches, 1 epoch"
        self.setVisible(bool(self._values))
        if self._values:
            self.setToolTip(
                f"From {number(self._values[0])} to {number(self._values[-1])}, least "
                f"{number(min(self._values))}, over {self._words}"
            )
            self.setAccessibleDescription(self.toolTip())
        self.update()

    def sizeHint(self) -> QSize:
        """A small strip."""
        return QSize(200, 58)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The curve, its ends, and what lies below it."""
        if not self._values:
            return
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(interface_font(8.5))
        metrics = painter.fontMetrics()
        first, last = number(self._values[0]), number(self._values[-1])
        left, right = metrics.horizontalAdvance(first) + 6, metrics.horizontalAdvance(last) + 6
        area = QRectF(self.rect()).adjusted(left, 3, -right, -17)
        painter.fillRect(area, look.color("field"))
        top = max(*self._values, 1e-30)
        low = min(0.0, *self._values)

        def y_of(value: float) -> float:
            return area.bottom() - 2 - (value - low) / (top - low) * (area.height() - 4)

        points = [
            QPointF(area.left() + area.width() * place / (len(self._values) - 1), y_of(value))
            for place, value in enumerate(self._values)
        ]
        painter.setPen(QPen(look.color("accent"), 1.6))
        painter.drawPolyline(QPolygonF(points))
        painter.setPen(look.color("muted"))
        for words, value, place, side in (
            (first, self._values[0], QRectF(0, 0, left - 4, 14), Qt.AlignmentFlag.AlignRight),
            (last, self._values[-1], QRectF(area.right() + 4, 0, right, 14), Qt.AlignmentFlag.AlignLeft),
        ):
            place.moveTop(min(max(y_of(value) - 7, 0), area.bottom() - 12))
            painter.drawText(place, int(side | Qt.AlignmentFlag.AlignVCenter), words)
        below = QRectF(area.left(), area.bottom() + 2, area.width(), 14)
        painter.drawText(below, int(Qt.AlignmentFlag.AlignCenter), self._words)
        painter.end()
