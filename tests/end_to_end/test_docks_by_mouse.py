"""Docks by a real mouse: torn off and put back by the free part of their row of tabs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint

from rnn_designer.paths import resource

Until = Callable[[Callable[[], object]], None]


@pytest.mark.parametrize("name", ["left", "right", "bottom_left", "bottom_right"])
def test_that_a_dock_is_torn_off_by_its_free_part_and_comes_back(
    name: str, open_window: Callable[[Path | None], Any], robot: Any, until: Until
) -> None:
    window = open_window(resource("examples", "sunspots.rnnd"))
    dock = getattr(window, name)
    header = dock.titleBarWidget()
    # The free part of the row: the first point from the right that no control of the row claims.
    free = next(
        point
        for point in (QPoint(x, header.height() // 2) for x in range(header.width() - 3, 0, -3))
        if header.childAt(point) is None
    )
    start = header.mapToGlobal(free)
    moved: list[bool] = []
    dock.topLevelChanged.connect(moved.append)
    robot.drag(start, window.canvas.mapToGlobal(window.canvas.rect().center()))
    # Where it lands is the window's business: it floats, or has gone to another side.
    until(lambda: True in moved)
    window.actions_table["reset_layout"].trigger()
    until(lambda: not dock.isFloating() and dock.isVisible())
