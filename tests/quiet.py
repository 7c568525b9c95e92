"""Windows whose engine starts and never says a word: the window has to be usable all the same."""

import sys
from pathlib import Path

from rnn_designer.session import EngineProcess, Workspace
from rnn_designer.ui.main_window import MainWindow
from rnn_designer.ui.windows import Windows

SILENT = [sys.executable, "-c", "import sys; sys.stdin.buffer.read()"]


class QuietWindows(Windows):
    """Windows whose engines never answer."""

    def make(self, path: Path | None = None, workspace: Workspace | None = None) -> MainWindow:
        return super().make(path, workspace or Workspace(engine=EngineProcess(command=SILENT)))
