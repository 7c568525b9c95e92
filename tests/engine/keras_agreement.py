"""A use of a layer type by our rules and by the installed Keras, and what the two disagree on."""

import itertools
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
from keras.src import backend

from rnn_designer.catalog import CATALOG, Call, Parameter, Part, PartOf, RuleError, TensorSpec
from rnn_designer.catalog.cells import STACK
from rnn_designer.catalog.states import carried_by, in_places, initial_port

STRICTER = {
    "tokens": "Keras casts ids to real numbers and carries on; taken as amounts they mean nothing",
    "one_input": "Keras accepts a merge of one tensor, which does nothing",
    "batch_axis": "joining or computing along the batch mixes samples, which nothing after it expects",
    "masked_softmax": "Keras lays the mask of the steps over the features, and takes it where the sizes agree",
    "axis_twice": "Keras makes a weight for the product of the two sizes, which are the same axis",
    "TimeDistributed/rank": "Keras skips the inner layer's look at its axes and gives other shapes than it declares, "
    "or fails in training",
    "SeparableConv1D/strides_and_dilation": "TensorFlow's description of its operation rules out both at once",
    "DepthwiseConv1D/strides_and_dilation": "TensorFlow's description of its operation rules out both at once",
    "wrapped_differ": "Keras declares wrong shapes for the backward layer and fails later",
    "state_count": "Keras looks at the number of initial states only as it runs, and a GRU ignores further ones",
    "state_size": "Keras looks at the sizes of initial states only as it runs, and lets some wrong ones broadcast",
    "state_inside": "Keras never calls the inner layer as code would, so its initial_state has no place",
    "CategoryEncoding/time_open": "Keras fails only in compiled models: in predict and fit, as soon as lengths differ",
    "CategoryEncoding/rank": "Keras declares other shapes for rows of ids than it computes",
    **{
        f"Adaptive{name}Pooling{rank}D/rank": "Keras declares frames whatever comes, and computes something else"
        for name in ("Max", "Average")
        for rank in (2, 3)
    },
    "attention_mismatch": "Keras finds sizes that do not fit only as it runs, or lets them broadcast",
    "attention_rank": "Keras computes attention over vectors as if samples were steps",
    "attention_axes": "Keras takes the features for an axis along which to look, though their weights are fixed",
}
"""Refusals that Keras does not share, by code, or by kind and code, each with its reason."""


@dataclass(frozen=True)
class Use:
    """A layer type with some parameters and children, applied to some tensors."""

    kind: str
    params: dict[str, Any] = field(default_factory=dict)
    inputs: tuple[TensorSpec, ...] = ()
    children: tuple["Use", ...] = ()
    named: dict[str, TensorSpec] = field(default_factory=dict)

    def on(self, *inputs: TensorSpec, **named: TensorSpec) -> "Use":
        return Use(self.kind, self.params, inputs, self.children, named)

    def call(self) -> Call:
        entry = CATALOG[self.kind]
        children = tuple(child.call() for child in self.children)
        return Call(entry, entry.complete(self._accepted()), self.inputs, children, self.named)

    def _accepted(self) -> dict[str, Any]:
        entry = CATALOG[self.kind]
        return {name: entry.by_name[name].type.accept(value) for name, value in self.params.items()}

    def keras_layer(self) -> Any:
        entry = CATALOG[self.kind]
        if self.kind == STACK and len(self.children) == 1:
            return self.children[0].keras_layer()
        arguments = {
            name: in_keras(entry.by_name[name], value)
            for name, value in {**entry.new_params(), **self._accepted()}.items()
            if not entry.by_name[name].at_call
        }
        for index, child in enumerate(self.children):
            slot = entry.slot(index)
            assert slot is not None, self
            if slot.many:
                arguments.setdefault(slot.name, []).append(child.keras_layer())
            else:
                arguments[slot.name] = child.keras_layer()
        return getattr(keras.layers, self.kind)(**arguments)

    def applied(self, layer: Any, tensors: list[Any], named: dict[str, Any]) -> list[Any]:
        """What the Keras layer gives for tensors at its input ports, in the way that code hands them over."""
        entry, states = CATALOG[self.kind], carried_by(self.call())
        at_call: dict[str, Any] = {
            name: value for name, value in self._accepted().items() if entry.by_name[name].at_call
        }
        starts = [named[port] for state in states if (port := initial_port(state)) in named]
        others = {port: tensor for port, tensor in named.items() if not port.startswith("initial_")}
        constants = at_call.pop("initial_state", None)
        if constants is not None:
            starts = [
                np.broadcast_to(
                    np.array(value, "float32"), (self.inputs[0].sizes[0] or 1, *(state.sizes or ()))
                )
                for state, value in zip(states, constants, strict=True)
            ]
        if starts:
            at_call["initial_state"] = in_places(states, starts) if len(starts) == len(states) else starts
        if entry.call_style == "list" or entry.inputs[0].many:
            return list(keras.tree.flatten(layer([*tensors, *others.values()], **at_call)))
        return list(keras.tree.flatten(layer(*tensors, **others, **at_call)))

    def __str__(self) -> str:
        inner = "".join(f" around {child}" for child in self.children)
        given = ", ".join(f"{name}={value!r}" for name, value in self.params.items())
        arriving = [
            *map(shown, self.inputs),
            *(f"{port}: {shown(spec)}" for port, spec in self.named.items()),
        ]
        onto = f" on {', '.join(arriving)}" if arriving else ""
        return f"{self.kind}({given}){inner}{onto}"


def shown(spec: TensorSpec) -> str:
    return f"{spec}{' masked' if spec.masked else ''} {spec.kind}"


def in_keras(parameter: Parameter, value: Any) -> Any:
    if isinstance(value, Part):
        assert isinstance(parameter.type, PartOf)
        module = getattr(keras, parameter.type.namespace)
        return getattr(module, value.kind)(**value.params)
    return value


def keras_tensor(spec: TensorSpec) -> Any:
    tensor = keras.Input(batch_shape=spec.sizes, dtype="int32" if spec.kind == "int" else "float32")
    if spec.masked:
        sizes = spec.sizes[:2] if spec.rank > 2 else spec.sizes[:1]
        backend.set_keras_mask(tensor, keras.Input(batch_shape=sizes, dtype="bool"))
    return tensor


def in_keras_symbols(use: Use) -> tuple[list[tuple[Any, str, bool]], int]:
    """Sizes, kind and mask of every output, and the number of weights, as Keras has them."""
    layer = use.keras_layer()
    tensors = [keras_tensor(spec) for spec in use.inputs]
    outputs = use.applied(layer, tensors, {port: keras_tensor(spec) for port, spec in use.named.items()})
    kinds = [kind_of(tensor) for tensor in outputs]
    if any(spec.kind == "int" for spec in use.inputs):
        # Many layers declare real numbers and hand whole numbers on: what they really do counts.
        kinds = [kind_of(tensor) for tensor in really_run(use)]
    found = [
        (tuple(tensor.shape), kind, backend.get_keras_mask(tensor) is not None)
        for tensor, kind in zip(outputs, kinds, strict=True)
    ]
    return found, layer.count_params()


def kind_of(tensor: Any) -> str:
    return "int" if keras.backend.standardize_dtype(tensor.dtype).startswith(("int", "uint")) else "float"


def really_run(use: Use) -> list[Any]:
    """The outputs for zeros, with 3 for every open size."""
    named = {port: zeros(spec) for port, spec in use.named.items()}
    return use.applied(use.keras_layer(), [zeros(spec) for spec in use.inputs], named)


def zeros(spec: TensorSpec) -> Any:
    return np.zeros([size or 3 for size in spec.sizes], "int32" if spec.kind == "int" else "float32")


def fails_when_run(use: Use) -> bool:
    """Whether Keras accepts the symbols only because it never computed with them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            really_run(use)
        except Exception:
            return True
    return False


def by_our_rules(use: Use) -> tuple[list[tuple[Any, str, bool]], int | None]:
    call = use.call()
    outputs = call.outputs()
    ports = call.type.outputs(call.params, call.children)
    assert len(ports) == len(outputs), f"{use}: {len(ports)} ports for {len(outputs)} tensors"
    return [(spec.sizes, spec.kind, spec.masked) for spec in outputs], call.count()


def difference(use: Use) -> str | None:
    """What our rules and Keras disagree on, if anything."""
    with warnings.catch_warnings():
        # Keras warns where a mask is lost; here the lost mask itself is looked at.
        warnings.simplefilter("ignore")
        try:
            theirs: Any = in_keras_symbols(use)
        except Exception as error:
            theirs = error
    try:
        ours: Any = by_our_rules(use)
    except RuleError as error:
        ours = error
    if isinstance(ours, RuleError):
        listed = ours.code in STRICTER or f"{use.kind}/{ours.code}" in STRICTER
        if isinstance(theirs, Exception) or listed or fails_when_run(use):
            return None
        return f"{use}: Keras gives {theirs}, our rule refuses [{ours.code}]: {ours}"
    if isinstance(theirs, Exception):
        return f"{use}: our rule gives {ours}, Keras refuses: {str(theirs)[:300]}"
    return None if ours == theirs else f"{use}: our rule gives {ours}, Keras {theirs}"


def assert_that_all_agree(uses: Iterator[Use]) -> None:
    different = [text for use in uses if (text := difference(use)) is not None]
    assert not different, "\n".join(different)


OPEN = TensorSpec((None, None, 5))
FIXED = TensorSpec((2, 7, 6))
SEQUENCES = (OPEN, FIXED, TensorSpec((None, 7, 6)), OPEN.with_mask(True), FIXED.with_mask(True))
OTHERS = (
    TensorSpec((None, 6)),
    TensorSpec((None, None)),
    TensorSpec((None, 7, None)),
    TensorSpec((None, None, None)),
    TensorSpec((None, 7, 3, 6)),
    TensorSpec((None, None, 3, 6)),
    TensorSpec((None, 7), kind="int"),
    TensorSpec((None, None), kind="int"),
    TensorSpec((None, 7, 6), kind="int"),
)

CHILDREN: dict[str, tuple[Use, ...]] = {
    "Bidirectional": (Use("LSTM", {"units": 4}),),
    "TimeDistributed": (Use("Dense", {"units": 4}),),
    "RNN": (Use("LSTMCell", {"units": 4}),),
    "StackedRNNCells": (Use("LSTMCell", {"units": 4}), Use("GRUCell", {"units": 3})),
}

SMALL: dict[str, dict[str, Any]] = {
    "SimpleRNN": {"units": 4},
    "LSTM": {"units": 4},
    "GRU": {"units": 4},
    "SimpleRNNCell": {"units": 4},
    "LSTMCell": {"units": 4},
    "GRUCell": {"units": 4},
    "MultiHeadAttention": {"num_heads": 2, "key_dim": 3},
    "Dense": {"units": 4},
    "Conv1D": {"filters": 4, "kernel_size": 3},
    "Embedding": {"input_dim": 9, "output_dim": 4},
    "Reshape": {"target_shape": (-1, 3)},
    "Permute": {"dims": (2, 1)},
    "GroupNormalization": {"groups": 3},
    "Dot": {"axes": -1},
    "CategoryEncoding": {"num_tokens": 9},
    **{f"Conv{rank}D": {"filters": 4, "kernel_size": 2} for rank in (2, 3)},
    **{f"Conv{rank}DTranspose": {"filters": 4, "kernel_size": 2} for rank in (2, 3)},
    **{f"ConvLSTM{rank}D": {"filters": 2, "kernel_size": 2} for rank in (1, 2, 3)},
    "SeparableConv1D": {"filters": 4, "kernel_size": 3},
    "DepthwiseConv1D": {"kernel_size": 3},
    "Conv1DTranspose": {"filters": 4, "kernel_size": 3},
}

ROW, FRAME, VOLUME = (TensorSpec((2, *sizes)) for sizes in ((4, 3, 6), (4, 3, 5, 6), (4, 3, 5, 2, 6)))
"""Rows, pictures and volumes with 6 features, four of each in a sequence of two samples."""

FRAMES = {
    "ConvLSTM1D": ROW,
    "ConvLSTM2D": FRAME,
    "ConvLSTM3D": VOLUME,
    "Conv2D": ROW,
    "Conv3D": FRAME,
    "Conv2DTranspose": ROW,
    "Conv3DTranspose": FRAME,
    **{
        kind: (ROW, FRAME)[rank - 2]
        for rank in (2, 3)
        for kind in CATALOG
        if kind.endswith((f"ing{rank}D", f"Dropout{rank}D"))
    },
}
"""What layers for rows, pictures and volumes read; those without a time axis take its steps for one more axis."""

KINDS = [kind for kind in CATALOG if kind not in ("Input", "CustomCell")]
"""What Keras has a layer for; custom cells are classes that the user writes."""


def usual(kind: str, **params: Any) -> Use:
    return Use(kind, {**SMALL.get(kind, {}), **params}, (), CHILDREN.get(kind, ()))


def usual_input(kind: str) -> tuple[TensorSpec, ...]:
    entry = CATALOG[kind]
    if entry.inputs[0].many or len(entry.inputs) == 2:
        return (FIXED, FIXED)
    if kind in ("Embedding", "CategoryEncoding"):
        return (TensorSpec((None, 7), kind="int"),)
    if kind == "RepeatVector":
        return (TensorSpec((None, 6)),)
    return (FRAMES.get(kind, FIXED),)


def in_both_directions(*children: Use, **params: Any) -> Use:
    return Use("Bidirectional", params, (), children)


def stack(*cells: Use) -> Use:
    return Use(STACK, {}, (), cells)


def loop(cell: Use, **params: Any) -> Use:
    return Use("RNN", params, (), (cell,))


def grid(**values: Any) -> Iterator[dict[str, Any]]:
    for combination in itertools.product(*values.values()):
        yield dict(zip(values, combination, strict=True))


BOTH = (False, True)
