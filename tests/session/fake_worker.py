"""A worker that does what a test tells it: answer, hang, print garbage, exit, abort. No Keras anywhere.

Started with the path of a JSON file from message type to behaviour, which is read anew for every message, so a
test may change it at any time. What arrives is written, a line each, to the same path with ``.log`` added.
"""

import json
import os
import select
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from rnn_designer.framing import FrameReader, encode
from rnn_designer.messages import (
    Build,
    Built,
    Cancel,
    Describe,
    Description,
    Failure,
    Generate,
    Hello,
    Message,
    PlannedLayer,
    Progress,
    ReadTable,
    Run,
    Saved,
    SaveWeights,
    Steer,
    Table,
    Trace,
    Train,
    Trained,
    TrainEpoch,
    TrainStep,
)

SCRIPT = Path(sys.argv[1])
LOG = Path(sys.argv[1] + ".log")
RECURRENT = ("LSTM", "GRU", "SimpleRNN")


def behaviour(kind: str) -> str:
    wanted: dict[str, str] = json.loads(SCRIPT.read_text())
    return wanted.get(kind, "answer")


def send(message: Message) -> None:
    for chunk in encode(message):
        sys.stdout.buffer.write(chunk)
    sys.stdout.buffer.flush()


def misbehave(how: str) -> None:
    if how == "hang":
        time.sleep(600)
    elif how == "garbage":
        sys.stdout.buffer.write(b"this is no frame, and it is longer than eight bytes")
        sys.stdout.buffer.flush()
        time.sleep(600)
    elif how == "huge":
        sys.stdout.buffer.write((10 * 2**30).to_bytes(8, "big") + b"{}")
        sys.stdout.buffer.flush()
        time.sleep(600)
    elif how == "close":
        sys.stdout.close()
        os.close(1)
        sys.exit(0)
    elif how == "abort":
        os.abort()
    elif how == "kill":
        os.kill(os.getpid(), 9)
    elif how.startswith("exit"):
        print("last words", file=sys.stderr, flush=True)
        os._exit(int(how[4:]))


class Fake:
    def __init__(self, frames: FrameReader) -> None:
        self.layers: tuple[PlannedLayer, ...] = ()
        self.frames = frames
        self.steers: list[str] = []

    def answer(self, message: Message) -> None:
        if isinstance(message, Build):
            self.layers = message.layers
            weights = {f"{layer.id}/kernel": np.zeros(2, np.float32) for layer in message.layers}
            weights.update(message.weights)
            counts = {layer.id: 2 for layer in message.layers}
            send(Progress(message.run, 0.5, "half way"))
            send(Built(message.run, counts, weights, 0.001))
        elif isinstance(message, Run):
            send(self.trace(message))
        elif isinstance(message, Generate):
            self.generate(message)
        elif isinstance(message, SaveWeights):
            send(Saved(message.run, np.arange(4, dtype=np.uint8)))
        elif isinstance(message, Describe):
            send(Description(message.run, message.name, f"About {message.name}.", "", {"units": "How many."}))
        elif isinstance(message, Train):
            self.train(message)
        elif isinstance(message, ReadTable):
            send(Table(message.run, np.ones((100, 1), np.float32), ("value",), ("value",)))

    def generate(self, message: Generate, stop_after: int | None = None) -> None:
        """Growing traces and the last one; none after the growing one of that number."""
        ((name, prefix),) = message.inputs.items()
        growing = range(message.every, message.steps, message.every) if message.every else ()
        for number, done in enumerate((*growing, message.steps)):
            if number == stop_after:
                return
            behind = np.full((len(prefix), done, *prefix.shape[2:]), message.seed + 1, prefix.dtype)
            whole = {name: np.concatenate([prefix, behind], axis=1)}
            generated = self.trace(Run(message.run, whole))
            send(replace(generated, generated=prefix.shape[1], to_come=message.steps - done))

    def hear(self, wait: bool) -> None:
        """Take what is said while it trains."""
        while select.select([0], [], [], None if wait else 0)[0]:
            data = os.read(0, 1 << 20)
            if not data:
                os._exit(0)
            for message in self.frames.feed(data):
                note(message)
                self.steers.append(message.action if isinstance(message, Steer) else "stop")
            wait = False

    def train(self, message: Train) -> None:
        """Every batch adds 1 to every weight; ``slow``, ``kill_in_3`` (an epoch), ``nan_in_2``, ``deaf``."""
        how, started = behaviour("Train"), time.perf_counter()
        weights = {
            f"{layer.id}/kernel": np.zeros(2, np.float32) for layer in message.layers if layer.kind != "Input"
        }
        weights.update({key: array.copy() for key, array in message.weights.items()})
        batches = -(-len(next(iter(message.inputs.values()))) // message.batch_size)
        done = int(message.state["done"][0]) if message.state else 0
        best, paused, allowed, self.steers = (message.best_epoch, message.paused, 0, [])
        send(Progress(message.run, None, "Building the model"))

        def epoch_over(epoch: int) -> None:
            logs = {"val_loss": 1 / (1 + epoch)} | ({"loss": 1 / (1 + epoch)} if epoch else {})
            state, units = {"done": np.int64([done])}, {"mem/state/h": np.float32([0.25, 0.5])}
            seconds = time.perf_counter() - started
            send(TrainEpoch(message.run, epoch, logs, weights, state, {"mem": 0.5}, units, best, seconds))

        def step(epoch: int, batch: int, halt: bool) -> None:
            curves = {"loss": np.float32([1 / (1 + done)]), "norm": np.float32([0.5])}
            logs, seconds = {"loss": 1 / (1 + done)}, time.perf_counter() - started
            send(
                TrainStep(
                    message.run,
                    epoch,
                    batch,
                    batches,
                    logs,
                    curves if batch else {},
                    {"mem": 0.5},
                    0.01,
                    seconds,
                    halt,
                    weights,
                )
            )

        def ended(reason: str, epoch: int) -> None:
            send(Trained(message.run, reason, f"It has {reason}.", epoch, best))

        if not message.first_epoch:
            epoch_over(0)
        for epoch in range(message.first_epoch + 1, message.epochs + 1):
            misbehave("kill" if how == f"kill_in_{epoch}" else "")
            for batch in range(batches):
                if how == "slow":
                    time.sleep(0.02)
                self.hear(False)
                while True:
                    for each in self.steers:
                        if each == "stop" and how != "deaf":
                            return ended("stopped", epoch - 1)
                        paused = {"pause": True, "continue": False}.get(each, paused)
                        allowed += each == "step"
                    self.steers = []
                    if not paused or allowed:
                        break
                    step(epoch, batch, True)
                    self.hear(True)
                allowed = max(0, allowed - 1)
                if how == f"nan_in_{epoch}":
                    return ended("not_a_number", epoch - 1)
                done += 1
                for array in weights.values():
                    array += 1
                step(epoch, batch + 1, False)
            best = epoch
            epoch_over(epoch)
        return ended("finished", message.epochs)

    def trace(self, message: Run) -> Trace:
        first = next(iter(message.inputs.values()))
        arrays = {f"{name}/input": array for name, array in message.inputs.items()}
        for layer in self.layers:
            arrays[f"{layer.name}/result"] = np.zeros((first.shape[0], 4), np.float32)
            if layer.kind in RECURRENT:
                arrays[f"{layer.name}/state/h"] = np.zeros((*first.shape[:2], 4), np.float32)
        layers = {layer.id: layer.name for layer in self.layers}
        arrays |= {f"held/{name}": rows for name, rows in message.clamps.items()}
        if message.training:
            arrays["draw"] = np.int32([message.draw])
        return Trace(message.run, arrays, layers, 0.006, training=message.training)


def note(message: Message) -> None:
    # In one write, and before the answer, so that the test can rely on it.
    with LOG.open("a") as log:
        log.write(
            json.dumps([type(message).__name__, message.run, sorted(getattr(message, "weights", {}))]) + "\n"
        )


def main() -> None:
    misbehave(behaviour("start"))
    if behaviour("Hello") == "unable":
        send(Failure(0, "TensorFlow cannot be imported. Install it with: pip install tensorflow"))
        sys.exit(2)
    if behaviour("Hello") != "never":
        send(Hello({"keras": "fake"}, "CPU", os.getpid()))
    frames = FrameReader()
    fake = Fake(frames)
    while data := os.read(0, 1 << 20):
        for message in frames.feed(data):
            kind = type(message).__name__
            note(message)
            how = behaviour(kind)
            misbehave(how)
            if how == "fail":
                send(Failure(message.run, f"The {kind} failed on purpose.", None, "details"))
            elif isinstance(message, Cancel):
                send(Failure(message.run, "Cancelled: asked to."))
            elif how == "answer" or isinstance(message, Train):
                fake.answer(message)
            elif how == "begin" and isinstance(message, Generate):
                fake.generate(message, stop_after=2)


main()
