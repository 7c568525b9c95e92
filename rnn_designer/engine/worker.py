"""What the worker does with a request: build, trace, train, hand over weights. Importing this imports Keras."""

from __future__ import annotations

import gc
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import numpy
import tensorflow as tf

from rnn_designer.engine.analyses import Subject, analyse
from rnn_designer.engine.build import BuiltModel
from rnn_designer.engine.configuration import configuration_of
from rnn_designer.engine.docs import describe
from rnn_designer.engine.failures import Refused, failure
from rnn_designer.engine.generation import Generator
from rnn_designer.engine.learning import evaluate, train
from rnn_designer.engine.requests import Cancelled, Request
from rnn_designer.engine.trace import Tracer
from rnn_designer.engine.training import Draw
from rnn_designer.messages import (
    Analyse,
    Analysis,
    Array,
    Build,
    Built,
    Describe,
    Evaluate,
    Failure,
    Generate,
    Hello,
    Message,
    Progress,
    Run,
    Saved,
    SaveWeights,
    Trace,
    Train,
)


class Worker:
    """Holds the model that was built last and its graph.

    Args:
        directory: the only place it may write to; None for the system's temporary directory.
        checkpoint: called between stages; raises ``Cancelled`` when the work is not wanted any more.
        tell: takes Progress messages, and what comes of a training.
        hear: gives the next word to the training under way, None if there is none; True waits for one.
    """

    def __init__(
        self,
        directory: Path | None,
        checkpoint: Callable[[], None],
        tell: Callable[[Message], None],
        hear: Callable[[bool], str | None] = lambda _wait: None,
    ) -> None:
        self._directory = directory
        self._checkpoint = checkpoint
        self._tell = tell
        self._hear = hear
        self._built: BuiltModel | None = None
        self._tracer: Tracer | None = None
        self._generator: Generator | None = None
        self._build: Build | None = None
        self._traced: tuple[Mapping[str, Array], Trace, Mapping[str, Array]] | None = None
        self._refusal: Failure | None = Failure(
            0, "There is no model to run yet; a design with an Input and a layer has to be built first."
        )
        # What the imports left behind lives for ever: collecting after each build would walk through it each
        # time.
        gc.collect()
        gc.freeze()

    def hello(self) -> Hello:
        """The first message: what runs here."""
        gpus = tf.config.list_physical_devices("GPU")
        versions = {name: version(name) for name in ("keras", "tensorflow", "numpy")}
        return Hello(versions, f"GPU ({len(gpus)})" if gpus else "CPU", os.getpid())

    def answer(self, request: Request) -> Message:
        """The one answer to a request.

        Raises:
            Cancelled: it is not wanted any more.
        """
        if isinstance(request, Describe):
            return describe(request)
        try:
            if isinstance(request, Build):
                return self._answer_build(request)
            if isinstance(request, Train):
                return train(request, self._checkpoint, self._tell, self._hear)
            if isinstance(request, Evaluate):
                return evaluate(request, self._checkpoint, self._tell)
            if self._refusal is not None:
                return replace(self._refusal, run=request.run)
            if isinstance(request, Generate):
                return self._answer_generate(request)
            if isinstance(request, Analyse):
                return self._answer_analyse(request)
            return self._answer_run(request) if isinstance(request, Run) else self._answer_save(request)
        except Cancelled:
            raise
        except (Exception, SystemExit) as error:  # a design's own code may call sys.exit()
            build = request if isinstance(request, Build | Train | Evaluate) else self._build
            plan, lines = (build.layers, build.layer_of_line) if build is not None else ((), {})
            answer = failure(request.run, error, plan, lines)
            if isinstance(request, Build):
                self._refusal = answer
            return answer

    def _answer_build(self, request: Build) -> Built:
        started = time.perf_counter()
        self._build, self._traced = request, None
        # Until this succeeds, a Run must not trace an older model.
        self._refusal = Failure(
            0, "There is no model to run: the build before was stopped. Change the design."
        )
        self._checkpoint()
        if self._built is None or not self._built.made_from(request):
            self._tell(Progress(request.run, None, "Building the model"))
            self._built = self._tracer = self._generator = None
            self._built = BuiltModel(request.source, request.layers)
            self._checkpoint()
        self._built.fill(request.weights, request.seed, self._checkpoint)
        if self._tracer is None:
            self._tracer = Tracer(self._built.model, request.layers, self._built.placed)
        self._refusal = None
        return Built(request.run, self._built.counts(), self._built.weights(), time.perf_counter() - started)

    def _answer_run(self, request: Run) -> Trace:
        if self._tracer is None:
            raise Refused("There is no model to run yet; build one first.")
        self._checkpoint()
        if not self._tracer.compiled(request.training, request.clamps):
            self._tell(Progress(request.run, None, "Compiling the traced pass"))
        started = time.perf_counter()
        seed = self._build.seed if self._build is not None else 0
        draw = Draw(seed, request.draw) if request.training else None
        arrays = self._tracer.run(request.inputs, self._checkpoint, draw, request.clamps)
        seconds = time.perf_counter() - started
        trace = Trace(request.run, arrays, self._tracer.layers, seconds, training=request.training)
        self._traced = (request.inputs, trace, request.clamps)
        return trace

    def _answer_analyse(self, request: Analyse) -> Analysis:
        if self._built is None or self._traced is None:
            raise Refused("There is no run to look into yet; run the design first.")
        started = time.perf_counter()
        inputs, trace, clamps = self._traced

        def tell(fraction: float | None, words: str) -> None:
            self._tell(Progress(request.run, fraction, words))

        subject = Subject(self._built, inputs, trace, self._checkpoint, tell, clamps)
        arrays, facts = analyse(subject, request)
        seconds = time.perf_counter() - started
        return Analysis(request.run, request.kind, request.layer, arrays, facts, seconds)

    def _answer_generate(self, request: Generate) -> Trace:
        if self._built is None or self._tracer is None:
            raise Refused("There is no model to generate with; build one first.")
        if self._generator is None:
            self._tell(Progress(request.run, None, "Making the model of one step"))
            self._generator = Generator(self._built.model, self._built.functions, self._tracer)
        trace = self._generator.run(request, self._checkpoint, self._tell)
        # What is asked about it later is asked about the samples with the new steps behind them.
        names = [tensor.name for tensor in self._built.model.inputs]
        self._traced = {name: trace.arrays[f"{name}/input"] for name in names}, trace, {}
        return trace

    def _answer_save(self, request: SaveWeights) -> Saved:
        if self._built is None:
            raise Refused("There is no model whose weights could be saved; build one first.")
        with tempfile.TemporaryDirectory(dir=self._directory, prefix="weights-") as folder:
            path = Path(folder) / "model.weights.h5"
            model = self._built.model
            configuration = configuration_of(model)
            if request.source:
                model = self._built.in_another_form(request.source)
            model.save_weights(path)
            return Saved(request.run, numpy.frombuffer(path.read_bytes(), dtype="uint8"), configuration)
