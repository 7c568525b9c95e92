"""What a live run asks of the engine, as values that can be compared: the same request is never run twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rnn_designer.catalog import FrozenMap
from rnn_designer.codegen import Source, generate, planned
from rnn_designer.design import Checked, Design, Layer
from rnn_designer.messages import Build, Generate, PlannedLayer, Run
from rnn_designer.session.generating import Continuation, source_settings
from rnn_designer.session.holds import Hold, clamps
from rnn_designer.session.inputs import inputs_of

if TYPE_CHECKING:
    from rnn_designer.codegen import Planned
    from rnn_designer.messages import Array, Trace


@dataclass(frozen=True, eq=False)
class Model:
    """The part of a design that can run, ready to be built.

    Attributes:
        essence: the design without what changes no number; two models are the same if theirs are.
        source: the exported program.
        layers: who the layers in it are.
    """

    essence: Design
    source: Source
    layers: tuple[PlannedLayer, ...]

    @property
    def inputs(self) -> tuple[Layer, ...]:
        """The Inputs that feed it, in the design's order."""
        return inputs_of(self.essence)

    @property
    def layer_ids(self) -> frozenset[str]:
        """The ids of all its layers, wrapped ones included, and of those whose weights they use."""
        return frozenset(each for layer in self.essence.walk() for each in (layer.id, layer.shares) if each)

    @property
    def computing(self) -> int:
        """How many layers on the canvas compute something."""
        return len(self.essence.layers) - len(self.inputs)

    def build(self, run: int, weights: Mapping[str, Array]) -> Build:
        """What asks the engine to build it, starting from these weights."""
        lines = self.source.layer_of_line
        return Build(run, self.source.text, self.layers, lines, self.essence.seed, weights)


@dataclass(frozen=True, eq=False)
class Request:
    """One run: this model, with these weights, on these samples.

    Attributes:
        model: what is to be built.
        weights: number of the set of carried weights; another number asks for another build.
        samples: the arrays by the Input's layer name. They are compared by identity.
        continuation: how the model goes on from them by itself; None where it only reads them.
        training: whether dropout, noise and batch statistics act.
        draw: which random numbers they get.
        holds: what is held meanwhile.
    """

    model: Model
    weights: int
    samples: Mapping[str, Array]
    continuation: Continuation | None = None
    training: bool = False
    draw: int = 0
    holds: tuple[Hold, ...] = ()

    def same_build(self, other: Request | None) -> bool:
        """Whether both need the very same model with the same weights."""
        return other is not None and (self.model.essence, self.weights) == (
            other.model.essence,
            other.weights,
        )

    def message(self, run: int) -> Run | Generate:
        """What asks the engine for it, once its model stands."""
        if self.continuation is not None:
            return self.continuation.message(run, self.samples, growing=True)
        return Run(run, self.samples, self.training, self.draw, clamps(self.holds))

    def built_for(self, part: Checked, weights: int) -> bool:
        """Whether its model is that of a runnable part, with these weights."""
        return (self.model.essence, self.weights) == (essence(part.design), weights)

    def same(self, other: Request | None) -> bool:
        """Whether both would give the same trace."""
        return (
            other is not None
            and self.same_build(other)
            and self.continuation == other.continuation
            and self.training == other.training
            and (self.draw == other.draw or not self.training)
            and self.holds == other.holds
            and self.samples.keys() == other.samples.keys()
            and all(other.samples[name] is array for name, array in self.samples.items())
        )


@dataclass
class Flight:
    """A request that the engine works on: first the Build, if one is needed, then the Run."""

    request: Request
    run: int
    cancelled: bool = False


def essence(design: Design) -> Design:
    """A design without what only the canvas shows, sample sources and files: what decides its source and weights."""
    return Design(
        name=design.name,
        layers=tuple(_bare(layer) for layer in design.layers),
        links=design.links,
        seed=design.seed,
        generation=source_settings(design.generation),
    )


def same_model(one: Design, other: Design) -> bool:
    """Whether weights of one design are weights of the other, and mean the same there."""

    def bare(design: Design) -> Design:
        return replace(essence(design), name="", seed=0, generation=None)

    return bare(one) == bare(other)


def _bare(layer: Layer) -> Layer:
    children = tuple(_bare(child) for child in layer.children)
    bare = replace(layer, position=(0.0, 0.0), children=children, extra=FrozenMap())
    return replace(bare, color=None, collapsed=False)


def model_of(part: Checked) -> Model:
    """The model of a design's runnable part.

    Raises:
        NotExportable: it cannot be built; the text is a sentence.
    """
    bare = essence(part.design)
    settled = replace(part, design=replace(part.design, generation=bare.generation))
    return Model(bare, generate(settled), planned_layers(part))


def planned_layers(part: Checked) -> tuple[PlannedLayer, ...]:
    """Who the layers of a runnable part are, in source order, as the engine is told."""
    return tuple(_planned(each) for each in planned(part))


def _planned(layer: Planned) -> PlannedLayer:
    layer_id, name, kind, children, shares = layer
    return PlannedLayer(layer_id, name, kind, tuple(_planned(child) for child in children), shares)


def unchanged_layers(new: Design, old: Design | None) -> frozenset[str]:
    """The ids of the layers whose drawn weights are the same in both designs, if their shapes are."""
    if old is None or old.seed != new.seed:
        return frozenset()
    before = {layer.id: (layer.kind, layer.params) for layer in old.walk()}
    return frozenset(layer.id for layer in new.walk() if before.get(layer.id) == (layer.kind, layer.params))


def extent(trace: Trace, request: Request, has_time: Mapping[str, bool]) -> tuple[int, int]:
    """How many steps and samples a trace has.

    Steps are those of the longest sequence that is fed in or that a recurrent layer walks through.

    Args:
        trace: the trace.
        request: what it answers.
        has_time: for each Input's id, whether its first axis after the batch is time.
    """
    fed = request.samples.items()
    arrays = [trace.arrays.get(f"{name}/input", array) for name, array in fed]
    samples = int(arrays[0].shape[0]) if arrays else 0
    steps = [1] * bool(samples)
    steps += [
        int(array.shape[1])
        for layer, array in zip(request.model.inputs, arrays, strict=False)
        if has_time.get(layer.id) and array.ndim > 1
    ]
    steps += [
        int(array.shape[1]) for name, array in trace.arrays.items() if "/state/" in name and array.ndim > 2
    ]
    return max(steps, default=0), samples
