"""The worker as the window meets it: a process that speaks frames."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy
import pytest
from standing_models import planned, program
from worker_process import PATIENCE, Process

from rnn_designer.messages import (
    Build,
    Built,
    Cancel,
    Failure,
    Hello,
    Run,
    Saved,
    SaveWeights,
    Trace,
)

PLAN = (planned("series", "Input"), planned("memory", "LSTM"))
SOURCE = program(
    [
        "print('a stray print')",
        "import os; os.write(1, b'a stray write'); print(os.read(0, 10))",
        "return keras.Sequential([keras.Input((None, 3), name='series'), layers.LSTM(4, name='memory')])",
    ]
)
SLEEP = program(["import time; time.sleep(3600)"])


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Process]:
    process = Process(tmp_path)
    with contextlib.closing(process):
        yield process


def test_that_a_worker_serves_whatever_a_source_prints_and_ends_with_its_input(
    worker: Process, tmp_path: Path
) -> None:
    hello = worker.receive()
    assert isinstance(hello, Hello)
    assert hello.pid == worker.process.pid
    assert set(hello.versions) >= {"keras", "tensorflow", "numpy"}
    series: Any = numpy.ones((2, 5, 3), "float32")
    worker.send(Build(1, SOURCE, PLAN, {}, 0))
    worker.send(Run(2, {"series": series}))
    worker.send(SaveWeights(3))
    built, trace, saved = worker.receive(), worker.receive(), worker.receive()
    assert isinstance(built, Built)
    assert isinstance(trace, Trace)
    assert isinstance(saved, Saved)
    assert trace.arrays["memory/state/c"].shape == (2, 5, 4)
    worker.send(Cancel(99))
    worker.send(Run(4, {}))
    failed = worker.receive()
    assert isinstance(failed, Failure)
    assert (failed.run, failed.layer) == (4, "#series")
    assert worker.end_input() == 0
    log = worker.log.read_text()
    assert "a stray print" in log
    assert "a stray write" in log
    assert "b''" in log
    assert [path.name for path in tmp_path.iterdir()] == ["log"]


def test_that_the_end_of_its_input_ends_a_worker_that_is_busy(worker: Process) -> None:
    assert isinstance(worker.receive(), Hello)
    worker.send(Build(1, SLEEP, PLAN, {}, 0))
    worker.wait_until_busy()
    assert worker.end_input() == 0


def test_that_a_worker_that_is_still_loading_ends_with_its_input(worker: Process) -> None:
    assert worker.end_input() == 0


def test_that_garbage_ends_the_worker_with_a_sentence_in_its_log(worker: Process) -> None:
    assert worker.process.stdin is not None
    worker.process.stdin.write(b"this is no frame")
    worker.process.stdin.flush()
    assert worker.process.wait(timeout=PATIENCE) == 3
    assert "The worker ends: Received a frame with a header of" in worker.log.read_text()


def test_that_importing_the_engine_leaves_qt_out() -> None:
    code = (
        "import sys, rnn_designer.engine.worker, rnn_designer.engine.serve;"
        "sys.exit(any(name.split('.')[0] in ('PySide6', 'shiboken6', 'pyqtgraph') for name in sys.modules))"
    )
    root = Path(__file__).parents[2]
    assert (
        subprocess.run([sys.executable, "-c", code], check=False, timeout=PATIENCE, cwd=root).returncode == 0
    )


def test_that_framing_and_messages_import_no_numpy() -> None:
    code = "import sys, rnn_designer.framing; sys.exit('numpy' in sys.modules)"
    root = Path(__file__).parents[2]
    assert (
        subprocess.run([sys.executable, "-c", code], check=False, timeout=PATIENCE, cwd=root).returncode == 0
    )
