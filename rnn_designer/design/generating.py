"""Whether a model can continue a sequence by itself: what is fed back to where, and what stands in the way.

A model generates when its prediction for the next step can be its next input. That takes one Input with an open
number of steps, a prediction of the Input's own form, and layers that never look ahead: what they said about a step
must stay true when another step is added. Then it makes no difference whether the states are carried from step to
step or the whole sequence is computed again each time; ``codegen.generation`` does the one where every memory of the
model is a state of a recurrent layer, and the other where it is not.

A layer over all steps at once (pooling, Flatten, attention without a causal mask) is refused also where the model
gives one prediction for the whole sequence: every plot of what it computed would change with every step.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rnn_designer.catalog import CellState, TensorSpec
from rnn_designer.catalog.tensors import Size
from rnn_designer.design.checking.graph import Graph
from rnn_designer.design.generation_problems import Obstacles
from rnn_designer.design.model import Design, Generation, Layer
from rnn_designer.design.problems import PortRef, Problem

_STEP_BY_STEP = frozenset(
    {
        "Activation",
        "ActivityRegularization",
        "Add",
        "Average",
        "Dense",
        "Dropout",
        "ELU",
        "Embedding",
        "GaussianDropout",
        "GaussianNoise",
        "Identity",
        "LeakyReLU",
        "Masking",
        "Maximum",
        "Minimum",
        "Multiply",
        "ReLU",
        "SpatialDropout1D",
        "Subtract",
        "TimeDistributed",
    }
)
"""Layers that treat every step by itself, whatever their parameters."""
_ALONG_AN_AXIS = frozenset(
    {
        "BatchNormalization",
        "Concatenate",
        "LayerNormalization",
        "RMSNormalization",
        "Softmax",
        "UnitNormalization",
    }
)
"""Layers that treat every step by itself as long as their axis is not time."""
_ATTENTION = frozenset({"AdditiveAttention", "Attention", "MultiHeadAttention"})
_OF_CELLS = frozenset({"GRU", "LSTM", "RNN", "SimpleRNN"})
"""Recurrent layers whose cell does the same in any RNN."""


@dataclass(frozen=True)
class Memory:
    """A recurrent layer on the way from the Input to the prediction, and the states that it carries."""

    layer: Layer
    states: tuple[CellState, ...]


@dataclass(frozen=True)
class Feedback:
    """How the model's prediction becomes its next input.

    Attributes:
        input: the Input that is fed back to.
        output: the port with the prediction.
        each_step: whether it predicts after every step, or once for the whole sequence.
        tokens: how many tokens there are to draw from, where the Input takes token numbers; None for numbers.
        probabilities: whether a token model gives probabilities, or scores that are yet to be made into some.
        way: ids of the layers on the canvas from the Input to the prediction, both included, in order.
        memories: the recurrent layers on the way.
        carried: whether the states of ``memories`` are all that the model remembers, so that they can be carried
            from step to step; if not, the whole sequence is computed again for every step.
    """

    input: Layer
    output: PortRef
    each_step: bool
    tokens: int | None
    probabilities: bool
    way: tuple[str, ...]
    memories: tuple[Memory, ...]
    carried: bool


def feedback(design: Design, shapes: Mapping[PortRef, TensorSpec]) -> Feedback | tuple[Problem, ...]:
    """What is fed back to where, or why nothing can be.

    Args:
        design: the design, with or without generation switched on.
        shapes: the tensors at its ports as far as they are known; layers without any are left out.

    Returns:
        The way round, or at least one problem, each with its fixes.
    """
    return _Search(design, shapes).result()


def outputs_to_feed_back(design: Design, shapes: Mapping[PortRef, TensorSpec]) -> tuple[Layer, ...]:
    """The layers whose output could be fed back, those that fit first; for choosing among several."""
    search = _Search(design, shapes)
    if len(search.inputs) != 1:
        return ()
    start = search.inputs[0]
    ends = {
        port[0]: None for port in sorted(search.ends(start), key=lambda port: not search.fits(start, port))
    }
    return tuple(search.graph.tops[layer_id] for layer_id in ends)


class _Search:
    """The way from one Input to one prediction."""

    def __init__(self, design: Design, shapes: Mapping[PortRef, TensorSpec]) -> None:
        self.graph = Graph(design)
        self._shapes = shapes
        self._settings = design.generation or Generation()
        self._known = {layer_id for layer_id, _port in shapes}

    @property
    def inputs(self) -> tuple[Layer, ...]:
        """The Inputs that feed something."""
        return tuple(
            layer for layer in self.graph.design.layers if not layer.type.inputs and self._following(layer.id)
        )

    def result(self) -> Feedback | tuple[Problem, ...]:
        """The way round, or what stands in it."""
        inputs = self.inputs
        chosen = tuple(each for each in inputs if each.id == self._settings.input)
        obstacles = Obstacles(self.graph, self._shapes)
        if not inputs:
            obstacles.nothing_to_run()
            return tuple(obstacles.problems)
        start = (chosen or inputs)[0]
        if len(inputs) > 1:
            obstacles.several_inputs(start, tuple(each for each in inputs if each is not start))
        tokens = self._tokens(start)
        obstacles.input_form(start, self._shapes[start.id, "output"], tokens)
        ends = self._ends_in_order(start)
        end = next((port for port in ends if self.fits(start, port)), None)
        if end is None:
            obstacles.misfit(start, ends[0], tokens)
            end = ends[0]
        way = self._way(start, end)
        memories, roles, simple = [], {(start.id, "output"): "sequence"}, True
        for layer in way[1:]:
            role, stepwise = self._through(layer, start, roles, obstacles)
            for port in self.graph.outputs[layer.id]:
                roles[layer.id, port.name] = "last" if port.state else role
            if layer.type.recurrent:
                memory = Memory(layer, self._states(layer))
                memories.append(memory)
                simple &= bool(memory.states) and all(state.sizes is not None for state in memory.states)
            simple &= stepwise
        whole = self._shapes[end].sizes[1:] == self._wanted(start)
        if not obstacles.problems and whole == (roles[end] == "sequence"):
            obstacles.several_steps(self.graph.tops[end[0]], self._shapes[end])
        if obstacles.problems:
            return tuple(obstacles.problems)
        masked = any(spec.masked for spec in self._shapes.values())
        return Feedback(
            input=start,
            output=end,
            each_step=roles[end] == "sequence",
            tokens=tokens,
            probabilities=_gives_probabilities(self.graph, self.graph.tops[end[0]]),
            way=tuple(each.id for each in way),
            memories=tuple(memories),
            # A masked step repeats the output before it, which no state remembers.
            carried=simple and bool(memories) and not masked,
        )

    def _following(self, layer_id: str) -> list[str]:
        return [link.target for link in self.graph.leaving[layer_id] if link.target in self._known]

    def _tokens(self, start: Layer) -> int | None:
        """How many tokens the Embeddings that read the Input know."""
        readers = [self.graph.tops[target] for target in self._following(start.id)]
        sizes = [each.value("input_dim") for each in readers if each.kind == "Embedding"]
        return min(sizes, default=None)

    def ends(self, start: Layer) -> list[PortRef]:
        """The model's outputs that the Input has a part in."""
        reached, waiting = {start.id}, [start.id]
        while waiting:
            for target in self._following(waiting.pop()):
                if target not in reached:
                    reached.add(target)
                    waiting.append(target)
        return [
            (layer.id, port.name)
            for layer in self.graph.design.layers
            if layer.id in reached and layer is not start and not self._following(layer.id)
            for port in self.graph.outputs[layer.id]
            if (layer.id, port.name) in self._shapes
        ]

    def _ends_in_order(self, start: Layer) -> list[PortRef]:
        ends = self.ends(start)
        chosen = [port for port in ends if port[0] == self._settings.output]
        return chosen or ends

    def fits(self, start: Layer, port: PortRef) -> bool:
        """Whether a prediction has the form of one step of the Input."""
        wanted, sizes = self._wanted(start), self._shapes[port].sizes
        return bool(wanted) and None not in wanted and wanted in (sizes[1:], sizes[2:])

    def _wanted(self, start: Layer) -> tuple[Size, ...]:
        """The sizes of a prediction of one step."""
        tokens = self._tokens(start)
        return self._shapes[start.id, "output"].sizes[2:] if tokens is None else (tokens,)

    def _way(self, start: Layer, end: PortRef) -> list[Layer]:
        """The Input and the layers that the prediction is made from, in order."""
        needed, waiting = {end[0]}, [end[0]]
        while waiting:
            for link in self.graph.entering[waiting.pop()]:
                if link.source not in needed:
                    needed.add(link.source)
                    waiting.append(link.source)
        others = [self.graph.tops[each] for each in self.graph.order if each in needed and each != start.id]
        return [start, *(each for each in others if each.type.inputs)]

    def _through(
        self, layer: Layer, start: Layer, roles: Mapping[PortRef, str], obstacles: Obstacles
    ) -> tuple[str, bool]:
        """Whether the layer's output is a sequence or the last of one, and whether its states are all its memory."""
        links = self.graph.entering[layer.id]
        at_ports = {port.name for port in layer.type.inputs}
        arriving = {roles.get((link.source, link.source_port), "sequence") for link in links}
        if any(link.target_port not in at_ports and "initial_" in link.target_port for link in links):
            obstacles.wired_states(layer, [link for link in links if "initial_" in link.target_port])
            return _role_after(layer), False
        if arriving == {"last"} and layer.kind != "RepeatVector":
            return "last", True
        if len(arriving) > 1:
            obstacles.mixed(layer)
            return "sequence", False
        if layer.type.recurrent or layer.kind in ("Bidirectional", "RNN"):
            return _role_after(layer), obstacles.recurrent(layer)
        if layer.kind in _ATTENTION:
            obstacles.attention(layer)
            return "sequence", False
        if layer.kind in ("Conv1D", "SeparableConv1D", "DepthwiseConv1D"):
            return "sequence", obstacles.convolution(layer)
        if layer.kind in _ALONG_AN_AXIS:
            obstacles.axis(layer, self._rank(layer))
        elif layer.kind == "PReLU":
            obstacles.slopes(layer)
        elif layer.kind not in _STEP_BY_STEP:
            obstacles.over_all_steps(layer, start)
        return "sequence", True

    def _rank(self, layer: Layer) -> int:
        link = self.graph.entering[layer.id][0]
        return self._shapes[link.source, link.source_port].rank

    def _states(self, layer: Layer) -> tuple[CellState, ...]:
        """The states that can be given to the layer and taken from it; none where Keras has no plain way to."""
        if layer.kind not in _OF_CELLS or any(each.values().get("dtype") for each in layer.walk()):
            return ()
        if "initial_state" in layer.type.by_name and layer.value("initial_state") is not None:
            return ()  # It starts from what its call says, which the loop that computes all again repeats.
        states = layer.type.carried(layer.values(), layer.call.children)
        # Keras 3.15 cannot tell the shapes of what a stack in a stack returns.
        return () if any(len(state.place) > 2 for state in states) else states


def _role_after(layer: Layer) -> str:
    """Whether a recurrent layer, or one in a wrapper, gives a sequence or the last output."""
    inner = next((each for each in layer.walk() if "return_sequences" in each.type.by_name), None)
    return "sequence" if inner is not None and inner.value("return_sequences") else "last"


def _gives_probabilities(graph: Graph, layer: Layer) -> bool:
    """Whether the last layer that changes numbers ends in a softmax."""
    for each in _and_before(graph, layer):
        inner = each.children[0] if each.kind == "TimeDistributed" and each.children else each
        if inner.kind in ("Dropout", "Identity", "ActivityRegularization", "SpatialDropout1D"):
            continue
        return inner.kind == "Softmax" or (
            "activation" in inner.type.by_name and inner.value("activation") == "softmax"
        )
    return False


def _and_before(graph: Graph, layer: Layer) -> Iterator[Layer]:
    at: Layer | None = layer
    while at is not None:
        yield at
        at = graph.feeder(at.id)
