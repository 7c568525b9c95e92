"""What the program needs from the computer it runs on, and whether it is there.

Versions are read from the installed packages' records: TensorFlow itself takes seconds to import. What could
take the program down with it (Qt) is tried in a process of its own.
"""

import ctypes.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from rnn_designer.paths import settings_folder

_LEAST = {
    "tensorflow": (2, 21),
    "keras": (3, 15, 1),
    "numpy": (2,),
    "pyqtgraph": (0, 14),
    "pydantic": (2, 7),
    "polars": (1, 20),
}
_LIBRARIES = {
    "glib-2.0": "libglib2.0-0",
    "GL": "libgl1",
    "EGL": "libegl1",
    "dbus-1": "libdbus-1-3",
    "fontconfig": "libfontconfig1",
    "xkbcommon": "libxkbcommon0",
}
_WINDOW_LIBRARIES = {
    "xcb-cursor": "libxcb-cursor0",
    "xkbcommon-x11": "libxkbcommon-x11-0",
    "xcb-icccm": "libxcb-icccm4",
    "xcb-keysyms": "libxcb-keysyms1",
    "xcb-shape": "libxcb-shape0",
}
CANARY = """
import sys
from PySide6.QtCore import QObject
thing = QObject()
before = sys.getrefcount(None)
for _ in range(1000):
    thing.blockSignals(False)
    thing.setObjectName("canary")
print(before - sys.getrefcount(None))
"""
"""Counts the references to None that 1,000 calls of a Qt method without a result lose."""

SANDBOX = "from rnn_designer.engine.sandbox import confine, limit; limit(); print(confine(None))"
"""Confines itself as a worker does, and says how that went."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        subject: what it is.
        state: what was found.
        good: True if in order, False if broken, None if only worth knowing.
        remedy: how to mend it.
    """

    subject: str
    state: str
    good: bool | None
    remedy: str = ""


def findings() -> Iterator[Finding]:
    """Look at everything, one after another; nothing here raises."""
    yield _python()
    yield _qt()
    yield _canary()
    yield from _libraries()
    yield _screen()
    for package in _LEAST:
        yield _package(package)
    yield _formatter()
    yield _sandbox()
    yield _settings_folder()


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    good = (3, 11) <= sys.version_info[:2] <= (3, 13)
    return Finding("Python", version, good, "Use Python 3.11, 3.12 or 3.13: TensorFlow has no others.")


def _installed(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _numbers(version: str) -> tuple[int, ...]:
    numbers = []
    for part in version.split("."):
        digits = "".join(character for character in part if character.isdigit())
        if not digits:
            break
        numbers.append(int(digits))
    return tuple(numbers)


def _package(package: str) -> Finding:
    version = _installed(package)
    least = ".".join(map(str, _LEAST[package]))
    remedy = f"{sys.executable} -m pip install '{package}>={least}'"
    if version is None:
        return Finding(package, "not installed", False, remedy)
    return Finding(package, version, _numbers(version) >= _LEAST[package], remedy)


def _qt() -> Finding:
    version = _installed("PySide6-Essentials")
    wanted = "PySide6-Essentials>=6.12" if sys.version_info >= (3, 12) else "PySide6-Essentials>=6.11.3,<6.12"
    remedy = f"{sys.executable} -m pip install '{wanted}'"
    if version is None:
        return Finding("PySide6", "not installed", False, remedy)
    leaks = sys.version_info < (3, 12) and _numbers(version) >= (6, 12)
    state = f"{version}, which loses references to None on this Python and aborts" if leaks else version
    return Finding("PySide6", state, not leaks, remedy)


def _canary() -> Finding:
    """Lost references to None end in "deallocating None" and an abort after some thousand calls."""
    subject = "PySide6's references to None"
    if getattr(sys, "frozen", False):
        return Finding(subject, "not tried: this program brings its own PySide6", None)
    try:
        done = subprocess.run(
            [sys.executable, "-c", CANARY], capture_output=True, text=True, timeout=60, check=False
        )
    except (OSError, subprocess.SubprocessError) as problem:
        return Finding(subject, f"could not be tried: {problem}", False, "Install PySide6-Essentials again.")
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        return Finding(subject, f"Qt cannot be loaded: {last}", False, "Install what is named missing here.")
    lost = int(done.stdout)
    return Finding(
        subject,
        "kept" if lost < 100 else f"lost {lost} in 1,000 calls",
        lost < 100,
        "Install PySide6-Essentials below 6.12, or use Python 3.12 or later.",
    )


def _libraries() -> Iterator[Finding]:
    if not sys.platform.startswith("linux"):
        return
    subject = "Qt's system libraries"
    for needed, where, good in ((_LIBRARIES, "", False), (_WINDOW_LIBRARIES, " for an X window", None)):
        missing = [package for library, package in needed.items() if not ctypes.util.find_library(library)]
        state = "missing " + ", ".join(missing) if missing else "all there"
        yield Finding(
            subject + where, state, good if missing else True, "apt-get install " + " ".join(missing)
        )


def _screen() -> Finding:
    from rnn_designer.cli.window import has_screen

    if not has_screen():
        remedy = "The window needs a desktop; check, export and trace do not."
        return Finding("Screen", "neither DISPLAY nor WAYLAND_DISPLAY is set", None, remedy)
    named = [name for name in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY", "DISPLAY") if os.environ.get(name)]
    return Finding("Screen", f"{named[0]}={os.environ[named[0]]}" if named else "there", True)


def _formatter() -> Finding:
    from rnn_designer.codegen.formatting import formatter

    binary = formatter()
    remedy = f"{sys.executable} -m pip install ruff (exported code works without it, but is not formatted)"
    if binary is None:
        return Finding("ruff", "not found", None, remedy)
    try:
        done = subprocess.run([binary, "--version"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.SubprocessError) as problem:
        return Finding("ruff", f"cannot run: {problem}", None, remedy)
    return Finding("ruff", done.stdout.strip().removeprefix("ruff "), done.returncode == 0 or None, remedy)


def _sandbox() -> Finding:
    subject = "Sandbox of the engine"
    if getattr(sys, "frozen", False):
        return Finding(subject, "not tried: the status bar says it", None)
    home = str(Path(__file__).resolve().parents[1])
    path = os.pathsep.join(filter(None, (home, os.environ.get("PYTHONPATH"))))
    try:
        done = subprocess.run(
            [sys.executable, "-c", SANDBOX],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={**os.environ, "PYTHONPATH": path},
        )
    except (OSError, subprocess.SubprocessError) as problem:
        return Finding(subject, f"could not be tried: {problem}", None)
    state = done.stdout.strip() or "could not be tried"
    good = True if state.startswith("sandboxed") else None
    return Finding(
        subject,
        state,
        good,
        "Custom cells run with your own rights then: trust only code that you have read.",
    )


def _settings_folder() -> Finding:
    folder = settings_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as problem:
        reason = problem.strerror or str(problem)
        return Finding(
            "Settings", f"{folder}: {reason}", False, "Make the folder writable, or set RNN_DESIGNER_CONFIG."
        )
    return Finding("Settings", f"{folder}, writable", True)
