"""Small models, trained by the worker's loop and by Keras' ``fit`` on the same samples in the same order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy

from rnn_designer.messages import Message, PlannedLayer, Train, Trained, TrainEpoch, TrainStep

SAMPLES, STEPS, FEATURES = 11, 6, 3
MASKED = -1.5


@dataclass(frozen=True)
class Taught:
    """A model that can be trained: its source, its plan and what its outputs are to learn."""

    source: str
    layers: tuple[PlannedLayer, ...]
    inputs: Mapping[str, Any]
    targets: Mapping[str, Any]
    more: Mapping[str, Any] = field(default_factory=dict)

    def request(self, **changes: Any) -> Train:
        """The training of two epochs in batches of four, but for the changes."""
        fields: dict[str, Any] = {"batch_size": 4, "epochs": 2, "order_seed": 5, "every": 0.0}
        fields |= {**self.more, **changes}
        weights = fields.pop("weights", {})
        inputs, targets = fields.pop("inputs", self.inputs), fields.pop("targets", self.targets)
        source = fields.pop("source", self.source)
        return Train(1, source, self.layers, {}, 3, weights, inputs, targets, **fields)


def taught(
    build: Sequence[str],
    compiled: str,
    layers: tuple[PlannedLayer, ...],
    inputs: Mapping[str, Any],
    targets: Mapping[str, Any],
    **more: Any,
) -> Taught:
    """A model by the lines of its ``build_model()`` and the arguments of ``compile`` in its ``compile_model()``."""
    body = "".join(f"    {line}\n" for line in build)
    source = (
        f"import keras\nfrom keras import layers\n\n\ndef build_model():\n{body}\n\n"
        f"def compile_model(model):\n    model.compile({compiled})\n"
    )
    return Taught(source, layers, inputs, targets, more)


def planned(name: str, kind: str, *children: PlannedLayer) -> PlannedLayer:
    """A layer whose id is ``#name``, so that ids and names cannot be mixed up unnoticed."""
    return PlannedLayer(f"#{name}", name, kind, children)


def series(samples: int = SAMPLES, *, masked: bool = False) -> Any:
    """Samples ``(samples, time, features)``; some of them end early, if they are masked."""
    values = numpy.random.default_rng(3).normal(scale=0.5, size=(samples, STEPS, FEATURES)).astype("float32")
    if masked:
        values[::2, 4:] = MASKED
        values[1, :2] = MASKED
    return values


def numbers(*shape: int, seed: int = 4) -> Any:
    """Targets of that shape."""
    return numpy.random.default_rng(seed).normal(size=shape).astype("float32")


def one_layer(
    expression: str,
    layer: PlannedLayer,
    *,
    compiled: str = "optimizer=keras.optimizers.Adam(0.01), loss='mean_squared_error', metrics=['mean_absolute_error']",
    masked: bool = False,
    target: Any = None,
    batch: str = "",
    **more: Any,
) -> Taught:
    """``series`` → (masking →) the layer → a Dense of one unit."""
    masking = [f"layers.Masking({MASKED}, name='masking')"] if masked else []
    stack = ", ".join([f"keras.Input((None, {FEATURES}), {batch}name='series')", *masking, expression])
    build = [f"return keras.Sequential([{stack}, layers.Dense(1, name='dense')])"]
    plan = [planned("series", "Input"), layer, planned("dense", "Dense")]
    if masked:
        plan.insert(1, planned("masking", "Masking"))
    inputs = {"series": series(masked=masked)}
    return taught(
        build,
        compiled,
        tuple(plan),
        inputs,
        {"dense": numbers(SAMPLES, 1) if target is None else target},
        **more,
    )


@dataclass
class Course:
    """What a training told."""

    steps: list[TrainStep]
    epochs: list[TrainEpoch]
    end: Trained
    told: list[Message]


def course(
    request: Train,
    hear: Callable[[bool], str | None] = lambda _wait: None,
    checkpoint: Callable[[], None] = lambda: None,
) -> Course:
    """Train by the worker's loop and collect what it tells."""
    from rnn_designer.engine.learning import train

    told: list[Message] = []
    end = train(request, checkpoint, told.append, hear)
    steps = [message for message in told if isinstance(message, TrainStep)]
    return Course(steps, [message for message in told if isinstance(message, TrainEpoch)], end, told)


@dataclass
class Fitted:
    """What Keras' ``fit`` gave: the figures of every epoch and the weights at the end."""

    logs: list[dict[str, float]]
    weights: dict[str, Any]


def fitted(request: Train, outputs: Sequence[str] = ()) -> Fitted:
    """Train by ``fit`` from the same weights, on the same samples in the same order.

    ``outputs`` are the names that the targets have, where they are not those of the model.
    """
    from rnn_designer.engine.build import BuiltModel

    built = BuiltModel(request.source, request.layers)
    built.fill(request.weights, request.seed, lambda: None)
    model = built.model
    built.functions["compile_model"](model)
    x, y, weights = _structured(model, request.inputs, request.targets, request.sample_weights, outputs)
    validation = None
    if request.validation_inputs:
        validation = _structured(
            model, request.validation_inputs, request.validation_targets, request.validation_weights
        )
    order = numpy.random.default_rng(request.order_seed)
    count = len(next(iter(request.inputs.values())))
    logs: list[dict[str, float]] = []
    for epoch in range(request.epochs):
        rows = order.permutation(count) if request.shuffle else numpy.arange(count)
        history = model.fit(
            _rows(x, rows),
            _rows(y, rows),
            sample_weight=_rows(weights, rows),
            batch_size=request.batch_size,
            initial_epoch=epoch,
            epochs=epoch + 1,
            shuffle=False,
            verbose=0,
            validation_data=validation,
        )
        logs.append({name: values[0] for name, values in history.history.items()})
    return Fitted(logs, built.weights())


def _structured(
    model: Any, inputs: Any, targets: Any, weights: Any, outputs: Sequence[str] = ()
) -> tuple[Any, Any, Any]:
    x = inputs[model.inputs[0].name] if len(inputs) == 1 else [inputs[each.name] for each in model.inputs]
    if len(model.outputs) == 1:
        (target,) = targets.values()
        return x, target, next(iter(weights.values()), None)
    names = outputs or model.output_names
    y = [targets.get(name) for name in names]
    w = [weights.get(name) for name in names] if weights else None
    return x, y, w


def _rows(arrays: Any, rows: Any) -> Any:
    if isinstance(arrays, list):
        return [_rows(each, rows) for each in arrays]
    return None if arrays is None else arrays[rows]


def assert_same(ours: Course, keras: Fitted, tolerance: float = 1e-6) -> None:
    """The figures of every epoch and the weights at the end are those of ``fit``."""
    assert ours.end.reason == "finished", ours.end.sentence
    told = [epoch for epoch in ours.epochs if epoch.epoch > 0]
    assert len(told) == len(keras.logs)
    for epoch, logs in zip(told, keras.logs, strict=True):
        assert set(epoch.logs) == set(logs)
        for name, value in logs.items():
            assert abs(epoch.logs[name] - value) <= tolerance * max(1, abs(value)), (epoch.epoch, name)
    weights = told[-1].weights
    assert set(weights) == set(keras.weights)
    for key, array in keras.weights.items():
        numpy.testing.assert_allclose(weights[key], array, rtol=tolerance, atol=tolerance, err_msg=key)
