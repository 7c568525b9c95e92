"""The check of the open design, kept up to date: one check per change, whoever asks."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from rnn_designer.design import Checked, Design, Layer, Problem, Severity, check
from rnn_designer.session.document import Document
from rnn_designer.session.trust import Trust, untrusted_cells

UNTRUSTED = "untrusted_cell"
"""The code of the problem that a cell has whose text may not run yet."""


class Checks(QObject):
    """Shapes and problems of the document's design, and which of its cells may not run.

    Make it before anything that reads it: it then hears of a change first, and :attr:`checked` fits the
    design
    in every other slot of :attr:`Document.changed`.

    Args:
        document: the open design.
        parent: Qt's parent.
        trust: which custom cells may run; without it, only those that come with the program.

    Signals:
        changed(checked): the design is another one, or more of it may run, and this is its check.
    """

    changed = Signal(object)

    def __init__(
        self, document: Document, parent: QObject | None = None, *, trust: Trust | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._trust = trust
        self._untrusted: tuple[Layer, ...] = ()
        self._checked = self._check(document.design)
        document.changed.connect(self._design_changed)
        if trust is not None:
            trust.changed.connect(self._trust_changed)

    @property
    def checked(self) -> Checked:
        """The current design with everything that follows from it before anything runs."""
        return self._checked

    @property
    def untrusted(self) -> tuple[Layer, ...]:
        """The custom cells whose code may not run before the user has looked at it."""
        return self._untrusted

    @property
    def withheld(self) -> frozenset[str]:
        """The ids of the layers that must not be run: :attr:`untrusted`."""
        return frozenset(layer.id for layer in self._untrusted)

    def _check(self, design: Design) -> Checked:
        self._untrusted = untrusted_cells(design, self._trust)
        checked = check(design)
        return with_untrusted(checked, self._untrusted) if self._untrusted else checked

    def _design_changed(self, _old: Design, new: Design) -> None:
        self._checked = self._check(new)
        self.changed.emit(self._checked)

    def _trust_changed(self) -> None:
        if untrusted_cells(self._document.design, self._trust) != self._untrusted:
            self._checked = self._check(self._document.design)
            self.changed.emit(self._checked)


def with_untrusted(checked: Checked, untrusted: tuple[Layer, ...]) -> Checked:
    """The check with a warning at each of these cells, in the order that problems are in."""
    warnings = tuple(
        Problem(
            layer.id,
            "code",
            Severity.WARNING,
            f"“{layer.name}” contains code that came with a file, and was neither written here nor trusted by you, "
            "so neither it nor what follows it is run. Read the code, then say whether it may run.",
            UNTRUSTED,
            why="A custom cell is a program: when it runs, it can do more than compute. The engine runs it confined, "
            "without access to your files or the network where the system allows that. It is drawn, checked and "
            "exported all the same. Trust goes by the text of the code: changed code is asked about again, unless "
            "you change it here.",
        )
        for layer in untrusted
    )
    rank = {layer.id: place for place, layer in enumerate(checked.design.walk())}
    last = len(rank)
    problems = sorted(
        (*checked.problems, *warnings), key=lambda each: (rank.get(each.layer or "", last), -each.severity)
    )
    return replace(checked, problems=tuple(problems))
