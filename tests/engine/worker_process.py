"""A worker process as the window meets it: frames in, frames out, and a log."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
from pathlib import Path

from rnn_designer.framing import FrameReader, encode
from rnn_designer.messages import Message, Progress

PATIENCE = 240


class Process:
    """A worker and the frames it sends."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "log"
        environment = {**os.environ, "RNN_DESIGNER_SESSION": str(folder)}
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "rnn_designer.engine.serve"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=environment,
                cwd=Path(__file__).parents[2],
            )
        self._reader, self._received = FrameReader(), []

    def send(self, message: Message) -> None:
        assert self.process.stdin is not None
        for chunk in encode(message):
            self.process.stdin.write(chunk)
        self.process.stdin.flush()

    def receive(self) -> Message:
        """The next message that is not Progress."""
        assert self.process.stdout is not None
        while True:
            while self._received:
                message = self._received.pop(0)
                if not isinstance(message, Progress):
                    return message
            ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
            assert ready, f"the worker is silent; its log: {self.log.read_text()[-2000:]}"
            data = os.read(self.process.stdout.fileno(), 1 << 20)
            assert data, f"the worker has ended; its log: {self.log.read_text()[-2000:]}"
            self._received.extend(self._reader.feed(data))

    def wait_until_busy(self) -> None:
        """Return once the worker has said that it builds."""
        assert self.process.stdout is not None
        while not any(isinstance(message, Progress) for message in self._received):
            self._received.extend(self._reader.feed(os.read(self.process.stdout.fileno(), 1 << 20)))

    def end_input(self) -> int:
        """Close its input, as a window that goes; how it ended."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(timeout=PATIENCE)

    def close(self) -> None:
        """End it, whatever it does."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None and not stream.closed:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
