"""What the status bar says about live running."""

from __future__ import annotations

from dataclasses import dataclass

from rnn_designer.wording import counted

STOPPED = "Stopped."
"""What is said after the user ended a run; nothing runs until the design changes or a run is asked for."""


@dataclass(frozen=True)
class LiveStatus:
    """What the status bar says about live running.

    Attributes:
        text: a sentence or a phrase: "traced 5 layers × 120 steps in 6 ms".
        busy: whether the engine works on this design right now, or has yet to.
        seconds: how long the traced pass took; 0 while there is none.
        layers: how many layers of the canvas the trace has, without Inputs.
        steps: how many time steps the trace has.
        problem: whether the text says why nothing runs.
    """

    text: str
    busy: bool = False
    seconds: float = 0.0
    layers: int = 0
    steps: int = 0
    problem: bool = False


def traced_status(layers: int, steps: int, seconds: float, *, training: bool = False) -> LiveStatus:
    """The status after a traced pass over that many layers and steps, as in prediction or as in training."""
    return LiveStatus(
        f"traced {counted(layers, 'layer', grouped=False)} × {counted(steps, 'step', grouped=False)} "
        f"in {_duration(seconds)}{' · training mode' if training else ''}",
        seconds=seconds,
        layers=layers,
        steps=steps,
    )


def generating_status(done: int, steps: int) -> LiveStatus:
    """The status while a model continues its samples."""
    return LiveStatus(f"generated {done} of {counted(steps, 'step', grouped=False)}", busy=True, steps=steps)


def _duration(seconds: float) -> str:
    if seconds < 0.0095:
        return f"{max(seconds * 1000, 0.1):.1f} ms"
    return f"{seconds * 1000:.0f} ms" if seconds < 0.9995 else f"{seconds:.1f} s"
