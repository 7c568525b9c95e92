"""Everything that crosses the border to the worker and the reader, as typed messages.

``rnn_designer.framing`` turns them into bytes and back. It reads the annotations here: a new field needs a
type that it knows, arrays are float32, int32, int64, bool or uint8. No pickle in either direction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:  # NumPy is imported where frames are made and read: the window shows before it is.
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[Any]
else:
    Array = Any


@dataclass(frozen=True)
class PlannedLayer:
    """What the engine has to know of one layer besides the source: who it is.

    Attributes:
        id: the design's id; weights are kept by it.
        name: the Keras layer name in the source, and the first part of its names in a trace.
        kind: the Keras class name.
        children: wrapped layers, in slot order.
        shares: id of the layer that this one calls once more; empty for a layer of its own. It has no name of its
            own: the calls of a layer are told apart by their order.
    """

    id: str
    name: str
    kind: str
    children: tuple[PlannedLayer, ...] = ()
    shares: str = ""


@dataclass(frozen=True)
class Hello:
    """The worker's first message, once Keras is imported.

    Attributes:
        versions: package to version.
        device: what it computes on, as the status bar says it.
        pid: its process id.
        sandbox: ``sandboxed``, or ``not sandboxed: `` and why; empty for processes that run no code of a design.
    """

    versions: Mapping[str, str]
    device: str
    pid: int
    sandbox: str = ""


@dataclass(frozen=True)
class Build:
    """Execute this source and give the model these weights.

    Attributes:
        run: newest wins; replies carry it.
        source: the unformatted exported program; it defines ``build_model()``.
        layers: the layers in the source, top level ones with their children.
        layer_of_line: so that a failure names the layer.
        seed: the design's seed for weights that are not given.
        weights: ``<layer id>/<weight path>`` to array: ``a1b2/kernel``, ``a1b2/backward/recurrent_kernel``.
            One whose shape does not fit any more is drawn anew.
    """

    run: int
    source: str
    layers: tuple[PlannedLayer, ...]
    layer_of_line: Mapping[int, str]
    seed: int
    weights: Mapping[str, Array] = field(default_factory=dict)


@dataclass(frozen=True)
class Built:
    """The model stands: parameter counts by layer id, every weight by its key, seconds it took."""

    run: int
    counts: Mapping[str, int]
    weights: Mapping[str, Array]
    seconds: float


@dataclass(frozen=True)
class Run:
    """Trace the model that was built last on these samples.

    Attributes:
        run: newest wins; replies carry it.
        inputs: Input layer name to array, batch first.
        training: whether dropout, noise and batch statistics act, as they do while a model is trained.
        draw: which random numbers they get; each number gives others, and always the same.
        clamps: what is held: ``<layer id>/<signal>`` as ``Trace.signal`` takes it (``a1b2/state/h``,
            ``a1b2/forward/gate/input``; ``a1b2/initial/h`` for a state before the first step) to float32
            ``(3, holds)``: the unit (-1 for all), its value, the first step from which it is held, in the time order
            of the layer's input. Later holds win. A layer that is called several times holds in every call.
    """

    run: int
    inputs: Mapping[str, Array]
    training: bool = False
    draw: int = 0
    clamps: Mapping[str, Array] = field(default_factory=dict)


@dataclass(frozen=True)
class Generate:
    """Let the model that was built last continue these samples by itself, and trace what comes of it.

    The source that was built has to define ``generate()``. The answer is the trace of the samples with the new steps
    behind them; before it come traces of what is there so far, if they are wanted.

    Attributes:
        run: newest wins; replies carry it.
        inputs: the Input layer's name to the samples that are continued, batch first.
        steps: how many steps are added.
        temperature: of the draws of a token model.
        seed: of the draws of a token model.
        every: after how many steps a growing trace is told; 0 for none before the last.
    """

    run: int
    inputs: Mapping[str, Array]
    steps: int
    temperature: float = 1.0
    seed: int = 0
    every: int = 0


@dataclass(frozen=True)
class Analyse:
    """Find something out about the model that was traced last, beyond what it computed.

    Attributes:
        run: which request it is.
        kind: what to find out: a name in ``engine.analyses.ANALYSES``.
        layer: id of the layer that it is about.
        options: settings by name, such as the step whose gradient is wanted.
        arrays: further numbers that it needs, by name.
    """

    run: int
    kind: str
    layer: str
    options: Mapping[str, float] = field(default_factory=dict)
    arrays: Mapping[str, Array] = field(default_factory=dict)


@dataclass(frozen=True)
class Analysis:
    """What was found out.

    Attributes:
        run: which request it answers.
        kind: as it was asked.
        layer: as it was asked.
        arrays: the numbers, by name; each analysis says which and with what axes.
        facts: what is to be said in words, by name.
        seconds: how long it took in the worker.
    """

    run: int
    kind: str
    layer: str
    arrays: Mapping[str, Array]
    facts: Mapping[str, str]
    seconds: float


@dataclass(frozen=True)
class Trace:
    """Every recorded array of one run.

    Attributes:
        run: which run it answers.
        arrays: ``<layer>/result``, ``<layer>/state/h``, ``bi/forward/gate/input`` … to arrays
            ``(batch, time, …)``, float32; ``<layer>/mask`` is bool; inputs keep their type.
        layers: layer id to the path of its arrays: ``a1b2`` to ``memory``, a wrapped layer's to
            ``bi/forward``.
        seconds: how long the traced pass took in the worker.
        generated: the first step of the Input that the model itself made; None where all are samples.
        to_come: how many steps are yet to be generated; a trace with some is no answer, a further one follows.
        training: whether dropout, noise and batch statistics acted.
    """

    run: int
    arrays: Mapping[str, Array]
    layers: Mapping[str, str]
    seconds: float
    generated: int | None = None
    to_come: int = 0
    training: bool = False

    def signal(self, layer_id: str, signal: str) -> Array | None:
        """One array of a layer by its id: ``signal("a1b2", "state/h")``; None if it was not recorded."""
        path = self.layers.get(layer_id)
        return None if path is None else self.arrays.get(f"{path}/{signal}")

    def signals(self, layer_id: str) -> tuple[str, ...]:
        """The names of everything recorded for a layer, below its own path, in recording order."""
        path = self.layers.get(layer_id)
        if path is None:
            return ()
        prefix = path + "/"
        return tuple(name[len(prefix) :] for name in self.arrays if name.startswith(prefix))


@dataclass(frozen=True)
class Progress:
    """Something long is under way: how far (0 to 1, or None) and in words."""

    run: int
    fraction: float | None
    text: str


@dataclass(frozen=True)
class Failure:
    """A request that could not be met, in the user's words.

    Attributes:
        run: which request.
        sentence: received, expected, what to do.
        layer: id of the layer that is to blame, if one is.
        detail: the traceback or raw message, for the log and the details view only.
    """

    run: int
    sentence: str
    layer: str | None = None
    detail: str = ""


@dataclass(frozen=True)
class Cancel:
    """Stop working on this run as soon as possible; the worker answers with a Failure "cancelled"."""

    run: int


@dataclass(frozen=True)
class SaveWeights:
    """Hand over the weights of the model built last as a Keras ``.weights.h5`` file."""

    run: int


@dataclass(frozen=True)
class Saved:
    """The bytes of a file that the worker made, as a uint8 array."""

    run: int
    content: Array


@dataclass(frozen=True)
class Train:
    """Train a model on these samples, epoch after epoch, telling what comes of it.

    While it lasts come :class:`TrainStep` and, at the end of each epoch, :class:`TrainEpoch`; the answer is
    :class:`Trained`. A model that was built before stays as it was. Losses and weights are those of Keras' own
    ``fit`` on the same samples in the same order.

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
        order_seed: of that order and, with the layers' names, of dropout and noise.
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
        weights: every weight as it is now, by its key; empty most of the time.
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


@dataclass(frozen=True)
class Describe:
    """Read what the installed Keras says about one of its own names.

    Attributes:
        name: as it stands below ``keras``: ``layers.LSTM``, ``Input``, ``initializers.Orthogonal``,
            ``activations.tanh``.
    """

    run: int
    name: str


@dataclass(frozen=True)
class Description:
    """Keras' own documentation of one of its names, read from the installed version.

    Attributes:
        name: what was asked for.
        summary: its first sentence.
        text: what follows it, as the source has it; may be empty.
        arguments: argument to what is said about it, those of the base classes included.
    """

    run: int
    name: str
    summary: str
    text: str
    arguments: Mapping[str, str]


@dataclass(frozen=True)
class ReadTable:
    """To the reader: read a data file.

    Attributes:
        run: the answer carries it; so do the Progress messages before it.
        path: absolute path of a data file.
        columns: names or numbers of the columns wanted; empty for every numeric one.
        options: how to read it, by name: ``kind``, ``separator``, ``member`` … (``sequences.read_table``).
        rows: how many rows from the beginning, for a preview; 0 for all.
    """

    run: int
    path: str
    columns: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    rows: int = 0


@dataclass(frozen=True)
class Table:
    """From the reader: a data file, or the beginning of one.

    Attributes:
        values: ``(steps, features)``, or ``(samples, steps, features)`` from a three-axis array.
        columns: the names of the features in ``values``.
        available: the names of every numeric column in the file.
        remarks: what was noticed on the way: the separator, gaps, skipped columns; a sentence each.
        facts: what was found out and can be changed, by name: ``separator``, ``encoding``, ``member`` …
        total: how many rows or samples the whole file has; None if they were not counted.
        vocabulary: the token of every id of a text, from 0.
        counts: how often each of them occurs, as digits.
        members: the arrays in an NPZ file.
    """

    run: int
    values: Array
    columns: tuple[str, ...]
    available: tuple[str, ...]
    remarks: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    total: int | None = None
    vocabulary: tuple[str, ...] = ()
    counts: tuple[str, ...] = ()
    members: tuple[str, ...] = ()


Message: TypeAlias = (
    Hello
    | Build
    | Built
    | Run
    | Generate
    | Analyse
    | Analysis
    | Trace
    | Progress
    | Failure
    | Cancel
    | SaveWeights
    | Saved
    | Train
    | Steer
    | TrainStep
    | TrainEpoch
    | Trained
    | Evaluate
    | Evaluated
    | Describe
    | Description
    | ReadTable
    | Table
)

__all__ = [
    "Analyse",
    "Analysis",
    "Array",
    "Build",
    "Built",
    "Cancel",
    "Describe",
    "Description",
    "Evaluate",
    "Evaluated",
    "Failure",
    "Generate",
    "Hello",
    "Message",
    "PlannedLayer",
    "Progress",
    "ReadTable",
    "Run",
    "SaveWeights",
    "Saved",
    "Steer",
    "Table",
    "Trace",
    "Train",
    "TrainEpoch",
    "TrainStep",
    "Trained",
]
