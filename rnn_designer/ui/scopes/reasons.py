"""Why a scope shows an old picture, or none: always a sentence that says what to do."""

from __future__ import annotations

from rnn_designer.design import Checked, Layer, Severity
from rnn_designer.session.engine_process import EngineState
from rnn_designer.session.live_status import STOPPED
from rnn_designer.session.workspace import Workspace

LOADING = "TensorFlow is loading; plots follow in a few seconds."


def over_the_picture(workspace: Workspace) -> str:
    """Why the picture on screen is not of the present design; empty if it is, or will be in a moment."""
    live, engine = workspace.live, workspace.engine
    if not live.stale and engine.state in (EngineState.READY, EngineState.BUSY):
        return ""
    if engine.state is EngineState.STARTING:
        return f"{engine.last_end} {LOADING}" if engine.last_end else LOADING
    if engine.state in (EngineState.CRASHED, EngineState.STOPPED):
        return engine.reason
    if live.status.problem:
        return live.status.text
    if live.status.text == STOPPED:
        return "Stopped: this is the last run, from before your changes. Ctrl+R runs the design again."
    if not live.enabled:
        return "Live is off: this is the last run, from before your changes. Press L to run again."
    return ""


def instead_of_a_picture(workspace: Workspace, layer: Layer | None) -> str:
    """Why there is nothing to draw, and what to do.

    Args:
        workspace: the open design and its engine.
        layer: the layer whose scope it is; None if none is selected.
    """
    design = workspace.document.design
    if not design.layers:
        return "Nothing to plot yet. Drag an Input and a recurrent layer onto the canvas and wire them."
    if layer is None:
        return "Select a layer on the canvas to see its values over time. The plus sign keeps it here."
    checked = workspace.checks.checked
    top = design.top(layer.id)
    if top.id not in checked.runnable:
        return _why_it_cannot_run(checked, layer, top)
    engine, live = workspace.engine, workspace.live
    if engine.state is EngineState.STARTING:
        return LOADING
    if engine.state in (EngineState.CRASHED, EngineState.STOPPED):
        return engine.reason
    if live.status.problem:
        return live.status.text
    if live.status.text == STOPPED:
        return "Stopped before there were any values. Ctrl+R runs the design again."
    if not live.enabled:
        return "Live is off. Press L to run the design and see its values here."
    if live.trace is not None and not live.stale:
        return f"“{layer.name}” recorded no values. Select another layer."
    return f"“{layer.name}” is being run; its values come in a moment."


def _why_it_cannot_run(checked: Checked, layer: Layer, top: Layer) -> str:
    for each in dict.fromkeys((layer, top, *top.walk())):
        for problem in checked.of(each.id):
            if problem.severity is Severity.ERROR:
                return f"“{top.name}” does not run yet. {problem.message}"
    for problem in checked.errors:
        if problem.layer is not None:
            return f"“{top.name}” waits for a layer before it. {problem.message}"
    return f"“{top.name}” gets no data yet. Draw a wire to it that starts at an Input."
