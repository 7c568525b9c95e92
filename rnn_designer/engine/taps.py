"""Records what recurrent cells compute inside Keras' own loop; all use of its private parts is here.

``RNN.call`` looks up ``inner_loop`` on the instance. While a model is traced into a graph, each recurrent
layer gets one that runs Keras' own loop over Keras' own cell and lets every step return its output, its new
states and its gates, packed into one tensor (one write per step costs next to nothing; eight cost half as
much again). Gates are caught as the cell's activation functions return them, so they are the very tensors
that Keras uses.

Private here: ``RNN.inner_loop`` and its arguments, and ``keras.src.backend.rnn``. ``available()`` says
whether they are where they were; ``fallback`` does the same without them, slowly.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf

# Which calls of the two activation functions are which gates, in the order in which the cells call them.
# LSTM's last call of ``activation`` squashes the cell state for the output and is no gate.
STATES: dict[str, tuple[str, ...]] = {"SimpleRNN": ("h",), "GRU": ("h",), "LSTM": ("h", "c")}
GATES: dict[str, tuple[tuple[str, str, int], ...]] = {
    "SimpleRNN": (),
    "GRU": (
        ("update", "recurrent_activation", 0),
        ("reset", "recurrent_activation", 1),
        ("candidate", "activation", 0),
    ),
    "LSTM": (
        ("input", "recurrent_activation", 0),
        ("forget", "recurrent_activation", 1),
        ("candidate", "activation", 0),
        ("output", "recurrent_activation", 2),
    ),
}
# The convolutional cells call the same functions in the same order.
STATES |= {f"ConvLSTM{rank}D": STATES["LSTM"] for rank in (1, 2, 3)}
GATES |= {f"ConvLSTM{rank}D": GATES["LSTM"] for rank in (1, 2, 3)}
CONVOLUTIONAL = (keras.layers.ConvLSTM1D, keras.layers.ConvLSTM2D, keras.layers.ConvLSTM3D)
RECURRENT = (keras.layers.SimpleRNN, keras.layers.GRU, keras.layers.LSTM, *CONVOLUTIONAL)


@dataclass(frozen=True)
class Recorded:
    """One recurrent layer's record of one pass, in the order in which the loop went.

    Attributes:
        steps: ``(batch, time, …, values)``: output, states and gates one after the other along the last axis,
            each of the same size: the units, or a frame of a convolutional layer.
        results: what the layer returns: the sequence or the last output, then the final states if it returns
            them.
        mask: ``(batch, time)`` in the input's time order, or None.
        initial: the states before the first step, each ``(batch, units)`` or ``(batch, …, filters)``.
    """

    steps: Any
    results: tuple[Any, ...]
    mask: Any
    initial: tuple[Any, ...]


def available() -> bool:
    """Whether this Keras has what the recording stands on."""
    try:
        from keras.src.backend import rnn
    except ImportError:
        return False
    loop = getattr(keras.layers.RNN, "inner_loop", None)
    if loop is None:
        return False
    arguments = {
        "step_function",
        "inputs",
        "initial_states",
        "go_backwards",
        "mask",
        "unroll",
        "input_length",
    }
    arguments |= {"zero_output_for_mask", "return_all_outputs"}
    return arguments <= set(inspect.signature(rnn).parameters) and list(
        inspect.signature(loop).parameters
    ) == [
        "self",
        "sequences",
        "initial_state",
        "mask",
        "training",
    ]


def kind_of(layer: Any) -> str:
    """The Keras class name of a recurrent layer, whatever a subclass is called."""
    return next(kind.__name__ for kind in RECURRENT if isinstance(layer, kind))


def parts(layer: Any) -> int:
    """How many tensors of equal size a record holds side by side: output, states and gates."""
    kind = kind_of(layer)
    return 1 + len(STATES[kind]) + len(GATES[kind])


def over(mask: Any, values: Any) -> Any:
    """A mask ``(batch, …)`` with axes of length 1 behind, so that it goes over values of more axes."""
    return mask[(..., *(None for _ in range(len(values.shape) - len(mask.shape))))]


@contextmanager
def gates_tapped(cell: Any, kind: str) -> Iterator[Callable[[], list[Any]]]:
    """While this is open, the cell's activations are watched; yields a function for the last gates."""
    calls: dict[str, list[Any]] = {}
    originals = {name: getattr(cell, name) for name in {name for _, name, _ in GATES[kind]}}

    def watched(name: str, function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def activation(value: Any) -> Any:
            result = function(value)
            calls.setdefault(name, []).append(result)
            return result

        return activation

    for name, function in originals.items():
        setattr(cell, name, watched(name, function))
    try:
        yield lambda: [calls[name][number] for _, name, number in GATES[kind]]
    finally:
        for name, function in originals.items():
            setattr(cell, name, function)


@contextmanager
def recording_each(
    layers: Iterable[Any], recorded: Callable[[Any, dict[int, Recorded]], AbstractContextManager[None]]
) -> Iterator[dict[int, Recorded]]:
    """While this is open, every layer is recorded in the way given; yields records by ``id(layer)``."""
    records: dict[int, Recorded] = {}
    with ExitStack() as restore:
        for layer in layers:
            restore.enter_context(recorded(layer, records))
        yield records


def recording(layers: Iterable[Any]) -> AbstractContextManager[dict[int, Recorded]]:
    """While this is open, calls of these recurrent layers are recorded; yields records by ``id(layer)``."""
    return recording_each(layers, _recorded)


@contextmanager
def _recorded(layer: Any, records: dict[int, Recorded]) -> Iterator[None]:
    original_loop = layer.inner_loop
    use_cudnn = getattr(layer, "use_cudnn", None)

    def inner_loop(sequences: Any, initial_state: Any, mask: Any, training: bool = False) -> Any:
        mask = mask[0] if isinstance(mask, list | tuple) else mask
        initial = list(initial_state) if isinstance(initial_state, list | tuple) else [initial_state]
        # A stateful layer's states are variables, which change at the end of the call: read them now.
        initial = [tf.convert_to_tensor(state) for state in initial]
        last, outputs, states, packed = _loop(layer, sequences, initial, mask, training)
        if layer.unroll:
            # Unrolling changes what Keras does with masks, so the result is Keras' own and the record beside
            # it.
            last, outputs, states = original_loop(sequences, initial_state, mask, training=training)
        results = (outputs if layer.return_sequences else last, *(states if layer.return_state else ()))
        records[id(layer)] = Recorded(packed, results, mask, tuple(initial))
        return last, outputs, states

    layer.inner_loop = inner_loop
    if use_cudnn is not None:
        # cuDNN keeps its cell states and gates to itself; Bidirectional asks for the same flag.
        layer.use_cudnn = False
    try:
        yield
    finally:
        del layer.inner_loop
        if use_cudnn is not None:
            layer.use_cudnn = use_cudnn


def _loop(
    layer: Any, sequences: Any, initial: list[Any], mask: Any, training: bool
) -> tuple[Any, Any, list[Any], Any]:
    """Keras' loop with a packed record per step: last output, outputs, final states, records."""
    from keras.src.backend import rnn

    cell, kind = layer.cell, kind_of(layer)
    widths: list[int] = []

    def step(inputs: Any, states: Any) -> tuple[Any, list[Any]]:
        with gates_tapped(cell, kind) as gates:
            output, new_states = cell(inputs, states, training=training)
        new_states = list(new_states) if isinstance(new_states, list | tuple) else [new_states]
        widths.append(output.shape[-1])
        return tf.concat([output, *new_states, *gates()], axis=-1), new_states

    last, packed, states = rnn(
        step,
        sequences,
        initial,
        go_backwards=layer.go_backwards,
        mask=mask,
        unroll=False,
        input_length=sequences.shape[1],
        zero_output_for_mask=False,
        return_all_outputs=True,
    )
    last, outputs = last[..., : widths[0]], packed[..., : widths[0]]
    if mask is not None and layer.zero_output_for_mask:
        shown = tf.cast(tf.reverse(mask, [1]) if layer.go_backwards else mask, tf.bool)
        outputs = tf.where(over(shown, outputs), outputs, tf.zeros_like(outputs))
        last = tf.where(over(shown[:, -1], last), last, tf.zeros_like(last))
    return last, outputs, list(states), packed
