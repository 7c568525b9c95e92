"""Starts the window: the application object, its look, and nets under everything that could fail unseen."""

from __future__ import annotations

import logging
import os
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from rnn_designer.paths import resource
from rnn_designer.ui import settings as keys
from rnn_designer.ui.settings import Settings
from rnn_designer.ui.theme import keeper

if TYPE_CHECKING:
    from rnn_designer.ui.main_window import MainWindow

_log = logging.getLogger("rnn_designer")


def run(path: Path | None = None) -> int:
    """Open the window, on a design if a path is given, and run until it is closed.

    Returns:
        The exit code.
    """
    QApplication.setApplicationName("RNN Designer")
    QApplication.setDesktopFileName("rnn-designer")
    application = QApplication(sys.argv[:1])
    application.setWindowIcon(QIcon(str(resource("icons", "rnn-designer.svg"))))
    _log_to_file()
    window = make_window(path)
    _catch_everything(window)
    window.show()
    code = application.exec()
    window.workspace.close()
    window.deleteLater()
    return code


def make_window(path: Path | None = None) -> MainWindow:
    """The window, not shown yet, dressed as the settings say, on a design if a path is given."""
    from rnn_designer.session import Workspace
    from rnn_designer.ui.main_window import MainWindow

    settings = Settings()
    keeper().apply(settings.get(keys.THEME))
    window = MainWindow(Workspace(), settings)
    if path is not None:
        window.files.load_first(path)
    return window


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


def _catch_everything(window: MainWindow) -> None:
    """An exception in a slot would otherwise print and be forgotten; Qt's warnings likewise."""

    def _exception(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        _write(logging.ERROR, "An unexpected error", exc_info=(kind, error, trace))
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
