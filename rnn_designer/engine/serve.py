"""The worker process: reads requests from the window, answers each, and ends when the window does.

Started as ``python -m rnn_designer --worker``. Standard output carries frames, so its first act is to move
that channel out of everyone's reach and point file descriptor 1 at standard error: a stray ``print`` in a
design's own code, or in TensorFlow, then lands in the log and corrupts nothing. A daemon thread owns
standard input: it notices the end of the window even while TensorFlow computes, because a worker would
otherwise outlive it.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from rnn_designer.engine.requests import Cancelled, Requests, cancelled
from rnn_designer.engine.sandbox import confine, limit
from rnn_designer.framing import BrokenFrame, FrameReader, write_message
from rnn_designer.messages import (
    Analyse,
    Build,
    Cancel,
    Describe,
    Evaluate,
    Failure,
    Generate,
    Message,
    Run,
    SaveWeights,
    Steer,
    Train,
)

WANTED = (Build, Run, Generate, Analyse, SaveWeights, Describe, Train, Evaluate, Cancel, Steer)
"""What the window may send."""
CHUNK_BYTES = 1 << 20
DEEPEST_CALLS = 30_000
"""Keras walks a model by recursion, some dozen calls a layer: Python's own 1,000 end at about 80 layers."""
EXIT_NO_KERAS = 2
EXIT_BROKEN_INPUT = 3


def log(sentence: str) -> None:
    """Write one line where the window keeps its log of the worker."""
    sys.stderr.write(sentence + "\n")
    sys.stderr.flush()


class Channel:
    """The way back to the window.

    Args:
        descriptor: an open file descriptor for the frames.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def send(self, message: Message) -> None:
        """Write one message; ends the process quietly if the window has gone."""
        try:
            write_message(self._descriptor, message)
        except OSError:
            os._exit(0)


def read_requests(descriptor: int, requests: Requests) -> NoReturn:
    """Feed the queue until the window closes its end, then end the process, busy or not."""
    reader = FrameReader()
    try:
        while data := os.read(descriptor, CHUNK_BYTES):
            for message in reader.feed(data):
                if isinstance(message, WANTED):
                    requests.put(message)
                else:
                    raise BrokenFrame(f"Received a {type(message).__name__}; expected a request.")
    except BrokenFrame as error:
        log(f"The worker ends: {error}")
        os._exit(EXIT_BROKEN_INPUT)
    except OSError:
        pass
    os._exit(0)


def watch_for_the_end(descriptor: int) -> Callable[[], None]:
    """End the process as soon as the window closes its end, without reading what it sends meanwhile.

    For the seconds in which Keras is imported, and TensorFlow with it: the sandbox, which has to follow, holds
    only for threads that are started after it, so that the thread that reads cannot run yet.

    Returns:
        What stops the watching; afterwards the thread is gone.
    """
    told, tell = os.pipe()

    def watch() -> None:
        poller = select.poll()
        poller.register(descriptor, 0)
        poller.register(told, select.POLLIN)
        if any(ready == descriptor for ready, _ in poller.poll()):
            os._exit(0)

    thread = threading.Thread(target=watch, name="watch", daemon=True)
    thread.start()

    def stop() -> None:
        os.write(tell, b".")
        thread.join()
        os.close(told)
        os.close(tell)

    return stop


def take_channels() -> tuple[int, int]:
    """Keep descriptors 0 and 1 for the frames alone; who prints or reads now gets the log or nothing."""
    incoming, outgoing = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return incoming, outgoing


def prepare_environment() -> Path | None:
    """Set what NumPy and TensorFlow read when imported; returns the session's directory, if any."""
    # OpenBLAS' threads fight TensorFlow's: a 64-unit orthogonal draw takes 474 ms with them and 2 ms without.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    directory = os.environ.get("RNN_DESIGNER_SESSION")
    if not directory or not Path(directory).is_dir():
        return None
    # Later on, nothing can be written anywhere else.
    os.environ["TMPDIR"] = directory
    return Path(directory)


def main() -> int:
    """Serve until standard input ends; the return value is the exit status."""
    incoming, outgoing = take_channels()
    # Ctrl-C in a terminal reaches the whole group; the window ends the worker by closing its input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.setrecursionlimit(DEEPEST_CALLS)
    directory = prepare_environment()
    channel, requests = Channel(outgoing), Requests()
    limit()
    reading = threading.Thread(target=read_requests, args=(incoming, requests), name="requests", daemon=True)
    watching = watch_for_the_end(incoming) if hasattr(select, "poll") else None
    if watching is None:
        # Windows, which has no sandbox either: there the thread may read from the beginning.
        reading.start()
    try:
        from rnn_designer.engine.worker import Worker
    except Exception as error:
        log(f"The worker cannot start: {error}")
        channel.send(
            Failure(
                0,
                f"TensorFlow or Keras cannot be imported ({type(error).__name__}). Designing, checking and "
                "exporting work without them; to run designs, install tensorflow 2.21 and keras 3.15.1 or newer.",
                detail=str(error),
            )
        )
        return EXIT_NO_KERAS
    if watching is not None:
        watching()
    sandbox = confine(directory)
    if watching is not None:
        reading.start()
    worker = Worker(directory, requests.checkpoint, channel.send, requests.hear)
    channel.send(replace(worker.hello(), sandbox=sandbox))
    while True:
        entry = requests.get()
        if isinstance(entry, Failure):
            channel.send(entry)
            continue
        try:
            channel.send(worker.answer(entry))
        except Cancelled:
            channel.send(cancelled(entry.run))


if __name__ == "__main__":
    sys.exit(main())
