"""The same records without Keras' private parts: an eager loop over each recurrent layer's own cell.

It serves when a future Keras has moved what ``taps`` stands on. It costs some milliseconds per step.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import tensorflow as tf

from rnn_designer.engine.taps import Recorded, gates_tapped, kind_of, over, recording_each


def recording(layers: Iterable[Any]) -> AbstractContextManager[dict[int, Recorded]]:
    """While this is open, eager calls of these recurrent layers are recorded; yields records by ``id``."""
    return recording_each(layers, _recorded)


@contextmanager
def _recorded(layer: Any, records: dict[int, Recorded]) -> Iterator[None]:
    original_call = layer.call

    def call(sequences: Any, initial_state: Any = None, mask: Any = None, training: bool = False) -> Any:
        mask = mask[0] if isinstance(mask, list | tuple) else mask
        initial = _initial_states(layer, sequences, initial_state)
        steps = _loop(layer, sequences, initial, mask)
        result = original_call(sequences, initial_state=initial_state, mask=mask, training=training)
        results = tuple(result) if isinstance(result, list | tuple) else (result,)
        records[id(layer)] = Recorded(steps, results, mask, tuple(initial))
        return result

    layer.call = call
    try:
        yield
    finally:
        del layer.call


def _initial_states(layer: Any, sequences: Any, given: Any) -> list[Any]:
    if given is None:
        given = layer.states if layer.stateful else layer.get_initial_state(batch_size=tf.shape(sequences)[0])
    states = list(given) if isinstance(given, list | tuple) else [given]
    # A stateful layer's states are variables, which the layer's own call is about to change.
    return [tf.cast(tf.identity(tf.convert_to_tensor(state)), layer.cell.compute_dtype) for state in states]


def _loop(layer: Any, sequences: Any, initial: list[Any], mask: Any) -> Any:
    cell, kind = layer.cell, kind_of(layer)
    order = range(int(sequences.shape[1]))
    states, previous, records = initial, None, []
    for time in reversed(order) if layer.go_backwards else order:
        with gates_tapped(cell, kind) as gates:
            output, new_states = cell(sequences[:, time], states, training=False)
        new_states = list(new_states) if isinstance(new_states, list | tuple) else [new_states]
        record = tf.concat([output, *new_states, *gates()], axis=-1)
        if mask is not None:
            shown = over(tf.cast(mask[:, time], tf.bool), record)
            record = tf.where(shown, record, tf.zeros_like(record) if previous is None else previous)
            new_states = [tf.where(shown, new, old) for new, old in zip(new_states, states, strict=True)]
        states, previous = new_states, record
        records.append(record)
    return tf.stack(records, axis=1)
