"""Fixtures of the window's tests: a workspace whose engine never starts, made-up traces, and guards against leaks."""

import gc
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import getCppPointer

from rnn_designer.messages import Trace
from rnn_designer.ui.clipboard import hand_over


def _flush() -> None:
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    QCoreApplication.processEvents()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture(autouse=True)
def no_leaks(qapp: QApplication) -> Iterator[None]:
    """Fail the test that leaves a window, a running timer or a thread behind, and name what it left."""
    windows_before = set(map(_address, QApplication.topLevelWidgets()))
    threads_before = set(threading.enumerate())
    yield
    _flush()
    gc.collect()
    _flush()
    windows: list[QWidget] = [
        each
        for each in QApplication.topLevelWidgets()
        if _address(each) not in windows_before and not _is_qt_own(each)
    ]
    timers = [each for window in windows for each in window.findChildren(QTimer) if each.isActive()]
    threads = [each for each in threading.enumerate() if each not in threads_before]
    left = [f"{type(each).__name__} “{each.objectName()}”" for each in (*windows, *timers)]
    left += [f"thread {each.name}" for each in threads]
    for each in windows:
        each.close()
        each.deleteLater()
    _flush()
    assert not left, f"left behind: {', '.join(left)}"


def _address(widget: QWidget) -> int:
    """Which widget it is for Qt: Python forgets a widget that only Qt holds, and its id goes to another object."""
    return getCppPointer(widget)[0]


def _is_qt_own(widget: QWidget) -> bool:
    """Qt keeps a tool-tip label and the popups of combo boxes for itself."""
    return type(widget).__name__ in {"QTipLabel", "QComboBoxPrivateContainer"} or widget.parent() is not None


@pytest.fixture(autouse=True)
def nothing_held(qapp: QApplication) -> Iterator[None]:
    """Let go of every key and button: offscreen, what a test's last event had held down is held in the next test."""
    yield
    QTest.mouseRelease(QWidget(), Qt.MouseButton.LeftButton)
    assert QApplication.keyboardModifiers() == Qt.KeyboardModifier.NoModifier
    assert QApplication.mouseButtons() == Qt.MouseButton.NoButton


@pytest.fixture(scope="session", autouse=True)
def clipboard_outlives_python(qapp: QApplication) -> Iterator[None]:
    """The tests' application never quits as the program does, so what is copied is handed over here."""
    yield
    hand_over()


@pytest.fixture(autouse=True)
def exceptions_in_slots_fail(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An exception in a slot only prints by default; here it fails the test that caused it."""
    seen: list[BaseException] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda args: seen.append(args.exc_value))
    yield
    assert not seen, f"raised where nobody catches: {seen!r}"


@pytest.fixture
def workspace(qapp: QApplication) -> Iterator[Any]:
    """A workspace on an empty design; its engine is never started."""
    from rnn_designer.session import Workspace

    made = Workspace()
    yield made
    made.close()
    made.deleteLater()
    _flush()


@pytest.fixture
def selection(qapp: QApplication) -> Iterator[Any]:
    """A selection of nothing."""
    from rnn_designer.ui.selection import Selection

    made = Selection()
    yield made
    made.deleteLater()
    _flush()


@pytest.fixture
def show(qtbot: QtBot) -> Iterator[Callable[[QWidget], QWidget]]:
    """Show a widget, wait until it is there, and close it after the test."""
    shown: list[QWidget] = []

    def _show(widget: QWidget) -> QWidget:
        shown.append(widget)
        with qtbot.waitExposed(widget):
            widget.show()
        return widget

    yield _show
    for widget in shown:
        widget.close()
        widget.deleteLater()
    _flush()


@pytest.fixture
def windows(qapp: QApplication) -> Iterator[Any]:
    """The keeper of all windows, with none; their engines never answer."""
    from quiet import QuietWindows

    from rnn_designer.ui.motion import motion
    from rnn_designer.ui.settings import Settings
    from rnn_designer.ui.theme import keeper

    keeper().apply("light")
    made = QuietWindows(Settings())
    yield made
    for window in made.open:
        window.close_now()
    made.deleteLater()
    motion().reduce(False)
    keeper().apply("light")


@pytest.fixture
def window(windows: Any, qtbot: QtBot) -> Any:
    """One window, shown."""
    made = windows.make()
    made.resize(1440, 900)
    with qtbot.waitExposed(made):
        made.show()
    return made


@pytest.fixture
def fake_trace() -> Callable[..., Trace]:
    """Make a trace of an LSTM-like layer without an engine: smooth waves that differ by unit."""

    def _make(
        layers: dict[str, str],
        *,
        batch: int = 2,
        steps: int = 40,
        units: int = 8,
        signals: tuple[str, ...] = ("result", "output", "state/h", "state/c", "gate/input", "gate/forget"),
        run: int = 1,
    ) -> Trace:
        import numpy

        time = numpy.arange(steps, dtype=numpy.float32)[None, :, None]
        unit = numpy.arange(units, dtype=numpy.float32)[None, None, :]
        sample = numpy.arange(batch, dtype=numpy.float32)[:, None, None]
        arrays = {}
        for path in layers.values():
            for index, signal in enumerate(signals):
                wave = numpy.sin(time / (3 + unit) + sample + index).astype(numpy.float32)
                arrays[f"{path}/{signal}"] = (wave + 1) / 2 if signal.startswith("gate/") else wave
        return Trace(run, arrays, layers, 0.004)

    return _make
