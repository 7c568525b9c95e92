"""What a cell's code can do to the worker, and what the window's side makes of it: one sentence, and it goes on.

The worker is the real one. It takes seconds to start, so all tests here share one workspace.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from rnn_designer.catalog import FrozenMap, Part
from rnn_designer.catalog.cell_templates import cell_templates
from rnn_designer.design import DataSource, Design, Layer, Link
from rnn_designer.messages import Build, Failure, Message, Trace
from rnn_designer.session import EngineProcess, EngineState, LiveStatus, Trust, Workspace

PATIENCE = 240_000
MINIMAL = cell_templates()[0].code
CALL = "        previous = states[0]\n"
INIT = "        self.units = units\n"
assert CALL in MINIMAL
assert INIT in MINIMAL


def with_code(code: str) -> Design:
    """Input → RNN with this cell → Dense, on a short sine."""
    arguments = Part("MinimalCell", FrozenMap(units=3))
    cell = Layer("cell", "CustomCell", "own_cell", FrozenMap(code=code, arguments=arguments))
    return Design(
        "faulty",
        (
            Layer("in", "Input", "signal", FrozenMap(shape=(None, 1))),
            Layer("rnn", "RNN", "memory", FrozenMap(return_sequences=True), children=(cell,)),
            Layer("out", "Dense", "readout", FrozenMap(units=1)),
        ),
        (Link("in", "rnn"), Link("rnn", "out")),
        FrozenMap({"in": DataSource("sine", batch_size=2, time_steps=6)}),
    )


def in_call(line: str) -> str:
    """The minimal cell with a line more at each step."""
    return MINIMAL.replace(CALL, f"{CALL}        {line}\n")


def in_init(line: str) -> str:
    """The minimal cell with a line more in its constructor."""
    return MINIMAL.replace(INIT, f"{INIT}        {line}\n")


class Running:
    """A workspace with a real worker, and all that was said on the way."""

    def __init__(self, folder: Path) -> None:
        self.trust = Trust(folder=folder)
        self.engine = EngineProcess()
        self.workspace = Workspace(engine=self.engine, trust=self.trust)
        self.live = self.workspace.live
        self.failures: list[Failure] = []
        self.traces: list[Trace] = []
        self.statuses: list[LiveStatus] = []
        self.states: list[EngineState] = []
        self.builds = 0
        self.live.failed.connect(self.failures.append)
        self.live.traced.connect(self.traces.append)
        self.live.status_changed.connect(self.statuses.append)
        self.engine.state_changed.connect(self.states.append)
        send = self.engine.send

        def counted(message: Message) -> bool:
            sent = send(message)
            self.builds += isinstance(message, Build) and sent
            return sent

        self.engine.send = counted  # type: ignore[method-assign]

    def show(self, code: str) -> None:
        """Open a design with this cell, which the user has looked at."""
        self.trust.allow(code)
        for said in (self.failures, self.traces, self.statuses, self.states):
            said.clear()
        self.builds = 0
        self.workspace.show(with_code(code))
        self.workspace.start()


@pytest.fixture(scope="module")
def shared(qapp: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("settings"))
    yield running
    running.workspace.close()
    running.workspace.deleteLater()


@pytest.fixture
def running(shared: Running, qtbot: QtBot) -> Iterator[Running]:
    """The workspace; afterwards it has to be able to run a sound cell."""
    shared.live.set_enabled(True)
    yield shared
    shared.show(MINIMAL)
    if shared.engine.state is EngineState.STOPPED:
        shared.engine.restart()
    qtbot.waitUntil(lambda: bool(shared.traces) and not shared.live.pending, timeout=PATIENCE)
    assert shared.live.trace is not None
    assert shared.live.trace.signal("cell", "state/h") is not None
    shared.live.set_enabled(False)
    shared.workspace.new()
    qtbot.waitUntil(lambda: not shared.live.pending, timeout=PATIENCE)


def failure_of(running: Running, qtbot: QtBot, code: str) -> Failure:
    """The one failure that this code ends in."""
    running.show(code)
    qtbot.waitUntil(lambda: bool(running.failures) and not running.live.pending, timeout=PATIENCE)
    assert len(running.failures) == 1
    (failure,) = running.failures
    assert running.live.status == LiveStatus(failure.sentence, problem=True)
    assert failure.sentence.endswith(".")
    assert "Traceback" not in failure.sentence
    return failure


LINE_OF_CALL = MINIMAL[: MINIMAL.index(CALL)].count("\n") + 2

SENTENCES = {
    "a wrong return": (
        MINIMAL.replace("return h, [h]", "return self.both(h)").replace(
            "    def get_config", "    def both(self, h):\n        return h, [h, h]\n\n    def get_config"
        ),
        "state",
    ),
    "a state of another size": (in_call("previous = ops.tile(previous, (1, 2))"), "of 6 and 3 features"),
    "sys.exit": (in_call("__import__('sys').exit(3)"), "ends the program"),
    "an exception": (in_call("raise RuntimeError('not today')"), f"line {LINE_OF_CALL}) fails: RuntimeError"),
    "an absurd allocation": (in_call("__import__('numpy').zeros(10**14, 'uint8')"), "memory"),
    "endless recursion": (in_call("self.call(inputs, states)"), "calls itself without end"),
}  # fmt: skip


@pytest.mark.parametrize(("code", "words"), SENTENCES.values(), ids=SENTENCES)
def test_that_faulty_code_ends_in_one_sentence_about_the_cell(
    running: Running, qtbot: QtBot, code: str, words: str
) -> None:
    failure = failure_of(running, qtbot, code)
    assert words in failure.sentence
    assert failure.layer in ("cell", "rnn")
    assert running.builds == 1
    assert EngineState.CRASHED not in running.states


@pytest.mark.parametrize(
    ("code", "stage"),
    [
        (in_call("while True: pass"), "Compiling the traced pass"),
        (in_init("while True: pass"), "Building the model"),
    ],
    ids=["in call", "in __init__"],
)
def test_that_an_endless_loop_is_busy_until_it_is_stopped_and_not_tried_again(
    running: Running, qtbot: QtBot, code: str, stage: str
) -> None:
    running.show(code)
    qtbot.waitUntil(lambda: stage in running.live.status.text, timeout=PATIENCE)
    assert running.live.status.busy
    assert running.engine.state is EngineState.BUSY
    running.live.cancel()
    # It answers nothing, so it is ended, and another one comes by itself.
    qtbot.waitUntil(lambda: EngineState.CRASHED in running.states, timeout=PATIENCE)
    qtbot.waitUntil(lambda: running.engine.state is EngineState.READY, timeout=PATIENCE)
    qtbot.waitUntil(lambda: not running.live.pending, timeout=PATIENCE)
    assert running.engine.last_end == "The engine did not stop when asked, so it was ended."
    qtbot.waitUntil(lambda: running.live.status == LiveStatus("Stopped."), timeout=PATIENCE)
    assert (running.builds, running.failures) == (1, [])


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("__import__('os')._exit(0)", "The engine ended without a word in the middle of its work."),
        ("__import__('os')._exit(7)", "The engine ended with code 7."),
        ("__import__('os').abort()", "it gave up on an internal error"),
        ("__import__('os').kill(__import__('os').getpid(), 9)", "The engine was ended by signal 9 (killed"),
        ("[os.write(each, b'x' * 64) for os in [__import__('os')] for each in pipes(os)]", "is no message"),
    ],
    ids=["exit 0", "exit 7", "abort", "killed", "garbage in every channel"],
)
def test_that_code_that_ends_the_worker_is_tried_twice_and_then_left_alone(
    running: Running, qtbot: QtBot, line: str, words: str
) -> None:
    pipes = (
        "\n\ndef pipes(os):\n"
        "    return [n for n in map(int, os.listdir('/proc/self/fd')) if n > 2 and is_pipe(os, n)]\n\n\n"
        "def is_pipe(os, n):\n"
        "    try:\n"
        "        writable = __import__('fcntl').fcntl(n, 3) & 3 == 1\n"
        "        return writable and os.readlink(f'/proc/self/fd/{n}').startswith('pipe')\n"
        "    except OSError:\n"
        "        return False\n\n\n"
    )
    code = in_call(line).replace("\n\n\n@keras", f"{pipes}@keras")
    running.show(code)
    qtbot.waitUntil(lambda: bool(running.failures) and not running.live.pending, timeout=PATIENCE)
    (failure,) = running.failures
    assert words in failure.sentence
    assert failure.sentence.endswith("so it is not run again before you change it.")
    given_up = LiveStatus(failure.sentence, problem=True)
    # The words are said as soon as the engine has ended; it comes back by itself, and nothing is run again.
    qtbot.waitUntil(
        lambda: running.engine.state is EngineState.READY and running.live.status == given_up,
        timeout=PATIENCE,
    )
    assert running.builds == 2
    assert running.states.count(EngineState.CRASHED) == 2


def test_that_what_code_prints_gets_into_no_frame(running: Running, qtbot: QtBot) -> None:
    line = "print('x' * 100_000); __import__('os').write(1, b'\\x00\\xff' * 1000)"
    running.show(in_call(line))
    qtbot.waitUntil(lambda: bool(running.traces) and not running.live.pending, timeout=PATIENCE)
    assert running.failures == []
    assert EngineState.CRASHED not in running.states


def test_that_the_worker_of_a_cell_is_another_process_than_this_one(running: Running, qtbot: QtBot) -> None:
    proof = "raise RuntimeError(f'run by {__import__(\"os\").getpid()}')"
    failure = failure_of(running, qtbot, in_call(proof))
    assert f"run by {running.engine.pid}" in failure.sentence
    assert running.engine.pid != os.getpid()
