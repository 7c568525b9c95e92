"""A fake worker, designs to run in it, and the certainty that no test leaves a process or a timer behind."""

import gc
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QTimer

from rnn_designer.session import EngineProcess, Workspace
from rnn_designer.session.engine_process import role_command

FAKE = Path(__file__).with_name("fake_worker.py")


class FakeWorker:
    """Makes engines that run the fake worker, tells it how to behave, and reads what it was sent."""

    def __init__(self, folder: Path) -> None:
        self._script = folder / "behaviour.json"
        self.engines: list[EngineProcess] = []
        self.does()

    @property
    def command(self) -> list[str]:
        return [sys.executable, str(FAKE), str(self._script)]

    def does(self, **behaviours: str) -> None:
        """From now on: ``Build="hang"``, ``Run="abort"``, ``start="exit1"`` …; what is not named is answered."""
        part = self._script.with_suffix(".part")
        part.write_text(json.dumps(behaviours))
        os.replace(part, self._script)

    def engine(self, subject: str = "The engine") -> EngineProcess:
        engine = EngineProcess(command=self.command, subject=subject)
        self.engines.append(engine)
        return engine

    @staticmethod
    def is_alive(pid: int) -> bool:
        """Whether a process exists and is no zombie."""
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        except OSError:
            return False

    @property
    def requests(self) -> list[str]:
        """The types of the messages that arrived, in order, over all lives of the worker."""
        return [kind for kind, _run, _weights in self.log]

    @property
    def log(self) -> list[tuple[str, int, list[str]]]:
        path = Path(f"{self._script}.log")
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.fixture
def fake(tmp_path: Path, qapp: QCoreApplication) -> Iterator[FakeWorker]:
    worker = FakeWorker(tmp_path)
    yield worker
    for engine in worker.engines:
        engine.stop()


@pytest.fixture
def workspace(fake: FakeWorker) -> Iterator[Workspace]:
    """A workspace with the fake worker as its engine and its trainer, not started; its reader is the real one."""
    reader = EngineProcess(command=role_reader(), subject="The reader of data files")
    workspace = Workspace(engine=fake.engine(), reader=reader, trainer=fake.engine("The trainer"))
    fake.engines.append(reader)
    yield workspace
    workspace.close()
    workspace.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def role_reader() -> list[str]:
    """The reader, started as its own module, so that these tests need nothing of the program's start."""
    return [*role_command("reader")[:1], "-m", "rnn_designer.reader"]


@pytest.fixture(autouse=True)
def no_timer_left_running(qapp: QCoreApplication) -> Iterator[None]:
    yield
    gc.collect()
    running = [timer for timer in gc.get_objects() if isinstance(timer, QTimer) and _active(timer)]
    assert not running, f"timers still run: {[timer.parent() for timer in running]}"


def _active(timer: QTimer) -> bool:
    try:
        return timer.isActive()
    except RuntimeError:  # Qt has deleted it already.
        return False
