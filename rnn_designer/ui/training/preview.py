"""What there is to learn from, counted before anybody trains: the samples of each part, and the batches of an epoch."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from rnn_designer.design import Refused
from rnn_designer.design.model import Design
from rnn_designer.session.training.lesson import LessonMaker
from rnn_designer.session.training.program import program_of
from rnn_designer.session.workspace import Workspace
from rnn_designer.wording import counted

if TYPE_CHECKING:
    from rnn_designer.sequences.lessons import Lessons

_DELAY = 350
"""Milliseconds after the last change before the data is cut: typing and scrubbing come first."""


@dataclass(frozen=True)
class Plan:
    """What would be trained.

    Attributes:
        sentence: it in words; why it cannot be, where ``fault``.
        fault: whether it cannot.
        samples: how many samples there are to learn from; 0 while that is not known.
    """

    sentence: str = ""
    fault: bool = False
    samples: int = 0

    def batches(self, size: int) -> int:
        """How many batches an epoch has."""
        return math.ceil(self.samples / max(1, size)) if self.samples else 0


class Preview(QObject):
    """Keeps :attr:`plan` true to the design while somebody looks at it.

    Signals:
        changed(): another :attr:`plan`.
    """

    changed = Signal()

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._wanted = False
        self._cut: Design | None = None
        self._lessons_words = ""
        self._samples = 0
        self.plan = Plan()
        self._maker = LessonMaker(workspace.samples, self)
        self._maker.ready.connect(self._made)
        self._maker.failed.connect(lambda sentence: self._say(Plan(sentence, fault=True)))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_DELAY)
        self._timer.timeout.connect(self._make)
        workspace.checks.changed.connect(self.look)
        workspace.samples.changed.connect(self._data_changed)
        workspace.samples.settled.connect(self.look)

    def want(self, wanted: bool) -> None:
        """Whether somebody looks."""
        self._wanted = wanted
        if wanted:
            self.look()
        else:
            self._timer.stop()
            self._maker.cancel()
            self._cut = None

    def look(self, *_: object) -> None:
        """Something changed that may matter."""
        if self._wanted:
            self._timer.start()

    def _data_changed(self) -> None:
        self._cut = None
        self.look()

    def _make(self) -> None:
        if self._workspace.trainer.active or not self._workspace.samples.ready:
            return
        design = self._workspace.document.design
        if self._cut is not None and _cut_alike(self._cut, design) and self._samples:
            self._say_plan()
            return
        try:
            program = program_of(design, self._workspace.trust)
        except Refused as refusal:
            self._cut = None
            self._say(Plan(str(refusal), fault=True))
            return
        self._cut, self._samples = design, 0
        path = self._workspace.document.path
        self._maker.make(program.part, program.goals, None if path is None else path.parent)

    def _made(self, lessons: Lessons) -> None:
        self._samples, self._lessons_words = lessons.train.size, lessons.words
        self._say_plan()

    def _say_plan(self) -> None:
        training = self._workspace.document.design.training
        size = 32 if training is None else training.batch_size
        batches = math.ceil(self._samples / max(1, size))
        words = f"{self._lessons_words.rstrip('.')}; {counted(batches, 'step')} an epoch."
        self._say(Plan(words[:1].upper() + words[1:], samples=self._samples))

    def _say(self, plan: Plan) -> None:
        if plan != self.plan:
            self.plan = plan
            self.changed.emit()


def _cut_alike(one: Design, other: Design) -> bool:
    """Whether the same samples are cut for both: where boxes lie, and how steps are taken, does not matter."""
    return _cutting(one) == _cutting(other)


def _cutting(design: Design) -> object:
    training = design.training
    settings = None
    if training is not None:
        settings = (
            training.goals,
            training.stride,
            training.samples,
            training.validation,
            training.test,
            training.seed,
        )
    layers = tuple(replace(each, position=(0.0, 0.0)) for each in design.layers)
    return settings, layers, design.links, design.data
