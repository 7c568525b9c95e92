"""WORKAROUND for TimeDistributed in compiled models, wrong in Keras 3.15.1 when the number of steps is left open.

There it runs over as many steps as there are samples: its ``call`` takes the batch size where it means the time
axis. A model called eagerly is not affected, nor is a compiled one with a fixed number of steps, because both
take a Python loop. While a graph is traced, this gives the layer a loop over its real steps instead, with the
same operations per step as the eager one, so that results are those of ``model(x)``. Re-tested by
``tests/engine/test_keras_defects.py``: it fails on the day that Keras is mended.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import tensorflow as tf


@contextmanager
def real_steps(layers: Iterable[Any]) -> Iterator[None]:
    """While this is open, calls of these TimeDistributed layers run over their time axis, whatever its size."""
    with ExitStack() as restore:
        for layer in layers:
            restore.enter_context(_real_steps(layer))
        yield


@contextmanager
def _real_steps(layer: Any) -> Iterator[None]:
    original_call, child = layer.call, layer.layer
    accepted = inspect.signature(child.call).parameters

    def call(inputs: Any, training: Any = None, mask: Any = None) -> Any:
        if inputs.shape[1] is not None:
            return original_call(inputs, training=training, mask=mask)
        named = {"training": training} if "training" in accepted else {}

        def step(time: Any) -> Any:
            masked = {"mask": mask[:, time]} if mask is not None and "mask" in accepted else {}
            return child.call(inputs[:, time], **named, **masked)

        expected = layer.compute_output_shape(tuple(inputs.shape))
        signature = tf.TensorSpec((expected[0], *expected[2:]), layer.compute_dtype)
        outputs = tf.map_fn(step, tf.range(tf.shape(inputs)[1]), fn_output_signature=signature)
        return tf.transpose(outputs, [1, 0, *range(2, len(expected))])

    layer.call = call
    try:
        yield
    finally:
        del layer.call
