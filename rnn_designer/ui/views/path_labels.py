"""Which class each step of each path belongs to: the one that an output is to tell, or the one that it tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rnn_designer.design.tasks import fitting
from rnn_designer.ui.training.targets import labels_of

if TYPE_CHECKING:
    from rnn_designer.messages import Array, Trace
    from rnn_designer.session.workspace import Workspace

_MOST = 12
"""So many different whole numbers among the targets of a generator are still labels, not amounts."""


def path_labels(workspace: Workspace, trace: Trace, samples: int, steps: int) -> Array | None:
    """The labels of a layer's paths.

    Args:
        workspace: whose design and samples are looked at.
        trace: what the outputs gave.
        samples: how many paths there are.
        steps: how many steps each has.

    Returns:
        ``(samples, steps)``, NaN where a step has no label; None where nothing has one. A sample with one label has
        it at every step.
    """
    checked = workspace.checks.checked
    for output, goal in fitting(checked.design, checked).items():
        given, fitted = trace.signal(output, "result"), workspace.samples.fitted(goal.input)
        if goal.classes is None or goal.missing or given is None or fitted is None:
            continue
        found = _over(labels_of(goal, fitted, given), samples, steps)
        if found is not None:
            return found
    for layer in checked.design.layers:
        fitted = workspace.samples.fitted(layer.id) if layer.kind == "Input" else None
        if fitted is not None and fitted.targets is not None:
            found = _over(np.asarray(fitted.targets), samples, steps)
            if found is not None and _few(found):
                return found
    return None


def given_classes(workspace: Workspace, trace: Trace, samples: int, steps: int) -> Array | None:
    """The likeliest class by the first output with a softmax, ``(samples, steps)``; None where there is none.

    Arguments as those of :func:`path_labels`.
    """
    checked = workspace.checks.checked
    for output in fitting(checked.design, checked):
        layer, scores = checked.design.layer(output), trace.signal(output, "result")
        softmax = layer.kind == "Softmax" or layer.params.get("activation") == "softmax"
        if not softmax or scores is None or scores.ndim not in (2, 3) or scores.shape[-1] < 2:
            continue
        likeliest = np.where(np.isfinite(scores).all(axis=-1), np.argmax(scores, axis=-1), np.nan)
        found = _over(likeliest.reshape(len(likeliest), -1), samples, steps)
        if found is not None:
            return found
    return None


def _few(labels: Array) -> bool:
    told = np.unique(labels[np.isfinite(labels)])
    return 0 < len(told) <= _MOST and bool((told == np.rint(told)).all())


def _over(labels: Array | None, samples: int, steps: int) -> Array | None:
    """The labels over every step; None where they are of other samples or steps."""
    if labels is None or labels.ndim != 2 or len(labels) != samples or labels.shape[1] not in (1, steps):
        return None
    every: Array = np.broadcast_to(labels.astype(np.float64), (samples, steps))
    return every if np.isfinite(every).any() else None
