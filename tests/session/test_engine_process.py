"""One process behind messages: what the window sees when it answers, hangs, crashes or talks nonsense."""

import os
import signal
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from rnn_designer.messages import Build, Built, Failure, Message, Run, SaveWeights, Trace
from rnn_designer.session import EngineProcess, EngineState
from rnn_designer.session.engine_process import role_command
from rnn_designer.session.process_end import sentence_for_end

PATIENCE = 120_000


class Heard:
    """Every state and message of an engine, in order."""

    def __init__(self, engine: EngineProcess) -> None:
        self.states: list[EngineState] = []
        self.reasons: list[str] = []
        self.messages: list[Message] = []
        self._engine = engine
        engine.state_changed.connect(self._state)
        engine.received.connect(self.messages.append)

    def _state(self, state: EngineState) -> None:
        self.states.append(state)
        self.reasons.append(self._engine.reason)


def until(qtbot: QtBot, engine: EngineProcess, state: EngineState) -> None:
    qtbot.waitUntil(lambda: engine.state is state, timeout=PATIENCE)


def ready(qtbot: QtBot, engine: EngineProcess) -> None:
    engine.start()
    until(qtbot, engine, EngineState.READY)


def build(engine: EngineProcess) -> Build:
    return Build(engine.next_run(), "source", (), {}, 0)


def test_that_a_started_engine_becomes_ready_and_says_who_it_is(fake, qtbot: QtBot) -> None:
    engine = fake.engine()
    heard = Heard(engine)
    assert engine.state is EngineState.STOPPED
    assert "not been started" in engine.reason
    ready(qtbot, engine)
    assert heard.states == [EngineState.STARTING, EngineState.READY]
    assert engine.hello is not None
    assert engine.hello.pid == engine.pid
    assert engine.reason == ""


def test_that_a_request_makes_it_busy_until_the_answer(fake, qtbot: QtBot) -> None:
    engine = fake.engine()
    ready(qtbot, engine)
    heard = Heard(engine)
    request = build(engine)
    assert engine.send(request)
    assert engine.state is EngineState.BUSY
    until(qtbot, engine, EngineState.READY)
    answer = heard.messages[-1]
    assert isinstance(answer, Built)
    assert answer.run == request.run


def test_that_arrays_arrive_as_they_were_sent(fake, qtbot: QtBot) -> None:
    engine = fake.engine()
    heard = Heard(engine)
    ready(qtbot, engine)
    samples = np.arange(300_000, dtype=np.float32).reshape(3, -1, 1)
    engine.send(Run(engine.next_run(), {"signal": samples}))
    qtbot.waitUntil(lambda: any(isinstance(each, Trace) for each in heard.messages), timeout=PATIENCE)
    trace = heard.messages[-1]
    assert isinstance(trace, Trace)
    np.testing.assert_array_equal(trace.arrays["signal/input"], samples)


def test_that_nothing_is_sent_before_it_is_ready(fake, qtbot: QtBot) -> None:
    engine = fake.engine()
    assert not engine.send(build(engine))
    engine.start()
    assert not engine.send(build(engine))
    until(qtbot, engine, EngineState.READY)
    assert fake.requests == []


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("abort", "The engine was ended by signal 6 (it gave up on an internal error)."),
        ("kill", "The engine was ended by signal 9 (killed, perhaps because memory ran out)."),
        ("exit0", "The engine ended without a word in the middle of its work."),
        ("exit7", "The engine ended with code 7."),
        ("garbage", "The engine sent something that is no message and was ended."),
        ("huge", "The engine sent something that is no message and was ended."),
        ("close", "The engine ended without a word in the middle of its work."),
    ],
)
def test_that_an_engine_that_ends_in_its_work_is_explained_and_starts_again(
    fake, qtbot: QtBot, how: str, expected: str
) -> None:
    engine = fake.engine()
    ready(qtbot, engine)
    fake.does(Build=how)
    engine.send(build(engine))
    heard = Heard(engine)
    qtbot.waitUntil(lambda: EngineState.READY in heard.states, timeout=PATIENCE)
    assert heard.states == [EngineState.CRASHED, EngineState.STARTING, EngineState.READY]
    assert heard.reasons[0] == f"{expected} It starts again by itself."
    assert engine.last_end == expected


def test_that_an_engine_killed_from_outside_while_idle_comes_back(fake, qtbot: QtBot) -> None:
    engine = fake.engine()
    ready(qtbot, engine)
    heard = Heard(engine)
    os.kill(engine.pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: heard.states[-1:] == [EngineState.READY], timeout=PATIENCE)
    assert heard.states[0] is EngineState.CRASHED


def test_that_three_crashes_in_a_row_stop_it_until_it_is_restarted(fake, qtbot: QtBot) -> None:
    engine = fake.engine()
    heard = Heard(engine)
    fake.does(start="exit1")
    engine.start()
    until(qtbot, engine, EngineState.STOPPED)
    assert heard.states.count(EngineState.STARTING) == 3
    assert "3 times in a row" in engine.reason
    assert "Restart engine" in engine.reason
    fake.does()
    engine.restart()
    until(qtbot, engine, EngineState.READY)


def test_that_an_answer_forgives_earlier_crashes(fake, qtbot: QtBot) -> None:
    engine = fake.engine()
    ready(qtbot, engine)
    for _ in range(4):
        heard = Heard(engine)
        engine.send(build(engine))
        qtbot.waitUntil(lambda heard=heard: EngineState.READY in heard.states, timeout=PATIENCE)
        os.kill(engine.pid, signal.SIGKILL)
        qtbot.waitUntil(lambda heard=heard: heard.states.count(EngineState.READY) == 2, timeout=PATIENCE)
    assert engine.state is EngineState.READY


def test_that_an_engine_that_cannot_serve_stays_stopped_with_the_remedy(fake, qtbot: QtBot) -> None:
    engine = fake.engine()
    heard = Heard(engine)
    fake.does(Hello="unable")
    engine.start()
    until(qtbot, engine, EngineState.STOPPED)
    assert "pip install tensorflow" in engine.reason
    assert heard.states == [EngineState.STARTING, EngineState.STOPPED]
    assert isinstance(heard.messages[0], Failure)


def test_that_a_program_that_is_not_there_is_named(qtbot: QtBot) -> None:
    engine = EngineProcess(command=["/nowhere/python", "--worker"])
    engine.start()
    until(qtbot, engine, EngineState.STOPPED)
    assert "could not be started" in engine.reason
    assert "/nowhere/python" in engine.reason
    engine.stop()


def test_that_a_run_that_does_not_stop_when_asked_is_ended(fake, qtbot: QtBot) -> None:
    engine = fake.engine()
    ready(qtbot, engine)
    heard = Heard(engine)
    fake.does(Build="hang")
    request = build(engine)
    engine.send(request)
    qtbot.waitUntil(lambda: fake.requests == ["Build"], timeout=PATIENCE)
    engine.cancel(request.run)
    qtbot.waitUntil(lambda: heard.states[-1:] == [EngineState.READY], timeout=PATIENCE)
    assert "did not stop when asked" in heard.reasons[1]


def test_that_a_run_that_stops_when_asked_leaves_the_engine_alive(
    fake, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a busy machine even a worker that obeys may take more than the second that it has.
    monkeypatch.setattr("rnn_designer.session.engine_process._CANCEL_PATIENCE", PATIENCE)
    engine = fake.engine()
    ready(qtbot, engine)
    pid = engine.pid
    fake.does(Build="wait")
    request = build(engine)
    engine.send(request)
    engine.cancel(request.run)
    until(qtbot, engine, EngineState.READY)
    assert engine.pid == pid
    assert fake.requests == ["Build", "Cancel"]


def test_that_stopping_leaves_neither_process_nor_folder(fake, qtbot: QtBot) -> None:
    engine = fake.engine()
    ready(qtbot, engine)
    pid = engine.pid
    folder = Path(os.readlink(f"/proc/{pid}/cwd"))
    assert folder.is_dir()
    engine.stop()
    assert engine.state is EngineState.STOPPED
    assert not fake.is_alive(pid)
    assert not folder.exists()
    assert engine.pid == 0


def test_that_a_busy_engine_that_ignores_its_input_is_stopped_too(fake, qtbot: QtBot) -> None:
    engine = fake.engine()
    ready(qtbot, engine)
    fake.does(Build="hang")
    engine.send(build(engine))
    qtbot.waitUntil(lambda: fake.requests == ["Build"], timeout=PATIENCE)
    pid = engine.pid
    os.kill(pid, signal.SIGSTOP)
    started = time.monotonic()
    engine.stop()
    assert time.monotonic() - started < 60
    assert not fake.is_alive(pid)


def test_that_a_stopped_engine_can_be_started_again(fake, qtbot: QtBot) -> None:
    engine = fake.engine()
    ready(qtbot, engine)
    engine.stop()
    ready(qtbot, engine)
    engine.send(SaveWeights(engine.next_run()))
    until(qtbot, engine, EngineState.READY)


def test_that_restart_replaces_a_working_process(fake, qtbot: QtBot) -> None:
    engine = fake.engine()
    ready(qtbot, engine)
    pid = engine.pid
    engine.restart()
    qtbot.waitUntil(lambda: engine.state is EngineState.READY and engine.pid != pid, timeout=PATIENCE)


def test_that_a_message_too_large_for_a_frame_is_a_failure_and_not_a_crash(fake, qtbot: QtBot) -> None:
    engine = fake.engine()
    ready(qtbot, engine)
    heard = Heard(engine)
    engine.send(Run(engine.next_run(), {"signal": np.zeros(3, np.complex64)}))
    assert isinstance(heard.messages[-1], Failure)
    assert engine.state is EngineState.READY


def test_that_what_the_process_writes_to_its_error_stream_is_kept(fake, qtbot: QtBot) -> None:
    engine = fake.engine()
    ready(qtbot, engine)
    seen: list[str] = []
    engine.state_changed.connect(lambda _state: seen.append(engine.stderr_tail))
    fake.does(Build="exit5")
    engine.send(build(engine))
    qtbot.waitUntil(lambda: any("last words" in text for text in seen), timeout=PATIENCE)


def test_that_the_frozen_program_starts_itself_in_the_other_role(monkeypatch: pytest.MonkeyPatch) -> None:
    assert role_command("worker") == [sys.executable, "-m", "rnn_designer", "--worker"]
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert role_command("reader") == [sys.executable, "--reader"]


@pytest.mark.parametrize(
    ("code", "by_signal", "words"),
    [(11, True, "memory that is not its own"), (3, False, "code 3"), (0xC0000005, True, "0xc0000005")],
)
def test_that_every_end_has_a_sentence(code: int, by_signal: bool, words: str) -> None:
    assert words in sentence_for_end("The engine", code, by_signal)
