"""The samples that every Input of the open design is fed with: read, generated, cut and kept up to date."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from rnn_designer.session.document import Document
from rnn_designer.session.engine_process import EngineProcess

if TYPE_CHECKING:
    from rnn_designer.design import DataSource, Design
    from rnn_designer.messages import Array, Table


class SampleStore(QObject):
    """Turns the design's data sources into arrays, one per Input.

    Generators run here, in the next turn of the event loop; files are read by the reader process, once per
    file
    and set of columns until the file changes on disk. Nothing happens before :meth:`start`, because NumPy is
    to
    be imported after the window shows.

    Signals:
        changed(): some Input has other samples, or a problem less or more.
        failed(input_id, sentence): an Input got a problem.
        table_read(path, table): the answer to :meth:`read`; the path is as it was given.
        read_failed(path, sentence): :meth:`read` could not read that file.
    """

    changed = Signal()
    failed = Signal(str, str)
    table_read = Signal(str, object)
    read_failed = Signal(str, str)

    def __init__(
        self, document: Document, parent: QObject | None = None, *, reader: EngineProcess | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document

    @property
    def ready(self) -> bool:
        """Whether every Input of the current design has its samples, or a problem that says why not."""
        return False

    def start(self) -> None:
        """Begin to make samples, and go on with every change of the document."""

    def stop(self) -> None:
        """End the reader process; nothing is made any more."""

    def source(self, input_id: str) -> DataSource:
        """The Input's own source, or the generator that stands in for it; KeyError if it is no Input."""
        raise KeyError(input_id)

    def array(self, input_id: str) -> Array | None:
        """The samples of an Input, ``(batch, *shape)``, float32 or int32; None while there are none."""

    def arrays(self, design: Design) -> dict[str, Array]:
        """The samples of every Input on a design's canvas that has some, by the Input's layer name."""
        return {}

    def problem(self, input_id: str) -> str | None:
        """Why an Input has no samples, as a sentence; None if it has, or is waiting for them."""

    def table(self, input_id: str) -> Table | None:
        """The file that an Input's samples are cut from: its columns and what was noticed; None for generators."""

    def describe(self, input_id: str) -> str:
        """What batch size and time steps mean here: "8 samples of 50 steps, cut from 309 rows every 30 steps"."""
        return ""

    def read(self, path: str, columns: tuple[str, ...] = ()) -> None:
        """Read a data file, whether an Input uses it or not; :attr:`table_read` or :attr:`read_failed` follows.

        Args:
            path: as a data source's ``path`` option: absolute, relative to the design's folder, or
                ``resource:sequences/sunspots.csv`` for a file that comes with the program.
            columns: the columns wanted; empty for every numeric one.
        """

    def reload(self) -> None:
        """Read every file again."""

    def reference(self, path: Path) -> str:
        """How a data source should name a file: relative to the design's folder if it lies in or below it."""
        return str(path)
