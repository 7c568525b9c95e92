"""The same records without Keras' private parts: an eager loop over each recurrent layer's own cells.

It serves when a future Keras has moved what ``taps`` stands on. It costs some milliseconds per step.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import keras
import tensorflow as tf

from rnn_designer.engine.cells import Packing, replaced, takes_training, watched
from rnn_designer.engine.draws import draws_returned, forget_masks
from rnn_designer.engine.taps import (
    Recorded,
    Records,
    Recurrent,
    over,
    recording_each,
    refuse_lone_stack,
    refuse_wrong_states,
    sound_steps,
)


def recording(layers: Iterable[Recurrent]) -> AbstractContextManager[Records]:
    """While this is open, eager calls of these recurrent layers are recorded; yields records by ``id``."""
    return recording_each(layers, _recorded)


@contextmanager
def _recorded(recurrent: Recurrent, records: Records) -> Iterator[None]:
    layer = recurrent.layer
    original_call = layer.call

    def call(sequences: Any, initial_state: Any = None, mask: Any = None, training: bool = False) -> Any:
        mask = mask[0] if isinstance(mask, list | tuple) else mask
        initial = _initial_states(layer, sequences, initial_state)
        refuse_wrong_states(layer, initial)
        refuse_lone_stack(layer, mask)
        if recurrent.clamps is not None:
            initial_state = initial = recurrent.begun(initial)
        with draws_returned(layer.cell, training):
            steps, packing = _loop(recurrent, sequences, initial, mask, training)
        forget_masks(layer.cell)
        with recurrent.unrolled(int(sequences.shape[1]), rehearsal=not layer.unroll):
            result = original_call(sequences, initial_state=initial_state, mask=mask, training=training)
        before = tuple(keras.tree.flatten(initial))
        sound = sound_steps(layer, recurrent.cells, sequences, before)
        results = tuple(keras.tree.flatten(result))
        records.setdefault(id(layer), []).append(
            Recorded(tuple(steps), packing.parts, results, mask, before, sound)
        )
        return result

    with replaced(layer, "call", call):
        yield


def _initial_states(layer: Any, sequences: Any, given: Any) -> list[Any]:
    if given is None:
        given = layer.states if layer.stateful else layer.get_initial_state(batch_size=tf.shape(sequences)[0])
    states = list(given) if isinstance(given, list | tuple) else [given]
    # A stateful layer's states are variables, which the layer's own call is about to change.
    return keras.tree.map_structure(
        lambda state: tf.cast(tf.identity(tf.convert_to_tensor(state)), layer.cell.compute_dtype), states
    )


def _loop(
    recurrent: Recurrent, sequences: Any, initial: list[Any], mask: Any, training: bool
) -> tuple[list[Any], Packing]:
    layer, cell = recurrent.layer, recurrent.layer.cell
    order = range(int(sequences.shape[1]))
    named = {"training": training} if takes_training(cell) else {}
    packing = Packing()
    states: Any = initial
    records: list[list[Any]] = []
    if training and not layer.unroll:
        cell(sequences[:, 0], states, **named)  # As Keras' loop does beforehand: what it draws is gone.
    with watched(recurrent.cells, recurrent.clamps) as watches:
        for time in reversed(order) if layer.go_backwards else order:
            if recurrent.clamps is not None:
                recurrent.clamps.now = time
            _, new_states = cell(sequences[:, time], states, **named)
            new_states = keras.tree.pack_sequence_as(initial, keras.tree.flatten(new_states))
            quantities = [part for watch in watches for part in watch.parts()]
            record = packing.pack(quantities, int(sequences.shape[0]))
            if mask is not None:
                shown = tf.cast(mask[:, time], tf.bool)
                before = records[-1] if records else [tf.zeros_like(group) for group in record]
                record = [_chosen(shown, *pair) for pair in zip(record, before, strict=True)]
                new_states = keras.tree.map_structure(
                    lambda new, old, shown=shown: _chosen(shown, new, old), new_states, states
                )
            states = new_states
            records.append(record)
    return [tf.stack(group, axis=1) for group in zip(*records, strict=True)], packing


def _chosen(shown: Any, new: Any, old: Any) -> Any:
    return tf.where(over(shown, new), new, old)
