"""Paints paths whose steps have labels, such as the class that a sample belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QColor, QPainter, QPen

from rnn_designer.ui.colors import mixed
from rnn_designer.ui.polygons import draw_line
from rnn_designer.ui.theme import theme
from rnn_designer.ui.views.space_paths import Paths, runs

if TYPE_CHECKING:
    from rnn_designer.ui.views.space_paths import Numbers


def label_color(paths: Paths, label: float) -> str:
    """The colour of a label, by its place among all that there are; a faint one for NaN, which is none."""
    look = theme()
    if np.isnan(label):
        return look.faint
    return look.series[paths.told.index(int(label)) % len(look.series)]


def paint_labelled(
    painter: QPainter, paths: Paths, row: int, pixels: Numbers, steps: slice, strong: float, width: float
) -> None:
    """Draw a part of a path, each stretch of it in the colour of its label.

    Args:
        painter: on what.
        paths: all paths, with their labels.
        row: which of them.
        pixels: ``(steps, 2)``, its corners on the screen.
        steps: which steps these are.
        strong: how strong the colours are, 0 to 1.
        width: of the line.
    """
    labels = np.full(len(pixels), np.nan) if paths.labels is None else paths.labels[row, steps]
    changes = np.flatnonzero(np.diff(np.nan_to_num(labels, nan=-1.0))) + 1
    colors: dict[float, QColor] = {}
    for first, last in zip([0, *changes], [*changes, len(pixels)], strict=True):
        label = float(labels[first])
        if label not in colors:
            colors[label] = mixed(theme().window, label_color(paths, label), strong)
        painter.setPen(QPen(colors[label], width))
        # Up to the first step of the next label.
        part = pixels[first : last + 1]
        for run in runs(part, np.asarray(np.isfinite(part).all(axis=1))):
            draw_line(painter, run)
