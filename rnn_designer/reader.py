"""The reader process: reads data and model files for the window, which stays quick and safe whatever is in them.

Started as ``python -m rnn_designer --reader``. It speaks the same frames as the worker and ends when its
input does. A thread of its own takes what arrives, so that a reading can be stopped under way.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
import time
from pathlib import Path

from rnn_designer.framing import BrokenFrame, FrameReader, write_message
from rnn_designer.messages import (
    Cancel,
    Failure,
    Hello,
    Message,
    ModelRead,
    Progress,
    ReadModel,
    ReadTable,
    Table,
)

_CHUNK = 1 << 20
_BROKEN_INPUT = 3
_BETWEEN = 0.1
"""Seconds between two words about the progress: more would only keep both ends busy."""


class _Inbox:
    """The requests that wait, and the runs that are to be left."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._waiting: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._cancelled: set[int] = set()
        self.code = 0
        threading.Thread(target=self._take_all, name="inbox", daemon=True).start()

    def next(self) -> Message | None:
        """The next request; None once the window has closed its end."""
        return self._waiting.get()

    def wanted(self, run: int) -> bool:
        """Whether somebody still waits for the answer."""
        return run not in self._cancelled

    def _take_all(self) -> None:
        frames = FrameReader()
        while data := os.read(self._descriptor, _CHUNK):
            try:
                messages = frames.feed(data)
            except BrokenFrame as problem:
                print(f"The reader ends: {problem}", file=sys.stderr, flush=True)  # noqa: T201 - the log
                self.code = _BROKEN_INPUT
                break
            for message in messages:
                if isinstance(message, Cancel):
                    self._cancelled.add(message.run)
                else:
                    self._waiting.put(message)
        self._waiting.put(None)


def main() -> int:
    """Answer one request after the other until the window closes its end; returns the exit code."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    incoming, outgoing = os.dup(0), os.dup(1)
    # A stray print lands in the log, not among the frames.
    os.dup2(2, 1)
    _send(outgoing, Hello({"python": sys.version.split()[0]}, "", os.getpid()))
    inbox = _Inbox(incoming)
    while (request := inbox.next()) is not None:
        if isinstance(request, ReadTable):
            _send(outgoing, answer(request, outgoing, inbox))
        elif isinstance(request, ReadModel):
            _send(outgoing, model(request))
        else:
            _send(outgoing, Failure(getattr(request, "run", 0), "The reader only reads files."))
    return inbox.code


def answer(request: ReadTable, outgoing: int | None = None, inbox: _Inbox | None = None) -> Table | Failure:
    """The table that is asked for, or the sentence that says why there is none."""
    from rnn_designer.sequences import DataProblem, read_table

    told = time.monotonic()

    def watch(fraction: float | None, words: str) -> bool:
        nonlocal told
        now = time.monotonic()
        if outgoing is not None and now - told >= _BETWEEN:
            told = now
            _send(outgoing, Progress(request.run, fraction, words))
        return inbox is None or inbox.wanted(request.run)

    if inbox is not None and not inbox.wanted(request.run):
        return Failure(request.run, f"Reading “{Path(request.path).name}” was stopped.")
    try:
        read = read_table(Path(request.path), request.columns, request.options, request.rows, watch)
    except DataProblem as problem:
        return Failure(request.run, str(problem))
    except (
        BaseException
    ) as error:  # polars panics with a BaseException; one strange file must not end the reader.
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        name = Path(request.path).name
        sentence = f"“{name}” could not be read: its content is not what a file of this kind holds."
        return Failure(request.run, sentence, detail=f"{type(error).__name__}: {error}")
    noticed = read.noticed
    return Table(
        request.run,
        read.values,
        read.columns,
        read.available,
        read.remarks,
        noticed.facts,
        noticed.total,
        noticed.vocabulary,
        tuple(map(str, noticed.counts)),
        noticed.members,
    )


def model(request: ReadModel) -> ModelRead | Failure:
    """The model that is asked for as a design, or the sentence that says why there is none."""
    from rnn_designer.design.files import LARGEST, to_text
    from rnn_designer.design.storage import FileProblem
    from rnn_designer.importer import read_model

    name = Path(request.path).name
    try:
        imported = read_model(Path(request.path))
        text = to_text(imported.design)
    except FileProblem as problem:
        return Failure(request.run, str(problem))
    except Exception as error:
        sentence = f"“{name}” could not be read: its content is not what a model file of Keras holds."
        return Failure(request.run, sentence, detail=f"{type(error).__name__}: {error}")
    if len(text.encode("utf-8")) > LARGEST // 2:
        return Failure(
            request.run, f"“{name}” describes more layers than a design can hold. Choose another file."
        )
    return ModelRead(request.run, text, imported.weights, imported.remarks)


def _send(descriptor: int, message: Message) -> None:
    try:
        write_message(descriptor, message)
    except OSError:
        # The window is gone; the inbox may still be reading, which must not keep the process.
        os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
