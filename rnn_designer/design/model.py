"""The design as an immutable value: what the user drew, with nothing derived in it.

Every change makes a new :class:`Design` (see ``edits``); whatever else the program shows is a function of it.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, TypeAlias

from rnn_designer.catalog import Call, FrozenMap, LayerType, Part, Signal, layer_type
from rnn_designer.design.sweeping import Sweep

Position: TypeAlias = tuple[float, float]

COLORS = ("red", "orange", "yellow", "green", "teal", "blue", "violet", "grey")
"""The names of the colours by which boxes, notes and groups can be told apart; a theme says how each looks."""


def new_id() -> str:
    """A short random name for a layer, unique for all practical purposes and stable for the layer's life."""
    return secrets.token_hex(4)


@dataclass(frozen=True)
class Layer:
    """One layer of a design.

    Attributes:
        id: never changes; links, weights and the canvas refer to it.
        kind: the catalog's name of its type (the Keras class name).
        name: what the user calls it; also the Keras layer name and the name in a trace. Unique in a design.
        params: only the parameters that differ from Keras' defaults (and those without one).
        position: of the box's top left corner on the canvas, in scene units (pixels at 100 %).
        children: inner layers, in the order of the type's slots. Their positions are not used.
        extra: fields of the file that this version does not know, kept as they were.
        color: one of :data:`COLORS` by which the user marks the box; None for unmarked.
        shares: id of the layer that this box calls once more, with the same weights; None for a layer of its own.
            Its kind, parameters and inner layers are always those of that layer (``design.sharing``).
        collapsed: whether the canvas shows a wrapper or stack as one box instead of a frame around its inner layers.
    """

    id: str
    kind: str
    name: str
    params: FrozenMap = field(default_factory=FrozenMap)
    position: Position = (0.0, 0.0)
    children: tuple["Layer", ...] = ()
    extra: FrozenMap = field(default_factory=FrozenMap)
    color: str | None = None
    shares: str | None = None
    collapsed: bool = False

    @property
    def type(self) -> LayerType:
        """The catalog's entry for this layer."""
        return layer_type(self.kind)

    @property
    def call(self) -> Call:
        """The layer as the catalog's rules take it, without inputs."""
        return Call(self.type, self.values(), (), tuple(child.call for child in self.children))

    @property
    def states(self) -> tuple[Signal, ...]:
        """The states that a trace holds for it, those of inner cells included."""
        return self.type.recorded(self.values(), tuple(child.call for child in self.children))[0]

    @property
    def gates(self) -> tuple[Signal, ...]:
        """The gates that a trace holds for it, those of inner cells included."""
        return self.type.recorded(self.values(), tuple(child.call for child in self.children))[1]

    def value(self, parameter: str) -> Any:
        """The parameter's value, Keras' default where the layer has none of its own."""
        try:
            return self.params[parameter]
        except KeyError:
            return _defaults(self.kind)[parameter]

    def values(self) -> dict[str, Any]:
        """A value for every parameter of the type."""
        return {**_defaults(self.kind), **self.params}

    def walk(self) -> Iterator["Layer"]:
        """This layer and every layer inside it, outermost first."""
        yield self
        for child in self.children:
            yield from child.walk()


@cache
def _defaults(kind: str) -> dict[str, Any]:
    """Looked up for every rule at every check, hence kept."""
    return dict(layer_type(kind).defaults())


@dataclass(frozen=True)
class Link:
    """A wire from an output port to an input port. Several into one ``many`` port count in the design's order.

    ``extra`` holds fields of the file that this version does not know; it does not tell two wires apart.
    """

    source: str
    target: str
    source_port: str = "output"
    target_port: str = "input"
    extra: FrozenMap = field(default_factory=FrozenMap, compare=False)


@dataclass(frozen=True)
class DataSource:
    """Where the samples of one Input come from, and how they are cut into a batch.

    Attributes:
        kind: ``csv``, ``npy``, ``npz``, ``parquet``, ``wav``, ``text``, ``typed``, or the name of a generator
            (``sequences.GENERATORS``).
        options: what that kind needs: ``path`` (relative to the design file where possible), ``columns`` and how
            to read them for files; ``values`` for typed arrays, nested tuples with None for a gap; the
            generator's own settings otherwise.
        batch_size: how many samples a run feeds.
        time_steps: how many steps each sample has; also where the Input's time axis is open.
        stride: steps between the starts of two samples cut from one long series.
        normalize: ``none``, ``standard`` (mean 0, deviation 1 per feature) or ``range`` (0 to 1 per feature), by
            the scale of the training part.
        horizon: how many steps after a sample its target lies; as many steps follow each sample.
        validation: the share of the data, from 0 to 1, that is held back for validation.
        test: the share at the very end that is held back for the test.
        part: which part the canvas is fed from: ``all``, ``train``, ``validation`` or ``test``.
    """

    kind: str
    options: FrozenMap = field(default_factory=FrozenMap)
    batch_size: int = 1
    time_steps: int = 50
    stride: int = 1
    normalize: str = "none"
    extra: FrozenMap = field(default_factory=FrozenMap)
    horizon: int = 0
    validation: float = 0.0
    test: float = 0.0
    part: str = "all"


@dataclass(frozen=True)
class Generation:
    """How the model continues a sequence by itself: what it predicts becomes its next input, step after step.

    Attributes:
        steps: how many steps are generated.
        prefix: how many steps of a sample it starts from; None for the whole sample.
        temperature: how daring the draws of a token model are: 0 always takes the likeliest token, 1 draws by
            the model's own probabilities.
        seed: of the draws of a token model.
        input: id of the Input that is fed back to; None for the only one.
        output: id of the layer whose output is fed back; None for the first one that fits.
    """

    steps: int = 50
    prefix: int | None = None
    temperature: float = 1.0
    seed: int = 0
    input: str | None = None
    output: str | None = None
    extra: FrozenMap = field(default_factory=FrozenMap)


@dataclass(frozen=True)
class Goal:
    """What one output of the model is to learn.

    Attributes:
        task: ``auto`` for what fits the data and the output, or a name in ``design.tasks.TASKS``.
        columns: which columns of the Input's data are the targets; none for those that the Input reads.
        source: where the targets come from instead, sample for sample beside the Input's.
        horizon: how many steps ahead the target lies.
        loss: a loss of the catalog; None for the one that fits.
        metrics: metrics of the catalog; None for those that fit.
        weight: how much the output's loss counts beside those of others.
        balanced: whether rare classes count as much in all as frequent ones.
    """

    task: str = "auto"
    columns: tuple[str, ...] = ()
    source: DataSource | None = None
    horizon: int = 1
    loss: Part | None = None
    metrics: tuple[Part, ...] | None = None
    weight: float = 1.0
    balanced: bool = False
    extra: FrozenMap = field(default_factory=FrozenMap)


@dataclass(frozen=True)
class Training:
    """How the model is trained on the data of its Inputs.

    Attributes:
        goals: a :class:`Goal` by the id of the layer whose output is trained; one without learns what fits.
        optimizer: an optimizer of the catalog; its ``learning_rate`` is where a schedule starts from.
        schedule: a learning-rate schedule of the catalog; None for a constant learning rate.
        clipping: ``none``, ``norm`` (each gradient), ``global_norm`` (all together) or ``value``.
        clip_at: the limit of clipping.
        batch_size: how many samples make one step of training.
        epochs: how often all samples are gone through.
        stride: steps between the starts of two samples that are cut from a series.
        samples: how many samples a generator makes, those for validation and test among them.
        validation: the share of the data held back for validation where the data source names none.
        test: the share at the very end held back for evaluating where the data source names none.
        shuffle: whether the samples of the training part come in another order in each epoch.
        patience: epochs without progress after which training ends; None to go on to the last.
        monitor: the figure whose progress counts: ``val_loss``, ``loss``, or a metric's name.
        least_progress: a change smaller than this is no progress.
        seed: of the order of the samples, and of dropout.
        runs: names the folder of the runs, so that they follow the design wherever it is saved.
    """

    goals: FrozenMap = field(default_factory=FrozenMap)
    optimizer: Part = field(default_factory=lambda: Part("Adam"))
    schedule: Part | None = None
    clipping: str = "none"
    clip_at: float = 1.0
    batch_size: int = 32
    epochs: int = 50
    stride: int = 1
    samples: int = 512
    validation: float = 0.2
    test: float = 0.1
    shuffle: bool = True
    patience: int | None = None
    monitor: str = "val_loss"
    least_progress: float = 0.0
    seed: int = 0
    runs: str = ""
    extra: FrozenMap = field(default_factory=FrozenMap)


@dataclass(frozen=True)
class Note:
    """A sheet of text on the canvas. It has no meaning for the model.

    Attributes:
        id: never changes, and is no layer's or group's.
        text: what it says, in lines.
        position: of its top left corner on the canvas, in scene units.
        size: width and height in scene units.
        color: one of :data:`COLORS`; None for unmarked.
    """

    id: str
    text: str = ""
    position: Position = (0.0, 0.0)
    size: Position = (208.0, 96.0)
    color: str | None = None
    extra: FrozenMap = field(default_factory=FrozenMap)


@dataclass(frozen=True)
class Group:
    """Boxes and notes that the user put under one title. It has no meaning for the model.

    Attributes:
        id: never changes, and is no layer's or note's.
        name: the title.
        members: ids of layers on the canvas and of notes, each in one group at most.
        collapsed: whether the canvas shows one box in their stead.
        color: one of :data:`COLORS`; None for unmarked.
    """

    id: str
    name: str
    members: tuple[str, ...] = ()
    collapsed: bool = False
    color: str | None = None
    extra: FrozenMap = field(default_factory=FrozenMap)


@dataclass(frozen=True)
class Design:
    """Everything that a design file holds.

    Attributes:
        name: what the user calls the design; the exported model's name.
        layers: in the order they were added. Wrapped layers are children, not members here.
        links: in the order they were drawn.
        data: a sample source per Input, by the Input's layer id.
        seed: from which, with the layer's id and the weight's name, untrained weights are drawn.
        weights: path of the ``.weights.npz`` beside the design file, relative to it, if it carries weights.
        notes: a line or two about the design, shown in the gallery.
        extra: fields of the file that this version does not know, kept as they were.
        canvas_notes: the sheets of text on the canvas, the last one on top.
        groups: titles over boxes and notes.
        generation: how the model continues a sequence by itself; None while it only reads its samples.
        training: how it is trained; None while nobody has said.
        sweep: which settings are tried out to find the best; None while nobody has said.
    """

    name: str = "model"
    layers: tuple[Layer, ...] = ()
    links: tuple[Link, ...] = ()
    data: FrozenMap = field(default_factory=FrozenMap)
    seed: int = 0
    weights: str | None = None
    notes: str = ""
    extra: FrozenMap = field(default_factory=FrozenMap)
    canvas_notes: tuple[Note, ...] = ()
    groups: tuple[Group, ...] = ()
    generation: Generation | None = None
    training: Training | None = None
    sweep: Sweep | None = None

    def layer(self, layer_id: str) -> Layer:
        """The layer with that id, wrapped layers included; KeyError if there is none."""
        for layer in self.walk():
            if layer.id == layer_id:
                return layer
        raise KeyError(f"The design has no layer with the id “{layer_id}”.")

    def find(self, layer_id: str) -> Layer | None:
        """The layer with that id, or None."""
        return next((layer for layer in self.walk() if layer.id == layer_id), None)

    def walk(self) -> Iterator[Layer]:
        """Every layer, wrapped ones after their wrappers."""
        for layer in self.layers:
            yield from layer.walk()

    def owner(self, layer_id: str) -> Layer | None:
        """The wrapper that directly holds the layer, or None for one on the canvas itself."""
        for layer in self.walk():
            if any(child.id == layer_id for child in layer.children):
                return layer
        return None

    def top(self, layer_id: str) -> Layer:
        """The layer on the canvas that is, or holds, the layer with that id; KeyError if there is none."""
        for layer in self.layers:
            if any(inner.id == layer_id for inner in layer.walk()):
                return layer
        raise KeyError(f"The design has no layer with the id “{layer_id}”.")

    def note(self, note_id: str) -> Note | None:
        """The note with that id, or None."""
        return next((each for each in self.canvas_notes if each.id == note_id), None)

    def group(self, group_id: str) -> Group | None:
        """The group with that id, or None."""
        return next((each for each in self.groups if each.id == group_id), None)

    def group_of(self, member_id: str) -> Group | None:
        """The group that a layer on the canvas, or a note, is in; None for none."""
        return next((each for each in self.groups if member_id in each.members), None)

    def source_of(self, input_id: str) -> DataSource | None:
        """The sample source of an Input, if it has one."""
        source: DataSource | None = self.data.get(input_id)
        return source

    def replacing(self, layer: Layer) -> "Design":
        """The design with the layer of the same id, wherever it is, replaced."""
        return replace(self, layers=tuple(_replaced(each, layer) for each in self.layers))


def _replaced(layer: Layer, new: Layer) -> Layer:
    if layer.id == new.id:
        return new
    if not layer.children:
        return layer
    children = tuple(_replaced(child, new) for child in layer.children)
    # What has not changed stays the same object: whoever shows the design sees at once that there is nothing to do.
    same = all(child is before for child, before in zip(children, layer.children, strict=True))
    return layer if same else replace(layer, children=children)
