"""Figures of outputs as an evaluation gives them, made without one."""

import numpy as np

from rnn_designer.sequences.classified import judge_classes
from rnn_designer.sequences.forecasts import judge
from rnn_designer.session.training.figures import OutputFigures


def forecasts(quality: float) -> OutputFigures:
    """Of a noisy walk; the part of the naive error that is left is ``quality``."""
    series = np.cumsum(np.random.default_rng(0).normal(size=(300, 1)), axis=0) + 20
    past = np.stack([series[at : at + 10] for at in range(289)])
    after = np.stack([series[at + 10] for at in range(289)])
    found = judge(after, after + quality * (past[:, -1] - after), learned=after, past=past, stride=1)
    return OutputFigures("value", "value", "horizon", ("sunspots",), found, None, True, 0)


def decisions() -> OutputFigures:
    random = np.random.default_rng(1)
    actual = random.integers(0, 3, 200)
    figures = random.random((200, 3)) + 0.6 * np.eye(3)[actual]
    found = judge_classes(actual, figures / figures.sum(axis=1, keepdims=True), learned=actual)
    return OutputFigures("kind", "kind", "class", ("walk", "run", "sit"), None, found)
