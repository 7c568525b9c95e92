"""Everything that belongs to one open design, made in the right order and ended in the right order."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from rnn_designer.session.checks import Checks
from rnn_designer.session.document import Document
from rnn_designer.session.engine_process import EngineProcess
from rnn_designer.session.live_run import LiveRun
from rnn_designer.session.playback import Playback
from rnn_designer.session.samples import SampleStore


class Workspace(QObject):
    """The running program without its window.

    Attributes:
        document: the design, its history and its file.
        checks: its shapes and problems.
        engine: the process that runs it.
        samples: what its Inputs are fed with.
        live: traces of it, kept up to date.
        playback: the cursor over the trace.

    Signals:
        noticed(sentence): something that the user should read, and that stopped nothing: weights that could not
            be loaded, for example.
    """

    noticed = Signal(str)

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        engine: EngineProcess | None = None,
        reader: EngineProcess | None = None,
    ) -> None:
        super().__init__(parent)
        self.document = Document()
        self.checks = Checks(self.document, self)
        self.engine = engine or EngineProcess(self)
        self.samples = SampleStore(self.document, self, reader=reader)
        self.live = LiveRun(self.document, self.checks, self.samples, self.engine, self)
        self.playback = Playback(self)

    def start(self) -> None:
        """Start the engine and make the first samples; call it once the window shows."""

    def close(self) -> None:
        """End both processes and every timer; the workspace is of no use afterwards."""

    def new(self) -> None:
        """Replace the design by an empty one."""

    def open(self, path: Path) -> None:
        """Replace the design by the one in a file.

        Raises:
            FileProblem: the file cannot be read; the open design stays. The text is a sentence.
        """

    def save(self, path: Path | None = None) -> None:
        """Save the design, and its weights beside it if it carries some.

        Args:
            path: another file than the design's own.

        Raises:
            FileProblem: nothing was saved; the old file is intact. The text is a sentence.
        """
