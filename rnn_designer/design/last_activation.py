"""Which activation function the numbers of an output went through last."""

from rnn_designer.design.checking.graph import Graph
from rnn_designer.design.model import Layer

_HANDS_ON = frozenset(
    {
        "ActivityRegularization",
        "Cropping1D",
        "Dropout",
        "Flatten",
        "GaussianDropout",
        "GaussianNoise",
        "Identity",
        "Masking",
        "Permute",
        "RepeatVector",
        "Reshape",
        "SpatialDropout1D",
    }
)
"""Layers that leave the range of numbers as it is."""
_OWN = {
    "ELU": "elu",
    "LeakyReLU": "leaky_relu",
    "PReLU": "leaky_relu",
    "ReLU": "relu",
    "Softmax": "softmax",
}
_SAME = {
    "log_softmax": "log_softmax",
    "sparse_sigmoid": "sigmoid",
    "hard_sigmoid": "sigmoid",
    "sparsemax": "softmax",
}


def last_activation(graph: Graph, layer_id: str) -> str:
    """The name of the function, ``linear`` where numbers of any size come out.

    Functions with the same range as sigmoid or softmax count as those.
    """
    layer: Layer | None = graph.tops[layer_id]
    while layer is not None:
        found = _of(layer)
        if found is not None:
            return _SAME.get(found, found)
        layer = graph.feeder(layer.id)
    return "linear"


def _of(layer: Layer) -> str | None:
    """The layer's own function; None where it leaves the range of its input as it is."""
    if layer.kind in _HANDS_ON:
        return None
    if layer.kind in _OWN:
        return _OWN[layer.kind]
    if layer.children:
        return _of(layer.children[-1 if layer.kind == "StackedRNNCells" else 0]) or "linear"
    if "activation" in layer.type.by_name:
        name = layer.value("activation")
        if layer.kind == "Activation" and name in (None, "linear"):
            return None
        return str(name) if name is not None else "linear"
    return "linear"
