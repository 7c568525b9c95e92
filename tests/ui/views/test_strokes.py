"""Long paths: roughly at once, in full after a few turns."""

from typing import Any

import numpy as np
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from rnn_designer.session.playback import Playback
from rnn_designer.ui.views.space import TIME, Space
from rnn_designer.ui.views.space_paths import Paths

STEPS = 30_000


def far_out() -> np.ndarray:
    """A small loop that is left once, for a single step that a rough picture skips."""
    turn = np.linspace(0, 40 * np.pi, STEPS)
    places = np.stack([np.cos(turn), np.sin(turn), 0 * turn], axis=-1).astype(np.float32)
    places[20_011] = (4.0, 3.0, 0.0)
    return places[np.newaxis]


def colored(image: QImage, at: Any) -> bool:
    """Whether anything is painted within a pixel of a place."""
    ground = image.pixel(3, image.height() // 3)
    x, y = (round(each) for each in at)
    return any(image.pixel(x + dx, y + dy) != ground for dx in (-1, 0, 1) for dy in (-1, 0, 1))


def test_that_a_long_path_is_there_at_once_and_complete_soon_after(qtbot: QtBot) -> None:
    playback = Playback()
    space = Space(playback)
    qtbot.addWidget(space)
    space.resize(500, 320)
    places = far_out()
    space.show_paths(Paths(places, (0,), ("a", "b", "c")), TIME)
    with qtbot.waitExposed(space):
        space.show()
    way = space.pixels((places[0, 20_010] + places[0, 20_011]) / 2)
    loop = space.pixels(places[0, 100])
    space.turn(0, 0)
    rough = space.grab().toImage()
    assert space._strokes.busy
    assert colored(rough, loop)
    qtbot.waitUntil(lambda: not space._strokes.busy, timeout=60_000)
    full = space.grab().toImage()
    assert colored(full, loop)
    assert colored(full, way)
    assert not colored(rough, way)
    playback.deleteLater()


def test_that_a_picture_begun_is_left_where_another_is_wanted(qtbot: QtBot) -> None:
    playback = Playback()
    space = Space(playback)
    qtbot.addWidget(space)
    space.resize(500, 320)
    space.show_paths(Paths(far_out(), (0,), ("a", "b", "c")), TIME)
    with qtbot.waitExposed(space):
        space.show()
    space.grab()
    assert space._strokes.busy
    few = far_out()[:, :50]
    space.show_paths(Paths(few, (0,), ("a", "b", "c")), TIME)
    image = space.grab().toImage()
    assert not space._strokes.busy
    assert colored(image, space.pixels(few[0, 25]))
    playback.deleteLater()
