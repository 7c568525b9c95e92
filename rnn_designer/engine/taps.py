"""Records what recurrent cells compute inside Keras' own loop; all use of its private parts is here.

``RNN.call`` looks up ``inner_loop`` on the instance. While a model is traced into a graph, each recurrent
layer gets one that runs Keras' own loop over Keras' own cells and lets every step return the output, the new
states and the gates of every cell, packed into as few tensors as possible.

Private here: ``RNN.inner_loop`` and its arguments, and ``keras.src.backend.rnn``. ``available()`` says
whether they are where they were; ``fallback`` does the same without them, slowly.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf

from rnn_designer.engine.cells import Leaf, Packing, Part, replaced, states_of, takes_training, watched
from rnn_designer.engine.clamps import Clamps, clock
from rnn_designer.engine.draws import draws_returned
from rnn_designer.engine.failures import Refused


@dataclass(frozen=True)
class Recorded:
    """One call of a recurrent layer, in the order in which its loop went.

    Attributes:
        steps: what every step wrote, each ``(batch, time, …)``.
        parts: where in them the outputs, states and gates of the cells stand.
        results: what the layer returns: the sequence or the last output, then the final states if it returns
            them, flat.
        mask: ``(batch, time)`` in the input's time order, or None.
        initial: the states before the first step, flat, each ``(batch, …)``.
        sound: whether everything up to each step of the input is finite, ``(batch, time)`` in the loop's order;
            None for layers of Keras' own cells.
    """

    steps: tuple[Any, ...]
    parts: tuple[Part, ...]
    results: tuple[Any, ...]
    mask: Any
    initial: tuple[Any, ...]
    sound: Any = None


Records = dict[int, list[Recorded]]


@dataclass(frozen=True)
class Recurrent:
    """A recurrent layer that is to be recorded, and its cells.

    Attributes:
        layer: the Keras layer.
        cells: what computes in it, in order.
        clamps: what is held in it; None for nothing.
    """

    layer: Any
    cells: tuple[Leaf, ...]
    clamps: Clamps | None = None

    def begun(self, initial: list[Any]) -> list[Any]:
        """Initial states as they are, or as they are held."""
        if self.clamps is None:
            return initial
        names = [
            leaf.name(f"state/{name}")
            for leaf in self.cells
            for name in leaf.states(states_of(leaf.cell) or 0)
        ]
        flat = keras.tree.flatten(initial)
        if len(names) != len(flat):
            return initial
        held: list[Any] = keras.tree.pack_sequence_as(initial, self.clamps.held_from(names, flat))
        return held

    def unrolled(self, steps: int, rehearsal: bool = False) -> AbstractContextManager[None]:
        """While this is open, Keras' own loop holds too what is to be held.

        Args:
            steps: how many there are.
            rehearsal: whether the loop steps once beforehand.
        """
        return _held(self, steps, rehearsal) if self.clamps is not None else nullcontext()


@contextmanager
def _held(recurrent: Recurrent, steps: int, rehearsal: bool) -> Iterator[None]:
    clamps, layer = recurrent.clamps, recurrent.layer
    if clamps is None:
        return
    order = [*reversed(range(steps))] if layer.go_backwards else [*range(steps)]
    with watched(recurrent.cells, clamps), clamps.counting(layer.cell, order[:1] * rehearsal + order):
        yield


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


def over(mask: Any, values: Any) -> Any:
    """A mask ``(batch, …)`` with axes of length 1 behind, so that it goes over values of more axes."""
    return mask[(..., *(None for _ in range(len(values.shape) - len(mask.shape))))]


def sound_steps(layer: Any, cells: tuple[Leaf, ...], sequences: Any, initial: Iterable[Any]) -> Any:
    """``Recorded.sound``: a cell that someone wrote must not be blamed for what it was given."""
    if all(leaf.kind for leaf in cells):
        return None
    finite = tf.math.is_finite(tf.cast(sequences, tf.float32))
    finite = tf.reduce_all(finite, axis=list(range(2, len(sequences.shape))))
    for state in initial:
        flat = tf.math.is_finite(tf.cast(state, tf.float32))
        # A state without a batch axis is one for all samples.
        finite &= tf.reduce_all(flat, axis=list(range(1, len(state.shape))))[:, None] if flat.shape else flat
    if layer.go_backwards:
        finite = tf.reverse(finite, [1])
    return tf.cast(tf.math.cumprod(tf.cast(finite, tf.int32), axis=1), tf.bool)


def refuse_wrong_states(layer: Any, initial: list[Any]) -> None:
    """Keras looks at neither number nor size of initial states; a GRU given two ignores the second.

    Raises:
        Refused: the layer carries other states than it was given.
    """
    expected, received = states_of(layer.cell), len(keras.tree.flatten(initial))
    if expected is not None and received != expected:
        raise Refused(
            f"Layer “{layer.name}” received {received} initial states; expected {expected}, one for each state "
            "that it carries. Wire as many."
        )
    if expected is not None and isinstance(layer.cell, keras.layers.StackedRNNCells):
        expected_each = [states_of(cell) for cell in layer.cell.cells]
        received_each = [len(keras.tree.flatten(state)) for state in initial]
        if received_each != expected_each:
            raise Refused(
                f"The cells of “{layer.name}” received {received_each} initial states; expected {expected_each}. "
                "Give every cell those that it carries."
            )
    sizes = keras.tree.flatten(layer.state_size)
    if len(sizes) != received or any(not isinstance(size, int) or size < 1 for size in sizes):
        return
    for number, (state, size) in enumerate(zip(keras.tree.flatten(initial), sizes, strict=True)):
        if len(state.shape) == 2 and state.shape[-1] not in (None, size):
            raise Refused(
                f"Initial state {number} of layer “{layer.name}” has {state.shape[-1]} units; expected {size}. "
                f"Put a Dense of {size} units before it."
            )


def refuse_lone_stack(layer: Any, mask: Any) -> None:
    """A stack of one cell hands its states on in another form than it takes them: Keras cannot mask or unroll it.

    Raises:
        Refused: that is asked for.
    """
    alone = _alone(layer.cell)
    # Unrolled, a single state is taken for a list of itself, and nothing is lost.
    if alone is not None and (mask is not None or (layer.unroll and states_of(alone) != 1)):
        raise Refused(
            f"Layer “{layer.name}” has a stack of a single cell, which Keras can neither mask nor unroll. Put the "
            "cell in the place of the stack, or add a second cell."
        )


def _alone(cell: Any) -> Any:
    """The cell that is by itself in a stack here or further in; None if there is none."""
    if not isinstance(cell, keras.layers.StackedRNNCells):
        return None
    if len(cell.cells) == 1:
        return cell.cells[0]
    return next((each for each in map(_alone, cell.cells) if each is not None), None)


@contextmanager
def recording_each(
    layers: Iterable[Recurrent], recorded: Callable[[Recurrent, Records], AbstractContextManager[None]]
) -> Iterator[Records]:
    """While this is open, every layer is recorded in the way given; yields records by ``id(layer)``."""
    records: Records = {}
    with ExitStack() as restore:
        for layer in layers:
            restore.enter_context(recorded(layer, records))
        yield records


def recording(layers: Iterable[Recurrent]) -> AbstractContextManager[Records]:
    """While this is open, calls of these recurrent layers are recorded; yields records by ``id(layer)``."""
    return recording_each(layers, _recorded)


@contextmanager
def _recorded(recurrent: Recurrent, records: Records) -> Iterator[None]:
    layer, cells = recurrent.layer, recurrent.cells
    original_loop = layer.inner_loop

    def inner_loop(sequences: Any, initial_state: Any, mask: Any, training: bool = False) -> Any:
        mask = mask[0] if isinstance(mask, list | tuple) else mask
        initial = list(initial_state) if isinstance(initial_state, list | tuple) else [initial_state]
        # A stateful layer's states are variables, which change at the end of the call: read them now.
        initial = keras.tree.map_structure(tf.convert_to_tensor, initial)
        refuse_wrong_states(layer, initial)
        refuse_lone_stack(layer, mask)
        initial = recurrent.begun(initial)
        with draws_returned(layer.cell, training and layer.unroll):
            last, outputs, states, steps, packing = _loop(recurrent, sequences, initial, mask, training)
        if layer.unroll:
            # Unrolling changes what Keras does with masks, so the result is Keras' own and the record beside
            # it.
            begun = initial_state if recurrent.clamps is None else initial
            with recurrent.unrolled(sequences.shape[1]):
                last, outputs, states = original_loop(sequences, begun, mask, training=training)
        results = (outputs if layer.return_sequences else last, *(states if layer.return_state else ()))
        before = tuple(keras.tree.flatten(initial))
        records.setdefault(id(layer), []).append(
            Recorded(
                tuple(steps),
                packing.parts,
                tuple(keras.tree.flatten(results)),
                mask,
                before,
                sound_steps(layer, cells, sequences, before),
            )
        )
        return last, outputs, states

    with ExitStack() as restore:
        restore.enter_context(replaced(layer, "inner_loop", inner_loop))
        if getattr(layer, "use_cudnn", None) is not None:
            # cuDNN keeps its cell states and gates to itself; Bidirectional asks for the same flag.
            restore.enter_context(replaced(layer, "use_cudnn", False))
        yield


def _loop(
    recurrent: Recurrent, sequences: Any, initial: list[Any], mask: Any, training: bool
) -> tuple[Any, Any, list[Any], list[Any], Packing]:
    """Keras' loop with a packed record per step: last output, outputs, final states, records, what is where."""
    from keras.src.backend import rnn

    layer, cell = recurrent.layer, recurrent.layer.cell
    clamps = recurrent.clamps
    named = {"training": training} if takes_training(cell) else {}
    packing = Packing()
    with watched(recurrent.cells, clamps) as watches:

        def step(inputs: Any, states: Any) -> tuple[list[Any], list[Any]]:
            if clamps is not None:
                inputs, clamps.now = inputs[0], inputs[1][0, 0]
            # Keras' loop steps once beforehand, to see what comes of it; an unrolled one does not.
            with draws_returned(cell, training and layer.unroll and not packing.parts):
                _, new_states = cell(inputs, states, **named)
            new_states = keras.tree.pack_sequence_as(initial, keras.tree.flatten(new_states))
            quantities = [part for watch in watches for part in watch.parts()]
            return packing.pack(quantities, tf.shape(inputs)[0]), new_states

        last, steps, states = rnn(
            step,
            sequences if clamps is None else [sequences, clock(sequences)],
            initial,
            go_backwards=layer.go_backwards,
            mask=mask,
            unroll=False,
            # With two inputs, Keras cannot look the number of steps up by itself; any limit that is not lower will do.
            input_length=sequences.shape[1] or (None if clamps is None else tf.int32.max),
            zero_output_for_mask=False,
            return_all_outputs=True,
        )
    output = packing.part(recurrent.cells[-1].name("output"))
    last, outputs = output.of(last), output.of(steps)
    if mask is not None and layer.zero_output_for_mask:
        shown = tf.cast(tf.reverse(mask, [1]) if layer.go_backwards else mask, tf.bool)
        outputs = tf.where(over(shown, outputs), outputs, tf.zeros_like(outputs))
        last = tf.where(over(shown[:, -1], last), last, tf.zeros_like(last))
    return last, outputs, list(states), steps, packing
