"""What every test shares: Qt without a screen, quiet TensorFlow, the time of each directory, and no silent failure."""

import os
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Before anything imports NumPy, TensorFlow or Qt.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")


import pytest
from hypothesis import HealthCheck, settings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

# A slow, busy machine is no failure: neither a slow example nor slow making of examples counts as one. The examples
# are the same in every run; ``--hypothesis-profile=search`` looks for others.
settings.register_profile("search", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("steady", settings.get_profile("search"), derandomize=True)
settings.load_profile("steady")

PATIENCE = 120_000
"""How long a state is waited for, in milliseconds, before it counts as never reached."""

TESTS = Path(__file__).parent
_seconds: defaultdict[str, float] = defaultdict(float)


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--long`` compares everything that is otherwise sampled."""
    parser.addoption("--long", action="store_true", help="compare every configuration, not a spread of them")


def _wants_real_windows(config: pytest.Config) -> bool:
    return any("end_to_end" in argument for argument in config.invocation_params.args)


def pytest_configure(config: pytest.Config) -> None:
    """Real windows only where they are asked for; everything else runs offscreen."""
    if not _wants_real_windows(config):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Windows on a screen and windows off it cannot share a process: end_to_end runs when it is named."""
    if collection_path == TESTS / "end_to_end" and not _wants_real_windows(config):
        return True
    return None


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count set-up, call and tear-down towards the test's directory."""
    parts = Path(report.nodeid.split("::", 1)[0]).parts
    _seconds["/".join(parts[:2])] += report.duration


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what each directory took."""
    terminalreporter.section("time of each directory")
    for directory, seconds in sorted(_seconds.items(), key=lambda item: -item[1]):
        terminalreporter.line(f"{seconds:8.1f} s  {directory}")


@pytest.fixture(autouse=True)
def own_settings(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test has settings, and runs of training, of its own, so that none sees the user's or another's."""
    folder = tmp_path_factory.mktemp("config")
    monkeypatch.setenv("RNN_DESIGNER_CONFIG", str(folder))
    monkeypatch.setenv("RNN_DESIGNER_RUNS", str(folder / "runs"))
    return folder


class PatientBot(QtBot):
    """Waits two minutes for a state where pytest-qt gives up after five seconds, which busy machines need."""

    def waitUntil(self, callback: Callable[[], object], *, timeout: int = PATIENCE) -> None:  # noqa: N802
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal: Any, *, timeout: int = PATIENCE, **options: Any) -> Any:  # noqa: N802
        return super().waitSignal(signal, timeout=timeout, **options)

    def waitExposed(self, widget: Any, *, timeout: int = PATIENCE) -> Any:  # noqa: N802
        return super().waitExposed(widget, timeout=timeout)


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    """Stand in for pytest-qt's own."""
    return PatientBot(request)
