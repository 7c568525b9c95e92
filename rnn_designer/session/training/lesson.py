"""From a design and its data to what is learnt from: samples with targets, in parts, for every output."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from rnn_designer.session.samples import SampleStore

if TYPE_CHECKING:
    from pathlib import Path

    from rnn_designer.design import Checked
    from rnn_designer.design.tasks import FittedGoal


class LessonMaker(QObject):
    """Reads the data of a design and cuts it into lessons, in turns of the event loop that stay short.

    Signals:
        ready(lessons): :class:`rnn_designer.sequences.lessons.Lessons`; inputs and targets by layer name in Keras.
        failed(sentence): there is nothing to learn from, and why.
        progressed(words): what it is busy with.
    """

    ready = Signal(object)
    failed = Signal(str)
    progressed = Signal(str)

    def __init__(self, samples: SampleStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._samples = samples

    def make(self, checked: Checked, goals: Mapping[str, FittedGoal], folder: Path | None) -> None:
        """Begin; whatever was being made before is given up.

        Args:
            checked: the part of the design that is trained.
            goals: what its outputs learn, by layer id.
            folder: where the design's file lies; None if it has none yet.
        """

    def cancel(self) -> None:
        """Give up what is being made; no signal follows."""
