"""Which tensor is on every wire and how many weights every layer has, by the catalog's rules and without Keras."""

from dataclasses import dataclass, field

from rnn_designer.catalog import Call, RuleError, TensorSpec
from rnn_designer.design.checking.graph import Graph
from rnn_designer.design.model import Layer
from rnn_designer.design.problems import PortRef


@dataclass
class Flow:
    """What could be worked out. Layers whose inputs are not known are in none of these.

    Attributes:
        shapes: the tensor at each output port, wrapped layers included.
        inputs: the tensors that arrive at each layer, in port order, wrapped layers included.
        counts: the number of weights of each layer, wrapped layers included.
        errors: why a layer cannot take what arrives, by the id of the layer to blame.
        failed: ids of the layers on the canvas with an error in them or inside them.
        unconnected: ids of the layers on the canvas that lack a wire at some input.
    """

    shapes: dict[PortRef, TensorSpec] = field(default_factory=dict)
    inputs: dict[str, tuple[TensorSpec, ...]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    errors: dict[str, RuleError] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    unconnected: set[str] = field(default_factory=set)


@dataclass(frozen=True, eq=False)
class _Watched(Call):
    """A call of one layer of the design that notes what its wrapper's rule feeds it."""

    layer: Layer = field(kw_only=True)
    flow: Flow = field(kw_only=True)

    def on(self, *inputs: TensorSpec) -> "_Watched":
        return _Watched(self.type, self.params, inputs, self.children, layer=self.layer, flow=self.flow)

    def outputs(self) -> tuple[TensorSpec, ...]:
        self.flow.inputs.setdefault(self.layer.id, self.inputs)
        tensors = self.type.rule(self)
        for port, tensor in zip(self.type.outputs(self.params, self.children), tensors, strict=False):
            self.flow.shapes.setdefault((self.layer.id, port.name), tensor)
        return tensors

    def count(self) -> int:
        number = self.type.count(self)
        self.flow.counts.setdefault(self.layer.id, number)
        return number


def flow_through(graph: Graph) -> Flow:
    """Follow the tensors from the Inputs through the design."""
    flow = Flow()
    for layer_id in graph.order:
        layer = graph.tops[layer_id]
        arriving: list[TensorSpec] = []
        known = True
        for _port, links in graph.into(layer):
            if not links:
                flow.unconnected.add(layer_id)
            for link in links:
                tensor = flow.shapes.get((link.source, link.source_port))
                if tensor is None:
                    known = False
                else:
                    arriving.append(tensor)
        if known and layer_id not in flow.unconnected:
            _apply(layer, tuple(arriving), flow)
    return flow


def _apply(layer: Layer, inputs: tuple[TensorSpec, ...], flow: Flow) -> None:
    call = _watched(layer, flow).on(*inputs)
    try:
        call.outputs()
        call.count()
    except RuleError as error:
        to_blame = layer
        if error.child is not None and error.child < len(layer.children):
            to_blame = _deepest(layer.children[error.child], flow)
        flow.errors[to_blame.id] = error
        flow.failed.add(layer.id)
        for each in layer.walk():
            for port in each.type.outputs(each.values(), _watched(each, flow).children):
                flow.shapes.pop((each.id, port.name), None)


def _deepest(layer: Layer, flow: Flow) -> Layer:
    """The innermost layer that was fed and gave nothing: the rule that failed is its own."""
    for child in layer.children:
        if child.id in flow.inputs and not any(owner == child.id for owner, _port in flow.shapes):
            return _deepest(child, flow)
    return layer


def _watched(layer: Layer, flow: Flow) -> _Watched:
    children = tuple(_watched(child, flow) for child in layer.children)
    return _Watched(layer.type, layer.values(), (), children, layer=layer, flow=flow)
