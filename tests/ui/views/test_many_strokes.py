"""Thousands of dots and corners look as if each had been painted by itself."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from pytestqt.qtbot import QtBot

from rnn_designer.ui.polygons import draw_line, polygon, stretches
from rnn_designer.ui.views.dots import paint_dots


def painted(paint: Callable[[QPainter], None], ratio: float = 1.0) -> np.ndarray:
    """What is painted on white, ``(rows, columns, 4)``."""
    image = QImage(round(200 * ratio), round(160 * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint(painter)
    painter.end()
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4).astype(int)


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_that_many_dots_look_as_each_by_itself(qtbot: QtBot, ratio: float) -> None:
    places = np.random.default_rng(3).uniform((10, 10), (190, 150), size=(900, 2))
    color = QColor(30, 90, 200, 115)

    def one_by_one(painter: QPainter) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        for x, y in places.tolist():
            painter.drawEllipse(QPointF(x, y), 2.6, 2.6)

    many = painted(lambda painter: paint_dots(painter, places, 2.6, color), ratio)
    away = np.abs(many - painted(one_by_one, ratio))
    assert away.mean() < 2.5
    # They are as strong altogether.
    assert np.abs(many.mean(axis=(0, 1)) - painted(one_by_one, ratio).mean(axis=(0, 1))).max() < 2.5


def test_that_a_wide_line_in_parts_looks_as_one(qtbot: QtBot) -> None:
    x = np.linspace(5, 195, 300)
    places = np.column_stack([x, 80 + 50 * np.sin(x / 9)])

    def with_pen(painter: QPainter) -> QPainter:
        painter.setPen(QPen(QColor(20, 120, 60), 1.8))
        return painter

    whole = painted(lambda painter: with_pen(painter).drawPolyline(polygon(places)))
    parts = painted(lambda painter: draw_line(with_pen(painter), places))
    assert np.abs(whole - parts).mean() < 0.5


def test_that_a_polygon_has_its_corners_and_a_line_breaks_where_a_number_is_missing() -> None:
    places = np.array([[1.5, 2.0], [3.25, -4.0], [np.nan, 1.0], [5.0, np.inf], [6.0, 7.0]])
    parts = stretches(places)
    assert [part.tolist() for part in parts] == [[[1.5, 2.0], [3.25, -4.0]], [[6.0, 7.0]]]
    made = polygon(parts[0])
    assert [(each.x(), each.y()) for each in made.toList()] == [(1.5, 2.0), (3.25, -4.0)]
    assert polygon(np.zeros((0, 2))).size() == 0
