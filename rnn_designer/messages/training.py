"""What is asked of the worker that trains, and what it tells meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rnn_designer.messages.parts import Array, PlannedLayer


@dataclass(frozen=True)
class Train:
    """Train a model on these samples, epoch after epoch, telling what comes of it.

    While it lasts come :class:`TrainStep` and, at the end of each epoch, :class:`TrainEpoch`; the answer is
    :class:`Trained`. A model that was built before stays as it was. Losses and weights are those of Keras' own
    ``fit`` on the same samples in the same order. Figures that are no numbers are left out of what is told.

    Attributes:
        run: which training it is.
        source: the unformatted program; it defines ``build_model()`` and ``compile_model(model)``.
        layers: the layers in the source, top level ones with their children.
        layer_of_line: so that a failure names the layer.
        seed: the design's seed for weights that are not given.
        weights: what training starts from, as in :class:`Build`.
        inputs: Input layer name to ``(samples, …)``.
        targets: name of the layer whose output is trained to ``(samples, …)``.
        sample_weights: by the same names ``(samples,)`` or ``(samples, time)``; none where all count alike.
        validation_inputs: as ``inputs``; empty for no validation.
        validation_targets: as ``targets``.
        validation_weights: as ``sample_weights``.
        probe: Input layer name to the few samples whose units are looked at after each epoch.
        batch_size: samples in a step of training.
        epochs: number of the last epoch.
        shuffle: whether each epoch has an order of its own: that of the epoch's permutation of
            ``numpy.random.default_rng(order_seed)``, which draws one for every epoch from the first.
        order_seed: of that order and, with the layers' paths, of dropout and noise of layers without a seed of
            their own.
        first_epoch: how many epochs were done before, when training is taken up again.
        state: what the optimizer and the random numbers had come to then, from ``TrainEpoch.state``.
        monitor: the figure whose progress counts; empty for none.
        patience: after how many epochs without progress training ends; 0 for never.
        least_progress: a change smaller than this is no progress.
        best: the monitored figure's best value so far, when training is taken up again.
        best_epoch: the epoch of that value.
        every: seconds between two times that weights are told during an epoch; 0 for never.
        paused: whether it waits before the first step.
    """

    run: int
    source: str
    layers: tuple[PlannedLayer, ...]
    layer_of_line: Mapping[int, str]
    seed: int
    weights: Mapping[str, Array]
    inputs: Mapping[str, Array]
    targets: Mapping[str, Array]
    sample_weights: Mapping[str, Array] = field(default_factory=dict)
    validation_inputs: Mapping[str, Array] = field(default_factory=dict)
    validation_targets: Mapping[str, Array] = field(default_factory=dict)
    validation_weights: Mapping[str, Array] = field(default_factory=dict)
    probe: Mapping[str, Array] = field(default_factory=dict)
    batch_size: int = 32
    epochs: int = 1
    shuffle: bool = True
    order_seed: int = 0
    first_epoch: int = 0
    state: Mapping[str, Array] = field(default_factory=dict)
    monitor: str = ""
    patience: int = 0
    least_progress: float = 0.0
    best: float | None = None
    best_epoch: int = 0
    every: float = 0.2
    paused: bool = False


@dataclass(frozen=True)
class Steer:
    """To a training under way: ``pause``, ``continue``, ``step`` (one batch, then wait) or ``stop``.

    Stopping is no failure: the answer is Trained, with what was reached.
    """

    run: int
    action: str


@dataclass(frozen=True)
class TrainStep:
    """How far a training has come; some thirty a second at most, and at every pause.

    Attributes:
        run: which training.
        epoch: the epoch under way, from 1.
        batch: how many of its batches are done.
        batches: how many it has.
        logs: loss and metrics over the epoch so far, as Keras shows them.
        curves: loss (and ``norm``, the length of the whole gradient) of every single batch since the step told
            before, by name, ``(batches,)``.
        norms: length of the gradient by layer id, of the last batch.
        learning_rate: as it was in the last batch.
        seconds: spent on training so far, pauses not counted.
        paused: whether it waits now.
        weights: every weight as it is now, by its key; at every pause, after a stop, else empty most of the time.
    """

    run: int
    epoch: int
    batch: int
    batches: int
    logs: Mapping[str, float]
    curves: Mapping[str, Array]
    norms: Mapping[str, float]
    learning_rate: float
    seconds: float
    paused: bool = False
    weights: Mapping[str, Array] = field(default_factory=dict)


@dataclass(frozen=True)
class TrainEpoch:
    """An epoch is over. Epoch 0 is told before the first step: the untrained model, with validation figures only.

    Attributes:
        run: which training.
        epoch: its number.
        logs: loss, metrics and, with ``val_`` before the name, those of the validation samples.
        weights: every weight by its key.
        state: what is needed, besides the weights, to go on from here as if nothing had happened.
        norms: mean length of the gradient over the epoch by layer id.
        units: by ``<layer id>/<signal>`` of the probe the share of units that are ``dead`` (never off their
            resting value) and ``saturated`` (nearly always at an end of their range): float32 ``(2,)``.
        best_epoch: the epoch with the best monitored figure so far.
        seconds: spent on training so far, pauses not counted.
    """

    run: int
    epoch: int
    logs: Mapping[str, float]
    weights: Mapping[str, Array]
    state: Mapping[str, Array]
    norms: Mapping[str, float]
    units: Mapping[str, Array]
    best_epoch: int
    seconds: float


@dataclass(frozen=True)
class Trained:
    """A training has ended by itself or was stopped.

    Attributes:
        run: which training.
        reason: ``finished``, ``stopped``, ``early`` (no more progress) or ``not_a_number``.
        sentence: the same in words, with the remedy where one is needed.
        epoch: the last whole epoch.
        best_epoch: the epoch with the best monitored figure.
    """

    run: int
    reason: str
    sentence: str
    epoch: int
    best_epoch: int


@dataclass(frozen=True)
class Evaluate:
    """Predict samples and measure the predictions, by a model and weights given here.

    Attributes:
        run: which request; the rest as in :class:`Train`.
    """

    run: int
    source: str
    layers: tuple[PlannedLayer, ...]
    layer_of_line: Mapping[int, str]
    seed: int
    weights: Mapping[str, Array]
    inputs: Mapping[str, Array]
    targets: Mapping[str, Array]
    sample_weights: Mapping[str, Array] = field(default_factory=dict)
    batch_size: int = 32


@dataclass(frozen=True)
class Evaluated:
    """What :class:`Evaluate` found: loss and metrics by name, predictions by output layer name ``(samples, …)``."""

    run: int
    logs: Mapping[str, float]
    predictions: Mapping[str, Array]
    seconds: float
