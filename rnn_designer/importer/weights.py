"""The weights of a model file by a design's keys: ``<layer id>/<weight>``.

Newer files name groups after classes (``layers/lstm_1/cell/vars/0``), older ones after layers, with a list of names
in the order of ``layer.weights``. In both, the order of a layer's weights says which is which.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rnn_designer.design.model import Layer
from rnn_designer.design.naming import snake_case
from rnn_designer.importer.made import Container
from rnn_designer.wording import counted

if TYPE_CHECKING:
    from rnn_designer.importer.hdf import Hdf
    from rnn_designer.messages import Array

_KERNEL = ("kernel", "bias")
_CELL = ("kernel", "recurrent_kernel", "bias")
_NAMES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("SimpleRNN", "LSTM", "GRU", "SimpleRNNCell", "LSTMCell", "GRUCell"), _CELL),
    **dict.fromkeys(("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"), _CELL),
    **dict.fromkeys(("Dense", "Conv1D", "Conv2D", "Conv3D"), _KERNEL),
    **dict.fromkeys(("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose", "DepthwiseConv1D"), _KERNEL),
    "SeparableConv1D": ("depthwise_kernel", "pointwise_kernel", "bias"),
    "Embedding": ("embeddings",),
    "BatchNormalization": ("gamma", "beta"),
    "LayerNormalization": ("gamma", "beta"),
    "GroupNormalization": ("gamma", "beta"),
    "RMSNormalization": ("scale",),
    "PReLU": ("alpha",),
}
_INSIDE_CELL = ("SimpleRNN", "LSTM", "GRU", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")
_FLAGS = {"bias": "use_bias", "gamma": "scale", "beta": "center"}
_MOVING = ("moving_mean", "moving_variance")
_RENORM = ("moving_stddev", "renorm_mean", "renorm_stddev")
_HEADS = (
    ("query_dense", "query"),
    ("key_dense", "key"),
    ("_gate_dense", "gate"),
    ("value_dense", "value"),
    ("output_dense", "attention_output"),
)


@dataclass(frozen=True)
class Place:
    """Where one weight is.

    Attributes:
        key: the design's.
        group: below the layer's own group in a newer file: ``cell``, ``forward_layer/cell``, or nothing.
        number: which of the group's weights it is.
        trained: whether training changes it: older files put those first.

    """

    key: str
    group: str
    number: int
    trained: bool = True


def own_weights(layer: Layer) -> tuple[tuple[str, bool], ...]:
    """The names of a layer's own weights in Keras' order, and whether training changes each."""
    values = layer.values()
    if layer.kind == "Attention":
        wanted = (("scale", values["use_scale"]), ("concat_score_weight", values["score_mode"] == "concat"))
        return tuple((name, True) for name, there in wanted if there)
    if layer.kind == "AdditiveAttention":
        return (("scale", True),) if values["use_scale"] else ()
    names = [name for name in _NAMES.get(layer.kind, ()) if values.get(_FLAGS.get(name, ""), True)]
    found = [(name, True) for name in names]
    if layer.kind == "BatchNormalization":
        found += [(name, False) for name in (*_MOVING, *(_RENORM if values["renorm"] else ()))]
    return tuple(found)


def places(layer: Layer) -> Iterator[Place]:
    """Where each weight of a layer and of those inside it is, in the order of ``layer.weights``."""
    yield from _places(layer, layer.id, "")


def _places(layer: Layer, prefix: str, group: str) -> Iterator[Place]:
    trained = layer.params.get("trainable", True) is not False
    for place in _all_places(layer, prefix, group):
        yield place if trained else Place(place.key, place.group, place.number, False)


def _all_places(layer: Layer, prefix: str, group: str) -> Iterator[Place]:
    kind, children = layer.kind, layer.children
    if kind == "MultiHeadAttention":
        for attribute, name in _HEADS:
            if name == "gate" and not layer.value("use_gate"):
                continue
            for number, weight in enumerate(_KERNEL if layer.value("use_bias") else _KERNEL[:1]):
                yield Place(f"{prefix}/{name}/{weight}", _below(group, attribute), number)
        return
    if kind == "Bidirectional":
        yield from _places(children[0], children[0].id, _below(group, "forward_layer"))
        if len(children) > 1:
            yield from _places(children[1], children[1].id, _below(group, "backward_layer"))
        else:
            yield from _mirrored(children[0], _below(group, "backward_layer"))
        return
    if kind == "StackedRNNCells":
        for child, name in zip(children, _numbered([each.kind for each in children]), strict=True):
            yield from _places(child, child.id, _below(group, f"cells/{name}"))
        return
    if kind in ("TimeDistributed", "RNN"):
        for child in children:
            yield from _places(child, child.id, _below(group, "cell" if kind == "RNN" else "layer"))
        return
    inner = _below(group, "cell") if kind in _INSIDE_CELL else group
    for number, (name, trained) in enumerate(own_weights(layer)):
        yield Place(f"{prefix}/{name}", inner, number, trained)


def _mirrored(layer: Layer, group: str) -> Iterator[Place]:
    """The weights of the backward copy that Keras makes: by the forward one's keys, with ``backward`` in them."""
    for place in _places(layer, layer.id, group):
        owner, _slash, name = place.key.partition("/")
        yield Place(f"{owner}/backward/{name}", place.group, place.number, place.trained)


def _below(group: str, name: str) -> str:
    return f"{group}/{name}" if group else name


def _numbered(kinds: list[str]) -> list[str]:
    """Names of groups as Keras makes them of class names: ``lstm``, ``lstm_1``, ``dense``."""
    used: dict[str, int] = {}
    found = []
    for kind in kinds:
        name = snake_case(kind)
        found.append(f"{name}_{used[name]}" if name in used else name)
        used[name] = used.get(name, 0) + 1
    return found


class Weights:
    """Takes arrays for the layers of a model, and tells which could not be taken."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        """``counts`` are the numbers of weights that each layer needs, by its id, where they are known."""
        self._counts = counts
        self.arrays: dict[str, Array] = {}
        self.missing: list[str] = []

    def take(self, layer: Layer, wanted: list[Place], find: Callable[[Place], Array | None]) -> None:
        """Take a layer's weights if they are all there and as many as it needs."""
        if not wanted:
            return
        found: dict[str, Array] = {}
        for place in wanted:
            array = find(place)
            if array is None:
                self.missing.append(layer.name)
                return
            found[place.key] = array
        found.update(_adapted(layer, found))
        needed = self._counts.get(layer.id)
        if needed is not None and sum(array.size for array in found.values()) != needed:
            self.missing.append(layer.name)
            return
        self.arrays.update(found)

    def remarks(self) -> list[str]:
        """Which layers begin with weights of their own draw, as a sentence."""
        if not self.missing:
            return []
        names = ", ".join(f"“{name}”" for name in self.missing[:5])
        more = f" and {len(self.missing) - 5} more" if len(self.missing) > 5 else ""
        return [
            f"The file has no weights that fit {counted(len(self.missing), 'layer')} ({names}{more}): they are drawn "
            "from the design's seed."
        ]


def _adapted(layer: Layer, found: Mapping[str, Any]) -> dict[str, Array]:
    """The low-rank factors of a layer: files hold the weight with them added, and begin anew with zeros."""
    rank = layer.params.get("lora_rank") if "lora_rank" in layer.type.by_name else None
    if not isinstance(rank, int):
        return {}
    import numpy

    name = "embeddings" if layer.kind == "Embedding" else "kernel"
    shape = found[f"{layer.id}/{name}"].shape
    rows = (*shape[:-1], rank)
    return {
        f"{layer.id}/lora_{name}_a": numpy.zeros(rows, "float32"),
        f"{layer.id}/lora_{name}_b": numpy.zeros((rank, shape[-1]), "float32"),
    }


def from_class_groups(container: Container, file: Hdf, weights: Weights, top: str = "") -> None:
    """Take the weights of a newer file (the one in a ``.keras``), in which groups have names of classes."""
    groups = _numbered([member.class_name for member in container.members])
    for group, member in zip(groups, container.members, strict=True):
        made = member.made
        path = f"{top}/layers/{group}"
        if isinstance(made, Container):
            from_class_groups(made, file, weights, path)
        elif made is not None:

            def find(place: Place, path: str = path) -> Array | None:
                inner = f"{path}/{place.group}" if place.group else path
                return file.array(f"{inner}/vars/{place.number}")

            weights.take(made, list(places(made)), find)


def from_layer_groups(container: Container, file: Hdf, weights: Weights, top: str) -> None:
    """Take the weights of an older file (``.h5``), in which groups have names of layers."""
    for member in container.members:
        made = member.made
        if made is None:
            continue
        path = f"{top}/{member.name}"
        stored = file.words(path, "weight_names")
        wanted = [(layer, place) for layer in _layers(made) for place in places(layer)]
        # The file has first what training changes, then the rest.
        order = sorted(range(len(wanted)), key=lambda index: not wanted[index][1].trained)
        held: dict[str, str] = {}
        if len(stored) == len(wanted):
            held = {wanted[index][1].key: each for index, each in zip(order, stored, strict=True)}

        def find(place: Place, path: str = path, held: dict[str, str] = held) -> Array | None:
            return file.array(f"{path}/{held[place.key]}") if place.key in held else None

        for layer in _layers(made):
            weights.take(layer, [place for owner, place in wanted if owner is layer], find)


def _layers(made: Layer | Container) -> list[Layer]:
    if isinstance(made, Layer):
        return [made]
    return [layer for each in made.members if each.made is not None for layer in _layers(each.made)]
