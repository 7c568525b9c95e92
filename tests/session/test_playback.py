"""The cursor over a trace, and the rest of what every plot shows at once."""

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from rnn_designer.session import Playback


@pytest.fixture
def playback(qapp: QObject) -> Playback:
    playback = Playback()
    playback.set_extent(4, 3)
    return playback


def test_that_cursor_and_sample_stay_within_the_trace(playback: Playback) -> None:
    playback.go_to(99)
    playback.show_sample(99)
    assert (playback.step, playback.sample) == (3, 2)
    playback.forward()
    assert playback.step == 3
    playback.first()
    playback.back()
    assert playback.step == 0
    playback.go_to(3)
    playback.set_extent(2, 1)
    assert (playback.step, playback.sample) == (1, 0)
    playback.set_extent(0, 0)
    assert (playback.step, playback.sample) == (0, 0)


def test_that_only_real_changes_are_announced(playback: Playback, qtbot: QtBot) -> None:
    playback.go_to(2)
    with qtbot.assertNotEmitted(playback.step_changed), qtbot.assertNotEmitted(playback.extent_changed):
        playback.go_to(2)
        playback.set_extent(4, 3)


def test_that_playing_ends_at_the_last_step(playback: Playback, qtbot: QtBot) -> None:
    playback.set_speed(200)
    playback.play()
    assert playback.playing
    qtbot.waitUntil(lambda: not playback.playing, timeout=120_000)
    assert playback.step == 3
    playback.toggle()
    assert playback.step == 0
    playback.pause()


def test_that_a_loop_starts_again(playback: Playback, qtbot: QtBot) -> None:
    steps: list[int] = []
    playback.step_changed.connect(steps.append)
    playback.set_speed(200)
    playback.set_loop(True)
    playback.play()
    qtbot.waitUntil(lambda: steps[:5] == [1, 2, 3, 0, 1], timeout=120_000)
    playback.pause()


def test_that_speed_has_limits(playback: Playback, qtbot: QtBot) -> None:
    playback.set_speed(1e9)
    assert playback.speed == 200
    playback.set_speed(0)
    assert playback.speed == 1
    with qtbot.waitSignal(playback.speed_changed) as heard:
        playback.set_speed(30)
    assert heard.args == [30]


def test_that_a_trace_of_one_step_cannot_be_played(playback: Playback) -> None:
    playback.play()
    playback.set_extent(1, 1)
    assert not playback.playing
    playback.play()
    assert not playback.playing


def test_that_chosen_units_are_shared_and_sorted(playback: Playback, qtbot: QtBot) -> None:
    assert playback.units("mem") == ()
    with qtbot.waitSignal(playback.units_changed) as heard:
        playback.choose_units("mem", [3, 1, 1, -1])
    assert heard.args == ["mem"]
    assert playback.units("mem") == (1, 3)
    with qtbot.assertNotEmitted(playback.units_changed):
        playback.choose_units("mem", (1, 3))
    playback.choose_units("mem", ())
    assert playback.units("mem") == ()


def test_that_pins_keep_their_order(playback: Playback, qtbot: QtBot) -> None:
    for layer in ("b", "a", "b"):
        playback.pin(layer)
    assert playback.pins == ("b", "a")
    playback.unpin("b")
    playback.keep(["c"])
    assert playback.pins == ()
    with qtbot.assertNotEmitted(playback.pins_changed):
        playback.unpin("b")


def test_that_a_reset_forgets_what_was_about_layers(playback: Playback) -> None:
    playback.pin("a")
    playback.choose_units("a", (1,))
    playback.go_to(2)
    playback.reset()
    assert (playback.pins, playback.units("a"), playback.step) == ((), (), 0)
