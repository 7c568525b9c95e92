"""Lets a model continue its samples: the exported ``generate()`` does it, and the exact path traces what came of it.

The program's own functions are executed, on a model that looks to them like the one they were written for. Between
two of its steps the work can be stopped, and what is there so far is told.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy

from rnn_designer.engine.failures import Refused
from rnn_designer.engine.trace import Tracer
from rnn_designer.messages import Array, Generate, Message, Trace


class Generator:
    """Generates with one model; keeps its step model.

    Args:
        model: the Keras model.
        functions: what the source of the model defines, by name.
        tracer: of the model.

    Raises:
        Refused: the source does not say how to generate.
    """

    def __init__(self, model: Any, functions: Mapping[str, Any], tracer: Tracer) -> None:
        generate = functions.get("generate")
        if not callable(generate):
            raise Refused(
                "This design does not generate: its code has no generate(). Switch generation on and mend what keeps "
                "the model from it."
            )
        self._generate: Callable[..., Any] = generate
        self._tracer = tracer
        make = functions.get("build_step_model")
        self._model = make(model) if callable(make) else model
        self._whole = not callable(make)

    def run(
        self,
        request: Generate,
        checkpoint: Callable[[], None] = lambda: None,
        tell: Callable[[Message], None] = lambda _message: None,
    ) -> Trace:
        """The trace of the samples and the steps behind them.

        Args:
            request: which samples, and how many steps.
            checkpoint: called before every step; it may raise to stop.
            tell: takes the growing traces.

        Raises:
            Refused: there is not one Input, or its samples do not fit.
        """
        if len(request.inputs) != 1:
            raise Refused(
                f"Received samples for {len(request.inputs)} Inputs; generation feeds back to one. Remove the others."
            )
        (name, prefix), *_ = request.inputs.items()
        if prefix.ndim < 2 or 0 in prefix.shape[:2]:
            raise Refused(
                f"Input “{name}” received samples of shape {prefix.shape} to continue; expected at least one sample "
                "and one time step. Choose a longer prefix."
            )
        start = prefix.shape[1]

        def told(sequence: Array) -> None:
            done = sequence.shape[1] - start
            if request.every and 0 < done < request.steps and done % request.every == 0:
                tell(self._traced(request, name, sequence, start, request.steps - done, checkpoint))

        stepping = _Stepping(self._model, self._whole, checkpoint, told)
        drawing = {"temperature": request.temperature, "seed": request.seed}
        known = inspect.signature(self._generate).parameters
        given = {argument: value for argument, value in drawing.items() if argument in known}
        sequence = numpy.asarray(self._generate(stepping, prefix, steps=request.steps, **given))
        return self._traced(request, name, sequence, start, 0, checkpoint)

    def _traced(
        self,
        request: Generate,
        name: str,
        sequence: Array,
        start: int,
        to_come: int,
        checkpoint: Callable[[], None],
    ) -> Trace:
        started = time.perf_counter()
        arrays = self._tracer.run({name: sequence}, checkpoint)
        seconds = time.perf_counter() - started
        return Trace(request.run, arrays, self._tracer.layers, seconds, start, to_come)


class _Stepping:
    """The model as ``generate()`` uses it; every prediction passes here.

    Args:
        model: the model, or the model of one step.
        whole: whether it is given the whole sequence each time; otherwise what is new, with the states.
        checkpoint: called before each prediction.
        told: is given the sequence as it is before each prediction.
    """

    def __init__(
        self, model: Any, whole: bool, checkpoint: Callable[[], None], told: Callable[[Array], None]
    ) -> None:
        self._model = model
        self._whole = whole
        self._checkpoint = checkpoint
        self._told = told
        self._pieces: list[Array] = []

    @property
    def inputs(self) -> Any:
        """The model's own."""
        return self._model.inputs

    def predict_on_batch(self, given: Any) -> Any:
        """What the model predicts, compiled."""
        self._pass_on(given)
        return self._model.predict_on_batch(given)

    def __call__(self, given: Any, training: bool = False) -> Any:
        """What the model predicts, step by step in plain Python."""
        self._pass_on(given)
        return self._model(given, training=training)

    def _pass_on(self, given: Any) -> None:
        self._checkpoint()
        new = numpy.asarray(given if self._whole else given[0])
        self._pieces = [new] if self._whole else [*self._pieces, new]
        self._told(numpy.concatenate(self._pieces, axis=1))
