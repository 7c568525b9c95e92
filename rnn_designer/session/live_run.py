"""Keeps the plots true to the design: what changes a number is generated, built and traced, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from rnn_designer.session.checks import Checks
from rnn_designer.session.document import Document
from rnn_designer.session.engine_process import EngineProcess
from rnn_designer.session.samples import SampleStore

if TYPE_CHECKING:
    from rnn_designer.codegen import Source
    from rnn_designer.messages import Array, Trace


@dataclass(frozen=True)
class LiveStatus:
    """What the status bar says about live running.

    Attributes:
        text: a sentence or a phrase: "traced 5 layers × 120 steps in 6 ms".
        busy: whether the engine works on this design right now, or has yet to.
        seconds: how long the traced pass took; 0 while there is none.
        layers: how many layers the last trace has, inner ones included.
        steps: how many time steps the last trace has.
        problem: whether the text says why nothing runs.
    """

    text: str
    busy: bool = False
    seconds: float = 0.0
    layers: int = 0
    steps: int = 0
    problem: bool = False


class LiveRun(QObject):
    """Builds and runs the design in the engine whenever that can have changed a number.

    Signals:
        traced(trace): a new :class:`Trace` is there.
        cleared(): there is nothing to run any more; :attr:`trace` is None.
        built(built): a model was built: weights and parameter counts.
        failed(failure): building or running failed, with the sentence and perhaps the layer to blame.
        status_changed(status): another :class:`LiveStatus`.
        stale_changed(stale): the trace fits the design no longer, or again.
    """

    traced = Signal(object)
    cleared = Signal()
    built = Signal(object)
    failed = Signal(object)
    status_changed = Signal(object)
    stale_changed = Signal(bool)

    def __init__(
        self,
        document: Document,
        checks: Checks,
        samples: SampleStore,
        engine: EngineProcess,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._status = LiveStatus("Not run yet.")

    @property
    def trace(self) -> Trace | None:
        """The last trace; None before the first and while nothing can run."""
        return None

    @property
    def source(self) -> Source | None:
        """The unformatted source that was executed last; None before the first."""
        return None

    @property
    def stale(self) -> bool:
        """Whether the trace is of another design, other samples or other weights than the current ones."""
        return False

    @property
    def status(self) -> LiveStatus:
        """What the status bar says."""
        return self._status

    @property
    def counts(self) -> Mapping[str, int]:
        """The number of weights by layer id, as Keras counts them; empty before the first build."""
        return {}

    @property
    def weights(self) -> dict[str, Array]:
        """Every weight known by ``<layer id>/<weight path>``: those of the last build, and carried ones."""
        return {}

    @property
    def carries_weights(self) -> bool:
        """Whether the design has weights of its own (trained, imported, kept) and not just drawn ones."""
        return False

    @property
    def enabled(self) -> bool:
        """Whether changes are run by themselves."""
        return True

    def set_enabled(self, enabled: bool) -> None:
        """Run changes by themselves, or only on :meth:`run_now`."""

    def run_now(self) -> None:
        """Run the design as it is, even while live running is off, and even if it failed before."""

    def cancel(self) -> None:
        """Stop what is running; the design is not run again before it changes."""

    def set_weights(self, weights: Mapping[str, Array]) -> None:
        """Start from these weights from now on; they belong to the design (imported, trained, loaded)."""

    def keep_weights(self) -> None:
        """Make the weights of the last build the design's own, so that saving writes them."""

    def forget_weights(self) -> None:
        """Draw every weight anew from the design's seed."""
