"""Starts the window: the application object, its look, and nets under everything that could fail unseen."""

from __future__ import annotations

import gc
import logging
import os
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QMessageLogContext, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from rnn_designer.paths import resource
from rnn_designer.ui import settings as keys
from rnn_designer.ui.settings import Settings
from rnn_designer.ui.theme import keeper

if TYPE_CHECKING:
    from rnn_designer.ui.main_window import MainWindow
    from rnn_designer.ui.windows import Windows

_log = logging.getLogger("rnn_designer")


def run(path: Path | None = None) -> int:
    """Open the window, on a design if a path is given, and run until the last window is closed.

    Returns:
        The exit code.
    """
    QApplication.setApplicationName("RNN Designer")
    QApplication.setDesktopFileName("rnn-designer")
    scale_screen(Settings())
    application = QApplication(sys.argv[:1])
    application.setWindowIcon(QIcon(str(resource("icons", "rnn-designer.svg"))))
    _log_to_file()
    windows = make_windows()
    window = windows.make(path)
    _catch_everything(windows)
    window.show()
    QTimer.singleShot(0, window, window.start_tour_once)
    # What is there by then stays. To look through it for garbage again and again would hold the window up for 40 ms.
    QTimer.singleShot(0, gc.freeze)
    code = application.exec()
    for each in windows.open:
        each.workspace.close()
        each.deleteLater()
    return code


def scale_screen(settings: Settings) -> None:
    """Draw everything at the size of the preferences; Qt reads it when the application object is made.

    A size that the environment names already comes first.
    """
    percent = settings.get(keys.SCALE)
    if percent and "QT_SCALE_FACTOR" not in os.environ:
        os.environ["QT_SCALE_FACTOR"] = f"{percent / 100:g}"


def make_windows() -> Windows:
    """The keeper of all windows, with none yet; the program is dressed as the settings say."""
    from rnn_designer.ui.windows import Windows

    settings = Settings()
    keeper().apply(settings.get(keys.THEME))
    return Windows(settings, QApplication.instance())


def make_window(path: Path | None = None) -> MainWindow:
    """The first window, not shown yet, on a design if a path is given."""
    return make_windows().make(path)


def _log_to_file() -> None:
    """Tracebacks go to a log file, never to the user."""
    if _log.handlers:
        return
    folder = os.environ.get("RNN_DESIGNER_CONFIG")
    try:
        if folder is None:
            from platformdirs import user_log_path

            place = user_log_path("rnn-designer", appauthor=False, ensure_exists=True)
        else:
            place = Path(folder)
            place.mkdir(parents=True, exist_ok=True)
        handler: logging.Handler = logging.FileHandler(
            place / "rnn-designer.log", encoding="utf-8", delay=True
        )
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    _log.addHandler(handler)


def _write(level: int, words: str, exc_info: logging._SysExcInfoType | None = None) -> None:
    """Log; a log that cannot be written must not hide what it is about, nor end the program."""
    with suppress(OSError):
        _log.log(level, "%s", words, exc_info=exc_info)


def _catch_everything(windows: Windows) -> None:
    """An exception in a slot would otherwise print and be forgotten; Qt's warnings likewise."""

    def _exception(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        _write(logging.ERROR, "An unexpected error", exc_info=(kind, error, trace))
        window = windows.active()
        if window is None:
            return
        window.notice.say(
            "Something went wrong inside the program; your design is as it was before. "
            "Save it, and please report what you did. The details are in the log file.",
            kind="error",
            stay=True,
        )

    def _qt_message(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        level = logging.ERROR if kind in (QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg) else logging.WARNING
        if kind in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg):
            level = logging.DEBUG
        _write(level, f"Qt: {text} ({context.category or 'default'})")

    sys.excepthook = _exception
    qInstallMessageHandler(_qt_message)
