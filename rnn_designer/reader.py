"""The reader process: reads data files for the window, which stays quick and safe whatever is in them.

Started as ``python -m rnn_designer --reader``. It speaks the same frames as the worker and ends when its
input does.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from rnn_designer.framing import BrokenFrame, FrameReader, encode
from rnn_designer.messages import Cancel, Failure, Hello, Message, ReadTable, Table

_CHUNK = 1 << 20
_BROKEN_INPUT = 3


def main() -> int:
    """Answer one request after the other until the window closes its end; returns the exit code."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    incoming, outgoing = os.dup(0), os.dup(1)
    # A stray print lands in the log, not among the frames.
    os.dup2(2, 1)
    _send(outgoing, Hello({"python": sys.version.split()[0]}, "", os.getpid()))
    frames = FrameReader()
    while data := os.read(incoming, _CHUNK):
        try:
            requests = frames.feed(data)
        except BrokenFrame as problem:
            print(f"The reader ends: {problem}", file=sys.stderr, flush=True)  # noqa: T201 - the log
            return _BROKEN_INPUT
        for request in requests:
            if isinstance(request, ReadTable):
                _send(outgoing, answer(request))
            elif not isinstance(request, Cancel):
                _send(outgoing, Failure(getattr(request, "run", 0), "The reader only reads data files."))
    return 0


def answer(request: ReadTable) -> Table | Failure:
    """The table that is asked for, or the sentence that says why there is none."""
    from rnn_designer.sequences import DataProblem, read_table

    try:
        read = read_table(Path(request.path), request.columns)
    except DataProblem as problem:
        return Failure(request.run, str(problem))
    except Exception as error:  # The next file may be fine: one strange file must not end the reader.
        name = Path(request.path).name
        sentence = f"“{name}” could not be read: its content is not what a file of this kind holds."
        return Failure(request.run, sentence, detail=f"{type(error).__name__}: {error}")
    return Table(request.run, read.values, read.columns, read.available, read.remarks)


def _send(descriptor: int, message: Message) -> None:
    try:
        chunks = encode(message)
    except BrokenFrame as problem:
        chunks = encode(Failure(getattr(message, "run", 0), str(problem)))
    try:
        for chunk in chunks:
            view = memoryview(chunk)
            while view:
                view = view[os.write(descriptor, view) :]
    except OSError:
        sys.exit(0)


if __name__ == "__main__":
    sys.exit(main())
