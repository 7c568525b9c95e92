"""The transport shows and moves the one cursor, and says plainly when there is nothing to play."""

from typing import Any

import pytest

from rnn_designer.ui.transport import Transport


@pytest.fixture
def transport(bench: Any) -> Transport:
    made = Transport(bench.workspace)
    bench.show(made, 900, 40)
    return made


def test_that_nothing_can_be_played_before_the_first_trace(transport: Transport) -> None:
    for each in (
        transport.first,
        transport.back,
        transport.play,
        transport.forward,
        transport.slider,
        transport.sample,
    ):
        assert not each.isEnabled()
    assert transport.text.text() == "no steps yet"


def test_that_the_cursor_and_the_buttons_move_each_other(
    transport: Transport, bench: Any, trace: Any
) -> None:
    bench.workspace.give(trace)
    playback = bench.workspace.playback
    transport.slider.setValue(17)
    assert playback.step == 17
    assert transport.text.text() == "step 17 of 60"
    transport.forward.click()
    transport.back.click()
    transport.back.click()
    assert transport.slider.value() == 16
    playback.go_to(40)
    assert transport.slider.value() == 40
    transport.first.click()
    assert playback.step == 0


def test_that_play_becomes_pause_and_back(transport: Transport, bench: Any, trace: Any) -> None:
    bench.workspace.give(trace)
    transport.play.click()
    assert bench.workspace.playback.playing
    assert transport.play.accessibleName() == "Pause"
    transport.play.click()
    assert not bench.workspace.playback.playing
    assert transport.play.accessibleName() == "Play"


def test_that_samples_count_from_0(transport: Transport, bench: Any, trace: Any) -> None:
    bench.workspace.give(trace)
    assert [transport.sample.itemText(each) for each in range(3)] == [
        f"Sample {each} of 3" for each in range(3)
    ]
    transport.sample.activated.emit(2)
    assert bench.workspace.playback.sample == 2
    bench.workspace.playback.show_sample(1)
    assert transport.sample.currentIndex() == 1


def test_that_a_batch_of_one_sample_is_named_too(transport: Transport, bench: Any) -> None:
    bench.workspace.playback.set_extent(20, 1)
    assert transport.sample.currentText() == "Sample 0 of 1"
    bench.workspace.playback.set_extent(0, 0)
    assert transport.sample.currentText() == "No samples yet"


def test_that_the_live_switch_follows_live_running_and_sets_it(transport: Transport, bench: Any) -> None:
    assert transport.live.isChecked()
    transport.live.click()
    assert not bench.workspace.live.enabled
    bench.workspace.live.set_enabled(True)
    assert transport.live.isChecked()


def test_that_a_cleared_trace_disables_playing_again(transport: Transport, bench: Any, trace: Any) -> None:
    bench.workspace.give(trace)
    bench.workspace.give(None)
    assert not transport.play.isEnabled()
    assert transport.sample.currentText() == "No samples yet"


def test_that_speed_and_loop_can_be_chosen(transport: Transport, bench: Any, trace: Any) -> None:
    bench.workspace.give(trace)
    playback = bench.workspace.playback
    assert transport.speed.text() == "1× ▾"
    transport.speed.choose(transport.speed.keys[0])
    assert (playback.speed, transport.speed.text()) == (5.0, "¼× ▾")
    for _ in range(9):
        playback.faster()
    assert (playback.speed, transport.speed.text()) == (80.0, "4× ▾")
    playback.slower()
    assert transport.speed.text() == "2× ▾"
    transport.loop.click()
    assert playback.loop
    playback.set_loop(False)
    assert not transport.loop.isChecked()
