"""Trains a model that the source makes, as Keras' ``fit`` would, and tells what comes of it batch by batch.

The step is Keras' own ``train_step``; only the loop around it is ours, so that it can be paused, stopped and watched
between any two batches, and gives the very numbers of ``fit`` on the same samples in the same order.
"""

from rnn_designer.engine.learning.evaluate import evaluate
from rnn_designer.engine.learning.loop import train

__all__ = ["evaluate", "train"]
