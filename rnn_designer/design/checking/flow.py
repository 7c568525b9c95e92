"""Which tensor is on every wire and how many weights every layer has, by the catalog's rules and without Keras."""

from dataclasses import dataclass, field

from rnn_designer.catalog import Call, RuleError, TensorSpec
from rnn_designer.design.checking.graph import Graph
from rnn_designer.design.model import Layer
from rnn_designer.design.ports import output_ports
from rnn_designer.design.problems import PortRef


@dataclass
class Flow:
    """What could be worked out. Layers whose inputs are not known are in none of these.

    Attributes:
        shapes: the tensor at each output port, wrapped layers included.
        inputs: the tensors that arrive at each layer's own ports, in their order, wrapped layers included.
        named: the tensors that arrive at optional ports of the layers on the canvas, by port.
        counts: the number of weights of each layer, wrapped layers included, where it can be told.
        errors: why a layer cannot take what arrives, by the id of the layer to blame.
        failed: ids of the layers on the canvas with an error in them or inside them.
        cause: the layer and the error of the rule that failed last, while a layer is worked out.
        unconnected: ids of the layers on the canvas that lack a wire at some input.
    """

    shapes: dict[PortRef, TensorSpec] = field(default_factory=dict)
    inputs: dict[str, tuple[TensorSpec, ...]] = field(default_factory=dict)
    named: dict[PortRef, TensorSpec] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    errors: dict[str, RuleError] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    unconnected: set[str] = field(default_factory=set)
    cause: tuple[str, RuleError] | None = None


@dataclass(frozen=True, eq=False)
class _Watched(Call):
    """A call of one layer of the design that notes what its wrapper's rule feeds it."""

    layer: Layer = field(kw_only=True)
    flow: Flow = field(kw_only=True)

    def on(self, *inputs: TensorSpec, **named: TensorSpec) -> "_Watched":
        return _Watched(
            self.type, self.params, inputs, self.children, named, layer=self.layer, flow=self.flow
        )

    def outputs(self) -> tuple[TensorSpec, ...]:
        self.flow.inputs.setdefault(self.layer.id, self.inputs)
        try:
            tensors = self.type.rule(self)
        except RuleError as error:
            self._blame(error)
            raise
        for port, tensor in zip(self.type.outputs(self.params, self.children), tensors, strict=False):
            self.flow.shapes.setdefault((self.layer.id, port.name), tensor)
        return tensors

    def count(self) -> int | None:
        try:
            number = self.type.count(self)
        except RuleError as error:
            self._blame(error)
            raise
        if number is not None:
            self.flow.counts.setdefault(self.layer.id, number)
        return number

    def _blame(self, error: RuleError) -> None:
        """Note an error where it arises, innermost first; wrappers pass it on as one of their own."""
        if self.flow.cause is None:
            inner = self.layer.children
            child = error.child
            blamed = inner[child] if child is not None and child < len(inner) else self.layer
            self.flow.cause = (blamed.id, error)


def flow_through(graph: Graph) -> Flow:
    """Follow the tensors from the Inputs through the design."""
    flow = Flow()
    for layer_id in graph.order:
        layer = graph.tops[layer_id]
        arriving: list[TensorSpec] = []
        named: dict[str, TensorSpec] = {}
        known = True
        for port, links in graph.into(layer):
            if not links and not port.optional:
                flow.unconnected.add(layer_id)
            for link in links:
                tensor = flow.shapes.get((link.source, link.source_port))
                if tensor is None:
                    known = False
                elif port.optional:
                    named[port.name] = tensor
                else:
                    arriving.append(tensor)
        if known and layer_id not in flow.unconnected:
            flow.named.update({(layer_id, port): tensor for port, tensor in named.items()})
            _apply(layer, tuple(arriving), named, flow)
    return flow


def _apply(layer: Layer, inputs: tuple[TensorSpec, ...], named: dict[str, TensorSpec], flow: Flow) -> None:
    call = _watched(layer, flow).on(*inputs, **named)
    flow.cause = None
    try:
        call.outputs()
        call.count()
    except RuleError as error:
        blamed, first = flow.cause or (layer.id, error)
        flow.errors[blamed] = first
        flow.failed.add(layer.id)
        for each in layer.walk():
            for port in output_ports(each):
                flow.shapes.pop((each.id, port.name), None)


def _watched(layer: Layer, flow: Flow) -> _Watched:
    children = tuple(_watched(child, flow) for child in layer.children)
    return _Watched(layer.type, layer.values(), (), children, layer=layer, flow=flow)
