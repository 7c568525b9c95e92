"""Live generation: begun, watched while it grows, restarted by edits, stopped."""

import runpy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from rnn_designer.design import Design, Generation, edits
from rnn_designer.messages import Trace
from rnn_designer.session import Workspace
from rnn_designer.session.generating import Continuation, spelled

HELPERS = runpy.run_path(str(Path(__file__).with_name("test_live_run.py")))
Watched, a_design = HELPERS["Watched"], HELPERS["a_design"]
PATIENCE = 120_000


def generating(**settings: object) -> Design:
    """Samples of 12 steps, of which 8 are continued by 6 unless told otherwise."""
    return replace(a_design(), generation=Generation(**{"steps": 6, "prefix": 8, **settings}))  # type: ignore[arg-type]


@pytest.fixture
def watched(workspace: Workspace, qtbot: QtBot):
    return Watched(workspace, qtbot)


def until(watched, ready) -> None:
    watched.qtbot.waitUntil(ready, timeout=PATIENCE)


def test_that_growing_traces_are_shown_one_after_another(watched, fake) -> None:
    extents = []
    watched.live.traced.connect(lambda _trace: extents.append(watched.workspace.playback.steps))
    watched.show(generating())
    until(watched, lambda: bool(watched.traces) and not watched.traces[-1].to_come)
    watched.until_idle()
    assert fake.requests == ["Build", "Generate"]
    assert [each.to_come for each in watched.traces] == [5, 4, 3, 2, 1, 0]
    assert {each.generated for each in watched.traces} == {8}
    assert extents == [9, 10, 11, 12, 13, 14]
    said = [each.text for each in watched.statuses]
    assert "generated 2 of 6 steps" in said
    assert watched.live.status.text == "traced 2 layers × 14 steps in 6.0 ms"
    assert not watched.live.stale


def test_that_a_cursor_at_the_end_follows_what_is_generated(watched) -> None:
    watched.show(a_design())
    watched.until_traced()
    playback = watched.workspace.playback
    playback.go_to(11)
    watched.workspace.document.apply(edits.set_generation(Generation(6, 12)), "Generate")
    until(watched, lambda: playback.steps == 18)
    assert playback.step == 17
    playback.go_to(3)
    watched.workspace.document.apply(edits.set_generation(Generation(7, 12)), "Longer")
    until(watched, lambda: playback.steps == 19)
    assert playback.step == 3


def test_that_other_settings_ask_for_no_new_build(watched, fake) -> None:
    watched.show(generating())
    watched.until_traced()
    watched.workspace.document.apply(edits.set_generation(Generation(9, 4)), "Longer")
    until(watched, lambda: watched.workspace.playback.steps == 13)
    watched.until_idle()
    assert fake.requests == ["Build", "Generate", "Generate"]
    assert "steps=" in watched.live.source.text


def test_that_temperature_and_seed_count_for_token_models_only(watched, fake) -> None:
    watched.show(generating())
    watched.until_traced()
    watched.workspace.document.apply(edits.set_generation(Generation(6, 8, temperature=0.5, seed=4)), "Draw")
    watched.until_idle()
    assert fake.requests == ["Build", "Generate"]
    assert not watched.live.stale


def test_that_an_edit_ends_the_generation_of_the_older_design(watched, fake) -> None:
    fake.does(Generate="begin")
    watched.show(generating())
    until(watched, lambda: len(watched.traces) == 2)
    fake.does()
    watched.workspace.document.apply(edits.set_parameter("mem", "units", 5), "Set units")
    until(watched, lambda: watched.traces[-1].to_come == 0)
    watched.until_idle()
    assert fake.requests == ["Build", "Generate", "Cancel", "Build", "Generate"]
    assert not watched.live.stale
    assert not watched.failures


def test_that_a_growing_trace_of_the_present_design_is_not_stale(watched, fake) -> None:
    fake.does(Generate="begin")
    watched.show(generating())
    until(watched, lambda: len(watched.traces) == 2)
    # It looks again at what is wanted, and finds nothing else.
    watched.live._schedule()
    until(watched, lambda: not watched.live._timer.isActive())
    assert not watched.live.stale
    assert fake.requests == ["Build", "Generate"]
    watched.live.cancel()
    watched.until_idle()


def test_that_stop_keeps_what_was_generated_until_then(watched, fake) -> None:
    fake.does(Generate="begin")
    watched.show(generating())
    until(watched, lambda: len(watched.traces) == 2)
    watched.live.cancel()
    watched.until_idle()
    assert watched.live.trace.to_come == 4
    assert (watched.live.stale, watched.failures) == (False, [])
    fake.does()
    watched.live.run_now()
    until(watched, lambda: watched.live.trace.to_come == 0)
    assert fake.requests == ["Build", "Generate", "Cancel", "Generate"]


def test_that_samples_are_read_again_when_generation_is_switched_off(watched, fake) -> None:
    watched.show(generating())
    watched.until_traced()
    watched.workspace.document.apply(edits.set_generation(None), "Stop generating")
    until(watched, lambda: watched.live.trace.generated is None)
    assert (watched.workspace.playback.steps, watched.live.stale) == (12, False)
    watched.workspace.document.undo()
    until(watched, lambda: watched.live.trace.generated == 8)


def test_that_a_design_that_cannot_generate_is_traced_as_it_is(watched, fake) -> None:
    design = generating()
    watched.show(edits.set_parameter("out", "units", 3)(design))
    watched.until_traced()
    assert fake.requests == ["Build", "Run"]
    assert watched.live.trace.generated is None


def test_that_the_prefix_is_cut_and_the_room_is_for_all_steps() -> None:
    continued = Continuation("in", Generation(steps=90, prefix=3))
    samples = {"signal": np.arange(20, dtype="float32").reshape(2, 5, 2)}
    message = continued.message(7, samples, growing=True)
    np.testing.assert_array_equal(message.inputs["signal"], samples["signal"][:, :3])
    assert (message.run, message.steps, message.every) == (7, 90, 2)
    assert continued.message(7, samples, growing=False).every == 0
    assert continued.whole(samples)["signal"].shape == (2, 93, 2)


@pytest.mark.parametrize(
    ("ids", "unit", "text"),
    [
        ([1, 2, 1], "characters", "the,the"),
        ([1, 3, 2, 1, 4, 3, 5], "words", "the sea, the (sea)"),
        ([1, 9, -1], "words", "the ‹9› ‹-1›"),
        ([], "words", ""),
    ],
)
def test_that_tokens_are_spelled_as_text(ids: list[int], unit: str, text: str) -> None:
    assert spelled(ids, ("‹padding›", "the", ",", "sea", "(", ")"), unit) == text


def test_that_an_edit_before_the_first_step_lets_the_engine_come_to_it(watched, fake, monkeypatch) -> None:
    # Compiling takes longer than the second after which an engine that is asked to stop is ended.
    fake.does(Generate="hang")
    watched.show(generating())
    until(watched, lambda: fake.requests == ["Build", "Generate"])
    asked = []
    monkeypatch.setattr(watched.workspace.engine, "cancel", asked.append)
    watched.workspace.document.apply(edits.set_parameter("mem", "units", 5), "Set units")
    until(watched, lambda: watched.live.stale or watched.live._patience.isActive())
    assert asked == []
    flight = watched.live._flight
    watched.live._take(Trace(flight.run, {}, {}, 0.01, 8, to_come=5))
    assert asked == [flight.run]
    assert watched.traces == []
