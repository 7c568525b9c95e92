"""The worker for one command: started, asked, waited for, ended. Qt's event loop without a window."""

import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click
from PySide6.QtCore import QCoreApplication, QEventLoop, QTimer

from rnn_designer.cli.common import Refusal
from rnn_designer.codegen import NotExportable, generate, runnable_part
from rnn_designer.messages import Build, Built, Failure, Message, Progress, Saved, SaveWeights
from rnn_designer.session import EngineProcess, EngineState
from rnn_designer.session.request import planned_layers
from rnn_designer.session.trust import Trust, untrusted_cells

if TYPE_CHECKING:
    from rnn_designer.codegen import Style
    from rnn_designer.design import Checked, Layer
    from rnn_designer.messages import Array

_Answer = TypeVar("_Answer", bound=Message)
_WAKE_MILLISECONDS = 200


def application(*, pictures: bool = False) -> QCoreApplication:
    """The Qt application of this process; with ``pictures`` one that can draw, though on no screen."""
    running = QCoreApplication.instance()
    if running is not None:
        return running
    if not pictures:
        return QCoreApplication(sys.argv[:1])
    from PySide6.QtGui import QGuiApplication

    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    return QGuiApplication(sys.argv[:1])


def wait(ready: Callable[[], bool], connect: Callable[[Callable[..., None]], object]) -> None:
    """Run Qt's event loop until something is so.

    Args:
        ready: whether it is so.
        connect: ties a slot to the signals after which it may have become so.

    Raises:
        KeyboardInterrupt: on Ctrl-C.
    """
    loop = QEventLoop()
    interrupted: list[bool] = []
    connect(lambda *_: loop.quit() if ready() else None)
    # Python handles a signal only when it runs: wake it now and then.
    timer = QTimer()
    timer.timeout.connect(lambda: loop.quit() if interrupted else None)
    timer.start(_WAKE_MILLISECONDS)
    before = signal.signal(signal.SIGINT, lambda *_: interrupted.append(True))
    try:
        if not ready():
            loop.exec()
    finally:
        signal.signal(signal.SIGINT, before)
        timer.stop()
    if interrupted:
        raise KeyboardInterrupt


class Worker:
    """A worker that answers one question after another."""

    def __init__(self, process: EngineProcess) -> None:
        self._process = process
        self._answer: Message | None = None
        self._run = 0
        process.received.connect(self._take)

    def ask(self, make: Callable[[int], Message], answer: type[_Answer]) -> _Answer:
        """Send the message that ``make`` makes for a run id, and wait for its answer.

        Raises:
            Refusal: if it fails, or the worker ends; with the worker's own sentence.
        """
        process = self._process
        self._until(lambda: process.state in (EngineState.READY, EngineState.STOPPED))
        self._run, self._answer = process.next_run(), None
        if not process.send(make(self._run)):
            raise Refusal(process.reason or "The engine cannot be reached. Run “rnn-designer doctor”.")
        ended = (EngineState.CRASHED, EngineState.STOPPED)
        self._until(lambda: self._answer is not None or process.state in ended)
        received = self._received()
        if isinstance(received, Failure):
            raise Refusal(received.sentence)
        if not isinstance(received, answer):
            raise Refusal(process.last_end or process.reason or "The engine gave no answer. Try again.")
        return received

    def _received(self) -> Message | None:
        return self._answer

    def _until(self, ready: Callable[[], bool]) -> None:
        def connect(slot: Callable[..., None]) -> None:
            self._process.received.connect(slot)
            self._process.state_changed.connect(slot)

        wait(ready, connect)

    def _take(self, message: Message) -> None:
        if not isinstance(message, Progress) and getattr(message, "run", None) == self._run:
            self._answer = message


@contextmanager
def worker() -> Iterator[Worker]:
    """A worker that is ended afterwards, whatever happens."""
    process = EngineProcess()
    answering = Worker(process)
    process.start()
    try:
        yield answering
    finally:
        process.stop()


def untrusted(checked: "Checked", trust_code: bool) -> tuple["Layer", ...]:
    """The custom cells of a design whose code may not run; none if the user has said ``--trust-code``."""
    if trust_code:
        return ()
    trust = Trust()
    trust.noticed.connect(lambda sentence: click.echo(sentence, err=True))
    return untrusted_cells(checked.design, trust)


def build(
    engine: Worker, checked: "Checked", path: Path, style: "Style" = "auto", *, trust_code: bool = False
) -> Built:
    """Build the design in the worker with its own weights, or those drawn from its seed.

    Raises:
        Refusal: if it cannot be built, or if it has code that may not run.
    """
    foreign = untrusted(checked, trust_code)
    if foreign:
        raise Refusal(
            f"The code of “{foreign[0].name}” came with the file, and you have not trusted it. Read it in the "
            "design; --trust-code runs it."
        )
    part = runnable_part(checked)
    try:
        source = generate(checked, style=style)
    except NotExportable as problem:
        raise Refusal(str(problem)) from None
    layers = () if part is None else planned_layers(part)
    weights = own_weights(checked, path)
    return engine.ask(
        lambda run: Build(run, source.text, layers, source.layer_of_line, checked.design.seed, weights), Built
    )


def own_weights(checked: "Checked", path: Path) -> Mapping[str, "Array"]:
    """The weights that the design carries, by layer id and path; empty if it carries none.

    Raises:
        Refusal: if the file that it refers to cannot be read.
    """
    from rnn_designer.design import files
    from rnn_designer.design.storage import FileProblem
    from rnn_designer.design.weights import load_weights

    beside = files.weights_path(checked.design, path)
    if beside is None:
        return {}
    try:
        weights: Mapping[str, Array] = load_weights(beside)
        return weights
    except FileProblem as problem:
        raise Refusal(str(problem)) from None


def weights_file(checked: "Checked", path: Path, style: "Style", *, trust_code: bool = False) -> bytes:
    """The content of a Keras ``.weights.h5`` file with the weights that a trace of the design uses.

    Raises:
        Refusal: if the design cannot be built.
    """
    running = application()
    with worker() as engine:
        build(engine, checked, path, trust_code=trust_code)
        form = "" if style == "auto" else generate(checked, style=style).text
        saved = engine.ask(lambda run: SaveWeights(run, form), Saved)
    del running
    return bytes(saved.content.tobytes())
