"""What is trained: a design's model, with what each output learns, as a program for the trainer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rnn_designer.codegen import NotExportable, generate, runnable_part
from rnn_designer.design import Checked, Design, Refused, check
from rnn_designer.design.model import Training
from rnn_designer.design.tasks import FittedGoal, fitting
from rnn_designer.session.request import Model, essence, planned_layers
from rnn_designer.session.trust import untrusted_cells

if TYPE_CHECKING:
    from rnn_designer.session.trust import Trust


@dataclass(frozen=True, eq=False)
class Program:
    """A design ready to be trained.

    Attributes:
        design: as it is now, with its data and its settings.
        part: what of it is trained, checked; without generation, which training knows nothing of.
        goals: what its outputs learn, by layer id.
        model: the program and who its layers are.
    """

    design: Design
    part: Checked
    goals: Mapping[str, FittedGoal]
    model: Model

    @property
    def training(self) -> Training:
        """The settings of the training."""
        return self.design.training or Training()

    def monitor(self, validated: bool) -> str:
        """The figure whose progress counts; without a validation part, that of the training part."""
        monitor = self.training.monitor
        return monitor if validated else monitor.removeprefix("val_")


def program_of(design: Design, trust: Trust | None) -> Program:
    """What is to be trained of a design.

    Raises:
        Refused: it cannot be trained; the text is a sentence.
    """
    quiet = replace(design, generation=None)
    checked = check(quiet)
    foreign = untrusted_cells(quiet, trust)
    if foreign:
        raise Refused(
            f"“{foreign[0].name}” contains code that came with a file and is not trusted yet, so the design is not "
            "trained. Read the code, then say whether it may run."
        )
    if checked.errors:
        raise Refused(f"A design with errors cannot be trained. {checked.errors[0].message}")
    part = runnable_part(checked)
    if part is None:
        raise Refused("There is nothing to train yet: connect an Input to a layer.")
    goals = fitting(part.design, part)
    if not goals:
        raise Refused(
            "There is no output to train: the model has to end in a layer that gives numbers, such as Dense."
        )
    missing = next((goal.missing for goal in goals.values() if goal.missing), "")
    if missing:
        raise Refused(missing)
    try:
        source = generate(part, training=goals)
    except NotExportable as refusal:
        raise Refused(str(refusal)) from None
    return Program(design, part, goals, Model(essence(part.design), source, planned_layers(part)))
