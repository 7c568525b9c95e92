"""What is asked of the worker about a model, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rnn_designer.messages.parts import Array, PlannedLayer


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
    """Hand over the weights of the model built last as a Keras ``.weights.h5`` file.

    Attributes:
        run: which request it is.
        source: a program that makes the same model in another form, whose file it shall be; empty for that of the
            model itself. Keras lays a file out by the form of the model.
    """

    run: int
    source: str = ""


@dataclass(frozen=True)
class Saved:
    """The bytes of a file that the worker made, as a uint8 array.

    Attributes:
        run: which request it answers.
        content: the file.
        configuration: how the model that was built and each of its layers describe themselves, as JSON:
            ``class``, ``model``, and ``layers`` by name with ``class_name`` and ``config``.
    """

    run: int
    content: Array
    configuration: str = ""


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
