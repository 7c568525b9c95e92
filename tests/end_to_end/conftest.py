"""A screen of its own with a window manager, a robot hand on mouse and keyboard, and the real program in it."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

_processes: list[subprocess.Popen[bytes]] = []

PATIENCE = 180_000
"""Milliseconds that a state may take on a busy machine before the test gives up; nothing ever waits that long."""


def _start_screen() -> None:
    """An X server on a free display, before Qt looks for one."""
    if not shutil.which("Xvfb"):
        raise RuntimeError(
            "The end-to-end tests need Xvfb, openbox and xdotool: packaging/test installs them."
        )
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1920x1080x24", "-nolisten", "tcp"],
        pass_fds=(writing,),
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    _processes.append(server)
    with os.fdopen(reading) as pipe:
        display = pipe.readline().strip()
    if not display:
        raise RuntimeError("Xvfb did not start.")
    os.environ["DISPLAY"] = f":{display}"
    os.environ["QT_QPA_PLATFORM"] = "xcb"
    _processes.append(subprocess.Popen(["openbox"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))


if QApplication.instance() is None:
    _start_screen()


def pytest_unconfigure() -> None:
    """Take the screen away again."""
    for process in reversed(_processes):
        process.terminate()
        process.wait()


class Robot:
    """Moves the real mouse and presses real keys; Qt's event loop runs meanwhile, so nested loops (drags) work."""

    def __init__(self, qtbot: QtBot) -> None:
        self._qtbot = qtbot

    def do(self, *commands: str) -> None:
        """Run xdotool commands and wait until they are sent."""
        process = subprocess.Popen(["xdotool", *commands])
        self._qtbot.waitUntil(lambda: process.poll() is not None, timeout=PATIENCE)
        assert process.returncode == 0

    def click(self, point: QPoint, *, button: int = 1, times: int = 1) -> None:
        """Click at a global position."""
        self.do(
            *("mousemove", str(point.x()), str(point.y())), *("click", "--repeat", str(times), str(button))
        )

    def drag(self, start: QPoint, end: QPoint) -> None:
        """Press at one position, move to another in steps as a hand does, and release."""
        path: list[str] = []
        for part in range(1, 9):
            at = start + (end - start) * part / 8
            path += ["mousemove", str(at.x()), str(at.y()), "sleep", "0.03"]
        self.do("mousemove", str(start.x()), str(start.y()), "mousedown", "1", *path, "mouseup", "1")

    def type(self, text: str) -> None:
        """Type text."""
        self.do("type", "--delay", "20", text)

    def key(self, *keys: str) -> None:
        """Press keys or chords such as ``ctrl+z``, one after the other."""
        self.do("key", "--delay", "20", *keys)

    def click_widget(self, widget: QWidget) -> None:
        """Click in the middle of a widget."""
        self.click(widget.mapToGlobal(widget.rect().center()))


@pytest.fixture
def robot(qtbot: QtBot) -> Robot:
    """The hand."""
    return Robot(qtbot)


@pytest.fixture
def open_window(qtbot: QtBot, qapp: QApplication) -> Iterator[Callable[[Path | None], QWidget]]:
    """Open the program's real window, with its real worker, on a design."""
    from rnn_designer.ui.application import make_window

    opened = []

    def _open(path: Path | None = None) -> QWidget:
        window = make_window(path)
        opened.append(window)
        window.show()
        qtbot.waitExposed(window, timeout=PATIENCE)
        qtbot.waitUntil(window.isActiveWindow, timeout=PATIENCE)
        return window

    yield _open
    for window in opened:
        # What a test left unsaved is of no interest: the prompt has tests of its own.
        window.workspace.document.mark_saved(window.workspace.document.path or Path("unsaved.rnnd"))
        window.close()
        window.deleteLater()


@pytest.fixture
def until(qtbot: QtBot) -> Callable[[Callable[[], object]], None]:
    """Wait until something is true."""

    def _until(condition: Callable[[], object]) -> None:
        qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE)

    return _until
